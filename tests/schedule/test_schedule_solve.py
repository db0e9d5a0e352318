"""The scheduler on shops whose answer can be worked out on paper."""

from __future__ import annotations

from dataclasses import replace

import pytest
from schedule.shops import GRID_S, SHORT, chain_job, shop

from twin.model.profile import StepProfile
from twin.model.scenario import Budgets
from twin.model.units import DAY_S, HOUR_S
from twin.schedule.check import check
from twin.schedule.compiled import CompiledProblem
from twin.schedule.dispatch import CORNERS, dispatch
from twin.schedule.record import Operation
from twin.schedule.solve import solve

HOUR = HOUR_S // GRID_S


def day_shift(opens_h: int, closes_h: int, days: int = 30) -> StepProfile:
    hours = (opens_h, closes_h)
    return StepProfile.of([(day * DAY_S + h * HOUR_S, float(h == opens_h)) for day in range(-1, days) for h in hours])


def attended(job, resource: str):
    """The same rack with its work on a resource attended."""

    def mark(operation: Operation) -> Operation:
        return replace(operation, attended=(resource,)) if operation.demands[0][0] == resource else operation

    return replace(job, operations=tuple(mark(operation) for operation in job.operations))


def spans(schedule) -> list[tuple[str, int, float, float]]:
    return [(a.order, a.step, a.start_s / HOUR_S, a.end_s / HOUR_S) for a in schedule.assignments]


def test_no_racks_is_an_optimal_schedule():
    schedule = solve(shop([], {}), SHORT, seed=1)
    assert (schedule.status, schedule.assignments, schedule.makespan_gap) == ("optimal", (), 0.0)


def test_attended_work_pauses_when_its_hours_close_and_keeps_its_bay():
    jobs = [attended(chain_job(n, [("bay", 6 * HOUR)], due_s=(20 + n) * HOUR_S), "bay") for n in (0, 1)]
    schedule = solve(shop(jobs, {"bay": 1}, open_hours={"bay": day_shift(8, 18)}), SHORT, seed=1)
    assert spans(schedule) == [("rack-0", 1, 8, 14), ("rack-1", 1, 14, 34)]
    assert [a.bay for a in schedule.assignments] == [1, 1]


def test_unattended_work_runs_through_the_night():
    jobs = [chain_job(0, [("bay", 6 * HOUR)], release_s=16 * HOUR_S)]
    schedule = solve(shop(jobs, {"bay": 1}, open_hours={"bay": day_shift(8, 18)}), SHORT, seed=1)
    assert spans(schedule) == [("rack-0", 1, 16, 22)]


def test_work_that_ends_at_closing_time_ends_there():
    jobs = [attended(chain_job(0, [("bay", 10 * HOUR)]), "bay")]
    schedule = solve(shop(jobs, {"bay": 1}, open_hours={"bay": day_shift(8, 18)}), SHORT, seed=1)
    assert spans(schedule) == [("rack-0", 1, 8, 18)]


def test_a_site_that_stands_still_pauses_all_work():
    jobs = [chain_job(0, [("bay", 6 * HOUR), ("cell", 2 * HOUR)])]
    stopped = StepProfile.window(2 * HOUR_S, 26 * HOUR_S, 1, 0)
    schedule = solve(shop(jobs, {"bay": 1, "cell": 1}, stopped=stopped), SHORT, seed=1)
    assert spans(schedule) == [("rack-0", 1, 0, 30), ("rack-0", 2, 30, 32)]


def test_true_ends_are_kept_between_starts_on_the_grid():
    operations = tuple(
        Operation(step=step, name=f"step {step}", duration_s=1000, demands=(("bay", 1.0),)) for step in (1, 2)
    )
    schedule = solve(shop([chain_job(0, [], operations=operations)], {"bay": 1}), SHORT, seed=1)
    assert [(a.start_s, a.end_s) for a in schedule.assignments] == [(0, 1000), (1800, 2800)]


def test_work_that_would_outlast_a_fall_of_capacity_waits():
    jobs = [chain_job(0, [("bay", 6 * HOUR)])]
    problem = shop(jobs, {"bay": 1})
    closed = StepProfile.window(4 * HOUR_S, 9 * HOUR_S, 0, 1)
    schedule = solve(replace(problem, capacities={"bay": closed}), SHORT, seed=1)
    assert spans(schedule) == [("rack-0", 1, 9, 15)]


