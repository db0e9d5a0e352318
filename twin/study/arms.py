"""The arms of a study, played: plans, schedules, replications under common random numbers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from twin.model.scenario import Case, Disruption
from twin.schedule.record import Schedule
from twin.simulate.record import PlanUpdate
from twin.study.ground import Ground, Progress, lay_ground, silent
from twin.study.playbook import SiteWindow, make_playbook, schedule_site
from twin.study.replicate import Arm, Replicated, run_task
from twin.study.runner import begin, collect, run_all, shared, worker_count


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A case with its paired baseline (itself, where nothing is disrupted), arm by arm.

    `seconds` are wall seconds by stage, for the manifest.
    """

    ground: Ground
    baseline: Arm
    disrupted: Arm | None
    baseline_runs: list[Replicated]
    disrupted_runs: list[Replicated]
    seconds: dict[str, float]

    @property
    def main_arm(self) -> Arm:
        """The arm that the scenario describes."""
        return self.disrupted or self.baseline

    @property
    def main_runs(self) -> list[Replicated]:
        """The replications of the scenario itself."""
        return self.disrupted_runs if self.disrupted else self.baseline_runs


@dataclass(slots=True)
class Stopwatch:
    """Wall seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what is done inside."""
        began = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began


def _arm(
    ground: Ground,
    disruptions: tuple[Disruption, ...],
    opening: PlanUpdate | None,
    workers: int,
    progress: Progress,
    watch: Stopwatch,
) -> Arm:
    def schedule_all(work: list[SiteWindow]) -> list[Schedule]:
        with watch.stage("schedules"):
            return run_all(schedule_site, work, workers, "schedules", progress)

    before = watch.seconds.get("schedules", 0.0)
    with watch.stage("plans"):
        playbook = make_playbook(ground, disruptions, opening, progress, schedule_all)
    watch.seconds["plans"] -= watch.seconds.get("schedules", 0.0) - before
    return Arm(ground=ground, disruptions=disruptions, playbook=playbook, seed=ground.case.scenario.seed)


def play(case: Case, workers: int | None = None, store: Path | None = None, progress: Progress = silent) -> Played:
    """All replications of a case and of its paired baseline; the first of the case keeps its log.

    The baseline's replications begin while the disrupted arm is still being planned.
    """
    watch, count, runs = Stopwatch(), worker_count(workers), case.scenario.replications
    disruptions = tuple(case.scenario.disruptions)
    with watch.stage("day one"):
        ground = lay_ground(case, store, progress)
    baseline = _arm(ground, (), None, count, progress, watch)
    with shared(baseline) as (path,):
        baseline_runs = begin(run_task, _tasks(path, runs, keep_log=not disruptions), count)
        if not disruptions:
            with watch.stage("simulation"):
                kept = collect(baseline_runs, runs, "replications", progress)
            return _played(baseline, None, kept, [], watch)
        known_first = any(one.known_after_days < 0 for one in disruptions)
        opening = None if known_first else baseline.playbook.opening
        disrupted = _arm(ground, disruptions, opening, count, progress, watch)
        with watch.stage("simulation"), shared(disrupted) as (other_path,):
            disrupted_runs = begin(run_task, _tasks(other_path, runs, keep_log=True), count)
            kept = collect(baseline_runs, runs, "replications of the baseline", progress)
            answers = collect(disrupted_runs, runs, "replications", progress)
        return _played(baseline, disrupted, kept, answers, watch)


def _tasks(path: str, runs: int, *, keep_log: bool) -> list[tuple[str, int, bool]]:
    return [(path, replication, keep_log and replication == 0) for replication in range(runs)]


def _played(
    baseline: Arm,
    disrupted: Arm | None,
    baseline_runs: list[Replicated],
    disrupted_runs: list[Replicated],
    watch: Stopwatch,
) -> Played:
    return Played(
        ground=baseline.ground,
        baseline=baseline,
        disrupted=disrupted,
        baseline_runs=baseline_runs,
        disrupted_runs=disrupted_runs,
        seconds=watch.seconds,
    )
