"""A made-up run of the size of a year of the reference world, for tests of the page only."""

from __future__ import annotations

import math
import random
from datetime import date, datetime, timedelta

from report.sample_late import sample_late
from report.sample_on_time import sample_on_time

from twin.events.factory_result import (
    FactoryTold,
    PowerBound,
    PowerLoad,
    ServiceServed,
    SiteServed,
    TestPower,
    UtilisationRow,
)
from twin.events.plan_parts import BindingSpan
from twin.events.provenance_parts import Assumption, SourceEntry, WorldChange
from twin.events.result import (
    BandedSeries,
    BindingRow,
    Concentration,
    CustomerQuarter,
    EstimateSwing,
    GanttBar,
    Gate,
    HandCheck,
    KitRow,
    LaneLine,
    Manifest,
    Measure,
    NetworkPicture,
    Outcome,
    PlanSummary,
    RecoveryMeasure,
    RunResult,
    ScheduleSummary,
    SitePoint,
    WaitingRow,
)

START = date(2026, 1, 5)
WEEKS = 104
REGIONS = (
    # country, latitude, longitude, sites, kinds
    ("Taiwan", 24.2, 120.8, 24, ("fab", "packaging", "component", "tray_assembly", "rack_integration")),
    ("Korea", 37.0, 127.3, 8, ("memory", "component")),
    ("Japan", 35.6, 138.2, 8, ("component", "memory")),
    ("China", 30.9, 120.4, 4, ("component", "tray_assembly")),
    ("Malaysia", 4.1, 101.9, 3, ("component",)),
    ("United States", 34.0, -101.0, 13, ("datacenter", "rack_integration", "memory")),
    ("Mexico", 28.6, -103.4, 4, ("rack_integration", "tray_assembly")),
    ("Germany", 50.1, 9.9, 4, ("component", "hub")),
    ("Norway", 66.0, 14.9, 2, ("datacenter",)),
)
CAMPUSES = ("Abilene", "Fairwater", "Memphis")
CUSTOMERS = ("Hyperscaler A", "Hyperscaler B", "Neocloud C", "Laboratory D")


def weeks(count: int = WEEKS) -> list[str]:
    """First day of each week."""
    return [(START + timedelta(weeks=week)).isoformat() for week in range(count)]


def week_ends(count: int = WEEKS) -> list[str]:
    """Last day of each week, where a study puts a weekly value."""
    return [(START + timedelta(weeks=week, days=6)).isoformat() for week in range(count)]


def band(values: list[float], spread: float, unit: str = "racks") -> BandedSeries:
    """A series with a band that is symmetric about its mean."""
    low = [value * (1 - spread) for value in values]
    return BandedSeries(
        time=week_ends(len(values)), mean=values, low=low, high=[value * (1 + spread) for value in values], unit=unit
    )


def weekly_racks(dip: float, delay: int) -> list[float]:
    """A ramping year of racks a week with a hole of depth `dip`."""
    hole = [dip * math.exp(-(((week - 30 - delay) / 6) ** 2)) for week in range(WEEKS)]
    return [(1050 + 3 * week) * (1 - hole[week]) + 17 * math.sin(week) for week in range(WEEKS)]


def outcome(dip: float) -> Outcome:
    """KPIs and series of one set of replications."""
    accepted = weekly_racks(dip, 2)
    due = [1050.0 + 3 * week for week in range(WEEKS)]
    backlog, cumulative, owed, total = [], [], 0.0, 0.0
    for asked, made in zip(due, accepted, strict=True):
        owed, total = max(0.0, owed + asked - made), total + made
        backlog.append(owed)
        cumulative.append(total)
    series = {
        "shipped": band(weekly_racks(dip, 0), 0.04),
        "accepted": band(accepted, 0.05),
        "online": band(weekly_racks(dip, 4), 0.06),
        "due": band(due, 0.0),
        "backlog": band(backlog, 0.2),
        "cumulative_accepted": band(cumulative, 0.03),
    }
    for share, campus in enumerate(CAMPUSES, 2):
        series[f"accepted@{campus}"] = band([value / share / 2 for value in accepted], 0.08)
    for site in range(12):
        wave = [900 * (1.2 + math.sin(week / 7 + site)) * (1 - dip * (20 < week < 40)) for week in range(WEEKS)]
        series[f"stock:taiwan-{site:02d}/item_{site}"] = band(wave, 0.1, "units")
    return Outcome(kpis=kpis(sum(accepted[:52])), series=series)


