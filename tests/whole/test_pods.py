"""The world of two hundred pods a week from end to end, over a few of its weeks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest

from twin.events.record import Log
from twin.model.case import load_case, make_case
from twin.plan.record import SupplyPlan
from twin.study.ground import Ground, lay_ground
from twin.study.playbook import make_playbook
from twin.study.replicate import Arm, simulate_arm

pytestmark = pytest.mark.slow

WEEKS = 4
RACKS = {"nvl72": 16, "lpx": 10, "cpu": 2, "stx": 2, "spx": 10}
A_WEEK = {f"accepted_{name}": 200 * racks for name, racks in RACKS.items()}


@dataclass(frozen=True)
class Weeks:
    ground: Ground
    plan: SupplyPlan
    log: Log

    def accepted(self) -> Counter[str]:
        """Racks by item."""
        rows = self.log.of("accepted")
        return Counter(self.log.items[int(code)] for code in self.log.column("item")[rows])


def lived(scenario: str) -> Weeks:
    """The first weeks of a scenario, with the dispatch rule alone."""
    case = load_case(scenario)
    settings = {"report_weeks": WEEKS, "tail_weeks": 0, "schedule_weeks": 0}
    short = make_case(case.base_world, case.scenario.model_copy(update={"settings": settings}))
    ground = lay_ground(short)
    playbook = make_playbook(ground, ())
    assert playbook.opening is not None
    log = simulate_arm(Arm(ground=ground, disruptions=(), playbook=playbook, seed=1), 0).log
    return Weeks(ground, playbook.opening.plan, log)


def test_on_what_it_requires_two_hundred_pods_come_every_week() -> None:
    weeks = lived("pods-200")
    assert weeks.plan.status == "optimal"
    accepted = weeks.accepted()
    assert set(accepted) == set(A_WEEK)
    for item, racks in A_WEEK.items():
        assert accepted[item] == pytest.approx(WEEKS * racks, rel=0.05), item


def test_on_public_capacity_some_110_pods_come_a_week() -> None:
    """CoWoS allows 107 by hand, and day one has some ready; other racks are not held back, and wait for their NVL72."""
    weeks = lived("pods-public")
    accepted = weeks.accepted()
    assert 107 <= accepted["accepted_nvl72"] / 16 / WEEKS <= 1.1 * 107
    for item, racks in A_WEEK.items():
        assert item == "accepted_nvl72" or accepted[item] == pytest.approx(WEEKS * racks, rel=0.05), item
