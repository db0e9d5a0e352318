"""The one screen of a planning meeting: what comes when, for whom, what gates it, what can be built."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import pairwise

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
from twin.report.words import ABSENT, count, day, day_before, last_day, number, percent, plain, said, span, whole

MILESTONES = ("shipped", "docked", "accepted", "online")
KIT_WEEKS = 8
LEAST_GAIN = 0.05
"""Racks a week below which a gate gains nothing."""
RUNS_FOR_CHANCES = 200
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
    at_once = "online" in series and series["online"].mean == series["accepted"].mean
    shown = [name for name in MILESTONES if name in series and not (at_once and name == "online")]
    lines = [line_of(name, series[name], banded=name == "accepted") for name in shown]
    if "due" in series:
        lines.append(line_of("due", series["due"], banded=False))
    total = sum(series["accepted"].mean)
    return Chart(
        anchor="flow-weekly",
        title="Racks by week",
        sentence=f"In the mean of {count(result.replications, 'run')}, {number(total)} racks are accepted in the window"
        + (f", against {number(sum(series['due'].mean))} due." if "due" in series else ".")
        + (" Each is online as soon as it is accepted." if at_once else ""),
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
    spread = span(accepted.low[-1], accepted.high[-1])
    within = "." if spread == ABSENT else f"; eight runs in ten end with {spread}."
    return Chart(
        anchor="flow-cumulative",
        title="Racks accepted since the start, at each week's end",
        sentence=f"By {day(report_end(result))}, {number(accepted.mean[-1])} racks are accepted{within}"
        + (f" Planned: {opening(result)}{_buckets(result)}." if planned is not None else ""),
        figure=time_figure(lines, "racks"),
        table=series_table("racks-accepted-since-start", lines, "racks"),
    )


def _buckets(result: RunResult) -> str:
    """How long the plan's buckets are, where that changes: a line between two points is then no weekly figure."""
    days = [date.fromisoformat(moment[:10]).toordinal() for moment in result.plan.time]
    lengths = [after - before for before, after in pairwise(days)]
    longer = next((place for place, length in enumerate(lengths) if length > lengths[0]), None)
    if longer is None:
        return ""
    first, later = (count(round(lengths[place] / 7), "week") for place in (0, longer))
    since = day(result.plan.time[longer])
    return f", in steps of {first} up to {since} and of {later} from then on, each marked by a dot"


def _planned_total(result: RunResult) -> Line | None:
    """What the plan has accepted by the last day of each bucket."""
    plan, end = result.plan, last_day(result.starts, result.report_weeks + result.tail_weeks)
    ends = [*plan.time[1:], end][: len(plan.time)]
    totals = zip((day_before(moment) for moment in ends), running_total(plan.accepted), strict=True)
    within = [(week, total) for week, total in totals if week < report_end(result)]
    if not within:
        return None
    return Line(name="planned", time=[week for week, _ in within], mean=[total for _, total in within])


def _customers(result: RunResult) -> Section | None:
    simulated = [
        (row, row.p80_racks, row.gap_racks)
        for row in result.customers
        if row.p80_racks is not None and row.gap_racks is not None
    ]
    if not simulated:
        return None
    worst, _, largest = max(simulated, key=lambda each: each[2])
    widest = max(max(row.committed_racks, sure) for row, sure, _ in simulated) or 1.0
    rows = tuple(
        (
            text(row.customer),
            text(row.quarter),
            text(whole(row.committed_racks)),
            barred(whole(sure), 0.0, sure / widest, mark=row.committed_racks / widest),
            text(whole(gap), "bad" if gap >= 1 else "good"),
            text(row.gating),
        )
        for row, sure, gap in simulated
    )
    lead = (
        f"Largest gap: {worst.customer} in {worst.quarter}, {number(largest)} racks."
        if largest >= 1
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
        note="The line across each bar marks what is committed." + _rough(result.replications),
    )
    return Section(anchor="customers", title="By customer and quarter", lead=lead, blocks=(table,))