def test_racks_under_way_stay_even_where_capacity_has_gone():
    jobs = [
        replace(chain_job(0, [("bay", 5 * HOUR), ("cell", HOUR)]), under_way=True),
        replace(chain_job(1, [("bay", 3 * HOUR)]), under_way=True),
        chain_job(2, [("bay", 2 * HOUR)]),
    ]
    schedule = solve(shop(jobs, {"bay": 1, "cell": 1}), SHORT, seed=1)
    assert spans(schedule) == [("rack-0", 1, 0, 5), ("rack-1", 1, 0, 3), ("rack-0", 2, 5, 6), ("rack-2", 1, 5, 7)]
    assert schedule.assignments[0].bay != schedule.assignments[1].bay


def test_what_runs_at_the_start_holds_its_places():
    problem = shop([chain_job(0, [("bay", HOUR)])], {"bay": 2}, running=(("bay", 2.0, 3 * HOUR_S),))
    schedule = solve(problem, SHORT, seed=1)
    assert spans(schedule) == [("rack-0", 1, 3, 4)]
    assert schedule.utilisation["bay"] == pytest.approx((2 * 3 + 1) / (2 * 168))


def test_a_step_is_put_off_so_that_the_next_one_need_not_wait_too_long():
    first = chain_job(0, [("cell", 10 * HOUR)], weight=9.0)
    second = chain_job(1, [("bay", 2 * HOUR), ("cell", HOUR)], due_s=HOUR_S)
    limited = replace(second.operations[0], max_wait_after_s=HOUR_S)
    second = replace(second, operations=(limited, second.operations[1]))
    schedule = solve(shop([first, second], {"bay": 1, "cell": 1}), SHORT, seed=1)
    assert spans(schedule) == [("rack-0", 1, 0, 10), ("rack-1", 1, 7, 9), ("rack-1", 2, 10, 11)]


def test_the_reserve_holds_places_back_but_never_the_last_one():
    jobs = [chain_job(n, [("bay", HOUR), ("crew", HOUR)]) for n in range(9)]
    problem = replace(shop(jobs, {"bay": 10, "crew": 1}), reserve={"bay": 0.2, "crew": 0.3})
    compiled = CompiledProblem(problem, 100)
    assert compiled.free[compiled.row_of["bay"], 0] == 8000
    assert compiled.free[compiled.row_of["crew"], 0] == 1000
    assert max(a.bay for a in solve(problem, SHORT, seed=1).assignments) == 8


@pytest.mark.parametrize("share", [0.0, 0.1, 0.4])
def test_the_reserve_makes_no_place_of_the_part_of_one(share):
    """In a recovery ramp 0.93 of a cell is none, however the reserve is rounded."""
    ramp = StepProfile.of([(-1, 0.0), *((day * DAY_S, (day + 1) / 14) for day in range(14))])
    problem = replace(
        shop([chain_job(0, [("cell", HOUR)])], {}),
        capacities={"cell": ramp},
        reserve={"cell": share} if share else {},
    )
    schedule = solve(problem, SHORT, seed=1)
    assert spans(schedule) == [("rack-0", 1, 24 * 13, 24 * 13 + 1)]


def test_the_reserve_in_a_ramp_leaves_room_for_work_under_way():
    """A rack under way holds the one whole cell there is; the next one waits for the second."""
    ramp = StepProfile.of([(-1, 0.5), *((day * DAY_S, (day + 7) / 6) for day in range(6))])
    under_way = replace(chain_job(0, [("cell", 100 * HOUR)]), under_way=True)
    problem = replace(
        shop([under_way, chain_job(1, [("cell", 2 * HOUR)])], {}),
        capacities={"cell": ramp},
        reserve={"cell": 0.05},
    )
    schedule = solve(problem, SHORT, seed=1)
    assert spans(schedule) == [("rack-0", 1, 0, 100), ("rack-1", 1, 100, 102)]


def test_an_operation_that_needs_more_than_there_ever_is_makes_the_problem_infeasible():
    schedule = solve(shop([chain_job(0, [("bay", 1)])], {"bay": 0}), SHORT, seed=1)
    assert schedule.status == "infeasible"
    assert "needs 1 of bay" in schedule.method