def served(site: str, racks: float) -> SiteServed:
    """A datacenter with so many racks online for a year."""
    return SiteServed(
        site=site, rack_days=racks * 365, tokens_trillion=racks * 9_000, tokens_per_joule=2.345,
        usd_per_million_tokens=0.0987, rack_day_usd=9_876.5, curtailed_share=0.0012, broken_hours=3.5,
    )  # fmt: skip


def factory(claims: tuple[str, ...] = ()) -> FactoryTold:
    """Fifteen datacenters and four classes of service."""
    services = [
        ServiceServed(
            service=f"a class of service, Flex {flex}", tokens_trillion=40_000.0 + flex,
            usd_per_million_tokens=[0.5 - flex / 10, 0.5], flexibility=[flex / 6, flex / 6], confidence="estimate",
        )
        for flex in range(4)
    ]  # fmt: skip
    return FactoryTold(
        total=served("", 600.0), sites=[served(f"united-states-{site:02d}", 10.0 + site) for site in range(15)],
        services=services, deferred_usd=1.234e9, claims=list(claims),
    )  # fmt: skip


def powered() -> TestPower:
    """Nine sites, the load swinging over the day and growing over the year, with less to be held in the evening."""
    loads = []
    for site in range(9):
        size = 17_000.0 / (1 + site / 3)
        hours = [size * (0.75 + 0.1 * math.sin(hour * math.tau / 24)) for hour in range(168)]
        limits = [size * (0.8 if 16 <= hour % 24 < 21 and hour < 120 else 1.0) for hour in range(168)]
        loads.append(
            PowerLoad(
                site=f"united-states-{site:02d}", resource="test_power", installed_kw=size, least_kw=min(limits),
                peak_kw=0.97 * size, mean_kw=sum(hours) / 168, by_hour=hours, limit_by_hour=limits,
                by_week=[size * (0.6 + week / 200) for week in range(52)], limit_by_week=[size] * 52,
                energy_usd=size * 500,
            )
        )  # fmt: skip
    bound = PowerBound(racks_per_week=1180.0, hours=108.0, rack_kw=113.6, routed_kw=86_200.0, all_week_kw=134_000.0)
    return TestPower(loads=loads, bound=bound)


def kpis(accepted: float) -> dict[str, Measure]:
    """A KPI of every kind of unit."""

    def measure(value: float, unit: str, scor: str = "") -> Measure:
        return Measure(value=value, low=value * 0.98, high=value * 1.02, unit=unit, scor=scor)

    return {
        "racks_shipped": measure(accepted * 1.02, "racks"),
        "racks_accepted": measure(accepted, "racks"),
        "racks_online": measure(accepted * 0.97, "racks"),
        "on_time_in_full": measure(accepted / 65_000, "fraction", "SCOR v12 RL.2.1, RL.2.2"),
        "order_cycle_time_days": measure(6e6 / accepted, "d", "SCOR v12 RS.1.1"),
        "time_to_token_days": measure(7e6 / accepted, "d"),
        "backlog_area_rack_days": measure(9e9 / accepted, "rack·d"),
        "backlog_end_racks": measure(62_000 - accepted, "racks"),
        "landed_cost_usd_per_rack": measure(3_214_567.8, "USD/rack"),
        "wip_capital_usd": measure(8.123e9, "USD"),
        "first_pass_yield": Measure(value=None, unit="fraction"),
    } | {f"stock_days:item_{item}": measure(4.0 + item, "d") for item in range(12)}


def paired(baseline: Outcome, disrupted: Outcome) -> dict[str, Measure]:
    """Differences of the KPIs; one of them is nothing but noise."""
    result = {}
    for name, before in baseline.kpis.items():
        after = disrupted.kpis[name].value
        if before.value is None or after is None:
            continue
        step = after - before.value
        half = 0.02 * abs(step) or 0.01 * before.value
        result[name] = Measure(value=step, low=step - half, high=step + half, unit=before.unit)
    return result


