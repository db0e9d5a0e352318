"""What holds for schedules in which racks do a step together."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.test_schedule_again import NEVER_H, before, later, moved
from properties.test_schedule_properties import DAY_S, QUICK, SHIFT, jobs
from schedule.shops import GRID_S, SHORT, chain_job, shop

from twin.model.profile import StepProfile
from twin.schedule.check import check
from twin.schedule.record import Job, Operation, Schedule, ScheduleProblem
from twin.schedule.solve import solve


@st.composite
def clusters(draw: st.DrawFn, number: int) -> tuple[Job, ...]:
    """An order of racks on one routing, of which up to three at a time do the second step together."""
    size, racks = draw(st.integers(2, 3)), draw(st.integers(2, 5))
    limit_s = draw(st.sampled_from([None, DAY_S]))
    steps = (
        Operation(
            step=1, name="build", duration_s=draw(st.integers(0, 20_000)), demands=(("bay", 1.0),),
            attended=("bay",) if draw(st.booleans()) else (), max_wait_after_s=limit_s,
        ),
        Operation(
            step=2, name="row test", duration_s=draw(st.integers(1, 40_000)),
            demands=(("cell", 1.0), ("power", 130.5)), max_wait_after_s=draw(st.sampled_from([None, 2 * DAY_S])),
        ),
        Operation(step=3, name="pack", duration_s=draw(st.integers(0, 8_000)), demands=(("bay", 1.0),)),
    )  # fmt: skip
    return tuple(
        Job(
            order=f"row-{number}",
            unit=unit,
            item="rack",
            release_s=draw(st.integers(0, 2 * DAY_S)),
            due_s=draw(st.integers(0, 4 * DAY_S)),
            weight=2.0,
            operations=(steps[0], replace(steps[1], cluster=10 * number + unit // size + 1), steps[2]),
        )
        for unit in range(racks)
    )


@st.composite
def problems(draw: st.DrawFn) -> ScheduleProblem:
    rows = [rack for number in range(draw(st.integers(1, 2))) for rack in draw(clusters(number))]
    others = [draw(jobs(number + 10)) for number in range(draw(st.integers(0, 3)))]
    lost_s = draw(st.integers(1, 2 * DAY_S))
    return ScheduleProblem(
        site="shop",
        starts_s=0,
        ends_s=7 * DAY_S,
        jobs=(*rows, *(replace(other, under_way=False) for other in others)),
        capacities={
            "bay": StepProfile.constant(2),
            "cell": StepProfile.window(lost_s, lost_s + DAY_S, 1.0, 4.0),
            "power": StepProfile.constant(400),
        },
        open_hours={"bay": SHIFT},
        reserve={"cell": 0.4} if draw(st.booleans()) else {},
    )


@settings(max_examples=40, deadline=None)
@given(problems())
def test_racks_of_a_cluster_run_together_and_all_else_holds(problem):
    schedule = solve(problem, QUICK, seed=3)
    assert schedule.status in {"optimal", "feasible"}, schedule.method
    assert check(problem, schedule) == []
    assert schedule.tardiness_bound_h <= schedule.tardiness_h + 1e-9
    assert schedule.makespan_bound_h <= schedule.makespan_h + 1e-9
    assert schedule.flow_bound_h <= schedule.flow_h + 1e-9


@settings(max_examples=10, deadline=None)
@given(problems())
def test_equal_input_gives_an_equal_schedule(problem):
    assert solve(problem, QUICK, seed=5) == solve(problem, QUICK, seed=5)


@settings(max_examples=15, deadline=None)
@given(problems(), st.integers(1, 3 * DAY_S // GRID_S))
def test_clusters_stay_where_they_were_where_nothing_has_changed(problem, slots):
    again = later(problem, solve(problem, QUICK, seed=3), slots * GRID_S)
    if not again.jobs:
        return
    schedule = solve(replace(again, move_cost_h=NEVER_H), QUICK, seed=4)
    assert check(again, schedule) == []
    assert moved(again, schedule) == []


def row_of(racks: int, cells: int, slots: tuple[int, int] = (4, 8), *, together: bool = True) -> ScheduleProblem:
    """Racks that leave one bay one after the other and are tested on cells."""
    chains = [chain_job(n, [("bay", slots[0]), ("cell", slots[1])]) for n in range(racks)]
    if together:
        chains = [
            replace(rack, operations=(rack.operations[0], replace(rack.operations[1], cluster=1 + n // 2)))
            for n, rack in enumerate(chains)
        ]
    return shop(chains, {"bay": 1, "cell": cells}, objective="makespan")


@pytest.mark.parametrize(("together", "hours"), [(True, 6.0), (False, 6.0)])
def test_a_row_of_four_racks_ends_when_the_last_can(together: bool, hours: float) -> None:
    """Built after 1, 2, 3, 4 h, tested for 2 h: alone from 1 to 6 h; by two from 2 to 4 h and from 4 to 6 h."""
    schedule = solve(row_of(4, 2, together=together), SHORT, seed=1)
    assert schedule.makespan_h == hours
    tests = sorted(each.start_s / 3600 for each in schedule.assignments if each.step == 2)
    assert tests == ([2.0, 2.0, 4.0, 4.0] if together else [1.0, 2.0, 3.0, 4.0])


def test_a_cluster_of_one_rack_is_a_rack_alone() -> None:
    problem = row_of(4, 2, together=False)
    alone = [
        replace(rack, operations=(rack.operations[0], replace(rack.operations[1], cluster=1 + n)))
        for n, rack in enumerate(problem.jobs)
    ]
    schedule = solve(replace(problem, jobs=tuple(alone)), SHORT, seed=1)
    unnumbered = tuple(replace(each, cluster=0) for each in schedule.assignments)
    assert replace(schedule, assignments=unnumbered) == solve(problem, SHORT, seed=1)


def test_what_a_cluster_needs_at_once_must_be_there() -> None:
    schedule = solve(row_of(4, 1), SHORT, seed=1)
    assert schedule.status == "infeasible"
    assert "2 racks together needs 2 of cell at shop, where there is never more than 1" in schedule.method


def test_few_clusters_have_the_least_tardiness_of_all_sequences() -> None:
    """Three pairs on two cells, any two racks of a pair built one after the other: six sequences of pairs."""
    racks = []
    for pair, (due_h, weight) in enumerate([(9, 1.0), (5, 2.0), (6, 5.0)]):
        for unit in range(2):
            rack = chain_job(2 * pair + unit, [("bay", 2), ("cell", 8)], due_s=due_h * 3600, weight=weight)
            steps = (rack.operations[0], replace(rack.operations[1], cluster=1 + pair))
            racks.append(replace(rack, operations=steps))
    problem = shop(racks, {"bay": 1, "cell": 2})
    schedule = solve(problem, SHORT, seed=1)
    assert check(problem, schedule) == []
    assert schedule.tardiness_h == pytest.approx(min(_tardiness_h(racks, order) for order in _orders(3)))
    assert schedule.status == "optimal"


def _orders(count: int) -> list[tuple[int, ...]]:
    return [order for order in product(range(count), repeat=count) if len(set(order)) == count]


def _tardiness_h(racks: list[Job], order: tuple[int, ...]) -> float:
    """Pairs built half an hour a rack, tested for two hours on both cells, in one order."""
    built = free = late = 0.0
    for pair in order:
        built += 1.0
        free = max(free, built) + 2.0
        late += sum(rack.weight * max(0.0, free - rack.due_s / 3600) for rack in racks[2 * pair : 2 * pair + 2])
    return late


def test_the_checker_sees_a_rack_that_runs_apart() -> None:
    problem = row_of(2, 2)
    schedule: Schedule = solve(problem, SHORT, seed=1)
    last = schedule.assignments[-1]
    apart = replace(last, start_s=last.start_s + GRID_S, end_s=last.end_s + GRID_S)
    faults = check(problem, replace(schedule, assignments=(*schedule.assignments[:-1], apart)))
    assert any("runs apart" in fault for fault in faults)
    assert before(schedule).due_s == {("rack-0", 1): 0, ("rack-1", 1): 0}
