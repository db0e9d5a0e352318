"""Racks that do a step together, placed together.

A cluster is one task of all its racks: they start in one slot, hold what each of them needs,
and end at once. Racks that share a cluster, or are tied to one another by several, make a
group, which is placed as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from twin.schedule.compiled import CompiledProblem, Task
from twin.schedule.timetable import Timetable, first_start_ending_at, left_shift


def groups_of(compiled: CompiledProblem, order: Sequence[int]) -> list[list[int]]:
    """All jobs with tasks in groups, in an order of jobs: a group comes where its last job does."""
    group_of: dict[int, list[int]] = {number: [number] for number in order if compiled.jobs[number].tasks}
    for mates in compiled.mates.values():
        for index in mates[1:]:
            first, other = group_of[compiled.tasks[mates[0]].job], group_of[compiled.tasks[index].job]
            if first is not other:
                first += other
                group_of.update(dict.fromkeys(other, first))
    rank = {number: place for place, number in enumerate(order)}
    found = {id(group): sorted(group) for group in group_of.values()}
    return sorted(found.values(), key=lambda group: max(rank[number] for number in group))


def with_groups(compiled: CompiledProblem, chosen: list[int]) -> list[int]:
    """Some jobs and, after each, the rest of its group."""
    if not compiled.mates:
        return chosen
    group_of = {n: group for group in groups_of(compiled, range(len(compiled.jobs))) for n in group}
    return list(dict.fromkeys(member for number in chosen for member in (number, *group_of.get(number, []))))


def insert_groups(
    compiled: CompiledProblem, order: Sequence[int], not_before: Sequence[int] | None = None
) -> list[int]:
    """Whole groups placed one after the other, each task as early as it fits, not before its slot of `not_before`.

    Keeps longest waits: where the next task can only start too late, the task before it is
    put off and its group placed anew. Returns the start slot of each task.
    Raises HorizonTooShortError.
    """
    table = Timetable(compiled)
    starts = [0] * len(compiled.tasks)
    least = [0] * len(compiled.tasks) if not_before is None else [max(0, slot) for slot in not_before]
    for group in groups_of(compiled, order):
        while (late := _place(compiled, table, group, starts, least)) is not None:
            index, start = late
            least[index] = start
    return starts


def _place(
    compiled: CompiledProblem, table: Timetable, group: list[int], starts: list[int], least: list[int]
) -> tuple[int, int] | None:
    """Place a group; or nothing of it, and the task that has to be put off with its least start then."""
    placed: list[int] = []
    for tasks in _in_turn(compiled, group):
        ends = [_end_before(compiled, index, starts) for index in tasks]
        start = table.earliest(joint(compiled, tasks), max(*ends, *(least[index] for index in tasks)))
        for index, end in zip(tasks, ends, strict=True):
            limit = _limit_before(compiled, index)
            if limit is not None and start > end + limit:
                for each in placed:
                    table.remove(compiled.tasks[each], starts[each])
                before = compiled.tasks[index - 1]
                return index - 1, first_start_ending_at(before, starts[index - 1], start - limit)
        for index in tasks:
            starts[index] = start
            table.place(compiled.tasks[index], start)
        placed += tasks
    return None


def _in_turn(compiled: CompiledProblem, group: list[int]) -> list[tuple[int, ...]]:
    """The tasks of a group, those of a cluster together, each after what its racks do before it."""
    found: dict[tuple[int, ...], int] = {}
    for number in group:
        for index in compiled.jobs[number].tasks:
            found.setdefault(compiled.mates.get(index, (index,)), compiled.tasks[index].operation.step)
    return sorted(found, key=lambda tasks: found[tasks])


def joint(compiled: CompiledProblem, tasks: tuple[int, ...]) -> Task:
    """A task that needs what all of these need."""
    first = compiled.tasks[tasks[0]]
    if len(tasks) == 1:
        return first
    return replace(first, demands=tuple((row, need * len(tasks)) for row, need in first.demands))


def _end_before(compiled: CompiledProblem, index: int, starts: Sequence[int]) -> int:
    job = compiled.jobs[compiled.tasks[index].job]
    return job.ready if index == job.tasks[0] else compiled.tasks[index - 1].end(starts[index - 1])


def _limit_before(compiled: CompiledProblem, index: int) -> int | None:
    job = compiled.jobs[compiled.tasks[index].job]
    return None if index == job.tasks[0] else compiled.tasks[index - 1].wait_slots


def shift_left(compiled: CompiledProblem, starts: list[int]) -> list[int]:
    """The left shift of a schedule, with or without racks that do a step together."""
    return _shift_groups(compiled, starts) if compiled.mates else left_shift(compiled, starts)


def _shift_groups(compiled: CompiledProblem, starts: list[int]) -> list[int]:
    """Every task moved to its earliest place, clusters as one, in the order in which they start now.

    No task ends later than before; longest waits stay kept, and what stands where it was
    scheduled before is not moved.
    """
    table = Timetable(compiled)
    shifted = list(starts)
    for index, start in enumerate(starts):
        table.place(compiled.tasks[index], start)
    units = dict.fromkeys(compiled.mates.get(index, (index,)) for index in range(len(starts)))
    for tasks in sorted(units, key=lambda tasks: (starts[tasks[0]], tasks)):
        if any(compiled.standing.stays(index, shifted[index]) for index in tasks):
            continue
        after = max(_end_before(compiled, index, shifted) for index in tasks)
        now = shifted[tasks[0]]
        if now == after:
            continue
        for index in tasks:
            table.remove(compiled.tasks[index], now)
        task = joint(compiled, tasks)
        start = min(now, table.earliest(task, after))
        ends_from = max((_must_end_from(compiled, index, shifted) for index in tasks), default=0)
        if task.end(start) < ends_from:
            start = min(now, table.earliest(task, first_start_ending_at(task, start, ends_from)))
        for index in tasks:
            shifted[index] = start
            table.place(compiled.tasks[index], start)
    return shifted


def _must_end_from(compiled: CompiledProblem, index: int, starts: Sequence[int]) -> int:
    """The slot before which a task must not end, or the one after it would come too late."""
    task = compiled.tasks[index]
    job = compiled.jobs[task.job]
    return 0 if task.wait_slots is None or index == job.tasks[-1] else starts[index + 1] - task.wait_slots
