"""Longest waits on the floor: none broken where the schedule is followed, each one broken a step repeated."""

from __future__ import annotations

from itertools import pairwise

import pytest
from properties.log_reading import lines, work_done
from properties.test_clusters_in_simulation import clustered
from properties.test_schedule_in_simulation import busy_world, followed, from_empty_floor
from properties.worlds_generated import arm_of

from twin.model.units import DAY_S, HOUR_S
from twin.model.world import World
from twin.study.replicate import Arm, simulate_arm

GRID_S = 900


def limited(world: World, wait_hours: float, step: str = "assemble") -> World:
    """The same, with a longest wait after a step at the integrator."""
    routings = [
        row.model_copy(update={"max_wait_hours_after": wait_hours}) if row.name == step else row
        for row in world.routings
    ]
    return world.model_copy(update={"routings": tuple(routings)})


def waits_for_test(arm: Arm, *, noise: bool) -> tuple[list[float], int, int]:
    """Hours from the end of each assembly to what came next, tests begun too late, and assemblies repeated for that."""
    log = simulate_arm(arm, 0, noise=noise).log
    by_rack: dict[tuple[str, int], list[tuple[float, int, str]]] = {}
    for work in work_done(log, arm.ground.network):
        if work.item == "rack_l11" and work.step < 3:
            moves = by_rack.setdefault((work.order, work.unit), [])
            moves += [(work.start_s, 2 * work.step, "start"), (work.end_s, 2 * work.step - 1, "end")]
    waits = []
    for moves in by_rack.values():
        moves.sort()
        for (end_s, kind, _), (start_s, following, _) in pairwise(moves):
            if kind == 1 and following == 4:
                waits.append((start_s - end_s) / HOUR_S)
    expired = [line for line in lines(log) if line.event == "expired"]
    assert all(line.name == "integrator/assemble" and line.time_s > line.since_s for line in expired)
    repeated = [
        work
        for work in work_done(log, arm.ground.network)
        if (work.item, work.step) == ("rack_l11", 1) and work.attempt > 1
    ]
    return waits, len(expired), len(repeated)


@pytest.mark.parametrize("wait_hours", [0.0, 3.0])
def test_without_noise_the_schedule_breaks_no_limit(wait_hours: float) -> None:
    arm = from_empty_floor(limited(busy_world(), wait_hours))
    assert followed(arm) >= 60
    assert arm.playbook.opening is not None
    ends_s = max(each.start_s for each in arm.playbook.opening.schedules[0].assignments)
    expired = [line for line in lines(simulate_arm(arm, 0, noise=False).log) if line.event == "expired"]
    assert all(line.since_s > 14 * DAY_S or line.since_s > ends_s for line in expired)


@pytest.mark.parametrize("schedule_weeks", [0, 2])
@pytest.mark.parametrize("wait_hours", [0.0, 5.0])
def test_with_noise_each_wait_beyond_the_limit_is_a_step_repeated(wait_hours: float, schedule_weeks: int) -> None:
    """Two cells for twenty racks a week: far too few, so that racks wait."""
    arm = arm_of(limited(busy_world(cells=2, schedule_weeks=schedule_weeks), wait_hours))
    waits, expired, repeated = waits_for_test(arm, noise=True)
    assert len(waits) > 50
    assert max(waits) <= wait_hours + GRID_S / HOUR_S
    # Some repetitions may not have ended with the log.
    assert expired > 0
    assert expired - 10 <= repeated <= expired


def test_the_floor_starts_no_more_than_it_can_take_on() -> None:
    """With a day's grace the queue behind the step stays within it, and hardly any step is repeated."""
    arm = arm_of(limited(busy_world(cells=3, schedule_weeks=0), 48.0))
    waits, expired, _ = waits_for_test(arm, noise=True)
    assert max(waits) <= 48.0 + GRID_S / HOUR_S
    assert expired < len(waits) / 10


def test_a_limit_before_a_step_done_together() -> None:
    arm = arm_of(limited(clustered(busy_world(cells=12, schedule_weeks=0), 3), 6.0))
    waits, expired, repeated = waits_for_test(arm, noise=True)
    assert max(waits) <= 6.0 + GRID_S / HOUR_S
    assert expired - 10 <= repeated <= expired
