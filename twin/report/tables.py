"""Tables behind charts, and the tables of evidence."""

from __future__ import annotations

from collections.abc import Sequence

from twin.events.result import RunResult
from twin.report.blocks import (
    Cell,
    Prose,
    Section,
    Table,
    barred,
    fraction,
    name_column,
    number_column,
    text_column,
    value,
)
from twin.report.blocks import words as text
from twin.report.figures import Line
from twin.report.labels import formula, label
from twin.report.words import count, day, percent, plain, quantity, scale, span, times

MOST_SPREAD = 30
"""Items listed of the concentration table; the rest are less concentrated."""


def series_table(name: str, lines: Sequence[Line], unit: str) -> Table:
    """The data of a chart over time: one row per day that any line has."""
    columns = [name_column("Week beginning")]
    known: list[dict[str, tuple[float, ...]]] = []
    for line in lines:
        columns.append(number_column(line.name, unit))
        if line.low:
            columns += [number_column(f"{line.name}, 10 %", unit), number_column(f"{line.name}, 90 %", unit)]
        values = zip(line.mean, line.low, line.high, strict=True) if line.low else zip(line.mean, strict=True)
        known.append(dict(zip((moment[:10] for moment in line.time), values, strict=True)))
    rows = []
    for time in sorted(set().union(*known)):
        cells = [text(time)]
        for line, by_time in zip(lines, known, strict=True):
            cells += [value(entry) for entry in by_time.get(time, (None,) * (3 if line.low else 1))]
        rows.append(tuple(cells))
    return Table(name=name, columns=tuple(columns), rows=tuple(rows))


def binding_section(result: RunResult) -> Section | None:
    """What binds in the plan and what one more unit of it is worth."""
    bindings = sorted(result.plan.bindings, key=lambda row: -row.racks_per_unit)
    if not bindings:
        return None
    rows = tuple(
        (
            text(row.name),
            value(row.limit),
            text(row.unit),
            barred(percent(row.load), 0.0, row.load),
            value(row.weeks_binding, 3),
            text(day(row.first_binding)),
            value(row.racks_per_unit, 3),
            value(row.rack_weeks_per_unit, 3),
            text(row.confidence),
            text(row.source),
        )
        for row in bindings
    )
    table = Table(
        name="what-binds",
        columns=(
            text_column("Limit"),
            number_column("At"),
            text_column("Unit"),
            number_column("Load"),
            number_column("Binding", "weeks"),
            name_column("From"),
            number_column("For one more", "accepted racks"),
            number_column("For one more", "rack-weeks saved"),
            text_column("Grade"),
            text_column("Source"),
        ),
        rows=rows,
        note="One more unit in every week in which the limit binds; true for small changes.",
    )
    first = bindings[0]
    lead = f"One more of {first.name} ({first.unit}) is worth {quantity(first.racks_per_unit, 'accepted racks')}."
    return Section(anchor="binding", title="What binds", lead=lead, blocks=(table,))


def utilisation_section(result: RunResult) -> Section | None:
    """How busy each resource is, busiest first."""
    if not result.utilisation:
        return None
    ordered = sorted(result.utilisation, key=lambda row: -row.mean)
    rows = tuple(
        (
            text(row.site),
            text(plain(row.resource)),
            text(row.unit),
            barred(percent(row.mean), 0.0, row.mean, "bad" if row.mean >= 0.95 else ""),
            text(f"{span(100 * row.low, 100 * row.high)} %"),
            fraction(row.peak_week),
        )
        for row in ordered
    )
    table = Table(
        name="utilisation",
        columns=(
            name_column("Site"),
            text_column("Resource"),
            text_column("Unit"),
            number_column("Busy of available"),
            number_column("95 % interval of the mean"),
            number_column("Busiest week"),
        ),
        rows=rows,
    )
    first = ordered[0]
    lead = f"Busiest: {plain(first.resource).lower()} at {first.site}, {percent(first.mean)} of what is available."
    return Section(anchor="utilisation", title="How busy things are", lead=lead, blocks=(table,))


