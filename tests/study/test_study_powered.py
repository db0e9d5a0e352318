"""The load of test power in a result, and the bound on it, from worlds of a few tables."""

from __future__ import annotations

import pytest
from known.test_power_known import RACK_KW, RACKS_A_DAY, TEST_DAYS, hall_world
from properties.worlds_generated import arm_of
from worlds import chain_world, row

from twin.model.rows_make import Resource, RoutingResource
from twin.model.rows_power import Tariff
from twin.network.build import build_network
from twin.study.powered import power_bound, power_told
from twin.study.replicate import run_replication


def test_a_full_hall_is_told_by_the_hour_and_by_the_week() -> None:
    hall = hall_world()
    hours = {"site": "shop", "resource": "test_power", "usd_per_kwh": 0.1}
    limited = hall.model_copy(
        update={
            "resources": (row(Resource, site="shop", resource="test_power", capacity=20_000, unit="kW"),),
            "tariffs": (
                row(Tariff, **hours),
                row(Tariff, opens="16:00", closes="20:00", available_fraction=0.5, **hours),
            ),
        }
    )
    arm = arm_of(limited)
    runs = [run_replication(arm, number) for number in (0, 1)]
    told = power_told(runs, arm.ground.network)
    assert told is not None
    (load,) = told.loads
    assert told.bound is None, "nobody ordered"
    assert (load.site, load.resource) == ("shop", "test_power")
    assert (load.installed_kw, load.least_kw) == (20_000, 10_000)
    assert len(load.by_hour) == len(load.limit_by_hour) == 168
    assert len(load.by_week) == len(load.limit_by_week) == hall.settings.report_weeks
    assert load.by_week[5] == pytest.approx(RACKS_A_DAY * TEST_DAYS * RACK_KW)
    assert [load.limit_by_hour[hour] for hour in (15, 16, 19, 20)] == [20_000, 10_000, 10_000, 20_000]
    assert load.limit_by_week[3] == pytest.approx(20_000 - 10_000 * 4 / 24)
    assert load.energy_usd == pytest.approx(load.mean_kw * 0.1 * 168 * hall.settings.report_weeks)


def test_the_bound_counts_all_work_of_what_falls_due() -> None:
    """Two racks a week, 54 h of work at 100 kW in one step of three: 64.3 kW, for a week 200 kW."""
    world = chain_world()
    power = row(Resource, site="integrator", resource="kilowatts", capacity=0.5, unit="MW")
    hold = row(RoutingResource, item="rack_l11", level="L11", step=2, resource="kilowatts", amount=0.1)
    powered = world.model_copy(
        update={"resources": (*world.resources, power), "routing_resources": (*world.routing_resources, hold)}
    )
    bound = power_bound(build_network(powered))
    assert bound is not None
    assert bound.racks_per_week == pytest.approx(2.0)
    assert (bound.hours, bound.rack_kw) == (pytest.approx(54.0), pytest.approx(100.0))
    assert bound.routed_kw == pytest.approx(2 * 54 / 168 * 100)
    assert bound.all_week_kw == pytest.approx(200.0)


def test_without_power_nothing_is_told() -> None:
    world = chain_world()
    arm = arm_of(world)
    assert power_told([run_replication(arm, 0)], arm.ground.network) is None
    assert power_bound(arm.ground.network) is None
