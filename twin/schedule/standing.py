"""The schedule that a new one replaces: what stands of it, and what a change costs.

An operation that was scheduled before and has not begun stays if it starts less than a slot
of the grid from where it did, and in the same building, where its rack keeps one (`keeps_mode`);
else it is moved. A move costs so many weighted tardy hours, so that
a floor that has laid out its work is not turned over for an hour's gain.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING

from twin.schedule.record import Assignment, ScheduleProblem

if TYPE_CHECKING:
    from twin.schedule.compiled import CompiledProblem, Task


class Standing:
    """The old places of a problem's tasks, in slots; none where moves cost nothing."""

    def __init__(self, compiled: CompiledProblem) -> None:
        problem = compiled.problem
        self.compiled = compiled
        self.cost_h = problem.move_cost_h
        self.places: dict[int, tuple[int, int, int]] = {}
        """By task: its old slot (rounded up), and the first and the last in which it counts as not moved."""
        self.modes: dict[int, str] = {}
        """By task that keeps its rack's mode: the one in which it was to run."""
        if problem.before is None or not self.cost_h or problem.objective != "tardiness":
            return
        for index, task in enumerate(compiled.tasks):
            job = compiled.jobs[task.job].job
            key = (job.order, job.unit, task.operation.step)
            old_s = problem.before.starts_s.get(key)
            if old_s is not None:
                self.places[index] = _slots(problem, old_s)
                if task.operation.keeps_mode and key in problem.before.modes:
                    self.modes[index] = problem.before.modes[key]

    def of(self, compiled: CompiledProblem) -> Standing:
        """The same places for the same tasks in other modes."""
        other = copy(self)
        other.compiled = compiled
        return other

    def is_moved(self, index: int, start: int) -> bool:
        """Was this task scheduled elsewhere before?"""
        place = self.places.get(index)
        if place is None:
            return False
        return not place[1] <= start <= place[2] or self.is_in_another(index, self.compiled.tasks[index])

    def is_in_another(self, index: int, task: Task) -> bool:
        """Is this another mode than the one that the task's rack was to keep?"""
        return self.modes.get(index, task.operation.mode) != task.operation.mode

    def in_old_modes(self) -> CompiledProblem:
        """The problem with its racks in the modes that they were to keep, as far as these are still there."""
        compiled = self.compiled
        chosen: dict[int, Task] = {}
        for job in compiled.jobs:
            old = next((self.modes[index] for index in job.tasks if index in self.modes), None)
            for index in job.tasks if old is not None else ():
                for way in compiled.ways[index]:
                    if way.operation.keeps_mode and way.operation.mode == old:
                        chosen[index] = way
        return compiled.choose(chosen)

    def stays(self, index: int, start: int) -> bool:
        """Was this task scheduled here before?"""
        return index in self.places and not self.is_moved(index, start)

    def moves_h(self, indexes: Sequence[int], starts: Sequence[int]) -> float:
        """What the moves of some tasks cost, in weighted tardy hours."""
        if not self.places:
            return 0.0
        return self.cost_h * sum(self.is_moved(index, starts[index]) for index in indexes)

    def all_h(self) -> float:
        """What it would cost to move everything."""
        return self.cost_h * len(self.places)

    def is_unchanged(self, starts: Sequence[int]) -> bool:
        """Are floor, racks and due dates as they were, and does all of the old schedule still fit?

        Then it stands, and no search is made for another.
        """
        compiled = self.compiled
        before = compiled.problem.before
        if before is None or not before.same_floor or len(self.places) < len(compiled.tasks):
            return False
        if any(before.due_s.get((job.order, job.unit)) != job.due_s for job in compiled.problem.jobs):
            return False
        return not any(self.is_moved(index, start) for index, start in enumerate(starts))


def _slots(problem: ScheduleProblem, old_s: int) -> tuple[int, int, int]:
    after_s, grid_s = old_s - problem.starts_s, problem.grid_s
    return -(-after_s // grid_s), after_s // grid_s, -(-after_s // grid_s)


def count_moves(problem: ScheduleProblem, assignments: Sequence[Assignment]) -> tuple[int, int]:
    """Operations that were scheduled before and had not begun, and how many of them are moved.

    Moved is what starts a slot of the grid or more from where it did, or was scheduled at
    another site, or in another mode than the one that its rack keeps. New and vanished racks
    are no moves.
    """
    if problem.before is None:
        return 0, 0
    under_way = {(job.order, job.unit, job.operations[0].step) for job in problem.jobs if job.under_way}
    kept = {(job.order, job.unit, each.step) for job in problem.jobs for each in job.operations if each.keeps_mode}
    standing = moved = 0
    for each in assignments:
        key = (each.order, each.unit, each.step)
        old_s = problem.before.starts_s.get(key)
        elsewhere = key in problem.before.elsewhere
        if key not in under_way and (old_s is not None or elsewhere):
            standing += 1
            late = old_s is None or abs(each.start_s - old_s) >= problem.grid_s
            moved += late or (key in kept and problem.before.modes.get(key, each.mode) != each.mode)
    return standing, moved
