"""The scheduler: dispatch, improvement by CP-SAT, left shift, bays, check, certificates."""

from __future__ import annotations

import math

from twin.model.problems import RunError
from twin.model.scenario import Budgets
from twin.schedule.assemble import Found, assemble, nothing_scheduled, reached
from twin.schedule.bounds import Bounds, lower_bounds
from twin.schedule.check import check
from twin.schedule.compiled import CompiledProblem, HorizonTooShortError, NoScheduleError
from twin.schedule.dispatch import (
    CORNERS,
    PLAIN_LOOK_AHEAD,
    Placed,
    Rule,
    apparent_tardiness_cost,
    dispatch,
    earliest_due_date,
    tuned_rules,
)
from twin.schedule.groups import shift_left
from twin.schedule.improve import improve_makespan, improve_tardiness
from twin.schedule.model import Effort
from twin.schedule.record import Operation, Schedule, ScheduleProblem
from twin.schedule.repair import put_back, repaired

_EQUAL = 1e-6
_SPARE_SLOTS = 96


def solve(problem: ScheduleProblem, budgets: Budgets, seed: int) -> Schedule:
    """The best schedule found within the budgets, with what is proven about it.

    Equal input gives an equal schedule. Status `optimal`: the objective has reached its
    bound; `infeasible`: no schedule exists, and `method` says why.
    Raises RunError if the schedule does not pass the independent checker.
    """
    if not problem.jobs:
        return nothing_scheduled(problem, "optimal", "no rack to schedule")
    horizon = first_horizon(problem)
    while True:
        try:
            return _solve_within(CompiledProblem(problem, horizon), budgets, seed)
        except NoScheduleError as error:
            return nothing_scheduled(problem, "infeasible", str(error))
        except HorizonTooShortError:
            if horizon > _last_horizon(problem):
                return nothing_scheduled(problem, "infeasible", _never_fits(problem))
            horizon *= 2


def _solve_within(compiled: CompiledProblem, budgets: Budgets, seed: int) -> Schedule:
    bounds = lower_bounds(compiled)
    plain = [earliest_due_date(compiled), apparent_tardiness_cost(compiled, PLAIN_LOOK_AHEAD, 1.0)]
    placed = [dispatch(compiled, rule) for rule in plain]
    result = _as_before(placed[0], bounds)
    if result is None or not result.compiled.standing.is_unchanged(result.starts):
        result = _best_dispatch(compiled, budgets, bounds, [rule.name for rule in plain], placed, result)
        _improve(budgets, bounds, result, seed)
    schedule = assemble(result, bounds, [each.tardiness_h(starts) for each, starts in placed])
    faults = check(compiled.problem, schedule)
    if faults:
        raise RunError(f"the schedule of {compiled.problem.site} breaks a rule: " + "; ".join(faults[:5]))
    return schedule


def _as_before(placed: Placed, bounds: Bounds) -> Found | None:
    """The schedule that this one replaces, repaired; None where there was none or moves cost nothing.

    Steps run in the modes that a rule has placed them in, or in those that their racks were to
    keep. Racks that wait for others are all placed anew.
    """
    compiled, starts = placed[0].standing.in_old_modes(), placed[1]
    if not compiled.standing.places or any(job.after for job in compiled.jobs):
        return None
    found = shift_left(compiled, put_back(compiled, repaired(compiled, starts)))
    return Found(compiled, found, "as scheduled before", sum(bounds.alone_h), bounds.makespan_s)


def _improve(budgets: Budgets, bounds: Bounds, result: Found, seed: int) -> None:
    effort = Effort(deterministic_s=budgets.schedule_deterministic_seconds, seed=seed)
    if _is_makespan(result.compiled):
        _improve_makespan(result, bounds, effort)
    else:
        _improve_tardiness(result, bounds, effort)


