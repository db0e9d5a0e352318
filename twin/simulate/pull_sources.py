"""Where stocks under a policy are replenished from: a process in lots, a routing, a lane from a stock upstream."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque

from twin.events.record import EVENTS
from twin.simulate.clock import STARTS
from twin.simulate.gates import NEVER_S
from twin.simulate.lanes import FlowStation
from twin.simulate.lots import Floor, LotStation
from twin.simulate.luck import LuckGroup
from twin.simulate.making import Making
from twin.simulate.pull import Claim, PullStock, Serial, Source
from twin.simulate.units import Routing, Step, Unit

DEMANDED, STARTED, PRODUCED, SCRAPPED, CONSUMED = (
    EVENTS.index(name) for name in ("demanded", "started", "produced", "scrapped", "consumed")
)
NAN = float("nan")

Inputs = list[tuple[PullStock, float]]
"""Stocks that a unit made draws on, with how much of each."""


class Kit(ABC):
    """Inputs gathered for a start, each set aside as it comes."""

    __slots__ = ("_lacking",)

    def __init__(self) -> None:
        self._lacking = 0

    def gather(self, inputs: Inputs, units: int) -> None:
        """Ask every input stock for its part of `units`; `ready` is called when all is set aside."""
        self._lacking = len(inputs)
        for stock, per_unit in inputs:
            stock.demand(KitPart(self, per_unit * units))
        if not inputs:
            self.ready()

    def one_more(self) -> None:
        """An input is there in full."""
        self._lacking -= 1
        if not self._lacking:
            self.ready()

    @abstractmethod
    def ready(self) -> None:
        """All inputs are there."""


class KitPart(Claim):
    """One input of a kit."""

    __slots__ = ("_kit",)

    def __init__(self, kit: Kit, quantity: float) -> None:
        super().__init__(quantity)
        self._kit = kit

    def allot(self, stock: PullStock, quantity: float) -> None:  # noqa: ARG002
        """The input waits for the rest of its kit, on hand."""
        if not self.missing:
            self._kit.one_more()


class Starts(ABC):
    """Starts what is ready, in turn, as soon as it may; at most one wake-up is arranged."""

    __slots__ = ("_floor", "_wake_s")

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._wake_s = NEVER_S

    def start_ready(self) -> None:
        """Start what may start now, and arrange to be woken for the rest."""
        now = self._floor.clock.now
        while self.waiting():
            opens_s = self.opens(now)
            if opens_s > now:
                if opens_s < self._wake_s:
                    self._wake_s = opens_s
                    self._floor.clock.at(opens_s, STARTS, self._woken, opens_s)
                return
            self.start_next()

    def _woken(self, time_s: int) -> None:
        if time_s == self._wake_s:
            self._wake_s = NEVER_S
            self.start_ready()

    @abstractmethod
    def waiting(self) -> bool:
        """True while something is ready."""

    @abstractmethod
    def opens(self, now: int) -> int:
        """The first moment from now on at which the next may start."""

    @abstractmethod
    def start_next(self) -> None:
        """Start the first that is ready."""


class LotKit(Kit):
    """Inputs of a lot."""

    __slots__ = ("size", "source")

    def __init__(self, source: LotSource, size: int) -> None:
        super().__init__()
        self.source = source
        self.size = size

    def ready(self) -> None:
        """The lot may start."""
        self.source.lot_is_ready(self.size)


class LotStarts(Starts):
    """Lots whose inputs are there."""

    __slots__ = ("_inputs", "_sizes", "_station")

    def __init__(self, floor: Floor, station: LotStation, inputs: Inputs) -> None:
        super().__init__(floor)
        self._station, self._inputs = station, inputs
        self._sizes: deque[int] = deque()

    def add(self, size: int) -> None:
        """A lot is ready."""
        self._sizes.append(size)
        self.start_ready()

    def waiting(self) -> bool:
        """True while a lot is ready."""
        return bool(self._sizes)

    def opens(self, now: int) -> int:
        """When the process may start."""
        return self._station.opens(now)

    def start_next(self) -> None:
        """Start the first lot; its inputs leave stock."""
        size = self._sizes.popleft()
        for stock, per_unit in self._inputs:
            stock.leaves(per_unit * size)
        self._station.begin(self._station.recipe_now(), size, inputs_taken=True)


class LotSource(Source):
    """A process in lots: an order is rounded up to lots, each started when its inputs are there.

    What is scrapped is started again. `announces`: orders have a row of their own.
    """

    __slots__ = ("_announces", "_floor", "_inputs", "_item", "_place", "_starts", "_station", "_surplus")

    def __init__(self, floor: Floor, station: LotStation, inputs: Inputs, *, announces: bool) -> None:
        process, site, item = station.key
        self._floor, self._station, self._inputs, self._announces = floor, station, inputs, announces
        self._place, self._item = floor.log.place(f"process:{process}@{site}"), floor.log.item(item)
        self._starts = LotStarts(floor, station, inputs)
        self._surplus = 0
        station.on_scrap = self._make

    def order(self, quantity: int, serial: Serial | None) -> None:  # noqa: ARG002
        """Start as many lots as the order needs beyond what earlier lots left over."""
        if self._announces:
            announce(self._floor, self._place, self._item, quantity)
        self._make(quantity)

    def lot_is_ready(self, size: int) -> None:
        """All inputs of a lot are set aside."""
        self._starts.add(size)

    def _make(self, quantity: int) -> None:
        self._surplus -= quantity
        while self._surplus < 0:
            size = self._station.lot_size
            self._surplus += size
            if self._inputs:
                LotKit(self, size).gather(self._inputs, size)
            else:
                self._starts.add(size)


class UnitKit(Kit):
    """Inputs of a unit made one by one."""

    __slots__ = ("source", "unit")

    def __init__(self, source: RoutingSource, unit: Unit) -> None:
        super().__init__()
        self.source = source
        self.unit = unit

    def ready(self) -> None:
        """The unit may be released."""
        self.source.unit_is_ready(self.unit)


class Releases(Starts):
    """Units whose inputs are there, to be released into a routing."""

    __slots__ = ("_making", "_source", "_units")

    def __init__(self, floor: Floor, making: Making, source: RoutingSource) -> None:
        super().__init__(floor)
        self._making, self._source = making, source
        self._units: deque[Unit] = deque()

    def add(self, unit: Unit) -> None:
        """A unit is ready."""
        self._units.append(unit)
        self.start_ready()

    def waiting(self) -> bool:
        """True while a unit is ready."""
        return bool(self._units)

    def opens(self, now: int) -> int:
        """When the process may release."""
        return self._making.opens(now)

    def start_next(self) -> None:
        """Release the first unit."""
        self._making.gate.use(self._floor.clock.now, 1)
        self._source.release(self._units.popleft())


class RoutingSource(Source):
    """A routing: each unit ordered enters it when its inputs are there, and ends in the stock.

    `announces`: orders have a row of their own.
    """

    __slots__ = ("_announces", "_code", "_codes", "_floor", "_inputs", "_luck", "_made", "_place", "_releases",
                 "_site_place", "_stock", "routing")  # fmt: skip

    def __init__(self, floor: Floor, making: Making, inputs: Inputs, *, announces: bool) -> None:
        _, site, item = making.key
        self._floor, self._inputs, self._announces = floor, inputs, announces
        self._place = making.place(floor)
        self._site_place = floor.log.place(f"site:{site}")
        self._code = floor.log.item(item)
        self._codes = [floor.log.item(name) for name, _ in making.inputs]
        self._stock = floor.stocks.index(site, item)
        self._luck = LuckGroup(floor.streams, f"stock {site} {item}", 256)
        self._releases = Releases(floor, making, self)
        self._made = 0
        self.routing: Routing | None = None

    def order(self, quantity: int, serial: Serial | None) -> None:
        """Release units into the routing; the customer's serial keys the draws of a single one."""
        if self._announces:
            announce(self._floor, self._place, self._code, quantity)
        for _ in range(quantity):
            self._make(serial if quantity == 1 else None)

    def unit_is_ready(self, unit: Unit) -> None:
        """All inputs of a unit are set aside."""
        self._releases.add(unit)

    def release(self, unit: Unit) -> None:
        """A unit enters the routing; its inputs leave stock."""
        assert self.routing is not None
        log, now = self._floor.log, self._floor.clock.now
        unit.released_s = float(now)
        self._row(STARTED, unit)
        for (stock, quantity), code in zip(self._inputs, self._codes, strict=True):
            stock.leaves(quantity)
            log.row(now, CONSUMED, self._site_place, code, unit.order, unit.number, -1, -1, quantity, 0.0, NAN, NAN)
        self.routing.enter(unit)

    def finished(self, unit: Unit, step: Step) -> None:
        """The last step is done: the unit goes into stock."""
        assert self.routing is not None
        self._row(PRODUCED, unit)
        self._floor.stocks.add(self._stock, 1)
        self.routing.floor_site.release(unit, step)

    def lose(self, unit: Unit) -> None:
        """A unit is scrapped: another one is made for it."""
        self._row(SCRAPPED, unit)
        self._make(None)

    def _make(self, serial: Serial | None) -> None:
        order, number, luck = serial if serial is not None else (-1, self._made, self._luck)
        self._made += 1
        unit = Unit(order=order, number=number, luck=luck, urgency=(5, self._floor.clock.now, ""))
        if self._inputs:
            UnitKit(self, unit).gather(self._inputs, 1)
        else:
            self._releases.add(unit)

    def _row(self, event: int, unit: Unit) -> None:
        self._floor.log.row(
            self._floor.clock.now, event, self._place, self._code, unit.order, unit.number, -1, -1, 1, 0.0,
            unit.released_s, NAN,
        )  # fmt: skip


