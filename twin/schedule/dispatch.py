"""Dispatch rules: at every moment the most urgent of the racks that wait starts next.

A parallel schedule generation: time moves from event to event, downstream steps are served
first, and no task waits while what it needs is free for as long as it needs it. The apparent
tardiness cost rule (Vepsalainen and Morton 1987) ranks by
`weight^a / work left * exp(-max(0, due - work left - now) / (K * mean work of a rack))`;
its logarithm is used here. K of 0.05 to 0.2 of a rack's total work serves racks best.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from twin.schedule.compiled import CompiledProblem, HorizonTooShortError, Task
from twin.schedule.groups import insert_groups
from twin.schedule.kept import KeptModes
from twin.schedule.timetable import breaks_a_wait, insert_jobs

_WEIGHT_EXPONENTS = (1.0, 0.75, 0.5)
_LOOK_AHEADS = (0.05, 0.2)
CORNERS = 4
"""Settings of the tuned rule at the ends of both ranges."""
_NOISE = 0.6
PLAIN_LOOK_AHEAD = 2.0
_SLOWER = (1.01, 1.5, math.inf)
_NOBODY = -1
"""In an event: something ends, but no task comes to wait."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Ranks waiting tasks: `base - max(0, latest_start - now) * decay`, the highest first."""

    name: str
    base: list[float]
    latest_start: list[float]
    decay: float = 0.0
    slower: float = math.inf
    """A task runs in no mode that takes so many times as long as its shortest, or more."""

    def ranks(self, queue: list[int], now: int) -> list[int]:
        """The tasks of a queue, most urgent first; ties by their number."""
        base, latest, decay = self.base, self.latest_start, self.decay
        if decay:
            return sorted(queue, key=lambda task: (max(0.0, latest[task] - now) * decay - base[task], task))
        return sorted(queue, key=lambda task: (-base[task], task))


def apparent_tardiness_cost(compiled: CompiledProblem, look_ahead: float, exponent: float) -> Rule:
    """The ATC rule; `look_ahead` is K in parts of the mean work of a rack."""
    work = _work_left(compiled)
    weights = np.array([compiled.jobs[task.job].job.weight for task in compiled.tasks])
    base = exponent * np.log(np.maximum(weights, 1e-9)) - np.log(np.maximum(work, 1))
    of_racks = [work[job.tasks[0]] for job in compiled.jobs if job.tasks]
    mean_work = float(np.mean(of_racks)) if of_racks else 1.0
    return Rule(
        name=f"ATC, K {look_ahead:.3g} of a rack's work, weight exponent {exponent:g}",
        base=base.tolist(),
        latest_start=(_due_slots(compiled) - work).tolist(),
        decay=1 / max(look_ahead * mean_work, 1e-9),
    )


def earliest_due_date(compiled: CompiledProblem) -> Rule:
    """The EDD rule: the earliest due date first, whatever the weight."""
    return Rule(name="EDD", base=(-_due_slots(compiled)).tolist(), latest_start=[])


def falling_slope(compiled: CompiledProblem, noise: float, trial: int) -> Rule:
    """For makespan: racks whose work lies towards the end first (slope index, Palmer 1965).

    `noise` shakes the ranks by so many standard deviations of the index, another way in each trial.
    """
    slopes = np.zeros(len(compiled.jobs))
    for number, job in enumerate(compiled.jobs):
        middle = (len(job.tasks) - 1) / 2
        slopes[number] = sum((place - middle) * compiled.tasks[index].slots for place, index in enumerate(job.tasks))
    shaken = slopes + noise * slopes.std() * np.random.default_rng(trial).standard_normal(len(slopes))
    base = [float(shaken[task.job]) for task in compiled.tasks]
    return Rule(name=f"slope index, noise {noise:.2g}", base=base, latest_start=[])


