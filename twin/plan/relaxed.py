"""Limits that no plan can keep: where the plan had to give way, by how much, and why.

The programme itself always has an answer: demand may stay late, stock may pile up. What can
make a plan impossible are limits that the state breaks already, shares of sources that leave
no way to receive anything, and demand that nothing can reach. These give way, each at a price
above all money and so by the least, and are told.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import numpy as np

from twin.plan.limit import Yielding
from twin.plan.linear import Reals, Solution
from twin.plan.program import Program
from twin.plan.record import BrokenLimit

NOTICED = 1e-3
"""Of a rack, or of a share: less beyond a limit is how exactly a programme is solved."""


def broken_limits(program: Program, solution: Solution) -> tuple[BrokenLimit, ...]:
    """What a solved plan breaks since it must, by kind, name and time; then the demand that nothing can reach."""
    found: list[BrokenLimit] = []
    for limit in program.yielding:
        reached = limit.reached(solution.values)
        beyond = limit.limit - reached if limit.least else reached - limit.limit
        found += _told(limit, reached, beyond)
    found.sort(key=lambda each: (each.kind, each.name, each.begins_s))
    return (*found, *_beyond_reach(program))


def _told(limit: Yielding, reached: Reals, beyond: Reals) -> Iterable[BrokenLimit]:
    """Periods in a row as one, at the worst of them."""
    broken = np.flatnonzero(beyond > NOTICED)
    for _, run in groupby(enumerate(broken), key=lambda pair: int(pair[1]) - pair[0]):
        periods = [int(period) for _, period in run]
        worst = max(periods, key=lambda period: float(beyond[period]))
        yield BrokenLimit(
            kind=limit.kind,
            name=limit.name,
            site=limit.site,
            item=limit.item,
            unit=limit.unit,
            limit=float(limit.limit[worst]),
            reached=float(reached[worst]),
            begins_s=int(limit.begins_s[periods[0]]),
            ends_s=int(limit.ends_s[periods[-1]]),
            why=limit.why,
        )


def _beyond_reach(program: Program) -> Iterable[BrokenLimit]:
    """Streams that want what can be there in no bucket of the plan."""
    frame = program.frame
    for stream in frame.streams:
        units = float(stream.due[-1])
        if units > NOTICED and program.first_there[stream.site, stream.item] >= frame.buckets:
            due_first = int(np.flatnonzero(stream.due > 0)[0])
            yield BrokenLimit(
                kind="demand",
                name=f"{stream.item} for {stream.customer} at {stream.site}",
                site=stream.site,
                item=stream.item,
                unit="units",
                limit=units,
                reached=0.0,
                begins_s=int(frame.edges[due_first]),
                ends_s=int(frame.edges[-1]),
                why="nothing can make it or bring it there before the plan ends",
            )
