"""Day one: a steady world is found in its steady state, in whole units."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
from worlds import chain_world, day, levels_world, row, two_ways_world, weekly_orders

from twin.disrupt.availability import availability
from twin.model.order_book import order_book
from twin.model.rows_demand import Stock
from twin.model.state import State
from twin.model.units import DAY_S, HOUR_S, WEEK_S
from twin.model.world import World
from twin.network.build import build_network
from twin.plan.make import make_plan
from twin.plan.record import PlanOptions
from twin.plan.snapshot import day_one, snapshot_edges, warm_up_s


def snapshot(world: World) -> State:
    network = build_network(world)
    warm_s = warm_up_s(network, availability(network, ()), order_book(world))
    return day_one(network, availability(network, (), -warm_s), order_book(world, -warm_s), warm_s)


def scaled_chain(**tables: object) -> World:
    """The chain at forty racks a week: twenty times everything, so that rounding is small."""
    world = chain_world(racks_per_week=40, weeks=80, **tables)
    resources = tuple(r.model_copy(update={"capacity": 20 * r.capacity}) for r in world.resources)
    processes = tuple(
        p if p.capacity_per_week is None else p.model_copy(update={"capacity_per_week": 20 * p.capacity_per_week})
        for p in world.processes
    )
    return world.model_copy(update={"resources": resources, "processes": processes})


def test_a_steady_world_holds_its_rate_times_its_lead_times() -> None:
    """Little's law: forty racks a week are 80 wafers a week x 2 weeks, 320 packages x 1, 80 trays x 2/7."""
    state = snapshot(scaled_chain())
    units: Counter[str] = Counter()
    for lot in state.in_process:
        units[lot.item] += lot.quantity
    for shipment in state.in_transit:
        units["on the way " + shipment.item] += shipment.quantity
    assert units["wafer"] == pytest.approx(160, abs=2)
    assert units["package"] == pytest.approx(320, abs=4)
    assert units["tray"] == pytest.approx(80 * 2 / 7, abs=2)
    assert units["on the way wafer"] == pytest.approx(80 * 2 / 7, abs=2)
    assert units["on the way rack_l11"] == pytest.approx(40 * 3 / 7, abs=2)
    racks = Counter((rack.site, rack.step) for rack in state.racks)
    per_hour = 40 / 168
    assert racks["integrator", 1] == pytest.approx(20 * per_hour, abs=1.5)
    assert racks["integrator", 2] == pytest.approx(30 * per_hour, abs=1.5)
    assert racks["integrator", 3] == pytest.approx(4 * per_hour, abs=1.5)
    assert racks["campus", 1] + racks["campus", 2] == pytest.approx(24 * per_hour, abs=1.5)


def test_ages_are_evenly_spread() -> None:
    state = snapshot(scaled_chain())
    ready = sorted(lot.ready_s for lot in state.in_process if lot.item == "wafer")
    assert ready[0] > 0
    assert ready[-1] <= 14 * DAY_S
    gaps = {later - earlier for earlier, later in itertools.pairwise(ready)}
    assert max(gaps) < 4 * 14 * DAY_S / len(ready)
    assert all(0 <= rack.remaining_s <= 30 * HOUR_S for rack in state.racks)


def test_racks_know_where_they_go() -> None:
    state = snapshot(scaled_chain())
    assert {rack.destination for rack in state.racks if rack.site == "integrator"} == {"campus"}
    assert {rack.destination for rack in state.racks if rack.site == "campus"} == {""}


def test_the_plan_goes_on_from_the_snapshot_without_being_late() -> None:
    world = scaled_chain()
    network = build_network(world)
    plan = make_plan(network, availability(network, ()), snapshot(world), order_book(world), PlanOptions())
    late = sum(series[:-1].max() for series in plan.backlog.values())
    assert late < 2.0


def test_lots_are_whole() -> None:
    world = scaled_chain()
    processes = tuple(
        p.model_copy(update={"lot_size": 25}) if p.process == "fabrication" else p for p in world.processes
    )
    state = snapshot(world.model_copy(update={"processes": processes}))
    lots = [lot.quantity for lot in state.in_process if lot.item == "wafer"]
    assert set(lots) == {25}
    assert sum(lots) == pytest.approx(160, abs=25)


def test_the_stock_table_overrides() -> None:
    rows = (
        row(Stock, site="trays", item="package", on_hand=77),
        row(Stock, site="integrator", item="tray"),
    )
    assert snapshot(scaled_chain(stock=rows)).on_hand["trays", "package"] == 77


def test_orders_due_before_the_start_are_served_or_overdue() -> None:
    early = tuple(
        order.model_copy(update={"order": f"before-{n}", "requested": day(-7 * n)})
        for n, order in enumerate(weekly_orders("campus", "rack_accepted", 2, 3), start=1)
    )
    world = chain_world()
    state = snapshot(world.model_copy(update={"orders": (*early, *world.orders)}))
    assert set(state.delivered) <= {"before-1", "before-2"}
    assert sum(state.delivered.values()) <= 6
    assert state.accepted == {}


def test_safety_of_the_plan_is_stock_on_day_one() -> None:
    """Planned at a high quantile, done at the mean: what is safe arrives early and waits."""
    world = scaled_chain()
    lanes = tuple(
        lane.model_copy(update={"transit_days": lane.transit_days.__class__("uniform", (0.0, 6.0))})
        if lane.lane == "integrator-campus"
        else lane
        for lane in world.lanes
    )
    settings = world.settings.model_copy(update={"lead_time_quantile": 0.9})
    state = snapshot(world.model_copy(update={"lanes": lanes, "settings": settings}))
    moving = sum(shipment.quantity for shipment in state.in_transit if shipment.item == "rack_l11")
    assert moving == pytest.approx(40 * 3 / 7, abs=2)
    # Planned 5.4 days, done in 3: the rest of the way they stand at the campus.
    assert state.on_hand["campus", "rack_l11"] == pytest.approx(40 * 2.4 / 7, abs=2)


def test_buckets_are_weekly_around_the_start() -> None:
    edges = snapshot_edges(30 * WEEK_S) / WEEK_S
    assert edges[0] == -32
    assert 0 in edges
    assert list(edges[(edges >= -12) & (edges <= 0)]) == list(range(-12, 1))
    assert edges[-1] == 52


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_racks_of_several_levels_are_made_whole_together(share: float) -> None:
    """Two racks a week are 6 / 7 of one on a lane of three days, and more than half of one on the integrator's floor.

    Rounded for each level by itself there would be none.
    """
    on_site = levels_world(levels=({"level": "L10", "share": share}, {"level": "L11", "share": 1 - share}))
    coming = [each for each in snapshot(on_site).in_transit if each.item.startswith("rack")]
    assert sum(each.quantity for each in coming) == 1
    inside = [rack for rack in snapshot(two_ways_world(share)).racks if rack.item == "rack_l11"]
    assert len(inside) == 1
