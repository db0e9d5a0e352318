"""The chance of each order to be on time, with how sure it is, and the dates by which orders are likely complete."""

from __future__ import annotations

from collections.abc import Sequence

from twin.events.on_time import Chance, OnTime, OrderChance, TotalChance
from twin.events.result import RunResult
from twin.report.blocks import (
    Card,
    Cards,
    Cell,
    Chart,
    Section,
    Table,
    name_column,
    number_column,
    text_column,
    value,
)
from twin.report.blocks import words as text
from twin.report.figures import Trace, figure_json
from twin.report.palette import BLUE, ORANGE
from twin.report.words import ABSENT, count, day, known, percent

MOST_DRAWN = 40
"""Orders in the picture, the least certain first; all stand in its table."""
FIRST_ROWS = 30
LINE_PX, FRAME_PX = 22, 110
ENOUGH = 200
"""Replications from which a chance is told well."""


def on_time_section(result: RunResult) -> Section | None:
    """On-time chances of the first weeks' orders, and in total."""
    told = result.on_time
    if told is None:
        return None
    orders = best_known(told)
    return Section(
        anchor="on-time",
        title="On time",
        lead=_lead(told, orders),
        blocks=(Cards(cards=tuple(_card(total) for total in told.totals)), _chart(told, orders)),
    )


def best_known(told: OnTime) -> list[OrderChance]:
    """The orders of which most is known: those due in the weeks that were replayed, else all."""
    most = max(order.by_due.replications for order in told.orders)
    return [order for order in told.orders if order.by_due.replications == most]


def _lead(told: OnTime, orders: Sequence[OrderChance]) -> str:
    base = orders[0].by_due.replications
    rough = (
        "" if base >= ENOUGH else f" A chance from {count(base, 'run')} is rough: it takes {ENOUGH} to tell it well."
    )
    others = len(told.orders) - len(orders)
    if told.replayed_until is None or not others:
        return f"{count(len(orders), 'order')}, by {count(base, 'run')}.{rough}"
    few = min(order.by_due.replications for order in told.orders)
    return (
        f"{count(len(orders), 'order')} due by {day(told.replayed_until)}, whose weeks were run {base} times.{rough} "
        f"Of the other {others:,} the chances rest on {count(few, 'run')} each; they stand in the run's result.json."
    )


def _card(total: TotalChance) -> Card:
    (share,), interval = known([100 * total.chance.value], 100 * total.chance.low, 100 * total.chance.high)
    asked = {"due": "By the day asked for", "promise": "By the day promised"}[total.by]
    return Card(
        title=f"{asked}, up to {day(total.until)}",
        value=share,
        unit="%",
        interval=interval,
        hint=f"Share of {count(total.orders, 'order')} complete in time in the mean of "
        f"{count(total.chance.replications, 'run')}; the interval counts each run as one observation, "
        "since orders of one run share its luck.",
    )


def _chart(told: OnTime, orders: Sequence[OrderChance]) -> Chart:
    drawn = sorted(orders, key=lambda order: (_certainty(order), order.due, order.order))[:MOST_DRAWN]
    shown = sorted(drawn, key=lambda order: (order.by_due.value, order.due, order.order))
    likely = sum(order.by_due.low >= 0.5 for order in orders)
    which = f"The {len(shown)} of {len(orders)} orders of which least is sure" if len(drawn) < len(orders) else "Orders"
    return Chart(
        anchor="on-time-orders",
        title="Chance of each order to be complete in time",
        sentence=f"{which}, with 95 % intervals; of all {len(orders)}, {likely} are complete by the day asked for "
        "more likely than not, beyond doubt by luck.",
        figure=_figure(shown),
        table=_table(told, orders),
        height=FRAME_PX + LINE_PX * len(shown),
    )


def _certainty(order: OrderChance) -> float:
    """How far the order is from an even chance, by the nearer of its two dates."""
    chances = [order.by_due, *([order.by_promise] if order.by_promise else [])]
    return min(abs(chance.value - 0.5) for chance in chances)


def _figure(shown: Sequence[OrderChance]) -> str:
    """A dot and a bar for each order and date: round by the day asked for, square by the day promised."""
    by_due = [(order, order.by_due) for order in shown]
    by_promise = [(order, order.by_promise) for order in shown if order.by_promise is not None]
    layout: Trace = {
        "xaxis": {"title": {"text": "chance in %"}, "range": [-3, 103]},
        "yaxis": {
            "automargin": True,
            "categoryorder": "array",
            "categoryarray": [order.order for order in shown],
            "tickfont": {"size": 11},
        },
        "hovermode": "closest",
    }
    traces = [
        _dots("by the day asked for", by_due, BLUE, "circle"),
        *([_dots("by the day promised", by_promise, ORANGE, "square-open")] if by_promise else []),
    ]
    return figure_json(traces, layout)


def _dots(name: str, chances: Sequence[tuple[OrderChance, Chance]], colour: str, symbol: str) -> Trace:
    values = [round(100 * chance.value, 1) for _, chance in chances]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": values,
        "y": [order.order for order, _ in chances],
        "marker": {"color": colour, "symbol": symbol, "size": 9},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [round(100 * (chance.high - chance.value), 1) for _, chance in chances],
            "arrayminus": [round(100 * (chance.value - chance.low), 1) for _, chance in chances],
            "color": colour,
            "thickness": 1.5,
            "width": 3,
        },
        "hovertemplate": "%{y}: %{x} %",
    }


def _table(told: OnTime, orders: Sequence[OrderChance]) -> Table:
    rows = tuple(
        (
            text(order.order),
            text(order.customer),
            value(order.quantity),
            text(order.due),
            *_chance_cells(order.by_due),
            text(order.promised or ABSENT),
            *_chance_cells(order.by_promise),
            *(text(date or ABSENT) for date in (order.dates.p50, order.dates.p80, order.dates.p95)),
            value(order.dates.replications),
        )
        for order in orders
    )
    until = f" (the replays end with {day(told.replayed_until)})" if told.replayed_until else ""
    return Table(
        name="on-time-by-order",
        columns=(
            name_column("Order"),
            text_column("Customer"),
            number_column("Racks"),
            name_column("Asked for"),
            number_column("In time"),
            number_column("95 % interval"),
            name_column("Promised"),
            number_column("In time then"),
            number_column("95 % interval"),
            name_column("Date at 50 %"),
            name_column("At 80 %"),
            name_column("At 95 %"),
            number_column("Dates from", "runs"),
        ),
        rows=rows,
        first=FIRST_ROWS,
        note=f"Complete: accepted in full. A chance or a date that the replays do not reach{until} is that of the "
        "run's own replications, which are fewer; a dash: not within the horizon. A promise that the plan made is kept "
        "if the order is complete by the plan's own moment within that day.",
    )


def _chance_cells(chance: Chance | None) -> tuple[Cell, Cell]:
    if chance is None:
        return text(ABSENT), text(ABSENT)
    (share,), interval = known([100 * chance.value], 100 * chance.low, 100 * chance.high)
    few = "" if chance.replications >= ENOUGH else f"{count(chance.replications, 'run')}"
    return (
        text(f"{share} %"),
        Cell(text=f"{interval} %" if interval else percent(chance.low), small=few),
    )
