"""A scenario made ready to be worked on: read, merged, applied to its world, checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from twin.model.checks import unchecked
from twin.model.checks_convert import conversion_notes
from twin.model.checks_dates import late_notes
from twin.model.checks_names import misnamed
from twin.model.checks_scenario import lever_range_problems, scenario_problems
from twin.model.defects import transport_notes
from twin.model.distance import distance_notes
from twin.model.document import DocumentPlace
from twin.model.load import read_world
from twin.model.order_book import ordered
from twin.model.patch import new_problems, patch_tables
from twin.model.places import find_scenario, shown
from twin.model.problems import Problem, raise_if_any
from twin.model.replan_notes import replan_notes
from twin.model.scenario import Case, Change, Scenario
from twin.model.scenario_file import ScenarioFile, in_memory, read_scenario
from twin.model.supported import check_supported
from twin.model.tables import Tables, tables_of
from twin.model.unread import unread_warnings
from twin.model.world import Settings, World

_TOUCHING = "scenarios that touch them"
"""The same for every scenario, so that a problem of their common world is one."""

_WINDOW = ("starts", "report_weeks", "tail_weeks")
"""Settings that hold for the unpatched world too, so that both have one clock."""


def load_case(name: str | Path) -> Case:
    """A scenario by the bare name of a shipped one or by path, with its world, ready to work on.

    Raises InputError with every problem of the scenario files and of the world's tables.
    """
    file = read_scenario(find_scenario(name))
    if file.world_path is None:
        raise_if_any(file.problems, (*file.files, "the world"))
    assert file.world_path is not None
    tables, problems = read_world(file.world_path)
    if not file.is_sure:
        raise_if_any([*file.problems, *problems], _unchecked(file, tables))
    return assemble(file, tables, files=(*file.files, shown(file.world_path)), found=problems)


def make_case(world: World, scenario: Scenario) -> Case:
    """A case from a world and a scenario built in memory; the scenario's `world` and `extends` are not read.

    Raises InputError with what the scenario breaks; the world itself is taken as it is.
    """
    file = in_memory(scenario)
    return assemble(file, tables_of(world))


def with_changes(case: Case, changes: Sequence[Change]) -> Case:
    """The same case with further changes of its world: for levers, estimates and sweeps.

    Day one stays that of the unpatched world. Raises InputError with what the changes break.
    """
    scenario = case.scenario.model_copy(update={"changes": [*case.scenario.changes, *changes]})
    changed = assemble(in_memory(scenario), tables_of(case.base_world), files=case.files, further=True)
    return changed.model_copy(update={"world_hash": case.world_hash})


def content_hash(record: BaseModel) -> str:
    """SHA-256 of a record's content as canonical JSON: sorted names, no blanks."""
    content = json.dumps(record.model_dump(by_alias=True), sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(content.encode()).hexdigest()


def assemble(
    file: ScenarioFile,
    tables: Tables,
    files: tuple[str, ...] = (),
    found: Sequence[Problem] = (),
    further: bool = False,
) -> Case:
    """A case from a scenario and its world's tables, changed in place; every problem joins those `found` before.

    `further`: the case was made before, and has been changed since, so that its levers may stand anywhere.
    Raises InputError with all of them.
    """
    scenario = file.scenario
    assert scenario is not None
    before = tables.copy()
    settings = _setting_changes(file, scenario)
    problems = [*file.problems, *found]
    problems += patch_tables(tables, [pair for pair in settings if pair[0].where["name"] in _WINDOW])
    base = tables.copy()
    problems += patch_tables(tables, [*settings, *_changes(file, scenario)])
    problems += new_problems(tables, before)
    # A row with an unknown name is not what the scenario can be judged by.
    tables.broken |= misnamed(tables) if problems else set()
    problems += [*scenario_problems(file, tables), *check_supported(tables, file)]
    problems += [] if further else lever_range_problems(file, tables, before)
    raise_if_any(problems, _unchecked(file, tables))
    patched = tables.world()
    return Case(
        scenario=scenario,
        world=patched,
        base_world=base.world(),
        scenario_hash=content_hash(scenario),
        world_hash=content_hash(before.world().model_copy(update={"name": ""})),
        files=files,
        warnings=(
            *late_notes(patched),
            *distance_notes(patched),
            *conversion_notes(patched),
            *transport_notes(patched),
            *replan_notes(scenario, patched.settings.horizon_s, bool(ordered(patched))),
            *unread_warnings(patched),
        ),
    )


def _unchecked(file: ScenarioFile, tables: Tables) -> list[str]:
    """Tables, and files of the scenario, that could not be fully checked."""
    names = unchecked(tables)
    names += [_TOUCHING] if names else []
    return names + (file.files if file.left_out or not file.is_sure else [])


def _setting_changes(file: ScenarioFile, scenario: Scenario) -> list[tuple[Change, DocumentPlace]]:
    return [
        (Change(table="settings", where={"name": name}, set={"value": value}), file.settings[name])
        for name, value in scenario.settings.items()
        if name in Settings.model_fields
    ]


def _changes(file: ScenarioFile, scenario: Scenario) -> list[tuple[Change, DocumentPlace]]:
    """The scenario's changes first, then its mitigations: protection acts on the world as the scenario has it."""
    own = list(zip(scenario.changes, file.places["changes"], strict=True))
    protecting = [
        (change, place.below("changes", index))
        for mitigation, place in zip(scenario.mitigations, file.places["mitigations"], strict=True)
        for index, change in enumerate(mitigation.changes)
    ]
    return [*own, *protecting]
