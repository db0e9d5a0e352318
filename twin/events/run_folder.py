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

from twin.events.late_result import LateOrders
from twin.events.lineage_file import Lineage, write_lineage
from twin.events.log_file import read_log, write_log
from twin.events.record import Log
from twin.events.result import Manifest, RunResult
from twin.events.saved_file import read_saved
from twin.events.study_result import StudyResult
from twin.model.problems import InputError, Problem, RunError, nearest
from twin.model.scenario import Case

RESULT, MANIFEST, LOG = "result.json", "manifest.json", "log.parquet"
CONSUMPTION, LATE = "consumption.parquet", "late.json"
STUDIES = "studies"
"""Folder beside the runs in which studies are saved."""
_AGAIN = "run the scenario again, which saves the run in the place of this one"


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
    """The result of a saved run. Raises InputError if there is none, or it is damaged."""
    return read_saved(_saved(folder) / RESULT, RunResult, _again(folder))


def load_saved(folder: Path) -> RunResult | StudyResult:
    """The result of a saved run, or of a saved study. Raises InputError if there is none, or it is damaged."""
    if folder.resolve().parent.name == STUDIES:
        return read_saved(_saved(folder) / RESULT, StudyResult, _again(folder))
    return load_run(folder)


def load_manifest(folder: Path) -> Manifest:
    """Where a saved run comes from. Raises InputError if there is none, or it is damaged."""
    return read_saved(_saved(folder) / MANIFEST, Manifest, _AGAIN)


def load_log(folder: Path) -> Log:
    """The log of a saved run's first replication. Raises RunError if none was kept, InputError if it is damaged."""
    path = folder / LOG
    if not path.is_file():
        raise RunError(f"{folder} keeps no log; run the scenario again to have one")
    return read_log(path)


def load_late(folder: Path) -> LateOrders:
    """Why orders of a saved run's first replication are late.

    Raises InputError if the run is not there or damaged, RunError if that was not kept.
    """
    manifest = load_manifest(folder)
    if not (folder / LATE).exists() and load_run(folder).late is None:
        raise RunError(
            f"{folder} does not say why orders are late: its world runs by stock policies alone, or an earlier "
            "version saved it; then run the scenario again"
        )
    return read_saved(folder / LATE, LateOrders, _with(manifest.command))


def list_runs(root: Path) -> tuple[Path, ...]:
    """Folders of complete runs, by name; empty where `root` does not exist."""
    if not root.is_dir():
        return ()
    return tuple(sorted(entry for entry in root.iterdir() if _is_run(entry)))


def read_manifests(root: Path) -> tuple[list[Manifest], list[Problem]]:
    """The manifests of all runs under a folder, and what is wrong with those that cannot be read."""
    manifests: list[Manifest] = []
    problems: list[Problem] = []
    for folder in list_runs(root):
        try:
            manifests.append(load_manifest(folder))
        except InputError as error:
            problems += error.problems
    return manifests, problems


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all, so that a killed study leaves no broken one. Raises RunError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as draft:
            draft.write(text)
        Path(draft.name).replace(path)
    except OSError as error:
        raise RunError(f"{path} cannot be saved: {error.strerror or error}") from error


def _saved(folder: Path) -> Path:
    """The folder, if a run was saved in it, whole or not."""
    if any((folder / name).exists() for name in (RESULT, MANIFEST)):
        return folder
    runs = [run.name for run in list_runs(folder.parent)]
    near = nearest(folder.name, runs)
    remedy = f"did you mean '{near}'?" if near else "`twin runs` lists those there are"
    raise InputError([Problem(file=str(folder), rule="no run is saved here", remedy=remedy)])


def _again(folder: Path) -> str:
    """How to mend a damaged run: as its manifest says, if that can be read."""
    try:
        return _with(load_manifest(folder).command)
    except InputError:
        return _AGAIN


def _with(command: str) -> str:
    return f"save the run again: {command}" if command else _AGAIN


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
