"""`twin study`: configurations crossed with situations under common random numbers, and the verdict."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from twin.events.result import Measure, RecoveryMeasure
from twin.events.run_folder import MANIFEST, RESULT, STUDIES, write_whole
from twin.events.study_result import (
    CellRuns,
    ConfigurationTold,
    CrossingTold,
    DoubtTold,
    SituationTold,
    StudyCell,
    StudyResult,
    SweptValue,
)
from twin.metrics.dictionary import KPIS, kpi_of
from twin.metrics.statistics import paired_interval
from twin.model.case import content_hash
from twin.model.problems import Problem, raise_if_any, suggestion
from twin.model.scenario import Case
from twin.model.study_case import StudyCase, Swept
from twin.model.units import DAY_S
from twin.resilience.paired import PairedDays
from twin.resilience.summary import resilience_measures
from twin.study.aggregate import measure
from twin.study.cells import Cell, CellStore, moments_of_all, play_cells
from twin.study.flips import Floats, crossing_points
from twin.study.ground import Progress, silent
from twin.study.provenance import assumptions, changes_of, manifest, sources
from twin.study.runner import worker_count
from twin.study.study_verdict import headline, lean, verdict

BY_GATE = "defects_found"
"""Told by step, of all sites together."""
TOLD_BY_KEY = (
    "capital_days_usd_per_rack_by_owner",
    "crew_hours_per_rack",
    "defects_found",
    "step_hours_per_rack",
    "test_mean_kw",
    "test_peak_kw",
    "time_to_token_stage_days",
)
"""Measures with a key that a study keeps; of the others only those that are one number."""


SweptRuns = dict[tuple[float, str], CellRuns]
"""By value and configuration."""


def run_study(
    study_case: StudyCase, out: Path, workers: int | None = None, progress: Progress = silent, command: str = ""
) -> StudyResult:
    """Play every cell, number that is varied and estimate that is doubted, and save the study under `out`.

    Cells are kept in `out` as they are played, so that a study that was interrupted goes on where it was.
    Raises InputError for a measure that is not known, RunError where a cell cannot be run.
    """
    raise_if_any(_unknown_measures(study_case))
    calm, count = study_case.study.calm_name, worker_count(workers)
    crossed = {key: Cell(case=case, asks_gates=key[1] == calm) for key, case in study_case.cells.items()}
    store = CellStore(root=out, moments=moments_of_all(study_case.cells.values()))
    played = play_cells(list(crossed.values()), store, count, progress)
    cells = {key: _told_by_gate(runs) for key, runs in zip(crossed, played, strict=True)}
    runs = [_play_sweep(cases, out, count, progress, stage) for stage, cases in _sweeps(study_case).items()]
    result = _told(study_case, cells, runs, out, command)
    folder = Path(result.run)
    write_whole(folder / RESULT, result.model_dump_json(indent=1) + "\n")
    write_whole(folder / MANIFEST, result.manifest.model_dump_json(indent=2) + "\n")
    return result


def with_overrides(study_case: StudyCase, replications: int | None, seed: int | None) -> StudyCase:
    """The study with the command's own number of replications and seed, in all its cells."""
    update = {name: value for name, value in (("replications", replications), ("seed", seed)) if value is not None}

    def changed(case: Case) -> Case:
        return case.model_copy(update={"scenario": case.scenario.model_copy(update=update)})

    def all_changed(sweeps: dict[str, Swept]) -> dict[str, Swept]:
        return {name: {key: changed(case) for key, case in cases.items()} for name, cases in sweeps.items()}

    return replace(
        study_case,
        study=study_case.study.model_copy(update=update),
        cells={key: changed(case) for key, case in study_case.cells.items()},
        crossings=all_changed(study_case.crossings),
        doubts=all_changed(study_case.doubts),
    )


def _sweeps(study_case: StudyCase) -> dict[str, Swept]:
    """Cases along a number, by what progress calls it: each crossing, the doubts as used, each doubted estimate."""
    study = study_case.study
    situation = study.doubts.situation or study.calm_name
    used = {(0.0, name): study_case.cells[name, situation] for name in study.pair(study.doubts.between)}
    doubted = {"estimates as used": used, **study_case.doubts} if study_case.doubts else {}
    return {f"values of {name}": cases for name, cases in study_case.crossings.items()} | doubted


def _play_sweep(cases: Swept, out: Path, workers: int, progress: Progress, stage: str) -> SweptRuns:
    """Cells along a number, planned anew only at the moments of their own situation: they are weighed by themselves."""
    store = CellStore(root=out, moments=moments_of_all(cases.values()))
    played = play_cells([Cell(case=case) for case in cases.values()], store, workers, progress, stage)
    return {key: _told_by_gate(runs) for key, runs in zip(cases, played, strict=True)}


