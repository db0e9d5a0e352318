"""What `twin compare` prints of what moved: a sentence for each kind, then the largest moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType

from twin.cli.output import NOT_DEFINED, heading, number, percent, sentence, signed, table
from twin.report.moved_words import headlines, work_name

if TYPE_CHECKING:
    from twin.events.moved_result import Moved, OrderDate

_SHOWN = 5
"""Rows of each table; the rest stands on the page and in the JSON."""


def moved_tables(moved: Moved) -> Iterator[RenderableType]:
    """What moved from the first scenario to another one, by their first replications."""
    yield heading(f"What moved: {moved.second} against {moved.first}")
    yield from (sentence(line) for line in headlines(moved))
    yield ""
    for shown in (_book(moved), _orders(moved), _supplies(moved), _operations(moved), _lanes(moved)):
        if shown is not None:
            yield shown
            yield ""
    for title, dates in (
        ("Promises moved", moved.promises.rows),
        ("Orders complete at another time", moved.completions.rows),
    ):
        if dates:
            yield _dates(title, dates)
            yield ""


def _book(moved: Moved) -> RenderableType | None:
    rows = [
        (
            row.order,
            row.customer,
            *(NOT_DEFINED if each is None else number(each) for each in (row.first_quantity, row.second_quantity)),
            *(each or NOT_DEFINED for each in (row.first_due, row.second_due)),
        )
        for row in moved.book.rows[:_SHOWN]
    ]
    columns = ("order", "customer", ">units before", ">after", "asked for before", "after")
    return table("Orders added, removed or changed", columns, rows) if rows else None


def _orders(moved: Moved) -> RenderableType | None:
    rows = [
        (row.order, row.customer, number(row.racks), number(row.of_racks), row.from_site, row.to_site)
        for row in moved.orders.rows[:_SHOWN]
    ]
    columns = ("order", "customer", ">racks", ">of", "from", "to")
    return table("Orders re-sourced", columns, rows) if rows else None


def _supplies(moved: Moved) -> RenderableType | None:
    rows = [
        (
            row.item,
            row.site,
            row.supplier,
            percent(row.first_share),
            percent(row.second_share),
            signed(row.units_moved),
            signed(row.usd_moved),
        )
        for row in moved.supplies.rows[:_SHOWN]
    ]
    columns = ("item", "to", "from", ">share before", ">after", ">units moved", ">worth USD")
    return table("Items re-sourced", columns, rows) if rows else None


def _operations(moved: Moved) -> RenderableType | None:
    rows = [
        (
            work_name(row),
            number(row.first),
            number(row.second),
            NOT_DEFINED if row.kind == "process" else number(row.elsewhere),
            number(row.earlier),
            number(row.later),
            signed(row.mean_shift_weeks),
        )
        for rows in (moved.operations.sites, moved.operations.processes)
        for row in rows[:_SHOWN]
    ]
    columns = ("work", ">before", ">after", ">elsewhere", ">week earlier", ">week later", ">mean weeks later")
    return table("Work moved between sites or weeks", columns, rows) if rows else None


def _lanes(moved: Moved) -> RenderableType | None:
    rows = [
        (
            row.lane,
            row.mode,
            number(row.first_kg),
            number(row.second_kg),
            _change(row.first_kg, row.second_kg),
            signed(row.second_departures - row.first_departures),
            signed(row.second_usd - row.first_usd),
        )
        for row in moved.lanes.rows[:_SHOWN]
    ]
    columns = ("lane", "mode", ">kg before", ">after", ">change", ">departures", ">USD")
    return table("Lanes used more or less", columns, rows) if rows else None


def _change(first: float, second: float) -> str:
    """In per cent of the first, where there is a first."""
    return f"{signed(100 * (second / first - 1))} %" if first else NOT_DEFINED


def _dates(title: str, dates: Sequence[OrderDate]) -> RenderableType:
    rows = [
        (row.order, row.customer, row.due, row.first or NOT_DEFINED, row.second or NOT_DEFINED, signed(row.shift_days))
        for row in dates[:_SHOWN]
    ]
    return table(title, ("order", "customer", "asked for", "before", "after", ">days later"), rows)
