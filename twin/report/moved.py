"""What moved from the first scenario of a comparison to another one: in sentences, a picture and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from twin.events.moved_result import DatesMoved, Moved, OperationsMoved, OrderChanged
from twin.report.blocks import (
    Block,
    Cell,
    Chart,
    Prose,
    Section,
    Table,
    fraction,
    name_column,
    number_column,
    text_column,
    value,
)
from twin.report.blocks import words as text
from twin.report.figures import Trace, figure_json
from twin.report.moved_words import compared, headlines, work_name
from twin.report.palette import BLUE, ORANGE, PURPLE
from twin.report.words import ABSENT, count, number, percent, with_sign

FRAME_PX, LINE_PX = 130, 30
MOST_DRAWN = 10
"""Sites, and processes, in the picture."""
KINDS = (
    ("more than a week earlier", "earlier", BLUE, "", -1),
    ("more than a week later", "later", ORANGE, "/", 1),
    ("at another site", "elsewhere", PURPLE, "x", 1),
)
"""Bars of a place: name, field, colour, pattern and side."""


def moved_section(moved: Moved, place: int) -> Section:
    """What moved in the scenario at a place after the first."""
    told: tuple[Block, ...] = (Prose(lines=headlines(moved), listed=not moved.is_nothing),)
    tables = (_book(moved), _orders(moved), _supplies(moved), _lanes(moved), *_dates(moved), _loads(moved))
    return Section(
        anchor=f"moved-{place}",
        title=f"What moved: {moved.second}",
        lead=compared(moved),
        blocks=(*told, *_work(moved, place), *(_numbered(table, place) for table in tables if table.rows)),
    )


def _numbered(table: Table, place: int) -> Table:
    """Folded, under the name of a file that no other section's table has."""
    return Table(
        name=f"{table.name}-{place}",
        title=table.title,
        columns=table.columns,
        rows=table.rows,
        note=table.note,
        folded=True,
    )


def _more(rows: Sequence[object], total: int, what: str) -> str:
    return f"The {len(rows)} largest of {count(total, what)}." if len(rows) < total else ""


def _difference(before: float, after: float) -> Cell:
    """A difference, and its share of what was."""
    share = percent((after - before) / before, 2) if before else ABSENT
    return Cell(text=with_sign(number(after - before)), small=f"{with_sign(share)}" if before else "")


def _book(moved: Moved) -> Table:
    rows = tuple(
        (
            text(row.order),
            text(row.customer),
            value(row.first_quantity),
            value(row.second_quantity),
            text(row.first_due or ABSENT),
            text(row.second_due or ABSENT),
            text(_asks(row)),
        )
        for row in moved.book.rows
    )
    return Table(
        name="orders-changed",
        title="Orders added, removed or changed",
        columns=(
            name_column("Order"),
            text_column("Customer"),
            number_column("Units before"),
            number_column("Units after"),
            name_column("Asked for before"),
            name_column("Asked for after"),
            text_column("Asks for"),
        ),
        rows=rows,
        note=_more(rows, moved.book.added + moved.book.removed + moved.book.changed, "order"),
    )


def _asks(row: OrderChanged) -> str:
    """The thing and its place, and what they were where they changed."""
    if row.first_asks and row.second_asks and row.first_asks != row.second_asks:
        return f"{row.second_asks} in place of {row.first_asks}"
    return row.second_asks or row.first_asks or ""


def _orders(moved: Moved) -> Table:
    told = moved.orders
    rows = [
        (
            text(row.order),
            text(row.customer),
            value(row.racks),
            fraction(row.racks / row.of_racks if row.of_racks else None),
            text(row.from_site),
            text(row.to_site),
        )
        for row in told.rows
    ]
    return Table(
        name="orders-resourced",
        title="Orders re-sourced",
        columns=(
            name_column("Order"),
            text_column("Customer"),
            number_column("Racks"),
            number_column("Of its racks"),
            text_column("From"),
            text_column("To"),
        ),
        rows=tuple(rows),
        note=_more(rows, told.moves, "move"),
    )


def _supplies(moved: Moved) -> Table:
    told = moved.supplies
    rows = [
        (
            text(row.item),
            text(row.site),
            text(row.supplier),
            value(row.first_units),
            value(row.second_units),
            fraction(row.first_share),
            fraction(row.second_share),
            text(with_sign(number(row.units_moved))),
            text(with_sign(number(row.usd_moved))),
        )
        for row in told.rows
    ]
    return Table(
        name="items-resourced",
        title="Items re-sourced",
        columns=(
            text_column("Item"),
            text_column("To"),
            text_column("Supplier"),
            number_column(moved.first, "units"),
            number_column(moved.second, "units"),
            number_column("Share before"),
            number_column("Share after"),
            number_column("Moved", "units"),
            number_column("Worth", "USD"),
        ),
        rows=tuple(rows),
        note="Moved: units more than by the share before. " + _more(rows, told.shares, "share"),
    )


def _work(moved: Moved, place: int) -> Iterator[Block]:
    """The table of work, under its picture where any moved by more than a week or to another site."""
    told = moved.operations
    if not told.rows:
        return
    table = _work_table(moved)
    drawn = [
        row
        for rows in (told.sites, told.processes)
        for row in rows[:MOST_DRAWN]
        if row.elsewhere or row.earlier or row.later
    ]
    if not drawn:
        yield _numbered(table, place)
        return
    yield Chart(
        anchor=f"work-moved-{place}",
        title="Work moved between sites and weeks",
        sentence="Of the work that both have, what begins more than a week earlier (left) or later, or is done at "
        "another site, in per cent: steps of racks by site, then processes of lots.",
        figure=_work_figure(drawn),
        table=Table(name=f"{table.name}-{place}", columns=table.columns, rows=table.rows, note=table.note),
        height=FRAME_PX + LINE_PX * len(drawn),
    )


