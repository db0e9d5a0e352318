"""The large floor that the scheduler is measured on: a thousand racks through seven steps under a power cap.

One site takes a hundred racks a week. Bays are loaded to about 0.88; the cap on test power is
the mean energy rate over the load asked for. Three fifths of the racks arrive in batches at
midnight. All numbers are made up for the measurement, drawn from a fixed seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from twin.disrupt.availability import availability
from twin.model.rows_demand import Order
from twin.model.rows_make import Process, Resource, RoutingResource, RoutingStep
from twin.model.rows_network import Item, Site, Source
from twin.model.units import DAY_S, HOUR_S, WEEK_S
from twin.model.world import Settings, World
from twin.network.build import build_network
from twin.schedule.problem import schedule_problem
from twin.schedule.record import Release, ScheduleProblem

RACKS = 1000
RACKS_PER_WEEK = 100
SITE = "integrator"
POWER = "test_power"
WEIGHTS = (1.0, 2.0, 3.0, 5.0, 10.0)
SLACK = {0.95: (1.0, 1.3), 1.05: (1.05, 1.5)}
"""Due dates by load: release plus work times a factor between these."""
_BATCHED = 0.6
_SOURCE = "bench"
_STARTS = date(2026, 1, 5)


@dataclass(frozen=True, slots=True)
class _Stage:
    """A step of every rack: its hours lie evenly, in quarters, between two bounds."""

    name: str
    least_h: float
    most_h: float
    bays: int
    kw: float = 0.0


STAGES = (
    _Stage("kit", 4, 6, 4),
    _Stage("mechanical", 12, 16, 10),
    _Stage("fill_and_leak", 4, 6, 4, 5),
    _Stage("power_on", 2, 3, 2, 60),
    _Stage("rack_test", 36, 48, 29, 132),
    _Stage("cluster_test", 20, 28, 17, 140),
    _Stage("pack", 3, 4, 3),
)


def large_problem(load: float, seed: int, racks: int = RACKS) -> ScheduleProblem:
    """The floor as a schedule problem, made from its tables. `load` is 0.95 or 1.05."""
    draws = np.random.default_rng([seed, round(100 * load)])
    quarters = [draws.integers(round(4 * each.least_h), round(4 * each.most_h) + 1, racks) for each in STAGES]
    hours = np.array(quarters).T / 4
    network = build_network(_world(hours, load))
    weeks = racks / RACKS_PER_WEEK
    arrive_s = np.sort(draws.uniform(0, weeks * WEEK_S, racks)).astype(np.int64)
    batched = draws.random(racks) < _BATCHED
    release_s = np.where(batched, arrive_s // DAY_S * DAY_S, arrive_s)
    due_s = release_s + (hours.sum(axis=1) * HOUR_S * draws.uniform(*SLACK[load], racks)).astype(np.int64)
    weights = draws.choice(WEIGHTS, racks)
    releases = [
        Release(
            order=f"order-{_rack(number)}",
            unit=1,
            item=_rack(number),
            release_s=int(release_s[number]),
            due_s=int(due_s[number]),
            weight=float(weights[number]),
        )
        for number in range(racks)
    ]
    return schedule_problem(network, availability(network, ()), SITE, 0, round(weeks * WEEK_S), releases)


def _rack(number: int) -> str:
    return f"rack-{number:04d}"


def _world(hours: np.ndarray[tuple[int, int], np.dtype[np.float64]], load: float) -> World:
    """Every rack is an item of its own, with its own hours."""
    kwh = float((hours * [each.kw for each in STAGES]).sum())
    window_h = len(hours) / RACKS_PER_WEEK * WEEK_S / HOUR_S
    bays = [Resource(site=SITE, resource=each.name, capacity=each.bays, source=_SOURCE) for each in STAGES]
    power = Resource(site=SITE, resource=POWER, capacity=kwh / window_h / load, unit="kW", source=_SOURCE)
    racks = [_rack(number) for number in range(len(hours))]
    return World(
        name="thousand",
        settings=Settings.model_validate({"starts": _STARTS, "report_weeks": 26}),
        items=tuple(Item(item=rack, kind="rack", source=_SOURCE) for rack in racks),
        sites=(Site(site=SITE, kind="rack_integration"),),
        resources=(*bays, power),
        processes=tuple(Process(process="integration", site=SITE, item=rack, source=_SOURCE) for rack in racks),
        routings=tuple(step for rack, own in zip(racks, hours, strict=True) for step in _steps(rack, own.tolist())),
        routing_resources=tuple(need for rack in racks for need in _needs(rack)),
        orders=tuple(_order(rack) for rack in racks),
        sources=(Source(key=_SOURCE, title="Made up for the measurement", confidence="estimate"),),
    )


def _steps(rack: str, hours: list[float]) -> list[RoutingStep]:
    return [
        RoutingStep.model_validate(
            {"item": rack, "level": "L12", "step": number, "name": stage.name, "hours": own, "source": _SOURCE}
        )
        for number, (stage, own) in enumerate(zip(STAGES, hours, strict=True), start=1)
    ]


def _needs(rack: str) -> list[RoutingResource]:
    needs = []
    for number, stage in enumerate(STAGES, start=1):
        needs.append(RoutingResource(item=rack, level="L12", step=number, resource=stage.name, source=_SOURCE))
        if stage.kw:
            needs.append(
                RoutingResource(item=rack, level="L12", step=number, resource=POWER, amount=stage.kw, source=_SOURCE)
            )
    return needs


def _order(rack: str) -> Order:
    due = _STARTS + timedelta(weeks=26)
    return Order(
        order=f"order-{rack}", customer="bench", site=SITE, item=rack, quantity=1, requested=due, source=_SOURCE
    )
