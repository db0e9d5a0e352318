"""Where the numbers come from: assumptions, sources, warnings, manifest, and how to make the run again."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from twin.events.provenance_parts import Assumption, SourceEntry
from twin.events.result import RunResult
from twin.report.blocks import Block, Cell, Folded, Prose, Section, Table, number_column, text_column, value
from twin.report.blocks import words as text
from twin.report.words import count, day, percent

WEB = ("http://", "https://")
MOST_ROWS = 150
"""Of a table of the world on the page; orders and readiness have many alike."""
MOST_NUMBERS = 12
"""Of one row; readiness has one for each date."""
GRADES = ("high", "medium", "low", "estimate")


class Sourced(Protocol):
    """A result that says on what its numbers rest."""

    @property
    def assumptions(self) -> list[Assumption]:
        """Every number of the world that is one."""

    @property
    def sources(self) -> list[SourceEntry]:
        """Where they come from."""

    @property
    def warnings(self) -> list[str]:
        """What deserves a look."""


def provenance_sections(result: RunResult) -> list[Section]:
    """Assumptions, sources, warnings and manifest, those that there are."""
    return [*source_sections(result), _manifest(result)]


def source_sections(result: Sourced) -> list[Section]:
    """Assumptions, sources and warnings, those that there are."""
    parts = (_assumptions(result), _sources(result), _warnings(result))
    return [part for part in parts if part is not None]


def _grades_present(grades: list[str]) -> tuple[str, ...]:
    known = [grade for grade in GRADES if grade in grades]
    return (*known, *sorted(set(grades) - set(known)))


def _assumptions(result: Sourced) -> Section | None:
    if not result.assumptions:
        return None
    by_table: dict[str, list[Assumption]] = {}
    for row in result.assumptions:
        by_table.setdefault(row.table, []).append(row)
    tables = tuple(_assumption_table(name, rows) for name, rows in by_table.items())
    grades = Counter(row.confidence for row in result.assumptions)
    lead = (
        f"{count(len(result.assumptions), 'number')} of the world; "
        f"{percent(grades['estimate'] / len(result.assumptions), 2)} are estimates."
    )
    block = Folded(
        label="Search the assumptions",
        choices=_grades_present([row.confidence for row in result.assumptions]),
        tables=tables,
    )
    return Section(anchor="assumptions", title="Assumptions", lead=lead, blocks=(block,))


def _assumption_table(name: str, rows: list[Assumption]) -> Table:
    """One line per row of the world's table: its numbers, which share a source, side by side."""
    merged: dict[tuple[str, str, str, str], list[str]] = {}
    for row in rows:
        key = (row.row, row.source, row.note, row.confidence)
        merged.setdefault(key, []).append(f"{row.column} {row.value}")
    shown = list(merged.items())[:MOST_ROWS]
    cells = tuple(
        tuple(text(entry) for entry in (where, _listed(numbers), source, note, grade))
        for (where, source, note, grade), numbers in shown
    )
    titles = ("Row", "Numbers", "Source", "Note", "Grade")
    left_out = f"The first {len(shown)} of {len(merged):,} rows; the world's table {name} has all."
    return Table(
        name=f"assumptions-{name}",
        title=f"{name}: {count(len(rows), 'number')}",
        columns=tuple(text_column(title) for title in titles),
        rows=cells,
        note=left_out if len(shown) < len(merged) else "",
    )


def _listed(numbers: list[str]) -> str:
    """A row's numbers side by side; of a long list, such as one by date, the first and how many more."""
    shown = "; ".join(numbers[:MOST_NUMBERS])
    return shown if len(numbers) <= MOST_NUMBERS else f"{shown}; and {len(numbers) - MOST_NUMBERS} more"


def _sources(result: Sourced) -> Section | None:
    if not result.sources:
        return None
    used = Counter(row.source for row in result.assumptions)
    rows = tuple(
        (
            text(source.key),
            Cell(text=source.title, link=source.address if source.address.startswith(WEB) else ""),
            text(day(source.published)),
            value(used[source.key]),
            text(source.confidence),
        )
        for source in result.sources
    )
    table = Table(
        name="sources",
        title=count(len(rows), "source"),
        folded=True,
        columns=(
            text_column("Key"),
            text_column("Title"),
            text_column("Published"),
            number_column("Numbers that rest on it"),
            text_column("Grade"),
        ),
        rows=rows,
    )
    lead = "Following a link leaves this page; nothing on it is loaded from elsewhere."
    return Section(anchor="sources", title="Sources", lead=lead, blocks=(table,))


def _warnings(result: Sourced) -> Section | None:
    if not result.warnings:
        return None
    block = Prose(lines=tuple(result.warnings), listed=True)
    lead = "The run went through; these points deserve a look."
    return Section(anchor="warnings", title="Warnings", lead=lead, blocks=(block,))


def _manifest(result: RunResult) -> Section:
    manifest = result.manifest
    facts = {
        "Run": manifest.run,
        "Created": f"{day(manifest.created)}, {manifest.created[11:16]} UTC",
        "Scenario": f"{result.scenario}, sha256 {manifest.scenario_hash}",
        "World": f"{result.world}, sha256 {manifest.world_hash}",
        "Seed": str(manifest.seed),
        "Replications": str(manifest.replications),
        "Plan": f"{result.plan.status}, {count(result.plan.columns, 'column')}, {count(result.plan.rows, 'row')}",
        "Platform": manifest.platform,
        "Versions": ", ".join(f"{name} {version}" for name, version in manifest.versions.items()),
        "Wall seconds": ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in manifest.seconds.items()),
    }
    table = Table(
        name="manifest",
        columns=(text_column("What"), text_column("Value")),
        rows=tuple((text(what), text(fact)) for what, fact in facts.items()),
    )
    blocks: tuple[Block, ...] = (Prose(lines=(manifest.command,), title="To make it again", code=True), table)
    return Section(anchor="manifest", title="Where this run comes from", lead="", blocks=blocks)