def _work_figure(drawn: Sequence[OperationsMoved]) -> str:
    names = [_drawn_name(row) for row in drawn]
    traces: list[Trace] = []
    for name, field, colour, pattern, side in KINDS:
        shares = [100 * getattr(row, field) / row.matched if row.matched else 0.0 for row in drawn]
        if any(shares):
            traces.append(
                {
                    "type": "bar",
                    "orientation": "h",
                    "name": name,
                    "x": [round(side * share, 1) for share in shares],
                    "y": names,
                    "customdata": [round(share, 1) for share in shares],
                    "marker": {"color": colour, "pattern": {"shape": pattern}},
                    "hovertemplate": f"%{{y}}: %{{customdata}} % {name}<extra></extra>",
                }
            )
    layout: Trace = {
        "barmode": "group",
        # A single kind of bar needs its name too.
        "showlegend": True,
        "xaxis": {"title": {"text": "% of the work"}, "zeroline": True},
        "yaxis": {"automargin": True, "autorange": "reversed", "tickfont": {"size": 11}},
        "hovermode": "closest",
    }
    return figure_json(traces, layout)


def _drawn_name(row: OperationsMoved) -> str:
    """The name beside a bar; the site of a process on a line of its own, since a narrow screen needs room for bars."""
    return "<br>at ".join(work_name(row).rsplit(" at ", 1)) if row.kind == "process" else work_name(row)


def _work_table(moved: Moved) -> Table:
    told = moved.operations
    rows = [
        (
            text(work_name(row)),
            value(row.first),
            value(row.second),
            _difference(row.first, row.second),
            _counted(row.elsewhere, row.matched) if row.kind != "process" else text(ABSENT),
            _counted(row.earlier, row.matched),
            _counted(row.later, row.matched),
            text(with_sign(number(row.mean_shift_weeks, 2))),
        )
        for row in told.rows
    ]
    return Table(
        name="work-moved",
        title="Work moved between sites and weeks",
        columns=(
            text_column("Work"),
            number_column(moved.first),
            number_column(moved.second),
            number_column("Difference"),
            number_column("At another site"),
            number_column("A week earlier"),
            number_column("A week later"),
            number_column("Later in the mean", "weeks"),
        ),
        rows=tuple(rows),
        note="Operations of racks (steps), or units in lots (processes), begun in the report window. A rack's step is "
        "set against that of the same rack of the same order, the n-th unit of a process against the n-th. "
        f"Sites, steps and processes, the largest of each; {count(told.step_count, 'step')} and "
        f"{count(told.process_count, 'process', 'processes')} differ.",
    )


def _counted(part: float, matched: float) -> Cell:
    """A number of operations and its share."""
    return Cell(text=number(part), small=percent(part / matched, 2) if part else "")


def _lanes(moved: Moved) -> Table:
    told = moved.lanes
    sums = [
        (text(f"all by {row.mode}"), text(row.mode), text(ABSENT), *_loaded(row.first_kg, row.second_kg),
         *_loaded(row.first_departures, row.second_departures), *_loaded(row.first_usd, row.second_usd))
        for row in told.modes
    ]  # fmt: skip
    rows = [
        (text(row.lane), text(row.mode), _difference(row.first_units, row.second_units),
         *_loaded(row.first_kg, row.second_kg), *_loaded(row.first_departures, row.second_departures),
         *_loaded(row.first_usd, row.second_usd))
        for row in told.rows
    ]  # fmt: skip
    return Table(
        name="lanes-moved",
        title="Lanes used more or less",
        columns=(
            text_column("Lane"),
            text_column("Mode"),
            number_column("More units"),
            number_column("Before", "kg"),
            number_column("More", "kg"),
            number_column("Departures before"),
            number_column("More departures"),
            number_column("Freight and duty before", "USD"),
            number_column("More", "USD"),
        ),
        rows=(*sums, *rows),
        note="What leaves in the report window. " + _more(rows, told.lanes, "lane"),
    )


def _loaded(before: float, after: float) -> tuple[Cell, Cell]:
    return value(before), _difference(before, after)


def _dates(moved: Moved) -> tuple[Table, Table]:
    return (
        _date_table("promises-moved", "Promises moved by more than a week", moved.promises),
        _date_table("completions-moved", "Orders complete earlier or later", moved.completions),
    )


def _date_table(name: str, title: str, dates: DatesMoved) -> Table:
    rows = tuple(
        (
            text(row.order),
            text(row.customer),
            text(row.due),
            text(row.first or ABSENT),
            text(row.second or ABSENT),
            text(with_sign(number(row.shift_days))),
        )
        for row in dates.rows
    )
    return Table(
        name=name,
        title=title,
        columns=(
            name_column("Order"),
            text_column("Customer"),
            name_column("Asked for"),
            name_column("Before"),
            name_column("After"),
            number_column("Later", "days"),
        ),
        rows=rows,
        note=f"The largest, of {count(dates.moved, 'order')} that moved by a day or more. "
        "A dash: not within the horizon.",
    )


def _loads(moved: Moved) -> Table:
    told = moved.utilisation
    rows = tuple(
        (
            text(row.resource),
            text(row.site),
            fraction(row.first),
            fraction(row.second),
            text(with_sign(number(100 * (row.second - row.first), 2))),
        )
        for row in told.rows
    )
    return Table(
        name="loads-moved",
        title="Busier or less busy",
        columns=(
            text_column("Resource"),
            text_column("Site"),
            number_column("Before"),
            number_column("After"),
            number_column("More", "points"),
        ),
        rows=rows,
        note=_more(rows, told.resources, "resource"),
    )
