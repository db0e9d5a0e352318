"""Improvement of a schedule by CP-SAT: all racks at once where they are few, else some at a time.

With many racks one model only repeats its hint. So neighbourhoods of a late rack are searched:
the racks that run beside it at one of its steps, while all others stand still. What a search
finds it finds early, so that many short ones are worth more than few long ones. A search that
is soon complete makes the next neighbourhood larger, one that runs into its limit smaller.
A step is kept only if the true weighted tardiness falls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twin.schedule.compiled import CompiledProblem, Rows
from twin.schedule.groups import shift_left, with_groups
from twin.schedule.model import Effort, Improvement, RackModel
from twin.schedule.timetable import Timetable

ALL_AT_ONCE = 20
"""Racks for which one model may prove the optimum."""
_NEIGHBOURHOOD = 12
_LEAST_NEIGHBOURHOOD = 6
_SHARE = 1 / 128
"""Of the whole effort, at most, for one neighbourhood."""
_PATIENCE = 16
"""Searches in a row without any gain, after which no more is expected."""
_BUILDING_S_PER_RACK = 0.01
"""What a search is charged for building and presolving its model."""
_EQUAL_H = 1e-6
_SLACK_S = 86_400
"""Racks may end so much later than they did, to make room for others."""


@dataclass(slots=True)
class Incumbent:
    """The best schedule so far, by mode and start slot of each task, and how it was come by."""

    compiled: CompiledProblem
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
    if len(search.movable) <= ALL_AT_ONCE:
        search.all_at_once()
    search.around_late_racks()
    search.incumbent.starts = shift_left(search.incumbent.compiled, search.incumbent.starts)
    return search.incumbent


def improve_makespan(compiled: CompiledProblem, starts: list[int], effort: Effort, bound: int) -> Incumbent:
    """An earlier last end within the effort, all racks at once; `bound` is a slot before which it cannot be."""
    movable = [number for number, job in enumerate(compiled.jobs) if job.tasks]
    horizon = max(bound, *(compiled.tasks[index].end(start) for index, start in enumerate(starts)))
    model = RackModel(compiled, movable, starts, horizon).minimise_makespan(compiled.free, bound)
    found = model.search(effort)
    incumbent = Incumbent(compiled, starts, found.bound, searches=1)
    if found.starts is not None:
        chosen = compiled.choose(found.chosen)
        better = shift_left(chosen, [found.starts[index] for index in range(len(starts))])
        if chosen.makespan_s(better) < compiled.makespan_s(starts):
            incumbent = Incumbent(chosen, better, found.bound, searches=1, improved=1)
    return incumbent


class _Search:
    """The incumbent, what is left of the effort, and the ways to choose racks."""

    def __init__(self, compiled: CompiledProblem, starts: list[int], effort: Effort, floor_h: list[float]) -> None:
        self.incumbent = Incumbent(compiled, starts)
        self.effort = effort
        self.left_s = effort.deterministic_s
        self.floor_h = np.array(floor_h)
        self.excess_h = np.array([self._excess_of(compiled, number, starts) for number in range(len(compiled.jobs))])
        self.slack = _SLACK_S // compiled.problem.grid_s
        self.movable = [number for number, job in enumerate(compiled.jobs) if job.tasks]
        # Tasks are numbered rack by rack.
        self.first_tasks = [compiled.jobs[number].tasks[0] for number in self.movable]
        self.left = Timetable(compiled)
        for index, start in enumerate(starts):
            self.left.place(compiled.tasks[index], start)

    @property
    def compiled(self) -> CompiledProblem:
        """The problem with the modes of the incumbent."""
        return self.incumbent.compiled

    def all_at_once(self) -> None:
        """Search with nothing fixed, for half of the effort, and take its bound.

        A schedule either ends within the slots searched, or some rack ends after them and
        costs at least what that makes it late: the bound is the smaller of the two.
        """
        horizon = min(self.compiled.horizon, max(self._last_slot(self.movable) + self.slack, self._worthless_slot()))
        model = RackModel(self.compiled, self.movable, self.incumbent.starts, horizon)
        found = self._search(model.minimise_tardiness(self.compiled.free), self.left_s / 2, is_quick=False)
        self.incumbent.bound = min(found.bound, self._least_beyond_h(horizon))

    def around_late_racks(self) -> None:
        """The racks beside a late one, drawn by how late it is.

        Until the effort is spent, the bound is reached, or many searches in a row bring nothing.
        """
        draws = np.random.default_rng(self.effort.seed)
        size, limit_s, in_vain = _NEIGHBOURHOOD, self.effort.deterministic_s * _SHARE, 0
        while self.left_s > 0 and in_vain < _PATIENCE and self.excess_h.sum() > self._provable_h():
            late = int(draws.choice(len(self.excess_h), p=self.excess_h / self.excess_h.sum()))
            tasks = self.compiled.jobs[late].tasks
            if not tasks:
                self.excess_h[late] = 0.0
                continue
            moment = self.incumbent.starts[tasks[int(draws.integers(len(tasks)))]]
            improved = self.incumbent.improved
            used_s = self._free(with_groups(self.compiled, self._beside(late, moment, size)), limit_s)
            in_vain = 0 if self.incumbent.improved > improved else in_vain + 1
            size = min(size + 1, len(self.movable)) if used_s < limit_s / 2 else max(size - 1, _LEAST_NEIGHBOURHOOD)

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
            self._keep_if_better(found.starts, self.compiled.choose(found.chosen))
        return found

    def _last_slot(self, chosen: list[int]) -> int:
        compiled, starts = self.compiled, self.incumbent.starts
        return max(compiled.tasks[index].end(starts[index]) for n in chosen for index in compiled.jobs[n].tasks)

    def _provable_h(self) -> float:
        """Weighted hours above the unavoidable that are proven to be unavoidable too."""
        return max(0.0, self.incumbent.bound - float(self.floor_h.sum())) + _EQUAL_H

    def _keep_if_better(self, found: dict[int, int], compiled: CompiledProblem) -> None:
        """Take the starts and modes found for some tasks, if the whole schedule is less late with them."""
        starts = list(self.incumbent.starts)
        for index, start in found.items():
            starts[index] = start
        excess_h = self.excess_h.copy()
        for number in {compiled.tasks[index].job for index in found}:
            excess_h[number] = self._excess_of(compiled, number, starts)
        if excess_h.sum() < self.excess_h.sum() - _EQUAL_H:
            for index in found:
                self.left.remove(self.compiled.tasks[index], self.incumbent.starts[index])
            for index, start in found.items():
                self.left.place(compiled.tasks[index], start)
            self.incumbent.compiled, self.incumbent.starts, self.excess_h = compiled, starts, excess_h
            self.incumbent.improved += 1

    def _worthless_slot(self) -> int:
        """The slot after which no rack can end without costing more than the incumbent does."""
        cost_h = self.compiled.cost_h(self.incumbent.starts)
        jobs = self.compiled.problem.jobs
        return max(self.compiled.slot_after(job.due_s + int(3600 * cost_h / max(job.weight, 1e-3))) for job in jobs)

    def _least_beyond_h(self, horizon: int) -> float:
        """What it costs at least to let some rack end after the slots that the search looked at.

        That rack is late by as much as the slots last, and every other one by what it cannot avoid.
        """
        end_s = self.compiled.start_s(horizon)
        late_h = np.array([job.job.weight * max(0, end_s - job.job.due_s) / 3600 for job in self.compiled.jobs])
        return float(self.floor_h.sum() + np.maximum(late_h - self.floor_h, 0.0).min())

    def _excess_of(self, compiled: CompiledProblem, number: int, starts: list[int]) -> float:
        """Weighted tardy hours of a rack above what cannot be avoided, and what its moves cost."""
        racked = compiled.jobs[number]
        late_s = max(0, compiled.end_s(racked, starts) - racked.job.due_s)
        late_h = max(0.0, racked.job.weight * late_s / 3600 - float(self.floor_h[number]))
        return late_h + compiled.standing.moves_h(racked.tasks, starts)

    def _left_by_others(self, chosen: list[int]) -> Rows:
        free: Rows = np.array(self.left.rows)
        for number in chosen:
            for index in self.compiled.jobs[number].tasks:
                task, start = self.compiled.tasks[index], self.incumbent.starts[index]
                for row, need in task.demands:
                    free[row, start : task.end(start)] += need
        return free

    def _beside(self, late: int, moment: int, size: int) -> list[int]:
        """A rack and those of which some step starts nearest to a moment, ties by number."""
        distances = np.minimum.reduceat(np.abs(np.array(self.incumbent.starts) - moment), self.first_tasks)
        nearest = [self.movable[place] for place in np.argsort(distances, kind="stable")[:size].tolist()]
        return [late, *(number for number in nearest if number != late)][:size]
