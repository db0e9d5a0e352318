"""The large floor of the benchmark: built from tables, and what the scheduler does with it."""

from __future__ import annotations

import pytest

from twin.model.scenario import Budgets
from twin.schedule.check import check
from twin.schedule.solve import solve
from twin.study.thousand import POWER, RACKS_PER_WEEK, large_problem


@pytest.mark.parametrize("load", [0.95, 1.05])
def test_the_floor_has_the_load_that_was_asked_for(load):
    problem = large_problem(load, seed=1, racks=200)
    kwh = sum(
        op.duration_s / 3600 * dict(op.demands)[POWER]
        for job in problem.jobs
        for op in job.operations
        if POWER in dict(op.demands)
    )
    assert [len(job.operations) for job in problem.jobs] == [7] * 200
    assert kwh / (problem.capacities[POWER].at(0) * 200 / RACKS_PER_WEEK * 168) == pytest.approx(load)
    assert 0.5 < sum(job.release_s % 86_400 == 0 for job in problem.jobs) / 200 < 0.7


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_thousand_racks_beat_the_plain_rules_with_a_proven_makespan(seed):
    problem = large_problem(0.95, seed)
    schedule = solve(problem, Budgets(), seed=1)
    assert check(problem, schedule) == []
    assert schedule.tardiness_h <= 0.6 * schedule.edd_tardiness_h
    assert schedule.tardiness_h <= 0.8 * schedule.atc_tardiness_h
    assert schedule.makespan_gap <= 0.05
