"""A study made ready to be worked on: every cell of its crossing as a case, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twin.model.case import assemble
from twin.model.document import Document, DocumentPlace
from twin.model.load import read_world
from twin.model.patch import estimate_change
from twin.model.places import find_study, find_world, shown, world_meant
from twin.model.problems import InputError, Problem, raise_if_any, suggestion
from twin.model.scenario import Case, Change, Scenario
from twin.model.scenario_file import ScenarioFile, in_memory, read_scenario
from twin.model.study import Configuration, Situation, Study
from twin.model.study_file import StudyFile, beginning, read_study, study_in_memory
from twin.model.tables import Tables, tables_of
from twin.model.world import World

Swept = dict[tuple[float, str], Case]
"""By value and configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyCase:
    """A study with all its cases; `cells` by configuration and situation, in the order of the file.

    `crossings` are by name, `doubts` by the name of the estimate.
    """

    study: Study
    file: StudyFile
    cells: dict[tuple[str, str], Case]
    crossings: dict[str, Swept]
    doubts: dict[str, Swept]

    @property
    def files(self) -> tuple[str, ...]:
        """The files read."""
        return tuple(dict.fromkeys([*self.file.files, *(each for case in self.cells.values() for each in case.files)]))

    @property
    def calm(self) -> Case:
        """The base configuration in the first situation."""
        return self.cells[self.study.base_name, self.study.calm_name]


@dataclass(slots=True)
class _Worlds:
    """Worlds as they are read, each once."""

    given: World | None = None
    read: dict[Path, tuple[Tables, list[Problem]]] = field(default_factory=dict)

    def tables(self, path: Path | None) -> tuple[Tables, list[Problem]]:
        """A world's tables, to be changed in place, and what is wrong with them."""
        if path is None:
            assert self.given is not None
            return tables_of(self.given), []
        if path not in self.read:
            self.read[path] = read_world(path)
        tables, problems = self.read[path]
        return tables.copy(), problems


def load_study(name: str | Path) -> StudyCase:
    """A study by the bare name of a shipped one or by path, with all its cases.

    Raises InputError with every problem of the study, its scenarios and its world.
    """
    return _study_case(read_study(find_study(name)), _Worlds())


def make_study(world: World, study: Study) -> StudyCase:
    """A study of a world built in memory; its `world` and `extends` are not read. Raises InputError."""
    given = study.model_copy(update={"world": world.name, "extends": ""})
    return _study_case(study_in_memory(given), _Worlds(given=world))


def _study_case(file: StudyFile, worlds: _Worlds) -> StudyCase:
    study, problems = file.study, list[Problem]()
    begun = [_begun(file, number, worlds, problems) for number in range(len(study.configurations))]
    raise_if_any(problems)
    builder = _Builder(file, worlds, {each.name: begun[number] for number, each in enumerate(study.configurations)})
    cells = {
        (configuration.name, situation.name): case
        for configuration in study.configurations
        for situation in study.situations
        if (case := builder.case(configuration.name, situation.name)) is not None
    }
    raise_if_any(builder.problems)
    crossings = {each.name: builder.crossing(number) for number, each in enumerate(study.crossings)}
    doubts = builder.doubts(cells[study.base_name, study.calm_name].world)
    raise_if_any(builder.problems)
    made = StudyCase(study=study, file=file, cells=cells, crossings=crossings, doubts=doubts)
    raise_if_any(_unlike(made))
    return made


def _begun(file: StudyFile, number: int, worlds: _Worlds, problems: list[Problem]) -> ScenarioFile:
    """The scenario that a configuration begins from, before anything that the study says."""
    try:
        path = beginning(file, number)
    except InputError as error:
        problems += error.problems
        path = None
    if path is not None:
        found = read_scenario(path)
        problems += found.problems
        return found
    made = in_memory(Scenario(name=file.study.name))
    if worlds.given is None and file.study.world:
        made.world_path = find_world(file.study.world, file.document.folder)
        if made.world_path is None:
            remedy = world_meant(file.study.world, file.document.folder)
            problems.append(file.place().problem("world", "there is no such world", file.study.world, remedy))
    return made


