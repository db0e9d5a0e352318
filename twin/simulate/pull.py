"""Worlds run by stock policies: every unit of demand orders its own replacement upstream.

`base_stock(S)` starts with S on hand; a unit taken is reordered at the instant of demand;
orders queue first come, first served. `base_stock(0)` is make to order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from twin.events.record import EVENTS
from twin.simulate.clock import STARTS
from twin.simulate.gates import NEVER_S
from twin.simulate.lanes import FlowStation
from twin.simulate.lots import Floor, LotStation
from twin.simulate.luck import LuckGroup
from twin.simulate.making import Making
from twin.simulate.stocks import TOLERANCE
from twin.simulate.units import Routing, Step, Unit

STARTED, PRODUCED, SCRAPPED = (EVENTS.index(name) for name in ("started", "produced", "scrapped"))
NAN = float("nan")

Served = Callable[[], None]


class Source(Protocol):
    """Where a stock is replenished from; `order` asks for units that will arrive in the stock."""

    def order(self, quantity: int, serial: tuple[int, int, LuckGroup] | None) -> None:
        """Ask for `quantity` units; `serial` names the customer's order for make to order."""


class PullStock:
    """A stock of an item at a site under `base_stock`; demand is served first come, first served."""

    __slots__ = ("_floor", "_index", "_queue", "source")

    def __init__(self, floor: Floor, site: str, item: str) -> None:
        self._floor = floor
        self._index = floor.stocks.index(site, item)
        self._queue: deque[tuple[float, Served]] = deque()
        self.source: Source | None = None

    def demand(self, quantity: float, served: Served, serial: tuple[int, int, LuckGroup] | None = None) -> None:
        """Someone needs units now; `served` is called when they are handed over, in turn."""
        self._queue.append((quantity, served))
        if self.source is None:
            self._floor.stocks.add(self._index, quantity)
        else:
            self.source.order(int(-(-(quantity - TOLERANCE) // 1)), serial)
        self.serve()

    def serve(self) -> None:
        """Hand over what is on hand to those who wait."""
        stocks = self._floor.stocks
        while self._queue and self._queue[0][0] <= stocks.on_hand[self._index] + TOLERANCE:
            quantity, served = self._queue.popleft()
            stocks.take(self._index, quantity)
            served()
        if self._queue:
            stocks.wait(self._index, self, self._queue[0][0] - stocks.on_hand[self._index])

    def next_due_s(self) -> int:
        """Those who wait were wanted at once."""
        return 0

    def try_start(self, _payload: object = None) -> None:
        """Units have arrived."""
        self.serve()


class LotSource(Source):
    """A process in lots: an order is rounded up to lots, each started when its inputs are there."""

    __slots__ = ("_floor", "_inputs", "_ready", "_station", "_surplus")

    def __init__(self, floor: Floor, station: LotStation, inputs: list[tuple[PullStock, float]]) -> None:
        self._floor, self._station, self._inputs = floor, station, inputs
        self._ready = 0
        self._surplus = 0

    def order(self, quantity: int, serial: tuple[int, int, LuckGroup] | None) -> None:  # noqa: ARG002
        """Start as many lots as the order needs beyond what earlier lots left over."""
        size = self._station.lot_size
        while self._surplus < quantity:
            self._surplus += size
            gather(self._inputs, size, self._lot_is_ready)
        self._surplus -= quantity

    def _lot_is_ready(self) -> None:
        self._ready += 1
        self._start()

    def _start(self, _payload: object = None) -> None:
        now = self._floor.clock.now
        while self._ready:
            opens_s = self._station.opens(now)
            if opens_s > now:
                if opens_s < NEVER_S:
                    self._floor.clock.at(opens_s, STARTS, self._start)
                return
            self._ready -= 1
            self._station.begin(self._station.row_now(), self._station.lot_size, inputs_taken=True)


class RoutingSource(Source):
    """A routing: each unit ordered enters it when its inputs are there, and ends in the stock."""

    __slots__ = ("_code", "_floor", "_inputs", "_luck", "_made", "_making", "_place", "_ready", "_stock", "routing")

    def __init__(self, floor: Floor, making: Making, inputs: list[tuple[PullStock, float]]) -> None:
        _, site, item = making.key
        self._floor, self._making, self._inputs = floor, making, inputs
        self._place = making.place(floor)
        self._ready: deque[Unit] = deque()
        self._code = floor.log.item(item)
        self._stock = floor.stocks.index(site, item)
        self._luck = LuckGroup(floor.streams, f"stock {site} {item}", 256)
        self._made = 0
        self.routing: Routing | None = None

    def order(self, quantity: int, serial: tuple[int, int, LuckGroup] | None) -> None:
        """Release units into the routing; the customer's serial keys the draws of a single one."""
        for _ in range(quantity):
            order, number, luck = serial if serial is not None and quantity == 1 else (-1, self._made, self._luck)
            self._made += 1
            unit = Unit(order=order, number=number, luck=luck, urgency=(5, self._floor.clock.now, ""))
            gather(self._inputs, 1, lambda unit=unit: self._is_ready(unit))  # type: ignore[misc]

    def finished(self, unit: Unit, step: Step) -> None:
        """The last step is done: the unit goes into stock."""
        assert self.routing is not None
        self._row(PRODUCED, unit)
        self._floor.stocks.add(self._stock, 1)
        self.routing.floor_site.release(unit, step)

    def lose(self, unit: Unit) -> None:
        """A unit is scrapped: another one is made for it."""
        self._row(SCRAPPED, unit)
        self.order(1, None)

    def _is_ready(self, unit: Unit) -> None:
        self._ready.append(unit)
        self._start()

    def _start(self, _payload: object = None) -> None:
        clock = self._floor.clock
        while self._ready:
            opens_s = self._making.opens(clock.now)
            if opens_s > clock.now:
                if opens_s < NEVER_S:
                    clock.at(opens_s, STARTS, self._start)
                return
            self._making.gate.use(clock.now, 1)
            self._release(self._ready.popleft())

    def _release(self, unit: Unit) -> None:
        assert self.routing is not None
        unit.released_s = float(self._floor.clock.now)
        self._row(STARTED, unit)
        self.routing.enter(unit)

    def _row(self, event: int, unit: Unit) -> None:
        self._floor.log.row(
            self._floor.clock.now, event, self._place, self._code, unit.order, unit.number, -1, -1, 1, 0.0,
            unit.released_s, NAN,
        )  # fmt: skip


class LaneSource(Source):
    """A stock upstream: the order passes on at once and what is served there travels the lane."""

    __slots__ = ("_flow", "_upstream")

    def __init__(self, flow: FlowStation, upstream: PullStock) -> None:
        self._flow, self._upstream = flow, upstream

    def order(self, quantity: int, serial: tuple[int, int, LuckGroup] | None) -> None:
        """Order from upstream; the customer's serial goes with it."""
        self._upstream.demand(quantity, lambda: self._flow.ship_taken(quantity), serial)


def gather(inputs: list[tuple[PullStock, float]], units: int, ready: Served) -> None:
    """Ask every input stock for its part of `units` and call `ready` when all have served."""
    missing = len(inputs)
    if not missing:
        ready()
        return

    def one_more() -> None:
        nonlocal missing
        missing -= 1
        if not missing:
            ready()

    for stock, per_unit in inputs:
        stock.demand(per_unit * units, one_more)
