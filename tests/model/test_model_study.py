"""Study files: what they hold, and everything that a planner may get wrong, at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin.model.places import shipped_studies
from twin.model.problems import InputError
from twin.model.study_case import load_study

STUDY = """\
name: crews
title: How many crews?
extends: fire.yaml
settings: {tail_weeks: 4}
replications: 3
configurations:
  - name: few
    changes:
      - {table: resources, where: {site: campus}, set: {capacity: 1}}
  - name: many
situations:
  - name: calm
  - name: lane-down
    disruptions:
      - {name: strike, at: {lane: a}, kind: shipments_blocked, starts: 2026-02-02, lasts_weeks: 1}
crossings:
  - name: crews
    table: resources
    where: {resource: crew}
    column: capacity
    set: [1, 2]
"""


@pytest.fixture
def study_file(scenario_file: Path) -> Path:
    """A valid study of the small world, beside its scenario."""
    path = scenario_file.parent / "study.yaml"
    path.write_text(STUDY, encoding="utf-8")
    return path


def problems(path: Path, old: str, new: str) -> list[str]:
    """What is wrong with the study once a text in it is another."""
    assert STUDY.count(old) == 1
    path.write_text(STUDY.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_study(f"./{path.name}")
    return [str(problem) for problem in caught.value.problems]


def test_cells_are_scenarios_with_what_the_study_says(study_file: Path) -> None:
    study = load_study(study_file)
    assert list(study.cells) == [("few", "calm"), ("few", "lane-down"), ("many", "calm"), ("many", "lane-down")]
    few, many = study.cells["few", "calm"], study.cells["many", "lane-down"]
    assert [row.capacity for row in (*few.world.resources, *many.world.resources)] == [1, 4]
    assert [one.name for one in many.scenario.disruptions] == ["fire", "strike"]
    assert (few.scenario.replications, few.world.settings.tail_weeks) == (3, 4)
    assert {key: case.world.resources[0].capacity for key, case in study.crossings["crews"].items()} == {
        (value, name): value for value in (1, 2) for name in ("few", "many")
    }


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("title: How", "titel: How", "study.yaml:2:1: there is no 'titel' here — got 'How many crews?' — did you "
         "mean 'title'?"),
        ("  - name: many", "  - name: few", "study.yaml:10:11: the names of configurations must differ — got 'few' — "
         "choose another name"),
        ("extends: fire.yaml", "extends: fir.yaml", "study.yaml:3:10: there is no scenario to extend of this name — "
         "got 'fir.yaml' — did you mean 'fire.yaml'?"),
        ("site: campus}", "site: camp}", "study.yaml:9:42: no row of 'resources' matches — got 'camp' — "
         "did you mean 'campus'?"),
        ("lane: a}", "lane: c}", "study.yaml:15:35: the world has no lane of this name — got 'c' — use one of: a, b"),
        ("set: [1, 2]", "set: [2, 1]", "study.yaml:21:10: values of a crossing are two or more, from the lowest to "
         "the highest — write them in order, such as [1, 2, 4]"),
        ("set: [1, 2]", "between: [few, lots]\n    multiply: [1, 2]", "study.yaml:21:14: the study has no "
         "configuration of this name — got 'lots' — use one of: few, many"),
        ("title: How many crews?", "doubts: {estimates: [hours]}", "study.yaml:2:22: the world has no estimate of "
         "this name — got 'hours' — add it to the table estimates"),
    ],
    ids=["key", "twice", "scenario", "row", "lane", "order", "configuration", "estimate"],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_place(study_file: Path, old: str, new: str, told: str) -> None:
    assert told in problems(study_file, old, new)


def test_configurations_cover_the_same_weeks(study_file: Path) -> None:
    found = problems(study_file, "  - name: many", "  - name: many\n    settings: {report_weeks: 6}")
    assert any("all configurations cover the same weeks" in each for each in found)


def test_a_study_that_is_not_shipped_is_named_by_its_path(study_file: Path) -> None:
    with pytest.raises(InputError, match="there is no shipped study of this name"):
        load_study("no-such-study")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(shipped_studies()))
def test_shipped_studies_have_no_problem(name: str) -> None:
    study = load_study(name)
    assert study.study.name == name
    assert len(study.cells) == len(study.study.configurations) * len(study.study.situations)
