"""From network and availability to the running parts of one replication."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from twin.events.writer import LogWriter
from twin.model.problems import RunError
from twin.model.profile import StepProfile
from twin.model.rows_demand import Demand
from twin.model.rows_make import Resource
from twin.model.rows_network import Item, Lane
from twin.model.units import HOUR_S
from twin.network.defects import added_on
from twin.network.pulled import SitePlace, pull_places
from twin.network.record import Flow, Network, ProcessKey
from twin.simulate.clock import Clock
from twin.simulate.clusters import form_clusters
from twin.simulate.conversions import RackConversion
from twin.simulate.customers import CustomerStream
from twin.simulate.datacenter import AcceptanceFloor, Places
from twin.simulate.delivery import StockDelivery
from twin.simulate.desk import OrderDesk
from twin.simulate.gates import NEVER_S, RateGate, Timeline
from twin.simulate.lanes import FlowStation, Way
from twin.simulate.limits import set_limits
from twin.simulate.lots import Floor, LotNumbers, LotStation
from twin.simulate.making import Making, conditions_of, inverse
from twin.simulate.racks import RackStation
from twin.simulate.record import ReleasedUnit, SimulationProblem
from twin.simulate.routing import SiteFloor
from twin.simulate.shipping import FinishedPlaces, RackLane, RackShipping
from twin.simulate.stocks import Stocks
from twin.simulate.streams import Streams
from twin.simulate.units import Routing, Step, Unit

FINISHED_PLACES = "finished_rack_places"
"""The resource that limits finished racks waiting at an integrator."""


@dataclass(slots=True)
class Replication:
    """All parts of one run, by the keys of the tables."""

    problem: SimulationProblem
    floor: Floor
    desk: OrderDesk
    until_s: int
    lots: dict[ProcessKey, LotStation] = field(default_factory=dict)
    racks: dict[ProcessKey, RackStation] = field(default_factory=dict)
    flows: dict[tuple[str, str], FlowStation] = field(default_factory=dict)
    rack_lanes: dict[tuple[str, str], RackLane] = field(default_factory=dict)
    shipping: dict[SitePlace, RackShipping] = field(default_factory=dict)
    acceptors: dict[SitePlace, AcceptanceFloor] = field(default_factory=dict)
    """By (datacenter, rack item)."""
    sites: dict[str, SiteFloor] = field(default_factory=dict)
    streams: list[tuple[Demand, CustomerStream]] = field(default_factory=list)
    """Customers of the `demand` table, with their rows."""
    releases: list[ReleasedUnit] = field(default_factory=list)
    ways: dict[str, Way] = field(default_factory=dict)
    pulled: frozenset[SitePlace] = frozenset()
    """What stock policies run, and the plan does not."""

    @property
    def network(self) -> Network:
        """The network that is run."""
        return self.problem.network


def build(problem: SimulationProblem) -> Replication:
    """Every part of a replication, joined but not yet given stock or targets.

    Raises RunError for a network that this engine cannot run, saying what to change.
    """
    settings = problem.network.world.settings
    until_s = problem.until_s if problem.until_s is not None else settings.horizon_s
    clock = Clock()
    log = LogWriter(until_s, min(settings.report_s, until_s))
    streams = Streams(problem.seed, problem.replication, problem.noise)
    floor = Floor(clock, log, Stocks(clock, log), streams, LotNumbers())
    promises = problem.opening.plan.promises if problem.opening else {}
    desk = OrderDesk(clock, log, streams, problem.orders, promises, settings.pegging == "fair_share")
    made = Replication(problem, floor, desk, until_s, pulled=pull_places(problem.network))
    _add_ways(made)
    _add_sites(made)
    for key in _plan_run(made):
        if not made.network.is_routed(key):
            add_lot_station(made, key)
    _add_flows(made)
    _add_acceptors(made)
    _add_racks(made)
    _add_conversions(made)
    _add_deliveries(made)
    return made


def _plan_run(made: Replication) -> list[ProcessKey]:
    return [key for keys in made.network.made_at.values() for key in keys if (key[1], key[2]) not in made.pulled]


def _add_ways(made: Replication) -> None:
    lanes = made.problem.availability.lanes
    for name in sorted({flow.lane for flow in made.network.flows}):
        made.ways[name] = Way(made.floor, made.network.lanes[name], lanes[name])


def _add_sites(made: Replication) -> None:
    """A floor for each site with routings, with the resources that its steps seize."""
    network = made.network
    seized: dict[str, set[str]] = {}
    for site, name in network.seized_places:
        seized.setdefault(site, set()).add(name)
    for _, site, _ in network.routing:
        rows = resource_rows(network, site)
        wanted = seized.get(site, set()) | ({FINISHED_PLACES} & rows.keys())
        used = {name: rows[name] for name in sorted(wanted)}
        if site not in made.sites:
            made.sites[site] = SiteFloor(made.floor, site, made.problem.availability, used, made.until_s)


def resource_rows(network: Network, site: str) -> dict[str, Resource]:
    """The first row of each resource of a site, for what does not change by date."""
    rows: dict[str, Resource] = {}
    for row in network.world.resources:
        if row.site == site:
            rows.setdefault(row.resource, row)
    return rows


def add_lot_station(made: Replication, key: ProcessKey) -> LotStation:
    """A process in lots, with the rate it shares with others where it draws on a resource."""
    network, available = made.network, made.problem.availability
    clock = network.world.settings.second_of
    rows = [(clock(row.from_date) if row.from_date else -(1 << 60), row) for row in network.processes[key]]
    shared_name = (key[1], rows[0][1].resource)
    shared = _shared_gate(made, shared_name) if shared_name[1] else None
    station = LotStation(made.floor, key, rows, list(network.inputs_of(key)), available.processes[key], shared)
    made.lots[key] = station
    return station


def _shared_gate(made: Replication, name: SitePlace) -> RateGate:
    for station in made.lots.values():
        if station.shared_name == name and station.shared is not None:
            return station.shared
    return RateGate(made.problem.availability.resources[name])


def _add_flows(made: Replication) -> None:
    network = made.network
    for flow in network.flows:
        if flow.item not in network.one_by_one and (flow.destination, flow.item) not in made.pulled:
            add_flow(made, flow)


def add_flow(made: Replication, flow: Flow) -> FlowStation:
    """An item in lots on a lane."""
    network = made.network
    item = network.items[flow.item]
    station = FlowStation(
        made.floor,
        made.ways[flow.lane],
        item,
        blocked_from(made, flow.origin, flow.item),
        _block(network, flow),
        duty_usd(network, item, network.lanes[flow.lane]),
    )
    made.flows[flow.lane, flow.item] = station
    return station


def _block(network: Network, flow: Flow) -> int:
    """Units shipped at a time: the lot of the maker at the origin, or of any maker for a hub."""
    makers = network.made_at.get((flow.origin, flow.item)) or network.makers.get(flow.item, ())
    return max((network.processes[key][0].lot_size for key in makers), default=1)


def blocked_from(made: Replication, site: str, item: str) -> list[StepProfile]:
    """Spells in which an item may not leave a site."""
    blocked = made.problem.availability.shipments_blocked
    return [blocked[place] for place in ((site, item), (site, "")) if place in blocked]


def duty_usd(network: Network, item: Item, lane: Lane) -> Timeline:
    """Duty on a unit that crosses a border on a lane, by the moment it leaves.

    The latest row not after it holds; none before the first, and none by a row with an exemption.
    """
    origin, destination = network.sites[lane.origin].country, network.sites[lane.destination].country
    crossing = (item.kind, origin, destination)
    rates = {
        (network.world.settings.second_of(row.from_date) if row.from_date else -NEVER_S): row
        for row in network.world.duties
        if (row.item_kind, row.from_country, row.to_country) == crossing and origin != destination
    }
    steps = [(time_s, 0.0 if row.exemption else row.rate * item.value_usd) for time_s, row in sorted(rates.items())]
    return Timeline(StepProfile.of([(-2 * NEVER_S, 0.0), *steps]))


def _add_acceptors(made: Replication) -> None:
    """Finished items at the sites that order them, made from one rack that arrives there."""
    network, settings = made.network, made.network.world.settings
    places: dict[str, Places] = {}
    for site, item in network.demanded:
        taken_up = {
            key: [name for name, _ in network.inputs_of(key) if name in network.one_by_one]
            for key in network.routed_at(site, item)
        }
        if not any(taken_up.values()) or (site, item) in made.pulled:
            continue
        if site not in places:
            rows = [row for row in network.world.readiness if row.site == site]
            dated = sorted(
                ((settings.second_of(row.from_date) if row.from_date else 0), n) for n, row in enumerate(rows)
            )
            places[site] = Places(made.floor, [(time_s, rows[n]) for time_s, n in dated], made.until_s)
        for key, racks in taken_up.items():
            if racks:
                _add_acceptor(made, key, racks[0], places[site])


def _add_acceptor(made: Replication, key: ProcessKey, rack: str, places: Places) -> None:
    """Where racks in one state are taken up: each level has its own."""
    commit_here = made.network.world.settings.ship_when != "powered"
    making = making_of(made, key)
    acceptor = AcceptanceFloor(made.floor, made.desk, making, rack, places, commit_here=commit_here)
    acceptor.routing = add_routing(made, making, acceptor.accept, acceptor.lose, acceptor.awaits)
    acceptor.mean_cycle_s = mean_cycle_s(made.network, key)
    made.acceptors[key[1], rack] = acceptor


def making_of(made: Replication, key: ProcessKey) -> Making:
    """A process that makes an item one by one, with all that limits it."""
    network, available = made.network, made.problem.availability
    process, (_, site, item) = available.processes[key], key
    frozen = available.site_frozen.get(site, StepProfile.constant(0.0))
    return Making(
        key,
        network.items[item],
        network.processes[key][0],
        list(network.inputs_of(key)),
        RateGate(process.starts_per_week),
        Timeline(inverse(process.blocked)),
        conditions_of(process, frozen),
    )


def add_routing(
    made: Replication,
    making: Making,
    leave: Callable[[Unit, Step], None],
    lose: Callable[[Unit], None],
    more_to_come: Callable[[int], bool],
) -> Routing:
    """The steps of an item on its site's floor."""
    network, key = made.network, making.key
    site = key[1]
    rows = network.routing[key]
    seizes = {row.step: network.seizes.get((key, row.step), ()) for row in rows}
    modes = {row.step: network.modes[key, row.step] for row in rows if (key, row.step) in network.modes}
    costs = {name: row.usd_per_hour for name, row in resource_rows(network, site).items()}
    routing = made.sites[site].add_routing(key, rows, seizes, modes, costs, making.conditions, leave, lose)
    routing.curves = network.curves.get(key, ())
    form_clusters(routing, more_to_come)
    set_limits(routing)
    made.desk.listeners += [together.reconsider for together in routing.together]
    return routing


