"""Which of its modes a rack that keeps one is to take under a dispatch rule: where it is done first, by estimate.

A building that can begin a rack at once may be one whose test is overrun. So the modes are
ranked by when the rack could be done there: its steps one after the other, none before its
resources, at their full pace, are through with what is under way, with what racks that are
bound to the mode have not begun, and with the racks before it that wait for the same mode.
Rather than go where it is done much later, a rack waits.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from twin.schedule.compiled import CompiledProblem, Rows, Task

_SLOWER = 1.5
"""In no mode is a rack begun that would be done there so much of its work later than in its best one, less 1."""
_MOST_EXPECTED = 60
"""So many racks are asked at a moment which mode they wait for; those behind them wait."""


class KeptModes:
    """The work, by resource, of the tasks that are bound to a mode and have not begun."""

    def __init__(self, compiled: CompiledProblem) -> None:
        self._compiled = compiled
        self._waiting = [0] * len(compiled.resources)
        self._most = [int(row.max()) if len(row) else 0 for row in compiled.free]
        self._running: list[list[tuple[int, int]]] = [[] for _ in compiled.resources]
        self._expected: dict[int, list[Task]] = {}
        self._stretch: dict[frozenset[str], float] = {}
        self._nexts: dict[tuple[int, int], Rows] = {}
        self._openings: dict[frozenset[str], Rows] = {}
        for ways in compiled.ways:
            if len(ways) == 1 and ways[0].operation.keeps_mode:
                self._add(ways[0], 1)

    def in_turn(self, index: int, ways: tuple[Task, ...], now: int, slower: float) -> tuple[Task, ...]:
        """The modes that a task's rack may take, that first in which it would be done first.

        None in which it would be done later than there by `slower` - 1 of its work.
        """
        if len(ways) == 1 or not ways[0].operation.keeps_mode:
            return ways
        self._forget(index)
        done = {task.operation.mode: self._done(index, task.operation.mode, now) for task in ways}
        best = min(done, key=done.__getitem__)
        work = sum(task.slots for task in self._in_mode(index, best))
        latest = done[best] + (min(slower, _SLOWER) - 1) * work
        fit = (task for task in ways if done[task.operation.mode] <= latest)
        return tuple(sorted(fit, key=lambda task: done[task.operation.mode]))

    def expect(self, index: int, ways: tuple[Task, ...]) -> bool:
        """A rack waits for the first of these modes; False where so many do that no more are to be asked."""
        if len(ways) > 0 and len(self._compiled.ways[index]) > 1 and ways[0].operation.keeps_mode:
            self._expected[index] = tasks = self._in_mode(index, ways[0].operation.mode)
            for task in tasks:
                self._add(task, 1)
        return len(self._expected) < _MOST_EXPECTED

    def next_moment(self) -> None:
        """Who waits chooses anew."""
        for index in list(self._expected):
            self._forget(index)

    def begin(self, index: int, task: Task, now: int) -> None:
        """A task begins; where it is the first of those that keep its mode, the others are bound to this one."""
        self._forget(index)
        for row, need in task.demands:
            self._running[row].append((task.end(now), need))
        if not task.operation.keeps_mode:
            return
        kept = [each for each in self._compiled.jobs[task.job].tasks if self._keeps(each)]
        if len(self._compiled.ways[index]) > 1 and index == kept[0]:
            for later in self._in_mode(index, task.operation.mode)[1:]:
                self._add(later, 1)
        else:
            self._add(task, -1)

    def _keeps(self, index: int) -> bool:
        return self._compiled.ways[index][0].operation.keeps_mode

    def _in_mode(self, index: int, mode: str) -> list[Task]:
        """A task and those of its job after it that keep the mode, in this one."""
        tasks = self._compiled.jobs[self._compiled.ways[index][0].job].tasks
        kept = (each for each in tasks if each >= index and self._keeps(each))
        return [way for each in kept for way in self._compiled.ways[each] if way.operation.mode == mode]

    def _done(self, index: int, mode: str, now: int) -> float:
        """The slot by which a rack may be done in a mode; infinite where it never can."""
        slot, horizon = now, self._compiled.horizon
        for task in self._in_mode(index, mode):
            slot = max(slot, task.ready)
            slot = max([slot, *(now + self._queue(row, need, self._slots(task), now) for row, need in task.demands)])
            for row, need in task.demands:
                slot = int(self._next(row, need)[slot]) if slot < horizon else horizon
            if task.ends is not None and slot < horizon:
                slot = int(self._opens(task.calendar)[slot])
            slot = task.end(slot) if slot < horizon else horizon
            if slot >= horizon:
                return math.inf
        return slot

    def _queue(self, row: int, need: int, slots: int, now: int) -> int:
        """Slots for which a task waits for a resource that serves all that it has to, at its full pace."""
        running = self._running[row] = [each for each in self._running[row] if each[0] > now]
        work = self._waiting[row] + sum((end - now) * held for end, held in running) + need * slots
        return max(0, work // max(self._most[row], 1) - slots)

    def _next(self, row: int, need: int) -> Rows:
        """By slot: the first from it on in which a resource has so much, whatever other racks hold."""
        if (row, need) not in self._nexts:
            self._nexts[row, need] = _first_from(self._compiled.free[row] >= need)
        return self._nexts[row, need]

    def _opens(self, calendar: frozenset[str]) -> Rows:
        """By slot: the first from it on with which work under these calendars may start."""
        if calendar not in self._openings:
            self._openings[calendar] = _first_from(self._compiled.starts_open(calendar))
        return self._openings[calendar]

    def _forget(self, index: int) -> None:
        for task in self._expected.pop(index, ()):
            self._add(task, -1)

    def _slots(self, task: Task) -> int:
        """Slots from a task's start to its end, closed hours included on the average."""
        if task.ends is None:
            return task.slots
        if task.calendar not in self._stretch:
            self._stretch[task.calendar] = 1.0 / max(float(self._compiled.partly_open(task.calendar).mean()), 0.01)
        return round(task.slots * self._stretch[task.calendar])

    def _add(self, task: Task, sign: int) -> None:
        for row, need in task.demands:
            self._waiting[row] += sign * need * self._slots(task)


def _first_from(holds: NDArray[np.bool_]) -> Rows:
    """By slot: the first from it on for which something holds; the number of slots where it does no more."""
    count = len(holds)
    found: Rows = np.minimum.accumulate(np.where(holds, np.arange(count), count)[::-1])[::-1]
    return found
