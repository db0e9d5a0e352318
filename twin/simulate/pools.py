"""Resources that steps hold: pooled places, kilowatts, crews; their use, and their breakdowns."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Final

from twin.events.record import EVENTS
from twin.events.writer import LogWriter
from twin.model.profile import StepProfile
from twin.model.rows_make import Resource
from twin.model.units import HOUR_S
from twin.simulate.clock import CHANGES, Clock
from twin.simulate.gates import OpenTime, Timeline
from twin.simulate.streams import Draws, Streams

SEIZED: Final = EVENTS.index("seized")
DOWN: Final = EVENTS.index("down")
UP: Final = EVENTS.index("up")
TOLERANCE: Final = 1e-9
NAN: Final = float("nan")


class Pool:
    """A resource at a site: how much may be held now, how much is, and the use so far.

    Use counts open hours only: a crew that holds a paused rack overnight is not busy. The
    sum of amount x time over takings and givings-back is kept instead of an area per change,
    since one addition a change is all the hot path can afford. `held` and `booked` are
    changed there directly, as `hold` does.
    """

    __slots__ = ("_available", "_closed_weeks", "_line", "_week_s", "booked", "held", "hours", "limit", "name", "place",
                 "units")  # fmt: skip

    def __init__(self, name: str, place: int, capacity: StepProfile, open_hours: StepProfile, hours: OpenTime) -> None:
        self.name = name
        self.place = place
        self._line = Timeline(capacity)
        self._available = capacity.times(open_hours)
        self.hours = None if hours.always else hours
        """The calendar that counts use; None: always open."""
        self.limit = self._line.at(0) + TOLERANCE
        self.held = 0.0
        self.booked = 0.0
        self._closed_weeks = 0.0
        self._week_s = 0
        self.units: Units | None = None

    def free_for(self, amount: float) -> bool:
        """True if so much more may be held now."""
        return self.held + amount <= self.limit and (self.units is None or self.units.any_up())

    def hold(self, now: int, amount: float) -> None:
        """Take (or, negative, give back) an amount."""
        self.held += amount
        self.booked -= amount * (now if self.hours is None else self.hours.until(now))

    def change(self, now: int) -> None:
        """The capacity of this moment comes into force; work under way is finished."""
        self.limit = self._line.at(now) + TOLERANCE
        if self.units is not None:
            self.units.count = int(self.limit)

    def changes_s(self, until_s: int) -> list[int]:
        """Moments after 0 at which the capacity changes."""
        return [time_s for time_s in self._line.starts if 0 < time_s < until_s]

    def close_week(self, now: int, log: LogWriter) -> None:
        """Write the use of the week that ends now."""
        used = self.booked + self.held * (now if self.hours is None else self.hours.until(now))
        available = self._available.integral(self._week_s, now)
        log.row(now, SEIZED, self.place, -1, -1, -1, -1, -1, used - self._closed_weeks, 0.0, self._week_s, available)
        self._closed_weeks, self._week_s = used, now


class Units:
    """The single places of a resource that breaks down, by time or by use, drawn per place.

    By time, a place is down for a while after each spell of clock time, whether it works or
    not; work on it pauses. By use, only time at work counts, so a place fails at work and the
    work waits for the repair. `count` is how many of them there are now, the lowest numbers.
    """

    __slots__ = ("_clock", "_free", "_is_down", "_is_taken", "_life", "_log", "_next", "_ordinals", "_place",
                 "_repair", "_streams", "_wake", "by_use", "count")  # fmt: skip

    def __init__(
        self,
        clock: Clock,
        log: LogWriter,
        streams: Streams,
        resource: Resource,
        count: int,
        place: int,
        wake: Callable[[], None],
    ) -> None:
        if resource.mtbf_hours is None or resource.mttr_hours is None:
            raise ValueError(f"{resource.site}/{resource.resource}: failures need mtbf_hours and mttr_hours")
        self._clock, self._log, self._place, self._wake, self._streams = clock, log, place, wake, streams
        self.by_use = resource.failures == "use"
        self.count = count
        name = (resource.site, resource.resource)
        self._life = [Draws(streams, resource.mtbf_hours, HOUR_S, "life", *name, unit) for unit in range(count)]
        self._repair = [Draws(streams, resource.mttr_hours, HOUR_S, "repair", *name, unit) for unit in range(count)]
        self._ordinals = [0] * count
        """Breakdowns so far, by place."""
        self._next = [life.seconds(0) for life in self._life]
        """By time, the moment of the next breakdown; by use, the work left until it."""
        self._free = list(range(count))
        """A heap of the places that are neither taken nor down."""
        self._is_down, self._is_taken = [False] * count, [False] * count
        if not self.by_use:
            for unit, fails_s in enumerate(self._next):
                clock.at(fails_s, CHANGES, self._fail, unit)

    def any_up(self) -> bool:
        """True if a free place works now."""
        return self.count_up() > 0

    def take(self) -> int:
        """A free place that works, the lowest number first."""
        unit = heappop(self._free)
        self._is_taken[unit] = True
        return unit

    def give_back(self, unit: int) -> None:
        """A place is free again, if it is not down."""
        self._is_taken[unit] = False
        if not self._is_down[unit]:
            heappush(self._free, unit)

    def count_up(self) -> int:
        """Places that are there, and neither taken nor down."""
        if self.count >= len(self._is_down):
            return len(self._free)
        return sum([place < self.count for place in self._free])

    def end_of(self, places: list[tuple[Units, int]], start_s: int, work_s: int, hours: OpenTime | None) -> int:
        """When work begun now on `places` ends; it pauses while any of them is down or, with `hours`, closed."""
        if not self._streams.noise:
            return start_s + work_s if hours is None else hours.end_of(start_s, work_s)
        if hours is None and len(places) == 1:
            return self.work_end(places[0][1], start_s, work_s)
        return _end_together([_Strained(units, place) for units, place in places], start_s, work_s, hours)

    def next_s(self, unit: int) -> int:
        """By time, the moment of a place's next breakdown; by use, the work left until it."""
        return self._next[unit]

    def nth(self, unit: int, later: int) -> tuple[int, int]:
        """Seconds of the repair of a place's next breakdown but so many, and of the life after it."""
        ordinal = self._ordinals[unit] + later
        return self._repair[unit].seconds(ordinal), self._life[unit].seconds(ordinal + 1)

    def wear(self, unit: int, work_s: int) -> None:
        """By use: a place has worked so long without a breakdown."""
        self._next[unit] -= work_s

    def break_at(self, unit: int, down_s: int) -> int:
        """By use: a place breaks down at a moment, now or to come; gives when it is mended."""
        repair_s, self._next[unit] = self.nth(unit, 0)
        self._ordinals[unit] += 1
        up_s = down_s + repair_s
        self._clock.at(down_s, CHANGES, self._write_down, unit)
        self._clock.at(up_s, CHANGES, self._write_up, (unit, down_s))
        return up_s

    def work_end(self, unit: int, start_s: int, work_s: int) -> int:
        """When work begun now on a place ends, its breakdowns included."""
        if not self._streams.noise:
            return start_s + work_s
        return self._end_by_use(unit, start_s, work_s) if self.by_use else self._end_by_time(unit, start_s, work_s)

    def _end_by_time(self, unit: int, start_s: int, work_s: int) -> int:
        end_s, left, fails_s, ordinal = start_s, work_s, self._next[unit], self._ordinals[unit]
        while left > fails_s - end_s:
            left -= fails_s - end_s
            end_s = fails_s + self._repair[unit].seconds(ordinal)
            ordinal += 1
            fails_s = end_s + self._life[unit].seconds(ordinal)
        return end_s + left

    def _end_by_use(self, unit: int, start_s: int, work_s: int) -> int:
        end_s, left = start_s, work_s
        while left > self._next[unit]:
            left -= self._next[unit]
            end_s = self.break_at(unit, end_s + self._next[unit])
        self._next[unit] -= left
        return end_s + left

    def _fail(self, unit: int) -> None:
        """By time: a place goes down and its repair begins."""
        if not self._streams.noise:
            return
        now = self._clock.now
        self._is_down[unit] = True
        if not self._is_taken[unit]:
            self._free.remove(unit)
            heapify(self._free)
        self._write_down(unit)
        up_s = now + self._repair[unit].seconds(self._ordinals[unit])
        self._ordinals[unit] += 1
        self._next[unit] = up_s + self._life[unit].seconds(self._ordinals[unit])
        self._clock.at(up_s, CHANGES, self._mend, (unit, now))

    def _mend(self, mended: tuple[int, int]) -> None:
        """By time: a place works again until its next breakdown."""
        unit, _ = mended
        self._is_down[unit] = False
        if not self._is_taken[unit]:
            heappush(self._free, unit)
        self._write_up(mended)
        self._clock.at(self._next[unit], CHANGES, self._fail, unit)
        self._wake()

    def _write_down(self, unit: int) -> None:
        self._log.row(self._clock.now, DOWN, self._place, -1, -1, unit, -1, -1, 1.0, 0.0, NAN, NAN)

    def _write_up(self, mended: tuple[int, int]) -> None:
        unit, down_s = mended
        self._log.row(self._clock.now, UP, self._place, -1, -1, unit, -1, -1, 1.0, 0.0, down_s, NAN)


