"""YAML as scenario files mean it: plain words stay words, positions are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin.model.document import read_document


def read(tmp_path: Path, text: str) -> dict[str, object]:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    document = read_document(path)
    assert document.problems == []
    return document.data


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("012", 12),
        ("-3", -3),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("2.", 2.0),
        ("2026-03-02", "2026-03-02"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("triangular(3, 4, 8)", "triangular(3, 4, 8)"),
    ],
)
def test_scalars(tmp_path: Path, scalar: str, value: object) -> None:
    found = read(tmp_path, f"key: {scalar}\n")["key"]
    assert found == value
    assert type(found) is type(value)


def test_block_text_and_anchors(tmp_path: Path) -> None:
    data = read(tmp_path, "note: |\n  12\nfirst: &a {site: fab}\nsecond: *a\n")
    assert data == {"note": "12\n", "first": {"site": "fab"}, "second": {"site": "fab"}}


def test_positions_of_keys_and_values(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a:\n  - b: {c: 1}\n", encoding="utf-8")
    document = read_document(path)
    assert document.keys["a", 0, "b", "c"] == (2, 9)
    assert document.values["a", 0, "b", "c"] == (2, 12)
    assert document.problem(("a", 0, "b", "d"), "rule").position == f"{path}:2:8", "a missing key: the block"
