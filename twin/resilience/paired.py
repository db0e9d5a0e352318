"""Days of a disrupted run beside those of its baseline, replication by replication."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """What is noise and what is harm; all are stated in the KPI dictionary."""

    share: float = 0.05
    """Of performance, and of a week's racks for the backlog."""
    weeks_short: float = 0.25
    """Of racks accepted so far; less is what a new plan moves when it serves customers in another order."""
    racks: float = 1.0
    standard_errors: float = 2.0
    """Paired, over replications."""
    stays_days: int = 7
    """A recovery counts once it has lasted so long."""
    window_days: int = 28
    """Performance is a trailing sum over so many days; a shortage counts that lasts so long."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PairedDays:
    """Racks accepted by day and backlog at each day's end: (replications, days) arrays.

    Rows of the same number met the same luck. `start_day` is the first day of the
    disruption, from 0; `report_days` the length of the report window.
    Raises ValueError where the arrays do not fit together.
    """

    baseline_accepted: Floats
    disrupted_accepted: Floats
    baseline_backlog: Floats
    disrupted_backlog: Floats
    start_day: int
    report_days: int
    tolerance: Tolerance = Tolerance()

    def __post_init__(self) -> None:
        shapes = {series.shape for series in self._all}
        if len(shapes) != 1 or self.baseline_accepted.ndim != 2:
            raise ValueError(f"paired days must be (replications, days) arrays of one shape; got {sorted(shapes)}")
        runs, days = self.baseline_accepted.shape
        if runs == 0 or not 0 <= self.start_day < days:
            raise ValueError(f"the disruption must start within the {days} days; got day {self.start_day}")

    @property
    def _all(self) -> tuple[Floats, ...]:
        return self.baseline_accepted, self.disrupted_accepted, self.baseline_backlog, self.disrupted_backlog

    @property
    def days(self) -> int:
        """Length of the series."""
        return int(self.baseline_accepted.shape[1])

    @cached_property
    def shortfall(self) -> Floats:
        """Racks accepted so far at each day's end, baseline minus disrupted."""
        return np.cumsum(self.baseline_accepted - self.disrupted_accepted, axis=1)

    @cached_property
    def extra_backlog(self) -> Floats:
        """Backlog above the baseline's at each day's end."""
        return self.disrupted_backlog - self.baseline_backlog

    @cached_property
    def quality(self) -> Floats:
        """Q at each day's end: trailing sum of racks accepted over the baseline's, 1 where that is 0."""
        window = self.tolerance.window_days
        before, after = trailing_sum(self.baseline_accepted, window), trailing_sum(self.disrupted_accepted, window)
        return np.divide(after, before, out=np.ones_like(after), where=before > 0)

    @cached_property
    def shortage_tolerance(self) -> Floats:
        """By day: a shortfall up to here is noise, or the order in which a new plan serves customers."""
        least = max(self.tolerance.racks, self.tolerance.weeks_short * self.weekly_accepted)
        return np.maximum(least, self._noise(self.shortfall))

    @property
    def weekly_accepted(self) -> float:
        """Racks that the baseline accepts in a mean week of the report window, over all replications."""
        return 7 * float(self.baseline_accepted[:, : self.report_days].mean())

    @cached_property
    def quality_tolerance(self) -> Floats:
        """By day: Q from 1 minus this up counts as whole."""
        return np.maximum(self.tolerance.share, self._noise(self.quality))

    @cached_property
    def backlog_tolerance(self) -> Floats:
        """By replication and day: an extra backlog up to here is noise."""
        window = self.tolerance.window_days
        weekly = trailing_sum(self.baseline_accepted, window) * 7 / window
        least = np.maximum(self.tolerance.racks, self._noise(self.extra_backlog))
        return np.maximum(least, self.tolerance.share * weekly)

    def _noise(self, paired: Floats) -> Floats:
        runs = len(paired)
        if runs == 1:
            return np.zeros(paired.shape[1])
        noise: Floats = self.tolerance.standard_errors * paired.std(axis=0, ddof=1) / np.sqrt(runs)
        return noise


def trailing_sum(daily: Floats, window_days: int) -> Floats:
    """Sum over the last days up to each, fewer at the beginning; along the last axis."""
    total = np.cumsum(daily, axis=-1)
    result = total.copy()
    result[..., window_days:] -= total[..., :-window_days]
    return result
