"""Closed forms of queueing, reliability and inventory theory, through tables, simulation and measures.

Each world is run several times at seed 1; the closed form must lie within the 99.9 % interval of
the replications, and that interval be narrow enough to refute a wrong engine; see `ladder`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from known.closed_forms import Measured, replications
from known.ladder import estimate, exact
from worlds import SOURCE, STARTS, queue_world, row

from twin.events.record import Log
from twin.model.rows_demand import Demand, Stock
from twin.model.rows_make import Process
from twin.model.rows_network import Item, Lane, Site
from twin.model.units import DAY_S, HOUR_S
from twin.model.world import Settings, World

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


# --- inventory --------------------------------------------------------------------------------


def stocked_world(base: int, lead_time_days: str, *, by_lane: bool = False, due_days: str | None = None) -> World:
    """One stock under base_stock, customers 10 a day, replenished by an unlimited process or lane."""
    items = (row(Item, item="part", kind="part"),)
    demand = row(
        Demand, customer="acme", site="shop", item="part", every_days="exponential(0.1)", quantity=1,
        due_after_days=due_days,
    )  # fmt: skip
    shop = row(Site, site="shop", kind="hub")
    stock = row(Stock, site="shop", item="part", policy=f"base_stock({base})")
    settings = Settings(starts=STARTS, report_weeks=130, tail_weeks=0, schedule_weeks=0)
    if by_lane:
        parts = {
            "sites": (row(Site, site="maker", kind="component"), shop),
            "lanes": (row(Lane, lane="way", origin="maker", destination="shop", transit_days=lead_time_days),),
            "processes": (row(Process, process="making", site="maker", item="part", cycle_days="0"),),
        }
    else:
        parts = {
            "sites": (shop,),
            "processes": (row(Process, process="making", site="shop", item="part", cycle_days=lead_time_days),),
        }
    return World(
        name="stocked", settings=settings, items=items, demand=(demand,), stock=(stock,), sources=(SOURCE,), **parts
    )  # fmt: skip


def poisson_terms(mean: float, count: int) -> list[float]:
    return [math.exp(-mean) * mean**k / math.factorial(k) for k in range(count)]


def stock_measures(log: Log, kpis: Measured) -> Measured:
    """Fill rate, mean backorders (Little: rate times mean wait), mean stock at weekly marks."""
    served, level = log.of("served"), log.of("level")
    waits_s = (log.column("time_s") - log.column("since_s"))[served]
    places = np.array([*(name == "site:shop" for name in log.places), False])
    at_shop = level & places[log.column("place").astype(int)]
    return {
        "fill": kpis["fill_rate"],
        "backorders": float(waits_s.sum()) / log.report_s,
        "on hand": float(log.column("quantity")[at_shop][8:].mean()),
    }


@pytest.mark.parametrize(
    ("name", "lead_time", "by_lane"),
    [
        ("made there", "0.6", False),
        ("made there, exponential", "exponential(0.6)", False),
        ("sent there", "0.6", True),
        ("sent there, gamma", "gamma(0.6, 0.5)", True),
    ],
    ids=["made there", "made there, exponential", "sent there", "sent there, gamma"],
)
def test_palms_theorem(name: str, lead_time: str, by_lane: bool) -> None:
    """Units on order are Poisson with the mean of lead-time demand, whatever the shape of the lead time."""
    base, mean = 7, 6.0
    chances = poisson_terms(mean, 60)
    found = replications(stocked_world(base, lead_time, by_lane=by_lane), 14, stock_measures)
    backorders = sum((k - base) * p for k, p in enumerate(chances) if k > base)
    on_hand = sum((base - k) * p for k, p in enumerate(chances) if k < base)
    words = {"source": "Palm 1938", "family": "Inventory"}
    title = f"base stock 7, Poisson demand of 6 in the lead time, {name}"
    estimate(f"{title}: fill rate", sum(chances[:base]), found["fill"], 0.05, unit="", **words)
    estimate(f"{title}: backorders", backorders, found["backorders"], 0.2, unit="units", **words)
    estimate(f"{title}: on hand", on_hand, found["on hand"], 0.2, unit="units", **words)


def test_base_stock_of_zero_waits_out_every_lead_time() -> None:
    """Make to order: nobody is served at once, and everybody waits exactly the lead time."""
    found = replications(
        stocked_world(0, "0.6"),
        2,
        lambda log, kpis: {
            "fill": kpis["fill_rate"],
            "shortest": float((log.column("time_s") - log.column("since_s"))[log.of("served")].min()),
            "longest": float((log.column("time_s") - log.column("since_s"))[log.of("served")].max()),
        },
    )
    assert found["fill"] == [0.0, 0.0]
    assert found["shortest"] == found["longest"] == [0.6 * DAY_S] * 2
    words = {"source": "make to order", "family": "Inventory"}
    exact("base stock 0: wait of every customer", 14.4, found["longest"][0] / HOUR_S, unit="h", **words)


def test_demand_due_in_the_lead_time_needs_no_stock() -> None:
    """Customers who give the lead time are all served on time without stock (Hariharan and Zipkin 1995)."""
    found = replications(stocked_world(0, "0.6", due_days="0.6"), 1, stock_measures)
    words = {"source": "Hariharan and Zipkin 1995", "family": "Inventory"}
    exact("base stock 0, due after the lead time: fill rate", 1.0, found["fill"][0], unit="", within=1e-3, **words)
