"""What stations and lanes share: a target to follow, and being woken at the right moment."""

from __future__ import annotations

from abc import ABC, abstractmethod

from twin.simulate.clock import STARTS, Clock
from twin.simulate.gates import NEVER_S
from twin.simulate.stocks import Reserve
from twin.simulate.targets import TOLERANCE, Target


class Station(ABC):
    """Starts things when its target asks for them and nothing stands in the way.

    At most one wake-up is wanted at a time, the earliest; a later one is left unanswered.
    """

    __slots__ = ("_wake_s", "clock", "reserve", "target")

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.target: Target | None = None
        self.reserve: Reserve | None = None
        """Set where inputs are held under a stock policy."""
        self._wake_s = NEVER_S

    def follow(self, target: Target) -> None:
        """Take a new target from now on."""
        self.target = target
        self.wake_at(self.clock.now)

    def wake_at(self, time_s: int) -> None:
        """Try to start again at a moment, unless an earlier try is due anyway."""
        if time_s >= min(self._wake_s, NEVER_S):
            return
        self._wake_s = time_s
        self.clock.at(time_s, STARTS, self._woken, time_s)

    def reserved(self, units: float) -> bool:
        """Asks stock policies for the inputs of all that is due, in starts of so many units; is the next one's there?

        What falls due while it waits is asked for then, not when the wait is over.
        """
        reserve, target = self.reserve, self.target
        if reserve is None or target is None:
            return True
        now = self.clock.now
        due = max(1, int((target.wanted(now) - target.done + TOLERANCE) / units)) * units
        self.wake_at(max(now + 1, target.ahead_s(due + units)))
        return reserve.gather(due) >= units - TOLERANCE

    def _woken(self, time_s: int) -> None:
        if time_s == self._wake_s:
            self._wake_s = NEVER_S
            self.try_start()

    @abstractmethod
    def next_due_s(self) -> int:
        """When the next unit is, or was, wanted."""

    @abstractmethod
    def try_start(self, _payload: object = None) -> None:
        """Start what can be started now and arrange the next try."""
