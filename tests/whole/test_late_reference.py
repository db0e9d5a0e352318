"""Every late order of every shipped scenario is explained without rest."""

from __future__ import annotations

import pytest

from twin.metrics.facts import facts_from
from twin.metrics.late_orders import late_orders
from twin.metrics.view import View
from twin.model.case import load_case, make_case
from twin.study.ground import Ground, lay_ground
from twin.study.late import late_world
from twin.study.playbook import make_playbook
from twin.study.replicate import Arm, simulate_arm

SHIPPED = ("baseline", "hbm-outage", "cowos-quake", "integrator-power")


@pytest.fixture(scope="module")
def ground() -> Ground:
    """The reference world's, which the shipped scenarios share.

    To save time racks go by dispatch rule, and the run ends a quarter after the report window.
    """
    case = load_case("baseline")
    settings = case.world.settings.model_copy(update={"schedule_weeks": 0, "tail_weeks": 13})
    return lay_ground(make_case(case.world.model_copy(update={"settings": settings}), case.scenario))


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_links_add_up_to_every_delay(ground: Ground, name: str) -> None:
    """With the luck of the first replication."""
    disruptions = tuple(load_case(name).scenario.disruptions)
    arm = Arm(ground=ground, disruptions=disruptions, playbook=make_playbook(ground, disruptions), seed=1)
    assert arm.playbook.opening is not None
    view = View(simulate_arm(arm, 0).log, facts_from(ground.network))
    late = late_orders(view, late_world(arm, arm.playbook.opening.plan, {}))
    assert len(late.orders) > 100
    for order in late.orders:
        assert sum(link.days for link in order.links) == pytest.approx(order.delay_days, abs=1e-6), order.order
        assert all(link.what and (link.where or link.cause == "small") for link in order.links)
    named = {disruption.name for disruption in disruptions}
    told = {name for name in named for cause in late.causes if name in cause.because}
    assert told == named
