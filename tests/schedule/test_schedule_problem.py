"""From the twin's tables to a schedule problem."""

from __future__ import annotations

import pytest
from schedule.shops import SHORT, problem_of
from worlds import STARTS, chain_world, noisy_chain_world, rework_world, row

from twin.disrupt.availability import availability
from twin.disrupt.resolved import ResolvedDisruption
from twin.model.distribution import constant
from twin.model.problems import RunError
from twin.model.profile import StepProfile
from twin.model.rows_make import Process, Resource, RoutingResource, RoutingStep
from twin.model.scenario import Disruption, Target
from twin.model.units import HOUR_S, WEEK_S
from twin.model.world import World
from twin.network.build import build_network
from twin.schedule.problem import _held_through, schedule_problem
from twin.schedule.record import Release
from twin.schedule.reserve import expected_failures, rework_shares
from twin.schedule.solve import solve


def release(unit: int, item: str, **cells) -> Release:
    return Release(**({"order": "o", "unit": unit, "item": item, "release_s": 0, "due_s": 0, "weight": 1.0} | cells))


def test_racks_of_the_chain_go_through_the_steps_of_their_routing():
    problem = problem_of(chain_world(), "integrator", [release(1, "rack_l11"), release(2, "rack_l11")])
    steps = [(o.name, o.duration_s / HOUR_S, o.demands) for o in problem.jobs[0].operations]
    assert [(name, hours) for name, hours, _ in steps] == [("assemble", 20), ("test", 30), ("pack", 4)]
    assert [demands for *_, demands in steps] == [(("bay", 1.0),), (("cell", 1.0),), (("bay", 1.0),)]
    assert {name: profile.at(0) for name, profile in problem.capacities.items()} == {"bay": 2, "cell": 2}
    assert problem.reserve == {}
    assert problem.stopped is None
    schedule = solve(problem, SHORT, seed=1)
    assert schedule.makespan_h == 54
    assert schedule.status == "optimal"


def test_a_rack_on_the_floor_goes_on_where_it_is():
    on_floor = release(1, "rack_l11", first_step=2, remaining_s=3 * HOUR_S, release_s=-9)
    problem = problem_of(chain_world(), "integrator", [on_floor])
    (job,) = problem.jobs
    assert job.under_way
    assert [(o.step, o.duration_s / HOUR_S) for o in job.operations] == [(2, 3), (3, 4)]
    assert solve(problem, SHORT, seed=1).makespan_h == 7


def test_crews_work_in_their_shifts():
    problem = problem_of(noisy_chain_world(), "campus", [release(1, "rack_accepted")])
    assert set(problem.open_hours) == {"crew"}
    assert {o.attended for o in problem.jobs[0].operations} == {("crew",)}
    schedule = solve(problem, SHORT, seed=1)
    assert schedule.assignments[0].start_s == 8 * HOUR_S
    assert all(8 <= a.start_s / HOUR_S % 24 < 18 for a in schedule.assignments)


def test_rework_at_the_rack_test_is_held_back():
    problem = problem_of(noisy_chain_world(), "integrator", [release(1, "rack_l11")])
    share = problem.reserve["cell"]
    network = build_network(noisy_chain_world())
    step = network.routing[network.routed_at("integrator", "rack_l11")[0]][1]
    repeated_h = 0.15 / 0.85 * (step.hours.mean + (step.rework_hours.mean if step.rework_hours else 0))
    assert share == pytest.approx(repeated_h / (repeated_h + step.hours.mean))


@pytest.mark.parametrize(("attempts", "failures"), [(None, 0.25), (1, 0.0), (2, 0.2), (3, 0.24)])
def test_failures_expected_at_a_step_of_yield_four_fifths(attempts, failures):
    step = RoutingStep(item="i", level="l", step=1, name="t", hours=1, first_pass_yield=0.8, max_attempts=attempts)
    assert expected_failures(step) == pytest.approx(failures)


def test_rework_from_an_earlier_step_counts_all_steps_between():
    cells = {"item": "i", "level": "l"}
    steps = [
        RoutingStep(**cells, step=1, name="build", hours=4),
        RoutingStep(**cells, step=2, name="test", hours=10, first_pass_yield=0.5, rework_to=1, rework_hours=2),
    ]
    seizes = {
        1: [RoutingResource(**cells, step=1, resource="bay")],
        2: [RoutingResource(**cells, step=2, resource="cell", amount=3)],
    }
    shares = rework_shares([(7.0, steps, seizes, {})])
    # One failure a rack: 4 h more in the bay; 10 h of test and 2 h of rework more in the cell.
    assert shares == {"bay": pytest.approx(4 / 8), "cell": pytest.approx(12 / 22)}


def test_the_reserve_of_the_rework_world_is_its_share_of_repeats():
    problem = problem_of(rework_world(first_pass_yield=0.85), "shop", [release(1, "job")])
    assert problem.reserve["cell"] == pytest.approx(0.15)


