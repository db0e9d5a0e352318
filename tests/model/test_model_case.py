"""Scenarios: chains of files, changes of the world, cases built in memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import chain_world

from twin.model.case import load_case, make_case, with_changes
from twin.model.patch import apply_changes, estimate_change
from twin.model.places import shipped_scenarios
from twin.model.problems import InputError
from twin.model.rows_demand import Estimate
from twin.model.scenario import Change, Disruption, Mitigation, Scenario, Target
from twin.model.world import Settings

CHILD = """\
name: second
extends: fire
seed: 7
settings: {report_weeks: 6, tail_weeks: 2}
disruptions:
  - name: strike
    at: {lane: b}
    kind: outage
    starts: 2026-02-02
    lasts_days: 3
mitigations:
  - name: more crews
    changes:
      - {table: resources, where: {resource: crew}, multiply: {capacity: 1.5}}
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def crews(world_or_case: object) -> float:
    return next(row.capacity for row in world_or_case.resources if row.resource in ("crew", "bay"))  # type: ignore[attr-defined]


def test_a_scenario_extends_another(scenario_file: Path) -> None:
    case = load_case(write(scenario_file.parent / "second.yaml", CHILD))
    scenario = case.scenario
    assert (scenario.name, scenario.title, scenario.seed) == ("second", "The fab burns", 7)
    assert [disruption.name for disruption in scenario.disruptions] == ["fire", "strike"]
    assert scenario.world == "small"
    assert case.world.settings.report_weeks == 6
    assert case.files == ("second.yaml", "fire.yaml", "worlds/small")


def test_changes_come_before_mitigations_and_leave_the_base_world(scenario_file: Path) -> None:
    case = load_case(write(scenario_file.parent / "second.yaml", CHILD))
    assert crews(case.base_world) == 2
    assert crews(case.world) == 6, "set to 4 by the change, times 1.5 by the mitigation"


def test_the_base_world_takes_the_window_and_no_other_setting(scenario_file: Path) -> None:
    text = CHILD.replace("tail_weeks: 2}", "tail_weeks: 2, pegging: fair_share}")
    case = load_case(write(scenario_file.parent / "second.yaml", text))
    assert (case.base_world.settings.report_weeks, case.base_world.settings.tail_weeks) == (6, 2)
    assert case.base_world.settings.pegging == "priority"
    assert case.world.settings.pegging == "fair_share"


def test_a_later_file_overrides_scalars_and_merges_settings(scenario_file: Path) -> None:
    write(scenario_file.parent / "second.yaml", CHILD)
    third = "name: third\nextends: ./second.yaml\ntitle: Both\nsettings: {tail_weeks: 4}\n"
    case = load_case(write(scenario_file.parent / "third.yaml", third))
    assert case.scenario.settings == {"report_weeks": 6, "tail_weeks": 4}
    assert (case.scenario.title, case.scenario.seed) == ("Both", 7)


def test_a_circle_of_scenarios_is_named(scenario_file: Path) -> None:
    write(scenario_file.parent / "one.yaml", "name: one\nextends: two\n")
    path = write(scenario_file.parent / "two.yaml", "name: two\nextends: one\n")
    with pytest.raises(InputError, match=r"one\.yaml:2:10: .*\(two -> one -> two\)"):
        load_case(path)


def test_a_name_used_by_the_parent_is_refused(scenario_file: Path) -> None:
    path = write(scenario_file.parent / "second.yaml", CHILD.replace("name: strike", "name: fire"))
    with pytest.raises(InputError, match=r"second\.yaml:6:11: the names of disruptions must differ"):
        load_case(path)


def test_equal_content_has_equal_hashes(scenario_file: Path) -> None:
    first = load_case(scenario_file)
    write(
        scenario_file,
        "# a comment\n" + scenario_file.read_text(encoding="utf-8").replace("lasts_weeks: 2", "lasts_weeks:   2.0"),
    )
    again = load_case(scenario_file)
    assert (first.scenario_hash, first.world_hash) == (again.scenario_hash, again.world_hash)
    write(scenario_file, scenario_file.read_text(encoding="utf-8").replace("lasts_weeks:   2.0", "lasts_weeks: 3"))
    other = load_case(scenario_file)
    assert other.scenario_hash != first.scenario_hash
    assert other.world_hash == first.world_hash


def test_shipped_scenarios_are_found_by_their_bare_name() -> None:
    assert all(path.is_file() and path.stem == name for name, path in shipped_scenarios().items())


def bay_change(**what: object) -> Change:
    return Change(table="resources", where={"site": "integrator", "resource": "bay"}, **what)


@pytest.mark.parametrize(
    ("what", "capacity"),
    [({"set": {"capacity": 7}}, 7), ({"set": {"capacity": "7.5"}}, 7.5), ({"multiply": {"capacity": 1.5}}, 3)],
)
def test_cells_are_set_and_multiplied(what: dict[str, object], capacity: float) -> None:
    world = apply_changes(chain_world(), [bay_change(**what)])
    assert crews(world) == capacity
    assert chain_world().resources[1] == world.resources[1], "other rows stay"


