"""Assembly moved upstream, as a study: what the crossing says against what is worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from known.ladder import rung
from study.study_worlds import CREWS, assembly_study, assembly_world

from twin.events.study_result import StudyResult
from twin.model.study_case import make_study
from twin.study.crossed import run_study

UPSTREAM = {
    "source": "the capacity of the station that binds, over what a rack takes of it",
    "family": "Assembly moves upstream",
}


@pytest.fixture(scope="module")
def crews_bind(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    """Eight racks a week; two crews of 168 h a week, of which a rack takes 60 h at L10 and 24 h at L11."""
    study = make_study(assembly_world(crews=2), assembly_study(crossings=[CREWS]))
    return run_study(study, tmp_path_factory.mktemp("crews"), workers=1)


def test_the_choice_changes_at_the_crews_worked_out_by_hand(crews_bind: StudyResult) -> None:
    """From 8 x 60 / 168 = 2.86 crews on the campus keeps up, and where racks are assembled no longer matters."""
    point = crews_bind.crossings[0].points[0]
    assert point.before == "factory"
    rung("crews from which assembly on the floor keeps up with 8 racks a week", 8 * 60 / 168, point.value,
         point.value - 0.06, point.value + 0.06, unit="crews", **UPSTREAM)  # fmt: skip


def test_where_crews_bind_the_factory_brings_the_racks(crews_bind: StudyResult) -> None:
    """Two crews finish 5.6 racks a week from kits and all eight whole ones: 2.4 a week more, over fourteen weeks."""
    step = crews_bind.cell("factory", "calm").against_base["racks_accepted"]
    assert step.value == pytest.approx(14 * (8 - 2 * 168 / 60), abs=4)
    assert "factory brings" in crews_bind.headline.lower()
    assert any("crew" in gate for gate in crews_bind.configurations[0].gates)


def test_where_a_part_binds_the_verdict_says_that_nothing_is_gained(tmp_path: Path) -> None:
    """Eight trays a week make four racks, wherever these are put together."""
    study = make_study(assembly_world(trays_a_week=8), assembly_study())
    result = run_study(study, tmp_path, workers=1)
    step = result.cell("factory", "calm").against_base["racks_online"]
    rung("eight trays a week: racks online gained by the factory, of 56", 0.0, step.value or 0.0,
         (step.value or 0.0) - 1, (step.value or 0.0) + 1, unit="racks", **UPSTREAM)  # fmt: skip
    assert "gains no racks" in result.headline
    assert "gains no racks over on-site in 14 weeks: tray" in result.verdict
    assert "holds back both" in result.verdict
