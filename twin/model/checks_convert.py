"""Rules about making one customer's configuration into another: from what, into what, in how long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from twin.model.columns import cell_text
from twin.model.order_book import ordered
from twin.model.place import Place
from twin.model.problems import Problem
from twin.model.rows_demand import Stock
from twin.model.rows_make import BomLine, Process, RoutingStep
from twin.model.rows_network import Item
from twin.model.tables import Tables
from twin.model.world import World

_Convertible = tuple[Item, Place]


def check_conversions(tables: Tables) -> Iterator[Problem]:
    """An item is made, and becomes another one of its kind that is made too; it does not come back in no time."""
    items = {item.item: item for item, _ in tables.of(Item)}
    made = {process.item for process, _ in tables.of(Process)}
    for item, place in tables.of(Item):
        if not item.convertible_to:
            if item.conversion_hours:
                rule = "conversion_hours need an item to convert into"
                text = cell_text(item.conversion_hours)
                yield place.problem("conversion_hours", rule, text, "give convertible_to, or clear the cell")
        elif item.convertible_to == item.item:
            rule = "an item must be converted into another one"
            yield place.problem("convertible_to", rule, item.item, "name another item, or clear the cell")
        elif item.convertible_to in items:
            yield from _unfit(item, items[item.convertible_to], made, place)
    yield from _idle_circles(tables)


def _unfit(item: Item, into: Item, made: set[str], place: Place) -> Iterator[Problem]:
    if into.kind != item.kind:
        rule = f"an item must be converted into one of its kind ({item.kind}), and {into.item} is of kind {into.kind}"
        yield place.problem("convertible_to", rule, into.item, "name an item of the same kind, or clear the cell")
    for name in (item.item, into.item):
        if name not in made:
            rule = f"an item that is converted, and what it becomes, must be made at some site, and {name} is not"
            yield place.problem("convertible_to", rule, into.item, f"add a row to 'processes' with the item {name}")


def _idle_circles(tables: Tables) -> Iterator[Problem]:
    """Items that become each other again in no time, told at the last of them in the table."""
    idle = {item.item: (item, place) for item, place in tables.of(Item) if not item.conversion_hours}
    told: set[str] = set()
    for first in idle:
        way, name = list[str](), first
        while name in idle and name not in way and name not in told:
            way.append(name)
            name = idle[name][0].convertible_to
        if name in way and len(circle := way[way.index(name) :]) > 1:
            item, place = idle[max(circle, key=list(idle).index)]
            names = " -> ".join([*circle, name])
            rule = f"items that are converted into each other must take time for it ({names})"
            yield place.problem("convertible_to", rule, item.convertible_to, "give conversion_hours, or clear the cell")
        told.update(way)


def check_converted_racks(tables: Tables) -> Iterator[Problem]:
    """Both items are made one by one or both in lots, in a state that no site takes up; the name is free."""
    routed = {step.item for step, _ in tables.of(RoutingStep)}
    taken_up = {line.item for line, _ in tables.of(BomLine) if {line.item, line.input} <= routed}
    named = {(process.process, process.item) for process, _ in tables.of(Process)}
    for item, place in tables.of(Item):
        into = item.convertible_to
        if into and (item.item in routed) != (into in routed):
            one = item.item if item.item in routed else into
            rule = f"an item and what it becomes must both have a routing or none, and {one} alone has one"
            yield place.problem("convertible_to", rule, into, "name another item, or clear the cell")
        if into and {item.item, into} & taken_up:
            rule = "racks are converted before they are shipped, not once they are taken up where they stay"
            yield place.problem("convertible_to", rule, into, "give it for the item in its shipped state instead")
        if into and (item.conversion_process, into) in named:
            rule = f"a conversion is the process '{item.conversion_process}', and 'processes' has one of that name"
            yield place.problem("convertible_to", rule, into, "rename the process")


def unsupported_conversions(tables: Tables) -> Iterator[Problem]:
    """Only the plan says when to convert, so neither item may be run by a stock policy, nor go into one that is."""
    used_in: dict[str, set[str]] = defaultdict(set)
    for line, _ in tables.of(BomLine):
        used_in[line.input].add(line.item)
    pulled = {stock.item for stock, _ in tables.of(Stock) if stock.policy.kind != "plan"}
    for item, place in tables.of(Item):
        reached, waiting = set[str](), [item.item, item.convertible_to] if item.convertible_to else []
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += used_in[name]
        if reached & pulled:
            rule = f"conversions do not run beside stock policies yet (that of {min(reached & pulled)})"
            yield place.problem("convertible_to", rule, item.convertible_to, "clear the cell, or the policy")


def conversion_notes(world: World) -> tuple[str, ...]:
    """A line for each item that may be converted into one which no order, no stream and no bill of materials asks for.

    It is never converted then.
    """
    asked = {order.item for order in ordered(world)} | {stream.item for stream in world.demand}
    asked |= {line.input for line in world.bom}
    while further := {item.item for item in world.items if item.convertible_to in asked} - asked:
        asked |= further
    return tuple(
        f"{item.item} is never converted: no order and no bill of materials asks for {item.convertible_to}"
        for item in world.items
        if item.convertible_to and item.convertible_to not in asked
    )
