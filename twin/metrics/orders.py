"""Orders by how sure they are and by what drives them, and what their lateness costs whom."""

from __future__ import annotations

import numpy as np

from twin.metrics.deliveries import owed_by_s, share_complete
from twin.metrics.rows import Floats, Whole, tally
from twin.metrics.view import View
from twin.model.units import WEEK_S


def late_usd(view: View) -> float:
    """What lateness costs in the report window; NaN where no order says what it costs."""
    if not view.facts.late_usd_per_week:
        return float("nan")
    return float(_late_usd_of_orders(view).sum())


def late_usd_by_customer(view: View) -> dict[str, float]:
    """The same by customer, of those with an order that says what its lateness costs."""
    usd: dict[str, float] = {}
    for order, cost in zip(view.log.orders, _late_usd_of_orders(view).tolist(), strict=True):
        customer = view.facts.customer_of.get(order, "")
        if customer and order in view.facts.late_usd_per_week:
            usd[customer] = usd.get(customer, 0.0) + cost
    return {customer: usd[customer] for customer in sorted(usd)}


def _late_usd_of_orders(view: View) -> Floats:
    """Weeks that the units of an order were late within the report window, times the cost of one for a week."""
    units, end_s = view.due_units, view.log.report_s
    weeks = (np.minimum(units.cleared_s, end_s) - np.minimum(units.due_s, end_s)) / WEEK_S
    known = units.order >= 0
    per_week = np.array([view.facts.late_usd_per_week.get(order, 0.0) for order in view.log.orders])
    usd: Floats = tally(units.order[known], weeks[known], len(view.log.orders)) * per_week
    return usd


def on_time_in_full_by_status(view: View) -> dict[str, float]:
    """As `on_time_in_full`, of the orders of each status."""
    return _on_time_in_full(view, *_statuses(view))


def on_time_in_full_by_driver(view: View) -> dict[str, float]:
    """As `on_time_in_full`, of the orders of each driver of demand."""
    return _on_time_in_full(view, *_drivers(view))


def _on_time_in_full(view: View, names: list[str], party: Whole) -> dict[str, float]:
    orders, by_s = party[view.all("ordered").order], owed_by_s(view)
    return {name: share_complete(view, by_s, orders == at) for at, name in enumerate(names)}


def racks_accepted_by_status(view: View) -> dict[str, float]:
    """As `racks_accepted`, for the orders of each status."""
    return _racks(view, "accepted", *_statuses(view))


def racks_accepted_by_driver(view: View) -> dict[str, float]:
    """As `racks_accepted`, for the orders of each driver of demand."""
    return _racks(view, "accepted", *_drivers(view))


def racks_due_by_driver(view: View) -> dict[str, float]:
    """As `racks_due`, of the orders of each driver of demand."""
    return _racks(view, "due", *_drivers(view))


def _racks(view: View, event: str, names: list[str], party: Whole) -> dict[str, float]:
    rows = view.of(event)
    return {name: float(rows.racks[party[rows.order] == at].sum()) for at, name in enumerate(names)}


def backlog_end_racks_by_status(view: View) -> dict[str, float]:
    """As `backlog_end_racks`, of the orders of each status."""
    return _backlog_end(view, *_statuses(view))


def backlog_end_racks_by_driver(view: View) -> dict[str, float]:
    """As `backlog_end_racks`, of the orders of each driver of demand."""
    return _backlog_end(view, *_drivers(view))


def _backlog_end(view: View, names: list[str], party: Whole) -> dict[str, float]:
    units, end_s = view.due_units, view.log.report_s
    owed = party[units.order[(units.due_s <= end_s) & (units.cleared_s > end_s)]]
    return {name: float(np.sum(owed == at)) for at, name in enumerate(names)}


def _drivers(view: View) -> tuple[list[str], Whole]:
    """The drivers of orders, and by position of the order the number of its own; -1 for orders without, and at the end.

    None where no order that falls due in the report window has one.
    """
    known = [view.facts.driver_of.get(order, "") for order in view.log.orders]
    names = sorted({known[order] for order in view.of("due").order.tolist() if order >= 0} - {""})
    return names, np.array([*(names.index(name) if name in names else -1 for name in known), -1])


def _statuses(view: View) -> tuple[list[str], Whole]:
    """The statuses of orders, and by position of the order the number of its own; -1 at the end, for no order.

    None where all orders that fall due in the report window have one status: those after it
    are forecast whatever the table says.
    """
    known = [view.facts.status_of.get(order, "") for order in view.log.orders]
    if len({known[order] for order in view.of("due").order.tolist() if order >= 0} - {""}) < 2:
        return [], np.full(len(known) + 1, -1)
    names = sorted(set(known) - {""})
    return names, np.array([*(names.index(name) if name else -1 for name in known), -1])
