"""Rules about drivers of demand and about products that give way to others."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from twin.model.amounts import MOST_UNITS
from twin.model.demand_curves import followed
from twin.model.place import Place
from twin.model.problems import Problem
from twin.model.rows_demand import Order
from twin.model.rows_forecast import Driver, DriverShare, Transition
from twin.model.tables import Tables
from twin.model.units import DAYS_PER_YEAR

_SHARE_TOLERANCE = 1e-6
_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}$")


def check_driver_shares(tables: Tables) -> Iterator[Problem]:
    """Every driver says who orders by it, and the shares of one driver make a whole."""
    shares: dict[str, list[tuple[DriverShare, Place]]] = defaultdict(list)
    for share, place in tables.of(DriverShare):
        shares[share.driver].append((share, place))
    for driver, rows in shares.items():
        for day in sorted({share.from_date or date.min for share, _ in rows}):
            holding = _holding(rows, day)
            total = sum(share.share for share, _ in holding)
            if abs(total - 1) > _SHARE_TOLERANCE:
                whose = f"driver {driver}" if driver else "all other drivers"
                rule = f"the shares of {whose} that hold on one day must add up to 1"
                yield holding[-1][1].problem("share", rule, f"{total:.6g}", "change the shares of its places")
                break
    if shares.keys() - {""} - tables.known("drivers", "driver"):
        # A name misspelt there is one problem, not two.
        return
    told: set[str] = set()
    for row, place in tables.of(Driver):
        if row.driver not in shares and "" not in shares and row.driver not in told:
            told.add(row.driver)
            remedy = "add a row for it to 'driver_shares', or one without a driver, for all"
            yield place.problem("driver", "a driver needs someone who orders by it", row.driver, remedy)


def _holding(rows: Sequence[tuple[DriverShare, Place]], day: date) -> list[tuple[DriverShare, Place]]:
    """Of each customer, site and item, the latest row that has begun by a day."""
    latest: dict[tuple[str, str, str], tuple[DriverShare, Place]] = {}
    for share, place in sorted(rows, key=lambda pair: pair[0].from_date or date.min):
        if (share.from_date or date.min) <= day:
            latest[share.customer, share.site, share.item] = (share, place)
    return list(latest.values())


def check_driver_growth(tables: Tables) -> Iterator[Problem]:
    """No driver grows beyond what can be followed unit by unit."""
    if tables.settings is None:
        return
    ends = tables.settings.starts + timedelta(seconds=tables.settings.planned_s)
    for row, place in tables.of(Driver):
        years = max((ends - (row.from_date or tables.settings.starts)).days, 0) / DAYS_PER_YEAR
        weekly = row.units_per_week.mean * row.growth_factor_per_year.mean**years
        if weekly > MOST_UNITS:
            rule = f"the rate must stay within {MOST_UNITS:,} units a week up to the planned end ({ends})"
            yield place.problem("growth_factor_per_year", rule, f"{weekly:,.0f}", "lower the rate or its growth")


def check_formed_names(tables: Tables) -> Iterator[Problem]:
    """Orders that follow from drivers bear names of their own, told by driver, customer, site, item and day."""
    drivers = sorted(tables.known("drivers", "driver"))
    rows = [row for row, _ in tables.of(Transition)]
    stems: dict[str, tuple[str, ...]] = {}
    for share, place in tables.of(DriverShare):
        for item, customer, site in followed([share], rows):
            for driver in [share.driver] if share.driver else drivers:
                names = (driver, customer, site, item)
                if stems.setdefault(stem := "-".join(names), names) != names:
                    rule = "driver, customer, site and item must tell its orders from those of other rows"
                    yield place.problem("customer", rule, stem, "rename one of them")
    for order, place in tables.of(Order):
        if _DATED.sub("", order.order) in stems and _DATED.search(order.order):
            rule = "orders that follow from 'driver_shares' have names of this kind"
            yield place.problem("order", rule, order.order, "rename the order")


def check_transitions(tables: Tables) -> Iterator[Problem]:
    """A transition takes time, leads to another item, and has its last order while it lasts."""
    for row, place in tables.of(Transition):
        if row.until <= row.from_date:
            yield place.problem(
                "until", f"until must lie after from ({row.from_date})", str(row.until), "give a later day"
            )
        if row.last_order and not row.from_date <= row.last_order < max(row.until, row.from_date):
            rule = f"the last order must lie from the first day of the transition ({row.from_date}) to before its last"
            yield place.problem("last_order", rule, str(row.last_order), f"give a day before {row.until}")
        if row.spare_units and row.last_order is None:
            rule = "spare units are asked for with the last order"
            yield place.problem("spare_units", rule, str(row.spare_units), "give last_order, or clear the cell")


def check_transition_places(tables: Tables) -> Iterator[Problem]:
    """Some driver asks for the item there."""
    rows = [row for row, _ in tables.of(Transition)]
    used = [row for each in followed((row for row, _ in tables.of(DriverShare)), rows).values() for row in each]
    for row, place in tables.of(Transition):
        if row not in used:
            rule = "nothing in 'driver_shares' asks for this item at this customer and site"
            yield place.problem("item", rule, row.item, "name what is asked for, or remove the row")


def check_transition_shares(tables: Tables) -> Iterator[Problem]:
    """What moves of an item at a place is at most all of it, all of it where it is ordered for the last time."""
    rows = [row for row, _ in tables.of(Transition)]
    at = dict(tables.of(Transition))
    told: list[Transition] = []
    for (item, _, _), moving in followed((row for row, _ in tables.of(DriverShare)), rows).items():
        if moving and moving[-1] not in told:
            total, ending = sum(row.share for row in moving), [row for row in moving if row.last_order is not None]
            if total > 1 + _SHARE_TOLERANCE:
                told.append(moving[-1])
                rule = f"the shares of {item} that move to successors must add up to 1 or less"
                yield at[moving[-1]].problem("share", rule, f"{total:.6g}", "lower a share")
            elif ending and (len(ending) > 1 or total < 1 - _SHARE_TOLERANCE):
                told.append(moving[-1])
                rule = f"what is ordered for the last time gives way in full, and one row says when ({item})"
                remedy = "let the shares add up to 1, and keep one last_order"
                yield at[ending[-1]].problem("last_order", rule, str(ending[-1].last_order), remedy)


def check_transition_cycles(tables: Tables) -> Iterator[Problem]:
    """No item is followed by itself, through others or at once."""
    after: dict[str, set[str]] = defaultdict(set)
    for row, _ in tables.of(Transition):
        after[row.item].add(row.successor)
    for row, place in tables.of(Transition):
        reached: set[str] = set()
        waiting = {row.successor}
        while waiting:
            reached |= waiting
            waiting = set().union(*(after.get(item, set()) for item in waiting)) - reached
        if row.item in reached:
            rule = "an item must not be its own successor, through others either"
            yield place.problem("successor", rule, row.successor, "name another successor, or remove the row")
