"""Tables of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twin.events.result import Measure
from twin.events.study_result import CrossingTold, StudyCell, StudyResult
from twin.report.blocks import Cell, Column, Table, name_column, number_column, text_column, value
from twin.report.blocks import words as text
from twin.report.labels import formula, label
from twin.report.study_figures import Point
from twin.report.verdict import judged
from twin.report.words import ABSENT, known, number, scale, times, with_sign

WEIGHED = (
    "racks_online",
    "time_to_token_days",
    "release_to_accept_days",
    "dock_to_token_days",
    "backlog_end_racks",
    "capital_days_usd_per_rack",
    "landed_cost_usd_per_rack",
    "freight_usd_per_rack",
    "resource_usd_per_rack",
    "offsite_share",
    "crew_hours_per_rack:factory",
    "crew_hours_per_rack:site",
    "test_mwh_per_rack",
    "first_pass_yield",
    "defects_per_rack",
    "defects_found_per_rack",
    "escaped_per_rack",
    "defects_at_customer_per_rack",
    "rework_usd_per_rack",
    "integrator_hhi",
    "freeze_days",
    "late_change_usd",
    "tokens_trillion",
    "usd_per_million_tokens",
    "freight_co2_kg_per_rack",
)
"""In the order of the first table; those without a value are left out."""
IN_SITUATIONS = ("racks_online", "time_to_token_days")


def measures_table(result: StudyResult) -> Table:
    """A measure a row, a configuration a column, with what it differs by from the base."""
    cells = [result.cell(each.name, result.calm) for each in result.configurations]
    names = [name for name in WEIGHED if any(_known(cell, name) for cell in cells)]
    columns = [text_column("Measure"), text_column("Unit")]
    columns += [number_column(cell.configuration) for cell in cells]
    return Table(name="weighed", columns=tuple(columns), rows=tuple(_measure_row(cells, name) for name in names))


def _known(cell: StudyCell, name: str) -> bool:
    return name in cell.kpis and cell.kpis[name].value is not None


def _measure_row(cells: Sequence[StudyCell], name: str) -> tuple[Cell, ...]:
    some = next(cell.kpis[name] for cell in cells if _known(cell, name))
    factor, unit = scale(some.unit, some.value)
    found = [Cell(text=label(name), hint=formula(name)), text(unit)]
    return (*found, *(_with_step(cell, name, factor) for cell in cells))


def _with_step(cell: StudyCell, name: str, factor: float) -> Cell:
    """A mean, and under it the difference from the base with its interval."""
    if not _known(cell, name):
        return text(ABSENT)
    amount, step = cell.kpis[name], cell.against_base.get(name)
    shown = number(times(amount.value, factor), 4)
    if step is None or step.value is None:
        return Cell(text=shown)
    tone, reading = judged(name, step)
    return Cell(text=shown, tone=tone, small=difference(step, factor), hint=reading)


def difference(step: Measure, factor: float = 1.0) -> str:
    """A difference with its sign and interval, cut where the interval leaves it open."""
    (shown,), interval = known([times(step.value, factor)], times(step.low, factor), times(step.high, factor))
    return with_sign(shown) + (f" ({interval})" if interval else "")


def cells_table(result: StudyResult) -> Table:
    """Every cell: racks and time with what they differ by from the base, and what is lost against calm."""
    columns: list[Column] = [name_column("Situation"), name_column("Configuration")]
    columns += [number_column(label(name)) for name in IN_SITUATIONS]
    columns += [number_column("Racks lost"), number_column("Loss area", "d"), number_column("Recovered after", "d")]
    rows = []
    for situation in result.situations:
        for configuration in result.configurations:
            cell = result.cell(configuration.name, situation.name)
            row = [text(situation.name), text(configuration.name)]
            row += [_with_step(cell, name, 1.0) for name in IN_SITUATIONS]
            rows.append((*row, *_lost(cell)))
    note = f"Differences are from {result.base} in the same situation. Recovered: the median, by the backlog."
    return Table(name="situations", columns=tuple(columns), rows=tuple(rows), note=note)


def _lost(cell: StudyCell) -> tuple[Cell, ...]:
    if not cell.loss:
        return text(ABSENT), text(ABSENT), text(ABSENT)
    racks, area, back = (
        cell.loss[name] for name in ("lost_in_report_racks", "loss_area_days", "service_recovery_days")
    )
    late = text("not in the horizon") if back.median is None else value(back.median, 3)
    return value(racks.mean, 3), value(area.mean, 3), late


def pareto_table(name: str, points: Sequence[Point], across: str, up: str, unit: str) -> Table:
    """The configurations of a chart of two measures, and which others beat each in both."""
    rows = tuple(
        (text(point.name), value(point.across.value), value(point.up.value), text(", ".join(_beaten_by(point, points))))
        for point in points
    )
    columns = (
        name_column("Configuration"),
        number_column(across, unit),
        number_column(up, "d"),
        text_column("Beaten in both by"),
    )
    return Table(name=name, columns=columns, rows=rows)


def _beaten_by(point: Point, points: Sequence[Point]) -> list[str]:
    def both(other: Point) -> tuple[float, float]:
        return other.across.value or 0.0, other.up.value or 0.0

    mine = both(point)
    return [
        other.name
        for other in points
        if other is not point and all(a <= b for a, b in zip(both(other), mine, strict=True)) and both(other) != mine
    ]


def of_parts(result: StudyResult, prefix: str) -> dict[str, list[float]]:
    """By part of a measure with keys: its mean in each configuration while nothing happens, 0 where there is none."""
    cells = [result.cell(each.name, result.calm) for each in result.configurations]
    keys = dict.fromkeys(
        name.partition(":")[2] for cell in cells for name in cell.kpis if name.startswith(f"{prefix}:")
    )
    found = {key: [_mean(cell, f"{prefix}:{key}") for cell in cells] for key in keys}
    return {key: amounts for key, amounts in found.items() if any(amounts)}


def _mean(cell: StudyCell, name: str) -> float:
    return cell.kpis[name].value or 0.0 if name in cell.kpis else 0.0


def amounts_table(
    name: str, parts: Mapping[str, Sequence[float]], configurations: Sequence[str], unit: str, title: str = ""
) -> Table:
    """A part a row, a configuration a column."""
    rows = [(text(part), *(value(amount, 3) for amount in amounts)) for part, amounts in parts.items()]
    if not title and parts:
        rows.append((text("together"), *(value(sum(each), 3) for each in zip(*parts.values(), strict=True))))
    columns = (text_column(""), *(number_column(each, unit) for each in configurations))
    return Table(name=name, columns=columns, rows=tuple(rows), title=title, folded=bool(title))


def crossing_table(told: CrossingTold) -> Table:
    """The values of a number, the measure in both configurations, and the difference."""
    rows = tuple(
        (
            value(each.value),
            *((value(each.value * told.now),) if told.now is not None else ()),
            value(each.first.value),
            value(each.second.value),
            text(ABSENT) if each.difference.value is None else text(difference(each.difference)),
        )
        for each in told.values
    )
    columns = (
        number_column(told.title, "times today's" if told.scaled else told.unit),
        *((number_column("In all"),) if told.now is not None else ()),
        number_column(told.first),
        number_column(told.second),
        number_column("Difference"),
    )
    return Table(name=f"crossing-{told.name}", columns=columns, rows=rows)


def doubts_table(result: StudyResult) -> Table:
    """Each estimate at its ends."""
    rows = tuple(
        (
            text(each.estimate),
            text(f"{number(each.low)} to {number(each.high)}"),
            text(difference(each.at_low)),
            text(difference(each.as_used)),
            text(difference(each.at_high)),
            text("yes", "good") if each.holds else text("no", "bad"),
            text(each.source),
        )
        for each in result.doubts
    )
    first = result.doubts[0]
    columns = (
        text_column("Estimate"),
        text_column("Plausible"),
        number_column("At its low value"),
        number_column("As used"),
        number_column("At its high value"),
        text_column("Holds"),
        text_column("Source"),
    )
    note = f"{label(first.measure)}, {first.second} less {first.first}, with 95 % intervals."
    return Table(name="doubts", columns=columns, rows=rows, note=note)
