"""Time in buckets: their edges, and what a profile holds in each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.model.profile import StepProfile
from twin.model.units import WEEK_S
from twin.model.world import Settings
from twin.plan.linear import Reals
from twin.plan.record import PlanOptions

Edges = NDArray[np.int64]


def plan_edges(settings: Settings, options: PlanOptions, starts_s: int) -> Edges:
    """Edges of the buckets in seconds: weeks, then `coarse_weeks`, to the end of the plan.

    The bound ends at its `until_s`: what happens later cannot change it. A bucket is cut
    short where report window, horizon or plan end inside it. Raises ValueError when the end is not after the start.
    """
    end_s = options.end_s if options.end_s is not None else settings.planned_s
    if options.objective == "bound":
        end_s = bound_until(settings, options)
    if end_s <= starts_s:
        raise ValueError(f"a plan must end after it starts, at {starts_s} s; got {end_s} s")
    weekly_end_s = starts_s + options.weekly_buckets * WEEK_S
    weekly = np.arange(starts_s, weekly_end_s, WEEK_S)
    step_s = options.coarse_weeks * WEEK_S
    report_s = max(settings.report_s, weekly_end_s)
    reported = np.arange(weekly_end_s, report_s, step_s)
    horizon_s = max(settings.horizon_s, report_s)
    tail = np.arange(report_s, horizon_s, step_s)
    beyond = np.arange(horizon_s, max(end_s, horizon_s + 1), step_s)
    edges = np.concatenate((weekly, reported, tail, beyond))
    return np.append(edges[edges < end_s], end_s).astype(np.int64)


def bound_until(settings: Settings, options: PlanOptions) -> int:
    """The moment up to which the bound counts accepted racks."""
    return settings.report_s if options.until_s is None else options.until_s


def area_to(profile: StepProfile, times: Reals | Edges) -> Reals:
    """The area under a profile from its first time to each of `times` (negative before it), in value x seconds."""
    starts, values = profile.times_s, profile.values
    areas = np.concatenate(([0.0], np.cumsum(values[:-1] * np.diff(starts))))
    index = np.maximum(np.searchsorted(starts, times, side="right") - 1, 0)
    return np.asarray(areas[index] + values[index] * (times - starts[index]), np.float64)


def bucket_areas(profile: StepProfile, edges: Edges) -> Reals:
    """The area under a profile in each bucket, in value x seconds."""
    return np.diff(area_to(profile, edges))


def bucket_means(profile: StepProfile, edges: Edges) -> Reals:
    """The time average of a profile in each bucket."""
    return bucket_areas(profile, edges) / np.diff(edges)


def values_at(profile: StepProfile, times: Reals | Edges) -> Reals:
    """The values of a profile at many moments."""
    index = np.searchsorted(profile.times_s, times, side="right") - 1
    return profile.values[np.maximum(index, 0)]


def open_part(profile: StepProfile, closed: StepProfile) -> StepProfile:
    """A profile with 0 where another one is 1."""
    if not closed.values.any():
        return profile
    return profile.combine(closed, lambda value, shut: value * (1.0 - shut))
