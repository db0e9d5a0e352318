"""The supply plan on small worlds: limits held, shares kept, prices right."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from worlds import STARTS, chain_world, day, row, weekly_orders

from twin.disrupt.availability import availability
from twin.disrupt.resolved import ResolvedDisruption
from twin.model.distribution import parse_distribution
from twin.model.order_book import order_book
from twin.model.rows_demand import Allocation, Demand, Order, Readiness
from twin.model.rows_make import BomLine, Resource
from twin.model.rows_network import Item, Sourcing
from twin.model.scenario import Disruption, Target
from twin.model.state import LotInProcess, RackInProcess, Shipment, State
from twin.model.units import DAY_S, WEEK_S
from twin.model.world import World
from twin.network.build import build_network
from twin.plan.make import explain, make_plan
from twin.plan.record import Binding, PlanOptions, SupplyPlan

FULL = State(on_hand={("integrator", "tray"): 400.0, ("trays", "package"): 400.0})
"""Trays for two hundred racks at the integrator."""
OUTPUT = ("acme", "campus", "rack_accepted")
PLANNED_WEEKS = 28
"""Of `chain_world()`: report window, tail, and so far as planners look past them."""


def planned(
    world: World,
    state: State = FULL,
    options: PlanOptions | None = None,
    disruptions: Sequence[ResolvedDisruption] = (),
) -> SupplyPlan:
    network = build_network(world)
    available = availability(network, tuple(disruptions))
    plan = make_plan(network, available, state, order_book(world), options or PlanOptions())
    assert plan.status == "optimal"
    return plan


def bound(world: World, state: State = FULL, **options: Any) -> SupplyPlan:
    return planned(world, state, PlanOptions(objective="bound", **options))


def hit(first_day: int, days: int, **cells: Any) -> ResolvedDisruption:
    record = Disruption(name="hit", starts=day(first_day), lasts_days=days, **cells)
    starts_s, ends_s = first_day * DAY_S, (first_day + days) * DAY_S
    return ResolvedDisruption(disruption=record, starts_s=starts_s, ends_s=ends_s, recovered_s=ends_s, known_s=starts_s)


def accepted(plan: SupplyPlan) -> float:
    return float(sum(series.sum() for series in plan.deliveries.values()))


def worth(bindings: Sequence[Binding], name: str) -> Binding:
    return next(binding for binding in bindings if binding.name == name)


def test_a_world_with_parts_enough_delivers_nearly_everything_on_time() -> None:
    plan = planned(chain_world())
    assert accepted(plan) == pytest.approx(2.0 * PLANNED_WEEKS, rel=1e-6)
    late = sum(series.sum() for series in plan.backlog.values())
    assert late < 6.0
    assert all(promise is not None for promise in plan.promises.values())


def test_an_empty_pipeline_cannot_deliver_before_its_lead_time() -> None:
    plan = planned(chain_world(), State())
    reached = plan.cumulative(plan.deliveries[OUTPUT], 4 * WEEK_S)
    assert reached < 1.0
    assert accepted(plan) == pytest.approx(2.0 * PLANNED_WEEKS, rel=1e-3)


def test_nothing_is_accepted_more_than_four_weeks_early() -> None:
    plan = planned(chain_world())
    total = np.cumsum(plan.deliveries[OUTPUT])
    weekly = 2.0 * np.ceil((plan.edges_s[1:] + 4 * WEEK_S) / WEEK_S)
    assert (total <= weekly + 1e-6).all()


def test_coarse_buckets_agree_with_weekly_ones() -> None:
    world = chain_world(weeks=24)
    fine, coarse = bound(world), bound(world, weekly_buckets=0)
    assert len(coarse.edges_s) == 7
    assert coarse.value == pytest.approx(fine.value, rel=0.05)


def test_the_bound_is_no_less_than_what_the_operational_plan_accepts() -> None:
    world = chain_world(racks_per_week=5)
    plan = planned(world, State())
    by_report_end = plan.cumulative(plan.deliveries[OUTPUT], world.settings.report_s)
    assert bound(world, State()).value >= by_report_end - 1e-6


def test_racks_hold_resources_of_their_routing() -> None:
    """Two test cells of 30 h: 11.2 racks a week; the bay holds 24 h a rack: 14."""
    plan = planned(chain_world(racks_per_week=20))
    starts = plan.production["integration", "integrator", "rack_l11"]
    weeks = np.diff(plan.edges_s) / WEEK_S
    assert starts[:10] / weeks[:10] == pytest.approx(np.full(10, 2 * 168 / 30), rel=1e-6)


@pytest.mark.parametrize("name", ["cell at integrator", "crew at campus"])
def test_the_price_of_a_resource_is_what_one_more_brings(name: str) -> None:
    resource = name.split(" ", maxsplit=1)[0]
    world = chain_world(racks_per_week=20)
    if resource == "crew":
        world = more(more(world, "cell", 4.0), "bay", 4.0)
    plan = bound(world)
    priced = worth(plan.bindings, name).racks_per_unit
    step = 0.01
    gained = bound(more(world, resource, step)).value - plan.value
    assert gained / step == pytest.approx(priced, rel=0.01)


def more(world: World, resource: str, amount: float) -> World:
    rows = tuple(
        line.model_copy(update={"capacity": line.capacity + amount}) if line.resource == resource else line
        for line in world.resources
    )
    return world.model_copy(update={"resources": rows})


def test_the_price_in_rack_weeks_is_what_one_more_saves() -> None:
    world = chain_world(racks_per_week=12)
    state = State(on_hand={("integrator", "tray"): 1000.0})
    plan = planned(world, state)
    priced = worth(plan.bindings, "cell at integrator").rack_weeks_per_unit
    step = 0.01
    saved = plan.value - planned(more(world, "cell", step), state).value
    assert priced > 10
    assert saved / step == pytest.approx(priced, rel=0.01)


def test_a_limit_says_when_it_binds_and_what_a_unit_is_worth_then() -> None:
    """Four racks a week are due; places for 10 until day 28, for 26 until day 56.

    Due and without a place: 2 at the end of week 3, 6 of week 4; 2 and 6 of weeks 7 and 8.
    One more place saves a rack-week in each of these weeks. It must be there a week before,
    when the racks are begun, so level production has filled the places by then.
    """
    places = [row(Readiness, site="campus", rack_positions=10)]
    places += [row(Readiness, site="campus", rack_positions=26, **{"from": day(28)})]
    places += [row(Readiness, site="campus", **{"from": day(56)})]
    crews = more(chain_world(racks_per_week=4, readiness=tuple(places)), "crew", 100.0)
    state = State(on_hand={("campus", "rack_l11"): 400.0})
    plan = planned(crews, state)
    found = worth(plan.bindings, "rack positions at campus")
    assert [(span.begins_s / WEEK_S, span.ends_s / WEEK_S) for span in found.spans] == [(1, 4), (5, 8)]
    assert [span.rack_weeks for span in found.spans] == pytest.approx([2.0, 2.0], rel=0.02)
    assert found.weeks_binding == 6
    assert found.first_binding_s == WEEK_S


def test_the_times_of_a_limit_add_up_to_its_worth() -> None:
    shares = (
        row(Sourcing, item="package", supplier="pack_a", share_max=0.25),
        row(Sourcing, item="package", supplier="pack_b"),
    )
    world = chain_world(sourcing=shares, racks_per_week=3, weeks=26)
    network, orders = build_network(world), order_book(world)
    available = availability(network, ())
    plan = make_plan(network, available, State(), orders, PlanOptions())
    found = explain(network, available, State(), orders, plan)
    assert any(binding.kind == "sourcing" for binding in found)
    for binding in found:
        assert sum(span.rack_weeks for span in binding.spans) == pytest.approx(binding.rack_weeks_per_unit)
        assert sum(span.racks for span in binding.spans) == pytest.approx(binding.racks_per_unit)
        # Rolling quarters overlap: no week counts twice.
        assert all(before.ends_s < after.begins_s for before, after in pairwise(binding.spans))
        assert binding.weeks_binding <= PLANNED_WEEKS + 14


def test_explain_joins_racks_and_rack_weeks() -> None:
    world = chain_world(racks_per_week=20)
    network, orders = build_network(world), order_book(world)
    available = availability(network, ())
    plan = make_plan(network, available, FULL, orders, PlanOptions())
    cell = worth(explain(network, available, FULL, orders, plan), "cell at integrator")
    assert cell.racks_per_unit > 0
    assert cell.rack_weeks_per_unit > 0
    assert cell.load == pytest.approx(1.0, abs=1e-6)
    assert cell.confidence == "estimate"
    assert cell.first_binding_s == 0


def test_an_outage_stops_starts_and_delays_what_is_inside() -> None:
    lots = tuple(
        LotInProcess(process="fabrication", site="fab", item="wafer", quantity=1, ready_s=n * DAY_S)
        for n in range(1, 15)
    )
    state = State(in_process=lots)
    stop = hit(0, 28, at=Target(site="fab"), kind="outage")
    plan = planned(chain_world(), state, disruptions=(stop,))
    assert plan.production["fabrication", "fab", "wafer"][:4] == pytest.approx(np.zeros(4))
    left = sum(plan.shipments[lane, "wafer"][:4].sum() for lane in ("fab-pack_a", "fab-pack_b"))
    assert left == pytest.approx(0.0, abs=1e-9)
    assert accepted(plan) < accepted(planned(chain_world(), state))


def test_scrapped_work_in_process_does_not_come_out() -> None:
    lots = tuple(
        LotInProcess(process="fabrication", site="fab", item="wafer", quantity=1, ready_s=n * DAY_S)
        for n in range(1, 11)
    )
    stop = hit(0, 1, at=Target(site="fab"), kind="outage", wip_lost=0.4)
    plan = planned(chain_world(), State(in_process=lots), disruptions=(stop,))
    wafers = plan.stock["fab", "wafer"][:2] + sum(
        np.cumsum(plan.shipments[lane, "wafer"])[:2] for lane in ("fab-pack_a", "fab-pack_b")
    )
    assert wafers[1] == pytest.approx(6.0, abs=1e-6)


def test_a_closed_lane_and_a_blocked_site_ship_nothing() -> None:
    closed = hit(0, 21, at=Target(lane="integrator-campus"), kind="outage")
    plan = planned(chain_world(), disruptions=(closed,))
    assert plan.shipments["integrator-campus", "rack_l11"][:3] == pytest.approx(np.zeros(3))
    blocked = hit(0, 21, at=Target(site="integrator"), kind="shipments_blocked")
    plan = planned(chain_world(), disruptions=(blocked,))
    assert plan.shipments["integrator-campus", "rack_l11"][:3] == pytest.approx(np.zeros(3))


def test_the_pipeline_of_the_state_comes_in() -> None:
    state = State(
        in_transit=(Shipment(lane="integrator-campus", item="rack_l11", quantity=2, arrives_s=DAY_S),),
        racks=(RackInProcess(site="campus", item="rack_accepted", step=2, remaining_s=0),) * 2,
    )
    plan = planned(chain_world(), state)
    assert plan.cumulative(plan.deliveries[OUTPUT], 2 * WEEK_S) == pytest.approx(4.0, rel=1e-6)


def test_what_is_delivered_is_not_owed_again() -> None:
    plan = planned(chain_world(), State(on_hand=FULL.on_hand, delivered={"order-01": 2, "order-02": 1}))
    assert accepted(plan) == pytest.approx(2.0 * PLANNED_WEEKS - 3, rel=1e-6)
    assert plan.promises["order-01"] == 0


def test_planned_shares_are_kept_while_capacity_allows() -> None:
    plan = planned(chain_world(weeks=40, racks_per_week=1), State())
    made = {site: series.sum() for (_, site, item), series in plan.production.items() if item == "package"}
    assert made["pack_a"] / sum(made.values()) == pytest.approx(0.6, abs=0.02)


def test_a_most_share_holds_back_the_other_source() -> None:
    shares = (
        row(Sourcing, item="package", supplier="pack_a", share_max=0.25),
        row(Sourcing, item="package", supplier="pack_b"),
    )
    plan = planned(chain_world(sourcing=shares, racks_per_week=3, weeks=26), State())
    quarter = {lane: plan.shipments[lane, "package"][:13].sum() for lane in ("pack_a-trays", "pack_b-trays")}
    assert quarter["pack_a-trays"] <= 0.25 * sum(quarter.values()) + 1e-6
    # Pack_b starts 12 a week at most, so a quarter from pack_a makes 16.
    assert quarter["pack_b-trays"] > 60


def test_a_least_share_holds_while_the_source_is_up_and_is_waived_when_it_is_down() -> None:
    shares = (
        row(Sourcing, item="package", supplier="pack_a", share_min=0.5, price_usd=100.0),
        row(Sourcing, item="package", supplier="pack_b"),
    )
    world = chain_world(sourcing=shares, racks_per_week=1, weeks=26)
    plan = planned(world, State())
    quarter = {lane: plan.shipments[lane, "package"][:13].sum() for lane in ("pack_a-trays", "pack_b-trays")}
    assert quarter["pack_a-trays"] == pytest.approx(0.5 * sum(quarter.values()), rel=1e-3)
    down = hit(0, 120, at=Target(site="pack_a"), kind="outage")
    assert planned(world, State(), disruptions=(down,)).shipments["pack_b-trays", "package"][:13].sum() > 50


def test_an_unqualified_source_waits_for_its_date() -> None:
    shares = (
        row(Sourcing, item="package", supplier="pack_a"),
        row(Sourcing, item="package", supplier="pack_b", qualified_from=day(70)),
    )
    plan = planned(chain_world(sourcing=shares, racks_per_week=3), State())
    assert plan.shipments["pack_b-trays", "package"][:10] == pytest.approx(np.zeros(10))
    assert plan.shipments["pack_b-trays", "package"][10:].sum() > 0


def two_customers(**tables: Any) -> World:
    orders = weekly_orders("campus", "rack_accepted", 8, 4)
    others = tuple(
        order.model_copy(update={"order": f"b-{order.order}", "customer": "bolt"})
        for order in weekly_orders("campus", "rack_accepted", 8, 4)
    )
    return chain_world(orders=(*orders, *others), weeks=8, **tables)


def test_an_allocation_limits_its_holder_and_leaves_the_rest_to_others() -> None:
    state = State(on_hand={("integrator", "tray"): 40.0})
    stopped = hit(0, 300, at=Target(site="trays"), kind="starts_blocked")
    rows = (row(Allocation, item="tray", customer="acme", share=0.25),)
    plan = planned(two_customers(allocations=rows), state, disruptions=(stopped,))
    got = {customer: series.sum() for (customer, _, _), series in plan.deliveries.items()}
    # Forty trays are twenty racks.
    assert got["acme"] == pytest.approx(5.0, rel=1e-4)
    assert got["bolt"] == pytest.approx(15.0, rel=1e-4)
    free = tuple(line.model_copy(update={"transferable": "yes"}) for line in rows)
    plan = planned(two_customers(allocations=free), state, disruptions=(stopped,))
    assert sum(series.sum() for series in plan.deliveries.values()) == pytest.approx(20.0, rel=1e-4)


def test_an_integrators_allocation_limits_its_starts() -> None:
    state = State(on_hand={("integrator", "tray"): 40.0})
    stopped = hit(0, 300, at=Target(site="trays"), kind="starts_blocked")
    rows = (row(Allocation, item="tray", integrator="Rack Makers", share=0.5),)
    plan = planned(two_customers(allocations=rows), state, disruptions=(stopped,))
    assert plan.production["integration", "integrator", "rack_l11"].sum() == pytest.approx(10.0, rel=1e-4)


@pytest.mark.parametrize(
    "cells",
    [
        {"firm_mw": 10 * 0.132 * 1.25, "pue": 1.25},
        {"rack_positions": 10},
        {"cooling_kw": 1320.0},
    ],
)
def test_a_datacenter_takes_what_it_is_ready_for(cells: dict[str, Any]) -> None:
    rows = (row(Readiness, site="campus", **cells), row(Readiness, site="campus", **{"from": day(56)}))
    plan = planned(chain_world(racks_per_week=4, readiness=rows))
    total = np.cumsum(plan.deliveries[OUTPUT])
    assert total[7] == pytest.approx(10.0, rel=1e-6)
    assert total[-1] == pytest.approx(4.0 * PLANNED_WEEKS, rel=1e-6)
    priced = [binding for binding in plan.bindings if binding.kind == "readiness"]
    assert len(priced) == 1
    assert priced[0].load == pytest.approx(1.0, abs=0.01)


def test_places_taken_before_the_plan_count_as_used() -> None:
    rows = (row(Readiness, site="campus", rack_positions=10), row(Readiness, site="campus", **{"from": day(56)}))
    taken = State(on_hand=FULL.on_hand, accepted={("campus", "rack_accepted"): 6})
    plan = planned(chain_world(racks_per_week=4, readiness=rows), taken)
    assert np.cumsum(plan.deliveries[OUTPUT])[7] == pytest.approx(4.0, rel=1e-6)
    (priced,) = (binding for binding in plan.bindings if binding.kind == "readiness")
    assert priced.load == pytest.approx(1.0, abs=0.01)


def test_work_on_the_floor_begins_when_the_place_is_ready() -> None:
    floor_days = 14
    steps = tuple(
        step.model_copy(update={"hours": parse_distribution(floor_days * 12.0)})
        if step.item == "rack_accepted"
        else step
        for step in chain_world().routings
    )
    rows = (row(Readiness, site="campus", rack_positions=0), row(Readiness, site="campus", **{"from": day(42)}))
    crews = tuple(
        line.model_copy(update={"capacity": 1000.0}) if line.resource == "crew" else line
        for line in chain_world().resources
    )
    plan = planned(chain_world(readiness=rows, routings=steps, resources=crews))
    accepted_by_week = np.cumsum(plan.deliveries[OUTPUT])
    assert accepted_by_week[7] == pytest.approx(0.0, abs=1e-6)
    assert accepted_by_week[9] > 1


def test_racks_at_work_and_in_stock_at_a_datacenter_hold_places() -> None:
    rows = (row(Readiness, site="campus", rack_positions=10),)
    at_work = tuple(
        RackInProcess(site="campus", item="rack_accepted", step=1, remaining_s=3600, destination="campus")
        for _ in range(3)
    )
    stock = FULL.on_hand | {("campus", "rack_accepted"): 2.0}
    state = State(on_hand=stock, racks=at_work, accepted={("campus", "rack_accepted"): 4.0})
    # Of ten places four are accepted already; the five at work and in stock are accepted, and one more.
    assert accepted(planned(chain_world(readiness=rows), state)) == pytest.approx(6.0, rel=1e-6)


def test_no_network_no_racks_and_what_was_accepted_counts() -> None:
    rows = (row(Readiness, site="campus", network_ready=False), row(Readiness, site="campus", **{"from": day(28)}))
    plan = planned(chain_world(readiness=rows))
    assert plan.deliveries[OUTPUT][:4] == pytest.approx(np.zeros(4))
    rows = (row(Readiness, site="campus", rack_positions=10),)
    state = State(on_hand=FULL.on_hand, accepted={("campus", "rack_accepted"): 4.0})
    assert accepted(planned(chain_world(readiness=rows), state)) == pytest.approx(6.0, rel=1e-6)


def test_finished_racks_wait_only_where_there_is_a_place() -> None:
    closed = hit(0, 42, at=Target(lane="integrator-campus"), kind="outage")
    world = chain_world()
    free = planned(world, disruptions=(closed,)).stock["integrator", "rack_l11"].max()
    places = row(Resource, site="integrator", resource="finished_rack_places", capacity=3)
    world = world.model_copy(update={"resources": (*world.resources, places)})
    held = planned(world, disruptions=(closed,)).stock["integrator", "rack_l11"].max()
    assert free > 4
    assert held == pytest.approx(3.0, rel=1e-6)


def test_lanes_carry_what_they_can() -> None:
    world = chain_world(racks_per_week=6)
    lanes = tuple(
        lane.model_copy(update={"capacity_kg_per_week": 4000.0}) if lane.lane == "integrator-campus" else lane
        for lane in world.lanes
    )
    plan = planned(world.model_copy(update={"lanes": lanes}))
    weeks = np.diff(plan.edges_s) / WEEK_S
    assert (plan.shipments["integrator-campus", "rack_l11"] <= 4.0 * weeks + 1e-6).all()
    assert worth(plan.bindings, "integrator-campus by truck").limit == pytest.approx(4000.0)


def test_urgent_orders_are_served_first() -> None:
    orders = (
        *weekly_orders("campus", "rack_accepted", 6, 4, priority=5),
        *(
            order.model_copy(update={"order": f"urgent-{order.order}", "customer": "bolt", "priority": 1})
            for order in weekly_orders("campus", "rack_accepted", 6, 4)
        ),
    )
    plan = planned(chain_world(orders=orders, weeks=6), State())
    first = {customer: np.cumsum(series)[6] for (customer, _, _), series in plan.deliveries.items()}
    assert first["bolt"] > 10 * max(first["acme"], 0.1)


def test_demand_streams_are_planned_at_their_mean_rate() -> None:
    spares = (row(Demand, customer="service", site="integrator", item="tray", every_days=7, quantity=3),)
    plan = planned(chain_world(demand=spares))
    assert plan.deliveries["service", "integrator", "tray"].sum() == pytest.approx(3.0 * PLANNED_WEEKS, rel=1e-6)
    # Spares are no racks.
    assert bound(chain_world(demand=spares)).value <= 2 * 16 + 1e-6


def test_what_customers_of_a_stream_wait_for_is_due_at_once() -> None:
    """Five trays are there, for whoever waits: at one a week it would take them five weeks."""
    spares = (row(Demand, customer="service", site="integrator", item="tray", every_days=7, quantity=1),)
    world, held = chain_world(orders=(), demand=spares), {("integrator", "tray"): 5.0}
    key = ("service", "integrator", "tray")
    owed = planned(world, State(on_hand=held, owed={(*key, 5): 5.0}))
    assert owed.cumulative(owed.deliveries[key], WEEK_S) >= 5 - 1e-6
    assert owed.deliveries[key].sum() == pytest.approx(PLANNED_WEEKS + 5, rel=1e-6)


def test_a_lead_time_quantile_starts_work_earlier() -> None:
    world = chain_world(weeks=26)
    slow = tuple(
        process.model_copy(update={"cycle_days": None if process.cycle_days is None else _wide(process)})
        for process in world.processes
    )
    world = world.model_copy(update={"processes": slow})
    careful = world.model_copy(update={"settings": world.settings.model_copy(update={"lead_time_quantile": 0.9})})
    wafers = ("fabrication", "fab", "wafer")
    mean, safe = planned(world, State()), planned(careful, State())
    assert safe.cumulative(safe.deliveries[OUTPUT], 8 * WEEK_S) < mean.cumulative(mean.deliveries[OUTPUT], 8 * WEEK_S)
    for week in (4, 8, 12):
        early = safe.cumulative(safe.production[wafers], week * WEEK_S)
        assert early >= mean.cumulative(mean.production[wafers], week * WEEK_S) - 1e-6


def _wide(process: Any) -> Any:
    from twin.model.distribution import parse_distribution

    mean = process.cycle_days.mean
    return parse_distribution(f"uniform({0.5 * mean}, {1.5 * mean})")


def test_production_is_level_where_nothing_forces_it_otherwise() -> None:
    plan = planned(chain_world(weeks=40), State())
    level = plan.production["tray-assembly", "trays", "tray"][9:13]
    assert level.max() - level.min() < 0.2


def test_a_plan_of_no_length_is_refused() -> None:
    world = chain_world()
    network = build_network(world)
    with pytest.raises(ValueError, match="must end after it starts"):
        make_plan(network, availability(network, ()), State(), order_book(world), PlanOptions(end_s=0))


def test_the_same_question_gets_the_same_answer() -> None:
    first, second = planned(chain_world(), State()), planned(chain_world(), State())
    for key, series in first.production.items():
        assert series.tobytes() == second.production[key].tobytes()


def test_a_large_order_beyond_reach_is_never_promised() -> None:
    huge = row(
        Order, order="huge", customer="acme", site="campus", item="rack_accepted", quantity=10_000, requested=STARTS
    )
    plan = planned(chain_world(orders=(huge,)))
    assert plan.promises["huge"] is None
    assert next(iter(plan.backlog.values()))[-1] > 9000


def test_what_is_named_of_ordered_racks_and_never_made_takes_none_of_them() -> None:
    world = chain_world()
    pair = BomLine(item="pair", input="rack_accepted", quantity=2, source="test")
    named = world.model_copy(
        update={"items": (*world.items, Item(item="pair", kind="pair", source="test")), "bom": (*world.bom, pair)}
    )
    assert bound(named).value == bound(world).value > 0
