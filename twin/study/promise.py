"""`twin promise`: when an order is likely complete, whose order slips for a new one, and what would make it surer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from twin.events.on_time import Chance
from twin.events.promise import Asked, PromisedDate, PromiseView, Slip
from twin.metrics.chances import chances_by, moment_interval
from twin.metrics.statistics import paired_interval
from twin.model.order_book import OrderLine, order_book
from twin.model.problems import RunError
from twin.model.scenario import Case
from twin.model.units import DAY_S, WEEK_S
from twin.plan.record import SupplyPlan
from twin.study.asked import check_asked, with_order
from twin.study.buffers import buffers_of
from twin.study.ground import Ground, Progress, lay_ground
from twin.study.on_time import chance_from, day_of, due_day
from twin.study.order_replays import (
    Moments,
    OrderReplay,
    Planned,
    plan_until,
    replay_order,
    replay_until_complete,
)
from twin.study.reckon import opening_of
from twin.study.runner import worker_count

CHANCES = (0.5, 0.8, 0.95)
SLACK_WEEKS = 1
"""Replays begin with so much time after the plan's promise, or after the day asked for."""
PAIRS = 50
"""Replays that are run without a new order too, to see whose order slips."""
LEAST_SLIP_DAYS = 0.5


def promise_case(case: Case, asked: Asked, store: Path | None, workers: int | None, progress: Progress) -> PromiseView:
    """The answer to a promise asked for.

    Raises InputError for names that are not known, and RunError where the quantity can never
    be met within the horizon.
    """
    asked, count = check_asked(case, asked), worker_count(workers)
    ground = lay_ground(case, store, progress)
    if asked.order:
        line, planned = _line(ground, asked.order), _plan_for(ground, asked.order, count, progress)
        planned, replays = replay_until_complete(planned, line.order, _replays(case), count, progress)
        return _tell(planned, line, replays, asked, [], count, progress)
    without = plan_until(ground, 1, count, progress)
    beside, name = with_new(ground, asked)
    line, planned = _line(beside, name), _plan_for(beside, name, count, progress)
    first_s = planned.until_s
    planned, replays = replay_until_complete(planned, name, _replays(case), count, progress)
    without = plan_until(ground, first_s, count, progress, without.arm.playbook.opening)
    before = replay_order(without, name, range(min(PAIRS, len(replays))), count, progress)
    slips = _slips(without, planned, before, replays, name)
    return _tell(planned, line, replays, asked, slips, count, progress)


def with_new(ground: Ground, asked: Asked) -> tuple[Ground, str]:
    """The same with a new order, and its name. What customers order after the report window stays as it is."""
    case, name = with_order(ground.case, asked)
    line = next(line for line in order_book(case.world) if line.order == name)
    orders = tuple(sorted((*ground.orders, line), key=lambda each: (each.due_s, each.order)))
    return lay_ground(case, day_one=ground.day_one, orders=orders), name


def _replays(case: Case) -> int:
    return case.scenario.budgets.on_time_replays


def _line(ground: Ground, order: str) -> OrderLine:
    return next(line for line in ground.orders if line.order == order)


def _plan_for(ground: Ground, order: str, workers: int, progress: Progress) -> Planned:
    """Plans as far as the order is likely to take. Raises RunError where the plan never completes it."""
    begins = plan_until(ground, 1, workers, progress)
    plan = opening_of(begins.arm.playbook)
    assert plan is not None
    line, promised_s = _line(ground, order), plan.promises.get(order)
    if promised_s is None:
        raise RunError(_never(ground, plan, line))
    weeks = math.ceil(max(promised_s, line.due_s) / WEEK_S) + SLACK_WEEKS
    until_s = min(weeks * WEEK_S, ground.case.world.settings.horizon_s)
    return plan_until(ground, until_s, workers, progress, begins.arm.playbook.opening)


def _never(ground: Ground, plan: SupplyPlan, line: OrderLine) -> str:
    """Why an order is never complete: how much of it the plan delivers by its end."""
    key = (line.customer, line.site, line.item)
    earlier = sum(
        other.quantity - ground.day_one.delivered.get(other.order, 0)
        for other in ground.orders
        if (other.customer, other.site, other.item) == key and (other.due_s, other.order) < (line.due_s, line.order)
    )
    delivered = max(0.0, float(plan.deliveries[key].sum()) - earlier) if key in plan.deliveries else 0.0
    last = day_of(ground.case.world.settings, float(plan.edges_s[-1]))
    accepted = min(math.floor(delivered), line.quantity - 1)
    return (
        f"{line.quantity:,} {line.item} for {line.customer} at {line.site} cannot be complete by {last}, where the "
        f"plan ends: {accepted:,} of them are accepted by then; ask for fewer, `twin plan` says what binds"
    )


