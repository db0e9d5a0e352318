"""The order desk: which order a rack is for, and when an order is complete."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from twin.events.record import EVENTS
from twin.events.writer import LogWriter
from twin.model.order_book import OrderLine
from twin.simulate.clock import AFTER_STARTS, ARRIVALS, Clock
from twin.simulate.luck import LuckGroup
from twin.simulate.streams import Streams
from twin.simulate.units import Unit

ORDERED: Final = EVENTS.index("ordered")
PROMISED: Final = EVENTS.index("promised")
DUE: Final = EVENTS.index("due")
COMPLETED: Final = EVENTS.index("completed")
NAN: Final = float("nan")


@dataclass(slots=True, eq=False)
class OpenOrder:
    """An order line with what has been pegged to it, shipped for it and accepted against it."""

    line: OrderLine
    code: int
    luck: LuckGroup
    promised_s: int | None = None
    pegged: int = 0
    shipped: int = 0
    accepted: int = 0
    serials: int = 0
    """Numbers given to units pegged to it; a lost unit's number is not given again."""
    ordinals: int = 0
    """Numbers given to units shipped for it."""
    given_back: list[int] = field(default_factory=list)
    """Those of them whose units were lost."""
    quantity: int = field(init=False)
    urgency: tuple[int, int, str] = field(init=False)
    """Priority, promise (or due date), name: the smallest is served first."""

    def __post_init__(self) -> None:
        line = self.line
        self.quantity = line.quantity
        self.urgency = (line.priority, line.due_s if self.promised_s is None else self.promised_s, line.order)


class Backlog:
    """The orders placed so far for one item at one site, most urgent first."""

    __slots__ = ("_fair", "_first", "_orders")

    def __init__(self, fair_share: bool) -> None:
        self._fair = fair_share
        self._orders: list[OpenOrder] = []
        self._first = {"pegged": 0, "shipped": 0, "accepted": 0}

    def place(self, opened: OpenOrder) -> None:
        """An order is placed: it takes its rank among the others."""
        position = bisect_right(self._orders, opened.urgency, key=lambda other: other.urgency)
        self._orders.insert(position, opened)
        for count, first in self._first.items():
            self._first[count] = min(first, position)

    def look_again(self) -> None:
        """An order is owed a unit again, so all are looked through anew."""
        self._first = dict.fromkeys(self._first, 0)

    def most_urgent(self, count: str) -> OpenOrder | None:
        """The order that the next unit goes to; `count` is pegged, shipped or accepted."""
        orders, first = self._orders, self._first[count]
        while first < len(orders) and getattr(orders[first], count) >= orders[first].quantity:
            first += 1
        self._first[count] = first
        if first == len(orders):
            return None
        if not self._fair:
            return orders[first]
        lacking = (opened for opened in orders[first:] if getattr(opened, count) < opened.quantity)
        # What is on its way to an order counts as delivered: else all would go to one until its first is there.
        return min(lacking, key=lambda opened: getattr(opened, count) / opened.quantity)


