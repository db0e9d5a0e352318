"""Resources that steps hold: pooled places, kilowatts, crews; their use, and their breakdowns."""

from __future__ import annotations

from collections.abc import Callable

from twin.events.record import EVENTS
from twin.events.writer import LogWriter
from twin.model.profile import StepProfile
from twin.model.rows_make import Resource
from twin.model.units import HOUR_S, WEEK_S
from twin.simulate.clock import CHANGES, Clock
from twin.simulate.gates import NEVER_S, Timeline
from twin.simulate.streams import Draws, Streams

SEIZED, DOWN, UP = EVENTS.index("seized"), EVENTS.index("down"), EVENTS.index("up")
TOLERANCE = 1e-9
NAN = float("nan")


class Pool:
    """A resource at a site: how much may be held now, how much is, and the use so far.

    Use counts open hours only: a crew that holds a paused rack overnight is not busy.
    """

    __slots__ = (
        "_area",
        "_capacity_area",
        "_line",
        "_open",
        "_since",
        "_week_s",
        "capacity",
        "held",
        "name",
        "place",
        "units",
    )

    def __init__(self, name: str, place: int, capacity: StepProfile, open_hours: StepProfile) -> None:
        self.name = name
        self.place = place
        self._line = Timeline(capacity)
        self._open = None if open_hours.values.all() else Timeline(open_hours)
        self.capacity = self._line.at(0)
        self.held = 0.0
        self._since = 0
        self._week_s = 0
        self._area = 0.0
        self._capacity_area = 0.0
        self.units: Units | None = None

    def free_for(self, amount: float) -> bool:
        """True if so much more may be held now."""
        if self.held + amount > self.capacity + TOLERANCE:
            return False
        return self.units is None or self.units.any_up()

    def hold(self, now: int, amount: float) -> None:
        """Take (or, negative, give back) an amount."""
        self._account(now)
        self.held += amount

    def change(self, now: int) -> None:
        """The capacity of this moment comes into force; work under way is finished."""
        self._account(now)
        self.capacity = self._line.at(now)

    def changes_s(self, until_s: int) -> list[int]:
        """Moments after 0 at which the capacity changes."""
        return [time_s for time_s in self._line.times if 0 < time_s < until_s]

    def close_week(self, now: int, log: LogWriter) -> None:
        """Write the use of the week that ends now."""
        self._account(now)
        log.row(now, SEIZED, self.place, -1, -1, -1, -1, -1, self._area, 0.0, self._week_s, self._capacity_area)
        self._area = self._capacity_area = 0.0
        self._week_s = now

    def _account(self, now: int) -> None:
        if now > self._since:
            span = now - self._since if self._open is None else self._open.area(self._since, now)
            self._area += self.held * span
            self._capacity_area += self.capacity * span
            self._since = now


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
        self._free = list(range(count - 1, -1, -1))
        self._next = [life.seconds(0) for life in self._life]
        self._woken_s = -1

    def any_up(self) -> bool:
        """True if a free place works now; else a wake-up is arranged for the next repair."""
        if self._by_use:
            return bool(self._free)
        now, soonest = self._clock.now, NEVER_S
        for unit in self._free:
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
        now = self._clock.now
        for position in range(len(self._free) - 1, -1, -1):
            unit = self._free[position]
            if self._by_use or self._up_from(unit, now) <= now:
                return self._free.pop(position)
        raise ValueError("no place of the resource is up")

    def give_back(self, unit: int) -> None:
        """A place is free again."""
        self._free.append(unit)
        self._free.sort(reverse=True)

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

    def _up_from(self, unit: int, now: int) -> int:
        """The moment from which a place by time is up, breaking it down as time has passed."""
        while self._next[unit] <= now:
            down_s = self._next[unit]
            up_s = down_s + self._break(unit, down_s)
            if up_s > now:
                return up_s
        return self._down_until(unit, now)

    def _down_until(self, unit: int, now: int) -> int:
        """The end of a repair under way, else now."""
        ordinal = self._ordinals[unit]
        life_s = self._life[unit].seconds(ordinal)
        return max(now, self._next[unit] - life_s) if ordinal else now

    def _break(self, unit: int, down_s: int) -> int:
        ordinal = self._ordinals[unit]
        repair_s = self._repair[unit].seconds(ordinal)
        self._ordinals[unit] = ordinal + 1
        life_s = self._life[unit].seconds(ordinal + 1)
        self._next[unit] = life_s if self._by_use else down_s + repair_s + life_s
        self._log.row(down_s, DOWN, self._place, -1, -1, unit, -1, -1, 1.0, 0.0, NAN, NAN)
        self._log.row(down_s + repair_s, UP, self._place, -1, -1, unit, -1, -1, 1.0, 0.0, down_s, NAN)
        return repair_s


def close_weeks(clock: Clock, pools: list[Pool], log: LogWriter, until_s: int) -> None:
    """Write each pool's use at the end of every week up to `until_s`, inclusive of a part week."""

    def close(week_end_s: int) -> None:
        for pool in pools:
            pool.close_week(week_end_s, log)
        if week_end_s + WEEK_S < until_s:
            clock.at(week_end_s + WEEK_S, CHANGES, close, week_end_s + WEEK_S)

    if until_s > WEEK_S:
        clock.at(WEEK_S, CHANGES, close, WEEK_S)
