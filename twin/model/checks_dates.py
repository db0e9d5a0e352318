"""Rules about dates and the time that a world covers: what no window reaches, and what this one does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from twin.model.amounts import MOST_WEEKS
from twin.model.columns import columns_of, kinds_of
from twin.model.problems import Problem
from twin.model.rows_demand import Order
from twin.model.tables import Tables
from twin.model.world import TABLES, World

_LONGEST = timedelta(weeks=2 * MOST_WEEKS)
"""From `starts` to the end of the longest tail that settings allow."""

_EVER = timedelta(weeks=100_000)
"""Longer than the years that a date may have are apart."""

_BEGINNINGS = ("from", "qualified_from")
_NAMED = 3


def check_dates_in_reach(tables: Tables) -> Iterator[Problem]:
    """No order is dated, and no row begins, where no report window with its tail can ever reach."""
    if tables.settings is None:
        return
    starts = tables.settings.starts
    for table, column, reach in _reaches():
        name = columns_of(TABLES[table])[column]
        for row, place in tables.rows[table]:
            day: date | None = getattr(row, name)
            if day is None or -reach <= day - starts <= _LONGEST:
                continue
            side = "after" if day > starts else "before"
            weeks = f"{2 * MOST_WEEKS:,} weeks {side} `starts` ({starts})"
            yield place.problem(column, f"{column} must not lie more than {weeks}", str(day), "check the year")


def _reaches() -> Iterator[tuple[str, str, timedelta]]:
    """Columns of dates with how far back they may lie; a row may hold since ever."""
    for table, record in TABLES.items():
        for column, kind in kinds_of(record).items():
            if kind == "date" and table == "orders":
                yield table, column, _LONGEST
            elif kind == "date" and column in _BEGINNINGS:
                yield table, column, _EVER


def late_notes(world: World) -> tuple[str, ...]:
    """A line on what lies past the planned end, so that nobody waits for it: orders due, rows that begin."""
    last = world.settings.starts + timedelta(seconds=world.settings.planned_s)
    orders = [order for order in world.orders if order.requested >= last]
    begun = [f"{table} ({count})" for table, count in _late_rows(world, last)]
    told = [f"orders due after the planned end ({last}), too late to be answered: {_listed(orders)}"] if orders else []
    return (*told, *([f"rows that begin after the planned end ({last}): {', '.join(begun)}"] if begun else []))


def _listed(orders: list[Order]) -> str:
    """Some of the orders by name, and all of them by number and units."""
    names = [order.order for order in orders[:_NAMED]]
    more = [f"{len(orders) - _NAMED} more"] if len(orders) > _NAMED else []
    units = sum(order.quantity for order in orders)
    return f"{', '.join([*names, *more])} ({units:,} unit{'s' if units != 1 else ''})"


def _late_rows(world: World, last: date) -> Iterator[tuple[str, int]]:
    """Tables with the number of their rows that begin on or after a day."""
    for table, record in TABLES.items():
        names = [columns_of(record)[column] for column in _BEGINNINGS if column in columns_of(record)]
        days = [getattr(row, name) for name in names for row in getattr(world, table)]
        if late := sum(day is not None and day >= last for day in days):
            yield table, late
