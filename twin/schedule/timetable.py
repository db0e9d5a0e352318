"""What is free when, and the earliest place for an operation in it."""

from __future__ import annotations

import numpy as np

from twin.schedule.compiled import CompiledJob, CompiledProblem, HorizonTooShortError, Task

_LEAST_LOOK_AHEAD = 96
"""Slots searched at a time, at least: a day of quarter hours."""


class Timetable:
    """Free capacity by resource and slot, as tasks are placed and taken out again."""

    def __init__(self, compiled: CompiledProblem) -> None:
        self.compiled = compiled
        self.rows = list(compiled.free.copy())

    def place(self, task: Task, start: int) -> None:
        """Hold what the task needs from this slot until its end."""
        end = task.end(start)
        for row, need in task.demands:
            self.rows[row][start:end] -= need

    def remove(self, task: Task, start: int) -> None:
        """Give back what the task held from this slot on."""
        end = task.end(start)
        for row, need in task.demands:
            self.rows[row][start:end] += need

    def earliest(self, task: Task, after: int) -> int:
        """The first slot, not before `after`, in which the task can start and be carried through.

        Raises HorizonTooShortError where there is none within the horizon.
        """
        low = max(after, task.ready)
        while low < self.compiled.horizon:
            high = min(self.compiled.horizon, low + max(_LEAST_LOOK_AHEAD, 2 * task.slots))
            found = self._first_fit(task, low, high)
            if found is not None:
                return found
            low = high
        raise HorizonTooShortError

    def earliest_within(self, task: Task, first: int, last: int) -> int | None:
        """The first of these slots in which the task can start and be carried through; None: in none of them."""
        first = max(first, task.ready)
        return self._first_fit(task, first, last + 1) if first <= last < self.compiled.horizon else None

    def _first_fit(self, task: Task, low: int, high: int) -> int | None:
        horizon = self.compiled.horizon
        ends = np.arange(low, high) + task.slots if task.ends is None else task.ends[low:high]
        allowed = ends <= horizon
        if not allowed.any():
            return None
        last = int(ends[allowed][-1])
        if last > low:
            blocked = np.zeros(last - low, bool)
            for row, need in task.demands:
                blocked |= self.rows[row][low:last] < need
            so_far = np.concatenate(([0], np.cumsum(blocked)))
            within = np.minimum(ends, last) - low
            allowed &= so_far[within] == so_far[np.minimum(np.arange(high - low), last - low)]
        first = int(np.argmax(allowed))
        return low + first if allowed[first] else None


def insert_jobs(compiled: CompiledProblem, order: list[int]) -> list[int]:
    """Whole jobs placed one after the other, each task as early as it fits.

    Keeps longest waits: where the next task can only start too late, the task before it is
    put off. Returns the start slot of each task.
    """
    table = Timetable(compiled)
    starts = [0] * len(compiled.tasks)
    for number in order:
        job = compiled.jobs[number]
        chain = earliest_chain(table, job, first_slot(compiled, number, starts))
        for index, start in zip(job.tasks, chain, strict=True):
            starts[index] = start
            table.place(compiled.tasks[index], start)
    return starts


def earliest_chain(table: Timetable, job: CompiledJob, first: int) -> list[int]:
    """The earliest start slots of a rack's tasks in what is free from a slot on, in turn, with all waits kept."""
    tasks = [table.compiled.tasks[index] for index in job.tasks]
    not_before = [first] + [0] * (len(tasks) - 1)
    starts: list[int] = []
    while len(starts) < len(tasks):
        position = len(starts)
        previous_end = tasks[position - 1].end(starts[-1]) if starts else 0
        start = table.earliest(tasks[position], max(not_before[position], previous_end))
        limit = tasks[position - 1].wait_slots if starts else None
        if limit is not None and start > previous_end + limit:
            not_before[position - 1] = first_start_ending_at(tasks[position - 1], starts[-1], start - limit)
            starts.pop()
        else:
            starts.append(start)
    return starts


def first_start_ending_at(task: Task, after: int, end: int) -> int:
    """The first slot later than `after` in which the task may start and ends at `end` or later."""
    if task.ends is None:
        return max(after + 1, end - task.slots)
    count = len(task.ends) - 1
    for start in range(after + 1, count):
        if end <= task.ends[start] <= count:
            return start
    raise HorizonTooShortError


def left_shift(compiled: CompiledProblem, starts: list[int]) -> list[int]:
    """Every task moved to its earliest place, in the order in which they start now.

    No task ends later than before. Longest waits stay kept: a task is not moved so far that
    the one after it would have to follow it.
    """
    table = Timetable(compiled)
    shifted = list(starts)
    for index, start in enumerate(starts):
        table.place(compiled.tasks[index], start)
    previous, following = _neighbours(compiled)
    for index in sorted(range(len(starts)), key=lambda index: (starts[index], index)):
        task = compiled.tasks[index]
        before = previous.get(index)
        after = (
            first_slot(compiled, task.job, shifted) if before is None else compiled.tasks[before].end(shifted[before])
        )
        # What stands where it was scheduled before is not moved for nothing.
        if shifted[index] == after or compiled.standing.stays(index, shifted[index]):
            continue
        table.remove(task, shifted[index])
        start = min(shifted[index], table.earliest(task, after))
        if task.wait_slots is not None and index in following:
            ends_from = shifted[following[index]] - task.wait_slots
            if task.end(start) < ends_from:
                start = table.earliest(task, first_start_ending_at(task, start, ends_from))
        shifted[index] = start
        table.place(task, start)
    return shifted


def first_slot(compiled: CompiledProblem, number: int, starts: list[int]) -> int:
    """The slot before which a job cannot start: its own first one, or the end of those it waits for."""
    job = compiled.jobs[number]
    lasts = [compiled.jobs[each].tasks[-1] for each in job.after]
    return max([job.ready, *(compiled.tasks[last].end(starts[last]) for last in lasts)])


def _neighbours(compiled: CompiledProblem) -> tuple[dict[int, int], dict[int, int]]:
    pairs = [pair for job in compiled.jobs for pair in zip(job.tasks[:-1], job.tasks[1:], strict=True)]
    return {after: before for before, after in pairs}, dict(pairs)


def breaks_a_wait(compiled: CompiledProblem, starts: list[int]) -> bool:
    """Does any job wait longer between two tasks than it may?"""
    return any(waits_too_long(compiled, job, starts) for job in compiled.jobs)


def is_in_order(compiled: CompiledProblem, job: CompiledJob, starts: list[int]) -> bool:
    """Does each task of a job start when the one before has ended, and not too long after?"""
    end = job.ready
    for index in job.tasks:
        if starts[index] < end:
            return False
        end = compiled.tasks[index].end(starts[index])
    return not waits_too_long(compiled, job, starts)


def waits_too_long(compiled: CompiledProblem, job: CompiledJob, starts: list[int]) -> bool:
    """Does this job wait longer between two tasks than it may?"""
    tasks = compiled.tasks
    return any(
        starts[after] > tasks[before].end(starts[before]) + limit
        for before, after in zip(job.tasks[:-1], job.tasks[1:], strict=True)
        if (limit := tasks[before].wait_slots) is not None
    )
