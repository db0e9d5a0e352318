"""Lanes: what the plan sends, when it departs, how long it travels, what it costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from twin.disrupt.record import LaneAvailability
from twin.events.record import EVENTS
from twin.model.profile import StepProfile
from twin.model.rows_network import Item, Lane
from twin.model.units import DAY_S
from twin.simulate.clock import ARRIVALS
from twin.simulate.gates import NEVER_S, RateGate, Stops, Timeline
from twin.simulate.lots import Floor
from twin.simulate.making import inverse, unless_one
from twin.simulate.station import Station
from twin.simulate.streams import Draws
from twin.simulate.targets import TOLERANCE

SHIPPED: Final = EVENTS.index("shipped")
DOCKED: Final = EVENTS.index("docked")
NAN: Final = float("nan")


class Trip:
    """A shipment under way; `work_s` is its transit without standstill."""

    __slots__ = ("depart_s", "number", "payload", "quantity", "work_s")

    def __init__(self, number: int, quantity: int, depart_s: int, work_s: int, payload: Any = None) -> None:
        self.number = number
        self.quantity = quantity
        self.depart_s = depart_s
        self.work_s = work_s
        self.payload = payload


class Way:
    """A lane as it is used: departures, weekly capacity, closures, transit."""

    __slots__ = (
        "_always_open",
        "_every_s",
        "_floor",
        "_gate",
        "_open",
        "_stops",
        "_transit_factor",
        "lane",
        "place",
        "usd_per_kg",
    )

    def __init__(self, floor: Floor, lane: Lane, available: LaneAvailability) -> None:
        self._floor = floor
        self.lane = lane
        self.place = floor.log.place(f"lane:{lane.lane}")
        self.usd_per_kg = lane.cost_usd_per_kg
        self._every_s = round(lane.departs_every_days * DAY_S) if lane.departs_every_days else 0
        self._gate = RateGate(available.capacity_kg_per_week, self._every_s)
        self._open = Timeline(inverse(available.closed))
        self._always_open = self._gate.always_open and self._open.always_positive and not self._every_s
        self._stops = Stops(available.stopped)
        self._transit_factor = unless_one(available.transit_factor)

    def opens(self, now: int) -> int:
        """The next moment from now on at which something may depart."""
        if self._always_open:
            return now
        opens_s = max(self._gate.opens(now), self._open.first_positive(now))
        if self._every_s and opens_s < NEVER_S:
            opens_s = -(-opens_s // self._every_s) * self._every_s
        return opens_s

    def depart(self, mass_kg: float, transit_s: int) -> int:
        """Use the lane's capacity now; gives the transit as the present conditions stretch it."""
        now = self._floor.clock.now
        self._gate.use(now, mass_kg)
        factor = self._transit_factor
        return transit_s if factor is None else round(transit_s * factor.at(now))

    def travel(self, trip: Trip, arrive: Callable[[Trip], None]) -> None:
        """Call `arrive` when the trip's transit has passed, standstills added as they come."""
        self._floor.clock.at(
            max(self._floor.clock.now, trip.depart_s + trip.work_s), ARRIVALS, self._end, (trip, arrive)
        )

    def remaining_s(self, trip: Trip) -> int:
        """Transit left now, without standstill to come."""
        now = self._floor.clock.now
        return max(0, trip.work_s - (now - trip.depart_s - self._stops.stood_still(trip.depart_s, now)))

    def _end(self, travelling: tuple[Trip, Callable[[Trip], None]]) -> None:
        trip, arrive = travelling
        if self._stops.any:
            now = self._floor.clock.now
            ends_s = self._stops.end_of(trip.depart_s, trip.work_s, now)
            if ends_s > now:
                self._floor.clock.at(ends_s, ARRIVALS, self._end, travelling)
                return
        arrive(trip)


