"""What is asked for by each driver of demand and of each product, and how the drivers were served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twin.events.demand_result import DemandTold, DriverRow
from twin.events.result import RunResult
from twin.report.blocks import Block, Chart, Section, Table, fraction, name_column, number_column, value
from twin.report.blocks import words as text
from twin.report.figures import Trace, figure_json, points
from twin.report.palette import DASHES, GREY, SERIES
from twin.report.words import ABSENT, count, day, number, plain, said, span, whole

QUARTER_WEEKS = 13
UNIT = "racks a week"


def demand_section(result: RunResult) -> Section | None:
    """Demand by driver and by product over the run, and a table of the drivers; None where none drives demand."""
    told = result.demand
    if told is None:
        return None
    blocks: list[Block] = [_chart(told, told.by_driver, "driver", _driver_sentence(told))]
    if len(told.by_item) > 1:
        blocks.append(_chart(told, told.by_item, "product", _product_sentence(told)))
    lead = f"Orders follow from {count(len(told.by_driver), 'driver')} of demand. The plan goes by the forecast"
    lead += "; each run draws its own rates and growth." if told.draws else ", and so does each run."
    return Section(anchor="demand", title="What is asked for", lead=lead, blocks=(*blocks, _drivers_table(told)))


def _chart(told: DemandTold, parts: Mapping[str, Sequence[float]], by: str, sentence: str) -> Chart:
    """One part upon the other, week by week; the band of draws around the total."""
    start, traces = {"x0": told.time[0], "dx": 7 * 86_400_000}, list[Trace]()
    for place, (name, weekly) in enumerate(parts.items()):
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "stackgroup": "forecast",
                "name": plain(name),
                **start,
                "y": points(weekly),
                "line": {"color": SERIES[place % len(SERIES)], "dash": DASHES[place % len(DASHES)], "width": 1.5},
                "hovertemplate": f"%{{y:,.4~g}} {UNIT}",
            }
        )
    for name, edge in (("90 % of draws", told.high), ("10 % of draws", told.low)) if told.draws else ():
        line = {"color": GREY, "dash": "dot", "width": 1.5}
        traces.append({"type": "scatter", "mode": "lines", "name": name, **start, "y": points(edge), "line": line})
    layout: Trace = {
        "hovermode": "x unified",
        "xaxis": {"type": "date", "title": {"text": "week ending"}, "range": [told.time[0], told.time[-1]]},
        "yaxis": {"title": {"text": UNIT}, "rangemode": "tozero"},
    }
    return Chart(
        anchor=f"demand-by-{by}",
        title=f"Racks asked for by week, by {by}",
        sentence=sentence,
        figure=figure_json(traces, layout),
        table=_quarters(told, parts, by),
    )


def _driver_sentence(told: DemandTold) -> str:
    first, last = (sum(each[place] for each in told.by_driver.values()) for place in (0, -1))
    most = max(told.by_driver, key=lambda name: told.by_driver[name][-1] - told.by_driver[name][0])
    grown = told.by_driver[most][-1] - told.by_driver[most][0]
    growing = f"; {said(most)} grows by most, by {number(grown)}" if grown > 0 else ""
    band = ""
    if told.draws:
        band = f" In eight draws of ten of {told.draws:,}, the last week has {span(told.low[-1], told.high[-1])}."
    return f"From {number(first)} {UNIT} to {number(last)} in the week to {day(told.time[-1])}{growing}.{band}"


def _product_sentence(told: DemandTold) -> str:
    """The week in which another product is first asked for most."""
    leading = [max(told.by_item, key=lambda name: told.by_item[name][week]) for week in range(len(told.time))]
    changed = next((week for week, name in enumerate(leading) if name != leading[0]), None)
    if changed is None:
        return f"{said(leading[0])} is asked for most throughout."
    return (
        f"From the week to {day(told.time[changed])} on {said(leading[changed])} is asked for more than "
        f"{said(leading[0])}."
    )


def _quarters(told: DemandTold, parts: Mapping[str, Sequence[float]], by: str) -> Table:
    """Racks asked for in each thirteen weeks."""
    columns = (name_column("Up to"), *(number_column(plain(name), "racks") for name in parts))
    rows = []
    for begin in range(0, len(told.time), QUARTER_WEEKS):
        weeks = slice(begin, begin + QUARTER_WEEKS)
        rows.append((text(told.time[weeks][-1]), *(text(whole(sum(weekly[weeks]))) for weekly in parts.values())))
    return Table(name=f"demand-by-{by}", columns=(*columns,), rows=tuple(rows))


def _drivers_table(told: DemandTold) -> Table:
    rows = tuple(
        (
            text(plain(row.driver)),
            text(whole(row.forecast)),
            text(_due(row)),
            value(row.accepted),
            fraction(row.on_time),
            value(row.owed),
        )
        for row in told.rows
    )
    return Table(
        name="drivers",
        title="Drivers in the report window",
        columns=(
            name_column("Driver"),
            number_column("Forecast", "racks"),
            number_column("Due, with 10 to 90 % of runs", "racks"),
            number_column("Accepted", "racks"),
            number_column("Orders on time"),
            number_column("Owed at the end", "racks"),
        ),
        rows=rows,
    )


def _due(row: DriverRow) -> str:
    between = span(row.due_low, row.due_high)
    return number(row.due) if between == ABSENT else f"{number(row.due)} ({between})"