def network(draw: random.Random) -> NetworkPicture:
    """70 sites in nine countries, 200 lanes."""
    sites = []
    for country, latitude, longitude, count, kinds in REGIONS:
        for number in range(count):
            kind = kinds[number % len(kinds)]
            sites.append(
                SitePoint(
                    site=f"{country.lower().replace(' ', '-')}-{number:02d}",
                    kind=kind,
                    operator=f"Operator {number % 9}",
                    country=country,
                    latitude=latitude + draw.uniform(-1, 1) * (4 if kind == "datacenter" else 1),
                    longitude=longitude + draw.uniform(-1, 1) * (12 if kind == "datacenter" else 1),
                    layer=min(number, 5),
                    makes=[f"item_{number % 12}"],
                )
            )
    lanes = []
    for number in range(200):
        origin, destination = draw.sample(sites, 2)
        lanes.append(
            LaneLine(
                lane=f"lane-{number}",
                origin=origin.site,
                destination=destination.site,
                mode=("air", "ocean", "truck")[number % 3],
                transit_days=draw.uniform(1, 40),
                items=[f"item_{number % 12}"],
                rack_equivalents=draw.choice((0.0, draw.uniform(10, 60_000))),
            )
        )
    spread = [
        Concentration(
            item=f"item_{number}",
            by=("supplier", "country")[number % 2],
            hhi=draw.uniform(1500, 10_000),
            effective_sources=draw.uniform(1, 5),
            largest=f"Operator {number}",
            largest_share=draw.uniform(0.3, 1),
        )
        for number in range(24)
    ]
    return NetworkPicture(
        sites=sites,
        lanes=lanes,
        single_points=[f"korea-{n:02d}, alone in making item_{n}" for n in range(6)],
        concentration=spread,
    )


def gantt(draw: random.Random) -> list[GanttBar]:
    """600 operations of 150 racks at one integrator."""
    bars, free = [], dict.fromkeys(range(1, 31), datetime(2026, 1, 5, 6))
    for rack in range(150):
        bay = 1 + rack % 30
        for step, (name, hours) in enumerate((("assemble", 10), ("cable", 6), ("burn in", 48), ("pack", 4)), 1):
            start = free[bay]
            end = start + timedelta(hours=hours, minutes=15 * draw.randrange(4))
            free[bay] = end
            bars.append(
                GanttBar(
                    site="mexico-00",
                    order=f"order-{rack // 18:03d}",
                    unit=rack % 18 + 1,
                    item="rack_l11",
                    step=step,
                    name=name,
                    start=start.isoformat(),
                    end=end.isoformat(),
                    bay=0 if name == "pack" else bay,
                )
            )
    return bars


def spans(number: int) -> list[BindingSpan]:
    """All of a limit's weeks but the last, two free weeks, the last."""
    long = 29 - number
    first = BindingSpan(
        begins=weeks()[number],
        ends=weeks()[number + long],
        weeks=long,
        racks_per_unit=10.2 / (number + 1),
        rack_weeks_per_unit=235.0 / (number + 1),
    )
    last = BindingSpan(
        begins=weeks()[number + long + 2],
        ends=weeks()[number + long + 3],
        weeks=1.0,
        racks_per_unit=1.0 / (number + 1),
        rack_weeks_per_unit=5.0 / (number + 1),
    )
    return [first, last]


def plan() -> PlanSummary:
    """A plan in weekly, then four-weekly buckets."""
    first = list(range(13))
    edges = first + list(range(13, WEEKS, 4))
    lengths = [after - before for before, after in zip(edges, [*edges[1:], WEEKS], strict=True)]
    accepted = [1100.0 * length for length in lengths]
    binding = [
        BindingRow(
            kind=("process", "resource", "readiness")[number % 3],
            name=f"limit {number} at taiwan-{number:02d}",
            site=f"taiwan-{number:02d}",
            item=f"item_{number}" if number % 3 == 0 else "",
            unit=("wafers a week", "kW", "MW")[number % 3],
            limit=6000.0 / (number + 1),
            load=1.0 - 0.01 * number,
            weeks_binding=30.0 - number,
            first_binding=weeks()[number],
            spans=spans(number),
            racks_per_unit=11.2 / (number + 1),
            rack_weeks_per_unit=240.0 / (number + 1),
            source="key_3",
            confidence=("high", "medium", "low", "estimate")[number % 4],
        )
        for number in range(18)
    ]
    return PlanSummary(
        status="optimal",
        columns=91_234,
        rows=55_321,
        time=[weeks()[edge] for edge in edges],
        accepted=accepted,
        accepted_by_customer={customer: [value / 4 for value in accepted] for customer in CUSTOMERS},
        due=[1150.0 * length for length in lengths],
        report_end=weeks()[52],
        bindings=binding,
    )


