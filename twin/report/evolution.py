"""Accepted racks and backlog over the whole horizon, disrupted against baseline."""

from __future__ import annotations

from twin.events.result import BandedSeries, RunResult
from twin.report.blocks import Block, Chart, Section, Table, barred, name_column, number_column
from twin.report.blocks import words as text
from twin.report.figures import BAND, Line, Window, line_of, time_figure
from twin.report.meeting import report_end
from twin.report.tables import series_table
from twin.report.words import count, day, moment, number, whole, with_sign

ACCEPTED_AT = "accepted@"


def windows(result: RunResult) -> list[Window]:
    """When a disruption holds, and where the report window ends."""
    shaded = [
        Window(label=row.get("name", ""), start=row["starts"][:10], end=row["ends"][:10])
        for row in result.disruptions
        if moment(row.get("starts", "")) and moment(row.get("ends", ""))
    ]
    return [*shaded, Window(label="report ends", start=report_end(result))] if result.tail_weeks else shaded


def evolution_section(result: RunResult) -> Section | None:
    """Accepted racks and backlog over time, and accepted racks by site."""
    charts: list[Block] = []
    left_out = _without_due(result)
    for name, title, unit in (
        ("accepted", "Racks accepted by week", "racks a week"),
        ("backlog", "Backlog: racks due and not accepted", "racks"),
    ):
        if name in result.series:
            charts.append(_paired_chart(result, name, title, unit, left_out))
    sites = _site_table(result)
    if sites is not None:
        charts.append(sites)
    if not charts:
        return None
    lead = f"The whole horizon of {result.report_weeks + result.tail_weeks} weeks. Bands hold {BAND}."
    if left_out:
        lead += f" Not drawn: {count(left_out, 'week')} at its end in which nothing more is due."
    title = "Disrupted against baseline" if result.baseline else "Over the whole horizon"
    return Section(anchor="evolution", title=title, lead=lead, blocks=tuple(charts))


def _without_due(result: RunResult) -> int:
    """Weeks at the end of the horizon in which nothing is due: there curves turn for no other reason."""
    due = result.series["due"].mean if "due" in result.series else []
    last = max((place for place, racks in enumerate(due) if racks > 0), default=len(due) - 1)
    return len(due) - 1 - last


def _shorter(series: BandedSeries, weeks: int) -> BandedSeries:
    kept = len(series.time) - weeks
    return series.model_copy(update={key: getattr(series, key)[:kept] for key in ("time", "mean", "low", "high")})


def _paired_chart(result: RunResult, name: str, title: str, unit: str, left_out: int) -> Chart:
    after = _shorter(result.series[name], left_out)
    before = result.baseline.series.get(name) if result.baseline else None
    before = before and _shorter(before, left_out)
    lines: list[Line] = [line_of("baseline", before)] if before else []
    lines.append(line_of("disrupted" if before else name, after))
    if name == "accepted" and "due" in result.series:
        lines.append(line_of("due", _shorter(result.series["due"], left_out), banded=False))
    return Chart(
        anchor=f"evolution-{name}",
        title=title,
        sentence=_paired_sentence(name, before, after, report_end(result)),
        figure=time_figure(lines, unit, windows(result)),
        table=series_table(f"{name}-by-week", lines, unit),
    )


def _paired_sentence(name: str, before: BandedSeries | None, after: BandedSeries, until: str) -> str:
    """The week of the report window that stands out; beyond it orders run out, which says nothing."""
    within = sum(time[:10] < until for time in after.time)
    if before is None:
        peak = max(range(within), key=after.mean.__getitem__)
        return f"The highest week ends on {day(after.time[peak])}, with {number(after.mean[peak])} {after.unit}."
    steps = [late - early for early, late in zip(before.mean[:within], after.mean[:within], strict=False)]
    widest = max(range(len(steps)), key=lambda place: abs(steps[place]))
    what = "the backlog" if name == "backlog" else "the week's racks accepted"
    return (
        f"Within the report window the disruption changes {what} most in the week to {day(after.time[widest])}: "
        f"{number(after.mean[widest])} instead of {number(before.mean[widest])} {after.unit}."
    )


def _site_table(result: RunResult) -> Table | None:
    """Racks accepted by site in the report window, with and without the disruption."""
    until = report_end(result)
    after = _site_totals(result.series, until)
    before = _site_totals(result.baseline.series, until) if result.baseline else {}
    widest = max([*after.values(), *before.values()], default=0.0)
    if widest <= 0:
        return None
    rows = []
    for site, racks in sorted(after.items(), key=lambda entry: -entry[1]):
        mark = before[site] / widest if site in before else None
        cells = [text(site), barred(whole(racks), 0.0, racks / widest, mark=mark)]
        if before:
            cells += [text(whole(before.get(site))), text(with_sign(whole(racks - before.get(site, 0.0))))]
        rows.append(tuple(cells))
    columns = [name_column("Site"), number_column("Accepted", "racks")]
    if before:
        columns += [number_column("Accepted in the baseline", "racks"), number_column("Difference", "racks")]
    title = "Racks accepted by site in the report window"
    note = "The line across each bar marks the baseline." if before else ""
    return Table(name="accepted-by-site", title=title, columns=tuple(columns), rows=tuple(rows), note=note)


def _site_totals(series: dict[str, BandedSeries], until: str) -> dict[str, float]:
    return {
        name.removeprefix(ACCEPTED_AT): sum(
            mean for mean, time in zip(entry.mean, entry.time, strict=True) if time[:10] < until
        )
        for name, entry in series.items()
        if name.startswith(ACCEPTED_AT)
    }
