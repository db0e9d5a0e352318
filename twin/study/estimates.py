"""How far the verdict hangs on estimates: the plan asked again with each at its low and high value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from twin.disrupt.availability import availability
from twin.disrupt.resolve import resolve
from twin.events.result import EstimateSwing, Measure
from twin.model.case import with_changes
from twin.model.order_book import order_book
from twin.model.patch import estimate_change
from twin.model.rows_demand import Estimate
from twin.model.scenario import Case, Change
from twin.model.state import State
from twin.network.build import build_network
from twin.plan.make import make_plan
from twin.plan.record import PlanOptions
from twin.study.ground import Ground, Progress, silent
from twin.study.runner import run_all, shared

MOST_INFLUENTIAL = 10
COARSE = PlanOptions(objective="bound", weekly_buckets=0, coarse_weeks=4)


@dataclass(frozen=True, slots=True)
class Question:
    """What a worker is asked: a case and the state from which a planner can first react."""

    case: Case
    state: State


def racks_by_plan(case: Case, state: State) -> float:
    """The verdict's number by the coarse bound plan: racks accepted, or lost to the disruptions, in the window.

    With disruptions, `state` is that at the moment of the first knowledge: a plan that knew
    of them from day one would build ahead of them.
    """
    network = build_network(case.world)
    report_s = case.world.settings.report_s
    options = replace(COARSE, end_s=report_s)
    # Racks accepted ahead of later orders would hide what holds the due ones back.
    orders = [order for order in order_book(case.world) if order.due_s <= report_s]

    def accepted(disrupted: bool) -> float:
        known = resolve(case.world, case.scenario.disruptions if disrupted else ())
        plan = make_plan(network, availability(network, known, 0, report_s), state, orders, options)
        return sum(plan.cumulative(series, report_s) for series in plan.deliveries.values())

    return accepted(False) - accepted(True) if case.scenario.disruptions else accepted(False)


def ask(path: str, number: int | None, value: float) -> float:
    """`racks_by_plan` with one estimate at a value (None: with all as they stand): what a worker is sent."""
    question = _load(path)
    case = question.case
    if number is not None:
        # The changed cell may be what another estimate's `where` looks for, so these go.
        asked = [estimate_change(case.world.estimates[number], value), Change(table="estimates", remove=True)]
        case = with_changes(case, asked)
    return racks_by_plan(case, question.state)


def _load(path: str) -> Question:
    import pickle
    from pathlib import Path

    question = pickle.loads(Path(path).read_bytes())
    assert isinstance(question, Question)
    return question


def estimate_swings(
    ground: Ground, state: State, workers: int, progress: Progress = silent
) -> tuple[float, list[EstimateSwing]]:
    """The plan's number as things stand, and the ten estimates that move it most, largest swing first.

    `state` is day one, or that of the moment when a disruption is first known.
    """
    rows = ground.case.world.estimates
    if not rows or not ground.planned:
        return 0.0, []
    with shared(Question(ground.case, state)) as (path,):
        tasks: list[tuple[str, int | None, float]] = [(path, None, 0.0)]
        for number, row in enumerate(rows):
            tasks += [(path, number, row.low), (path, number, row.high)]
        base, *answers = run_all(ask, tasks, workers, "estimates", progress)
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
            unit=unit,
            source=row.source,
        )
        for number, row in enumerate(rows)
    ]
    swings.sort(key=lambda each: -_reach(base)(each))
    return base, swings[:MOST_INFLUENTIAL]


def _reach(base: float) -> Callable[[EstimateSwing], float]:
    return lambda swing: max(abs(swing.result_at_low - base), abs(swing.result_at_high - base))


def estimate_range(simulated: float, base: float, swings: list[EstimateSwing]) -> Measure | None:
    """The simulated number moved by what the plan says of the shown estimates, one at a time.

    Low and high are the lowest and highest that any one of them gives alone.
    """
    if not swings:
        return None
    shifts = [value - base for swing in swings for value in (swing.result_at_low, swing.result_at_high)]
    return Measure(
        value=simulated,
        low=max(0.0, simulated + min(0.0, *shifts)),
        high=simulated + max(0.0, *shifts),
        unit="racks",
    )


def _present(case: Case, row: Estimate) -> str:
    from twin.model.where import matches, parse_where

    where = parse_where(row.where)
    rows = case.world.__getattribute__(row.table)
    values = sorted({str(getattr(each, row.column)) for each in rows if matches(each, where)})
    return values[0] if len(values) == 1 else f"{values[0]} to {values[-1]}" if values else ""
