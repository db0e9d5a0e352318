"""Racks, backlog and stock over time, by week and by day of the whole log.

A period holds what happened after its first instant up to its last, so that what is due at
the end of a day or week belongs to it; second 0 belongs to the first.
"""

from __future__ import annotations

import numpy as np

from twin.metrics.rows import Floats, Whole, tally
from twin.metrics.view import View
from twin.model.units import DAY_S, WEEK_S


def weekly_series_of(view: View) -> dict[str, Floats]:
    """Weekly `shipped`, `accepted`, `online`, `due` (racks in the week) and `backlog` (at its end).

    Each also as `NAME@SITE` (`shipped` by the site left, the others by the datacenter);
    `cumulative_accepted`; `stock:SITE/ITEM` of watched items at each week's end; and by day
    `daily_accepted` and `daily_backlog`.
    """
    series: dict[str, Floats] = {}
    for name in ("shipped", "accepted", "online", "due"):
        _add(series, name, _by_site(view, name))
    _add(series, "backlog", _backlog_by_site(view))
    series["cumulative_accepted"] = np.cumsum(series["accepted"])
    accepted = view.all("accepted")
    days = periods(view.log.horizon_s, DAY_S)
    series["daily_accepted"] = tally(period(accepted.time_s, DAY_S, days), accepted.racks, days)
    series["daily_backlog"] = _owed(view.due_units.due_s, view.due_units.cleared_s, DAY_S, days)
    return series | _stock(view)


def accepted_by_customer_of(view: View) -> dict[str, Floats]:
    """Racks accepted by week of the log, by customer; orders without a known customer left out."""
    rows = view.all("accepted")
    names = sorted({view.facts.customer_of.get(order, "") for order in view.log.orders} - {""})
    number = {name: at for at, name in enumerate(names)}
    weeks = weeks_in(view)
    # The last entry answers rows without an order; unknown customers share it and are cut off.
    customer = np.array(
        [*(number.get(view.facts.customer_of.get(o, ""), len(names)) for o in view.log.orders), len(names)]
    )
    cell = customer[rows.order] * weeks + period(rows.time_s, WEEK_S, weeks)
    table = tally(cell, rows.racks, (len(names) + 1) * weeks).reshape(-1, weeks)
    return {name: table[at] for name, at in number.items()}


def periods(span_s: int, length_s: int) -> int:
    """How many periods of a length cover a span."""
    return -(-span_s // length_s)


def weeks_in(view: View) -> int:
    """How many weeks the log covers."""
    return periods(view.log.horizon_s, WEEK_S)


def period(time_s: Floats, length_s: int, count: int) -> Whole:
    """The period of each moment, from 0; moments beyond the ends fall into the first or last."""
    return np.clip(np.ceil(time_s / length_s).astype(np.int64) - 1, 0, count - 1)


def by_place(view: View, place: Whole, time_s: Floats, weights: Floats, weeks: int) -> Floats:
    """Weights summed by position of the place (rows) and week (columns)."""
    known = place >= 0
    cell = place[known] * weeks + period(time_s[known], WEEK_S, weeks)
    size = len(view.log.places) * weeks
    return tally(cell, weights[known], size).reshape(len(view.log.places), weeks)


def _add(series: dict[str, Floats], name: str, by_site: dict[str, Floats]) -> None:
    series[name] = by_site.pop("")
    series.update({f"{name}@{site}": values for site, values in sorted(by_site.items())})


def _by_site(view: View, event: str) -> dict[str, Floats]:
    """Racks of an event by site and week; all together under the empty name."""
    rows = view.racks_shipped if event == "shipped" else view.all(event)
    weeks = weeks_in(view)
    table = by_place(view, rows.place, rows.time_s, rows.racks, weeks)
    sites = {site: np.zeros(weeks) for site in _sites(view, event)}
    for at in np.flatnonzero(table.any(axis=1)):
        site = _site(view, view.log.places[at])
        sites[site] = sites.get(site, np.zeros(weeks)) + table[at]
    return {"": tally(period(rows.time_s, WEEK_S, weeks), rows.racks, weeks)} | sites


def _sites(view: View, event: str) -> set[str]:
    """Sites that have a series even when nothing happens there, so that replications agree on names."""
    wanted = view.facts.demand_sites
    if event != "shipped":
        return set(wanted)
    ends = view.facts.lane_ends
    return {ends[lane][0] for lane in view.places("lane").values() if ends.get(lane, ("", ""))[1] in wanted}


def _site(view: View, place: str) -> str:
    kind, _, name = place.partition(":")
    return view.facts.lane_ends.get(name, ("", ""))[0] if kind == "lane" else name


def _backlog_by_site(view: View) -> dict[str, Floats]:
    units, weeks = view.due_units, weeks_in(view)
    sites = {site: np.zeros(weeks) for site in view.facts.demand_sites}
    for at in np.unique(units.place[units.place >= 0]):
        here = units.place == at
        sites[_site(view, view.log.places[at])] = _owed(units.due_s[here], units.cleared_s[here], WEEK_S, weeks)
    return {"": _owed(units.due_s, units.cleared_s, WEEK_S, weeks)} | sites


def _owed(due_s: Floats, cleared_s: Floats, length_s: int, count: int) -> Floats:
    """Units due and not cleared at the end of each period."""
    ends = np.arange(1, count + 1) * length_s
    came = np.searchsorted(np.sort(due_s), ends, side="right")
    gone = np.searchsorted(np.sort(cleared_s), ends, side="right")
    return (came - gone).astype(np.float64)


def _stock(view: View) -> dict[str, Floats]:
    """`stock:SITE/ITEM` of watched items from the weekly marks; 0 where no mark says more."""
    rows = view.all("level")
    watched = view.is_item(frozenset(view.facts.watched))
    rows = rows.where(view.is_place("site")[rows.place] & watched[rows.item] & (rows.time_s > 0))
    weeks = weeks_in(view)
    items = len(view.log.items)
    pair = rows.place * items + rows.item
    kept, index = np.unique(pair, return_inverse=True)
    table = np.zeros((len(kept), weeks))
    table[index, period(rows.time_s, WEEK_S, weeks)] = rows.quantity
    names = [f"{view.log.places[p // items].partition(':')[2]}/{view.log.items[p % items]}" for p in kept.tolist()]
    return {f"stock:{name}": table[at] for at, name in enumerate(names)}
