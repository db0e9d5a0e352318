"""The one-file page of a study: verdict first, then what was weighed, where the choice flips, and on what it rests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from twin.events.study_result import CrossingTold, StudyResult
from twin.report.blocks import Block, Chart, Prose, Section, Table, name_column, text_column
from twin.report.blocks import words as text
from twin.report.document import render
from twin.report.labels import label
from twin.report.page import write_page
from twin.report.provenance import source_sections
from twin.report.study_figures import (
    Point,
    bars_height,
    curves,
    grouped,
    scatter,
    stacked,
)
from twin.report.study_tables import (
    amounts_table,
    cells_table,
    crossing_table,
    doubts_table,
    measures_table,
    of_parts,
    pareto_table,
)
from twin.report.words import count, day, last_day, number, sentence

MILLION = 1e-6
LOSS = "loss_area_days"
STAGES = "time_to_token_stage_days"
HOURS = "step_hours_per_rack"
OWNERS = "capital_days_usd_per_rack_by_owner"
DEFECTS = "defects_found"
CAPITAL, TIME = "capital_days_usd_per_rack", "time_to_token_days"
MOST_PARTS = 8
"""Of a bar; the smallest others are told together."""


def render_study(result: StudyResult) -> str:
    """The page of a study as one HTML document that fetches nothing."""
    parts = (
        _weighed(result),
        _pareto(result),
        _situations(result),
        _crossings(result),
        _doubts(result),
        _time(result),
        _hours(result),
        _capital(result),
        _quality(result),
        _power(result),
        _configurations(result),
        *source_sections(result),
        _manifest(result),
    )
    return render(
        "report.html",
        title=result.title or result.study,
        headline=sentence(result.headline),
        verdict=result.verdict,
        sureness=(),
        facts=_facts(result),
        sections=[part for part in parts if part is not None],
        warned=count(len(result.warnings), "warning") if result.warnings else "",
    )


def write_study(result: StudyResult, path: Path | str) -> Path:
    """Write the page of a study, whole or not at all; the path written."""
    return write_page(render_study(result), Path(path))


def _facts(result: StudyResult) -> tuple[str, ...]:
    crossed = f"{count(len(result.configurations), 'configuration')} in {count(len(result.situations), 'situation')}"
    return (
        result.world_title or result.world,
        f"{day(result.starts)} to {day(last_day(result.starts, result.report_weeks))}",
        crossed,
        f"{count(result.replications, 'replication')} of each, under the same luck",
        f"seed {result.seed}",
    )


def _names(result: StudyResult) -> list[str]:
    return [each.name for each in result.configurations]


def _weighed(result: StudyResult) -> Section:
    lead = (
        f"While nothing happens ({result.calm}); in brackets the 95 % interval of the difference from {result.base}, "
        "replication by replication."
    )
    return Section(anchor="weighed", title="What was weighed", lead=lead, blocks=(measures_table(result),))


def _pareto(result: StudyResult) -> Section | None:
    charts = [chart for chart in (_against_capital(result), _against_loss(result)) if chart is not None]
    if not charts:
        return None
    lead = "Sooner is further down, cheaper or safer further to the left: nothing beats what has no other one there."
    return Section(anchor="pareto", title="Time against capital and against risk", lead=lead, blocks=tuple(charts))


def _against_capital(result: StudyResult) -> Chart | None:
    cells = {name: result.cell(name, result.calm) for name in _names(result)}
    known = {
        name: cell
        for name, cell in cells.items()
        if all(key in cell.kpis and cell.kpis[key].value is not None for key in (TIME, CAPITAL))
    }
    if len(known) < 2:
        return None
    points = [
        Point(name=name, across=cell.kpis[CAPITAL], up=cell.kpis[TIME], place=_names(result).index(name))
        for name, cell in known.items()
    ]
    largest = max(point.across.value or 0.0 for point in points)
    factor, unit = (MILLION, "million USD·days") if largest >= 1e6 else (1.0, "USD·days")
    return Chart(
        anchor="pareto-capital",
        title="Time to token against capital tied up",
        sentence="Days from order to first token of a rack, against the value that it ties up times the days it does.",
        figure=scatter(points, f"{unit} a rack", "days from order to token", factor),
        table=pareto_table("pareto-capital", points, label(CAPITAL), label(TIME), "USD·d"),
        height=420,
    )


def _against_loss(result: StudyResult) -> Chart | None:
    points = []
    for place, name in enumerate(_names(result)):
        time = result.cell(name, result.calm).kpis.get(TIME)
        losses = [
            cell.loss[LOSS].mean
            for cell in result.cells
            if cell.configuration == name and LOSS in cell.loss and cell.loss[LOSS].mean is not None
        ]
        if time is not None and time.value is not None and losses:
            mean = time.model_copy(
                update={"value": sum(each or 0.0 for each in losses) / len(losses), "low": None, "high": None}
            )
            points.append(Point(name=name, across=mean, up=time, place=place))
    if len(points) < 2:
        return None
    return Chart(
        anchor="pareto-loss",
        title="Time to token against what is lost when something happens",
        sentence="Days from order to first token while nothing happens, against the loss area: days of full output "
        f"lost against {result.calm}, in the mean over the other situations.",
        figure=scatter(points, "days of full output lost", "days from order to token"),
        table=pareto_table("pareto-loss", points, "Loss area", label(TIME), "d"),
        height=420,
    )


def _situations(result: StudyResult) -> Section | None:
    if len(result.situations) < 2:
        return None
    lead = f"Each configuration in each situation; what is lost is against the same configuration in {result.calm}."
    return Section(anchor="situations", title="What happens to each", lead=lead, blocks=(cells_table(result),))


def _crossings(result: StudyResult) -> Section | None:
    charts = tuple(_crossing_charts(result))
    if not charts:
        return None
    lead = "Dotted lines: where the better one changes, or no longer is."
    return Section(anchor="crossings", title="Where the choice flips", lead=lead, blocks=charts)


def _crossing_charts(result: StudyResult) -> Iterator[Chart]:
    for told in result.crossings:
        points = [
            f"{number(point.value)} ({number(point.low)} to {number(point.high)})"
            if point.low < point.high
            else number(point.value)
            for point in told.points
        ]
        said = f"The choice changes at {', '.join(points)}." if points else "The choice does not change."
        yield Chart(
            anchor=f"crossing-{told.name}",
            title=f"{label(told.measure)} along: {told.title}",
            sentence=f"{told.first} and {told.second}, {told.situation}. {said}",
            figure=curves(told, f"{told.title}{_unit_of(told)}", label(told.measure)),
            table=crossing_table(told),
            height=400,
        )


def _unit_of(told: CrossingTold) -> str:
    if told.scaled:
        return " (times today's" + (f", {number(told.now, 4)} in all)" if told.now is not None else ")")
    return f" ({told.unit})" if told.unit else ""


def _doubts(result: StudyResult) -> Section | None:
    if not result.doubts:
        return None
    broken = [each.estimate for each in result.doubts if not each.holds]
    lead = f"It does not hold over: {', '.join(broken)}." if broken else "It holds over every estimate that was asked."
    return Section(anchor="doubts", title="What the verdict hangs on", lead=lead, blocks=(doubts_table(result),))


def _bars(result: StudyResult, prefix: str, anchor: str, title: str, sentence: str, unit: str) -> Chart | None:
    """A stacked bar for each configuration while nothing happens; None where no part is known."""
    names, parts = _names(result), of_parts(result, prefix)
    if not parts:
        return None
    ranked = sorted(parts, key=lambda part: -max(parts[part]))
    kept = set(ranked if len(ranked) <= MOST_PARTS else ranked[: MOST_PARTS - 1])
    drawn = {part: amounts for part, amounts in parts.items() if part in kept}
    rest = [amounts for part, amounts in parts.items() if part not in kept]
    if rest:
        drawn["others"] = [sum(each) for each in zip(*rest, strict=True)]
    return Chart(
        anchor=anchor,
        title=title,
        sentence=sentence,
        figure=stacked(drawn, names, unit),
        table=amounts_table(anchor, parts, names, unit),
        height=bars_height(names),
    )


def _section(anchor: str, title: str, lead: str, *charts: Block | None) -> Section | None:
    blocks = tuple(chart for chart in charts if chart is not None)
    return Section(anchor=anchor, title=title, lead=lead, blocks=blocks) if blocks else None


def _time(result: StudyResult) -> Section | None:
    chart = _bars(
        result,
        STAGES,
        "stages",
        "Days from order to first token, by stage",
        "Racks that go online in the report window, in the mean, while nothing happens.",
        "days",
    )
    return _section("time", "Where the days went", "", chart)


def _hours(result: StudyResult) -> Section | None:
    chart = _bars(
        result,
        HOURS,
        "hours-of-work",
        "Hours of work on a rack, by step",
        "In the factory and at the site, repeated attempts and rework included, while nothing happens.",
        "hours a rack",
    )
    return _section("hours", "Where the hours went", "", chart)


def _capital(result: StudyResult) -> Section | None:
    chart = _bars(
        result,
        OWNERS,
        "capital-days",
        "Capital-days of a rack, by owner",
        "What is on hand, in process and on the way, times the days for which it is, while nothing happens.",
        "USD·days a rack",
    )
    return _section("capital", "Whose capital", "", chart)


def _quality(result: StudyResult) -> Section | None:
    chart = _bars(
        result,
        DEFECTS,
        "defects-by-gate",
        "Defects found, by gate",
        "Defects of a rack that each test finds while nothing happens; what escapes stands in the first table.",
        "defects a rack",
    )
    return _section("quality", "Defects by gate", "", chart)


def _power(result: StudyResult) -> Section | None:
    names, peaks = _names(result), of_parts(result, "test_peak_kw")
    if not peaks:
        return None
    places = sorted(peaks, key=lambda place: -max(peaks[place]))
    drawn = {name: [peaks[place][at] for place in places[:MOST_PARTS]] for at, name in enumerate(names)}
    chart = Chart(
        anchor="power-by-site",
        title="Peak of power that tests hold, by site",
        sentence=f"The most at any moment, while nothing happens; the {len(places[:MOST_PARTS])} largest.",
        figure=grouped(drawn, places[:MOST_PARTS], "kW"),
        table=amounts_table("power-by-site", {place: peaks[place] for place in places}, names, "kW"),
        height=bars_height(places[:MOST_PARTS], len(names)),
    )
    means = amounts_table(
        "power-means", of_parts(result, "test_mean_kw"), names, "kW", "Mean of power that tests hold, by site"
    )
    return _section("power", "Power by site", "", chart, means)


def _configurations(result: StudyResult) -> Section:
    rows = tuple(
        (
            text(each.name),
            text(each.title),
            text("; ".join(f"{change.table} {change.where}: {change.change}" for change in each.changes[:12])),
            text(", then ".join(each.gates[:3])),
        )
        for each in result.configurations
    )
    table = Table(
        name="configurations",
        columns=(
            name_column("Configuration"),
            text_column("What it is"),
            text_column("What it changes"),
            text_column("What holds it back most"),
        ),
        rows=rows,
        note="Of many changes the first twelve.",
    )
    situations = Prose(
        title="Situations", listed=True, lines=tuple(f"{each.name}: {each.title or '–'}" for each in result.situations)
    )
    return Section(anchor="configurations", title="What was crossed", lead="", blocks=(table, situations))


def _manifest(result: StudyResult) -> Section:
    manifest = result.manifest
    facts = {
        "Study": f"{manifest.run}, sha256 {manifest.scenario_hash}",
        "Created": f"{day(manifest.created)}, {manifest.created[11:16]} UTC",
        "World": f"{result.world}, sha256 {manifest.world_hash}",
        "Seed": str(manifest.seed),
        "Replications": str(manifest.replications),
        "Platform": manifest.platform,
        "Versions": ", ".join(f"{name} {version}" for name, version in manifest.versions.items()),
    }
    table = Table(
        name="manifest",
        columns=(text_column("What"), text_column("Value")),
        rows=tuple((text(what), text(fact)) for what, fact in facts.items()),
    )
    blocks: tuple[Block, ...] = (Prose(lines=(manifest.command,), title="To make it again", code=True), table)
    return Section(anchor="manifest", title="Where this study comes from", lead="", blocks=blocks)
