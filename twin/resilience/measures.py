"""Measures of a disrupted run against its baseline, one number per replication.

Times are whole days from the start of the disruption to the day on which it happens;
infinite where it does not happen within the horizon.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.resilience.paired import Bools, Floats, PairedDays


def time_to_first_shortage_days(pair: PairedDays) -> Floats:
    """First day from which racks accepted so far fall short of the baseline's by more than noise for a whole window.

    A new plan serves customers in another order; what that moves comes back within weeks.
    """
    short = pair.shortfall[:, pair.start_day :] > pair.shortage_tolerance[pair.start_day :]
    return first_day(lasts(short, pair.tolerance.window_days))


def time_to_nadir_days(pair: PairedDays) -> Floats:
    """Day of the smallest Q; infinite where Q never leaves its tolerance."""
    nadir = np.argmin(pair.quality[:, pair.start_day :], axis=1)
    return np.where(_is_hit(pair), nadir, np.inf)


def supply_recovery_days(pair: PairedDays) -> Floats:
    """First day from the nadir on which Q is whole and stays so; 0 where it never left."""
    quality = pair.quality[:, pair.start_day :]
    whole = quality >= 1 - pair.quality_tolerance[pair.start_day :]
    recovered = recovery_day(whole, np.argmin(quality, axis=1), pair.tolerance.stays_days)
    return np.where(_is_hit(pair), recovered, 0.0)


def service_recovery_days(pair: PairedDays) -> Floats:
    """First day from the largest extra backlog on which it is noise and stays so; 0 where it always was."""
    extra = pair.extra_backlog[:, pair.start_day :]
    whole = extra <= pair.backlog_tolerance[:, pair.start_day :]
    recovered = recovery_day(whole, np.argmax(extra, axis=1), pair.tolerance.stays_days)
    return np.where(whole.all(axis=1), 0.0, recovered)


def lost_racks(pair: PairedDays) -> Floats:
    """Racks not accepted by the end of the horizon, against the baseline."""
    return pair.shortfall[:, -1]


def lost_in_report_racks(pair: PairedDays) -> Floats:
    """Racks not accepted by the end of the report window, against the baseline."""
    return pair.shortfall[:, min(pair.report_days, pair.days) - 1]


def peak_shortfall_racks(pair: PairedDays) -> Floats:
    """The largest shortfall of racks accepted so far."""
    peak: Floats = np.maximum(pair.shortfall.max(axis=1), 0.0)
    return peak


def delayed_rack_days(pair: PairedDays) -> Floats:
    """Integral of the extra backlog from the start of the disruption to the horizon."""
    return area(_from_start(pair, pair.extra_backlog, 0.0))


def loss_area_days(pair: PairedDays) -> Floats:
    """Integral of 1 - min(Q, 1) from the start to the horizon (Bruneau et al. 2003)."""
    return loss_area(_from_start(pair, pair.quality, 1.0))


def resilience(pair: PairedDays) -> Floats:
    """1 - loss area over the time from the start to the horizon (Cimellaro et al. 2010)."""
    return normalised_resilience(_from_start(pair, pair.quality, 1.0))


def robustness(pair: PairedDays) -> Floats:
    """The smallest Q from the start on."""
    lowest: Floats = pair.quality[:, pair.start_day :].min(axis=1)
    return lowest


def loss_area(quality: Floats) -> Floats:
    """Area between 1 and Q, capped at 1, sampled once a day; catching up does not hide a loss."""
    return area(1 - np.minimum(quality, 1.0))


def normalised_resilience(quality: Floats) -> Floats:
    """Mean of Q, capped at 1, over the days sampled."""
    whole: Floats = 1 - loss_area(quality) / (quality.shape[-1] - 1)
    return whole


def area(series: Floats) -> Floats:
    """Trapezium rule over daily samples, along the last axis."""
    total: Floats = np.sum((series[..., 1:] + series[..., :-1]) / 2, axis=-1)
    return total


def first_day(happens: Bools) -> Floats:
    """By row, the first day on which it happens, infinite if on none."""
    return np.where(np.any(happens, axis=1), np.argmax(happens, axis=1), np.inf)


def lasts(happens: Bools, window_days: int) -> Bools:
    """By row and day: whether it happens on this day and all others of a window that begins with it.

    What happens until the days end is taken to go on.
    """
    broken = np.cumsum(~happens, axis=1)
    days = happens.shape[1]
    ends = np.minimum(np.arange(days) + window_days - 1, days - 1)
    whole: Bools = happens & (broken[:, ends] == broken)
    return whole


def recovery_day(whole: Bools, not_before: NDArray[np.int64], stays_days: int) -> Floats:
    """By row, the first day from `not_before` on which it is whole and stays so for `stays_days` more.

    Infinite if there is none, or if the days end before it has lasted.
    """
    broken = np.cumsum(~whole, axis=1)
    days = whole.shape[1]
    if days <= stays_days:
        return np.full(len(whole), np.inf)
    starts = np.arange(days - stays_days)
    stays = whole[:, starts] & (broken[:, starts + stays_days] == broken[:, starts])
    return first_day(stays & (starts >= not_before[:, None]))


def _is_hit(pair: PairedDays) -> Bools:
    quality = pair.quality[:, pair.start_day :]
    hit: Bools = np.any(quality < 1 - pair.quality_tolerance[pair.start_day :], axis=1)
    return hit


def _from_start(pair: PairedDays, series: Floats, before: float) -> Floats:
    """Daily samples from the start's own instant: the end of the day before, `before` if there is none."""
    if pair.start_day:
        return series[:, pair.start_day - 1 :]
    return np.insert(series, 0, before, axis=1)
