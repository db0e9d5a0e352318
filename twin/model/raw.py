"""A table as it was read, before its cells mean anything: header and rows of text with their places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from twin.model.place import Place
from twin.model.problems import Problem


class CellPlace(Place, Protocol):
    """A place whose cells can also be named by their number."""

    def problem_at(self, index: int, rule: str, value: str = "", remedy: str = "") -> Problem:
        """A problem at the cell number `index`, counted from 0."""
        ...


@dataclass(frozen=True, slots=True)
class RawRow:
    """The text of the cells of one row, outer blanks removed. `fits` is False where the header does not fit it."""

    cells: tuple[str, ...]
    place: CellPlace
    fits: bool = True


@dataclass(frozen=True, slots=True)
class RawTable:
    """One table: its name, its header, its rows without those that are all blank."""

    name: str
    header: RawRow
    rows: tuple[RawRow, ...]


@dataclass(slots=True)
class RawWorld:
    """All tables that could be read, and every problem met on the way."""

    name: str
    file: str
    tables: dict[str, RawTable] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def raw_row(cells: list[str], width: int, place: CellPlace) -> tuple[RawRow, list[Problem]]:
    """A row against the width of its header; blank cells beyond it are dropped, others are a problem."""
    beyond = next((i for i in range(width, len(cells)) if cells[i]), None)
    if beyond is not None:
        remedy = "quote a cell that holds the delimiter, or name the column in the header"
        problem = place.problem_at(beyond, f"a row has at most {width} cells, as its header has", cells[beyond], remedy)
        return RawRow(tuple(cells[:width]), place, fits=False), [problem]
    if len(cells) < width:
        rule = f"a row has {width} cells, as its header has"
        problem = place.problem_at(0, rule, f"{len(cells)} cells", "add the missing delimiters")
        return RawRow(tuple(cells), place, fits=False), [problem]
    return RawRow(tuple(cells[:width]), place), []
