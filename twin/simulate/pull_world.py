"""Setting up what runs by stock policies: stocks, where each is replenished from, customers."""

from __future__ import annotations

from twin.disrupt.capacity import ramp_profile
from twin.events.record import EVENTS
from twin.model.problems import RunError
from twin.network.record import Flow, ProcessKey
from twin.simulate.build import Replication, add_flow, add_lot_station, add_routing, making_of, pull_places
from twin.simulate.customers import CustomerStream, OrderedUnits
from twin.simulate.gates import Timeline
from twin.simulate.pull import LaneSource, LotSource, PullStock, RoutingSource

OPENED = EVENTS.index("opened")
NAN = float("nan")


def add_pull_world(made: Replication) -> None:
    """All stocks under `base_stock`, their sources, their orders, and the customers of the `demand` table.

    Raises RunError where a stream of customers asks for an item that no stock policy serves.
    """
    network = made.network
    stocks = {place: PullStock(made.floor, *place) for place in sorted(pull_places(network))}
    for place, stock in stocks.items():
        keys = network.made_at.get(place, ())
        flows = [flow for flow in network.flows if (flow.destination, flow.item) == place]
        if keys:
            _source_here(made, stocks, stock, keys[0])
        elif flows:
            _source_upstream(made, stocks, stock, flows[0])
        _open(made, place)
    for line in sorted(made.problem.orders, key=lambda each: (each.placed_s, each.priority, each.due_s, each.order)):
        if (line.site, line.item) in stocks:
            OrderedUnits(made.floor, made.desk, made.desk.by_code[made.floor.log.order(line.order)],
                         stocks[line.site, line.item])  # fmt: skip
    _add_customers(made, stocks)


def _source_here(
    made: Replication, stocks: dict[tuple[str, str], PullStock], stock: PullStock, key: ProcessKey
) -> None:
    _, site, item = key
    inputs = [(stocks[site, name], quantity) for name, quantity in made.network.inputs.get(item, ())]
    if (site, item) in made.network.routing:
        making = making_of(made, key)
        source = RoutingSource(made.floor, making, inputs)
        source.routing = add_routing(made, making, source.finished, source.lose)
        stock.source = source
    else:
        stock.source = LotSource(made.floor, add_lot_station(made, key), inputs)


def _source_upstream(made: Replication, stocks: dict[tuple[str, str], PullStock], stock: PullStock, flow: Flow) -> None:
    stock.source = LaneSource(add_flow(made, flow), stocks[flow.origin, flow.item])


def _open(made: Replication, place: tuple[str, str]) -> None:
    """A base stock begins with what the table has on hand, else with S units."""
    row = next((each for each in made.network.world.stock if (each.site, each.item) == place), None)
    if row is None or row.policy.kind != "base_stock":
        return
    quantity = row.policy.parameters[0] if row.on_hand is None else row.on_hand
    log, stocks = made.floor.log, made.floor.stocks
    stocks.add(stocks.index(*place), quantity)
    log.row(0, OPENED, log.place(f"site:{place[0]}"), log.item(place[1]), -1, -1, -1, -1, quantity, 0.0, NAN, NAN)


def _add_customers(made: Replication, stocks: dict[tuple[str, str], PullStock]) -> None:
    clock = made.network.world.settings.second_of
    for row in made.network.world.demand:
        stock = stocks.get((row.site, row.item))
        if stock is None:
            raise RunError(
                f"demand of {row.customer} for {row.item} at {row.site} needs a stock row with a policy there, "
                "such as base_stock(0); without one, give orders instead"
            )
        starts_s = max(0, clock(row.from_date)) if row.from_date else 0
        ends_s = min(made.until_s, clock(row.to_date) + 86_400) if row.to_date else made.until_s
        rate = Timeline(ramp_profile(made.network.world, row.ramp)) if row.ramp else None
        CustomerStream(made.floor, row, stock, (starts_s, ends_s), rate)
