"""Rows that say what there is and how it is joined: items, sites, lanes, sources of supply."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from twin.model.row import Day, Fraction, NonNegative, Positive, Row, Varying

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
    """One setting of the world; see `Settings` for the names and their meaning."""

    name: str
    value: str


class Source(Row):
    """Where numbers come from: one publication, or one named kind of estimate."""

    key: str
    title: str
    address: str = ""
    published: str = ""
    confidence: Literal["high", "medium", "low", "estimate"]


class Item(Row):
    """A thing that flows: wafer, memory stack, package, board, tray, rack in one of its states."""

    item: str
    kind: str
    """Stage word for drawing and duties, such as wafer, memory_stack, package, tray, rack."""
    family: str = ""
    unit: str = "each"
    value_usd: NonNegative = 0.0
    """Value of one unit at this stage, for capital tied up."""
    mass_kg: NonNegative = 0.0
    volume_m3: NonNegative = 0.0
    power_kw: NonNegative = 0.0
    """Power that one unit draws when it is in use."""
    customer_config: str = ""
    """The customer configuration, where units of other customers will not do."""
    convertible_to: str = ""
    conversion_hours: NonNegative = 0.0


class Site(Row):
    """A place that makes, holds or receives items."""

    site: str
    kind: SiteKind
    operator: str = ""
    country: str = ""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    timezone: str = "UTC"
    """IANA name; calendars of the site are read in it."""


class SiteGroup(Row):
    """Membership of a site in a named group: a fault line, a grid, a basin."""

    group: str
    site: str


class LaneGroup(Row):
    """Membership of a lane in a named group: a strait, a corridor, an air hub."""

    group: str
    lane: str


class Lane(Row):
    """A way from a site to a site by one mode of transport."""

    lane: str
    origin: str
    destination: str
    mode: Literal["air", "ocean", "truck", "rail", "internal"] = "truck"
    transit_days: Varying
    cost_usd_per_kg: NonNegative = 0.0
    capacity_kg_per_week: Positive | None = None
    """Blank: unlimited."""
    departs_every_days: Positive | None = None
    """Departures at whole multiples from `starts`; blank: at any moment."""
    co2_kg_per_tonne_km: NonNegative = 0.0
    shipping_defects: NonNegative = 0.0
    """Mean defects added to a unit on the way."""
    owner: str = ""
    title_passes_at: Literal["origin", "destination"] = "destination"


class Sourcing(Row):
    """Who may supply an item to a site. No row for an item: every maker with a lane may."""

    item: str
    supplier: str
    """A site."""
    consumer: str = ""
    """A site; blank: every site the supplier has a lane to that needs the item."""
    share_planned: Fraction | None = None
    share_min: Fraction = 0.0
    share_max: Fraction = 1.0
    surge_fraction: NonNegative = 0.0
    """Extra output while another source of the item is known to be down."""
    surge_after_weeks: NonNegative = 0.0
    qualified_from: Day | None = None
    qualification_weeks: NonNegative = 0.0
    price_usd: NonNegative = 0.0
    """Paid per unit, on top of the costs of making it that the world holds."""


class Duty(Row):
    """A tariff on a kind of item between two countries."""

    item_kind: str
    from_country: str
    to_country: str
    from_date: Day | None = Field(default=None, alias="from")
    rate: NonNegative
    exemption: str = ""


class Hazard(Row):
    """What can happen to a site or a group, how often, how long."""

    site: str = ""
    group: str = ""
    hazard: str
    per_year: NonNegative
    outage_days: Varying
    recovery_days: Varying
    capacity_left: Fraction = 0.0
    wip_lost: Fraction = 0.0