def _tell(
    planned: Planned,
    line: OrderLine,
    replays: Sequence[OrderReplay],
    asked: Asked,
    slips: list[Slip],
    workers: int,
    progress: Progress,
) -> PromiseView:
    ground = planned.arm.ground
    settings, plan = ground.case.world.settings, opening_of(planned.arm.playbook)
    assert plan is not None
    at = planned.lines.index(line)
    completed_s = np.array([each.completed_s[at] for each in replays])
    planned_s = plan.promises[line.order]
    has_due = bool(asked.order or asked.by)
    return PromiseView(
        scenario=ground.case.scenario.name,
        world=ground.case.world.name,
        seed=ground.case.scenario.seed,
        replays=len(replays),
        replayed_until=day_of(settings, planned.until_s),
        order=line.order,
        is_new=not asked.order,
        customer=line.customer,
        site=line.site,
        item=line.item,
        quantity=line.quantity,
        priority=line.priority,
        due=due_day(settings, line) if has_due else None,
        promised=None if line.promised_s is None else day_of(settings, line.promised_s),
        planned=None if planned_s is None else day_of(settings, planned_s),
        ahead=0 if planned_s is None else _ahead(planned.lines, line, planned_s),
        dates=[_date(ground, completed_s, chance) for chance in CHANCES],
        by_due=_chance(completed_s, line.due_s) if has_due else None,
        by_promise=None if line.promised_s is None else _chance(completed_s, line.promised_s),
        by_plan=None if planned_s is None else _chance(completed_s, planned_s),
        slips=slips,
        slips_by=""
        if asked.order
        else "plans with and without the order, and pairs of replays with and without it under the same luck",
        buffers=buffers_of(planned, line, replays, asked.target, workers, progress) if has_due else None,
    )


def _ahead(lines: Sequence[OrderLine], line: OrderLine, planned_s: int) -> int:
    """Units that a lower priority lets pass: of orders in the book when the plan completes it, and not due by then."""
    return sum(
        other.quantity
        for other in lines
        if (other.site, other.item) == (line.site, line.item)
        and other.priority < line.priority
        and other.placed_s <= planned_s < other.due_s
    )


def _date(ground: Ground, completed_s: Moments, chance: float) -> PromisedDate:
    found, settings = moment_interval(completed_s, chance), ground.case.world.settings
    value, low, high = (
        None if moment is None or math.isinf(moment) else day_of(settings, moment)
        for moment in (found.value, found.low, found.high)
    )
    return PromisedDate(chance=chance, date=value, low=low, high=high)


def _chance(completed_s: Moments, by_s: float) -> Chance:
    [found] = chances_by(completed_s[:, None], np.array([float(by_s)]))
    return chance_from(found, len(completed_s))


def _slips(
    without: Planned, planned: Planned, before: Sequence[OrderReplay], after: Sequence[OrderReplay], new: str
) -> list[Slip]:
    """Orders of the book that are later with the new one, by the plans or in pairs of replays; most rack-days first."""
    old_plan, new_plan = opening_of(without.arm.playbook), opening_of(planned.arm.playbook)
    assert old_plan is not None
    assert new_plan is not None
    place = {line.order: at for at, line in enumerate(planned.lines)}
    names = {order.order for order in without.arm.ground.case.world.orders}
    found = []
    for at, line in enumerate(without.lines):
        if line.order not in names or line.order == new:
            continue
        pairs = np.array(
            [(one.completed_s[at], two.completed_s[place[line.order]]) for one, two in zip(before, after, strict=False)]
        )
        slip = slip_of(without, line, (old_plan, new_plan), pairs)
        if slip is not None:
            found.append(slip)
    return sorted(found, key=lambda slip: (-slip.quantity * _days(slip), slip.order))


def _days(slip: Slip) -> float:
    """How far an order slips: by the pairs where they tell it, by the plans where these tell more of a rest."""
    by_plan = math.inf if slip.planned_days is None else slip.planned_days
    if slip.days is None:
        return by_plan
    return max(slip.days, by_plan) if slip.at_least else slip.days


def slip_of(without: Planned, line: OrderLine, plans: tuple[SupplyPlan, SupplyPlan], pairs: Moments) -> Slip | None:
    """How far an order slips; None where it does not."""
    old_s, new_s = (plan.promises.get(line.order) for plan in plans)
    planned_days = None if new_s is None else (new_s - old_s) / DAY_S if old_s is not None else 0.0
    lost = new_s is None and old_s is not None
    told = Slip(
        order=line.order,
        customer=line.customer,
        site=line.site,
        item=line.item,
        quantity=line.quantity,
        due=due_day(without.arm.ground.case.world.settings, line),
        planned_days=planned_days,
    )
    by_plan = lost or (planned_days or 0.0) >= LEAST_SLIP_DAYS
    # What is not complete in the weeks replayed counts as if it were at their end.
    days = np.minimum(pairs, without.until_s) / DAY_S
    between = paired_interval(days[:, 0], days[:, 1])
    if line.due_s > without.until_s or between is None or between.low is None:
        return told if by_plan else None
    if not (between.low > 0 and between.value >= LEAST_SLIP_DAYS):
        # Pairs in which it is open at their end, with and without, say nothing of it.
        if (pairs[:, 0] > without.until_s).any():
            return told if by_plan else None
        if not lost:
            return None
    on_time = (pairs <= line.due_s).mean(axis=0)
    return told.model_copy(
        update={
            "days": between.value,
            "low": between.low,
            "high": between.high,
            "at_least": bool((pairs[:, 1] > without.until_s).any()),
            "on_time_before": float(on_time[0]),
            "on_time_after": float(on_time[1]),
        }
    )
