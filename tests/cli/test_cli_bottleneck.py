"""What `twin bottleneck` asks of the library, and what it answers."""

from __future__ import annotations

import json
from pathlib import Path


def test_what_is_asked_is_passed_on(library, command, tmp_path: Path):
    page = tmp_path / "ladder.html"
    ended = command(
        "bottleneck", "small", "--rungs", "5", "--replications", "3", "--seed", "7", "--workers", "2", "--quiet",
        "--report", str(page),
    )  # fmt: skip
    given = library.called("bottleneck")
    assert [given[name] for name in ("rungs", "replications", "seed", "workers")] == [5, 3, 7, 2]
    assert library.called("report")["path"] == page
    assert ended.out.splitlines()[-1] == f"page: {page}"


def test_the_verdict_comes_first_then_the_rungs(library, command):
    lines = command("bottleneck", "small", "--quiet").out.splitlines()
    text = " ".join(" ".join(lines).split())
    assert lines[0] == "First. Then more."
    assert "Racks a week over 52 weeks of small" in text
    assert "not known" in text
    assert "4,000,000" in text
    assert "At datacenter sites, nothing gains." in text


def test_json_is_the_record(library, command):
    answer = json.loads(command("bottleneck", "small", "--json", "--quiet").out)
    assert answer["schema_version"] == 1
    assert [rung["number"] for rung in answer["rungs"]] == [1, 2, 3]


def test_no_rungs_are_none_asked_for(library, command):
    assert command("bottleneck", "small", "--rungs", "0").code == 2
