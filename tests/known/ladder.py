"""The ladder: each rung holds a number of the twin against a closed form or a published answer.

Every test in this folder that has such a number says so through one of the functions here. What
they record is the page `docs/verification.md`, written by `make verify`; a test fails whose rungs
are not those that the page shows for it, so that the page is never older than the tests.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from twin.metrics.statistics import t_interval

FAMILIES = {
    "Queueing": "Stations under Poisson arrivals, run from world tables.",
    "Machines with failures": "Breakdowns by time and by use, and what they do to work and waiting.",
    "Flow, tests and rework": "Lines, repeated tests, defects and the gates that find them.",
    "Little's law": "The integral of the number in a place is the sum of the times spent there.",
    "Inventory": "Single stocks under their policies.",
    "Multi-echelon inventory": "Stocks that replenish one another.",
    "Supply plan": "Linear programmes and what their duals say.",
    "Schedule": "Published instances and shops small enough to try every order.",
    "Demand": "Drivers that grow, their shares, products that give way to others, and what varies.",
    "Disruption and recovery": "Time to survive, backlog, loss and recovery.",
    "Assembly moves upstream": "Racks integrated in the factory or on the floor: what binds, and what it gains.",
    "AI factory": "Capital, tokens and their cost, and what curtailed power takes.",
    "Statistics": "Intervals, selection and risk measures.",
}
"""Tables of the page, in its order, with the line above each."""

CONFIDENCE = 0.999


@dataclass(frozen=True, slots=True)
class Rung:
    """A number expected, the number obtained and the interval around it that must hold the first."""

    name: str
    expected: float
    obtained: float
    low: float
    high: float
    unit: str
    source: str
    family: str


_recorded: list[Rung] = []


def take_recorded() -> list[Rung]:
    """The rungs recorded since the last call."""
    taken = list(_recorded)
    _recorded.clear()
    return taken


def rung(
    name: str, expected: float, obtained: float, low: float, high: float, *, unit: str, source: str, family: str
) -> None:
    """Record a rung and hold it: `expected` lies in [low, high].

    `low` and `high` are the interval around what was obtained, or the bound and the objective
    of a solver; equal to `obtained` where the answer is exact. `name` is the rung's own in its
    family, `unit` "" for a share or a ratio, `source` who says so.
    """
    assert family in FAMILIES, f"{family!r} is no family of {', '.join(FAMILIES)}"
    assert name, "a rung has a name"
    assert "|" not in name + source + unit, f"{name}: no bar in the words of a rung, they stand in a table"
    _recorded.append(Rung(name, float(expected), float(obtained), float(low), float(high), unit, source, family))
    slack = 1e-9 * max(1.0, abs(expected)) if math.isfinite(expected) else 0.0
    assert low - slack <= expected <= high + slack, (
        f"{family}, {name}: {expected:g} {unit} expected, {obtained:g} obtained, not within [{low:g}, {high:g}]"
    )


def exact(
    name: str, expected: float, obtained: float, *, unit: str, source: str, family: str, within: float = 0.0
) -> None:
    """A rung without luck: equal, or within half a unit of the last place that was published."""
    rung(name, expected, obtained, obtained - within, obtained + within, unit=unit, source=source, family=family)


def estimate(
    name: str, expected: float, samples: Sequence[float], within: float, *, unit: str, source: str, family: str
) -> None:
    """A rung with luck: the 99.9 % interval of the mean of replications holds the expected value.

    `within` is the precision promised: the largest half-width, as a fraction of the expected value.
    """
    interval = t_interval(samples, CONFIDENCE)
    assert interval is not None
    assert interval.low is not None
    assert interval.high is not None
    assert interval.half_width <= within * abs(expected), (
        f"{family}, {name}: half-width {interval.half_width:g}, {within:g} of {expected:g} promised; run it longer"
    )
    rung(name, expected, interval.value, interval.low, interval.high, unit=unit, source=source, family=family)
