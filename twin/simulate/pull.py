"""Stocks run by stock policies: who asks, in which order they are served, when a replenishment is ordered.

Demand is served first come, first served, unit by unit as stock comes. A stock orders when its
policy says so: at the instant of demand, or at its reviews; `docs/semantics.md` has the rules.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque

from twin.events.record import EVENTS
from twin.simulate.lots import Floor
from twin.simulate.luck import LuckGroup
from twin.simulate.policies import Kanban, Rule
from twin.simulate.stocks import TOLERANCE

SUPPLIED = EVENTS.index("supplied")
NAN = float("nan")

Serial = tuple[int, int, LuckGroup]
"""Order, number and luck of the unit that a customer asks for, for make to order."""


class Claim(ABC):
    """Units that someone asks of a stock; `missing` are those not yet set aside for the claim."""

    __slots__ = ("missing",)

    def __init__(self, quantity: float) -> None:
        self.missing = quantity

    @abstractmethod
    def allot(self, stock: PullStock, quantity: float) -> None:
        """Units are set aside for this claim: the last of them where `missing` is 0.

        They stay on hand until the stock is told that they leave.
        """

    def wanted_s(self) -> int:
        """Since when, or from when, the units are wanted: at once, unless the claim says otherwise."""
        return 0


class Source(ABC):
    """Where a stock is replenished from."""

    __slots__ = ()

    @abstractmethod
    def order(self, quantity: int, serial: Serial | None) -> None:
        """Ask for units that will arrive in the stock; `serial` names the customer's unit for make to order."""


class PullStock:
    """A stock of an item at a site under a policy.

    `loses`: customers do not wait. `source` is set before anything is asked for.
    """

    __slots__ = ("_aside", "_asked", "_by_card", "_continuous", "_floor", "_index", "_position", "_queue", "_rule",
                 "loses", "source")  # fmt: skip

    def __init__(
        self, floor: Floor, site: str, item: str, rule: Rule, *, continuous: bool = True, loses: bool = False
    ) -> None:
        self._floor = floor
        self._index = floor.stocks.index(site, item)
        self._rule = rule
        self._continuous = continuous
        # Cards are freed by units that leave, not by those that are asked for.
        self._by_card = isinstance(rule, Kanban)
        self._queue: deque[Claim] = deque()
        self._position = 0.0
        self._aside = 0.0
        self._asked = 0.0
        self.loses = loses
        self.source: Source | None = None

    def open(self, quantity: float) -> None:
        """Units on hand at the start."""
        self._floor.stocks.add(self._index, quantity)
        self._position += quantity

    def demand(self, claim: Claim, serial: Serial | None = None) -> None:
        """Someone needs units now and waits in turn for what is not there."""
        self._asked += claim.missing
        self._queue.append(claim)
        if not self._by_card:
            self._position -= claim.missing
            if self._continuous:
                self.replenish(serial)
        self.serve()

    def sell(self, quantity: int) -> int:
        """A customer who does not wait takes what is free of a quantity; gives how much that is."""
        self._asked += quantity
        free = 0 if self._queue else int(self._floor.stocks.on_hand[self._index] - self._aside + TOLERANCE)
        taken = min(quantity, free)
        if taken > 0:
            self._floor.stocks.take(self._index, taken)
            self._position -= taken
        return taken

    def watch(self) -> None:
        """At the start, and when a customer has gone who does not wait: order what is wanted, unless reviews do."""
        if self._continuous:
            self.replenish(None)

    def leaves(self, quantity: float) -> None:
        """Units that were set aside leave the stock."""
        self._aside -= quantity
        self._floor.stocks.take(self._index, quantity)

    def has_left(self, quantity: float) -> None:
        """Units that were set aside have been taken from the stock."""
        self._aside -= quantity

    def replenish(self, serial: Serial | None) -> None:
        """Order what the policy wants at this position."""
        quantity = self._rule.order(self._position)
        if quantity > 0:
            assert self.source is not None
            self._position += quantity
            self.source.order(quantity, serial)

    def review(self) -> None:
        """The moment of a periodic review."""
        self._rule.observe(self._asked)
        self._asked = 0.0
        if self._by_card:
            # The cards of units that have come for those who wait are free at this review, not at the next.
            self.serve()
        self.replenish(None)

    def serve(self) -> None:
        """Set aside what is free for those who wait, the first of them first."""
        on_hand, index, queue = self._floor.stocks.on_hand, self._index, self._queue
        given = 0.0
        while queue:
            claim, free = queue[0], on_hand[index] - self._aside
            missing = claim.missing
            part = missing if missing <= free + TOLERANCE else float(int(free + TOLERANCE))
            if part <= 0:
                break
            if part == missing:
                queue.popleft()
            claim.missing = missing - part
            self._aside += part
            given += part
            claim.allot(self, part)
        if queue:
            self._floor.stocks.wait(index, self, queue[0].missing)
        if self._by_card and given:
            self._position -= given
            if self._continuous:
                self.replenish(None)

    def next_due_s(self) -> int:
        """Those who wait were wanted at once."""
        return 0

    def try_start(self, _payload: object = None) -> None:
        """Units have arrived."""
        self.serve()


class Outside(Source):
    """Where nobody makes an item and no lane brings it: units come at once, without limit."""

    __slots__ = ("_floor", "_index", "_item", "_place")

    def __init__(self, floor: Floor, site: str, item: str) -> None:
        self._floor = floor
        self._index = floor.stocks.index(site, item)
        self._place, self._item = floor.log.place(f"site:{site}"), floor.log.item(item)

    def order(self, quantity: int, serial: Serial | None) -> None:  # noqa: ARG002
        """They are there."""
        self._floor.log.row(
            self._floor.clock.now, SUPPLIED, self._place, self._item, -1, -1, -1, -1, quantity, 0.0, NAN, NAN
        )
        self._floor.stocks.add(self._index, quantity)
