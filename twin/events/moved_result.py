"""What moved from one scenario to another: the differences behind those of the measures, largest first.

Every list holds only what moved by more than luck and rounding do, at most `MOST_ROWS` rows of it; the counts
beside it are of all that did.
"""

from __future__ import annotations

from typing import Literal

from twin.events.part import Part

MOST_ROWS = 20
"""Of one list; what is smaller is counted only."""
LEAST_PART = 0.02
"""Of units, freight, operations or a resource's time: what differs by no more than this has not moved."""
LEAST_DAYS = 1.0
"""Dates, and work in the mean, that differ by less have not moved."""


class OrderChanged(Part):
    """An order that only one scenario has, or that asks for something else in the second."""

    order: str
    customer: str
    first_quantity: int | None
    """None: the first scenario has no such order."""
    second_quantity: int | None
    first_due: str | None
    second_due: str | None
    first_asks: str | None
    """Item and site, as `rack_accepted at campus`."""
    second_asks: str | None


class OrderBookMoved(Part):
    """What the scenarios are asked for in the weeks compared, where it differs.

    Orders that only one has are left out of all other moves.
    """

    added: int
    removed: int
    changed: int
    """In quantity, date, item or site."""
    added_units: int
    removed_units: int
    rows: list[OrderChanged]
    """The most units more or fewer first."""


class OrderResourced(Part):
    """Racks of an order that another site makes."""

    order: str
    customer: str
    racks: float
    """Made at `to_site` in place of `from_site`."""
    of_racks: float
    """Racks that left their makers for the order in the first scenario."""
    from_site: str
    to_site: str


class MakersMoved(Part):
    """Racks of all orders that one site makes in place of another."""

    from_site: str
    to_site: str
    orders: int
    racks: float


class OrdersResourced(Part):
    """Orders whose racks are made elsewhere, of those due in the report window that both scenarios have."""

    orders: int
    racks: float
    of_racks: float
    """Racks that left their makers for all orders in the first scenario."""
    moves: int
    """Of an order from one site to another, in all."""
    makers: list[MakersMoved]
    rows: list[OrderResourced]


class SupplyMoved(Part):
    """A supplier's share of what a site receives of an item, by the lanes on which it arrives."""

    item: str
    site: str
    supplier: str
    first_units: float
    second_units: float
    first_share: float
    second_share: float
    units_moved: float
    """Units more, in the second, than by the share of the first; negative: fewer."""
    usd_moved: float
    """Their worth by the item's value, which ranks moves of unlike items."""


class SuppliesMoved(Part):
    """Suppliers' shares that changed."""

    supplies: int
    """Pairs of item and receiving site with a changed share."""
    shares: int
    """Shares that changed in all."""
    rows: list[SupplyMoved]


class OperationsMoved(Part):
    """Work of one kind at one place, in the report window.

    Racks go through steps: an operation is a rack's first attempt, and is set against that of the
    same number of the same order in the second scenario, wherever it is. Lots go through processes: the n-th
    unit started is set against the n-th started there in the second.
    """

    kind: Literal["site", "step", "process"]
    """`site`: all steps of racks there."""
    site: str
    name: str
    """Of the step or process; blank for a site."""
    item: str
    """What the process makes; blank for steps."""
    first: float
    second: float
    """Operations or units started in the report window."""
    matched: float
    """Of the first, those that the second has too, at whatever time."""
    elsewhere: float
    """Of these, at another site."""
    earlier: float
    later: float
    """Of these, by more than a week."""
    mean_shift_weeks: float
    """Mean of how much later they start; negative: earlier."""


class AllOperationsMoved(Part):
    """Steps and processes of which something moved.

    Sites and steps come by the number of operations that moved, processes, whose units are unlike, by its share.
    """

    step_count: int
    process_count: int
    operations: float
    """Operations of racks that both scenarios have, at all sites; what lots do is left out of these three."""
    elsewhere: float
    earlier: float
    later: float
    sites: list[OperationsMoved]
    steps: list[OperationsMoved]
    processes: list[OperationsMoved]

    @property
    def rows(self) -> list[OperationsMoved]:
        """All that is told."""
        return [*self.sites, *self.steps, *self.processes]


class LaneMoved(Part):
    """What leaves on a lane in the report window."""

    lane: str
    origin: str
    destination: str
    mode: str
    first_units: float
    second_units: float
    first_kg: float
    second_kg: float
    first_departures: int
    second_departures: int
    first_usd: float
    second_usd: float
    """Freight and duty."""


class ModeMoved(Part):
    """All lanes of one mode of transport."""

    mode: str
    first_kg: float
    second_kg: float
    first_departures: int
    second_departures: int
    first_usd: float
    second_usd: float


class LanesMoved(Part):
    """Lanes used more or less."""

    lanes: int
    modes: list[ModeMoved]
    rows: list[LaneMoved]


class OrderDate(Part):
    """An order's day in both scenarios; None: not within the horizon."""

    order: str
    customer: str
    due: str
    first: str | None
    second: str | None
    shift_days: float | None
    """Later in the second; negative: earlier; None where one of the days is."""


class DatesMoved(Part):
    """Days of orders that moved, of those due in the report window that both scenarios have."""

    orders: int
    """Of which a day is known in one of the scenarios at least."""
    earlier: int
    """By a day or more."""
    later: int
    earlier_by_a_week: int
    later_by_a_week: int
    """Of these, by more than a week."""
    lost: int
    """With a day in the first scenario only."""
    gained: int
    """With a day in the second scenario only."""
    rows: list[OrderDate]

    @property
    def moved(self) -> int:
        """How many moved at all."""
        return self.earlier + self.later + self.lost + self.gained


class UtilisationMoved(Part):
    """How busy a resource is in the report window, in the mean over replications."""

    site: str
    resource: str
    first: float
    second: float


class UtilisationsMoved(Part):
    """Resources that are busier or less busy."""

    resources: int
    rows: list[UtilisationMoved]


class Moved(Part):
    """What moved from the first scenario of a comparison to another one.

    Read from the first replication of each, which meet the same luck, except `promises` (the
    opening plans) and `utilisation` (the mean of all replications).
    """

    first: str
    second: str
    weeks: int
    """The first ones, which both report: what is set against each other here."""
    book: OrderBookMoved
    orders: OrdersResourced
    supplies: SuppliesMoved
    operations: AllOperationsMoved
    lanes: LanesMoved
    promises: DatesMoved
    """By the opening plans; rows: moved by more than a week, or in one of the plans only."""
    completions: DatesMoved
    """In the first replications; rows: the ten largest."""
    utilisation: UtilisationsMoved

    @property
    def is_nothing(self) -> bool:
        """Whether nothing moved by more than luck and rounding do."""
        parts = (self.book, self.orders, self.supplies, self.operations, self.lanes, self.utilisation)
        return not any(part.rows for part in parts) and not (self.promises.moved or self.completions.moved)
