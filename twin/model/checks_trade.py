"""Rules about moving, buying and selling: lanes, sources of supply, shares, orders, dates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain

from twin.model.columns import columns_of
from twin.model.demand_curves import followed
from twin.model.place import Place
from twin.model.problems import Problem, suggestion
from twin.model.rows_demand import Allocation, Demand, Order, Stock
from twin.model.rows_forecast import DriverShare, Transition
from twin.model.rows_make import BomLine, Process
from twin.model.rows_network import Item, Lane, Sourcing
from twin.model.tables import Tables
from twin.model.world import TABLES

_SHARE_TOLERANCE = 1e-6

_DATE_ORDER = (
    ("calendars", "closed_from", "closed_to"),
    ("allocations", "from", "to"),
    ("demand", "from", "to"),
    ("orders", "placed", "requested"),
)


def check_lane_ends(tables: Tables) -> Iterator[Problem]:
    """A lane leads from one site to another one."""
    for lane, place in tables.of(Lane):
        if lane.origin == lane.destination:
            rule = "a lane must lead to another site than its origin"
            yield place.problem("destination", rule, lane.destination, "give another destination, or remove the lane")


def check_date_order(tables: Tables) -> Iterator[Problem]:
    """What begins on a date does not end before it."""
    for table, early, late in _DATE_ORDER:
        fields = columns_of(TABLES[table])
        for row, place in tables.rows[table]:
            begins, ends = getattr(row, fields[early]), getattr(row, fields[late])
            if begins is not None and ends is not None and ends < begins:
                yield place.problem(
                    late, f"{late} must not lie before {early} ({begins})", str(ends), "exchange the two"
                )


@dataclass(frozen=True, slots=True)
class _Supply:
    """Who has an item: makers (by conversion too) and holders by item, lanes by origin, sourcing rows by item."""

    makers: dict[str, set[str]]
    holders: dict[str, set[str]]
    lanes: set[tuple[str, str]]
    sourcing: dict[str, list[Sourcing]]

    def has(self, site: str, item: str, *, held: bool = True) -> bool:
        """True where a site makes, holds (where that is to count) or is supplied with an item."""
        if site in self.makers[item] or (held and site in self.holders[item]):
            return True
        rows = self.sourcing[item]
        if not rows:
            return any((maker, site) in self.lanes for maker in self.makers[item] | self.holders[item])
        return any(row.consumer == site or (not row.consumer and (row.supplier, site) in self.lanes) for row in rows)


def _supply(tables: Tables) -> _Supply:
    supply = _Supply(defaultdict(set), defaultdict(set), set(), defaultdict(list))
    for process, _ in tables.of(Process):
        supply.makers[process.item].add(process.site)
    _add_converters(tables, supply.makers)
    for stock, _ in tables.of(Stock):
        supply.holders[stock.item].add(stock.site)
    supply.lanes.update((lane.origin, lane.destination) for lane, _ in tables.of(Lane))
    for row, _ in tables.of(Sourcing):
        supply.sourcing[row.item].append(row)
    return supply


def _add_converters(tables: Tables, makers: dict[str, set[str]]) -> None:
    """A site that makes an item has what it can be converted into too, through several conversions in a row."""
    into = {item.item: item.convertible_to for item, _ in tables.of(Item) if item.convertible_to}
    for first in [name for name in into if name in makers]:
        name, seen = first, {first}
        while (name := into.get(name, "")) and name not in seen:
            seen.add(name)
            makers[name] |= makers[first]


def check_suppliers(tables: Tables) -> Iterator[Problem]:
    """A supplier makes, holds or receives what it supplies."""
    supply, sites, items = _supply(tables), tables.known("sites", "site"), tables.known("items", "item")
    for row, place in tables.of(Sourcing):
        if row.supplier in sites and row.item in items and not supply.has(row.supplier, row.item):
            rule = f"supplier must make, hold or receive {row.item}"
            makers = supply.makers[row.item]
            remedy = suggestion(row.supplier, makers, "the table 'processes' or 'stock' with this item")
            yield place.problem("supplier", rule, row.supplier, remedy)


def check_sourcing_lanes(tables: Tables) -> Iterator[Problem]:
    """A lane leads from the supplier to the consumer; to some consumer where the row names none."""
    lanes, sites = _supply(tables).lanes, tables.known("sites", "site")
    origins = {origin for origin, _ in lanes}
    used_at = _used_at(tables)
    for row, place in tables.of(Sourcing):
        if not {row.supplier, row.consumer or row.supplier} <= sites:
            continue
        if row.consumer and row.consumer != row.supplier and (row.supplier, row.consumer) not in lanes:
            rule = f"a lane must lead from the supplier ({row.supplier}) to the consumer"
            yield place.problem("consumer", rule, row.consumer, "add a row to 'lanes'")
        elif not row.consumer and row.supplier not in origins and (row.supplier, row.item) not in used_at:
            rule = "a lane must lead from the supplier to some consumer"
            yield place.problem("supplier", rule, row.supplier, "add a row to 'lanes'")


def _used_at(tables: Tables) -> set[tuple[str, str]]:
    """(site, item) pairs where a process of the site takes the item in."""
    inputs: dict[str, list[str]] = defaultdict(list)
    for line, _ in tables.of(BomLine):
        inputs[line.item].append(line.input)
    return {(process.site, item) for process, _ in tables.of(Process) for item in inputs[process.item]}


def check_shares(tables: Tables) -> Iterator[Problem]:
    """Minimum, planned and maximum share rise in this order."""
    for row, place in tables.of(Sourcing):
        if row.share_min > row.share_max:
            rule = f"share_min must not be above share_max ({row.share_max:g})"
            yield place.problem("share_min", rule, f"{row.share_min:g}", "lower it")
        elif row.share_planned is not None and not row.share_min <= row.share_planned <= row.share_max:
            rule = f"share_planned must lie from share_min ({row.share_min:g}) to share_max ({row.share_max:g})"
            yield place.problem("share_planned", rule, f"{row.share_planned:g}", "change one of the three")


def check_share_sums(tables: Tables) -> Iterator[Problem]:
    """What a consumer plans to take of an item, and what it must take, is at most all of it."""
    groups: dict[tuple[str, str], list[tuple[Sourcing, Place]]] = defaultdict(list)
    for row, place in tables.of(Sourcing):
        groups[row.item, row.consumer].append((row, place))
    for (item, consumer), own in groups.items():
        named = {row.supplier for row, _ in own}
        # Rows without a consumer stand for this one too, unless it names their supplier itself.
        general = groups.get((item, ""), []) if consumer else []
        rows = [pair for pair in general if pair[0].supplier not in named] + own
        for column in ("share_planned", "share_min"):
            total = sum(getattr(row, column) or 0.0 for row, _ in rows)
            if total > 1 + _SHARE_TOLERANCE:
                rule = f"the {column} of {item} for {consumer or 'all consumers'} must add up to 1 or less"
                yield own[-1][1].problem(column, rule, f"{total:.6g}", "lower the shares of its suppliers")


def check_demand_supplied(tables: Tables) -> Iterator[Problem]:
    """What is ordered at a site is made or received there, or held and replenished."""
    # A stock of the plan is replenished by what makes or brings it; what is on hand alone runs out.
    replenished = {(stock.site, stock.item) for stock, _ in tables.of(Stock) if stock.policy.kind != "plan"}
    supply, sites, items = _supply(tables), tables.known("sites", "site"), tables.known("items", "item")
    blamed: set[tuple[str, str]] = set()
    for site, item, place, column in _wanted(tables):
        pair = (site, item)
        if site not in sites or item not in items or pair in blamed or supply.has(*pair, held=pair in replenished):
            continue
        blamed.add(pair)
        remedy = "add a row to 'processes', or to 'stock' with a policy such as base_stock(0), or a lane from a maker"
        if supply.makers[item] and (near := suggestion(site, supply.makers[item], "")).startswith("did"):
            remedy = near
        where = "this site" if column == "site" else site
        value = site if column == "site" else item
        yield place.problem(column, f"nobody makes or brings {item} at {where}", value, remedy)


def _wanted(tables: Tables) -> Iterator[tuple[str, str, Place, str]]:
    """Sites and items that are asked for, with the place of the row and the column that says so."""
    rows: Iterator[tuple[Order | Demand | DriverShare, Place]]
    rows = chain(tables.of(Order), tables.of(Demand), tables.of(DriverShare))
    yield from ((row.site, row.item, place, "site") for row, place in rows)
    places = dict(tables.of(Transition))
    shares = (share for share, _ in tables.of(DriverShare))
    for (_, _, site), moving in followed(shares, list(places)).items():
        yield from ((site, row.successor, places[row], "successor") for row in moving)


def check_allocation_sums(tables: Tables) -> Iterator[Problem]:
    """On no date more than all of an item is allocated, to customers or to integrators."""
    groups: dict[tuple[str, bool, bool], list[tuple[Allocation, Place]]] = defaultdict(list)
    for row, place in tables.of(Allocation):
        groups[row.item, bool(row.customer), bool(row.integrator)].append((row, place))
    for (item, _, _), rows in groups.items():
        for day in sorted({row.from_date or date.min for row, _ in rows}):
            holding = [(row, place) for row, place in rows if _holds(row, day)]
            total = sum(row.share for row, _ in holding)
            if total > 1 + _SHARE_TOLERANCE:
                rule = f"the shares of {item} allocated on one date must add up to 1 or less"
                yield holding[-1][1].problem("share", rule, f"{total:.6g}", "lower a share, or end one by `to`")
                break


def _holds(row: Allocation, day: date) -> bool:
    return (row.from_date or date.min) <= day <= (row.to_date or date.max)
