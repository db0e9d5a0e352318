"""Statistics of replications: intervals, quantiles, how many are needed, warm-up, tail risk."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROUNDING = 1e-12
"""Of the size of two numbers: what they differ by when the same is added up in another order."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its interval; the limits are None where one value says nothing of spread."""

    value: float
    low: float | None
    high: float | None

    @property
    def half_width(self) -> float:
        """Half the length of the interval; infinite without limits."""
        return (self.high - self.low) / 2 if self.low is not None and self.high is not None else math.inf


def t_interval(samples: Floats | Sequence[float], confidence: float = 0.95) -> Interval | None:
    """Mean with its Student t interval; NaN samples are left out, None if nothing is left."""
    values = np.asarray(samples, np.float64)
    values = values[np.isfinite(values)]
    if len(values) == 0:
        return None
    center = float(values.mean())
    if len(values) == 1:
        return Interval(center, None, None)
    half = t_quantile((1 + confidence) / 2, len(values) - 1) * standard_error(values)
    return Interval(center, center - half, center + half)


def differences(first: Floats, second: Floats) -> Floats:
    """Second minus first; what differs in the last digits of a sum only is equal."""
    found = second - first
    return np.where(np.abs(found) <= ROUNDING * np.maximum(np.abs(first), np.abs(second)), 0.0, found)


def paired_interval(first: Floats, second: Floats, confidence: float = 0.95) -> Interval | None:
    """Mean of second minus first, replication by replication, with its t interval.

    Raises ValueError if they are not of one length.
    """
    one, two = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if one.shape != two.shape:
        raise ValueError(f"pairs need the same replications; got {len(one)} and {len(two)}")
    return t_interval(differences(one, two), confidence)


def standard_error(values: Floats) -> float:
    """Of a mean; 0 for a single value."""
    return float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0


def t_quantile(probability: float, degrees: int) -> float:
    """Quantile of Student's t distribution."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))


def quantiles(samples: Floats, probabilities: Sequence[float] = (0.1, 0.5, 0.9)) -> list[float]:
    """Quantiles of one number over replications, straight between neighbours."""
    return [float(value) for value in np.quantile(np.asarray(samples, np.float64), probabilities)]


def wilson_interval(successes: int, trials: int, confidence: float = 0.95) -> Interval:
    """A share with its Wilson score interval (Wilson 1927). Raises ValueError without trials."""
    if trials <= 0:
        raise ValueError("a share needs at least one trial")
    return wilson_about(successes / trials, trials, confidence)


def wilson_about(share: float, trials: float, confidence: float = 0.95) -> Interval:
    """The score interval of a share that rests on so many independent trials, which need not be a whole number."""
    from scipy.special import ndtri

    z = float(ndtri((1 + confidence) / 2))
    center = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials**2))
    return Interval(share, max(0.0, center - half), min(1.0, center + half))


def bootstrap_interval(
    samples: Floats, statistic: Callable[[Floats], float], confidence: float = 0.95, seed: int = 1, draws: int = 2000
) -> Interval:
    """Bias-corrected and accelerated bootstrap interval (Efron 1987), for skewed measures.

    Falls back on the plain percentiles where all leave-one-out values agree.
    """
    from scipy.special import ndtr, ndtri

    values = np.asarray(samples, np.float64)
    if len(values) == 0:
        raise ValueError("a bootstrap needs at least one value")
    point = statistic(values)
    chosen = np.random.default_rng(seed).integers(0, len(values), (draws, len(values)))
    estimates = np.array([statistic(values[row]) for row in chosen])
    # Ties count half, so that a statistic that hardly varies is not taken for biased.
    below = (np.sum(estimates < point) + np.sum(estimates == point) / 2) / draws
    bias = float(ndtri(min(max(below, 1 / draws), 1 - 1 / draws)))
    acceleration = _acceleration(values, statistic)
    tails = ndtri(np.array([(1 - confidence) / 2, (1 + confidence) / 2]))
    levels = ndtr(bias + (bias + tails) / (1 - acceleration * (bias + tails)))
    low, high = np.quantile(estimates, levels)
    return Interval(float(point), float(low), float(high))


def _acceleration(values: Floats, statistic: Callable[[Floats], float]) -> float:
    if len(values) < 2:
        return 0.0
    left_out = np.array([statistic(np.delete(values, at)) for at in range(len(values))])
    gap = left_out.mean() - left_out
    spread = float(np.sum(gap**2))
    return float(np.sum(gap**3) / (6 * spread**1.5)) if spread > 0 else 0.0


def is_precise(samples: Floats, relative: float, confidence: float = 0.95, batch: int = 10) -> bool:
    """Whether replications may stop: complete batches, at least one, and the half-width small enough.

    The relative half-width must not exceed relative / (1 + relative), so that the true mean
    is within `relative` of the estimate (Law and Kelton).
    """
    values = np.asarray(samples, np.float64)
    if len(values) < max(batch, 2) or len(values) % batch:
        return False
    interval = t_interval(values, confidence)
    if interval is None:
        return False
    return interval.half_width <= relative / (1 + relative) * abs(interval.value)


def replications_needed(samples: Floats, half_width: float, confidence: float = 0.95, batch: int = 10) -> int:
    """Replications for an absolute half-width, from a pilot's spread, in complete batches.

    The least n with t(n - 1) s / sqrt(n) <= half_width. Raises ValueError for fewer than two
    samples or a half-width that is not above 0.
    """
    from scipy.special import ndtri

    values = np.asarray(samples, np.float64)
    if len(values) < 2 or half_width <= 0:
        raise ValueError("needs two or more samples and a half-width above 0")
    spread = float(values.std(ddof=1))
    # The normal quantile is the smaller one, so this start is never too many.
    least = (float(ndtri((1 + confidence) / 2)) * spread / half_width) ** 2
    count = max(batch, batch * math.floor(least / batch))
    while t_quantile((1 + confidence) / 2, count - 1) * spread / math.sqrt(count) > half_width:
        count += batch
    return count


def mser5(values: Floats) -> int | None:
    """Observations to cut as warm-up by MSER-5 (White 1997); None if the run is too short to tell.

    Means of batches of five; the cut minimises the sum of squares of what is left over its
    squared length, searched over the first half.
    """
    batches = np.asarray(values, np.float64)
    batches = batches[: len(batches) // 5 * 5].reshape(-1, 5).mean(axis=1)
    count = len(batches)
    if count < 4:
        return None
    left = count - np.arange(count)
    total, squares = np.cumsum(batches[::-1])[::-1], np.cumsum(batches[::-1] ** 2)[::-1]
    score = ((squares - total**2 / left) / left**2)[: count // 2 + 1]
    cut = int(np.argmin(score))
    return None if cut == count // 2 else 5 * cut


def value_at_risk(losses: Floats, level: float) -> float:
    """The smallest loss that is not exceeded with probability `level`."""
    ordered = np.sort(np.asarray(losses, np.float64))
    # 0.9 of ten is the ninth, whatever the rounding of 0.9 x 10.
    position = math.ceil(level * len(ordered) - 1e-9) - 1
    return float(ordered[max(position, 0)])


def conditional_value_at_risk(losses: Floats, level: float) -> float:
    """Mean of the worst 1 - level of the losses (Rockafellar and Uryasev)."""
    values = np.asarray(losses, np.float64)
    at_risk = value_at_risk(values, level)
    return at_risk + float(np.maximum(values - at_risk, 0).mean()) / (1 - level)
