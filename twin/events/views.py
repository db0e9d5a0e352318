"""What the shorter commands answer with; each is printed by `--json` as it stands."""

from __future__ import annotations

from twin.events.moved_result import Moved
from twin.events.part import Part
from twin.events.result import (
    SCHEMA_VERSION,
    CustomerQuarter,
    GanttBar,
    Gate,
    KitRow,
    Measure,
    NetworkPicture,
    PlanSummary,
    RunResult,
    ScheduleSummary,
)


class SiliconContent(Part):
    """The chips in one finished item: how many kinds, how many of each, and what they add up to."""

    chips: dict[str, float]
    dies: float
    transistors: float


class ShowResult(Part):
    """A scenario's world: what there is, how it hangs together, what it hangs on."""

    schema_version: int = SCHEMA_VERSION
    scenario: str
    world: str
    counts: dict[str, int]
    """Rows by table."""
    disruptions: list[dict[str, str]] = []
    """As in a run's result; nothing else here knows of them."""
    network: NetworkPicture
    infeasible: list[str]
    """Ordered items that nothing in the world can make, in words."""
    longest_lead_time_days: float
    content: dict[str, dict[str, float]]
    """By finished item: units of each item in one finished unit."""
    silicon: dict[str, SiliconContent] = {}
    """By finished item, where items in it say how many dies they are."""


class PlanView(Part):
    """The supply plan of a scenario."""

    schema_version: int = SCHEMA_VERSION
    scenario: str
    foreseen: list[str] = []
    """Disruptions, by name, that this plan knows of from the first day."""
    plan: PlanSummary
    gates: list[Gate]
    customers: list[CustomerQuarter]


class KitsView(Part):
    """Clear to build, by integration site and week."""

    schema_version: int = SCHEMA_VERSION
    scenario: str
    kits: list[KitRow]


class ScheduleView(Part):
    """The schedules of the integration sites for the first window."""

    schema_version: int = SCHEMA_VERSION
    scenario: str
    foreseen: list[str] = []
    """Disruptions that are known by the start and reckoned with; no others are."""
    schedules: list[ScheduleSummary]
    gantt: list[GanttBar]


class BestOf(Part):
    """Which of the compared scenarios is best on one KPI, as far as the runs can tell."""

    kpi: str
    survivors: list[str]
    """Not ruled out at 95 % by the Kim-Nelson procedure."""
    next_replications_share: dict[str, float]
    """Where further replications would tell most (optimal computing budget allocation)."""


class CompareResult(Part):
    """Scenarios against the first, replication by replication under common random numbers."""

    schema_version: int = SCHEMA_VERSION
    results: list[RunResult]
    paired: list[dict[str, Measure]]
    """For each scenario after the first: its KPIs minus the first's."""
    moved: list[Moved] = []
    """For each scenario after the first: what moved, of orders, sources, work, lanes and dates."""
    best: BestOf | None
