"""Saved runs: one folder each, complete or not there at all.

A run's folder holds `result.json` (the whole result), `manifest.json` (where it comes from;
the only place with wall-clock times) and, of the first replication, `log.parquet`,
`consumption.parquet` (who consumed which lot) and `late.json` (why orders are late). Its name
says what was run, so that the same run made twice has one folder.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from twin.events.late_result import LateOrders
from twin.events.lineage_file import Lineage, write_lineage
from twin.events.log_file import read_log, write_log
from twin.events.record import Log
from twin.events.result import Manifest, RunResult
from twin.model.problems import RunError
from twin.model.scenario import Case

RESULT, MANIFEST, LOG = "result.json", "manifest.json", "log.parquet"
CONSUMPTION, LATE = "consumption.parquet", "late.json"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kept:
    """What is kept of a run's first replication beside its result; None: not in this kind of world."""

    log: Log
    lineage: Lineage | None = None
    late: LateOrders | None = None


def new_run(root: Path, case: Case, beside: Sequence[str] = ()) -> Path:
    """Where a run of the case as it stands belongs; the same content gives the same folder.

    `beside` are the hashes of the scenarios that it is compared with, at whose moments it is
    planned anew too: such a run has a folder of its own. Nothing is written but `root` itself.
    """
    scenario, content = case.scenario, (case.scenario_hash, case.world_hash, *beside)
    name = run_name(scenario.name, content, scenario.seed, scenario.replications)
    root.mkdir(parents=True, exist_ok=True)
    return root / name


def run_name(scenario: str, content: Sequence[str], seed: int, replications: int) -> str:
    """`SCENARIO-` and eight hex digits of what decides the run's numbers."""
    decides = "\n".join((*content, str(seed), str(replications)))
    return f"{scenario}-{hashlib.sha256(decides.encode()).hexdigest()[:8]}"


def save_run(folder: Path, result: RunResult, kept: Kept | None = None) -> None:
    """Write a run, in the place of an earlier one of its name.

    All is written beside the folder and then renamed, so a run that is killed half way
    leaves nothing that is taken for a run. Raises RunError where the disk refuses.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            _write_all(draft, result, kept)
            _put_in_place(draft, folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise RunError(f"the run cannot be saved in {folder}: {error.strerror or error}") from error


def load_run(folder: Path) -> RunResult:
    """The result of a saved run. Raises RunError if there is none or it cannot be read."""
    try:
        return RunResult.model_validate_json((folder / RESULT).read_bytes())
    except (OSError, ValidationError) as error:
        raise RunError(f"{folder} holds no run that can be read: {_reason(error)}") from error


def load_manifest(folder: Path) -> Manifest:
    """Where a saved run comes from. Raises RunError if it cannot be read."""
    try:
        return Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValidationError) as error:
        raise RunError(f"{folder} holds no manifest that can be read: {_reason(error)}") from error


def load_log(folder: Path) -> Log:
    """The log of a saved run's first replication. Raises RunError if none was kept."""
    path = folder / LOG
    if not path.is_file():
        raise RunError(f"{folder} keeps no log; run the scenario again to have one")
    return read_log(path)


def load_late(folder: Path) -> LateOrders:
    """Why orders of a saved run's first replication are late. Raises RunError if that was not kept."""
    load_manifest(folder)
    try:
        return LateOrders.model_validate_json((folder / LATE).read_bytes())
    except FileNotFoundError:
        raise RunError(
            f"{folder} does not say why orders are late: its world runs by stock policies alone, or an earlier "
            "version saved it; then run the scenario again"
        ) from None
    except (OSError, ValidationError) as error:
        raise RunError(f"{folder / LATE} cannot be read: {_reason(error)}") from error


def list_runs(root: Path) -> tuple[Path, ...]:
    """Folders of complete runs, by name; empty where `root` does not exist."""
    if not root.is_dir():
        return ()
    return tuple(sorted(entry for entry in root.iterdir() if _is_run(entry)))


def _is_run(folder: Path) -> bool:
    return not folder.name.startswith(".") and (folder / RESULT).is_file() and (folder / MANIFEST).is_file()


def _write_all(draft: Path, result: RunResult, kept: Kept | None) -> None:
    if kept is not None:
        write_log(draft / LOG, kept.log)
    if kept is not None and kept.lineage is not None:
        write_lineage(draft / CONSUMPTION, kept.lineage)
    if kept is not None and kept.late is not None:
        (draft / LATE).write_text(kept.late.model_dump_json(indent=1) + "\n", encoding="utf-8")
    (draft / MANIFEST).write_text(result.manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    (draft / RESULT).write_text(result.model_dump_json(indent=1) + "\n", encoding="utf-8")
    draft.chmod(0o755)


def _put_in_place(draft: Path, folder: Path) -> None:
    # A folder with files in it cannot be replaced by renaming alone: the old one steps aside first.
    if folder.exists():
        aside = draft.with_name(f"{draft.name}-old")
        folder.rename(aside)
        draft.replace(folder)
        shutil.rmtree(aside, ignore_errors=True)
    else:
        draft.replace(folder)


def _reason(error: OSError | ValidationError) -> str:
    """Why, in words, without numbers and names of a system's own."""
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
