"""Setting up what runs by stock policies: stocks, where each is replenished from, customers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from twin.events.record import EVENTS
from twin.model.problems import RunError
from twin.model.rows_demand import Demand, Stock
from twin.model.units import DAY_S
from twin.network.capacity import ramp_profile
from twin.network.pulled import pull_places, rows_of_policies, source_of, suppliers_of
from twin.network.record import Flow, Network, ProcessKey
from twin.simulate.build import Replication, add_flow, add_lot_station, add_routing, making_of
from twin.simulate.customers import CustomerStream, OrderedUnits
from twin.simulate.gates import Timeline
from twin.simulate.planned_stock import PlannedStock
from twin.simulate.policies import BaseStock, rule_of
from twin.simulate.pull import Outside, PullStock
from twin.simulate.pull_plan import StockReserve
from twin.simulate.pull_sources import LaneSource, LotSource, RoutingSource
from twin.simulate.reviews import Reviews
from twin.simulate.station import Station

OPENED = EVENTS.index("opened")
NAN = float("nan")

Place = tuple[str, str]
"""(site, item)."""


def add_pull_world(made: Replication) -> None:
    """All stocks under a policy, their sources, their orders, and the customers of the `demand` table.

    Raises RunError where a stream of customers asks for what is made one by one and no stock policy
    serves, and where stocks order from each other in a circle.
    """
    network = made.network
    places = downstream_first(network)
    rows = rows_of_policies(network)
    stocks = {place: _stock(made, place, rows.get(place)) for place in sorted(places)}
    for place, stock in stocks.items():
        _add_source(made, stocks, stock, place, announces=_is_held(rows.get(place)))
        _open(made, stock, place, rows.get(place))
    _add_reserves(made, stocks)
    for place in places:
        stocks[place].watch()
    held = [(rows[place], stocks[place]) for place in places if place in rows]
    Reviews(made.floor.clock, [(round(row.review_days * DAY_S), stock) for row, stock in held if row.review_days])
    for line in sorted(made.problem.orders, key=lambda each: (each.placed_s, each.priority, each.due_s, each.order)):
        if (line.site, line.item) in stocks:
            OrderedUnits(made.floor, made.desk, made.desk.by_code[made.floor.log.order(line.order)],
                         stocks[line.site, line.item])  # fmt: skip
    _add_customers(made, stocks)


def downstream_first(network: Network) -> list[Place]:
    """Places run by stock policies, each before those that it orders from; of equals by name.

    Raises RunError where stocks order from each other in a circle.
    """
    suppliers = {place: suppliers_of(network, place) for place in sorted(pull_places(network))}
    askers = dict.fromkeys(suppliers, 0)
    for names in suppliers.values():
        for name in names:
            askers[name] += 1
    found: list[Place] = []
    free = [place for place, count in askers.items() if not count]
    while free:
        place = free.pop(0)
        found.append(place)
        for name in suppliers[place]:
            askers[name] -= 1
            if not askers[name]:
                free.append(name)
    if len(found) < len(suppliers):
        circle = ", ".join(f"{item} at {site}" for site, item in suppliers if (site, item) not in found)
        raise RunError(f"stocks order from each other in a circle, among {circle}; let one of them be made or bought")
    return found


def _stock(made: Replication, place: Place, row: Stock | None) -> PullStock:
    """A stock under the policy of its row; without one it is passed through, as under `base_stock(0)`."""
    if row is None:
        return PullStock(made.floor, *place, BaseStock(0.0))
    keys = made.network.made_at.get(place, ())
    lot = made.network.processes[keys[0]][0].lot_size if keys and not made.network.is_routed(keys[0]) else 1
    return PullStock(
        made.floor,
        *place,
        rule_of(row.policy, lot),
        continuous=row.review_days is None,
        loses=row.unmet == "lost",
    )


def _is_held(row: Stock | None) -> bool:
    """False of what is made to order, where the order itself passes on."""
    return row is not None and (row.policy.kind, row.policy.parameters) != ("base_stock", (0.0,))


def _add_source(
    made: Replication, stocks: dict[Place, PullStock], stock: PullStock, place: Place, *, announces: bool
) -> None:
    source = source_of(made.network, place)
    if source is None:
        stock.source = Outside(made.floor, *place)
    elif isinstance(source, Flow):
        stock.source = LaneSource(made.floor, add_flow(made, source), stocks[source.origin, source.item])
    else:
        _source_here(made, stocks, stock, source, announces=announces)


def _source_here(
    made: Replication, stocks: dict[Place, PullStock], stock: PullStock, key: ProcessKey, *, announces: bool
) -> None:
    site = key[1]
    inputs = [(stocks[site, name], quantity) for name, quantity in made.network.inputs_of(key)]
    if made.network.is_routed(key):
        making = making_of(made, key)
        source = RoutingSource(made.floor, making, inputs, announces=announces)
        source.routing = add_routing(made, making, source.finished, source.lose, made.desk.lacks_units)
        stock.source = source
    else:
        stock.source = LotSource(made.floor, add_lot_station(made, key), inputs, announces=announces)


def _add_reserves(made: Replication, stocks: dict[Place, PullStock]) -> None:
    """What the plan runs and takes from stocks under a policy asks them for it; all else takes as before."""
    network = made.network
    for key, station in [*made.lots.items(), *made.racks.items()]:
        if key[1:] not in stocks and key not in network.conversions:
            station.reserve = _reserve(made, stocks, key[1], network.inputs_of(key), _waker(station))
    for (lane, item), flow in made.flows.items():
        ends = network.lanes[lane]
        if (ends.destination, item) not in stocks:
            flow.reserve = _reserve(made, stocks, ends.origin, ((item, 1.0),), _waker(flow), f"lane:{lane}")
    for (site, _), acceptor in made.acceptors.items():
        assert acceptor.routing is not None
        inputs = network.inputs_of(acceptor.routing.key)
        acceptor.reserve = _reserve(made, stocks, site, inputs, acceptor.wake)


def _waker(station: Station) -> Callable[[], None]:
    return lambda: station.wake_at(station.clock.now)


def _reserve(
    made: Replication,
    stocks: dict[Place, PullStock],
    site: str,
    inputs: Iterable[tuple[str, float]],
    wake: Callable[[], None],
    lane: str = "",
) -> StockReserve | None:
    """None where no input is held under a policy."""
    held = [(stocks[site, name], quantity) for name, quantity in inputs if (site, name) in stocks]
    if not held:
        return None
    (item, _), *_ = inputs
    announced = (made.floor.log.place(lane), made.floor.log.item(item)) if lane else None
    return StockReserve(made.floor, held, wake, announced)


def _open(made: Replication, stock: PullStock, place: Place, row: Stock | None) -> None:
    """A stock begins with what the table has on hand, else with what its policy holds when all is in."""
    if row is None:
        return
    quantity = row.policy.opening if row.on_hand is None else row.on_hand
    stock.open(quantity)
    log = made.floor.log
    log.row(0, OPENED, log.place(f"site:{place[0]}"), log.item(place[1]), -1, -1, -1, -1, quantity, 0.0, NAN, NAN)


def _add_customers(made: Replication, stocks: dict[Place, PullStock]) -> None:
    clock = made.network.world.settings.second_of
    for row in made.network.world.demand:
        place = (row.site, row.item)
        if place not in stocks:
            stocks[place] = _planned_stock(made, row)
        starts_s = max(0, clock(row.from_date)) if row.from_date else 0
        ends_s = min(made.until_s, clock(row.to_date) + 86_400) if row.to_date else made.until_s
        rate = Timeline(ramp_profile(made.network.world, row.ramp)) if row.ramp else None
        stream = CustomerStream(made.floor, row, stocks[place], (starts_s, ends_s), rate)
        made.streams.append((row, stream))


def _planned_stock(made: Replication, row: Demand) -> PlannedStock:
    """The stock that the plan brings in for a stream of customers."""
    if row.item in made.network.one_by_one:
        raise RunError(
            f"demand of {row.customer} for {row.item} at {row.site}, which is made one by one, needs a stock row with "
            "a policy there, such as base_stock(0); without one, give orders instead"
        )
    world = made.network.world
    loses = any((each.site, each.item, each.unmet) == (row.site, row.item, "lost") for each in world.stock)
    return PlannedStock(made.floor, row.site, row.item, loses=loses)
