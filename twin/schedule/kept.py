"""Which of its modes a rack that keeps one is to take under a dispatch rule: where it is done first, by estimate.

A building that can begin a rack at once may be one whose test is overrun. So the modes are
ranked by when the rack could be done there, its steps one after the other, none before the work
of the racks that are bound to its resources and have not begun there is served. Rather than
go where it takes much longer, a rack waits.
"""

from __future__ import annotations

import math

import numpy as np

from twin.schedule.compiled import CompiledProblem, Rows, Task

_SLOWER = 1.5
"""No rule takes a mode in which a rack would take so many times as long as in its best one, or more."""


class KeptModes:
    """The work, by resource, of the tasks that are bound to a mode and have not begun."""

    def __init__(self, compiled: CompiledProblem) -> None:
        self._compiled = compiled
        self._waiting = [0] * len(compiled.resources)
        self._most = [int(row.max()) if len(row) else 0 for row in compiled.free]
        self._nexts: dict[tuple[int, int], Rows] = {}
        for ways in compiled.ways:
            if len(ways) == 1 and ways[0].operation.keeps_mode:
                self._add(ways[0], 1)

    def in_turn(self, index: int, ways: tuple[Task, ...], now: int, slower: float) -> tuple[Task, ...]:
        """The modes that a task's rack may take, that first in which it would be done first.

        None in which it would take so many times as long as there, or more.
        """
        if len(ways) == 1 or not ways[0].operation.keeps_mode:
            return ways
        takes = {id(task): self._done(index, task.operation.mode, now) - now for task in ways}
        most = min(slower, _SLOWER) * max(1.0, min(takes.values()))
        return tuple(sorted((task for task in ways if takes[id(task)] <= most), key=lambda task: takes[id(task)]))

    def begin(self, index: int, task: Task) -> None:
        """A task begins; where it is the first of those that keep its mode, the others are bound to this one."""
        if not task.operation.keeps_mode:
            return
        if len(self._compiled.ways[index]) == 1:
            self._add(task, -1)
            return
        kept = [each for each in self._compiled.jobs[task.job].tasks if self._keeps(each)]
        if index != kept[0]:
            self._add(task, -1)
            return
        for later in self._in_mode(index, task.operation.mode)[1:]:
            self._add(later, 1)

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
            for row, _ in task.demands:
                slot = max(slot, now + self._waiting[row] // max(self._most[row], 1))
            for row, need in task.demands:
                slot = int(self._next(row, need)[slot]) if slot < horizon else horizon
            slot = task.end(slot) if slot < horizon else horizon
            if slot >= horizon:
                return math.inf
        return slot

    def _next(self, row: int, need: int) -> Rows:
        """By slot: the first from it on in which a resource has so much, whatever other racks hold."""
        if (row, need) not in self._nexts:
            horizon = self._compiled.horizon
            enough = np.where(self._compiled.free[row] >= need, np.arange(horizon), horizon)
            self._nexts[row, need] = np.minimum.accumulate(enough[::-1])[::-1]
        return self._nexts[row, need]

    def _add(self, task: Task, sign: int) -> None:
        for row, need in task.demands:
            self._waiting[row] += sign * need * task.slots
