"""Orders met from stock: things ordered at the site where they are held, in lots or one by one."""

from __future__ import annotations

from twin.events.record import EVENTS
from twin.simulate.clock import ARRIVALS, STARTS
from twin.simulate.desk import OrderDesk
from twin.simulate.gates import NEVER_S
from twin.simulate.lots import Floor, LotStation
from twin.simulate.stocks import TOLERANCE

ACCEPTED, ONLINE = EVENTS.index("accepted"), EVENTS.index("online")
NAN = float("nan")


class StockDelivery:
    """Hands out stock of an item at a site to its open orders, the most urgent first.

    `waits`: orders are met from this stock alone, so one that finds too little waits for it.
    Where racks are accepted as they dock, stock is only what was there before its order.
    What the plan wants to convert before an order is due is left to the `conversion`.
    """

    __slots__ = ("_conversion", "_desk", "_floor", "_item", "_key", "_place", "_stock", "_waits")

    def __init__(
        self,
        floor: Floor,
        desk: OrderDesk,
        site: str,
        item: str,
        entries_s: list[int],
        *,
        waits: bool,
        conversion: LotStation | None = None,
    ) -> None:
        self._conversion = conversion
        self._floor, self._desk, self._key, self._waits = floor, desk, (site, item), waits
        self._stock = floor.stocks.index(site, item)
        self._place = floor.log.place(f"site:{site}")
        self._item = floor.log.item(item)
        for entry_s in sorted(set(entries_s)):
            floor.clock.at(max(entry_s, 0), STARTS, self.try_start)
        floor.clock.at(0, ARRIVALS, self.try_start)

    def _kept(self, due_s: int) -> int:
        """Units that the plan wants converted before a moment, and that have not been."""
        if self._conversion is None or self._conversion.target is None:
            return 0
        target = self._conversion.target
        return max(0, int(target.wanted(due_s) - target.done + TOLERANCE))

    def next_due_s(self) -> int:
        """Due second of the most urgent open order."""
        opened = self._desk.most_urgent(*self._key, "shipped")
        return NEVER_S if opened is None else opened.line.due_s

    def try_start(self, _payload: object = None) -> None:
        """Deliver what is on hand, and wait for more while an order is open."""
        stocks = self._floor.stocks
        while (opened := self._desk.most_urgent(*self._key, "shipped")) is not None:
            missing = opened.line.quantity - opened.shipped
            wanted = 1 if self._desk.fair_share else missing
            quantity = min(wanted, int(stocks.on_hand[self._stock] - self._kept(opened.line.due_s) + TOLERANCE))
            if quantity > 0:
                stocks.take(self._stock, quantity)
                first = self._desk.hand_out(opened, quantity)
                for event in (ACCEPTED, ONLINE):
                    self._floor.log.row(
                        self._floor.clock.now, event, self._place, self._item, opened.code, first, -1, -1,
                        quantity, 0.0, NAN, NAN,
                    )  # fmt: skip
                self._desk.accept(opened, quantity)
            if quantity < wanted:
                if self._waits:
                    stocks.wait(self._stock, self, missing - quantity)
                return
