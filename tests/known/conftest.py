"""Rungs on their way from tests to the page, and the page held to them; see `ladder.py`.

`--verification` writes `docs/verification.md` from the run, if all of it passes. A file that is
not run, and a test that is skipped for want of published instances, keep their rows on the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from known import ladder, page

_gathered: dict[int, tuple[str, str, list[page.Line]]] = {}
"""By position of a test in the run: its name, its outcome, its rows."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--verification", action="store_true", help="write docs/verification.md from this run")


def test_name(item: pytest.Item) -> str:
    return f"{item.path.name}::{item.name}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Number the tests of this folder, before any are deselected: the page follows their order."""
    own = [item for item in items if page.HERE in item.path.parents]
    session.config.stash[page.COLLECTED] = {test_name(item): position for position, item in enumerate(own)}
    for position, item in enumerate(own):
        item.user_properties.append(("position", position))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Hold what a test has recorded to what the page shows of it."""
    ladder.take_recorded()
    yield
    lines = [page.line_of(test_name(item), each) for each in ladder.take_recorded()]
    item.user_properties += [("rung", (line.test, line.family, line.cells)) for line in lines]
    if not page.is_being_written(item.config):
        promised = [line.promise for line in page.by_test(page.read()).get(test_name(item), [])]
        found = [line.promise for line in lines]
        assert sorted(found) == sorted(promised), "docs/verification.md does not show these rungs: make verify"


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep the rows of a test; under xdist they have come from a worker."""
    position = dict(report.user_properties).get("position")
    if position is not None and (report.when == "call" or report.outcome == "skipped"):
        lines = [page.Line(test, family, tuple(cells)) for test, family, cells in _values(report, "rung")]
        _gathered[position] = (f"{Path(report.location[0]).name}::{report.location[2]}", report.outcome, lines)


def _values(report: pytest.TestReport, name: str) -> list[object]:
    return [value for key, value in report.user_properties if key == name]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write the page, where that was asked for and all is well."""
    if hasattr(session.config, "workerinput") or not page.is_being_written(session.config) or exitstatus:
        return
    before = page.by_test(page.read())
    ran = {page.file_of(name) for name, _, _ in _gathered.values()}
    rows = [
        (page.file_of(name), position, before.get(name, []) if outcome == "skipped" else own)
        for position, (name, outcome, own) in _gathered.items()
    ]
    rows += [
        (page.file_of(name), position, own)
        for position, (name, own) in enumerate(before.items())
        if page.file_of(name) not in ran and (page.HERE / page.file_of(name)).exists()
    ]
    rows.sort(key=lambda row: row[:2])
    page.PAGE.write_text(page.written([line for _, _, own in rows for line in own]), encoding="utf-8")
