"""Little's law in every place of a world, exactly: L T = the sum of the times spent there.

The number in a place is counted from the rows that add to it and take from it; the times come
from what the log says of each unit, lot or shipment (`since_s`), or by first in, first out
from stock. They are two readings of the log that agree only if it is whole.
"""

from __future__ import annotations

from collections import defaultdict, deque

import pytest
from known.ladder import exact
from properties.log_reading import changes, lines
from properties.worlds_generated import arm_of
from worlds import chain_world, noisy_chain_world

from twin.events.record import Log
from twin.metrics.facts import facts_from
from twin.metrics.stations import mean_number_waiting
from twin.metrics.view import View
from twin.model.units import DAY_S
from twin.model.world import World
from twin.network.record import Network
from twin.simulate.run import simulate
from twin.study.bench_chain import chain_problem
from twin.study.replicate import simulate_arm

Place = tuple[str, str, str]
"""Kind, name and item."""

KINDS = {"lane": "on any lane", "process": "in any process", "site": "in any stock"}
LITTLE = {"source": "Little 1961", "family": "Little's law"}


def ledger(log: Log, network: Network) -> dict[Place, list[tuple[float, float]]]:
    """Every change of the number in a place, in order: when, and by how much."""
    found: dict[Place, list[tuple[float, float]]] = defaultdict(list)
    for line in lines(log):
        for place, change in changes(line, network):
            found[place].append((line.time_s, change))
    return found


def integral(moves: list[tuple[float, float]], end_s: float) -> float:
    """Of the number in a place over the whole log."""
    held = area = last_s = 0.0
    for time_s, change in moves:
        area += held * (time_s - last_s)
        held, last_s = held + change, time_s
    return area + held * (end_s - last_s)


def told_times(log: Log) -> dict[Place, float]:
    """Units times seconds that the log tells of those that have left a lane or a process."""
    found: dict[Place, float] = defaultdict(float)
    for line in lines(log):
        if line.event in {"docked", "produced", "scrapped"}:
            since_s = max(line.since_s, 0.0) if line.since_s == line.since_s else 0.0  # else it was there on day one
            found[line.kind, line.name, line.item] += line.quantity * (line.time_s - since_s)
    return found


def still_there(log: Log) -> dict[Place, float]:
    """Units times seconds of what is on a lane or in a process at the end of the log, lot by lot, unit by unit."""
    entered: dict[tuple[object, ...], list[float]] = {}
    for line, lot in zip(lines(log), log.column("lot").tolist(), strict=True):
        key = line.kind, line.name, line.item, line.order, line.unit, lot
        if line.event in {"started", "shipped"}:
            entered[key] = [line.time_s, line.quantity]
        elif line.event in {"docked", "produced", "scrapped"} and key in entered:  # else it was there on day one
            entered[key][1] -= line.quantity
    found: dict[Place, float] = defaultdict(float)
    for (kind, name, item, *_), (time_s, quantity) in entered.items():
        found[kind, name, item] += quantity * (log.horizon_s - time_s)
    return found


def first_in_first_out(moves: list[tuple[float, float]], end_s: float) -> float:
    """Units times seconds spent in a stock, each unit followed in and out."""
    queue: deque[list[float]] = deque()
    total = 0.0
    for time_s, change in moves:
        if change > 0:
            queue.append([time_s, change])
        left = -change
        while left > 1e-9:
            part = min(left, queue[0][1])
            total += part * (time_s - queue[0][0])
            queue[0][1] -= part
            left -= part
            if queue[0][1] <= 1e-9:
                queue.popleft()
    return total + sum(quantity * (end_s - since_s) for since_s, quantity in queue)


@pytest.mark.parametrize("world", [chain_world(), noisy_chain_world()], ids=["chain", "noisy chain"])
def test_little_holds_in_every_place(world: World) -> None:
    """Lanes, processes and stocks one by one, and the largest gap of each kind of place is a rung."""
    arm = arm_of(world)
    hold_little(world.name, simulate_arm(arm, 0).log, arm.ground.network)


def test_little_holds_in_a_chain_of_base_stocks() -> None:
    """Five echelons, a hundred customers a day for three weeks."""
    problem = chain_problem(days=21)
    hold_little("five echelons", simulate(problem).log, problem.network)


def hold_little(name: str, log: Log, network: Network) -> None:
    """Every place of a log; the largest gap of each kind is a rung."""
    told, there, end_s = told_times(log), still_there(log), float(log.horizon_s)
    gaps_days: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for place, moves in ledger(log, network).items():
        number_s = integral(moves, end_s)
        times_s = first_in_first_out(moves, end_s) if place[0] == "site" else told[place] + there[place]
        gaps_days[place[0]].append(round(abs(number_s - times_s) / DAY_S, 6))
    for kind, words in KINDS.items():
        assert gaps_days[kind], kind
        title = f"{name}: {words}, largest gap between L T and the sum of times"
        exact(title, 0.0, max(gaps_days[kind]), unit="unit-days", **LITTLE)


def test_little_holds_at_every_station() -> None:
    """Units that wait for a step: the mean number of the KPI against waits read from the rows of each unit."""
    arm = arm_of(noisy_chain_world())
    log, network = simulate_arm(arm, 0).log, arm.ground.network
    numbers = mean_number_waiting(View(log, facts_from(network)))
    waits_s: dict[str, float] = defaultdict(float)
    free_since: dict[tuple[str, str, int, str], float] = {}
    for line in lines(log):
        key = line.item, line.order, line.unit, line.site
        if line.event == "step":
            came_s = free_since.get(key, line.since_s)  # without a row before, it was at work on day one
            waits_s[line.name] += min(line.since_s, log.report_s) - min(came_s, log.report_s)
        if line.unit >= 0 and line.event in {"started", "step", "rework"}:
            free_since[key] = line.time_s
    assert sum(waits_s.values()) > 0
    gap = max(abs(number - waits_s[name] / log.report_s) for name, number in numbers.items())
    exact("noisy-chain: waiting at any station, largest gap", 0.0, round(gap, 9), unit="racks", **LITTLE)
