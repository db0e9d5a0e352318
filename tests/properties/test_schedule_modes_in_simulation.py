"""Cells of two kinds: the floor follows the schedule's choice, and without one takes the first that is free."""

from __future__ import annotations

from typing import Any

import pytest
from properties.log_reading import work_done
from properties.test_schedule_in_simulation import busy_world, followed, from_empty_floor, scheduled_racks
from properties.worlds_generated import arm_of
from worlds import day, row

from twin.model.rows_make import Resource, RoutingResource
from twin.model.scenario import Disruption, Target
from twin.model.world import World
from twin.study.replicate import simulate_arm


def two_kinds(cells: int = 3, new_cells: int = 3, new_hours: float | None = 19.3, **cells_of: Any) -> World:
    """The busy integrator with old cells (30 h) and new ones beside them, in which the test takes other hours."""
    world = busy_world(cells=cells, **cells_of)
    old = next(one for one in world.routing_resources if one.resource == "cell")
    seizes = [one for one in world.routing_resources if one is not old]
    crew = [one for one in world.resources if one.resource != "cell"]
    return world.model_copy(
        update={
            "resources": (
                *crew,
                row(Resource, site="integrator", resource="cell", capacity=cells),
                row(Resource, site="integrator", resource="new_cell", capacity=new_cells),
            ),
            "routing_resources": (
                *seizes,
                old.model_copy(update={"mode": "old"}),
                row(
                    RoutingResource,
                    item=old.item,
                    level=old.level,
                    step=old.step,
                    resource="new_cell",
                    mode="new",
                    mode_hours=new_hours,
                ),
            ),
        }
    )


def modes_of(arm) -> set[str]:
    assert arm.playbook.opening is not None
    return {each.mode for schedule in arm.playbook.opening.schedules for each in schedule.assignments if each.mode}


@pytest.mark.parametrize("new_hours", [19.3, 41.7, None], ids=["quicker", "slower", "as quick"])
def test_an_empty_integrator_with_two_kinds_of_cells_runs_as_scheduled(new_hours: float | None) -> None:
    arm = from_empty_floor(two_kinds(new_hours=new_hours))
    assert scheduled_racks(arm) >= 20
    assert "new" in modes_of(arm)
    assert followed(arm) >= 60


@pytest.mark.parametrize("attended", [(), ("bay",)], ids=["all hours", "bays in shifts"])
def test_a_loaded_integrator_with_two_kinds_of_cells_runs_as_scheduled(attended: tuple[str, ...]) -> None:
    arm = arm_of(two_kinds(attended=attended))
    assert scheduled_racks(arm) >= 20
    assert followed(arm) >= 60


def test_a_new_schedule_takes_over_racks_in_both_kinds_of_cells() -> None:
    hit = Disruption(
        name="cells",
        at=Target(site="integrator", resource="cell"),
        kind="capacity",
        capacity_left=0.4,
        starts=day(16),
        known_after_days=0.5,
        lasts_weeks=3,
    )
    arm = arm_of(two_kinds(), (hit,))
    for starts_s in arm.playbook.replan_at_s:
        assert followed(arm, starts_s) > 0


def test_without_a_schedule_the_first_mode_that_is_free_is_taken() -> None:
    """Old cells are used before new ones, and both are used; the plan reckons with both."""
    world = two_kinds(cells=2, new_cells=3, new_hours=30.0)
    settings = world.settings.model_copy(update={"schedule_weeks": 0})
    arm = arm_of(world.model_copy(update={"settings": settings}))
    log = simulate_arm(arm, 0, noise=False).log
    tests = [work for work in work_done(log, arm.ground.network) if (work.site, work.step) == ("integrator", 2)]
    assert len(tests) > 100
    most = max(sum(other.start_s <= work.start_s < other.end_s for other in tests) for work in tests)
    assert 2 < most <= 5
