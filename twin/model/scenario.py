"""The scenario: a small file that says what differs from a world or another scenario."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from twin.model.distribution import Distribution, constant
from twin.model.row import Day, Fraction, NonNegative, Positive, Varying
from twin.model.world import World

DisruptionKind = Literal[
    "outage",
    "starts_blocked",
    "shipments_blocked",
    "capacity",
    "lead_time",
    "yield",
    "scrap",
    "quality_hold",
    "embargo",
    "curtailment",
]


class Record(BaseModel):
    """Frozen, unknown keys refused, meaning written under each field."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        arbitrary_types_allowed=True,
        use_attribute_docstrings=True,
        populate_by_name=True,
        allow_inf_nan=False,
        coerce_numbers_to_str=True,
    )


class Target(Record):
    """What is hit: every named part must fit, so more parts mean fewer things."""

    site: str = ""
    lane: str = ""
    resource: str = ""
    item: str = ""
    process: str = ""
    operator: str = ""
    country: str = ""
    group: str = ""
    """A site group or a lane group."""


class Embargo(Record):
    """No shipment leaves one country for another."""

    from_country: str = Field(alias="from")
    to_country: str = Field(alias="to")


class Disruption(Record):
    """Something that goes wrong: what, where, from when, for how long, known when."""

    name: str
    at: Target = Target()
    embargo: Embargo | None = None
    kind: DisruptionKind
    starts: Day
    """The first day, midnight UTC."""
    known_after_days: float = 0.0
    """No planner knows it earlier; negative: announced."""
    lasts_weeks: Varying | None = None
    lasts_days: Varying | None = None
    """Give `lasts_weeks` or `lasts_days`."""
    recovers_over_weeks: NonNegative = 0.0
    """After the end capacity returns in a straight line over this time."""
    capacity_left: Fraction = 0.0
    """Kind capacity or curtailment: what is left while it lasts."""
    lead_time_factor: Positive = 1.0
    yield_factor: Fraction = 1.0
    scrap_fraction: Fraction = 0.0
    """Kind scrap: of the work in process at the start."""
    wip_lost: Fraction = 0.0
    """Kind outage: of the work in process, scrapped when it starts."""
    made_from: Day | None = None
    made_to: Day | None = None
    found_after_days: NonNegative | None = None
    action: Literal["", "hold", "rework", "replace"] = ""

    @model_validator(mode="after")
    def _one_duration(self) -> Disruption:
        if self.lasts_weeks is not None and self.lasts_days is not None:
            raise ValueError("a disruption has one length; give lasts_weeks or lasts_days, not both")
        if self.kind == "embargo" and self.embargo is None:
            raise ValueError("kind embargo needs its countries; write embargo: {from: country, to: country}")
        if self.kind != "embargo" and not any(self.at.model_dump().values()):
            kinds = "a site, lane, resource, item, process, operator, country or group"
            raise ValueError(f"a disruption must say what it hits; name in `at` {kinds}")
        return self

    @property
    def duration_weeks(self) -> Distribution:
        """The length; of kind scrap, which is a moment, zero. In weeks, or in days if `in_days`."""
        return self.lasts_weeks or self.lasts_days or constant(0.0)

    @property
    def duration_unit_s(self) -> int:
        """Seconds in one unit of `duration_weeks`."""
        return 86_400 if self.lasts_days is not None else 604_800


class Change(Record):
    """A patch of one table of the world: set cells of some rows, add rows, or remove rows."""

    table: str
    where: dict[str, Any] = {}
    """Column and value pairs that a row must match; leave out to mean every row."""
    set: dict[str, Any] = {}
    """Columns and their new values."""
    multiply: dict[str, float] = {}
    """Numeric columns and the factor on their present value."""
    add: list[dict[str, Any]] = []
    remove: bool = False


class Mitigation(Record):
    """A protection that acts in baseline and disrupted run alike."""

    name: str
    changes: list[Change] = []
    cost_usd: NonNegative = 0.0


class Lever(Record):
    """A number that a workshop may move."""

    name: str
    table: str
    where: dict[str, Any] = {}
    column: str
    low: float
    high: float
    step: Positive
    unit: str = ""


class Budgets(Record):
    """Limits of the solvers, so that an answer never depends on the clock or on the machine."""

    schedule_deterministic_seconds: Positive = 4.0
    """CP-SAT's deterministic time for each site and window."""
    schedule_dispatch_trials: Annotated[int, Field(ge=1)] = 24
    """Parameter settings tried for the dispatch rule."""


class Scenario(Record):
    """One scenario as its file says it, with what it extends already merged in."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    title: str = ""
    extends: str = ""
    """Another scenario, by bare name or path; give this or `world`."""
    world: str = ""
    """A world folder or workbook, by bare name or path."""
    settings: dict[str, Any] = {}
    """Settings of the world that differ."""
    seed: Annotated[int, Field(ge=0)] = 1
    replications: Annotated[int, Field(ge=1)] = 10
    replan: Literal["known", "each"] = "known"
    warm_start: Literal["shared", "own"] = "shared"
    """`own`: day one is made from the patched world instead of the unpatched one."""
    disruptions: list[Disruption] = []
    mitigations: list[Mitigation] = []
    changes: list[Change] = []
    levers: list[Lever] = []
    budgets: Budgets = Budgets()


class Case(BaseModel):
    """A scenario, ready to be worked on: its world before and after its changes.

    `files` are the paths read; hashes are of content, so that equal inputs are known as equal.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)
    scenario: Scenario
    world: World
    """With settings, mitigations and changes applied."""
    base_world: World
    """As its tables say, from which the day-one snapshot is made."""
    scenario_hash: str
    world_hash: str
    """Of the unpatched world."""
    files: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
