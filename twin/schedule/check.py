"""An independent checker: is this schedule one that the floor can carry out?

It walks the profiles of the problem as they stand, shares no code with the solver, and knows
neither the grid's rounding nor the rework reserve.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from twin.model.profile import StepProfile
from twin.schedule.record import Assignment, Job, Operation, Schedule, ScheduleProblem

_TOLERANCE = 1e-6
_Pair = tuple[Job, Operation, Assignment]


def check(problem: ScheduleProblem, schedule: Schedule) -> list[str]:
    """Every broken rule in words; empty where the schedule holds.

    A wait between two steps is counted from the end rounded up to the grid, and not after an
    operation that was under way at the start, since nothing could be chosen there.
    """
    by_rack: dict[tuple[str, int], list[Assignment]] = {}
    for assignment in schedule.assignments:
        by_rack.setdefault((assignment.order, assignment.unit), []).append(assignment)
    faults: list[str] = []
    pairs: list[_Pair] = []
    for job in problem.jobs:
        found = sorted(by_rack.pop((job.order, job.unit), []), key=lambda assignment: assignment.step)
        wanted = sorted(job.operations, key=lambda operation: operation.step)
        if [(a.step, a.name) for a in found] != [(o.step, o.name) for o in wanted]:
            faults.append(f"{_rack(job)}: its steps are not scheduled once each")
            continue
        own = []
        for operation, assignment in zip(wanted, found, strict=True):
            way = operation.in_mode(assignment.mode)
            if way is None:
                faults.append(f"{_rack(job)} {operation.name}: has no mode {assignment.mode!r}")
            else:
                own.append((job, way, assignment))
        if len(own) < len(wanted):
            continue
        if len({way.mode for _, way, _ in own if way.keeps_mode}) > 1:
            faults.append(f"{_rack(job)}: steps that keep its mode run in different modes")
        faults += _check_times(problem, own)
        faults += _check_order(problem, own)
        pairs += own
    faults += [f"{order}/{unit}: no such rack" for order, unit in by_rack]
    faults += _check_following(pairs)
    return [*faults, *_check_clusters(pairs), *_check_capacities(problem, pairs), *_check_bays(pairs)]


def _check_times(problem: ScheduleProblem, own: list[_Pair]) -> Iterator[str]:
    """Starts on the grid, after release, in open hours; ends when the work is done."""
    for position, (job, operation, assignment) in enumerate(own):
        where = f"{_rack(job)} {operation.name}"
        frozen = job.under_way and position == 0
        if frozen and assignment.start_s != problem.starts_s:
            yield f"{where}: is under way and cannot be moved"
        if not frozen and assignment.start_s < max(job.release_s, problem.starts_s):
            yield f"{where}: starts before its release"
        if not frozen and operation.not_before_s is not None and assignment.start_s < operation.not_before_s:
            yield f"{where}: starts before it may in mode {operation.mode}"
        if (assignment.start_s - problem.starts_s) % problem.grid_s:
            yield f"{where}: starts off the grid"
        if not frozen and not _works(problem, operation, assignment.start_s):
            yield f"{where}: starts in closed hours"
        worked_s = _worked_s(problem, operation, assignment.start_s, assignment.end_s)
        if worked_s != operation.duration_s or not _ends_with_work(problem, operation, assignment):
            yield f"{where}: has {worked_s} s of open time between start and end, not {operation.duration_s} s"


def _check_order(problem: ScheduleProblem, own: list[_Pair]) -> Iterator[str]:
    """One step after the other, and none after too long a wait."""
    for position in range(1, len(own)):
        job, before, earlier = own[position - 1]
        _, after, later = own[position]
        if later.start_s < earlier.end_s:
            yield f"{_rack(job)} {after.name}: starts before {before.name} ends"
        rounded_s = earlier.end_s + (problem.starts_s - earlier.end_s) % problem.grid_s
        limit_s = None if job.under_way and position == 1 else before.max_wait_after_s
        if limit_s is not None and later.start_s - rounded_s > limit_s:
            yield f"{_rack(job)} {after.name}: waits too long after {before.name}"


def _check_following(pairs: list[_Pair]) -> Iterator[str]:
    """No job starts before those it waits for have ended."""
    spans: dict[tuple[str, int], tuple[int, int]] = {}
    for job, _, assignment in pairs:
        start_s, end_s = spans.get((job.order, job.unit), (assignment.start_s, assignment.end_s))
        spans[job.order, job.unit] = min(start_s, assignment.start_s), max(end_s, assignment.end_s)
    for job in {id(job): job for job, _, _ in pairs}.values():
        for rack in job.after:
            if rack in spans and spans[job.order, job.unit][0] < spans[rack][1]:
                yield f"{_rack(job)}: starts before {rack[0]}/{rack[1]} ends"


def _check_clusters(pairs: list[_Pair]) -> Iterator[str]:
    """Racks that do a step together start and end at the same moments."""
    times: dict[int, tuple[int, int]] = {}
    for job, operation, assignment in pairs:
        if operation.cluster:
            first = times.setdefault(operation.cluster, (assignment.start_s, assignment.end_s))
            if first != (assignment.start_s, assignment.end_s):
                yield f"{_rack(job)} {operation.name}: runs apart from the racks it is to be with"


def _check_capacities(problem: ScheduleProblem, pairs: list[_Pair]) -> Iterator[str]:
    """At every moment racks hold no more than the capacity less what is under way."""
    for name in sorted({held for _, operation, _ in pairs for held, _ in operation.demands}):
        changes: dict[int, float] = {}
        frozen: dict[int, float] = {}
        for used, amount, end_s in problem.running:
            if used == name:
                _hold(frozen, problem.starts_s, end_s, amount)
        for job, operation, assignment in pairs:
            amount = sum(needed for held, needed in operation.demands if held == name)
            under_way = job.under_way and operation.step == job.operations[0].step
            _hold(frozen if under_way else changes, assignment.start_s, assignment.end_s, amount)
        yield from _sweep(name, problem.capacities[name], changes, frozen)


def _hold(changes: dict[int, float], start_s: int, end_s: int, amount: float) -> None:
    if end_s > start_s:
        changes[start_s] = changes.get(start_s, 0.0) + amount
        changes[end_s] = changes.get(end_s, 0.0) - amount


def _sweep(name: str, capacity: StepProfile, changes: dict[int, float], frozen: dict[int, float]) -> Iterator[str]:
    used = fixed = 0.0
    values = dict(zip(capacity.times_s.tolist(), capacity.values.tolist(), strict=True))
    moments = sorted({*changes, *frozen, *values})
    value = capacity.at(moments[0])
    for moment in moments:
        used += changes.get(moment, 0.0)
        fixed += frozen.get(moment, 0.0)
        value = values.get(moment, value)
        there = max(0.0, value - fixed)
        if used > there + _TOLERANCE:
            yield f"{name}: {used:g} held at {moment} s, {there:g} there"
            return


def _check_bays(pairs: list[_Pair]) -> Iterator[str]:
    """No two racks in one bay at the same time."""
    bays: dict[tuple[str, int], list[Assignment]] = {}
    for _, operation, assignment in pairs:
        if assignment.bay and operation.demands:
            bays.setdefault((operation.demands[0][0], assignment.bay), []).append(assignment)
    for (name, bay), users in sorted(bays.items()):
        users.sort(key=lambda user: (user.start_s, user.end_s))
        for earlier, later in pairwise(users):
            if later.start_s < earlier.end_s:
                yield f"{name} bay {bay}: holds two racks at {later.start_s} s"


def _works(problem: ScheduleProblem, operation: Operation, time_s: int) -> bool:
    if problem.stopped is not None and problem.stopped.at(time_s) > 0:
        return False
    return all(problem.open_hours[name].at(time_s) > 0 for name in operation.attended if name in problem.open_hours)


def _worked_s(problem: ScheduleProblem, operation: Operation, start_s: int, end_s: int) -> int:
    """Seconds between two moments in which the operation goes on, piece by piece."""
    profiles = [problem.open_hours[name] for name in operation.attended if name in problem.open_hours]
    profiles += [problem.stopped] if problem.stopped is not None else []
    worked_s, now = 0, start_s
    while now < end_s:
        changes = [profile.next_change_after(now) for profile in profiles]
        until = min([end_s, *(change for change in changes if change is not None)])
        worked_s += (until - now) if _works(problem, operation, now) else 0
        now = until
    return worked_s


def _ends_with_work(problem: ScheduleProblem, operation: Operation, assignment: Assignment) -> bool:
    """Is the end the first moment at which the work is done, not one before the start or in the pause after it?"""
    if assignment.end_s <= assignment.start_s:
        return assignment.end_s == assignment.start_s
    return _works(problem, operation, assignment.end_s - 1)


def _rack(job: Job) -> str:
    return f"{job.order}/{job.unit}"
