"""`make bench`: how fast the twin is, as medians of several runs, printed and kept as JSON."""

from __future__ import annotations

import json
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from twin.disrupt.availability import availability
from twin.disrupt.record import Availability
from twin.disrupt.resolve import resolve
from twin.events.record import EVENTS
from twin.metrics.dictionary import compute_kpis
from twin.metrics.facts import facts_from
from twin.model.case import load_case, make_case
from twin.model.rows_demand import Demand, StockPolicy
from twin.model.rows_demand import Stock as StockRow
from twin.model.rows_make import Process
from twin.model.rows_network import Item, Lane, Site
from twin.model.scenario import Case
from twin.model.state import State
from twin.model.units import WEEK_S
from twin.model.world import Settings, World
from twin.network.build import build_network
from twin.plan.make import make_plan
from twin.plan.record import PlanOptions, SupplyPlan
from twin.plan.survive import time_to_survive
from twin.schedule.record import Schedule
from twin.simulate.record import SimulationProblem
from twin.simulate.run import simulate
from twin.study.bench_schedule import measure_schedules
from twin.study.ground import Ground, lay_ground
from twin.study.playbook import Playbook, SiteWindow, make_playbook, schedule_in_turn, schedule_site
from twin.study.replicate import Arm, simulate_arm

REPEATS = 3
SITE_RACKS = 1000
SITE_WEEKS = 12
"""In which the busiest site makes so many."""
DISRUPTED = "hbm-outage"
"""The scenario of the reference world whose disruption the stress programme is asked about."""
FIGURES = Path("reports/bench.json")
CHAIN_ECHELONS = 5

Answer = TypeVar("Answer")
Put = Callable[[str, float, str], None]
"""Told a figure's name, value and unit."""


def main() -> int:
    """Measure, print a line a figure, write the figures."""
    figures: dict[str, dict[str, object]] = {}

    def put(name: str, value: float, unit: str) -> None:
        figures[name] = {"value": value, "unit": unit}
        sys.stdout.write(f"{name:36s} {value:12,.3f} {unit}\n")
        sys.stdout.flush()

    put("chain_orders_per_cpu_second", chain_orders_per_cpu_second(), "orders per CPU second")
    measure_schedules(put)
    _reference(put)
    put("help_seconds", _help_seconds(), "s")
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"written to {FIGURES}; {platform.platform()}, Python {platform.python_version()}\n")
    return 0


def chain_orders_per_cpu_second() -> float:
    """Customer and replenishment orders completed at all echelons, per CPU second, full log kept."""
    world = chain_world()
    network = build_network(world)
    problem = SimulationProblem(
        network=network, availability=availability(network, ()), orders=(), state=State(), opening=None
    )
    rates = []
    for _ in range(REPEATS):
        began = time.process_time()
        log = simulate(problem).log
        spent = time.process_time() - began
        events = log.column("event")
        customers = int((events == EVENTS.index("served")).sum())
        receipts = int((events == EVENTS.index("docked")).sum()) + int((events == EVENTS.index("produced")).sum())
        rates.append((customers + receipts) / spent)
    return statistics.median(rates)


def chain_world(weeks: int = 520) -> World:
    """A five-echelon chain under base stock: a customer a quarter of a day, a day and a half to each next echelon."""
    given = {"source": "bench"}
    sites = [f"echelon_{n}" for n in range(1, CHAIN_ECHELONS + 1)]
    ends = list(zip(sites[1:], sites[:-1], strict=True))
    every = Demand.model_validate(
        {"customer": "customer", "site": sites[0], "item": "part", "every_days": "exponential(0.25)", "quantity": "1"}
        | given
    )
    return World(
        name="chain",
        settings=Settings.model_validate({"starts": "2026-01-01", "report_weeks": weeks, "schedule_weeks": 0}),
        items=(Item(item="part", kind="part", source="bench"),),
        sites=tuple(Site(site=name, kind="component") for name in sites),
        lanes=tuple(
            Lane.model_validate(
                {"lane": f"{a}-{b}", "origin": a, "destination": b, "transit_days": "gamma(1.5, 0.3)"} | given
            )
            for a, b in ends
        ),
        processes=(
            Process.model_validate(
                {"process": "making", "site": sites[-1], "item": "part", "cycle_days": "gamma(1.5, 0.3)"} | given
            ),
        ),
        stock=tuple(
            StockRow(site=name, item="part", policy=StockPolicy(kind="base_stock", parameters=(10.0,)), source="bench")
            for name in sites
        ),
        demand=(every,),
    )