def test_a_floor_that_closes_for_good_makes_the_problem_infeasible():
    jobs = [chain_job(n, [("bay", 10)]) for n in range(3)]
    problem = shop(jobs, {"bay": 1})
    capacity = StepProfile.of([(0, 1.0), (20 * GRID_S, 0.0)])
    schedule = solve(replace(problem, capacities={"bay": capacity}), SHORT, seed=1)
    assert schedule.status == "infeasible"
    assert "3 racks" in schedule.method


def test_a_late_release_is_an_unavoidable_lateness():
    jobs = [chain_job(0, [("bay", HOUR)], release_s=4 * HOUR_S, due_s=HOUR_S, weight=2.0)]
    schedule = solve(shop(jobs, {"bay": 1}), SHORT, seed=1)
    assert schedule.status == "optimal"
    assert schedule.tardiness_h == schedule.tardiness_bound_h == 8


def busy_shop(racks: int):
    jobs = [
        chain_job(
            n,
            [("bay", 9 + 5 * n % 7), ("cell", 20 + 7 * n % 11), ("dock", 4)],
            release_s=n * 4 * GRID_S,
            due_s=(60 + 4 * n + 13 * n % 40) * GRID_S,
            weight=float(1 + n % 5),
        )
        for n in range(racks)
    ]
    return shop(jobs, {"bay": 3, "cell": 5, "dock": 1})


def test_search_beats_the_plain_rules_and_more_effort_is_no_worse():
    problem = busy_shop(60)
    dispatched = solve(problem, Budgets(schedule_deterministic_seconds=1e-6, schedule_dispatch_trials=12), seed=1)
    searched = solve(problem, Budgets(schedule_deterministic_seconds=2.0, schedule_dispatch_trials=12), seed=1)
    assert 0 < searched.tardiness_h < dispatched.tardiness_h
    assert dispatched.tardiness_h <= min(dispatched.edd_tardiness_h, dispatched.atc_tardiness_h)
    assert check(problem, searched) == []
    assert 0 <= searched.flow_gap < 1
    assert 0 < searched.tardiness_gap <= 1


def test_one_seed_gives_one_schedule():
    budgets = Budgets(schedule_deterministic_seconds=0.5, schedule_dispatch_trials=3)
    assert solve(busy_shop(40), budgets, seed=2) == solve(busy_shop(40), budgets, seed=2)


def alike_shop(racks: int):
    """Too many racks for one cell, all due at once: which goes first makes no difference to any rule."""
    return shop([chain_job(n, [("cell", 2 * HOUR)], due_s=HOUR_S) for n in range(racks)], {"cell": 1})


def test_settings_that_make_no_difference_are_not_all_tried(monkeypatch):
    tried = []

    def counted(compiled, rule):
        tried.append(rule.name)
        return dispatch(compiled, rule)

    monkeypatch.setattr("twin.schedule.solve.dispatch", counted)
    budgets = Budgets(schedule_deterministic_seconds=0.1, schedule_dispatch_trials=24)
    solve(alike_shop(30), budgets, seed=1)
    assert len(tried) == 2 + CORNERS
    tried.clear()
    solve(busy_shop(60), budgets, seed=1)
    assert len(tried) == len(set(tried)) == 2 + 24


def test_searches_in_vain_come_to_an_end():
    """Thirty racks alike in every order cost the same: not all the effort is spent on them."""
    schedule = solve(alike_shop(30), Budgets(schedule_deterministic_seconds=40.0, schedule_dispatch_trials=1), seed=1)
    assert schedule.status == "feasible"
    assert schedule.method.endswith("; 0 of 16 CP-SAT searches improved it")


def test_a_rack_long_overdue_does_not_hide_that_the_others_are_placed_best():
    """Its 5,000 weighted hours would let the others end far beyond the slots searched, but it has them anyway."""
    overdue = chain_job(0, [("dock", HOUR)], due_s=-499 * HOUR_S, weight=10.0)
    rivals = [chain_job(n, [("bay", n * HOUR)], weight=1.0) for n in (1, 2)]
    schedule = solve(shop([overdue, *rivals], {"bay": 1, "dock": 1}), SHORT, seed=1)
    assert schedule.tardiness_h == 5_000 + 1 + 3
    assert (schedule.status, schedule.tardiness_bound_h) == ("optimal", pytest.approx(5_004))
