"""Chances and dates from replications: when each order is complete in each of them, told with intervals."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from twin.metrics.statistics import Interval, t_quantile, wilson_about, wilson_interval

Floats = NDArray[np.float64]


def chances_by(completed_s: Floats, by_s: Floats) -> list[Interval]:
    """For each order, the share of replications that complete it by its moment, with its Wilson interval.

    `completed_s` has a row per replication and a column per order, infinite where an order is
    not completed in the time that was run; `by_s` has a moment per order.
    """
    trials = len(completed_s)
    return [wilson_interval(int(count), trials) for count in (completed_s <= by_s).sum(axis=0)]


def total_chance(completed_s: Floats, by_s: Floats, confidence: float = 0.95) -> Interval:
    """The share of orders complete by their moments, over all replications; its interval clusters by replication.

    Orders of one replication share its luck, so each replication counts as one observation of
    the share. The spread between them gives the number of independent orders that would tell
    as much (the effective sample size), lowered for the few replications it rests on; the
    interval is Wilson's for that number. Where every order is complete in time everywhere, or
    nowhere, a replication counts as one order. Source: Korn and Graubard, "Confidence intervals
    for proportions with small expected number of positive counts estimated from survey data",
    Survey Methodology 24, 1998.
    Raises ValueError without orders or replications.
    """
    if completed_s.size == 0:
        raise ValueError("a share of orders needs an order and a replication")
    shares = (completed_s <= by_s).mean(axis=1)
    share, runs = float(shares.mean()), len(shares)
    if runs == 1:
        return wilson_about(share, 1.0, confidence)
    variance = float(shares.var(ddof=1)) / runs
    alike = share * (1 - share)
    most = float(completed_s.size if alike > 0 else runs)
    effective = min(alike / variance, most) if variance > 0 else most
    normal, few = t_quantile((1 + confidence) / 2, 10**9), t_quantile((1 + confidence) / 2, runs - 1)
    return wilson_about(share, max(1.0, effective * (normal / few) ** 2), confidence)


def moment_reached(completed_s: Floats, chance: float) -> float:
    """The earliest of the completions by which a share of replications has completed; infinite if it has not."""
    ordered = np.sort(completed_s)
    # 0.8 of 200 is the 160th, whatever the rounding of 0.8 x 200.
    return float(ordered[max(math.ceil(chance * len(ordered) - 1e-9), 1) - 1])


def moment_interval(completed_s: Floats, chance: float, confidence: float = 0.95) -> Interval:
    """`moment_reached` with an interval that needs no distribution: two of the completions, by their ranks.

    The true moment lies between the completions of ranks l and u with the chance that a
    binomial count (n, chance) is at least l and below u. Limits are None where the
    replications are too few to give one. Source: David and Nagaraja, "Order Statistics",
    3rd edition, 2003, section 7.1.
    """
    from scipy.special import bdtr

    ordered = np.sort(completed_s)
    ranks = np.arange(len(ordered) + 1)
    below = bdtr(ranks, len(ordered), chance)
    tail = (1 - confidence) / 2
    # The highest rank l with P(count < l) within the tail, the lowest u with P(count >= u) within it.
    low = int(np.sum(below <= tail))
    high = int(np.sum(below < 1 - tail)) + 1
    return Interval(
        moment_reached(completed_s, chance),
        float(ordered[low - 1]) if low >= 1 else None,
        float(ordered[high - 1]) if high <= len(ordered) else None,
    )