def _reference(put: Put) -> None:
    """Plan, schedule and simulation of the reference world, with each stage's share of the time."""
    case = load_case(DISRUPTED)
    spent: dict[str, float] = {}
    ground = _timed(spent, "day one", lambda: lay_ground(case))
    available = availability(ground.network, ())
    plans = [_plan(ground, available) for _ in range(REPEATS)]
    spent["plan"] = statistics.median(seconds for _, seconds in plans)
    put("plan_seconds", spent["plan"], "CPU s")
    _stress(put, ground, plans[0][0])
    playbook = _playbook(put, ground, spent)
    year = _year(ground, playbook)
    # Before the large schedule, which has a memory of its own.
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    spent["simulate"], spent["measure"] = year.simulate_s, year.measure_s
    put("events_per_cpu_second", year.events_per_second, "events per CPU second")
    put("reference_year_seconds", year.year_s, "CPU s per replicated year")
    put("reference_year_peak_mb", peak_kb / 1024, "MB")
    for name, value in spent.items():
        put(f"share_{name.replace(' ', '_')}", value / sum(spent.values()), "of one replication's whole flow")
    put("growth_120_to_1200_racks", year.year_s / _year_of_a_tenth(case), "times as long for ten times the racks")
    _site_schedule(put, ground, playbook)


def _timed(spent: dict[str, float], name: str, work: Callable[[], Answer]) -> Answer:
    began = time.process_time()
    answer = work()
    spent[name] = time.process_time() - began
    return answer


def _plan(ground: Ground, available: Availability) -> tuple[SupplyPlan, float]:
    began = time.process_time()
    plan = make_plan(ground.network, available, ground.day_one, ground.orders, PlanOptions())
    return plan, time.process_time() - began


def _stress(put: Put, ground: Ground, plan: SupplyPlan) -> None:
    """The static stress programme of one contingency, with its search for the day of the first failure."""
    mean = resolve(ground.case.world, ground.case.scenario.disruptions)
    hit = availability(ground.network, mean)
    start_s, end_s = min(one.starts_s for one in mean), max(one.recovered_s for one in mean)
    times = []
    for _ in range(REPEATS):
        began = time.process_time()
        time_to_survive(ground.network, ground.day_one, plan, hit, start_s, end_s)
        times.append(time.process_time() - began)
    put("stress_lp_seconds", statistics.median(times), "CPU s a contingency")


def _playbook(put: Put, ground: Ground, spent: dict[str, float]) -> Playbook:
    """The undisrupted plan with its schedules."""

    def schedules(work: list[SiteWindow]) -> list[Schedule]:
        return _timed(spent, "schedule", lambda: schedule_in_turn(work))

    playbook = make_playbook(ground, (), schedule_all=schedules)
    put("schedule_fortnight_seconds", spent["schedule"], "CPU s for all sites")
    return playbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """How fast replications run: medians, in CPU seconds."""

    simulate_s: float
    """Of a whole replication."""
    year_s: float
    """The same for 52 weeks."""
    measure_s: float
    events_per_second: float


def _year(ground: Ground, playbook: Playbook) -> Year:
    arm = Arm(ground=ground, disruptions=(), playbook=playbook, seed=1)
    facts, horizon_s = facts_from(ground.network), ground.case.world.settings.horizon_s
    seconds, measuring, rates = [], [], []
    for replication in range(REPEATS):
        began = time.process_time()
        result = simulate_arm(arm, replication)
        seconds.append(time.process_time() - began)
        rates.append(result.events / seconds[-1])
        began = time.process_time()
        compute_kpis(result.log, facts)
        measuring.append(time.process_time() - began)
    took = statistics.median(seconds)
    return Year(
        simulate_s=took,
        year_s=took * 52 * WEEK_S / horizon_s,
        measure_s=statistics.median(measuring),
        events_per_second=statistics.median(rates),
    )


def _year_of_a_tenth(case: Case) -> float:
    """CPU seconds a replicated year of the same world with a tenth of its orders."""
    orders = tuple(row.model_copy(update={"quantity": max(1, round(row.quantity / 10))}) for row in case.world.orders)
    calm = case.scenario.model_copy(update={"disruptions": [], "changes": []})
    ground = lay_ground(make_case(case.world.model_copy(update={"orders": orders}), calm))
    return _year(ground, make_playbook(ground, ())).year_s


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
    began = time.process_time()
    schedule = schedule_site(ground, available, site, at_s, crowd)
    put("schedule_site_seconds", time.process_time() - began, f"CPU s for {schedule.racks} racks")
    put("schedule_site_makespan_gap", schedule.makespan_gap, "of the makespan above its bound")
    late, plain = schedule.tardiness_h, schedule.edd_tardiness_h
    put("schedule_site_tardiness_below_edd", (plain - late) / plain if plain else 0.0, "of that of earliest due date")


def _help_seconds() -> float:
    import subprocess

    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "twin", "--help"], check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


if __name__ == "__main__":
    raise SystemExit(main())
