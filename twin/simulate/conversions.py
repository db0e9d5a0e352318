"""Conversions of racks: one customer's configuration made into another's, where the finished rack stands."""

from __future__ import annotations

from typing import Final

from twin.disrupt.record import ProcessAvailability
from twin.events.record import EVENTS
from twin.model.rows_make import Process
from twin.simulate.gates import NEVER_S
from twin.simulate.lots import Floor, Lot, LotStation, Recipe
from twin.simulate.shipping import RackShipping
from twin.simulate.units import Unit

STARTED: Final = EVENTS.index("started")
CONSUMED: Final = EVENTS.index("consumed")
PRODUCED: Final = EVENTS.index("produced")
SCRAPPED: Final = EVENTS.index("scrapped")
NAN: Final = float("nan")


class RackConversion(LotStation):
    """Finished racks of one item made into another's, one by one, as the plan wants.

    A rack keeps its number and the place where it stands; it is pegged anew, to an order of
    what it becomes, as its conversion begins. Which rack is converted, and whether it is
    not wanted elsewhere first, is for the shipping of its item to say.
    """

    __slots__ = ("_from", "_into", "_racks", "_stock")

    def __init__(
        self,
        floor: Floor,
        key: tuple[str, str, str],
        row: Process,
        origin: str,
        available: ProcessAvailability,
        shipping: RackShipping,
        into: RackShipping,
    ) -> None:
        super().__init__(floor, key, [(0, row)], [(origin, 1.0)], available, None)
        self._stock = floor.stocks.index(key[1], origin)
        self._from, self._into = shipping, into
        self._racks: dict[int, Unit] = {}
        """Racks under conversion, by the number of what would be their lot."""

    def try_start(self, _payload: object = None) -> None:
        """Have finished racks looked through, now and when the next conversion may start."""
        if not self._from.lanes:
            super().try_start()
            return
        now = self.clock.now
        next_s = max(self.next_due_s(), self.opens(now))
        if now < next_s < NEVER_S:
            self.wake_at(next_s)
        self._from.wake()

    def due_now_s(self) -> int:
        """Since when the plan wants the next conversion, if it may start now; else NEVER_S."""
        now, due_s = self.clock.now, self.next_due_s()
        return due_s if due_s <= now and self.opens(now) <= now else NEVER_S

    def wanted_s(self, racks: int) -> int:
        """When the plan wants so many more racks to have been converted; NEVER_S if it does not."""
        return NEVER_S if self.target is None else self.target.ahead_s(float(racks))

    def start(self) -> None:
        """Convert the next rack now."""
        assert self.target is not None
        self.begin(self.recipe_now(), 1, wanted_s=self.next_due_s())
        self.target.done += 1
        now = self.clock.now
        next_s = max(self.next_due_s(), self.opens(now))
        if now < next_s < NEVER_S:
            self.wake_at(next_s)

    def begin(
        self,
        recipe: Recipe,
        quantity: int,
        *,
        inputs_taken: bool = False,  # noqa: ARG002 - only stock policies take inputs before
        wanted_s: float = NAN,
    ) -> None:
        """Start a conversion: the rack leaves the stock of what it was, and is pegged to another order."""
        now, log = self.clock.now, self._floor.log
        unit = self._into.readdress(self._from.give_up() if self._from.lanes else None)
        log.row(now, STARTED, self._place, self._item, unit.order, unit.number, -1, unit.rack, 1,
                recipe.cost_usd_each, wanted_s, NAN)  # fmt: skip
        self._floor.stocks.take(self._stock, 1)
        # As with the kits of racks, the row names no consumer: a rack is one number from start to end.
        log.row(now, CONSUMED, self._site_place, self._inputs[0][1], -1, -1, -1, -1, 1, 0.0, NAN, NAN)
        lot = self._new_lot(recipe, quantity, self._floor.numbers.new())
        self._racks[lot.number] = unit
        self._put(lot)

    def resume(self, quantity: int, remaining_s: int) -> int:
        """Racks found under conversion on day one; gives the number of the last."""
        number = -1
        for _ in range(quantity):
            number = super().resume(1, remaining_s)
            self._racks[number] = self._into.readdress(None)
        return number

    def _finish(self, lot: Lot) -> None:
        if not lot.quantity:
            return
        if not self._good(lot):
            self._scrap(lot, 1)
            return
        unit = self._racks.pop(lot.number)
        self._floor.log.row(self.clock.now, PRODUCED, self._place, self._item, unit.order, unit.number, -1, -1, 1, 0.0,
                            lot.start_s, NAN)  # fmt: skip
        self._floor.stocks.add(self._output, 1)
        self._into.take_up(unit)

    def _scrap(self, lot: Lot, quantity: int) -> None:
        unit = self._racks.pop(lot.number)
        self._into.lose(unit)
        self._floor.log.row(self.clock.now, SCRAPPED, self._place, self._item, unit.order, unit.number, -1, -1,
                            quantity, 0.0, lot.start_s, NAN)  # fmt: skip
