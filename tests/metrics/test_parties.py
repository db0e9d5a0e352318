"""Capital by owner, lateness in money, orders by status, emissions of freight: each by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from log_builder import Story, facts
from properties.worlds_generated import GENERATE, arm_of, small_worlds, some_disruptions
from worlds import chain_world, row

from twin.events.record import Log
from twin.metrics.dictionary import compute_kpis
from twin.metrics.facts import facts_from
from twin.model.case import make_case
from twin.model.distance import EARTH_RADIUS_KM, great_circle_km
from twin.model.rows_demand import Stock
from twin.model.scenario import Scenario
from twin.model.units import DAY_S, WEEK_S
from twin.model.world import World
from twin.network.build import build_network
from twin.study.replicate import simulate_arm

FEW = settings(max_examples=10, phases=GENERATE)
DC = "site:dc"


def parts_of(found: dict[str, float], name: str) -> dict[str, float]:
    return {key.partition(":")[2]: value for key, value in found.items() if key.startswith(f"{name}:")}


# --- owners -----------------------------------------------------------------------------------


def marked() -> Log:
    """Two marks: parts on hand 6 and 2, one rack in process, two racks on the way."""
    story = Story(weeks=2)
    for week, on_hand in ((1, 6), (2, 2)):
        story.tell(week * WEEK_S, "level", "site:f", "part", quantity=on_hand)
        story.tell(week * WEEK_S, "level", "process:build@f", "rack", quantity=1)
        story.tell(week * WEEK_S, "level", "lane:f-dc", "rack", quantity=2)
    return story.log()


def test_without_a_word_all_is_the_operators_and_the_way_is_the_senders() -> None:
    found = compute_kpis(marked(), facts(operators={"f": "Maker", "dc": "Cloud"}))
    assert parts_of(found, "wip_capital_usd_by_owner") == {"Maker": pytest.approx(40 + 70 + 200)}


def test_consigned_parts_are_their_owners_and_title_at_the_origin_makes_the_way_the_receivers() -> None:
    world = facts(
        operators={"f": "Maker", "dc": "Cloud"},
        owners={("f", "part"): "Chip House"},
        title_at_origin=frozenset({"f-dc"}),
    )
    found = parts_of(compute_kpis(marked(), world), "wip_capital_usd_by_owner")
    assert found == pytest.approx({"Chip House": 40, "Maker": 70, "Cloud": 200})


def test_work_in_process_is_the_owners_of_what_comes_out() -> None:
    world = facts(operators={"f": "Maker"}, owners={("f", "rack"): "Cloud"})
    found = parts_of(compute_kpis(marked(), world), "wip_capital_usd_by_owner")
    assert found == pytest.approx({"Maker": 40, "Cloud": 70 + 200})


def test_a_site_without_an_operator_owns_in_its_own_name() -> None:
    assert parts_of(compute_kpis(marked(), facts()), "wip_capital_usd_by_owner") == {"f": pytest.approx(310)}


@FEW
@given(small_worlds(), some_disruptions())
def test_owners_add_up_to_the_network(world: World, hits: tuple) -> None:
    """Half of the stocks are someone else's, and every other lane passes title at its origin."""
    lanes = tuple(
        lane.model_copy(update={"title_passes_at": "origin"}) if number % 2 else lane
        for number, lane in enumerate(world.lanes)
    )
    held = {(row.site, row.item) for row in world.stock}
    owned = tuple(
        row(Stock, site=process.site, item=process.item, owner="Lender")
        for process in world.processes[::2]
        if (process.site, process.item) not in held
    )
    stock = tuple({(each.site, each.item): each for each in owned}.values())
    arm = arm_of(world.model_copy(update={"lanes": lanes, "stock": (*world.stock, *stock)}), hits)
    found = compute_kpis(simulate_arm(arm, 0).log, facts_from(arm.ground.network))
    by_owner = parts_of(found, "wip_capital_usd_by_owner")
    assert math.fsum(by_owner.values()) == pytest.approx(found["wip_capital_usd"])
    assert len(by_owner) > 1


# --- what lateness costs ----------------------------------------------------------------------


def late_story() -> Log:
    """Over two weeks: order a, two units, one 3.5 days late and one never; b on time; c due after the end."""
    story = Story(weeks=2, tail_weeks=1)
    half, end = WEEK_S // 2, 2 * WEEK_S
    for order, units, due_s in (("a", 2, WEEK_S), ("b", 1, WEEK_S), ("c", 1, end + half)):
        story.tell(0, "ordered", DC, "rack_done", order, quantity=units, since_s=0, value=due_s)
    story.tell(half, "accepted", DC, "rack_done", "b", 0, quantity=1)
    story.tell(half, "completed", DC, "rack_done", "b", since_s=0, value=WEEK_S)
    story.tell(WEEK_S, "due", DC, "rack_done", "a", quantity=2)
    story.tell(WEEK_S, "due", DC, "rack_done", "b", quantity=1)
    story.tell(WEEK_S + half, "accepted", DC, "rack_done", "a", 0, quantity=1)
    story.tell(end + half, "due", DC, "rack_done", "c", quantity=1)
    return story.log()


