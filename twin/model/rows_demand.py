"""Rows that say what is wanted, what is held, and what a datacenter can take."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from twin.model.amounts import (
    MOST,
    Count,
    Days,
    DaysApart,
    Factor,
    Fraction,
    Hours,
    NonNegative,
    Number,
    Units,
    VaryingDays,
    VaryingUnits,
)
from twin.model.distribution import number_words
from twin.model.row import Day, Ramp, Row

PolicyKind = Literal["plan", "base_stock", "reorder", "order_up_to", "kanban", "moving_average"]

_POLICY = re.compile(r"^\s*([a-z_]+)\s*(?:\(([^()]*)\))?\s*$")
_POLICY_PARAMETERS = {"plan": 0, "base_stock": 1, "reorder": 2, "order_up_to": 2, "kanban": 1, "moving_average": 2}
_POLICIES = "plan, base_stock(S), reorder(s, Q), order_up_to(s, S), kanban(n), moving_average(periods, cover)"
_MOST_PERIODS = 1000


class StockPolicy(BaseModel):
    """How a stock is replenished: a kind and its numbers, such as `base_stock(S)` or `reorder(s, Q)`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: PolicyKind
    parameters: tuple[float, ...] = ()

    @property
    def opening(self) -> float:
        """Units on hand at the start, where the table does not say: what is held when all is in; none by an average."""
        if self.kind == "reorder":
            return self.parameters[0] + self.parameters[1]
        if self.kind == "order_up_to":
            return self.parameters[1]
        return self.parameters[0] if self.kind in {"base_stock", "kanban"} else 0.0


def _policy(value: object) -> object:
    if not isinstance(value, str):
        return value
    match = _POLICY.match(value)
    if match is None or match.group(1) not in _POLICY_PARAMETERS:
        raise ValueError(f"must be a stock policy; write one of {_POLICIES}")
    kind, inside = match.groups()
    cells = [cell.strip() for cell in (inside or "").split(",") if cell.strip()]
    if len(cells) != _POLICY_PARAMETERS[kind]:
        raise ValueError(f"must give {kind} its numbers ({_POLICY_PARAMETERS[kind]}); write one of {_POLICIES}")
    try:
        numbers = tuple(float(cell) for cell in cells)
    except ValueError:
        raise ValueError(f"must have numbers in its brackets; write one of {_POLICIES}") from None
    if not all(0 <= number <= MOST for number in numbers):
        rule = f"must have numbers from 0 to {number_words(MOST)} in its brackets"
        raise ValueError(f"{rule}; write such as base_stock(20)")
    _check_numbers(kind, numbers)
    return {"kind": kind, "parameters": numbers}


def _check_numbers(kind: str, numbers: tuple[float, ...]) -> None:
    """What the numbers of a policy must be besides numbers. Raises ValueError ("rule; remedy")."""
    if kind == "reorder" and (numbers[1] < 1 or numbers[1] % 1):
        raise ValueError("must order a whole number of units, 1 or more; write such as reorder(5, 20)")
    if kind == "order_up_to" and numbers[1] <= numbers[0]:
        raise ValueError("must order up to more than the point at which it orders; write such as order_up_to(5, 20)")
    if kind == "kanban" and (numbers[0] < 1 or numbers[0] % 1):
        raise ValueError("must have a whole number of cards, 1 or more; write such as kanban(6)")
    if kind == "moving_average" and (not 1 <= numbers[0] <= _MOST_PERIODS or numbers[0] % 1):
        rule = f"must take the mean of a whole number of reviews, 1 to {number_words(_MOST_PERIODS)}"
        raise ValueError(f"{rule}; write such as moving_average(4, 2)")


class Allocation(Row):
    """Whose supply it is: the share of an item's output that a customer or integrator may use."""

    item: str
    """Whose output is shared out."""
    customer: str = ""
    """Who may use it."""
    integrator: str = ""
    """A site or an operator of rack integration."""
    from_date: Day | None = Field(default=None, alias="from")
    """The first day; blank: from the beginning."""
    to_date: Day | None = Field(default=None, alias="to")
    """The last day; blank: to the end."""
    share: Fraction
    """Of the item's output."""
    transferable: Literal["yes", "no", "by consent"] = "no"
    """Whether others may use what is left."""


