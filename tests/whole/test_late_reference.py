"""Every late order of every shipped scenario is explained without rest."""

from __future__ import annotations

import pytest

from twin.metrics.facts import facts_from
from twin.metrics.late_orders import late_orders
from twin.metrics.view import View
from twin.model.case import load_case
from twin.simulate.record import PlanUpdate
from twin.study.ground import Ground, lay_ground
from twin.study.late import late_world
from twin.study.playbook import make_playbook, moments_of
from twin.study.replicate import Arm, simulate_arm

SHIPPED = ("baseline", "hbm-outage", "cowos-quake", "integrator-power")


@pytest.fixture(scope="module")
def begun() -> tuple[Ground, PlanUpdate]:
    """The reference world with its day one, first plan and schedules, which the shipped scenarios share."""
    ground = lay_ground(load_case("baseline"))
    opening = make_playbook(ground, (), moments=()).opening
    assert opening is not None
    return ground, opening


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_links_add_up_to_every_delay(begun: tuple[Ground, PlanUpdate], name: str) -> None:
    """The first replication as `twin run` makes it: all weeks, schedules and new plans."""
    (ground, opening), scenario = begun, load_case(name).scenario
    assert not any((scenario.changes, scenario.mitigations, scenario.settings))
    disruptions = tuple(scenario.disruptions)
    book = make_playbook(ground, disruptions, opening, moments=moments_of(ground.network, scenario))
    assert book.opening is not None
    arm = Arm(ground=ground, disruptions=disruptions, playbook=book, seed=scenario.seed)
    view = View(simulate_arm(arm, 0).log, facts_from(ground.network))
    late = late_orders(view, late_world(arm, book.opening.plan, {}))
    assert len(late.orders) > 1_000
    for order in late.orders:
        assert sum(link.days for link in order.links) == pytest.approx(order.delay_days, abs=1e-6), order.order
        assert all(link.what and link.because and (link.where or link.cause == "small") for link in order.links)
    named = {disruption.name for disruption in disruptions}
    told = {name for name in named for cause in late.causes if name in cause.because}
    assert told == named
