"""The CP-SAT model of some racks, with all others standing where they are.

One cumulative constraint for each pooled resource: its bays are alike, so that who gets
which is settled afterwards. Only an operation that may run in different modes has a literal
for each of them, and an interval that is there if it is true. What the other racks leave of a
resource is a step function, and its hollows enter as fixed intervals. An operation that pauses
when its calendar closes has a length that depends on its start: one literal for each length
that occurs, true only on the starts that have it. So the model is exact on the grid.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from twin.schedule.compiled import CompiledJob, CompiledProblem, Rows, Task

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

_WEIGHT_SCALE = 1000
_UNITS_PER_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long CP-SAT may search, in deterministic seconds, and its seed.

    CP-SAT counts its steps in a unit of its own, the same on every run; a deterministic second
    here is `_UNITS_PER_S` of it, which takes about a quarter of a second of a present core.
    """

    deterministic_s: float
    seed: int
    is_quick: bool = False
    """For many short searches: no linear relaxation, no probing, no symmetry, presolved once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Improvement:
    """What a search of some racks gave: start slots by task, or None, and what it is sure of.

    `bound` is proven for these racks with the others fixed: weighted tardy hours, or slots of
    makespan. `deterministic_s` is what the search used. `chosen` are the tasks that have
    several modes, in the one that was taken.
    """

    starts: dict[int, int] | None
    chosen: dict[int, Task]
    bound: float
    deterministic_s: float


@dataclass(frozen=True, slots=True)
class _Use:
    """A task in one of its modes, and when it holds what it needs there."""

    index: int
    task: Task
    interval: cp_model.IntervalVar


class RackModel:
    """Variables, constraints and objective for some jobs, all tasks ending before `horizon`.

    With a job comes every other that does a step together with it. `starts` is a feasible
    schedule, given as a hint; `free` is what the other jobs leave.
    """

    def __init__(self, compiled: CompiledProblem, jobs: Sequence[int], starts: list[int], horizon: int) -> None:
        from ortools.sat.python import cp_model

        self.compiled = compiled
        self.jobs = [compiled.jobs[number] for number in jobs]
        self.hint = starts
        self.horizon = horizon
        self.model = cp_model.CpModel()
        self.start: dict[int, cp_model.IntVar] = {}
        self.end: dict[int, cp_model.LinearExprT] = {}
        self.uses: list[_Use] = []
        self.options: dict[int, list[tuple[Task, cp_model.IntVar]]] = {}
        """For tasks with several modes: literals of which one is true, with the mode it stands for."""
        self.earliest: dict[int, int] = {}
        self.objective_unit_h = 1.0

    def minimise_tardiness(self, free: Rows) -> RackModel:
        """Complete the model for the least weighted tardiness."""
        self._add_racks(free)
        self._add_tardiness()
        return self

    def minimise_makespan(self, free: Rows, bound: int) -> RackModel:
        """Complete the model for the earliest last end, known not to be before slot `bound`."""
        self._add_racks(free)
        makespan = self.model.new_int_var(bound, self.horizon, "")
        lasts = [job.tasks[-1] for job in self.jobs]
        for last in lasts:
            self.model.add(self.end[last] <= makespan)
        self.model.add_hint(makespan, max(self.compiled.tasks[last].end(self.hint[last]) for last in lasts))
        self.model.minimize(makespan)
        return self

    def search(self, effort: Effort) -> Improvement:
        """Search within the effort; the same effort gives the same answer on the same platform."""
        from ortools.sat.python import cp_model

        solver = cp_model.CpSolver()
        solver.parameters.max_deterministic_time = effort.deterministic_s * _UNITS_PER_S
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = effort.seed % 2**31
        # An interrupt is for the whole command, not for this search alone.
        solver.parameters.catch_sigint_signal = False
        if effort.is_quick:
            solver.parameters.linearization_level = 0
            solver.parameters.cp_model_probing_level = 0
            solver.parameters.symmetry_level = 0
            solver.parameters.max_presolve_iterations = 1
        status = solver.solve(self.model)
        found = status in {cp_model.OPTIMAL, cp_model.FEASIBLE}
        options = self.options if found else {}
        return Improvement(
            starts={index: solver.value(variable) for index, variable in self.start.items()} if found else None,
            chosen={
                index: next(task for task, literal in some if solver.boolean_value(literal))
                for index, some in options.items()
            },
            bound=max(0.0, solver.best_objective_bound) * self.objective_unit_h,
            deterministic_s=solver.response_proto.deterministic_time / _UNITS_PER_S,
        )

    def _add_racks(self, free: Rows) -> None:
        for job in self.jobs:
            earliest = job.ready
            for position, index in enumerate(job.tasks):
                ways = self.compiled.ways[index]
                if len(ways) == 1:
                    earliest = max(earliest, ways[0].ready)
                    self._add_task(index, ways[0], earliest)
                else:
                    self._add_modes(index, ways, earliest)
                if position:
                    self._follow(job.tasks[position - 1], index)
                earliest += min(task.slots for task in ways)
            self._keep_mode(job)
        mates_of = self.compiled.mates
        for mates in dict.fromkeys(mates_of[index] for index in self.start if index in mates_of):
            for index in mates[1:]:
                self.model.add(self.start[index] == self.start[mates[0]])
        self._keep_in_order()
        for row in range(len(free)):
            self._add_capacity(row, free[row])

    def _add_task(self, index: int, task: Task, earliest: int) -> None:
        latest = self.horizon - task.tail_slots - task.slots
        self.earliest[index] = earliest
        if task.ends is None:
            start = self.model.new_int_var(earliest, latest, "")
            self.end[index] = start + task.slots
            self.uses.append(_Use(index, task, self.model.new_fixed_size_interval_var(start, task.slots, "")))
        else:
            start = self._add_pausing(index, task, earliest, latest)
        self.start[index] = start
        self.model.add_hint(start, self.hint[index])

    def _add_pausing(self, index: int, task: Task, earliest: int, latest: int) -> cp_model.IntVar:
        """A task whose length follows from its start; each length has its own starts."""
        from ortools.sat.python import cp_model

        assert task.ends is not None
        slots = np.arange(earliest, latest + 1)
        lengths = task.ends[earliest : latest + 1] - slots
        allowed = slots + lengths <= self.horizon - task.tail_slots
        start = self.model.new_int_var_from_domain(_domain(allowed, earliest), "")
        options = np.unique(lengths[allowed]).tolist()
        length = self.model.new_int_var_from_domain(cp_model.Domain.from_values(options), "")
        end = self.model.new_int_var(earliest, self.horizon - task.tail_slots, "")
        hinted = task.end(self.hint[index]) - self.hint[index]
        literals = [self.model.new_bool_var("") for _ in options]
        for option, literal in zip(options, literals, strict=True):
            domain = _domain(allowed & (lengths == option), earliest)
            self.model.add_linear_expression_in_domain(start, domain).only_enforce_if(literal)
            self.model.add(length == option).only_enforce_if(literal)
            self.model.add_hint(literal, option == hinted)
        self.model.add_exactly_one(literals)
        self.model.add_hint(length, hinted)
        self.model.add_hint(end, self.hint[index] + hinted)
        self.end[index] = end
        self.uses.append(_Use(index, task, self.model.new_interval_var(start, length, end, "")))
        return start

    def _add_modes(self, index: int, ways: tuple[Task, ...], earliest: int) -> None:
        """A task that runs in one of several modes: an option for each of them and each length it may have there."""
        last, hinted = self.horizon - ways[0].tail_slots, self.compiled.tasks[index]
        start = self.model.new_int_var(earliest, last, "")
        end = self.model.new_int_var(earliest, last, "")
        options: list[tuple[Task, cp_model.IntVar]] = []
        for task in ways:
            slots = np.arange(earliest, max(earliest, last) + 1)
            lengths = np.full(len(slots), task.slots) if task.ends is None else task.ends[earliest : last + 1] - slots
            allowed = (slots + lengths <= last) & (slots >= task.ready)
            for length in np.unique(lengths[allowed]).tolist():
                literal = self.model.new_bool_var("")
                domain = _domain(allowed & (lengths == length), earliest)
                self.model.add_linear_expression_in_domain(start, domain).only_enforce_if(literal)
                self.model.add(end == start + length).only_enforce_if(literal)
                interval = self.model.new_optional_fixed_size_interval_var(start, length, literal, "")
                self.uses.append(_Use(index, task, interval))
                is_hinted = task is hinted and length == task.end(self.hint[index]) - self.hint[index]
                self.model.add_hint(literal, is_hinted)
                options.append((task, literal))
        self.model.add_exactly_one(literal for _, literal in options)
        self.model.add_hint(start, self.hint[index])
        self.model.add_hint(end, hinted.end(self.hint[index]))
        self.start[index], self.end[index], self.options[index] = start, end, options
        self.earliest[index] = earliest

    def _keep_mode(self, job: CompiledJob) -> None:
        """All tasks of a job that keep its mode run in modes of the same name."""
        kept = [
            index for index in job.tasks if index in self.options and self.compiled.tasks[index].operation.keeps_mode
        ]
        for before, after in pairwise(kept):
            for mode in {task.operation.mode: None for task in self.compiled.ways[before]}:
                chosen = [
                    sum(literal for task, literal in self.options[index] if task.operation.mode == mode)
                    for index in (before, after)
                ]
                self.model.add(chosen[0] == chosen[1])

    def _keep_in_order(self) -> None:
        """No job starts before those it waits for have ended, whether these are searched or stand still."""
        own = {job.tasks[0]: job for job in self.jobs}
        for follower in (job for job in self.compiled.jobs if job.after):
            first = follower.tasks[0]
            for before in follower.after:
                last = self.compiled.jobs[before].tasks[-1]
                if first in own and last in self.end:
                    self.model.add(self.start[first] >= self.end[last])
                elif first in own:
                    self.model.add(self.start[first] >= self.compiled.tasks[last].end(self.hint[last]))
                elif last in self.end:
                    self.model.add(self.end[last] <= self.hint[first])

    def _follow(self, before: int, after: int) -> None:
        self.model.add(self.start[after] >= self.end[before])
        limit = self.compiled.tasks[before].wait_slots
        if limit is not None:
            self.model.add(self.start[after] <= self.end[before] + limit)

    def _add_capacity(self, row: int, free: Rows) -> None:
        """What these racks hold of a resource stays within what the others leave."""
        held = [
            (use, need)
            for use in self.uses
            for demanded, need in use.task.demands
            if demanded == row and use.task.slots
        ]
        # What is free before any of them can start does not matter.
        first = min((self.earliest[use.index] for use, _ in held), default=self.horizon)
        within = free[first : self.horizon]
        if not held or sum(need for _, need in held) <= int(within.min()):
            return
        unit = math.gcd(*(need for _, need in held))
        capacity = within // unit
        top = int(capacity.max())
        intervals, needs = [use.interval for use, _ in held], [need // unit for _, need in held]
        edges = [0, *(np.flatnonzero(np.diff(capacity)) + 1).tolist(), len(capacity)]
        for begin, end in pairwise(edges):
            if capacity[begin] < top:
                intervals.append(self.model.new_fixed_size_interval_var(first + begin, end - begin, ""))
                needs.append(top - int(capacity[begin]))
        self.model.add_cumulative(intervals, needs, top)

    def _add_tardiness(self) -> None:
        """Weighted seconds late, in the coarsest unit in which they are whole numbers."""
        problem = self.compiled.problem
        offsets = []
        for job in self.jobs:
            rounded_up_s = max(task.rounded_up_s for task in self.compiled.ways[job.tasks[-1]])
            offsets.append(problem.starts_s - job.job.due_s - rounded_up_s)
        unit_s = math.gcd(problem.grid_s, *offsets)
        weights = [math.floor(job.job.weight * _WEIGHT_SCALE + 1e-6) for job in self.jobs]
        common = math.gcd(*weights) or 1
        terms = []
        for job, offset, weight in zip(self.jobs, offsets, weights, strict=True):
            last, slot, fixed = job.tasks[-1], problem.grid_s // unit_s, offset // unit_s
            hinted = max(0, slot * self.compiled.tasks[last].end(self.hint[last]) + fixed)
            late = self.model.new_int_var(0, max(hinted, slot * self.horizon + fixed), "")
            self.model.add(late >= slot * self.end[last] + fixed)
            self.model.add_hint(late, hinted)
            terms.append(weight // common * late)
        self.objective_unit_h = unit_s * common / _WEIGHT_SCALE / 3600
        self.model.minimize(sum([*terms, *self._moves()]))

    def _moves(self) -> list[cp_model.LinearExprT]:
        """What it costs to move tasks that were scheduled before, in units of the objective.

        Rounded down, so that a bound stays one; tasks that cannot stay cost the same anyhow.
        """
        standing = self.compiled.standing
        cost = math.floor(standing.cost_h / self.objective_unit_h + 1e-6)
        terms: list[cp_model.LinearExprT] = []
        for index in (index for job in self.jobs for index in job.tasks if index in standing.places):
            _, first, last = standing.places[index]
            elsewhere = [
                literal for task, literal in self.options.get(index, ()) if standing.is_in_another(index, task)
            ]
            if last < self.earliest[index]:
                continue
            moved = self.model.new_bool_var("")
            self.model.add(self.start[index] >= first).only_enforce_if(~moved)
            self.model.add(self.start[index] <= last).only_enforce_if(~moved)
            for literal in elsewhere:
                self.model.add_implication(literal, moved)
            self.model.add_hint(moved, standing.is_moved(index, self.hint[index]))
            terms.append(cost * moved)
        return terms


def _domain(allowed: NDArray[np.bool_], first: int) -> cp_model.Domain:
    """The slots that are allowed, `first` being that of the first entry."""
    from ortools.sat.python import cp_model

    edges = np.flatnonzero(np.diff(np.concatenate(([False], allowed, [False])))).tolist()
    spans = zip(edges[::2], edges[1::2], strict=True)
    return cp_model.Domain.from_intervals([[first + begin, first + end - 1] for begin, end in spans])
