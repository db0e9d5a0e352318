"""The checker finds each kind of broken rule in a schedule that was good."""

from __future__ import annotations

from dataclasses import replace

import pytest
from schedule.shops import GRID_S, SHORT, chain_job, shop

from twin.model.profile import StepProfile
from twin.schedule.check import check
from twin.schedule.solve import solve


@pytest.fixture
def good():
    jobs = [chain_job(n, [("bay", 4), ("cell", 6)], release_s=8 * GRID_S) for n in (0, 1)]
    waiting = replace(jobs[0].operations[0], max_wait_after_s=4 * GRID_S)
    jobs[0] = replace(jobs[0], operations=(waiting, jobs[0].operations[1]))
    problem = shop(jobs, {"bay": 2, "cell": 1})
    return problem, solve(problem, SHORT, seed=1)


def moved(schedule, rack: str, step: int, slots: int, **cells):
    """The schedule with one operation moved, or with other cells of it changed."""

    def change(a):
        later = {"start_s": a.start_s + slots * GRID_S, "end_s": a.end_s + slots * GRID_S}
        return replace(a, **(later | cells)) if (a.order, a.step) == (rack, step) else a

    return replace(schedule, assignments=tuple(change(a) for a in schedule.assignments))


def test_the_schedule_itself_is_good(good):
    problem, schedule = good
    assert check(problem, schedule) == []


@pytest.mark.parametrize(
    ("rack", "step", "slots", "cells", "fault"),
    [
        ("rack-0", 1, -4, {}, "starts before its release"),
        ("rack-0", 1, 1, {}, "starts before step 1 ends"),
        ("rack-0", 2, 20, {}, "waits too long after step 1"),
        ("rack-1", 2, -6, {}, "cell: 2 held at"),
        ("rack-1", 1, 0, {"bay": 1}, "bay bay 1: holds two racks"),
        ("rack-1", 2, 0, {"end_s": 10**6}, "of open time between start and end"),
        ("rack-1", 2, 0, {"name": "polish"}, "its steps are not scheduled once each"),
        ("rack-1", 2, 0, {"order": "rack-9"}, "rack-9/1: no such rack"),
    ],
)
def test_a_broken_rule_is_named(good, rack, step, slots, cells, fault):
    problem, schedule = good
    faults = check(problem, moved(schedule, rack, step, slots, **cells))
    assert any(fault in found for found in faults), faults


def test_a_start_off_the_grid_is_named(good):
    problem, schedule = good
    late = {"start_s": 1_000_000, "end_s": 1_000_000 + 6 * GRID_S}
    assert any("off the grid" in found for found in check(problem, moved(schedule, "rack-1", 2, 0, **late)))


def test_attended_work_in_closed_hours_is_named(good):
    problem, schedule = good
    jobs = tuple(
        replace(job, operations=tuple(replace(o, attended=(o.demands[0][0],)) for o in job.operations))
        for job in problem.jobs
    )
    closed = replace(problem, jobs=jobs, open_hours={"bay": StepProfile.window(0, 10 * GRID_S, 0, 1)})
    faults = check(closed, schedule)
    assert any("starts in closed hours" in found for found in faults)
    assert any("1800 s of open time between start and end, not 3600 s" in found for found in faults)


def test_an_end_in_the_pause_after_the_work_is_named(good):
    problem, schedule = good
    stopped = StepProfile.window(schedule.assignments[-1].end_s, 10**6, 1, 0)
    paused = replace(problem, stopped=stopped)
    assert check(paused, schedule) == []
    last = schedule.assignments[-1]
    assert check(paused, moved(schedule, last.order, last.step, 0, end_s=last.end_s + GRID_S)) != []


def test_work_under_way_cannot_be_moved(good):
    problem, schedule = good
    jobs = (replace(problem.jobs[0], under_way=True), problem.jobs[1])
    assert any("cannot be moved" in found for found in check(replace(problem, jobs=jobs), schedule))


def test_work_of_no_length_that_ends_before_it_starts_is_named():
    problem = shop([chain_job(0, [("bay", 0)])], {"bay": 1})
    schedule = solve(problem, SHORT, seed=1)
    assert check(problem, schedule) == []
    assert check(problem, moved(schedule, "rack-0", 1, 0, end_s=-GRID_S)) != []
