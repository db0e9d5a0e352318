"""Tables behind charts, and the tables of evidence."""

from __future__ import annotations

from collections.abc import Sequence

from twin.events.result import BindingRow, Concentration, PlanSummary, RunResult, ScheduleSummary
from twin.report.blocks import (
    Block,
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
from twin.report.figures import BAND, Line
from twin.report.labels import formula, label
from twin.report.words import ABSENT, count, day, known, number, percent, plain, scale, times

FIRST_ROWS = 30
"""Of a long table on the page; the rest is shown on request, and is in its CSV file."""
LIMITS_IN_TIME = 10
"""So many limits are told with each time in which they bind."""
SMALL = 0.05
"""Racks or rack-weeks below which a limit is worth nothing."""
LEAST_GAP = 1e-6
"""Of a value to its proven bound; below it, it is the best."""
ASKED_PERCENT = 25.0
"""As far as the plan asks how far a price holds."""


def series_table(name: str, lines: Sequence[Line], unit: str) -> Table:
    """The data of a chart over time: one row per day that any line has."""
    columns = [name_column("Week ending")]
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


def binding_sections(result: RunResult) -> tuple[Section | None, ...]:
    """What binds in the opening plan, and in the plan made when a disruption is first known."""
    opening = _binding_section("binding", "What binds", result.plan)
    if result.replan is None:
        return (opening,)
    since = day(result.replan.time[0])
    return (opening, _binding_section("rebinding", f"What binds once it is known, from {since}", result.replan))


def _binding_section(anchor: str, title: str, plan: PlanSummary) -> Section | None:
    """What binds in a plan and what one more unit of it is worth."""
    bindings = sorted(plan.bindings, key=lambda row: (-row.rack_weeks_per_unit * row.limit, row.name))
    if not bindings:
        return _broken_section(anchor, title, plan)
    widest = max(row.rack_weeks_per_unit * row.limit for row in bindings) or 1.0
    shown = [row for row in bindings if max(row.racks_per_unit, row.rack_weeks_per_unit) * row.limit / 100 >= SMALL]
    rows = tuple(
        (
            text(row.name),
            value(row.limit),
            text(row.unit),
            text(day(row.first_binding)),
            value(row.weeks_binding, 3),
            _priced(row.racks_per_unit, row.limit),
            _priced(row.rack_weeks_per_unit, row.limit),
            barred(number(percent_more(row), 2), 0.0, row.rack_weeks_per_unit * row.limit / widest),
            text(holds(row.rack_weeks_hold_percent)),
            text(row.confidence),
            text(row.source),
        )
        for row in shown
    )
    few = len(bindings) - len(shown)
    table = Table(
        name=title.partition(",")[0].lower().replace(" ", "-"),
        columns=(
            text_column("Limit"),
            number_column("At"),
            text_column("Unit"),
            name_column("Binds from"),
            number_column("For", "weeks"),
            number_column("One more gains", "accepted racks"),
            number_column("One more saves", "rack-weeks"),
            number_column("1 % more saves at most", "rack-weeks"),
            number_column("Price proven up to", "more"),
            text_column("Grade"),
            text_column("Source"),
        ),
        rows=rows,
        first=FIRST_ROWS,
        note="One more unit, or one per cent more, in every week in which the limit binds; by the price of the "
        "next unit, which is proven as far as the table says; further units are worth as much or less."
        + (f" Left out: {count(few, 'limit')} of which one per cent more is worth next to nothing." if few else ""),
    )
    when = _span_table(table.name, shown[:LIMITS_IN_TIME])
    first = bindings[0]
    lead = (
        f"{count(len(bindings), 'limit')}, those first of which more saves most lateness: {first.name}, "
        f"one more of it ({first.unit}) {number(first.rack_weeks_per_unit, 2)} rack-weeks."
    )
    broken = (_broken_table(plan),) if plan.broken else ()
    return Section(anchor=anchor, title=title, lead=lead, blocks=(*broken, table, *((when,) if when.rows else ())))


def _broken_section(anchor: str, title: str, plan: PlanSummary) -> Section | None:
    """Limits that no plan can keep, where nothing else binds."""
    if not plan.broken:
        return None
    lead = f"{count(len(plan.broken), 'limit')} that no plan can keep."
    return Section(anchor=anchor, title=title, lead=lead, blocks=(_broken_table(plan),))


def _broken_table(plan: PlanSummary) -> Table:
    """Limits that no plan can keep, and how far this one goes beyond them."""
    return Table(
        name=f"broken-{plan.time[0][:10]}",
        columns=(
            text_column("Cannot be kept"),
            number_column("Is"),
            number_column("Comes to"),
            text_column("Unit"),
            name_column("From"),
            name_column("Until"),
            text_column("Since"),
        ),
        rows=tuple(
            (
                text(row.name),
                value(row.limit),
                value(row.reached, tone="bad"),
                text(row.unit),
                text(day(row.begins)),
                text(day(row.ends)),
                text(row.why),
            )
            for row in plan.broken
        ),
        first=FIRST_ROWS,
        note="No plan can keep these limits; this one breaks them by the least and keeps all others.",
    )


def _span_table(name: str, bindings: Sequence[BindingRow]) -> Table:
    """When each limit binds, and what one more unit is worth in each of these times."""
    rows = tuple(
        (
            text(row.name),
            text(row.unit),
            text(day(span.begins)),
            text(day(span.ends)),
            value(span.weeks, 3),
            _priced(span.racks_per_unit, row.limit),
            _priced(span.rack_weeks_per_unit, row.limit),
        )
        for row in bindings
        for span in row.spans
    )
    return Table(
        name=f"{name}-when",
        columns=(
            text_column("Limit"),
            text_column("Unit"),
            name_column("Binds from"),
            name_column("Until"),
            number_column("For", "weeks"),
            number_column("One more gains", "accepted racks"),
            number_column("One more saves", "rack-weeks"),
        ),
        rows=rows,
        first=FIRST_ROWS,
        note=f"Of the first {len(bindings)} limits: one more unit in every week of the time named, and in no other. "
        "The times of a limit add up to its line above.",
    )


def percent_more(row: BindingRow) -> float:
    """The most rack-weeks that one per cent more of a limit can save."""
    return row.rack_weeks_per_unit * row.limit / 100


def _priced(per_unit: float, limit: float) -> Cell:
    """The price of a unit; nothing where even twice the limit would be worth next to nothing."""
    return value(per_unit if per_unit * limit >= SMALL else 0.0, 2)


def holds(percent: float | None) -> str:
    """How much more of a limit its price is proven for, in words."""
    if percent is None:
        return "not known"
    if percent <= 0:
        return "next units"
    return f"{number(percent, 2)} %" + (" or more" if percent >= ASKED_PERCENT else "")


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
            text(f"{interval} %" if interval else ABSENT),
            fraction(row.peak_week),
        )
        for row in ordered
        for _, interval in (known([], 100 * row.low, 100 * row.high),)
    )
    table = Table(
        name="utilisation",
        first=FIRST_ROWS,
        columns=(
            name_column("Site"),
            text_column("Resource"),
            text_column("Unit"),
            number_column("Busy of available"),
            number_column(BAND),
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
            text(mean),
            text(interval or ABSENT),
        )
        for name, measure in result.resilience.items()
        for factor, unit in (scale(measure.unit, measure.mean),)
        for (mean,), interval in (
            known([times(measure.mean, factor)], times(measure.low, factor), times(measure.high, factor)),
        )
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
    """What the schedules of the sites achieve and, in words, what is proven about them."""
    rows = tuple(
        (
            text(row.site),
            text(day(row.window_starts)),
            value(row.racks),
            value(row.tardiness_h, 3),
            value(row.tardiness_bound_h, 3),
            value(row.edd_tardiness_h, 3),
            value(row.atc_tardiness_h, 3),
            value(row.makespan_h, 3),
            text(_tardiness_proven(row)),
            text(_proven(row.makespan_gap)),
            text(f"{row.moved_operations:,} of {row.standing_operations:,}"),
        )
        for row in result.schedules
    )
    return Table(
        name="schedules",
        title="Schedules",
        columns=(
            name_column("Site"),
            name_column("From"),
            number_column("Racks"),
            number_column("Tardiness", "weighted h"),
            number_column("It cannot be below", "weighted h"),
            number_column("By earliest due date", "weighted h"),
            number_column("By tardiness cost rule", "weighted h"),
            number_column("Last rack done after", "h"),
            name_column("Tardiness proven"),
            name_column("Last rack proven"),
            name_column("Moved"),
        ),
        rows=rows,
        note="A schedule is made for least tardiness, not for an early last rack. Bounds are proven for both, each "
        "alone: that no schedule does better, or not better by more than so much. Moved: operations that the schedule "
        "before it had too, not begun, and that start elsewhere now; 0 of 0 where the two do not overlap in time.",
    )


def _tardiness_proven(row: ScheduleSummary) -> str:
    """How near to the least tardiness a schedule is proven to be; where there is none, why."""
    if row.tardiness_h is None or row.tardiness_bound_h is None:
        return f"no schedule: {row.reason or row.status}"
    return _proven((row.tardiness_h - row.tardiness_bound_h) / (row.tardiness_h or 1.0))


def _proven(gap: float | None) -> str:
    """How near to the best a value is proven to be; nothing where there is no schedule."""
    if gap is None:
        return ""
    return "the best" if gap < LEAST_GAP else f"within {percent(gap, 2)}"


def concentration_section(result: RunResult) -> Section | None:
    """Single points of failure, and how planned supply is spread."""
    network = result.network
    if not network.single_points and not network.concentration:
        return None
    points = Prose(lines=_by_reach(network.single_points), title="Single points of failure", listed=True)
    blocks: list[Block] = [points] if network.single_points else []
    if network.concentration:
        blocks.append(_spread_table(network.concentration))
    lead = f"{count(len(network.single_points), 'place')} alone can stop every finished rack of some order."
    if network.single_points:
        lead += " What they stop is counted in pairs of a rack and a datacenter that wants it."
    return Section(anchor="concentration", title="Concentration and single points", lead=lead, blocks=tuple(blocks))


def _by_reach(points: Sequence[str]) -> tuple[str, ...]:
    """Places that stop as much, in one line: `place: what it stops` becomes `What it stops: place; place`."""
    alike: dict[str, list[str]] = {}
    for point in points:
        place, _, reach = point.rpartition(": ")
        alike.setdefault(reach, []).append(place)
    return tuple(f"{plain(reach)}: {'; '.join(places)}" if places[0] else reach for reach, places in alike.items())


def _spread_table(spread: Sequence[Concentration]) -> Table:
    """One row per item, its sources by supplier, operator and country side by side."""
    ways = list(dict.fromkeys(row.by for row in spread))
    items: dict[str, dict[str, Concentration]] = {}
    for row in sorted(spread, key=lambda row: -row.hhi):
        items.setdefault(row.item, {})[row.by] = row
    columns = [name_column("Item")]
    for way in ways:
        columns += [text_column(f"Largest {way}, share"), number_column(f"HHI by {way}")]
    rows = []
    for item, by_way in items.items():
        cells = [text(item)]
        for way in ways:
            found = by_way.get(way)
            cells += _spread_cells(found) if found else [text(ABSENT)] * 2
        rows.append(tuple(cells))
    return Table(
        name="concentration",
        title="Concentration of planned supply",
        first=FIRST_ROWS,
        columns=tuple(columns),
        rows=tuple(rows),
        note="HHI: the sum of squared shares in per cent; 10,000 is one source, 5,000 two equal ones.",
    )


def _spread_cells(row: Concentration) -> list[Cell]:
    return [Cell(text=row.largest, small=percent(row.largest_share, 2)), value(row.hhi, 3)]
