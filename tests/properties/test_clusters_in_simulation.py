"""Racks that do a step together, on the floor: as scheduled without noise; with it together, and none left behind."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.log_reading import Work, lines, work_done
from properties.test_schedule_in_simulation import busy_world, followed, from_empty_floor, scheduled_racks
from properties.worlds_generated import GENERATE, QUICK, arm_of
from worlds import day

from twin.events.canonical import log_digest
from twin.events.record import Log
from twin.model.case import make_case
from twin.model.scenario import Disruption, Scenario, Target
from twin.model.units import DAY_S
from twin.model.world import World
from twin.study.playbook import make_playbook
from twin.study.replicate import Arm, simulate_arm

FEW = settings(max_examples=6, phases=GENERATE, deadline=None)


def clustered(world: World, size: int, step: str = "test") -> World:
    """The same, with the racks of an order in clusters at a step."""
    routings = [row.model_copy(update={"cluster": size}) if row.name == step else row for row in world.routings]
    return world.model_copy(update={"routings": tuple(routings)})


def first_attempts(works: list[Work], item: str, step: int, since_s: int = 7 * DAY_S) -> dict[str, list[Work]]:
    """By order, the first attempts of a step begun since the second week, when what day one had begun is done."""
    found: dict[str, list[Work]] = defaultdict(list)
    for work in works:
        if (work.item, work.step, work.attempt) == (item, step, 1) and work.start_s >= since_s:
            found[work.order].append(work)
    return found


def sizes_of(works: list[Work]) -> list[int]:
    """How many of an order's racks began together, each time; all of them end together."""
    together: dict[int, list[Work]] = defaultdict(list)
    for work in works:
        together[work.start_s].append(work)
    for racks in together.values():
        assert len({rack.end_s for rack in racks}) == 1
    return [len(racks) for _, racks in sorted(together.items())]


