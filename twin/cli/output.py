"""What is said where: answers on standard output, everything else on standard error."""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from twin.model.problems import Problem, RunError, raise_if_any

NOT_DEFINED = "–"
_LARGE = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_FULL = 1e7
"""Numbers below it are written in full."""
UNSEEN_WIDTH = 1000
"""Characters; wider than any table."""


class Document(Protocol):
    """A result that can be written as JSON: every pydantic record."""

    def model_dump_json(self, *, indent: int | None = None) -> str:
        """The record as JSON text."""


def answer(*parts: RenderableType) -> None:
    """Show parts of an answer on standard output; a plain string, such as a path, stays in one piece.

    Where nobody looks on, as in a file or a pipe, nothing is folded or cut.
    """
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = UNSEEN_WIDTH
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, str))


def message(text: str) -> None:
    """Say something beside the answer, on standard error."""
    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    console.print(text, soft_wrap=True)


def answer_json(document: Document | dict[str, Any]) -> None:
    """Print one JSON object and nothing else; numbers that are not defined are null."""
    sys.stdout.write(as_json(document) + "\n")


def save_json(document: Document, path: Path) -> None:
    """Save the same object in a file. Raises RunError where the disk refuses."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_json(document) + "\n", encoding="utf-8")
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error.strerror or error}") from error


def check_writable(folders: Sequence[Path] = (), files: Sequence[Path | None] = ()) -> None:
    """Try, before any work, whether files can be made in the folders and in place of the files; None is no file.

    Raises InputError with every one that cannot.
    """
    asked = [file for file in files if file is not None]
    parents = [file.parent for file in asked if not file.exists()]
    problems = [_unwritable(folder) for folder in dict.fromkeys([*folders, *parents])]
    problems += [_irreplaceable(file) for file in asked]
    raise_if_any(problem for problem in problems if problem is not None)


def _unwritable(folder: Path) -> Problem | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        rule = f"nothing can be written in this folder: {error.strerror or error}"
        return Problem(file=str(folder), rule=rule, remedy="name another folder")


def _irreplaceable(file: Path) -> Problem | None:
    if not file.exists() or (not file.is_dir() and os.access(file, os.W_OK)):
        return None
    return Problem(file=str(file), rule="this is nothing that an answer could replace", remedy="name another file")


def as_json(document: Document | dict[str, Any]) -> str:
    """A result as JSON text; dictionaries must hold no number that is not finite."""
    if isinstance(document, dict):
        return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    return document.model_dump_json(indent=2)


def heading(text: str) -> Text:
    """The verdict, or the title of a part."""
    return Text(text, style="bold")


def sentence(text: str) -> Text:
    """Words that are folded between words at the width of the terminal."""
    return Text(text)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> RenderableType:
    """A table whose columns named with a leading `>` are numbers: set to the right, never folded.

    The title is as wide as it needs, however narrow the table is.
    """
    cells = [list(row) for row in rows]
    grid = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for index, name in enumerate(columns):
        if name.startswith(">"):
            width = max((len(row[index]) for row in cells), default=0)
            # Where its header fits too, the column is left whole and those of words give way.
            whole = len(name) - 1 <= width
            grid.add_column(name.removeprefix(">"), justify="right", min_width=width, overflow="fold", no_wrap=whole)
        else:
            grid.add_column(name, overflow="fold")
    for row in cells:
        grid.add_row(*map(Text, row))
    return Group(heading(title), grid) if title else grid


def number(value: float | None, digits: int = 3) -> str:
    """A number to so many significant digits, whole part not cut below ten millions: 58,912, 12.3, 7, 0.00412."""
    if value is None or not math.isfinite(value):
        return NOT_DEFINED
    if value == 0:
        return "0"
    if abs(value) >= _FULL:
        size, word = next(each for each in _LARGE if abs(value) >= each[0])
        return f"{number(value / size, digits)} {word}"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text


def counted(count: int, noun: str) -> str:
    """A number of things, such as `1 site` or `1,200 racks`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def signed(value: float | None) -> str:
    """A difference with its sign."""
    text = number(value)
    return f"+{text}" if value is not None and value > 0 and text not in ("0", NOT_DEFINED) else text


def percent(fraction: float | None) -> str:
    """A fraction in per cent."""
    return NOT_DEFINED if fraction is None or not math.isfinite(fraction) else f"{100 * fraction:.0f} %"


def interval(low: float | None, high: float | None) -> str:
    """Two ends of an interval; nothing where there is none, or where they print alike."""
    ends = [number(low), number(high)]
    return "" if low is None or high is None or ends[0] == ends[1] else " to ".join(ends)