def mean_cycle_s(network: Network, key: ProcessKey) -> int:
    """Mean work of a routing, without waits and rework."""
    return round(sum(row.hours.mean for row in network.routing[key]) * HOUR_S)


def _add_racks(made: Replication) -> None:
    """Racks released by the plan: their shipping first, then their routing and their release."""
    network = made.network
    places: dict[str, FinishedPlaces] = {}
    for key in _plan_run(made):
        _, site, item = key
        if not network.is_routed(key) or any(place == (site, item) for place in _accepted_at(made)):
            continue
        if site not in places:
            places[site] = FinishedPlaces(made.sites[site].pools.get(FINISHED_PLACES), made.floor)
        shipping = made.shipping.get((site, item)) or _shipping(made, site, item, places[site])
        making = making_of(made, key)
        station = RackStation(made.floor, made.desk, making, shipping, made.releases)
        station.routing = add_routing(made, making, station.finished, station.lose, made.desk.lacks_units)
        station.mean_cycle_s = mean_cycle_s(network, key)
        made.racks[key] = station


def _accepted_at(made: Replication) -> list[SitePlace]:
    """(datacenter, finished item) pairs taken up as racks dock."""
    return [(site, acceptor.item) for (site, _), acceptor in made.acceptors.items()]


def _shipping(made: Replication, site: str, item: str, places: FinishedPlaces) -> RackShipping:
    network = made.network
    row = network.items[item]
    lanes: dict[str, list[RackLane]] = {}
    acceptors: dict[str, AcceptanceFloor] = {}
    for flow in network.flows:
        if (flow.origin, flow.item) != (site, item):
            continue
        acceptor = made.acceptors.get((flow.destination, item))
        if acceptor is None:
            raise RunError(
                f"{item} is made one by one and goes to {flow.destination}, where it is not accepted; "
                "let lanes lead from rack integration to the datacenters that order it"
            )
        way = made.ways[flow.lane]
        leave = [Timeline(inverse(p)) for p in blocked_from(made, site, item)]
        defects = added_on(way.lane, row)
        lane = RackLane(way, way.usd_per_kg * row.mass_kg, duty_usd(network, row, way.lane), leave, defects)
        made.rack_lanes[flow.lane, item] = lane
        lanes.setdefault(flow.destination, []).append(lane)
        acceptors[flow.destination] = acceptor
    shipping = RackShipping(made.floor, made.desk, site, row, acceptors, lanes, places)
    made.shipping[site, item] = shipping
    return shipping


