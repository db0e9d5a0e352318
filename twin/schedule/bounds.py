"""What no schedule can beat: proven lower bounds on the last end, the flow and the tardiness.

Two arguments. A rack alone on the floor: its steps one after the other through capacities and
calendars. And the energy of a resource: a task runs neither before its head (what its rack
has to go through first) nor so late that its tail no longer fits, so that in slot t of a
schedule of length T a resource serves at most
`min(free, needs of tasks with head <= t, needs of tasks with tail <= T - 1 - t)`;
T is too short while the sum of this over all slots is below the work. With constant capacity
this is the classical stage bound with the smallest heads and tails. It is taken for all
tasks, for those with late heads, and for attended work in the slots of its open hours alone. A
task that may run in different modes counts with its least work, on what it holds in all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from twin.schedule.compiled import CompiledProblem, HorizonTooShortError, Task
from twin.schedule.timetable import Timetable

_HEAD_QUANTILES = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Lower bounds for all schedules on the grid that keep the reserve.

    `makespan_slots` counts whole slots to the last task's end, `makespan_s` seconds to the
    true end, which may lie `rounded_up_s` earlier. `alone_h` is each rack's weighted tardiness
    if it were alone.
    """

    makespan_slots: int
    makespan_s: int
    rounded_up_s: int
    flow_h: float
    alone_h: list[float]


@dataclass(frozen=True, slots=True)
class _Load:
    """Tasks on a resource: what it can give by slot; heads, tails, needs, work and jobs of the tasks."""

    free: NDArray[np.int64]
    heads: NDArray[np.int64]
    tails: NDArray[np.int64]
    needs: NDArray[np.int64]
    work: NDArray[np.int64]
    jobs: NDArray[np.int64]

    def of(self, chosen: NDArray[np.bool_]) -> _Load:
        """The same resource for some of the tasks."""
        return _Load(
            self.free,
            self.heads[chosen],
            self.tails[chosen],
            self.needs[chosen],
            self.work[chosen],
            self.jobs[chosen],
        )


def lower_bounds(compiled: CompiledProblem) -> Bounds:
    """Bounds of a problem with at least one job. Raises HorizonTooShortError."""
    heads, alone_ends_s = _alone(compiled)
    loads = list(_loads(compiled, np.array(heads)))
    last_slots = [compiled.slot_after(end_s) for end_s in alone_ends_s]
    energy_slots = max((_shortest(part) for load in loads for part in _late_parts(load)), default=0)
    grid_s, starts_s = compiled.problem.grid_s, compiled.problem.starts_s
    lasts = [task for job in compiled.jobs if job.tasks for task in compiled.ways[job.tasks[-1]]]
    rounded_up_s = max((task.rounded_up_s for task in lasts), default=0)
    alone_h = [
        job.weight * max(0, end_s - job.due_s) / 3600
        for job, end_s in zip(compiled.problem.jobs, alone_ends_s, strict=True)
    ]
    return Bounds(
        makespan_slots=max(energy_slots, *last_slots, 0),
        makespan_s=max(energy_slots * grid_s - rounded_up_s, max(alone_ends_s) - starts_s),
        rounded_up_s=rounded_up_s,
        flow_h=_flow_h(compiled, loads, alone_ends_s, rounded_up_s),
        alone_h=alone_h,
    )


def _alone(compiled: CompiledProblem) -> tuple[list[int], list[int]]:
    """If each rack were alone on the floor, always in the mode that ends first: start slots of tasks, ends of racks."""
    table = Timetable(compiled)
    heads, ends_s = [0] * len(compiled.tasks), [0] * len(compiled.jobs)
    last_slots = [0] * len(compiled.jobs)
    found: dict[object, int | None] = {}

    def earliest(task: Task, after: int) -> int | None:
        # Racks are alike: the same work from the same slot on has the same place.
        after = max(after, task.ready)
        key = (task.demands, task.calendar, task.operation.duration_s, after)
        if key not in found:
            found[key] = _earliest(table, task, after)
        return found[key]

    for number in compiled.order:
        job = compiled.jobs[number]
        after = max([job.ready, *(last_slots[before] for before in job.after)])
        ends_s[number] = job.under_way_end_s or 0
        for index in job.tasks:
            ways = [(task, start) for task in compiled.ways[index] if (start := earliest(task, after)) is not None]
            if not ways:
                raise HorizonTooShortError
            heads[index] = min(start for _, start in ways)
            ends_s[number] = min(compiled.finish_s(task.operation, compiled.start_s(start)) for task, start in ways)
            after = min(task.end(start) for task, start in ways)
        last_slots[number] = after
    return heads, ends_s


def _earliest(table: Timetable, task: Task, after: int) -> int | None:
    try:
        return table.earliest(task, after)
    except HorizonTooShortError:
        return None


