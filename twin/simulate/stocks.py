"""Stock on hand by site and item, and who waits for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final, Protocol

from twin.events.record import EVENTS
from twin.events.writer import LogWriter
from twin.simulate.clock import STARTS, Clock

SHORT: Final = EVENTS.index("short")
FILLED: Final = EVENTS.index("filled")
TOLERANCE: Final = 1e-6


class Waiter(Protocol):
    """Something that cannot start for want of stock."""

    def next_due_s(self) -> int:
        """Since when, or from when, it is wanted; the earliest is served first."""

    def try_start(self, _payload: object = None) -> None:
        """Start what can be started now."""


class Reserve(ABC):
    """What the plan's consumer asks of stocks under a policy, set aside for it as it comes."""

    __slots__ = ()

    @abstractmethod
    def gather(self, units: float) -> float:
        """Have all inputs of so many units asked for by now; gives for how many units they are set aside.

        The consumer is woken when more is.
        """

    @abstractmethod
    def left(self, units: float) -> None:
        """The inputs of so many units have been taken from stock."""


class Stocks:
    """Indexed stock. Arrivals wake those who wait, at the end of the instant, earliest due first."""

    __slots__ = ("_clock", "_index", "_item", "_log", "_place", "_short_since", "_waiters", "_woken", "keys", "on_hand")

    def __init__(self, clock: Clock, log: LogWriter) -> None:
        self._clock = clock
        self._log = log
        self._index: dict[tuple[str, str], int] = {}
        self.keys: list[tuple[str, str]] = []
        self.on_hand: list[float] = []
        self._waiters: list[list[Waiter]] = []
        self._woken: list[bool] = []
        self._short_since: list[int] = []
        self._place: list[int] = []
        self._item: list[int] = []

    def index(self, site: str, item: str) -> int:
        """The number of a stock, made on first use."""
        key = (site, item)
        found = self._index.get(key)
        if found is not None:
            return found
        self._index[key] = len(self.keys)
        self.keys.append(key)
        self.on_hand.append(0.0)
        self._waiters.append([])
        self._woken.append(False)
        self._short_since.append(-1)
        self._place.append(self._log.place(f"site:{site}"))
        self._item.append(self._log.item(item))
        return self._index[key]

    def add(self, index: int, quantity: float) -> None:
        """Units arrive; those who wait are woken once in this instant."""
        self.on_hand[index] += quantity
        if self._waiters[index] and not self._woken[index]:
            self._woken[index] = True
            self._clock.at(self._clock.now, STARTS, self._wake, index)

    def take(self, index: int, quantity: float) -> None:
        """Units leave; the caller has seen that they are there."""
        left = self.on_hand[index] - quantity
        self.on_hand[index] = 0.0 if -TOLERANCE < left < 0 else left

    def lacking(self, kit: Sequence[tuple[int, int, float]]) -> tuple[int, float] | None:
        """The first stock, with the quantity missing, that is short for a kit of (stock, code, quantity)."""
        on_hand = self.on_hand
        for index, _, quantity in kit:
            if quantity - on_hand[index] > TOLERANCE:
                return index, quantity - on_hand[index]
        return None

    def take_kit(self, kit: Sequence[tuple[int, int, float]]) -> None:
        """A whole kit leaves; the caller has seen that it is there."""
        on_hand = self.on_hand
        for index, _, quantity in kit:
            left = on_hand[index] - quantity
            on_hand[index] = left if left >= 0 else 0.0

    def wait(self, index: int, waiter: Waiter, missing: float) -> None:
        """Be woken when units arrive; the first to wait marks the beginning of a shortage."""
        waiting = self._waiters[index]
        if self._short_since[index] < 0:
            self._short_since[index] = self._clock.now
            self._row(SHORT, index, missing, self._clock.now)
        if waiter not in waiting:
            waiting.append(waiter)

    def is_waking(self, index: int) -> bool:
        """Are those who wait still to look at what came in this instant?"""
        return self._woken[index]

    def _wake(self, index: int) -> None:
        self._woken[index] = False
        waiting, self._waiters[index] = self._waiters[index], []
        if len(waiting) > 1:
            waiting.sort(key=lambda each: each.next_due_s())
        for waiter in waiting:
            waiter.try_start()
        if not self._waiters[index] and self._short_since[index] >= 0:
            self._row(FILLED, index, 0.0, self._short_since[index])
            self._short_since[index] = -1

    def _row(self, event: int, index: int, quantity: float, since_s: int) -> None:
        nan = float("nan")
        self._log.row(
            self._clock.now,
            event,
            self._place[index],
            self._item[index],
            -1,
            -1,
            -1,
            -1,
            quantity,
            0.0,
            since_s,
            nan,
        )
