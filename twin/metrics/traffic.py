"""Where things come from and over which lanes: racks of an order by maker, supplies by origin, loads of lanes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twin.metrics.rows import Floats, Rows, tally
from twin.metrics.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneLoad:
    """What leaves on a lane: units, kilograms, moments at which something does, freight and duty."""

    units: float
    kg: float
    departures: int
    usd: float


def racks_by_maker(view: View) -> dict[str, dict[str, float]]:
    """By order: its racks by the site from which they first leave, over the whole log.

    A rack already on its way at the start counts for the origin of its lane.
    """
    moves = [view.all(event) for event in ("shipped", "docked")]
    rows = Rows(np.concatenate([each.where((each.order >= 0) & (each.unit >= 0)).cells for each in moves]))
    rows = Rows(rows.cells[np.argsort(rows.time_s, kind="stable")])
    # A lost rack's number within its order is given again; its own number is not.
    _, first = np.unique(rows.parent, return_index=True)
    origin, makers = _ends(view, 0), defaultdict[str, dict[str, float]](dict)
    for order, place in zip(rows.order[first].tolist(), rows.place[first].tolist(), strict=True):
        of_order = makers[view.log.orders[order]]
        of_order[origin[place]] = of_order.get(origin[place], 0.0) + 1
    return dict(makers)


def received_by_origin(view: View) -> dict[tuple[str, str], dict[str, float]]:
    """By item and receiving site: units docked in the report window by the origin of their lane."""
    rows, origin, destination = view.of("docked"), _ends(view, 0), _ends(view, 1)
    received: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for (place, item), units in _by_place_and_item(rows).items():
        suppliers = received[view.log.items[item], destination[place]]
        suppliers[origin[place]] = suppliers.get(origin[place], 0.0) + units
    return dict(received)


def lane_loads(view: View, mass_kg: Mapping[str, float]) -> dict[str, LaneLoad]:
    """By lane: what leaves on it in the report window; `mass_kg` is that of one unit of each item."""
    rows = view.of("shipped")
    size = len(view.log.places)
    units, kg = np.zeros(size), np.zeros(size)
    for (place, item), quantity in _by_place_and_item(rows).items():
        units[place] += quantity
        kg[place] += quantity * mass_kg.get(view.log.items[item], 0.0)
    usd = tally(rows.place, rows.usd, size)
    moments = np.unique(np.stack((rows.place.astype(np.float64), rows.time_s), axis=1), axis=0)
    departures = np.bincount(moments[:, 0].astype(np.int64), minlength=size)
    return {
        lane: LaneLoad(units=float(units[at]), kg=float(kg[at]), departures=int(departures[at]), usd=float(usd[at]))
        for at, lane in view.places("lane").items()
        if departures[at]
    }


def _ends(view: View, end: int) -> list[str]:
    """By position of a place: the origin (0) or destination (1) of the lane it is; blank where it is none."""
    lanes = view.places("lane")
    return [view.facts.lane_ends[lanes[at]][end] if at in lanes else "" for at in range(len(view.log.places))]


def _by_place_and_item(rows: Rows) -> dict[tuple[int, int], float]:
    """Units of rows by place and item."""
    pairs, index = np.unique(np.stack((rows.place, rows.item), axis=1), axis=0, return_inverse=True)
    units: Floats = tally(index.reshape(-1), rows.racks, len(pairs))
    return {(place, item): total for (place, item), total in zip(pairs.tolist(), units.tolist(), strict=True)}
