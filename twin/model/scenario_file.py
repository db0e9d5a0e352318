"""A scenario from its file and the chain of files it extends, each entry with its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from twin.model.columns import cell_text
from twin.model.document import Document, DocumentPlace, Loc, read_document
from twin.model.places import find_parent, find_world, known_parents, known_worlds
from twin.model.problems import Problem, suggestion
from twin.model.scenario import Scenario
from twin.model.words import plain_words
from twin.model.world import Settings

_LISTS = ("disruptions", "mitigations", "changes", "levers")
_BLOCKS = ("settings", "budgets")


@dataclass(slots=True)
class ScenarioFile:
    """A merged scenario: `places` by list name one for each entry, `settings` by name of the setting."""

    scenario: Scenario | None
    world_path: Path | None
    documents: list[tuple[Path, Document]]
    places: dict[str, list[DocumentPlace]] = field(default_factory=lambda: {name: [] for name in _LISTS})
    settings: dict[str, DocumentPlace] = field(default_factory=dict)
    scalars: dict[str, DocumentPlace] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def in_memory(scenario: Scenario) -> ScenarioFile:
    """A scenario that stands in no file, so that its problems name it and nothing else."""
    root = DocumentPlace(Document(f"scenario {scenario.name}", Path()), ())
    file = ScenarioFile(scenario, None, [])
    for name in _LISTS:
        file.places[name] = [root.below(name, index) for index in range(len(getattr(scenario, name)))]
    file.settings = {name: root.below("settings", name) for name in scenario.settings}
    file.scalars = {name: root.below(name) for name in Scenario.model_fields}
    file.problems = [*_repeated_names(file), *_unknown_settings(file)]
    return file


def read_scenario(path: Path) -> ScenarioFile:
    """A scenario file with all it extends merged in: lists joined, parents first; the nearest scalar holds."""
    chain, problems = _read_chain(path)
    parts = [(document, *_validated(document)) for _, document in chain]
    merged = ScenarioFile(None, None, chain, problems=problems)
    for document, _, found in parts:
        merged.problems += [*document.problems, *found]
    merged.world_path = _world_path(chain[0], merged.problems)
    scenarios = [(document, scenario) for document, scenario, _ in parts if scenario is not None]
    if len(scenarios) == len(chain):
        _merge(merged, scenarios)
    return merged


def _read_chain(path: Path) -> tuple[list[tuple[Path, Document]], list[Problem]]:
    """Every file of the chain, the oldest parent first."""
    chain = [(path, read_document(path))]
    seen = {path.resolve()}
    while True:
        document = chain[0][1]
        name = document.data.get("extends")
        if not isinstance(name, str) or not name:
            return chain, []
        parent = find_parent(name, document.folder)
        if parent is None:
            remedy = suggestion(name, known_parents(document.folder), "")
            return chain, [document.problem(("extends",), "there is no scenario to extend of this name", name, remedy)]
        if parent.resolve() in seen:
            names = " -> ".join([*(step.stem for step, _ in reversed(chain)), parent.stem])
            rule = f"scenarios must not extend each other in a circle ({names})"
            return chain, [document.problem(("extends",), rule, name, "let one of them name a world instead")]
        seen.add(parent.resolve())
        chain.insert(0, (parent, read_document(parent)))


def _validated(document: Document) -> tuple[Scenario | None, list[Problem]]:
    """One file's own part as a scenario, or None with its problems."""
    if not document.data:
        return None, []
    problems = []
    if bool(document.data.get("extends")) == bool(document.data.get("world")):
        both = "extends" in document.data and "world" in document.data
        rule = "a scenario gives `extends` or `world`" + (", not both" if both else "")
        problems.append(document.problem(("world",) if both else (), rule, remedy="extend a scenario, or name a world"))
    try:
        scenario = Scenario.model_validate(document.data, context={"folder": document.folder})
    except ValidationError as error:
        return None, problems + [_located(document, detail) for detail in error.errors(include_url=False)]
    return scenario, problems


def _located(document: Document, detail: Any) -> Problem:
    loc = _path_in(document, detail["loc"])
    name = str(loc[-1]) if loc and isinstance(loc[-1], str) else ""
    extra = detail["type"] == "extra_forbidden"
    rule, remedy = plain_words(detail, name, _keys_at(loc[:-1]) if extra else ())
    given = detail["input"] if detail["type"] != "missing" else None
    value = cell_text(given) if isinstance(given, str | int | float) else ""
    return document.problem(loc, rule, value, remedy, at_key=extra)


def _path_in(document: Document, loc: tuple[str | int, ...]) -> Loc:
    """The path of an error without the parts that stand for pydantic's own branches; a missing last key stays."""
    path: Loc = ()
    for part in loc[:-1]:
        path = (*path, part) if (*path, part) in document.values else path
    return (*path, *loc[-1:])


def _keys_at(loc: Loc) -> list[str]:
    """The keys that may stand in the block at a path of a scenario."""
    record: type[BaseModel] = Scenario
    for part in loc:
        if isinstance(part, str) and part in record.model_fields:
            record = _record_in(record.model_fields[part].annotation) or record
    return [field.alias or name for name, field in record.model_fields.items()]


def _record_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = getattr(annotation, "__args__", ())
    return next((found for part in inner if (found := _record_in(part)) is not None), None)


def _world_path(root: tuple[Path, Document], problems: list[Problem]) -> Path | None:
    document = root[1]
    name = document.data.get("world")
    if not isinstance(name, str) or not name:
        return None
    path = find_world(name, document.folder)
    if path is None:
        remedy = suggestion(name, known_worlds(document.folder), "") + " A world is a folder of CSV files or a workbook"
        problems.append(document.problem(("world",), "there is no such world", name, remedy))
    return path


def _merge(merged: ScenarioFile, parts: list[tuple[Document, Scenario]]) -> None:
    values: dict[str, Any] = {}
    for document, scenario in parts:
        root = DocumentPlace(document, ())
        for name in sorted(scenario.model_fields_set):
            given = getattr(scenario, name)
            if name in _LISTS:
                values[name] = [*values.get(name, []), *given]
                merged.places[name] += [root.below(name, index) for index in range(len(given))]
            elif name in _BLOCKS:
                values[name] = {**values.get(name, {}), **_given(given)}
            else:
                values[name] = given
                merged.scalars[name] = root.below(name)
        merged.settings |= {name: root.below("settings", name) for name in scenario.settings}
    merged.scenario = Scenario.model_validate(values)
    merged.problems += _repeated_names(merged)
    merged.problems += _unknown_settings(merged)


def _given(block: Any) -> dict[str, Any]:
    return block.model_dump(exclude_unset=True) if isinstance(block, BaseModel) else dict(block)


def _repeated_names(merged: ScenarioFile) -> list[Problem]:
    assert merged.scenario is not None
    problems = []
    for kind in ("disruptions", "mitigations", "levers"):
        seen: set[str] = set()
        for entry, place in zip(getattr(merged.scenario, kind), merged.places[kind], strict=True):
            if entry.name in seen:
                rule = f"the names of {kind} must differ, those of extended files too"
                problems.append(place.problem("name", rule, entry.name, "choose another name"))
            seen.add(entry.name)
    return problems


def _unknown_settings(merged: ScenarioFile) -> list[Problem]:
    return [
        place.document.problem(
            place.loc, f"there is no setting '{name}'", name, suggestion(name, Settings.model_fields, ""), at_key=True
        )
        for name, place in merged.settings.items()
        if name not in Settings.model_fields
    ]
