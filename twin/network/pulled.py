"""Who controls a place, the plan or a stock policy, and where a policy's orders go."""

from __future__ import annotations

from dataclasses import replace

from twin.model.rows_demand import Stock, StockPolicy
from twin.model.state import State
from twin.network.record import Flow, Network, ProcessKey

SitePlace = tuple[str, str]
"""(site, item)."""
TO_ORDER = StockPolicy(kind="base_stock", parameters=(0.0,))
"""Of what is passed through on the way to a stock under a policy."""


def pull_places(network: Network) -> frozenset[SitePlace]:
    """(site, item) pairs run by a stock policy, with all that their making draws on at the site and upstream."""
    stock = {(row.site, row.item) for row in network.world.stock if row.policy.kind != "plan"}
    reached, frontier = set(stock), list(stock)
    while frontier:
        site, item = frontier.pop()
        inputs = [(site, name) for key in network.made_at.get((site, item), ()) for name, _ in network.inputs_of(key)]
        origins = [(flow.origin, item) for flow in network.flows if (flow.destination, flow.item) == (site, item)]
        for place in [*inputs, *origins]:
            if place not in reached:
                reached.add(place)
                frontier.append(place)
    return frozenset(reached)


def rows_of_policies(network: Network) -> dict[SitePlace, Stock]:
    """Rows of `stock` of the places that policies run; one that says `plan` is passed through, as under a policy."""
    pulled = pull_places(network)
    return {
        (row.site, row.item): row.model_copy(update={"policy": TO_ORDER}) if row.policy.kind == "plan" else row
        for row in network.world.stock
        if (row.site, row.item) in pulled
    }


def source_of(network: Network, place: SitePlace) -> ProcessKey | Flow | None:
    """Where the orders of a place under a policy go: its first process there, else the first lane that brings it.

    None where nobody makes or brings it: its orders are filled at once.
    """
    if keys := network.made_at.get(place, ()):
        return keys[0]
    return next((flow for flow in network.flows if (flow.destination, flow.item) == place), None)


def suppliers_of(network: Network, place: SitePlace) -> list[SitePlace]:
    """The stocks that a stock's orders go to: of the inputs where it is made, else the one upstream."""
    source = source_of(network, place)
    if isinstance(source, Flow):
        return [(source.origin, source.item)]
    return [(place[0], name) for name, _ in network.inputs_of(source)] if source else []


def begun_by_policy(network: Network, state: State) -> State:
    """A day one in which stocks under a policy hold what it begins with, or the table says, and nothing is on order.

    What is passed through on the way to them is empty but for what the table says. The same state where no policy runs.
    """
    pulled = pull_places(network)
    if not pulled:
        return state
    opening = {
        place: row.policy.opening if row.on_hand is None else row.on_hand
        for place, row in rows_of_policies(network).items()
    }
    on_hand = {place: units for place, units in state.on_hand.items() if place not in pulled}
    return replace(
        state,
        on_hand=on_hand | {place: units for place, units in sorted(opening.items()) if units > 0},
        in_process=tuple(lot for lot in state.in_process if (lot.site, lot.item) not in pulled),
        in_transit=tuple(
            each for each in state.in_transit if (network.lanes[each.lane].destination, each.item) not in pulled
        ),
        racks=tuple(rack for rack in state.racks if (rack.site, rack.item) not in pulled),
    )
