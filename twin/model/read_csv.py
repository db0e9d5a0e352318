"""A folder of CSV files to raw tables: UTF-8, comma or semicolon, any spreadsheet's line ends."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path

from twin.model.place import CsvPlace, CsvText, FilePlace
from twin.model.places import shown
from twin.model.problems import Problem, suggestion
from twin.model.raw import RawRow, RawTable, RawWorld, give_it, raw_row, trimmed
from twin.model.read_text import read_text

_EMPIRICAL = re.compile(r"empirical\(\s*([^)]+?)\s*\)")


def read_folder(folder: Path, known: Iterable[str]) -> RawWorld:
    """Every table of a folder. A CSV file of another name is refused unless a cell calls for it as `empirical`."""
    world = RawWorld(folder.resolve().name, shown(folder))
    known = tuple(known)
    others = []
    for path in sorted(folder.glob("*.csv")):
        if path.stem in known:
            world.add(path.stem, *read_table(path))
        elif not path.name.startswith("_"):
            others.append(path)
    called_for = {name for table in world.tables.values() for name in _observation_files(table)}
    for path in others:
        if path.name not in called_for:
            rule, remedy = f"there is no table '{path.stem}'", suggestion(path.stem, known, "")
            world.refuse(path.stem, known, Problem(file=shown(path), rule=rule, remedy=remedy))
    return world


def read_table(path: Path) -> tuple[RawTable | None, Problem | None]:
    """One CSV file as a raw table, or None with the problem that stopped it."""
    file = shown(path)
    text, problem = read_text(path, "save the table as CSV UTF-8")
    if problem is not None:
        return None, problem
    lines = tuple(io.StringIO(text, newline=""))
    delimiter = _delimiter(lines)
    records, problem = _records(file, lines, delimiter)
    if problem is not None:
        return None, problem
    if not records:
        return None, _empty(file, path.stem)
    header_line, header_cells = records[0]
    header = trimmed(header_cells)
    sheet = CsvText(file, lines, delimiter, tuple(header))
    rows = tuple(raw_row(cells, len(header), CsvPlace(sheet, line)) for line, cells in records[1:])
    top = RawRow(tuple(header), CsvPlace(sheet, header_line), len(header_cells))
    return RawTable(path.stem, top, rows), None


def _delimiter(lines: tuple[str, ...]) -> str:
    first = next((line for line in lines if line.strip()), "")
    return ";" if first.count(";") > first.count(",") else ","


def _records(file: str, lines: tuple[str, ...], delimiter: str) -> tuple[list[tuple[int, list[str]]], Problem | None]:
    """Every record that is not blank, with the line it begins on."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    records: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                records.append((begins, stripped))
            begins = reader.line_num + 1
    except csv.Error as error:
        remedy = "close every quote, and double a quote inside a quoted cell"
        place = FilePlace(file, begins)
        return [], place.problem("", f"the row cannot be read as CSV ({error})", remedy=remedy)
    return records, None


def _empty(file: str, table: str) -> Problem:
    remedy = give_it("header line", "file", table)
    return Problem(file=file, line=1, column=1, rule="the file is empty", remedy=remedy)


def _observation_files(table: RawTable) -> set[str]:
    cells = (cell for row in table.rows for cell in row.cells if "empirical" in cell)
    return {name for cell in cells for name in _EMPIRICAL.findall(cell)}
