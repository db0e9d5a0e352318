"""Which rows of a table are meant: column and value pairs that a row must match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twin.model.columns import cell_text, columns_of
from twin.model.problems import suggestion
from twin.model.row import Row


def parse_where(text: str) -> dict[str, str]:
    """`site=houston; resource=test_power` as column and value pairs; blank text as none.

    Raises ValueError ("rule; remedy") for a part without `=` and for a column named twice.
    """
    pairs: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        column, equals, value = (word.strip() for word in part.partition("="))
        if not equals or not column:
            raise ValueError("must be column=value pairs; write them as site=houston, parted by semicolons")
        if column in pairs:
            raise ValueError(f"names the column {column} twice; give each column once")
        pairs[column] = value
    return pairs


def matches(row: Row, where: Mapping[str, Any]) -> bool:
    """True where every named column holds the value, compared as text or as a number."""
    fields = columns_of(type(row))
    return all(_equal(getattr(row, fields[column]), value) for column, value in where.items())


def why_no_match(rows: Sequence[Row], where: Mapping[str, Any]) -> tuple[str, str]:
    """The first column of a `where` that rules every row out, and the remedy: the nearest value that is there."""
    left = list(rows)
    for column, value in where.items():
        kept = [row for row in left if matches(row, {column: value})]
        if left and not kept:
            name = columns_of(type(left[0]))[column]
            present = sorted({cell_text(getattr(row, name)) for row in left} - {""})
            return column, suggestion(cell_text(value), present, "") if present else f"every row leaves {column} blank"
        left = kept
    return "", "the table has no rows"


def _equal(cell: object, value: object) -> bool:
    have, want = cell_text(cell), cell_text(value).strip()
    if have == want:
        return True
    try:
        return float(have) == float(want)
    except ValueError:
        return False
