"""The modes of a step on the floor: which of them a unit takes, and that it stays where it keeps one.

A unit that keeps its mode (`keeps_mode`), such as the building that it is in, takes one as it
begins the first of the steps that say so. A building that has room at its first step may be
overrun behind it: of those that can do all the steps the one is taken that is through with all
that it has first, at the pace of its scarcest step. Where that has no room now a unit waits for
it, but not beside an empty building.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from twin.events.record import EVENTS
from twin.simulate.units import NAN, Queue, Step, Unit

if TYPE_CHECKING:
    from twin.simulate.routing import SiteFloor

BOUND: Final = EVENTS.index("bound")
_ENDLESS: Final = 1e12


def enter_mode(unit: Unit, modes: list[Step], name: str) -> Step:
    """A unit waits for one mode of its step, in whose hours it will be worked on."""
    unit.at = next(step for step in modes if step.mode == name)
    unit.factor = unit.at.factor
    return unit.at


def free_modes(floor: SiteFloor, queue: Queue, options: list[Queue], now: int, waiting: int | None = None) -> list[int]:
    """The modes in which the next unit of a queue can start, by their places among its options, best first.

    Where units keep their mode, that one alone which it is to take now; `waiting` counts it and those behind it.
    """
    # All are asked, since each arranges a try at its own next opening.
    free = [place for place, each in enumerate(options) if floor.can_start(each, now)]
    if queue.through is None or not free:
        return free
    return _to_keep(floor, queue, options, free, now, max(1, len(queue.waiting)) if waiting is None else waiting)


def take_mode(floor: SiteFloor, queue: Queue, options: list[Queue], unit: Unit, now: int) -> Queue:
    """A unit takes the best mode that is free: it is at that step from now on."""
    modes = unit.at.modes
    assert modes is not None
    # The unit has left the queue.
    place = free_modes(floor, queue, options, now, len(queue.waiting) + 1)[0]
    unit.at, unit.factor = modes[place], modes[place].factor
    return options[place]


def bind(floor: SiteFloor, unit: Unit, step: Step) -> None:
    """A unit begins the first step of those that keep its mode: from now on it does them in this one."""
    unit.kept_mode = step.mode
    log, routing = floor.floor.log, unit.routing
    place = log.place(f"mode:{floor.site}/{step.mode}")
    log.row(floor.clock.now, BOUND, place, routing.item_code, unit.order, unit.number, -1, -1, 1.0, 0.0, NAN, NAN)


def places(queue: Queue) -> float:
    """How many units the resources of a queue take at once now."""
    return min([pool.limit // amount for pool, amount in queue.holds], default=_ENDLESS)


def _to_keep(
    floor: SiteFloor, queue: Queue, options: list[Queue], free: list[int], now: int, waiting: int
) -> list[int]:
    """Of the modes that are free the one to be kept from now on; none where units do better to wait for another."""
    assert queue.through is not None
    rates = [min(map(_turned_out, steps)) for steps in queue.through]
    # What is nowhere now can be done in no mode that lacks it, however free its first step.
    able = [place for place in free if rates[place] > 0]
    if not able:
        return []
    count = _inside(floor)
    inside = [count.get(name, 0) for name in queue.names]
    now_s = [(inside[place] + 1) / rates[place] if place in able else _ENDLESS for place in range(len(options))]
    second = min(able, key=now_s.__getitem__)
    # Until then all that wait would have gone into a mode that they have to wait for.
    later_s = [
        (inside[place] + waiting) / rate + _shut_s(options[place], now) if rate > 0 else _ENDLESS
        for place, rate in enumerate(rates)
        if place not in able
    ]
    return [second] if now_s[second] <= min(later_s, default=_ENDLESS) or not inside[second] else []


def _shut_s(queue: Queue, now: int) -> int:
    """How long its hours are still closed."""
    return 0 if queue.open_time is None else queue.open_time.next_open(now) - now


def _turned_out(step: tuple[Queue, float]) -> float:
    """Units a second that a step can turn out now, in use or not; 0 where there is not enough for one."""
    queue, mean_s = step
    return places(queue) / mean_s


def _inside(floor: SiteFloor) -> dict[str, int]:
    """By mode: units bound to it that have steps to do there, of whatever item."""
    count: dict[str, int] = {}
    queued = (entry[2] for queue in floor.queues if queue.leads is None for entry in queue.waiting)
    for unit in chain(floor.busy, floor.reworking, floor.pending, floor.gathering, queued):
        if unit.kept_mode and unit.at.position <= unit.routing.last_kept:
            count[unit.kept_mode] = count.get(unit.kept_mode, 0) + 1
    return count
