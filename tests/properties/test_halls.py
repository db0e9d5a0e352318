"""Two halls of one site: no rack ever changes hall, the floor follows the schedule, and the bounds stand in order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from properties.hall_worlds import HALLS, hall_worlds, halls_of, with_halls
from properties.late_worlds_generated import REPLANS, planned_anew
from properties.log_reading import lines
from properties.test_bounds_ladder import floor_of, from_nothing, rungs_of
from properties.test_late_properties import assert_told_without_rest, view_of, why
from properties.test_schedule_in_simulation import busy_world, followed, from_empty_floor, scheduled_racks
from properties.worlds_generated import GENERATE, arm_of, some_disruptions
from worlds import day

from twin.events.canonical import log_digest
from twin.events.record import Log
from twin.model.scenario import Disruption, Target
from twin.model.units import WEEK_S
from twin.model.world import World
from twin.study.replicate import simulate_arm

FEW = settings(max_examples=10, phases=GENERATE)
EACH_RUNS_A_WORLD = settings(max_examples=25, phases=GENERATE)


def busy_halls(**cells: Any) -> World:
    """The busy integrator in two halls: in the east few quick places, in the west more and slower ones."""
    capacities = ({"bay": 2, "cell": 2}, {"bay": 3, "cell": 4})
    hours = {1: (None, 24.0), 2: (None, 40.0)}
    return with_halls(busy_world(), "rack_l11", capacities, hours, **cells)


def assert_nobody_moves(log: Log) -> None:
    """Every rack does all its attempts in one hall, the one that its row says."""
    told = {(line.item, line.order, line.unit): line.name for line in lines(log) if line.event == "bound"}
    done = halls_of(log)
    assert {rack: set(halls) for rack, halls in done.items() if len(set(halls)) > 1} == {}
    assert {rack: f"integrator/{halls[0]}" for rack, halls in done.items()}.items() <= told.items()


@EACH_RUNS_A_WORLD
@given(hall_worlds(), some_disruptions())
def test_no_rack_ever_changes_hall_where_the_floor_chooses(world: World, hits: tuple[Disruption, ...]) -> None:
    """Rework sends racks back to the first step, and waits that run out make them repeat it."""
    assert_nobody_moves(simulate_arm(arm_of(world, hits), 0).log)


@FEW
@given(hall_worlds(schedule_weeks=1), some_disruptions(), st.sampled_from(REPLANS))
def test_no_rack_ever_changes_hall_under_schedules_made_anew(
    world: World, hits: tuple[Disruption, ...], replan: dict[str, Any]
) -> None:
    arm = planned_anew(world, hits, replan)
    assert_nobody_moves(simulate_arm(arm, 0).log)


@EACH_RUNS_A_WORLD
@given(hall_worlds(), some_disruptions())
def test_the_links_of_late_orders_add_up_with_halls(world: World, hits: tuple[Disruption, ...]) -> None:
    arm = arm_of(world, hits)
    view = view_of(arm)
    assert_told_without_rest(why(arm, view), view)


@FEW
@given(hall_worlds(), st.integers(2, 6))
def test_programme_search_and_floor_stand_in_their_order_with_halls(world: World, weeks: int) -> None:
    """As in the ladder of bounds; racks take as long in either hall, and nobody waits for hours or limits."""
    routings = tuple(one.model_copy(update={"max_wait_hours_after": None}) for one in world.routings)
    seizes = tuple(one.model_copy(update={"mode_hours": None, "attended": False}) for one in world.routing_resources)
    world = world.model_copy(update={"routings": routings, "routing_resources": seizes})
    until_s = weeks * WEEK_S
    arm = from_nothing(world)
    floor = floor_of(simulate_arm(arm, 0).log, arm.ground.network, until_s)
    assume(floor.kits_s)
    rungs = rungs_of(arm.ground.case.world, floor, until_s)
    assert rungs.programme >= (rungs.search if rungs.is_closed else rungs.found) - 1e-6
    assert rungs.search >= rungs.found >= 0
    assert rungs.search >= len(floor.simulated_ends_s)


@pytest.mark.parametrize("cells", [{}, {"attended": True, "calendar": "long-day"}], ids=["all hours", "bays in shifts"])
def test_two_halls_run_as_scheduled(cells: dict[str, Any]) -> None:
    arm = from_empty_floor(busy_halls(**cells))
    assert scheduled_racks(arm) >= 20
    assert followed(arm) >= 60
    assert arm.playbook.opening is not None
    assert {each.mode for one in arm.playbook.opening.schedules for each in one.assignments} == {"", *HALLS}
    assert_nobody_moves(simulate_arm(arm, 0, noise=False).log)


def test_a_new_schedule_leaves_racks_in_their_halls() -> None:
    hit = Disruption(
        name="east",
        at=Target(site="integrator", resource="east_cell"),
        kind="capacity",
        capacity_left=0.5,
        starts=day(16),
        known_after_days=0.5,
        lasts_weeks=3,
    )
    arm = arm_of(busy_halls(), (hit,))
    for starts_s in arm.playbook.replan_at_s:
        assert followed(arm, starts_s) > 0
    assert_nobody_moves(simulate_arm(arm, 0).log)


def test_one_seed_gives_one_log_with_halls() -> None:
    logs = [log_digest(simulate_arm(arm_of(busy_halls()), 0).log) for _ in range(2)]
    assert logs[0] == logs[1]


def test_a_hall_that_is_lost_is_left_to_the_other() -> None:
    """While the east has no cells nobody is begun there, and plan and floor go on in the west."""
    lost = Disruption(
        name="east",
        at=Target(site="integrator", resource="east_cell"),
        kind="capacity",
        capacity_left=0.0,
        starts=day(14),
        known_after_days=0,
        lasts_weeks=4,
    )
    world = busy_halls()
    settings_ = world.settings.model_copy(update={"schedule_weeks": 0})
    arm = arm_of(world.model_copy(update={"settings": settings_}), (lost,))
    begun = [line for line in lines(simulate_arm(arm, 0).log) if line.event == "bound"]
    within = [line.name for line in begun if 2 * WEEK_S <= line.time_s < 6 * WEEK_S]
    assert set(within) == {"integrator/west"}
    assert {line.name for line in begun if line.time_s < 2 * WEEK_S} == {"integrator/east", "integrator/west"}
    (plan,) = (update.plan for update in arm.playbook.updates.values() if update.plan.starts_s == 2 * WEEK_S)
    made = plan.production["integration", "integrator", "rack_l11"]
    assert made[:3].sum() > 0


@pytest.mark.parametrize("schedule_weeks", [0, 1])
def test_a_hall_that_opens_later_is_begun_in_from_then_on(schedule_weeks: int) -> None:
    """The west has neither bays nor cells for two weeks: on the average of the first day nothing is held there."""
    world = busy_halls()
    shut = tuple(
        one.model_copy(update={"capacity": 0.0}) for one in world.resources if one.resource.startswith("west_")
    )
    opened = tuple(
        one.model_copy(update={"from_date": day(14)}) if one.resource.startswith("west_") else one
        for one in world.resources
    )
    settings_ = world.settings.model_copy(update={"schedule_weeks": schedule_weeks})
    arm = arm_of(world.model_copy(update={"resources": (*shut, *opened), "settings": settings_}))
    log = simulate_arm(arm, 0).log
    assert_nobody_moves(log)
    west = [line.time_s for line in lines(log) if line.event == "bound" and line.name == "integrator/west"]
    assert len(west) >= 20
    assert min(west) >= 2 * WEEK_S


def test_halls_are_filled_by_what_they_can_turn_out() -> None:
    """The east has bays for all and one cell, the west a few of both: most racks go west, though the east is first."""
    capacities = ({"bay": 12, "cell": 1}, {"bay": 3, "cell": 5})
    world = with_halls(busy_world(), "rack_l11", capacities, {1: (None, None), 2: (None, None)})
    quiet = world.model_copy(update={"settings": world.settings.model_copy(update={"schedule_weeks": 0})})
    arm = arm_of(replace_orders(quiet))
    begun = [line.name for line in lines(simulate_arm(arm, 0, noise=False).log) if line.event == "bound"]
    east = begun.count("integrator/east") / len(begun)
    assert 0.05 < east < 0.4


def replace_orders(world: World) -> World:
    """With fewer racks than the halls can do."""
    return world.model_copy(update={"orders": tuple(one.model_copy(update={"quantity": 15}) for one in world.orders)})
