"""Open hours on the clock: when attended work that pauses and resumes is done."""

from __future__ import annotations

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

    def finish_s(self, start_s: int, duration_s: int) -> int | None:
        """The moment at which `duration_s` of open time has passed since `start_s`; None: never."""
        if duration_s == 0:
            return start_s
        index = int(np.searchsorted(self.times_s, start_s, side="right")) - 1
        before = int(self.worked_s[index]) + (start_s - int(self.times_s[index])) * bool(self.is_open[index])
        target = before + duration_s
        segment = int(np.searchsorted(self.worked_s, target, side="left")) - 1
        if segment == len(self.times_s) - 1 and not self.is_open[segment]:
            return None
        return int(self.times_s[segment]) + target - int(self.worked_s[segment])

    def open_slots(self, grid_s: int, slots: int) -> NDArray[np.bool_]:
        """Per slot of the grid from the first moment on: is it open from end to end?"""
        edges = int(self.times_s[0]) + grid_s * np.arange(slots + 1)
        index = np.searchsorted(self.times_s, edges, side="right") - 1
        worked = self.worked_s[index] + (edges - self.times_s[index]) * self.is_open[index]
        is_open: NDArray[np.bool_] = np.diff(worked) == grid_s
        return is_open


def ends_by_start(open_slots: NDArray[np.bool_], slots: int) -> NDArray[np.int64]:
    """For work of a whole number of open slots: the slot it ends before, by the slot it starts in.

    Closed starts, and ends beyond the array, get its length plus one.
    """
    count = len(open_slots)
    ends = np.full(count + 1, count + 1, np.int64)
    places = np.flatnonzero(open_slots)
    if slots == 0:
        ends[places] = places
    elif len(places) >= slots:
        ends[places[: len(places) - slots + 1]] = places[slots - 1 :] + 1
    return ends


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
