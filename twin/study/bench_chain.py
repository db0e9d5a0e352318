"""The chain benchmark: a serial five-echelon base-stock chain, and plain SimPy written by hand for the same chain.

A hundred Poisson customers a day for a year, one unit each; a week to each next echelon and of
making at the last; 744 units of base stock everywhere. Each customer orders a unit from the
first echelon, and each echelon one from the next: six orders a customer. Both keep a row at
placement, shipment and receipt of each order; nothing is batched.
"""

from __future__ import annotations

import random
from typing import Any

from twin.disrupt.availability import availability
from twin.events.record import Log
from twin.model.rows_demand import Demand, StockPolicy
from twin.model.rows_demand import Stock as StockRow
from twin.model.rows_make import Process
from twin.model.rows_network import Item, Lane, Site
from twin.model.state import State
from twin.model.units import DAY_S
from twin.model.world import Settings, World
from twin.network.build import build_network
from twin.simulate.record import SimulationProblem
from twin.simulate.run import simulate
from twin.study.bench_timing import Put, median_of

ECHELONS = 5
CUSTOMERS_PER_DAY = 100
LEAD_TIME_DAYS = 7
BASE_STOCK = 744
DAYS = 365

Row = tuple[float, str, int]


def measure_chain(put: Put) -> None:
    """Put orders completed per CPU second by the twin and by plain SimPy, and their ratio."""
    problem = chain_problem()
    log, seconds = median_of(lambda: simulate(problem).log)
    rate = orders_completed(log) / seconds
    put("chain_orders_per_cpu_second", rate, "orders per CPU second")
    rows, seconds = median_of(plain_simpy)
    plain = sum(event == "received" for _, event, _ in rows) / seconds
    put("chain_plain_simpy_orders_per_cpu_second", plain, "the same, in plain SimPy by hand")
    put("chain_times_plain_simpy", rate / plain, "times as many as plain SimPy")


def orders_completed(log: Log) -> int:
    """Customers served, and replenishments received from a lane or a process."""
    return sum(int(log.of(event).sum()) for event in ("served", "docked", "produced"))


def chain_problem(days: int = DAYS) -> SimulationProblem:
    """The chain, ready to be run."""
    network = build_network(chain_world())
    return SimulationProblem(
        network=network,
        availability=availability(network, ()),
        orders=(),
        state=State(),
        opening=None,
        until_s=days * DAY_S,
    )


def chain_world() -> World:
    """The chain in tables."""
    given = {"source": "bench"}
    sites = [f"echelon_{n}" for n in range(1, ECHELONS + 1)]
    customers = {"customer": "customer", "site": sites[0], "item": "part", "quantity": "1"}
    every = Demand.model_validate(customers | {"every_days": f"exponential({1 / CUSTOMERS_PER_DAY})"} | given)
    making = {"process": "making", "site": sites[-1], "item": "part", "cycle_days": str(LEAD_TIME_DAYS)}
    policy = StockPolicy(kind="base_stock", parameters=(float(BASE_STOCK),))
    return World(
        name="chain",
        settings=Settings.model_validate({"starts": "2026-01-01", "report_weeks": 52, "schedule_weeks": 0}),
        items=(Item(item="part", kind="part", source="bench"),),
        sites=tuple(Site(site=name, kind="component") for name in sites),
        lanes=tuple(
            Lane.model_validate(
                {"lane": f"{a}-{b}", "origin": a, "destination": b, "transit_days": str(LEAD_TIME_DAYS)} | given
            )
            for a, b in zip(sites[1:], sites[:-1], strict=True)
        ),
        processes=(Process.model_validate(making | given),),
        stock=tuple(StockRow(site=name, item="part", policy=policy, source="bench") for name in sites),
        demand=(every,),
    )


def plain_simpy(days: int = DAYS) -> list[Row]:
    """The same chain as it is usually written: a process an order, a container an echelon; gives its log.

    SimPy is imported here alone outside the simulation's own room, since it is what is compared with.
    """
    import simpy

    env = simpy.Environment()
    stocks = [simpy.Container(env, init=BASE_STOCK) for _ in range(ECHELONS)]
    luck = random.Random(1)
    rows: list[Row] = []

    def arrivals() -> Any:
        while True:
            yield env.timeout(luck.expovariate(CUSTOMERS_PER_DAY))
            env.process(customer())

    def customer() -> Any:
        rows.append((env.now, "placed", 0))
        env.process(replenish(0))
        yield stocks[0].get(1)
        rows.append((env.now, "shipped", 0))
        rows.append((env.now, "received", 0))

    def replenish(echelon: int) -> Any:
        rows.append((env.now, "placed", echelon + 1))
        if echelon + 1 < ECHELONS:
            env.process(replenish(echelon + 1))
            yield stocks[echelon + 1].get(1)
        rows.append((env.now, "shipped", echelon + 1))
        yield env.timeout(LEAD_TIME_DAYS)
        yield stocks[echelon].put(1)
        rows.append((env.now, "received", echelon + 1))

    env.process(arrivals())
    env.run(until=days)
    return rows
