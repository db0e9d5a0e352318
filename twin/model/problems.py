"""What is wrong with an input, said so that a planner can mend it; and what stops a run."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

_LONGEST_SHOWN = 80
_MOST_LISTED = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One broken rule: where it is, what the rule says, what stands there, what to do.

    A text file has `line` and `column` (both from 1, the column in characters); a workbook
    has `sheet`, `row` (from 1) and `column` (its letter). Parts that make no sense are None.
    """

    file: str
    rule: str
    value: str = ""
    remedy: str = ""
    line: int | None = None
    column: int | str | None = None
    sheet: str = ""
    row: int | None = None
    hides: tuple[str, ...] = field(default=(), compare=False)
    """Tables and files that could not be fully checked until this is mended."""

    @property
    def position(self) -> str:
        """`file:line:column`, or `file, sheet S, row R, column C`, as far as it is known."""
        if self.sheet:
            parts = [self.file, f"sheet {self.sheet}"]
            parts += [f"row {self.row}"] if self.row is not None else []
            parts += [f"column {self.column}"] if self.column is not None else []
            return ", ".join(parts)
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)

    def __str__(self) -> str:
        value = [f"got {_shown(self.value)}"] if self.value else []
        remedy = [self.remedy] if self.remedy else []
        return f"{self.position}: " + " — ".join([self.rule, *value, *remedy])


class InputError(Exception):
    """Bad input: every problem found, all at once. The command line exits with 2."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [*(str(problem) for problem in self.problems), self.closing]
        super().__init__("\n".join(line for line in lines if line))

    @property
    def closing(self) -> str:
        """What the problems kept from being fully checked, in a line to end with; blank where all was checked."""
        hidden = dict.fromkeys(name for problem in self.problems for name in problem.hides)
        return f"not fully checked until this is mended: {', '.join(hidden)}" if hidden else ""


class RunError(Exception):
    """A run that failed or a problem without solution, explained. The command line exits with 1."""


def raise_if_any(problems: Iterable[Problem], hides: Iterable[str] = ()) -> None:
    """Raise InputError, its problems once each and in order of position, when there is any.

    `hides` names the tables and files that could not be fully checked because of them.
    """
    found = sorted(dict.fromkeys(problems), key=_reading_order)
    if found:
        hidden = tuple(hides)
        raise InputError([replace(problem, hides=hidden) for problem in found])


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like the one given, if any is alike."""
    by_lower: dict[str, str] = {}
    for candidate in known:
        by_lower.setdefault(candidate.lower(), candidate)
    found = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)
    return by_lower[found[0]] if found else None


def suggestion(name: str, known: Iterable[str], where: str) -> str:
    """The remedy for an unknown name: the nearest known one, a few known ones, or to add it to `where`."""
    names = sorted(set(known) - {""})
    near = nearest(name, names)
    if near is not None:
        return f"did you mean '{near}'?"
    if 0 < len(names) <= _MOST_LISTED:
        return f"use one of: {', '.join(names)}"
    return f"add it to {where}" if where else "use a known name"


def sentences(remedy: str, more: str) -> str:
    """A remedy and a further sentence, parted by a full stop where the remedy does not end a sentence itself."""
    return f"{remedy} {more}" if remedy.endswith(("?", ".")) else f"{remedy}. {more}"


def _reading_order(problem: Problem) -> tuple[str, str, int, str, str]:
    # Numbers and letters of columns both sort right when padded: 9 before 10, Z before AA.
    column = "" if problem.column is None else str(problem.column).rjust(8)
    return (problem.file, problem.sheet, problem.line or problem.row or 0, column, problem.rule)


def _shown(value: str) -> str:
    short = value if len(value) <= _LONGEST_SHOWN else value[: _LONGEST_SHOWN - 1] + "…"
    try:
        float(short)
    except ValueError:
        return f"'{short}'"
    return short