def _rough(replications: int) -> str:
    """A warning where there are too few runs for a chance."""
    if replications >= RUNS_FOR_CHANCES:
        return ""
    return f" A chance from {count(replications, 'run')} is rough: it takes {RUNS_FOR_CHANCES} to tell it well."


def opening(result: RunResult) -> str:
    """The opening plan with its date, and what it does not know."""
    made = f"the opening plan of {day(result.plan.time[0])}" if result.plan.time else "the opening plan"
    return f"{made}, made without the disruption" if result.disruptions else made


def _gates(result: RunResult) -> Section | None:
    if not result.gates:
        return None
    tightest = max(result.gates, key=lambda gate: gate.load)
    rows = tuple(
        (
            text(plain(gate.gate)),
            value(gate.need_per_week, 3),
            value(gate.available_per_week, 3),
            text(said(gate.unit if gate.unit.endswith("a week") else f"{gate.unit} a week")),
            barred(
                percent(gate.load), 0.0, gate.load / GATE_SCALE, "bad" if gate.load >= 1 else "", mark=1 / GATE_SCALE
            ),
            value(gate.weeks_binding, 3),
            value(round(gate.racks_per_week_gained, 1), 3),
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
            text_column("Unit"),
            number_column("Load"),
            number_column("Binding", "weeks"),
            number_column("A tenth gains at most", "racks a week"),
            name_column("Earliest relief"),
            text_column("Grade"),
        ),
        rows=rows,
        note="Need and supply of all sites together, over the report window; the line across each bar marks all that "
        "is available. A gate with room left over the year can still bind at a site or in some weeks. What a tenth "
        "gains is the price of the next unit times a tenth: further units gain less.",
    )
    best = max(result.gates, key=lambda gate: gate.racks_per_week_gained)
    lead = f"By {opening(result)}. Fullest: {said(tightest.gate)}, at {percent(tightest.load, 2)} of what is available."
    if best.racks_per_week_gained >= LEAST_GAIN:
        gained = number(best.racks_per_week_gained)
        lead += f" A tenth more of {said(best.gate)} gains most: up to {gained} racks a week while it binds."
    return Section(anchor="gates", title="Gates", lead=lead, blocks=(table,))


def _kits(result: RunResult) -> Section | None:
    weeks = sorted({row.week for row in result.kits})[:KIT_WEEKS]
    cells: dict[str, dict[str, list[KitRow]]] = defaultdict(lambda: defaultdict(list))
    for row in result.kits:
        cells[row.site][row.week].append(row)
    if not weeks:
        return None
    rows = tuple((text(site), *(_kit_cell(by_week[week]) for week in weeks)) for site, by_week in cells.items())
    # Kits are counted from the start of the plan, so the last week says it all.
    last = [row for row in result.kits if row.week == weeks[-1]]
    blocked, planned = sum(row.racks_blocked for row in last), sum(row.planned_racks for row in last)
    table = Table(
        name="clear-to-build",
        columns=(
            name_column("Site"),
            *(number_column(f"to {day(week).rpartition(' ')[0]}", whole=True) for week in weeks),
        ),
        rows=rows,
        note=f"Full kits of racks wanted since {day(result.starts)}, and the item that is short.",
    )
    lead = (
        f"By {opening(result)}: of {number(planned)} racks wanted in the first {count(len(weeks), 'week')}, "
        f"{number(blocked)} lack an item."
    )
    return Section(anchor="kits", title="Clear to build", lead=lead, blocks=(table,))


def _kit_cell(rows: list[KitRow]) -> Cell:
    """Kits of one site in one week, over all its racks, with the item that blocks most."""
    if not rows:
        return text("–", "soft")
    # Kits beyond the racks wanted build none of these.
    full, planned = (sum(min(row.full_kits, row.planned_racks) for row in rows), sum(row.planned_racks for row in rows))
    worst = max(rows, key=lambda row: row.racks_blocked)
    blocked = worst.racks_blocked >= 1
    return Cell(
        text=whole(full),
        tone="bad" if blocked else "good",
        small=f"of {whole(planned)}" + (f": {said(worst.short_item)}" if blocked else ""),
    )