def _loads(compiled: CompiledProblem, heads: NDArray[np.int64]) -> Iterator[_Load]:
    """By resource: all its tasks, and for each calendar the attended ones in its open hours.

    And by group of resources, where a task has a choice among them: all tasks that hold some of the group in each mode.
    """
    for row in range(len(compiled.resources)):
        indexes = [i for i, ways in enumerate(compiled.ways) if all(_need(task, (row,)) for task in ways)]
        if not indexes:
            continue
        load = _load(compiled, heads, (row,), indexes)
        yield load
        plain = [compiled.ways[i][0] if len(compiled.ways[i]) == 1 else None for i in indexes]
        calendars = {task.calendar for task in plain if task is not None and task.ends is not None}
        for calendar in sorted(calendars, key=sorted):
            chosen = load.of(np.array([task is not None and task.calendar == calendar for task in plain]))
            yield replace(chosen, free=load.free * compiled.partly_open(calendar))
    for rows in _groups(compiled):
        indexes = [i for i, ways in enumerate(compiled.ways) if all(_need(task, rows) for task in ways)]
        yield _load(compiled, heads, rows, indexes)


def _groups(compiled: CompiledProblem) -> list[tuple[int, ...]]:
    """The resources that the modes of a task demand first, for each task with a choice among several."""
    firsts = ({task.demands[0][0] for task in ways if task.demands} for ways in compiled.ways if len(ways) > 1)
    groups = {tuple(sorted(rows)) for rows in firsts if len(rows) > 1}
    every = tuple(sorted({row for rows in groups for row in rows}))
    return sorted({*groups, every} if groups else groups)


def _need(task: Task, rows: tuple[int, ...]) -> int:
    return sum(need for row, need in task.demands if row in rows)


def _load(compiled: CompiledProblem, heads: NDArray[np.int64], rows: tuple[int, ...], indexes: list[int]) -> _Load:
    """These tasks on some resources together, each at its largest need and its least work."""
    ways = [compiled.ways[index] for index in indexes]
    return _Load(
        compiled.free[list(rows)].sum(axis=0),
        heads[indexes],
        np.array([some[0].tail_slots for some in ways]),
        np.array([max(_need(task, rows) for task in some) for some in ways]),
        np.array([min(_need(task, rows) * task.slots for task in some) for some in ways]),
        np.array([some[0].job for some in ways]),
    )


def _late_parts(load: _Load) -> Iterator[_Load]:
    """The tasks whose heads are not before a moment, for several moments."""
    for head in np.unique(np.quantile(load.heads, _HEAD_QUANTILES, method="lower")):
        yield load.of(load.heads >= head)


def _shortest(load: _Load) -> int:
    """The least number of slots in which the resource can have served these tasks."""
    horizon = len(load.free)
    work = int(load.work.sum())
    started = np.cumsum(np.bincount(load.heads, load.needs, horizon)[:horizon])
    can_end = np.cumsum(np.bincount(np.minimum(load.tails, horizon), load.needs, horizon + 1)[:horizon])
    served = np.minimum(load.free, started)
    low, high = 0, horizon
    while low < high:
        middle = (low + high) // 2
        area = np.minimum(served[:middle], can_end[:middle][::-1]).sum()
        low, high = (middle + 1, high) if area < work else (low, middle)
    return low


def _flow_h(compiled: CompiledProblem, loads: list[_Load], alone_ends_s: list[int], rounded_up_s: int) -> float:
    """The k-th rack to end does so neither before the k-th would alone, nor before some
    resource can have served the k racks that need it least; summed over all k.
    """
    problem = compiled.problem
    ends_s = np.sort(np.array(alone_ends_s, np.int64))
    for load in loads:
        ends_s = np.maximum(ends_s, _served_s(compiled, load, len(ends_s), rounded_up_s))
    releases_s = sum(max(job.release_s, problem.starts_s) for job in problem.jobs)
    return float(int(ends_s.sum()) - releases_s) / 3600


def _served_s(compiled: CompiledProblem, load: _Load, jobs: int, rounded_up_s: int) -> NDArray[np.int64]:
    """When at the earliest the k racks of least work on the resource can have ended, for each k."""
    work = np.sort(np.bincount(load.jobs, load.work, jobs)).cumsum()
    started = np.cumsum(np.bincount(load.heads, load.needs, len(load.free))[: len(load.free)])
    served = np.cumsum(np.minimum(load.free, started))
    # Where racks wait for others, tails hold the work of these too, which is not in a rack's own flow.
    tail = 0 if any(job.after for job in compiled.jobs) else int(load.tails.min())
    last = np.searchsorted(served, work, side="left") + 1 + tail
    last[work <= 0] = 0
    times: NDArray[np.int64] = compiled.problem.starts_s + last * compiled.problem.grid_s - rounded_up_s
    return times
