"""Whatever the world, the plan conserves units, keeps its limits, and the bound is a bound."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import chain_world

from twin.disrupt.availability import availability
from twin.disrupt.record import Availability
from twin.disrupt.resolved import ResolvedDisruption
from twin.model.order_book import order_book
from twin.model.scenario import Disruption, Target
from twin.model.state import State
from twin.model.units import DAY_S, WEEK_S
from twin.model.world import World
from twin.network.build import build_network
from twin.network.record import Network
from twin.plan.make import make_plan
from twin.plan.record import PlanOptions, SupplyPlan
from twin.plan.survive import time_to_survive

FEW = settings(max_examples=15, deadline=None, derandomize=True)
OUTPUT = ("acme", "campus", "rack_accepted")


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """The chain with drawn capacities, lead times, yields, shares and orders."""
    world = chain_world(racks_per_week=draw(st.integers(1, 8)), weeks=draw(st.sampled_from((8, 20))))
    processes = tuple(
        row
        if row.cycle_days is None
        else row.model_copy(
            update={
                "capacity_per_week": draw(st.floats(1.0, 40.0)),
                "yield_fraction": draw(st.floats(0.5, 1.0)),
                "cycle_days": row.cycle_days.__class__("constant", (draw(st.floats(0.0, 30.0)),)),
            }
        )
        for row in world.processes
    )
    most = draw(st.floats(0.3, 1.0))
    sourcing = tuple(
        row.model_copy(update={"share_max": most if row.supplier == "pack_a" else 1.0}) for row in world.sourcing
    )
    return world.model_copy(update={"processes": processes, "sourcing": sourcing})


@st.composite
def states(draw: st.DrawFn) -> State:
    places = [("integrator", "tray"), ("trays", "package"), ("campus", "rack_l11"), ("fab", "wafer")]
    return State(on_hand={place: float(draw(st.integers(0, 60))) for place in places})


@st.composite
def outages(draw: st.DrawFn) -> tuple[ResolvedDisruption, ...]:
    """None, or one of a site for some days."""
    days = draw(st.integers(0, 60))
    first = draw(st.integers(0, 60))
    if not days:
        return ()
    target = Target(site=draw(st.sampled_from(("fab", "pack_a", "trays", "integrator"))))
    record = Disruption(name="hit", at=target, kind="outage", starts=chain_world().settings.starts, lasts_days=days)
    ends_s = (first + days) * DAY_S
    return (
        ResolvedDisruption(
            disruption=record, starts_s=first * DAY_S, ends_s=ends_s, recovered_s=ends_s, known_s=first * DAY_S
        ),
    )


def solved(world: World, state: State, hits: tuple[ResolvedDisruption, ...], **options: Any) -> SupplyPlan:
    network = build_network(world)
    plan = make_plan(network, availability(network, hits), state, order_book(world), PlanOptions(**options))
    assert plan.status == "optimal"
    return plan


@FEW
@given(world=worlds(), state=states())
def test_units_are_conserved_at_every_place_in_every_bucket(world: World, state: State) -> None:
    """Recomputed by hand from the series: all lead times here are constant and nothing is frozen."""
    plan = solved(world, state, ())
    network = build_network(world)
    for (site, item), stock in plan.stock.items():
        flow = np.full(len(stock), 0.0)
        for key in network.made_at.get((site, item), ()):
            flow += arrived(
                plan, plan.production[key], lead_days(network, key), network.processes[key][0].yield_fraction
            )
        for (lane, name), series in plan.shipments.items():
            if name == item and network.lanes[lane].destination == site:
                flow += arrived(plan, series, network.lanes[lane].transit_days.mean, 1.0)
            if name == item and network.lanes[lane].origin == site:
                flow -= series
        for (_, place, made), series in plan.production.items():
            if place == site:
                flow -= dict(network.inputs.get(made, ())).get(item, 0.0) * series
        flow -= sum(series for (_, where, what), series in plan.deliveries.items() if (where, what) == (site, item))
        expected = state.on_hand.get((site, item), 0.0) + np.cumsum(flow)
        assert np.allclose(stock, expected, atol=1e-4)
        assert (stock >= 0).all()


def lead_days(network: Network, key: tuple[str, str, str]) -> float:
    cycle = network.processes[key][0].cycle_days
    steps = network.routing.get(key, ())
    return cycle.mean if cycle is not None else sum(step.hours.mean for step in steps) / 24


def arrived(plan: SupplyPlan, series: np.ndarray, days: float, good: float) -> np.ndarray:
    """What a series, uniform in its buckets, brings in each bucket after so many days."""
    total = np.concatenate(([0.0], np.cumsum(series)))
    at_edges = np.interp(plan.edges_s - days * DAY_S, plan.edges_s, total)
    return good * np.diff(at_edges)


@FEW
@given(world=worlds(), state=states(), hits=outages())
def test_limits_hold(world: World, state: State, hits: tuple[ResolvedDisruption, ...]) -> None:
    plan = solved(world, state, hits)
    network = build_network(world)
    available: Availability = availability(network, hits)
    for key, series in plan.production.items():
        rate = available.processes[key].starts_per_week
        if rate is not None:
            most = rate.bucket_means(plan.edges_s) * np.diff(plan.edges_s) / WEEK_S
            assert (series <= most + 1e-5).all()
    cells = plan.production["integration", "integrator", "rack_l11"] * 30
    assert (cells <= 2 * np.diff(plan.edges_s) / 3600 + 1e-4).all()
    asked = sum(order.quantity for order in order_book(world))
    assert sum(series.sum() for series in plan.deliveries.values()) <= asked + 1e-6


@FEW
@given(world=worlds(), state=states(), hits=outages())
def test_the_bound_is_at_least_what_the_operational_plan_accepts(
    world: World, state: State, hits: tuple[ResolvedDisruption, ...]
) -> None:
    plan = solved(world, state, hits)
    most = solved(world, state, hits, objective="bound")
    reached = plan.cumulative(plan.deliveries[OUTPUT], world.settings.report_s)
    assert most.bound >= reached - 1e-4


@FEW
@given(world=worlds(), state=states(), length=st.integers(1, 60), more=st.floats(1.0, 30.0))
def test_more_stock_or_capacity_never_shortens_the_time_to_survive(
    world: World, state: State, length: int, more: float
) -> None:
    """With requirement, day one and outage fixed."""
    required = solved(world, state, ())
    record = Disruption(
        name="hit", at=Target(site="pack_a"), kind="outage", starts=world.settings.starts, lasts_days=length
    )
    hit = ResolvedDisruption(
        disruption=record, starts_s=0, ends_s=length * DAY_S, recovered_s=length * DAY_S, known_s=0
    )
    before = survived(world, state, required, hit)
    stocked = State(on_hand={place: units + more for place, units in state.on_hand.items()})
    after = survived(world, stocked, required, hit)
    assert after[0] >= before[0] - 1e-3
    assert after[1] <= before[1] + 1e-4
    wider = tuple(
        row
        if row.capacity_per_week is None
        else row.model_copy(update={"capacity_per_week": row.capacity_per_week + more})
        for row in world.processes
    )
    after = survived(world.model_copy(update={"processes": wider}), state, required, hit)
    assert after[0] >= before[0] - 1e-3
    assert after[1] <= before[1] + 1e-4


def survived(world: World, state: State, required: SupplyPlan, hit: ResolvedDisruption) -> tuple[float, float]:
    network = build_network(world)
    found = time_to_survive(network, state, required, availability(network, (hit,)), hit.starts_s, hit.ends_s)
    return found.days, found.lost_racks


@FEW
@given(world=worlds(), state=states())
def test_money_outweighs_no_more_than_a_twentieth_of_a_week_of_each_rack(world: World, state: State) -> None:
    """Against the same plan to which money is nothing: leads of days, where a rack may gain hours at full cost."""
    plan = solved(world, state, ())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twin.plan.make.money_weight", lambda frame: 0.0)
        free = solved(world, state, ())
    late, least = (sum(float(series.sum()) for series in each.backlog.values()) for each in (plan, free))
    racks = sum(order.quantity for order in order_book(world))
    assert least - 1e-3 <= late <= least + 0.05 * racks + 1e-3
