"""Where along a number the better of two configurations changes, with an interval over replications."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from twin.events.study_result import CrossingPoint
from twin.metrics.kpi import Kpi
from twin.metrics.statistics import t_interval

Floats = NDArray[np.float64]
DRAWS = 1000
SEED = 1
INDIFFERENT = 0.005
"""Of the larger mean: configurations that differ by less are equally good to a planner."""
LEAST_RACKS = 1.0
"""As `INDIFFERENT`, of a measure that counts racks: which one is the last within a window is chance."""


def crossing_points(
    values: Sequence[float], first: Floats, second: Floats, names: tuple[str, str], kpi: Kpi
) -> list[CrossingPoint]:
    """The points at which the better configuration changes, from the lowest value up.

    `first` and `second` are the measure by (replication, value), of the same luck row by row.
    Where one is better below and the other above, the point lies where the straight line
    between the two values next to it is zero. Where they no longer differ, it lies where the
    line through the last two values at which they do meets zero, at most the next value; of
    one such value alone, half-way. Intervals are percentiles of the same over replications
    drawn with replacement; of one replication they have no width.
    """
    gain = (second - first) * (-1.0 if kpi.better == "down" else 1.0)
    size = np.maximum(np.abs(first.mean(axis=0)), np.abs(second.mean(axis=0)))
    signs = _signs(gain, least_difference(kpi, size))
    winner = {0: "", 1: names[1], -1: names[0]}
    points = []
    for place, (before, after) in enumerate(pairwise(signs)):
        if before == after:
            continue
        means = [gain.mean(axis=0), *_resampled(gain)]
        found = np.array([_turn(values, each, signs, place) for each in means])
        low, high = np.quantile(found[1:], [0.025, 0.975]) if len(found) > 1 else (found[0], found[0])
        points.append(
            CrossingPoint(
                turn="flips" if before * after < 0 else "vanishes",
                value=float(found[0]),
                low=float(min(low, found[0])),
                high=float(max(high, found[0])),
                before=winner[before],
                after=winner[after],
            )
        )
    return points


def least_difference(kpi: Kpi, size: Floats) -> Floats:
    """The difference of a measure of a size up to which two configurations are equally good."""
    return np.maximum(INDIFFERENT * size, LEAST_RACKS if kpi.unit == "racks" else 0.0)


def _signs(gain: Floats, least: Floats) -> list[int]:
    """By value: 1 where the second is better, -1 where the first is, 0 where they do not differ beyond luck."""
    found = []
    for place in range(gain.shape[1]):
        interval = t_interval(gain[:, place])
        assert interval is not None
        sure = interval.low is None or interval.high is None or interval.low > 0 or interval.high < 0
        differs = sure and abs(interval.value) > least[place]
        found.append(int(np.sign(interval.value)) if differs else 0)
    return found


def _resampled(gain: Floats) -> list[Floats]:
    """Means by value over replications drawn with replacement."""
    runs = len(gain)
    if runs == 1:
        return []
    drawn = np.random.default_rng(SEED).integers(0, runs, (DRAWS, runs))
    return [gain[rows].mean(axis=0) for rows in drawn]


def _turn(values: Sequence[float], gain: Floats, signs: Sequence[int], place: int) -> float:
    """Where the verdict changes between a value and the next."""
    left, right = values[place], values[place + 1]
    if signs[place] * signs[place + 1] < 0:
        return _zero(left, right, gain[place], gain[place + 1], left, right)
    # From a difference to none, upwards or downwards: the line through the two values at which there is one.
    inner, outer, near = (place, place - 1, right) if signs[place] else (place + 1, place + 2, left)
    if not 0 <= outer < len(values) or signs[outer] != signs[inner]:
        return (left + right) / 2
    found = _zero(values[outer], values[inner], gain[outer], gain[inner], left, right)
    return found if gain[outer] != gain[inner] else near


def _zero(one: float, other: float, at_one: float, at_other: float, least: float, most: float) -> float:
    """Where a straight line is zero, not beyond two bounds."""
    if at_one == at_other:
        return (least + most) / 2
    found = one + (other - one) * at_one / (at_one - at_other)
    return float(min(max(found, least), most))
