"""Planning anew: from one run for all or from each replication, at what becomes known or every so many weeks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from properties.log_reading import lines, work_done
from properties.worlds_generated import GENERATE, QUICK, disruptions, small_worlds
from worlds import chain_world, day, noisy_chain_world

from twin.disrupt.resolve import resolve
from twin.events.canonical import before, log_digest
from twin.model.case import make_case
from twin.model.scenario import Case, Disruption, Scenario, Target
from twin.model.state import State
from twin.model.units import DAY_S, WEEK_S
from twin.model.world import World
from twin.simulate.record import PlanUpdate, SimulationProblem
from twin.simulate.run import simulate
from twin.study.arms import Arms, Played, Stopwatch, plan_arms, play
from twin.study.ground import lay_ground, silent
from twin.study.replicate import Arm, completions, own_luck, playbook_of, simulate_arm

FEW = settings(max_examples=6, phases=GENERATE)
BOTH_WAYS = pytest.mark.parametrize("replan", ["known", "each"])
FIRE = Disruption(
    name="fire", at=Target(site="pack_a"), kind="outage", starts=day(17), known_after_days=1, lasts_weeks=3,
    wip_lost=0.3,
)  # fmt: skip


def case_of(world: World, hits: tuple[Disruption, ...] = (), **cells: Any) -> Case:
    return make_case(
        world, Scenario(name="anew", disruptions=list(hits), budgets=QUICK, **({"replications": 1} | cells))
    )


def arms_of(world: World, hits: tuple[Disruption, ...] = (), **cells: Any) -> Arms:
    return plan_arms(lay_ground(case_of(world, hits, **cells)), (), 1, silent, Stopwatch())


@pytest.fixture(scope="module")
def noisy_pair() -> Arms:
    return arms_of(noisy_chain_world(racks_per_week=4), (FIRE,), replan="each", replan_every_weeks=5)


# --- whose state ------------------------------------------------------------------------------


@pytest.mark.parametrize("racks_per_week", [2, 5])
def test_without_luck_each_is_known(racks_per_week: int) -> None:
    """The run that all follow and a replication are then the same, and so are their plans, row for row."""
    logs = []
    for replan in ("known", "each"):
        world = chain_world(racks_per_week=racks_per_week)
        arms = arms_of(world, (FIRE,), replan=replan, replan_every_weeks=4)
        logs.append([log_digest(simulate_arm(arm, 1).log) for arm in (arms.baseline, arms.main_arm)])
    assert logs[0] == logs[1]
    assert logs[0][0] != logs[0][1]


def test_with_luck_each_is_not_known(noisy_pair: Arms) -> None:
    """Nor are the plans of two replications the same."""
    arm = noisy_pair.main_arm
    shared = arms_of(noisy_chain_world(racks_per_week=4), (FIRE,), replan_every_weeks=5).main_arm
    books = [arm.playbook, playbook_of(arm, 1), shared.playbook]
    last = max(arm.playbook.replan_at_s)
    assert len({books[number].updates[last].plan.value for number in range(3)}) == 3
    assert len({log_digest(simulate_arm(each, 1).log) for each in (arm, shared)}) == 2


def test_a_replication_carries_no_shortfall_into_a_plan_from_its_own_state(noisy_pair: Arms) -> None:
    """What it had done is what its plan was told, moment by moment, and the state is the one it is in."""
    arm = noisy_pair.main_arm
    for replication in (0, 1):
        book, seen = playbook_of(arm, replication), []

        def planner(now_s: int, state: Any, done: Any, book: Any = book, seen: Any = seen) -> PlanUpdate:
            update: PlanUpdate = book.updates[now_s]
            seen.append((dict(done()) == dict(update.progress), same_goods(state(), book.states[now_s])))
            return update

        simulate(problem_of(arm, replication, planner))
        assert seen == [(True, True)] * len(book.updates)
        assert len(seen) == 5


def same_goods(one: State, other: State) -> bool:
    """What waits for its turn has its drawn work in the one and its mean in the other; all else is equal."""
    return replace(one, racks=()) == replace(other, racks=()) and len(one.racks) == len(other.racks)


def problem_of(arm: Arm, replication: int, planner: Any, **cells: Any) -> SimulationProblem:
    ground = arm.ground
    return SimulationProblem(
        **(
            {
                "network": ground.network,
                "availability": arm.playbook.available,
                "orders": ground.orders,
                "state": ground.day_one,
                "opening": arm.playbook.opening,
                "replan_at_s": arm.playbook.replan_at_s,
                "planner": planner,
                "seed": arm.seed,
                "replication": replication,
            }
            | cells
        )
    )


@BOTH_WAYS
def test_planning_every_week_makes_no_order_later(replan: str) -> None:
    """Though every lot and rack is begun in one plan and released in the next: what is begun is not begun again."""
    late_days = []
    for weeks in (None, 1):
        world = chain_world(racks_per_week=1)
        world = world.model_copy(update={"settings": world.settings.model_copy(update={"schedule_weeks": 0})})
        arm = arms_of(world, replan=replan, replan_every_weeks=weeks).main_arm
        due_s = np.array([line.due_s for line in arm.ground.orders])
        late_s = completions(arm.ground, simulate_arm(arm, 0).log)[:12] - due_s[:12]
        late_days.append(np.maximum(late_s, 0.0) / DAY_S)
    never_anew, weekly = late_days
    assert weekly.mean() < never_anew.mean()
    assert (weekly < never_anew + 1).all()


# --- what is known ----------------------------------------------------------------------------


@BOTH_WAYS
@FEW
@given(world=small_worlds(schedule_weeks=2), hit=disruptions())
def test_nothing_differs_before_a_disruption_starts_or_is_known(replan: str, world: World, hit: Disruption) -> None:
    """Though plans and schedules made shortly before look into the weeks in which it strikes."""
    (resolved,) = resolve(world, (hit,))
    moment_s = min(resolved.starts_s, resolved.known_s)
    assume(moment_s > WEEK_S)
    arms = arms_of(world, (hit,), replan=replan, replan_every_weeks=2)
    assert arms.disrupted is not None
    logs = [before(simulate_arm(arm, 1).log, moment_s) for arm in (arms.baseline, arms.disrupted)]
    assert log_digest(logs[0]) == log_digest(logs[1])


@BOTH_WAYS
def test_a_schedule_made_the_week_before_does_not_foresee_the_fire(replan: str) -> None:
    """Trays run out in the fortnight of the schedule made on the 14th day, a day before it is known."""
    hit = Disruption(name="trays", at=Target(site="trays"), kind="outage", starts=day(15), lasts_weeks=2)
    world = noisy_chain_world(racks_per_week=6)
    world = world.model_copy(update={"settings": world.settings.model_copy(update={"schedule_weeks": 2})})
    arms = arms_of(world, (hit,), replan=replan, replan_every_weeks=2)
    assert arms.disrupted is not None
    calm, hurt = arms.baseline.playbook, arms.disrupted.playbook
    assert calm.updates[2 * WEEK_S].schedules == hurt.updates[2 * WEEK_S].schedules != ()
    assert calm.updates[4 * WEEK_S].schedules != hurt.updates[4 * WEEK_S].schedules


def test_what_is_foreseen_from_a_moment_has_no_luck(noisy_pair: Arms) -> None:
    """Work begun after it takes its mean, no test fails, no cell breaks down; before it, all as it was."""
    arm, at_s = noisy_pair.baseline, noisy_pair.baseline.playbook.replan_at_s[2]
    planner = lambda now_s, _state, _done: arm.playbook.updates[now_s]  # noqa: E731
    real = simulate(problem_of(arm, 0, planner)).log
    foreseen = simulate(problem_of(arm, 0, planner, mean_from_s=at_s)).log
    assert log_digest(before(real, at_s)) == log_digest(before(foreseen, at_s))
    hours = {
        (site, row.item, row.step): row.hours.mean
        for (_, site, _), rows in arm.ground.network.routing.items()
        for row in rows
        if site == "integrator"
    }
    steps = [work for work in work_done(foreseen, arm.ground.network) if work.start_s > at_s + DAY_S]
    known = [work for work in steps if (work.site, work.item, work.step) in hours]
    assert len(known) > 50
    for work in known:
        assert work.end_s - work.start_s == round(hours[work.site, work.item, work.step] * 3600)
    later = {line.event for line in lines(foreseen) if line.time_s > at_s + 3 * DAY_S}
    assert not later & {"failed", "down"}
    assert {"failed", "down"} <= {line.event for line in lines(real) if line.time_s > at_s + 3 * DAY_S}


def test_an_end_that_comes_early_is_learnt_when_it_comes() -> None:
    """Planners of a replication reckon with the mean end, and with the true one once it is past."""
    hit = Disruption(name="fire", at=Target(site="pack_a"), kind="outage", starts=day(17), lasts_weeks="uniform(1, 7)")
    own, shared = (
        arms_of(chain_world(racks_per_week=4), (hit,), replan=replan, replan_every_weeks=5).main_arm
        for replan in ("each", "known")
    )
    # On the 35th day it has gone on for 18 days, of 28 in the mean.
    ends_s = {number: own_luck(own.ground, (hit,), 1, number).true[0].ends_s for number in range(1, 40)}
    short = min(ends_s, key=lambda number: ends_s[number])
    assert ends_s[short] < 5 * WEEK_S
    key = ("packaging", "pack_a", "package")
    assert playbook_of(own, short).updates[5 * WEEK_S].plan.production[key][0] > 0
    assert shared.playbook.updates[5 * WEEK_S].plan.production[key][0] == 0


# --- moments ----------------------------------------------------------------------------------


def test_both_arms_are_planned_anew_at_the_same_moments(noisy_pair: Arms) -> None:
    """Every fifth week of twenty, and when the fire is known and at its end."""
    assert noisy_pair.disrupted is not None
    moments = (18 * DAY_S, 5 * WEEK_S, 38 * DAY_S, 10 * WEEK_S, 15 * WEEK_S)
    assert noisy_pair.baseline.playbook.replan_at_s == noisy_pair.disrupted.playbook.replan_at_s == moments


def test_each_new_plan_brings_schedules_of_the_weeks_after_it(noisy_pair: Arms) -> None:
    for at_s, update in noisy_pair.baseline.playbook.updates.items():
        starts = [each.start_s for schedule in update.schedules for each in schedule.assignments]
        assert starts, at_s
        assert min(starts) >= at_s


# --- workers ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_one_worker_and_two_workers_agree() -> None:
    case = case_of(noisy_chain_world(racks_per_week=4), (FIRE,), replications=2, replan="each", replan_every_weeks=6)
    one, two = play(case, workers=1), play(case, workers=2)
    assert told(one) == told(two)


def told(played: Played) -> list[str]:
    return [repr((each.kpis, each.series["daily_accepted"].tolist())) for each in played.main_runs]
