"""Processes that run in lots: released by the plan, limited by rate and inputs, cut by yield."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from twin.disrupt.record import ProcessAvailability, WipLoss
from twin.events.record import EVENTS
from twin.events.writer import LogWriter
from twin.model.profile import StepProfile
from twin.model.rows_make import Process
from twin.model.units import DAY_S
from twin.simulate.clock import CHANGES, ENDS, Clock
from twin.simulate.gates import NEVER_S, RateGate, Stops, Timeline
from twin.simulate.station import Station
from twin.simulate.stocks import Stocks
from twin.simulate.streams import Draws, Sequence, Streams, binomial_quantile
from twin.simulate.targets import TOLERANCE

STARTED: Final = EVENTS.index("started")
CONSUMED: Final = EVENTS.index("consumed")
PRODUCED: Final = EVENTS.index("produced")
SCRAPPED: Final = EVENTS.index("scrapped")
NAN: Final = float("nan")


class Recipe:
    """A row of the process table as the floor reads it: plain numbers, and the draws of its cycles."""

    __slots__ = ("cost_usd_each", "cycles", "from_s", "lot_size", "resource_each", "yield_fraction")

    def __init__(self, streams: Streams, key: tuple[str, str, str], from_s: int, row: Process) -> None:
        self.from_s = from_s
        self.lot_size = row.lot_size
        self.cost_usd_each = row.cost_usd_per_unit
        self.resource_each = row.resource_per_unit
        self.yield_fraction = row.yield_fraction
        self.cycles = None if row.cycle_days is None else Draws(streams, row.cycle_days, DAY_S, "cycle", *key)


class Lot:
    """A lot in process: `ordinal` in its process, `work_s` its cycle without standstill."""

    __slots__ = ("number", "ordinal", "quantity", "recipe", "start_s", "work_s")

    def __init__(self, number: int, ordinal: int, quantity: int, start_s: int, work_s: int, recipe: Recipe) -> None:
        self.number = number
        self.ordinal = ordinal
        self.quantity = quantity
        self.start_s = start_s
        self.work_s = work_s
        self.recipe = recipe


class LotNumbers:
    """Numbers lots and shipments of a replication from 0."""

    __slots__ = ("_next",)

    def __init__(self) -> None:
        self._next = 0

    def new(self) -> int:
        """A number not used before."""
        self._next += 1
        return self._next - 1


@dataclass(frozen=True, slots=True)
class Floor:
    """What every part of one replication works with."""

    clock: Clock
    log: LogWriter
    stocks: Stocks
    streams: Streams
    numbers: LotNumbers


class LotStation(Station):
    """One process at one site. Gross starts follow the target; good units go into stock."""

    __slots__ = (
        "_before",
        "_floor",
        "_gate",
        "_inputs",
        "_item",
        "_lead_time",
        "_luck",
        "_not_blocked",
        "_ordinal",
        "_output",
        "_place",
        "_recipes",
        "_rest",
        "_site_place",
        "_stops",
        "_yield",
        "in_process",
        "key",
        "lots",
        "on_scrap",
        "shared",
        "shared_name",
        "started",
    )

    def __init__(
        self,
        floor: Floor,
        key: tuple[str, str, str],
        rows: list[tuple[int, Process]],
        inputs: list[tuple[str, float]],
        available: ProcessAvailability,
        shared: RateGate | None,
    ) -> None:
        super().__init__(floor.clock)
        process, site, item = key
        log, stocks = floor.log, floor.stocks
        self._floor = floor
        self.key = key
        self._recipes = [Recipe(floor.streams, key, from_s, row) for from_s, row in rows]
        self._inputs = [(stocks.index(site, name), log.item(name), quantity) for name, quantity in inputs]
        self._output = stocks.index(site, item)
        self._place = log.place(f"process:{process}@{site}")
        self._site_place = log.place(f"site:{site}")
        self._item = log.item(item)
        self._gate = RateGate(available.starts_per_week)
        self.shared = shared
        self.shared_name = (site, rows[0][1].resource)
        self._not_blocked = Timeline(StepProfile(available.blocked.times_s, 1.0 - available.blocked.values))
        self._stops = Stops(available.frozen)
        self._yield = Timeline(available.yield_factor)
        self._lead_time = Timeline(available.lead_time_factor)
        self._luck = Sequence(floor.streams, "yield", *key)
        self.lots: dict[int, Lot] = {}
        self.on_scrap: Callable[[int], None] | None = None
        """Told how many units are scrapped, where a stock policy makes them again."""
        self.started = 0.0
        self.in_process = 0
        self._ordinal = 0
        self._before = 0
        self._rest = 0.0
        for loss in available.wip_losses:
            if loss.at_s >= 0:
                floor.clock.at(loss.at_s, CHANGES, self._lose, loss)

    @property
    def lot_size(self) -> int:
        """Units of a lot started now."""
        return self.recipe_now().lot_size

    def next_due_s(self) -> int:
        """When the plan wants the next lot."""
        return NEVER_S if self.target is None else self.target.due_s(self.lot_size)

    def try_start(self, _payload: object = None) -> None:
        """Start every lot that is due, allowed and has its inputs."""
        while True:
            now, due_s = self.clock.now, self.next_due_s()
            if due_s > now:
                self.wake_at(due_s)
                return
            opens_s = self.opens(now)
            if opens_s > now:
                self.wake_at(opens_s)
                return
            recipe = self.recipe_now()
            if not self._inputs_are_there(recipe.lot_size):
                return
            self.begin(recipe, recipe.lot_size, wanted_s=due_s)
            if self.target is not None:
                self.target.done += recipe.lot_size

    def begin(self, recipe: Recipe, quantity: int, *, inputs_taken: bool = False, wanted_s: float = NAN) -> None:
        """Start a lot now: its inputs leave stock, unless they have, and its rate is used up.

        `wanted_s` is when the plan wanted it.
        """
        now, number = self.clock.now, self._floor.numbers.new()
        self._gate.use(now, quantity)
        if self.shared is not None:
            self.shared.use(now, quantity * recipe.resource_each)
        log = self._floor.log
        log.row(now, STARTED, self._place, self._item, -1, -1, number, -1, quantity,
                quantity * recipe.cost_usd_each, wanted_s, NAN)  # fmt: skip
        for index, item, per_unit in self._inputs:
            if not inputs_taken:
                self._floor.stocks.take(index, per_unit * quantity)
            log.row(now, CONSUMED, self._site_place, item, -1, -1, -1, number, per_unit * quantity, 0.0, NAN, NAN)
        if self.reserve is not None:
            self.reserve.left(quantity)
        self._put(self._new_lot(recipe, quantity, number))

    def _new_lot(self, recipe: Recipe, quantity: int, number: int) -> Lot:
        ordinal = self._ordinal
        self._ordinal += 1
        cycle_s = 0 if recipe.cycles is None else recipe.cycles.seconds(ordinal)
        now = self.clock.now
        self.started += quantity
        return Lot(number, ordinal, quantity, now, round(cycle_s * self._lead_time.at(now)), recipe)

    def resume(self, quantity: int, remaining_s: int) -> int:
        """A lot found in process on day one; gives its number. Ordinals below 0 are theirs."""
        number = self._floor.numbers.new()
        self._before -= 1
        self._put(Lot(number, self._before, quantity, self.clock.now, remaining_s, self.recipe_now()))
        return number

    def _put(self, lot: Lot) -> None:
        self.lots[lot.number] = lot
        self.in_process += lot.quantity
        self.clock.at(self.clock.now + lot.work_s, ENDS, self._end, lot)

    def remaining_s(self, lot: Lot) -> int:
        """Work left on a lot now, without standstill to come."""
        now = self.clock.now
        worked = now - lot.start_s - self._stops.stood_still(lot.start_s, now)
        return max(0, lot.work_s - worked)

    def recipe_now(self) -> Recipe:
        """The row of the process table in force."""
        recipes = self._recipes
        while len(recipes) > 1 and recipes[1].from_s <= self.clock.now:
            # Time does not turn back, so a row that has been followed is not needed again.
            del recipes[0]
        return recipes[0]

    def opens(self, now: int) -> int:
        """The first moment from now on at which a start is allowed."""
        opens_s = max(self._gate.opens(now), self._not_blocked.first_positive(now))
        return opens_s if self.shared is None else max(opens_s, self.shared.opens(now))

    def _inputs_are_there(self, quantity: int) -> bool:
        if self.reserve is not None and not self.reserved(quantity):
            return False
        stocks = self._floor.stocks
        for index, _, per_unit in self._inputs:
            missing = per_unit * quantity - stocks.on_hand[index]
            if missing > TOLERANCE:
                stocks.wait(index, self, missing)
                return False
        return True

    def _end(self, lot: Lot) -> None:
        now = self.clock.now
        ends_s = self._stops.end_of(lot.start_s, lot.work_s, now)
        if ends_s > now:
            self.clock.at(ends_s, ENDS, self._end, lot)
            return
        if self.lots.pop(lot.number, None) is None:
            return
        self.in_process -= lot.quantity
        self._finish(lot)

    def _finish(self, lot: Lot) -> None:
        """What is good of a lot that has ended enters stock."""
        now, good = self.clock.now, self._good(lot)
        log = self._floor.log
        if good:
            log.row(now, PRODUCED, self._place, self._item, -1, -1, lot.number, -1, good, 0.0, lot.start_s, NAN)
        if good < lot.quantity:
            self._scrap(lot, lot.quantity - good)
        self._floor.stocks.add(self._output, good)

    def _good(self, lot: Lot) -> int:
        chance = lot.recipe.yield_fraction * self._yield.at(self.clock.now)
        if chance >= 1:
            return lot.quantity
        if self._floor.streams.noise:
            return binomial_quantile(self._luck.at(lot.ordinal), lot.quantity, chance)
        exact = lot.quantity * chance + self._rest
        self._rest = exact - int(exact)
        return int(exact)

    def _lose(self, loss: WipLoss) -> None:
        """A disruption scraps its fraction of what is in process, rounded over the lots."""
        rest = 0.0
        for lot in list(self.lots.values()):
            exact = lot.quantity * loss.fraction + rest
            lost = min(lot.quantity, int(exact + TOLERANCE))
            rest = exact - lost
            if lost:
                lot.quantity -= lost
                self.in_process -= lost
                self._scrap(lot, lost)

    def _scrap(self, lot: Lot, quantity: int) -> None:
        self._floor.log.row(
            self.clock.now, SCRAPPED, self._place, self._item, -1, -1, lot.number, -1, quantity, 0.0, lot.start_s, NAN
        )
        if self.on_scrap is not None:
            self.on_scrap(quantity)
