"""Step profiles of straight lines between dates, and the product of several profiles."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

import numpy as np

from twin.model.profile import StepProfile
from twin.model.units import WEEK_S

ALWAYS = StepProfile.constant(1.0)

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


def product(profiles: Iterable[StepProfile]) -> StepProfile:
    """The product of several factors at each moment; 1 of none."""
    factor = ALWAYS
    for profile in profiles:
        factor = profile if factor is ALWAYS else factor.times(profile)
    return factor


@lru_cache(maxsize=128)
def least_ahead(profile: StepProfile, span_s: int) -> StepProfile:
    """At each moment the least value from then until `span_s` seconds later, that second left out.

    Kept, since every plan of a study asks for the same few profiles.
    """
    if span_s <= 0:
        return profile
    # What lasts so long and begins a second later meets the next value.
    times = np.union1d(profile.times_s, profile.times_s - span_s + 1)
    first = np.maximum(np.searchsorted(profile.times_s, times, side="right") - 1, 0)
    last = np.maximum(np.searchsorted(profile.times_s, times + span_s, side="left"), first + 1)
    least = [profile.values[a:b].min() for a, b in zip(first.tolist(), last.tolist(), strict=True)]
    return StepProfile(times, np.array(least, np.float64)).compact()
