"""A log indexed for the question why: what came where at an instant, and the way of each order's last rack."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from twin.metrics.late_rows import NAN, Arrival, Attempt, Departure, Start, late_lines
from twin.metrics.rows import Floats, Rows, Whole
from twin.metrics.view import View

NOWHERE = -2
"""The position of a place that the log does not name."""
Serial = tuple[str, int, int]
"""Site, order and unit, under which steps are written."""
AtSite = tuple[str, int]
"""A site, and the own number of a rack that was there."""


class Mark(NamedTuple):
    """A start (number 0), rework (blank step) or a step of a rack, with its beginning."""

    time_s: float
    since_s: float
    step: str
    number: int


class LateLog:
    """Lookups over one view, built once. `lines` are its late orders, `due_orders` the codes of all that fell due."""

    def __init__(self, view: View) -> None:
        self.view, self.log = view, view.log
        self.lines, self.due_orders = late_lines(view)
        self._stocks = _Stocks(view)
        self._shipped, self._started = view.all("shipped"), view.all("started")
        self._shipment_of, self._start_of = _by_number(self._shipped.lot), _by_number(self._started.lot)
        self._rack_shipment_of = _by_number(self._shipped.parent)
        self._racks = _RackWays(view, {line.accepted.rack for line in self.lines if line.accepted is not None})
        self._began: dict[int, Floats] = {}
        self._codes = {name: at for at, name in enumerate(view.log.places)}

    def arrivals_at(self, site: str, item: str, time_s: float) -> list[Arrival]:
        """What came into a stock at exactly this moment, in order of happening."""
        return self._stocks.at(site, item, time_s)

    def shipment(self, number: int) -> Departure | None:
        """A shipment by its number; None for one on its way on day one."""
        row = self._shipment_of.get(number)
        return None if row is None else self._departure(row)

    def rack_shipment(self, rack: int) -> Departure | None:
        """The departure of a rack by its own number; None if it was on its way on day one."""
        row = self._rack_shipment_of.get(rack)
        return None if row is None else self._departure(row)

    def start_of_lot(self, number: int) -> Start | None:
        """The start of a lot by its number; None for one in process on day one."""
        row = self._start_of.get(number)
        return None if row is None else self._start(row)

    def start_of_rack(self, rack: AtSite) -> Start | None:
        """The start of a late order's last rack at a site; None if it was on its floor on day one."""
        row = self._racks.started.get(rack)
        return None if row is None else self._start(row)

    def attempts(self, rack: AtSite) -> list[Attempt]:
        """All attempts of a rack's steps at a site, in order of time."""
        return self._racks.attempts.get(rack, [])

    def ended_at(self, site: str, time_s: float) -> list[str]:
        """Names of the steps that racks ended at a site at exactly this moment, and what they held was given back."""
        part = _between(self.view.all("step"), time_s, time_s)
        prefix = f"step:{site}/"
        names = [self.log.places[place] for place in part.place.tolist()]
        return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]

    def begun_between(self, place: str, since_s: float, until_s: float) -> int:
        """Racks that began a step in a spell: those ahead of one that waited for it meanwhile."""
        code = self._codes.get(place, NOWHERE)
        if code not in self._began:
            steps = self.view.all("step")
            self._began[code] = np.sort(steps.since_s[steps.place == code])
        low, high = np.searchsorted(self._began[code], [since_s, until_s])
        return int(high - low)

    def scrapped_between(self, place: str, since_s: float, until_s: float) -> tuple[float, int]:
        """Units scrapped at a process in a spell, and the lot that lost most (-1: none)."""
        part = _between(self.view.all("scrapped"), since_s, until_s)
        mine = part.where(part.place == self._codes.get(place, NOWHERE))
        if not len(mine):
            return 0.0, -1
        return float(mine.quantity.sum()), int(mine.lot[int(np.argmax(mine.quantity))])

    def _departure(self, row: int) -> Departure:
        rows = Rows(self._shipped.cells[row : row + 1])
        return Departure(
            time_s=float(rows.time_s[0]),
            wanted_s=float(rows.since_s[0]),
            lane=self.log.places[int(rows.place[0])].removeprefix("lane:"),
            item=self.log.items[int(rows.item[0])],
        )

    def _start(self, row: int) -> Start:
        rows = Rows(self._started.cells[row : row + 1])
        return Start(float(rows.time_s[0]), float(rows.since_s[0]))


