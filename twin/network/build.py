"""From the tables of a world to its network: what may flow where, pruned to what demand needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import partial
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, TypeVar

from twin.model.order_book import ordered
from twin.model.rows_make import Process
from twin.model.world import World
from twin.network.conversions import conversion_row, possible_conversions
from twin.network.defects import found_at_gates
from twin.network.flows import Place, needed_places, possible_flows, with_supply
from twin.network.learning import Asked, curves_of, routings_by_era
from twin.network.levels import Lines, levels_in_use, lines_at, mean_lines
from twin.network.record import Era, Flow, Network, ProcessKey
from twin.network.routing import modes_of, routings_in_force, seized_by

if TYPE_CHECKING:
    import networkx as nx

_Key = TypeVar("_Key")


def build_network(world: World) -> Network:
    """The network of a checked world.

    An item may travel on a lane if its origin makes or forwards it, its destination uses,
    forwards or orders it, and sourcing allows it. A site forwards an item if it is a hub or
    holds a stock row for it. What is made somewhere may be converted there where its row of
    `items` says so. Nothing off the way from a source to demand is kept in `flows`, `makers`,
    `made_at` and `conversions`. Raises ValueError where the bill of materials has a cycle.
    """
    processes = _processes(world)
    levels = levels_in_use(world, processes)
    processes = {key: rows for key, rows in processes.items() if key in levels or not rows[0].level}
    lines = {key: lines_at(world, key[2], levels.get(key, "")) for key in processes}
    inputs = _by_place(lines)
    asked = {(row.site, row.item) for row in ordered(world)} | {(row.site, row.item) for row in world.demand}
    demanded = tuple(sorted(asked))
    made = dict.fromkeys((site, item) for _, site, item in processes)
    conversions = possible_conversions(world, made)
    sources = made | dict.fromkeys((site, item) for _, site, item in conversions)
    flows = with_supply(world, sources, possible_flows(world, inputs, made, sources, demanded))
    needed = needed_places(demanded, inputs, made, conversions, flows)
    flows = tuple(flow for flow in flows if (flow.destination, flow.item) in needed)
    live = [key for key in processes if (key[1], key[2]) in needed]
    conversions = {key: item for key, item in conversions.items() if (key[1], key[2]) in needed}
    routing = routings_in_force(world, {key: levels[key] for key in live if key in levels})
    modes = modes_of(world, routing)
    items, lanes = {row.item: row for row in world.items}, {row.lane: row for row in world.lanes}
    taken_up = _taken_up(routing, lines, asked)
    found_in = partial(
        found_at_gates, taken_up=taken_up, flows=flows, lanes=lanes, items=items, conversions=conversions
    )
    item_order, curves = _item_order(world, {item for _, item in needed}), curves_of(world, routing)
    asked_of = Asked(item_order=item_order, lines=lines, flows=flows)
    return Network(
        world=world,
        graph=_graph(world, flows),
        items=items,
        sites={row.site: row for row in world.sites},
        lanes=lanes,
        inputs={
            item: mean_lines(world, item, levels, lines) for item in dict.fromkeys(line.item for line in world.bom)
        },
        lines=lines,
        processes=processes | {key: (conversion_row(key, item),) for key, item in conversions.items()},
        makers=_grouped((key[2], key) for key in live),
        made_at=_grouped(((key[1], key[2]), key) for key in live),
        flows=flows,
        demanded=demanded,
        item_order=item_order,
        routing=routing,
        seizes=seized_by(world, routing, modes),
        modes=modes,
        conversions=conversions,
        found=found_in(routing),
        curves=curves,
        eras=tuple(
            Era(from_s=from_s, routing=learned, found=found_in(learned))
            for from_s, learned in routings_by_era(world, routing, curves, asked_of)
        ),
    )


def _taken_up(
    routing: Collection[ProcessKey], lines: Mapping[ProcessKey, Lines], asked: Collection[Place]
) -> dict[ProcessKey, str]:
    """The rack that is taken up to become what is asked for: of each process its first input made one by one."""
    racks = {item for _, _, item in routing}
    return {
        key: name for key in routing if (key[1], key[2]) in asked for name, _ in reversed(lines[key]) if name in racks
    }


def _processes(world: World) -> dict[ProcessKey, tuple[Process, ...]]:
    rows: dict[ProcessKey, list[Process]] = defaultdict(list)
    for row in world.processes:
        rows[row.process, row.site, row.item].append(row)
    starts = world.settings.starts
    return {
        key: tuple(sorted(some, key=lambda row: (row.from_date is not None, row.from_date or starts)))
        for key, some in rows.items()
    }


def _by_place(lines: dict[ProcessKey, Lines]) -> dict[Place, Lines]:
    """What goes into an item at a site, at any of its levels there."""
    found: dict[Place, dict[str, float]] = defaultdict(dict)
    for (_, site, item), here in lines.items():
        found[site, item] |= dict(here)
    return {place: tuple(quantities.items()) for place, quantities in found.items()}


def _grouped(pairs: Iterable[tuple[_Key, ProcessKey]]) -> dict[_Key, tuple[ProcessKey, ...]]:
    groups: dict[_Key, list[ProcessKey]] = defaultdict(list)
    for name, key in pairs:
        groups[name].append(key)
    return {name: tuple(keys) for name, keys in groups.items()}


def _item_order(world: World, used: set[str]) -> tuple[str, ...]:
    inputs: dict[str, dict[str, None]] = defaultdict(dict)
    for line in world.bom:
        inputs[line.item][line.input] = None
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for item in sorted(used):
        sorter.add(item, *(name for name in inputs[item] if name in used))
    return tuple(sorter.static_order())


def _graph(world: World, flows: tuple[Flow, ...]) -> nx.DiGraph[str]:
    import networkx as nx

    lanes: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    items: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for flow in flows:
        lanes[flow.origin, flow.destination][flow.lane] = None
        items[flow.origin, flow.destination][flow.item] = None
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(row.site for row in world.sites)
    for edge, names in lanes.items():
        graph.add_edge(*edge, lanes=tuple(names), items=tuple(items[edge]))
    return graph