def _add_conversions(made: Replication) -> None:
    """Conversions as the plan wants them: of racks that wait to be shipped, else of what is in stock."""
    network = made.network
    for key, origin in network.conversions.items():
        _, site, item = key
        shipping = made.shipping.get((site, origin.item))
        into = None if shipping is None else made.shipping.get((site, item))
        if shipping is not None and into is None:
            into = _shipping(made, site, item, shipping.places)
        if shipping is None or into is None or not (shipping.lanes or into.lanes):
            add_lot_station(made, key)
            continue
        available = made.problem.availability.processes[key]
        (row,) = network.processes[key]
        made.lots[key] = shipping.conversion = RackConversion(
            made.floor, key, row, origin.item, available, shipping, into
        )


def _add_deliveries(made: Replication) -> None:
    """Orders met from stock where they are placed, but for those that run by stock policies."""
    accepted = _accepted_at(made)
    conversions = {(key[1], origin.item): made.lots[key] for key, origin in made.network.conversions.items()}
    for site, item in made.network.demanded:
        entries = [line.placed_s for line in made.problem.orders if (line.site, line.item) == (site, item)]
        if entries and (site, item) not in made.pulled:
            conversion = conversions.get((site, item))
            # A new plan may leave to orders what the one before wanted to convert.
            entries += made.problem.replan_at_s if conversion is not None else ()
            waits = (site, item) not in accepted
            StockDelivery(made.floor, made.desk, site, item, entries, waits=waits, conversion=conversion)
