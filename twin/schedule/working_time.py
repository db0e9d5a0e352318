"""Open hours on the clock: when attended work that pauses and resumes is done."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np
from numpy.typing import NDArray

from twin.model.profile import StepProfile
from twin.schedule.record import Operation, ScheduleProblem


class WorkingTime:
    """The open time of one calendar from a moment on, as worked seconds against the clock."""

    def __init__(self, profile: StepProfile, from_s: int) -> None:
        later = profile.times_s[profile.times_s > from_s]
        self.times_s = np.concatenate(([from_s], later))
        self.is_open = np.array([profile.at(time) > 0 for time in self.times_s])
        lengths = np.diff(self.times_s) * self.is_open[:-1]
        self.worked_s = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
        # For one moment at a time lists are ten times as fast as arrays.
        self._times: list[int] = self.times_s.tolist()
        self._worked: list[int] = self.worked_s.tolist()
        self._open: list[bool] = self.is_open.tolist()

    def finish_s(self, start_s: int, duration_s: int) -> int | None:
        """The moment at which `duration_s` of open time has passed since `start_s`; None: never."""
        if duration_s == 0:
            return start_s
        index = bisect_right(self._times, start_s) - 1
        target = self._worked[index] + (start_s - self._times[index]) * self._open[index] + duration_s
        segment = bisect_left(self._worked, target) - 1
        if segment == len(self._times) - 1 and not self._open[segment]:
            return None
        return self._times[segment] + target - self._worked[segment]

    def is_on_grid(self, grid_s: int) -> bool:
        """Do all hours open and close on the grid?"""
        return not ((self.times_s - self.times_s[0]) % grid_s).any()

    def starts_open(self, grid_s: int, slots: int) -> NDArray[np.bool_]:
        """Per slot of the grid from the first moment on: is it open at the moment it starts?"""
        return self.is_open[self._segments(self._edges(grid_s, slots)[:-1])]

    def partly_open(self, grid_s: int, slots: int) -> NDArray[np.bool_]:
        """Per slot: is any of it open?"""
        some: NDArray[np.bool_] = np.diff(self._worked_before(self._edges(grid_s, slots))) > 0
        return some

    def ends_by_start(self, grid_s: int, slots: int, duration_s: int) -> NDArray[np.int64]:
        """The slot before which work has ended, rounded up, by the slot it starts in.

        Starts that are not open, and ends beyond the slots given, get their number plus one.
        """
        starts_s = self._edges(grid_s, slots)
        target = self._worked_before(starts_s) + duration_s
        segments = np.searchsorted(self.worked_s, target, side="left") - 1
        finish_s = self.times_s[segments] + target - self.worked_s[segments]
        ends = starts_s if duration_s == 0 else finish_s
        ends = -((int(self.times_s[0]) - ends) // grid_s)
        never = (segments == len(self.times_s) - 1) & ~self.is_open[-1] & (duration_s > 0)
        fails = never | ~self.is_open[self._segments(starts_s)] | (ends > slots)
        table: NDArray[np.int64] = np.where(fails, slots + 1, ends)
        return table

    def _edges(self, grid_s: int, slots: int) -> NDArray[np.int64]:
        return int(self.times_s[0]) + grid_s * np.arange(slots + 1)

    def _segments(self, moments_s: NDArray[np.int64]) -> NDArray[np.intp]:
        return np.searchsorted(self.times_s, moments_s, side="right") - 1

    def _worked_before(self, moments_s: NDArray[np.int64]) -> NDArray[np.int64]:
        index = self._segments(moments_s)
        worked: NDArray[np.int64] = self.worked_s[index] + (moments_s - self.times_s[index]) * self.is_open[index]
        return worked


def calendar_of(problem: ScheduleProblem, operation: Operation) -> frozenset[str]:
    """The names of the resources whose calendars the operation's work has to keep."""
    return frozenset(name for name in operation.attended if name in problem.open_hours)


def open_profile(problem: ScheduleProblem, calendar: frozenset[str]) -> StepProfile | None:
    """1 where work under these calendars goes on, 0 where it pauses; None: it never pauses."""
    profile = StepProfile.constant(1.0)
    for name in sorted(calendar):
        profile = profile.times(problem.open_hours[name])
    if problem.stopped is not None:
        profile = profile.times(StepProfile(problem.stopped.times_s, 1.0 - np.sign(problem.stopped.values)))
    return profile if (profile.values <= 0).any() else None
