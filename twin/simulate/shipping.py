"""Finished racks: which place they are for, where they wait, when and over which lane they leave."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Final, Protocol

from twin.events.record import EVENTS
from twin.model.order_book import OrderLine
from twin.model.rows_network import Item
from twin.model.units import DAY_S
from twin.simulate.clock import STARTS
from twin.simulate.datacenter import AcceptanceFloor, urgency_of
from twin.simulate.desk import OpenOrder, OrderDesk
from twin.simulate.gates import NEVER_S, Timeline
from twin.simulate.lanes import Trip, Way
from twin.simulate.lots import Floor
from twin.simulate.pools import Pool
from twin.simulate.quality import add_in_transport
from twin.simulate.routing import SiteFloor
from twin.simulate.targets import Target
from twin.simulate.units import Step, Unit

if TYPE_CHECKING:
    from twin.simulate.conversions import RackConversion

SHIPPED: Final = EVENTS.index("shipped")
DOCKED: Final = EVENTS.index("docked")
BLOCKED: Final = EVENTS.index("blocked")
NAN: Final = float("nan")


@dataclass(slots=True)
class RackLane:
    """A lane that carries a rack item: its way, what one costs, its plan, what has gone over it and is on it."""

    way: Way
    freight_usd: float
    duty_usd: Timeline
    leave: list[Timeline]
    defects: float = 0.0
    """Mean number added to a rack on the way."""
    target: Target | None = None
    shipped: float = 0.0
    trips: dict[int, Trip] = field(default_factory=dict)

    def opens(self, now: int) -> int:
        """The next moment from now on at which a rack may depart."""
        opens_s = self.way.opens(now)
        return max([opens_s, *(line.first_positive(now) for line in self.leave)]) if self.leave else opens_s

    def shortfall(self, time_s: int) -> float:
        """Racks the plan wants to have left by a moment and that have not."""
        return 0.0 if self.target is None else self.target.wanted(time_s) - self.target.done


class RackShipping:
    """Finished racks of one item at one site."""

    __slots__ = (
        "_acceptors", "_desk", "_floor", "_item", "_item_code", "_powered", "_serial", "_site",
        "_site_place", "_stock", "_wakes", "_woken", "assigned", "conversion", "lanes", "places", "waiting",
    )  # fmt: skip

    def __init__(
        self,
        floor: Floor,
        desk: OrderDesk,
        site: str,
        item: Item,
        acceptors: dict[str, AcceptanceFloor],
        lanes: dict[str, list[RackLane]],
        places: FinishedPlaces,
    ) -> None:
        self._floor, self._desk, self._site, self._item = floor, desk, site, item
        self._acceptors = acceptors
        # Where datacenters do not commit a place as work begins there, it is committed as a rack leaves here.
        self._powered = any(not acceptor.commits_here for acceptor in acceptors.values())
        self._item_code = floor.log.item(item.item)
        self._site_place = floor.log.place(f"site:{site}")
        self._stock = floor.stocks.index(site, item.item)
        self.lanes = lanes
        self.places = places
        self.conversion: RackConversion | None = None
        """Makes racks of this item into another where the plan wants it."""
        self.assigned: dict[str, int] = {}
        self.waiting: dict[str, list[tuple[tuple[int, int, str], int, Unit, int]]] = {}
        self._serial = 0
        self._woken = False
        self._wakes: set[int] = set()
        for destination, acceptor in acceptors.items():
            self.waiting[destination] = []
            if self._powered:
                acceptor.places.listeners.append(self.wake)

    def next_destination(self, ahead_s: int) -> str:
        """The place with the largest shortfall against the plan's shipments by when a rack is done."""
        soon_s = self._floor.clock.now + ahead_s
        best, largest = "", -float("inf")
        for destination, lanes in self.lanes.items():
            missing = 0.0 - self.assigned.get(destination, 0)
            for lane in lanes:
                if lane.target is not None:
                    missing += lane.target.wanted(soon_s) - lane.target.done
            if missing > largest:
                best, largest = destination, missing
        return best

    def new_unit(self, destination: str) -> Unit:
        """A unit with a serial of its own, pegged to the most urgent order of its destination."""
        acceptor = self._acceptors.get(destination)
        item = acceptor.item if acceptor else self._item.item
        opened, number, luck = self._desk.peg(destination or self._site, item)
        return Unit(
            order=opened.code if opened else -1,
            number=number,
            luck=luck,
            urgency=urgency_of(opened),
            destination=destination,
            rack=self._floor.numbers.new(),
        )

    def due_here_s(self, unit: Unit, opened: OpenOrder | None) -> int:
        """When the rack should leave this site to be in time: its due date less the way and the floor."""
        line: OrderLine | None = opened.line if opened else None
        if line is None:
            return self._floor.clock.now
        lanes = self.lanes.get(unit.destination, [])
        way_days = min((lane.way.lane.transit_days.mean for lane in lanes), default=0.0)
        acceptor = self._acceptors.get(unit.destination)
        floor_s = acceptor.mean_cycle_s if acceptor else 0
        return line.due_s - round(way_days * DAY_S) - floor_s

    def finish(self, unit: Unit, site_floor: SiteFloor, step: Step) -> None:
        """A rack is done: it moves to a finished-rack place if one is free, else it blocks its bay."""
        if not unit.destination:
            site_floor.release(unit, step)
            return
        self.places.enter(unit, site_floor, step)
        self.await_lane(unit)

    def await_lane(self, unit: Unit) -> None:
        """A finished rack waits for room on its way and, where asked for, power at its place."""
        self._serial += 1
        heappush(self.waiting[unit.destination], (unit.urgency, self._serial, unit, self._floor.clock.now))
        self.wake()

    def wake(self) -> None:
        """Ship what can be shipped, at the end of this instant."""
        if not self._woken:
            self._woken = True
            self._floor.clock.soon(self._try_ship)

    def _try_ship(self, _payload: object) -> None:
        self._woken = False
        now = self._floor.clock.now
        self._wakes.discard(now)
        for destination, waiting in self.waiting.items():
            while waiting and not self._is_kept(destination):
                acceptor = self._acceptors[destination]
                if self._powered and not acceptor.has_room():
                    break
                lane, opens_s = self._lane(destination, now)
                if opens_s > now:
                    if opens_s < NEVER_S and opens_s not in self._wakes:
                        self._wakes.add(opens_s)
                        self._floor.clock.at(opens_s, STARTS, self._try_ship)
                    break
                _, _, unit, since_s = heappop(waiting)
                if self._powered:
                    acceptor.commit()
                self._ship(unit, lane, since_s, now)
        if self.conversion is not None:
            self._convert(self.conversion)

    def _is_kept(self, destination: str) -> bool:
        """Does the plan want all racks that wait here converted before it wants the next one to leave?"""
        if self.conversion is None:
            return False
        standing = sum(len(waiting) for waiting in self.waiting.values())
        return self.conversion.wanted_s(standing) < self._wanted_s(destination)

    def _wanted_s(self, destination: str) -> int:
        """When the plan wants the next rack to leave for a place; NEVER_S if it wants none."""
        targets = [lane.target for lane in self.lanes[destination]]
        return min([target.due_s(1.0) for target in targets if target is not None], default=NEVER_S)

    def _convert(self, conversion: RackConversion) -> None:
        """Convert racks for as long as the plan wants that, and none to leave earlier for a place with room for it."""
        while (due_s := conversion.due_now_s()) < NEVER_S:
            waiting = [place for place, racks in self.waiting.items() if racks]
            roomy = [place for place in waiting if not self._powered or self._acceptors[place].has_room()]
            if not waiting or any(self._wanted_s(place) <= due_s for place in roomy):
                return
            conversion.start()

    def give_up(self) -> Unit:
        """The least urgent finished rack becomes one of another item, and its order is owed another."""
        last, destination = max((max(racks), place) for place, racks in self.waiting.items() if racks)
        self.waiting[destination].remove(last)
        heapify(self.waiting[destination])
        _, _, unit, since_s = last
        self.assigned[destination] -= 1
        self._desk.owe(unit)
        if self._floor.clock.now > since_s:
            self._row(BLOCKED, self._site_place, unit, since_s, 0.0)
        return unit

    def readdress(self, unit: Unit | None) -> Unit:
        """A rack that becomes one of this item: pegged as at release, under its own number. None: it was in stock."""
        destination = self.next_destination(0)
        self.assigned[destination] = self.assigned.get(destination, 0) + 1
        pegged = self.new_unit(destination)
        if unit is None:
            self.places.occupy(pegged)
            return pegged
        unit.order, unit.number, unit.luck = pegged.order, pegged.number, pegged.luck
        unit.urgency, unit.destination = pegged.urgency, pegged.destination
        return unit

    def take_up(self, unit: Unit) -> None:
        """A rack has become one of this item, and waits for its lane where it stands."""
        if unit.destination:
            self.await_lane(unit)
        else:
            self.places.leave(unit)

    def lose(self, unit: Unit) -> None:
        """A rack that was to become one of this item is scrapped: its order is owed another."""
        self._desk.owe(unit)
        self.assigned[unit.destination] -= 1
        self.places.leave(unit)

    def _lane(self, destination: str, now: int) -> tuple[RackLane, int]:
        """The open lane with the largest shortfall against the plan, or the one that opens first."""
        lanes = self.lanes[destination]
        if len(lanes) == 1:
            return lanes[0], lanes[0].opens(now)
        return min(
            ((lane, lane.opens(now)) for lane in lanes),
            key=lambda pair: (max(pair[1], now), -pair[0].shortfall(now), pair[0].way.lane.lane),
        )

    def _ship(self, unit: Unit, lane: RackLane, since_s: int, now: int) -> None:
        self._desk.assign(unit, unit.destination, self._acceptors[unit.destination].item)
        if now > since_s:
            self._row(BLOCKED, self._site_place, unit, since_s, 0.0)
        self._floor.stocks.take(self._stock, 1)
        self.assigned[unit.destination] -= 1
        if lane.target is not None:
            lane.target.done += 1
        lane.shipped += 1
        row = lane.way.lane
        transit_s = unit.luck.transit_s(row.lane, row.transit_days, DAY_S, unit.number)
        transit_s = lane.way.depart(self._item.mass_kg, transit_s)
        trip = Trip(self._floor.numbers.new(), 1, now, transit_s, payload=(unit, lane))
        usd = lane.freight_usd + lane.duty_usd.at(now)
        self._row(SHIPPED, lane.way.place, unit, since_s, usd, trip.number)
        self._travel(lane, trip)
        self.places.leave(unit)

    def resume(self, destination: str, lane: RackLane, remaining_s: int) -> int:
        """A rack found on its way on day one; gives the number of its shipment."""
        unit = self.new_unit(destination)
        self._desk.assign(unit, destination, self._acceptors[destination].item)
        trip = Trip(self._floor.numbers.new(), 1, self._floor.clock.now, remaining_s, payload=(unit, lane))
        self._travel(lane, trip)
        return trip.number

    def resume_finished(self) -> None:
        """A finished rack found waiting on day one; it goes where the plan lacks most."""
        unit = self.new_unit(self.next_destination(0))
        self.assigned[unit.destination] = self.assigned.get(unit.destination, 0) + 1
        self.places.occupy(unit)
        self.await_lane(unit)

    def _travel(self, lane: RackLane, trip: Trip) -> None:
        lane.trips[trip.number] = trip
        lane.way.travel(trip, self._arrive)

    def _arrive(self, trip: Trip) -> None:
        assert isinstance(trip.payload, tuple)
        unit, lane = trip.payload
        del lane.trips[trip.number]
        self._row(DOCKED, lane.way.place, unit, trip.depart_s, 0.0, trip.number)
        if lane.defects:
            add_in_transport(self._floor, lane.way.lane.lane, lane.way.place, self._item_code, lane.defects, unit)
        self._acceptors[unit.destination].dock(unit)

    def _row(self, event: int, place: int, unit: Unit, since_s: float, usd: float, lot: int = -1) -> None:
        order, number = (unit.serves, unit.ordinal) if unit.serves >= 0 else (unit.order, unit.number)
        self._floor.log.row(
            self._floor.clock.now, event, place, self._item_code, order, number, lot, unit.rack, 1, usd, since_s, NAN
        )


