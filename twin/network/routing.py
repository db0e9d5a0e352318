"""The routing in force at each site that makes an item one by one, and what its steps seize."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from twin.model.rows_make import RoutingResource, RoutingStep
from twin.model.world import World

Place = tuple[str, str]
"""(site, item)."""


def routings_in_force(world: World, places: Iterable[Place]) -> dict[Place, tuple[RoutingStep, ...]]:
    """The steps in order, by (site, item), for those places whose item has a routing.

    Of several levels that with the largest share at `starts` holds: by the rows of the site
    itself, else by the rows of all sites together, else the first in the table. Rows that
    name a site replace all rows without a site there.
    """
    by_item: dict[str, list[RoutingStep]] = defaultdict(list)
    for step in world.routings:
        by_item[step.item].append(step)
    routing: dict[Place, tuple[RoutingStep, ...]] = {}
    for site, item in places:
        steps = [step for step in by_item.get(item, ()) if step.site in ("", site)]
        if not steps:
            continue
        level = level_in_force(world, site, item, list(dict.fromkeys(step.level for step in steps)))
        at_level = [step for step in steps if step.level == level]
        own = [step for step in at_level if step.site]
        routing[site, item] = tuple(sorted(own or at_level, key=lambda step: step.step))
    return routing


def level_in_force(world: World, site: str, item: str, levels: Sequence[str]) -> str:
    """The level of largest share at `starts` among those given, the first one where none has a share."""
    if len(levels) == 1:
        return levels[0]
    shares = _shares_at_start(world, item)
    own = {level: share for (where, level), share in shares.items() if where == site}
    if not own:
        for (_, level), share in shares.items():
            own[level] = own.get(level, 0.0) + share
    return max(levels, key=lambda level: own.get(level, 0.0))


def _shares_at_start(world: World, item: str) -> dict[tuple[str, str], float]:
    """Share by (site, level): of each pair the latest row not after `starts`."""
    starts = world.settings.starts
    rows = [row for row in world.levels if row.item == item and (row.from_date or starts) <= starts]
    rows.sort(key=lambda row: (row.from_date is not None, row.from_date or starts))
    return {(row.site, row.level): row.share for row in rows}


def seized_by(
    world: World, routing: dict[Place, tuple[RoutingStep, ...]]
) -> dict[tuple[str, str, int], tuple[RoutingResource, ...]]:
    """What each step in force seizes, by (site, item, step); steps that seize nothing are left out."""
    rows: dict[tuple[str, str, int], list[RoutingResource]] = defaultdict(list)
    for row in world.routing_resources:
        rows[row.item, row.level, row.step].append(row)
    return {
        (site, item, step.step): tuple(rows[item, step.level, step.step])
        for (site, item), steps in routing.items()
        for step in steps
        if rows[item, step.level, step.step]
    }
