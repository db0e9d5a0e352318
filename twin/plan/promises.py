"""When the plan completes each order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twin.plan.demand import units_open
from twin.plan.frame import Frame
from twin.plan.linear import Reals

ROUNDING = 1e-6
"""Of a unit: a delivery short by no more than this is complete."""


def promises(frame: Frame, totals: Sequence[Reals]) -> dict[str, int | None]:
    """By order: the second at which its stream's deliveries reach its last unit, None if never within the plan.

    Deliveries fill the orders of a stream by due time, then name, and run straight within a
    bucket. An order delivered already is complete at the start of the plan.
    """
    promised: dict[str, int | None] = {order.order: None for order in frame.orders}
    for stream, total in zip(frame.streams, totals, strict=True):
        reached = np.concatenate(([0.0], np.maximum.accumulate(total)))
        # Demand without order names shares the deliveries in proportion to what is due.
        needed = np.cumsum([units_open(order, frame.delivered) for order in stream.orders])
        for order, units in zip(stream.orders, needed, strict=True):
            promised[order.order] = _moment(frame, reached, float(units))
    return promised


def _moment(frame: Frame, reached: Reals, units: float) -> int | None:
    bucket = int(np.searchsorted(reached, units - ROUNDING))
    if bucket == 0:
        return int(frame.edges[0])
    if bucket >= len(reached):
        return None
    before, after = reached[bucket - 1], reached[bucket]
    part = min((units - before) / (after - before), 1.0)
    return round(float(frame.edges[bucket - 1] + part * (frame.edges[bucket] - frame.edges[bucket - 1])))
