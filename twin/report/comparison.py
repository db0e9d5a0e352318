"""The one-file page of several runs side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from twin.events.moved_result import Moved
from twin.events.result import Measure, RunResult
from twin.report.blocks import (
    Cell,
    Chart,
    Prose,
    Section,
    Switch,
    Table,
    number_column,
    text_column,
    value,
)
from twin.report.blocks import words as text
from twin.report.document import render
from twin.report.figures import Line, clipped, line_of, time_figure
from twin.report.labels import BY_PARTY, BY_PLACE, by_kind, formula, label
from twin.report.meeting import report_end
from twin.report.moved import moved_section
from twin.report.page import write_page
from twin.report.tables import series_table
from twin.report.verdict import judged
from twin.report.words import count, day, known, number, scale, times, with_sign

BAND_LINES = 3
"""With more curves than these, bands would hide each other."""


def render_comparison(
    results: Sequence[RunResult], paired: Sequence[Mapping[str, Measure]] = (), moved: Sequence[Moved] = ()
) -> str:
    """Runs side by side as one HTML document; the first is what the others are compared with.

    `paired` holds, for each run after the first, its KPIs minus the first's with their intervals;
    without it plain differences of the means are shown. `moved` says for each of them what moved.
    Raises ValueError for fewer than two runs.
    """
    if len(results) < 2:
        raise ValueError(f"A comparison needs two runs or more, not {len(results)}.")
    for given in (paired, moved):
        if given and len(given) != len(results) - 1:
            raise ValueError(f"{len(results)} runs have {len(results) - 1} differences, not {len(given)}.")
    moves = [moved_section(each, place) for place, each in enumerate(moved, start=1)]
    parts = (_horizons(results), _measures(results, paired), _curves(results), *moves, _verdicts(results))
    return render(
        "comparison.html",
        title=f"{', '.join(_name(result) for result in results[1:])} against {_name(results[0])}",
        facts=tuple(dict.fromkeys(result.world_title for result in results)),
        sections=[part for part in parts if part is not None],
    )


def write_comparison(
    results: Sequence[RunResult],
    path: Path | str,
    paired: Sequence[Mapping[str, Measure]] = (),
    moved: Sequence[Moved] = (),
) -> Path:
    """Write the page of a comparison, whole or not at all; the path written."""
    return write_page(render_comparison(results, paired, moved), Path(path))


def _name(result: RunResult) -> str:
    return result.scenario


def _horizons(results: Sequence[RunResult]) -> Section | None:
    """A warning where the runs do not cover the same time or were not repeated equally often."""
    first = results[0]
    lines = []
    for result in results[1:]:
        if (result.starts, result.report_weeks) != (first.starts, first.report_weeks):
            lines.append(
                f"{_name(result)} reports {count(result.report_weeks, 'week')} from {day(result.starts)}, "
                f"{_name(first)} {count(first.report_weeks, 'week')} from {day(first.starts)}: totals do not compare."
            )
        if result.world != first.world:
            lines.append(f"{_name(result)} is a scenario of the world {result.world}, {_name(first)} of {first.world}.")
    if not lines:
        return None
    return Section(anchor="horizons", title="Not alike", lead="", blocks=(Prose(lines=tuple(lines), listed=True),))


def _measures(results: Sequence[RunResult], paired: Sequence[Mapping[str, Measure]]) -> Section:
    names = list(
        dict.fromkeys(name for result in results for name, kpi in result.kpis.items() if kpi.value is not None)
    )
    files = ("comparison", "comparison-by-party", "comparison-by-place")
    titles = ("", BY_PARTY, BY_PLACE)
    tables = (
        _measure_table(results, paired, kind, file, title)
        for kind, file, title in zip(by_kind(names), files, titles, strict=True)
        if kind or not title
    )
    lead = f"Differences are against {_name(results[0])}" + (
        ", run by run with the same luck; in brackets their 95 % interval." if paired else ", of the means."
    )
    switch = Switch(label="Only what differs")
    return Section(anchor="kpis", title="In numbers", lead=lead, blocks=(switch, *tables))


def _measure_table(
    results: Sequence[RunResult], paired: Sequence[Mapping[str, Measure]], names: Sequence[str], file: str, title: str
) -> Table:
    """A measure a row; one with a title is folded."""
    columns = [text_column("Measure"), text_column("Unit"), number_column(_name(results[0]))]
    for result in results[1:]:
        columns += [number_column(_name(result)), number_column("Difference")]
    rows = [_row(results, paired, name) for name in names]
    same = frozenset(place for place, name in enumerate(names) if _is_same(results, paired, name))
    return Table(name=file, title=title, folded=bool(title), columns=tuple(columns), rows=tuple(rows), same=same)


def _row(results: Sequence[RunResult], paired: Sequence[Mapping[str, Measure]], name: str) -> tuple[Cell, ...]:
    known = [result.kpis.get(name) for result in results]
    some = next(measure for measure in known if measure is not None)
    factor, unit = scale(some.unit, some.value)
    values = [times(measure.value, factor) if measure else None for measure in known]
    cells = [Cell(text=label(name), hint=formula(name)), text(unit), value(values[0])]
    for place, after in enumerate(values[1:]):
        step = paired[place].get(name) if paired else None
        cells += [value(after), _difference(name, values[0], after, step, factor)]
    return tuple(cells)


def _difference(name: str, before: float | None, after: float | None, step: Measure | None, factor: float) -> Cell:
    """The paired difference with its interval, else the plain one."""
    if step is not None and step.value is not None:
        amounts = [times(step.value, factor)]
        (difference,), interval = known(amounts, times(step.low, factor), times(step.high, factor))
        tone, reading = judged(name, step)
        return Cell(text=with_sign(difference), tone=tone, small=f"({interval})" if interval else "", hint=reading)
    return text("" if before is None or after is None else with_sign(number(after - before)))


def _is_same(results: Sequence[RunResult], paired: Sequence[Mapping[str, Measure]], name: str) -> bool:
    """Whether all runs give the same: no difference beyond luck where pairs are known, else equal as printed."""
    steps = [step for part in paired if (step := part.get(name)) and step.low is not None and step.high is not None]
    if paired and len(steps) == len(paired):
        return all(judged(name, step)[0] == "soft" for step in steps)
    shown = {number(result.kpis[name].value, 4) if name in result.kpis else "" for result in results}
    return len(shown) == 1


def _curves(results: Sequence[RunResult]) -> Section | None:
    """Racks accepted since the start, one line per run."""
    lines: list[Line] = []
    ends = []
    for place, result in enumerate(results):
        series = clipped(result.series, report_end(result)).get("cumulative_accepted")
        if series is None:
            continue
        line = line_of(_distinct(results, place), series, place, banded=len(results) <= BAND_LINES)
        lines.append(replace(line, by_place=True))
        ends.append(f"{_distinct(results, place)} {number(series.mean[-1], 4)}")
    if not lines:
        return None
    chart = Chart(
        anchor="curves-accepted",
        title="Racks accepted since the start",
        sentence=f"Racks accepted by the end of the report window: {', '.join(ends)}.",
        figure=time_figure(lines, "racks"),
        table=series_table("accepted-compared", lines, "racks"),
        height=440,
    )
    return Section(anchor="curves", title="Accepted racks over time", lead="", blocks=(chart,))


def _distinct(results: Sequence[RunResult], place: int) -> str:
    """A run's name for legends, told apart from others of the same scenario."""
    name = _name(results[place])
    same = sum(_name(result) == name for result in results)
    return f"{name} ({results[place].manifest.run})" if same > 1 else name


def _verdicts(results: Sequence[RunResult]) -> Section:
    rows = tuple(
        (text(_name(run)), text(run.title), text(run.verdict), value(run.replications), text(run.manifest.command))
        for run in results
    )
    table = Table(
        name="runs",
        columns=(
            text_column("Scenario"),
            text_column("Title"),
            text_column("Verdict"),
            number_column("Replications"),
            text_column("To make it again"),
        ),
        rows=rows,
    )
    return Section(anchor="verdicts", title="The runs", lead="", blocks=(table,))
