"""The schedule that a new one replaces: what stands of it, and what a change costs.

An operation that was scheduled before and has not begun stays if it starts less than a slot
of the grid from where it did; else it is moved. A move costs so many weighted tardy hours, so that
a floor that has laid out its work is not turned over for an hour's gain.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from twin.schedule.record import Assignment, ScheduleProblem

if TYPE_CHECKING:
    from twin.schedule.compiled import CompiledProblem


class Standing:
    """The old places of a problem's tasks, in slots; none where moves cost nothing."""

    def __init__(self, compiled: CompiledProblem) -> None:
        problem = compiled.problem
        self.compiled = compiled
        self.cost_h = problem.move_cost_h
        self.places: dict[int, tuple[int, int, int]] = {}
        """By task: its old slot (rounded up), and the first and the last in which it counts as not moved."""
        if problem.before is None or not self.cost_h or problem.objective != "tardiness":
            return
        for index, task in enumerate(compiled.tasks):
            job = compiled.jobs[task.job].job
            old_s = problem.before.starts_s.get((job.order, job.unit, task.operation.step))
            if old_s is not None:
                self.places[index] = _slots(problem, old_s)

    def is_moved(self, index: int, start: int) -> bool:
        """Was this task scheduled elsewhere before?"""
        place = self.places.get(index)
        return place is not None and not place[1] <= start <= place[2]

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
    another site. New and vanished racks are no moves.
    """
    if problem.before is None:
        return 0, 0
    under_way = {(job.order, job.unit, job.operations[0].step) for job in problem.jobs if job.under_way}
    standing = moved = 0
    for each in assignments:
        key = (each.order, each.unit, each.step)
        old_s = problem.before.starts_s.get(key)
        elsewhere = key in problem.before.elsewhere
        if key not in under_way and (old_s is not None or elsewhere):
            standing += 1
            moved += old_s is None or abs(each.start_s - old_s) >= problem.grid_s
    return standing, moved
