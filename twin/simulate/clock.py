"""The clock: SimPy's calendar of events, with the order of things at one instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, Final

import simpy

ENDS: Final = 0
ARRIVALS: Final = 1
CHANGES: Final = 2
PLANNING: Final = 3
STARTS: Final = 4
AFTER_STARTS: Final = 5
"""At one instant: ends of work, arrivals, changes of calendar and capacity, planning, starts,
and then whoever looks at what has started."""

PAGE_S: Final = 3600
"""Length of a page of the calendar."""

Action = Callable[[Any], None]


Entry = tuple[int, Action, Any]
"""When, and the action with its payload: none of SimPy's events, which carry what processes need to wait for them.

Nothing waits here, and a year has more than a million of them. When is one number, so that
two entries are told apart at once: second, phase and ordinal, from its highest bits down.
"""

PHASE_BITS: Final = 3
ORDINAL_BITS: Final = 30
WHEN_BITS: Final = PHASE_BITS + ORDINAL_BITS


class Clock:
    """Whole seconds since the world's `starts`, and what happens when.

    An action is a callback with one payload, not a process. `now` is a plain attribute, read
    some ten times an event. What comes in later hours waits on its own hour's page, unsorted:
    a heap of all that a year holds in the air spends most of its time on entries that are
    weeks away. A page is sorted as its hour begins, and SimPy's environment keeps the clock
    and the heap of what is entered within the hour, a fourteenth of all.
    `next_s` is when something happens next, or the end of the hour where nothing more does
    in it. `events` is how many were put on the calendar.
    """

    __slots__ = ("_environment", "_page", "_pages", "_turns_s", "_within", "events", "next_s", "now")

    def __init__(self) -> None:
        self._environment = simpy.Environment(0)
        # Entries are put on the environment's heap directly: `schedule` adds a delay to its
        # clock, and here the moment itself is known.
        self._within: list[Entry] = self._environment._queue  # type: ignore[assignment]
        self._page: list[Entry] = []
        """What else happens in this hour, the latest first."""
        self._pages: defaultdict[int, list[Entry]] = defaultdict(list)
        self._turns_s = PAGE_S
        self.next_s = PAGE_S
        self.now = 0
        self.events = 0

    def at(self, time_s: int, phase: int, action: Action, payload: Any = None) -> None:
        """Call `action(payload)` at a moment not before now, in a phase of that moment."""
        self.events += 1
        entry = (time_s << WHEN_BITS | phase << ORDINAL_BITS | self.events, action, payload)
        if time_s >= self._turns_s:
            self._pages[time_s // PAGE_S].append(entry)
            return
        heappush(self._within, entry)
        self.next_s = min(self.next_s, time_s)

    def soon(self, action: Action) -> None:
        """Call `action(None)` at the end of this instant: at once, if nothing else happens in it.

        So it must be the last thing that its caller does.
        """
        if self.next_s > self.now:
            action(None)
        else:
            self.at(self.now, STARTS, action)

    def run(self, until_s: int) -> None:
        """Let time pass up to, not including, a moment."""
        within = self._within
        while self._turn_page(until_s):
            page = self._page
            while self.next_s < until_s and (page or within):
                entry = page.pop() if page and (not within or page[-1] < within[0]) else heappop(within)
                self.now = entry[0] >> WHEN_BITS
                next_s = page[-1][0] >> WHEN_BITS if page else self._turns_s
                self.next_s = min(next_s, within[0][0] >> WHEN_BITS) if within else next_s
                entry[1](entry[2])
            self._environment._now = self.now
        self.now = self._environment._now = until_s

    def _turn_page(self, until_s: int) -> bool:
        """Open the next page with something on it, unless that begins at `until_s` or later."""
        while self.next_s >= self._turns_s and self._turns_s < until_s:
            self._page = self._pages.pop(self._turns_s // PAGE_S, [])
            self._page.sort(reverse=True)
            self._turns_s += PAGE_S
            self.next_s = self._page[-1][0] >> WHEN_BITS if self._page else self._turns_s
        return self.next_s < min(until_s, self._turns_s)
