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
    not; work on it pauses. By use, only busy time counts, so a place fails at work and the
    work waits for the repair.
    """

    __slots__ = ("_by_use", "_clock", "_free", "_is_down", "_is_taken", "_life", "_log", "_next", "_ordinals", "_place",
                 "_repair", "_streams", "_wake")  # fmt: skip

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
        self._by_use = resource.failures == "use"
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
        if not self._by_use:
            for unit, fails_s in enumerate(self._next):
                clock.at(fails_s, CHANGES, self._fail, unit)

    def any_up(self) -> bool:
        """True if a free place works now."""
        return bool(self._free)

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
        """Places that are neither taken nor down."""
        return len(self._free)

    def work_end(self, unit: int, start_s: int, work_s: int) -> int:
        """When work begun now on a place ends, its breakdowns included."""
        if not self._streams.noise:
            return start_s + work_s
        return self._end_by_use(unit, start_s, work_s) if self._by_use else self._end_by_time(unit, start_s, work_s)

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
            down_s = end_s + self._next[unit]
            end_s = down_s + self._repair[unit].seconds(self._ordinals[unit])
            self._ordinals[unit] += 1
            self._next[unit] = self._life[unit].seconds(self._ordinals[unit])
            self._clock.at(down_s, CHANGES, self._write_down, unit)
            self._clock.at(end_s, CHANGES, self._write_up, (unit, down_s))
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
