"""The schedule as a record: true ends on the clock, bays, utilisation, bounds and gaps."""

from __future__ import annotations

from dataclasses import dataclass, replace

from twin.schedule.bays import number_bays
from twin.schedule.bounds import Bounds
from twin.schedule.compiled import CompiledJob, CompiledProblem
from twin.schedule.record import Assignment, Schedule, ScheduleProblem, ScheduleStatus
from twin.schedule.standing import count_moves

_EQUAL = 1e-6
"""Relative difference below which a value has reached its bound."""


@dataclass(slots=True)
class Found:
    """A schedule by the mode and the start slot of each task, how it was found, and what is proven meanwhile."""

    compiled: CompiledProblem
    starts: list[int]
    method: str
    tardiness_bound_h: float
    makespan_bound_s: int


def reached(value: float, bound: float) -> bool:
    """Is the value as good as its lower bound?"""
    return value <= bound + _EQUAL * max(1.0, abs(bound))


def nothing_scheduled(problem: ScheduleProblem, status: ScheduleStatus, why: str) -> Schedule:
    """A schedule without assignments, and the reason."""
    return Schedule(
        site=problem.site,
        status=status,
        assignments=(),
        tardiness_h=0.0,
        tardiness_bound_h=0.0,
        makespan_h=0.0,
        makespan_bound_h=0.0,
        flow_h=0.0,
        flow_bound_h=0.0,
        edd_tardiness_h=0.0,
        atc_tardiness_h=0.0,
        racks=len(problem.jobs),
        method=why,
    )


def assemble(found: Found, bounds: Bounds, plain_h: list[float]) -> Schedule:
    """The record of what was found; `plain_h` is the tardiness under EDD and plain ATC.

    A bound above the value itself can only be rounding, and is cut to it.
    """
    compiled = found.compiled
    problem = compiled.problem
    assignments = _assignments(compiled, found.starts)
    standing, moved = count_moves(problem, assignments)
    tardiness_h, makespan_s = compiled.tardiness_h(found.starts), compiled.makespan_s(found.starts)
    flow_h = _flow_h(compiled, found.starts)
    makespan = problem.objective == "makespan"
    is_optimal = (
        reached(makespan_s, found.makespan_bound_s) if makespan else reached(tardiness_h, found.tardiness_bound_h)
    )
    return Schedule(
        site=problem.site,
        status="optimal" if is_optimal else "feasible",
        assignments=tuple(assignments),
        tardiness_h=tardiness_h,
        tardiness_bound_h=min(tardiness_h, found.tardiness_bound_h),
        makespan_h=makespan_s / 3600,
        makespan_bound_h=found.makespan_bound_s / 3600,
        flow_h=flow_h,
        flow_bound_h=bounds.flow_h,
        edd_tardiness_h=plain_h[0],
        atc_tardiness_h=plain_h[1],
        racks=len(problem.jobs),
        utilisation=_utilisation(problem, assignments),
        method=found.method,
        due_s={(job.order, job.unit): job.due_s for job in problem.jobs},
        standing_operations=standing,
        moved_operations=moved,
    )


def _flow_h(compiled: CompiledProblem, starts: list[int]) -> float:
    problem = compiled.problem
    ends_s = compiled.ends_s(starts)
    flow_s = sum(end - max(job.release_s, problem.starts_s) for job, end in zip(problem.jobs, ends_s, strict=True))
    return flow_s / 3600


def _assignments(compiled: CompiledProblem, starts: list[int]) -> list[Assignment]:
    """Every operation with its true end and its bay, in the order of the starts."""
    placed = [item for job in compiled.jobs for item in _of_job(compiled, job, starts)]
    bays = number_bays(compiled.problem, placed)
    numbered = [replace(item, bay=bays.get((item.order, item.unit, item.step), 0)) for item in placed]
    return sorted(numbered, key=lambda item: (item.start_s, item.order, item.unit, item.step))


def _of_job(compiled: CompiledProblem, job: CompiledJob, starts: list[int]) -> list[Assignment]:
    times = []
    if job.under_way_end_s is not None:
        times.append((job.job.operations[0], compiled.problem.starts_s, job.under_way_end_s))
    for index in job.tasks:
        operation, start_s = compiled.tasks[index].operation, compiled.start_s(starts[index])
        times.append((operation, start_s, compiled.finish_s(operation, start_s)))
    return [
        Assignment(
            order=job.job.order,
            unit=job.job.unit,
            item=job.job.item,
            step=operation.step,
            name=operation.name,
            start_s=start_s,
            end_s=end_s,
            bay=0,
            mode=operation.mode,
            cluster=operation.cluster,
        )
        for operation, start_s, end_s in times
    ]


def _utilisation(problem: ScheduleProblem, assignments: list[Assignment]) -> dict[str, float]:
    """By resource: what racks and work under way hold within the window over what there is."""
    demands = {
        (job.order, job.unit, op.step, way.mode): way.demands
        for job in problem.jobs
        for op in job.operations
        for way in op.ways
    }
    held = dict.fromkeys(sorted({name for used in demands.values() for name, _ in used}), 0.0)
    spans = [
        (name, amount, item.start_s, item.end_s)
        for item in assignments
        for name, amount in demands[(item.order, item.unit, item.step, item.mode)]
    ]
    spans += [(name, amount, problem.starts_s, end_s) for name, amount, end_s in problem.running if name in held]
    for name, amount, start_s, end_s in spans:
        held[name] += amount * max(0, min(end_s, problem.ends_s) - start_s)
    there = {name: problem.capacities[name].integral(problem.starts_s, problem.ends_s) for name in held}
    return {name: held[name] / there[name] if there[name] > 0 else 0.0 for name in held}
