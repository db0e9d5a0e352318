"""The world: every table as a tuple of frozen rows, with its settings."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from twin.model.amounts import MOST_WEEKS, Factor, Fraction
from twin.model.row import Day, Row
from twin.model.rows_demand import Allocation, Demand, Estimate, Order, Readiness, Stock
from twin.model.rows_factory import RackEconomics, Service
from twin.model.rows_forecast import Driver, DriverShare, Transition
from twin.model.rows_growth import Expansion
from twin.model.rows_learning import Learning
from twin.model.rows_make import (
    BomLine,
    CalendarRow,
    Claim,
    LevelRow,
    Process,
    Resource,
    RoutingResource,
    RoutingStep,
)
from twin.model.rows_network import (
    Duty,
    Hazard,
    Item,
    Lane,
    LaneGroup,
    Setting,
    Site,
    SiteGroup,
    Source,
    Sourcing,
)
from twin.model.rows_power import Tariff

TABLES: dict[str, type[Row]] = {
    "settings": Setting,
    "items": Item,
    "sites": Site,
    "site_groups": SiteGroup,
    "lane_groups": LaneGroup,
    "resources": Resource,
    "claims": Claim,
    "calendars": CalendarRow,
    "tariffs": Tariff,
    "processes": Process,
    "bom": BomLine,
    "routings": RoutingStep,
    "routing_resources": RoutingResource,
    "levels": LevelRow,
    "learning": Learning,
    "lanes": Lane,
    "sourcing": Sourcing,
    "allocations": Allocation,
    "stock": Stock,
    "orders": Order,
    "demand": Demand,
    "drivers": Driver,
    "driver_shares": DriverShare,
    "transitions": Transition,
    "readiness": Readiness,
    "rack_economics": RackEconomics,
    "services": Service,
    "duties": Duty,
    "hazards": Hazard,
    "expansions": Expansion,
    "estimates": Estimate,
    "sources": Source,
}
"""Every table by name, with the record of its rows."""

REQUIRED_TABLES = ("settings", "items", "sites")

LOOK_AHEAD_WEEKS = 8
"""Planners look so far past the horizon: the four weeks by which an order may be early, and a coarse bucket's four."""


class Settings(BaseModel):
    """The settings of a world; a scenario may override them."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    title: str = ""
    """What the world is, in a line."""
    starts: Day
    """Second 0 of the clock: midnight UTC of this day."""
    report_weeks: Annotated[int, Field(ge=1, le=MOST_WEEKS)] = 52
    """KPIs are read in this window."""
    tail_weeks: Annotated[int, Field(ge=0, le=MOST_WEEKS)] = 0
    """After the report window, with demand going on at its last rate."""
    schedule_weeks: Annotated[int, Field(ge=0, le=12)] = 2
    """Scheduled by CP-SAT from the start and after each new plan; 0: dispatch rule only."""
    schedule_move_hours: Annotated[float, Field(ge=0, le=1e6)] = 1.0
    """Weighted rack-hours late that a new schedule must save for each operation it moves against the old one."""
    carrying_rate_per_year: Annotated[Factor, Field(le=10)] = 0.1
    """Cost of capital tied up, per year."""
    currency: Literal["USD"] = "USD"
    """All money is in it."""
    ship_when: Literal["ready", "powered"] = "ready"
    """`powered`: a rack leaves the factory only when its place has power, positions, cooling, network."""
    pegging: Literal["priority", "fair_share"] = "priority"
    """Which of the orders that fit a free rack is given."""
    lead_time_quantile: Annotated[float, Field(ge=0.5, lt=1)] = 0.5
    """The operational plan reckons with this quantile of lead times; 0.5 means their mean."""
    planned_utilisation: Annotated[Fraction, Field(ge=0.01)] = 1.0
    """The operational plan loads resources of routings to at most this fraction."""
    lot_waits: Annotated[Factor, Field(le=20)] = 0.0
    """Lots' times that the operational plan adds to each process: for the lot to fill, and for its receiver's."""
    flow_factor: Annotated[Factor, Field(ge=1, le=20)] = 1.0
    """Planned time through a routing over its work, for waits in queues (also called X-factor)."""

    minimum_lots: bool = False
    """The operational plan starts whole lots in its first quarter, where they matter; slower."""

    @property
    def starts_at(self) -> datetime:
        """Second 0 as a UTC moment."""
        return datetime(self.starts.year, self.starts.month, self.starts.day, tzinfo=UTC)

    @property
    def horizon_s(self) -> int:
        """Length of report window and tail in seconds."""
        return (self.report_weeks + self.tail_weeks) * 604_800

    @property
    def planned_s(self) -> int:
        """Orders and plans go on to here: past the horizon where there is a tail, or its last weeks would die away.

        A supply that is ahead of its orders would stop before the horizon and be overtaken by one that is behind.
        """
        return self.horizon_s + (LOOK_AHEAD_WEEKS * 604_800 if self.tail_weeks else 0)

    @property
    def report_s(self) -> int:
        """Length of the report window in seconds."""
        return self.report_weeks * 604_800

    def second_of(self, day: date) -> int:
        """Midnight UTC of a day on the clock of this world; negative before `starts`."""
        return (day - self.starts).days * 86_400


class World(BaseModel):
    """A whole world: the tables of the design, checked, in the order of their files."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    name: str
    settings: Settings
    items: tuple[Item, ...] = ()
    sites: tuple[Site, ...] = ()
    site_groups: tuple[SiteGroup, ...] = ()
    lane_groups: tuple[LaneGroup, ...] = ()
    resources: tuple[Resource, ...] = ()
    claims: tuple[Claim, ...] = ()
    calendars: tuple[CalendarRow, ...] = ()
    tariffs: tuple[Tariff, ...] = ()
    processes: tuple[Process, ...] = ()
    bom: tuple[BomLine, ...] = ()
    routings: tuple[RoutingStep, ...] = ()
    routing_resources: tuple[RoutingResource, ...] = ()
    levels: tuple[LevelRow, ...] = ()
    learning: tuple[Learning, ...] = ()
    lanes: tuple[Lane, ...] = ()
    sourcing: tuple[Sourcing, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    stock: tuple[Stock, ...] = ()
    orders: tuple[Order, ...] = ()
    demand: tuple[Demand, ...] = ()
    drivers: tuple[Driver, ...] = ()
    driver_shares: tuple[DriverShare, ...] = ()
    transitions: tuple[Transition, ...] = ()
    readiness: tuple[Readiness, ...] = ()
    rack_economics: tuple[RackEconomics, ...] = ()
    services: tuple[Service, ...] = ()
    duties: tuple[Duty, ...] = ()
    hazards: tuple[Hazard, ...] = ()
    expansions: tuple[Expansion, ...] = ()
    estimates: tuple[Estimate, ...] = ()
    sources: tuple[Source, ...] = ()