class _Stocks:
    """What came into each stock, by stock and time."""

    def __init__(self, view: View) -> None:
        self._places, self._items = view.log.places, {name: at for at, name in enumerate(view.log.items)}
        sites = [_stock_site(view, name) for name in view.log.places]
        self._sites = {name: at for at, name in enumerate(dict.fromkeys(sites))}
        number = np.array([*(self._sites[name] for name in sites), -1])
        self._rows = Rows(np.concatenate((view.all("produced").cells, view.all("docked").cells)))
        stock = number[self._rows.place] * len(self._items) + self._rows.item
        self._order = np.lexsort((self._rows.time_s, stock))
        self._stock, self._time_s = stock[self._order], self._rows.time_s[self._order]

    def at(self, site: str, item: str, time_s: float) -> list[Arrival]:
        """What came into a stock at exactly this moment."""
        if site not in self._sites or item not in self._items:
            return []
        stock = self._sites[site] * len(self._items) + self._items[item]
        first, last = np.searchsorted(self._stock, [stock, stock + 1])
        times = self._time_s[first:last]
        low, high = first + np.searchsorted(times, [time_s, np.nextafter(time_s, np.inf)])
        return [self._arrival(row) for row in self._order[low:high].tolist()]

    def _arrival(self, row: int) -> Arrival:
        rows = Rows(self._rows.cells[row : row + 1])
        place = self._places[int(rows.place[0])]
        return Arrival(place, int(rows.lot[0]), float(rows.since_s[0]))


class _RackWays:
    """Starts and attempts of chosen racks, by site and own number."""

    def __init__(self, view: View, racks: set[int]) -> None:
        self._places = view.log.places
        started = view.all("started")
        mine = np.flatnonzero(np.isin(started.parent, np.array(sorted(racks - {-1}), np.int64)))
        self.started: dict[AtSite, int] = {}
        marks: dict[AtSite, list[Mark]] = defaultdict(list)
        chosen = Rows(started.cells[mine])
        rack_of: dict[Serial, AtSite] = {}
        for row, rack, (serial, mark) in zip(mine.tolist(), chosen.parent.tolist(), self._told(chosen), strict=True):
            at = (serial[0], rack)
            self.started[at], rack_of[serial] = row, at
            marks[at].append(mark._replace(since_s=NAN, number=0))
        keys = np.unique(chosen.serial)
        for event in ("rework", "step"):
            rows = view.all(event).where(np.isin(view.all(event).serial, keys))
            for serial, mark in self._told(rows):
                if serial in rack_of:
                    marks[rack_of[serial]].append(mark._replace(step=mark.step if event == "step" else ""))
        self.attempts = {at: list(_attempts(sorted(mine, key=_when))) for at, mine in marks.items()}

    def _told(self, rows: Rows) -> Iterable[tuple[Serial, Mark]]:
        columns = (rows.place, rows.order, rows.unit, rows.time_s, rows.since_s, np.nan_to_num(rows.value))
        for place, order, unit, time_s, since_s, number in zip(*(each.tolist() for each in columns), strict=True):
            site, step = _where(self._places[place])
            yield (site, order, unit), Mark(time_s, since_s, step, int(number))


def _where(place: str) -> tuple[str, str]:
    """Site and step of `step:S/NAME`, or of `process:P@S` with a blank step."""
    kind, _, name = place.partition(":")
    if kind == "process":
        return name.rpartition("@")[2], ""
    site, _, step = name.partition("/")
    return site, step


def _when(mark: Mark) -> tuple[float, bool]:
    """By time; at one instant starts and rework come before steps that take no time."""
    return mark.time_s, bool(mark.step)


def _attempts(marks: list[Mark]) -> Iterable[Attempt]:
    came_s, rework_s = NAN, 0.0
    for time_s, since_s, name, number in marks:
        if name:
            yield Attempt(name, since_s if np.isnan(came_s) else came_s, since_s, time_s, number, rework_s)
            rework_s = 0.0
        elif number:
            rework_s = time_s - since_s
        came_s = time_s


def _between(rows: Rows, since_s: float, until_s: float) -> Rows:
    """The rows from a moment to another, both included."""
    low, high = np.searchsorted(rows.time_s, [since_s, np.nextafter(until_s, np.inf)])
    return Rows(rows.cells[low:high])


def _by_number(numbers: Whole) -> dict[int, int]:
    return {number: row for row, number in enumerate(numbers.tolist()) if number >= 0}


def _stock_site(view: View, place: str) -> str:
    """The site into whose stock a place gives: of a process its own, of a lane the one it leads to."""
    kind, _, name = place.partition(":")
    if kind == "lane":
        return view.facts.lane_ends.get(name, ("", ""))[1]
    return name.rpartition("@")[2] if kind == "process" else ""