class OrderDesk:
    """All orders by (site, item). A unit is pegged at release, and again when it ships."""

    __slots__ = ("_backlogs", "_clock", "_log", "_spare", "_streams", "by_code", "fair_share", "listeners",
                 "spare_made")  # fmt: skip

    def __init__(
        self,
        clock: Clock,
        log: LogWriter,
        streams: Streams,
        lines: tuple[OrderLine, ...],
        promises: dict[str, int | None],
        fair_share: bool,
    ) -> None:
        self._clock, self._log, self._streams, self.fair_share = clock, log, streams, fair_share
        self._backlogs: dict[tuple[str, str], Backlog] = {}
        self._spare: dict[tuple[str, str], LuckGroup] = {}
        self.by_code: dict[int, OpenOrder] = {}
        self.listeners: list[Callable[[int], None]] = []
        """Called at the end of the instant in which the last unit of an order is released or taken from stock."""
        self.spare_made = 0
        """Numbers given to units made for no order, of all items: order -1 and number tell each from all others."""
        for line in lines:
            promised_s = line.promised_s if line.promised_s is not None else promises.get(line.order)
            opened = OpenOrder(line, log.order(line.order), LuckGroup(streams, line.order, line.quantity), promised_s)
            backlog = self._backlogs.setdefault((line.site, line.item), Backlog(fair_share))
            if line.placed_s <= 0:
                backlog.place(opened)
            self.by_code[opened.code] = opened
            self._announce(opened, backlog)

    def deliver(self, delivered: dict[str, int]) -> None:
        """Take over what was accepted before the clock began."""
        for opened in self.by_code.values():
            done = min(delivered.get(opened.line.order, 0), opened.line.quantity)
            opened.pegged = opened.shipped = opened.accepted = opened.serials = opened.ordinals = done

    def most_urgent(self, site: str, item: str, count: str) -> OpenOrder | None:
        """The order that the next unit goes to; `count` is pegged, shipped or accepted."""
        backlog = self._backlogs.get((site, item))
        return None if backlog is None else backlog.most_urgent(count)

    def peg(self, site: str, item: str) -> tuple[OpenOrder | None, int, LuckGroup]:
        """A serial for a unit that is released: its order, if one is open, its number, its luck."""
        opened = self.most_urgent(site, item, "pegged")
        if opened is not None:
            opened.pegged += 1
            opened.serials += 1
            if opened.pegged == opened.quantity:
                self._tell(opened)
            return opened, opened.serials - 1, opened.luck
        number = self.spare_made
        self.spare_made += 1
        if (site, item) not in self._spare:
            self._spare[site, item] = LuckGroup(self._streams, f"spare {site} {item}", 64)
        return None, number, self._spare[site, item]

    def assign(self, unit: Unit, site: str, item: str) -> None:
        """Let a unit that ships, or is there, count for the most urgent order that lacks one."""
        opened = self.most_urgent(site, item, "shipped")
        if opened is not None:
            opened.shipped += 1
            unit.serves = opened.code
            if opened.given_back:
                unit.ordinal = opened.given_back.pop()
            else:
                unit.ordinal = opened.ordinals
                opened.ordinals += 1

    def owe(self, unit: Unit) -> None:
        """A unit is lost: the order it was shipped for, or else pegged to, is owed another."""
        is_shipped = unit.serves >= 0
        opened = self.by_code.get(unit.serves if is_shipped else unit.order)
        if opened is None:
            return
        opened.pegged -= 1
        if is_shipped:
            opened.shipped -= 1
            opened.given_back.append(unit.ordinal)
        self._backlogs[opened.line.site, opened.line.item].look_again()

    def hand_out(self, opened: OpenOrder, quantity: int) -> int:
        """Units in stock go to an order; gives the number of the first of them."""
        first = opened.ordinals
        opened.ordinals += quantity
        opened.pegged += quantity
        opened.shipped += quantity
        self._tell(opened)
        return first

    def lacks_units(self, order: int) -> bool:
        """Are units of an order still to be released?"""
        opened = self.by_code.get(order)
        return opened is not None and opened.pegged < opened.quantity

    def _tell(self, opened: OpenOrder) -> None:
        if self.listeners:
            self._clock.at(self._clock.now, AFTER_STARTS, self._call_listeners, opened.code)

    def _call_listeners(self, order: int) -> None:
        for listener in self.listeners:
            listener(order)

    def accept(self, opened: OpenOrder, quantity: int = 1) -> None:
        """More units of an order are accepted; with the last one the order is complete."""
        opened.accepted += quantity
        if opened.accepted == opened.quantity:
            line = opened.line
            self._log.row(
                self._clock.now, COMPLETED, self._log.place(f"site:{line.site}"), self._log.item(line.item),
                opened.code, -1, -1, -1, line.quantity, line.revenue_usd, line.placed_s, line.due_s,
            )  # fmt: skip

    def delivered(self) -> dict[str, int]:
        """Units accepted so far, by order."""
        return {opened.line.order: opened.accepted for opened in self.by_code.values() if opened.accepted}

    def _announce(self, opened: OpenOrder, backlog: Backlog) -> None:
        line, log, clock = opened.line, self._log, self._clock
        place, item, entry_s = log.place(f"site:{line.site}"), log.item(line.item), max(line.placed_s, 0)
        promised = NAN if opened.promised_s is None else opened.promised_s

        def enter(_none: object) -> None:
            if line.placed_s > 0:
                backlog.place(opened)
            log.row(
                entry_s, ORDERED, place, item, opened.code, -1, -1, -1, line.quantity, 0.0, line.placed_s, line.due_s
            )
            log.row(entry_s, PROMISED, place, item, opened.code, -1, -1, -1, line.quantity, 0.0, NAN, promised)

        def fall_due(_none: object) -> None:
            log.row(clock.now, DUE, place, item, opened.code, -1, -1, -1, line.quantity, 0.0, NAN, NAN)

        clock.at(entry_s, ARRIVALS, enter)
        clock.at(max(line.due_s, 0), ARRIVALS, fall_due)
