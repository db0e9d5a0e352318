"""Operations that may run in different modes, and racks that wait for others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from schedule.shops import GRID_S, SHORT, chain_job, shop

from twin.model.profile import StepProfile
from twin.model.units import HOUR_S
from twin.schedule.check import check
from twin.schedule.record import Mode
from twin.schedule.solve import solve

HOUR = HOUR_S // GRID_S


def with_modes(job, step: int, *modes: tuple[str, int]):
    """The rack with other resources for a step, each with its own slots."""
    others = tuple(Mode(name=name, duration_s=slots * GRID_S, demands=((name, 1.0),)) for name, slots in modes)

    def add(operation):
        first = operation.demands[0][0]
        return replace(operation, mode=first, others=others) if operation.step == step else operation

    return replace(job, operations=tuple(add(operation) for operation in job.operations))


def used(schedule) -> list[tuple[str, int, str, int]]:
    return [(a.order, a.step, a.mode, (a.end_s - a.start_s) // GRID_S) for a in schedule.assignments]


def test_two_racks_take_the_fast_and_the_slow_cell():
    """8 h in the old cell, 5 in the new: both at once end after 8 h, one after the other after 10."""
    jobs = [with_modes(chain_job(n, [("old", 8 * HOUR)], due_s=0), 1, ("new", 5 * HOUR)) for n in (0, 1)]
    problem = shop(jobs, {"old": 1, "new": 1}, objective="makespan")
    schedule = solve(problem, SHORT, seed=1)
    assert schedule.makespan_h == 8
    assert schedule.status == "optimal"
    assert sorted(mode for _, _, mode, _ in used(schedule)) == ["new", "old"]
    assert [a.bay for a in schedule.assignments] == [1, 1]


def test_a_rack_waits_for_the_fast_cell_where_that_ends_earlier():
    jobs = [with_modes(chain_job(n, [("old", 30 * HOUR)]), 1, ("new", 2 * HOUR)) for n in range(3)]
    schedule = solve(shop(jobs, {"old": 1, "new": 1}), SHORT, seed=1)
    assert (schedule.makespan_h, schedule.tardiness_h, schedule.status) == (6, 12, "optimal")
    assert {mode for _, _, mode, _ in used(schedule)} == {"new"}


def test_a_mode_without_a_place_is_not_taken():
    job = with_modes(chain_job(0, [("old", 2 * HOUR)]), 1, ("new", HOUR))
    schedule = solve(shop([job], {"old": 1, "new": 0}), SHORT, seed=1)
    assert used(schedule) == [("rack-0", 1, "old", 2 * HOUR)]
    assert solve(shop([job], {"old": 0, "new": 0}), SHORT, seed=1).status == "infeasible"


def test_many_racks_share_the_cells_of_both_kinds():
    """60 racks of 6 h in one of 2 + 2 cells: 90 h of work in each, which the bound of the group knows."""
    jobs = [with_modes(chain_job(n, [("old", 6 * HOUR)], due_s=HOUR_S), 1, ("new", 6 * HOUR)) for n in range(60)]
    schedule = solve(shop(jobs, {"old": 2, "new": 2}), SHORT, seed=1)
    assert schedule.makespan_h == schedule.makespan_bound_h == 90


def test_attended_modes_keep_their_hours():
    """There at 18 h: 4 attended hours from 8 h next day on end before 20 unattended ones that begin at once."""
    job = chain_job(0, [("day", 4 * HOUR)], release_s=18 * HOUR_S)
    operation = replace(job.operations[0], mode="day", attended=("day",))
    slow = Mode(name="night", duration_s=20 * HOUR_S, demands=(("night", 1.0),))
    job = replace(job, operations=(replace(operation, others=(slow,)),))
    shift = StepProfile.of([(d * 24 * HOUR_S + h * HOUR_S, float(h == 8)) for d in range(-1, 9) for h in (8, 18)])
    problem = shop([job], {"day": 1, "night": 1}, open_hours={"day": shift})
    (only,) = solve(problem, SHORT, seed=1).assignments
    assert (only.mode, only.start_s, only.end_s) == ("day", 32 * HOUR_S, 36 * HOUR_S)


def test_the_checker_knows_the_modes():
    jobs = [with_modes(chain_job(n, [("old", 8)]), 1, ("new", 5)) for n in (0, 1)]
    problem = shop(jobs, {"old": 1, "new": 1})
    schedule = solve(problem, SHORT, seed=1)
    assert check(problem, schedule) == []
    strange = replace(schedule, assignments=tuple(replace(a, mode="none") for a in schedule.assignments))
    assert any("has no mode 'none'" in fault for fault in check(problem, strange))
    same = replace(schedule, assignments=tuple(replace(a, mode="old") for a in schedule.assignments))
    assert any("old: 2 held" in fault for fault in check(problem, same))
    assert any("of open time between start and end, not" in fault for fault in check(problem, same))


def test_a_job_waits_for_those_it_is_made_of():
    """Two parts of 3 and 4 h on two benches, then the whole: 4 + 2 h."""
    parts = [chain_job(n, [("bench", (3 + n) * HOUR)]) for n in (0, 1)]
    whole = replace(chain_job(2, [("dock", 2 * HOUR)]), after=(("rack-0", 1), ("rack-1", 1)))
    problem = shop([whole, *parts], {"bench": 2, "dock": 1}, objective="makespan")
    schedule = solve(problem, SHORT, seed=1)
    assert (schedule.makespan_h, schedule.makespan_bound_h) == (6, 6)
    early = tuple(replace(a, start_s=0, end_s=2 * HOUR_S) if a.order == "rack-2" else a for a in schedule.assignments)
    faults = check(problem, replace(schedule, assignments=early))
    assert faults == ["rack-2/1: starts before rack-0/1 ends", "rack-2/1: starts before rack-1/1 ends"]


def test_jobs_that_wait_for_each_other_have_no_schedule():
    one, other = (chain_job(n, [("bench", 1)]) for n in (0, 1))
    round_about = [replace(one, after=(("rack-1", 1),)), replace(other, after=(("rack-0", 1),))]
    schedule = solve(shop(round_about, {"bench": 1}), SHORT, seed=1)
    assert schedule.status == "infeasible"
    assert schedule.method.endswith("waits for itself")


@pytest.mark.parametrize("racks", [40, 60])
def test_search_among_many_racks_with_modes_and_parts_keeps_every_rule(racks):
    jobs = []
    for n in range(racks):
        usual = {"release_s": n * 3 * GRID_S, "due_s": (30 + 3 * n) * GRID_S, "weight": float(1 + n % 5)}
        job = chain_job(n, [("bay", 9 + 5 * n % 7), ("old", 20 + 7 * n % 11), ("dock", 4)], **usual)
        job = with_modes(job, 2, ("new", 14 + 3 * n % 9))
        jobs.append(replace(job, after=((f"rack-{n - 7}", 1),)) if n >= 7 and n % 3 == 0 else job)
    problem = shop(jobs, {"bay": 3, "old": 2, "new": 2, "dock": 1})
    schedule = solve(problem, SHORT, seed=1)
    assert check(problem, schedule) == []
    assert schedule.tardiness_h < min(schedule.edd_tardiness_h, schedule.atc_tardiness_h)
    assert {mode for _, step, mode, _ in used(schedule) if step == 2} == {"old", "new"}
    assert schedule == solve(problem, SHORT, seed=1)


def at_two_sites(number: int, here: tuple[int, int], there: tuple[int, int], there_from: int, **cells):
    """A rack with two steps that is built at one site or the other as a whole, at the other from a slot on."""
    job = chain_job(number, [("here bay", here[0]), ("here cell", here[1])], **cells)
    others = [
        Mode(
            name="there",
            duration_s=slots * GRID_S,
            demands=((f"there {place}", 1.0),),
            not_before_s=there_from * GRID_S,
        )
        for place, slots in zip(("bay", "cell"), there, strict=True)
    ]
    operations = (
        replace(each, mode="here", others=(other,), keeps_mode=True)
        for each, other in zip(job.operations, others, strict=True)
    )
    return replace(job, operations=tuple(operations))


SITES = {"here bay": 1, "here cell": 1, "there bay": 1, "there cell": 1}


def test_a_whole_rack_is_built_at_one_of_two_sites():
    """4 + 8 slots here, 4 + 4 there from slot 3 on: there it is out after 11 slots, one slot earlier than here."""
    racks = [at_two_sites(n, (4, 8), (4, 4), 3) for n in (0, 1)]
    alone = solve(shop(racks[:1], SITES, objective="makespan"), SHORT, seed=1)
    assert [(a.mode, a.start_s // GRID_S) for a in alone.assignments] == [("there", 3), ("there", 7)]
    both = solve(shop(racks, SITES, objective="makespan"), SHORT, seed=1)
    assert both.status == "optimal"
    assert both.makespan_h * 4 == 12
    assert {a.order: a.mode for a in both.assignments} in (
        {"rack-0": "here", "rack-1": "there"},
        {"rack-0": "there", "rack-1": "here"},
    )


def test_the_checker_knows_where_a_rack_may_be():
    problem = shop([at_two_sites(0, (4, 4), (4, 4), 3)], SITES)
    schedule = solve(problem, SHORT, seed=1)
    assert [a.mode for a in schedule.assignments] == ["here", "here"]
    first, second = schedule.assignments
    mixed = replace(schedule, assignments=(first, replace(second, mode="there")))
    assert check(problem, mixed) == ["rack-0/1: steps that keep its mode run in different modes"]
    early = replace(schedule, assignments=(replace(first, mode="there"), replace(second, mode="there")))
    assert check(problem, early) == ["rack-0/1 step 1: starts before it may in mode there"]


def test_a_site_that_lacks_a_cell_builds_no_rack():
    schedule = solve(shop([at_two_sites(0, (9, 9), (1, 1), 0)], SITES | {"there cell": 0}), SHORT, seed=1)
    assert {a.mode for a in schedule.assignments} == {"here"}
    nowhere = solve(shop([at_two_sites(0, (9, 9), (1, 1), 0)], SITES | {"there cell": 0, "here bay": 0}), SHORT, seed=1)
    assert nowhere.status == "infeasible"


def test_many_racks_share_two_sites():
    racks = [
        at_two_sites(n, (6, 9), (4 + n % 5, 12), 8 * n, release_s=4 * n * GRID_S, due_s=(20 + 5 * n) * GRID_S)
        for n in range(40)
    ]
    problem = shop(racks, SITES)
    schedule = solve(problem, SHORT, seed=1)
    assert check(problem, schedule) == []
    assert {a.mode for a in schedule.assignments} == {"here", "there"}
    assert schedule.tardiness_h < schedule.edd_tardiness_h
