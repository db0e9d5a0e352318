"""Longest waits on the floor: a unit that waits longer for its next step repeats the one before.

The limit runs from the end of the step, with the quarter of an hour on top that the
schedule's grid takes. Whoever is under a limit goes before others at the next step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twin.events.record import EVENTS
from twin.model.units import HOUR_S, hours
from twin.simulate.clock import AFTER_STARTS
from twin.simulate.fates import count_attempts, write
from twin.simulate.modes import places
from twin.simulate.units import Queue, Routing, Step, Unit

if TYPE_CHECKING:
    from twin.simulate.routing import SiteFloor

EXPIRED = EVENTS.index("expired")
GRID_S = 900


class WaitLimit:
    """A step after which the next must begin within some time; `waiting` are the units for which that time runs.

    Of a mode that units keep, where they do so at the next step too, it is the step in that mode alone.
    """

    __slots__ = ("_floor", "_limit_s", "_step", "waiting")

    def __init__(self, floor: SiteFloor, step: Step, limit_s: int) -> None:
        self._floor, self._step, self._limit_s = floor, step, limit_s
        self.waiting: dict[Unit, bool] = {}

    def begin(self, unit: Unit, now: int) -> None:
        """A unit's step has ended, and it goes on to the next."""
        unit.must_start_s, unit.limit = now + self._limit_s + GRID_S, self
        self.waiting[unit] = True
        self._floor.clock.at(unit.must_start_s, AFTER_STARTS, self._expire, (unit, unit.must_start_s))

    def end(self, unit: Unit) -> None:
        """The unit's next step has begun, or it is gone; others may now begin theirs."""
        unit.must_start_s = -1
        del self.waiting[unit]
        self._floor.dispatch_later()

    def has_room(self) -> bool:
        """May one more unit begin the step?

        Not while those at it and behind it, taken one after the other at the next step's
        places by its mean hours, would keep a new one waiting beyond its limit. Where a
        schedule is in force, the schedule has seen to that.
        """
        floor, step = self._floor, self._step
        if floor.clock.now <= floor.last_start_s:
            return True
        following = _following(step)
        at_work = sum(unit.at is step or unit.at.any_mode is step for unit in floor.busy)
        ahead_s = (at_work + len(self.waiting)) * following.row.hours.mean * HOUR_S
        return ahead_s <= _places(following) * (step.row.hours.mean * HOUR_S + self._limit_s)

    def _expire(self, expiring: tuple[Unit, int]) -> None:
        unit, must_start_s = expiring
        if unit.must_start_s != must_start_s:
            return
        floor, step = self._floor, self._step
        floor.take_out(unit)
        unit.since_s = must_start_s - self._limit_s - GRID_S
        count_attempts(unit, step)
        write(floor, EXPIRED, step, unit, 1, 0.0, unit.attempts[step.number])
        floor.join(unit, step.any_mode or step)


def _following(step: Step) -> Step:
    """The next step; of a mode that is kept there, in that mode."""
    following = step.following
    assert following is not None
    return _in_mode(following, step.mode) if _is_kept(step) and step.mode else following


def _is_kept(step: Step) -> bool:
    following = step.following
    return step.row.keeps_mode and following is not None and following.row.keeps_mode


def _in_mode(step: Step, mode: str) -> Step:
    return next(each for each in step.modes or () if each.mode == mode)


def _places(step: Step) -> float:
    """How many units the resources of a step take at once now, in all its modes."""
    queues: list[Queue] = [step.queue] if step.queue.options is None else step.queue.options
    return sum(places(queue) for queue in queues)


def set_limits(routing: Routing) -> None:
    """Hold the units of a routing to the longest waits of the table; a last step has none after it."""
    for step in routing.steps:
        limit_h = step.row.max_wait_hours_after
        if limit_h is not None and step.following is not None:
            limit = WaitLimit(routing.floor_site, step, hours(limit_h))
            for each in [step, *(step.modes or [])]:
                own = each.mode and _is_kept(each)
                each.limit = each.queue.limit = WaitLimit(routing.floor_site, each, hours(limit_h)) if own else limit
