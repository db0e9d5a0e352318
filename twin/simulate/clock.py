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
    that costs a fifth. `now` is a plain attribute, set as each event happens, because it is
    read some ten times an event.
    """

    __slots__ = ("_environment", "events", "now")

    def __init__(self) -> None:
        self._environment = simpy.Environment(0)
        self.now = 0
        self.events = 0

    def at(self, time_s: int, phase: int, action: Action, payload: Any = None) -> None:
        """Call `action(payload)` at a moment not before now, in a phase of that moment."""
        environment = self._environment
        event = Event(environment)
        event._ok = True
        event._value = (action, payload)
        event.callbacks = [self._happen]
        environment.schedule(event, phase, time_s - self.now)  # type: ignore[arg-type]
        self.events += 1

    def nothing_else_now(self) -> bool:
        """True if no other event waits at this instant, so that starts may begin at once."""
        waiting = self._environment._queue
        return not waiting or waiting[0][0] > self.now

    def run(self, until_s: int) -> None:
        """Let time pass up to, not including, a moment."""
        self._environment.run(until=until_s)
        self.now = until_s

    def _happen(self, event: Event) -> None:
        self.now = self._environment._now  # type: ignore[assignment]
        action, payload = event._value  # type: ignore[misc]
        action(payload)
