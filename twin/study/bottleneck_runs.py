"""The rungs of a bottleneck ladder simulated: each with its own day one, all under the same luck."""

from __future__ import annotations

import pickle
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np

from twin.events.result import Measure
from twin.metrics.facts import facts_from
from twin.metrics.statistics import paired_interval, t_interval
from twin.metrics.view import View
from twin.model.case import with_changes
from twin.model.scenario import Case, Change
from twin.network.layers import finished_items
from twin.plan.rates import family_of, wanted_by_family
from twin.study.ground import Progress, lay_ground, silent
from twin.study.order_replays import plan_until
from twin.study.replicate import Arm, load_arm, simulate_arm
from twin.study.runner import run_all, shared

RACKS_A_WEEK = "racks a week"
NO_SCHEDULE = Change(table="settings", where={"name": "schedule_weeks"}, set={"value": 0})
"""The floor runs by its dispatch rule alone: the schedule of the first weeks decides nothing over a year."""


def simulated(
    case: Case,
    rungs: Sequence[Sequence[Change]],
    replications: int,
    store: Path | None,
    workers: int,
    progress: Progress,
) -> list[list[float]]:
    """Racks accepted a week in the report window, by rung and replication.

    Each rung is the case with its changes, from a day one of its own: as if they had held long since.
    """
    cases = [as_simulated(case, changes) for changes in rungs]
    with ExitStack() as files:
        paths = files.enter_context(shared(*cases))
        made = run_all(partial(_plan, store=store), [(path,) for path in paths], workers, "plans", progress)
        arms = [pickle.loads(each) for each in made]
        written = files.enter_context(shared(*arms))
        tasks = [(path, number) for path in written for number in range(replications)]
        answers = run_all(racks_a_week, tasks, workers, "replications", progress)
    return [answers[number * replications : (number + 1) * replications] for number in range(len(cases))]


def as_simulated(case: Case, changes: Sequence[Change]) -> Case:
    """A case with the changes of a rung, from its own day one, without schedules."""
    own = case.model_copy(update={"scenario": case.scenario.model_copy(update={"warm_start": "own"})})
    return with_changes(own, [*changes, NO_SCHEDULE])


def _plan(path: str, store: Path | None) -> bytes:
    """The arm of a case at a path, planned up to the end of its report window: what a worker is sent."""
    case = pickle.loads(Path(path).read_bytes())
    ground = lay_ground(case, store)
    arm = plan_until(ground, case.world.settings.report_s, 1, silent).arm
    return pickle.dumps(arm, protocol=pickle.HIGHEST_PROTOCOL)


def racks_a_week(path: str, replication: int) -> float:
    """What one replication of a written arm accepts a week, up to the end of its report window.

    Of racks of several families as many as make the mix that is ordered.
    """
    arm: Arm = load_arm(path)
    network, settings = arm.ground.network, arm.ground.case.world.settings
    log = simulate_arm(arm, replication, until_s=settings.report_s).log
    accepted = View(log, facts_from(network)).of("accepted")
    finished = finished_items(network)
    made: dict[str, float] = defaultdict(float)
    for item, racks in zip(accepted.item.tolist(), accepted.racks.tolist(), strict=True):
        if log.items[item] in finished:
            made[family_of(network, log.items[item])] += racks
    wanted = wanted_by_family(network, arm.ground.orders, finished)
    complete = min((made[family] / units for family, units in wanted.items()), default=0.0)
    return complete * sum(wanted.values()) / settings.report_weeks


def level_of(racks: Sequence[float]) -> Measure:
    """Mean and interval over the replications."""
    interval = t_interval(racks)
    return Measure(
        value=float(np.mean(racks)),
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        unit=RACKS_A_WEEK,
    )


def gain_of(before: Sequence[float], after: Sequence[float]) -> Measure:
    """Mean and interval of the differences, replication by replication."""
    interval = paired_interval(np.array(before), np.array(after))
    assert interval is not None
    return Measure(value=interval.value, low=interval.low, high=interval.high, unit=RACKS_A_WEEK)
