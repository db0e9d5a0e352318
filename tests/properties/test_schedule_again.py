"""What holds when racks are scheduled anew: what was scheduled before stays unless moving it pays."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from properties.test_schedule_properties import DAY_S, QUICK, SHIFT, jobs, problems
from schedule.shops import GRID_S, SHORT, chain_job, shop

from twin.model.profile import StepProfile
from twin.model.scenario import Budgets
from twin.schedule.check import check
from twin.schedule.record import Assignment, Before, Job, Operation, Schedule, ScheduleProblem
from twin.schedule.reserve import less_reserve
from twin.schedule.solve import solve
from twin.schedule.working_time import WorkingTime, calendar_of, open_profile

HOUR = 4
"""Slots."""
NEVER_H = 1e6
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
"""Each example is a schedule, which takes long to draw on a busy machine."""
MANY = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=SLOW)
FEW = settings(MANY, max_examples=8)


def before(schedule: Schedule, *, same_floor: bool = True) -> Before:
    starts = {(each.order, each.unit, each.step): each.start_s for each in schedule.assignments}
    return Before(starts_s=starts, due_s=dict(schedule.due_s), same_floor=same_floor)


def later(problem: ScheduleProblem, schedule: Schedule, at_s: int) -> ScheduleProblem:
    """The same shop some time on, when the schedule has been followed so far."""
    found = {(each.order, each.unit, each.step): each for each in schedule.assignments}
    left = (_left(problem, job, found, at_s) for job in problem.jobs)
    return replace(
        problem,
        starts_s=at_s,
        ends_s=problem.ends_s + at_s,
        jobs=tuple(job for job in left if job is not None),
        before=before(schedule),
        move_cost_h=NEVER_H,
    )


def _left(problem: ScheduleProblem, job: Job, found: dict[tuple[str, int, int], Assignment], at_s: int) -> Job | None:
    operations = [
        (operation, found[job.order, job.unit, operation.step])
        for operation in job.operations
        if found[job.order, job.unit, operation.step].end_s > at_s
        or found[job.order, job.unit, operation.step].start_s >= at_s
    ]
    if not operations:
        return None
    first, assigned = operations[0]
    under_way = assigned.start_s < at_s
    if under_way:
        first = replace(first, duration_s=_work_left_s(problem, first, at_s, assigned.end_s))
    rest = tuple(operation for operation, _ in operations[1:])
    return replace(job, operations=(first, *rest), under_way=under_way, release_s=max(job.release_s, at_s))


def _work_left_s(problem: ScheduleProblem, operation: Operation, at_s: int, end_s: int) -> int:
    profile = open_profile(problem, calendar_of(problem, operation))
    if profile is None:
        return end_s - at_s
    working = WorkingTime(profile, at_s)
    low, high = 0, end_s - at_s
    while low < high:
        middle = (low + high) // 2
        finish_s = working.finish_s(at_s, middle)
        low, high = (middle + 1, high) if finish_s is not None and finish_s < end_s else (low, middle)
    return low


@st.composite
def schedules(draw: st.DrawFn) -> tuple[ScheduleProblem, Schedule]:
    """A shop that is followed for a while, and the schedule it follows."""
    problem = replace(draw(problems()), objective="tardiness")
    schedule = solve(problem, QUICK, seed=3)
    at_s = GRID_S * draw(st.integers(1, 3 * DAY_S // GRID_S))
    again = later(problem, schedule, at_s)
    assume(again.jobs)
    return again, schedule


def old_starts(problem: ScheduleProblem, schedule: Schedule) -> dict[tuple[str, int, int], int]:
    """Of the operations that had not begun."""
    assert problem.before is not None
    begun = {(job.order, job.unit, job.operations[0].step) for job in problem.jobs if job.under_way}
    keys = [(each.order, each.unit, each.step) for each in schedule.assignments]
    return {key: problem.before.starts_s[key] for key in keys if key not in begun and key in problem.before.starts_s}


def moved(problem: ScheduleProblem, schedule: Schedule) -> list[Assignment]:
    old = old_starts(problem, schedule)
    return [
        each
        for each in schedule.assignments
        if (key := (each.order, each.unit, each.step)) in old and abs(each.start_s - old[key]) >= problem.grid_s
    ]


@MANY
@given(schedules())
def test_where_nothing_has_changed_nothing_moves(shop_and_schedule):
    problem, _ = shop_and_schedule
    for cost_h in (0.1, NEVER_H):
        again = solve(replace(problem, move_cost_h=cost_h), QUICK, seed=4)
        assert check(problem, again) == []
        assert again.moved_operations == 0
        assert again.standing_operations == len(old_starts(problem, again))


@MANY
@given(schedules(), jobs(77), st.integers(-2 * DAY_S, 2 * DAY_S))
def test_what_may_not_move_stays_when_racks_and_due_dates_come_and_go(shop_and_schedule, newcomer, sooner_s):
    problem, _ = shop_and_schedule
    newcomer = replace(newcomer, release_s=problem.starts_s, under_way=False)
    changed = tuple(replace(job, due_s=job.due_s + sooner_s) for job in problem.jobs)
    again = solve(replace(problem, jobs=(*changed, newcomer)), QUICK, seed=4)
    assert check(replace(problem, jobs=(*changed, newcomer)), again) == []
    assert again.moved_operations == 0


@MANY
@given(schedules(), st.integers(0, DAY_S), st.integers(1, DAY_S))
def test_only_what_cannot_stay_moves_when_cells_are_lost(shop_and_schedule, after_s, for_s):
    problem, _ = shop_and_schedule
    lost_s = problem.starts_s + after_s
    moves_only_what_cannot_stay(with_cells_lost(problem, lost_s, lost_s + for_s))


def four_racks_before_a_loss() -> ScheduleProblem:
    """Found by random search: the last step was to end at 95,752 s, in the slot from 95,400 s to 96,300 s."""
    cell, bay, powered = ("cell", 1.0), ("bay", 1.0), ("power", 130.5)
    racks = {
        1: [(1, 900, (cell,)), (2, 21_952, (bay, cell))],
        2: [(1, 253, (cell,)), (2, 1117, (cell,)), (3, 17_030, (cell,)), (4, 0, (bay,))],
        3: [(1, 18_402, (bay, cell))],
        4: [(3, 524, (cell, powered)), (4, 2472, (cell, powered))],
    }
    steps = {
        rack: tuple(Operation(step=n, name=f"step {n}", duration_s=lasts_s, demands=held) for n, lasts_s, held in own)
        for rack, own in racks.items()
    }
    due_s = {1: 0, 2: 210, 3: 12_555, 4: 0}
    old_s = {
        1: {1: 72_900, 2: 73_800},
        2: {1: 53_100, 2: 54_000, 3: 55_800, 4: 72_900},
        3: {1: 34_200},
        4: {3: 30_600, 4: 31_500},
    }
    usual = {"release_s": 30_600, "weight": 0.5}
    return shop(
        [chain_job(rack, [], **usual, due_s=due_s[rack], operations=steps[rack]) for rack in racks],
        {"bay": 2, "cell": 2, "power": 270},
        starts_s=30_600,
        ends_s=635_400,
        open_hours={"bay": SHIFT},
        reserve={"cell": 0.3},
        before=Before(
            starts_s={(f"rack-{rack}", 1, n): at_s for rack, own in old_s.items() for n, at_s in own.items()}, due_s={}
        ),
        move_cost_h=NEVER_H,
    )


@pytest.mark.parametrize(("lost_s", "moves"), [(96_055, 1), (96_299, 1), (96_300, 0)])
def test_a_cell_lost_for_a_second_is_lost_for_the_slot(lost_s, moves):
    """Its own end would let the operation stay; the scheduler counts whole quarter hours."""
    problem = with_cells_lost(four_racks_before_a_loss(), lost_s, lost_s + 1)
    assert moves_only_what_cannot_stay(problem).moved_operations == moves


def with_cells_lost(problem: ScheduleProblem, from_s: int, until_s: int) -> ScheduleProblem:
    assert problem.before is not None
    cells = problem.capacities["cell"].times(StepProfile.window(from_s, until_s, 0.0, 1.0))
    before = replace(problem.before, same_floor=False)
    return replace(problem, capacities=problem.capacities | {"cell": cells}, before=before)


def moves_only_what_cannot_stay(problem: ScheduleProblem) -> Schedule:
    """Each moved operation, taken back alone to where it was, would break a rule on the grid."""
    again = solve(problem, QUICK, seed=4)
    assert check(problem, again) == []
    assert again.moved_operations == len(moved(problem, again))
    # Which bays are named is settled after the starts.
    again = replace(again, assignments=tuple(replace(each, bay=0) for each in again.assignments))
    on_grid = as_on_the_grid(problem)
    assert check(on_grid, again) == []
    for each in moved(problem, again):
        old_s = old_starts(problem, again)[each.order, each.unit, each.step]
        back = replace(each, start_s=old_s, end_s=_end_s(problem, each, old_s))
        rest = tuple(other for other in again.assignments if other is not each)
        assert check(on_grid, replace(again, assignments=(*rest, back))) != []
    return again


def as_on_the_grid(problem: ScheduleProblem) -> ScheduleProblem:
    """With what the scheduler counts on: less the reserve for rework, and all through a slot its least capacity."""
    capacities = dict(problem.capacities)
    for name in {held for job in problem.jobs for operation in job.operations for held, _ in operation.demands}:
        profile = less_reserve(problem, name)
        first = (int(profile.times_s[0]) - problem.starts_s) // problem.grid_s
        last = (int(profile.times_s[-1]) - problem.starts_s) // problem.grid_s + 1
        slots_s = [problem.starts_s + problem.grid_s * slot for slot in range(first, last + 1)]
        capacities[name] = StepProfile.of([(at_s, _least(profile, at_s, at_s + problem.grid_s)) for at_s in slots_s])
    return replace(problem, capacities=capacities)


def _least(profile: StepProfile, from_s: int, until_s: int) -> float:
    inside = (profile.times_s > from_s) & (profile.times_s < until_s)
    return min([profile.at(from_s), *profile.values[inside].tolist()])


def _end_s(problem: ScheduleProblem, each: Assignment, start_s: int) -> int:
    job = next(job for job in problem.jobs if job.order == each.order)
    operation = next(operation for operation in job.operations if operation.step == each.step)
    profile = open_profile(problem, calendar_of(problem, operation))
    if profile is None or start_s < problem.starts_s:
        return start_s + operation.duration_s
    end_s = WorkingTime(profile, problem.starts_s).finish_s(start_s, operation.duration_s)
    return start_s if end_s is None else end_s


@FEW
@given(schedules())
def test_moves_that_cost_nothing_are_as_good_as_no_schedule_before(shop_and_schedule):
    problem, _ = shop_and_schedule
    free = solve(replace(problem, move_cost_h=0.0), QUICK, seed=4)
    anew = solve(replace(problem, before=None), QUICK, seed=4)
    assert replace(free, standing_operations=0, moved_operations=0) == anew


@FEW
@given(schedules())
def test_equal_input_gives_an_equal_schedule_again(shop_and_schedule):
    problem, _ = shop_and_schedule
    sooner = tuple(replace(job, due_s=job.due_s - DAY_S) for job in problem.jobs)
    problem = replace(problem, jobs=sooner, move_cost_h=0.5)
    assert solve(problem, QUICK, seed=4) == solve(problem, QUICK, seed=4)


def two_racks(cost_h: float) -> ScheduleProblem:
    """One bay: rack 0 was to go first; now rack 1, of three times the weight, is due after its two hours."""
    racks = [chain_job(0, [("bay", 2 * HOUR)]), chain_job(1, [("bay", 2 * HOUR)], weight=3.0)]
    racks = [replace(rack, due_s=2 * 3600) for rack in racks]
    scheduled = Before(starts_s={("rack-0", 1, 1): 0, ("rack-1", 1, 1): 7200}, due_s={})
    return shop(racks, {"bay": 1}, before=scheduled, move_cost_h=cost_h)


def test_operations_move_when_it_pays_and_not_before():
    """To swap the racks saves 6 - 2 = 4 weighted hours and moves two operations: worth it below 2 hours a move."""
    swapped, kept = solve(two_racks(1.9), SHORT, seed=1), solve(two_racks(2.1), SHORT, seed=1)
    assert (swapped.tardiness_h, swapped.moved_operations, swapped.standing_operations) == (2.0, 2, 2)
    assert (kept.tardiness_h, kept.moved_operations, kept.standing_operations) == (6.0, 0, 2)
    assert swapped.tardiness_bound_h <= 2.0


def test_a_rack_scheduled_at_another_site_before_is_moved():
    racks = [chain_job(0, [("bay", HOUR), ("cell", HOUR)])]
    elsewhere = frozenset({("rack-0", 1, 1), ("rack-0", 1, 2)})
    scheduled = Before(starts_s={}, due_s={}, elsewhere=elsewhere)
    schedule = solve(shop(racks, {"bay": 1, "cell": 1}, before=scheduled, move_cost_h=1.0), SHORT, seed=1)
    assert (schedule.moved_operations, schedule.standing_operations) == (2, 2)


def test_a_loaded_shop_moves_less_for_little_more_lateness():
    """Forty racks, two more of them due at once after four hours: fewer moves than anew, as few as cost says."""
    cells = {"bay": 3.0, "cell": 4.0}
    racks = [
        chain_job(n, [("bay", 6 + 5 * n % 7), ("cell", 10 + 7 * n % 11)], due_s=GRID_S * (40 + 5 * n))
        for n in range(40)
    ]
    budgets = Budgets(schedule_deterministic_seconds=0.5, schedule_dispatch_trials=6)
    problem = shop(racks, cells)
    schedule = solve(problem, budgets, seed=1)
    again = later(problem, schedule, 16 * GRID_S)
    urgent = [
        chain_job(n, [("bay", 6), ("cell", 10)], release_s=again.starts_s, due_s=again.starts_s + 20 * GRID_S)
        for n in (90, 91)
    ]
    again = replace(again, jobs=(*again.jobs, *urgent))
    found = [solve(replace(again, move_cost_h=cost_h), budgets, seed=1) for cost_h in (0.0, 1.0, NEVER_H)]
    moves = [each.moved_operations for each in found]
    assert moves[0] > moves[1] >= moves[2] == 0
    assert all(first.tardiness_h <= second.tardiness_h + 1e-9 for first, second in pairwise(found[1:]))
