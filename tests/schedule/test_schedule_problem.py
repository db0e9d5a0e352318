"""From the twin's tables to a schedule problem."""

from __future__ import annotations

import pytest
from schedule.shops import SHORT, problem_of
from worlds import STARTS, chain_world, noisy_chain_world, rework_world

from twin.disrupt.availability import availability
from twin.disrupt.resolved import ResolvedDisruption
from twin.model.distribution import constant
from twin.model.problems import RunError
from twin.model.profile import StepProfile
from twin.model.rows_make import RoutingResource, RoutingStep
from twin.model.scenario import Disruption, Target
from twin.model.units import HOUR_S, WEEK_S
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
    step = build_network(noisy_chain_world()).routing["integrator", "rack_l11"][1]
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
    shares = rework_shares([(7.0, steps, seizes)])
    # One failure a rack: 4 h more in the bay; 10 h of test and 2 h of rework more in the cell.
    assert shares == {"bay": pytest.approx(4 / 8), "cell": pytest.approx(12 / 22)}


def test_the_reserve_of_the_rework_world_is_its_share_of_repeats():
    problem = problem_of(rework_world(first_pass_yield=0.85), "shop", [release(1, "job")])
    assert problem.reserve["cell"] == pytest.approx(0.15)


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
