"""A log indexed for the question why: what came where at an instant, and the way of each order's last rack."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

import numpy as np

from twin.metrics.late_rows import NAN, Arrival, Attempt, Departure, LateLine, Standing, Start, late_lines
from twin.metrics.rows import Floats, Rows, Whole
from twin.metrics.view import View
from twin.network.record import ProcessKey

NOWHERE = -2
"""The position of a place that the log does not name."""
Serial = tuple[str, int, int, int]
"""Site, item, order and unit, under which steps are written."""
AtSite = tuple[str, int]
"""A site, and the own number of a rack that was there."""


class Mark(NamedTuple):
    """A row on a rack: `started`, `rework`, `expired` or a `step`, with its beginning; `row` is where in the log."""

    row: int
    event: str
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
        self._began: dict[tuple[int, str], Floats] = {}
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

    def conversion_of_rack(self, rack: AtSite) -> tuple[Start, ProcessKey] | None:
        """The conversion that made a late order's last rack at a site into what it is, if it is not as it was built."""
        row = self._converted.get(rack[1])
        key = None if row is None else self.conversion(row)
        return None if row is None or key is None or key[1] != rack[0] else (self._start(row), key)

    def conversion(self, row: int) -> ProcessKey | None:
        """The conversion that a start is of, by its row; None where it is a making."""
        rows = Rows(self._started.cells[row : row + 1])
        if not self.view.is_conversion[rows.place[0]]:
            return None
        process, _, site = self.log.places[int(rows.place[0])].removeprefix("process:").rpartition("@")
        return process, site, self.log.items[int(rows.item[0])]

    def attempts(self, rack: AtSite) -> list[Attempt]:
        """All attempts of a rack's steps at a site, in order of time."""
        return self._racks.attempts.get(rack, [])

    def ended_at(self, site: str, time_s: float) -> list[tuple[str, str]]:
        """Steps that racks ended at a site at exactly this moment, and gave back what they held: name, kept mode."""
        part = _between(self.view.all("step"), time_s, time_s)
        ended = [_where(self.log.places[place]) for place in part.place.tolist()]
        modes = self._modes_of(part)
        return [(name, mode) for (where, name), mode in zip(ended, modes, strict=True) if where == site]

    def begun_between(self, place: str, since_s: float, until_s: float, mode: str = "") -> int:
        """Racks that began a step in a spell: those ahead of one that waited for it, in a mode where it keeps one."""
        key = (self._codes.get(place, NOWHERE), mode)
        if key not in self._began:
            steps = self.view.all("step")
            mine = steps.where(steps.place == key[0])
            began = mine.since_s[np.array(self._modes_of(mine)) == mode] if mode else mine.since_s
            self._began[key] = np.sort(began)
        low, high = np.searchsorted(self._began[key], [since_s, until_s])
        return int(high - low)

    def begun_at(self, place: str, time_s: float) -> int:
        """Racks that began a step at exactly this moment."""
        return self.begun_between(place, time_s, np.nextafter(time_s, np.inf))

    def broke_down(self, place: str, since_s: float, until_s: float) -> bool:
        """Was a unit of a resource repaired that broke down in a spell?"""
        rows = self.view.all("up")
        return bool(np.any((rows.place == self._codes.get(place, NOWHERE)) & (rows.since_s >= since_s)
                           & (rows.since_s <= until_s)))  # fmt: skip

    def repaired_at(self, place: str, time_s: float) -> bool:
        """Was a unit of a resource repaired at exactly this moment?"""
        part = _between(self.view.all("up"), time_s, time_s)
        return bool(np.any(part.place == self._codes.get(place, NOWHERE)))

    def short_since(self, site: str, item: str) -> float | None:
        """Since when somebody waits for an item at a site at the end of the log; None if nobody does."""
        short, filled = (self._of_stock(self.view.all(event), site, item) for event in ("short", "filled"))
        if not len(short) or (len(filled) and filled.time_s[-1] >= short.time_s[-1]):
            return None
        return float(short.time_s[-1])

    def scrapped_racks(self, code: int, until_s: float) -> list[str]:
        """The sites at which racks of an order were scrapped by a moment, one for each."""
        return [site for order, time_s, site in self._scrapped if order == code and time_s <= until_s]

    def standing(self, line: LateLine) -> Standing:
        """Where racks of an order are that it lacks at the end of the log."""
        site, started = line.place.removeprefix("site:"), self._started
        here = np.array([_where(name)[0] == site for name in self.log.places] or [False])[started.place]
        shipped = {int(rack) for rack in self._shipped.parent[self._shipped.order == line.code] if rack >= 0}
        accepted = self.view.all("accepted")
        shipped -= set(accepted.parent[accepted.order == line.code].tolist()) | self._gone
        floor = shipped & set(started.parent[here].tolist())
        away = self._gone | set(self._shipped.parent.tolist()) | {-1}
        begun = np.flatnonzero((started.order == line.code) & ~here)
        making = [row for row, rack in zip(begun.tolist(), started.parent[begun].tolist(), strict=True)
                  if rack not in away and self._converted.get(rack, row) == row]  # fmt: skip
        return Standing(len(floor), len(shipped - floor), making[: max(0, line.missing - len(shipped))])

    def last_step(self, row: int) -> tuple[ProcessKey, str]:
        """The process of a rack by the row of its start, and the step that it ended last; blank: none."""
        start, steps = Rows(self._started.cells[row : row + 1]), self.view.all("step")
        mine = steps.where((steps.serial == start.serial[0]) & (steps.item == start.item[0])).place
        process, _, site = self.log.places[int(start.place[0])].removeprefix("process:").rpartition("@")
        ended = [_where(self.log.places[place])[1] for place in mine.tolist()]
        return (process, site, self.log.items[int(start.item[0])]), ended[-1] if ended else ""

    @cached_property
    def _converted(self) -> dict[int, int]:
        """By rack that was converted: the row of the start of its last conversion."""
        started = self._started
        rows = np.flatnonzero(self.view.is_conversion[started.place] & (started.parent >= 0))
        return dict(zip(started.parent[rows].tolist(), rows.tolist(), strict=True))

    @cached_property
    def _scrapped_starts(self) -> list[tuple[int, float, int]]:
        """Scrapped racks: the row of the start, the moment, and the order for which the rack was begun."""
        rows, started = self.view.all("scrapped"), self._started
        found = []
        for place, item, order, unit, time_s in zip(
            rows.place.tolist(), rows.item.tolist(), rows.order.tolist(), rows.unit.tolist(), rows.time_s.tolist(),
            strict=True,
        ):  # fmt: skip
            if unit >= 0:
                mine = (started.unit == unit) & (started.order == order)
                mine &= (started.place == place) & (started.item == item)
                found.append((int(np.flatnonzero(mine)[-1]) if mine.any() else -1, time_s, order))
        return found

    @cached_property
    def _scrapped(self) -> list[tuple[int, float, str]]:
        """Order, moment and site of every scrapped rack: it is for the order that it was shipped for, if it was."""
        told = []
        for row, time_s, order in self._scrapped_starts:
            if row >= 0:
                start = Rows(self._started.cells[row : row + 1])
                left = self._rack_shipment_of.get(int(start.parent[0]))
                served = order if left is None else int(Rows(self._shipped.cells[left : left + 1]).order[0])
                told.append((served, time_s, _where(self.log.places[int(start.place[0])])[0]))
        return told

    @cached_property
    def _gone(self) -> set[int]:
        """Own numbers of scrapped racks."""
        return {int(self._started.parent[row]) for row, _, _ in self._scrapped_starts if row >= 0}

    @cached_property
    def _bound(self) -> dict[Serial, str]:
        """The mode that each rack keeps, such as its building."""
        rows = self.view.all("bound")
        columns = (each.tolist() for each in (rows.place, rows.item, rows.order, rows.unit))
        found = ((*_where(self.log.places[place]), *who) for place, *who in zip(*columns, strict=True))
        return {(site, *who): mode for site, mode, *who in found}

    def _modes_of(self, rows: Rows) -> list[str]:
        """The mode that the rack of each row of a step keeps; blank where it keeps none."""
        if not self._bound:
            return [""] * len(rows)
        columns = (each.tolist() for each in (rows.place, rows.item, rows.order, rows.unit))
        sites = [_where(name)[0] for name in self.log.places]
        return [self._bound.get((sites[place], *who), "") for place, *who in zip(*columns, strict=True)]

    def _of_stock(self, rows: Rows, site: str, item: str) -> Rows:
        item_code = self.log.items.index(item) if item in self.log.items else NOWHERE
        return rows.where((rows.place == self._codes.get(f"site:{site}", NOWHERE)) & (rows.item == item_code))

    def scrapped_between(self, place: str, since_s: float, until_s: float) -> tuple[float, int]:
        """Units scrapped at a process in a spell, and the lot that lost most (-1: none, or units on their own)."""
        mine = self._at_process("scrapped", place, since_s, until_s)
        if not len(mine):
            return 0.0, -1
        return float(mine.quantity.sum()), int(mine.lot[int(np.argmax(mine.quantity))])

    def produced_between(self, place: str, since_s: float, until_s: float) -> float:
        """Good units that a process made in a spell."""
        return float(self._at_process("produced", place, since_s, until_s).quantity.sum())

    def _at_process(self, event: str, place: str, since_s: float, until_s: float) -> Rows:
        part = _between(self.view.all(event), since_s, until_s)
        return part.where(part.place == self._codes.get(place, NOWHERE))

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
        process = self.log.places[int(rows.place[0])].removeprefix("process:").rpartition("@")[0]
        return Start(float(rows.time_s[0]), float(rows.since_s[0]), process)


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
        self._view, self._places = view, view.log.places
        started = view.all("started")
        mine = np.flatnonzero(np.isin(started.parent, np.array(sorted(racks - {-1}), np.int64)))
        mine = mine[~view.is_conversion[started.place[mine]]]
        self.started: dict[AtSite, int] = {}
        marks: dict[AtSite, list[Mark]] = defaultdict(list)
        rack_of: dict[Serial, AtSite] = {}
        for row, rack, (serial, mark) in zip(
            mine.tolist(), started.parent[mine].tolist(), self._told("started", mine), strict=True
        ):
            at = (serial[0], rack)
            self.started[at], rack_of[serial] = row, at
            marks[at].append(mark)
        keys = np.unique(started.serial[mine])
        modes: dict[AtSite, str] = {}
        for serial, mark in self._told("bound", np.flatnonzero(np.isin(view.all("bound").serial, keys))):
            if serial in rack_of:
                modes[rack_of[serial]] = mark.step
        for event in ("rework", "expired", "step"):
            for serial, mark in self._told(event, np.flatnonzero(np.isin(view.all(event).serial, keys))):
                if serial in rack_of:
                    marks[rack_of[serial]].append(mark)
        self.attempts = {at: list(_attempts(sorted(mine), modes.get(at, ""))) for at, mine in marks.items()}

    def _told(self, event: str, chosen: Whole) -> Iterable[tuple[Serial, Mark]]:
        """The chosen rows of an event with their places in the log, since more than one may be of an instant."""
        rows, number = Rows(self._view.all(event).cells[chosen]), np.flatnonzero(self._view.log.of(event))[chosen]
        columns = (number, rows.place, rows.item, rows.order, rows.unit, rows.time_s, rows.since_s,
                   np.nan_to_num(rows.value))  # fmt: skip
        for row, place, item, order, unit, time_s, since_s, attempt in zip(
            *(each.tolist() for each in columns), strict=True
        ):
            site, step = _where(self._places[place])
            yield (site, item, order, unit), Mark(row, event, time_s, since_s, step, int(attempt))


def _where(place: str) -> tuple[str, str]:
    """Site and step of `step:S/NAME`, or mode of `mode:S/NAME`, or of `process:P@S` with a blank step."""
    kind, _, name = place.partition(":")
    if kind == "process":
        return name.rpartition("@")[2], ""
    site, _, step = name.partition("/")
    return site, step


def _attempts(marks: list[Mark], mode: str) -> Iterable[Attempt]:
    """Each step's row as an attempt, with the rework, or the wait in vain, that came before it."""
    came_s, rework_s, in_vain_s = NAN, 0.0, 0.0
    for mark in marks:
        if mark.event == "step":
            came_s = mark.since_s if np.isnan(came_s) else came_s
            yield Attempt(mark.step, came_s, mark.since_s, mark.time_s, mark.number, rework_s, in_vain_s, mode)
            rework_s = in_vain_s = 0.0
        elif mark.event == "rework":
            rework_s = mark.time_s - mark.since_s
        elif mark.event == "expired":
            in_vain_s = mark.time_s - mark.since_s
        came_s = mark.time_s


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
