"""Streams of customers: the `demand` table, each customer an order on a stock."""

from __future__ import annotations

from twin.events.record import EVENTS
from twin.model.rows_demand import Demand
from twin.model.units import DAY_S
from twin.simulate.clock import ARRIVALS
from twin.simulate.lots import Floor
from twin.simulate.luck import LuckGroup
from twin.simulate.pull import PullStock
from twin.simulate.streams import Draws, Sequence

DEMANDED, SERVED = EVENTS.index("demanded"), EVENTS.index("served")
NAN = float("nan")


class CustomerStream:
    """One row of the `demand` table: arrivals one after the other, each with its quantity."""

    __slots__ = ("_code", "_due", "_ends_s", "_floor", "_gap", "_item", "_luck", "_number", "_place", "_quantity",
                 "_quantity_luck", "_row", "_stock")  # fmt: skip

    def __init__(self, floor: Floor, row: Demand, stock: PullStock, starts_s: int, ends_s: int) -> None:
        name = f"{row.customer}@{row.site}/{row.item}"
        self._floor, self._row, self._stock, self._ends_s = floor, row, stock, ends_s
        self._place = floor.log.place(f"customer:{row.customer}@{row.site}")
        self._item = floor.log.item(row.item)
        self._code = floor.log.order(name)
        self._gap = Draws(floor.streams, row.every_days, DAY_S, "gap", name)
        self._quantity = row.quantity
        self._quantity_luck = Sequence(floor.streams, "quantity", name)
        self._due = Draws(floor.streams, row.due_after_days, DAY_S, "due", name) if row.due_after_days else None
        self._luck = LuckGroup(floor.streams, name, 256)
        self._number = 0
        self._arrange(starts_s)

    def _arrange(self, from_s: int) -> None:
        arrives_s = from_s + self._gap.seconds(self._number)
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
        self._write(DEMANDED, number, quantity, now, due_s)
        self._stock.demand(
            quantity, lambda: self._write(SERVED, number, quantity, now, due_s), (self._code, number, self._luck)
        )

    def _units(self, number: int) -> int:
        if self._quantity.is_constant or not self._floor.streams.noise:
            return round(self._quantity.mean)
        return round(self._quantity.quantile_at(self._quantity_luck.at(number)))

    def _write(self, event: int, number: int, quantity: int, since_s: int, due_s: float) -> None:
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
