"""The chance that orders are on time, and the dates by which they are likely complete."""

from __future__ import annotations

from twin.events.part import Part


class Chance(Part):
    """A share of replications, with its 95 % interval."""

    value: float
    low: float
    high: float
    replications: int
    """So many it rests on; from fewer than 200 a chance is rough."""


class LikelyDates(Part):
    """By the end of which day an order is complete with a chance of 50, 80 and 95 %; None: not in the time run."""

    p50: str | None
    p80: str | None
    p95: str | None
    replications: int


class OrderChance(Part):
    """An order of the table: whether it is complete in time, and when it is likely to be."""

    order: str
    customer: str
    site: str
    item: str
    quantity: int
    priority: int
    due: str
    """The day it was asked for."""
    promised: str | None
    """The day it was promised for; None: the plan never completes it."""
    by_due: Chance
    by_promise: Chance | None
    """None: not promised."""
    dates: LikelyDates


class TotalChance(Part):
    """The share of many orders that are on time, its interval clustered by replication."""

    by: str
    """`due` or `promise`."""
    until: str
    """Of the orders that are due, or promised, by this day."""
    orders: int
    chance: Chance


class OnTime(Part):
    """On-time chances of all orders of the table that fall due in the report window."""

    replayed_until: str | None
    """Last day of the weeks that were replayed; orders due in them rest on all replays. None: no replays."""
    replays: int
    """Replications of those weeks, the run's own among them."""
    totals: list[TotalChance]
    """Of the weeks that were replayed, then of the report window by the run's own replications."""
    orders: list[OrderChance]
    """By due day, then name."""
