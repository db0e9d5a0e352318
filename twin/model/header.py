"""A table's header against its record: one slip in it is one problem, and spoils no more than its own column."""

from __future__ import annotations

from collections import Counter

from twin.model.columns import columns_of, required_columns
from twin.model.problems import Problem, nearest
from twin.model.raw import RawTable
from twin.model.row import Row


def header_problems(record: type[Row], raw: RawTable) -> list[Problem]:
    """Names that a header cannot have, and those it lacks; a misspelt name is told once, with the column it stands for.

    A lone strange name in a header that lacks one needed column is taken for that column, however unlike it is.
    """
    place, names = raw.header.place, raw.header.cells
    absent = [column for column in columns_of(record) if column not in names]
    needed = [column for column in required_columns(record) if column in absent]
    strange = [index for index, name in enumerate(names) if name not in columns_of(record)]
    only = needed[0] if len(strange) == len(needed) == 1 else None
    problems = [
        place.problem_at(index, f"the column '{name}' is there twice", name, "remove one of the two")
        for index, name in enumerate(names)
        if name and index not in strange and name in names[:index]
    ]
    for index in strange:
        near = nearest(names[index], needed) or nearest(names[index], absent)
        meant = near or only
        rule = f"the table '{raw.name}' has no column '{names[index]}'" if names[index] else "a column needs a name"
        rule += f", and '{meant}' is missing" if meant in needed else ""
        problems.append(place.problem_at(index, rule, names[index], _remedy(near, only, absent)))
        absent, needed = ([column for column in each if column != meant] for each in (absent, needed))
    for column in needed:
        rule = f"the table '{raw.name}' needs the column '{column}'"
        problems.append(place.problem_at(0, rule, remedy=f"add the column '{column}'"))
    return problems


def _remedy(near: str | None, only: str | None, absent: list[str]) -> str:
    if near is not None:
        return f"did you mean '{near}'?"
    if only is not None:
        return f"name it '{only}', if it is that column"
    return f"remove it, or use one of: {', '.join(absent)}" if absent else "remove it"


def sure_columns(record: type[Row], raw: RawTable) -> set[str]:
    """Columns of which the header leaves no doubt: known, and there once."""
    return {column for column in columns_of(record) if raw.header.cells.count(column) == 1}


def misaligned(record: type[Row], raw: RawTable) -> Problem | None:
    """The one problem of a header that has lost or gained a cell, so that its rows need not be blamed; or None.

    It has where all rows have another number of cells, blank ones counted, or most do not fit it.
    """
    place, names = raw.header.place, raw.header.cells
    misfits = sum(row.problem is not None for row in raw.rows)
    widths = Counter(row.width for row in raw.rows)
    if len(raw.rows) < 2:
        return None
    if misfits > 1 and set(widths) == {raw.header.width}:
        return place.problem_at(len(names), "a column needs a name", remedy="name it, or clear the cells below")
    width, _ = widths.most_common(1)[0]
    if width == raw.header.width or (len(widths) > 1 and misfits <= len(raw.rows) / 2):
        return None
    lacking = [column for column in required_columns(record) if column not in names]
    remedy = "remove the name that is too many, or add the missing delimiters"
    if width > raw.header.width:
        name = f", such as '{lacking[0]}'" if lacking else ""
        remedy = f"add the name that is missing{name}, or quote cells that hold the delimiter"
    rule = "the header must name as many columns as its rows have cells"
    return place.problem_at(0, rule, f"{raw.header.width}, not {width}", remedy)
