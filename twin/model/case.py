"""A scenario made ready to be worked on: read, merged, applied to its world, checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from twin.model.checks_scenario import scenario_problems
from twin.model.document import DocumentPlace
from twin.model.load import read_world
from twin.model.patch import new_problems, patch_tables
from twin.model.places import find_scenario, shown
from twin.model.problems import raise_if_any
from twin.model.scenario import Case, Change, Scenario
from twin.model.scenario_file import ScenarioFile, in_memory, read_scenario
from twin.model.supported import check_supported
from twin.model.tables import Tables, tables_of
from twin.model.unread import unread_warnings
from twin.model.world import World

_WINDOW = ("starts", "report_weeks", "tail_weeks")
"""Settings that hold for the unpatched world too, so that both have one clock."""


def load_case(name: str | Path) -> Case:
    """A scenario by the bare name of a shipped one or by path, with its world, ready to work on.

    Raises InputError with every problem of the scenario files and of the world's tables.
    """
    file = read_scenario(find_scenario(name))
    problems, tables = list(file.problems), None
    if file.world_path is not None:
        tables, found = read_world(file.world_path)
        problems += found
    raise_if_any(problems)
    assert tables is not None
    assert file.world_path is not None
    files = (*(document.file for _, document in reversed(file.documents)), shown(file.world_path))
    return _assemble(file, tables, tables.world(), files=files)


def make_case(world: World, scenario: Scenario) -> Case:
    """A case from a world and a scenario built in memory; the scenario's `world` and `extends` are not read.

    Raises InputError with what the scenario breaks; the world itself is taken as it is.
    """
    file = in_memory(scenario)
    raise_if_any(file.problems)
    return _assemble(file, tables_of(world), world)


def with_changes(case: Case, changes: Sequence[Change]) -> Case:
    """The same case with further changes of its world: for levers, estimates and sweeps.

    Day one stays that of the unpatched world. Raises InputError with what the changes break.
    """
    scenario = case.scenario.model_copy(update={"changes": [*case.scenario.changes, *changes]})
    changed = _assemble(in_memory(scenario), tables_of(case.base_world), case.base_world, files=case.files)
    return changed.model_copy(update={"world_hash": case.world_hash})


def content_hash(record: BaseModel) -> str:
    """SHA-256 of a record's content as canonical JSON: sorted names, no blanks."""
    content = json.dumps(record.model_dump(by_alias=True), sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(content.encode()).hexdigest()


def _assemble(file: ScenarioFile, tables: Tables, world: World, files: tuple[str, ...] = ()) -> Case:
    scenario = file.scenario
    assert scenario is not None
    settings = _setting_changes(file, scenario)
    problems = patch_tables(tables, [pair for pair in settings if pair[0].where["name"] in _WINDOW])
    raise_if_any(problems)
    base_world = tables.world()
    problems = patch_tables(tables, [*settings, *_changes(file, scenario)])
    raise_if_any(problems or new_problems(tables, world))
    raise_if_any([*scenario_problems(file, tables), *check_supported(tables, file)])
    patched = tables.world()
    return Case(
        scenario=scenario,
        world=patched,
        base_world=base_world,
        scenario_hash=content_hash(scenario),
        world_hash=content_hash(world.model_copy(update={"name": ""})),
        files=files,
        warnings=unread_warnings(patched),
    )


def _setting_changes(file: ScenarioFile, scenario: Scenario) -> list[tuple[Change, DocumentPlace]]:
    return [
        (Change(table="settings", where={"name": name}, set={"value": value}), file.settings[name])
        for name, value in scenario.settings.items()
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
