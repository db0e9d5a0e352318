"""Why orders are late: a chain of links for each, and what cost most over all of them."""

from __future__ import annotations

from twin.events.part import Part


class LateLink(Part):
    """A part of a delay; negative where time was gained."""

    days: float
    what: str
    """What took longer than planned, such as `waited for hbm_stack`."""
    where: str
    because: str
    cause: str
    """Its kind: plan, new_plan, service, day_one, material, slack, work, wait, rework, transit, shipping, dock, limit,
    disruption, end, small."""


class LateOrder(Part):
    """An order accepted after it was due, or not by the end of the run, with the links that add up to its delay."""

    order: str
    customer: str
    site: str
    item: str
    quantity: int
    late_racks: int
    """Of them accepted after the due date, or not at all."""
    due: str
    promised: str
    """Blank: the plan did not see it completed."""
    accepted: str
    """Of the last rack; blank where it is missing at the end of the run."""
    delay_days: float
    """To the last acceptance, or to the end of the run."""
    links: list[LateLink]
    """From the promise back to the root; their days add up to `delay_days`."""


class LateCause(Part):
    """A cause over all late orders: days of the links, times the late racks of their orders."""

    what: str
    where: str
    because: str
    orders: int
    rack_days: float


class LateOrders(Part):
    """All late orders of one replication, latest racks first, and what they have in common."""

    orders_due: int
    orders_late: int
    orders: list[LateOrder]
    """All in the file beside a run's log, the first of them in its result."""
    in_time: list[str] = []
    """Names of the other orders that fell due; only in the file beside the log."""
    causes: list[LateCause]
    """Likewise."""
