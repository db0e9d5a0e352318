"""Test power by Little's law: racks a day x days of test x kilowatts, through tables, floor, log and measures."""

from __future__ import annotations

from datetime import timedelta

import pytest
from known.ladder import exact
from known.stock_worlds import customers
from properties.worlds_generated import arm_of
from worlds import SOURCE, STARTS, row

from twin.metrics.dictionary import compute_kpis
from twin.metrics.facts import facts_from
from twin.metrics.power import all_powered_kw
from twin.metrics.view import View
from twin.model.rows_demand import Stock
from twin.model.rows_make import Process, Resource, RoutingResource, RoutingStep
from twin.model.rows_network import Item, Site
from twin.model.rows_power import Tariff
from twin.model.world import Settings, World
from twin.network.build import build_network
from twin.study.replicate import simulate_arm

LITTLE = {"source": "racks a day x days x kilowatts (Little 1961)", "family": "Little's law"}
TARIFF = {"source": "kilowatts x hours x price of the hour", "family": "Little's law"}
RACK_KW, TEST_DAYS, RACKS_A_DAY, WEEKS = 132.0, 2, 20, 20
DAYS = WEEKS * 7
POWER = "shop/test_power"


def hall_world(unit: str = "kW", each: float = RACK_KW) -> World:
    """A hall without limits, to which a rack comes every 72 minutes and is tested for two days at 132 kW."""
    return World(
        name="hall",
        settings=Settings(starts=STARTS, report_weeks=WEEKS, tail_weeks=1, schedule_weeks=0),
        items=(row(Item, item="part", kind="rack"),),
        sites=(row(Site, site="shop", kind="rack_integration"),),
        processes=(row(Process, process="testing", site="shop", item="part"),),
        resources=(row(Resource, site="shop", resource="test_power", capacity=1e6, unit=unit),),
        routings=(row(RoutingStep, item="part", level="L11", step=1, name="soak", hours=str(24 * TEST_DAYS)),),
        routing_resources=(row(RoutingResource, item="part", level="L11", step=1, resource="test_power", amount=each),),
        stock=(row(Stock, site="shop", item="part", policy="base_stock(0)"),),
        demand=(customers(str(1 / RACKS_A_DAY)),),
        sources=(SOURCE,),
    )


def view_of(world: World) -> View:
    return View(simulate_arm(arm_of(world), 0).log, facts_from(build_network(world)))


def test_mean_and_peak_power_are_littles() -> None:
    """5.28 MW once the hall is full, which it is after two days; the first rack comes after 72 minutes."""
    curve = view_of(hall_world()).load_curves[POWER]
    full_kw = RACKS_A_DAY * TEST_DAYS * RACK_KW
    exact("20 racks a day, 2 days at 132 kW: power held", full_kw, curve.peak_kw, unit="kW", **LITTLE)
    by_hour = curve.by_hour_of_week()
    assert len(by_hour) == 168
    assert by_hour[60:] == pytest.approx(full_kw)
    # Those who come in the last two days of the window have part of their test after it.
    first = 1 / RACKS_A_DAY
    come = [first * n for n in range(1, DAYS * RACKS_A_DAY)]
    held = sum(min(TEST_DAYS, DAYS - day) for day in come) * RACK_KW / DAYS
    exact("the same, mean from an empty hall on", held, curve.mean_kw, unit="kW", **LITTLE)


def test_megawatts_are_a_thousand_kilowatts() -> None:
    found = view_of(hall_world("MW", RACK_KW / 1000)).load_curves[POWER]
    assert found.peak_kw == pytest.approx(RACKS_A_DAY * TEST_DAYS * RACK_KW)


def test_a_second_process_by_the_same_routing_draws_nothing_of_its_own() -> None:
    world = hall_world()
    second = row(Process, process="testing-too", site="shop", item="part")
    found = view_of(world.model_copy(update={"processes": (*world.processes, second)})).load_curves[POWER]
    assert found.peak_kw == pytest.approx(RACKS_A_DAY * TEST_DAYS * RACK_KW)


def test_a_world_without_power_has_no_curve() -> None:
    world = hall_world("bays")
    found = compute_kpis(simulate_arm(arm_of(world), 0).log, facts_from(build_network(world)))
    assert found["test_mwh_per_rack"] != found["test_mwh_per_rack"]
    assert not [name for name in found if name.startswith("test_peak_kw")]


