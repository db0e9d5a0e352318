"""Where a run's numbers come from: assumptions with their sources, changes, versions, the manifest."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

import twin
from twin.events.provenance_parts import Assumption, SourceEntry, WorldChange
from twin.events.result import Manifest
from twin.model.distribution import Distribution
from twin.model.row import Row
from twin.model.scenario import Case, Change
from twin.model.world import World

ASSUMED_TABLES = ("claims", "resources", "processes", "bom", "routings", "routing_resources", "sourcing",
                  "lanes", "allocations", "readiness", "items")  # fmt: skip
"""Tables whose numbers are shown as assumptions; orders are shown as what they are."""

PACKAGES = ("networkx", "numpy", "ortools", "plotly", "pydantic", "scipy", "simpy")


def assumptions(world: World) -> list[Assumption]:
    """Every number of the tables that hold assumptions, with source and grade."""
    grades: dict[str, str] = {row.key: row.confidence for row in world.sources}
    return [each for table in ASSUMED_TABLES for row in _rows(world, table) for each in _numbers(table, row, grades)]


def sources(world: World) -> list[SourceEntry]:
    """The table of sources."""
    return [
        SourceEntry(
            key=row.key, title=row.title, address=row.address, published=row.published, confidence=row.confidence
        )
        for row in world.sources
    ]


def manifest(case: Case, run: str, command: str, seconds: dict[str, float]) -> Manifest:
    """Versions, hashes, seed, command, and the only wall-clock time of a run."""
    return Manifest(
        run=run,
        command=command,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        versions={"twin": twin.__version__, "python": platform.python_version()} | _versions(),
        platform=platform.platform(),
        scenario_hash=case.scenario_hash,
        world_hash=case.world_hash,
        seed=case.scenario.seed,
        replications=case.scenario.replications,
        seconds=seconds,
    )


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def _rows(world: World, table: str) -> tuple[Row, ...]:
    rows: tuple[Row, ...] = getattr(world, table)
    return rows


def _numbers(table: str, row: Row, grades: dict[str, str]) -> Iterator[Assumption]:
    cells = dict(row)
    name = " ".join(
        str(value) for column, value in cells.items() if isinstance(value, str) and value and column not in _NOT_NAMES
    )
    for column, value in cells.items():
        number = isinstance(value, int | float | Distribution) and not isinstance(value, bool)
        if not number or value == type(row).model_fields[column].default:
            continue
        yield Assumption(
            table=table,
            row=name,
            column=column,
            value=f"{value:g}" if isinstance(value, int | float) else str(value),
            source=row.source,
            confidence=grades.get(row.source, ""),
            note=row.note,
        )


_NOT_NAMES = {"source", "note", "unit", "calendar", "timezone", "mode", "then", "level", "owner", "title_passes_at"}


def changes_of(case: Case) -> list[WorldChange]:
    """What the scenario changes in the world's tables and settings, in words, mitigations by their name."""
    settings = case.scenario.settings
    told = [WorldChange(by="settings", table="settings", where="", change=_pairs(settings))] if settings else []
    groups = [("changes", case.scenario.changes), *((one.name, one.changes) for one in case.scenario.mitigations)]
    return told + [_told(by, change) for by, changes in groups for change in changes]


def _told(by: str, change: Change) -> WorldChange:
    parts = [_pairs(change.set)] if change.set else []
    parts += [f"{column} times {factor:g}" for column, factor in change.multiply.items()]
    parts += [f"added: {_pairs(row)}" for row in change.add]
    parts += ["removed"] if change.remove else []
    return WorldChange(by=by, table=change.table, where=_pairs(change.where), change="; ".join(parts))


def _pairs(cells: dict[str, object]) -> str:
    return ", ".join(f"{column} {cell}" for column, cell in cells.items())
