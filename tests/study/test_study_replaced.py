"""Schedules made anew while others are in force: what they take over, and what is told of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from properties.test_schedule_in_simulation import busy_world, followed
from properties.worlds_generated import QUICK
from worlds import day

from twin.cli.tables_schedule import moves_told
from twin.metrics.facts import facts_from
from twin.metrics.stations import moved_operations
from twin.metrics.view import View
from twin.model.case import make_case
from twin.model.scenario import Disruption, Scenario, Target
from twin.model.state import State
from twin.model.units import DAY_S
from twin.study.ground import Ground, lay_ground
from twin.study.playbook import make_playbook
from twin.study.replicate import Arm, simulate_arm
from twin.study.run import schedule_summary, windows

NEVER_H = 1e6
LOST = Disruption(
    name="cells",
    at=Target(site="integrator", resource="cell"),
    kind="capacity",
    capacity_left=0.5,
    starts=day(4),
    known_after_days=0,
    lasts_days=3,
)


def loaded_ground(move_hours: float = 1.0, *hits: Disruption) -> Ground:
    """Trays for forty racks at an integrator that is empty at the start."""
    world = busy_world()
    world = world.model_copy(update={"settings": world.settings.model_copy(update={"schedule_move_hours": move_hours})})
    ground = lay_ground(make_case(world, Scenario(name="again", budgets=QUICK, disruptions=list(hits))))
    return replace(ground, day_one=State(on_hand={("integrator", "tray"): 120.0}))


def arm_of(ground: Ground, *hits: Disruption, moments: tuple[int, ...] | None = None) -> Arm:
    return Arm(ground=ground, disruptions=hits, playbook=make_playbook(ground, hits, moments=moments), seed=1)


@pytest.fixture(scope="module")
def undisturbed() -> Arm:
    return arm_of(loaded_ground(NEVER_H), moments=(4 * DAY_S, 22 * DAY_S))


def test_a_plan_made_anew_in_midst_of_a_schedule_takes_it_over(undisturbed: Arm) -> None:
    """What is on the floor stays; only racks that the new plan releases later than they were to start may move.

    After the window there is nothing to move.
    """
    (old,) = undisturbed.playbook.opening.schedules  # type: ignore[union-attr]
    (first,), (second,) = (undisturbed.playbook.updates[at_s].schedules for at_s in (4 * DAY_S, 22 * DAY_S))
    starts_s = {(each.order, each.unit, each.step): each.start_s for each in old.assignments}
    stayed = [each for each in first.assignments if each.start_s == starts_s.get((each.order, each.unit, each.step))]
    on_the_floor = {(each.order, each.unit) for each in old.assignments if each.step == 1 and each.start_s < 4 * DAY_S}
    waiting = [
        each for each in old.assignments if (each.order, each.unit) in on_the_floor and each.start_s >= 4 * DAY_S
    ]
    assert len(waiting) > 8
    assert {(each.order, each.unit, each.step) for each in waiting} <= {
        (each.order, each.unit, each.step) for each in stayed
    }
    assert first.standing_operations - first.moved_operations >= len(waiting)
    assert (second.standing_operations, second.moved_operations) == (0, 0)
    assert followed(undisturbed, 4 * DAY_S) > 0


def test_the_log_and_the_dictionary_count_what_moved(undisturbed: Arm) -> None:
    log = simulate_arm(undisturbed, 0).log
    rows = log.rows[log.of("planned")]
    first, second = (undisturbed.playbook.updates[at_s].schedules[0] for at_s in (4 * DAY_S, 22 * DAY_S))
    assert rows[:, 8].tolist() == [first.moved_operations, second.moved_operations]
    assert rows[0, 11] == first.standing_operations
    assert rows[1, 11] != rows[1, 11]
    assert moved_operations(View(log, facts_from(undisturbed.ground.network))) == first.moved_operations


def test_lost_cells_move_operations_and_a_price_moves_fewer() -> None:
    moved = []
    for move_hours in (0.0, NEVER_H):
        arm = arm_of(loaded_ground(move_hours, LOST), LOST)
        (schedule,) = arm.playbook.updates[4 * DAY_S].schedules
        assert 0 < schedule.moved_operations <= schedule.standing_operations
        assert followed(arm, 4 * DAY_S) > 0
        moved.append(schedule.moved_operations)
    assert moved[1] < moved[0]


def test_moves_are_told_in_a_sentence(undisturbed: Arm) -> None:
    rows = [
        schedule_summary(undisturbed.ground, each, at_s)
        for at_s, each in windows(undisturbed.playbook)
        if at_s in {0, 4 * DAY_S}
    ]
    standing, gone = rows[1].standing_operations, rows[1].moved_operations
    assert moves_told(rows[:1]) == "Moved against an earlier schedule: 0 of 0 operations, since none overlaps in time."
    assert moves_told(rows) == f"Moved against an earlier schedule: {gone} of {standing} operations that had not begun."