def assumptions() -> tuple[list[Assumption], list[SourceEntry]]:
    """300 numbers from 40 sources."""
    grades = ("high", "medium", "low", "estimate")
    rows = [
        Assumption(
            table=("processes", "resources", "lanes", "bom", "readiness", "orders")[number % 6],
            row=f"taiwan-{number % 24:02d}, item_{number % 12}",
            column=("cycle_days", "capacity_per_week", "yield_fraction")[number % 3],
            value=("triangular(3, 4, 8)", "1200", "0.88")[number % 3],
            source=f"key_{number % 40}",
            confidence=grades[number % 4],
            note="Need times headroom of 15 %." if number % 4 == 3 else "",
        )
        for number in range(300)
    ]
    sources = [
        SourceEntry(
            key=f"key_{number}",
            title=f"A statement on capacity & <yield>, part {number}",
            address=f"https://example.org/statement/{number}" if number % 3 else "",
            published="2025-11-01",
            confidence=grades[number % 4],
        )
        for number in range(40)
    ]
    return rows, sources


def meeting() -> dict[str, object]:
    """Gates, customers, kits, schedules of the planning meeting."""
    gate_names = ("CoWoS wafers", "HBM stacks", "Rack integration", "Rack test power", "Site power")
    return {
        "gates": [
            Gate(
                gate=name,
                unit=("wafers", "stacks", "racks", "kW", "MW")[number],
                need_per_week=6000.0 * (number + 1),
                available_per_week=6200.0 * (number + 1) - 900 * number,
                load=6000 * (number + 1) / (6200 * (number + 1) - 900 * number),
                weeks_binding=4.0 * number,
                racks_per_week_gained=12.0 * number,
                earliest_relief="2026-06-01" if number % 2 else "",
                confidence=("medium", "low", "estimate", "estimate", "high")[number],
            )
            for number, name in enumerate(gate_names)
        ],
        "customers": [
            CustomerQuarter(
                customer=customer,
                quarter=f"2026-Q{quarter}",
                committed_racks=3500.0,
                p80_racks=3500.0 - 300 * quarter,
                gap_racks=300.0 * quarter,
                gating="HBM stacks" if quarter > 1 else "",
            )
            for customer in CUSTOMERS
            for quarter in (1, 2, 3, 4)
        ],
        "kits": [
            KitRow(
                site=f"mexico-{site:02d}",
                item="rack_l11",
                week=week,
                planned_racks=200.0 * (number + 1),
                full_kits=200.0 * (number + 1) - (0.0 if number < 4 else 50.0),
                short_item="" if number < 4 else "HBM3E stack",
                racks_blocked=0.0 if number < 4 else 50.0,
            )
            for site in range(4)
            for number, week in enumerate(week_ends(8))
        ],
        "waiting": [
            WaitingRow(
                stage=stage,
                site=site,
                owner=owner,
                mean_racks=racks,
                peak_racks=4 * racks,
                peak_week=week_ends()[7],
                rack_days=364 * racks,
                carrying_usd=340_000 * racks,
            )
            for stage, site, owner, racks in (
                ("place at the datacenter", CAMPUSES[0], CUSTOMERS[0], 30.7),
                ("truck", "mexico-00", "Operator 0", 12.0),
                ("test", "mexico-00", "Operator 0", 2.5),
            )
        ],
        "changes": [WorldChange(by="second source", table="sourcing", where="item item_3", change="share_max 0.5")],
        "schedules": [
            ScheduleSummary(
                site=f"mexico-{site:02d}",
                window_starts="2026-01-05",
                status="feasible",
                racks=150,
                tardiness_h=120.0,
                tardiness_bound_h=0.0,
                edd_tardiness_h=180.0,
                atc_tardiness_h=150.0,
                makespan_h=330.0,
                makespan_bound_h=322.0,
                makespan_gap=8 / 330,
                flow_h=9000.0,
                flow_bound_h=8000.0,
                utilisation={"bays": 0.82, "test_power": 0.97},
            )
            for site in range(4)
        ],
    }


