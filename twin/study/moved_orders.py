"""Orders of two scenarios set against each other: what only one is asked for, and days that moved."""

from __future__ import annotations

import math
from collections.abc import Mapping

from twin.events.moved_result import (
    LEAST_DAYS,
    MOST_ROWS,
    DatesMoved,
    OrderBookMoved,
    OrderChanged,
    OrderDate,
)
from twin.model.order_book import OrderLine
from twin.model.units import DAY_S, WEEK_S
from twin.study.arms import Played
from twin.study.on_time import day_of, due_day
from twin.study.reckon import opening_of

MOST_COMPLETIONS = 10
"""Orders told one by one of those completed at another time."""
LEAST_S = LEAST_DAYS * DAY_S


# --- the order book ---------------------------------------------------------------------------


def orders_of_both(first: Played, second: Played, weeks: int) -> dict[str, OrderLine]:
    """The orders of the first scenario, due in its first weeks, that the second has too, by name."""
    both = {line.order for line in second.ground.orders}
    return {name: line for name, line in _due(first, weeks).items() if name in both}


def order_book_moved(first: Played, second: Played, weeks: int) -> OrderBookMoved:
    """Orders due in the first weeks of either scenario that only one has, or that ask for something else."""
    books = [{line.order: line for line in played.ground.orders} for played in (first, second)]
    rows = [
        _changed(first, *(book.get(name) for book in books)) for name in {**_due(first, weeks), **_due(second, weeks)}
    ]
    rows = [row for row in rows if _asked(row, 0) != _asked(row, 1)]
    added = [row.second_quantity or 0 for row in rows if row.first_due is None]
    removed = [row.first_quantity or 0 for row in rows if row.second_due is None]
    units = lambda row: abs((row.second_quantity or 0) - (row.first_quantity or 0))  # noqa: E731
    return OrderBookMoved(
        added=len(added),
        removed=len(removed),
        changed=len(rows) - len(added) - len(removed),
        added_units=sum(added),
        removed_units=sum(removed),
        rows=sorted(rows, key=units, reverse=True)[:MOST_ROWS],
    )


def _due(played: Played, weeks: int) -> dict[str, OrderLine]:
    return {line.order: line for line in played.ground.orders if line.due_s <= weeks * WEEK_S}


def _changed(played: Played, before: OrderLine | None, after: OrderLine | None) -> OrderChanged:
    settings, either = played.ground.case.world.settings, after or before
    assert either is not None
    days = [None if line is None else due_day(settings, line) for line in (before, after)]
    things = [None if line is None else f"{line.item} at {line.site}" for line in (before, after)]
    return OrderChanged(
        order=either.order,
        customer=either.customer,
        first_quantity=None if before is None else before.quantity,
        second_quantity=None if after is None else after.quantity,
        first_due=days[0],
        second_due=days[1],
        first_asks=things[0],
        second_asks=things[1],
    )


def _asked(row: OrderChanged, which: int) -> tuple[int | None, str | None, str | None]:
    """All that an order asks for in the first (0) or the second (1) scenario."""
    return (
        (row.first_quantity, row.second_quantity)[which],
        (row.first_due, row.second_due)[which],
        (row.first_asks, row.second_asks)[which],
    )


# --- days --------------------------------------------------------------------------------------


def promises_moved(first: Played, second: Played, lines: Mapping[str, OrderLine]) -> DatesMoved:
    """Days of the opening plans; told one by one are those of more than a week."""
    return _dates_moved(first, lines, (_promises(first), _promises(second)), WEEK_S + 1, MOST_ROWS)


def completions_moved(first: Played, second: Played, lines: Mapping[str, OrderLine]) -> DatesMoved:
    """Days on which orders are complete in the first replications, of those that both have."""
    placed = _placed(first) & _placed(second)
    lines = {name: line for name, line in lines.items() if name in placed}
    return _dates_moved(first, lines, (_completions(first), _completions(second)), LEAST_S, MOST_COMPLETIONS)


def _placed(played: Played) -> frozenset[str]:
    """Orders of the first replication: drivers of demand may bring others than in the forecast."""
    log = played.main_runs[0].log
    assert log is not None
    return frozenset(log.orders)


def _promises(played: Played) -> dict[str, float]:
    """By order: the second at which the opening plan completes it, infinite where it does not."""
    plan = opening_of(played.main_arm.playbook)
    known = plan.promises if plan else {}
    return {order: math.inf if at_s is None else float(at_s) for order, at_s in known.items()}


def _completions(played: Played) -> dict[str, float]:
    """By order: when it is complete in the first replication, infinite where it is not."""
    return dict(
        zip(
            (line.order for line in played.ground.orders),
            played.main_runs[0].completed_s.tolist(),
            strict=True,
        )
    )


def _dates_moved(
    played: Played,
    lines: Mapping[str, OrderLine],
    days: tuple[Mapping[str, float], Mapping[str, float]],
    least_s: float,
    most: int,
) -> DatesMoved:
    """Orders whose moment moved; told are those of `least_s` or more, and those that have one in one only."""
    pairs = [(line, days[0].get(name, math.inf), days[1].get(name, math.inf)) for name, line in lines.items()]
    pairs = [pair for pair in pairs if math.isfinite(min(pair[1:]))]
    shifts = [after - before for _, before, after in pairs]
    rows = [_order_date(played, line, before, after) for line, before, after in pairs if abs(after - before) >= least_s]
    return DatesMoved(
        orders=len(pairs),
        earlier=sum(-math.inf < shift <= -LEAST_S for shift in shifts),
        later=sum(LEAST_S <= shift < math.inf for shift in shifts),
        earlier_by_a_week=sum(-math.inf < shift < -WEEK_S for shift in shifts),
        later_by_a_week=sum(WEEK_S < shift < math.inf for shift in shifts),
        lost=sum(shift == math.inf for shift in shifts),
        gained=sum(shift == -math.inf for shift in shifts),
        rows=sorted(rows, key=_days_apart, reverse=True)[:most],
    )


def _order_date(played: Played, line: OrderLine, before: float, after: float) -> OrderDate:
    settings = played.ground.case.world.settings
    first, second = (day_of(settings, at_s) if math.isfinite(at_s) else None for at_s in (before, after))
    shift_days = (after - before) / DAY_S
    return OrderDate(
        order=line.order,
        customer=line.customer,
        due=due_day(settings, line),
        first=first,
        second=second,
        shift_days=shift_days if math.isfinite(shift_days) else None,
    )


def _days_apart(row: OrderDate) -> float:
    return math.inf if row.shift_days is None else abs(row.shift_days)
