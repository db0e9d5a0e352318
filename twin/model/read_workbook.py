"""A workbook to raw tables: one sheet a table, cells turned into the text that CSV would hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from twin.model.columns import cell_text
from twin.model.place import SheetPlace
from twin.model.places import shown
from twin.model.problems import Problem, sentences, suggestion
from twin.model.raw import RawRow, RawTable, RawWorld, give_it, raw_row, trimmed
from twin.model.spoilt_cells import Position, Spoilt, spoilt_cells


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
        world.doubtful.update(known)
        return world
    spoilt = spoilt_cells(path)
    # Tables first: only then is it known which of them a sheet of another name may be meant for.
    for name, cells in sorted(sheets.items(), key=lambda sheet: sheet[0] not in known):
        if name in known:
            world.add(name, *_table(world.file, name, cells, spoilt.get(name, {})))
        elif not name.startswith("_"):
            remedy = sentences(suggestion(name, known, ""), "A sheet that is no table begins with '_'")
            rule = f"there is no table '{name}'"
            world.refuse(name, known, Problem(file=world.file, sheet=name, rule=rule, remedy=remedy))
    return world


def _table(
    file: str, name: str, cells: list[list[Any]], spoilt: dict[Position, Spoilt]
) -> tuple[RawTable | None, Problem | None]:
    rows = [[_text(cell) for cell in row] for row in cells]
    rows += [[] for _ in range(1 + max((number for number, _ in spoilt), default=-1) - len(rows))]
    first = next((number for number, row in enumerate(rows) if any(row) or _of_row(spoilt, number)), None)
    if first is None:
        remedy = give_it("header row", "sheet", name)
        return None, Problem(file=file, sheet=name, row=1, column="A", rule="the sheet is empty", remedy=remedy)
    columns = tuple(trimmed(rows[first]))
    place = SheetPlace(file, name, columns, first + 1)
    for index, why in _of_row(spoilt, first).items():
        return None, place.problem_at(index, *why)
    found = (_row(rows[number], replace(place, row=number + 1), spoilt) for number in range(first + 1, len(rows)))
    header = RawRow(columns, place, len(rows[first]))
    return RawTable(name, header, tuple(row for row in found if row is not None)), None


def _row(cells: list[str], place: SheetPlace, spoilt: dict[Position, Spoilt]) -> RawRow | None:
    """A row, with a problem at each of its cells under the header that have no value; None for a blank one."""
    width = len(place.columns)
    problems = {at: place.problem_at(at, *why) for at, why in _of_row(spoilt, place.row - 1).items() if at < width}
    if not any(cells) and not problems:
        return None
    return replace(raw_row([*cells, *[""] * (width - len(cells))], width, place), spoilt=problems)


def _of_row(spoilt: dict[Position, Spoilt], number: int) -> dict[int, Spoilt]:
    return {column: why for (row, column), why in spoilt.items() if row == number}


def _text(cell: object) -> str:
    return cell_text(cell).strip()
