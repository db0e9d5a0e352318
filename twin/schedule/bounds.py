"""What no schedule can beat: proven lower bounds on the last end, the flow and the tardiness.

Two arguments. A rack alone on the floor: its steps one after the other through capacities and
calendars. And the energy of a resource: a task runs neither before its head (what its rack
has to go through first) nor so late that its tail no longer fits, so that in slot t of a
schedule of length T a resource serves at most
`min(free, needs of tasks with head <= t, needs of tasks with tail <= T - 1 - t)`;
T is too short while the sum of this over all slots is below the work. With constant capacity
this is the classical stage bound with the smallest heads and tails. It is taken for all
tasks, for those with late heads, and for attended work in the slots of its open hours alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.schedule.compiled import CompiledProblem
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
    """Tasks on one resource: what it can give by slot; heads, tails, needs, slots and jobs of the tasks."""

    free: NDArray[np.int64]
    heads: NDArray[np.int64]
    tails: NDArray[np.int64]
    needs: NDArray[np.int64]
    slots: NDArray[np.int64]
    jobs: NDArray[np.int64]

    def of(self, chosen: NDArray[np.bool_]) -> _Load:
        """The same resource for some of the tasks."""
        return _Load(
            self.free,
            self.heads[chosen],
            self.tails[chosen],
            self.needs[chosen],
            self.slots[chosen],
            self.jobs[chosen],
        )


def lower_bounds(compiled: CompiledProblem) -> Bounds:
    """Bounds of a problem with at least one job. Raises HorizonTooShortError."""
    heads = _heads(compiled)
    alone_ends_s = compiled.ends_s(heads)
    loads = list(_loads(compiled, np.array(heads)))
    last_slots = [compiled.slot_after(end_s) for end_s in alone_ends_s]
    energy_slots = max((_shortest(part) for load in loads for part in _late_parts(load)), default=0)
    grid_s, starts_s = compiled.problem.grid_s, compiled.problem.starts_s
    lasts = [compiled.tasks[job.tasks[-1]] for job in compiled.jobs if job.tasks]
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


def _heads(compiled: CompiledProblem) -> list[int]:
    """The start slot of each task if its rack were alone on the floor."""
    table = Timetable(compiled)
    heads = [0] * len(compiled.tasks)
    found: dict[object, int] = {}
    for job in compiled.jobs:
        after = job.ready
        for index in job.tasks:
            task = compiled.tasks[index]
            # Racks are alike: the same work from the same slot on has the same place.
            key = (task.demands, task.calendar, task.operation.duration_s, after)
            if key not in found:
                found[key] = table.earliest(task, after)
            heads[index] = found[key]
            after = task.end(heads[index])
    return heads


def _loads(compiled: CompiledProblem, heads: NDArray[np.int64]) -> Iterator[_Load]:
    """By resource: all its tasks, and for each calendar the attended ones in its open hours."""
    for row in range(len(compiled.resources)):
        indexes = [i for i, task in enumerate(compiled.tasks) if any(held == row for held, _ in task.demands)]
        tasks = [compiled.tasks[index] for index in indexes]
        if not tasks:
            continue
        load = _Load(
            compiled.free[row],
            heads[indexes],
            np.array([task.tail_slots for task in tasks]),
            np.array([dict(task.demands)[row] for task in tasks]),
            np.array([task.slots for task in tasks]),
            np.array([task.job for task in tasks]),
        )
        yield load
        for calendar in sorted({task.calendar for task in tasks if task.ends is not None}, key=sorted):
            chosen = load.of(np.array([task.calendar == calendar for task in tasks]))
            yield _Load(load.free * compiled.partly_open(calendar), *_columns(chosen))


def _columns(load: _Load) -> tuple[NDArray[np.int64], ...]:
    return load.heads, load.tails, load.needs, load.slots, load.jobs


def _late_parts(load: _Load) -> Iterator[_Load]:
    """The tasks whose heads are not before a moment, for several moments."""
    for head in np.unique(np.quantile(load.heads, _HEAD_QUANTILES, method="lower")):
        yield load.of(load.heads >= head)


def _shortest(load: _Load) -> int:
    """The least number of slots in which the resource can have served these tasks."""
    horizon = len(load.free)
    work = int((load.needs * load.slots).sum())
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
    work = np.sort(np.bincount(load.jobs, load.needs * load.slots, jobs)).cumsum()
    started = np.cumsum(np.bincount(load.heads, load.needs, len(load.free))[: len(load.free)])
    served = np.cumsum(np.minimum(load.free, started))
    last = np.searchsorted(served, work, side="left") + 1 + int(load.tails.min())
    last[work <= 0] = 0
    times: NDArray[np.int64] = compiled.problem.starts_s + last * compiled.problem.grid_s - rounded_up_s
    return times