def estimates() -> list[EstimateSwing]:
    """The ten most influential estimates."""
    return [
        EstimateSwing(
            estimate=f"estimate {number}",
            table="processes",
            where=f"taiwan-{number:02d}",
            column="capacity_per_week",
            low=900.0,
            value="1000",
            high=1200.0,
            result_at_low=7200.0 + 900 / (number + 1),
            result_at_high=7200.0 - 1500 / (number + 1),
            result_as_used=7200.0,
            unit="racks",
            source=f"key_{number}",
        )
        for number in range(10)
    ]


def sample_result(seed: int = 7) -> RunResult:
    """A disrupted run with its paired baseline, every part filled."""
    draw = random.Random(seed)
    baseline, disrupted = outcome(0.0), outcome(0.6)
    rows, sources = assumptions()
    return RunResult(
        scenario="memory-outage",
        title="The main memory maker's stacking line is down for eight weeks",
        world="sample",
        world_title="A made-up world of 70 sites",
        seed=seed,
        replications=10,
        run="runs/memory-outage-1",
        starts=START.isoformat(),
        report_weeks=52,
        tail_weeks=52,
        verdict="The outage costs about 7,300 accepted racks by the end of 2026; the backlog does not clear within it.",
        kpis=disrupted.kpis,
        series=disrupted.series,
        baseline=baseline,
        paired=paired(baseline, disrupted),
        resilience={
            "time_to_first_shortage_days": RecoveryMeasure(median=23.0, p90=31.0, not_reached=0.0, unit="d"),
            "service_recovery_days": RecoveryMeasure(median=None, p90=None, not_reached=0.8, unit="d"),
            "lost_in_report_racks": RecoveryMeasure(
                median=7290.0, p90=7600.0, not_reached=0.0, mean=7300.0, low=7160.0, high=7440.0, unit="racks"
            ),
        },
        disruptions=[
            {
                "name": "cleanroom fire",
                "target": "korea-00, hbm-stacking",
                "kind": "outage",
                "starts": "2026-06-01",
                "ends": "2026-07-27",
                "sites": "korea-00",
            }
        ],
        hand_check=HandCheck(
            formula="lost_weeks x weekly_racks x share - stock_racks - surge_racks",
            terms={
                "lost_weeks": 10.0,
                "weekly_racks": 1180.0,
                "share": 0.6,
                "stock_racks": 300.0,
                "surge_racks": 120.0,
            },
            by_hand_racks=6660.0,
            simulated_racks=7300.0,
            difference_fraction=0.096,
            note="Ten lost weeks: eight of outage, half of a four-week ramp.",
        ),
        on_time=sample_on_time(),
        late=sample_late(),
        estimates=estimates(),
        estimate_range=Measure(value=7200.0, low=4900.0, high=9300.0, unit="racks"),
        plan=plan(),
        gantt=gantt(draw),
        network=network(draw),
        power=powered(),
        factory=factory(),
        utilisation=[
            UtilisationRow(
                site=f"mexico-{number % 4:02d}",
                resource=("bays", "test_power", "crew")[number % 3],
                unit=("bays", "kW", "people")[number % 3],
                mean=0.98 - 0.03 * number,
                low=0.95 - 0.03 * number,
                high=min(1.0, 1.01 - 0.03 * number),
                peak_week=1.0,
            )
            for number in range(24)
        ],
        assumptions=rows,
        sources=sources,
        warnings=[
            "lane-3 carries nothing in the plan: remove it or add a need.",
            "2 orders are due after the horizon.",
        ],
        manifest=Manifest(
            run="memory-outage-1",
            command="twin run memory-outage --replications 10 --seed 7",
            created="2026-11-22T03:00:00Z",
            versions={"rack-twin": "0.1.0", "python": "3.11.9", "ortools": "9.15.6755"},
            platform="Linux x86_64",
            scenario_hash="a" * 64,
            world_hash="b" * 64,
            seed=seed,
            replications=10,
            seconds={"plan": 41.2, "schedule": 38.0, "simulate": 120.5},
        ),
        **meeting(),
    )


