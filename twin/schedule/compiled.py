"""The problem on its grid: whole slots, whole units of capacity, calendars as tables.

Everything is rounded to the safe side: ends of work up, capacities down to the least of a
slot. What is feasible here is feasible on the clock, and where capacities change on the grid
no schedule whose starts lie on it is lost.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter

import numpy as np
from numpy.typing import NDArray

from twin.model.profile import StepProfile
from twin.schedule.record import Job, Operation, ScheduleProblem
from twin.schedule.reserve import less_reserve
from twin.schedule.standing import Standing
from twin.schedule.working_time import WorkingTime, calendar_of, open_profile

_MILLI = 1000
"""Amounts are counted in thousandths, so that kilowatts and shares of a crew are whole numbers."""

Rows = NDArray[np.int64]
"""Free capacity by resource and slot, in thousandths."""


class HorizonTooShortError(Exception):
    """The work does not fit into the slots looked at; try again with more."""


class NoScheduleError(Exception):
    """No schedule exists, however long; the message says what stands in the way."""


@dataclass(frozen=True, slots=True)
class Task:
    """An operation that is still to be placed, in one of its modes."""

    job: int
    operation: Operation
    """In this mode alone."""
    slots: int
    demands: tuple[tuple[int, int], ...]
    """(row of the resource, thousandths)."""
    calendar: frozenset[str]
    ends: Rows | None
    """End slot by start slot, see `WorkingTime.ends_by_start`; None: always open."""
    wait_slots: int | None
    """Longest wait until the job's next task starts."""
    tail_slots: int
    """Work of the job's later tasks, each in its shortest mode, and of the jobs that wait for it."""
    rounded_up_s: int
    """Its true end lies at most so long before the end of its last slot."""
    ready: int
    """The first slot in which it may start in this mode."""

    def end(self, start: int) -> int:
        """The slot before which it ends, when it starts in this one."""
        return start + self.slots if self.ends is None else int(self.ends[start])


@dataclass(frozen=True, slots=True)
class CompiledJob:
    """A rack: its tasks in order, and the first slot in which the first of them may start."""

    job: Job
    tasks: tuple[int, ...]
    ready: int
    under_way_end_s: int | None
    """When the operation under way ends, if there is one."""
    after: tuple[int, ...] = ()
    """Jobs with tasks that must have ended before."""


