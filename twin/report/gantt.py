"""A fortnight at one integrator: each operation a bar on its bay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from twin.events.result import GanttBar, RunResult
from twin.report.blocks import Block, Chart, Section, Table, name_column, number_column, text_column, value
from twin.report.blocks import words as text
from twin.report.figures import figure_json
from twin.report.palette import INK_LIGHT, SERIES
from twin.report.tables import schedule_table
from twin.report.words import count, day

MOST_BARS = 1_500
"""Plotly stays quick up to there."""
ROW_PX, LEAST_PX, MOST_PX = 11, 260, 1_400
HEAD_ROWS = 3
"""Lines left free over each step for its name."""
HOUR_S = 3_600
Row = tuple[int, str, int]
"""Step, its name, and the place of its resource."""


def schedule_section(result: RunResult) -> Section | None:
    """The table of schedules and the Gantt of the busiest site."""
    blocks: list[Block] = []
    if result.gantt:
        blocks.append(_gantt(result.gantt))
    if result.schedules:
        blocks.append(schedule_table(result))
    if not blocks:
        return None
    racks = sum(schedule.racks for schedule in result.schedules)
    sites = len({schedule.site for schedule in result.schedules})
    windows = len({schedule.window_starts for schedule in result.schedules})
    lead = f"{count(racks, 'rack')} at {count(sites, 'site')} in {count(windows, 'window')}, one per plan."
    lead = lead if result.schedules else ""
    return Section(anchor="schedule", title="The schedule", lead=lead, blocks=tuple(blocks))


def _gantt(bars: Sequence[GanttBar]) -> Chart:
    """The site with the most bars; the whole window on as many lines of each step as can be drawn."""
    site = Counter(bar.site for bar in bars).most_common(1)[0][0]
    here = sorted((bar for bar in bars if bar.site == site), key=lambda bar: (bar.start, bar.step, bar.bay))
    placed = list(zip(here, _rows(here), strict=True))
    shown = _drawable(placed)
    rows = [row for _, row in shown]
    places = sorted(set(rows))
    racks = len({(bar.order, bar.unit) for bar in here})
    sentence = (
        f"{count(len(here), 'operation')} on {count(racks, 'rack')} at {site}, "
        f"{day(here[0].start)} to {day(max(bar.end for bar in here))}."
    )
    if len(shown) < len(here):
        sentence += f" Drawn are {len(shown):,} of them: of each step the first lines, in equal parts."
    return Chart(
        anchor="schedule-gantt",
        title=f"Gantt of {site}",
        sentence=sentence,
        figure=_figure([bar for bar, _ in shown], rows, places),
        table=_order_table(here),
        height=min(MOST_PX, max(LEAST_PX, 110 + ROW_PX * (len(places) + HEAD_ROWS * len({row[:2] for row in places})))),
    )


def _drawable(placed: list[tuple[GanttBar, Row]]) -> list[tuple[GanttBar, Row]]:
    """All bars, or those on the first lines of each step, in equal parts, as far as `MOST_BARS` go."""
    lines: dict[tuple[int, str], list[Row]] = {}
    for row in sorted({row for _, row in placed}):
        lines.setdefault(row[:2], []).append(row)
    for percent in range(100, 0, -1):
        kept = {row for rows in lines.values() for row in rows[: -(-len(rows) * percent // 100)]}
        shown = [(bar, row) for bar, row in placed if row in kept]
        if len(shown) <= MOST_BARS:
            return shown
    return placed[:MOST_BARS]


def _rows(bars: Sequence[GanttBar]) -> list[Row]:
    """The line each bar stands on: its bay, or where it has none the first line that is free; each mode has its own."""
    free: dict[tuple[int, str], list[str]] = {}
    rows = []
    for bar in bars:
        name = f"{bar.name}, {bar.mode}" if bar.mode else bar.name
        if bar.bay:
            rows.append((bar.step, name, bar.bay))
            continue
        ends = free.setdefault((bar.step, name), [])
        line = next((place for place, end in enumerate(ends) if end <= bar.start), len(ends))
        ends[line : line + 1] = [bar.end]
        rows.append((bar.step, name, line + 1))
    return rows


def _figure(bars: Sequence[GanttBar], rows: Sequence[Row], places: Sequence[Row]) -> str:
    """Bars by step; lines of one step stand together, under the step's name."""
    steps = sorted({(step, name) for step, name, _ in places})
    level = {place: position + HEAD_ROWS * (steps.index(place[:2]) + 1) for position, place in enumerate(places)}
    traces = []
    for tone, step in enumerate(steps):
        mine = [(bar, row) for bar, row in zip(bars, rows, strict=True) if row[:2] == step]
        traces.append(_step_trace(step[1], mine, level, SERIES[tone % len(SERIES)]))
    tops = {step: min(level[place] for place in places if place[:2] == step) for step in steps}
    layout: dict[str, Any] = {
        "barmode": "overlay",
        "bargap": 0.1,
        "xaxis": {
            "type": "date",
            "title": {"text": "time (UTC)"},
            "range": [min(bar.start for bar in bars)[:16], max(bar.end for bar in bars)[:16]],
        },
        "yaxis": {
            "title": {"text": "one line per bay"},
            "range": [max(level.values()) + 0.6, -0.4],
            "showgrid": False,
            "showticklabels": False,
        },
        "annotations": [_heading(step[1], top) for step, top in tops.items()],
        "showlegend": False,
    }
    return figure_json(traces, layout)