def two_kinds(**cells) -> World:
    """The chain with an old kind of cell (30 h) and a new one (20 h), a bay held beside either."""
    world = chain_world()
    step = {"item": "rack_l11", "level": "L11", "step": 2}
    seizes = [one for one in world.routing_resources if one.resource != "cell"]
    seizes += [
        row(RoutingResource, **step, resource="cell", mode="old"),
        row(RoutingResource, **step, resource="new_cell", amount=2, mode="new", mode_hours=20),
        row(RoutingResource, **step, resource="bay", amount=0.5),
    ]
    new = row(Resource, site="integrator", resource="new_cell", **({"capacity": 8} | cells))
    return world.model_copy(update={"resources": (*world.resources, new), "routing_resources": tuple(seizes)})


def test_modes_of_a_step_come_from_the_tables():
    problem = problem_of(two_kinds(), "integrator", [release(1, "rack_l11")])
    test = problem.jobs[0].operations[1]
    found = [(way.mode, way.duration_s / HOUR_S, dict(way.demands)) for way in test.ways]
    assert found == [("old", 30, {"cell": 1, "bay": 0.5}), ("new", 20, {"new_cell": 2, "bay": 0.5})]
    assert set(problem.capacities) == {"bay", "cell", "new_cell"}
    assert solve(problem, SHORT, seed=1).makespan_h == 20 + 20 + 4


def test_averages_of_modes_take_what_each_can_turn_out():
    """2 old cells in 30 h, 4 pairs of new ones in 20 h: a quarter and three quarters of the racks."""
    network = build_network(two_kinds())
    seized = network.seizes[network.routed_at("integrator", "rack_l11")[0], 2]
    held = {need.resource: need.amount for need in seized}
    assert held == pytest.approx(
        {"cell": 1 / 4, "new_cell": 2 * 3 / 4 * 20 / 30, "bay": 0.5 * (1 / 4 + 3 / 4 * 20 / 30)}
    )


def test_a_rack_begun_in_a_mode_stays_in_it():
    begun = release(1, "rack_l11", first_step=2, remaining_s=3 * HOUR_S, mode="new")
    waiting = release(2, "rack_l11", first_step=2, remaining_s=3 * HOUR_S, under_way=False)
    first, second = (job.operations[0] for job in problem_of(two_kinds(), "integrator", [begun, waiting]).jobs)
    assert [(way.mode, way.duration_s / HOUR_S) for way in first.ways] == [("new", 3)]
    assert [(way.mode, way.duration_s / HOUR_S) for way in second.ways] == [("old", 3), ("new", 2)]
    with pytest.raises(RunError, match="has no mode slow"):
        problem_of(two_kinds(), "integrator", [release(1, "rack_l11", first_step=2, remaining_s=9, mode="slow")])


def test_jobs_of_one_order_wait_for_those_they_are_made_of():
    world = chain_world()
    items = [release(unit, "tray", order="x") for unit in (1, 2, 3, 4)]
    steps = [row(RoutingStep, item="tray", level="L6", step=1, name="tray", hours=5)]
    made = row(Process, process="trays", site="integrator", item="tray")
    world = world.model_copy(
        update={"routings": (*world.routings, *steps), "processes": (made, *world.processes[:2], *world.processes[4:])}
    )
    racks = [release(unit, "rack_l11", order="x") for unit in (11, 12)]
    problem = problem_of(world, "integrator", [*items, *racks, release(9, "rack_l11", order="y")])
    waits = {(job.order, job.unit): job.after for job in problem.jobs if job.after}
    assert waits == {("x", 11): (("x", 1), ("x", 2)), ("x", 12): (("x", 3), ("x", 4))}


def test_a_rack_without_steps_at_the_site_is_refused():
    with pytest.raises(RunError, match="has no routing at fab"):
        problem_of(chain_world(), "fab", [release(1, "rack_l11")])
    with pytest.raises(RunError, match="no step from 9 on"):
        problem_of(chain_world(), "integrator", [release(1, "rack_l11", first_step=9)])


def test_capacity_is_kept_while_the_site_stands_still():
    capacity = StepProfile.of([(0, 5.0), (100, 0.0), (200, 2.0), (300, 5.0)])
    held = _held_through(capacity, StepProfile.window(100, 200, 1, 0))
    assert [held.at(time_s) for time_s in (50, 150, 250, 350)] == [5, 5, 2, 5]


def test_an_outage_of_the_site_stretches_the_work_under_it():
    network = build_network(chain_world())
    outage = Disruption(
        name="power cut", at=Target(site="integrator"), kind="outage", starts=STARTS, lasts_days=constant(1)
    )
    cut_s, back_s = 10 * HOUR_S, 34 * HOUR_S
    resolved = ResolvedDisruption(disruption=outage, starts_s=cut_s, ends_s=back_s, recovered_s=back_s, known_s=cut_s)
    available = availability(network, (resolved,))
    problem = schedule_problem(network, available, "integrator", 0, WEEK_S, [release(1, "rack_l11")])
    first = solve(problem, SHORT, seed=1).assignments[0]
    assert (first.start_s, first.end_s) == (0, 44 * HOUR_S)
