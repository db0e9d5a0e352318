"""A scenario from its file and the chain of files it extends, each entry with its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from twin.model.columns import cell_text
from twin.model.document import Document, DocumentPlace, Loc, read_document
from twin.model.places import find_parent, find_world, parent_meant, world_meant
from twin.model.problems import Problem, nearest, sentences, suggestion
from twin.model.scenario import Scenario
from twin.model.words import plain_words
from twin.model.world import Settings

_LISTS = ("disruptions", "mitigations", "changes", "levers")
_BLOCKS = ("settings", "budgets")
_OF_THE_WORLD = {"world", "extends", "settings", "changes", "mitigations"}


@dataclass(slots=True)
class ScenarioFile:
    """A merged scenario: `places` by list name one for each entry, `settings` by name of the setting.

    Of files with problems it holds what could be read; `left_out` names the keys of which some part could not.
    """

    scenario: Scenario | None
    world_path: Path | None
    documents: list[tuple[Path, Document]]
    places: dict[str, list[DocumentPlace]] = field(default_factory=lambda: {name: [] for name in _LISTS})
    settings: dict[str, DocumentPlace] = field(default_factory=dict)
    scalars: dict[str, DocumentPlace] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)

    @property
    def files(self) -> list[str]:
        """The files read, the scenario's own first."""
        return [document.file for _, document in reversed(self.documents)]

    @property
    def is_sure(self) -> bool:
        """True where what it says of the world is read whole, so that a world may be judged by it."""
        damaged = any(document.problems for _, document in self.documents)
        return self.scenario is not None and not damaged and not self.left_out & _OF_THE_WORLD


@dataclass(frozen=True, slots=True)
class _Part:
    """One file's own part: what of it could be read, and which entries of its lists those are."""

    document: Document
    scenario: Scenario | None
    problems: list[Problem]
    entries: dict[str, list[int]]
    left_out: set[str]


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
    parts = [_validated(document) for _, document in chain]
    merged = ScenarioFile(None, None, chain, problems=problems)
    for part in parts:
        merged.problems += [*part.document.problems, *part.problems]
        merged.left_out |= part.left_out
    merged.world_path = _world_path(chain[0], merged.problems)
    if all(part.scenario is not None for part in parts):
        _merge(merged, parts)
    return merged


def _read_chain(path: Path) -> tuple[list[tuple[Path, Document]], list[Problem]]:
    """Every file of the chain, the oldest parent first."""
    chain = [(path, read_document(path))]
    seen = {path.resolve()}
    while True:
        document = chain[0][1]
        name = _named(document, "extends")
        if not name:
            return chain, []
        parent = find_parent(name, document.folder)
        if parent is None:
            remedy = parent_meant(name, document.folder)
            return chain, [document.problem(("extends",), "there is no scenario to extend of this name", name, remedy)]
        if parent.resolve() in seen:
            names = " -> ".join([*(step.stem for step, _ in reversed(chain)), parent.stem])
            rule = f"scenarios must not extend each other in a circle ({names})"
            return chain, [document.problem(("extends",), rule, name, "let one of them name a world instead")]
        seen.add(parent.resolve())
        chain.insert(0, (parent, read_document(parent)))


def _named(document: Document, key: str) -> str:
    """What a key names, which may look like a number; blank where it names nothing."""
    name = document.data.get(key)
    return cell_text(name) if isinstance(name, str | int | float) and not isinstance(name, bool) else ""


def _validated(document: Document) -> _Part:
    """One file's own part as a scenario without what breaks a rule, with the problems."""
    if not document.data:
        return _Part(document, None, [], {}, set())
    problems = []
    if bool(document.data.get("extends")) == bool(document.data.get("world")):
        both = "extends" in document.data and "world" in document.data
        rule = "a scenario gives `extends` or `world`" + (", not both" if both else "")
        problems.append(document.problem(("world",) if both else (), rule, remedy="extend a scenario, or name a world"))
    given = {name: document.data.get(name) for name in _LISTS}
    entries = {name: list(range(len(value))) for name, value in given.items() if isinstance(value, list)}
    context = {"folder": document.folder}
    try:
        scenario = Scenario.model_validate(document.data, context=context)
    except ValidationError as error:
        details = error.errors(include_url=False)
        problems += [located(document, detail, Scenario) for detail in details]
        rest, left_out = _without([detail["loc"] for detail in details], document.data, entries)
        return _Part(document, Scenario.model_validate(rest, context=context), problems, entries, left_out)
    return _Part(document, scenario, problems, entries, set())


def _without(
    locs: list[tuple[str | int, ...]], data: dict[str, Any], entries: dict[str, list[int]]
) -> tuple[dict[str, Any], set[str]]:
    """The data without entries and keys in which an error lies, and the names of such keys; `entries` shrink too."""
    rest, left_out = dict(data), set()
    for key, *below in locs:
        name = str(key)
        left_out.add(name if name in Scenario.model_fields else nearest(name, Scenario.model_fields) or name)
        if name in _LISTS and below:
            entries[name] = [index for index in entries[name] if index != below[0]]
            rest[name] = [data[name][index] for index in entries[name]]
        else:
            rest.pop(name, None)
    return {"name": "unnamed", **rest}, left_out


def located(document: Document, detail: Any, record: type[BaseModel]) -> Problem:
    """What breaks a rule of the record that a file holds, at its place in the file."""
    loc = _path_in(document, detail["loc"])
    name = str(loc[-1]) if loc and isinstance(loc[-1], str) else ""
    extra = detail["type"] == "extra_forbidden"
    rule, remedy = plain_words(detail, name, _keys_at(loc[:-1], record) if extra else ())
    given = detail["input"] if detail["type"] != "missing" else None
    value = cell_text(given) if isinstance(given, str | int | float) else ""
    return document.problem(loc, rule, value, remedy, at_key=extra)


def _path_in(document: Document, loc: tuple[str | int, ...]) -> Loc:
    """The path of an error without the parts that stand for pydantic's own branches; a missing last key stays."""
    path: Loc = ()
    for part in loc[:-1]:
        path = (*path, part) if (*path, part) in document.values else path
    return (*path, *loc[-1:])


def _keys_at(loc: Loc, record: type[BaseModel]) -> list[str]:
    """The keys that may stand in the block at a path of a record."""
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
    name = _named(document, "world")
    if not name:
        return None
    path = find_world(name, document.folder)
    if path is None:
        remedy = sentences(
            world_meant(name, document.folder), "A world is a folder of CSV files or one workbook (.xlsx)"
        )
        problems.append(document.problem(("world",), "there is no such world", name, remedy))
    return path


def _merge(merged: ScenarioFile, parts: list[_Part]) -> None:
    values: dict[str, Any] = {}
    for part in parts:
        scenario, root = part.scenario, DocumentPlace(part.document, ())
        assert scenario is not None
        for name in sorted(scenario.model_fields_set):
            given = getattr(scenario, name)
            if name in _LISTS:
                values[name] = [*values.get(name, []), *given]
                merged.places[name] += [root.below(name, index) for index in part.entries[name]]
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
