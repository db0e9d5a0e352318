"""Conversions: one customer's configuration made into another's after the fact, as processes of their own."""

from __future__ import annotations

from collections.abc import Collection

from twin.model.distribution import constant
from twin.model.rows_make import Process
from twin.model.rows_network import Item
from twin.model.units import DAY_S, HOUR_S
from twin.model.world import World
from twin.network.flows import Place
from twin.network.record import ProcessKey


def possible_conversions(world: World, made: Collection[Place]) -> dict[ProcessKey, Item]:
    """By key, the item that goes in: wherever an item that may be converted is made, or comes out of a conversion.

    An item comes before those that it is converted into.
    """
    items = {row.item: row for row in world.items}
    found: dict[ProcessKey, Item] = {}
    waiting = list(made) if any(row.convertible_to for row in world.items) else []
    for site, name in waiting:
        item = items[name]
        if item.convertible_to:
            key = (item.conversion_process, site, item.convertible_to)
            if key not in found:
                found[key] = item
                waiting.append((site, item.convertible_to))
    return found


def conversion_row(key: ProcessKey, item: Item) -> Process:
    """A conversion as a row of `processes`: one unit at a time, without a limit, a loss or a cost."""
    process, site, into = key
    return Process(
        process=process,
        site=site,
        item=into,
        cycle_days=constant(item.conversion_hours * HOUR_S / DAY_S),
        source=item.source,
    )
