"""Defects of units made one by one, and the test of a step.

They are put in by steps and on the way, found by gates or missed; a test passes by them and by its yield.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twin.events.record import EVENTS
from twin.simulate.fates import write
from twin.simulate.units import NAN, Step, Unit

if TYPE_CHECKING:
    from twin.simulate.lots import Floor
    from twin.simulate.routing import SiteFloor

FLAWED, FOUND = EVENTS.index("flawed"), EVENTS.index("found")


def passes(floor: SiteFloor, step: Step, unit: Unit, attempt: int) -> bool:
    """The test of an attempt: by the defects that its gate finds, and by its yield.

    A gate sees some kinds of defects: one that it has missed it misses again, so that
    only a first attempt finds any.
    """
    luck, row, item = unit.luck, step.row, unit.routing.item
    failing = unit.failing[step.position] if unit.failing else 1.0
    mean = row.defects_introduced * failing
    if mean and attempt == 1 and (put_in := luck.defects(item, row, mean, unit.number)):
        unit.defects += put_in
        write(floor, FLAWED, step, unit, put_in, 0.0, attempt)
    if row.gate_coverage and unit.defects and attempt == 1:
        unit.found = luck.found(item, row, unit.number, unit.defects)
        unit.defects -= unit.found
        if unit.found:
            write(floor, FOUND, step, unit, unit.found, 0.0, attempt)
            return False
    passing = row.first_pass_yield if failing == 1.0 else 1.0 - (1.0 - row.first_pass_yield) * failing
    return passing >= 1 or luck.test(item, row, unit.number, attempt) < passing


def add_in_transport(floor: Floor, lane: str, place: int, item_code: int, mean: float, unit: Unit) -> None:
    """A unit docks with the defects that its way has added to it."""
    added = unit.luck.shipping_defects(lane, mean, unit.number)
    if added:
        unit.defects += added
        floor.log.row(floor.clock.now, FLAWED, place, item_code, unit.order, unit.number, -1, unit.rack, added, 0.0,
                      NAN, NAN)  # fmt: skip
