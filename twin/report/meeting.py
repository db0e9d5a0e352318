"""The one screen of a planning meeting: what comes when, for whom, what gates it, what can be built."""

from __future__ import annotations

from collections import defaultdict

from twin.events.result import KitRow, RunResult
from twin.report.blocks import (
    Block,
    Cell,
    Chart,
    Section,
    Table,
    barred,
    name_column,
    number_column,
    text_column,
    value,
)
from twin.report.blocks import words as text
from twin.report.figures import BAND, Line, clipped, line_of, running_total, time_figure
from twin.report.tables import series_table
from twin.report.words import count, day, last_day, number, percent

MILESTONES = ("shipped", "docked", "accepted", "online")
KIT_WEEKS = 8
GATE_SCALE = 1.25
"""The load at which a gate's bar is full."""


def meeting_sections(result: RunResult) -> list[Section]:
    """The sections of the meeting's screen that this run has something to say about."""
    parts = (_flow(result), _customers(result), _gates(result), _kits(result))
    return [part for part in parts if part is not None]


def report_end(result: RunResult) -> str:
    """First day after the report window."""
    return last_day(result.starts, result.report_weeks)


def _flow(result: RunResult) -> Section | None:
    series = clipped(result.series, report_end(result))
    blocks: list[Block] = []
    if "accepted" in series:
        blocks.append(_weekly(result))
    if "cumulative_accepted" in series:
        blocks.append(_cumulative(result))
    if not blocks:
        return None
    lead = f"Racks in the report window, {day(result.starts)} to {day(report_end(result))}. Bands hold {BAND}."
    return Section(anchor="flow", title="What comes, and when", lead=lead, blocks=tuple(blocks))


def _weekly(result: RunResult) -> Chart:
    series = clipped(result.series, report_end(result))
    lines = [line_of(name, series[name], banded=name == "accepted") for name in MILESTONES if name in series]
    if "due" in series:
        lines.append(line_of("due", series["due"], banded=False))
    total = sum(series["accepted"].mean)
    return Chart(
        anchor="flow-weekly",
        title="Racks by week",
        sentence=f"In the mean of {count(result.replications, 'run')}, {number(total)} racks are accepted in the window"
        + (f", against {number(sum(series['due'].mean))} due." if "due" in series else "."),
        figure=time_figure(lines, "racks a week"),
        table=series_table("racks-by-week", lines, "racks"),
    )


def _cumulative(result: RunResult) -> Chart:
    series = clipped(result.series, report_end(result))
    accepted = series["cumulative_accepted"]
    lines = [line_of("accepted", accepted)]
    if "due" in series:
        due = series["due"]
        lines.append(Line(name="due", time=due.time, mean=running_total(due.mean)))
    planned = _planned_total(result)
    if planned is not None:
        lines.append(planned)
    low, high = number(accepted.low[-1]), number(accepted.high[-1])
    return Chart(
        anchor="flow-cumulative",
        title="Racks accepted since the start, at each week's end",
        sentence=f"By {day(report_end(result))}, {number(accepted.mean[-1])} racks are accepted; "
        f"eight runs in ten end between {low} and {high}.",
        figure=time_figure(lines, "racks"),
        table=series_table("racks-accepted-since-start", lines, "racks"),
    )


def _planned_total(result: RunResult) -> Line | None:
    """What the plan has accepted by the end of each bucket, at the week that ends with it."""
    plan, end = result.plan, last_day(result.starts, result.report_weeks + result.tail_weeks)
    ends = [*plan.time[1:], end][: len(plan.time)]
    totals = zip((last_day(moment, -1) for moment in ends), running_total(plan.accepted), strict=True)
    within = [(week, total) for week, total in totals if week < report_end(result)]
    if not within:
        return None
    return Line(name="planned", time=[week for week, _ in within], mean=[total for _, total in within])


