"""`twin study` from a file, as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from study.study_worlds import assembly_world
from whole.test_commands import answer_of, twin

from twin.model.write import write_world_csv

STUDY = """\
name: assembly
title: Where are racks assembled?
world: world
warm_start: own
replications: 1
configurations:
  - name: on-site
  - name: factory
    changes:
      - {table: levels, set: {level: L11}}
situations:
  - name: calm
crossings:
  - name: crews
    title: crews
    table: resources
    where: {resource: crew}
    column: capacity
    set: [2, 4]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a world and a study of it."""
    made = tmp_path_factory.mktemp("project")
    write_world_csv(assembly_world(crews=2, weeks=8), made / "worlds" / "world")
    (made / "study.yaml").write_text(STUDY, encoding="utf-8")
    return made


def test_a_study_is_answered_and_saved_and_told_again_from_what_is_kept(folder: Path) -> None:
    found = answer_of(folder, "study", "./study.yaml", "--workers", "1", "--quiet")
    assert [(each["configuration"], each["situation"]) for each in found["cells"]] == [
        ("on-site", "calm"),
        ("factory", "calm"),
    ]
    assert found["crossings"][0]["points"][0]["before"] == "factory"
    assert found["manifest"]["command"] == "twin study ./study.yaml"
    assert (folder / found["run"] / "result.json").is_file()
    again = twin(folder, "study", "./study.yaml")
    assert again.returncode == 0, again.stderr
    assert found["verdict"] in " ".join(again.stdout.split())
    assert again.stderr.splitlines() == ["cells: 2 of 2", "values of crews: 4 of 4"]
    pages = answer_of(folder, "report", found["run"])["pages"]
    assert "Where are racks assembled?" in (folder / pages[0]).read_text(encoding="utf-8")


def test_a_study_that_is_wrong_ends_with_two(folder: Path) -> None:
    (folder / "bad.yaml").write_text(STUDY.replace("name: factory", "nam: factory"), encoding="utf-8")
    done = twin(folder, "study", "./bad.yaml")
    assert done.returncode == 2
    assert "bad.yaml:8:5: there is no 'nam' here" in done.stderr
