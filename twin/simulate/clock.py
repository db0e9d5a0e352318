"""The clock: SimPy's calendar of events, with the order of things at one instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

import simpy
from simpy.events import Event

ENDS, ARRIVALS, CHANGES, PLANNING, STARTS, AFTER_STARTS = range(6)
"""At one instant: ends of work, arrivals, changes of calendar and capacity, planning, starts,
and then whoever looks at what has started."""

PAGE_S = 3600
"""Length of a page of the calendar."""

Action = Callable[[Any], None]


class Occurrence(Event):
    """An event of SimPy's calendar that calls one action with one payload when it happens.

    It leaves out what SimPy's own events carry to be waited for by processes: nothing waits
    here, and a year has more than a million of them.
    """

    __slots__ = ("action", "payload")

    def __init__(self, action: Action, payload: Any) -> None:
        self.action = action
        self.payload = payload


Entry = tuple[int, int, int, Occurrence]
"""Second, phase, ordinal, and what happens."""


class Clock:
    """Whole seconds since the world's `starts`, and what happens when.

    SimPy's environment keeps the calendar and the count of events; an action is a callback
    with one payload, not a process. `now` is a plain attribute, read some ten times an event.
    `calendar` is the environment's heap of what happens within the hour; what comes later
    waits on its own hour's page, unsorted, since a heap of all that a year holds in the air
    spends most of its time on entries that are weeks away. `events` is how many were put on
    the calendar, known when time has passed.
    """

    __slots__ = ("_environment", "_ordinals", "_pages", "_turns_s", "calendar", "events", "now")

    def __init__(self) -> None:
        self._environment = simpy.Environment(0)
        # Entries are put on the environment's calendar directly: `schedule` adds a delay to
        # its clock, and here the moment itself is known.
        self.calendar: list[Entry] = self._environment._queue  # type: ignore[assignment]
        self._ordinals = self._environment._eid
        self._pages: defaultdict[int, list[Entry]] = defaultdict(list)
        self._turns_s = PAGE_S
        self.now = 0
        self.events = 0

    def at(self, time_s: int, phase: int, action: Action, payload: Any = None) -> None:
        """Call `action(payload)` at a moment not before now, in a phase of that moment."""
        self.again(time_s, phase, Occurrence(action, payload))

    def again(self, time_s: int, phase: int, occurrence: Occurrence) -> None:
        """Put an occurrence that has happened, or is new, on the calendar."""
        entry = (time_s, phase, next(self._ordinals), occurrence)
        if time_s < self._turns_s:
            heappush(self.calendar, entry)
        else:
            self._pages[time_s // PAGE_S].append(entry)

    def soon(self, action: Action) -> None:
        """Call `action(None)` at the end of this instant: at once, if nothing else happens in it.

        So it must be the last thing that its caller does.
        """
        if not self.calendar or self.calendar[0][0] > self.now:
            action(None)
        else:
            self.at(self.now, STARTS, action)

    def run(self, until_s: int) -> None:
        """Let time pass up to, not including, a moment."""
        calendar, environment = self.calendar, self._environment
        while self._turn_page(until_s):
            while calendar and calendar[0][0] < until_s:
                # `Environment.step` without what only processes need.
                self.now, _, _, occurrence = heappop(calendar)
                occurrence.action(occurrence.payload)
            environment._now = self.now
        self.now = environment._now = until_s
        self.events = next(self._ordinals)

    def _turn_page(self, until_s: int) -> bool:
        """Open the next page with something on it, unless that begins at `until_s` or later."""
        while not self.calendar and self._turns_s < until_s:
            self.calendar += self._pages.pop(self._turns_s // PAGE_S, ())
            self._turns_s += PAGE_S
        # A sorted list is a heap.
        self.calendar.sort()
        return bool(self.calendar) and self.calendar[0][0] < until_s
