"""Rack integration: racks released by the plan, sent through the routing, shipped when finished."""

from __future__ import annotations

from typing import Final

from twin.events.record import EVENTS
from twin.model.state import RackInProcess
from twin.simulate.desk import OrderDesk
from twin.simulate.gates import NEVER_S
from twin.simulate.lots import Floor
from twin.simulate.making import Making
from twin.simulate.record import ReleasedUnit
from twin.simulate.shipping import RackShipping
from twin.simulate.station import Station
from twin.simulate.units import Routing, Step, Unit, mode_begun

STARTED: Final = EVENTS.index("started")
CONSUMED: Final = EVENTS.index("consumed")
PRODUCED: Final = EVENTS.index("produced")
SCRAPPED: Final = EVENTS.index("scrapped")
NAN: Final = float("nan")


class RackStation(Station):
    """One item made one by one at one site, released by the plan when its kit is complete."""

    __slots__ = (
        "_desk",
        "_floor",
        "_inputs",
        "_item_code",
        "_kits",
        "_making",
        "_output",
        "_place",
        "_shipping",
        "_site_place",
        "key",
        "mean_cycle_s",
        "releases",
        "routing",
        "started",
    )  # fmt: skip

    def __init__(
        self,
        floor: Floor,
        desk: OrderDesk,
        making: Making,
        shipping: RackShipping,
        releases: list[ReleasedUnit],
    ) -> None:
        super().__init__(floor.clock)
        _, site, name = self.key = making.key
        self._floor, self._desk, self._making, self._shipping = floor, desk, making, shipping
        self._inputs = making.stock_inputs(floor)
        self._output = floor.stocks.index(site, name)
        self._place = making.place(floor)
        self._site_place = floor.log.place(f"site:{site}")
        self._item_code = floor.log.item(name)
        self.routing: Routing | None = None
        self.mean_cycle_s = 0
        self.started = 0.0
        self._kits = 0
        self.releases = releases

    def next_due_s(self) -> int:
        """When the plan wants the next unit."""
        return NEVER_S if self.target is None else self.target.due_s(1.0)

    def try_start(self, _payload: object = None) -> None:
        """Release every unit that is due, allowed and has its full kit."""
        while True:
            now, due_s = self.clock.now, self.next_due_s()
            if due_s > now:
                self.wake_at(due_s)
                return
            opens_s = self._making.opens(now)
            if opens_s > now:
                self.wake_at(opens_s)
                return
            if self.reserve is not None and not self.reserved(1.0):
                return
            short = self._floor.stocks.lacking(self._inputs)
            if short is not None:
                self._floor.stocks.wait(short[0], self, short[1])
                return
            self._release(now, due_s)

    def resume(self, position: int, found: RackInProcess) -> None:
        """A unit found in process on day one, at a step with work left."""
        assert self.routing is not None
        unit = self._new_unit(found.destination or self._shipping.next_destination(self.mean_cycle_s))
        self.routing.enter(unit, position, found.remaining_s, found.mode, found.kept_mode)

    def finished(self, unit: Unit, step: Step) -> None:
        """The last step is done: the rack waits to ship, in its bay if the floor is full."""
        assert self.routing is not None
        now = self.clock.now
        self._floor.log.row(
            now, PRODUCED, self._place, self._item_code, unit.order, unit.number, -1, -1, 1, 0.0, unit.released_s, NAN
        )
        self._floor.stocks.add(self._output, 1)
        self._shipping.finish(unit, self.routing.floor_site, step)

    def lose(self, unit: Unit) -> None:
        """A rack is scrapped: its order is owed another."""
        self._desk.owe(unit)
        self._shipping.assigned[unit.destination] -= 1
        if self.target is not None:
            self.target.done -= 1
            self.wake_at(self.clock.now)
        self._floor.log.row(
            self.clock.now, SCRAPPED, self._place, self._item_code, unit.order, unit.number, -1, -1, 1, 0.0, NAN, NAN
        )

    def _release(self, now: int, wanted_s: int) -> None:
        assert self.routing is not None
        assert self.target is not None
        self._making.gate.use(now, 1)
        self.target.done += 1
        self.started += 1
        unit = self._new_unit(self._shipping.next_destination(self.mean_cycle_s))
        unit.released_s = float(now)
        usd = self._making.row.cost_usd_per_unit
        self._floor.log.row(
            now,
            STARTED,
            self._place,
            self._item_code,
            unit.order,
            unit.number,
            -1,
            unit.rack,
            1,
            usd,
            wanted_s,
            NAN,
        )
        self._floor.stocks.take_kit(self._inputs)
        self._kits += 1
        if self.reserve is not None:
            self.reserve.left(1.0)
            # What a stock under a policy holds is an integral of the log, which a week's row would spoil.
            self.write_consumed()
        self.routing.enter(unit)
        self._note(unit, self.routing.steps[0], None, under_way=False)

    def _new_unit(self, destination: str) -> Unit:
        self._shipping.assigned[destination] = self._shipping.assigned.get(destination, 0) + 1
        return self._shipping.new_unit(destination)

    def write_consumed(self) -> None:
        """One row per input for the kits taken since the last time: a rack takes a dozen inputs."""
        for _, code, quantity in self._inputs if self._kits else ():
            self._floor.log.row(
                self.clock.now, CONSUMED, self._site_place, code, -1, -1, -1, -1, quantity * self._kits, 0.0, NAN, NAN
            )
        self._kits = 0

    def note_inside(self) -> None:
        """Remember every unit found on the floor, for the schedule that a plan begins with.

        Those released at this instant are remembered already.
        """
        assert self.routing is not None
        for unit, routing, remaining_s, under_way in self.routing.floor_site.units_inside():
            if routing is self.routing and unit.released_s != self.clock.now:
                self._note(unit, unit.at, remaining_s, under_way=under_way)

    def _clusters(self, unit: Unit) -> tuple[tuple[int, int], ...]:
        assert self.routing is not None
        numbers = [(each.step.number, each.number_of(unit)) for each in self.routing.together]
        return tuple(pair for pair in numbers if pair[1])

    def _note(self, unit: Unit, step: Step, remaining_s: int | None, *, under_way: bool) -> None:
        """Remember a unit for the scheduler, which asks for those of the mean-valued run only."""
        if self._floor.streams.noise:
            return
        opened = self._desk.by_code.get(unit.order)
        self.releases.append(
            ReleasedUnit(
                site=self.key[1],
                item=self.key[2],
                process=self.key[0],
                order=opened.line.order if opened else "",
                unit=unit.number,
                release_s=self.clock.now,
                due_s=self._shipping.due_here_s(unit, opened),
                priority=opened.line.priority if opened else 9,
                step=step.number,
                remaining_s=remaining_s,
                mode=mode_begun(unit, under_way=under_way),
                kept_mode=unit.kept_mode,
                under_way=under_way,
                inside=remaining_s is not None,
                clusters=self._clusters(unit),
                pace=unit.pace,
            )
        )
