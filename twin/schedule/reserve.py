"""The rework reserve: how much of each resource first-pass yields below 1 take away.

A step of yield y is tried at most m times. Failures expected per rack are
`f = (1 - y) (1 - (1 - y)^(m - 1)) / y`, without a limit `(1 - y) / y`. Where the gate finds
a mean of d defects in a unit, the first attempt fails with `1 - exp(-d) y` and those after it
with `1 - y`. Each failure costs the
rework hours of the step, on the step's own resources, and the hours of the steps from
`rework_to` to this one once more. The reserve of a resource is this work over all work on
it, rework included; failures of the repeated steps in between are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from twin.model.profile import StepProfile
from twin.model.rows_make import RoutingResource, RoutingStep
from twin.network.defects import clean_failing
from twin.schedule.record import ScheduleProblem

Seizes = Mapping[int, Sequence[RoutingResource]]
"""What each step of a routing seizes, by step."""


def rework_shares(
    routings: Sequence[tuple[float, Sequence[RoutingStep], Seizes, Mapping[int, float]]],
) -> dict[str, float]:
    """By resource: the fraction of its work that is expected to be rework.

    `routings`: the number of racks, their steps, what each step seizes, and the mean number of
    defects that the gate of each finds.
    """
    planned: dict[str, float] = {}
    rework: dict[str, float] = {}
    for racks, steps, seizes, found in routings:
        for step in steps:
            _add(planned, seizes.get(step.step, ()), racks * step.hours.mean)
            failures = racks * expected_failures(step, found.get(step.step, 0.0))
            if failures:
                _add(rework, seizes.get(step.step, ()), failures * _rework_hours(step))
                for again in _repeated(step, steps):
                    _add(rework, seizes.get(again.step, ()), failures * again.hours.mean)
    return {name: extra / (planned[name] + extra) for name, extra in sorted(rework.items()) if extra > 0}


def expected_failures(step: RoutingStep, found: float = 0.0) -> float:
    """Failed attempts per rack that are followed by another attempt; `found` defects by the gate, on the mean."""
    failing = 1 - step.first_pass_yield
    all_attempts = failing / step.first_pass_yield
    by_defects = clean_failing(step, found) / step.first_pass_yield
    if step.max_attempts is None:
        return all_attempts + by_defects
    return (all_attempts + by_defects) * (1 - failing ** (step.max_attempts - 1))


def _rework_hours(step: RoutingStep) -> float:
    return step.rework_hours.mean if step.rework_hours is not None else 0.0


def _repeated(step: RoutingStep, steps: Sequence[RoutingStep]) -> list[RoutingStep]:
    first = step.rework_to if step.rework_to is not None else step.step
    return [again for again in steps if first <= again.step <= step.step]


def _add(work: dict[str, float], seized: Sequence[RoutingResource], hours: float) -> None:
    for row in seized:
        work[row.resource] = work.get(row.resource, 0.0) + row.amount * hours


def less_reserve(problem: ScheduleProblem, name: str) -> StepProfile:
    """Capacity less the rework reserve, which never takes what one operation, or one cluster, needs.

    Where all amounts are whole numbers the rest is rounded to whole places, but never to a
    place that is not there: in a ramp 0.96 of a cell is no cell.
    """
    capacity = problem.capacities[name]
    share = problem.reserve.get(name, 0.0)
    if share <= 0:
        return capacity
    amounts: list[float] = []
    together: dict[int, float] = {}
    for way in (way for job in problem.jobs for operation in job.operations for way in operation.ways):
        amount = sum(amount for held, amount in way.demands if held == name)
        if way.cluster:
            together[way.cluster] = together.get(way.cluster, 0.0) + amount
        elif amount:
            amounts.append(amount)
    amounts += together.values()
    left = capacity.values * (1 - share)
    if all(float(amount).is_integer() for amount in amounts):
        left = np.minimum(np.floor(left + 0.5), np.floor(capacity.values + 1e-6))
    return StepProfile(capacity.times_s, np.maximum(left, np.minimum(capacity.values, max(amounts))))
