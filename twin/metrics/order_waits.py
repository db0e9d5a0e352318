"""When the racks of an order were accepted, and what they waited for, by a log."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from twin.metrics.rows import Floats, Mask, Rows, Whole
from twin.metrics.view import View
from twin.model.units import HOUR_S

Stage = tuple[str, str, str]
"""`release`, `step`, `truck` or `place`; the site; the item, step or lane."""


def acceptances_s(view: View, order: str) -> Floats:
    """When each unit of an order was accepted within the log, first to last."""
    rows = _accepted(view, order)
    return np.repeat(rows.time_s, rows.racks.astype(np.int64))


def waits_h(view: View, order: str, after_s: float = -math.inf) -> dict[Stage, float]:
    """Hours that an order's racks accepted after a moment waited in sum, by stage.

    `release`: from when the plan wanted the rack begun until it was. `step`: from the end of
    what was done before at the site until work began. `truck`: from the rack's finish to its
    departure. `place`: from docking to the start of work at the datacenter. Racks that were
    on their way before `starts` count for the stages that were still to come.
    """
    own = _after(_accepted(view, order), after_s)
    started, shipped = _of_racks(view, "started", own), _of_racks(view, "shipped", own)
    waited: dict[Stage, float] = defaultdict(float)
    for place, item, hours in _summed(started):
        site = view.log.places[place].rpartition("@")[2]
        kind = "place" if site in view.facts.demand_sites else "release"
        waited[kind, site, view.log.items[item]] += hours
    for place, _, hours in _summed(shipped):
        lane = view.log.places[place].partition(":")[2]
        waited["truck", view.facts.lane_ends[lane][0], lane] += hours
    visits = view.visits_among(_steps_of(view, started))
    for place in np.unique(visits.place).tolist():
        site, _, step = view.log.places[place].partition(":")[2].partition("/")
        waited["step", site, step] += float(visits.wait_s[visits.place == place].sum()) / HOUR_S
    return dict(waited)


def docked_s(view: View, order: str, after_s: float) -> Floats:
    """When the racks of an order that were accepted after a moment had docked."""
    begun = _of_racks(view, "started", _after(_accepted(view, order), after_s))
    sites = [view.log.places[place].rpartition("@")[2] for place in begun.place.tolist()]
    return begun.where(np.array([site in view.facts.demand_sites for site in sites], bool)).since_s


def shortages_h(view: View) -> dict[tuple[str, str], float]:
    """Hours for which needs of an item went unmet, by (site, item); shortages that last are not counted."""
    rows = view.all("filled")
    places = view.places("site")
    missing: dict[tuple[str, str], float] = defaultdict(float)
    for place, item, hours in _summed(rows):
        missing[places[place], view.log.items[item]] += hours
    return dict(missing)


def _accepted(view: View, order: str) -> Rows:
    rows = view.all("accepted")
    code = view.log.orders.index(order) if order in view.log.orders else -2
    return rows.where(rows.order == code)


def _after(accepted: Rows, after_s: float) -> Whole:
    """The racks of these rows accepted after a moment."""
    return accepted.where(accepted.time_s > after_s).parent


def _of_racks(view: View, event: str, racks: Whole) -> Rows:
    rows = view.all(event)
    return rows.where((rows.unit >= 0) & np.isin(rows.parent, racks[racks >= 0]))


def _summed(rows: Rows) -> Iterator[tuple[int, int, float]]:
    """Hours from `since_s` on, by place and item; where that lies ahead or is not known, none."""
    waited_h = np.nan_to_num(np.maximum(rows.time_s - rows.since_s, 0)) / HOUR_S
    for place, item in sorted(set(zip(rows.place.tolist(), rows.item.tolist(), strict=True))):
        yield place, item, float(waited_h[(rows.place == place) & (rows.item == item)].sum())


def _steps_of(view: View, started: Rows) -> Mask:
    """The rows about the racks that these rows began; those pegged to no order are left out."""
    rows = Rows(view.log.rows)
    found: Mask = np.isin(rows.serial, started.where(started.order >= 0).serial) & (rows.order >= 0)
    return found