class _Strained:
    """A place at work, and its breakdowns in the course of that work."""

    __slots__ = ("_fails_s", "_later", "_place", "_units")

    def __init__(self, units: Units, place: int) -> None:
        self._units, self._place, self._later = units, place, 0
        self._fails_s = units.next_s(place)

    def fails_s(self, at_s: int, hours: OpenTime | None) -> int:
        """When it breaks down, if work goes on from a moment without a break."""
        if not self._units.by_use:
            return self._fails_s
        life_s = self._units.next_s(self._place)
        return at_s + life_s if hours is None else hours.end_of(at_s, life_s)

    def up_s(self, at_s: int) -> int:
        """It breaks down: the moment at which it works again, the next breakdown being drawn."""
        if self._units.by_use:
            return self._units.break_at(self._place, at_s)
        repair_s, life_s = self._units.nth(self._place, self._later)
        self._later += 1
        up_s = self._fails_s + repair_s
        self._fails_s = up_s + life_s
        return up_s

    def works(self, work_s: int) -> None:
        """So much work has been done on it since the last breakdown of any place."""
        if self._units.by_use:
            self._units.wear(self._place, work_s)


def _end_together(places: list[_Strained], start_s: int, work_s: int, hours: OpenTime | None) -> int:
    """When work ends that needs several places at once, or open hours: from breakdown to breakdown of any of them."""
    at_s, left_s = start_s, work_s
    while True:
        end_s = at_s + left_s if hours is None else hours.end_of(at_s, left_s)
        moments = [place.fails_s(at_s, hours) for place in places]
        first_s = min(moments)
        if first_s >= end_s:
            for place in places:
                place.works(left_s)
            return end_s
        # A place that goes by the clock may have broken down while another was mended.
        fails_s = max(at_s, first_s)
        done_s = fails_s - at_s if hours is None else hours.until(fails_s) - hours.until(at_s)
        left_s -= done_s
        for place in places:
            place.works(done_s)
        at_s = max(fails_s, places[moments.index(first_s)].up_s(fails_s))
