"""Power that tests hold: each site's load by hour of the week and by week, under what it has, and the bound."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

from twin.events.factory_result import PowerLoad, TestPower
from twin.events.result import RunResult
from twin.report.blocks import Cell, Panel, Panels, Section, Table, name_column, number_column, text_column, value
from twin.report.blocks import words as text
from twin.report.land import Point
from twin.report.svg import path
from twin.report.words import count, number, plain

MOST_SITES = 4
"""Sites with small pictures of their own; all stand in the table."""
WIDE, HIGH, LEFT, FOOT, TOP = 320.0, 130.0, 44.0, 20.0, 8.0
KW_PER_MW = 1000.0


def power_section(result: RunResult) -> Section | None:
    """Load curves of the sites with most power, all of them in a table; None where no step holds power."""
    power = result.power
    if power is None:
        return None
    loads = sorted(power.loads, key=lambda load: (-load.mean_kw, load.site, load.resource))
    total, begins = _together(loads), f"{date.fromisoformat(result.starts):%a}"
    shown = [*([total] if len(loads) > 1 else []), *loads[:MOST_SITES]]
    panels = Panels(
        anchor="power-panels",
        title="Power held by the hour of the week, and by the week",
        sentence="Mean of all runs, in MW; the broken line is what there is by the tables, in these hours. "
        "Hours are UTC."
        + (f" Pictures are of the {MOST_SITES} sites that hold most." if len(loads) > MOST_SITES else ""),
        panels=tuple(panel for load in shown for panel in _panels_of(load, begins, result.report_weeks)),
        table=_table(loads),
    )
    return Section(anchor="power", title="Test power", lead=_lead(total, power), blocks=(panels,))


def _together(loads: Sequence[PowerLoad]) -> PowerLoad:
    """All loads as one; the peak of the sum is that of its mean hours."""

    def added(lists: Sequence[list[float]]) -> list[float]:
        return [sum(values) for values in zip(*lists, strict=True)]

    return PowerLoad(
        site="All sites",
        resource="",
        installed_kw=sum(load.installed_kw for load in loads),
        least_kw=sum(load.least_kw for load in loads),
        peak_kw=sum(load.peak_kw for load in loads),
        mean_kw=sum(load.mean_kw for load in loads),
        by_hour=added([load.by_hour for load in loads]),
        limit_by_hour=added([load.limit_by_hour for load in loads]),
        by_week=added([load.by_week for load in loads]),
        limit_by_week=added([load.limit_by_week for load in loads]),
    )


def _lead(total: PowerLoad, power: TestPower) -> str:
    held = f"Tests hold {_mw(total.mean_kw)} MW on average, of {_mw(total.installed_kw)} MW installed."
    bound = power.bound
    if bound is None:
        return held
    return (
        f"{held} Were every rack that falls due, {number(bound.racks_per_week)} a week, at {number(bound.rack_kw)} kW "
        f"for all of its {number(bound.hours)} hours of work, that would be {_mw(bound.routed_kw)} MW; for a whole "
        f"week, {_mw(bound.all_week_kw)} MW: bounds from the tables, not forecasts."
    )


def _panels_of(load: PowerLoad, begins: str, weeks: int) -> tuple[Panel, Panel]:
    name = f"{load.site}, {plain(load.resource).lower()}" if load.resource else load.site
    by_hour = f"{name}: {_mw(min(load.by_hour))} to {_mw(max(load.by_hour))} MW over the hours of a week."
    by_week = f"{name}: {_mw(min(load.by_week))} to {_mw(max(load.by_week))} MW over {count(weeks, 'week')}."
    hours = _picture(by_hour, load.by_hour, load.limit_by_hour, (f"{begins} 0:00", "24:00"))
    year = _picture(by_week, load.by_week, load.limit_by_week, ("week 1", str(weeks)))
    return (
        Panel(title=f"{name}: hours of a week", sentence=by_hour, svg=hours),
        Panel(title=f"{name}: weeks", sentence=by_week, svg=year),
    )


def _picture(sentence: str, held: Sequence[float], limit: Sequence[float], ends: tuple[str, str]) -> str:
    top = max([*held, *limit]) or 1.0
    return (
        f'<svg class="small" role="img" aria-label="{escape(sentence)}" viewBox="0 0 {WIDE:.0f} {HIGH:.0f}">'
        f'<path class="axis" d="M{LEFT:g} {TOP:g}V{HIGH - FOOT:g}H{WIDE:g}"/>'
        f'<text class="end" x="{LEFT - 6:g}" y="{TOP + 10:g}">{_mw(top)}</text>'
        f'<text class="end" x="{LEFT - 6:g}" y="{HIGH - FOOT:g}">0</text>'
        f'<text x="{LEFT:g}" y="{HIGH - 5:g}">{ends[0]}</text>'
        f'<text class="end" x="{WIDE:g}" y="{HIGH - 5:g}">{ends[1]}</text>'
        f'<path class="before" d="{path(_steps(limit, top), steps_per_px=1)}"/>'
        f'<path class="now" d="{path(_spots(held, top), steps_per_px=1)}"/></svg>'
    )


def _spots(values: Sequence[float], top: float) -> list[Point]:
    wide, high = (WIDE - LEFT - 2) / max(1, len(values) - 1), HIGH - FOOT - TOP
    return [(LEFT + place * wide, HIGH - FOOT - high * entry / top) for place, entry in enumerate(values)]


def _steps(values: Sequence[float], top: float) -> list[Point]:
    """Only where the line turns: a limit is level for long."""
    spots = _spots(values, top)
    last = len(values) - 1
    kept = [
        place
        for place, entry in enumerate(values)
        if place in (0, last) or entry != values[place - 1] or entry != values[place + 1]
    ]
    return [spots[place] for place in kept]


def _table(loads: Sequence[PowerLoad]) -> Table:
    return Table(
        name="test-power",
        columns=(
            name_column("Site"),
            text_column("Resource"),
            number_column("Mean", "MW"),
            number_column("Fullest hour of the week", "MW"),
            number_column("Fullest week", "MW"),
            number_column("Peak", "MW"),
            number_column("Installed", "MW"),
            number_column("Least by its hours", "MW"),
            number_column("Energy", "MWh"),
            number_column("Cost of energy", "USD"),
        ),
        rows=tuple(_row(load) for load in loads),
    )


def _row(load: PowerLoad) -> tuple[Cell, ...]:
    megawatts = (
        load.mean_kw, max(load.by_hour), max(load.by_week), load.peak_kw, load.installed_kw, load.least_kw,
    )  # fmt: skip
    energy_mwh = load.mean_kw * len(load.by_week) * len(load.by_hour) / KW_PER_MW
    return (
        text(load.site),
        text(plain(load.resource)),
        *(value(kilowatts / KW_PER_MW, 3) for kilowatts in megawatts),
        value(energy_mwh, 3),
        value(load.energy_usd, 3),
    )


def _mw(kilowatts: float) -> str:
    return number(kilowatts / KW_PER_MW, 3)
