"""What holds for every schedule, whatever the shop."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from schedule.shops import GRID_S

from twin.model.profile import StepProfile
from twin.model.scenario import Budgets
from twin.schedule.check import check
from twin.schedule.record import Job, Mode, Operation, ScheduleProblem
from twin.schedule.solve import solve

QUICK = Budgets(schedule_deterministic_seconds=0.2, schedule_dispatch_trials=3)
DAY_S = 86_400
DAYS = 40
SHIFT = StepProfile.of([(day * DAY_S + hour * 3600, float(hour == 8)) for day in range(-1, DAYS) for hour in (8, 18)])
NAMES = ("bay", "cell", "power")


@st.composite
def operations(draw, step: int, linked: bool) -> Operation:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True))
    demands = tuple((name, 130.5 if name == "power" else 1.0) for name in names)
    others = draw(st.lists(modes(), max_size=2)) if linked and draw(st.booleans()) else []
    return Operation(
        step=step,
        name=f"step {step}",
        duration_s=draw(st.integers(0, 40_000)),
        demands=demands,
        attended=("bay",) if "bay" in names and draw(st.booleans()) else (),
        max_wait_after_s=draw(st.sampled_from([None, None, 0, 7200])),
        mode="first" if others else "",
        others=tuple(replace(mode, name=f"{mode.name} {number}") for number, mode in enumerate(others)),
    )


@st.composite
def modes(draw) -> Mode:
    """In another resource, and at times longer or shorter."""
    name = draw(st.sampled_from(NAMES))
    return Mode(
        name=f"on {name}",
        duration_s=draw(st.integers(0, 40_000)),
        demands=((name, 130.5 if name == "power" else 1.0),),
        attended=("bay",) if name == "bay" and draw(st.booleans()) else (),
        not_before_s=draw(st.sampled_from([None, None, 50_000])),
    )


@st.composite
def in_halls(draw, operation: Operation) -> Operation:
    """One that its rack does where it does the others that say so: in the one hall, or in the other."""
    if draw(st.integers(0, 4)) == 0:
        return operation
    return replace(operation, mode="one", others=(replace(draw(modes()), name="other"),), keeps_mode=True)


@st.composite
def jobs(draw, number: int, linked: bool = False) -> Job:
    steps = [draw(operations(step, linked)) for step in range(1, draw(st.integers(1, 4)) + 1)]
    if linked and draw(st.integers(0, 2)) == 0:
        steps = [draw(in_halls(step)) for step in steps]
    under_way = number <= 2 and draw(st.booleans())
    return Job(
        order=f"rack-{number}",
        unit=1,
        item="rack",
        release_s=draw(st.integers(-DAY_S, 0 if under_way else 3 * DAY_S)),
        due_s=draw(st.integers(0, 5 * DAY_S)),
        weight=draw(st.sampled_from([0.5, 1.0, 3.0])),
        operations=tuple(_with_a_wait_over_night(before, after) for before, after in pairwise([*steps, None])),
        under_way=under_way,
        after=tuple(
            (f"rack-{each}", 1) for each in range(number) if linked and not under_way and draw(st.integers(0, 9)) == 0
        ),
    )


def _as_it_runs(job: Job) -> Job:
    """A rack under way is so in one mode."""
    first = job.operations[0]
    first = replace(first, mode=first.mode if first.keeps_mode else "", others=())
    return replace(job, operations=(first, *job.operations[1:])) if job.under_way else job


def _with_a_wait_over_night(before: Operation, after: Operation | None) -> Operation:
    """A rack that may wait less than a night for attended work could have no schedule at all."""
    attended = after is not None and any(way.attended for way in after.ways)
    limited = attended and before.max_wait_after_s is not None
    return replace(before, max_wait_after_s=DAY_S) if limited else before


@st.composite
def cell_capacities(draw) -> StepProfile:
    """Two cells, of which some or parts are lost for a while; they come back at once or in a ramp of daily steps."""
    falls_s, rises_s = sorted(draw(st.lists(st.integers(0, 4 * DAY_S), min_size=2, max_size=2, unique=True)))
    left = draw(st.sampled_from([0.0, 1.0, 1.5, 2.0]))
    days = draw(st.sampled_from([1, 7]))
    ramp = [(rises_s + day * DAY_S, left + (2 - left) * (day + 1) / days) for day in range(days)]
    return StepProfile.of([(-1, 2.0), (falls_s, left), *ramp])


@st.composite
def problems(draw, linked: bool = False) -> ScheduleProblem:
    """Six racks at most; with choices of mode and racks that wait for others where `linked`."""
    cells = draw(cell_capacities())
    stops_s = draw(st.one_of(st.none(), st.integers(1, 2 * DAY_S)))
    return ScheduleProblem(
        site="shop",
        starts_s=0,
        ends_s=7 * DAY_S,
        jobs=tuple(_as_it_runs(draw(jobs(number, linked))) for number in range(draw(st.integers(1, 6)))),
        capacities={"bay": StepProfile.constant(2), "cell": cells, "power": StepProfile.constant(270)},
        open_hours={"bay": SHIFT},
        running=(("cell", 1.0, draw(st.integers(1, DAY_S))),),
        stopped=None if stops_s is None else StepProfile.window(stops_s, stops_s + 30_000, 1, 0),
        reserve={"cell": draw(st.sampled_from([0.05, 0.3]))} if draw(st.booleans()) else {},
        objective=draw(st.sampled_from(["tardiness", "makespan"])),
    )


@settings(max_examples=60, deadline=None)
@given(problems(linked=True))
def test_every_schedule_passes_the_checker_and_no_value_lies_below_its_bound(problem):
    schedule = solve(problem, QUICK, seed=3)
    assert schedule.status in {"optimal", "feasible"}, schedule.method
    assert check(problem, schedule) == []
    assert schedule.tardiness_bound_h <= schedule.tardiness_h + 1e-9
    assert schedule.makespan_bound_h <= schedule.makespan_h + 1e-9
    assert schedule.flow_bound_h <= schedule.flow_h + 1e-9
    if problem.objective == "tardiness":
        assert schedule.tardiness_h <= min(schedule.edd_tardiness_h, schedule.atc_tardiness_h) + 1e-9


@settings(max_examples=15, deadline=None)
@given(problems(linked=True))
def test_equal_input_gives_an_equal_schedule(problem):
    assert solve(problem, QUICK, seed=5) == solve(problem, QUICK, seed=5)


@settings(max_examples=30, deadline=None)
@given(problems(linked=True), st.integers(-4, 4), st.data())
def test_a_moved_operation_is_found_out(problem, slots, data):
    """The checker sees an operation that no longer lasts as long as its work."""
    schedule = solve(problem, QUICK, seed=3)
    index = data.draw(st.integers(0, len(schedule.assignments) - 1))
    moved = replace(schedule.assignments[index], end_s=schedule.assignments[index].end_s + slots * GRID_S)
    changed = replace(schedule, assignments=(*schedule.assignments[:index], moved, *schedule.assignments[index + 1 :]))
    assert (check(problem, changed) == []) == (slots == 0)
