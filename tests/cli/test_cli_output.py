"""Numbers as people read them, and progress where there is no terminal."""

from __future__ import annotations

import io
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from twin.cli.output import NOT_DEFINED, answer, check_writable, number, percent, signed, table
from twin.cli.progress import progress, time_left
from twin.model.problems import InputError


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (58912.4, "58,912"),
        (123.4, "123"),
        (12.34, "12.3"),
        (1.0, "1"),
        (0.004123, "0.00412"),
        (-7.5, "-7.5"),
        (100.0, "100"),
        (99.96, "100"),
        (0.0, "0"),
        (None, NOT_DEFINED),
        (math.nan, NOT_DEFINED),
        (math.inf, NOT_DEFINED),
    ],
)
def test_numbers(value: float | None, shown: str):
    assert number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (9_876_543.0, "9,876,543"),
        (13_932_240.0, "13.9 million"),
        (43_158_510_041.0, "43.2 billion"),
        (-452_257_730.0, "-452 million"),
        (1e12, "1 trillion"),
    ],
)
def test_large_numbers_are_rounded_and_named(value: float, shown: str):
    assert number(value) == shown


@given(st.floats(min_value=1e-6, max_value=9.9e6))
def test_a_number_keeps_three_significant_digits(value: float):
    assert float(number(value).replace(",", "")) == pytest.approx(value, rel=0.0051)


def test_signs_and_percentages():
    assert [signed(value) for value in (5.0, -5.0, 0.0, None)] == ["+5", "-5", "0", NOT_DEFINED]
    assert [percent(value) for value in (0.256, 1.0, None)] == ["26 %", "100 %", NOT_DEFINED]


def test_numbers_are_never_folded_or_cut():
    names = [f">a customer with a name that is much too long {letter}" for letter in "abcde"]
    console = Console(width=80, file=io.StringIO())
    console.print(table("A title", ["from", *names], [["2026-01-05", *["123,456,789"] * 5]]))
    lines = console.file.getvalue().splitlines()
    assert lines[-1].split() == ["2026-01-05", *["123,456,789"] * 5]
    assert max(map(len, lines)) <= 80
    assert "…" not in console.file.getvalue()


def test_progress_without_a_terminal_is_a_few_lines(capsys: pytest.CaptureFixture[str]):
    with progress(quiet=False) as tell:
        for done in range(1, 1001):
            tell("simulate", done, 1000)
        tell("report", 1, 1)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "simulate: 1 of 1000", "too early to tell the time left"
    assert lines[-2:] == ["simulate: 1000 of 1000", "report: 1 of 1"]
    assert len(lines) == 3


def test_quiet_progress_is_silent(capsys: pytest.CaptureFixture[str]):
    with progress(quiet=True) as tell:
        tell("simulate", 1, 2)
    assert capsys.readouterr().err == ""


def test_an_answer_that_goes_to_a_file_is_not_cut(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    columns = [f"a column with a long name {number}" for number in range(12)]
    answer(table("wide", columns, [[f"a cell with many words {number}" for number in range(12)]]))
    title, header, cells = capsys.readouterr().out.splitlines()
    assert title.strip() == "wide"
    assert all(name in header for name in columns)
    assert "a cell with many words 11" in cells


def test_what_cannot_be_written_is_told_before_the_work(tmp_path: Path):
    taken = tmp_path / "taken"
    taken.write_text("a file, not a folder")
    check_writable([tmp_path / "runs"], [tmp_path / "pages" / "page.html", None])
    check_writable([tmp_path / "runs"], [taken])
    assert [path.name for path in sorted(tmp_path.rglob("*"))] == ["pages", "runs", "taken"]
    with pytest.raises(InputError, match=r"taken: nothing can be written in this folder"):
        check_writable([taken])
    with pytest.raises(InputError, match=r"taken: nothing can be written in this folder"):
        check_writable([tmp_path / "runs"], [taken / "page.html"])
    with pytest.raises(InputError, match=r"runs: this is nothing that an answer could replace"):
        check_writable([], [tmp_path / "runs"])


@pytest.mark.parametrize(
    ("elapsed_s", "done", "left"),
    [(110.0, 1, ""), (110.0, 9, ""), (20.0, 10, "about 80 s left"), (240.0, 25, "about 4 min left"), (9.0, 50, "")],
)
def test_the_time_left_is_told_once_a_fifth_is_done(elapsed_s: float, done: int, left: str):
    """The first of many parts starts the workers, and so takes many times as long as the others."""
    assert time_left(elapsed_s, done, 50) == left
