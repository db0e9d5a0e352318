"""Lanes: when goods may leave, how long they travel, what closes and stops a lane."""

from __future__ import annotations

from typing import Any

import pytest
from properties.worlds_generated import log_of
from simulate.sim_floor import DAY_S, WEEK_S, column, during, lane_available, make_floor, wanted
from worlds import chain_world, day, row

from twin.model.profile import StepProfile
from twin.model.rows_network import Duty, Item, Lane
from twin.simulate.gates import Timeline
from twin.simulate.lanes import FlowStation, Way
from twin.simulate.lots import Floor

DUTY = StepProfile.constant(3.0)


def flow_of(
    floor: Floor,
    available: dict[str, Any] | None = None,
    blocked: list[StepProfile] | None = None,
    duty: StepProfile = DUTY,
    **cells: Any,
) -> FlowStation:
    """Trays of 20 kg from `a` to `b`, two days, at half a dollar a kilogram and a duty of 3."""
    usual = {"lane": "a-b", "origin": "a", "destination": "b", "transit_days": "2", "cost_usd_per_kg": 0.5}
    way = Way(floor, row(Lane, **(usual | cells)), lane_available(**(available or {})))
    item = row(Item, item="tray", kind="tray", mass_kg=20.0)
    return FlowStation(floor, way, item, blocked or [], 1, Timeline(duty))


def stock(floor: Floor, quantity: float) -> None:
    floor.stocks.add(floor.stocks.index("a", "tray"), quantity)


def test_goods_leave_as_planned_and_dock_after_their_transit() -> None:
    floor = make_floor()
    flow = flow_of(floor)
    stock(floor, 10)
    flow.follow(wanted(2))
    floor.clock.run(2 * WEEK_S)
    log = floor.log.close()
    assert column(log, "shipped", "time_s").tolist() == [WEEK_S / 2, WEEK_S]
    assert column(log, "shipped", "usd").tolist() == [13.0, 13.0]
    assert column(log, "docked", "time_s").tolist() == [WEEK_S / 2 + 2 * DAY_S, WEEK_S + 2 * DAY_S]
    assert column(log, "docked", "lot").tolist() == column(log, "shipped", "lot").tolist()
    assert floor.stocks.on_hand[floor.stocks.index("b", "tray")] == 2


def test_duty_is_that_of_the_moment_of_departure() -> None:
    floor = make_floor()
    flow = flow_of(floor, duty=during(WEEK_S, 2 * WEEK_S, 3.0))
    stock(floor, 10)
    flow.follow(wanted(2, 2))
    floor.clock.run(3 * WEEK_S)
    assert column(floor.log.close(), "shipped", "usd").tolist() == [10.0, 13.0, 13.0, 10.0]


