"""What the twin offers as a library; each function imports its engines when it is called."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from twin.events.bottleneck import BottleneckView
    from twin.events.late_result import LateOrder, LateOrders
    from twin.events.promise import Asked, PromiseView
    from twin.events.result import Manifest, RunResult
    from twin.events.study_result import StudyResult
    from twin.events.views import CompareResult, KitsView, PlanView, ScheduleView, ShowResult
    from twin.model.problems import Problem
    from twin.model.scenario import Case
    from twin.model.study_case import StudyCase

RUNS = Path("runs")
"""Where runs and day-one snapshots are kept unless another folder is named."""


class Progress(Protocol):
    """Told how far a stage has come."""

    def __call__(self, stage: str, done: int, total: int, /) -> None:
        """`done` of `total` parts of a stage are finished."""


def silent(_stage: str, _done: int, _total: int, /) -> None:
    """Progress that nobody watches."""


def load(name_or_path: str | Path) -> Case:
    """A scenario by the bare name of a shipped one, or by path, checked and ready.

    Raises InputError with every problem of the input at once.
    """
    from twin.model.case import load_case

    return load_case(name_or_path)


def show(case: Case) -> ShowResult:
    """Sites, lanes, bill of materials, single points of failure, concentration."""
    from twin.study.views import show_case

    return show_case(case)


def plan(case: Case, progress: Progress = silent, out: Path = RUNS) -> PlanView:
    """Accepted racks by week and customer, what binds, and what one more unit of it is worth.

    The scenario's disruptions are reckoned with from the start. Raises RunError where there
    is nothing to plan.
    """
    from twin.study.views import plan_case

    return plan_case(case, _store(out), progress)


def kits(case: Case, progress: Progress = silent, out: Path = RUNS) -> KitsView:
    """Clear to build: full kits by site and week, the items that are short, the racks they block."""
    from twin.study.views import kits_case

    return kits_case(case, _store(out), progress)


def schedule(case: Case, progress: Progress = silent, out: Path = RUNS, workers: int | None = None) -> ScheduleView:
    """Racks on bays, cells, crews and kilowatts in the first weeks at every integration site."""
    from twin.study.runner import worker_count
    from twin.study.views import schedule_case

    return schedule_case(case, _store(out), worker_count(workers), progress)


def promise(
    case: Case,
    asked: Asked,
    *,
    seed: int | None = None,
    workers: int | None = None,
    out: Path = RUNS,
    progress: Progress = silent,
) -> PromiseView:
    """When an order of the book, or a new one, is likely complete, and whose order slips for a new one.

    Raises InputError for names that are not known, and RunError where the quantity can never be met.
    """
    from twin.study.promise import promise_case
    from twin.study.run import with_overrides

    return promise_case(with_overrides(case, None, seed), asked, _store(out), workers, progress)


def bottleneck(
    case: Case,
    *,
    rungs: int = 8,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    out: Path = RUNS,
    progress: Progress = silent,
) -> BottleneckView:
    """The gates of the chain in the order in which they bind: each raised until the next one does, then simulated.

    Raises RunError where there are no orders to plan for.
    """
    from twin.study.bottleneck_view import bottleneck_case
    from twin.study.run import with_overrides

    return bottleneck_case(with_overrides(case, replications, seed), rungs, _store(out), workers, progress)


def run(
    case: Case,
    *,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    out: Path = RUNS,
    progress: Progress = silent,
    command: str = "",
) -> RunResult:
    """Plan, schedule, simulate and measure; a disrupted scenario beside its paired baseline.

    The run is saved under `out`. Equal cases, seeds and replications give equal numbers,
    whatever the number of workers. Raises RunError where the case cannot be run.
    """
    from twin.study.run import run_case, with_overrides

    return run_case(with_overrides(case, replications, seed), out, workers, progress, command)


def compare(
    cases: Sequence[Case],
    *,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    out: Path = RUNS,
    progress: Progress = silent,
    command: str = "",
) -> CompareResult:
    """Scenarios under the same luck, each paired with the first, and what moved; all runs are saved under `out`."""
    from twin.study.compare import compare_cases
    from twin.study.run import with_overrides

    first = with_overrides(cases[0], replications, seed)
    command = command or _compare_command(cases, replications, seed)
    return compare_cases([first, *cases[1:]], out, workers, progress, command)


def load_study(name_or_path: str | Path) -> StudyCase:
    """A study by the bare name of a shipped one, or by path, with every cell of its crossing checked.

    Raises InputError with every problem of the study, its scenarios and its world.
    """
    from twin.model.study_case import load_study as load_it

    return load_it(name_or_path)


def study(
    study_case: StudyCase,
    *,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    out: Path = RUNS,
    progress: Progress = silent,
    command: str = "",
) -> StudyResult:
    """Configurations crossed with situations under the same luck, where the choice flips, and the verdict.

    The study is saved under `out`, its cells as they are played: interrupted, it goes on where it was.
    """
    from twin.study.crossed import run_study, with_overrides

    return run_study(with_overrides(study_case, replications, seed), out, workers, progress, command)


def why(run: Path, order: str) -> LateOrder:
    """Why an order of a saved run's first replication is late: links whose days add up to its delay.

    Raises InputError where the run is damaged or knows no such order, RunError where it was not
    late, or the run does not say.
    """
    from twin.events.run_folder import load_late
    from twin.model.problems import InputError, Problem, RunError, nearest

    late = load_late(run)
    for each in late.orders:
        if each.order == order:
            return each
    if order in late.in_time:
        raise RunError(f"{order} is not late: it was complete by its due date in the replication that is kept")
    known = [*(each.order for each in late.orders), *late.in_time]
    rule, near = "no order of this name fell due in the run", nearest(order, known)
    remedy = f"did you mean '{near}'?" if near else f"`twin why {run.name}` names those that are late"
    raise InputError([Problem(file=str(run), rule=rule, value=order, remedy=remedy)])


def whys(run: Path) -> LateOrders:
    """Why orders of a saved run's first replication are late: each order's links, and the causes over all of them."""
    from twin.events.run_folder import load_late

    return load_late(run)


def report(result: RunResult | CompareResult | BottleneckView | StudyResult | Path, path: Path) -> Path:
    """Write the page of a run, a comparison, a ladder or a study, or of the folder of a saved one; gives its path."""
    from twin.events.bottleneck import BottleneckView
    from twin.events.run_folder import load_saved
    from twin.events.study_result import StudyResult
    from twin.events.views import CompareResult
    from twin.report import write_comparison, write_ladder, write_report, write_study

    if isinstance(result, Path):
        result = load_saved(result)
    if isinstance(result, BottleneckView):
        return write_ladder(result, path)
    if isinstance(result, StudyResult):
        return write_study(result, path)
    if isinstance(result, CompareResult):
        return write_comparison(result.results, path, result.paired, result.moved)
    return write_report(result, path)


def runs(root: Path = RUNS) -> list[Manifest]:
    """The manifests of all saved runs under a folder that can be read; `damaged_runs` tells of the others."""
    from twin.events.run_folder import read_manifests

    return read_manifests(root)[0]


def damaged_runs(root: Path = RUNS) -> list[Problem]:
    """What is wrong with the saved runs under a folder whose manifests cannot be read."""
    from twin.events.run_folder import read_manifests

    return read_manifests(root)[1]


def delete_runs(root: Path, names: Sequence[str]) -> None:
    """Delete saved runs by name. Raises RunError where one is not there, and deletes none then."""
    from twin.events.run_folder import list_runs
    from twin.model.problems import RunError

    found = {folder.name: folder for folder in list_runs(root)}
    missing = [name for name in names if name not in found]
    if missing:
        named = ", ".join(f"'{name}'" for name in missing)
        raise RunError(f"there is no run {named} in {root}, so none was deleted; `twin runs` lists those there are")
    for name in dict.fromkeys(names):
        shutil.rmtree(found[name])


def _store(out: Path) -> Path:
    return out / "day-one"


def _compare_command(cases: Sequence[Case], replications: int | None, seed: int | None) -> str:
    """The command that compares the same scenarios again."""
    words = ["twin", "compare", *map(_asked_as, cases)]
    words += [] if replications is None else ["--replications", str(replications)]
    words += [] if seed is None else ["--seed", str(seed)]
    return shlex.join(words)


def _asked_as(case: Case) -> str:
    """A scenario as the command line names it: a shipped one by its bare name, else its file, if it is of one."""
    from twin.model.places import shipped_scenarios, shown

    own = case.files[0] if case.files else case.scenario.name
    return {shown(path): name for name, path in shipped_scenarios().items()}.get(own, own)
