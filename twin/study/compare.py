"""`twin compare`: scenarios under the same luck, each against the first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from twin.events.result import Measure, RunResult
from twin.events.run_folder import new_run, save_run
from twin.events.views import BestOf, CompareResult
from twin.metrics.selection import kim_nelson_survivors, ocba_shares
from twin.model.problems import RunError
from twin.model.scenario import Case
from twin.network.build import build_network
from twin.study.aggregate import paired_measures
from twin.study.arms import Arms, Played, play_beside
from twin.study.ground import Progress, silent
from twin.study.late import kept_of
from twin.study.moved import moved_between
from twin.study.playbook import moments_of
from twin.study.reckon import Collected, begin_reckoning
from twin.study.run import in_force, tell
from twin.study.runner import worker_count

DECIDING_KPI = "racks_accepted"
FIRST_STAGE = 10
"""Replications below which nothing is said of the best."""
INDIFFERENT = 0.005
"""Of the best mean: scenarios that differ by less are equally good to a planner."""


def compare_cases(
    cases: Sequence[Case], out: Path, workers: int | None = None, progress: Progress = silent, command: str = ""
) -> CompareResult:
    """Run every case with the first one's seed and replications, and pair each with the first.

    Also told is what moved from the first to each other one.
    All are planned anew at the moments of all, so that none differs from another by a plan more.
    Raises RunError unless all cases are of one world and one window: else pairs mean nothing.
    """
    cases = _told_apart(cases)
    first = cases[0]
    for case in cases[1:]:
        if case.world.settings.starts != first.world.settings.starts:
            raise RunError(
                f"{case.scenario.name} starts on another day than {first.scenario.name}; compare like with like"
            )
        if case.world.settings.horizon_s != first.world.settings.horizon_s:
            raise RunError(f"{case.scenario.name} and {first.scenario.name} differ in report_weeks or tail_weeks")
    shared = {"seed": first.scenario.seed, "replications": first.scenario.replications}
    results: list[RunResult] = []
    played: list[Played] = []

    def by_plans(files: ExitStack, arms: Arms) -> Collected:
        return begin_reckoning(files, arms, worker_count(workers), with_estimates=False)

    moments = sorted({at_s for case in cases for at_s in _moments(case)})
    for case in cases:
        same = case.model_copy(update={"scenario": case.scenario.model_copy(update=shared)})
        one, reckoned = play_beside(same, workers, out / "day-one", progress, by_plans, moments)
        played.append(one)
        kept = kept_of(one, in_force(one, reckoned))
        results.append(tell(one, reckoned, kept, command, new_run(out, same, [each.scenario_hash for each in cases])))
        save_run(Path(results[-1].run), results[-1], kept)
    paired: list[dict[str, Measure]] = [paired_measures(played[0].main_runs, each.main_runs) for each in played[1:]]
    return CompareResult(
        results=results,
        paired=paired,
        moved=[
            moved_between(played[0], each, (results[0], result))
            for each, result in zip(played[1:], results[1:], strict=True)
        ],
        best=_best([case.scenario.name for case in cases], played),
    )


def _told_apart(cases: Sequence[Case]) -> list[Case]:
    """The cases, of which a later one of the same name gets its place among those of that name."""
    seen: Counter[str] = Counter()
    named = []
    for case in cases:
        name = case.scenario.name
        seen[name] += 1
        other = {"name": f"{name}-{seen[name]}"} if seen[name] > 1 else {}
        named.append(case.model_copy(update={"scenario": case.scenario.model_copy(update=other)}))
    return named


def _moments(case: Case) -> tuple[int, ...]:
    return moments_of(build_network(case.world), case.scenario)


def _best(names: Sequence[str], played: Sequence[Played]) -> BestOf | None:
    """Which scenarios may be the best on racks accepted, and where more replications would tell most."""
    samples = np.array([[run.kpis[DECIDING_KPI] for run in each.main_runs] for each in played])
    if samples.shape[1] < FIRST_STAGE or not np.isfinite(samples).all():
        return None
    indifference = max(1.0, INDIFFERENT * float(samples.mean(axis=1).max()))
    survivors = kim_nelson_survivors(samples.T, indifference, "up")
    deviations = np.maximum(samples.std(axis=1, ddof=1), 1e-9)
    shares = ocba_shares(samples.mean(axis=1), deviations, "up")
    return BestOf(
        kpi=DECIDING_KPI,
        survivors=[names[index] for index in survivors],
        next_replications_share={name: float(share) for name, share in zip(names, shares, strict=True)},
    )
