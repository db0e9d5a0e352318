"""Improvement of a schedule by CP-SAT: all racks at once where they are few, else some at a time.

With many racks one model only repeats its hint. So neighbourhoods of a late rack are searched:
the racks that run beside it at one of its steps, while all others stand still. A search that
is soon complete makes the next neighbourhood larger, one that runs into its limit smaller.
A step is kept only if the true weighted tardiness falls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.schedule.compiled import CompiledProblem, Rows
from twin.schedule.model import Effort, Improvement, RackModel
from twin.schedule.timetable import left_shift

ALL_AT_ONCE = 20
"""Racks for which one model may prove the optimum."""
_NEIGHBOURHOOD = 12
_LEAST_NEIGHBOURHOOD = 6
_SHARE = 1 / 8
"""Of the whole effort, at most, for one neighbourhood."""
_BUILDING_S_PER_RACK = 0.01
"""What a search is charged for building and presolving its model."""
_EQUAL_H = 1e-6
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
        search.all_at_once(movable)
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
        self.slack = _SLACK_S // compiled.problem.grid_s

    def all_at_once(self, movable: list[int]) -> None:
        """Search with nothing fixed, for half of the effort, and take its bound.

        A schedule either ends within the slots searched, or some rack ends after them and
        costs at least what that makes it late: the bound is the smaller of the two.
        """
        horizon = min(self.compiled.horizon, max(self._last_slot(movable) + self.slack, self._worthless_slot()))
        model = RackModel(self.compiled, movable, self.incumbent.starts, horizon)
        found = self._search(model.minimise_tardiness(self.compiled.free), self.left_s / 2, is_quick=False)
        self.incumbent.bound = min(found.bound, self._least_beyond_h(horizon))

    def around_late_racks(self, movable: list[int]) -> None:
        """The racks beside a late one, drawn by how late it is, until the effort is spent or the bound reached."""
        draws = np.random.default_rng(self.effort.seed)
        size, limit_s = _NEIGHBOURHOOD, self.effort.deterministic_s * _SHARE
        while self.left_s > 0 and self.excess_h.sum() > self._provable_h():
            late = int(draws.choice(len(self.excess_h), p=self.excess_h / self.excess_h.sum()))
            tasks = self.compiled.jobs[late].tasks
            if not tasks:
                self.excess_h[late] = 0.0
                continue
            moment = self.incumbent.starts[tasks[int(draws.integers(len(tasks)))]]
            chosen = sorted(movable, key=lambda number: (number != late, self._distance(number, moment), number))
            used_s = self._free(chosen[:size], limit_s)
            size = min(size + 1, len(movable)) if used_s < limit_s / 2 else max(size - 1, _LEAST_NEIGHBOURHOOD)

    def _free(self, chosen: list[int], limit_s: float) -> float:
        """Search these racks with all others fixed; returns the deterministic seconds used."""
        horizon = min(self.compiled.horizon, self._last_slot(chosen) + self.slack)
        model = RackModel(self.compiled, chosen, self.incumbent.starts, horizon)
        return self._search(model.minimise_tardiness(self._left_by_others(chosen)), limit_s).deterministic_s

    def _search(self, model: RackModel, limit_s: float, *, is_quick: bool = True) -> Improvement:
        """Search a model, charge what it took, keep what is better."""
        effort = Effort(deterministic_s=min(limit_s, self.left_s), seed=self.effort.seed, is_quick=is_quick)
        found = model.search(effort)
        self.left_s -= found.deterministic_s + _BUILDING_S_PER_RACK * len(model.jobs)
        self.incumbent.searches += 1
        if found.starts is not None:
            self._keep_if_better([found.starts.get(index, start) for index, start in enumerate(self.incumbent.starts)])
        return found

    def _last_slot(self, chosen: list[int]) -> int:
        compiled, starts = self.compiled, self.incumbent.starts
        return max(compiled.tasks[index].end(starts[index]) for n in chosen for index in compiled.jobs[n].tasks)

    def _provable_h(self) -> float:
        """Weighted hours above the unavoidable that are proven to be unavoidable too."""
        return max(0.0, self.incumbent.bound - float(self.floor_h.sum())) + _EQUAL_H

    def _keep_if_better(self, starts: list[int]) -> None:
        excess_h = self._excess_h(starts)
        if excess_h.sum() < self.excess_h.sum() - _EQUAL_H:
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

    def _distance(self, number: int, moment: int) -> int:
        return min(abs(self.incumbent.starts[index] - moment) for index in self.compiled.jobs[number].tasks)
