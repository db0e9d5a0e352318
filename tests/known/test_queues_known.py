"""Closed forms of queueing, reliability and inventory theory, through tables, simulation and measures.

Each world is run several times at seed 1; the closed form must lie within the 99.9 % interval of
the replications, and that interval be narrow enough to refute a wrong engine; see `ladder`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from known.closed_forms import Measured, replications
from known.ladder import estimate
from worlds import queue_world

from twin.events.record import Log
from twin.model.units import HOUR_S
from twin.model.world import World

UNIT_H = 2.4
"""The unit of time of the textbook queues: long enough that whole seconds do not matter."""


def textbook_queue(interval: float, service: str, servers: int, unit_h: float, weeks: int) -> World:
    """A queue whose times are given in units: Poisson arrivals, `service` as a distribution in hours."""
    return queue_world(
        arrival_days=f"exponential({interval * unit_h / 24!r})",
        service_hours=service,
        servers=servers,
        report_weeks=weeks,
    )


def queue_measures(unit_h: float) -> Callable[[Log, Measured], Measured]:
    """P(wait), Lq, Wq and W in units of time."""

    def measure(log: Log, kpis: Measured) -> Measured:
        served = log.rows[log.of("served")]
        sojourn_s = log.column("time_s")[log.of("served")] - log.column("since_s")[log.of("served")]
        assert len(served) > 1000
        return {
            "P(wait)": kpis["delayed_share:shop/service"],
            "Lq": kpis["mean_number_waiting:shop/service"],
            "Wq": kpis["mean_wait_hours:shop/service"] / unit_h,
            "W": float(sojourn_s.mean()) / HOUR_S / unit_h,
        }

    return measure


UNITS = {"P(wait)": "", "Lq": "jobs", "Wq": "units of time", "W": "units of time"}


def queue_rungs(
    name: str, found: dict[str, list[float]], expected: dict[str, tuple[float, float]], source: str = "Erlang C"
) -> None:
    """A rung a measure: its closed form and the precision promised."""
    for measure, (value, within) in expected.items():
        estimate(
            f"{name}: {measure}", value, found[measure], within, unit=UNITS[measure], source=source, family="Queueing"
        )


@pytest.mark.slow
def test_m_m_1() -> None:
    """0.8 arrivals and 1 service a unit of time."""
    world = textbook_queue(1.25, f"exponential({UNIT_H})", 1, UNIT_H, 260)
    found = replications(world, 20, queue_measures(UNIT_H))
    queue_rungs("M/M/1, load 0.8", found, {"P(wait)": (0.8, 0.02), "Lq": (3.2, 0.12), "Wq": (4, 0.12), "W": (5, 0.1)})


@pytest.mark.slow
def test_m_m_3() -> None:
    """2.4 arrivals and 1 service a unit of time at each of three servers."""
    unit_h = 3 * UNIT_H
    world = textbook_queue(1 / 2.4, f"exponential({unit_h})", 3, unit_h, 260)
    found = replications(world, 16, queue_measures(unit_h))
    expected = {"P(wait)": (0.647191, 0.04), "Lq": (2.588764, 0.15), "Wq": (1.078652, 0.15), "W": (2.078652, 0.08)}
    queue_rungs("M/M/3, load 0.8", found, expected)


def test_m_m_5() -> None:
    """0.25 arrivals and 0.1 services a unit of time at each of five servers."""
    unit_h = 1.0
    world = textbook_queue(4.0, f"exponential({10 * unit_h})", 5, unit_h, 130)
    found = replications(world, 20, queue_measures(unit_h))
    expected = {"P(wait)": (0.130371, 0.12), "Lq": (0.25 * 0.521485, 0.25), "Wq": (0.521485, 0.25)}
    queue_rungs("M/M/5, load 0.5", found, expected)


@pytest.mark.parametrize(
    ("name", "service", "wait"),
    [("M/D/1, load 0.8", f"{UNIT_H}", 2.0), ("M/G/1, gamma of scv 0.25, load 0.8", f"gamma({UNIT_H}, 0.5)", 2.5)],
    ids=["M/D/1", "M/G/1 gamma"],
)
@pytest.mark.slow
def test_pollaczek_and_khinchine(name: str, service: str, wait: float) -> None:
    """Wq = rho (1 + scv) / 2 / (1 - rho) services at rho = 0.8."""
    world = textbook_queue(1.25, service, 1, UNIT_H, 260)
    found = replications(world, 12, queue_measures(UNIT_H))
    expected = {"P(wait)": (0.8, 0.03), "Lq": (0.8 * wait, 0.12), "Wq": (wait, 0.12)}
    queue_rungs(name, found, expected, source="Pollaczek and Khinchine, in Gross and Harris 1998")


def test_breakdowns_by_use_lengthen_the_work() -> None:
    """A breakdown every 300 h of work, each 30 h long: a job of 10 h takes 11 h, availability 10/11."""
    world = queue_world(
        arrival_days="1",
        service_hours="10",
        report_weeks=520,
        failures="use",
        mtbf_hours="exponential(300)",
        mttr_hours="exponential(30)",
    )

    def measure(log: Log, _kpis: Measured) -> Measured:
        time_s, since_s = log.column("time_s"), log.column("since_s")
        done, up = log.of("step"), log.of("up")
        work_s = (time_s - since_s)[done]
        down_s = (time_s - since_s)[up & (time_s <= time_s[done].max())]
        return {"completion": float(work_s.mean()) / HOUR_S, "availability": 1 - down_s.sum() / work_s.sum()}

    found = replications(world, 8, measure)
    words = {"source": "renewal reward: 1 + repair / mtbf of the work", "family": "Machines with failures"}
    estimate("by use: completion of a job of 10 h", 11.0, found["completion"], 0.03, unit="h", **words)
    estimate("by use: availability", 10 / 11, found["availability"], 0.03, unit="", **words)


def test_breakdowns_by_time_stop_a_server_its_share_of_the_time() -> None:
    """Up 80 h, down 20 h on average: an hour's work lasts 1 + 20/80 h, since a breakdown may strike in it."""
    world = queue_world(
        arrival_days=f"{10 / 24!r}",
        service_hours="1",
        report_weeks=260,
        failures="time",
        mtbf_hours="exponential(80)",
        mttr_hours="exponential(20)",
    )

    def measure(log: Log, _kpis: Measured) -> Measured:
        done = log.of("step")
        return {"completion": float((log.column("time_s") - log.column("since_s"))[done].mean()) / HOUR_S}

    found = replications(world, 10, measure)["completion"]
    words = {"source": "availability 80/100 of the time", "family": "Machines with failures"}
    estimate("by time: completion of a job of 1 h", 1.25, found, 0.15, unit="h", **words)
