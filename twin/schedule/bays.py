"""Which bay a rack stands in: places of a pooled resource, given out after the times are set."""

from __future__ import annotations

import heapq

from twin.schedule.record import Assignment, OperationKey, ScheduleProblem


def number_bays(problem: ScheduleProblem, assignments: list[Assignment]) -> dict[OperationKey, int]:
    """The bay of each operation in the first resource that it demands in its mode, from 1.

    Only resources are numbered of which every operation holds exactly one: those held in
    kilowatts or shares have no bays. Racks in the order of their starts take the lowest bay
    that is free; as many bays are used as racks are ever there at once (interval colouring).
    """
    modes = {_key(item): item.mode for item in assignments}
    held: dict[OperationKey, tuple[tuple[str, float], ...]] = {}
    amounts: dict[str, set[float]] = {}
    for job in problem.jobs:
        for way in (way for operation in job.operations for way in operation.ways):
            key = (job.order, job.unit, way.step)
            if way.mode == modes.get(key):
                held[key] = way.demands
            for name, amount in way.demands:
                amounts.setdefault(name, set()).add(amount)
    bays: dict[OperationKey, int] = {}
    for name in sorted(name for name, found in amounts.items() if found == {1.0}):
        users = [item for item in assignments if any(name == used for used, _ in held[_key(item)])]
        coloured = _colour(users, _taken(problem, name))
        bays.update({key: bay for key, bay in coloured.items() if held[key][0][0] == name})
    return bays


def _key(assignment: Assignment) -> OperationKey:
    return assignment.order, assignment.unit, assignment.step


def _taken(problem: ScheduleProblem, name: str) -> list[int]:
    """Ends of the work that holds a bay at the start and is no rack of the problem."""
    return [end_s for used, amount, end_s in problem.running if used == name for _ in range(round(amount))]


def _colour(users: list[Assignment], taken_until_s: list[int]) -> dict[OperationKey, int]:
    busy = [(end_s, bay) for bay, end_s in enumerate(sorted(taken_until_s), start=1)]
    heapq.heapify(busy)
    free: list[int] = []
    bays: dict[OperationKey, int] = {}
    for item in sorted(users, key=lambda item: (item.start_s, item.end_s, _key(item))):
        if item.end_s == item.start_s:
            continue
        while busy and busy[0][0] <= item.start_s:
            heapq.heappush(free, heapq.heappop(busy)[1])
        bay = heapq.heappop(free) if free else len(busy) + 1
        heapq.heappush(busy, (item.end_s, bay))
        bays[_key(item)] = bay
    return bays
