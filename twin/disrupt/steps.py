"""Step profiles of one disruption, and of straight lines between dates."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from twin.disrupt.resolved import ResolvedDisruption
from twin.model.profile import StepProfile
from twin.model.units import DAY_S, WEEK_S

ALWAYS = StepProfile.constant(1.0)
NEVER = StepProfile.constant(0.0)

DAILY_UP_TO_S = 8 * WEEK_S
"""Longer straight lines take weekly steps, so that profiles stay short."""


def straight(start: tuple[int, float], end: tuple[int, float], step_s: int) -> list[tuple[int, float]]:
    """A straight line as steps: each has the line's mean over it, so areas are kept exactly.

    `start` and `end` are (second, value); the last step may be shorter.
    """
    (start_s, first), (end_s, last) = start, end
    edges = [*range(start_s, end_s, step_s), end_s]
    slope = (last - first) / (end_s - start_s) if end_s > start_s else 0.0
    return [(a, first + slope * ((a + b) / 2 - start_s)) for a, b in pairwise(edges)]


def left_over_time(resolved: ResolvedDisruption, left: float) -> StepProfile:
    """1, then `left` while the disruption lasts, then back to 1 in daily steps over its recovery."""
    ramp = straight((resolved.ends_s, left), (resolved.recovered_s, 1.0), DAY_S)
    before = (resolved.starts_s - 1, 1.0)
    return StepProfile.of([before, (resolved.starts_s, left), *ramp, (resolved.recovered_s, 1.0)])


def during(resolved: ResolvedDisruption, inside: float, outside: float) -> StepProfile:
    """`inside` from the start to the end of the disruption, `outside` before and after."""
    return StepProfile.window(resolved.starts_s, resolved.ends_s, inside, outside)


def smallest(profiles: Iterable[StepProfile]) -> StepProfile:
    """The least of several fractions at each moment; 1 of none."""
    least = ALWAYS
    for profile in profiles:
        least = profile if least is ALWAYS else least.combine(profile, np.minimum)
    return least


def largest(profiles: Iterable[StepProfile]) -> StepProfile:
    """The greatest of several at each moment; 0 of none."""
    most = NEVER
    for profile in profiles:
        most = profile if most is NEVER else most.combine(profile, np.maximum)
    return most


def product(profiles: Iterable[StepProfile]) -> StepProfile:
    """The product of several factors at each moment; 1 of none."""
    factor = ALWAYS
    for profile in profiles:
        factor = profile if factor is ALWAYS else factor.times(profile)
    return factor
