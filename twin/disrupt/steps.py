"""Step profiles of one disruption, and the least and greatest of several."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from twin.disrupt.resolved import ResolvedDisruption
from twin.model.profile import StepProfile
from twin.model.steps import ALWAYS, straight
from twin.model.units import DAY_S

NEVER = StepProfile.constant(0.0)


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
