"""Periodic reviews of stocks: at whole multiples of each stock's own period, those downstream first."""

from __future__ import annotations

from collections.abc import Sequence

from twin.simulate.clock import PLANNING, Clock
from twin.simulate.pull import PullStock


class Reviews:
    """Reviews stocks at their moments; at one moment in the order given, so that orders pass upstream within it."""

    __slots__ = ("_clock", "_next_s", "_stocks")

    def __init__(self, clock: Clock, stocks: Sequence[tuple[int, PullStock]]) -> None:
        """`stocks` come with their periods in seconds; each is first reviewed at the end of its first period."""
        self._clock = clock
        self._stocks = stocks
        self._next_s = [period_s for period_s, _ in stocks]
        self._arrange()

    def _arrange(self) -> None:
        if self._next_s:
            self._clock.at(min(self._next_s), PLANNING, self._review)

    def _review(self, _payload: object) -> None:
        now = self._clock.now
        for number, (period_s, stock) in enumerate(self._stocks):
            if self._next_s[number] == now:
                self._next_s[number] = now + period_s
                stock.review()
        self._arrange()
