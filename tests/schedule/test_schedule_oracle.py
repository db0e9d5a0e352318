"""A second modeller, PyJobShop, finds the same optimum on small worlds drawn at random.

It is no part of the environment, since it brings a plotting library of 100 MB: these tests
are skipped unless `pyjobshop` (0.0.9, which fits the OR-Tools of the lock file) can be imported.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from schedule.shops import GRID_S, problem_of, shop_tables
from worlds import row

from twin.model.rows_make import BomLine, RoutingResource, RoutingStep
from twin.model.scenario import Budgets
from twin.model.world import World
from twin.schedule.check import check
from twin.schedule.record import Release, ScheduleProblem
from twin.schedule.solve import solve

pyjobshop = pytest.importorskip("pyjobshop", reason="PyJobShop is not installed, so there is no second modeller")

LONG = Budgets(schedule_deterministic_seconds=60.0, schedule_dispatch_trials=12)
CAPACITIES = {"bay": 2, "old": 1, "new": 1, "dock": 1, "power": 250}


def drawn_world(seed: int) -> tuple[World, list[Release]]:
    """Five racks through bay, cell (old or new, under power) and dock; the last is made of two others."""
    draws = np.random.default_rng(seed)
    steps, seizes, releases = [], [], []
    for number in range(5):
        item = f"job-{number:03d}"
        slots = [int(draws.integers(low, high)) for low, high in ((2, 6), (5, 9), (1, 4))]
        for step, name in enumerate(("assemble", "test", "pack"), start=1):
            cells = {"item": item, "level": "shop", "step": step}
            steps.append(row(RoutingStep, **cells, name=name, hours=slots[step - 1] * GRID_S / 3600))
        cells = {"item": item, "level": "shop"}
        new_hours = int(draws.integers(3, 9)) * GRID_S / 3600
        seizes += [
            row(RoutingResource, **cells, step=1, resource="bay"),
            row(RoutingResource, **cells, step=2, resource="old", mode="old"),
            row(RoutingResource, **cells, step=2, resource="new", mode="new", mode_hours=new_hours),
            row(RoutingResource, **cells, step=2, resource="power", amount=float(draws.choice([100, 140]))),
            row(RoutingResource, **cells, step=3, resource="dock"),
        ]
        release_s = int(draws.integers(0, 6)) * GRID_S
        due_s = release_s + int(draws.integers(8, 18)) * GRID_S
        weight = float(draws.integers(1, 6))
        releases.append(
            Release(order="project", unit=number, item=item, release_s=release_s, due_s=due_s, weight=weight)
        )
    bom = [row(BomLine, item="job-004", input=f"job-{each:03d}", quantity=1) for each in (0, 2)]
    return shop_tables(5, CAPACITIES, steps, seizes, bom if seed % 2 else ()), releases


def oracle_slots(problem: ScheduleProblem) -> int:
    """The least makespan in slots, or weighted tardy slots, by the second modeller."""
    model = pyjobshop.Model()
    resources = {
        name: model.add_renewable(int(profile.at(0)), name=name) for name, profile in problem.capacities.items()
    }
    tasks: dict[tuple[str, int], list[Any]] = {}
    for job in problem.jobs:
        release, due = job.release_s // GRID_S, job.due_s // GRID_S
        racked = model.add_job(weight=int(job.weight), release_date=release, due_date=due)
        own = tasks[job.order, job.unit] = [model.add_task(job=racked) for _ in job.operations]
        for task, operation in zip(own, job.operations, strict=True):
            for way in operation.ways:
                held = [resources[name] for name, _ in way.demands]
                amounts = [int(amount) for _, amount in way.demands]
                model.add_mode(task, held, way.duration_s // GRID_S, amounts)
        for before, after in pairwise(own):
            model.add_end_before_start(before, after)
    for job in problem.jobs:
        for rack in job.after:
            model.add_end_before_start(tasks[rack][-1], tasks[job.order, job.unit][0])
    if problem.objective == "makespan":
        model.set_objective(weight_makespan=1)
    else:
        model.set_objective(weight_total_tardiness=1)
    result = model.solve(display=False, num_workers=1, time_limit=60)
    assert result.status.name == "OPTIMAL"
    return round(result.objective)


@pytest.mark.parametrize("objective", ["makespan", "tardiness"])
@pytest.mark.parametrize("seed", range(6))
def test_the_second_modeller_finds_the_same_optimum(seed, objective):
    world, releases = drawn_world(seed)
    problem = replace(problem_of(world, "shop", releases), objective=objective)
    schedule = solve(problem, LONG, seed=1)
    assert check(problem, schedule) == []
    assert schedule.status == "optimal"
    found_h = schedule.makespan_h if objective == "makespan" else schedule.tardiness_h
    assert round(found_h * 3600 / GRID_S) == oracle_slots(problem)
