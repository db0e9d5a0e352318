"""The page that says what every table and column means, made from the records themselves."""

from __future__ import annotations

import inspect
import typing
from typing import Any, Literal

from pydantic.fields import FieldInfo

from twin.model.amounts import MOST
from twin.model.checks_names import KEYS, REFERENCES
from twin.model.columns import Kind, cell_text, kinds_of
from twin.model.distribution import number_words
from twin.model.row import Row
from twin.model.unread import BY_NO_STAGE, UNREAD_COLUMNS, UNREAD_TABLES
from twin.model.world import REQUIRED_TABLES, TABLES, Settings

_HEAD = """# The tables of a world

A world is a folder of CSV files (UTF-8, comma or semicolon) or one workbook (.xlsx) with the same names as sheets.
Only {needed} are needed; every other table, and every column that has a default, may be left out.
A blank cell takes the default. Names of columns carry the unit. Sheets and files whose names begin with `_` are
left aside. Every row that holds a number names its `source`, a key of the table `sources`.

A scenario names its world by `world:`. A bare name, such as `nvl72`, is a folder, else a workbook, of this name in
the folder `worlds` beside the scenario file, then among the shipped worlds; else a workbook beside the scenario file.
`book.xlsx` is that workbook, looked for beside the scenario file first. Anything with a folder in it, such as
`../worlds/book.xlsx`, is a path from the scenario file's folder.

- **number**: digits with a decimal point, such as `3.5`; **whole number**: `12`; **yes or no**: `yes`, `no`.
  A number is at most {most}, or less where its column says so; that of a cell that varies is its mean.
- **date**: year-month-day, such as `2026-03-02`.
- **varying**: a number, or a distribution: `triangular(3, 4, 8)`, `pert(3, 4, 8)`, `uniform(3, 8)`, `exponential(5)`
  (its mean), `gamma(5, 0.3)` and `lognormal(5, 0.3)` (mean, coefficient of variation), `weibull(shape, scale)`,
  `poisson(100)`, `empirical(file.csv)` (one number a line, the file beside the table).
- **ramp**: `2026-01-01:0.8 2026-07-01:1`, dates and fractions of the capacity, linear between them.
- **policy**: `plan`, `base_stock(S)`, `reorder(s, Q)`, `order_up_to(s, S)`, `kanban(n)`,
  `moving_average(periods, cover)`; what each does is in [semantics.md](semantics.md#stock-policies).

A column marked as read by no stage yet may be filled and changes no answer so far; `twin check` and the page of a run
list those that a world fills, with the number of rows, in a note.

A table whose header has a wrong, missing or doubled name is told once, at the header. Its cells and names are still
checked; what depends on whole rows of it is not, until the header is mended. Problems end with a line that names the
tables and files that could not be fully checked because of them.

This page is made from the records by `twin.model.describe`; a test holds it in step. How the tables work together
is in `semantics.md`.
"""

_KIND_WORDS: dict[Kind, str] = {
    "text": "text",
    "number": "number",
    "whole": "whole number",
    "yes_no": "yes or no",
    "date": "date",
    "varying": "varying",
    "ramp": "ramp",
    "policy": "policy",
}


def tables_page() -> str:
    """`docs/tables.md` as text."""
    needed = ", ".join(f"`{table}`" for table in REQUIRED_TABLES)
    head = _HEAD.format(needed=needed, most=number_words(MOST))
    return "\n".join([head, *(_table(name, record) for name, record in TABLES.items())])


def _table(name: str, record: type[Row]) -> str:
    lines = [f"## {name}", "", inspect.cleandoc(record.__doc__ or ""), ""]
    if name in KEYS:
        lines += [f"One row for each {', '.join(f'`{column}`' for column in KEYS[name])}.", ""]
    if name in UNREAD_TABLES:
        lines += [f"The table is {BY_NO_STAGE}.", ""]
    lines += ["| column | holds | blank means | meaning |", "|---|---|---|---|"]
    columns = [(field.alias or key, field) for key, field in record.model_fields.items()]
    columns.sort(key=lambda column: column[0] in ("source", "note"))
    lines += [_column(name, record, column, field) for column, field in columns]
    return "\n".join([*lines, *(_settings() if name == "settings" else []), ""])


def _column(table: str, record: type[Row], column: str, field: FieldInfo) -> str:
    refers = next((r for r in REFERENCES if (r.table, r.column) == (table, column)), None)
    holds = f"a {refers.to_column} of `{refers.to_table}`" if refers else _holds(kinds_of(record)[column], field)
    reader = UNREAD_COLUMNS.get((table, column))
    meaning = f"{_meaning(field)} ({reader})" if reader else _meaning(field)
    return f"| `{column}` | {holds} | {_default(field)} | {meaning} |"


def _holds(kind: Kind, field: FieldInfo) -> str:
    words = [word for word in _choices(field.annotation) if word]
    return ", ".join(f"`{word}`" for word in words) if words else _KIND_WORDS[kind] + _bounds(field)


def _choices(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) is Literal:
        return typing.get_args(annotation)
    return next((found for part in typing.get_args(annotation) if (found := _choices(part))), ())


def _bounds(field: FieldInfo) -> str:
    limits: dict[str, float] = {}
    for part in (*field.metadata, *_metadata(field.annotation)):
        limits |= {name: getattr(part, name) for name in ("ge", "gt", "le", "lt") if hasattr(part, name)}
    words = {"ge": "{} or more", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}
    # The limit that every number has is told once, above all tables.
    found = [words[name].format(number_words(limit)) for name, limit in limits.items() if limit != MOST]
    return f", {', '.join(found)}" if found else ""


def _metadata(annotation: Any) -> list[Any]:
    found: list[Any] = []
    for part in typing.get_args(annotation):
        inner = getattr(part, "__metadata__", ())
        found += [detail for meta in inner for detail in (getattr(meta, "metadata", None) or (meta,))]
        found += _metadata(part)
    return found


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "not allowed"
    text = cell_text(field.default)
    return f"`{text}`" if text else ""


def _meaning(field: FieldInfo) -> str:
    return " ".join((field.description or "").split()).replace("|", "\\|")


def _settings() -> list[str]:
    lines = ["", "| setting | holds | left out | meaning |", "|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        words = _choices(field.annotation)
        kind = ", ".join(f"`{word}`" for word in words) if words else _setting_kind(field) + _bounds(field)
        lines.append(f"| `{name}` | {kind} | {_default(field)} | {_meaning(field)} |")
    return lines


def _setting_kind(field: FieldInfo) -> str:
    names = {bool: "yes or no", int: "whole number", float: "number", str: "text"}
    return names.get(field.annotation, "date") if isinstance(field.annotation, type) else "number"
