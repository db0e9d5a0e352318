"""What tables may hold and no stage reads yet: accepted, and told, so that nobody waits for its effect.

Unlike what `supported` refuses, leaving these out changes no answer that the tables promise
elsewhere. A line goes from here when a stage learns to read it; docs/tables.md marks them.
"""

from __future__ import annotations

from collections.abc import Iterator

from twin.model.columns import columns_of
from twin.model.world import TABLES, World

BY_NO_STAGE = "read by no stage yet"

UNREAD_TABLES = ("hazards",)
"""Tables of which no stage reads a row."""

UNREAD_COLUMNS: dict[tuple[str, str], str] = {
    ("items", "volume_m3"): BY_NO_STAGE,
    ("sourcing", "qualification_weeks"): BY_NO_STAGE,
}
"""Columns by (table, column), with who reads them."""


def unread_warnings(world: World) -> tuple[str, ...]:
    """A line for each reader, with every table and column that is filled and that no other stage reads."""
    told: dict[str, list[str]] = {}
    for reader, part, count in _filled(world):
        told.setdefault(reader, []).append(f"{part} ({_rows(count)})")
    return tuple(f"{reader}: {', '.join(parts)}" for reader, parts in told.items())


def is_unread_warning(line: str) -> bool:
    """True for a line that `unread_warnings` gives."""
    return line.startswith(f"{BY_NO_STAGE}: ")


def _filled(world: World) -> Iterator[tuple[str, str, int]]:
    """Who reads it, the table or column, the number of its rows that are filled."""
    for table in UNREAD_TABLES:
        if rows := getattr(world, table):
            yield BY_NO_STAGE, table, len(rows)
    for (table, column), reader in UNREAD_COLUMNS.items():
        name = columns_of(TABLES[table])[column]
        default = TABLES[table].model_fields[name].default
        if filled := sum(getattr(row, name) != default for row in getattr(world, table)):
            yield reader, f"{table}.{column}", filled


def _rows(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count} rows"
