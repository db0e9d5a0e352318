"""The arms of a study, played: plans, schedules, replications under common random numbers."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from twin.model.scenario import Case, Disruption
from twin.schedule.record import Schedule
from twin.study.ground import Ground, Progress, lay_ground, silent
from twin.study.playbook import Playbook, SiteWindow, make_playbook, moments_of, schedule_site
from twin.study.replicate import Arm, Replicated, own_luck, run_task
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


def plan_arm(path: str, disruptions: tuple[Disruption, ...], moments: tuple[int, ...]) -> Playbook:
    """The playbook of an arm, made from the ground and the opening at `path`: what a worker is sent.

    With `replan: each` it is that of the first replication.
    """
    ground, opening = pickle.loads(Path(path).read_bytes())
    if ground.case.scenario.replan == "known":
        return make_playbook(ground, disruptions, opening, moments=moments)
    begins = make_playbook(ground, disruptions, opening, moments=())
    luck = own_luck(ground, disruptions, ground.case.scenario.seed, 0)
    return make_playbook(ground, disruptions, begins.opening, moments=moments, luck=luck)


def play(case: Case, workers: int | None = None, store: Path | None = None, progress: Progress = silent) -> Played:
    """All replications of a case and of its paired baseline; the first of the case keeps its log."""
    return play_beside(case, workers, store, progress, lambda _files, _arms: lambda _progress: None)[0]


def play_beside(
    case: Case,
    workers: int | None,
    store: Path | None,
    progress: Progress,
    beside: Callable[[ExitStack, Arms], Callable[[Progress], Told]],
    moments: Sequence[int] = (),
) -> tuple[Played, Told]:
    """As `play`, with what `beside` sets workers to once the replications are under way.

    `beside` is handed the arms, and where to leave files for its workers; it gives what collects the answers.
    `moments` are seconds at which plans are to be made anew beside those of the case itself.
    """
    watch, count, runs = Stopwatch(), worker_count(workers), case.scenario.replications
    with watch.stage("day one"):
        ground = lay_ground(case, store, progress)
    arms = plan_arms(ground, moments, count, progress, watch)
    both = [arms.baseline] if arms.disrupted is None else [arms.baseline, arms.disrupted]
    with ExitStack() as files, watch.stage("simulation"):
        paths = files.enter_context(shared(*both))
        tasks = [(path, number, number == 0 and path == paths[-1]) for path in paths for number in range(runs)]
        begun, asked = begin(run_task, tasks, count), beside(files, arms)
        answers = collect(begun, len(tasks), "replications", progress)
        told = asked(progress)
    played = Played(
        ground=ground,
        baseline=arms.baseline,
        disrupted=arms.disrupted,
        baseline_runs=answers[:runs],
        disrupted_runs=answers[runs:],
        seconds=watch.seconds,
    )
    return played, told


def plan_arms(ground: Ground, moments: Sequence[int], workers: int, progress: Progress, watch: Stopwatch) -> Arms:
    """Plans and schedules of the case and of its paired baseline, made anew at the same moments.

    So a pair differs by the disruptions and by what is known of them, never by a plan more.
    """

    def schedule_all(work: list[SiteWindow]) -> list[Schedule]:
        return run_all(schedule_site, work, workers, "schedules", progress)

    disruptions, seed = tuple(ground.case.scenario.disruptions), ground.case.scenario.seed
    anew = tuple(sorted({*moments, *moments_of(ground.network, ground.case.scenario)}))
    with watch.stage("opening plan and schedules"):
        begins = make_playbook(ground, (), None, progress, schedule_all, moments=())
    arms: list[tuple[Disruption, ...]] = [(), disruptions] if disruptions else [()]
    with watch.stage("new plans and schedules"), shared((ground, begins.opening)) as (path,):
        books = run_all(plan_arm, [(path, each, anew) for each in arms], workers, "new plans", progress)
    made = [
        Arm(ground=ground, disruptions=each, playbook=book, seed=seed) for each, book in zip(arms, books, strict=True)
    ]
    return Arms(ground=ground, baseline=made[0], disrupted=made[1] if disruptions else None)
