"""The test of a step: defects put in, found by a gate or missed, and the yield of an attempt."""

from __future__ import annotations

from twin.model.rows_make import RoutingStep
from twin.simulate.units import Unit


def passes(item: str, row: RoutingStep, unit: Unit, attempt: int) -> bool:
    """The test of an attempt: by the defects that its gate finds, and by its yield.

    A gate sees some kinds of defects: one that it has missed it misses again, so that
    only a first attempt finds any.
    """
    luck = unit.luck
    if row.defects_introduced and attempt == 1:
        unit.defects += luck.defects(item, row, unit.number)
    if row.gate_coverage and unit.defects and attempt == 1:
        unit.found = luck.found(item, row, unit.number, unit.defects)
        unit.defects -= unit.found
        if unit.found:
            return False
    return row.first_pass_yield >= 1 or luck.test(item, row, unit.number, attempt) < row.first_pass_yield
