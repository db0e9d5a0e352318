"""The schedule's figures: a thousand racks under a power cap, against plain rules and one model of it all."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from twin.model.scenario import Budgets
from twin.schedule.compiled import CompiledProblem
from twin.schedule.dispatch import dispatch, earliest_due_date
from twin.schedule.model import Effort, RackModel
from twin.schedule.record import Schedule, ScheduleProblem
from twin.schedule.solve import first_horizon, solve
from twin.study.thousand import large_problem

SEEDS = (1, 2, 3)
USUAL_LOAD, OVERLOAD = 0.95, 1.05
_MONOLITH = Effort(deterministic_s=2.0, seed=1)
"""Some ten seconds of a core, since a step of so large a model takes longer."""

Put = Callable[[str, float, str], None]


@dataclass(frozen=True, slots=True)
class _Solved:
    schedule: Schedule
    seconds: float


def measure_schedules(put: Put) -> None:
    """Put the figures: of three floors the median time, the widest gap and the least lead."""
    _of_load(put, "schedule_1000", USUAL_LOAD)
    _of_load(put, "schedule_1000_overload", OVERLOAD)


def _of_load(put: Put, name: str, load: float) -> None:
    problems = [large_problem(load, seed) for seed in SEEDS]
    solved = [_solved(problem) for problem in problems]
    schedules = [each.schedule for each in solved]
    put(f"{name}_seconds", statistics.median(each.seconds for each in solved), "CPU s for 1,000 racks")
    put(f"{name}_makespan_gap", max(each.makespan_gap for each in schedules), "of the makespan above its bound")
    below = min(_below(each, each.edd_tardiness_h) for each in schedules)
    put(f"{name}_tardiness_below_edd", below, "of that of earliest due date")
    below = min(_below(each, each.atc_tardiness_h) for each in schedules)
    put(f"{name}_tardiness_below_atc", below, "of that of apparent tardiness cost, K 2")
    if load == OVERLOAD:
        return
    alone_h, hinted_h = monolith_tardiness_h(problems[0])
    put(f"{name}_tardiness_below_monolith", _below(schedules[0], alone_h), "of that of one CP-SAT model")
    put(f"{name}_tardiness_below_hinted_monolith", _below(schedules[0], hinted_h), "of the same, begun from EDD")


def monolith_tardiness_h(problem: ScheduleProblem, effort: Effort = _MONOLITH) -> tuple[float, float]:
    """What one pooled model of all racks finds by itself, and what it makes of the EDD schedule.

    Infinite where it finds nothing.
    """
    compiled = CompiledProblem(problem, first_horizon(problem))
    compiled, begun = dispatch(compiled, earliest_due_date(compiled))
    found = []
    for is_hinted in (False, True):
        racks = RackModel(compiled, range(len(compiled.jobs)), begun, compiled.horizon)
        racks.minimise_tardiness(compiled.free)
        if not is_hinted:
            racks.model.clear_hints()  # type: ignore[no-untyped-call]
        starts = racks.search(effort).starts
        found.append(compiled.tardiness_h([starts[n] for n in range(len(begun))]) if starts else float("inf"))
    return found[0], found[1]


def _solved(problem: ScheduleProblem) -> _Solved:
    began = time.process_time()
    schedule = solve(problem, Budgets(), seed=1)
    return _Solved(schedule, time.process_time() - began)


def _below(schedule: Schedule, other_h: float) -> float:
    if other_h == float("inf"):
        return 1.0
    return (other_h - schedule.tardiness_h) / other_h if other_h else 0.0
