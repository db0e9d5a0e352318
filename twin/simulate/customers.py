"""Who asks a stock for units: the streams of the `demand` table, and the rows of `orders`."""

from __future__ import annotations

from math import isnan

from twin.events.record import EVENTS
from twin.model.rows_demand import Demand
from twin.model.units import DAY_S
from twin.simulate.clock import ARRIVALS
from twin.simulate.desk import OpenOrder, OrderDesk
from twin.simulate.gates import Timeline
from twin.simulate.lots import Floor
from twin.simulate.luck import LuckGroup
from twin.simulate.pull import Claim, PullStock
from twin.simulate.streams import Draws, Sequence

DEMANDED, SERVED, LOST, ACCEPTED, ONLINE = (
    EVENTS.index(name) for name in ("demanded", "served", "lost", "accepted", "online")
)
NAN = float("nan")


class OrderedUnits:
    """An order on a stock: at its entry it asks for its units one by one, and takes each as it is served."""

    __slots__ = ("_desk", "_floor", "_item", "_opened", "_place", "_stock")

    def __init__(self, floor: Floor, desk: OrderDesk, opened: OpenOrder, stock: PullStock) -> None:
        self._floor, self._desk, self._opened, self._stock = floor, desk, opened, stock
        self._place = floor.log.place(f"site:{opened.line.site}")
        self._item = floor.log.item(opened.line.item)
        floor.clock.at(max(opened.line.placed_s, 0), ARRIVALS, self._enter)

    def _enter(self, _payload: object) -> None:
        opened = self._opened
        for number in range(opened.accepted, opened.line.quantity):
            self._stock.demand(OrderedUnit(self, number), (opened.code, number, opened.luck))

    def take(self, number: int) -> None:
        """A unit is handed over."""
        for event in (ACCEPTED, ONLINE):
            self._floor.log.row(
                self._floor.clock.now, event, self._place, self._item, self._opened.code, number, -1, -1, 1, 0.0, NAN,
                NAN,
            )  # fmt: skip
        self._desk.accept(self._opened)


class OrderedUnit(Claim):
    """A unit of an order."""

    __slots__ = ("_number", "_order")

    def __init__(self, order: OrderedUnits, number: int) -> None:
        super().__init__(1)
        self._order, self._number = order, number

    def allot(self, stock: PullStock, quantity: float) -> None:
        """It is handed over."""
        stock.leaves(quantity)
        self._order.take(self._number)


class Customer(Claim):
    """A customer of a stream who waits: takes units as they come."""

    __slots__ = ("_due_s", "_number", "_since_s", "_stream")

    def __init__(self, stream: CustomerStream, number: int, quantity: int, since_s: int, due_s: float) -> None:
        super().__init__(quantity)
        self._stream, self._number, self._since_s, self._due_s = stream, number, since_s, due_s

    def allot(self, stock: PullStock, quantity: float) -> None:
        """They are handed over."""
        stock.leaves(quantity)
        self._stream.owed -= quantity
        self._stream.write(SERVED, self._number, quantity, self._since_s, self._due_s)

    def wanted_s(self) -> int:
        """When it is due, or since it came."""
        return self._since_s if isnan(self._due_s) else int(self._due_s)


class CustomerStream:
    """One row of the `demand` table: arrivals one after the other, each with its quantity.

    `owed` are the units that customers wait for.
    """

    __slots__ = ("_code", "_due", "_ends_s", "_floor", "_gap", "_item", "_luck", "_number", "_place", "_quantity",
                 "_quantity_luck", "_rate", "_stock", "owed")  # fmt: skip

    def __init__(
        self, floor: Floor, row: Demand, stock: PullStock, window_s: tuple[int, int], rate: Timeline | None
    ) -> None:
        name = f"{row.customer}@{row.site}/{row.item}"
        starts_s, self._ends_s = window_s
        self._floor, self._stock, self._rate = floor, stock, rate
        self._place = floor.log.place(f"customer:{row.customer}@{row.site}")
        self._item = floor.log.item(row.item)
        self._code = floor.log.order(name)
        self._gap = Draws(floor.streams, row.every_days, DAY_S, "gap", name)
        self._quantity = row.quantity
        self._quantity_luck = Sequence(floor.streams, "quantity", name)
        self._due = Draws(floor.streams, row.due_after_days, DAY_S, "due", name) if row.due_after_days else None
        self._luck = LuckGroup(floor.streams, name, 256)
        self._number = 0
        self.owed = 0.0
        self._arrange(starts_s)

    def _arrange(self, from_s: int) -> None:
        gap_s = self._gap.seconds(self._number)
        # Under a ramp the gap passes at the ramp's rate: at half of it, a gap takes twice as
        # long; at none of it, nobody comes until it rises.
        arrives_s = from_s + gap_s if self._rate is None else self._rate.reach(from_s, gap_s)
        if arrives_s < self._ends_s:
            self._floor.clock.at(arrives_s, ARRIVALS, self._arrive)

    def _arrive(self, _payload: object) -> None:
        now, number = self._floor.clock.now, self._number
        self._number += 1
        self._arrange(now)
        quantity = self._units(number)
        if quantity < 1:
            return
        due_s = now + self._due.seconds(number) if self._due else NAN
        self.write(DEMANDED, number, quantity, now, due_s)
        if self._stock.loses:
            self._sell(number, quantity, due_s)
        else:
            self.owed += quantity
            self._stock.demand(Customer(self, number, quantity, now, due_s), (self._code, number, self._luck))

    def _sell(self, number: int, quantity: int, due_s: float) -> None:
        """A customer who does not wait takes what is there; the rest of the demand is lost."""
        now = self._floor.clock.now
        taken = self._stock.sell(quantity)
        if taken:
            self.write(SERVED, number, taken, now, due_s)
        if taken < quantity:
            self.write(LOST, number, quantity - taken, now, due_s)
        self._stock.watch()

    def _units(self, number: int) -> int:
        if self._quantity.is_constant or not self._floor.streams.noise:
            return round(self._quantity.mean)
        return round(self._quantity.quantile_at(self._quantity_luck.at(number)))

    def write(self, event: int, number: int, quantity: float, since_s: int, due_s: float) -> None:
        """A row of this stream."""
        self._floor.log.row(
            self._floor.clock.now,
            event,
            self._place,
            self._item,
            self._code,
            number,
            -1,
            -1,
            quantity,
            0.0,
            since_s,
            due_s,
        )