def resilience_section(result: RunResult) -> Section | None:
    """Times and amounts against the paired baseline."""
    if not result.resilience:
        return None
    rows = tuple(
        (
            Cell(text=label(name), hint=formula(name)),
            text(unit),
            value(times(measure.median, factor), 3),
            value(times(measure.p90, factor), 3),
            fraction(measure.not_reached, tone="bad" if measure.not_reached > 0 else ""),
            value(times(measure.mean, factor), 3),
            text(span(times(measure.low, factor), times(measure.high, factor))),
        )
        for name, measure in result.resilience.items()
        for factor, unit in (scale(measure.unit, measure.mean),)
    )
    table = Table(
        name="resilience",
        columns=(
            text_column("Measure"),
            text_column("Unit"),
            number_column("Median"),
            number_column("90 of 100 runs within"),
            number_column("Not reached", "of runs"),
            number_column("Mean"),
            number_column("95 % interval of the mean"),
        ),
        rows=rows,
        note="Each run against its own baseline with the same luck. Where a median is missing, "
        "half of the runs or more do not get there within the horizon.",
    )
    horizon = count(result.report_weeks + result.tail_weeks, "week")
    lead = f"Over {count(result.replications, 'pair')} of runs; the horizon is {horizon}."
    return Section(anchor="resilience", title="How the chain survives and recovers", lead=lead, blocks=(table,))


def schedule_table(result: RunResult) -> Table:
    """What the schedules of the sites achieve and what is proven about them."""
    rows = tuple(
        (
            text(row.site),
            text(day(row.window_starts)),
            text(row.status),
            value(row.racks),
            value(row.tardiness_h, 3),
            value(row.tardiness_bound_h, 3),
            value(row.edd_tardiness_h, 3),
            value(row.atc_tardiness_h, 3),
            value(row.makespan_h, 3),
            fraction(row.makespan_gap),
        )
        for row in result.schedules
    )
    return Table(
        name="schedules",
        title="Schedules",
        columns=(
            name_column("Site"),
            name_column("From"),
            text_column("Status"),
            number_column("Racks"),
            number_column("Tardiness", "weighted h"),
            number_column("Proven bound", "weighted h"),
            number_column("By earliest due date", "weighted h"),
            number_column("By tardiness cost rule", "weighted h"),
            number_column("Last rack done after", "h"),
            number_column("Gap to bound"),
        ),
        rows=rows,
    )


def concentration_section(result: RunResult) -> Section | None:
    """Single points of failure, and how planned supply is spread."""
    network = result.network
    if not network.single_points and not network.concentration:
        return None
    ordered = sorted(network.concentration, key=lambda row: -row.hhi)[:MOST_SPREAD]
    rows = tuple(
        (
            text(row.item),
            text(row.by),
            value(row.hhi),
            value(row.effective_sources, 3),
            text(row.largest),
            barred(percent(row.largest_share), 0.0, row.largest_share),
        )
        for row in ordered
    )
    table = Table(
        name="concentration",
        title="Concentration of planned supply",
        columns=(
            text_column("Item"),
            text_column("By"),
            number_column("HHI", "0 to 10,000"),
            number_column("Effective sources"),
            text_column("Largest"),
            number_column("Its share"),
        ),
        rows=rows,
        note=f"The {len(ordered)} most concentrated of {len(network.concentration)}.",
    )
    points = Prose(lines=tuple(network.single_points), title="Single points of failure", listed=True)
    blocks = (*((points,) if network.single_points else ()), *((table,) if rows else ()))
    lead = f"{count(len(network.single_points), 'place')} alone can stop every finished rack of some order."
    return Section(anchor="concentration", title="Concentration and single points", lead=lead, blocks=blocks)


def disruption_section(result: RunResult) -> Section | None:
    """What happens, where and when."""
    if not result.disruptions:
        return None
    keys = list(dict.fromkeys(key for row in result.disruptions for key in row if key not in ("sites", "lanes")))
    rows = tuple(tuple(text(day(row.get(key, ""))) for key in keys) for row in result.disruptions)
    table = Table(name="disruptions", columns=tuple(text_column(plain(key)) for key in keys), rows=rows)
    lead = f"{count(len(rows), 'disruption')}; no planner knows of one before it is known."
    return Section(anchor="disruptions", title="What happens", lead=lead, blocks=(table,))