class Bays(Protocol):
    """Where racks are until they have a finished-rack place: a site's routing floor."""

    def release(self, unit: Unit, step: Step) -> None:
        """Give back what the last step held."""


class FinishedPlaces:
    """The finished-rack places of a site: a full floor keeps racks in the bays of their last step."""

    __slots__ = ("_blocked", "_clock", "_inside", "_pool")

    def __init__(self, pool: Pool | None, floor: Floor) -> None:
        self._pool = pool
        self._clock = floor.clock
        self._inside: set[int] = set()
        self._blocked: list[tuple[Unit, Bays, Step]] = []

    def enter(self, unit: Unit, site_floor: Bays, step: Step) -> None:
        """A finished rack takes a place and frees its bay, or keeps its bay until a place is free."""
        if self._pool is not None and not self._pool.free_for(1):
            self._blocked.append((unit, site_floor, step))
            return
        self._occupy(unit)
        site_floor.release(unit, step)

    def occupy(self, unit: Unit) -> None:
        """A rack found finished on day one holds a place, even where there are too few."""
        self._occupy(unit)

    def leave(self, unit: Unit) -> None:
        """A rack has shipped, from a place or straight from its bay; the next one moves up."""
        if id(unit) in self._inside:
            self._inside.discard(id(unit))
            if self._pool is not None:
                self._pool.hold(self._clock.now, -1)
        else:
            position = next(index for index, each in enumerate(self._blocked) if each[0] is unit)
            _, site_floor, step = self._blocked.pop(position)
            site_floor.release(unit, step)
        while self._blocked and (self._pool is None or self._pool.free_for(1)):
            moved, site_floor, step = self._blocked.pop(0)
            self._occupy(moved)
            site_floor.release(moved, step)

    def _occupy(self, unit: Unit) -> None:
        self._inside.add(id(unit))
        if self._pool is not None:
            self._pool.hold(self._clock.now, 1)