@pytest.mark.parametrize("size", [2, 3, 5])
def test_clusters_run_as_scheduled(size: int) -> None:
    """From an empty floor, where also the last racks of an order, fewer than a cluster, go together."""
    arm = from_empty_floor(clustered(busy_world(), size))
    assert scheduled_racks(arm) >= 20
    assert followed(arm) >= 60
    works = work_done(simulate_arm(arm, 0, noise=False).log, arm.ground.network)
    first, *_ = first_attempts(works, "rack_l11", 2, since_s=0).values()
    assert sorted(sizes_of(first), reverse=True) == [size] * (20 // size) + [20 % size] * (20 % size > 0)


@FEW
@given(
    racks=st.integers(5, 25),
    size=st.integers(2, 4),
    bays=st.integers(2, 6),
    cells=st.integers(4, 10),
    attended=st.sampled_from(((), ("bay",), ("cell",))),
    calendar=st.sampled_from(("long-day", "inventory")),
)
def test_whatever_the_floor_clusters_run_as_scheduled(
    racks: int, size: int, bays: int, cells: int, attended: tuple[str, ...], calendar: str
) -> None:
    world = busy_world(racks, 2, bays=bays, cells=cells, attended=attended, calendar=calendar)
    followed(from_empty_floor(clustered(world, size)))


def test_clusters_found_on_the_floor_and_planned_anew_run_as_scheduled() -> None:
    """Day one has racks at every step; in the third week cells are lost."""
    hit = Disruption(
        name="cells",
        at=Target(site="integrator", resource="cell"),
        kind="capacity",
        capacity_left=0.5,
        starts=day(16),
        known_after_days=0.5,
        lasts_weeks=3,
    )
    arm = arm_of(clustered(busy_world(), 3), (hit,))
    assert followed(arm) > 0
    for starts_s in arm.playbook.replan_at_s:
        assert followed(arm, starts_s) > 0


def test_clusters_planned_anew_in_midst_of_a_schedule_run_as_scheduled() -> None:
    arm = from_empty_floor(clustered(busy_world(), 3))
    moments = (3 * DAY_S, 6 * DAY_S)
    again = Arm(ground=arm.ground, disruptions=(), playbook=make_playbook(arm.ground, (), moments=moments), seed=1)
    for starts_s in moments:
        assert followed(again, starts_s) > 0


@pytest.mark.parametrize("schedule_weeks", [0, 2])
def test_with_noise_clusters_stay_together_and_failing_racks_go_on_alone(schedule_weeks: int) -> None:
    arm = arm_of(clustered(busy_world(cells=12, schedule_weeks=schedule_weeks), 4))
    log = simulate_arm(arm, 0).log
    works = work_done(log, arm.ground.network)
    attempts = [work for work in works if (work.item, work.step) == ("rack_l11", 2)]
    again = [work for work in attempts if work.attempt > 1]
    assert len(again) > 10
    sizes = [size for racks in first_attempts(works, "rack_l11", 2).values() for size in sizes_of(racks)]
    assert sizes.count(4) > len(sizes) / 2
    accepted = int(log.of("accepted").sum())
    alone = arm_of(busy_world(cells=12, schedule_weeks=schedule_weeks))
    assert accepted > 0.9 * int(simulate_arm(alone, 0).log.of("accepted").sum())


def test_no_rack_is_left_behind_where_some_are_scrapped() -> None:
    """One in six racks is scrapped before the test, by a failed assembly; the others of its cluster go on."""
    world = clustered(busy_world(cells=12, schedule_weeks=0), 4)
    routings = [
        row.model_copy(update={"first_pass_yield": 0.85, "max_attempts": 1, "then": "scrap"})
        if row.name == "assemble"
        else row
        for row in world.routings
    ]
    arm = arm_of(world.model_copy(update={"routings": tuple(routings)}))
    log = simulate_arm(arm, 0).log
    works = work_done(log, arm.ground.network)
    scrapped = int(log.of("scrapped").sum())
    assert scrapped > 20
    last_test_s = max(work.start_s for work in works if (work.item, work.step) == ("rack_l11", 2))
    left = _waiting_for_test(works, log)
    # Whoever still waits at the end came in the last three weeks.
    assert last_test_s > 17 * 7 * DAY_S
    assert all(came_s > 17 * 7 * DAY_S for came_s in left)


def _waiting_for_test(works: list[Work], log: Log) -> list[int]:
    """When racks came to the test that were neither tested nor scrapped."""
    gone = {(line.order, line.unit) for line in lines(log) if line.event == "scrapped" and line.unit >= 0}
    came = {(work.order, work.unit): work.end_s for work in works if (work.item, work.step) == ("rack_l11", 1)}
    tested = {(work.order, work.unit) for work in works if (work.item, work.step) == ("rack_l11", 2)}
    return [came_s for rack, came_s in came.items() if rack not in tested | gone]


def test_lost_work_in_process_does_not_hold_a_cluster() -> None:
    """A third of the racks inside is lost in the third week; the rest is tested within days."""
    hit = Disruption(
        name="fire",
        at=Target(site="integrator"),
        kind="scrap",
        starts=day(16),
        known_after_days=0,
        lasts_days=1,
        scrap_fraction=0.34,
    )
    arm = arm_of(clustered(busy_world(schedule_weeks=0), 4), (hit,))
    log = simulate_arm(arm, 0).log
    left = _waiting_for_test(work_done(log, arm.ground.network), log)
    assert int(log.of("scrapped").sum()) > 3
    # Six cells take four racks at a time, too few for all; who came first is tested first.
    assert all(came_s > 10 * 7 * DAY_S for came_s in left)


def test_clusters_at_the_datacenter_are_of_the_order_that_is_served() -> None:
    arm = arm_of(clustered(busy_world(8, schedule_weeks=0), 3, "commission"))
    works = work_done(simulate_arm(arm, 0, noise=False).log, arm.ground.network)
    sizes = [size for racks in first_attempts(works, "rack_accepted", 2).values() for size in sizes_of(racks)]
    # At eight in the morning several clusters may begin at once.
    assert sum(size % 3 == 0 for size in sizes) > len(sizes) / 2


def test_a_cluster_of_one_changes_no_byte() -> None:
    digests = []
    for world in (busy_world(10), clustered(busy_world(10), 1)):
        case = make_case(world, Scenario(name="one", budgets=QUICK))
        assert case.world.routings[1].cluster == 1
        digests.append(log_digest(simulate_arm(arm_of(world), 0).log))
    assert digests[0] == digests[1]