def tuned_rules(compiled: CompiledProblem, trials: int) -> list[Rule]:
    """So many settings of the rule that fits the objective, spread evenly over their range.

    For tardiness the first `CORNERS` are those at the ends of the ranges of both parameters.
    """
    if compiled.problem.objective == "makespan":
        noises = np.linspace(0.0, _NOISE, trials)
        return _picky(compiled, [falling_slope(compiled, noise, trial) for trial, noise in enumerate(noises)])
    rounds = -(-trials // len(_WEIGHT_EXPONENTS))
    settings = [(k, exponent) for k in np.geomspace(*_LOOK_AHEADS, rounds) for exponent in _WEIGHT_EXPONENTS]
    ends = {_WEIGHT_EXPONENTS[0], _WEIGHT_EXPONENTS[-1]}
    last = settings[:trials][-1][0]
    settings = sorted(settings[:trials], key=lambda pair: not (pair[0] in (settings[0][0], last) and pair[1] in ends))
    return _picky(compiled, [apparent_tardiness_cost(compiled, float(k), exponent) for k, exponent in settings])


def _picky(compiled: CompiledProblem, rules: list[Rule]) -> list[Rule]:
    """Where tasks have several modes, rules that wait for the shortest by turns with rules that take what is free."""
    if not compiled.has_modes:
        return rules
    return [replace(rule, slower=_SLOWER[turn % len(_SLOWER)]) for turn, rule in enumerate(rules)]


def dispatch(compiled: CompiledProblem, rule: Rule) -> Placed:
    """The start slot of each task under a rule, and the problem with the modes that the rule chose.

    Where the rule lets a rack wait longer than it may, whole racks are placed one after the
    other instead, in the order in which the rule ends them; so are racks that do a step
    together, with the rule's ends taken as if each did it alone.
    Raises HorizonTooShortError where the work does not fit into the horizon.
    """
    placed, starts = _Floor(compiled, rule).run()
    if not placed.mates and not breaks_a_wait(placed, starts):
        return placed, starts
    ends = placed.ends_s(starts)
    order = sorted(placed.order, key=lambda number: (ends[number], number))
    return placed, insert_groups(placed, order) if placed.mates else insert_jobs(placed, order)


def _work_left(compiled: CompiledProblem) -> NDArray[np.float64]:
    return np.array([task.slots + task.tail_slots for task in compiled.tasks], np.float64)


def _due_slots(compiled: CompiledProblem) -> NDArray[np.float64]:
    problem = compiled.problem
    dues = [(compiled.jobs[task.job].job.due_s - problem.starts_s) / problem.grid_s for task in compiled.tasks]
    return np.array(dues, np.float64)


@dataclass(slots=True)
class _Queue:
    """Tasks waiting for the same things, with the resources' rows and amounts."""

    demands: tuple[tuple[int, int], ...]
    waiting: list[int] = field(default_factory=list)


Placed = tuple[CompiledProblem, list[int]]
"""A problem with a mode chosen for each task, and the start slot of each."""


class _Floor:
    """The state of one dispatch: what is free, what waits where, what happens when."""

    def __init__(self, compiled: CompiledProblem, rule: Rule) -> None:
        self.compiled = compiled
        self.rule = rule
        self.rows = list(compiled.free.copy())
        self.starts = [-1] * len(compiled.tasks)
        keeps = [ways[0].operation.keeps_mode for ways in compiled.ways]
        self.ways = [
            _quick_enough(ways, math.inf if kept else rule.slower)
            for ways, kept in zip(compiled.ways, keeps, strict=True)
        ]
        self.kept = KeptModes(compiled) if any(keeps) else None
        self.chosen: dict[int, Task] = {}
        self.queues_of, self.queues = _queues(compiled, self.ways)
        self.waits_for = {number: len(job.after) for number, job in enumerate(compiled.jobs) if job.after}
        self.followers = _followers(compiled)
        self.ready = [job.ready for job in compiled.jobs]
        self.events = [(job.ready, job.tasks[0]) for job in compiled.jobs if job.tasks and not job.after]
        heapq.heapify(self.events)
        self.changes = _change_slots(compiled)
        self.next_change = 0

    def run(self) -> Placed:
        """Let all racks through. Raises HorizonTooShortError."""
        while self.events or any(queue.waiting for queue in self.queues):
            now = self._next_event()
            while self.events and self.events[0][0] <= now:
                _, index = heapq.heappop(self.events)
                if index != _NOBODY:
                    for queue in self.queues_of[index]:
                        queue.waiting.append(index)
                    for way in self.ways[index] if self.compiled.has_modes else ():
                        if way.ready > now:
                            heapq.heappush(self.events, (way.ready, _NOBODY))
            if self.kept is not None:
                self.kept.next_moment()
            for queue in self.queues:
                if queue.waiting:
                    self._serve(queue, now)
        return self.compiled.choose(self.chosen), self.starts

    def _next_event(self) -> int:
        horizon = self.compiled.horizon
        event = self.events[0][0] if self.events else horizon
        change = self.changes[self.next_change] if self.next_change < len(self.changes) else horizon
        now = min(event, change)
        if now >= horizon and any(queue.waiting for queue in self.queues):
            raise HorizonTooShortError
        while self.next_change < len(self.changes) and self.changes[self.next_change] <= now:
            self.next_change += 1
        return now

    def _serve(self, queue: _Queue, now: int) -> None:
        """Start the most urgent tasks of a queue as long as what they need is free now."""
        rows, demands = self.rows, queue.demands
        if any(rows[row].item(now) < need for row, need in demands):
            return
        for index in self.rule.ranks(queue.waiting, now):
            ways = self.ways[index]
            if self.kept is not None:
                ways = self.kept.in_turn(index, ways, now, self.rule.slower)
            for task in ways:
                if self._fits(task, now):
                    break
            else:
                if self.kept is not None and not self.kept.expect(index, ways):
                    return
                continue
            self._start(index, task, now, task.end(now))
            for each in self.queues_of[index]:
                each.waiting.remove(index)
            if any(rows[row].item(now) < need for row, need in demands):
                return

    def _fits(self, task: Task, now: int) -> bool:
        """Is what a task needs free from now until its end?"""
        end, rows = task.end(now), self.rows
        if end > self.compiled.horizon or now < task.ready:
            return False
        if end > now:
            for row, need in task.demands:
                if rows[row][now:end].min() < need:
                    return False
        return True

    def _start(self, index: int, task: Task, now: int, end: int) -> None:
        self.starts[index] = now
        self.chosen[index] = task
        for row, need in task.demands:
            self.rows[row][now:end] -= need
        job = self.compiled.jobs[task.job]
        if self.kept is not None:
            self.kept.begin(index, task, now)
            for later in job.tasks if task.operation.keeps_mode else ():
                self.ways[later] = _bound_to(task.operation.mode, self.ways[later])
        is_last = index == job.tasks[-1]
        heapq.heappush(self.events, (end, _NOBODY if is_last else index + 1))
        for follower in self.followers.get(task.job, ()) if is_last else ():
            self.ready[follower] = max(self.ready[follower], end)
            self.waits_for[follower] -= 1
            if not self.waits_for[follower]:
                heapq.heappush(self.events, (self.ready[follower], self.compiled.jobs[follower].tasks[0]))


def _followers(compiled: CompiledProblem) -> dict[int, list[int]]:
    """By job: those that wait for it and have tasks."""
    followers: dict[int, list[int]] = {}
    for number, job in enumerate(compiled.jobs):
        for before in job.after if job.tasks else ():
            followers.setdefault(before, []).append(number)
    return followers


def _quick_enough(ways: tuple[Task, ...], slower: float) -> tuple[Task, ...]:
    """The modes that a rule may take, the shortest first."""
    if len(ways) == 1:
        return ways
    least = max(1, min(way.slots for way in ways))
    return tuple(sorted((way for way in ways if way.slots <= slower * least), key=lambda way: way.slots))


def _bound_to(mode: str, ways: tuple[Task, ...]) -> tuple[Task, ...]:
    """What is left of a task's modes once its rack has taken one that it keeps."""
    return tuple(way for way in ways if way.operation.mode == mode or not way.operation.keeps_mode)


def _queues(compiled: CompiledProblem, ways: list[tuple[Task, ...]]) -> tuple[list[tuple[_Queue, ...]], list[_Queue]]:
    """The queues of each task, one for each of its modes, and all queues with the most downstream first."""
    queues: dict[object, _Queue] = {}
    depths: dict[object, list[int]] = {}
    for job in compiled.jobs:
        for depth, index in enumerate(reversed(job.tasks)):
            for task in ways[index]:
                depths.setdefault(_key(task), []).append(depth)
                queues.setdefault(_key(task), _Queue(task.demands))
    queues_of = [tuple({_key(task): queues[_key(task)] for task in some}.values()) for some in ways]
    order = sorted(queues, key=lambda key: (float(np.mean(depths[key])), str(key)))
    return queues_of, [queues[key] for key in order]


def _key(task: Task) -> object:
    return task.demands, tuple(sorted(task.calendar))


def _change_slots(compiled: CompiledProblem) -> Sequence[int]:
    """Slots in which capacity or open hours rise or fall."""
    tables = [
        *compiled.free,
        *(compiled.starts_open(calendar) for calendar in {task.calendar for task in compiled.tasks}),
    ]
    changed = np.zeros(compiled.horizon, bool)
    for table in tables:
        changed[1:] |= np.diff(table.astype(np.int64)) != 0
    return [int(slot) for slot in np.flatnonzero(changed)]
