"""Small schedule problems for tests, built in code or by way of the twin's own tables."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from worlds import SOURCE, day, line_world, row

from twin.disrupt.availability import availability
from twin.model.profile import StepProfile
from twin.model.rows_demand import Order
from twin.model.rows_make import BomLine, Process, Resource, RoutingResource, RoutingStep
from twin.model.rows_network import Item, Site
from twin.model.scenario import Budgets
from twin.model.units import WEEK_S
from twin.model.world import World
from twin.network.build import build_network
from twin.schedule.problem import schedule_problem
from twin.schedule.record import Job, Operation, Release, ScheduleProblem

GRID_S = 900
SHORT = Budgets(schedule_deterministic_seconds=1.0, schedule_dispatch_trials=6)


def instances_folder() -> Path:
    """The folder of published instances; skips the test, saying so, where it is not there."""
    default = Path(__file__).parents[2].parent / "shared" / "instances"
    folder = Path(os.environ.get("TWIN_INSTANCES", default))
    if not folder.is_dir():
        pytest.skip("published instances are not here; set TWIN_INSTANCES to their folder")
    return folder


def chain_job(number: int, steps: Sequence[tuple[str, int]], **cells: Any) -> Job:
    """A rack that holds one of each named resource in turn, for so many slots."""
    operations = tuple(
        Operation(step=step, name=f"step {step}", duration_s=slots * GRID_S, demands=((resource, 1.0),))
        for step, (resource, slots) in enumerate(steps, start=1)
    )
    usual = {"order": f"rack-{number}", "unit": 1, "item": "rack", "release_s": 0, "due_s": 0, "weight": 1.0}
    return Job(**(usual | {"operations": operations} | cells))


def shop(jobs: Sequence[Job], capacities: dict[str, float], **cells: Any) -> ScheduleProblem:
    """A shop of constant capacities over a week."""
    profiles = {name: StepProfile.constant(value) for name, value in capacities.items()}
    usual = {"site": "shop", "starts_s": 0, "ends_s": WEEK_S, "open_hours": {}}
    return ScheduleProblem(jobs=tuple(jobs), capacities=profiles, **(usual | cells))


Timing = tuple[int, int, float]
"""Of a job: released, due, weight."""


def table_shop(
    jobs: Sequence[Sequence[tuple[str, int]]], capacities: dict[str, int], timing: Sequence[Timing] = ()
) -> ScheduleProblem:
    """The same through the twin's tables: every rack an item of its own, with its own routing.

    A job is (resource, slots) pairs; a step of no slots is left out. Without `timing` all are there and due at once.
    """
    own = [[(slots, {resource: 1.0}) for resource, slots in job if slots] for job in jobs]
    return table_project(own, capacities, timing=timing)


def flexible_shop(jobs: Sequence[Sequence[Sequence[tuple[str, int]]]]) -> ScheduleProblem:
    """A shop in which a step may run on one of several machines: a mode for each, with its own hours."""
    seizes, steps = [], []
    for number, job in enumerate(jobs):
        for step, ways in enumerate(job, start=1):
            cells = {"item": f"job-{number:03d}", "level": "shop", "step": step}
            steps.append(row(RoutingStep, **cells, name=f"step {step}", hours=ways[0][1] * GRID_S / 3600))
            seizes += [
                row(RoutingResource, **cells, resource=name, mode=f"on {name}", mode_hours=slots * GRID_S / 3600)
                for name, slots in ways
            ]
    machines = {row.resource: 1 for row in seizes}
    return _problem(shop_tables(len(jobs), machines, steps, seizes), len(jobs))


def table_project(
    jobs: Sequence[Sequence[tuple[int, dict[str, float]]]],
    capacities: dict[str, int],
    after: dict[int, Sequence[int]] | None = None,
    timing: Sequence[Timing] = (),
) -> ScheduleProblem:
    """Jobs of steps that last so many slots and hold several resources; each waits for those it is made of."""
    steps, seizes = [], []
    for number, job in enumerate(jobs):
        for step, (slots, held) in enumerate(job, start=1):
            cells = {"item": f"job-{number:03d}", "level": "shop", "step": step}
            steps.append(row(RoutingStep, **cells, name=next(iter(held), "wait"), hours=slots * GRID_S / 3600))
            seizes += [row(RoutingResource, **cells, resource=name, amount=amount) for name, amount in held.items()]
    bom = [
        row(BomLine, item=f"job-{number:03d}", input=f"job-{each:03d}", quantity=1)
        for number, before in (after or {}).items()
        for each in before
    ]
    return _problem(shop_tables(len(jobs), capacities, steps, seizes, bom), len(jobs), timing)


def _problem(world: World, jobs: int, timing: Sequence[Timing] = ()) -> ScheduleProblem:
    releases = [
        Release(order="project", unit=number, item=f"job-{number:03d}", release_s=at_s, due_s=due_s, weight=weight)
        for number, (at_s, due_s, weight) in enumerate(timing or [(0, 0, 1.0)] * jobs)
    ]
    return problem_of(world, "shop", releases)


def shop_tables(
    jobs: int,
    capacities: dict[str, int],
    steps: Sequence[RoutingStep],
    seizes: Sequence[RoutingResource],
    bom: Sequence[BomLine] = (),
) -> World:
    """The world of a shop whose jobs are items of their own."""
    items = [f"job-{number:03d}" for number in range(jobs)]
    return World(
        name="published",
        settings=line_world().settings,
        items=tuple(row(Item, item=item, kind="job") for item in items),
        sites=(row(Site, site="shop", kind="component"),),
        resources=tuple(row(Resource, site="shop", resource=name, capacity=n) for name, n in capacities.items()),
        processes=tuple(row(Process, process="work", site="shop", item=item) for item in items),
        bom=tuple(bom),
        routings=tuple(steps),
        routing_resources=tuple(seizes),
        orders=tuple(_order(item) for item in items),
        sources=(SOURCE,),
    )


def problem_of(world: World, site: str, releases: Sequence[Release]) -> ScheduleProblem:
    """The schedule problem of a site of a world without disruptions, over its first week."""
    network = build_network(world)
    return schedule_problem(network, availability(network, ()), site, 0, WEEK_S, releases)


def _order(item: str) -> Order:
    return row(Order, order=f"order-{item}", customer="acme", site="shop", item=item, quantity=1, requested=day(7))
