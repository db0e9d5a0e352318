"""The ladder of bounds at a rack integrator, replication by replication.

Most racks out by a moment, with the arrivals and the durations that a replication has drawn:
linear programme >= proven bound of CP-SAT >= what CP-SAT found, and CP-SAT >= simulation.

What can be compared, and what not. All three see the integrator alone, fed with the kits of
the replication. CP-SAT keeps to its grid, so that kits come and works end at the slot before:
every simulated schedule, moved down to the grid, is then one of its schedules. The linear
programme knows one duration a step: the shortest drawn. It spreads the starts of a week evenly
over it and counts their work in that week. So its most by T is no bound for T, see the shop
below, but its most by T and one way through the routing is: n racks out by T have, for every week,
either been started by its end or done all their work after it. This holds for weeks, one kind of
rack and steady capacities; so there are no disruptions here, and rack tests all pass, since a
second attempt is no operation of the schedule. Breakdowns lengthen the work that they hit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model
from properties.log_reading import lines, work_done
from properties.worlds_generated import GENERATE, QUICK, small_worlds
from schedule.shops import GRID_S
from worlds import SOURCE, STARTS, chain_world, day, row

from twin.disrupt.availability import availability
from twin.events.record import Log
from twin.model.case import make_case
from twin.model.distribution import constant
from twin.model.order_book import order_book
from twin.model.rows_demand import Order
from twin.model.rows_make import BomLine, Process
from twin.model.rows_network import Item, Lane, Site
from twin.model.scenario import Scenario
from twin.model.state import Shipment, State
from twin.model.units import HOUR_S, WEEK_S
from twin.model.world import Settings, World
from twin.network.build import build_network
from twin.network.record import Network
from twin.plan.make import make_plan
from twin.plan.record import PlanOptions
from twin.schedule.compiled import CompiledProblem
from twin.schedule.dispatch import dispatch, earliest_due_date
from twin.schedule.model import RackModel
from twin.schedule.problem import schedule_problem
from twin.schedule.record import Release, ScheduleProblem
from twin.study.ground import lay_ground
from twin.study.playbook import make_playbook
from twin.study.replicate import Arm, simulate_arm

FEW = settings(max_examples=10, phases=GENERATE)
STEPS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Floor:
    """What a replication gave the integrator, on the grid: when each rack's kit was there, and its durations."""

    item: str
    kits_s: list[int]
    durations_s: list[tuple[int, ...]]
    simulated_ends_s: list[int]

    @property
    def shortest_s(self) -> tuple[int, ...]:
        """Per step, over all racks."""
        return tuple(min(own) for own in zip(*self.durations_s, strict=True))


def to_grid(time_s: float) -> int:
    """The start of the slot."""
    return int(time_s) // GRID_S * GRID_S


def floor_of(log: Log, network: Network, until_s: int) -> Floor:
    """Read from the log of a run that began with nothing anywhere."""
    item = next(item for _, site, item in network.routing if site == "integrator")
    ((part, per_rack),) = network.inputs[item]
    kits_s: list[int] = []
    arrived = 0.0
    for line in lines(log):
        if line.event == "docked" and line.item == part and network.lanes[line.name].destination == "integrator":
            arrived += line.quantity
            whole = int(arrived / per_rack + 1e-9) - len(kits_s)
            kits_s += [to_grid(line.time_s)] * whole
    works = sorted(
        (work for work in work_done(log, network) if work.item == item), key=lambda work: (work.start_s, work.step)
    )
    assert all(work.attempt == 1 for work in works)
    racks: dict[tuple[str, int], list[int]] = {}
    for work in works:
        racks.setdefault((work.order, work.unit), []).append(work.end_s - work.start_s)
    complete = [own for own in racks.values() if len(own) == len(STEPS)]
    shortest = [min(own) for own in zip(*complete, strict=True)] if complete else [GRID_S] * len(STEPS)
    kits_s = [kit_s for kit_s in kits_s if kit_s <= until_s]
    # Racks in the order of their starts, as kits come; those that never ran are given the shortest works.
    owns = [own + shortest[len(own) :] for own in racks.values()] + [shortest] * len(kits_s)
    return Floor(
        item=item,
        kits_s=kits_s,
        durations_s=[tuple(to_grid(each_s) for each_s in own) for own in owns[: len(kits_s)]],
        simulated_ends_s=[work.end_s for work in works if work.step == STEPS[-1] and work.end_s <= until_s],
    )


def shop_of(world: World, floor: Floor) -> World:
    """The integrator alone: its resources and routing with the shortest works, and a lane that brings kits."""
    order = row(Order, order="all", customer="acme", site="integrator", item=floor.item, quantity=999, requested=day(0))
    return World(
        name="integrator",
        settings=Settings(starts=STARTS, report_weeks=world.settings.report_weeks, tail_weeks=2, schedule_weeks=1),
        items=(row(Item, item="kit", kind="part"), row(Item, item=floor.item, kind="rack")),
        sites=(row(Site, site="store", kind="component"), row(Site, site="integrator", kind="component")),
        resources=tuple(one.model_copy(update={"failures": ""}) for one in world.resources if one.site == "integrator"),
        processes=(
            # Kits come from the replication alone: the store makes one in a thousand years.
            row(Process, process="packing", site="store", item="kit", cycle_days=1, capacity_per_week=1e-9),
            row(Process, process="integration", site="integrator", item=floor.item),
        ),
        bom=(row(BomLine, item=floor.item, input="kit", quantity=1),),
        routings=tuple(
            step.model_copy(update={"hours": constant(floor.shortest_s[step.step - 1] / HOUR_S)})
            for step in world.routings
            if step.item == floor.item
        ),
        routing_resources=tuple(one for one in world.routing_resources if one.item == floor.item),
        lanes=(row(Lane, lane="kits", origin="store", destination="integrator", transit_days=1),),
        orders=(order,),
        sources=(SOURCE,),
    )


