"""Closed forms of an AI factory: capital per year, cost of a million tokens, what curtailed power costs in tokens."""

from __future__ import annotations

import math
from collections.abc import Sequence

from twin.model.units import DAYS_PER_YEAR

HOURS_PER_YEAR = 24.0 * DAYS_PER_YEAR
MILLION = 1e6
TOLERANCE = 1e-12


def capital_recovery_factor(interest_per_year: float, life_years: float) -> float:
    """What one unit of capital costs a year, interest and repayment in equal parts: r(1+r)^n / ((1+r)^n - 1).

    1/n without interest. Source: engineering economics, the annuity.
    """
    if interest_per_year <= TOLERANCE:
        return 1.0 / life_years
    growth = math.pow(1.0 + interest_per_year, life_years)
    return interest_per_year * growth / (growth - 1.0)


def usd_per_million_tokens(usd_per_hour: float, tokens_per_second: float) -> float:
    """Cost of a million tokens: [USD per hour / (tokens per second x 3600)] x 10^6; NaN without tokens."""
    return usd_per_hour / (tokens_per_second * 3600.0) * MILLION if tokens_per_second > 0 else float("nan")


def kept_under_curtailment(
    needed: float, loads: Sequence[float], values: Sequence[float], flexibility: Sequence[float]
) -> tuple[list[float], bool]:
    """The part of each service's tokens that is kept while `needed` of the power of work must go.

    `loads` is each service's power of work, `values` what a unit of its power earns, `flexibility`
    the part that it may lose, all in one order. What earns least by power goes first, as far as
    it may; where that is not enough, the same again without regard to what it may lose, and the
    second answer is True: service was broken. It is the greedy answer to a linear programme
    with one limit (a continuous knapsack), so the optimum.
    """
    kept = [1.0] * len(loads)
    order = sorted(range(len(loads)), key=lambda number: (values[number], number))
    for may_lose in (flexibility, [1.0] * len(loads)):
        for number in order:
            room = loads[number] * (kept[number] - (1.0 - may_lose[number]))
            taken = min(needed, max(room, 0.0))
            if taken > 0:
                kept[number] -= taken / loads[number]
                needed -= taken
        if needed <= TOLERANCE * max(1.0, sum(loads)):
            return kept, may_lose is not flexibility and any(
                part < 1.0 - most - TOLERANCE for part, most in zip(kept, flexibility, strict=True)
            )
    return kept, True
