"""Rows that say how things are made: calendars, resources, processes, materials, routings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from twin.model.amounts import (
    Chance,
    Defects,
    Fraction,
    Hours,
    HoursApart,
    NonNegative,
    Ordinal,
    Ratio,
    Units,
    VaryingDays,
    VaryingHours,
)
from twin.model.row import Closes, Day, Opens, Ramp, Row, Weekdays


class CalendarRow(Row):
    """Part of a calendar: open hours on a weekday, or a closed range of dates.

    A calendar without any weekday row is open at all hours outside its closed ranges.
    """

    calendar: str
    """Its name; several rows make one calendar."""
    weekday: Weekdays = ""
    """The day or days of the open hours."""
    opens: Opens = ""
    """Local time, such as 07:30; blank: midnight."""
    closes: Closes = ""
    """Local time, such as 18:00; blank or 24:00: midnight at the end of the day."""
    closed_from: Day | None = None
    """The first closed day."""
    closed_to: Day | None = None
    """The last closed day."""


class Resource(Row):
    """A finite thing at a site: bays, test cells, kilowatts, crews, a line's weekly starts.

    A resource that routing steps seize is a number held at the same time. A resource that
    processes draw on is a rate per week. The latest row not after a moment holds.
    """

    site: str
    """Where it is."""
    resource: str
    """Its name at the site."""
    from_date: Day | None = Field(default=None, alias="from")
    """The row holds from this day until a later row of the same resource; blank: from the beginning."""
    capacity: NonNegative
    """Units held at a time, or a weekly rate."""
    unit: str = "each"
    """What one of it is called, such as bay or kW."""
    calendar: str = ""
    """When it is open; blank: always."""
    ramp: Ramp = ()
    """Fractions of the capacity by date."""
    usd_per_hour: NonNegative = 0.0
    """Cost of one unit held for an hour."""
    failures: Literal["", "time", "use"] = ""
    """Breakdowns go by time, or by hours of use; blank: it does not break down."""
    mtbf_hours: HoursApart | None = None
    """Of one unit, from repair to the next breakdown."""
    mttr_hours: VaryingHours | None = None
    """Of one repair."""


class Claim(Row):
    """Other claimants: a share of a resource's or item's capacity that never reaches this world.

    Rows for the same thing act one after the other: what is left is the product of 1 - share.
    """

    claimant: str
    """Who takes it."""
    site: str = ""
    """Blank: every site."""
    resource: str = ""
    """The resource claimed; or give an item."""
    item: str = ""
    """Name the resource, or the item whose processes are meant."""
    from_date: Day | None = Field(default=None, alias="from")
    """The first day of the claim; a later row of the same claimant and thing replaces it."""
    share: Fraction
    """Of the capacity that is there."""


class Process(Row):
    """A transformation at a site, in lots; for an item with a routing it says where it is made.

    `capacity_per_week` limits gross starts, before yield. `cycle_days` is latency, not
    occupancy; an item with a routing takes its time from the routing instead.
    """

    process: str
    """Its name; several sites may run it."""
    site: str
    """Where it is run."""
    item: str
    """What comes out."""
    level: str = ""
    """Of an item with routings: the level at which this process makes it; blank: the one in force at the site."""
    from_date: Day | None = Field(default=None, alias="from")
    """The row holds from this day until a later row of the same process; blank: from the beginning."""
    lot_size: Units = 1
    """Units started together."""
    cycle_days: VaryingDays | None = None
    """From start of a lot to its completion."""
    capacity_per_week: NonNegative | None = None
    """Blank: not limited here."""
    resource: str = ""
    """A resource of the site that it draws on, a weekly rate."""
    resource_per_unit: Ratio = 1.0
    """Of the resource's weekly rate, drawn by each unit started."""
    yield_fraction: Chance = 1.0
    """Mean part of the units started that come out good."""
    ramp: Ramp = ()
    """Fractions of the weekly capacity by date."""
    calendar: str = ""
    """Closed times start nothing; blank: always open."""
    cost_usd_per_unit: NonNegative = 0.0
    """Of one unit started, without its inputs."""


class BomLine(Row):
    """An input of an output: all inputs are needed."""

    item: str
    """What comes out."""
    input: str
    """What goes in."""
    quantity: Ratio
    """Of the input, per unit started of the item."""
    level: str = ""
    """The level at which it goes in; blank: every level."""


class RoutingStep(Row):
    """A step of a rack (or of any item made one by one) at a level."""

    item: str
    """What is made."""
    level: str
    """How it is built; one routing for each item and level."""
    step: Ordinal
    """1 for the first, without gaps."""
    name: str
    """The step in a word."""
    site: str = ""
    """Blank: every site that makes the item; a named site's rows replace the blank ones there."""
    hours: VaryingHours
    """Of work on one unit."""
    first_pass_yield: Chance = 1.0
    """Chance that a unit passes at an attempt."""
    gate_coverage: Fraction = 0.0
    """Chance that the test of this step finds a defect that is present."""
    defects_introduced: Defects = 0.0
    """Mean number (Poisson) put in by this step."""
    rework_to: Ordinal | None = None
    """The step that is repeated after a failed test; blank: this one."""
    rework_hours: VaryingHours | None = None
    """Repair before the repetition."""
    max_attempts: Ordinal | None = None
    """Of this step; blank: no limit."""
    then: Literal["scrap", "pass"] = "pass"
    """What becomes of a unit that fails its last attempt."""
    max_wait_hours_after: Hours | None = None
    """The next step must begin within this time."""
    cluster: Ordinal = 1
    """Racks of one order that do the step together: it starts when all are there and ends for all at once."""
    keeps_mode: bool = False
    """Yes: a rack does all steps of the routing that say yes in modes of one name, such as the building it is in."""


class RoutingResource(Row):
    """A resource that a step seizes, together with the step's others, for its whole length.

    A step may run in different modes, such as an old cell and a new one: it seizes the rows
    without a mode and those of the mode it runs in. A mode is there where the site has all
    that it seizes; the first one in the table is what the step's hours are of.
    """

    item: str
    """As in `routings`."""
    level: str
    """As in `routings`."""
    step: Ordinal
    """As in `routings`."""
    resource: str
    """A resource of the site that makes the item."""
    amount: Ratio = 1.0
    """Units of the resource, or kW, held by one unit made."""
    attended: bool = False
    """Attended: the step runs only in the resource's open hours, pausing when they close."""
    mode: str = ""
    """The mode of the step that needs it; blank: every mode."""
    mode_hours: Hours | None = None
    """Mean hours of the step in this mode, varying as its hours do; blank: as in `routings`."""


class LevelRow(Row):
    """The share of racks for a site that are built at a level, by date."""

    site: str = ""
    """Where it is made; blank: every site that makes it and has no rows of its own."""
    item: str
    """What is made: racks as they are accepted, or in another state."""
    from_date: Day | None = Field(default=None, alias="from")
    """The first day of the share."""
    level: str
    """One of the levels of the item's routings."""
    share: Fraction | None = None
    """Of the racks for the site; all levels together make 1. Blank: what the others leave, as the plan finds best."""
