"""Racks that keep their mode, such as the hall that they are in: schedules worked out by hand, and what stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from schedule.shops import GRID_S, SHORT, chain_job, problem_of, shop, shop_tables
from worlds import row

from twin.model.profile import StepProfile
from twin.model.rows_make import RoutingResource, RoutingStep
from twin.model.units import HOUR_S
from twin.model.world import World
from twin.network.build import build_network
from twin.schedule.check import check
from twin.schedule.compiled import CompiledProblem
from twin.schedule.dispatch import dispatch, earliest_due_date
from twin.schedule.record import Assignment, Before, Job, Mode, Release, Schedule, ScheduleProblem
from twin.schedule.solve import solve

HOUR = HOUR_S // GRID_S

EAST = {"east bay": 1, "east cell": 1}
WEST = {"west bay": 2, "west cell": 2}
QUICK, SLOW = (2, 4), (3, 6)
"""Hours of assembly and test in the east, where there is one place for each, and in the west, with two."""


def halls(
    racks: int,
    east: tuple[float, float] = QUICK,
    west: tuple[float, float] = SLOW,
    *,
    places: dict[str, int] | None = None,
    keeps: bool = True,
) -> World:
    """Racks of three steps: assembly and test in a hall, then the dock, which both share, for an hour."""
    steps, seizes = [], []
    for number in range(racks):
        cells = {"item": f"job-{number:03d}", "level": "shop"}
        for step, name in enumerate(("bay", "cell"), start=1):
            steps.append(row(RoutingStep, **cells, step=step, name=name, hours=east[step - 1], keeps_mode=keeps))
            for hall, hours in (("east", east), ("west", west)):
                held = {"resource": f"{hall} {name}", "mode": hall, "mode_hours": hours[step - 1]}
                seizes.append(row(RoutingResource, **cells, step=step, **held))
        steps.append(row(RoutingStep, **cells, step=3, name="dock", hours=1))
        seizes.append(row(RoutingResource, **cells, step=3, resource="dock"))
    return shop_tables(racks, (places or EAST | WEST) | {"dock": 9}, steps, seizes)


def releases(racks: int, **cells: object) -> list[Release]:
    usual = {"release_s": 0, "due_s": 0, "weight": 1.0}
    return [Release(order="project", unit=n, item=f"job-{n:03d}", **(usual | cells)) for n in range(racks)]


def of_tables(world: World, racks: int, objective: str = "makespan") -> ScheduleProblem:
    return replace(problem_of(world, "shop", releases(racks)), objective=objective)


def hours_tested(schedule: Schedule) -> list[float]:
    return sorted(each.end_s / HOUR_S for each in schedule.assignments if each.step == 2)


def assert_in_one_hall(schedule: Schedule) -> None:
    racks: dict[tuple[str, int], set[str]] = {}
    for each in schedule.assignments:
        racks.setdefault((each.order, each.unit), set()).add(each.mode)
    assert all(len(modes - {""}) == 1 for modes in racks.values())


@pytest.mark.parametrize("objective", ["makespan", "tardiness"])
def test_five_racks_in_a_quick_hall_and_a_slow_one(objective: str) -> None:
    """In the east the k-th rack is tested after 2 + 4k hours, in the west the first two after 9 and the next after 15.

    The five soonest are 6, 9, 9, 10, 14: least in sum, and the last of them is the least last one.
    """
    problem = of_tables(halls(5), 5, objective)
    schedule = solve(problem, SHORT, seed=1)
    assert schedule.status == "optimal"
    assert schedule.makespan_h == 15
    assert check(problem, schedule) == []
    assert_in_one_hall(schedule)
    if objective == "tardiness":
        assert hours_tested(schedule) == [6, 9, 9, 10, 14]
        assert schedule.tardiness_h == 48 + 5


def test_a_rack_that_could_change_halls_would_be_out_sooner() -> None:
    """Assembly takes 6 hours in the east and 2 in the west, the test 2 and 6, one place each.

    Four racks that stay: two in each hall, tested after 14 hours. If they could be carried over, they
    would be assembled in the west and tested in the east, all but one: after 10.
    """
    places = {"east bay": 1, "east cell": 1, "west bay": 1, "west cell": 1}
    stay = solve(of_tables(halls(4, (6, 2), (2, 6), places=places), 4), SHORT, seed=1)
    move = solve(of_tables(halls(4, (6, 2), (2, 6), places=places, keeps=False), 4), SHORT, seed=1)
    assert (stay.makespan_h, stay.status) == (15, "optimal")
    assert (move.makespan_h, move.status) == (11, "optimal")
    assert_in_one_hall(stay)


def test_a_rack_that_has_begun_in_a_hall_is_scheduled_there() -> None:
    """It waits between its steps, or is at work on the first: the rest is in the west, though the east is quicker."""
    world = halls(2)
    waits, works = releases(2)
    problem = problem_of(
        world,
        "shop",
        [
            replace(waits, first_step=2, kept_mode="west"),
            replace(works, remaining_s=HOUR_S, mode="west", kept_mode="west"),
        ],
    )
    schedule = solve(problem, SHORT, seed=1)
    assert {each.mode for each in schedule.assignments} == {"west", ""}
    assert hours_tested(schedule) == [6, 7]


def test_a_hall_that_lacks_a_cell_is_not_begun_in() -> None:
    """No rack may end in the east; one that is under way there has no schedule."""
    world = halls(3, places=EAST | WEST | {"east cell": 0})
    schedule = solve(of_tables(world, 3), SHORT, seed=1)
    assert {each.mode for each in schedule.assignments} == {"west", ""}
    lost = replace(releases(1)[0], remaining_s=HOUR_S, mode="east", kept_mode="east")
    none = solve(problem_of(world, "shop", [lost]), SHORT, seed=1)
    assert none.status == "infeasible"
    assert none.method == "rack project/0 has no mode in which all the steps that keep it can run at shop"


def test_a_hall_that_is_not_listed_in_full_is_no_hall_of_the_site() -> None:
    """Where the site lists no cells of the east, nothing is begun at its bays, and averages are those of the west."""
    places = {name: count for name, count in (EAST | WEST).items() if name != "east cell"}
    network = build_network(halls(1, places=places))
    (key,) = network.routed_at("shop", "job-000")
    assert network.kept_modes(key) == ("west",)
    held = {need.resource for need in network.seizes[key, 1]}
    assert held == {"west bay"}


def test_the_shares_of_the_halls_are_the_same_at_all_steps() -> None:
    """East: 1 bay of 2 hours, 1 cell of 4, so 1/4 of a rack an hour; west: 2 and 2, 3 and 6 hours, so 1/3."""
    network = build_network(halls(1))
    for step, name, slower in ((1, "bay", 3 / 2), (2, "cell", 6 / 4)):
        held = {need.resource: need.amount for need in network.seizes[network.routed_at("shop", "job-000")[0], step]}
        assert held == {f"east {name}": pytest.approx(3 / 7), f"west {name}": pytest.approx(4 / 7 * slower)}


def test_a_rule_does_not_fill_the_hall_whose_test_is_overrun() -> None:
    """The east has bays for all and one cell: begun wherever a bay is free, 24 racks would be tested after 98 hours."""
    world = halls(24, QUICK, (2, 4), places={"east bay": 24, "east cell": 1, "west bay": 4, "west cell": 4})
    compiled = CompiledProblem(of_tables(world, 24), 1000)
    chosen, starts = dispatch(compiled, earliest_due_date(compiled))
    east = [task for task in chosen.tasks if task.operation.mode == "east" and task.operation.step == 2]
    assert 4 <= len(east) <= 7
    assert max(chosen.ends_s(starts)) <= 32 * HOUR_S


def in_halls(number: int, hours: Sequence[int], **cells: object) -> Job:
    """A rack of two steps in one of two halls that are alike."""
    job = chain_job(number, [("east bay", hours[0] * HOUR), ("east cell", hours[1] * HOUR)], **cells)
    operations = (
        replace(
            each,
            mode="east",
            keeps_mode=True,
            others=(Mode(name="west", duration_s=each.duration_s, demands=((f"west {name}", 1.0),)),),
        )
        for each, name in zip(job.operations, ("bay", "cell"), strict=True)
    )
    return replace(job, operations=tuple(operations))


ALIKE = {"east bay": 1, "east cell": 1, "west bay": 1, "west cell": 1}


def before(schedule: Schedule, **cells: object) -> Before:
    keys = {(each.order, each.unit, each.step): each for each in schedule.assignments}
    return Before(
        starts_s={key: each.start_s for key, each in keys.items()},
        due_s=dict(schedule.due_s),
        modes={key: each.mode for key, each in keys.items()},
        **cells,
    )


def other_hall(each: Assignment) -> Assignment:
    return replace(each, mode="west" if each.mode == "east" else "east")


def test_a_new_schedule_keeps_the_halls_of_the_old_one() -> None:
    """Two halls that are alike: whichever a rack was to be in, it stays there, and nothing has moved."""
    jobs = [in_halls(n, (3 + n % 2, 5), due_s=0) for n in range(6)]
    first = solve(shop(jobs, ALIKE), SHORT, seed=1)
    turned = replace(first, assignments=tuple(other_hall(each) for each in first.assignments))
    assert check(shop(jobs, ALIKE), turned) == []
    for old in (first, turned):
        again = shop(jobs, ALIKE, before=before(old, same_floor=True), move_cost_h=1.0)
        schedule = solve(again, SHORT, seed=1)
        assert {(each.order, each.step): each.mode for each in schedule.assignments} == {
            (each.order, each.step): each.mode for each in old.assignments
        }
        assert (schedule.standing_operations, schedule.moved_operations) == (12, 0)


def test_a_change_of_hall_is_a_move_and_costs() -> None:
    """The east is shut for a day: its rack goes west, at the same hours, only if a day late costs more than moves."""
    job = in_halls(0, (3, 5), due_s=8 * HOUR_S)
    old = Schedule(
        site="shop",
        status="optimal",
        assignments=tuple(
            Assignment(
                order="rack-0", unit=1, item="rack", step=step, name=f"step {step}", start_s=start_h * HOUR_S,
                end_s=end_h * HOUR_S, bay=1, mode="east",
            )
            for step, start_h, end_h in ((1, 0, 3), (2, 3, 8))
        ),
        due_s={("rack-0", 1): 8 * HOUR_S},
        **dict.fromkeys(
            (
                "tardiness_h", "tardiness_bound_h", "makespan_h", "makespan_bound_h", "flow_h", "flow_bound_h",
                "edd_tardiness_h", "atc_tardiness_h",
            ),
            0.0,
        ),
        racks=1,
    )  # fmt: skip
    shut = {name: StepProfile.constant(count) for name, count in ALIKE.items()}
    shut["east cell"] = StepProfile.window(0, 24 * HOUR_S, 0.0, 1.0)
    for cost_h, hall, moved in ((5.0, "west", 2), (50.0, "east", 1)):
        problem = replace(shop([job], ALIKE, before=before(old), move_cost_h=cost_h), capacities=shut)
        schedule = solve(problem, SHORT, seed=1)
        assert {each.mode for each in schedule.assignments} == {hall}
        assert schedule.moved_operations == moved
