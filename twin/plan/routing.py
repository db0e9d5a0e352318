"""What a rack's routing takes on average: hours, attempts, yield, and the load on each resource."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from twin.model.distribution import Distribution
from twin.model.rows_make import RoutingResource, RoutingStep
from twin.network.defects import clean_failing

Duration = Callable[[Distribution], float]
"""A distribution of hours to the hours reckoned with."""
OpenShare = Callable[[str], float]
"""A resource to the share of hours in which its calendar is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLoad:
    """A step with its mean repetitions: one pass, elapsed and worked hours, chance to come through, what it holds."""

    step: int
    hours: float
    elapsed_hours: float
    work_hours: float
    passed: float
    seized: tuple[RoutingResource, ...]


def attempts(step: RoutingStep, found: float = 0.0) -> float:
    """Mean number of attempts at a step: failures follow one another independently.

    The first fails by the yield, or by a defect that its gate finds, of which a unit has the
    Poisson mean `found`: with the chance 1 - exp(-found) x yield.
    """
    failing = 1.0 - step.first_pass_yield
    if step.max_attempts is None:
        return 1.0 / step.first_pass_yield + clean_failing(step, found) / step.first_pass_yield
    usual = sum(failing**attempt for attempt in range(step.max_attempts))
    return usual + clean_failing(step, found) * sum(failing**attempt for attempt in range(step.max_attempts - 1))


def passed(step: RoutingStep, found: float = 0.0) -> float:
    """The chance that a unit is not scrapped at a step; `found` as in `attempts`."""
    if step.then == "pass" or step.max_attempts is None:
        return 1.0
    failing = 1.0 - step.first_pass_yield
    return float(1.0 - failing**step.max_attempts - clean_failing(step, found) * failing ** (step.max_attempts - 1))


def step_loads(
    steps: Sequence[RoutingStep],
    seizes: Callable[[int], tuple[RoutingResource, ...]],
    duration: Duration,
    open_share: OpenShare,
    found: Mapping[int, float] | None = None,
) -> tuple[StepLoad, ...]:
    """Steps of a routing with the mean hours of their repetitions and reworks in them.

    A failed attempt costs the rework hours and every step from `rework_to` on once more.
    A step with attended resources takes longer by the share of hours they are closed.
    `found` is by step the mean number of defects that its gate finds, at those that find any.
    """
    found = found or {}
    visits = _visits(steps, found)
    loads = []
    for step in steps:
        seized = seizes(step.step)
        stretch = max((1.0 / max(open_share(row.resource), 1e-9) for row in seized if row.attended), default=1.0)
        repeats = visits[step.step]
        rework = duration(step.rework_hours) if step.rework_hours else 0.0
        # Defects are found at a first attempt alone, so repeated visits fail by the yield.
        by_defects = attempts(step, found.get(step.step, 0.0)) - attempts(step)
        failures = (repeats - by_defects) * (1.0 - 1.0 / attempts(step)) + by_defects
        work = repeats * duration(step.hours)
        loads.append(
            StepLoad(
                step=step.step,
                hours=duration(step.hours),
                elapsed_hours=work * stretch + failures * rework,
                work_hours=work,
                passed=passed(step, found.get(step.step, 0.0)),
                seized=seized,
            )
        )
    return tuple(loads)


def held_hours(loads: Sequence[StepLoad], stretch: bool) -> dict[tuple[str, bool], float]:
    """By (resource, attended): amount x hours that one start holds, pauses included where `stretch`."""
    held: dict[tuple[str, bool], float] = defaultdict(float)
    for load in loads:
        for row in load.seized:
            paused = stretch and not row.attended
            held[row.resource, row.attended] += row.amount * (load.elapsed_hours if paused else load.work_hours)
    return dict(held)


def _visits(steps: Sequence[RoutingStep], found: Mapping[int, float]) -> dict[int, float]:
    """Mean number of times each step is done; later steps send units back to earlier ones."""
    visits = {step.step: attempts(step, found.get(step.step, 0.0)) for step in steps}
    for step in steps:
        again = attempts(step, found.get(step.step, 0.0)) - 1.0
        first = step.step if step.rework_to is None else step.rework_to
        for earlier in visits:
            if first <= earlier < step.step:
                visits[earlier] += again * attempts(next(s for s in steps if s.step == earlier))
    return visits
