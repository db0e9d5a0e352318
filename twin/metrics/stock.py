"""Stocks and the service they give."""

from __future__ import annotations

import numpy as np

from twin.metrics.rows import Floats, Mask, Rows, Whole, in_turn, ratio, tally
from twin.metrics.view import View
from twin.model.units import DAY_S


def stock_days(view: View) -> dict[str, float]:
    """By watched item: mean stock on hand at all sites over its mean daily use."""
    levels, consumed = view.of("level"), view.of("consumed")
    on_hand = levels.where(view.is_place("site")[levels.place])
    marks = len(np.unique(levels.time_s))
    held = view.per_item(on_hand, on_hand.quantity)
    used = view.per_item(consumed, consumed.quantity)
    days = view.log.report_s / DAY_S
    position = {name: at for at, name in enumerate(view.log.items)}
    return {
        item: ratio(ratio(held[at], marks) * days, used[at])
        for item in view.facts.watched
        if (at := position.get(item)) is not None
    }


def fill_rate(view: View) -> float:
    """Units served on time over units that customers want by the window's end; an order filled late counts as late."""
    demanded = _customer_demand(view)
    units = demanded.quantity
    return ratio(float(np.dot(units, on_time(view, demanded))), float(units.sum()))


def cycle_service(view: View) -> float:
    """Share of the days with demand of customers on which all of it was served on time."""
    demanded = _customer_demand(view)
    if not len(demanded):
        return float("nan")
    day, index = np.unique(demanded.time_s // DAY_S, return_inverse=True)
    late = tally(index, ~on_time(view, demanded), len(day))
    return ratio(float(np.sum(late == 0)), len(day))


def fill_rate_at(view: View) -> dict[str, float]:
    """By place where demand arises, customer or stock: the fill rate there."""
    demanded = _judged(view)
    good = on_time(view, demanded)
    count = len(view.log.places)
    units = tally(demanded.place, demanded.quantity, count)
    filled = tally(demanded.place, demanded.quantity * good, count)
    return {view.log.places[at]: ratio(filled[at], units[at]) for at in np.flatnonzero(units)}


def on_time(view: View, demanded: Rows) -> Mask:
    """For each demand, whether it was served in full by its due second (`value`; NaN: at once)."""
    return _served_s(view, demanded) <= _due_s(demanded)


def _due_s(demanded: Rows) -> Floats:
    return np.where(np.isnan(demanded.value), demanded.time_s, demanded.value)


def _served_s(view: View, demanded: Rows) -> Floats:
    """When each demand was served, inf if never; of equal demands the first is served first."""
    served = view.all("served")
    units = 1 + max((int(rows.unit.max()) for rows in (served, demanded) if len(rows)), default=0) + 1

    def identity(rows: Rows) -> Whole:
        thing = rows.place * (len(view.log.items) + 1) + rows.item
        return (thing * (len(view.log.orders) + 1) + rows.order) * units + rows.unit

    return in_turn(identity(demanded), identity(served), served.time_s)


def _customer_demand(view: View) -> Rows:
    """Demands of customers that are judged; of all places where none is a customer's."""
    rows = _judged(view)
    theirs = view.is_place("customer")[rows.place]
    return rows.where(theirs) if theirs.any() else rows


def _judged(view: View) -> Rows:
    """Demands due in the report window, but for jobs without a due date, which no stock could fill at once."""
    rows = view.of("demanded")
    is_job = np.zeros((len(view.log.places) + 1, len(view.log.items) + 1), bool)
    for at, place in enumerate(view.log.places):
        site = place.partition(":")[2].rpartition("@")[2]
        is_job[at, :-1] = [(site, item) in view.facts.jobs for item in view.log.items]
    never = is_job[rows.place, rows.item] & np.isnan(rows.value)
    return rows.where((_due_s(rows) <= view.log.report_s) & ~never)