def test_lateness_costs_by_unit_and_week_within_the_report_window() -> None:
    world = facts(
        customer_of={"a": "acme", "b": "acme", "c": "bolt"}, late_usd_per_week={"a": 100.0, "b": 7.0, "c": 1000.0}
    )
    found = compute_kpis(late_story(), world)
    assert found["late_usd"] == pytest.approx(100 * (0.5 + 1.0))
    assert parts_of(found, "late_usd_by_customer") == pytest.approx({"acme": 150, "bolt": 0})


def test_where_lateness_has_no_price_there_is_no_such_measure() -> None:
    found = compute_kpis(late_story(), facts(customer_of={"a": "acme"}))
    assert math.isnan(found["late_usd"])
    assert parts_of(found, "late_usd_by_customer") == {}


# --- how sure orders are ----------------------------------------------------------------------


def test_orders_are_told_by_status_where_there_is_more_than_one() -> None:
    found = compute_kpis(late_story(), facts(status_of={"a": "firm", "b": "reserved", "c": "forecast"}))
    assert parts_of(found, "on_time_in_full_by_status") == pytest.approx(
        {"firm": 0, "forecast": math.nan, "reserved": 1}, nan_ok=True
    )
    assert parts_of(found, "racks_accepted_by_status") == {"firm": 1, "forecast": 0, "reserved": 1}
    assert parts_of(found, "backlog_end_racks_by_status") == {"firm": 1, "forecast": 0, "reserved": 0}


def test_what_falls_due_after_the_report_window_makes_no_second_status() -> None:
    found = compute_kpis(late_story(), facts(status_of={"a": "firm", "b": "firm", "c": "forecast"}))
    assert not any("_by_status" in name for name in found)


@FEW
@given(small_worlds(), some_disruptions())
def test_statuses_add_up_and_change_nothing_but_what_is_told(world: World, hits: tuple) -> None:
    orders = tuple(
        order.model_copy(update={"status": ("firm", "reserved", "forecast")[number % 3]})
        for number, order in enumerate(world.orders)
    )
    arm = arm_of(world.model_copy(update={"orders": orders}), hits)
    log = simulate_arm(arm, 0).log
    assert log.rows.tobytes() == simulate_arm(arm_of(world, hits), 0).log.rows.tobytes()
    found = compute_kpis(log, facts_from(arm.ground.network))
    for name in ("racks_accepted", "backlog_end_racks"):
        assert sum(parts_of(found, f"{name}_by_status").values()) == found[name]


# --- emissions of freight ---------------------------------------------------------------------


def test_the_great_circle() -> None:
    quarter = math.pi / 2 * EARTH_RADIUS_KM
    assert great_circle_km((0, 0), (0, 90)) == pytest.approx(quarter)
    assert great_circle_km((0, 179), (0, -179)) == pytest.approx(quarter / 45)
    assert great_circle_km((90, 12), (-90, 77)) == pytest.approx(2 * quarter)
    assert great_circle_km((24.2, 120.6), (24.2, 120.6)) == 0
    assert great_circle_km(TAIPEI, HOUSTON) == pytest.approx(EARTH_RADIUS_KM * angle(TAIPEI, HOUSTON))


TAIPEI, HOUSTON = (25.08, 121.23), (29.99, -95.34)


def angle(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Between two places as vectors from the middle of the earth."""
    (u, v), (x, y) = (tuple(map(math.radians, place)) for place in (start, end))
    return math.acos(math.sin(u) * math.sin(x) + math.cos(u) * math.cos(x) * math.cos(v - y))


def placed(world: World, **where: tuple[float, float]) -> World:
    """A quarter of the equator between the integrator and the campus."""
    sites = tuple(
        site.model_copy(update=dict(zip(("latitude", "longitude"), where[site.site], strict=True)))
        if site.site in where
        else site
        for site in world.sites
    )
    lanes = tuple(
        lane.model_copy(update={"co2_kg_per_tonne_km": 0.5}) if lane.lane == "integrator-campus" else lane
        for lane in world.lanes
    )
    return world.model_copy(update={"sites": sites, "lanes": lanes})


def emitted(world: World) -> float:
    """Kilograms for a rack of a thousand kilograms that went to the campus and was accepted, and one on its way."""
    story = Story(weeks=1)
    for unit in (0, 1):
        story.tell(unit + 1, "shipped", "lane:integrator-campus", "rack_l11", "a", unit, quantity=1)
    story.tell(9, "shipped", "lane:trays-integrator", "tray", quantity=40)
    story.tell(DAY_S, "accepted", "site:campus", "rack_accepted", "a", 0, quantity=1)
    return compute_kpis(story.log(), facts_from(build_network(world)))["freight_co2_kg_per_rack"]


def test_emissions_are_mass_times_way_times_emission() -> None:
    world = placed(chain_world(), integrator=(0.0, 0.0), campus=(0.0, 90.0))
    assert emitted(world) == pytest.approx(2 * 1.0 * math.pi / 2 * EARTH_RADIUS_KM * 0.5)


def test_a_lane_that_is_not_on_the_map_leaves_emissions_untold_and_says_so() -> None:
    world = placed(chain_world(), integrator=(0.0, 0.0))
    assert math.isnan(emitted(world))
    (told,) = make_case(world, Scenario(name="bare")).warnings
    assert told.endswith("no latitude and longitude: campus")
    assert math.isnan(emitted(chain_world()))
    assert make_case(chain_world(), Scenario(name="bare")).warnings == ()
