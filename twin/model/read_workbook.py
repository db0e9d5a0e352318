"""A workbook to raw tables: one sheet a table, cells turned into the text that CSV would hold."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from twin.model.columns import cell_text
from twin.model.place import SheetPlace
from twin.model.places import shown
from twin.model.problems import Problem, suggestion
from twin.model.raw import RawRow, RawTable, RawWorld, raw_row


def read_workbook(path: Path, known: Iterable[str]) -> RawWorld:
    """Every table of a workbook. Sheets whose names begin with `_` are left aside, other unknown ones refused."""
    from python_calamine import CalamineError, CalamineWorkbook

    world = RawWorld(path.stem, shown(path))
    known = tuple(known)
    try:
        book = CalamineWorkbook.from_path(path)
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except (CalamineError, OSError, ValueError):
        rule = "the file is not a workbook that can be read"
        world.problems.append(Problem(file=world.file, rule=rule, remedy="save it as .xlsx"))
        return world
    for name, cells in sheets.items():
        if name in known:
            table, problems = _table(world.file, name, cells)
            world.problems += problems
            if table is not None:
                world.tables[name] = table
        elif not name.startswith("_"):
            remedy = suggestion(name, known, "") + " A sheet that is no table begins with '_'"
            rule = f"there is no table '{name}'"
            world.problems.append(Problem(file=world.file, sheet=name, rule=rule, remedy=remedy))
    return world


def _table(file: str, name: str, cells: list[list[Any]]) -> tuple[RawTable | None, list[Problem]]:
    rows = [[_text(cell) for cell in row] for row in cells]
    if not rows or not any(any(row) for row in rows):
        remedy = "give it a header row and rows, or remove the sheet"
        return None, [Problem(file=file, sheet=name, row=1, column="A", rule="the sheet is empty", remedy=remedy)]
    first = next(index for index, row in enumerate(rows) if any(row))
    header = rows[first]
    while header and not header[-1]:
        header.pop()
    columns = tuple(header)
    problems: list[Problem] = []
    found = []
    for number, row in enumerate(rows[first + 1 :], start=first + 2):
        if any(row):
            raw, wrong = raw_row(row, len(columns), SheetPlace(file, name, columns, number))
            found.append(raw)
            problems += wrong
    return RawTable(name, RawRow(columns, SheetPlace(file, name, columns, first + 1)), tuple(found)), problems


def _text(cell: object) -> str:
    return cell_text(cell).strip()
