"""Rows that say what demand grows from: its drivers, who orders by them, and products that give way to others."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from twin.model.amounts import Count, Days, Fraction, NonNegative, VaryingFactor, VaryingUnits
from twin.model.distribution import Distribution, constant
from twin.model.row import Day, Row


class Driver(Row):
    """A reason for which units are wanted, and how its demand grows; what is ordered by it is in `driver_shares`."""

    driver: str
    """Its name: a kind of work, a market, a programme."""
    from_date: Day | None = Field(default=None, alias="from")
    """Holds until a later row of the driver, whose rates are as on this day; blank: since ever, as at `starts`."""
    units_per_week: VaryingUnits
    """Ordered a week on that day, by all; one draw for all of a replication, the plan takes the mean."""
    growth_factor_per_year: VaryingFactor = constant(1.0)
    """What the rate is multiplied by in a year: 1 stays, 2 doubles; drawn as the rate is."""

    @property
    def varying(self) -> tuple[Distribution, ...]:
        """What a replication draws: rate, then growth."""
        return (self.units_per_week, self.growth_factor_per_year)


class DriverShare(Row):
    """Who orders what, and where, of the demand of a driver."""

    driver: str = ""
    """Blank: every driver that has no row of its own."""
    customer: str
    """Who orders."""
    site: str
    """Where the units are to be accepted."""
    item: str
    """The finished item, before `transitions`."""
    from_date: Day | None = Field(default=None, alias="from")
    """Holds until a later row of the driver, customer, site and item; blank: since ever."""
    share: Fraction
    """Of the driver's demand; all shares of a driver that hold on a day together make 1."""
    ordered_days_ahead: Days
    """From the placing of an order to the day it is asked for; until then there is only the forecast of it."""
    priority: Annotated[int, Field(ge=1, le=9)] = 5
    """1 is served first."""
    revenue_usd_per_unit: NonNegative = 0.0
    """Of a unit ordered."""
    late_usd_per_week: NonNegative = 0.0
    """Cost of each late unit, as a measure; the plan goes by priority."""


class Transition(Row):
    """An item that gives way to its successor in what drivers ask for, along a straight line."""

    item: str
    """What ramps down."""
    successor: str
    """What ramps up, a unit for a unit."""
    customer: str = ""
    """Blank: all. Rows that name more of site and customer (the site first) go before those that name less."""
    site: str = ""
    """Blank: all."""
    from_date: Day = Field(alias="from")
    """From the beginning of this day it moves, every day as much."""
    until: Day
    """By the beginning of this day all of `share` has moved."""
    share: Fraction = 1.0
    """Of the item's demand, that moves in the end."""
    last_order: Day | None = None
    """Last day for which the item is to be had: what is wanted of it later is asked for in that week; blank: none."""
    spare_units: Count = 0
    """Asked for with the last order beyond that, in all, for spares and late needs."""
    revenue_usd_per_unit: NonNegative | None = None
    """Of a unit of the successor; blank: as of the item."""
