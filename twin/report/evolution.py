"""Accepted racks and backlog over the whole horizon, disrupted against baseline; stock of watched items."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from twin.events.result import BandedSeries, RunResult
from twin.report.blocks import Block, Chart, Panel, Panels, Section, Table, barred, number_column, text_column, value
from twin.report.blocks import words as text
from twin.report.figures import BAND, Line, Window, line_of, thinned, time_figure
from twin.report.meeting import report_end
from twin.report.tables import series_table
from twin.report.words import day, moment, number, signed

STOCK = "stock:"
ACCEPTED_AT = "accepted@"
MOST_PANELS = 24
PANEL_WIDE, PANEL_HIGH, MARGIN_LEFT, MARGIN_FOOT, MARGIN_TOP = 320.0, 150.0, 44.0, 20.0, 8.0


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
    for name, title, unit in (
        ("accepted", "Racks accepted by week", "racks a week"),
        ("backlog", "Backlog: racks due and not accepted", "racks"),
    ):
        if name in result.series:
            charts.append(_paired_chart(result, name, title, unit))
    sites = _site_table(result)
    if sites is not None:
        charts.append(sites)
    if not charts:
        return None
    lead = f"The whole horizon of {result.report_weeks + result.tail_weeks} weeks. Bands hold {BAND}."
    title = "Disrupted against baseline" if result.baseline else "Over the whole horizon"
    return Section(anchor="evolution", title=title, lead=lead, blocks=tuple(charts))


def _paired_chart(result: RunResult, name: str, title: str, unit: str) -> Chart:
    after = result.series[name]
    before = result.baseline.series.get(name) if result.baseline else None
    lines: list[Line] = [line_of("baseline", before, 0)] if before else []
    lines.append(line_of("disrupted" if before else name, after, 4 if before else 2))
    if name == "accepted" and "due" in result.series:
        lines.append(line_of("due", result.series["due"], 5, banded=False))
    return Chart(
        anchor=f"evolution-{name}",
        title=title,
        sentence=_paired_sentence(name, before, after),
        figure=time_figure(lines, unit, windows(result)),
        table=series_table(f"{name}-by-week", lines, unit),
    )


def _paired_sentence(name: str, before: BandedSeries | None, after: BandedSeries) -> str:
    if before is None:
        peak = max(range(len(after.mean)), key=after.mean.__getitem__)
        return f"The highest week is that of {day(after.time[peak])}, with {number(after.mean[peak])} {after.unit}."
    steps = [late - early for early, late in zip(before.mean, after.mean, strict=False)]
    widest = max(range(len(steps)), key=lambda place: abs(steps[place]))
    what = "the backlog" if name == "backlog" else "the week's racks accepted"
    return (
        f"The disruption changes {what} most in the week of {day(after.time[widest])}: "
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
        cells = [text(site), barred(number(racks, 4), 0.0, racks / widest)]
        if before:
            cells += [value(before.get(site)), text(signed(racks - before.get(site, 0.0), 4))]
        rows.append(tuple(cells))
    columns = [text_column("Site"), number_column("Accepted", "racks")]
    if before:
        columns += [number_column("Accepted in the baseline", "racks"), number_column("Difference", "racks")]
    title = "Racks accepted by site in the report window"
    return Table(name="accepted-by-site", title=title, columns=tuple(columns), rows=tuple(rows))


def _site_totals(series: dict[str, BandedSeries], until: str) -> dict[str, float]:
    return {
        name.removeprefix(ACCEPTED_AT): sum(
            mean for mean, time in zip(entry.mean, entry.time, strict=True) if time[:10] < until
        )
        for name, entry in series.items()
        if name.startswith(ACCEPTED_AT)
    }


def stock_section(result: RunResult) -> Section | None:
    """Small charts of the watched stocks, those that run lowest first."""
    watched = [(name.removeprefix(STOCK), series) for name, series in result.series.items() if name.startswith(STOCK)]
    if not watched:
        return None
    watched.sort(key=lambda entry: (_lowest_share(entry[1]), entry[0]))
    shown = watched[:MOST_PANELS]
    panels = tuple(_panel(result, name, series) for name, series in shown)
    lines = [line_of(f"{name} ({series.unit})", series, 0, banded=False) for name, series in shown]
    block = Panels(
        anchor="stock-panels",
        title="On hand by week",
        sentence=f"Stock of {len(shown)} of {len(watched)} watched items, those that run lowest first; "
        + ("full line disrupted, broken line baseline." if result.baseline else "mean and band."),
        panels=panels,
        table=series_table("stock-by-week", lines, ""),
    )
    place, series = shown[0]
    low = min(range(len(series.mean)), key=series.mean.__getitem__)
    lead = f"Lowest: {place}, {number(series.mean[low])} {series.unit} in the week of {day(series.time[low])}."
    return Section(anchor="stock", title="Stock of critical items", lead=lead, blocks=(block,))


def _lowest_share(series: BandedSeries) -> float:
    """The lowest week over the mean week: near 0 where the stock runs out."""
    mean = sum(series.mean) / len(series.mean)
    return min(series.mean) / mean if mean > 0 else 0.0


def _panel(result: RunResult, name: str, series: BandedSeries) -> Panel:
    before = result.baseline.series.get(STOCK + name) if result.baseline else None
    top = max([*series.high, *(before.mean if before else ())], default=0.0) or 1.0
    sentence = f"{name}: between {number(min(series.mean))} and {number(max(series.mean))} {series.unit} on hand."
    steady = f'<path class="before" d="M{_path(before.mean, top)}"/>' if before else ""
    edge = f"{_path(series.high, top)}L{_path(series.low, top, backwards=True)}"
    middle, foot = MARGIN_LEFT - 6, PANEL_HIGH - 5
    svg = (
        f'<svg class="small" role="img" aria-label="{escape(sentence)}" viewBox="0 0 {PANEL_WIDE:.0f} {PANEL_HIGH:.0f}">'
        f'<path class="axis" d="M{MARGIN_LEFT} {MARGIN_TOP}V{PANEL_HIGH - MARGIN_FOOT}H{PANEL_WIDE}"/>'
        f'<text class="end" x="{middle}" y="{MARGIN_TOP + 10}">{number(top, 2)}</text>'
        f'<text class="end" x="{middle}" y="{PANEL_HIGH - MARGIN_FOOT}">0</text>'
        f'<text x="{MARGIN_LEFT}" y="{foot}">{day(series.time[0])}</text>'
        f'<text class="end" x="{PANEL_WIDE}" y="{foot}">{day(series.time[-1])}</text>'
        f'<path class="band" d="M{edge}Z"/>{steady}<path class="now" d="M{_path(series.mean, top)}"/></svg>'
    )
    return Panel(title=f"{name}, {series.unit}", sentence=sentence, svg=svg)


def _path(values: Sequence[float], top: float, backwards: bool = False) -> str:
    """Values as points from left to right, or back."""
    kept = thinned(values, len(values))
    wide = (PANEL_WIDE - MARGIN_LEFT - 2) / max(1, len(kept) - 1)
    high = PANEL_HIGH - MARGIN_FOOT - MARGIN_TOP
    spots = [
        f"{MARGIN_LEFT + place * wide:.1f} {PANEL_HIGH - MARGIN_FOOT - high * entry / top:.1f}"
        for place, entry in enumerate(kept)
    ]
    return "L".join(reversed(spots) if backwards else spots)
