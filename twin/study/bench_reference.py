"""The reference world's figures: plan, schedules, a replicated year with its memory, and a tenth of its racks."""

from __future__ import annotations

import pickle
import statistics
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from twin.disrupt.availability import availability
from twin.disrupt.resolve import resolve
from twin.metrics.dictionary import compute_kpis
from twin.metrics.facts import facts_from
from twin.model.case import load_case, make_case
from twin.model.scenario import Case
from twin.model.units import WEEK_S
from twin.plan.make import make_plan
from twin.plan.record import PlanOptions, SupplyPlan
from twin.plan.survive import time_to_survive
from twin.schedule.record import Schedule
from twin.simulate.record import SimulationProblem
from twin.simulate.run import simulate
from twin.study.bench_timing import REPEATS, Put, median_of, timed
from twin.study.ground import Ground, lay_ground
from twin.study.playbook import Playbook, SiteWindow, make_playbook, schedule_in_turn, schedule_site
from twin.study.replicate import Arm, simulate_arm

SITE_RACKS = 1000
SITE_WEEKS = 12
"""In which the busiest site makes so many."""
DISRUPTED = "hbm-outage"
"""The scenario of the reference world whose disruption the stress programme is asked about."""


def measure_reference(put: Put) -> None:
    """Put the figures of plan, schedule and simulation, with each stage's share of the time."""
    case = load_case(DISRUPTED)
    spent: dict[str, float] = {}
    ground, spent["day one"] = timed(lambda: lay_ground(case))
    available = availability(ground.network, ())
    plan, spent["plan"] = median_of(
        lambda: make_plan(ground.network, available, ground.day_one, ground.orders, PlanOptions())
    )
    put("plan_seconds", spent["plan"], "CPU s")
    _stress(put, ground, plan)
    playbook, spent["schedule"] = _playbook(ground)
    put("schedule_fortnight_seconds", spent["schedule"], "CPU s for all sites")
    year = year_of(ground, playbook)
    spent["simulate"], spent["measure"] = year.simulate_s, year.measure_s
    put("events_per_cpu_second", year.events_per_second, "events per CPU second")
    put("reference_year_seconds", year.year_s, "CPU s per replicated year")
    put("reference_year_peak_mb", peak_mb_of(ground, playbook), "MB, a replication with its log and measures by itself")
    for name, value in spent.items():
        put(f"share_{name.replace(' ', '_')}", value / sum(spent.values()), "of one replication's whole flow")
    put("growth_120_to_1200_racks", year.year_s / _year_of_a_tenth(case), "times as long for ten times the racks")
    _site_schedule(put, ground, playbook)


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """How fast replications run: medians, in CPU seconds."""

    simulate_s: float
    """Of a whole replication."""
    year_s: float
    """The same for 52 weeks."""
    measure_s: float
    events_per_second: float


def year_of(ground: Ground, playbook: Playbook, repeats: int = REPEATS) -> Year:
    """So many replications of the undisrupted world, simulated and measured."""
    arm = Arm(ground=ground, disruptions=(), playbook=playbook, seed=1)
    facts, horizon_s = facts_from(ground.network), ground.case.world.settings.horizon_s
    seconds, measuring, rates = [], [], []
    for replication in range(repeats):
        result, took = timed(lambda number=replication: simulate_arm(arm, number))  # type: ignore[misc]
        seconds.append(took)
        rates.append(result.events / took)
        measuring.append(timed(lambda log=result.log: compute_kpis(log, facts))[1])  # type: ignore[misc]
    return Year(
        simulate_s=statistics.median(seconds),
        year_s=statistics.median(seconds) * 52 * WEEK_S / horizon_s,
        measure_s=statistics.median(measuring),
        events_per_second=statistics.median(rates),
    )


def _stress(put: Put, ground: Ground, plan: SupplyPlan) -> None:
    """The static stress programme of one contingency, with its search for the day of the first failure."""
    mean = resolve(ground.case.world, ground.case.scenario.disruptions)
    hit = availability(ground.network, mean)
    start_s, end_s = min(one.starts_s for one in mean), max(one.recovered_s for one in mean)
    _, seconds = median_of(lambda: time_to_survive(ground.network, ground.day_one, plan, hit, start_s, end_s))
    put("stress_lp_seconds", seconds, "CPU s a contingency")


def _playbook(ground: Ground) -> tuple[Playbook, float]:
    """The undisrupted plan with its schedules, and the seconds of these."""
    spent: list[float] = []

    def schedules(work: list[SiteWindow]) -> list[Schedule]:
        made, seconds = timed(lambda: schedule_in_turn(work))
        spent.append(seconds)
        return made

    return make_playbook(ground, (), schedule_all=schedules), sum(spent)


def peak_mb_of(ground: Ground, playbook: Playbook) -> float:
    """Peak memory, in megabytes, of one replication in a process of its own, so that no other stage's counts."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "arm.pickle"
        path.write_bytes(pickle.dumps(Arm(ground=ground, disruptions=(), playbook=playbook, seed=1)))
        command = [sys.executable, "-m", "twin.study.bench_memory", str(path)]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _year_of_a_tenth(case: Case) -> float:
    """CPU seconds a replicated year of the same world with a tenth of its orders."""
    orders = tuple(row.model_copy(update={"quantity": max(1, round(row.quantity / 10))}) for row in case.world.orders)
    calm = case.scenario.model_copy(update={"disruptions": [], "changes": []})
    ground = lay_ground(make_case(case.world.model_copy(update={"orders": orders}), calm))
    return year_of(ground, make_playbook(ground, ())).year_s


def _site_schedule(put: Put, ground: Ground, playbook: Playbook) -> None:
    """The first thousand racks of the site that makes most, all there at once, due in half the time.

    Priorities go round, since of racks that are all alike the earliest due first is the best.
    """
    assert playbook.opening is not None
    site = max(playbook.opening.schedules, key=lambda each: (each.racks, each.site)).site
    available = availability(ground.network, ())
    mean = SimulationProblem(
        network=ground.network,
        availability=available,
        orders=ground.orders,
        state=ground.day_one,
        opening=playbook.opening,
        noise=False,
        until_s=SITE_WEEKS * WEEK_S,
    )
    units = [unit for unit in simulate(mean).releases if unit.site == site and not unit.inside][:SITE_RACKS]
    at_s = units[0].release_s
    crowd = tuple(
        replace(unit, release_s=at_s, due_s=at_s + (unit.due_s - at_s) // 2, priority=1 + number % 9)
        for number, unit in enumerate(units)
    )
    schedule, seconds = timed(lambda: schedule_site(ground, available, site, at_s, crowd))
    put("schedule_site_seconds", seconds, f"CPU s for {schedule.racks} racks")
    put("schedule_site_makespan_gap", schedule.makespan_gap, "of the makespan above its bound")
    late, plain = schedule.tardiness_h, schedule.edd_tardiness_h
    put("schedule_site_tardiness_below_edd", (plain - late) / plain if plain else 0.0, "of that of earliest due date")
