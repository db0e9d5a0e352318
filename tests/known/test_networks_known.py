"""Networks of queues and queues whose server breaks down, from tables: routings, tests, failures.

Durations are exponential where the theorem asks for it; see `ladder` for what a rung holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
import pytest
from known.closed_forms import Measured, replications
from known.ladder import estimate
from worlds import queue_world, row, shop_world

from twin.events.record import Log
from twin.metrics.facts import facts_from
from twin.metrics.stations import number_integral_s
from twin.metrics.view import View
from twin.model.rows_demand import Demand
from twin.model.units import HOUR_S
from twin.model.world import World
from twin.network.build import build_network

UNIT_H = 2.4
"""The unit of time: long enough that whole seconds do not matter."""

JACKSON = {"source": "Jackson 1957", "family": "Queueing"}


def jackson_world(
    rate: float, services: Sequence[float], servers: Sequence[int], *, passing: float = 1.0, back_to: int = 1
) -> World:
    """Stations one after the other; from the second, units return to `back_to` with 1 - `passing`.

    `rate` arrivals a unit of time, `services` the mean service times in units of time.
    """
    steps = [
        {"name": f"station {n}", "hours": f"exponential({mean * UNIT_H!r})", "resource": f"servers_{n}"}
        for n, mean in enumerate(services, start=1)
    ]
    if passing < 1:
        steps[1] |= {"first_pass_yield": passing, "rework_to": back_to, "rework_hours": "0"}
    resources = [{"resource": f"servers_{n}", "capacity": count} for n, count in enumerate(servers, start=1)]
    every = f"exponential({UNIT_H / 24 / rate!r})"
    stream = row(Demand, customer="acme", site="shop", item="job", every_days=every, quantity=1)
    return shop_world("jackson", steps, resources, report_weeks=156, demand=(stream,))


def numbers_at_stations(world: World, count: int) -> dict[str, list[float]]:
    """Mean number at each station, in service or waiting, and the share of time in which all are empty."""
    facts = facts_from(build_network(world))

    def measure(log: Log, _kpis: Measured) -> Measured:
        seen = View(log, facts).visits
        begin_s, end_s = 0.05 * log.horizon_s, float(log.horizon_s)
        places = [log.places.index(f"step:shop/{step.name}") for step in world.routings]
        found = {
            f"L{number}": number_integral_s(here.came_s, here.left_s, begin_s, end_s) / (end_s - begin_s)
            for number, here in enumerate((seen.where(seen.place == place) for place in places), start=1)
        }
        return found | {"empty": share_of_time_empty(seen.came_s, seen.left_s, begin_s, end_s)}

    return replications(world, count, measure)


def share_of_time_empty(came_s, left_s, begin_s: float, end_s: float) -> float:
    """Of a window, the share in which no unit is at any station."""
    times = np.concatenate((came_s, left_s))
    order = np.argsort(times, kind="stable")
    inside = np.cumsum(np.concatenate((np.ones(len(came_s)), -np.ones(len(left_s))))[order])
    spells = np.diff(np.clip(np.append(times[order], end_s), begin_s, end_s))
    return float(spells[inside == 0].sum()) / (end_s - begin_s)


@pytest.mark.slow
def test_three_stations_in_series() -> None:
    """Loads 0.7, 0.5 and 0.6: each station is as if it were alone, and they are empty independently."""
    loads = (0.7, 0.5, 0.6)
    found = numbers_at_stations(jackson_world(1.0, loads, (1, 1, 1)), 10)
    for number, load in enumerate(loads, start=1):
        name = f"three stations in series: L at load {load:g}"
        estimate(name, load / (1 - load), found[f"L{number}"], 0.15, unit="jobs", **JACKSON)
    empty = prod(1 - load for load in loads)
    estimate("three stations in series: all empty", empty, found["empty"], 0.2, unit="", **JACKSON)


@pytest.mark.slow
def test_a_failed_test_feeds_back_to_the_first_station() -> None:
    """0.5 arrive, the test sends a fifth back: 0.625 pass the first two stations, 0.5 the third, of two servers."""
    found = numbers_at_stations(jackson_world(0.5, (0.8, 1.12, 2.0), (1, 1, 2), passing=0.8), 14)
    expected = {"L1": 0.5 / 0.5, "L2": 0.7 / 0.3, "L3": 2 * 0.5 / (1 - 0.5**2)}
    names = {"L1": "first station, load 0.5", "L2": "tested station, load 0.7", "L3": "third, of two servers, load 0.5"}
    for key, value in expected.items():
        name = f"three stations, a fifth sent back: L at the {names[key]}"
        estimate(name, value, found[key], 0.15, unit="jobs", **JACKSON)


# --- other services -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "scv"),
    [("uniform(0, 2)", 1 / 3), ("weibull(2, 1.1283792)", 4 / np.pi - 1), ("lognormal(1, 1)", 1.0)],
    ids=["uniform", "weibull", "lognormal"],
)
def test_only_two_moments_of_the_service_count(service: str, scv: float) -> None:
    """Wq = rho (1 + scv) / 2 / (1 - rho) services at rho = 0.6, whatever the shape."""
    world = queue_world(arrival_days=f"exponential({1 / 0.6 / 24!r})", service_hours=service, report_weeks=78)
    found = replications(world, 12, lambda _log, kpis: {"Wq": kpis["mean_wait_hours:shop/service"]})
    words = {"source": "Pollaczek and Khinchine, in Gross and Harris 1998", "family": "Queueing"}
    name = f"M/G/1, {service.partition('(')[0]} of scv {scv:.4g}, load 0.6: Wq"
    estimate(name, 0.75 * (1 + scv), found["Wq"], 0.12, unit="services", **words)


# --- servers that break down --------------------------------------------------------------------

FAILURES = "Machines with failures"


def waits_and_work(world: World, count: int) -> dict[str, list[float]]:
    """Mean wait and mean time at the server, breakdowns in it, in hours."""

    def measure(log: Log, kpis: Measured) -> Measured:
        done = log.of("step")
        work_s = (log.column("time_s") - log.column("since_s"))[done]
        jobs = float(log.of("started").sum())
        wait_h = kpis["mean_wait_hours:shop/service"]
        at_work_h = float(work_s.mean()) / HOUR_S
        number = (wait_h + at_work_h) * jobs / (log.horizon_s / HOUR_S)
        return {"wait": wait_h, "work": at_work_h, "number": number}

    return replications(world, count, measure)


def test_a_queue_whose_server_fails_at_work() -> None:
    """M/G/1 of completion times: work of 1 h, a breakdown every 20 h of it, repairs of 4 h, 0.5 arrivals an hour."""
    rate, fails, repair = 0.5, 1 / 20, 4.0
    mean = 1 + fails * repair
    second_moment = 2 * mean**2 + fails * 2 * repair**2
    world = queue_world(
        arrival_days=f"exponential({1 / rate / 24!r})", service_hours="exponential(1)", report_weeks=104,
        failures="use", mtbf_hours="exponential(20)", mttr_hours="exponential(4)",
    )  # fmt: skip
    found = waits_and_work(world, 20)
    words = {"source": "Avi-Itzhak and Naor 1963", "family": FAILURES, "unit": "h"}
    estimate("M/M/1, fails at work: completion", mean, found["work"], 0.05, **words)
    wait = rate * second_moment / 2 / (1 - rate * mean)
    estimate("M/M/1, fails at work: wait", wait, found["wait"], 0.2, **words)


def test_a_queue_whose_server_fails_at_any_time() -> None:
    """Work of 1 h at 0.5 an hour; up 20 h, down 4 h, whether there is work or not."""
    rate, serves, fails, mends = 0.5, 1.0, 1 / 20, 1 / 4
    both = fails + mends
    number = rate * (serves * fails + both**2) / both / (mends * serves - rate * both)
    world = queue_world(
        arrival_days=f"exponential({1 / rate / 24!r})", service_hours="exponential(1)", report_weeks=104,
        failures="time", mtbf_hours="exponential(20)", mttr_hours="exponential(4)",
    )  # fmt: skip
    found = waits_and_work(world, 14)
    words = {"source": "White and Christie 1958", "family": FAILURES}
    estimate("M/M/1, fails at any time: number there", number, found["number"], 0.15, unit="jobs", **words)