class Shipment(Claim):
    """A replenishment order at the stock upstream: it travels whole."""

    __slots__ = ("_lane", "_quantity")

    def __init__(self, lane: LaneSource, quantity: int) -> None:
        super().__init__(quantity)
        self._lane, self._quantity = lane, quantity

    def allot(self, stock: PullStock, quantity: float) -> None:  # noqa: ARG002
        """With its last unit it may depart."""
        if not self.missing:
            self._lane.departures.add(self._quantity)


class Departures(Starts):
    """Shipments that wait for the lane, on hand at its origin."""

    __slots__ = ("_flow", "_quantities", "_upstream")

    def __init__(self, floor: Floor, flow: FlowStation, upstream: PullStock) -> None:
        super().__init__(floor)
        self._flow, self._upstream = flow, upstream
        self._quantities: deque[int] = deque()

    def add(self, quantity: int) -> None:
        """A shipment is ready."""
        if not self._quantities and self._flow.opens(self._floor.clock.now) <= self._floor.clock.now:
            self._leave(quantity)
        else:
            self._quantities.append(quantity)
            self.start_ready()

    def waiting(self) -> bool:
        """True while a shipment is ready."""
        return bool(self._quantities)

    def opens(self, now: int) -> int:
        """When the lane takes one."""
        return self._flow.opens(now)

    def start_next(self) -> None:
        """The first shipment leaves."""
        self._leave(self._quantities.popleft())

    def _leave(self, quantity: int) -> None:
        self._upstream.leaves(quantity)
        self._flow.ship_taken(quantity)


class LaneSource(Source):
    """A stock upstream: the order passes on at once and what is set aside there travels the lane."""

    __slots__ = ("_floor", "_item", "_place", "_upstream", "departures")

    def __init__(self, floor: Floor, flow: FlowStation, upstream: PullStock) -> None:
        lane, item = flow.key
        self._floor, self._upstream = floor, upstream
        self._place, self._item = floor.log.place(f"lane:{lane}"), floor.log.item(item)
        self.departures = Departures(floor, flow, upstream)

    def order(self, quantity: int, serial: Serial | None) -> None:
        """Order from upstream; the customer's serial goes with it."""
        announce(self._floor, self._place, self._item, quantity)
        self._upstream.demand(Shipment(self, quantity), serial)


def announce(floor: Floor, place: int, item: int, quantity: int) -> None:
    """The row of a replenishment order, at the lane or process that it is to come by."""
    floor.log.row(floor.clock.now, DEMANDED, place, item, -1, -1, -1, -1, quantity, 0.0, NAN, NAN)
