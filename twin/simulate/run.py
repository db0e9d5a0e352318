"""One replication: plan and schedule executed under uncertainty, from day one to the horizon."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import numpy as np

from twin.events.record import EVENTS
from twin.model.problems import RunError
from twin.model.units import WEEK_S
from twin.plan.record import Series, SupplyPlan
from twin.simulate.build import Replication, build
from twin.simulate.clock import AFTER_STARTS, CHANGES, PLANNING
from twin.simulate.clusters import Serial
from twin.simulate.foresight import go_on_by_means
from twin.simulate.pull_world import add_pull_world
from twin.simulate.record import Done, PlanUpdate, Progress, SimulationProblem, SimulationResult
from twin.simulate.snapshot import open_with, read_progress, read_state, settled
from twin.simulate.targets import Target

LEVEL, PLANNED = EVENTS.index("level"), EVENTS.index("planned")
NAN = float("nan")

_Key = TypeVar("_Key", bound=tuple[str, ...])


def simulate(problem: SimulationProblem) -> SimulationResult:
    """Run one replication and give its log.

    Equal problems give equal logs, row by row. Raises RunError where the network cannot be
    run or a moment of re-planning comes without a planner.
    """
    with _no_collector():
        return _simulate(problem)


@contextmanager
def _no_collector() -> Iterator[None]:
    """Let things be made and pass without the collector of cyclic garbage.

    A replication makes millions of objects and hardly a cycle, so the collector would walk
    them again and again for nothing: it cost a third of the time. What is left of the
    replication, which is one large cycle, is young when the collector is back, and goes
    with its first look at what is young.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _simulate(problem: SimulationProblem) -> SimulationResult:
    made = build(problem)
    add_pull_world(made)
    if problem.opening is not None:
        _follow(made, problem.opening, {})
    open_with(made, problem.state)
    made.floor.clock.at(0, AFTER_STARTS, lambda _none: _note_inside(made))
    for time_s in problem.replan_at_s:
        made.floor.clock.at(time_s, PLANNING, lambda _none: _replan(made))
    _mark_weeks(made)
    made.floor.clock.run(made.until_s)
    _write_levels(made, made.until_s)
    return SimulationResult(log=made.floor.log.close(), releases=settled(made), events=made.floor.clock.events)


def _replan(made: Replication) -> None:
    problem, now = made.problem, made.floor.clock.now
    if problem.planner is None:
        raise RunError("the simulation is to re-plan and was handed no planner")
    if now == problem.mean_from_s:
        go_on_by_means(made)
    _note_inside(made)
    progress = read_progress(made)
    update = problem.planner(now, lambda: read_state(made), lambda: progress)
    standing = sum(schedule.standing_operations for schedule in update.schedules)
    moved = sum(schedule.moved_operations for schedule in update.schedules)
    made.floor.log.row(now, PLANNED, -1, -1, -1, -1, -1, -1, moved, 0.0, NAN, standing or NAN)
    _follow(made, update, progress)


def _note_inside(made: Replication) -> None:
    for station in made.racks.values():
        station.note_inside()


def _follow(made: Replication, update: PlanUpdate, progress: Progress) -> None:
    """Every station and lane that no stock policy runs takes its part of a plan, with its own shortfall."""
    plan = update.plan
    for site_floor in made.sites.values():
        site_floor.follow(*_scheduled(made, update, site_floor.site))
    for key, station in made.lots.items():
        if key[1:] not in made.pulled:
            station.follow(_target(plan, _wanted(plan, plan.production, key), update, progress, key))
    for key, rack_station in made.racks.items():
        rack_station.follow(_target(plan, _wanted(plan, plan.production, key), update, progress, key))
    for lane_key, flow in made.flows.items():
        if (made.ways[lane_key[0]].lane.destination, lane_key[1]) not in made.pulled:
            flow.follow(_target(plan, _wanted(plan, plan.shipments, lane_key), update, progress, lane_key))
    for lane_key, rack_lane in made.rack_lanes.items():
        rack_lane.target = _target(plan, plan.shipments.get(lane_key), update, progress, lane_key)


def _wanted(plan: SupplyPlan, series: Mapping[_Key, Series], key: _Key) -> Series | None:
    """What is wanted of a station or lane: where it draws on stocks under a policy, when it is to ask them."""
    return plan.asked.get(key, series.get(key))


def _target(
    plan: SupplyPlan,
    series: Series | None,
    update: PlanUpdate,
    progress: Progress,
    key: tuple[str, ...],
) -> Target:
    wanted = np.zeros(len(plan.edges_s) - 1) if series is None else series
    planned, own = update.progress.get(key, Done()), progress.get(key, Done())
    return Target(plan.edges_s, wanted, planned.units - own.units, planned.begun)


def _scheduled(
    made: Replication, update: PlanUpdate, site: str
) -> tuple[dict[Serial, int], dict[Serial, str], dict[Serial, tuple[int, int]]]:
    """When each step is scheduled to start, in which mode where it has a choice, and in which cluster of how many."""
    order = made.floor.log.order
    here = [each for schedule in update.schedules if schedule.site == site for each in schedule.assignments]
    serials = {(order(each.order), each.unit, each.step): each for each in here}
    sizes = Counter(each.cluster for each in here)
    return (
        {serial: each.start_s for serial, each in serials.items()},
        {serial: each.mode for serial, each in serials.items() if each.mode},
        {serial: (each.cluster, sizes[each.cluster]) for serial, each in serials.items() if each.cluster},
    )


def _mark_weeks(made: Replication) -> None:
    for week_s in range(WEEK_S, made.until_s, WEEK_S):
        made.floor.clock.at(week_s, CHANGES, lambda time_s: _write_levels(made, time_s), week_s)


def _write_levels(made: Replication, time_s: int) -> None:
    """Levels and use of resources at the end of a week."""
    log, stocks = made.floor.log, made.floor.stocks
    for rack_station in made.racks.values():
        rack_station.write_consumed()
    for acceptor in made.acceptors.values():
        acceptor.write_consumed()

    def level(place: str, item: str, quantity: float) -> None:
        log.row(time_s, LEVEL, log.place(place), log.item(item), -1, -1, -1, -1, quantity, 0.0, NAN, NAN)

    for (site, item), quantity in zip(stocks.keys, stocks.on_hand, strict=True):
        level(f"site:{site}", item, quantity)
    for (process, site, item), station in made.lots.items():
        level(f"process:{process}@{site}", item, station.in_process)
    for (lane, item), flow in made.flows.items():
        level(f"lane:{lane}", item, flow.in_transit)
    for (lane, item), rack_lane in made.rack_lanes.items():
        level(f"lane:{lane}", item, len(rack_lane.trips))
    _write_units(made, level)
    for site_floor in made.sites.values():
        for pool in site_floor.pools.values():
            pool.close_week(time_s, log)


def _write_units(made: Replication, level: object) -> None:
    assert callable(level)
    for site_floor in made.sites.values():
        for (process, site, item), count in site_floor.count_inside().items():
            level(f"process:{process}@{site}", item, count)
