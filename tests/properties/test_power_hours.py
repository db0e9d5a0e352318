"""Power by the hour on the floor: nothing begins that does not fit the hour, in any world, scheduled or not."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from properties.log_reading import Work, work_done
from properties.test_simulation_properties import assert_held_within_capacity
from properties.worlds_generated import GENERATE, arm_of, log_of, small_worlds
from worlds import chain_world, row

from twin.disrupt.availability import availability
from twin.events.canonical import log_digest
from twin.events.record import Log
from twin.metrics.late_world import LateWorld
from twin.model.rows_make import Resource, RoutingResource, RoutingStep
from twin.model.rows_power import Tariff
from twin.model.units import DAY_S, HOUR_S
from twin.model.world import World
from twin.network.build import build_network
from twin.network.record import Network
from twin.study.replicate import simulate_arm

FEW = settings(max_examples=15, phases=GENERATE)
FROM_H, UNTIL_H = 9, 20


def with_hours(world: World, fraction: float) -> World:
    """The generated world, its kilowatts cut by day."""
    hours: dict[str, Any] = {"site": "integrator", "resource": "kilowatts"}
    by_day = {"opens": f"{FROM_H:02d}:00", "closes": f"{UNTIL_H}:00", "available_fraction": fraction}
    return world.model_copy(
        update={
            "resources": tuple(
                one.model_copy(update={"unit": "kW"}) if one.resource == "kilowatts" else one for one in world.resources
            ),
            "tariffs": (
                row(Tariff, usd_per_kwh=0.1, **hours),
                row(Tariff, usd_per_kwh=0.3, **hours, **by_day),
            ),
        }
    )


def capacity_kw(world: World, time_s: float, fraction: float) -> float:
    """By the hour of the day, from the tables by hand."""
    installed = next(one.capacity for one in world.resources if one.resource == "kilowatts")
    by_day = FROM_H * HOUR_S <= time_s % DAY_S < UNTIL_H * HOUR_S
    return installed * (fraction if by_day else 1.0)


def work_on_power(log: Log, network: Network) -> list[Work]:
    """The steps that hold power and were begun in the log, by what they hold."""
    return [work for work in work_done(log, network) if work.name == "test" and work.start_s >= 0]


def held_kw(world: World, tests: list[Work], time_s: int) -> float:
    needed = next(one.amount for one in world.routing_resources if one.resource == "kilowatts")
    return needed * sum(each.start_s <= time_s < each.end_s for each in tests)


def room_for_one(world: World, fraction: float) -> float:
    """A fraction that leaves enough for one rack."""
    installed = next(one.capacity for one in world.resources if one.resource == "kilowatts")
    return max(fraction, next(one.amount for one in world.routing_resources if one.resource == "kilowatts") / installed)


@FEW
@given(small_worlds(schedule_weeks=1), st.sampled_from((0.4, 0.5, 0.8)))
def test_nothing_begins_that_its_hour_has_no_power_for(world: World, fraction: float) -> None:
    """Also with luck, breakdowns and rework: read from the steps of the log and the hours of the table."""
    fraction = room_for_one(world, fraction)
    hourly = with_hours(world, fraction)
    arm = arm_of(hourly)
    log = simulate_arm(arm, 0).log
    tests = work_on_power(log, arm.ground.network)
    for work in tests:
        if work.end_s > work.start_s > 0:
            assert held_kw(hourly, tests, work.start_s) <= capacity_kw(hourly, work.start_s, fraction) + 1e-6, work
    assert_held_within_capacity(log, arm.ground.network, arm.playbook.available)


@FEW
@given(small_worlds(schedule_weeks=1), st.sampled_from((0.4, 0.5, 0.8)))
def test_without_luck_no_hour_ever_holds_more_than_it_has(world: World, fraction: float) -> None:
    """Work is begun only where it fits until its end: the floor stays below the line at every moment."""
    fraction = room_for_one(world, fraction)
    hourly = with_hours(world, fraction)
    arm = arm_of(hourly)
    tests = work_on_power(simulate_arm(arm, 0, noise=False).log, arm.ground.network)
    days = range(7 * (hourly.settings.report_weeks + hourly.settings.tail_weeks))
    edges = [day * DAY_S + hour * HOUR_S for day in days for hour in (0, FROM_H, UNTIL_H)]
    for time_s in {*edges, *(work.start_s for work in tests if work.end_s > work.start_s > 0)}:
        assert held_kw(hourly, tests, time_s) <= capacity_kw(hourly, time_s, fraction) + 1e-6, time_s


@FEW
@given(small_worlds(schedule_weeks=1))
def test_a_price_alone_changes_no_row_of_the_log(world: World) -> None:
    priced = with_hours(world, 1.0)
    plain = priced.model_copy(update={"tariffs": ()})
    assert log_digest(log_of(priced)) == log_digest(log_of(plain))


def test_hours_are_felt() -> None:
    """A chain whose test takes 60 h on 100 of 200 kW: with half by day one rack is tested at a time, and not two."""
    world = chain_world(racks_per_week=4)
    slow = tuple(
        row(RoutingStep, item=one.item, level="L11", step=one.step, name=one.name, hours="60")
        if one.name == "test"
        else one
        for one in world.routings
    )
    power = row(Resource, site="integrator", resource="kilowatts", capacity=200, unit="kW")
    hold = row(RoutingResource, item="rack_l11", level="L11", step=2, resource="kilowatts", amount=100)
    powered = world.model_copy(
        update={
            "resources": (*world.resources, power),
            "routings": slow,
            "routing_resources": (*world.routing_resources, hold),
        }
    )
    for fraction, most in ((1.0, 200.0), (0.5, 100.0)):
        hourly = with_hours(powered, fraction)
        arm = arm_of(hourly)
        tests = work_on_power(simulate_arm(arm, 0).log, arm.ground.network)
        assert max(held_kw(hourly, tests, work.start_s) for work in tests) == most


def test_a_wait_that_ends_with_the_hour_can_be_told_by_it() -> None:
    """The moment at which the hours give power back, and no other, is one at which there is more of it."""
    world = chain_world()
    power = row(Resource, site="integrator", resource="kilowatts", capacity=200, unit="kW")
    hold = row(RoutingResource, item="rack_l11", level="L11", step=2, resource="kilowatts", amount=100)
    powered = {"resources": (*world.resources, power), "routing_resources": (*world.routing_resources, hold)}
    hourly = with_hours(world.model_copy(update=powered), 0.5)
    short = tuple(
        row(RoutingStep, item=one.item, level="L11", step=one.step, name=one.name, hours="2") for one in world.routings
    )
    network = build_network(hourly.model_copy(update={"routings": short}))
    told = LateWorld(network=network, availability=availability(network, ()), process_s={}, lane_s={})
    hours = [hour for hour in range(24, 48) if told.rose("integrator", "kilowatts", hour * HOUR_S)]
    assert hours == [24 + UNTIL_H]
