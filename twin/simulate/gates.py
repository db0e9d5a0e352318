"""Time arithmetic over step profiles: rates that limit starts, hours that are open, stops."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Final

import numpy as np

from twin.model.profile import StepProfile

NEVER_S: Final = 1 << 60
"""Later than any moment of a simulation."""


class Timeline:
    """A step profile as plain lists, for many single look-ups.

    Value i holds from `starts[i]` until `ends[i]`; the first from ever, the last for ever.
    Most look-ups are near the one before, so the place last found is tried first.
    """

    __slots__ = ("_anchors", "_ends", "_from_s", "_last", "_sums", "_to_s", "always_positive", "starts", "values")

    def __init__(self, profile: StepProfile) -> None:
        times, values = profile.times_s.tolist(), profile.values.tolist()
        self.always_positive = min(values) > 0
        self.starts: list[int] = [-2 * NEVER_S, *times[1:]]
        self._ends: list[int] = [*times[1:], 2 * NEVER_S]
        self.values: list[float] = values
        self._anchors: list[int] = times
        self._sums: list[float] = [0.0, *np.cumsum(np.diff(profile.times_s) * profile.values[:-1]).tolist()]
        self._last = 0
        self._from_s, self._to_s = self.starts[0], self._ends[0]

    def index(self, time_s: int) -> int:
        """The position of the step that holds at a moment."""
        if not self._from_s <= time_s < self._to_s:
            last = self._last = bisect_right(self.starts, time_s) - 1
            self._from_s, self._to_s = self.starts[last], self._ends[last]
        return self._last

    def at(self, time_s: int) -> float:
        """The value that holds at a moment."""
        return self.values[self.index(time_s)]

    def first_positive(self, time_s: int) -> int:
        """The first moment from `time_s` on at which the value is above 0, or NEVER_S."""
        if self.always_positive:
            return time_s
        index = self.index(time_s)
        if self.values[index] > 0:
            return time_s
        for later in range(index + 1, len(self.values)):
            if self.values[later] > 0:
                return self.starts[later]
        return NEVER_S

    def area_to(self, time_s: int) -> float:
        """The integral from the profile's first step to a moment; only differences of it mean something."""
        index = self.index(time_s)
        return self._sums[index] + self.values[index] * (time_s - self._anchors[index])

    def reach(self, start_s: int, area: float) -> int:
        """The first whole second at which the integral from `start_s` comes to `area`."""
        at_s, last = start_s, len(self.values) - 1
        for index in range(self.index(start_s), last + 1):
            value, end_s = self.values[index], self._ends[index]
            if value > 0 and (index == last or area <= value * (end_s - at_s) + 1e-9):
                return at_s + max(0, -int(-(area / value - 1e-6) // 1))
            area -= value * (end_s - at_s)
            at_s = end_s
        return NEVER_S


class RateGate:
    """Limits how much may start by a rate per week: after a start of x, the rate must yield x.

    A gate without a rate lets all through. Calendars and disruptions are in the profile.
    What the rate yields without a start is gone, but for the last `kept_s` seconds of it: a lane
    that departs now and then takes as much as has come together since it last did.
    """

    __slots__ = ("_kept_s", "_next_free_s", "_over", "_rate", "always_open")

    def __init__(self, per_week: StepProfile | None, kept_s: int = 0) -> None:
        self.always_open = per_week is None
        self._rate = None if per_week is None else Timeline(per_week.scaled(1 / 604_800))
        self._kept_s = kept_s
        self._next_free_s = -NEVER_S
        # What the rate has yielded beyond the last start by the whole second that comes after it.
        self._over = 0.0

    def opens(self, now_s: int) -> int:
        """The first moment from now on at which a start is allowed."""
        if self._rate is None:
            return now_s
        free_s = self._next_free_s + 1 if self._kept_s else self._next_free_s
        return self._rate.first_positive(now_s if now_s > free_s else free_s)

    def use(self, now_s: int, amount: float) -> None:
        """A start of `amount` at this moment."""
        rate = self._rate
        if rate is None:
            return
        since_s = now_s - self._kept_s
        if since_s <= self._next_free_s:
            since_s = self._next_free_s
            amount -= self._over
        self._next_free_s = rate.reach(since_s, amount)
        self._over = 0.0
        if self._next_free_s < NEVER_S:
            self._over = max(0.0, rate.area_to(self._next_free_s) - rate.area_to(since_s) - amount)


class Stops:
    """Spells in which work or travel stands still; without any it costs nothing to ask."""

    __slots__ = ("_spells", "any")

    def __init__(self, *stopped: StepProfile) -> None:
        joined = StepProfile.constant(0.0)
        for profile in stopped:
            joined = joined.combine(profile, np.maximum)
        line = Timeline(joined)
        ends = [*line.starts[1:], 2 * NEVER_S]
        steps = zip(line.starts, ends, line.values, strict=True)
        self._spells = [(start_s, end_s) for start_s, end_s, value in steps if value > 0]
        self.any = bool(self._spells)

    def end_of(self, start_s: int, work_s: int, now_s: int, hours: OpenTime | None = None) -> int:
        """When work begun at `start_s` ends, as far as stops up to `now_s` tell.

        With `hours`, the work is attended: `work_s` has its closed hours in it, and what a
        stop took of the open ones is made up for in open hours.
        """
        lost_s = self.stood_still(start_s, now_s, hours)
        if hours is None or lost_s == 0:
            return start_s + work_s + lost_s
        return hours.end_of(start_s + work_s, lost_s)

    def stood_still(self, start_s: int, end_s: int, hours: OpenTime | None = None) -> int:
        """Seconds of standstill between two moments; with `hours`, those of open time."""
        lost_s = 0
        for spell in self._spells:
            from_s, to_s = max(start_s, spell[0]), min(end_s, spell[1])
            if from_s < to_s:
                lost_s += to_s - from_s if hours is None else hours.until(to_s) - hours.until(from_s)
        return lost_s


class OpenTime:
    """Hours in which attended work runs: the product of the calendars it depends on.

    All numbers are whole open seconds, so nothing is rounded.
    """

    __slots__ = ("_anchors", "_ends", "_from_s", "_is_open", "_last", "_seen_s", "_starts", "_sums", "_to_s",
                 "_until_seen_s", "always", "closes_s", "opens_s")  # fmt: skip

    def __init__(self, *open_hours: StepProfile) -> None:
        joined = StepProfile.constant(1.0)
        for profile in open_hours:
            if not profile.values.all():
                joined = joined.combine(profile, np.multiply)
        self.always = bool(joined.values.all())
        times, is_open = joined.times_s.tolist(), joined.values > 0
        self._starts: list[int] = [-2 * NEVER_S, *times[1:]]
        self._ends: list[int] = [*times[1:], 2 * NEVER_S]
        self._anchors: list[int] = times
        self._is_open: list[bool] = is_open.tolist()
        self._sums: list[int] = [0, *np.cumsum(np.diff(joined.times_s) * is_open[:-1]).tolist()]
        self._last = 0
        self._from_s, self._to_s = self._starts[0], self._ends[0]
        self._seen_s, self._until_seen_s = -NEVER_S, 0
        self.opens_s, self.closes_s = 0, 0
        """The open spell last looked at, for a caller in a hurry."""

    def next_open(self, now_s: int) -> int:
        """The first open moment from now on, or NEVER_S."""
        index = self._index(now_s)
        if self._is_open[index]:
            self.opens_s, self.closes_s = self._starts[index], self._ends[index]
            return now_s
        return self._starts[index + 1] if index + 1 < len(self._starts) else NEVER_S

    def until(self, now_s: int) -> int:
        """Open seconds from a fixed moment to now; only differences mean something.

        Steps take and give back at the same instant, so the last answer is kept.
        """
        if now_s != self._seen_s:
            index = self._index(now_s)
            since_s = now_s - self._anchors[index] if self._is_open[index] else 0
            self._seen_s, self._until_seen_s = now_s, self._sums[index] + since_s
        return self._until_seen_s

    def end_of(self, start_s: int, work_s: int) -> int:
        """When `work_s` seconds of open time have passed since `start_s`, or NEVER_S."""
        if self.opens_s <= start_s < self.closes_s and start_s + work_s <= self.closes_s:
            return start_s + work_s
        index = self._index(start_s)
        if self._is_open[index] and start_s + work_s <= self._ends[index]:
            return start_s + work_s
        if work_s == 0:
            return self.next_open(start_s)
        wanted_s = self.until(start_s) + work_s
        index = bisect_left(self._sums, wanted_s) - 1
        return self._anchors[index] + wanted_s - self._sums[index] if self._is_open[index] else NEVER_S

    def _index(self, time_s: int) -> int:
        if not self._from_s <= time_s < self._to_s:
            last = self._last = bisect_right(self._starts, time_s) - 1
            self._from_s, self._to_s = self._starts[last], self._ends[last]
        return self._last
