"""Replays of one order: run on until it is complete, as far as the dates asked for need it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from twin.metrics.chances import moment_interval, moment_reached
from twin.metrics.facts import facts_from
from twin.metrics.order_waits import Stage, acceptances_s, docked_s, shortages_h, waits_h
from twin.metrics.stations import weekly_utilisation
from twin.metrics.view import View
from twin.model.order_book import OrderLine
from twin.model.units import WEEK_S
from twin.schedule.record import Schedule
from twin.simulate.record import PlanUpdate
from twin.study.ground import Ground, Progress
from twin.study.playbook import SiteWindow, make_playbook, moments_of, schedule_site
from twin.study.replicate import Arm, completions, load_arm, own_luck, simulate_arm
from twin.study.runner import run_all, shared

Moments = NDArray[np.float64]
LAST = 0.95
"""The chance of the latest date that is asked for."""
MORE_WEEKS = 4
"""Replays in which the order is not complete run on by at least so much at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReplay:
    """One replay: when each order of the ground is complete, and of one order its racks' acceptances and waits."""

    completed_s: Moments
    accepted_s: Moments
    waits_h: dict[Stage, float]
    """Summed over its accepted racks."""
    late_waits_h: dict[Stage, float]
    """Summed over those accepted after the day asked for."""
    late_docked_s: Moments
    """When these had come to the site at which they are accepted."""
    busy: dict[str, float]
    """Held over available in the weeks replayed, by resource `SITE/NAME`."""
    short_h: dict[tuple[str, str], float]
    """How long makers waited for an item, by (site, item)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A ground with its plans and schedules up to a moment: what replays follow."""

    arm: Arm
    until_s: int

    @property
    def lines(self) -> tuple[OrderLine, ...]:
        """All orders, as replays number them."""
        return self.arm.ground.orders


def plan_until(
    ground: Ground, until_s: int, workers: int, progress: Progress, opening: PlanUpdate | None = None
) -> Planned:
    """Plans and schedules of all moments before `until_s`; `opening` is the first, where it is made already."""
    scenario = ground.case.scenario
    disruptions = tuple(scenario.disruptions)

    def schedule_all(work: list[SiteWindow]) -> list[Schedule]:
        return run_all(schedule_site, work, workers, "schedules", progress)

    moments = [moment for moment in moments_of(ground.network, scenario) if moment < until_s]
    playbook = make_playbook(ground, disruptions, opening, progress, schedule_all, moments=())
    if moments:
        luck = own_luck(ground, disruptions, scenario.seed, 0) if scenario.replan == "each" else None
        playbook = make_playbook(ground, disruptions, playbook.opening, progress, schedule_all, moments, luck)
    arm = Arm(ground=ground, disruptions=disruptions, playbook=playbook, seed=scenario.seed)
    return Planned(arm=arm, until_s=until_s)


def replay_task(path: str, replication: int, until_s: int, order: str) -> OrderReplay:
    """One replay of a written arm: what a worker is sent."""
    arm = load_arm(path)
    log = simulate_arm(arm, replication, until_s=until_s).log
    view = View(log, facts_from(arm.ground.network))
    before = np.zeros(arm.ground.day_one.delivered.get(order, 0))
    # A replay without the new order has none of it that could be late.
    due_s = next((line.due_s for line in arm.ground.orders if line.order == order), math.inf)
    return OrderReplay(
        completed_s=completions(arm.ground, log),
        accepted_s=np.concatenate([before, acceptances_s(view, order)]),
        waits_h=waits_h(view, order),
        late_waits_h=waits_h(view, order, due_s),
        late_docked_s=docked_s(view, order, due_s),
        busy={name: float(weeks.mean()) for name, weeks in weekly_utilisation(view).items()},
        short_h=shortages_h(view),
    )


def replay_order(
    planned: Planned, order: str, numbers: Sequence[int], workers: int, progress: Progress
) -> list[OrderReplay]:
    """The numbered replays up to the moment planned for."""
    with shared(planned.arm) as (path,):
        tasks = [(path, number, planned.until_s, order) for number in numbers]
        return run_all(replay_task, tasks, workers, "replays", progress)


def replay_until_complete(
    planned: Planned, order: str, count: int, workers: int, progress: Progress
) -> tuple[Planned, list[OrderReplay]]:
    """Replays of an order until 95 of 100 have completed it, or the horizon ends.

    Those in which it is not complete run on, with the plans of the time that is added; once more
    where the interval of the last day still has no end.
    """
    ground = planned.arm.ground
    place = next(at for at, line in enumerate(ground.orders) if line.order == order)
    horizon_s = ground.case.world.settings.horizon_s
    replays = replay_order(planned, order, range(count), workers, progress)
    once_more = True
    while planned.until_s < horizon_s:
        completed_s = np.array([each.completed_s[place] for each in replays])
        if np.isfinite(moment_reached(completed_s, LAST)):
            latest_s = moment_interval(completed_s, LAST).high
            if not once_more or latest_s is None or np.isfinite(latest_s):
                break
            once_more = False
        until_s = min(planned.until_s + max(MORE_WEEKS * WEEK_S, planned.until_s // 2), horizon_s)
        planned = _longer(planned, until_s, workers, progress)
        open_ones = np.flatnonzero(np.isinf(completed_s)).tolist()
        again = replay_order(planned, order, open_ones, workers, progress)
        for number, replay in zip(open_ones, again, strict=True):
            replays[number] = replay
    return planned, replays


def _longer(planned: Planned, until_s: int, workers: int, progress: Progress) -> Planned:
    """The same with the plans that a longer time needs, if it needs more."""
    ground, playbook = planned.arm.ground, planned.arm.playbook
    moments = [moment for moment in moments_of(ground.network, ground.case.scenario) if moment < until_s]
    if tuple(moments) == playbook.replan_at_s:
        return replace(planned, until_s=until_s)
    return plan_until(ground, until_s, workers, progress, playbook.opening)
