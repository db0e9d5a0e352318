"""Rules of replenishment: how much a stock orders at an inventory position."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque

from twin.model.rows_demand import StockPolicy
from twin.simulate.stocks import TOLERANCE


class Rule(ABC):
    """What a stock orders. Its position is what is free on hand, and on order, less what is owed."""

    __slots__ = ()

    @abstractmethod
    def order(self, position: float) -> int:
        """Whole units to order at a position; 0 for none."""

    def observe(self, asked: float) -> None:  # noqa: B027 - most rules do not look at demand
        """A review has come; so many units were asked for since the last one."""


class BaseStock(Rule):
    """`base_stock(S)`: up to S whenever the position is below it."""

    __slots__ = ("_level",)

    def __init__(self, level: float) -> None:
        self._level = level

    def order(self, position: float) -> int:
        """What the position lacks."""
        return whole_up(self._level - position)


class Reorder(Rule):
    """`reorder(s, Q)`: at s or below, as many times Q as lift the position above s."""

    __slots__ = ("_point", "_quantity")

    def __init__(self, point: float, quantity: int) -> None:
        self._point, self._quantity = point, quantity

    def order(self, position: float) -> int:
        """Whole batches."""
        below = self._point - position
        return 0 if below < -TOLERANCE else (int((below + TOLERANCE) // self._quantity) + 1) * self._quantity


class OrderUpTo(Rule):
    """`order_up_to(s, S)`: at s or below, up to S."""

    __slots__ = ("_level", "_point")

    def __init__(self, point: float, level: float) -> None:
        self._point, self._level = point, level

    def order(self, position: float) -> int:
        """What the position lacks of S, once it is at s or below."""
        return whole_up(self._level - position) if position <= self._point + TOLERANCE else 0


class Kanban(Rule):
    """`kanban(n)`: n cards, each on a unit in stock or on order; a card is free when its unit leaves the stock.

    Production in lots waits until the free cards make up a lot. Here the position is what has a card.
    """

    __slots__ = ("_cards", "_lot")

    def __init__(self, cards: float, lot: int) -> None:
        self._cards, self._lot = cards, lot

    def order(self, position: float) -> int:
        """Units for the free cards, in whole lots."""
        return max(0, int((self._cards - position + TOLERANCE) // self._lot) * self._lot)


class MovingAverage(Rule):
    """`moving_average(periods, cover)`: at each review up to `cover` times the mean asked for per review.

    The mean is over the last `periods` reviews, or those that there have been. Source of the
    rule: Chen, Drezner, Ryan, Simchi-Levi, Management Science 46(3), 2000.
    """

    __slots__ = ("_cover", "_seen")

    def __init__(self, periods: int, cover: float) -> None:
        self._cover = cover
        self._seen: deque[float] = deque(maxlen=periods)

    def order(self, position: float) -> int:
        """What the position lacks of the level that the last reviews give; nothing is sent back."""
        mean = sum(self._seen) / len(self._seen) if self._seen else 0.0
        return whole_up(self._cover * mean - position)

    def observe(self, asked: float) -> None:
        """Remember what was asked for since the last review."""
        self._seen.append(asked)


def rule_of(policy: StockPolicy, lot: int) -> Rule:
    """The rule of a policy that is not `plan`; `lot` is the lot of the process that replenishes the stock, else 1."""
    numbers = policy.parameters
    if policy.kind == "reorder":
        return Reorder(numbers[0], int(numbers[1]))
    if policy.kind == "order_up_to":
        return OrderUpTo(numbers[0], numbers[1])
    if policy.kind == "kanban":
        return Kanban(numbers[0], lot)
    if policy.kind == "moving_average":
        return MovingAverage(int(numbers[0]), numbers[1])
    return BaseStock(numbers[0])


def whole_up(quantity: float) -> int:
    """The least whole number of units that makes up a quantity, 0 for none."""
    return 0 if quantity <= TOLERANCE else int(-(-(quantity - TOLERANCE) // 1))
