"""Running a world some times and taking its measures; `ladder` holds them against the closed form."""

from __future__ import annotations

from collections.abc import Callable

from twin.disrupt.availability import availability
from twin.events.record import Log
from twin.metrics.dictionary import compute_kpis
from twin.metrics.facts import facts_from
from twin.model.order_book import order_book
from twin.model.state import State
from twin.model.world import World
from twin.network.build import build_network
from twin.simulate.record import SimulationProblem
from twin.simulate.run import simulate

Measured = dict[str, float]


def replications(world: World, count: int, measure: Callable[[Log, Measured], Measured]) -> dict[str, list[float]]:
    """What `measure` says of each replication's log and KPIs, by name."""
    network = build_network(world)
    available, facts, orders = availability(network, ()), facts_from(network), order_book(world)
    found: dict[str, list[float]] = {}
    for replication in range(count):
        result = simulate(
            SimulationProblem(
                network=network,
                availability=available,
                orders=orders,
                state=State(),
                opening=None,
                replication=replication,
            )
        )
        for name, value in measure(result.log, compute_kpis(result.log, facts)).items():
            found.setdefault(name, []).append(value)
    return found
