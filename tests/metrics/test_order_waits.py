"""What the racks of an order waited for adds up to the time they took."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import noisy_chain_world

from twin.metrics.facts import facts_from
from twin.metrics.order_waits import acceptances_s, docked_s, shortages_h, waits_h
from twin.metrics.rows import Rows
from twin.metrics.view import View
from twin.model.case import make_case
from twin.model.scenario import Budgets, Scenario
from twin.study.arms import play
from twin.study.replicate import simulate_arm


@pytest.fixture(scope="module")
def view() -> View:
    limits = Budgets(schedule_deterministic_seconds=0.05, schedule_dispatch_trials=1)
    arm = play(make_case(noisy_chain_world(), Scenario(name="calm", replications=1, budgets=limits)), 1).main_arm
    return View(simulate_arm(arm, 0).log, facts_from(arm.ground.network))


def test_each_rack_of_an_order_is_accepted_once(view: View) -> None:
    for order in ("order-03", "order-08"):
        times = acceptances_s(view, order)
        assert len(times) == 2
        assert sorted(times) == times.tolist()
    assert len(acceptances_s(view, "no such order")) == 0


def test_waits_and_work_add_up_from_the_planned_start_to_acceptance(view: View) -> None:
    """Late enough in the year that no rack of the order was on its way on day one."""
    for order in ("order-07", "order-09", "order-11"):
        accepted = view.all("accepted")
        accepted = accepted.where(accepted.order == view.log.orders.index(order))
        begun = view.all("started")
        begun = begun.where((begun.unit >= 0) & np.isin(begun.parent, accepted.parent))
        at_integrator = begun.where(np.array([view.log.places[place].endswith("@integrator") for place in begun.place]))
        assert len(at_integrator) == len(accepted) == 2
        wanted_s = np.minimum(at_integrator.since_s, at_integrator.time_s)
        worked_s = sum(
            float((rows.time_s - rows.since_s).sum())
            for event in ("step", "rework")
            for rows in (view.all(event).where(np.isin(view.all(event).serial, begun.serial)),)
        )
        docked = view.all("docked")
        docked = docked.where(np.isin(docked.parent, accepted.parent) & (docked.unit >= 0))
        travelled_s = float((docked.time_s - docked.since_s).sum())
        expected_h = (float((accepted.time_s - wanted_s).sum()) - worked_s - travelled_s) / 3600
        assert sum(waits_h(view, order).values()) == pytest.approx(expected_h, abs=1e-6)


def test_waits_of_racks_accepted_after_a_moment_are_those_of_these_alone(view: View) -> None:
    every, later = 0.0, 0.0
    for order in ("order-07", "order-09", "order-11"):
        first_s, last_s = acceptances_s(view, order)
        assert waits_h(view, order, last_s) == {}
        every += sum(waits_h(view, order).values())
        later += sum(waits_h(view, order, first_s).values())
    assert 0 < later < every
    first_s, last_s = acceptances_s(view, "order-09")
    docked = view.all("docked").where(view.all("docked").unit >= 0)
    mine = view.all("accepted").where(view.all("accepted").time_s == last_s)
    assert (
        docked_s(view, "order-09", first_s).tolist()
        == docked.where(np.isin(docked.parent, mine.parent)).time_s.tolist()
    )
    assert len(docked_s(view, "order-09", -1)) == 2


def test_stages_are_named_by_what_is_waited_for(view: View) -> None:
    stages = {stage for order in view.log.orders for stage in waits_h(view, order)}
    assert {kind for kind, _, _ in stages} == {"release", "step", "truck", "place"}
    assert ("release", "integrator", "rack_l11") in stages
    assert ("step", "integrator", "test") in stages
    assert ("truck", "integrator", "integrator-campus") in stages
    assert ("place", "campus", "rack_accepted") in stages


def test_shortages_are_counted_until_they_are_filled(view: View) -> None:
    rows = view.all("filled")
    total_h = float((rows.time_s - rows.since_s).sum()) / 3600
    assert isinstance(rows, Rows)
    assert sum(shortages_h(view).values()) == pytest.approx(total_h)
