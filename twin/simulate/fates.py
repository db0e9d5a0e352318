"""What befalls units on a routing floor beside their work: steps repeated, losses in process, the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twin.disrupt.record import WipLoss
from twin.events.record import EVENTS
from twin.model.units import HOUR_S
from twin.simulate.clock import ENDS
from twin.simulate.pools import TOLERANCE
from twin.simulate.units import NAN, Routing, Step, Unit

if TYPE_CHECKING:
    from twin.simulate.routing import SiteFloor

REWORK, ESCAPED = EVENTS.index("rework"), EVENTS.index("escaped")


def reworked(unit: Unit) -> None:
    """A unit's rework ends, unless the floor stood still meanwhile: it repeats from the step that the table names."""
    routing, step, floor = unit.routing, unit.at, unit.routing.floor_site
    now = floor.clock.now
    ends_s = routing.conditions.stops.end_of(unit.since_s, unit.work_s, now)
    if ends_s > now:
        floor.clock.at(ends_s, ENDS, reworked, unit)
        return
    if not floor.reworking.pop(unit, False):
        return
    found, unit.found = max(unit.found, 1), 0
    usd = found * unit.work_s / HOUR_S * step.cost_per_hour
    count_attempts(unit, step)
    write(floor, REWORK, step, unit, found, usd, unit.attempts[step.number])
    back_to = step.row.rework_to or step.number
    floor.join(unit, next(each for each in routing.steps if each.number == back_to))


def count_attempts(unit: Unit, step: Step) -> None:
    """From the first repetition on attempts are counted; so far there was one at each step up to this."""
    if not unit.repeats:
        unit.repeats = True
        unit.attempts = {each.number: 1 for each in unit.routing.steps[unit.entered : step.position + 1]}


def write(floor: SiteFloor, event: int, step: Step, unit: Unit, quantity: int, usd: float, attempt: int) -> None:
    """A row on a unit at a step."""
    floor.floor.log.row(
        floor.clock.now, event, step.place, unit.routing.item_code, unit.order, unit.number, -1, -1, quantity, usd,
        unit.since_s, attempt,
    )  # fmt: skip


def finish(floor: SiteFloor, step: Step, unit: Unit) -> None:
    """The last step is done: the unit leaves, or is spoilt."""
    now, routing, log = floor.clock.now, unit.routing, floor.floor.log
    if unit.defects:
        place = log.place(f"site:{floor.site}")
        log.row(now, ESCAPED, place, routing.item_code, unit.order, unit.number, -1, -1, unit.defects, 0.0, NAN, NAN)
    yields = routing.conditions.yields
    if yields is not None and unit.luck.spoils(routing.item, unit.number) >= yields.at(now):
        floor.release(unit, step)
        routing.lose(unit)
        return
    routing.leave(unit, step)


def lose_share(losing: tuple[Routing, WipLoss]) -> None:
    """A disruption scraps its fraction of the units in a routing, evenly over their serials.

    Those at work give back at once what they hold.
    """
    routing, loss = losing
    floor = routing.floor_site
    inside = [unit for unit, of, _, _ in floor.units_inside() if of is routing]
    rest = 0.0
    for unit in sorted(inside, key=lambda each: (each.order, each.number)):
        rest += loss.fraction
        if rest >= 1 - TOLERANCE:
            rest -= 1
            floor.take_out(unit)
            routing.drop(unit)
    floor.dispatch_soon()
