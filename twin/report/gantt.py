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
from twin.report.palette import SERIES
from twin.report.tables import schedule_table
from twin.report.words import count, day

MOST_BARS = 1_500
"""Plotly stays quick up to there."""
ROW_PX, LEAST_PX, MOST_PX = 11, 260, 1_400
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
    sites = len(result.schedules)
    lead = f"{count(racks, 'rack')} at {count(sites, 'site')} in the first window." if result.schedules else ""
    return Section(anchor="schedule", title="The schedule", lead=lead, blocks=tuple(blocks))


def _gantt(bars: Sequence[GanttBar]) -> Chart:
    site = Counter(bar.site for bar in bars).most_common(1)[0][0]
    here = sorted((bar for bar in bars if bar.site == site), key=lambda bar: (bar.start, bar.step, bar.bay))
    shown = here[:MOST_BARS]
    rows = _rows(shown)
    places = sorted(set(rows), key=lambda row: (row[0], row[1], row[2]))
    sentence = f"{count(len(here), 'operation')} at {site}, {day(shown[0].start)} to {day(max(b.end for b in shown))}."
    if len(shown) < len(here):
        sentence += f" The first {len(shown):,} are drawn."
    return Chart(
        anchor="schedule-gantt",
        title=f"Gantt of {site}",
        sentence=sentence,
        figure=_figure(shown, rows, places),
        table=_rack_table(here),
        height=min(MOST_PX, max(LEAST_PX, 110 + ROW_PX * len(places))),
    )


def _rows(bars: Sequence[GanttBar]) -> list[Row]:
    """The line each bar stands on: its bay, or where it has none the first line that is free."""
    free: dict[tuple[int, str], list[str]] = {}
    rows = []
    for bar in bars:
        if bar.bay:
            rows.append((bar.step, bar.name, bar.bay))
            continue
        ends = free.setdefault((bar.step, bar.name), [])
        line = next((place for place, end in enumerate(ends) if end <= bar.start), len(ends))
        ends[line : line + 1] = [bar.end]
        rows.append((bar.step, bar.name, line + 1))
    return rows


def _figure(bars: Sequence[GanttBar], rows: Sequence[Row], places: Sequence[Row]) -> str:
    """Bars by step; lines of one step stand together, under the step's name."""
    level = {place: position for position, place in enumerate(places)}
    steps = sorted({(step, name) for step, name, _ in places})
    traces = []
    for tone, step in enumerate(steps):
        mine = [(bar, row) for bar, row in zip(bars, rows, strict=True) if row[:2] == step]
        traces.append(_step_trace(step[1], mine, level, SERIES[tone % len(SERIES)]))
    middles = {step: [level[place] for place in places if place[:2] == step] for step in steps}
    layout: dict[str, Any] = {
        "barmode": "overlay",
        "bargap": 0.1,
        "xaxis": {"type": "date", "title": {"text": "time (UTC)"}},
        "yaxis": {
            "title": {"text": "step, one line per bay"},
            "autorange": "reversed",
            "showgrid": False,
            "tickvals": [sum(levels) / len(levels) for levels in middles.values()],
            "ticktext": [name for _, name in middles],
        },
        "showlegend": False,
    }
    return figure_json(traces, layout)


def _step_trace(name: str, mine: list[tuple[GanttBar, Row]], level: dict[Row, int], colour: str) -> dict[str, Any]:
    lengths_h = [
        (datetime.fromisoformat(bar.end) - datetime.fromisoformat(bar.start)).total_seconds() / HOUR_S
        for bar, _ in mine
    ]
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "base": [bar.start[:16] for bar, _ in mine],
        "x": [round(length * HOUR_S * 1000) for length in lengths_h],
        "y": [level[row] for _, row in mine],
        "customdata": [
            [f"{bar.order}/{bar.unit}", round(hours, 2)] for (bar, _), hours in zip(mine, lengths_h, strict=True)
        ],
        "marker": {"color": colour, "line": {"width": 0.5, "color": "#ffffff"}},
        "hovertemplate": f"{name}: %{{customdata[0]}}<br>from %{{base}}, %{{customdata[1]}} h<extra></extra>",
    }


def _rack_table(bars: Sequence[GanttBar]) -> Table:
    """One row per rack: first start, last end, and hours under way."""
    racks: dict[tuple[str, int], list[GanttBar]] = {}
    for bar in bars:
        racks.setdefault((bar.order, bar.unit), []).append(bar)
    rows = []
    for (order, unit), operations in racks.items():
        start, end = min(bar.start for bar in operations), max(bar.end for bar in operations)
        hours = (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() / HOUR_S
        rows.append(
            (text(order), text(str(unit)), text(operations[0].item), text(start[:16]), text(end[:16]), value(hours))
        )
    return Table(
        name="gantt-racks",
        columns=(
            name_column("Order"),
            number_column("Rack of the order"),
            text_column("Item"),
            name_column("First start (UTC)"),
            name_column("Last end (UTC)"),
            number_column("Under way", "h"),
        ),
        rows=tuple(rows),
    )
