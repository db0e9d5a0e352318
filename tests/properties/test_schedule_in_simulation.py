"""Without noise the floor does what the schedule says, operation by operation, to the second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.log_reading import Work, work_done
from properties.worlds_generated import GENERATE, QUICK, arm_of
from worlds import STARTS, day, noisy_chain_world, row

from twin.events.canonical import before, log_digest
from twin.model.case import make_case
from twin.model.rows_make import CalendarRow
from twin.model.scenario import Disruption, Scenario, Target
from twin.model.state import State
from twin.model.units import DAY_S, WEEK_S
from twin.model.world import Settings, World
from twin.schedule.record import Schedule
from twin.study.ground import lay_ground
from twin.study.playbook import make_playbook
from twin.study.replicate import Arm, simulate_arm

FEW = settings(max_examples=8, phases=GENERATE)


def busy_world(
    racks_per_week: int = 20,
    schedule_weeks: int = 2,
    *,
    bays: int = 4,
    cells: int = 6,
    attended: Sequence[str] = (),
    calendar: str = "long-day",
) -> World:
    """The noisy chain with enough of everything upstream, and an integrator that is loaded.

    `attended` names the resources of the integrator whose work stops when their calendar closes.
    """
    world = noisy_chain_world(racks_per_week=racks_per_week)
    hours = row(CalendarRow, calendar="long-day", weekday="mon-sat", opens="06:00", closes="22:00")
    closed = row(CalendarRow, calendar="inventory", closed_from=day(3), closed_to=day(4))
    capacity = {"bay": bays, "cell": cells, "crew": 10 * racks_per_week}
    changed: dict[str, Any] = {
        "settings": Settings(starts=STARTS, report_weeks=12, tail_weeks=8, schedule_weeks=schedule_weeks),
        "calendars": (*world.calendars, hours, closed),
        "resources": tuple(
            one.model_copy(
                update={
                    "capacity": capacity[one.resource],
                    "calendar": calendar if one.resource in attended else one.calendar,
                }
            )
            for one in world.resources
        ),
        "processes": tuple(
            one
            if one.capacity_per_week is None
            else one.model_copy(update={"capacity_per_week": one.capacity_per_week * racks_per_week})
            for one in world.processes
        ),
        "routing_resources": tuple(
            one.model_copy(update={"attended": one.attended or one.resource in attended})
            for one in world.routing_resources
        ),
    }
    return world.model_copy(update=changed)


def differences(works: list[Work], schedule: Schedule, starts_s: int, ends_s: int) -> list[str]:
    """Operations of a window that did not run as scheduled, first attempts taken."""
    ran = {
        (work.order, work.unit, work.item, work.step): (work.start_s, work.end_s)
        for work in works
        if work.site == schedule.site and work.attempt == 1 and work.end_s > starts_s
    }
    first: dict[tuple[str, int, str], int] = {}
    for each in schedule.assignments:
        unit = (each.order, each.unit, each.item)
        first[unit] = min(first.get(unit, each.step), each.step)
    found_under_way = {
        (each.order, each.unit, each.item, each.step)
        for each in schedule.assignments
        if each.start_s == starts_s and first[each.order, each.unit, each.item] == each.step
    }
    found = []
    for each in schedule.assignments:
        if not starts_s <= each.start_s < ends_s:
            continue
        real = ran.get((each.order, each.unit, each.item, each.step))
        # A step found under way began before the window, or goes on when its resources open.
        under_way = (each.order, each.unit, each.item, each.step) in found_under_way
        if real is None or (real[0] != each.start_s and not under_way) or real[1] != each.end_s:
            found.append(f"{each}: ran {real}")
    return found


def followed(arm: Arm, starts_s: int = 0) -> int:
    """Hold the window's schedules against a run without noise; how many operations they have."""
    works = work_done(simulate_arm(arm, 0, noise=False).log, arm.ground.network)
    update = arm.playbook.opening if starts_s == 0 else arm.playbook.updates[starts_s]
    assert update is not None
    ends_s = min(
        [starts_s + arm.ground.case.world.settings.schedule_weeks * WEEK_S]
        + [at_s for at_s in arm.playbook.replan_at_s if at_s > starts_s]
    )
    for schedule in update.schedules:
        assert differences(works, schedule, starts_s, ends_s) == []
    return sum(len(schedule.assignments) for schedule in update.schedules)


def from_empty_floor(world: World) -> Arm:
    """Day one with trays for two weeks at the integrator and nothing on its floor."""
    ground = lay_ground(make_case(world, Scenario(name="empty-floor", budgets=QUICK)))
    ground = replace(ground, day_one=State(on_hand={("integrator", "tray"): 120.0}))
    return Arm(ground=ground, disruptions=(), playbook=make_playbook(ground, ()), seed=1)


