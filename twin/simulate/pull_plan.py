"""What the plan's lanes, processes and racks ask of stocks under a policy: in turn with all others who ask."""

from __future__ import annotations

from collections.abc import Callable

from twin.simulate.lots import Floor
from twin.simulate.pull import Claim, PullStock
from twin.simulate.pull_sources import Inputs, announce
from twin.simulate.stocks import TOLERANCE, Reserve


class ReservedInput:
    """One stock that a consumer draws on: what it has asked for and not taken, and what of that is set aside."""

    __slots__ = ("asked", "held", "per_unit", "stock")

    def __init__(self, stock: PullStock, per_unit: float) -> None:
        self.stock, self.per_unit = stock, per_unit
        self.asked = 0.0
        self.held = 0.0


class PlanClaim(Claim):
    """Units that the plan's consumer asks for: set aside for it as they come."""

    __slots__ = ("_input", "_reserve")

    def __init__(self, reserve: StockReserve, reserved: ReservedInput, quantity: float) -> None:
        super().__init__(quantity)
        self._reserve, self._input = reserve, reserved

    def allot(self, stock: PullStock, quantity: float) -> None:  # noqa: ARG002
        """They wait on hand until the consumer takes them."""
        self._input.held += quantity
        self._reserve.more_is_there()


class StockReserve(Reserve):
    """The inputs of one consumer that are held under stock policies.

    `wake` has the consumer look again in this instant. `announced`: codes of a lane and of
    the item that it is to carry, where what is asked for has a row of its own.
    """

    __slots__ = ("_announced", "_floor", "_gathering", "_inputs", "_wake")

    def __init__(
        self, floor: Floor, inputs: Inputs, wake: Callable[[], None], announced: tuple[int, int] | None
    ) -> None:
        self._floor, self._wake, self._announced = floor, wake, announced
        self._inputs = [ReservedInput(stock, per_unit) for stock, per_unit in inputs]
        self._gathering = False

    def gather(self, units: float) -> float:
        """Ask every stock for what has not been asked for; gives the units whose inputs are all set aside."""
        self._gathering = True
        for each in self._inputs:
            lacking = each.per_unit * units - each.asked
            if lacking > TOLERANCE:
                self._ask(each, lacking)
        self._gathering = False
        return min([each.held / each.per_unit for each in self._inputs])

    def left(self, units: float) -> None:
        """They are no longer asked for, nor set aside."""
        for each in self._inputs:
            quantity = each.per_unit * units
            each.asked -= quantity
            each.held -= quantity
            each.stock.has_left(quantity)

    def more_is_there(self) -> None:
        """Units have been set aside: the consumer looks, unless it is asking at this very moment."""
        if not self._gathering:
            self._wake()

    def _ask(self, each: ReservedInput, quantity: float) -> None:
        each.asked += quantity
        if self._announced is not None:
            lane, item = self._announced
            announce(self._floor, lane, item, round(quantity))
        each.stock.demand(PlanClaim(self, each, quantity))
