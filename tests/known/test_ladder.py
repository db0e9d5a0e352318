"""The ladder itself: what a rung refuses, and that the page shows no rung without a test."""

from __future__ import annotations

import pytest
from known import ladder, page

WORDS = {"unit": "h", "source": "made up", "family": "Queueing"}


def test_a_rung_outside_its_interval_fails_and_says_by_how_much() -> None:
    with pytest.raises(AssertionError, match=r"Queueing, wait: 4 h expected, 5 obtained, not within \[4.5, 5.5\]"):
        ladder.rung("wait", 4, 5, 4.5, 5.5, **WORDS)
    ladder.take_recorded()


def test_an_estimate_wider_than_promised_fails() -> None:
    with pytest.raises(AssertionError, match="run it longer"):
        ladder.estimate("wait", 4, [1.0, 7.0, 3.0, 5.0], 0.1, **WORDS)
    assert ladder.take_recorded() == []


def test_the_page_reads_back_as_it_was_written(tmp_path, monkeypatch) -> None:
    ladder.exact("wait", 4, 4, **WORDS)
    ladder.rung("best known", 55, 55, 54, 55, unit="slots", source="Fisher and Thompson 1963", family="Schedule")
    lines = [page.line_of("test_x.py::test_y[1]", each) for each in ladder.take_recorded()]
    monkeypatch.setattr(page, "PAGE", tmp_path / "page.md")
    page.PAGE.write_text(page.written(lines), encoding="utf-8")
    assert page.read() == lines
    assert [line.cells[3] for line in lines] == ["exact", "54 to 55"]


def test_the_page_names_only_tests_that_are_there(request: pytest.FixtureRequest) -> None:
    if page.is_being_written(request.config) or any("::" in argument for argument in request.config.args):
        pytest.skip("the page is being written, or only a part of the tests was asked for")
    collected = request.config.stash[page.COLLECTED]
    files = {page.file_of(name) for name in collected}
    gone = [
        line.test
        for line in page.read()
        if line.test not in collected
        and (page.file_of(line.test) in files or not (page.HERE / page.file_of(line.test)).exists())
    ]
    assert gone == []


def test_rungs_have_names_of_their_own() -> None:
    names = [(line.family, line.cells[0]) for line in page.read()]
    assert sorted(names) == sorted(set(names))
