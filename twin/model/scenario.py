"""The scenario: a small file that says what differs from a world or another scenario."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from twin.model.amounts import (
    MOST,
    MOST_DAYS,
    Days,
    Factor,
    Fraction,
    NonNegative,
    Number,
    VaryingDays,
    VaryingWeeks,
    Weeks,
)
from twin.model.distribution import Distribution, constant
from twin.model.limits import MOST_REPLICATIONS, MOST_SEED
from twin.model.row import Day
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
    """A site by name."""
    lane: str = ""
    """A lane by name."""
    resource: str = ""
    """A resource, at every site that fits."""
    item: str = ""
    """An item, where it is made or sent from."""
    process: str = ""
    """A process, at every site that fits."""
    operator: str = ""
    """Whoever runs a site or owns a lane."""
    country: str = ""
    """Every site in it."""
    group: str = ""
    """A site group or a lane group."""


class Embargo(Record):
    """No shipment leaves one country for another."""

    from_country: str = Field(alias="from")
    """Where goods come from."""
    to_country: str = Field(alias="to")
    """Where they no longer may go."""


class Disruption(Record):
    """Something that goes wrong: what, where, from when, for how long, known when."""

    name: str
    """A name of its own, in a word or two."""
    at: Target = Target()
    """What is hit."""
    embargo: Embargo | None = None
    """Of kind embargo: between which countries."""
    kind: DisruptionKind
    """What it does."""
    starts: Day
    """The first day, midnight UTC."""
    known_after_days: Annotated[float, Field(ge=-MOST_DAYS, le=MOST_DAYS)] = 0.0
    """No planner knows it earlier; negative: announced."""
    lasts_weeks: VaryingWeeks | None = None
    """How long, in weeks; a number or a distribution."""
    lasts_days: VaryingDays | None = None
    """Give `lasts_weeks` or `lasts_days`."""
    recovers_over_weeks: Weeks = 0.0
    """After the end capacity returns in a straight line over this time."""
    capacity_left: Fraction = 0.0
    """Kind capacity or curtailment: what is left while it lasts."""
    lead_time_factor: Annotated[Factor, Field(ge=0.001)] = 1.0
    """Kind lead_time: on every duration that starts while it lasts."""
    yield_factor: Fraction = 1.0
    """Kind yield: on the yield of what completes while it lasts."""
    scrap_fraction: Fraction = 0.0
    """Kind scrap: of the work in process at the start."""
    wip_lost: Fraction = 0.0
    """Kind outage: of the work in process, scrapped when it starts."""
    made_from: Day | None = None
    """Kind quality_hold: the first day of the units meant."""
    made_to: Day | None = None
    """Kind quality_hold: the last day of the units meant."""
    found_after_days: Days | None = None
    """Kind quality_hold: when it is found."""
    action: Literal["", "hold", "rework", "replace"] = ""
    """Kind quality_hold: what is done with the units."""

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
    """One of the tables of a world."""
    where: dict[str, Any] = {}
    """Column and value pairs that a row must match; leave out to mean every row."""
    set: dict[str, Any] = {}
    """Columns and their new values."""
    multiply: dict[str, Number] = {}
    """Numeric columns and the factor on their present value."""
    add: list[dict[str, Any]] = []
    """Rows to add, each as columns and values."""
    remove: bool = False
    """Remove the rows that match."""


class Mitigation(Record):
    """A protection that acts in baseline and disrupted run alike."""

    name: str
    """A name of its own."""
    changes: list[Change] = []
    """What it changes in the world."""
    cost_usd: NonNegative = 0.0
    """What it costs, once."""


class Lever(Record):
    """A number that a workshop may move."""

    name: str
    """What the room calls it."""
    table: str
    """One of the tables of a world."""
    where: dict[str, Any] = {}
    """The rows it moves."""
    column: str
    """The number it moves."""
    low: Number
    """The least it may be set to."""
    high: Number
    """The most it may be set to."""
    step: Annotated[float, Field(gt=0, le=MOST)]
    """From one setting to the next."""
    unit: str = ""
    """Shown beside the number."""


class Budgets(Record):
    """Limits of the solvers, so that an answer never depends on the clock or on the machine."""

    schedule_deterministic_seconds: Annotated[float, Field(gt=0, le=86_400)] = 4.0
    """Most effort of CP-SAT for each site and window, counted in its steps and models built, never by the clock.

    One is 0.05 of CP-SAT's own deterministic unit, about a quarter of a second of a present core.
    """
    schedule_dispatch_trials: Annotated[int, Field(ge=1, le=10_000)] = 24
    """Parameter settings tried for the dispatch rule."""
    on_time_replays: Annotated[int, Field(ge=1, le=MOST_REPLICATIONS)] = 200
    """Replications of the first weeks from which the chance of an order to be on time is told."""
    on_time_weeks: Annotated[int, Field(ge=0, le=520)] | None = None
    """How many weeks are replayed so often; blank: the scheduled weeks and as many again."""


class Scenario(Record):
    """One scenario as its file says it, with what it extends already merged in."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    """One word, as the file is called."""
    title: str = ""
    """What happens, in a line."""
    extends: str = ""
    """Another scenario, by bare name or path; give this or `world`."""
    world: str = ""
    """A world folder or workbook, by bare name or path."""
    settings: dict[str, Any] = {}
    """Settings of the world that differ."""
    seed: Annotated[int, Field(ge=0, le=MOST_SEED)] = 1
    """Of all random draws."""
    replications: Annotated[int, Field(ge=1, le=MOST_REPLICATIONS)] = 10
    """Runs of the simulation, each with luck of its own."""
    replan: Literal["known", "each"] = "known"
    """From whose state plans are made anew: that of one run without luck for all, or of each replication."""
    replan_every_weeks: Annotated[int, Field(ge=1, le=520)] | None = None
    """Plans and schedules are made anew so often too; blank: only at what becomes known."""
    warm_start: Literal["shared", "own"] = "shared"
    """`own`: day one is made from the patched world instead of the unpatched one."""
    disruptions: list[Disruption] = []
    """What goes wrong."""
    mitigations: list[Mitigation] = []
    """What protects, in baseline and disrupted run alike."""
    changes: list[Change] = []
    """How the world differs."""
    levers: list[Lever] = []
    """Numbers that a workshop may move."""
    budgets: Budgets = Budgets()
    """Limits of the solvers."""


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
    """Points of the input that deserve a look, each in a line."""
