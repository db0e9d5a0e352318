"""When what is started comes out: lead times that freeze, stretch and lose, spread over buckets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twin.disrupt.record import WipLoss
from twin.model.profile import StepProfile
from twin.plan.buckets import Edges, area_to, values_at
from twin.plan.linear import Indexes, Reals


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """How something takes its time: a process, a routing or a lane.

    `lead_s`: time of work or travel for what starts at a moment. `frozen`: 1 while nothing
    moves, so that all inside ends later by that time. `losses` scrap a fraction of what is
    inside at a moment. `start_yield` and `end_yield` are the fractions kept, by the moment
    of the start and of the end.
    """

    lead_s: StepProfile
    frozen: StepProfile
    losses: tuple[WipLoss, ...] = ()
    start_yield: StepProfile
    end_yield: StepProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Of one unit started in bucket `start`, `share` comes out good in bucket `end`; one entry a pair."""

    start: Indexes
    end: Indexes
    share: Reals


def completion_shares(passage: Passage, edges: Edges) -> Shares:
    """Starts uniform within each bucket, through a passage, by the bucket in which they end.

    The starts are cut wherever the ending bucket, the lead time or a loss changes, so the
    shares are exact. What ends after the last edge is left out.
    """
    start, ends, share = _parts(passage, edges)
    end = np.searchsorted(edges, ends, side="right") - 1
    inside = (end < len(edges) - 1) & (share > 0)
    count = len(edges) - 1
    pairs, index = np.unique(start[inside] * count + end[inside], return_inverse=True)
    sums = np.zeros(len(pairs))
    np.add.at(sums, index, share[inside])
    return Shares(start=pairs // count, end=pairs % count, share=sums)


def good_fractions(passage: Passage, edges: Edges) -> Reals:
    """By bucket: what comes out good, whenever that is, of one unit started in it."""
    start, _, share = _parts(passage, edges)
    good = np.zeros(len(edges) - 1)
    np.add.at(good, start, share)
    return good


def _parts(passage: Passage, edges: Edges) -> tuple[Indexes, Reals, Reals]:
    """Starts uniform within each bucket, cut where their fate changes: bucket, time of the end, share that is good."""
    cuts = _cuts(passage, edges)
    middles = (cuts[:-1] + cuts[1:]) / 2
    start = np.searchsorted(edges, middles, side="right") - 1
    ends = end_times(passage, middles)
    share = np.diff(cuts) / np.diff(edges)[start]
    share = share * values_at(passage.start_yield, middles) * values_at(passage.end_yield, ends)
    return start, ends, share * kept(passage.losses, middles, ends)


def end_times(passage: Passage, starts: Reals) -> Reals:
    """The moment at which each start comes out."""
    leads = values_at(passage.lead_s, starts)
    return work_ends(passage.frozen, starts, leads)


def work_ends(frozen: StepProfile, starts: Reals, work_s: Reals) -> Reals:
    """When work of a length ends that begins at a moment and stands still while frozen."""
    if not frozen.values.any():
        return starts + work_s
    clock = _Clock(frozen)
    return clock.moment(clock.worked(starts) + work_s)


def kept(losses: Sequence[WipLoss], starts: Reals, ends: Reals) -> Reals:
    """The fraction that survives the losses between start and end."""
    kept_fraction = np.ones(len(starts))
    for loss in losses:
        kept_fraction[(starts < loss.at_s) & (ends > loss.at_s)] *= 1.0 - loss.fraction
    return kept_fraction


class _Clock:
    """The time that was not frozen, and back."""

    FAR_S = 10_000_000_000
    """Later than anything: three hundred years."""

    def __init__(self, frozen: StepProfile) -> None:
        self._moving = StepProfile(frozen.times_s, 1.0 - frozen.values)
        ends = (frozen.times_s[:1] - self.FAR_S, frozen.times_s, frozen.times_s[-1:] + self.FAR_S)
        self._knots = np.concatenate(ends).astype(np.float64)
        self._areas = self.worked(self._knots)

    def worked(self, times: Reals) -> Reals:
        return area_to(self._moving, times)

    def moment(self, worked: Reals) -> Reals:
        return np.asarray(np.interp(worked, self._areas, self._knots), np.float64)


def _cuts(passage: Passage, edges: Edges) -> Reals:
    """Every start at which the ending bucket, the yield, a loss or the lead time changes."""
    yields = (passage.start_yield.times_s, passage.end_yield.times_s)
    losses = np.array([loss.at_s for loss in passage.losses], np.float64)
    events = np.concatenate((edges, losses, passage.end_yield.times_s)).astype(np.float64)
    leads = np.unique(passage.lead_s.values)
    arrivals = _starts_ending(passage.frozen, events, leads)
    marks = (edges, losses, yields[0], passage.lead_s.times_s, passage.frozen.times_s, *arrivals)
    cuts = np.unique(np.concatenate(marks).astype(np.float64))
    return np.asarray(cuts[(cuts >= edges[0]) & (cuts <= edges[-1])], np.float64)


def _starts_ending(frozen: StepProfile, ends: Reals, leads: Reals) -> list[Reals]:
    """By lead time: the starts that come out at each of `ends`."""
    if not frozen.values.any():
        return [ends - lead for lead in leads]
    clock = _Clock(frozen)
    worked = clock.worked(ends)
    return [clock.moment(worked - lead) for lead in leads]
