"""The arms of a study, played: plans, schedules, replications under common random numbers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from twin.model.scenario import Case, Disruption
from twin.schedule.record import Schedule
from twin.simulate.record import PlanUpdate
from twin.study.ground import Ground, Progress, lay_ground, silent
from twin.study.playbook import SiteWindow, make_playbook, schedule_site
from twin.study.replicate import Arm, Replicated, run_task
from twin.study.runner import begin, collect, run_all, shared, worker_count

Told = TypeVar("Told")


@dataclass(frozen=True, kw_only=True)
class Arms:
    """A case with its paired baseline (itself, where nothing is disrupted), with all plans made."""

    ground: Ground
    baseline: Arm
    disrupted: Arm | None

    @property
    def main_arm(self) -> Arm:
        """The arm that the scenario describes."""
        return self.disrupted or self.baseline


@dataclass(frozen=True, kw_only=True)
class Played(Arms):
    """The replications of each arm; `seconds` are wall seconds by stage, for the manifest."""

    baseline_runs: list[Replicated]
    disrupted_runs: list[Replicated]
    seconds: dict[str, float]

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
    """All replications of a case and of its paired baseline; the first of the case keeps its log."""
    return play_beside(case, workers, store, progress, lambda _arms: None)[0]


def play_beside(
    case: Case, workers: int | None, store: Path | None, progress: Progress, beside: Callable[[Arms], Told]
) -> tuple[Played, Told]:
    """As `play`, with what `beside` makes of the arms in this process while workers replicate them.

    The baseline's replications begin while the disrupted arm is still being planned.
    """
    watch, count, runs = Stopwatch(), worker_count(workers), case.scenario.replications
    disruptions = tuple(case.scenario.disruptions)
    with watch.stage("day one"):
        ground = lay_ground(case, store, progress)
    baseline, disrupted = _arm(ground, (), None, count, progress, watch), None
    with ExitStack() as files:
        begun = [_begin(files, baseline, runs, count, keep_log=not disruptions)]
        if disruptions:
            known_first = any(one.known_after_days < 0 for one in disruptions)
            opening = None if known_first else baseline.playbook.opening
            disrupted = _arm(ground, disruptions, opening, count, progress, watch)
            begun.append(_begin(files, disrupted, runs, count, keep_log=True))
        with watch.stage("simulation"):
            told = beside(Arms(ground=ground, baseline=baseline, disrupted=disrupted))
            names = ("replications of the baseline", "replications") if disruptions else ("replications",)
            answers = [collect(each, runs, name, progress) for each, name in zip(begun, names, strict=True)]
    played = Played(
        ground=ground,
        baseline=baseline,
        disrupted=disrupted,
        baseline_runs=answers[0],
        disrupted_runs=answers[1] if disruptions else [],
        seconds=watch.seconds,
    )
    return played, told


def _begin(files: ExitStack, arm: Arm, runs: int, workers: int, *, keep_log: bool) -> Iterator[tuple[int, Replicated]]:
    """An arm's replications set going; the first keeps its log where asked."""
    (path,) = files.enter_context(shared(arm))
    tasks = [(path, replication, keep_log and replication == 0) for replication in range(runs)]
    return begin(run_task, tasks, workers)
