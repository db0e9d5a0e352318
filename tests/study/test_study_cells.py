"""Cells of a study: shared plans change nothing, what is kept is not played again, workers change nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from study.study_worlds import CREWS, CREWS_LATE, INTEGRATOR_DOWN, assembly_study, assembly_world
from worlds import noisy_chain_world, row

from twin.events.study_result import StudyResult
from twin.model.case import make_case
from twin.model.problems import InputError
from twin.model.rows_demand import Estimate
from twin.model.scenario import Change, Scenario
from twin.model.study import Doubts, Situation
from twin.model.study_case import StudyCase, make_study
from twin.study import cells
from twin.study.cells import Cell, CellStore, moments_of_all, play_cells
from twin.study.crossed import run_study, with_overrides
from twin.study.ground import lay_ground
from twin.study.playbook import make_playbook, moments_of


def small_study() -> StudyCase:
    return make_study(assembly_world(weeks=10), assembly_study(situations=[assembly_study().situations[0], CREWS_LATE]))


def numbers(result: StudyResult) -> dict[str, object]:
    """All but where and when it was made."""
    return result.model_dump(exclude={"manifest", "run"})


def test_plans_taken_from_the_calm_ones_are_those_made_without() -> None:
    case = make_case(noisy_chain_world(), Scenario(name="x", disruptions=list(CREWS_LATE.disruptions)))
    ground, disruptions = lay_ground(case), tuple(case.scenario.disruptions)
    moments = (7 * 86_400, 21 * 86_400, *moments_of(ground.network, case.scenario))
    calm = make_playbook(ground, (), moments=moments)
    alone = make_playbook(ground, disruptions, calm.opening, moments=moments)
    shared = make_playbook(ground, disruptions, calm.opening, moments=moments, begun=calm)
    assert shared.updates[moments[1]] is calm.updates[moments[1]]
    assert shared.updates[moments[-1]] is not calm.updates[moments[-1]]
    assert {at: each.schedules for at, each in alone.updates.items()} == {
        at: each.schedules for at, each in shared.updates.items()
    }
    assert [each.plan.objective for each in alone.updates.values()] == [
        each.plan.objective for each in shared.updates.values()
    ]


def test_a_study_gives_the_same_alone_in_two_processes_and_from_what_is_kept(tmp_path: Path) -> None:
    study = small_study()
    first = run_study(study, tmp_path / "one", workers=1)
    assert numbers(run_study(study, tmp_path / "two", workers=2)) == numbers(first)
    told: list[tuple[str, int, int]] = []
    again = run_study(study, tmp_path / "one", 1, lambda stage, done, of: told.append((stage, done, of)))
    assert numbers(again) == numbers(first)
    assert told == [("cells", 4, 4)]


def test_an_interrupted_study_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = small_study()
    whole = run_study(study, tmp_path / "whole", workers=1)
    play, played = cells.run_all, list[int]()

    def killed(work, tasks, workers, stage, progress):  # type: ignore[no-untyped-def]
        if stage == "replications":
            played.append(len(tasks))
            if len(played) == 3:
                raise KeyboardInterrupt
        return play(work, tasks, workers, stage, progress)

    monkeypatch.setattr(cells, "run_all", killed)
    with pytest.raises(KeyboardInterrupt):
        run_study(study, tmp_path / "cut", workers=1)
    assert len(list((tmp_path / "cut" / cells.CELLS).iterdir())) == 2
    assert numbers(run_study(study, tmp_path / "cut", workers=1)) == numbers(whole)
    assert len(played) == 3 + 2


def test_a_value_that_a_number_has_anyway_is_played_once(tmp_path: Path) -> None:
    study = make_study(assembly_world(weeks=8), assembly_study(crossings=[CREWS.model_copy(update={"set": [3, 4]})]))
    found = [Cell(case=case) for case in (*study.cells.values(), *study.crossings["crews"].values())]
    store = CellStore(root=tmp_path, moments=moments_of_all(study.cells.values()))
    runs = play_cells(found, store, 1, lambda *_: None)
    assert len(runs) == 6
    assert len(list((tmp_path / cells.CELLS).iterdir())) == 4


def test_the_commands_own_seed_and_number_hold_in_every_cell() -> None:
    changed = with_overrides(small_study(), 3, 7)
    assert {(case.scenario.replications, case.scenario.seed) for case in changed.cells.values()} == {(3, 7)}


def test_an_estimate_at_its_ends_and_a_situation_of_changes(tmp_path: Path) -> None:
    """With three crews the campus keeps up at 60 h a rack and at 44 h, and at 84 h only the factory does."""
    hours = row(Estimate, estimate="hours on the floor", table="routings", column="hours", low=20, high=60,
                where="item=rack_accepted; level=L10; step=1")  # fmt: skip
    world = assembly_world(weeks=10, crews=3).model_copy(update={"estimates": (hours,)})
    fewer = Situation(
        name="two-crews", changes=[Change(table="resources", where={"resource": "crew"}, set={"capacity": 2})]
    )
    study = assembly_study(
        situations=[assembly_study().situations[0], fewer],
        doubts=Doubts(estimates=["hours on the floor"], measure="backlog_end_racks"),
    )
    result = run_study(make_study(world, study), tmp_path, workers=1)
    (doubt,) = result.doubts
    assert (doubt.at_low.value, doubt.as_used.value) == pytest.approx((0, 0), abs=1)
    assert doubt.at_high.value == pytest.approx(-10 * (8 - 3 * 168 / 84), abs=6)
    assert not doubt.holds
    lost = result.cell("on-site", "two-crews").loss["lost_in_report_racks"].mean
    assert lost == pytest.approx(-(result.cell("on-site", "two-crews").against_calm["racks_accepted"].value or 0.0))
    assert lost > 10


def test_an_unknown_measure_is_refused_with_the_nearest_known(tmp_path: Path) -> None:
    crossing = CREWS.model_copy(update={"measure": "racks_acepted"})
    with pytest.raises(InputError, match=r"there is no measure of this name.*did you mean 'racks_accepted'"):
        run_study(make_study(assembly_world(weeks=8), assembly_study(crossings=[crossing])), tmp_path, workers=1)


@pytest.mark.slow
def test_each_cell_is_what_a_run_of_it_gives(tmp_path: Path) -> None:
    """With one situation, a cell and its calm are a scenario and its paired baseline."""
    from twin.study.run import run_case

    situations = [assembly_study().situations[0], INTEGRATOR_DOWN]
    study = make_study(assembly_world(weeks=10), assembly_study(situations=situations))
    result = run_study(study, tmp_path, workers=1)
    case = study.cells["factory", "integrator-down"]
    alone = run_case(case, tmp_path, workers=1, with_estimates=False)
    cell = result.cell("factory", "integrator-down")
    assert cell.kpis["racks_accepted"] == alone.kpis["racks_accepted"]
    assert cell.loss == alone.resilience
