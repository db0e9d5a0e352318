"""The year of two hundred pods a week, 8,000 racks: its plan, its time and its memory.

One replication is timed: it is long enough for that, and three would be most of `make bench`.
"""

from __future__ import annotations

from twin.model.case import load_case, make_case
from twin.model.scenario import Case
from twin.study.bench_reference import peak_mb_of, year_of
from twin.study.bench_timing import Put, timed
from twin.study.ground import lay_ground
from twin.study.playbook import make_playbook

PODS = "pods-200"
"""The scenario."""


def measure_pods(put: Put) -> None:
    """Put the seconds that plan and schedules of the year take, those of a replication, and its peak memory."""
    case = one_year(load_case(PODS))
    (ground, playbook), planned_s = timed(lambda: (ground := lay_ground(case), make_playbook(ground, ())))
    put("pods_200_plan_seconds", planned_s, "CPU s for day one, plan and schedules")
    racks = sum(order.quantity for order in case.world.orders)
    put("pods_200_year_seconds", year_of(ground, playbook, repeats=1).year_s, f"CPU s for a year of {racks:,} racks")
    put("pods_200_year_peak_mb", peak_mb_of(ground, playbook), "MB, a replication with its log and measures by itself")


def one_year(case: Case) -> Case:
    """The case without the tail that only recovery from a disruption is read in."""
    return make_case(case.base_world, case.scenario.model_copy(update={"settings": {"tail_weeks": 0}}))
