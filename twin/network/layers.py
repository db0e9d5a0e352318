"""From raw to finished: layers of sites, lead times, and what goes into one finished unit."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from twin.model.order_book import ordered
from twin.model.units import days, hours
from twin.network.defects import clean_failing
from twin.network.record import Network, ProcessKey

if TYPE_CHECKING:
    import networkx as nx

Place = tuple[str, str]
"""(site, item)."""


def site_layers(network: Network) -> dict[str, int]:
    """How many lanes lie at most between a site and the raw end, by site; 0: nothing comes to it.

    Sites that ship to each other in a circle share one layer.
    """
    import networkx as nx

    condensed = nx.condensation(network.graph)
    layer: dict[int, int] = {}
    for node in nx.topological_sort(condensed):
        layer[node] = max((layer[before] + 1 for before in condensed.predecessors(node)), default=0)
    return {site: layer[node] for node in condensed for site in condensed.nodes[node]["members"]}


def lead_times_s(network: Network) -> dict[Place, int]:
    """The longest cumulative mean lead time to each (site, item) on a way to demand, in seconds.

    Over all its sources, conversions where there is no other: cycle or routing, transit, and
    the longest of its inputs. Waiting for capacity, calendars and departures is not in it;
    circles of lanes are walked once.
    """
    return _LeadTimes(network).all()


def longest_lead_time_s(network: Network) -> int:
    """The longest cumulative mean lead time to anything demanded; 0 where nothing can be made."""
    found = lead_times_s(network)
    return max((found.get(place, 0) for place in network.demanded), default=0)


class _LeadTimes:
    """Longest paths by depth-first search over (site, item)."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._arriving: dict[Place, list[tuple[Place, int]]] = defaultdict(list)
        transit = {name: days(lane.transit_days.mean) for name, lane in network.lanes.items()}
        for flow in network.flows:
            self._arriving[flow.destination, flow.item].append(((flow.origin, flow.item), transit[flow.lane]))
        self._converted: dict[Place, list[ProcessKey]] = defaultdict(list)
        for key in network.conversions:
            self._converted[key[1], key[2]].append(key)
        self._known: dict[Place, int] = {}
        self._open: set[Place] = set()

    def all(self) -> dict[Place, int]:
        for place in (*self._network.made_at, *self._arriving, *self._converted):
            self._to(place)
        return self._known

    def _to(self, place: Place) -> int:
        if place in self._known:
            return self._known[place]
        if place in self._open:
            return 0
        self._open.add(place)
        ways = [self._made(key) for key in self._network.made_at.get(place, ())]
        ways += [self._to(origin) + transit_s for origin, transit_s in self._arriving.get(place, ())]
        ways += [self._made(key) for key in self._converted.get(place, ())] if not ways else []
        self._open.remove(place)
        self._known[place] = max(ways, default=0)
        return self._known[place]

    def _made(self, key: ProcessKey) -> int:
        inputs = [self._to((key[1], name)) for name, _ in self._network.inputs_of(key)]
        return own_time_s(self._network, key) + max(inputs, default=0)


def own_time_s(network: Network, key: ProcessKey) -> int:
    """Mean time of one process alone: the hours of its routing, or its longest cycle."""
    if network.is_routed(key):
        return sum(hours(step.hours.mean) for step in network.routing[key])
    return max(days(row.cycle_days.mean) if row.cycle_days else 0 for row in network.processes[key])


def onward_times_s(network: Network) -> dict[Place, int]:
    """The shortest mean time from a finished unit at a (site, item) to a finished thing demanded, in seconds.

    By lanes, processes and conversions on a way to demand, without waiting; 0 for what is demanded itself.
    """
    import networkx as nx

    back: nx.DiGraph[Place] = nx.DiGraph()
    back.add_nodes_from(network.demanded)
    for flow in network.flows:
        transit_s = days(network.lanes[flow.lane].transit_days.mean)
        _add_shorter(back, (flow.destination, flow.item), (flow.origin, flow.item), transit_s)
    for (site, item), keys in network.made_at.items():
        for key in keys:
            for part, _ in network.inputs_of(key):
                _add_shorter(back, (site, item), (site, part), own_time_s(network, key))
    for key, origin in network.conversions.items():
        _add_shorter(back, (key[1], key[2]), (key[1], origin.item), own_time_s(network, key))
    found = nx.multi_source_dijkstra_path_length(back, set(network.demanded), weight="seconds")
    return {place: round(seconds) for place, seconds in found.items()}


def _add_shorter(back: nx.DiGraph[Place], later: Place, earlier: Place, seconds: int) -> None:
    known = back.get_edge_data(later, earlier, {"seconds": seconds})["seconds"]
    back.add_edge(later, earlier, seconds=min(known, seconds))


def explode(network: Network, item: str, *, with_yields: bool = False) -> dict[str, float]:
    """What one unit of an item takes, of every item from itself (1) down to raw ones.

    With yields: units to be started (or bought) for one good unit, as the mean yield of an
    item's makers and of its routings' scrap would have it.
    """
    order = _below(network, item)
    needed = dict.fromkeys(order, 0.0)
    needed[item] = 1.0
    for name in order:
        if with_yields:
            needed[name] /= mean_yield(network, name)
        for part, quantity in network.inputs.get(name, ()):
            needed[part] += needed[name] * quantity
    return needed


def _below(network: Network, item: str) -> list[str]:
    """The item and all that goes into it, each before its own inputs."""
    done: dict[str, None] = {}

    def visit(name: str) -> None:
        if name not in done:
            for part, _ in network.inputs.get(name, ()):
                visit(part)
            done[name] = None

    visit(item)
    return list(reversed(done))


def mean_yield(network: Network, item: str) -> float:
    """Good units per unit started: the mean over the item's processes; 1 where nothing makes it."""
    yields = [
        network.processes[key][-1].yield_fraction * _routing_yield(network, key) for key in network.makers.get(item, ())
    ]
    return sum(yields) / len(yields) if yields else 1.0


def _routing_yield(network: Network, key: ProcessKey) -> float:
    """The chance that no step scraps a unit after its last attempt."""
    passing = 1.0
    for step in network.routing.get(key, ()):
        if step.then == "scrap" and step.max_attempts is not None:
            failing = 1 - step.first_pass_yield
            by_defects = clean_failing(step, network.found.get((key, step.step), 0.0))
            passing *= 1 - failing**step.max_attempts - by_defects * failing ** (step.max_attempts - 1)
    return passing


def finished_items(network: Network) -> dict[str, float]:
    """Demanded items that go into no other demanded one, with the units ordered (streams count 1 each)."""
    wanted: dict[str, float] = defaultdict(float)
    for order in ordered(network.world):
        wanted[order.item] += order.quantity
    for stream in network.world.demand:
        wanted[stream.item] += 1.0
    parts = {part for item in wanted for part in _below(network, item)[1:]}
    return {item: units for item, units in wanted.items() if item not in parts}


def units_per_rack(network: Network) -> dict[str, float]:
    """Units started of each item per finished unit, gross of yields.

    The mean over the finished items that take any of it, weighted by the units ordered: an
    item of one customer's configuration is counted per rack of that configuration.
    """
    total: dict[str, float] = defaultdict(float)
    racks: dict[str, float] = defaultdict(float)
    for finished, units in finished_items(network).items():
        for item, quantity in explode(network, finished, with_yields=True).items():
            total[item] += units * quantity
            racks[item] += units
    return {item: total[item] / racks[item] for item in total}
