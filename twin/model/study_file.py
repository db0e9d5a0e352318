"""A study from its file, each entry with its place, and what is wrong with it by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from twin.model.document import Document, DocumentPlace, read_document
from twin.model.places import find_parent, parent_meant, shown
from twin.model.problems import InputError, Problem, raise_if_any, suggestion
from twin.model.scenario_file import located
from twin.model.study import Crossing, Study


@dataclass(frozen=True, slots=True)
class StudyFile:
    """A study that holds its own rules; `document` gives the places of its parts."""

    study: Study
    document: Document
    files: tuple[str, ...] = field(default=())

    def place(self, *parts: str | int) -> DocumentPlace:
        """A block of the file."""
        return DocumentPlace(self.document, parts)


def read_study(path: Path) -> StudyFile:
    """A study file. Raises InputError with everything that is wrong with it by itself."""
    document = read_document(path)
    raise_if_any(document.problems)
    try:
        study = Study.model_validate(document.data, context={"folder": document.folder})
    except ValidationError as error:
        raise_if_any(located(document, detail, Study) for detail in error.errors(include_url=False))
        raise
    file = StudyFile(study, document, (shown(path),))
    raise_if_any(study_problems(file))
    return file


def study_in_memory(study: Study) -> StudyFile:
    """A study that stands in no file. Raises InputError with what it breaks."""
    file = StudyFile(study, Document(f"study {study.name}", Path()))
    raise_if_any(study_problems(file))
    return file


def beginning(file: StudyFile, number: int) -> Path | None:
    """The scenario file that a configuration begins from; None: the study's own world.

    Raises InputError where it names none that is there.
    """
    own = file.study.configurations[number].extends
    name, place = (own, file.place("configurations", number)) if own else (file.study.extends, file.place())
    if not name:
        return None
    path = find_parent(name, file.document.folder)
    if path is None:
        remedy = parent_meant(name, file.document.folder)
        raise InputError([place.problem("extends", "there is no scenario to extend of this name", name, remedy)])
    return path


def study_problems(file: StudyFile) -> Iterator[Problem]:
    """What is wrong with a study whatever its world: names twice or unknown, values that say nothing."""
    study = file.study
    for kind in ("configurations", "situations", "crossings"):
        yield from _repeated(file, kind, [each.name for each in getattr(study, kind)])
    if bool(study.extends) == bool(study.world) and not all(each.extends for each in study.configurations):
        rule = "a study gives `extends` or `world`" + (", not both" if study.world else "")
        yield file.place().problem("world" if study.world else "", rule, remedy="extend a scenario, or name a world")
    configurations = [each.name for each in study.configurations]
    yield from _unknown(file.place(), "base", study.base, configurations)
    for number, crossing in enumerate(study.crossings):
        place = file.place("crossings", number)
        yield from _values(place, crossing)
        yield from _compared(file, place, crossing.between, crossing.situation)
    yield from _compared(file, file.place("doubts"), study.doubts.between, study.doubts.situation)


def _repeated(file: StudyFile, kind: str, names: Sequence[str]) -> Iterator[Problem]:
    for number, name in enumerate(names):
        if name in names[:number]:
            rule = f"the names of {kind} must differ"
            yield file.place(kind, number).problem("name", rule, name, "choose another name")


def _unknown(place: DocumentPlace, column: str, name: str, known: Sequence[str]) -> Iterator[Problem]:
    if name and name not in known:
        what = "situation" if column == "situation" else "configuration"
        yield place.problem(column, f"the study has no {what} of this name", name, suggestion(name, known, ""))


def _values(place: DocumentPlace, crossing: Crossing) -> Iterator[Problem]:
    if bool(crossing.set) == bool(crossing.multiply):
        rule = "a crossing sets values, or multiplies by factors"
        yield place.problem("set" if crossing.set else "", rule, remedy="give `set` or `multiply`")
    elif len(crossing.values) < 2 or sorted(set(crossing.values)) != list(crossing.values):
        rule = "values of a crossing are two or more, from the lowest to the highest"
        yield place.problem(
            "set" if crossing.set else "multiply", rule, remedy="write them in order, such as [1, 2, 4]"
        )


def _compared(file: StudyFile, place: DocumentPlace, between: Sequence[str], situation: str) -> Iterator[Problem]:
    study = file.study
    for name in between:
        yield from _unknown(place, "between", name, [each.name for each in study.configurations])
    if len(set(between)) == 1:
        yield place.problem("between", "two configurations are compared", between[0], "name two that differ")
    yield from _unknown(place, "situation", situation, [each.name for each in study.situations])