@dataclass(slots=True)
class _Builder:
    """Cases of a study, one after the other; what is wrong with them gathers in `problems`."""

    file: StudyFile
    worlds: _Worlds
    begun: Mapping[str, ScenarioFile]
    problems: list[Problem] = field(default_factory=list)

    def case(self, configuration: str, situation: str, further: Sequence[tuple[Change, DocumentPlace]] = ()) -> Any:
        """A configuration in a situation, with further changes; None where something is wrong with it."""
        study, begun = self.file.study, self.begun[configuration]
        number, own = _numbered(study.configurations, configuration)
        at, what = _numbered(study.situations, situation)
        assert begun.scenario is not None
        assert isinstance(own, Configuration)
        assert isinstance(what, Situation)
        changes = [
            *_placed(study.changes, self.file.place("changes")),
            *_placed(own.changes, self.file.place("configurations", number, "changes")),
            *_placed(what.changes, self.file.place("situations", at, "changes")),
            *further,
        ]
        settings = begun.scenario.settings | study.settings | own.settings
        scenario = begun.scenario.model_copy(
            update={
                "name": f"{configuration}-{situation}",
                "title": ", ".join(each for each in (own.title, what.title) if each),
                "seed": study.seed,
                "replications": study.replications,
                "warm_start": own.warm_start or _warm_start(study, begun.scenario),
                "settings": settings,
                "disruptions": [*begun.scenario.disruptions, *what.disruptions],
                "changes": [*begun.scenario.changes, *(change for change, _ in changes)],
                "levers": [],
            }
        )
        places = {
            **begun.places,
            "disruptions": [
                *begun.places["disruptions"],
                *(self.file.place("situations", at, "disruptions", row) for row in range(len(what.disruptions))),
            ],
            "changes": [*begun.places["changes"], *(place for _, place in changes)],
            "levers": [],
        }
        said = {name: self.file.place("settings", name) for name in study.settings}
        said |= {name: self.file.place("configurations", number, "settings", name) for name in own.settings}
        whole = ScenarioFile(scenario, begun.world_path, begun.documents, places=places, settings=begun.settings | said)
        return self._assembled(whole)

    def _assembled(self, whole: ScenarioFile) -> Case | None:
        tables, problems = self.worlds.tables(whole.world_path)
        read = [] if whole.world_path is None else [shown(whole.world_path)]
        try:
            return assemble(whole, tables, files=(*whole.files, *read), found=problems, further=True)
        except InputError as error:
            self.problems += error.problems
            return None

    def crossing(self, number: int) -> Swept:
        """The cases of a number that is varied."""
        study, crossing = self.file.study, self.file.study.crossings[number]
        place = self.file.place("crossings", number)
        return {
            (value, name): case
            for value in crossing.values
            for name in study.pair(crossing.between)
            if (case := self._swept(name, crossing.situation, crossing.change(value), place)) is not None
        }

    def doubts(self, world: World) -> dict[str, Swept]:
        """The cases of the estimates that are doubted, by name."""
        study, doubts = self.file.study, self.file.study.doubts
        rows = {row.estimate: row for row in world.estimates}
        found: dict[str, Swept] = {}
        for number, name in enumerate(doubts.estimates):
            if name not in rows:
                remedy = suggestion(name, rows, "the table estimates")
                place = self.file.place("doubts", "estimates", number)
                rule = "the world has no estimate of this name"
                self.problems.append(place.problem("", rule, name, remedy))
                continue
            place = DocumentPlace(Document(f"estimate {name}", Path()), ())
            found[name] = {
                (value, configuration): case
                for value in (rows[name].low, rows[name].high)
                for configuration in study.pair(doubts.between)
                if (case := self._swept(configuration, doubts.situation, estimate_change(rows[name], value), place))
            }
        return found

    def _swept(self, configuration: str, situation: str, change: Change, place: DocumentPlace) -> Case | None:
        found: Case | None = self.case(configuration, situation or self.file.study.calm_name, [(change, place)])
        return found


def _numbered(entries: Sequence[Configuration | Situation], name: str) -> tuple[int, Configuration | Situation]:
    return next((number, each) for number, each in enumerate(entries) if each.name == name)


def _placed(changes: Sequence[Change], place: DocumentPlace) -> list[tuple[Change, DocumentPlace]]:
    return [(change, place.below(number)) for number, change in enumerate(changes)]


def _warm_start(study: Study, scenario: Scenario) -> str:
    return study.warm_start if "warm_start" in study.model_fields_set else scenario.warm_start


def _unlike(made: StudyCase) -> list[Problem]:
    """Cells of other worlds or other times than the first, of which differences mean nothing."""
    first, problems = made.calm, list[Problem]()
    for number, configuration in enumerate(made.study.configurations):
        case = made.cells[configuration.name, made.study.calm_name]
        place = made.file.place("configurations", number)
        mine, its = case.world.settings, first.world.settings
        if case.world_hash != first.world_hash:
            rule = f"all configurations are of one world, and the base is of {first.world.name}"
            problems.append(place.problem("extends", rule, case.world.name, "extend a scenario of the same world"))
        if (mine.starts, mine.report_s, mine.horizon_s) != (its.starts, its.report_s, its.horizon_s):
            rule = "all configurations cover the same weeks; starts, report_weeks or tail_weeks differ from the base's"
            problems.append(place.problem("settings", rule, "", "give these in the `settings` of the study"))
    return problems
