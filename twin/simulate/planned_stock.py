"""A stock that the plan fills and customers of streams are served from: nothing here orders anything."""

from __future__ import annotations

from twin.simulate.clock import STARTS
from twin.simulate.lots import Floor
from twin.simulate.policies import Rule
from twin.simulate.pull import Claim, PullStock, Serial
from twin.simulate.stocks import TOLERANCE


class NoRule(Rule):
    """What the plan brings is not ordered by the stock."""

    __slots__ = ()

    def order(self, position: float) -> int:  # noqa: ARG002
        """Nothing."""
        return 0


class PlannedStock(PullStock):
    """The customers of a stock without a policy: served first come, first served, from what is there.

    Others may wait for the same stock, as orders, lots and kits of racks do; of all of them the
    earliest due is served first from what comes in. So customers look at the stock at the end
    of the instant of their coming, when those who wait have been woken.
    """

    __slots__ = ("_clock", "_is_looking", "_stocks")

    def __init__(self, floor: Floor, site: str, item: str, *, loses: bool) -> None:
        super().__init__(floor, site, item, NoRule(), continuous=False, loses=loses)
        self._clock, self._stocks = floor.clock, floor.stocks
        self._is_looking = False

    def demand(self, claim: Claim, serial: Serial | None = None) -> None:  # noqa: ARG002
        """Someone comes, and is served after those who came before."""
        self._queue.append(claim)
        if not self._is_looking:
            self._is_looking = True
            self._clock.at(self._clock.now, STARTS, self._look)

    def sell(self, quantity: int) -> int:
        """A customer who does not wait takes what is there; nothing while others are about to be served from it."""
        if self._stocks.is_waking(self._index):
            return 0
        taken = min(quantity, int(self._stocks.on_hand[self._index] + TOLERANCE))
        if taken > 0:
            self._stocks.take(self._index, taken)
        return taken

    def next_due_s(self) -> int:
        """Since when, or from when, the first of the customers wants its units."""
        return self._queue[0].wanted_s() if self._queue else 0

    def _look(self, _none: object) -> None:
        """Customers have come: they join those who are woken for what came in this instant, or take what is there."""
        self._is_looking = False
        if self._queue and self._stocks.is_waking(self._index):
            self._stocks.wait(self._index, self, self._queue[0].missing)
        else:
            self.serve()