def _unknown_measures(study_case: StudyCase) -> list[Problem]:
    study, file = study_case.study, study_case.file
    named = [(file.place("crossings", number), each.measure) for number, each in enumerate(study.crossings)]
    named += [(file.place("doubts"), study.doubts.measure)] if study.doubts.estimates else []
    known = [name for name, kpi in KPIS.items() if kpi.of is not None]
    return [
        place.problem("measure", "there is no measure of this name", name, suggestion(name, known, ""))
        for place, name in named
        if name.partition(":")[0] not in known
    ]


def _told(
    study_case: StudyCase,
    cells: dict[tuple[str, str], CellRuns],
    swept: Sequence[SweptRuns],
    out: Path,
    command: str,
) -> StudyResult:
    study, calm = study_case.study, study_case.calm
    settings = calm.world.settings
    crossings = len(study.crossings)
    hashes = [content_hash(study), *(f"{each.world_hash} {each.scenario_hash}" for each in study_case.cells.values())]
    run = out / STUDIES / f"{study.name}-{hashlib.sha256(' '.join(hashes).encode()).hexdigest()[:8]}"
    result = StudyResult(
        study=study.name,
        title=study.title,
        world=calm.world.name,
        world_title=settings.title,
        seed=study.seed,
        replications=study.replications,
        run=str(run),
        starts=settings.starts.isoformat(),
        report_weeks=settings.report_weeks,
        tail_weeks=settings.tail_weeks,
        verdict="",
        headline="",
        base=study.base_name,
        calm=study.calm_name,
        configurations=[
            ConfigurationTold(
                name=each.name,
                title=each.title,
                changes=changes_of(study_case.cells[each.name, study.calm_name]),
                gates=cells[each.name, study.calm_name].gates or [],
            )
            for each in study.configurations
        ],
        situations=[SituationTold(name=each.name, title=each.title) for each in study.situations],
        cells=[study_cell(study_case, cells, key) for key in cells],
        crossings=[_crossing(study_case, number, swept[number]) for number in range(crossings)],
        doubts=_doubts(study_case, swept[crossings:]),
        assumptions=assumptions(calm.world),
        sources=sources(calm.world),
        warnings=list(dict.fromkeys(each for case in study_case.cells.values() for each in case.warnings)),
        manifest=manifest(calm, str(run), command, {}).model_copy(update={"scenario_hash": content_hash(study)}),
    )
    return result.model_copy(update={"verdict": verdict(result), "headline": headline(result)})


def study_cell(study_case: StudyCase, cells: dict[tuple[str, str], CellRuns], key: tuple[str, str]) -> StudyCell:
    """A cell with its means, and what it differs by from the base and from what happens else."""
    study, runs = study_case.study, cells[key]
    configuration, situation = key
    base, calm = (study.base_name, situation), (configuration, study.calm_name)
    return StudyCell(
        configuration=configuration,
        situation=situation,
        kpis={name: measure(name, _samples(runs, name).tolist()) for name in _names(runs)},
        against_base=_paired(cells[base], runs) if key != base else {},
        against_calm=_paired(cells[calm], runs) if key != calm else {},
        loss=_loss(study_case.cells[key], cells[calm], runs) if key != calm else {},
    )


def _names(runs: CellRuns) -> list[str]:
    """The measures that a study tells, of those that any replication has."""
    found = dict.fromkeys(name for each in runs.kpis for name in each)
    return [name for name in found if ":" not in name or name.partition(":")[0] in TOLD_BY_KEY]


def _told_by_gate(runs: CellRuns) -> CellRuns:
    return runs.model_copy(update={"kpis": [_by_gate(kpis) for kpis in runs.kpis]})


def _by_gate(kpis: Mapping[str, float | None]) -> dict[str, float | None]:
    """Measures with the defects found by a step at several sites added up."""
    found: dict[str, float | None] = {}
    for name, value in kpis.items():
        kind, _, place = name.partition(":")
        key = f"{BY_GATE}:{place.rpartition('/')[2]}" if kind == BY_GATE else name
        found[key] = (found.get(key) or 0.0) + (value or 0.0) if kind == BY_GATE else value
    return found


def _samples(runs: CellRuns, name: str) -> Floats:
    found = [each.get(name) for each in runs.kpis]
    return np.array([np.nan if value is None else value for value in found])


