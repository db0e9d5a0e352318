"""An order's way by hand: placed, pegged, pegged again as racks ship, split over shipments, completed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from worlds import chain_world, day, row

from twin.disrupt.availability import availability
from twin.events.record import EVENTS, Log
from twin.model.order_book import order_book
from twin.model.rows_demand import Order
from twin.model.state import Shipment, State
from twin.model.units import DAY_S, HOUR_S
from twin.model.world import World
from twin.network.build import build_network
from twin.plan.make import make_plan
from twin.plan.record import PlanOptions
from twin.simulate.record import PlanUpdate, SimulationProblem
from twin.simulate.run import simulate

MADE_H, WAY_H, FLOOR_H = 20 + 30 + 4, 3 * 24, 10 + 14
"""Assembly, test and packing; the lane; installation and commissioning."""
RELEASED_H = (84, 168, 588, 672)
"""Two racks wanted in the first week and two in the fourth, evenly within each."""


def orders_world() -> World:
    """Big wants three racks and is placed on the third day; small wants one, is urgent, and comes on the tenth."""
    cells = {"customer": "acme", "site": "campus", "item": "rack_accepted"}
    return chain_world(
        orders=(
            row(Order, order="big", quantity=3, placed=day(2), requested=day(9), revenue_usd=300.0, **cells),
            row(Order, order="small", quantity=1, placed=day(9), requested=day(20), priority=1, **cells),
        )
    )


@pytest.fixture(scope="module")
def log() -> Log:
    """Trays for two racks on hand and for two on the way, and a plan written by hand."""
    world = orders_world()
    network, orders = build_network(world), order_book(world)
    available = availability(network, ())
    state = State(
        on_hand={("integrator", "tray"): 4.0},
        in_transit=(Shipment(lane="trays-integrator", item="tray", quantity=4, arrives_s=20 * DAY_S),),
    )
    plan = make_plan(network, available, state, orders, PlanOptions())
    wanted = np.zeros(len(plan.edges_s) - 1)
    wanted[[0, 3]] = 2.0
    by_hand = replace(
        plan,
        production={("integration", "integrator", "rack_l11"): wanted},
        shipments={("integrator-campus", "rack_l11"): wanted},
    )
    problem = SimulationProblem(
        network=network, availability=available, orders=orders, state=state,
        opening=PlanUpdate(plan=by_hand, progress={}), noise=False,
    )  # fmt: skip
    return simulate(problem).log


def told(log: Log, event: str, lane: str = "") -> Iterator[tuple[float, str]]:
    """Hours and orders of an event's rows for racks."""
    for cells in log.rows[log.of(event)].tolist():
        place, order = log.places[int(cells[2])], int(cells[4])
        if order >= 0 and (not lane or place == f"lane:{lane}"):
            yield cells[0] / HOUR_S, log.orders[order]


def test_an_order_enters_when_it_is_placed(log: Log) -> None:
    assert [each for each in told(log, "ordered") if each[1] in {"big", "small"}] == [(48, "big"), (216, "small")]


def test_racks_are_pegged_at_release_to_the_most_urgent_order_there_is(log: Log) -> None:
    """Each order gets as many as it asks for; that small was served by another's rack changes no count."""
    started = [each for each in told(log, "started") if each[0] in RELEASED_H]
    assert started == list(zip(RELEASED_H, ("big", "big", "small", "big"), strict=True))


def test_a_rack_that_ships_goes_to_the_most_urgent_order_placed_by_then(log: Log) -> None:
    """The second was made for big; six hours before it ships, small is placed."""
    shipped = list(told(log, "shipped", "integrator-campus"))
    assert shipped == list(
        zip([release + MADE_H for release in RELEASED_H], ("big", "small", "big", "big"), strict=True)
    )


def test_an_order_is_filled_in_parts_and_complete_with_its_last_rack(log: Log) -> None:
    accepted = [release + MADE_H + WAY_H + FLOOR_H for release in RELEASED_H]
    assert list(told(log, "accepted")) == list(zip(accepted, ("big", "small", "big", "big"), strict=True))
    rows = log.rows[log.of("completed")]
    assert [(cells[0] / HOUR_S, log.orders[int(cells[4])]) for cells in rows.tolist()] == [
        (accepted[1], "small"),
        (accepted[3], "big"),
    ]
    # With its quantity and revenue, since when it was placed, and when it was due: the end of the tenth day.
    assert rows[1, 8:12].tolist() == [3, 300.0, 2 * DAY_S, 10 * DAY_S]
    assert EVENTS[int(rows[1, 1])] == "completed"
