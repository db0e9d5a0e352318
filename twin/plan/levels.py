"""Levels in the plan: how many of the racks that a site takes up are built in each way, by date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from twin.model.profile import StepProfile
from twin.network.levels import Levels
from twin.plan.buckets import Edges, bucket_means
from twin.plan.linear import Reals
from twin.plan.program import Program

OFF_LEVEL_WEEKS = 4.0
"""Late racks for a week that one rack built at another level than the share says weighs as much as."""


def add_levels(program: Program) -> None:
    """Of the starts at a site and item with several levels each has its share in every bucket, as far as it may.

    A level without a share takes what the others leave, as the plan finds best. Leaving a share
    weighs so much that the plan does it only where racks would be late for a month.
    """
    network = program.frame.network
    ways: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index, key in enumerate(program.frame.makers):
        if network.is_routed(key):
            ways[key[1], key[2]][network.routing[key][0].level].append(index)
    levels = Levels(network.world)
    for (site, item), by_level in sorted(ways.items()):
        if len(by_level) > 1:
            dated = levels.by_date(site, item)
            everyone = [index for mine in by_level.values() for index in mine]
            for level, mine in by_level.items():
                _hold(program, everyone, mine, [(from_s, shares.get(level, 0.0)) for from_s, shares in dated])


def _hold(
    program: Program, everyone: Sequence[int], mine: Sequence[int], dated: Sequence[tuple[int, float | None]]
) -> None:
    """Starts at a level less its share of all starts come to nothing, but for what leaves the share at a price.

    Where the plan may choose in any part of a bucket it may in the whole of it.
    """
    linear, edges = program.linear, program.frame.edges
    share = _means([(from_s, each or 0.0) for from_s, each in dated], edges)
    free = _means([(from_s, float(each is None)) for from_s, each in dated], edges) > 0
    if free.all():
        return
    limit = np.where(free, np.inf, 0.0)
    rows = linear.add_rows(-limit, limit)
    for index in everyone:
        linear.add_entries(rows, program.starts[index], (1.0 if index in mine else 0.0) - share)
    away = linear.add_columns(np.full((2, len(limit)), np.inf), cost=OFF_LEVEL_WEEKS)
    linear.add_entries(rows, away[0], 1.0)
    linear.add_entries(rows, away[1], -1.0)


def _means(steps: list[tuple[int, float]], edges: Edges) -> Reals:
    return bucket_means(StepProfile.of(steps), edges)
