"""What moved between two scenarios, in sentences that page and command line share."""

from __future__ import annotations

from collections.abc import Iterator

from twin.events.moved_result import DatesMoved, LaneMoved, ModeMoved, Moved, OperationsMoved
from twin.model.units import DAY_S, HOUR_S, WEEK_S
from twin.report.words import count, number, percent, quantity, said, whole

MODES_SAID, BUSIEST_SAID = 3, 3
SPANS = (("hour", HOUR_S, DAY_S), ("day", DAY_S, 2 * WEEK_S))
"""How a shift is said: in which unit, of how many seconds, below how many seconds."""
NOTHING = "Nothing moved: no order or date, and no source, work, lane or load by more than luck and rounding do."


def headlines(moved: Moved) -> tuple[str, ...]:
    """One sentence for each kind of move there is, most of it first; that nothing moved, where nothing did."""
    return (NOTHING,) if moved.is_nothing else tuple(_sentences(moved))


def work_name(row: OperationsMoved) -> str:
    """A step or process as a planner says it: `test at hall`, `packaging of package at pack_a`, `all steps at hall`."""
    if row.kind == "site":
        return f"all steps at {row.site}"
    return f"{said(row.name)}{f' of {row.item}' if row.item else ''} at {row.site}"


def changed(first: float, second: float) -> str:
    """By how much a quantity changed, in per cent of the first: `40 % more`, `from none`, `to none`."""
    if not first or not second:
        return "from none" if second else "to none"
    return f"{percent(abs(second / first - 1), 2)} {'more' if second > first else 'less'}"


def weeks_later(weeks: float) -> str:
    """A mean shift in words: in hours below a day, in days below two weeks."""
    length_s = abs(weeks) * WEEK_S
    unit, unit_s = next(((name, each_s) for name, each_s, until_s in SPANS if length_s < until_s), ("week", WEEK_S))
    length = number(length_s / unit_s, 2)
    return f"{length} {unit}{'' if length == '1' else 's'} {'later' if weeks > 0 else 'earlier'}"


def compared(moved: Moved) -> str:
    """What is set against what, and in which weeks."""
    return (
        f"Against {moved.first}, in the first {count(moved.weeks, 'week')}, which both report. Orders, items, work, "
        "lanes and completions are those of the first run of each, which meet the same luck; promises are those of "
        "the opening plans, loads the mean of all runs."
    )


def _sentences(moved: Moved) -> Iterator[str]:
    if moved.book.rows:
        yield _book(moved)
    if moved.orders.rows:
        yield _orders(moved)
    if moved.supplies.rows:
        yield _supplies(moved)
    if moved.operations.rows:
        yield _operations(moved)
    if moved.lanes.rows:
        yield _lanes(moved)
    if moved.promises.moved:
        yield f"Promises of the opening plan: {_dates(moved.promises)}."
    if moved.completions.moved:
        yield f"Orders complete: {_dates(moved.completions)}."
    if moved.utilisation.rows:
        yield _loads(moved)


def _book(moved: Moved) -> str:
    told = moved.book
    parts = [f"{count(told.added, 'order')} added ({count(told.added_units, 'unit')})"] if told.added else []
    parts += [f"{count(told.removed, 'order')} removed ({count(told.removed_units, 'unit')})"] if told.removed else []
    parts += [f"{count(told.changed, 'order')} changed"] if told.changed else []
    alone = "; orders and their days below are those that both have" if told.added or told.removed else ""
    return f"Order book: {', '.join(parts)}{alone}."


def _orders(moved: Moved) -> str:
    told = moved.orders
    most = told.makers[0]
    ends = (most.to_site, most.from_site)
    back = next((each.racks for each in told.makers if (each.from_site, each.to_site) == ends), 0.0)
    return (
        f"Orders re-sourced: {whole(told.racks)} of {whole(told.of_racks)} racks "
        f"({percent(_share(told.racks, told.of_racks), 2)}), of {count(told.orders, 'order')}, are made elsewhere; "
        f"the largest part, {whole(most.racks)}, at {most.to_site} in place of {most.from_site}"
        f"{f', against {whole(back)} the other way' if back else ''}."
    )