def scheduled_racks(arm: Arm) -> int:
    assert arm.playbook.opening is not None
    return sum(schedule.racks for schedule in arm.playbook.opening.schedules)


SHIFTS = pytest.mark.parametrize(
    ("attended", "calendar"),
    [((), "long-day"), (("bay",), "long-day"), (("bay", "cell"), "long-day"), (("bay",), "inventory")],
    ids=["all hours", "bays in shifts", "all in shifts", "two closed days"],
)


@SHIFTS
def test_an_empty_integrator_runs_as_scheduled(attended: tuple[str, ...], calendar: str) -> None:
    """Some forty racks in a fortnight, from trays on hand."""
    arm = from_empty_floor(busy_world(attended=attended, calendar=calendar))
    assert scheduled_racks(arm) >= 20
    assert followed(arm) >= 60


@SHIFTS
def test_a_loaded_integrator_runs_as_scheduled(attended: tuple[str, ...], calendar: str) -> None:
    """The same with what the day-one snapshot has on the floor."""
    arm = arm_of(busy_world(attended=attended, calendar=calendar))
    assert scheduled_racks(arm) >= 20
    assert followed(arm) >= 60


@SHIFTS
def test_day_one_fits_the_floor(attended: tuple[str, ...], calendar: str) -> None:
    """Racks found on the floor and under way hold no more than there is; the others wait their turn."""
    arm = arm_of(busy_world(attended=attended, calendar=calendar))
    found = [unit for unit in simulate_arm(arm, 0, noise=False).releases if unit.inside]
    assert len(found) == sum(rack.site == "integrator" for rack in arm.ground.day_one.racks)
    held: dict[tuple[str, str], float] = {}
    network = arm.ground.network
    for unit in found:
        if unit.under_way:
            for need in network.seizes[network.routed_at(unit.site, unit.item)[0], unit.step]:
                key = (unit.site, need.resource)
                held[key] = held.get(key, 0.0) + need.amount
    capacity = {(one.site, one.resource): one.capacity for one in arm.ground.case.world.resources}
    assert {key: amount for key, amount in held.items() if amount > capacity[key]} == {}


@FEW
@given(
    racks=st.integers(10, 30),
    weeks=st.integers(1, 2),
    bays=st.integers(2, 8),
    cells=st.integers(2, 10),
    attended=st.sampled_from(((), ("bay",), ("cell",), ("bay", "cell"))),
    calendar=st.sampled_from(("long-day", "inventory", "day-shift")),
)
def test_whatever_the_floor_it_runs_as_scheduled(
    racks: int, weeks: int, bays: int, cells: int, attended: tuple[str, ...], calendar: str
) -> None:
    """Too small, too large, open or closed."""
    followed(from_empty_floor(busy_world(racks, weeks, bays=bays, cells=cells, attended=attended, calendar=calendar)))


def test_a_schedule_foresees_nothing() -> None:
    """An outage inside the first window, known when it starts, leaves the opening schedule as it is."""
    hit = Disruption(
        name="cells",
        at=Target(site="integrator", resource="cell"),
        kind="outage",
        starts=day(9),
        known_after_days=0,
        lasts_weeks=2,
    )
    calm, hurt = arm_of(busy_world()), arm_of(busy_world(), (hit,))
    logs = [before(simulate_arm(arm, 0).log, 9 * DAY_S) for arm in (calm, hurt)]
    assert log_digest(logs[0]) == log_digest(logs[1])
    assert calm.playbook.opening is not None
    assert hurt.playbook.opening is not None
    assert calm.playbook.opening.schedules == hurt.playbook.opening.schedules


@SHIFTS
@pytest.mark.parametrize("known_after_days", [0.5, 0.75])
def test_a_new_plan_brings_a_schedule_that_is_followed_too(
    attended: tuple[str, ...], calendar: str, known_after_days: float
) -> None:
    """A cell's loss becomes known in the third week, at noon or in the evening, when shifts are over.

    The window after it starts from what is on the floor: work under way has so many open hours left.
    """
    hit = Disruption(
        name="cells",
        at=Target(site="integrator", resource="cell"),
        kind="capacity",
        capacity_left=0.5,
        starts=day(16),
        known_after_days=known_after_days,
        lasts_weeks=3,
    )
    arm = arm_of(busy_world(attended=attended, calendar=calendar), (hit,))
    assert len(arm.playbook.replan_at_s) == 2
    for starts_s in arm.playbook.replan_at_s:
        assert followed(arm, starts_s) > 0
