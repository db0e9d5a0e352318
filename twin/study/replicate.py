"""One replication of one arm of a study, in whichever process it is run."""

from __future__ import annotations

import math
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.disrupt.availability import availability
from twin.disrupt.record import Availability
from twin.disrupt.resolve import resolve
from twin.events.record import COLUMNS, Log
from twin.metrics.dictionary import kpis_of
from twin.metrics.factory import Served
from twin.metrics.facts import facts_from
from twin.metrics.series import accepted_by_customer_of, weekly_series_of
from twin.metrics.stations import weekly_utilisation
from twin.metrics.view import View
from twin.model.scenario import Disruption
from twin.simulate.record import SimulationProblem, SimulationResult
from twin.simulate.run import simulate
from twin.simulate.streams import generator
from twin.study.drawn_demand import orders_in
from twin.study.ground import Ground
from twin.study.playbook import OwnLuck, Playbook, make_playbook

Series = NDArray[np.float64]
TIME, ORDER = COLUMNS.index("time_s"), COLUMNS.index("order")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """What all replications of one scenario need: written once, read by every worker."""

    ground: Ground
    disruptions: tuple[Disruption, ...]
    playbook: Playbook
    """What all replications follow; with `replan: each`, the first alone."""
    seed: int

    @property
    def each_replans(self) -> bool:
        """True where each replication is planned anew from its own state."""
        return self.ground.case.scenario.replan == "each" and bool(self.playbook.updates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicated:
    """What is kept of a replication: KPIs, series, and the log where it was asked for."""

    replication: int
    kpis: dict[str, float]
    series: dict[str, Series]
    utilisation: dict[str, Series]
    customers: dict[str, Series]
    completed_s: Series
    """When each order of the ground is complete, in their order; infinite: not within the horizon."""
    load_by_hour: dict[str, Series]
    """Mean kilowatts that steps held by hour of the week, by resource `SITE/NAME`."""
    load_by_week: dict[str, Series]
    served: dict[str, Served]
    """What racks online did, by datacenter."""
    events: int
    log: Log | None


def run_replication(arm: Arm, replication: int, *, keep_log: bool = False) -> Replicated:
    """Simulate and measure; equal arms and numbers give equal results in any process."""
    result = simulate_arm(arm, replication)
    view = View(result.log, facts_from(arm.ground.network))
    return Replicated(
        replication=replication,
        kpis=kpis_of(view),
        series=weekly_series_of(view),
        utilisation=weekly_utilisation(view),
        customers=accepted_by_customer_of(view),
        completed_s=completions(arm.ground, result.log),
        load_by_hour={name: curve.by_hour_of_week() for name, curve in view.load_curves.items()},
        load_by_week={name: curve.by_week() for name, curve in view.load_curves.items()},
        served=view.served_by_site,
        events=result.events,
        log=result.log if keep_log else None,
    )


def completions(ground: Ground, log: Log) -> Series:
    """When each order is complete by a log, in the order of the ground's; infinite where it is not.

    What was delivered in full before `starts` is complete from the first second, and so is an
    order of the forecast of which this replication has none.
    """
    rows = log.rows[log.of("completed")]
    at_s = dict(zip((log.orders[int(code)] for code in rows[:, ORDER]), rows[:, TIME].tolist(), strict=True))
    delivered, placed = ground.day_one.delivered, set(log.orders)
    return np.array(
        [
            0.0
            if line.order not in placed or delivered.get(line.order, 0) >= line.quantity
            else at_s.get(line.order, math.inf)
            for line in ground.orders
        ]
    )


def simulate_arm(arm: Arm, replication: int, *, noise: bool = True, until_s: int | None = None) -> SimulationResult:
    """One replication of an arm, not yet measured; its beginning where `until_s` cuts it short."""
    ground, playbook = arm.ground, playbook_of(arm, replication, until_s) if noise else arm.playbook
    return simulate(
        SimulationProblem(
            network=ground.network,
            availability=available_in(arm, replication) if noise else playbook.available,
            orders=orders_in(ground, arm.seed, replication) if noise else ground.orders,
            state=ground.day_one,
            opening=playbook.opening,
            replan_at_s=playbook.replan_at_s,
            planner=lambda at_s, _state, _progress: playbook.updates[at_s],
            seed=arm.seed,
            replication=replication,
            noise=noise,
            until_s=until_s,
        )
    )


def playbook_of(arm: Arm, replication: int, until_s: int | None = None) -> Playbook:
    """The arm's own, unless each replication is planned anew from its own state, up to `until_s` where it is cut."""
    if replication == 0 or not arm.each_replans:
        return arm.playbook
    luck = own_luck(arm.ground, arm.disruptions, arm.seed, replication)
    moments = [moment for moment in arm.playbook.replan_at_s if until_s is None or moment < until_s]
    return make_playbook(arm.ground, arm.disruptions, arm.playbook.opening, moments=moments, luck=luck)


def own_luck(ground: Ground, disruptions: Sequence[Disruption], seed: int, replication: int) -> OwnLuck:
    """The luck of a replication, with its own lengths of disruptions."""
    lengths = {
        one.name: one.duration_weeks.quantile_at(float(generator(seed, replication, "outage", one.name).random()))
        for one in disruptions
    }
    return OwnLuck(seed=seed, replication=replication, true=resolve(ground.case.world, disruptions, lengths))


def available_in(arm: Arm, replication: int) -> Availability:
    """What is available in a replication: with its own lengths of disruptions, where they vary."""
    if all(one.duration_weeks.is_constant for one in arm.disruptions):
        return arm.playbook.available
    luck = own_luck(arm.ground, arm.disruptions, arm.seed, replication)
    return availability(arm.ground.network, luck.true)


@lru_cache(maxsize=2)
def load_arm(path: str) -> Arm:
    """The arm that the study wrote for its workers; kept, since a worker runs many replications."""
    arm = pickle.loads(Path(path).read_bytes())
    assert isinstance(arm, Arm)
    return arm


def run_task(path: str, replication: int, keep_log: bool) -> Replicated:
    """`run_replication` of a written arm: what a worker is sent."""
    return run_replication(load_arm(path), replication, keep_log=keep_log)


def replay_task(path: str, replication: int, until_s: int) -> Series:
    """When each order is complete in the beginning of a replication of a written arm: what a worker is sent."""
    arm = load_arm(path)
    return completions(arm.ground, simulate_arm(arm, replication, until_s=until_s).log)