def _customers(result: RunResult) -> Section | None:
    if not result.customers:
        return None
    worst = max(result.customers, key=lambda row: row.gap_racks)
    widest = max(max(row.committed_racks, row.p80_racks) for row in result.customers) or 1.0
    rows = tuple(
        (
            text(row.customer),
            text(row.quarter),
            value(row.committed_racks),
            barred(number(row.p80_racks, 4), 0.0, row.p80_racks / widest, mark=row.committed_racks / widest),
            value(row.gap_racks, tone="bad" if row.gap_racks > 0 else "good"),
            text(row.gating),
        )
        for row in result.customers
    )
    lead = (
        f"Largest gap: {worst.customer} in {worst.quarter}, {number(worst.gap_racks)} racks."
        if worst.gap_racks > 0
        else "Every commitment is met with a chance of 80 % or more."
    )
    table = Table(
        name="customers-by-quarter",
        columns=(
            name_column("Customer"),
            name_column("Quarter"),
            number_column("Committed", "racks"),
            number_column("Accepted with 80 % chance", "racks"),
            number_column("Gap", "racks"),
            text_column("What gates it"),
        ),
        rows=rows,
        note="The line across each bar marks what is committed.",
    )
    return Section(anchor="customers", title="By customer and quarter", lead=lead, blocks=(table,))


def _gates(result: RunResult) -> Section | None:
    if not result.gates:
        return None
    tightest = max(result.gates, key=lambda gate: gate.load)
    rows = tuple(
        (
            text(gate.gate),
            value(gate.need_per_week),
            value(gate.available_per_week),
            text(gate.unit if gate.unit.endswith("a week") else f"{gate.unit} a week"),
            barred(
                percent(gate.load), 0.0, gate.load / GATE_SCALE, "bad" if gate.load >= 1 else "", mark=1 / GATE_SCALE
            ),
            value(gate.weeks_binding, 3),
            value(gate.racks_per_week_gained, 3),
            text(day(gate.earliest_relief) or "–"),
            text(gate.confidence),
        )
        for gate in result.gates
    )
    table = Table(
        name="gates",
        columns=(
            text_column("Gate"),
            number_column("Need"),
            number_column("Available"),
            name_column("Unit"),
            number_column("Load"),
            number_column("Binding", "weeks"),
            number_column("Gained by 10 % more", "racks a week"),
            name_column("Earliest relief"),
            text_column("Grade of evidence"),
        ),
        rows=rows,
        note="The line across each bar marks all that is available.",
    )
    lead = f"Tightest: {tightest.gate}, at {percent(tightest.load)} of what is available."
    return Section(anchor="gates", title="Gates", lead=lead, blocks=(table,))


def _kits(result: RunResult) -> Section | None:
    weeks = sorted({row.week for row in result.kits})[:KIT_WEEKS]
    cells: dict[str, dict[str, list[KitRow]]] = defaultdict(lambda: defaultdict(list))
    for row in result.kits:
        cells[row.site][row.week].append(row)
    if not weeks:
        return None
    rows = tuple((text(site), *(_kit_cell(by_week[week]) for week in weeks)) for site, by_week in cells.items())
    first = [row for row in result.kits if row.week in weeks]
    blocked, planned = sum(row.racks_blocked for row in first), sum(row.planned_racks for row in first)
    table = Table(
        name="clear-to-build",
        columns=(name_column("Site"), *(number_column(day(week), "kits of racks") for week in weeks)),
        rows=rows,
        note="Full kits of planned racks, and the item that is short.",
    )
    lead = (
        f"Of {number(planned)} racks planned in the next {count(len(weeks), 'week')}, {number(blocked)} lack an item."
    )
    return Section(anchor="kits", title="Clear to build", lead=lead, blocks=(table,))


def _kit_cell(rows: list[KitRow]) -> Cell:
    """Kits of one site in one week, over all its racks, with the item that blocks most."""
    if not rows:
        return text("–", "soft")
    full, planned = sum(row.full_kits for row in rows), sum(row.planned_racks for row in rows)
    worst = max(rows, key=lambda row: row.racks_blocked)
    blocked = worst.racks_blocked > 0
    return Cell(
        text=f"{number(full, 4)} of {number(planned, 4)}",
        tone="bad" if blocked else "good",
        small=worst.short_item if blocked else "",
    )
