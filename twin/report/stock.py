"""Stock of watched items as small pictures, those that run lowest first."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from twin.events.result import BandedSeries, RunResult
from twin.report.blocks import Panel, Panels, Section
from twin.report.figures import line_of, thinned
from twin.report.land import Point
from twin.report.svg import path
from twin.report.tables import series_table
from twin.report.words import day, number

STOCK = "stock:"
MOST_PANELS = 18
PANEL_WIDE, PANEL_HIGH, MARGIN_LEFT, MARGIN_FOOT, MARGIN_TOP = 320.0, 150.0, 44.0, 20.0, 8.0


def stock_section(result: RunResult) -> Section | None:
    """Small charts of the watched stocks, those that run lowest first."""
    watched = [(name.removeprefix(STOCK), series) for name, series in result.series.items() if name.startswith(STOCK)]
    if not watched:
        return None
    watched.sort(key=lambda entry: (_lowest_share(entry[1]), entry[0]))
    shown = watched[:MOST_PANELS]
    panels = tuple(_panel(result, name, series) for name, series in shown)
    lines = [line_of(f"{name} ({series.unit})", series, banded=False) for name, series in shown]
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
    lead = f"Lowest: {place}, {number(series.mean[low])} {series.unit} in the week to {day(series.time[low])}."
    return Section(anchor="stock", title="Stock of critical items", lead=lead, blocks=(block,))


def _lowest_share(series: BandedSeries) -> float:
    """The lowest week over the mean week: near 0 where the stock runs out."""
    mean = sum(series.mean) / len(series.mean)
    return min(series.mean) / mean if mean > 0 else 0.0


def _panel(result: RunResult, name: str, series: BandedSeries) -> Panel:
    before = result.baseline.series.get(STOCK + name) if result.baseline else None
    top = max([*series.high, *(before.mean if before else ())], default=0.0) or 1.0
    sentence = f"{name}: between {number(min(series.mean))} and {number(max(series.mean))} {series.unit} on hand."
    steady = f'<path class="before" d="{path(_spots(before.mean, top), steps_per_px=1)}"/>' if before else ""
    # Whole pixels do for a faint band, and halve its part of the page.
    edge = path([*_spots(series.high, top), *reversed(_spots(series.low, top))], closed=True, steps_per_px=1)
    middle, foot, size = MARGIN_LEFT - 6, PANEL_HIGH - 5, f"{PANEL_WIDE:.0f} {PANEL_HIGH:.0f}"
    svg = (
        f'<svg class="small" role="img" aria-label="{escape(sentence)}" viewBox="0 0 {size}">'
        f'<path class="axis" d="M{MARGIN_LEFT} {MARGIN_TOP}V{PANEL_HIGH - MARGIN_FOOT}H{PANEL_WIDE}"/>'
        f'<text class="end" x="{middle}" y="{MARGIN_TOP + 10}">{number(top, 2)}</text>'
        f'<text class="end" x="{middle}" y="{PANEL_HIGH - MARGIN_FOOT}">0</text>'
        f'<text x="{MARGIN_LEFT}" y="{foot}">{day(series.time[0])}</text>'
        f'<text class="end" x="{PANEL_WIDE}" y="{foot}">{day(series.time[-1])}</text>'
        f'<path class="band" d="{edge}"/>{steady}<path class="now" d="{path(_spots(series.mean, top))}"/></svg>'
    )
    return Panel(title=f"{name}, {series.unit}", sentence=sentence, svg=svg)


def _spots(values: Sequence[float], top: float) -> list[Point]:
    """Values as points of a panel, from left to right."""
    kept = thinned(values, len(values))
    wide = (PANEL_WIDE - MARGIN_LEFT - 2) / max(1, len(kept) - 1)
    high = PANEL_HIGH - MARGIN_FOOT - MARGIN_TOP
    return [
        (MARGIN_LEFT + place * wide, PANEL_HIGH - MARGIN_FOOT - high * entry / top) for place, entry in enumerate(kept)
    ]
