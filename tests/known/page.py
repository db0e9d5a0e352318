"""The page `docs/verification.md`: written from the rungs of a run, and read again to hold it to the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from known.ladder import FAMILIES, Rung

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "verification.md"
COLLECTED = pytest.StashKey[dict[str, int]]()
"""Position of each test of this folder in the run, by its name."""

HEADING = """# Verification: the ladder

Written by `make verify` from the tests in `tests/known`; do not edit. Each rung runs the twin through its own tables
and stages and holds a number of it against a closed form or a published answer. A test fails whose rungs are not
those of this page.

*Expected* is what the source says. *Obtained* is what the twin gave when the page was written, to four figures. The
*interval* must hold what is expected: where luck is at work it is the 99.9 % interval of the mean of replications at
a fixed seed, no wider than the test promises; for a solver it runs from its proven bound to its answer; *exact*
means equal, or equal to the last place published.
"""

COLUMNS = "| rung | expected | obtained | interval | unit | source | test |\n|---|--:|--:|---|---|---|---|\n"


def is_being_written(config: pytest.Config) -> bool:
    """Whether this run writes the page."""
    return bool(config.getoption("verification", default=False))


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the page as it stands: its test, its family and its cells."""

    test: str
    family: str
    cells: tuple[str, ...]

    @property
    def promise(self) -> tuple[str, ...]:
        """What the test declares, whatever it obtains: family, name, expected value, unit, source."""
        name, expected, _obtained, _interval, unit, source = self.cells
        return self.family, name, expected, unit, source


def line_of(test: str, rung: Rung) -> Line:
    """The row of a rung."""
    obtained = _figures(rung.obtained)
    low, high = _figures(rung.low), _figures(rung.high)
    interval = "exact" if low == high == obtained else f"{low} to {high}"
    return Line(test, rung.family, (rung.name, f"{rung.expected:.7g}", obtained, interval, rung.unit, rung.source))


def _figures(value: float) -> str:
    return f"{value:.4g}"


def written(lines: Sequence[Line]) -> str:
    """The page with these rows, in their order within each family."""
    parts = [HEADING, f"\n{len(lines)} rungs.\n"]
    for family, what in FAMILIES.items():
        rows = [line for line in lines if line.family == family]
        if rows:
            parts.append(f"\n## {family}\n{what}\n\n{COLUMNS}")
            parts += [f"| {' | '.join((*line.cells, f'`{line.test}`'))} |\n" for line in rows]
    return "".join(parts)


def read() -> list[Line]:
    """The rows of the page as it is committed."""
    lines, family = [], ""
    for text in PAGE.read_text(encoding="utf-8").splitlines() if PAGE.exists() else ():
        if text.startswith("## "):
            family = text[3:]
        elif text.startswith("| ") and text.endswith("` |"):
            *cells, test = (cell.strip() for cell in text[1:-1].split("|"))
            lines.append(Line(test.strip("`"), family, tuple(cells)))
    return lines


def file_of(test: str) -> str:
    """The file of a test, by its name on the page."""
    return test.partition("::")[0]


def by_test(lines: Sequence[Line]) -> Mapping[str, list[Line]]:
    """Rows of each test."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.test, []).append(line)
    return found