def _best_dispatch(
    compiled: CompiledProblem,
    budgets: Budgets,
    bounds: Bounds,
    names: list[str],
    plain: list[Placed],
    before: Found | None,
) -> Found:
    """The best of the plain rules, the tuned ones, and the schedule before it as repaired.

    No more are tried once the bound is reached, or where the ends of the ranges of both
    parameters all give one tardiness: settings between them then hardly ever give another.
    """
    values = [_value(*placed) for placed in plain]
    least = min(values)
    best_name, best = names[values.index(least)], plain[values.index(least)]
    if before is not None and (value := _value(before.compiled, before.starts)) <= least:
        best_name, best, least = before.method, (before.compiled, before.starts), value
    tuned: list[float] = []
    for rule in tuned_rules(compiled, budgets.schedule_dispatch_trials):
        makes_no_difference = len(tuned) == CORNERS and len(set(tuned)) == 1
        if reached(least, _bound(compiled, bounds)) or (makes_no_difference and not _is_makespan(compiled)):
            break
        placed = _tried(compiled, rule)
        if placed is None:
            continue
        tuned.append(_value(*placed))
        if tuned[-1] < least:
            best_name, best, least = rule.name, placed, tuned[-1]
    return Found(best[0], shift_left(*best), best_name, sum(bounds.alone_h), bounds.makespan_s)


def _tried(compiled: CompiledProblem, rule: Rule) -> Placed | None:
    """What a rule places; None where it waits too long for the shortest modes."""
    try:
        return dispatch(compiled, rule)
    except HorizonTooShortError:
        if not compiled.has_modes:
            raise
        return None


def _improve_tardiness(result: Found, bounds: Bounds, effort: Effort) -> None:
    compiled = result.compiled
    if reached(compiled.cost_h(result.starts), result.tardiness_bound_h):
        return
    incumbent = improve_tardiness(compiled, result.starts, effort, bounds.alone_h)
    compiled = result.compiled = incumbent.compiled
    result.starts = put_back(compiled, incumbent.starts) if compiled.standing.places else incumbent.starts
    result.method += f"; {incumbent.improved} of {incumbent.searches} CP-SAT searches improved it"
    # The search's bound is of tardiness and moves together.
    result.tardiness_bound_h = max(result.tardiness_bound_h, incumbent.bound - compiled.standing.all_h())


def _improve_makespan(result: Found, bounds: Bounds, effort: Effort) -> None:
    compiled = result.compiled
    if reached(compiled.makespan_s(result.starts), bounds.makespan_s) or not compiled.tasks:
        return
    incumbent = improve_makespan(compiled, result.starts, effort, bounds.makespan_slots)
    result.compiled, result.starts = incumbent.compiled, incumbent.starts
    result.method += f"; {incumbent.improved} of {incumbent.searches} CP-SAT searches improved it"
    slots = math.ceil(incumbent.bound - _EQUAL)
    result.makespan_bound_s = max(bounds.makespan_s, slots * compiled.problem.grid_s - bounds.rounded_up_s)


def _value(compiled: CompiledProblem, starts: list[int]) -> float:
    return compiled.makespan_s(starts) if _is_makespan(compiled) else compiled.cost_h(starts)


def _bound(compiled: CompiledProblem, bounds: Bounds) -> float:
    return bounds.makespan_s if _is_makespan(compiled) else sum(bounds.alone_h)


def _is_makespan(compiled: CompiledProblem) -> bool:
    return compiled.problem.objective == "makespan"


def first_horizon(problem: ScheduleProblem) -> int:
    """Slots that will do for most problems: the window, then twice the longest rack."""
    last_s = max([problem.ends_s, *(job.release_s for job in problem.jobs)])
    longest_s = max(sum(_longest_s(operation) for operation in job.operations) for job in problem.jobs)
    return (last_s - problem.starts_s + 2 * longest_s) // problem.grid_s + _SPARE_SLOTS


def _last_horizon(problem: ScheduleProblem) -> int:
    """Slots after which waiting changes nothing: all profiles are at their last value, all work could be done."""
    profiles = [*problem.capacities.values(), *problem.open_hours.values()]
    profiles += [problem.stopped] if problem.stopped is not None else []
    last_s = max(int(profile.times_s[-1]) for profile in profiles) if profiles else problem.starts_s
    slots = sum(_longest_s(operation) // problem.grid_s + 1 for job in problem.jobs for operation in job.operations)
    return (max(last_s, problem.starts_s) - problem.starts_s) // problem.grid_s + slots + first_horizon(problem)


def _longest_s(operation: Operation) -> int:
    return max(way.duration_s for way in operation.ways)


def _never_fits(problem: ScheduleProblem) -> str:
    return f"at {problem.site} capacities or open hours end before the {len(problem.jobs)} racks are done"