class FlowStation(Station):
    """One item on one lane: ships what the plan wants as far as stock and lane allow."""

    __slots__ = (
        "_destination",
        "_duty_usd",
        "_floor",
        "_item",
        "_leave",
        "_mass_kg",
        "_ordinal",
        "_origin",
        "_transit",
        "_usd_each",
        "_way",
        "block",
        "in_transit",
        "key",
        "shipped",
        "trips",
    )

    def __init__(
        self, floor: Floor, way: Way, item: Item, blocked: list[StepProfile], block: int, duty_usd: Timeline
    ) -> None:
        """`block` is how many units the plan sends at a time, `duty_usd` the duty on one by the moment it leaves."""
        super().__init__(floor.clock)
        lane = way.lane
        self._floor = floor
        self._way = way
        self.key = (lane.lane, item.item)
        self.block = block
        """Units that leave together."""
        self._origin = floor.stocks.index(lane.origin, item.item)
        self._destination = floor.stocks.index(lane.destination, item.item)
        self._item = floor.log.item(item.item)
        self._mass_kg = item.mass_kg
        self._usd_each = way.usd_per_kg * item.mass_kg
        self._duty_usd = duty_usd
        self._leave = [Timeline(inverse(profile)) for profile in blocked]
        self._transit = Draws(floor.streams, lane.transit_days, DAY_S, "transit", lane.lane, item.item)
        self._ordinal = 0
        self.shipped = 0.0
        self.in_transit = 0
        self.trips: dict[int, Trip] = {}

    def next_due_s(self) -> int:
        """When the plan wants the next block of units to have left."""
        return NEVER_S if self.target is None else self.target.due_s(self._next_block())

    def try_start(self, _payload: object = None) -> None:
        """Ship what is wanted by now, in one shipment, or arrange to be woken."""
        if self.target is None:
            return
        now, due_s = self.clock.now, self.next_due_s()
        if due_s > now:
            self.wake_at(due_s)
            return
        opens_s = self.opens(now)
        if opens_s > now:
            self.wake_at(opens_s)
            return
        owed = self._owed(now)
        stocks = self._floor.stocks
        reserve = self.reserve
        there = stocks.on_hand[self._origin] if reserve is None else reserve.gather(owed)
        quantity = min(owed, int(there + TOLERANCE))
        if quantity > 0:
            self.target.done += quantity
            self.ship(quantity, due_s)
        if reserve is not None:
            reserve.left(quantity)
            self.wake_at(max(now + 1, self.target.ahead_s(owed - quantity + self.block)))
        elif quantity < owed:
            stocks.wait(self._origin, self, owed - quantity)
        else:
            self.wake_at(max(now, self.next_due_s()))

    def opens(self, now: int) -> int:
        """The first moment from now on at which the item may leave by this lane."""
        opens_s = self._way.opens(now)
        if self._leave:
            opens_s = max([opens_s, *(line.first_positive(now) for line in self._leave)])
        return opens_s

    def ship(self, quantity: int, wanted_s: float) -> None:
        """Send units off now; `wanted_s` is when the plan wanted the first of them to leave."""
        self._floor.stocks.take(self._origin, quantity)
        self.ship_taken(quantity, wanted_s)

    def ship_taken(self, quantity: int, wanted_s: float = NAN) -> None:
        """Send units off now that have left stock already."""
        now, number = self.clock.now, self._floor.numbers.new()
        transit_s = self._way.depart(quantity * self._mass_kg, self._transit.seconds(self._ordinal))
        self._ordinal += 1
        self.shipped += quantity
        usd = quantity * (self._usd_each + self._duty_usd.at(now))
        self._floor.log.row(now, SHIPPED, self._way.place, self._item, -1, -1, number, -1, quantity, usd, wanted_s, NAN)
        self.send(Trip(number, quantity, now, transit_s))

    def resume(self, quantity: int, remaining_s: int) -> int:
        """A shipment found on the way on day one; gives its number."""
        number = self._floor.numbers.new()
        self.send(Trip(number, quantity, self.clock.now, remaining_s))
        return number

    def send(self, trip: Trip) -> None:
        """A trip is under way."""
        self.trips[trip.number] = trip
        self.in_transit += trip.quantity
        self._way.travel(trip, self._arrive)

    def remaining_s(self, trip: Trip) -> int:
        """Transit left on a trip."""
        return self._way.remaining_s(trip)

    def _arrive(self, trip: Trip) -> None:
        del self.trips[trip.number]
        self.in_transit -= trip.quantity
        self._floor.log.row(
            self.clock.now, DOCKED, self._way.place, self._item, -1, -1, trip.number, -1, trip.quantity, 0.0,
            trip.depart_s, NAN,
        )  # fmt: skip
        self._floor.stocks.add(self._destination, trip.quantity)

    def _next_block(self) -> float:
        """Units until the next whole block of the plan's curve, at least one."""
        return max(1.0, self.block - self._ahead() % self.block)

    def _ahead(self) -> float:
        assert self.target is not None
        return max(0.0, self.target.done - self.target.carry)

    def _owed(self, now: int) -> int:
        """Whole units wanted by now: full blocks, or what the plan's last days still ask for."""
        assert self.target is not None
        wanted = self.target.wanted(now) - self.target.done
        blocks = int((wanted + TOLERANCE) / self.block) * self.block
        return max(int(wanted + TOLERANCE) if blocks == 0 else blocks, 1)
