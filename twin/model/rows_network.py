"""Rows that say what there is and how it is joined: items, sites, lanes, sources of supply."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from twin.model.amounts import (
    Days,
    Defects,
    DefectsFactor,
    Factor,
    Fraction,
    Hours,
    NonNegative,
    Positive,
    VaryingDays,
    Weeks,
)
from twin.model.row import Day, Row

SiteKind = Literal[
    "fab",
    "memory",
    "packaging",
    "component",
    "tray_assembly",
    "rack_integration",
    "hub",
    "datacenter",
]


class Setting(Row):
    """One setting of the world, by one of the names below."""

    name: str
    """One of the names below."""
    value: str
    """Its value, written as in any other table."""


class Source(Row):
    """Where numbers come from: one publication, or one named kind of estimate."""

    key: str
    """The name that other tables use."""
    title: str
    """Of the publication, or what kind of estimate it is."""
    address: str = ""
    """Where it can be read."""
    published: str = ""
    """The day or year it came out."""
    confidence: Literal["high", "medium", "low", "estimate", "claim"]
    """How far to trust it; `estimate`: an engineer's own figure, `claim`: what a seller says of its own goods."""


class Item(Row):
    """A thing that flows: wafer, memory stack, package, board, tray, rack in one of its states."""

    item: str
    """Its name in every other table."""
    kind: str
    """Stage word for drawing and duties, such as wafer, memory_stack, package, tray, rack."""
    family: str = ""
    """Items of one sort; of finished ones, those of one family stand for each other in `twin bottleneck`."""
    unit: str = "each"
    """What one of it is called."""
    value_usd: NonNegative = 0.0
    """Value of one unit at this stage, for capital tied up."""
    mass_kg: NonNegative = 0.0
    """Of one unit, as shipped."""
    volume_m3: NonNegative = 0.0
    """Of one unit, as shipped."""
    power_kw: NonNegative = 0.0
    """Power that one unit draws when it is in use."""
    dies: NonNegative = 0.0
    """Pieces of silicon in one unit that count as its maker's, those of its inputs left out; above 0: it is a chip."""
    transistors_billion: NonNegative = 0.0
    """On these dies."""
    customer_config: str = ""
    """The customer configuration, where units of other customers will not do."""
    convertible_to: str = ""
    """The item that a finished unit can be made into after the fact, at a site that made it."""
    conversion_hours: Hours = 0.0
    """From the start of one conversion to its end; it holds no resource."""
    shipping_defects_factor: DefectsFactor = 1.0
    """Times a lane's `shipping_defects`, for a unit of this item: by its mass, wet or dry, whole or in parts."""

    @property
    def conversion_process(self) -> str:
        """The name of its conversion among the processes of a site."""
        return f"conversion of {self.item}"


class Site(Row):
    """A place that makes, holds or receives items."""

    site: str
    """Its name in every other table."""
    kind: SiteKind
    """What is done there."""
    operator: str = ""
    """Who runs it; disruptions and concentration go by operator too."""
    country: str = ""
    """For duties, embargoes and concentration."""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    """Degrees north, for the map and for distances."""
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    """Degrees east."""
    timezone: str = "UTC"
    """IANA name; calendars of the site are read in it."""
    floor_kg: NonNegative | None = None
    """The most that one unit ordered there may weigh on its floor; blank: not limited."""


class SiteGroup(Row):
    """Membership of a site in a named group: a fault line, a grid, a basin."""

    group: str
    """What its sites have in common."""
    site: str
    """A member."""


class LaneGroup(Row):
    """Membership of a lane in a named group: a strait, a corridor, an air hub."""

    group: str
    """What its lanes have in common."""
    lane: str
    """A member."""


class Lane(Row):
    """A way from a site to a site by one mode of transport."""

    lane: str
    """Its name."""
    origin: str
    """The site it starts from."""
    destination: str
    """The site it leads to."""
    mode: Literal["air", "ocean", "truck", "rail", "internal"] = "truck"
    """How goods go; `internal`: within one campus."""
    transit_days: VaryingDays
    """From leaving the origin to being docked at the destination."""
    cost_usd_per_kg: NonNegative = 0.0
    """Freight of one kilogram."""
    capacity_kg_per_week: Positive | None = None
    """Blank: unlimited."""
    departs_every_days: Annotated[Days, Field(ge=0.01)] | None = None
    """Departures at whole multiples from `starts`; blank: at any moment."""
    co2_kg_per_tonne_km: NonNegative = 0.0
    """Emission of carrying a tonne over a kilometre of the great circle between the ends."""
    shipping_defects: Defects = 0.0
    """Mean defects (Poisson) added on the way to a unit made one by one, times its `shipping_defects_factor`."""
    owner: str = ""
    """Who runs the lane."""
    title_passes_at: Literal["origin", "destination"] = "destination"
    """Where goods become the receiver's, for capital tied up."""


class Sourcing(Row):
    """Who may supply an item to a site. No row for an item: every maker with a lane may."""

    item: str
    """What is supplied."""
    supplier: str
    """A site."""
    consumer: str = ""
    """A site; blank: every site the supplier has a lane to that needs the item."""
    share_planned: Fraction | None = None
    """Of what the consumer takes; leaving it has a price in the plan."""
    share_min: Fraction = 0.0
    """At least, over a rolling quarter; waived while the supplier is known to be down."""
    share_max: Fraction = 1.0
    """At most, over a rolling quarter."""
    surge_fraction: Factor = 0.0
    """Extra output while another source of the item is known to be down."""
    surge_after_weeks: Weeks = 0.0
    """From when the other source is known to be down until the extra output."""
    qualified_from: Day | None = None
    """Supplies nothing before this day."""
    qualification_weeks: Weeks = 0.0
    """How long qualifying this supplier takes, once begun."""
    price_usd: NonNegative = 0.0
    """Paid per unit, on top of the costs of making it that the world holds."""


class Duty(Row):
    """A tariff on a kind of item between two countries."""

    item_kind: str
    """The kind of the items it is on."""
    from_country: str
    """Of origin."""
    to_country: str
    """Of import."""
    from_date: Day | None = Field(default=None, alias="from")
    """The first day of the rate."""
    rate: Factor
    """Of the value of the goods; 0.25 is 25 %."""
    exemption: str = ""
    """Why nothing is charged; blank: the rate is."""


class Hazard(Row):
    """What can happen to a site or a group, how often, how long."""

    site: str = ""
    """The site it strikes; or give a group."""
    group: str = ""
    """A site group or lane group it strikes as one."""
    hazard: str
    """What happens, in a word or two."""
    per_year: Factor
    """Mean number of times a year."""
    outage_days: VaryingDays
    """How long it lasts."""
    recovery_days: VaryingDays
    """After it, until full capacity is back, in a straight line."""
    capacity_left: Fraction = 0.0
    """While it lasts."""
    wip_lost: Fraction = 0.0
    """Of the work in process, scrapped when it starts."""
