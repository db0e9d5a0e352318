"""Which item may travel on which lane, and what of it lies between a source and demand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from twin.model.rows_network import Item, Lane, Sourcing
from twin.model.world import World
from twin.network.record import Flow, ProcessKey

Place = tuple[str, str]
"""(site, item)."""

Inputs = Mapping[Place, tuple[tuple[str, float], ...]]
"""What goes into an item at a site, at any level."""


class _Forwarding:
    """Where an item may pass through a site that does not use it: hubs, and sites that stock it."""

    def __init__(self, world: World) -> None:
        self.hubs = {row.site for row in world.sites if row.kind == "hub"}
        self.stocked = {(row.site, row.item) for row in world.stock}

    def __contains__(self, place: Place) -> bool:
        return place[0] in self.hubs or place in self.stocked


class _Sourcing:
    """The rows of `sourcing`, looked up by supplier, item and consumer; a consumer's own row goes first."""

    def __init__(self, world: World) -> None:
        self.items = {row.item for row in world.sourcing}
        self.rows: dict[tuple[str, str, str], Sourcing] = {}
        self.of_supplier: dict[Place, Sourcing] = {}
        for row in world.sourcing:
            self.rows.setdefault((row.item, row.supplier, row.consumer), row)
            self.of_supplier.setdefault((row.supplier, row.item), row)

    def row(self, item: str, supplier: str, consumer: str) -> Sourcing | None:
        return self.rows.get((item, supplier, consumer)) or self.rows.get((item, supplier, ""))


def possible_flows(
    world: World, inputs: Inputs, made: Collection[Place], sources: Collection[Place], demanded: Collection[Place]
) -> tuple[Flow, ...]:
    """Every item on every lane that destination, origin and sourcing allow, whatever lies behind.

    `sources` are the places where an item is made, or comes out of a conversion.
    """
    forwarding, sourcing = _Forwarding(world), _Sourcing(world)
    made_items, used_items = _by_site(sources), _by_site(demanded)
    for site, item in made:
        used_items[site].update(dict.fromkeys(name for name, _ in inputs.get((site, item), ())))
    everything = dict.fromkeys(row.item for row in world.items)
    flows = []
    for lane in world.lanes:
        leaving = everything if lane.origin in forwarding.hubs else made_items[lane.origin] | _stocked(forwarding, lane)
        for item in leaving:
            used = item in used_items[lane.destination]
            if not used and (lane.destination, item) not in forwarding:
                continue
            allowed, row = _allowed(sourcing, lane, item, made=(lane.origin, item) in sources, used=used)
            if allowed:
                flows.append(
                    Flow(lane=lane.lane, item=item, origin=lane.origin, destination=lane.destination, sourcing=row)
                )
    return tuple(flows)


def _by_site(places: Iterable[Place]) -> dict[str, dict[str, None]]:
    items: dict[str, dict[str, None]] = defaultdict(dict)
    for site, item in places:
        items[site][item] = None
    return items


def _stocked(forwarding: _Forwarding, lane: Lane) -> dict[str, None]:
    return dict.fromkeys(sorted(item for site, item in forwarding.stocked if site == lane.origin))


def _allowed(sourcing: _Sourcing, lane: Lane, item: str, *, made: bool, used: bool) -> tuple[bool, Sourcing | None]:
    """Whether sourcing lets the item onto the lane, and by which row.

    A hub that only passes an item on needs no row of its own; a supplier's way to a hub is
    open if any row names the supplier, since the consumer lies behind the hub.
    """
    if item not in sourcing.items:
        return True, None
    row = sourcing.row(item, lane.origin, lane.destination)
    if row is None and not used:
        row = sourcing.of_supplier.get((lane.origin, item))
    return row is not None or not made, row


def with_supply(world: World, made: Collection[Place], flows: tuple[Flow, ...]) -> tuple[Flow, ...]:
    """The flows whose origin makes the item, stocks it, or can be reached from such a site."""
    onward: dict[Place, list[Place]] = defaultdict(list)
    for flow in flows:
        onward[flow.origin, flow.item].append((flow.destination, flow.item))
    forwarding = _Forwarding(world)
    reached: set[Place] = set()
    waiting = [*made, *forwarding.stocked]
    while waiting:
        place = waiting.pop()
        if place in reached:
            continue
        reached.add(place)
        waiting += [then for then in onward[place] if then in forwarding]
    return tuple(flow for flow in flows if (flow.origin, flow.item) in reached)


def needed_places(
    demanded: Iterable[Place],
    inputs: Inputs,
    made: Collection[Place],
    conversions: Mapping[ProcessKey, Item],
    flows: tuple[Flow, ...],
) -> set[Place]:
    """Every (site, item) from which something leads to demand."""
    origins: dict[Place, list[Place]] = defaultdict(list)
    for (_, site, into), converted in conversions.items():
        origins[site, into].append((site, converted.item))
    for flow in flows:
        origins[flow.destination, flow.item].append((flow.origin, flow.item))
    needed: set[Place] = set()
    waiting = list(demanded)
    while waiting:
        place = waiting.pop()
        if place in needed:
            continue
        needed.add(place)
        waiting += origins[place]
        if place in made:
            waiting += [(place[0], name) for name, _ in inputs.get(place, ())]
    return needed