class CompiledProblem:
    """A `ScheduleProblem` over a number of slots, as tables for fast placing.

    `free` is what the reserve and the work under way leave of each resource, by slot. Each
    task stands in `tasks` in one mode, the first until another is chosen, and in `ways` in all.
    Raises NoScheduleError where an operation can never run.
    """

    def __init__(self, problem: ScheduleProblem, horizon: int) -> None:
        self.problem = problem
        self.horizon = horizon
        self._working: dict[frozenset[str], WorkingTime | None] = {}
        self._ends: dict[tuple[frozenset[str], int], Rows] = {}
        self._calendars: dict[tuple[str, ...], frozenset[str]] = {}
        every_way = [way for job in problem.jobs for op in job.operations for way in op.ways]
        self.resources = sorted({name for way in every_way for name, _ in way.demands})
        self.row_of = {name: row for row, name in enumerate(self.resources)}
        self.free = self._capacities()
        self.ways: list[tuple[Task, ...]] = []
        self.order = _in_order(problem)
        tails = self._tails()
        self.jobs = [self._compile(number, job, tails[number]) for number, job in enumerate(problem.jobs)]
        self._link()
        self.tasks = [ways[0] for ways in self.ways]
        self.has_modes = any(len(ways) > 1 or ways[0].ready for ways in self.ways)
        self.mates = _mates(self.tasks)
        """By task that is done together with others: all tasks of its cluster."""
        self._raise_if_never_together()
        self.standing = Standing(self)

    def choose(self, chosen: Mapping[int, Task]) -> CompiledProblem:
        """The same problem with some tasks in another of their modes."""
        if all(self.tasks[index] is task for index, task in chosen.items()):
            return self
        other = copy(self)
        other.tasks = list(self.tasks)
        for index, task in chosen.items():
            other.tasks[index] = task
        other.standing = self.standing.of(other)
        return other

    def slot_after(self, time_s: int) -> int:
        """The first slot that starts at this time or later, from 0."""
        return max(0, -((self.problem.starts_s - time_s) // self.problem.grid_s))

    def start_s(self, slot: int) -> int:
        """When a slot starts on the clock."""
        return self.problem.starts_s + slot * self.problem.grid_s

    def finish_s(self, operation: Operation, start_s: int) -> int:
        """When an operation started at this moment is really done.

        Raises NoScheduleError where its calendars never leave enough time.
        """
        working = self._working_time(self._calendar(operation))
        end_s = start_s + operation.duration_s if working is None else working.finish_s(start_s, operation.duration_s)
        if end_s is None:
            raise NoScheduleError(f"{operation.name} never finds enough open hours")
        return end_s

    def ends_s(self, starts: list[int]) -> list[int]:
        """When each job is really done, given the start slot of each task."""
        return [self.end_s(job, starts) for job in self.jobs]

    def tardiness_h(self, starts: list[int]) -> float:
        """Weighted tardy hours of a schedule given by the start slot of each task."""
        return weighted_tardiness_h(self.problem, self.ends_s(starts))

    def cost_h(self, starts: list[int]) -> float:
        """Weighted tardy hours, and what it costs to move what was scheduled before."""
        return self.tardiness_h(starts) + self.standing.moves_h(range(len(starts)), starts)

    def makespan_s(self, starts: list[int]) -> int:
        """From the start of the window to the last end."""
        return max(self.ends_s(starts)) - self.problem.starts_s

    def starts_open(self, calendar: frozenset[str]) -> NDArray[np.bool_]:
        """Per slot: may work under these calendars start with it?"""
        working = self._working_time(calendar)
        if working is None:
            return np.ones(self.horizon, bool)
        return working.starts_open(self.problem.grid_s, self.horizon)

    def partly_open(self, calendar: frozenset[str]) -> NDArray[np.bool_]:
        """Per slot: may work under these calendars go on in any of it?"""
        working = self._working_time(calendar)
        if working is None:
            return np.ones(self.horizon, bool)
        return working.partly_open(self.problem.grid_s, self.horizon)

    def end_s(self, job: CompiledJob, starts: list[int]) -> int:
        """When a job is really done, given the start slot of each task."""
        if job.tasks:
            last = job.tasks[-1]
            return self.finish_s(self.tasks[last].operation, self.start_s(starts[last]))
        assert job.under_way_end_s is not None
        return job.under_way_end_s

    def _calendar(self, operation: Operation) -> frozenset[str]:
        if operation.attended not in self._calendars:
            self._calendars[operation.attended] = calendar_of(self.problem, operation)
        return self._calendars[operation.attended]

    def _working_time(self, calendar: frozenset[str]) -> WorkingTime | None:
        if calendar not in self._working:
            profile = open_profile(self.problem, calendar)
            self._working[calendar] = None if profile is None else WorkingTime(profile, self.problem.starts_s)
        return self._working[calendar]

    def _ends_by_start(self, calendar: frozenset[str], duration_s: int) -> Rows | None:
        working = self._working_time(calendar)
        if working is None:
            return None
        key = (calendar, duration_s)
        if key not in self._ends:
            self._ends[key] = working.ends_by_start(self.problem.grid_s, self.horizon, duration_s)
        return self._ends[key]

    def _capacities(self) -> Rows:
        problem = self.problem
        free = np.zeros((len(self.resources), self.horizon), np.int64)
        for row, name in enumerate(self.resources):
            if name not in problem.capacities:
                raise NoScheduleError(f"there is no {name} at {problem.site}")
            scheduled = less_reserve(problem, name)
            free[row] = np.floor(_MILLI * _least_per_slot(problem, scheduled, self.horizon) + 1e-6)
        for name, amount, end_s in problem.running:
            if name in self.row_of:
                self._hold(free, ((self.row_of[name], _thousandths(amount)),), self.slot_after(end_s))
        return free

    def _hold(self, free: Rows, demands: tuple[tuple[int, int], ...], end: int) -> None:
        for row, need in demands:
            free[row, :end] = np.maximum(free[row, :end] - need, 0)

    def _tails(self) -> list[int]:
        """By job: the longest work of those that wait for it, one after the other, each step in its shortest mode."""
        tails = [0] * len(self.problem.jobs)
        numbers = _numbers(self.problem)
        for number in reversed(self.order):
            job = self.problem.jobs[number]
            if job.after:
                own = sum(min(self._slots(way) for way in operation.ways) for operation in job.operations)
                for rack in (rack for rack in job.after if rack in numbers):
                    tails[numbers[rack]] = max(tails[numbers[rack]], own + tails[number])
        return tails

    def _link(self) -> None:
        """Which jobs wait for which; for those whose last operation is under way they wait from the start."""
        if all(not job.after for job in self.problem.jobs):
            return
        numbers = _numbers(self.problem)
        for number, compiled in enumerate(self.jobs):
            before = [numbers[rack] for rack in compiled.job.after if rack in numbers]
            ends_s = [self.jobs[each].under_way_end_s for each in before if not self.jobs[each].tasks]
            ready = max([compiled.ready, *(self.slot_after(end_s) for end_s in ends_s if end_s is not None)])
            after = tuple(each for each in before if self.jobs[each].tasks)
            self.jobs[number] = replace(compiled, ready=ready, after=after)

    def _slots(self, operation: Operation) -> int:
        return -(-operation.duration_s // self.problem.grid_s)

    def _compile(self, number: int, job: Job, tail: int) -> CompiledJob:
        if not job.operations:
            raise NoScheduleError(f"rack {job.order}/{job.unit} has no operation to schedule")
        ready, under_way_end_s = self.slot_after(job.release_s), None
        if job.under_way:
            first = job.operations[0]
            under_way_end_s = self.finish_s(first, self.problem.starts_s)
            self._hold(self.free, self._demands(first), self.slot_after(under_way_end_s))
            ready = max(ready, self.slot_after(under_way_end_s))
        position = int(job.under_way)
        tasks: list[tuple[Task, ...]] = []
        for operation in reversed(job.operations[position:]):
            tasks.append(self._possible(number, operation, tail))
            tail += min(task.slots for task in tasks[-1])
        first_index = len(self.ways)
        self.ways += reversed(tasks)
        return CompiledJob(job, tuple(range(first_index, len(self.ways))), ready, under_way_end_s)

    def _possible(self, number: int, operation: Operation, tail_slots: int) -> tuple[Task, ...]:
        """An operation in each mode in which it can ever run. Raises NoScheduleError where there is none."""
        job = self.problem.jobs[number]
        common = {way.mode for way in operation.ways if not operation.keeps_mode or self._runs_all(number, way.mode)}
        faults = [self._never_enough(number, way) for way in operation.ways if way.mode in common]
        if not faults:
            raise NoScheduleError(
                f"rack {job.order}/{job.unit} has no mode in which all the steps that keep it can run "
                f"at {self.problem.site}"
            )
        if all(faults):
            raise NoScheduleError(faults[0])
        ways = zip((way for way in operation.ways if way.mode in common), faults, strict=True)
        return tuple(self._task(number, way, tail_slots) for way, fault in ways if not fault)

    def _runs_all(self, number: int, mode: str) -> bool:
        """Can every operation of a job that keeps its mode run in modes of this name? What is under way does so."""
        job = self.problem.jobs[number]
        kept = [(place, each.in_mode(mode)) for place, each in enumerate(job.operations) if each.keeps_mode]
        return all(
            way is not None and ((job.under_way and not place) or not self._never_enough(number, way))
            for place, way in kept
        )

    def _demands(self, operation: Operation) -> tuple[tuple[int, int], ...]:
        needs: dict[int, int] = {}
        for name, amount in operation.demands:
            needs[self.row_of[name]] = needs.get(self.row_of[name], 0) + _thousandths(amount)
        return tuple(needs.items())

    def _task(self, number: int, operation: Operation, tail_slots: int) -> Task:
        grid_s = self.problem.grid_s
        calendar = self._calendar(operation)
        wait = operation.max_wait_after_s
        working = self._working_time(calendar)
        is_on_grid = working is None or working.is_on_grid(grid_s)
        return Task(
            job=number,
            operation=operation,
            slots=self._slots(operation),
            demands=self._demands(operation),
            calendar=calendar,
            ends=self._ends_by_start(calendar, operation.duration_s),
            wait_slots=None if wait is None else wait // grid_s,
            tail_slots=tail_slots,
            rounded_up_s=-operation.duration_s % grid_s if is_on_grid else grid_s - 1,
            ready=0 if operation.not_before_s is None else self.slot_after(operation.not_before_s),
        )

    def _never_enough(self, number: int, operation: Operation) -> str:
        """Why an operation can never run, in words; blank where it can."""
        for name, amount in operation.demands:
            most = self._most(name)
            if _thousandths(amount) > math.floor(_MILLI * most + 1e-6):
                job = self.problem.jobs[number]
                return (
                    f"{operation.name} of rack {job.order}/{job.unit} needs {amount:g} of {name} "
                    f"at {self.problem.site}, where there is never more than {most:g}"
                )
        return ""

    def _raise_if_never_together(self) -> None:
        if self.mates and any(job.after for job in self.problem.jobs):
            raise NoScheduleError("where racks do a step together, none can wait for others that it is made of")
        for mates in dict.fromkeys(self.mates.values()):
            operation = self.tasks[mates[0]].operation
            for name, amount in operation.demands:
                most = self._most(name)
                if _thousandths(amount) * len(mates) > math.floor(_MILLI * most + 1e-6):
                    raise NoScheduleError(
                        f"{operation.name} of {len(mates)} racks together needs {amount * len(mates):g} of {name} "
                        f"at {self.problem.site}, where there is never more than {most:g}"
                    )

    def _most(self, name: str) -> float:
        capacity = self.problem.capacities[name]
        later = capacity.values[capacity.times_s > self.problem.starts_s]
        return float(max(capacity.at(self.problem.starts_s), *later, 0.0))


def _numbers(problem: ScheduleProblem) -> dict[tuple[str, int], int]:
    return {(job.order, job.unit): number for number, job in enumerate(problem.jobs)}


def _in_order(problem: ScheduleProblem) -> list[int]:
    """Job numbers, each after those it waits for. Raises NoScheduleError where jobs wait for each other."""
    if all(not job.after for job in problem.jobs):
        return list(range(len(problem.jobs)))
    numbers = _numbers(problem)
    waits = {
        number: [numbers[rack] for rack in job.after if rack in numbers] for number, job in enumerate(problem.jobs)
    }
    try:
        return list(TopologicalSorter(waits).static_order())
    except CycleError as error:
        order, unit = problem.jobs[error.args[1][0]].order, problem.jobs[error.args[1][0]].unit
        raise NoScheduleError(f"rack {order}/{unit} waits for itself") from None


def _mates(tasks: list[Task]) -> dict[int, tuple[int, ...]]:
    clusters: dict[int, list[int]] = {}
    for index, task in enumerate(tasks):
        if task.operation.cluster:
            clusters.setdefault(task.operation.cluster, []).append(index)
    return {index: tuple(mates) for mates in clusters.values() if len(mates) > 1 for index in mates}


def weighted_tardiness_h(problem: ScheduleProblem, ends_s: list[int]) -> float:
    """Hours late times weight, summed over jobs in their order."""
    late_s = (job.weight * max(0, end - job.due_s) for job, end in zip(problem.jobs, ends_s, strict=True))
    return sum(late_s) / 3600


def _thousandths(amount: float) -> int:
    return math.ceil(_MILLI * amount - 1e-6)


def _least_per_slot(problem: ScheduleProblem, profile: StepProfile, horizon: int) -> NDArray[np.float64]:
    """The least value of the profile within each slot."""
    edges = problem.starts_s + problem.grid_s * np.arange(horizon)
    index = np.searchsorted(profile.times_s, edges, side="right") - 1
    least = profile.values[np.maximum(index, 0)].copy()
    inside = (profile.times_s - problem.starts_s) // problem.grid_s
    for slot, value in zip(inside, profile.values, strict=True):
        if 0 <= slot < horizon:
            least[slot] = min(least[slot], value)
    return least
