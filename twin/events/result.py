"""What a study saves and a page or a program reads: one document per run.

It is `twin run --json`, and `result.json` of a run folder. Numbers are not rounded here.
Every moment is an ISO date; every series has one entry per date.
"""

from __future__ import annotations

from twin.events.demand_result import DemandTold
from twin.events.factory_result import FactoryTold, TestPower, UtilisationRow
from twin.events.late_result import LateOrders
from twin.events.on_time import OnTime
from twin.events.part import Part
from twin.events.plan_parts import BindingSpan, BrokenRow, ConversionRow
from twin.events.provenance_parts import Assumption, SourceEntry, WorldChange

SCHEMA_VERSION = 1


class Measure(Part):
    """A mean over replications with its 95 % interval."""

    value: float | None
    """None: not defined in this run, for example because nothing was due."""
    low: float | None = None
    high: float | None = None
    unit: str
    scor: str = ""
    """SCOR id, with its version in the KPI dictionary."""


class BandedSeries(Part):
    """A value over time: mean and 10 to 90 % band over replications."""

    time: list[str]
    mean: list[float]
    low: list[float]
    high: list[float]
    unit: str


class Outcome(Part):
    """What one set of replications gave."""

    kpis: dict[str, Measure]
    series: dict[str, BandedSeries]
    """Weekly. `shipped`, `accepted`, `online`, `due`, `backlog` (racks), each also as
    `accepted@SITE`; `cumulative_accepted`; `stock:SITE/ITEM` of watched items."""


class RecoveryMeasure(Part):
    """A time or an amount over paired replications: median, p90, share never reached."""

    median: float | None
    p90: float | None
    not_reached: float
    """Share of replications in which it does not happen within the horizon."""
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    """Mean with its 95 % interval, for amounts (never for censored times)."""
    unit: str


class HandCheck(Part):
    """The disruption's harm by arithmetic a planner can do on paper."""

    formula: str
    terms: dict[str, float]
    """Named terms in the order of the formula, with units in the names."""
    by_hand_racks: float
    simulated_racks: float
    """The largest shortfall within the horizon, in the mean."""
    difference_fraction: float | None
    """Of the racks by hand; None where the formula does not fit."""
    note: str = ""


class EstimateSwing(Part):
    """What the plan says when one estimate takes its low and its high value."""

    estimate: str
    table: str
    where: str
    column: str
    low: float
    value: str
    high: float
    result_at_low: float
    result_at_high: float
    result_as_used: float | None = None
    """What the plan says with every estimate as used."""
    unit: str
    source: str


class BindingRow(Part):
    """A limit that binds in the plan; see `twin.plan.record.Binding`."""

    kind: str
    name: str
    site: str
    item: str
    unit: str
    limit: float
    load: float
    weeks_binding: float
    first_binding: str
    spans: list[BindingSpan] = []
    """When it binds, in order."""
    racks_per_unit: float
    rack_weeks_per_unit: float
    racks_hold_percent: float | None = None
    """Up to so many percent more of the limit a unit brings nine tenths of that or more; 25: at least so far."""
    rack_weeks_hold_percent: float | None = None
    source: str
    confidence: str


class Gate(Part):
    """One of the gates of a planning meeting: need against what is available."""

    gate: str
    unit: str
    need_per_week: float
    available_per_week: float
    load: float
    weeks_binding: float
    racks_per_week_gained: float
    """For ten per cent more of it, in the weeks in which it binds."""
    earliest_relief: str
    confidence: str


class CustomerQuarter(Part):
    """What a customer was promised in a quarter, and what the simulation gives with 80 % chance (None: not run)."""

    customer: str
    quarter: str
    committed_racks: float
    p80_racks: float | None
    gap_racks: float | None
    gating: str


class KitRow(Part):
    """Clear to build: what full kits a site has in a week, and what is short."""

    site: str
    item: str
    week: str
    planned_racks: float
    full_kits: float
    short_item: str
    racks_blocked: float


class WaitingRow(Part):
    """Racks that stand and wait at a site in the report window, and whose they are meanwhile."""

    stage: str
    """For what: a test, a truck, a place at the datacenter."""
    site: str
    owner: str
    mean_racks: float
    peak_racks: float
    """At the end of the fullest week."""
    peak_week: str
    """Last day of that week."""
    rack_days: float
    carrying_usd: float
    """The carrying rate on the racks' value, over the window."""


class GanttBar(Part):
    """An operation on a bay; `mode` is the one in which it runs, where it has several."""

    site: str
    order: str
    unit: int
    item: str
    step: int
    name: str
    start: str
    end: str
    bay: int
    mode: str = ""


