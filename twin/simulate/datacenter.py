"""The datacenter: racks dock, wait for power, positions, cooling and network, and are accepted."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Final

from twin.events.record import EVENTS
from twin.model.rows_demand import Readiness
from twin.model.rows_network import Item
from twin.model.state import RackInProcess
from twin.simulate.clock import CHANGES, STARTS
from twin.simulate.desk import OpenOrder, OrderDesk
from twin.simulate.gates import NEVER_S
from twin.simulate.lots import Floor
from twin.simulate.making import Making
from twin.simulate.stocks import TOLERANCE, Reserve
from twin.simulate.units import Routing, Step, Unit

STARTED: Final = EVENTS.index("started")
CONSUMED: Final = EVENTS.index("consumed")
PRODUCED: Final = EVENTS.index("produced")
SCRAPPED: Final = EVENTS.index("scrapped")
ACCEPTED: Final = EVENTS.index("accepted")
ONLINE: Final = EVENTS.index("online")
NAN: Final = float("nan")


class Places:
    """What a datacenter can take by date, and what is committed; no readiness rows: no limit.

    Limits count racks since `starts`: megawatts at the meter over PUE, rack positions,
    cooling, and whether the network is there.
    """

    __slots__ = ("_clock", "_cooling_kw", "_positions", "_power_kw", "_rows", "_used_kw", "_used_racks", "listeners")

    def __init__(self, floor: Floor, rows: list[tuple[int, Readiness]], until_s: int) -> None:
        self._clock = floor.clock
        self._rows = rows
        self._used_kw = 0.0
        self._used_racks = 0.0
        self._power_kw = self._cooling_kw = self._positions = float("inf")
        self.listeners: list[Callable[[], None]] = []
        for from_s, row in rows:
            if from_s <= 0:
                self._ready(row)
            elif from_s < until_s:
                floor.clock.at(from_s, CHANGES, self._change, row)

    def take_over(self, racks: float, kw: float) -> None:
        """Racks accepted since `starts` before the clock began."""
        self._used_racks += racks
        self._used_kw += racks * kw

    def room_for(self, item: Item) -> bool:
        """True if one more rack has power, a position, cooling and network."""
        kw = self._used_kw + item.power_kw
        return (
            kw <= self._power_kw + TOLERANCE
            and kw <= self._cooling_kw + TOLERANCE
            and self._used_racks + 1 <= self._positions + TOLERANCE
        )

    def commit(self, item: Item) -> None:
        """One more rack has its place."""
        self._used_racks += 1
        self._used_kw += item.power_kw

    def free(self, item: Item) -> None:
        """A rack that had its place is lost, and another may have it."""
        self._used_racks -= 1
        self._used_kw -= item.power_kw
        self._tell()

    def _change(self, row: Readiness) -> None:
        self._ready(row)
        self._tell()

    def _tell(self) -> None:
        """Whoever waits for room looks again, at the end of this instant."""
        self._clock.at(self._clock.now, STARTS, self._call_listeners)

    def _call_listeners(self, _none: object) -> None:
        for listener in self.listeners:
            listener()

    def _ready(self, row: Readiness) -> None:
        infinite = float("inf")
        if not row.network_ready:
            self._power_kw = self._cooling_kw = self._positions = 0.0
            return
        self._power_kw = infinite if row.firm_mw is None else (row.firm_mw + row.flexible_mw) * 1000 / row.pue
        self._cooling_kw = infinite if row.cooling_kw is None else row.cooling_kw
        self._positions = infinite if row.rack_positions is None else row.rack_positions


class AcceptanceFloor:
    """A finished item at a datacenter: racks are taken up as they dock and a place is ready."""

    __slots__ = (
        "_desk",
        "_floor",
        "_inputs",
        "_inside",
        "_item",
        "_item_code",
        "_kits",
        "_making",
        "_opens_s",
        "_place",
        "_rack",
        "_serial",
        "_site",
        "_site_place",
        "_woken",
        "commits_here",
        "item",
        "mean_cycle_s",
        "places",
        "reserve",
        "routing",
        "waiting",
    )  # fmt: skip

    def __init__(
        self,
        floor: Floor,
        desk: OrderDesk,
        making: Making,
        rack: str,
        places: Places,
        *,
        commit_here: bool,
    ) -> None:
        _, site, self.item = making.key
        item = making.item
        self._floor, self._desk, self._making, self.places = floor, desk, making, places
        self._site, self._item = site, item
        self._rack = floor.stocks.index(site, rack)
        self._item_code = floor.log.item(item.item)
        self._inputs = making.stock_inputs(floor)
        self._place = making.place(floor)
        self._site_place = floor.log.place(f"site:{site}")
        self.commits_here = commit_here
        self.reserve: Reserve | None = None
        """Set where inputs are held under a stock policy."""
        self.routing: Routing | None = None
        self.waiting: list[tuple[tuple[int, int, str], int, Unit]] = []
        self.mean_cycle_s = 0
        self._kits = 0
        self._inside: dict[int, int] = {}
        self._serial = 0
        self._woken = False
        self._opens_s = -1
        places.listeners.append(self.wake)

    def has_room(self) -> bool:
        """True if one more rack of this item has a place."""
        return self.places.room_for(self._item)

    def commit(self) -> None:
        """One more rack of this item has its place."""
        self.places.commit(self._item)

    def awaits(self, order: int) -> bool:
        """Are racks of an order still to be taken up here?"""
        opened = self._desk.by_code.get(order)
        return opened is not None and opened.accepted + self._inside.get(order, 0) < opened.quantity

    def dock(self, unit: Unit) -> None:
        """A rack is at the dock."""
        unit.docked_s = float(self._floor.clock.now)
        self._floor.stocks.add(self._rack, 1)
        self._serial += 1
        opened = self._desk.by_code.get(unit.serves)
        heappush(self.waiting, (opened.urgency if opened else unit.urgency, self._serial, unit))
        self.wake()

    def resume(self, unit: Unit, position: int, found: RackInProcess) -> None:
        """A rack found on the floor on day one, at a step with work left."""
        assert self.routing is not None
        self.places.commit(self._item)
        unit.docked_s = float(self._floor.clock.now)
        self._count(unit, 1)
        self.routing.enter(unit, position, found.remaining_s, found.mode, found.kept_mode)

    def wake(self) -> None:
        """Take up what can be taken up, at the end of this instant."""
        if not self._woken:
            self._woken = True
            self._floor.clock.soon(self.try_start)

    def next_due_s(self) -> int:
        """Due second of the most urgent rack at the dock."""
        return self.waiting[0][0][1] if self.waiting else NEVER_S

    def try_start(self, _payload: object = None) -> None:
        """Begin work on docked racks while places and inputs last."""
        self._woken = False
        now, stocks = self._floor.clock.now, self._floor.stocks
        while self.waiting:
            opens_s = self._making.opens(now)
            if opens_s > now:
                if self._opens_s < opens_s < NEVER_S:
                    self._opens_s = opens_s
                    self._floor.clock.at(opens_s, STARTS, self.try_start)
                return
            if self.commits_here and not self.places.room_for(self._item):
                return
            if self.reserve is not None and self.reserve.gather(len(self.waiting)) < 1 - TOLERANCE:
                return
            short = stocks.lacking(self._inputs)
            if short is not None:
                stocks.wait(short[0], self, short[1])
                return
            self._begin(heappop(self.waiting)[2])

    def accept(self, unit: Unit, step: Step) -> None:
        """The last step is done: the rack is accepted and goes online."""
        assert self.routing is not None
        self.routing.floor_site.release(unit, step)
        self._count(unit, -1)
        now, log = self._floor.clock.now, self._floor.log
        log.row(
            now, PRODUCED, self._place, self._item_code, unit.order, unit.number, -1, -1, 1, 0.0, unit.docked_s, NAN
        )
        opened = self._desk.by_code.get(unit.serves)
        if opened is None:
            self._floor.stocks.add(self._floor.stocks.index(self._site, self._item.item), 1)
            return
        for event in (ACCEPTED, ONLINE):
            log.row(
                now, event, self._site_place, self._item_code, opened.code, unit.ordinal, -1, unit.rack, 1, 0.0,
                unit.docked_s, unit.released_s,
            )  # fmt: skip
        self._desk.accept(opened)

    def write_consumed(self) -> None:
        """One row per input for what was taken up since the last time."""
        for _, code, quantity in self._inputs if self._kits else ():
            self._floor.log.row(
                self._floor.clock.now, CONSUMED, self._site_place, code, -1, -1, -1, -1, quantity * self._kits, 0.0,
                NAN, NAN,
            )  # fmt: skip
        self._kits = 0

    def lose(self, unit: Unit) -> None:
        """A rack is scrapped on the floor: its order is owed another."""
        self._desk.owe(unit)
        self._count(unit, -1)
        self.places.free(self._item)
        self._floor.log.row(
            self._floor.clock.now,
            SCRAPPED,
            self._place,
            self._item_code,
            unit.order,
            unit.number,
            -1,
            -1,
            1,
            0.0,
            NAN,
            NAN,
        )

    def _begin(self, unit: Unit) -> None:
        assert self.routing is not None
        if self.commits_here:
            self.places.commit(self._item)
        self._making.gate.use(self._floor.clock.now, 1)
        now, log, stocks = self._floor.clock.now, self._floor.log, self._floor.stocks
        log.row(
            now, STARTED, self._place, self._item_code, unit.order, unit.number, -1, unit.rack, 1, 0.0, unit.docked_s,
            NAN,
        )  # fmt: skip
        stocks.take_kit(self._inputs)
        self._kits += 1
        if self.reserve is not None:
            self.reserve.left(1.0)
            # What a stock under a policy holds is an integral of the log, which a week's row would spoil.
            self.write_consumed()
        self._count(unit, 1)
        self.routing.enter(unit)

    def _count(self, unit: Unit, change: int) -> None:
        """Racks at work here, by the order that they are for."""
        self._inside[unit.serves] = self._inside.get(unit.serves, 0) + change


def urgency_of(opened: OpenOrder | None) -> tuple[int, int, str]:
    """An order's urgency, or that of a unit made for none."""
    return (9, NEVER_S, "") if opened is None else opened.urgency