def _supplies(moved: Moved) -> str:
    told = moved.supplies
    most = told.rows[0]
    return (
        f"Items re-sourced: a site's suppliers of an item changed shares by more than two points in "
        f"{count(told.supplies, 'case')}; most where "
        f"{most.supplier} gives {percent(most.second_share, 2)} of {most.item} at {most.site} "
        f"in place of {percent(most.first_share, 2)} ({number(abs(most.units_moved))} units "
        f"{'more' if most.units_moved > 0 else 'fewer'})."
    )


def _operations(moved: Moved) -> str:
    told = moved.operations
    kinds = (
        (told.elsewhere, "done at another site"),
        (told.earlier, "begun more than a week earlier"),
        (told.later, "begun more than a week later"),
    )
    most = [*told.sites[:1], *told.processes[:1]]
    named = f"most moved {', and '.join(f'{work_name(row)} ({_change(row)})' for row in most)}."
    if not told.operations:
        return f"Work moved: {named}"
    shares = [f"{whole(part)} ({percent(part / told.operations, 2)}) are {how}" for part, how in kinds if part]
    moves = ", ".join(shares) or "none is done at another site or begun more than a week earlier or later"
    return f"Work moved: of {count(round(told.operations), 'operation')} that both have {moves}; {named}"


def _change(row: OperationsMoved) -> str:
    """How much work there is of a place, and by how much it begins earlier or later."""
    unit = "units" if row.kind == "process" else "operations"
    amount = [f"{number(row.second)} {unit} in place of {number(row.first)}"] if row.first != row.second else []
    gone = [f"{number(row.elsewhere)} at another site"] if row.elsewhere else []
    shift = [f"{weeks_later(row.mean_shift_weeks)} in the mean"] if row.mean_shift_weeks else []
    return ", ".join([*amount, *gone, *shift]) or "as much, at other times"


def _lanes(moved: Moved) -> str:
    told = moved.lanes
    if not told.modes:
        return f"Lanes: {count(told.lanes, 'lane')} used more or less, no mode of transport in sum."
    modes = "; ".join(f"{row.mode} {_load(row)}" for row in told.modes[:MODES_SAID])
    return f"Lanes: {count(told.lanes, 'lane')} used more or less; by mode {modes}."


def _load(row: LaneMoved | ModeMoved) -> str:
    """What changed of a lane or mode: kilograms, then freight."""
    usd = row.second_usd - row.first_usd
    freight = f", {quantity(abs(usd), 'USD')} {'more' if usd > 0 else 'less'}" if usd else ""
    if row.first_kg == row.second_kg:
        return f"the same load{freight}"
    load = f"{number(row.first_kg, 5)} to {number(row.second_kg, 5)} kg"
    return f"{changed(row.first_kg, row.second_kg)} ({load}){freight}"


def _dates(dates: DatesMoved) -> str:
    parts = [f"of {count(dates.orders, 'order')} {_moves(dates.later, dates.later_by_a_week)} later by a day or more"]
    parts.append(f"{_moves(dates.earlier, dates.earlier_by_a_week)} earlier")
    parts += [f"{dates.lost:,} no longer within the horizon"] if dates.lost else []
    parts += [f"{dates.gained:,} only now within the horizon"] if dates.gained else []
    return ", ".join(parts)


def _moves(orders: int, by_a_week: int) -> str:
    return f"{orders:,} ({by_a_week:,} by more than a week)" if by_a_week else f"{orders:,}"


def _loads(moved: Moved) -> str:
    told = moved.utilisation
    busiest = ", ".join(
        f"{said(row.resource)} at {row.site} {percent(row.second, 2)} in place of {percent(row.first, 2)}"
        for row in told.rows[:BUSIEST_SAID]
    )
    return f"Busy: {count(told.resources, 'resource')} by more than two points more or less; most {busiest}."


def _share(part: float, whole_of: float) -> float:
    return part / whole_of if whole_of else 0.0
