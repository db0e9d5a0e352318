"""Improvement of a schedule by CP-SAT: all racks at once where they are few, else some at a time.

With many racks one model only repeats its hint. So first a window is rolled over the
schedule, racks in the order of their longest step; then neighbourhoods of a late rack are
searched: the racks that run beside it at one of its steps. All other racks stand still
meanwhile. A step is kept only if the true weighted tardiness falls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.schedule.compiled import CompiledProblem, Rows
from twin.schedule.model import Effort, RackModel
from twin.schedule.timetable import left_shift

ALL_AT_ONCE = 60
"""Racks that one model takes well."""
_WINDOW = 60
_STEP = 30
_NEIGHBOURHOOD = 20
_SHARE = 1 / 8
"""Of the whole effort, at most, for one search."""
_BUILDING_S_PER_RACK = 0.004
"""What a search is charged for building and presolving its model."""
_SLACK_S = 86_400
"""Racks may end so much later than they did, to make room for others."""


@dataclass(slots=True)
class Incumbent:
    """The best schedule so far, by start slot of each task, and how it was come by."""

    starts: list[int]
    bound: float = 0.0
    """Proven by a search of all racks at once: weighted tardy hours, or slots of makespan."""
    searches: int = 0
    improved: int = 0


def improve_tardiness(compiled: CompiledProblem, starts: list[int], effort: Effort, floor_h: list[float]) -> Incumbent:
    """Less weighted tardiness within the effort.

    `floor_h` is the weighted tardiness that each rack cannot avoid. The result is left-shifted.
    """
    search = _Search(compiled, starts, effort, floor_h)
    movable = [number for number, job in enumerate(compiled.jobs) if job.tasks]
    if len(movable) <= ALL_AT_ONCE:
        search.free(movable, effort.deterministic_s, proves=True)
    else:
        search.roll(movable)
        search.around_late_racks(movable)
    search.incumbent.starts = left_shift(compiled, search.incumbent.starts)
    return search.incumbent


def improve_makespan(compiled: CompiledProblem, starts: list[int], effort: Effort, bound: int) -> Incumbent:
    """An earlier last end within the effort, all racks at once; `bound` is a slot before which it cannot be."""
    movable = [number for number, job in enumerate(compiled.jobs) if job.tasks]
    horizon = max(bound, *(compiled.tasks[index].end(start) for index, start in enumerate(starts)))
    model = RackModel(compiled, movable, starts, horizon).minimise_makespan(compiled.free, bound)
    found = model.search(effort)
    incumbent = Incumbent(starts, found.bound, searches=1)
    if found.starts is not None:
        better = left_shift(compiled, [found.starts[index] for index in range(len(starts))])
        if compiled.makespan_s(better) < compiled.makespan_s(starts):
            incumbent = Incumbent(better, found.bound, searches=1, improved=1)
    return incumbent


class _Search:
    """The incumbent, what is left of the effort, and the ways to choose racks."""

    def __init__(self, compiled: CompiledProblem, starts: list[int], effort: Effort, floor_h: list[float]) -> None:
        self.compiled = compiled
        self.incumbent = Incumbent(starts)
        self.effort = effort
        self.left_s = effort.deterministic_s
        self.floor_h = np.array(floor_h)
        self.excess_h = self._excess_h(starts)

    def roll(self, movable: list[int]) -> None:
        """Windows over the schedule, each overlapping the one before by half."""
        order = sorted(movable, key=self._longest_step_start)
        for first in range(0, len(order), _STEP):
            chosen = order[first : first + _WINDOW]
            if self.left_s > 0 and self.excess_h[chosen].sum() > 0:
                self.free(chosen, self.effort.deterministic_s * _SHARE / 2)

    def around_late_racks(self, movable: list[int]) -> None:
        """The racks beside a late one, drawn by how late it is, until the effort is spent."""
        draws = np.random.default_rng(self.effort.seed)
        while self.left_s > 0 and self.excess_h.sum() > 1e-9:
            late = int(draws.choice(len(self.excess_h), p=self.excess_h / self.excess_h.sum()))
            tasks = self.compiled.jobs[late].tasks
            if not tasks:
                self.excess_h[late] = 0.0
                continue
            moment = self.incumbent.starts[tasks[int(draws.integers(len(tasks)))]]
            chosen = sorted(movable, key=lambda number: (number != late, self._distance(number, moment), number))
            self.free(chosen[:_NEIGHBOURHOOD], self.effort.deterministic_s * _SHARE)

    def free(self, chosen: list[int], limit_s: float, *, proves: bool = False) -> None:
        """Search these racks with all others fixed; keep what is better."""
        compiled, starts = self.compiled, self.incumbent.starts
        last = max(compiled.tasks[index].end(starts[index]) for n in chosen for index in compiled.jobs[n].tasks)
        horizon = last + _SLACK_S // compiled.problem.grid_s
        horizon = min(compiled.horizon, max(horizon, self._worthless_slot()) if proves else horizon)
        model = RackModel(compiled, chosen, starts, horizon).minimise_tardiness(self._left_by_others(chosen))
        found = model.search(Effort(deterministic_s=min(limit_s, self.left_s), seed=self.effort.seed))
        self.left_s -= found.deterministic_s + _BUILDING_S_PER_RACK * len(chosen)
        self.incumbent.searches += 1
        if proves:
            self.incumbent.bound = min(found.bound, self._least_beyond_h(horizon))
        if found.starts is not None:
            self._keep_if_better([found.starts.get(index, start) for index, start in enumerate(starts)])

    def _keep_if_better(self, starts: list[int]) -> None:
        excess_h = self._excess_h(starts)
        if excess_h.sum() < self.excess_h.sum() - 1e-9:
            self.incumbent.starts, self.excess_h = starts, excess_h
            self.incumbent.improved += 1

    def _worthless_slot(self) -> int:
        """The slot after which no rack can end without costing more than the incumbent does."""
        cost_h = self.compiled.tardiness_h(self.incumbent.starts)
        jobs = self.compiled.problem.jobs
        return max(self.compiled.slot_after(job.due_s + int(3600 * cost_h / max(job.weight, 1e-3))) for job in jobs)

    def _least_beyond_h(self, horizon: int) -> float:
        """What it costs at least to let some rack end after the slots that the search looked at."""
        end_s = self.compiled.start_s(horizon)
        return min(job.weight * max(0, end_s - job.due_s) / 3600 for job in self.compiled.problem.jobs)

    def _excess_h(self, starts: list[int]) -> NDArray[np.float64]:
        """Per rack: weighted tardy hours above what cannot be avoided."""
        ends = self.compiled.ends_s(starts)
        jobs = self.compiled.problem.jobs
        late_h = [job.weight * max(0, end - job.due_s) / 3600 for job, end in zip(jobs, ends, strict=True)]
        excess_h: NDArray[np.float64] = np.maximum(np.array(late_h) - self.floor_h, 0.0)
        return excess_h

    def _left_by_others(self, chosen: list[int]) -> Rows:
        free = self.compiled.free.copy()
        inside = set(chosen)
        for index, task in enumerate(self.compiled.tasks):
            if task.job not in inside:
                start = self.incumbent.starts[index]
                end = task.end(start)
                for row, need in task.demands:
                    free[row, start:end] -= need
        return free

    def _longest_step_start(self, number: int) -> tuple[int, int]:
        tasks = self.compiled.jobs[number].tasks
        longest = max(tasks, key=lambda index: (self.compiled.tasks[index].slots, -index))
        return self.incumbent.starts[longest], number

    def _distance(self, number: int, moment: int) -> int:
        return min(abs(self.incumbent.starts[index] - moment) for index in self.compiled.jobs[number].tasks)
