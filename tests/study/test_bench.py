"""What `make bench` measures: the chain that the issue describes, plain SimPy beside it, networks of many sites."""

from __future__ import annotations

from collections import Counter

import pytest

from twin.model.units import DAY_S
from twin.simulate.run import simulate
from twin.study import bench_chain, bench_growth, bench_memory


def test_a_customer_of_the_chain_has_an_order_at_every_echelon() -> None:
    log = simulate(bench_chain.chain_problem(days=20)).log
    customers = int(log.of("served").sum())
    assert customers == pytest.approx(20 * bench_chain.CUSTOMERS_PER_DAY, rel=0.1)
    assert log.of("demanded").sum() == 6 * customers
    assert log.of("shipped").sum() == 4 * customers
    assert log.of("started").sum() == customers
    # What was ordered in the last week is still under way.
    early = int((log.of("served") & (log.column("time_s") <= 13 * DAY_S)).sum())
    assert bench_chain.orders_completed(log) == pytest.approx(customers + 5 * early, abs=10)


def test_plain_simpy_runs_the_same_chain() -> None:
    seen = Counter((event, echelon) for _, event, echelon in bench_chain.plain_simpy(days=20))
    customers = seen["placed", 0]
    assert customers == pytest.approx(20 * bench_chain.CUSTOMERS_PER_DAY, rel=0.1)
    assert all(seen["placed", echelon] == seen["shipped", echelon] == customers for echelon in range(6))
    assert all(0.5 < seen["received", echelon] / customers < 0.8 for echelon in range(1, 6))


def test_a_wide_world_makes_its_racks() -> None:
    (took_s,) = bench_growth.replications_s((10,))
    assert took_s > 0
    world = bench_growth.wide_world(10)
    assert len(world.sites) == 10
    assert sum(order.quantity for order in world.orders) == 2 * bench_growth.RACKS_PER_SITE_WEEK * bench_growth.WEEKS


def test_memory_is_told_in_megabytes() -> None:
    assert 20 < bench_memory.peak_mb() < 20_000
