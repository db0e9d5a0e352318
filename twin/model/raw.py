"""A table as it was read, before its cells mean anything: header and rows of text with their places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from twin.model.columns import required_columns
from twin.model.place import Place
from twin.model.problems import Problem, nearest
from twin.model.world import REQUIRED_TABLES, TABLES


class CellPlace(Place, Protocol):
    """A place whose cells can also be named by their number."""

    def problem_at(self, index: int, rule: str, value: str = "", remedy: str = "") -> Problem:
        """A problem at the cell number `index`, counted from 0."""
        ...


@dataclass(frozen=True, slots=True)
class RawRow:
    """The text of the cells of one row, outer blanks removed; `problem` where they do not fit the header.

    `width` counts the cells as they were written, blank ones beyond the header too; `spoilt` is, by number of the
    cell, what keeps one from having the value that it should have.
    """

    cells: tuple[str, ...]
    place: CellPlace
    width: int
    problem: Problem | None = None
    spoilt: dict[int, Problem] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RawTable:
    """One table: its name, its header, its rows without those that are all blank."""

    name: str
    header: RawRow
    rows: tuple[RawRow, ...]


@dataclass(slots=True)
class RawWorld:
    """All tables that could be read, and every problem met on the way.

    `doubtful` are tables that are not there, but a file or sheet is that cannot be read or goes by a name like theirs.
    """

    name: str
    file: str
    tables: dict[str, RawTable] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)

    def add(self, name: str, table: RawTable | None, problem: Problem | None) -> None:
        """A table that was read, or the problem that stopped it."""
        if table is not None:
            self.tables[name] = table
        if problem is not None:
            self.doubtful.add(name)
            self.problems.append(problem)

    def refuse(self, name: str, known: tuple[str, ...], problem: Problem) -> None:
        """A file or sheet that is no table; where the name of one that is not there is alike, that one is meant."""
        near = nearest(name, known)
        if near is not None and near not in self.tables:
            self.doubtful.add(near)
        self.problems.append(problem)


def raw_row(cells: list[str], width: int, place: CellPlace) -> RawRow:
    """A row against the width of its header; blank cells beyond it are dropped, others are a problem."""
    beyond = next((i for i in range(width, len(cells)) if cells[i]), None)
    if beyond is not None:
        remedy = "quote a cell that holds the delimiter, or name the column in the header"
        problem = place.problem_at(beyond, f"a row has at most {width} cells, as its header has", cells[beyond], remedy)
        return RawRow(tuple(cells[:width]), place, len(cells), problem)
    if len(cells) < width:
        rule = f"a row has {width} cells, as its header has"
        problem = place.problem_at(0, rule, f"{len(cells)} cells", "add the missing delimiters")
        return RawRow(tuple(cells), place, len(cells), problem)
    return RawRow(tuple(cells[:width]), place, len(cells))


def trimmed(header: list[str]) -> list[str]:
    """A header without the blank cells after its last name."""
    last = max((index for index, name in enumerate(header) if name), default=-1)
    return header[: last + 1]


def give_it(header: str, whole: str, table: str) -> str:
    """The remedy for an empty file or sheet; one of a table that is needed cannot be removed."""
    if table in REQUIRED_TABLES:
        names = ", ".join(required_columns(TABLES[table]))
        return f"give it a {header} with at least the columns {names}, and rows below"
    return f"give it a {header} and rows, or remove the {whole}"