def most_by_programme(network: Network, floor: Floor, until_s: int) -> float:
    """The linear programme's most racks by a moment."""
    state = State(in_transit=tuple(Shipment(lane="kits", item="kit", quantity=1, arrives_s=s) for s in floor.kits_s))
    options = PlanOptions(objective="bound", until_s=until_s)
    plan = make_plan(network, availability(network, ()), state, order_book(network.world), options)
    assert plan.status == "optimal"
    return plan.bound


def jobs_of(network: Network, floor: Floor, until_s: int) -> ScheduleProblem:
    """The integrator's schedule problem, each rack with its kit and its own durations."""
    releases = [
        Release(order=f"rack-{number:03d}", unit=1, item=floor.item, release_s=kit_s, due_s=until_s, weight=1.0)
        for number, kit_s in enumerate(floor.kits_s)
    ]
    problem = schedule_problem(network, availability(network, ()), "integrator", 0, until_s, releases)
    jobs = tuple(
        replace(job, operations=tuple(replace(op, duration_s=s) for op, s in zip(job.operations, own, strict=True)))
        for job, own in zip(problem.jobs, floor.durations_s, strict=True)
    )
    return replace(problem, jobs=jobs)


def most_by_search(problem: ScheduleProblem, until_s: int) -> tuple[int, int, bool]:
    """The scheduler's own model, with racks out by a moment to be counted: found, proven bound, whether closed.

    The horizon has room for all racks after that moment, so that none has to be out by it.
    """
    until = until_s // GRID_S
    work = sum(operation.duration_s // GRID_S for job in problem.jobs for operation in job.operations)
    compiled = CompiledProblem(problem, until + work + 1)
    _, starts = dispatch(compiled, earliest_due_date(compiled))
    racks = RackModel(compiled, range(len(problem.jobs)), starts, compiled.horizon).minimise_tardiness(compiled.free)
    out = []
    for job in compiled.jobs:
        is_out = racks.model.new_bool_var("")
        racks.model.add(racks.end[job.tasks[-1]] <= until).only_enforce_if(is_out)
        out.append(is_out)
    racks.model.maximize(sum(out))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = 3.0
    status = solver.solve(racks.model)
    assert status in {cp_model.OPTIMAL, cp_model.FEASIBLE}
    return round(solver.objective_value), round(solver.best_objective_bound), status == cp_model.OPTIMAL


@dataclass(frozen=True, slots=True)
class Rungs:
    """Racks out by a week's end: at most by the programme one way through the routing later, by CP-SAT, and found."""

    programme: float
    search: int
    found: int
    is_closed: bool
    """Whether the search found what it proved; cut off, its bound may be that all racks are out."""


def rungs_of(world: World, floor: Floor, until_s: int) -> Rungs:
    """All but the simulation's rung."""
    network = build_network(shop_of(world, floor))
    found, bound, is_closed = most_by_search(jobs_of(network, floor, until_s), until_s)
    return Rungs(most_by_programme(network, floor, until_s + sum(floor.shortest_s)), bound, found, is_closed)


def from_nothing(world: World) -> Arm:
    """A world whose rack tests all pass, begun with nothing anywhere."""
    steps = tuple(one.model_copy(update={"first_pass_yield": 1.0, "rework_hours": None}) for one in world.routings)
    case = make_case(world.model_copy(update={"routings": steps}), Scenario(name="ladder", budgets=QUICK))
    ground = replace(lay_ground(case), day_one=State())
    return Arm(ground=ground, disruptions=(), playbook=make_playbook(ground, ()), seed=1)


@FEW
@given(small_worlds(), st.integers(2, 6))
def test_programme_search_and_floor_stand_in_their_order(world: World, weeks: int) -> None:
    """In each replication, with its own arrivals and durations."""
    until_s = weeks * WEEK_S
    arm = from_nothing(world)
    for replication in (0, 1):
        floor = floor_of(simulate_arm(arm, replication).log, arm.ground.network, until_s)
        assume(floor.kits_s)
        rungs = rungs_of(arm.ground.case.world, floor, until_s)
        event("some kits in time, not all racks" if rungs.found < len(floor.kits_s) else "all racks")
        event("CP-SAT closed" if rungs.is_closed else "CP-SAT open")
        assert rungs.programme >= (rungs.search if rungs.is_closed else rungs.found) - 1e-6
        assert rungs.search >= rungs.found >= 0
        assert rungs.search >= len(floor.simulated_ends_s)


def test_the_programme_at_the_same_moment_is_no_bound() -> None:
    """Two cells test four racks each in a week; the programme spreads their starts over it and has six out by then."""
    own = (20 * HOUR_S, 36 * HOUR_S, 4 * HOUR_S)
    floor = Floor(item="rack_l11", kits_s=[0] * 8, durations_s=[own] * 8, simulated_ends_s=[])
    world = chain_world()
    rungs = rungs_of(world, floor, WEEK_S)
    assert (rungs.found, rungs.search) == (8, 8)
    assert rungs.programme == pytest.approx(8, abs=0.01)
    at_once = most_by_programme(build_network(shop_of(world, floor)), floor, WEEK_S)
    assert at_once == pytest.approx(8 * (168 - 60) / 168, abs=0.01)
