"""Rows that say how things are made: calendars, resources, processes, materials, routings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from twin.model.row import Day, Fraction, NonNegative, Positive, Ramp, Row, Varying


class CalendarRow(Row):
    """Part of a calendar: open hours on a weekday, or a closed range of dates.

    A calendar without any weekday row is open at all hours outside its closed ranges.
    """

    calendar: str
    weekday: Literal["", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "mon-fri", "mon-sat", "daily"] = ""
    opens: Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")] = ""
    closes: Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)?$")] = ""
    closed_from: Day | None = None
    closed_to: Day | None = None
    """The last closed day."""


class Resource(Row):
    """A finite thing at a site: bays, test cells, kilowatts, crews, a line's weekly starts.

    A resource that routing steps seize is a number held at the same time. A resource that
    processes draw on is a rate per week. The latest row not after a moment holds.
    """

    site: str
    resource: str
    from_date: Day | None = Field(default=None, alias="from")
    capacity: NonNegative
    unit: str = "each"
    calendar: str = ""
    ramp: Ramp = ()
    usd_per_hour: NonNegative = 0.0
    """Cost of one unit held for an hour."""
    failures: Literal["", "time", "use"] = ""
    mtbf_hours: Varying | None = None
    mttr_hours: Varying | None = None


class Claim(Row):
    """Other claimants: a share of a resource's or item's capacity that never reaches this world.

    Rows for the same thing act one after the other: what is left is the product of 1 - share.
    """

    claimant: str
    site: str = ""
    """Blank: every site."""
    resource: str = ""
    item: str = ""
    """Name the resource, or the item whose processes are meant."""
    from_date: Day | None = Field(default=None, alias="from")
    share: Fraction


class Process(Row):
    """A transformation at a site, in lots; for an item with a routing it says where it is made.

    `capacity_per_week` limits gross starts, before yield. `cycle_days` is latency, not
    occupancy; an item with a routing takes its time from the routing instead.
    """

    process: str
    site: str
    item: str
    """What comes out."""
    from_date: Day | None = Field(default=None, alias="from")
    lot_size: Annotated[int, Field(ge=1)] = 1
    cycle_days: Varying | None = None
    capacity_per_week: NonNegative | None = None
    """Blank: not limited here."""
    resource: str = ""
    resource_per_unit: Positive = 1.0
    """Of the resource's weekly rate, drawn by each unit started."""
    yield_fraction: Annotated[float, Field(gt=0, le=1)] = 1.0
    ramp: Ramp = ()
    calendar: str = ""
    """Closed times start nothing; blank: always open."""
    cost_usd_per_unit: NonNegative = 0.0


class BomLine(Row):
    """An input of an output: all inputs are needed."""

    item: str
    input: str
    quantity: Positive
    """Of the input, per unit started of the item."""


class RoutingStep(Row):
    """A step of a rack (or of any item made one by one) at a level."""

    item: str
    level: str
    step: Annotated[int, Field(ge=1)]
    name: str
    site: str = ""
    """Blank: every site that makes the item; a named site's rows replace the blank ones there."""
    hours: Varying
    first_pass_yield: Annotated[float, Field(gt=0, le=1)] = 1.0
    gate_coverage: Fraction = 0.0
    """Chance that the test of this step finds a defect that is present."""
    defects_introduced: NonNegative = 0.0
    """Mean number (Poisson) put in by this step."""
    rework_to: Annotated[int, Field(ge=1)] | None = None
    """The step that is repeated after a failed test; blank: this one."""
    rework_hours: Varying | None = None
    max_attempts: Annotated[int, Field(ge=1)] | None = None
    """Of this step; blank: no limit."""
    then: Literal["scrap", "pass"] = "pass"
    """What becomes of a unit that fails its last attempt."""
    max_wait_hours_after: NonNegative | None = None


class RoutingResource(Row):
    """A resource that a step seizes, together with the step's others, for its whole length."""

    item: str
    level: str
    step: Annotated[int, Field(ge=1)]
    resource: str
    amount: Positive = 1.0
    attended: bool = False
    """Attended: the step runs only in the resource's open hours, pausing when they close."""


class LevelRow(Row):
    """The share of racks for a site that are built at a level, by date."""

    site: str
    item: str
    from_date: Day | None = Field(default=None, alias="from")
    level: str
    share: Fraction
