"""How far the verdict hangs on estimates: the plan asked again with each at its low and high value.

By the bound plan with the operational plan's safety, in buckets of eight weeks: on the
reference world's outage it loses 96 % of the racks that the operational plans lose; buckets
of four weeks lose as many, and take three times as long.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from twin.disrupt.availability import availability
from twin.disrupt.resolve import resolve
from twin.disrupt.resolved import ResolvedDisruption
from twin.events.result import EstimateSwing, Measure
from twin.model.case import with_changes
from twin.model.order_book import order_book
from twin.model.patch import estimate_change
from twin.model.rows_demand import Estimate
from twin.model.scenario import Case, Change
from twin.model.state import State
from twin.network.build import build_network
from twin.plan.nearby import Corner, most_racks
from twin.plan.record import PlanOptions
from twin.study.ground import Ground, Progress, silent
from twin.study.runner import begin, collect, shared

MOST_INFLUENTIAL = 10
COARSE = PlanOptions(objective="bound", weekly_buckets=0, coarse_weeks=8)
ESTIMATED_BY = f"the coarse plan (buckets of {COARSE.coarse_weeks} weeks)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The verdict's number by the plan, and where the plans that it rests on have their optimum."""

    racks: float
    corners: tuple[Corner | None, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What a worker is asked: a case, the state from which a planner can first react, and the answer as things stand.

    The plans of a changed case are solved from the corners of that answer.
    """

    case: Case
    state: State
    as_used: Answer


def racks_by_plan(case: Case, state: State, near: tuple[Corner | None, ...] = (None, None)) -> Answer:
    """The verdict's number by the coarse bound plan: racks accepted, or lost to the disruptions, in the window.

    With disruptions, `state` is that at the moment of the first knowledge: a plan that knew
    of them from day one would build ahead of them.
    """
    network = build_network(case.world)
    report_s = case.world.settings.report_s
    options = replace(COARSE, end_s=report_s)
    # Racks accepted ahead of later orders would hide what holds the due ones back.
    orders = [order for order in order_book(case.world) if order.due_s <= report_s]

    def accepted(known: tuple[ResolvedDisruption, ...], corner: Corner | None) -> tuple[float, Corner | None]:
        return most_racks(network, availability(network, known, 0, report_s), state, orders, options, corner)

    if not case.scenario.disruptions:
        calm, corner = accepted((), near[0])
        return Answer(racks=calm, corners=(corner, None))
    hit, hit_corner = accepted(resolve(case.world, case.scenario.disruptions), near[1])
    calm, calm_corner = accepted((), near[0])
    return Answer(racks=calm - hit, corners=(calm_corner, hit_corner))


def ask(path: str, number: int, value: float) -> float:
    """The verdict's number by the plan with one estimate at a value: what a worker is sent."""
    question = _load(path)
    case = question.case
    # The changed cell may be what another estimate's `where` looks for, so these go.
    row = case.world.estimates[number]
    changed = with_changes(case, [estimate_change(row, value), Change(table="estimates", remove=True)])
    if getattr(changed.world, row.table) == getattr(case.world, row.table):
        return question.as_used.racks
    return racks_by_plan(changed, question.state, question.as_used.corners).racks


@lru_cache(maxsize=1)
def _load(path: str) -> Question:
    question = pickle.loads(Path(path).read_bytes())
    assert isinstance(question, Question)
    return question


Swings = tuple[float, list[EstimateSwing]]
"""The plan's number as things stand, and the estimates that move it most, largest swing first."""


def estimate_swings(ground: Ground, state: State, workers: int, progress: Progress = silent) -> Swings:
    """The ten estimates that move the plan's number most.

    `state` is day one, or that of the moment when a disruption is first known.
    """
    with ExitStack() as files:
        return begin_estimates(files, ground, state, workers)(progress)


def begin_estimates(files: ExitStack, ground: Ground, state: State, workers: int) -> Callable[[Progress], Swings]:
    """As `estimate_swings`, by workers that are set to it now; the answer comes when asked for."""
    rows = ground.case.world.estimates
    if not rows or not ground.planned:
        return lambda _progress: (0.0, [])
    as_used = racks_by_plan(ground.case, state)
    (path,) = files.enter_context(shared(Question(ground.case, state, as_used)))
    tasks = [(path, number, value) for number, row in enumerate(rows) for value in (row.low, row.high)]
    begun = begin(ask, tasks, workers)

    def swings(progress: Progress) -> Swings:
        return as_used.racks, _swings(ground, as_used.racks, collect(begun, len(tasks), "estimates", progress))

    return swings


def _swings(ground: Ground, base: float, answers: list[float]) -> list[EstimateSwing]:
    """The most influential estimates; `answers` are the numbers at low and high of each in turn."""
    unit = "racks lost" if ground.case.scenario.disruptions else "racks accepted"
    swings = [
        EstimateSwing(
            estimate=row.estimate,
            table=row.table,
            where=row.where,
            column=row.column,
            low=row.low,
            value=_present(ground.case, row),
            high=row.high,
            result_at_low=answers[2 * number],
            result_at_high=answers[2 * number + 1],
            result_as_used=base,
            unit=unit,
            source=row.source,
        )
        for number, row in enumerate(ground.case.world.estimates)
    ]
    swings.sort(key=lambda each: -_reach(base)(each))
    return swings[:MOST_INFLUENTIAL]


def _reach(base: float) -> Callable[[EstimateSwing], float]:
    return lambda swing: max(abs(swing.result_at_low - base), abs(swing.result_at_high - base))


def estimate_range(simulated: float, base: float, swings: list[EstimateSwing]) -> Measure | None:
    """The simulated number moved by what the plan says of the shown estimates, one at a time.

    Low and high are the lowest and highest that any one of them gives alone; none turns a loss into a gain.
    """
    if not swings:
        return None
    shifts = [value - base for swing in swings for value in (swing.result_at_low, swing.result_at_high)]
    lowest = simulated + min(0.0, *shifts)
    return Measure(
        value=simulated,
        low=max(lowest, 0.0) if simulated >= 0 else lowest,
        high=simulated + max(0.0, *shifts),
        unit="racks",
    )


def _present(case: Case, row: Estimate) -> str:
    from twin.model.where import matches, parse_where

    where = parse_where(row.where)
    rows = case.world.__getattribute__(row.table)
    values = sorted({str(getattr(each, row.column)) for each in rows if matches(each, where)})
    return values[0] if len(values) == 1 else f"{values[0]} to {values[-1]}" if values else ""