def test_a_factor_scales_a_distribution_and_rounds_a_whole_number() -> None:
    noisy = chain_world(
        lanes=tuple(lane.model_copy(update={"transit_days": lane.transit_days}) for lane in chain_world().lanes)
    )
    changes = [
        Change(table="lanes", multiply={"transit_days": 2}),
        Change(table="orders", where={"order": "order-01"}, multiply={"quantity": 1.6}),
    ]
    world = apply_changes(noisy, changes)
    assert [b.transit_days.mean for b in world.lanes] == [2 * a.transit_days.mean for a in noisy.lanes]
    assert world.orders[0].quantity == 3


def test_a_blank_in_set_goes_back_to_the_default() -> None:
    world = apply_changes(chain_world(), [Change(table="processes", set={"capacity_per_week": None, "lot_size": ""})])
    assert {process.capacity_per_week for process in world.processes} == {None}


def test_rows_are_added_and_removed() -> None:
    row = {
        "order": "late",
        "customer": "acme",
        "site": "campus",
        "item": "rack_accepted",
        "quantity": 1,
        "requested": "2026-02-01",
    }
    world = apply_changes(
        chain_world(),
        [Change(table="orders", where={"order": "order-01"}, remove=True), Change(table="orders", add=[row])],
    )
    assert [order.order for order in world.orders][:1] == ["order-02"]
    assert world.orders[-1].order == "late"
    assert len(world.orders) == 12


def test_numbers_match_as_numbers_and_blanks_match_blanks() -> None:
    world = apply_changes(
        chain_world(), [Change(table="routings", where={"step": "1.0", "rework_to": None}, set={"hours": 1})]
    )
    assert {step.hours.mean for step in world.routings if step.step == 1} == {1.0}


def test_settings_are_a_table_too() -> None:
    change = Change(table="settings", where={"name": "carrying_rate_per_year"}, set={"value": 0.2})
    assert apply_changes(chain_world(), [change]).settings.carrying_rate_per_year == 0.2


def test_a_change_is_checked_like_the_world() -> None:
    with pytest.raises(InputError, match="destination must be listed in the table 'sites'"):
        apply_changes(chain_world(), [Change(table="lanes", set={"destination": "nowhere"})])
    with pytest.raises(InputError, match="resource must be listed for the site campus"):
        apply_changes(chain_world(), [Change(table="resources", where={"resource": "crew"}, remove=True)])


def test_problems_that_the_world_had_before_are_not_the_changes() -> None:
    world = chain_world()
    broken = world.model_copy(update={"lanes": (*world.lanes, world.lanes[0])})
    assert crews(apply_changes(broken, [bay_change(set={"capacity": 9})])) == 9


def test_an_estimate_becomes_a_change() -> None:
    estimate = Estimate(
        estimate="bays", table="resources", where="site=integrator; resource=bay", column="capacity", low=1, high=4
    )
    assert crews(apply_changes(chain_world(), [estimate_change(estimate, 4)])) == 4


def test_a_case_built_in_memory_takes_further_changes() -> None:
    mitigation = Mitigation(name="bays", changes=[bay_change(multiply={"capacity": 2})])
    case = make_case(chain_world(), Scenario(name="tried", mitigations=[mitigation], settings={"report_weeks": 10}))
    assert crews(case.world) == 4
    more = with_changes(case, [bay_change(set={"capacity": 5})])
    assert crews(more.world) == 10, "set by the change, then doubled by the mitigation"
    assert more.base_world == case.base_world
    assert more.world_hash == case.world_hash
    assert more.scenario_hash != case.scenario_hash
    assert crews(case.world) == 4, "the first case is as it was"


def test_an_inherited_lever_need_not_hold_what_the_child_moves_its_number_to(scenario_file: Path) -> None:
    moved = CHILD.replace("multiply: {capacity: 1.5}", "set: {capacity: 12}")
    assert crews(load_case(write(scenario_file.parent / "second.yaml", moved)).world) == 12


def test_further_changes_may_leave_the_range_of_a_lever(scenario_file: Path) -> None:
    change = Change(table="resources", where={"resource": "crew"}, set={"capacity": 12})
    assert crews(with_changes(load_case(scenario_file), [change]).world) == 12


def test_a_scenario_in_memory_is_checked() -> None:
    fire = Disruption(name="fire", at=Target(site="pack_c"), kind="outage", starts="2026-02-02", lasts_weeks=1)
    with pytest.raises(InputError, match="scenario tried: the world has no site of this name — got 'pack_c'"):
        make_case(chain_world(), Scenario(name="tried", disruptions=[fire]))


def test_hashes_see_what_the_world_holds() -> None:
    first = make_case(chain_world(), Scenario(name="x"))
    second = make_case(chain_world(racks_per_week=3), Scenario(name="x"))
    renamed = make_case(chain_world().model_copy(update={"name": "other"}), Scenario(name="x"))
    assert first.world_hash != second.world_hash
    assert first.world_hash == renamed.world_hash
    assert Settings(starts="2026-01-05").horizon_s == 52 * 604_800
