"""The reference world through the plan: large programmes, the same answer each time."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from plan.test_plan_level import held, made_twice

from twin.disrupt.availability import availability
from twin.disrupt.record import Availability
from twin.model.load import load_world
from twin.model.order_book import OrderLine, order_book
from twin.model.state import State
from twin.network.build import build_network
from twin.network.record import Network
from twin.plan.buckets import plan_edges
from twin.plan.frame import plan_frame
from twin.plan.kits import clear_to_build
from twin.plan.make import explain, make_plan
from twin.plan.record import PlanOptions
from twin.plan.snapshot import day_one, warm_up_s

pytestmark = pytest.mark.slow

WORLD = Path(__file__).parents[2] / "scenarios" / "worlds" / "nvl72"


@cache
def reference() -> tuple[Network, Availability, tuple[OrderLine, ...], State]:
    world = load_world(WORLD)
    network, orders = build_network(world), order_book(world)
    available = availability(network, ())
    warm_s = warm_up_s(network, available, orders)
    state = day_one(network, availability(network, (), -warm_s), order_book(world, -warm_s), warm_s)
    return network, available, orders, state


def test_a_full_pipeline_serves_the_year() -> None:
    network, available, orders, state = reference()
    plan = make_plan(network, available, state, orders, PlanOptions())
    assert plan.status == "optimal"
    report_s = network.world.settings.report_s
    reached = sum(plan.cumulative(series, report_s) for series in plan.deliveries.values())
    due = sum(order.quantity for order in orders if order.due_s <= report_s)
    assert 0.8 * due < reached <= 1.1 * due
    assert plan.bindings
    found = explain(network, available, state, orders, plan)
    assert max(binding.racks_per_unit for binding in found) > 0
    assert clear_to_build(network, available, state, orders, plan)


def test_a_large_programme_has_one_answer() -> None:
    network, available, orders, state = reference()
    options = PlanOptions(objective="bound", weekly_buckets=0)
    first, second = (make_plan(network, available, state, orders, options) for _ in range(2))
    assert first.columns > 4000
    assert first.value > 30_000
    for key, series in first.production.items():
        assert series.tobytes() == second.production[key].tobytes()


def test_level_production_costs_hardly_any_money() -> None:
    """0.045 % of it, and seven millionths of the lateness: docs/plan.md."""
    network, available, orders, state = reference()
    edges = plan_edges(network.world.settings, PlanOptions(), state.at_s)
    held(made_twice(plan_frame(network, available, state, orders, edges, "operational"), state))
