"""`make bench`: how fast the twin is, as medians of several runs, printed and kept as JSON."""

from __future__ import annotations

import json
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from twin.disrupt.availability import availability
from twin.events.record import EVENTS
from twin.metrics.dictionary import compute_kpis
from twin.metrics.facts import facts_from
from twin.model.case import load_case
from twin.model.rows_demand import Demand, StockPolicy
from twin.model.rows_demand import Stock as StockRow
from twin.model.rows_make import Process
from twin.model.rows_network import Item, Lane, Site
from twin.model.state import State
from twin.model.units import WEEK_S
from twin.model.world import Settings, World
from twin.network.build import build_network
from twin.plan.make import make_plan
from twin.plan.record import PlanOptions
from twin.schedule.record import Schedule
from twin.simulate.record import SimulationProblem
from twin.simulate.run import simulate
from twin.study.ground import Ground, lay_ground
from twin.study.playbook import SiteWindow, make_playbook, schedule_in_turn
from twin.study.replicate import Arm, simulate_arm

REPEATS = 3
FIGURES = Path("reports/bench.json")
CHAIN_ECHELONS = 5

Answer = TypeVar("Answer")


def main() -> int:
    """Measure, print a line a figure, write the figures."""
    figures: dict[str, dict[str, object]] = {}

    def put(name: str, value: float, unit: str) -> None:
        figures[name] = {"value": value, "unit": unit}
        sys.stdout.write(f"{name:36s} {value:12,.3f} {unit}\n")
        sys.stdout.flush()

    put("chain_orders_per_cpu_second", chain_orders_per_cpu_second(), "orders per CPU second")
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


def _reference(put: Callable[[str, float, str], None]) -> None:
    """Plan, schedule and simulation of the reference world, with each stage's share of the time."""
    case = load_case("baseline")
    spent: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Answer]) -> Answer:
        began = time.perf_counter()
        answer = work()
        spent[name] = spent.get(name, 0.0) + time.perf_counter() - began
        return answer

    ground: Ground = timed("day one", lambda: lay_ground(case))
    available = availability(ground.network, ())
    timed("plan", lambda: make_plan(ground.network, available, ground.day_one, ground.orders, PlanOptions()))
    put("plan_seconds", spent["plan"], "s")
    in_schedule: list[float] = []

    def schedules(work: list[SiteWindow]) -> list[Schedule]:
        began = time.perf_counter()
        answer = schedule_in_turn(work)
        in_schedule.append(time.perf_counter() - began)
        return answer

    playbook = make_playbook(ground, (), schedule_all=schedules)
    spent["schedule"] = sum(in_schedule)
    put("schedule_fortnight_seconds", spent["schedule"], "s for all sites")
    arm = Arm(ground=ground, disruptions=(), playbook=playbook, seed=1)
    seconds, rates = [], []
    for replication in range(REPEATS):
        began = time.process_time()
        result = simulate_arm(arm, replication)
        took = time.process_time() - began
        seconds.append(took * 52 * WEEK_S / case.world.settings.horizon_s)
        rates.append(result.events / took)
    spent["simulate"] = statistics.median(seconds) * case.world.settings.horizon_s / (52 * WEEK_S)
    timed("measure", lambda: compute_kpis(result.log, facts_from(ground.network)))
    put("events_per_cpu_second", statistics.median(rates), "events per CPU second")
    put("reference_year_seconds", statistics.median(seconds), "CPU s per replicated year")
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    put("reference_year_peak_mb", peak_kb / 1024, "MB")
    for name, value in spent.items():
        put(f"share_{name.replace(' ', '_')}", value / sum(spent.values()), "of one replication's whole flow")


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