class ScheduleSummary(Part):
    """A site's schedule and what is proven about it; no hours and bounds where there is none, but the `reason`."""

    site: str
    window_starts: str
    status: str
    reason: str = ""
    racks: int
    tardiness_h: float | None
    tardiness_bound_h: float | None
    edd_tardiness_h: float | None
    atc_tardiness_h: float | None
    makespan_h: float | None
    makespan_bound_h: float | None
    makespan_gap: float | None
    flow_h: float | None
    flow_bound_h: float | None
    utilisation: dict[str, float]
    standing_operations: int = 0
    """Operations that the schedule before it had too and that had not begun; 0 where the two do not overlap in time."""
    moved_operations: int = 0
    """Those of them that start a quarter of an hour or more from where they did, or at another site."""


class SitePoint(Part):
    """A site for map and graph; `layer` counts steps from the raw end, 0 first."""

    site: str
    kind: str
    operator: str
    country: str
    latitude: float | None
    longitude: float | None
    layer: int
    makes: list[str]


class LaneLine(Part):
    """A lane for map and graph, with what the plan sends over it in the report window."""

    lane: str
    origin: str
    destination: str
    mode: str
    transit_days: float
    items: list[str]
    rack_equivalents: float


class Concentration(Part):
    """How an item's planned supply is spread. `hhi` is 0 to 10000."""

    item: str
    by: str
    """supplier, operator or country"""
    hhi: float
    effective_sources: float
    largest: str
    largest_share: float


class NetworkPicture(Part):
    """The world as drawn."""

    sites: list[SitePoint]
    lanes: list[LaneLine]
    single_points: list[str]
    """Site and item in words, each of which alone stops every finished rack of some order."""
    concentration: list[Concentration]


class PlanSummary(Part):
    """An operational plan in short, up to the horizon."""

    status: str
    columns: int
    rows: int
    time: list[str]
    """First day of each bucket."""
    accepted: list[float]
    """Racks; spares, which are part of a rack, are not among them, nor in what follows."""
    accepted_by_customer: dict[str, list[float]]
    due: list[float]
    """In the first bucket with what was overdue."""
    backlog: list[float] = []
    """Due and not accepted at the end of each bucket, customer by customer."""
    report_end: str
    """The day after the report window."""
    bindings: list[BindingRow]
    lots_of: list[str] = []
    """Processes, each with its site, of which the first quarter starts whole lots."""
    lots_rack_weeks: float = 0.0
    """What whole lots cost: weighted lateness beyond that of the plan without them."""
    gap: float = 0.0
    """Between its value and the proven bound, of the value: above 0 only with whole lots."""
    broken: list[BrokenRow] = []
    """Limits that no plan can keep, where `status` is `relaxed`."""
    conversions: list[ConversionRow] = []


class Manifest(Part):
    """Where a run comes from. Wall-clock times stand here and nowhere else."""

    run: str
    command: str
    created: str
    versions: dict[str, str]
    platform: str
    scenario_hash: str
    world_hash: str
    seed: int
    replications: int
    seconds: dict[str, float]
    """Wall seconds by stage."""


class RunResult(Part):
    """One run of a scenario; `baseline` and `resilience` only where it has disruptions."""

    schema_version: int = SCHEMA_VERSION
    scenario: str
    title: str
    world: str
    world_title: str
    seed: int
    replications: int
    run: str
    starts: str
    report_weeks: int
    tail_weeks: int
    verdict: str
    kpis: dict[str, Measure]
    series: dict[str, BandedSeries]
    baseline: Outcome | None = None
    resilience: dict[str, RecoveryMeasure] | None = None
    paired: dict[str, Measure] | None = None
    """Difference of each KPI, disrupted minus baseline, paired, with its 95 % interval."""
    disruptions: list[dict[str, str]] = []
    """Name, target, kind, starts, ends, in words."""
    hand_check: HandCheck | None = None
    estimates: list[EstimateSwing] = []
    estimate_range: Measure | None = None
    """The verdict's number moved by what the plan says of the listed estimates, one at a time."""
    estimates_by: str = "the plan"
    """By which plan, in words."""
    plan: PlanSummary
    """The opening plan."""
    replan: PlanSummary | None = None
    """The plan made when a disruption is first known; None where no new plan is made."""
    gates: list[Gate] = []
    customers: list[CustomerQuarter] = []
    kits: list[KitRow] = []
    on_time: OnTime | None = None
    """None where the world has no orders."""
    waiting: list[WaitingRow] = []
    """Of the first replication, whose log is kept."""
    late: LateOrders | None = None
    """Why orders of that replication are late: the worst of them, and all causes. None without a plan."""
    demand: DemandTold | None = None
    """None where no demand follows from drivers."""
    changes: list[WorldChange] = []
    """What the scenario changes in the world, in baseline and disrupted run alike."""
    schedules: list[ScheduleSummary] = []
    gantt: list[GanttBar] = []
    network: NetworkPicture
    utilisation: list[UtilisationRow] = []
    power: TestPower | None = None
    factory: FactoryTold | None = None
    """None where the world has no services."""
    assumptions: list[Assumption] = []
    sources: list[SourceEntry] = []
    warnings: list[str] = []
    manifest: Manifest