def test_a_duty_holds_from_its_day_until_the_next_row() -> None:
    """Nothing at first, a tenth from day 20 on, free from day 40 on, then a fifth; undated, it holds always."""
    world = chain_world()
    abroad = tuple(row.model_copy(update={"country": "CA"} if row.site == "campus" else {}) for row in world.sites)
    dated = [(40, 0.5, "relief"), (20, 0.1, ""), (60, 0.2, "")]
    duties = tuple(
        row(Duty, item_kind="rack", from_country="US", to_country="CA", from_date=day(number), rate=rate, exemption=why)
        for number, rate, why in dated
    )
    always = row(Duty, item_kind="tray", from_country="MX", to_country="US", rate=0.5)
    log = log_of(world.model_copy(update={"sites": abroad, "duties": (*duties, always)}))

    def paid_each(lane: str) -> list[tuple[int, float]]:
        moved = log.of("shipped") & (log.column("place").astype(int) == log.places.index(f"lane:{lane}"))
        each = log.column("usd")[moved] / log.column("quantity")[moved]
        return list(zip((log.column("time_s")[moved] // DAY_S).tolist(), each.tolist(), strict=True))

    racks = paid_each("integrator-campus")
    assert {at // 20 for at, _ in racks} >= {0, 1, 2, 3}
    for at, usd in racks:
        assert usd == pytest.approx(100.0 + (0 if at < 20 else 10 if at < 40 else 0 if at < 60 else 20)), at
    assert {usd for _, usd in paid_each("trays-integrator")} == {0.1 * 20 + 0.5 * 40}


def test_departures_at_whole_multiples_of_the_interval_take_all_that_is_wanted() -> None:
    floor = make_floor()
    flow = flow_of(floor, departs_every_days=5.0)
    stock(floor, 10)
    flow.follow(wanted(7))
    floor.clock.run(3 * WEEK_S)
    log = floor.log.close()
    assert column(log, "shipped", "time_s").tolist() == [5 * DAY_S, 10 * DAY_S]
    assert column(log, "shipped", "quantity").tolist() == [5, 2]


def test_weekly_kilograms_space_departures() -> None:
    floor = make_floor()
    flow = flow_of(floor, {"capacity_kg_per_week": StepProfile.constant(70.0)})
    stock(floor, 10)
    flow.follow(wanted(7))
    floor.clock.run(3 * WEEK_S)
    log = floor.log.close()
    quantity, when = column(log, "shipped", "quantity"), column(log, "shipped", "time_s")
    assert quantity.sum() == 7
    for (one_s, units), next_s in zip(zip(when, quantity, strict=True), when[1:], strict=False):
        assert next_s - one_s >= units * 20 / 70 * WEEK_S - 1


def test_a_closed_lane_lets_go_of_nothing_but_what_is_on_it_arrives() -> None:
    floor = make_floor()
    flow = flow_of(floor, {"closed": during(DAY_S, WEEK_S)})
    stock(floor, 10)
    flow.follow(wanted(1, carry=1))
    stock(floor, 1)
    floor.clock.run(3 * WEEK_S)
    log = floor.log.close()
    assert column(log, "shipped", "time_s").tolist() == [0, WEEK_S]
    assert column(log, "docked", "time_s").tolist() == [2 * DAY_S, WEEK_S + 2 * DAY_S]


def test_on_a_stopped_lane_goods_wait() -> None:
    floor = make_floor()
    down = during(DAY_S, 4 * DAY_S)
    flow = flow_of(floor, {"closed": down, "stopped": down})
    stock(floor, 10)
    flow.follow(wanted(0, carry=1))
    floor.clock.run(2 * DAY_S)
    assert flow.remaining_s(next(iter(flow.trips.values()))) == DAY_S
    floor.clock.run(WEEK_S)
    assert column(floor.log.close(), "docked", "time_s").tolist() == [5 * DAY_S]


def test_a_blocked_site_ships_nothing() -> None:
    floor = make_floor()
    flow = flow_of(floor, blocked=[during(0, 3 * DAY_S)])
    stock(floor, 10)
    flow.follow(wanted(0, carry=2))
    floor.clock.run(WEEK_S)
    log = floor.log.close()
    assert column(log, "shipped", "time_s").tolist() == [3 * DAY_S]
    assert column(log, "shipped", "quantity").tolist() == [2]


def test_transit_of_what_departs_then_is_stretched() -> None:
    floor = make_floor()
    flow = flow_of(floor, {"transit_factor": during(0, DAY_S, 1.5, 1.0)})
    stock(floor, 10)
    flow.follow(wanted(1, carry=1))
    floor.clock.run(3 * WEEK_S)
    assert column(floor.log.close(), "docked", "time_s").tolist() == [3 * DAY_S, WEEK_S + 2 * DAY_S]


def test_what_stock_lacks_is_shipped_as_it_comes() -> None:
    floor = make_floor()
    flow = flow_of(floor)
    flow.follow(wanted(0, carry=5))
    stock(floor, 2)
    floor.clock.run(DAY_S)
    stock(floor, 4)
    floor.clock.run(WEEK_S)
    log = floor.log.close()
    assert column(log, "shipped", "quantity").tolist() == [2, 3]
    assert column(log, "shipped", "time_s").tolist() == [0, DAY_S]
    assert floor.stocks.on_hand[floor.stocks.index("a", "tray")] == pytest.approx(1)
