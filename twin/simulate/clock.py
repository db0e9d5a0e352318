"""The clock: SimPy's calendar of events, with the order of things at one instant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import simpy
from simpy.events import Event

ENDS, ARRIVALS, CHANGES, PLANNING, STARTS = range(5)
"""At one instant: ends of work, arrivals, changes of calendar and capacity, planning, starts."""

Action = Callable[[Any], None]


class Clock:
    """Whole seconds since the world's `starts`, and what happens when.

    SimPy keeps the calendar; an action is a callback with one payload, not a process, since
    that costs a fifth.
    """

    __slots__ = ("_environment", "events")

    def __init__(self, starts_s: int = 0) -> None:
        self._environment = simpy.Environment(starts_s)
        self.events = 0

    @property
    def now(self) -> int:
        """The present second."""
        return self._environment.now  # type: ignore[return-value]

    def at(self, time_s: int, phase: int, action: Action, payload: Any = None) -> None:
        """Call `action(payload)` at a moment not before now, in a phase of that moment."""
        environment = self._environment
        event = Event(environment)
        event._ok = True
        event._value = payload
        event.callbacks.append(lambda happened: action(happened._value))  # type: ignore[union-attr]
        environment.schedule(event, phase, time_s - environment.now)  # type: ignore[arg-type]
        self.events += 1

    def nothing_else_now(self) -> bool:
        """True if no other event waits at this instant, so that starts may begin at once."""
        return self._environment.peek() > self._environment.now

    def run(self, until_s: int) -> None:
        """Let time pass up to, not including, a moment."""
        self._environment.run(until=until_s)
