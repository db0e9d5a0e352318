"""The schedule that was followed so far, made to fit what has changed."""

from __future__ import annotations

from collections.abc import Sequence

from twin.schedule.compiled import CompiledJob, CompiledProblem
from twin.schedule.groups import insert_groups
from twin.schedule.timetable import Timetable, earliest_chain, first_slot, is_in_order, waits_too_long


def repaired(compiled: CompiledProblem, starts: Sequence[int]) -> list[int]:
    """The old schedule with the moves that are needed; `starts`, a rule's, order what is new.

    First every task that was scheduled takes its old place, in the order of old starts, as far
    as there is room. Then the others take their earliest places, rack by rack, those that were
    scheduled before in front; an operation whose rack is not there in time gives up its old
    place. A rack that would then wait longer than it may is placed anew as a whole. Where racks
    do a step together, groups are placed one after the other, nothing before its old start.
    Raises HorizonTooShortError where the work does not fit into the horizon.
    """
    if compiled.mates:
        return _groups_anew(compiled)
    table = Timetable(compiled)
    places = compiled.standing.places
    found = _old_places(compiled, table)
    wanted = [places[index][0] if index in places else start for index, start in enumerate(starts)]

    def rank(job: CompiledJob) -> tuple[bool, int, int]:
        return job.tasks[0] not in places, wanted[job.tasks[0]], job.tasks[0]

    jobs = sorted((job for job in compiled.jobs if job.tasks), key=rank)
    for job in jobs:
        _complete(compiled, table, job, found)
    for job in jobs:
        if waits_too_long(compiled, job, found):
            for index in job.tasks:
                table.remove(compiled.tasks[index], found[index])
            for index, start in zip(
                job.tasks,
                earliest_chain(table, job, first_slot(compiled, compiled.tasks[job.tasks[0]].job, found)),
                strict=True,
            ):
                found[index] = start
                table.place(compiled.tasks[index], start)
    return found


def _groups_anew(compiled: CompiledProblem) -> list[int]:
    places = compiled.standing.places
    old = [places[index][0] if index in places else 0 for index in range(len(compiled.tasks))]
    movable = [number for number, job in enumerate(compiled.jobs) if job.tasks]

    def rank(number: int) -> tuple[bool, int, int]:
        first = compiled.jobs[number].tasks[0]
        return first not in places, old[first], number

    return insert_groups(compiled, sorted(movable, key=rank), old)


def put_back(compiled: CompiledProblem, starts: list[int]) -> list[int]:
    """Moved tasks taken back to their old places, one by one, where there is room again and it costs less."""
    places = compiled.standing.places
    table = Timetable(compiled)
    found = list(starts)
    for index, start in enumerate(found):
        table.place(compiled.tasks[index], start)
    for index in sorted(places, key=lambda index: (places[index][0], index)):
        if index in compiled.mates or not compiled.standing.is_moved(index, found[index]):
            continue
        task, job = compiled.tasks[index], compiled.jobs[compiled.tasks[index].job]
        table.remove(task, found[index])
        trial = list(found)
        place = table.earliest_within(task, max(places[index][0], 0), places[index][2])
        if place is not None:
            trial[index] = place
            if is_in_order(compiled, job, trial) and _cost_h(compiled, job, trial) < _cost_h(compiled, job, found):
                found = trial
        table.place(task, found[index])
    return found


def _cost_h(compiled: CompiledProblem, job: CompiledJob, starts: list[int]) -> float:
    late_s = max(0, compiled.end_s(job, starts) - job.job.due_s)
    return job.job.weight * late_s / 3600 + compiled.standing.moves_h(job.tasks, starts)


def _complete(compiled: CompiledProblem, table: Timetable, job: CompiledJob, found: list[int]) -> None:
    """A place for each task of a rack that has none, or comes too late for its own; none before its old one."""
    end = job.ready
    for index in job.tasks:
        task = compiled.tasks[index]
        if 0 <= found[index] < end:
            table.remove(task, found[index])
            found[index] = -1
        if found[index] < 0:
            old = compiled.standing.places.get(index, (0, 0, 0))[0]
            found[index] = table.earliest(task, max(end, old))
            table.place(task, found[index])
        end = task.end(found[index])


def _old_places(compiled: CompiledProblem, table: Timetable) -> list[int]:
    """The slot of each task that finds room in its old place, which it then holds in the table; else -1."""
    places, heads = compiled.standing.places, _least_starts(compiled)
    kept = [-1] * len(compiled.tasks)
    for index in sorted(places, key=lambda index: (places[index][0], index)):
        task, (slot, first, last) = compiled.tasks[index], places[index]
        start = table.earliest_within(task, max(slot if slot >= heads[index] else first, heads[index]), last)
        if start is not None:
            table.place(task, start)
            kept[index] = start
    return kept


def _least_starts(compiled: CompiledProblem) -> list[int]:
    """The slot before which each task cannot start: its rack's first, and the work before it."""
    heads = [0] * len(compiled.tasks)
    for job in compiled.jobs:
        head = job.ready
        for index in job.tasks:
            heads[index] = head
            head += compiled.tasks[index].slots
    return heads
