"""Power that is cut, through plan, schedule and simulation: the same as a capacity of that resource that falls."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from worlds import STARTS, chain_world, row

from twin.disrupt.availability import availability
from twin.disrupt.resolve import resolve
from twin.model.case import make_case
from twin.model.problems import InputError
from twin.model.rows_demand import Readiness
from twin.model.scenario import Budgets, Case, Disruption, Scenario, Target
from twin.model.units import HOUR_S
from twin.model.world import World
from twin.network.build import build_network
from twin.study.arms import Played, play

QUICK = Budgets(schedule_deterministic_seconds=0.05, schedule_dispatch_trials=1)
DAYS, FROM_DAY = 14, 35


def powered_world() -> World:
    """The chain with test cells counted in kW."""
    base = chain_world()
    cells = tuple(
        line.model_copy(update={"unit": "kW"}) if line.resource == "cell" else line for line in base.resources
    )
    return chain_world(resources=cells)


def cut(kind: str, lasts_days: float = DAYS, **at: str) -> Case:
    one = Disruption(
        name="cut", at=Target(**at), kind=kind, starts=STARTS + timedelta(days=FROM_DAY), lasts_days=lasts_days,
        known_after_days=-7, capacity_left=0.25,
    )  # fmt: skip
    return make_case(powered_world(), Scenario(name="cut", replications=1, budgets=QUICK, disruptions=[one]))


@pytest.fixture(scope="module")
def curtailed() -> Played:
    return play(cut("curtailment", site="integrator"), 1, None, lambda *_: None)


def test_it_is_a_capacity_that_falls_at_every_stage(curtailed: Played) -> None:
    lowered = play(cut("capacity", site="integrator", resource="cell"), 1, None, lambda *_: None)
    ours, theirs = curtailed.main_arm.playbook, lowered.main_arm.playbook
    assert ours.replan_at_s == theirs.replan_at_s
    for at_s in ours.replan_at_s:
        mine, other = ours.updates[at_s], theirs.updates[at_s]
        assert mine.plan.backlog["acme", "campus", "rack_accepted"] == pytest.approx(
            other.plan.backlog["acme", "campus", "rack_accepted"]
        )
        assert [each.assignments for each in mine.schedules] == [each.assignments for each in other.schedules]
    assert np.array_equal(curtailed.main_runs[0].log.rows, lowered.main_runs[0].log.rows, equal_nan=True)


def test_no_test_begins_without_its_power(curtailed: Played) -> None:
    """A quarter of 2 kW is too little for any; a week is the rest of a rack's way to the campus."""
    during = slice(FROM_DAY + 7, FROM_DAY + DAYS)
    assert curtailed.main_runs[0].series["daily_accepted"][during].sum() == 0
    assert curtailed.baseline_runs[0].series["daily_accepted"][during].sum() > 0


def test_it_may_last_hours() -> None:
    case = cut("curtailment", lasts_days=0.25, site="integrator")
    network = build_network(case.world)
    power = availability(network, resolve(case.world, case.scenario.disruptions)).resources["integrator", "cell"]
    begins_s = FROM_DAY * 24 * HOUR_S
    assert [power.at(begins_s + hour * HOUR_S) for hour in (-1, 0, 5, 6)] == [2, 0.5, 0.5, 2]


@pytest.mark.parametrize("at", [{"site": "campus"}, {"site": "fab"}, {"item": "rack_l11"}])
def test_where_there_is_no_power_to_take_it_is_refused(at: dict[str, str]) -> None:
    ready = row(Readiness, site="campus", firm_mw=10.0, rack_positions=900)
    world = powered_world().model_copy(update={"readiness": (ready,)})
    one = Disruption(name="cut", at=Target(**at), kind="curtailment", starts=STARTS, lasts_days=1, capacity_left=0.5)
    with pytest.raises(InputError, match="no resource in kW or MW"):
        make_case(world, Scenario(name="cut", disruptions=[one]))
