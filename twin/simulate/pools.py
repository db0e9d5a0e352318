"""Resources that steps hold: pooled places, kilowatts, crews; their use, and their breakdowns."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

from twin.events.record import EVENTS
from twin.events.writer import LogWriter
from twin.model.profile import StepProfile
from twin.model.rows_make import Resource
from twin.model.units import HOUR_S
from twin.simulate.clock import CHANGES, Clock
from twin.simulate.gates import NEVER_S, OpenTime, Timeline
from twin.simulate.streams import Draws, Streams

SEIZED, DOWN, UP = EVENTS.index("seized"), EVENTS.index("down"), EVENTS.index("up")
TOLERANCE = 1e-9
NAN = float("nan")


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

    By time, a place is down for a while after each spell of clock time; work on it pauses.
    By use, only busy time counts, so a place fails at work and the work waits for the repair.
    """

    __slots__ = (
        "_by_use",
        "_clock",
        "_free",
        "_life",
        "_log",
        "_next",
        "_ordinals",
        "_place",
        "_repair",
        "_up",
        "_wake",
        "_woken_s",
    )

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
        self._clock, self._log, self._place, self._wake = clock, log, place, wake
        self._by_use = resource.failures == "use"
        name = (resource.site, resource.resource)
        self._life = [Draws(streams, resource.mtbf_hours, HOUR_S, "life", *name, unit) for unit in range(count)]
        self._repair = [Draws(streams, resource.mttr_hours, HOUR_S, "repair", *name, unit) for unit in range(count)]
        self._ordinals = [0] * count
        self._free = list(range(count))
        self._up = [0] * count
        self._next = [life.seconds(0) for life in self._life]
        self._woken_s = -1

    def any_up(self) -> bool:
        """True if a free place works now; else a wake-up is arranged for the next repair."""
        if self._by_use:
            return bool(self._free)
        now, soonest = self._clock.now, NEVER_S
        for unit in self._free:
            if self._up[unit] <= now < self._next[unit]:
                return True
            up_s = self._up_from(unit, now)
            if up_s <= now:
                return True
            soonest = min(soonest, up_s)
        if soonest < NEVER_S and soonest != self._woken_s:
            self._woken_s = soonest
            self._clock.at(soonest, CHANGES, lambda _none: self._wake())
        return False

    def take(self) -> int:
        """A free place that works, the lowest number first."""
        now, down = self._clock.now, []
        while True:
            unit = heappop(self._free)
            if self._by_use or self._up_from(unit, now) <= now:
                break
            down.append(unit)
        for each in down:
            heappush(self._free, each)
        return unit

    def give_back(self, unit: int) -> None:
        """A place is free again."""
        heappush(self._free, unit)

    def work_end(self, unit: int, start_s: int, work_s: int) -> int:
        """When work begun now on a place ends, its breakdowns included."""
        end_s, left = start_s, work_s
        while True:
            life = self._next[unit] if self._by_use else max(0, self._next[unit] - end_s)
            if left <= life:
                if self._by_use:
                    self._next[unit] -= left
                return end_s + left
            end_s += life
            left -= life
            end_s += self._break(unit, end_s)

    def catch_up(self, now: int) -> None:
        """Break down by time what nobody has looked at, so that the log does not hang on who looks."""
        if not self._by_use:
            for unit in range(len(self._next)):
                self._up_from(unit, now)

    def _up_from(self, unit: int, now: int) -> int:
        """The moment from which a place by time is up, breaking it down as time has passed."""
        while self._next[unit] <= now:
            self._break(unit, self._next[unit])
        return max(now, self._up[unit])

    def _break(self, unit: int, down_s: int) -> int:
        ordinal = self._ordinals[unit]
        repair_s = self._repair[unit].seconds(ordinal)
        self._ordinals[unit] = ordinal + 1
        life_s = self._life[unit].seconds(ordinal + 1)
        self._up[unit] = down_s + repair_s
        self._next[unit] = life_s if self._by_use else down_s + repair_s + life_s
        self._log.row(down_s, DOWN, self._place, -1, -1, unit, -1, -1, 1.0, 0.0, NAN, NAN)
        self._log.row(down_s + repair_s, UP, self._place, -1, -1, unit, -1, -1, 1.0, 0.0, down_s, NAN)
        return repair_s