def reference_sized() -> RunResult:
    """As many rows in every table, and names as long, as a disrupted run of the reference world has."""
    result = sample_result()
    base = result.baseline
    assert base is not None
    kpis, pairs = keyed(result.kpis), keyed(result.paired or {})
    places = [f"stock:integrator_of_city_{number:02d}/compute_tray_{number:02d}" for number in range(59)]
    stocks = dict.fromkeys(places, result.series["stock:taiwan-00/item_0"])
    lanes = [
        lane.model_copy(update={"lane": f"{lane.origin}-{lane.destination}-{number}", "items": [f"item_{number}"] * 2})
        for number, lane in enumerate((result.network.lanes * 2)[:265])
    ]
    spread = [
        row.model_copy(update={"item": f"item_with_a_name_{number}", "by": by})
        for number, row in enumerate((result.network.concentration * 2)[:37])
        for by in ("supplier", "operator", "country")
    ]
    points = [f"lane taiwan_site_{number}-mexico_site_{number}-truck: stops 5 of 21 demanded" for number in range(44)]
    return result.model_copy(
        update={
            "on_time": sample_on_time(1_062, 364),
            "late": sample_late(20, 60),
            "kpis": kpis,
            "paired": pairs,
            "baseline": base.model_copy(update={"kpis": keyed(base.kpis), "series": {**base.series, **stocks}}),
            "series": {**result.series, **stocks},
            "gantt": reference_gantt(),
            "network": result.network.model_copy(
                update={"lanes": lanes, "concentration": spread, "single_points": points}
            ),
            "utilisation": result.utilisation * 4,
            "plan": result.plan.model_copy(
                update={
                    "bindings": [
                        row.model_copy(
                            update={
                                "name": "board-assembly at integrator_of_a_city",
                                "unit": "DRAM wafers a week",
                                "source": "estimate-headroom-15",
                                "rack_weeks_hold_percent": 0.098,
                            }
                        )
                        for row in result.plan.bindings * 3
                    ]
                }
            ),
            "schedules": result.schedules * 7,
            "assumptions": reference_assumptions(),
            "sources": (result.sources * 2)[:76],
        }
    )


def keyed(measures: dict[str, Measure]) -> dict[str, Measure]:
    """Measures with those of 440 places, items and steps."""
    names = ("mean_wait_hours", "mean_number_waiting", "delayed_share", "utilisation")
    some = measures["on_time_in_full"]
    return measures | {
        f"{name}:integrator_{place:03d}/Drain, dry and charge with nitrogen": some
        for name in names
        for place in range(110)
    }


def reference_gantt() -> list[GanttBar]:
    """5,400 operations of 900 racks, on more bays than can be drawn."""
    bars = []
    for rack in range(900):
        at = datetime(2026, 1, 5) + timedelta(hours=rack // 90 * 30)
        for step in range(1, 7):
            end = at + timedelta(hours=3 * step)
            bars.append(
                GanttBar(
                    site="integrator_of_city_01",
                    order=f"CUSTOMER-other-us-central-b-w{rack // 30:02d}",
                    unit=rack,
                    item="rack_l11_b",
                    step=step,
                    name=f"Step {step} of the routing",
                    start=at.isoformat(),
                    end=end.isoformat(),
                    bay=rack % 90 + 1,
                )
            )
            at = end
    return bars


def reference_assumptions() -> list[Assumption]:
    """3,600 numbers of eight tables: 640 rows, some with one number for each date."""
    note = "Need times headroom of 15 %, from the ramp of the year before."
    rows = []
    for number in range(3_600):
        place = number % 640 if number < 1_900 else 0
        where = f"taiwan_site_{place:03d}-mexico_site_{place:03d}-air taiwan_site_{place:03d} mexico_site_{place:03d}"
        rows.append(
            Assumption(
                table=f"table_{place % 8}",
                row=where,
                column=f"capacity_per_week_{number // 640}",
                value="triangular(3, 5, 10)",
                source=f"key_{place % 40}",
                confidence="estimate",
                note=note if place % 4 == 0 else "",
            )
        )
    return rows
