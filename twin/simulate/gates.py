"""Time arithmetic over step profiles: rates that limit starts, hours that are open, stops."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from twin.model.profile import StepProfile

NEVER_S = 1 << 60
"""Later than any moment of a simulation."""


class Timeline:
    """A step profile as plain lists, for many single look-ups."""

    __slots__ = ("_sums", "times", "values")

    def __init__(self, profile: StepProfile) -> None:
        self.times: list[int] = profile.times_s.tolist()
        self.values: list[float] = profile.values.tolist()
        self._sums: list[float] = [0.0, *np.cumsum(np.diff(profile.times_s) * profile.values[:-1]).tolist()]

    def at(self, time_s: int) -> float:
        """The value that holds at a moment."""
        return self.values[max(bisect_right(self.times, time_s) - 1, 0)]

    def first_positive(self, time_s: int) -> int:
        """The first moment from `time_s` on at which the value is above 0, or NEVER_S."""
        index = max(bisect_right(self.times, time_s) - 1, 0)
        if self.values[index] > 0:
            return time_s
        for later in range(index + 1, len(self.times)):
            if self.values[later] > 0:
                return self.times[later]
        return NEVER_S

    def area(self, start_s: int, end_s: int) -> float:
        """The integral between two moments, in value x seconds."""
        return self._area_to(end_s) - self._area_to(start_s)

    def _area_to(self, time_s: int) -> float:
        index = max(bisect_right(self.times, time_s) - 1, 0)
        return self._sums[index] + self.values[index] * (time_s - self.times[index])

    def reach(self, start_s: int, area: float) -> int:
        """The first whole second at which the integral from `start_s` comes to `area`."""
        index = max(bisect_right(self.times, start_s) - 1, 0)
        at_s = start_s
        while True:
            value = self.values[index]
            end_s = self.times[index + 1] if index + 1 < len(self.times) else NEVER_S
            if value > 0 and area <= value * (end_s - at_s) + 1e-9:
                return at_s + max(0, -int(-(area / value - 1e-6) // 1))
            if end_s == NEVER_S:
                return NEVER_S
            area -= value * (end_s - at_s)
            at_s = end_s
            index += 1


class RateGate:
    """Limits how much may start by a rate per week: after a start of x, the rate must yield x.

    A gate without a rate lets all through. Calendars and disruptions are in the profile.
    """

    __slots__ = ("_next_free_s", "_rate")

    def __init__(self, per_week: StepProfile | None) -> None:
        self._rate = None if per_week is None else Timeline(per_week.scaled(1 / 604_800))
        self._next_free_s = -NEVER_S

    def opens(self, now_s: int) -> int:
        """The first moment from now on at which a start is allowed."""
        if self._rate is None:
            return now_s
        return self._rate.first_positive(max(now_s, self._next_free_s))

    def use(self, now_s: int, amount: float) -> None:
        """A start of `amount` at this moment."""
        if self._rate is not None:
            self._next_free_s = self._rate.reach(now_s, amount)


class Stops:
    """Spells in which work or travel stands still; without any it costs nothing to ask."""

    __slots__ = ("_profile", "any")

    def __init__(self, *stopped: StepProfile) -> None:
        joined: StepProfile | None = None
        for profile in stopped:
            if profile.values.any():
                joined = profile if joined is None else joined.combine(profile, np.maximum)
        self._profile = joined
        self.any = joined is not None

    def end_of(self, start_s: int, work_s: int, now_s: int) -> int:
        """When work begun at `start_s` ends, as far as stops up to `now_s` tell."""
        if self._profile is None:
            return start_s + work_s
        return start_s + work_s + round(self._profile.integral(start_s, now_s))

    def stood_still(self, start_s: int, end_s: int) -> int:
        """Seconds of standstill between two moments."""
        return 0 if self._profile is None else round(self._profile.integral(start_s, end_s))


class OpenTime:
    """Hours in which attended work runs: the product of the calendars it depends on."""

    __slots__ = ("_line", "always")

    def __init__(self, *open_hours: StepProfile) -> None:
        joined: StepProfile | None = None
        for profile in open_hours:
            if not profile.values.all():
                joined = profile if joined is None else joined.combine(profile, np.multiply)
        self.always = joined is None
        self._line = None if joined is None else Timeline(joined)

    def next_open(self, now_s: int) -> int:
        """The first open moment from now on."""
        return now_s if self._line is None else self._line.first_positive(now_s)

    def end_of(self, start_s: int, work_s: int) -> int:
        """When `work_s` seconds of open time have passed since `start_s`."""
        return start_s + work_s if self._line is None else self._line.reach(start_s, work_s)
