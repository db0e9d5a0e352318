"""Single parts of a simulation, set up by hand for their unit tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from worlds import day

from twin.disrupt.availability import availability
from twin.disrupt.record import LaneAvailability, ProcessAvailability
from twin.events.record import COLUMNS, EVENTS, Log
from twin.events.writer import LogWriter
from twin.model.order_book import OrderLine, order_book
from twin.model.profile import StepProfile
from twin.model.state import State
from twin.model.world import World
from twin.network.build import build_network
from twin.simulate.clock import Clock
from twin.simulate.lots import Floor, LotNumbers
from twin.simulate.record import SimulationProblem, SimulationResult
from twin.simulate.run import simulate
from twin.simulate.stocks import Stocks
from twin.simulate.streams import Streams
from twin.simulate.targets import Target

HOUR_S, DAY_S, WEEK_S = 3600, 86_400, 604_800
ONE, ZERO = StepProfile.constant(1.0), StepProfile.constant(0.0)

__all__ = ["day"]


def make_floor(*, noise: bool = True, seed: int = 1, until_s: int = 52 * WEEK_S) -> Floor:
    clock = Clock()
    log = LogWriter(until_s, until_s)
    return Floor(clock, log, Stocks(clock, log), Streams(seed, 0, noise), LotNumbers())


def process_available(**cells: Any) -> ProcessAvailability:
    usual: dict[str, Any] = {
        "starts_per_week": None, "blocked": ZERO, "frozen": ZERO, "yield_factor": ONE, "lead_time_factor": ONE,
    }  # fmt: skip
    return ProcessAvailability(**(usual | cells))


def lane_available(**cells: Any) -> LaneAvailability:
    usual: dict[str, Any] = {"capacity_kg_per_week": None, "closed": ZERO, "stopped": ZERO, "transit_factor": ONE}
    return LaneAvailability(**(usual | cells))


def during(start_s: int, end_s: int, inside: float = 1.0, outside: float = 0.0) -> StepProfile:
    return StepProfile.window(start_s, end_s, inside, outside)


def wanted(*units: float, bucket_s: int = WEEK_S, carry: float = 0.0) -> Target:
    """A target of so many units in each bucket from second 0 on."""
    edges = np.arange(len(units) + 1, dtype=np.int64) * bucket_s
    return Target(edges, np.array(units, np.float64), carry)


def order_line(name: str, quantity: int, **cells: Any) -> OrderLine:
    usual: dict[str, Any] = {
        "customer": "acme", "site": "dc", "item": "rack", "level": "", "priority": 5, "placed_s": 0, "due_s": WEEK_S,
        "promised_s": None,
    }  # fmt: skip
    return OrderLine(order=name, quantity=quantity, **(usual | cells))


def rows(log: Log, event: str) -> list[dict[str, float]]:
    """The rows of an event, by column name."""
    return [dict(zip(COLUMNS, row, strict=True)) for row in log.rows[log.of(event)].tolist()]


def column(log: Log, event: str, name: str) -> NDArray[np.float64]:
    return log.rows[log.of(event), COLUMNS.index(name)]


def count(log: Log, event: str) -> int:
    return int((log.column("event") == EVENTS.index(event)).sum())


def run_pull(world: World, process: dict[str, Any] | None = None, **problem: Any) -> SimulationResult:
    """A world run by stock policies; `process` changes the availability of its only process."""
    network = build_network(world)
    available = availability(network, ())
    if process:
        ((key, normal),) = available.processes.items()
        available = replace(available, processes={key: replace(normal, **process)})
    return simulate(
        SimulationProblem(
            network=network,
            availability=available,
            orders=order_book(world),
            state=State(),
            opening=None,
            **problem,
        )
    )