def test_energy_of_a_rack_is_its_power_times_its_hours() -> None:
    """6.336 MWh; what the racks inside at the end still lack is half of theirs."""
    arm = arm_of(hall_world())
    log = simulate_arm(arm, 0).log
    ended = float(log.of("step").sum())
    curve = View(log, facts_from(build_network(hall_world()))).load_curves[POWER]
    assert ended == pytest.approx(DAYS * RACKS_A_DAY, abs=7 * RACKS_A_DAY)
    inside = curve.mean_kw * DAYS * 24 / 1000 / (DAYS * RACKS_A_DAY - 1 - TEST_DAYS * RACKS_A_DAY / 2)
    assert inside == pytest.approx(RACK_KW * TEST_DAYS * 24 / 1000, rel=1e-3)


def test_energy_by_the_hour_costs_what_the_hours_of_a_day_cost() -> None:
    """Two days of test hold five dear hours and nineteen cheap ones twice, whenever they begin.

    132 kW x 2 x (5 h x 0.30 + 19 h x 0.10) = 897.6 dollars a rack. No rack comes in the last days, so all
    have ended in the window.
    """
    base = hall_world()
    last = DAYS - TEST_DAYS - 2
    hall = base.model_copy(
        update={
            "resources": (row(Resource, site="shop", resource="test_power", capacity=5280, unit="kW"),),
            "demand": (customers(str(1 / RACKS_A_DAY), to=STARTS + timedelta(days=last)),),
            "tariffs": (
                row(Tariff, site="shop", resource="test_power", usd_per_kwh=0.1),
                row(Tariff, site="shop", resource="test_power", opens="16:00", closes="21:00", usd_per_kwh=0.3),
            ),
        }
    )
    log = simulate_arm(arm_of(hall), 0).log
    found = compute_kpis(log, facts_from(build_network(hall)))
    racks = float(log.of("step").sum())
    assert racks > RACKS_A_DAY * (last - 1)
    by_rack = found[f"test_energy_usd:{POWER}"] / racks
    exact("2 days at 132 kW, 5 hours a day at 0.30, 19 at 0.10", 897.6, by_rack, unit="USD/rack", **TARIFF)
    assert not [name for name in found if name.startswith("test_over_mwh")], "all of it is there at all hours"


def test_power_held_beyond_what_its_hours_leave_is_told() -> None:
    """Tests that take longer than their mean hours reach into the day: found hour by hour from the curve itself."""
    base, installed_kw = hall_world(), 1000.0
    soak = row(RoutingStep, item="part", level="L11", step=1, name="soak", hours="triangular(4, 6, 14)")
    usual = {"site": "shop", "resource": "test_power", "usd_per_kwh": 0.1}
    hall = base.model_copy(
        update={
            "routings": (soak,),
            "resources": (row(Resource, site="shop", resource="test_power", capacity=installed_kw, unit="kW"),),
            "tariffs": (
                row(Tariff, **usual),
                row(Tariff, opens="06:00", closes="18:00", available_fraction=0.2, **usual),
            ),
        }
    )
    view = view_of(hall)
    found = compute_kpis(view.log, view.facts)[f"test_over_mwh:{POWER}"]
    curve = view.load_curves[POWER]
    over = 0.0
    for begins_s, ends_s, held_kw in zip(curve.edges_s, curve.edges_s[1:], curve.held_kw, strict=False):
        for day in range(int(begins_s // 86_400), int(ends_s // 86_400) + 1):
            by_day_s = min(ends_s, day * 86_400 + 64_800) - max(begins_s, day * 86_400 + 21_600)
            over += max(by_day_s, 0.0) / 3600 * max(held_kw - 0.2 * installed_kw, 0.0)
    assert over > 0
    assert found == pytest.approx(over / 1000)


def test_a_gigawatt_a_week_with_a_week_of_dwell_needs_a_gigawatt() -> None:
    """As said in the interview (Fridman 494, 44:42): an upper bound, since a rack is not under full load all week.

    50 GW in 50 weeks are 1 GW of racks a week; all of them powered for the week of their build and test, 1 GW.
    """
    racks_a_week = 50e6 / 50 / RACK_KW
    needed = all_powered_kw(racks_a_week, 7 * 24, RACK_KW)
    exact("50 GW in 50 weeks, a week of dwell, all powered", 1e6, needed, unit="kW", **LITTLE)
    soak = all_powered_kw(racks_a_week, TEST_DAYS * 24, RACK_KW)
    exact("the same, two days of test powered", 1e6 * 2 / 7, soak, unit="kW", **LITTLE)
