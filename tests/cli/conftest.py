"""The command line with a library behind it that answers at once, with small made-up results."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from report.sample_ladder import sample_ladder
from report.sample_moved import all_moved, nothing_moved
from worlds import chain_world, day

import twin
from twin.cli.main import main
from twin.events import promise as promised
from twin.events import result as parts
from twin.events import views
from twin.events.bottleneck import BottleneckView
from twin.events.on_time import Chance
from twin.model.case import make_case
from twin.model.scenario import Case, Disruption, Scenario, Target


def measure(value: float | None, low: float | None = None, high: float | None = None) -> parts.Measure:
    return parts.Measure(value=value, low=low, high=high, unit="racks")


PLAN = parts.PlanSummary(
    status="optimal",
    columns=10,
    rows=8,
    time=["2026-01-05", "2026-01-12"],
    accepted=[900.0, 1100.0],
    accepted_by_customer={f"customer {letter}": [150.0, 180.0] for letter in "abcdefg"},
    due=[1000.0, 1100.0],
    backlog=[100.0, 100.0],
    report_end="2026-01-19",
    bindings=[
        parts.BindingRow(
            kind="process",
            name="packaging line",
            site="island",
            item="package",
            unit="wafers/week",
            limit=100.0,
            load=1.0,
            weeks_binding=2.0,
            first_binding="2026-01-05",
            racks_per_unit=0.25,
            rack_weeks_per_unit=3.5,
            source="s1",
            confidence="estimate",
        )
    ],
)
GATES = [
    parts.Gate(
        gate="packaging",
        unit="wafers",
        need_per_week=110.0,
        available_per_week=100.0,
        load=1.1,
        weeks_binding=2.0,
        racks_per_week_gained=12.0,
        earliest_relief="2026-03-02",
        confidence="estimate",
    )
]
CUSTOMERS = [
    parts.CustomerQuarter(
        customer="customer a",
        quarter="2026-Q1",
        committed_racks=330.0,
        p80_racks=300.0,
        gap_racks=30.0,
        gating="package",
    )
]
OVENS = ", ".join(f"pack_{letter}" for letter in "abcdefgh")
NETWORK = parts.NetworkPicture(
    sites=[
        parts.SitePoint(
            site="island",
            kind="packaging",
            operator="Maker",
            country="TW",
            latitude=24.0,
            longitude=121.0,
            layer=0,
            makes=["package"],
        )
    ],
    lanes=[],
    single_points=["package at island"],
    concentration=[
        parts.Concentration(
            item="package", by="supplier", hhi=10000.0, effective_sources=1.0, largest="island", largest_share=1.0
        )
    ],
)
SCHEDULES = [
    parts.ScheduleSummary(
        site="hall",
        window_starts="2026-01-05",
        status="feasible",
        racks=2,
        tardiness_h=4.0,
        tardiness_bound_h=0.0,
        edd_tardiness_h=9.0,
        atc_tardiness_h=5.0,
        makespan_h=50.0,
        makespan_bound_h=48.0,
        makespan_gap=0.04,
        flow_h=80.0,
        flow_bound_h=70.0,
        utilisation={"bay": 0.8},
    )
]
GANTT = [
    parts.GanttBar(
        site="hall",
        order="order-1",
        unit=unit,
        item="rack",
        step=step,
        name=name,
        start=start,
        end=end,
        bay=unit,
    )
    for unit in (1, 2)
    for step, name, start, end in (
        (10, "assembly", "2026-01-05T06:00:00", "2026-01-05T18:00:00"),
        (20, "burn-in", "2026-01-05T18:00:00", "2026-01-07T18:00:00"),
    )
]


def promise_view(scenario: str, asked: promised.Asked) -> promised.PromiseView:
    """A promise for an order that is late; a new one makes twenty others slip."""
    chance = Chance(value=0.3, low=0.24, high=0.37, replications=200)
    dates = [
        promised.PromisedDate(chance=share, date=date, low="2026-03-01", high=None if date is None else date)
        for share, date in ((0.5, "2026-03-02"), (0.8, "2026-03-05"), (0.95, None))
    ]
    slips = [
        promised.Slip(
            order=f"order-{number}", customer="acme", site="hall", item="rack", quantity=9, due="2026-03-01",
            planned_days=None if number == 1 else 2.0, days=1.5, low=1.0, high=2.0, at_least=number == 2,
            on_time_before=0.9, on_time_after=0.6,
        )
        for number in range(1, 21)
    ]  # fmt: skip
    buffers = promised.Buffers(
        target=asked.target,
        hours=36.0,
        racks=2,
        waits=[promised.StageWait(stage="step", site="hall", name="burn-in", hours_per_rack=9.0)],
        late_waits=[promised.StageWait(stage="place", site="hall", name="rack", hours_per_rack=31.0)],
        resource=promised.ResourceBuffer(
            resource="test_power", site="hall", unit="kW", present=1000.0, more=250.0, tried=1000.0, chance=chance
        ),
        note="Its racks wait longest before burn-in at hall, 9.0 h each.",
    )
    return promised.PromiseView(
        scenario=scenario, world="small", seed=1, replays=200, replayed_until="2026-03-15",
        order=asked.order or "promise", is_new=not asked.order, customer="acme", site="hall", item="rack",
        quantity=asked.quantity or 9, priority=asked.priority or 5, due="2026-03-02", planned="2026-03-03",
        ahead=24, dates=dates, by_due=chance, promised="2026-03-04", by_promise=chance, by_plan=chance,
        slips=[] if asked.order else slips, slips_by="" if asked.order else "plans and pairs", buffers=buffers,
    )  # fmt: skip


def run_result(scenario: str, accepted: float, disrupted: bool = False) -> parts.RunResult:
    kpis = {"racks_accepted": measure(accepted, accepted - 5, accepted + 5), "on_time_in_full": measure(None)}
    return parts.RunResult(
        scenario=scenario,
        title="A made-up scenario",
        world="small",
        world_title="A small world",
        seed=1,
        replications=10,
        run=f"runs/{scenario}-12345678",
        starts="2026-01-05",
        report_weeks=52,
        tail_weeks=20,
        verdict=f"{accepted:,.0f} racks are accepted.",
        kpis=kpis,
        series={},
        baseline=parts.Outcome(kpis={"racks_accepted": measure(2100.0, 2090.0, 2110.0)}, series={})
        if disrupted
        else None,
        paired={"racks_accepted": measure(accepted - 2100, -130.0, -70.0)} if disrupted else None,
        resilience={"supply_recovery_days": parts.RecoveryMeasure(median=30.0, p90=40.0, not_reached=0.1, unit="days")}
        if disrupted
        else None,
        hand_check=parts.HandCheck(
            formula="lost weeks x share",
            terms={"lost_weeks": 10.0, "share": 0.6},
            by_hand_racks=95.0,
            simulated_racks=100.0,
            difference_fraction=0.05,
        )
        if disrupted
        else None,
        plan=PLAN,
        gates=GATES,
        customers=CUSTOMERS,
        network=NETWORK,
        warnings=["one estimate has no range"],
        manifest=manifest(f"{scenario}-12345678"),
    )


def manifest(run: str) -> parts.Manifest:
    return parts.Manifest(
        run=run,
        command="twin run baseline",
        created="2026-01-01T00:00:00Z",
        versions={"python": "3.11"},
        platform="linux",
        scenario_hash="a",
        world_hash="b",
        seed=1,
        replications=10,
        seconds={},
    )


@cache
def case_of(name: str) -> Case:
    """A scenario of the chain, disrupted where it is called `fire`."""
    fire = Disruption(name="oven", at=Target(site="pack_a"), kind="outage", starts=day(28), lasts_weeks="3")
    disruptions = [fire] if name == "fire" else []
    scenario = Scenario(name=Path(name).stem.replace(" ", "-"), title="A title", disruptions=disruptions)
    files = {"files": (f"{name}.yaml", "sites.csv"), "warnings": ("watch this",)}
    return make_case(chain_world(), scenario).model_copy(update=files)


@dataclass
class FakeLibrary:
    """Stands for `twin.api`: keeps what it was asked, answers with made-up results."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    raises: dict[str, BaseException] = field(default_factory=dict)
    """By function, or by scenario for `load`: what it ends with."""

    def load(self, name: str) -> Any:
        self._note("load", name=name)
        if name in self.raises:
            raise self.raises[name]
        return case_of(name)

    def show(self, case: Any) -> views.ShowResult:
        self._note("show")
        return views.ShowResult(
            scenario=case.scenario.name,
            world="small",
            counts={"sites": 1},
            disruptions=[
                {"name": one.name, "kind": one.kind, "starts": str(one.starts), "ends": "2026-02-23", "hits": OVENS}
                for one in case.scenario.disruptions
            ],
            network=NETWORK,
            infeasible=[],
            longest_lead_time_days=250.0,
            content={"rack": {"package": 72.0}},
        )

    def plan(self, case: Any, progress: Any) -> views.PlanView:
        self._note("plan")
        progress("plan", 1, 2)
        return views.PlanView(scenario=case.scenario.name, plan=PLAN, gates=GATES, customers=CUSTOMERS)

    def kits(self, case: Any, progress: Any) -> views.KitsView:
        self._note("kits")
        row = parts.KitRow(
            site="hall",
            item="rack",
            week="2026-01-05",
            planned_racks=10.0,
            full_kits=7.0,
            short_item="tray",
            racks_blocked=3.0,
        )
        return views.KitsView(scenario=case.scenario.name, kits=[row])

    def schedule(self, case: Any, progress: Any) -> views.ScheduleView:
        self._note("schedule")
        return views.ScheduleView(scenario=case.scenario.name, schedules=SCHEDULES, gantt=GANTT)

    def promise(self, case: Any, asked: Any, **options: Any) -> promised.PromiseView:
        self._note("promise", asked=asked, **options)
        options["progress"]("replays", 1, 200)
        return promise_view(case.scenario.name, asked)

    def bottleneck(self, case: Any, **options: Any) -> BottleneckView:
        self._note("bottleneck", **options)
        options["progress"]("rungs", 1, 3)
        return sample_ladder()

    def run(self, case: Any, **options: Any) -> parts.RunResult:
        self._note("run", **options)
        options["progress"]("simulate", 1, 10)
        return run_result(case.scenario.name, 2000.0, disrupted=case.scenario.name == "fire")

    def compare(self, cases: Any, **options: Any) -> views.CompareResult:
        self._note("compare", **options)
        results = [run_result(case.scenario.name, 2100.0 - 100 * index) for index, case in enumerate(cases)]
        paired = [{"racks_accepted": measure(-100.0 * index, -130.0, -70.0)} for index in range(1, len(results))]
        moved = [all_moved(result.scenario) if result.scenario == "fire" else nothing_moved(result.scenario)
                 for result in results[1:]]  # fmt: skip
        best = views.BestOf(kpi="racks_accepted", survivors=[results[0].scenario], next_replications_share={})
        return views.CompareResult(results=results, paired=paired, moved=moved, best=best)

    def report(self, result: Any, path: Path) -> Path:
        self._note("report", result=result, path=path)
        return path

    def runs(self, root: Path) -> list[parts.Manifest]:
        self._note("runs", root=root)
        return [manifest("baseline-12345678")]

    def damaged_runs(self, root: Path) -> list[Any]:
        return []

    def delete_runs(self, root: Path, names: list[str]) -> None:
        self._note("delete_runs", root=root, names=names)

    def called(self, function: str) -> dict[str, Any]:
        """What the last call of a function was given."""
        return [given for name, given in self.calls if name == function][-1]

    def _note(self, function: str, **given: Any) -> None:
        self.calls.append((function, given))
        if function in self.raises:
            raise self.raises[function]


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> FakeLibrary:
    """The library behind the command line, made up."""
    fake = FakeLibrary()
    monkeypatch.setitem(sys.modules, "twin.api", fake)
    monkeypatch.setattr(twin, "api", fake, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    return fake


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said where."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Run the command line as a shell would."""

    def run(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as end:
            main(arguments)
        said = capsys.readouterr()
        return Ended(code=int(end.value.code or 0), out=said.out, err=said.err)

    return run
