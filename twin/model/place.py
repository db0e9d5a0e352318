"""Where a row stands, so that every rule broken by it can be reported at the very cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from twin.model.problems import Problem


class Place(Protocol):
    """Knows where the cells of one row stand."""

    def problem(self, column: str, rule: str, value: str = "", remedy: str = "") -> Problem:
        """A problem at the cell of a column; at the start of the row where it has no such cell."""
        ...


@dataclass(frozen=True, slots=True)
class CsvText:
    """A table's file as it was read: its lines with their ends, its delimiter, its header."""

    file: str
    lines: tuple[str, ...]
    delimiter: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CsvPlace:
    """A row of a CSV file, by the line it begins on (from 1)."""

    text: CsvText
    line: int

    def problem(self, column: str, rule: str, value: str = "", remedy: str = "") -> Problem:
        """See `Place`."""
        index = self.text.columns.index(column) if column in self.text.columns else 0
        return self.problem_at(index, rule, value, remedy)

    def problem_at(self, index: int, rule: str, value: str = "", remedy: str = "") -> Problem:
        """A problem at the cell number `index`, counted from 0."""
        line, character = cell_position(self.text, self.line, index)
        return Problem(file=self.text.file, line=line, column=character, rule=rule, value=value, remedy=remedy)


def cell_position(text: CsvText, first_line: int, index: int) -> tuple[int, int]:
    """Line and character (from 1) at which a cell of the row begins; the row's start if it has no such cell."""
    if index == 0:
        return first_line, 1
    cell, quoted = 0, False
    for line in range(first_line, len(text.lines) + 1):
        for offset, character in enumerate(text.lines[line - 1]):
            if character == '"':
                quoted = not quoted
            elif character == text.delimiter and not quoted:
                cell += 1
                if cell == index:
                    return line, offset + 2
        if not quoted:
            break
    return first_line, 1


@dataclass(frozen=True, slots=True)
class SheetPlace:
    """A row of a workbook's sheet, by its number as the spreadsheet shows it."""

    file: str
    sheet: str
    columns: tuple[str, ...]
    row: int

    def problem(self, column: str, rule: str, value: str = "", remedy: str = "") -> Problem:
        """See `Place`."""
        index = self.columns.index(column) if column in self.columns else 0
        return self.problem_at(index, rule, value, remedy)

    def problem_at(self, index: int, rule: str, value: str = "", remedy: str = "") -> Problem:
        """A problem at the cell number `index`, counted from 0."""
        return Problem(
            file=self.file,
            sheet=self.sheet,
            row=self.row,
            column=column_letter(index),
            rule=rule,
            value=value,
            remedy=remedy,
        )


def column_letter(index: int) -> str:
    """The letters of a column counted from 0: A, B, … Z, AA."""
    letters = ""
    index += 1
    while index:
        index, remainder = divmod(index - 1, 26)
        letters = chr(ord("A") + remainder) + letters
    return letters


@dataclass(frozen=True, slots=True)
class RowPlace:
    """A row of a world that was built or patched in memory: its table, its number from 1."""

    world: str
    table: str
    number: int

    def problem(self, column: str, rule: str, value: str = "", remedy: str = "") -> Problem:
        """See `Place`; the column is given by its name."""
        return Problem(
            file=f"world {self.world}",
            sheet=self.table,
            row=self.number,
            column=column or None,
            rule=rule,
            value=value,
            remedy=remedy,
        )


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A whole file."""

    file: str
    line: int | None = None

    def problem(self, column: str, rule: str, value: str = "", remedy: str = "") -> Problem:
        """See `Place`; the whole file is meant, whatever the column."""
        del column
        return Problem(file=self.file, line=self.line, rule=rule, value=value, remedy=remedy)