class Stock(Row):
    """Where an item is held, with its policy and what is on hand at the start."""

    site: str
    """Where it is held."""
    item: str
    """What is held."""
    owner: str = ""
    """Whose it is, for capital tied up; blank: the site's operator."""
    on_hand: NonNegative | None = None
    """Blank: from the day-one snapshot."""
    policy: Annotated[StockPolicy, BeforeValidator(_policy)] = StockPolicy(kind="plan")
    """How it is replenished."""
    review_days: Annotated[Days, Field(ge=0.01)] | None = None
    """Time from one review of the stock to the next; blank: continuous review."""
    unmet: Literal["wait", "lost"] = "wait"
    """Customers of `demand` who find too little wait for it, or the units that they lack are lost."""
    holding_usd_per_unit_week: NonNegative = 0.0
    """Cost of one unit held for a week, beside capital."""
    backorder_usd_per_unit_week: NonNegative = 0.0
    """Cost of one unit owed for a week."""
    lost_usd_per_unit: NonNegative = 0.0
    """Cost of one unit of demand lost."""
    order_usd: NonNegative = 0.0
    """Cost of one replenishment order, whatever its quantity."""


class Order(Row):
    """A customer's order for finished racks at a site."""

    order: str
    """Its name."""
    customer: str
    """Who ordered."""
    site: str
    """Where the units are to be accepted."""
    item: str
    """The finished item."""
    level: str = ""
    """Asked for by this order; blank: the site's level."""
    quantity: Units
    """Units."""
    status: Literal["firm", "forecast", "reserved"] = "firm"
    """How sure it is; measures tell them apart, nothing else does."""
    placed: Day | None = None
    """Blank: known from the start."""
    requested: Day
    """Due at the end of this day; past the weeks that are planned it is told in a note, as too late to be answered."""
    promised: Day | None = None
    """Blank: the plan's completion at acceptance of the order."""
    priority: Annotated[int, Field(ge=1, le=9)] = 5
    """1 is served first."""
    revenue_usd: NonNegative = 0.0
    """Of the whole order."""
    late_usd_per_week: NonNegative = 0.0
    """Cost of each late unit, as a measure; the plan goes by priority."""
    driver: str = ""
    """What it is ordered for, as a driver of `drivers`, for measures by driver; blank: not told."""


class Demand(Row):
    """A stream of orders still to come."""

    customer: str
    """Who orders."""
    site: str
    """Where."""
    item: str
    """What."""
    every_days: DaysApart
    """Time from one order to the next."""
    quantity: VaryingUnits
    """Units of one order."""
    from_date: Day | None = Field(default=None, alias="from")
    """The first day; blank: from the beginning."""
    to_date: Day | None = Field(default=None, alias="to")
    """The last day; blank: to the end."""
    due_after_days: VaryingDays | None = None
    """Blank: due at once."""
    priority: Annotated[int, Field(ge=1, le=9)] = 5
    """1 is served first."""
    ramp: Ramp = ()
    """Factors on the rate of orders by date."""


class Readiness(Row):
    """What a datacenter has from a date, for racks that take a place there since the world's `starts`."""

    site: str
    """The datacenter."""
    from_date: Day | None = Field(default=None, alias="from")
    """The row holds from this day until a later row of the site; blank: from the beginning."""
    firm_mw: NonNegative | None = None
    """At the meter; blank: not limited."""
    flexible_mw: NonNegative = 0.0
    """Power that may be curtailed."""
    curtailed_hours_per_year: Hours = 0.0
    """How long the flexible power is away, and the firm power backed down."""
    backs_down_to: Fraction = 1.0
    """Part of `firm_mw` that is left in these hours."""
    usd_per_mwh: NonNegative = 0.0
    """Price of electricity."""
    pue: Annotated[Factor, Field(ge=1)] = 1.0
    """Meter power per unit of rack power."""
    rack_positions: Count | None = None
    """Blank: not limited."""
    cooling_kw: NonNegative | None = None
    """Blank: not limited."""
    network_ready: bool = True
    """Whether racks can be joined to the network."""


class Estimate(Row):
    """The low and high value that an estimated number of a table may plausibly take."""

    estimate: str
    """A short name in a planner's words."""
    table: str
    """The table of the number."""
    where: str
    """Which rows, as `site=houston; resource=test_power`."""
    column: str
    """The column of the number."""
    low: Number
    """The lowest value that is plausible."""
    high: Number
    """The highest value that is plausible."""