def _paired(first: CellRuns, second: CellRuns) -> dict[str, Measure]:
    """Second less first, of the measures that both have in some replication."""
    found = {}
    for name in _names(second):
        one, other = _samples(first, name), _samples(second, name)
        both = np.isfinite(one) & np.isfinite(other)
        if both.any():
            found[name] = difference(name, one[both], other[both])
    return found


def difference(name: str, first: Floats, second: Floats) -> Measure:
    """Second less first, replication by replication, with its interval."""
    interval, kpi = paired_interval(first, second), kpi_of(name)
    assert interval is not None
    return Measure(value=interval.value, low=interval.low, high=interval.high, unit=kpi.unit, scor=kpi.scor)


def _loss(case: Case, calm: CellRuns, runs: CellRuns) -> dict[str, RecoveryMeasure]:
    settings = case.world.settings
    starts = [settings.second_of(one.starts) // DAY_S for one in case.scenario.disruptions]
    pair = PairedDays(
        baseline_accepted=np.array(calm.accepted),
        disrupted_accepted=np.array(runs.accepted),
        baseline_backlog=np.array(calm.backlog),
        disrupted_backlog=np.array(runs.backlog),
        start_day=max(0, min(starts, default=0)),
        report_days=settings.report_weeks * 7,
    )
    return resilience_measures(pair)


def _crossing(study_case: StudyCase, number: int, runs: SweptRuns) -> CrossingTold:
    study, crossing = study_case.study, study_case.study.crossings[number]
    names, name = study.pair(crossing.between), crossing.measure
    first, second = (
        np.stack([_samples(runs[value, each], name) for value in crossing.values], axis=1) for each in names
    )
    whole = np.isfinite(first).all(axis=1) & np.isfinite(second).all(axis=1)
    points = crossing_points(crossing.values, first[whole], second[whole], names, kpi_of(name)) if whole.any() else []
    return CrossingTold(
        name=crossing.name,
        title=crossing.title or crossing.name,
        unit=crossing.unit,
        scaled=not crossing.set,
        now=None if crossing.set else amount_now(study_case.cells[names[0], study.calm_name], number, study_case),
        first=names[0],
        second=names[1],
        situation=crossing.situation or study.calm_name,
        measure=name,
        values=[
            SweptValue(
                value=value,
                first=measure(name, first[:, place].tolist()),
                second=measure(name, second[:, place].tolist()),
                difference=_difference(name, first[:, place], second[:, place]),
            )
            for place, value in enumerate(crossing.values)
        ],
        points=points,
    )


def _difference(name: str, first: Floats, second: Floats) -> Measure:
    both = np.isfinite(first) & np.isfinite(second)
    return difference(name, first[both], second[both]) if both.any() else Measure(value=None, unit=kpi_of(name).unit)


def amount_now(case: Case, number: int, study_case: StudyCase) -> float | None:
    """What the number of a crossing is at `starts`, added up over the rows meant; None where none holds then.

    Of rows that take over from each other by date, the last one not after `starts` counts.
    """
    from twin.model.columns import columns_of
    from twin.model.where import matches
    from twin.model.world import TABLES

    crossing, starts = study_case.study.crossings[number], case.world.settings.starts
    column = columns_of(TABLES[crossing.table])[crossing.column]
    found: dict[tuple[str, ...], float] = {}
    for row in getattr(case.world, crossing.table):
        begins, amount = getattr(row, "from_date", None), getattr(row, column)
        if matches(row, crossing.where) and isinstance(amount, int | float) and (begins is None or begins <= starts):
            names = ("site", "resource", "process", "item", "lane", "level", "step", "customer", "supplier")
            found[tuple(str(getattr(row, name, "")) for name in names)] = float(amount)
    return sum(found.values()) if found else None


def _doubts(study_case: StudyCase, swept: Sequence[SweptRuns]) -> list[DoubtTold]:
    """Each estimate at its ends; the first of the runs are those with every estimate as used."""
    if not swept:
        return []
    study, doubts = study_case.study, study_case.study.doubts
    rows = {row.estimate: row for row in study_case.calm.world.estimates}
    names, name = study.pair(doubts.between), doubts.measure
    used = _difference(name, *(_samples(swept[0][0.0, each], name) for each in names))
    found = []
    for estimate, runs in zip(study_case.doubts, swept[1:], strict=True):
        row = rows[estimate]
        low, high = (
            _difference(name, *(_samples(runs[value, each], name) for each in names)) for value in (row.low, row.high)
        )
        found.append(
            DoubtTold(
                estimate=estimate,
                low=row.low,
                high=row.high,
                first=names[0],
                second=names[1],
                measure=name,
                as_used=used,
                at_low=low,
                at_high=high,
                holds=lean(used) == lean(low) == lean(high),
                source=row.source,
            )
        )
    return found
