"""How likely each order is on time: the first weeks replayed many times, the rest by the run's own replications."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from twin.events.on_time import Chance, LikelyDates, OnTime, OrderChance, TotalChance
from twin.metrics.chances import chances_by, moment_reached, total_chance
from twin.metrics.statistics import Interval
from twin.model.order_book import OrderLine, ordered
from twin.model.scenario import Case
from twin.model.units import WEEK_S
from twin.model.world import Settings
from twin.study.ground import Ground, Progress
from twin.study.playbook import Playbook
from twin.study.replicate import Arm, replay_task
from twin.study.runner import begin, collect, shared

Moments = NDArray[np.float64]
"""Seconds since `starts`, a row per replication and a column per order; infinite: not in the time run."""


def replayed_s(case: Case) -> int:
    """Length of the time that is replayed: what is scheduled and as long again, unless the scenario says otherwise."""
    settings, weeks = case.world.settings, case.scenario.budgets.on_time_weeks
    return min((2 * settings.schedule_weeks if weeks is None else weeks) * WEEK_S, settings.horizon_s)


def begin_on_time(files: ExitStack, arm: Arm, workers: int) -> Callable[[Progress], list[Moments]]:
    """Set workers to the replays that the run's own replications do not hold already.

    The first weeks of a replication are a replay of them, so only the rest is run, cut where
    those weeks end.
    """
    scenario, until_s = arm.ground.case.scenario, replayed_s(arm.ground.case)
    numbers = range(scenario.replications, scenario.budgets.on_time_replays)
    if not arm.ground.planned or not until_s or not numbers:
        return lambda _progress: []
    (path,) = files.enter_context(shared(arm))
    begun = begin(replay_task, [(path, number, until_s) for number in numbers], workers)
    return lambda progress: collect(begun, len(numbers), "on-time replays", progress)


def on_time_of(
    ground: Ground, playbook: Playbook, own: Sequence[Moments], replays: Sequence[Moments] | None
) -> OnTime | None:
    """On-time chances from a run's own replications and its replays; None in a world without orders.

    Where nothing was replayed (`replays` None), every chance rests on the run's own replications.
    """
    names = {order.order for order in ordered(ground.case.world)}
    settings = ground.case.world.settings
    chosen = [at for at, line in enumerate(ground.orders) if line.order in names and line.due_s <= settings.report_s]
    if not chosen:
        return None
    lines = [ground.orders[at] for at in chosen]
    whole = np.vstack(own)[:, chosen]
    until_s = 0 if replays is None else replayed_s(ground.case)
    cut = np.vstack([whole, *(row[chosen] for row in replays or ())])
    cut[cut > until_s] = np.inf
    promised_s = promises_of(lines, playbook)
    table = _Table(settings, lines, promised_s, whole, cut, until_s)
    return OnTime(
        replayed_until=day_of(settings, until_s) if until_s else None,
        replays=len(cut) if until_s else 0,
        totals=table.totals(),
        orders=table.rows(),
    )


def promises_of(lines: Sequence[OrderLine], playbook: Playbook) -> Moments:
    """The moment each order is promised for, as it stands when it is accepted; infinite where it never is."""
    promises = playbook.opening.plan.promises if playbook.opening else {}
    given = [line.promised_s if line.promised_s is not None else promises.get(line.order) for line in lines]
    return np.array([np.inf if moment is None else float(moment) for moment in given])


def due_day(settings: Settings, line: OrderLine) -> str:
    """The day that an order is asked for, which may lie before `starts`."""
    return (settings.starts + timedelta(seconds=line.due_s - 1)).isoformat()


def day_of(settings: Settings, moment_s: float) -> str:
    """The day in which a moment lies; midnight ends the day before it."""
    return (settings.starts + timedelta(seconds=max(moment_s - 1, 0))).isoformat()


class _Table:
    """Orders beside their completions: in `whole` over the whole horizon, in `cut` up to `until_s`, more often."""

    def __init__(
        self,
        settings: Settings,
        lines: list[OrderLine],
        promised_s: Moments,
        whole: Moments,
        cut: Moments,
        until_s: int,
    ) -> None:
        self._settings, self._lines, self._until_s = settings, lines, until_s
        self._due_s, self._promised_s = np.array([float(line.due_s) for line in lines]), promised_s
        self._whole, self._cut = whole, cut

    def rows(self) -> list[OrderChance]:
        """Every order, by due day, then name."""
        by_due = self._chances(self._due_s)
        by_promise = self._chances(self._promised_s)
        return [
            OrderChance(
                order=line.order,
                customer=line.customer,
                site=line.site,
                item=line.item,
                quantity=line.quantity,
                priority=line.priority,
                due=due_day(self._settings, line),
                promised=self._day(self._promised_s[at]),
                by_due=by_due[at],
                by_promise=by_promise[at] if np.isfinite(self._promised_s[at]) else None,
                dates=self._dates(at),
            )
            for at, line in enumerate(self._lines)
        ]

    def totals(self) -> list[TotalChance]:
        """Shares of the orders due, and of those promised, in the weeks replayed and in a report window beyond them."""
        windows = [(self._cut, self._until_s), (self._whole, self._settings.report_s)]
        if self._until_s >= self._settings.report_s:
            del windows[1]
        kinds = (("due", self._due_s), ("promise", self._promised_s))
        return [
            TotalChance(
                by=by,
                until=day_of(self._settings, until_s),
                orders=int(within.sum()),
                chance=chance_from(total_chance(completed_s[:, within], by_s[within]), len(completed_s)),
            )
            for completed_s, until_s in windows
            for by, by_s in kinds
            for within in (by_s <= until_s,)
            if within.any()
        ]

    def _chances(self, by_s: Moments) -> list[Chance]:
        """From all replays where these reach the moment, else from the run's own replications."""
        often, seldom = chances_by(self._cut, by_s), chances_by(self._whole, by_s)
        return [
            chance_from(often[at], len(self._cut))
            if moment <= self._until_s
            else chance_from(seldom[at], len(self._whole))
            for at, moment in enumerate(by_s)
        ]

    def _dates(self, at: int) -> LikelyDates:
        """From all replays where these reach the last of the three dates, else from the run's own replications."""
        reached = np.isfinite(moment_reached(self._cut[:, at], 0.95))
        completed_s = self._cut[:, at] if reached else self._whole[:, at]
        p50, p80, p95 = (self._day(moment_reached(completed_s, chance)) for chance in (0.5, 0.8, 0.95))
        return LikelyDates(p50=p50, p80=p80, p95=p95, replications=len(completed_s))

    def _day(self, moment_s: float) -> str | None:
        return day_of(self._settings, moment_s) if np.isfinite(moment_s) else None


def chance_from(interval: Interval, replications: int) -> Chance:
    """A share and its interval as they are saved."""
    low, high = interval.low, interval.high
    assert low is not None
    assert high is not None
    return Chance(value=interval.value, low=low, high=high, replications=replications)
