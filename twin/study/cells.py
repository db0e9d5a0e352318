"""Cells of a study played under common random numbers, and kept: what is played once is not played again."""

from __future__ import annotations

import hashlib
import json
import math
import pickle
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import twin
from twin.events.run_folder import write_whole
from twin.events.saved_file import read_saved
from twin.events.study_result import CellRuns
from twin.metrics.dictionary import KPIS
from twin.model.case import content_hash
from twin.model.problems import InputError
from twin.model.scenario import Case, Disruption
from twin.network.build import build_network
from twin.schedule.record import Schedule
from twin.study.arms import plan_arm
from twin.study.ground import Ground, Progress, lay_ground
from twin.study.limits import tightest
from twin.study.playbook import Playbook, SiteWindow, make_playbook, moments_of, schedule_site
from twin.study.reckon import opening_of, plan_bindings
from twin.study.replicate import Arm, Replicated, run_task
from twin.study.runner import run_all, shared

CELLS = "cells"
"""Folder of the run store in which cells are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A case to be played; `asks_gates`: it is to be said what holds its first plan back."""

    case: Case
    asks_gates: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CellStore:
    """Where cells are kept, and the moments at which the plans of all of them are made anew."""

    root: Path
    moments: tuple[int, ...]

    def path(self, case: Case) -> Path:
        """The file of a cell: equal worlds, day ones, disruptions and luck have one."""
        scenario = case.scenario
        alike = scenario.model_copy(
            update={"name": "cell", "title": "", "changes": [], "mitigations": [], "levers": []}
        )
        own = scenario.warm_start == "own"
        worlds = [content_hash(case.world), "" if own else content_hash(case.base_world)]
        decides = json.dumps([twin.__version__, sorted(KPIS), *worlds, content_hash(alike), self.moments])
        return self.root / CELLS / f"{hashlib.sha256(decides.encode()).hexdigest()[:24]}.json"

    def kept(self, path: Path, cell: Cell) -> CellRuns | None:
        """What was kept of a cell; None where nothing was, where it is damaged, or where not all that is asked was."""
        try:
            found = read_saved(path, CellRuns, "")
        except InputError:
            return None
        return None if cell.asks_gates and found.gates is None else found


def moments_of_all(cases: Iterable[Case]) -> tuple[int, ...]:
    """When plans are made anew in every cell, so that none differs from another by a plan more."""
    found: set[int] = set()
    seen: set[str] = set()
    for case in cases:
        told = f"{content_hash(case.world)} {[one.model_dump_json() for one in case.scenario.disruptions]}"
        if told not in seen:
            seen.add(told)
            found |= set(moments_of(build_network(case.world), case.scenario))
    return tuple(sorted(found))


def play_cells(
    cells: Sequence[Cell], store: CellStore, workers: int, progress: Progress, stage: str = "cells"
) -> list[CellRuns]:
    """What each cell gave, in order; those of one world share day one, the first plan, and plans that know of nothing.

    Each is kept as soon as it is played, so that an interrupted study goes on where it was.
    """
    once: dict[Path, Cell] = {}
    for cell in cells:
        path = store.path(cell.case)
        once[path] = Cell(case=cell.case, asks_gates=cell.asks_gates or (path in once and once[path].asks_gates))
    found = {path: runs for path, cell in once.items() if (runs := store.kept(path, cell)) is not None}
    progress(stage, len(found), len(once))
    for paths in _alike({path: cell.case for path, cell in once.items() if path not in found}):
        ground = lay_ground(once[paths[0]].case, store.root / "day-one", progress)
        group = _Group(ground, store.moments, workers, progress)
        for path, runs in zip(paths, group.play([once[each] for each in paths]), strict=True):
            write_whole(path, runs.model_dump_json() + "\n")
            found[path] = runs
            progress(stage, len(found), len(once))
    return [found[store.path(cell.case)] for cell in cells]


def _alike(cases: Mapping[Path, Case]) -> list[list[Path]]:
    """Cells together with those that differ from them by disruptions alone; calm ones first."""
    groups: dict[str, list[Path]] = {}
    for path, case in cases.items():
        scenario = case.scenario.model_copy(
            update={"name": "cell", "title": "", "changes": [], "mitigations": [], "disruptions": []}
        )
        groups.setdefault(content_hash(case.world) + content_hash(scenario), []).append(path)
    return [sorted(each, key=lambda path: len(cases[path].scenario.disruptions)) for each in groups.values()]


class _Group:
    """Cells of one world: one ground, one opening, plans shared for as long as nothing is known."""

    def __init__(self, ground: Ground, moments: tuple[int, ...], workers: int, progress: Progress) -> None:
        self._ground, self._moments, self._workers, self._progress = ground, moments, workers, progress

    def play(self, cells: Sequence[Cell]) -> Iterable[CellRuns]:
        """Cell after cell."""
        begins = make_playbook(self._ground, (), None, self._progress, self._schedule_all, moments=())
        arms: list[tuple[Disruption, ...]] = [tuple(cell.case.scenario.disruptions) for cell in cells]
        books = self._books(arms, begins)
        for cell, disruptions, book in zip(cells, arms, books, strict=True):
            gates = self._gates(book) if cell.asks_gates else None
            arm = Arm(ground=self._ground, disruptions=disruptions, playbook=book, seed=cell.case.scenario.seed)
            yield cell_runs(self._replications(arm, cell.case.scenario.replications), gates)

    def _books(self, arms: Sequence[tuple[Disruption, ...]], begins: Playbook) -> list[Playbook]:
        moments = self._moments
        each = self._ground.case.scenario.replan == "each"
        if each or arms[0] or not moments:
            with shared((self._ground, begins.opening)) as (path,):
                return run_all(
                    plan_arm, [(path, arm, moments) for arm in arms], self._workers, "new plans", self._progress
                )
        calm = make_playbook(self._ground, (), begins.opening, self._progress, self._schedule_all, moments=moments)
        with shared((self._ground, calm)) as (path,):
            tasks = [(path, arm, moments) for arm in arms[1:]]
            return [calm, *run_all(plan_from_calm, tasks, self._workers, "new plans", self._progress)]

    def _schedule_all(self, work: list[SiteWindow]) -> list[Schedule]:
        return run_all(schedule_site, work, self._workers, "schedules", self._progress)

    def _gates(self, book: Playbook) -> list[str]:
        opening = opening_of(book)
        return tightest(plan_bindings(self._ground, opening)) if opening else []

    def _replications(self, arm: Arm, count: int) -> list[Replicated]:
        with shared(arm) as (path,):
            tasks = [(path, number, False) for number in range(count)]
            return run_all(run_task, tasks, self._workers, "replications", self._progress)


def plan_from_calm(path: str, disruptions: tuple[Disruption, ...], moments: tuple[int, ...]) -> Playbook:
    """The playbook of an arm from that in which nothing happens, at `path`: what a worker is sent."""
    ground, calm = pickle.loads(Path(path).read_bytes())
    return make_playbook(ground, disruptions, calm.opening, moments=moments, begun=calm)


def cell_runs(replicated: Sequence[Replicated], gates: list[str] | None) -> CellRuns:
    """What is kept of replications."""
    return CellRuns(
        kpis=[
            {name: value if math.isfinite(value) else None for name, value in each.kpis.items()} for each in replicated
        ],
        accepted=[each.series["daily_accepted"].tolist() for each in replicated],
        backlog=[each.series["daily_backlog"].tolist() for each in replicated],
        gates=gates,
    )
