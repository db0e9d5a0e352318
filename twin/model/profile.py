"""A quantity that changes by steps over time: capacities, factors, open hours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class StepProfile:
    """A right-continuous step function of the clock.

    `times_s` are strictly increasing whole seconds; `values[i]` holds from `times_s[i]`
    until the next time, the last one for ever. Before `times_s[0]` the first value holds.
    """

    times_s: NDArray[np.int64]
    values: NDArray[np.float64]

    @staticmethod
    def constant(value: float) -> StepProfile:
        """The same value at all times."""
        return StepProfile(np.zeros(1, np.int64), np.array([value], np.float64))

    @staticmethod
    def of(steps: list[tuple[int, float]]) -> StepProfile:
        """From (time in seconds, value) pairs in any order; of equal times the last pair holds."""
        if not steps:
            raise ValueError("a profile needs at least one step")
        latest = dict(sorted(steps, key=lambda step: step[0]))
        return StepProfile(
            np.fromiter(latest.keys(), np.int64, len(latest)),
            np.fromiter(latest.values(), np.float64, len(latest)),
        )

    @staticmethod
    def window(start_s: int, end_s: int, inside: float, outside: float) -> StepProfile:
        """`inside` on [start_s, end_s), `outside` elsewhere; empty windows leave `outside`."""
        if end_s <= start_s:
            return StepProfile.constant(outside)
        before = min(start_s, 0) - 1
        return StepProfile.of([(before, outside), (start_s, inside), (end_s, outside)])

    def at(self, time_s: float) -> float:
        """The value that holds at a moment."""
        index = int(np.searchsorted(self.times_s, time_s, side="right")) - 1
        return float(self.values[max(index, 0)])

    def next_change_after(self, time_s: float) -> int | None:
        """The first time later than `time_s` at which the value may change, or None."""
        index = int(np.searchsorted(self.times_s, time_s, side="right"))
        return int(self.times_s[index]) if index < len(self.times_s) else None

    def combine(
        self,
        other: StepProfile,
        rule: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]],
    ) -> StepProfile:
        """Both profiles joined value by value, for example by `np.multiply` or `np.minimum`."""
        if len(other.times_s) == 1 and self.times_s[0] <= other.times_s[0]:
            # Most of what is joined in the making of a replication is one value for all time.
            return StepProfile(self.times_s, rule(self.values, np.full_like(self.values, other.values[0]))).compact()
        if len(self.times_s) == 1 and other.times_s[0] <= self.times_s[0]:
            return StepProfile(other.times_s, rule(np.full_like(other.values, self.values[0]), other.values)).compact()
        times = np.union1d(self.times_s, other.times_s)
        return StepProfile(times, rule(self.values_at(times), other.values_at(times))).compact()

    def times(self, other: StepProfile) -> StepProfile:
        """The product of two profiles."""
        return self.combine(other, np.multiply)

    def scaled(self, factor: float) -> StepProfile:
        """Every value multiplied by one factor."""
        return StepProfile(self.times_s, self.values * factor)

    def compact(self) -> StepProfile:
        """The same function without steps that change nothing."""
        keep = np.ones(len(self.values), bool)
        keep[1:] = self.values[1:] != self.values[:-1]
        return StepProfile(self.times_s[keep], self.values[keep])

    def integral(self, start_s: float, end_s: float) -> float:
        """The area under the profile between two moments, in value x seconds."""
        if end_s <= start_s:
            return 0.0
        inner = self.times_s[(self.times_s > start_s) & (self.times_s < end_s)]
        edges = np.concatenate(([start_s], inner, [end_s]))
        return float(np.dot(np.diff(edges), self.values_at(edges[:-1])))

    def bucket_means(self, edges_s: NDArray[np.int64]) -> NDArray[np.float64]:
        """The time average in each bucket; `edges_s` has one more entry than the result."""
        areas = [self.integral(a, b) for a, b in pairwise(edges_s)]
        return np.array(areas) / np.diff(edges_s)

    def values_at(self, times: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.float64]:
        """The values that hold at moments."""
        index = np.searchsorted(self.times_s, times, side="right") - 1
        return self.values[np.maximum(index, 0)]
