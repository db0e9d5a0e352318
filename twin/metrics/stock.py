"""Stocks and the service they give."""

from __future__ import annotations

import numpy as np

from twin.metrics.rows import Floats, Mask, Rows, completed_s, ratio, tally
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
    """Units that customers had by their due moment over the units that they asked for, due in the window."""
    units, filled = _units_by_place(view)
    theirs = view.is_place("customer")[:-1]
    kept = theirs if units[theirs].any() else np.ones(len(theirs), bool)
    return ratio(float(filled[kept].sum()), float(units[kept].sum()))


def order_fill_rate(view: View) -> float:
    """Demands of customers met in full on time over all of them."""
    demanded = _customer_demand(view)
    return ratio(float(np.sum(on_time(view, demanded))), len(demanded))


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
    units, filled = _units_by_place(view)
    return {view.log.places[at]: ratio(filled[at], units[at]) for at in np.flatnonzero(units)}


def on_time(view: View, demanded: Rows) -> Mask:
    """For each demand, whether it was served in full by its due second (`value`; NaN: at once)."""
    served = view.all("served")
    given_s = completed_s(view.identity(demanded), demanded, view.identity(served), served)
    return given_s <= _due_s(demanded, demanded.time_s)


def _units_by_place(view: View) -> tuple[Floats, Floats]:
    """By place where demand arises: units asked for and due in the window, and those had by then."""
    demanded, served, count = _judged(view), view.all("served"), len(view.log.places)
    served = served.where(_is_judged(view, served, served.since_s))
    good = served.time_s <= _due_s(served, served.since_s)
    return (
        tally(demanded.place, demanded.quantity, count),
        tally(served.place, served.quantity * good, count),
    )


def _due_s(rows: Rows, placed_s: Floats) -> Floats:
    return np.where(np.isnan(rows.value), placed_s, rows.value)


def _customer_demand(view: View) -> Rows:
    """Demands of customers that are judged; of all places where none is a customer's."""
    rows = _judged(view)
    theirs = view.is_place("customer")[rows.place]
    return rows.where(theirs) if theirs.any() else rows


def _judged(view: View) -> Rows:
    """Demands due in the report window, but for jobs without a due date, which no stock could fill at once."""
    rows = view.of("demanded")
    return rows.where(_is_judged(view, rows, rows.time_s))


def _is_judged(view: View, rows: Rows, placed_s: Floats) -> Mask:
    is_job = np.zeros((len(view.log.places) + 1, len(view.log.items) + 1), bool)
    for at, place in enumerate(view.log.places):
        site = place.partition(":")[2].rpartition("@")[2]
        is_job[at, :-1] = [(site, item) in view.facts.jobs for item in view.log.items]
    never = is_job[rows.place, rows.item] & np.isnan(rows.value)
    # Replenishment orders, which wait in lanes and processes, are judged stock by stock.
    asked = (view.is_place("customer") | view.is_place("site"))[rows.place]
    judged: Mask = asked & (_due_s(rows, placed_s) <= view.log.report_s) & ~never
    return judged