def _heading(name: str, top: int) -> dict[str, Any]:
    """A step's name over its lines, at the left edge: beside them it would take half of a narrow screen."""
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": top - 0.6, "yanchor": "bottom"}
    return {**place, "text": name.replace("<", "&lt;"), "showarrow": False, "font": {"size": 12}}


def _step_trace(name: str, mine: list[tuple[GanttBar, Row]], level: dict[Row, int], colour: str) -> dict[str, Any]:
    lengths_h = [_hours(bar.start, bar.end) for bar, _ in mine]
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "base": [bar.start[:16] for bar, _ in mine],
        "x": [round(length * HOUR_S * 1000) for length in lengths_h],
        "y": [level[row] for _, row in mine],
        "text": [f"{bar.order}/{bar.unit}" for bar, _ in mine],
        "textposition": "none",
        "marker": {"color": colour, "line": {"width": 0.5, "color": INK_LIGHT["card"]}},
        "hovertemplate": f"{name}: %{{text}}<br>%{{base}} to %{{x}}<extra></extra>",
    }


def _order_table(bars: Sequence[GanttBar]) -> Table:
    """One row per order: its racks here, first start, last end, and a rack's hours under way."""
    orders: dict[tuple[str, str], dict[int, list[GanttBar]]] = {}
    for bar in bars:
        orders.setdefault((bar.order, bar.item), {}).setdefault(bar.unit, []).append(bar)
    rows = []
    for (order, item), racks in orders.items():
        spans = [(min(bar.start for bar in each), max(bar.end for bar in each)) for each in racks.values()]
        hours = sum(_hours(start, end) for start, end in spans) / len(spans)
        first, last = min(start for start, _ in spans), max(end for _, end in spans)
        told = [text(order), text(item), text(str(len(spans))), text(first[:16].replace("T", " "))]
        rows.append((*told, text(last[:16].replace("T", " ")), value(hours, 3)))
    return Table(
        name="gantt-orders",
        columns=(
            name_column("Order"),
            text_column("Item"),
            number_column("Racks"),
            name_column("First start (UTC)"),
            name_column("Last end (UTC)"),
            number_column("Under way, each", "h"),
        ),
        rows=tuple(rows),
        note="Every operation of every rack stands in the run's result.json.",
    )


def _hours(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() / HOUR_S
