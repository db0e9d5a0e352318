"""Worlds in which the plan's lanes, processes and racks draw on stocks under a policy."""

from __future__ import annotations

from typing import Any

import pytest
from properties.log_reading import lines
from properties.worlds_generated import log_of
from simulate.sim_floor import DAY_S, WEEK_S
from worlds import chain_world, day, row

from twin.events.record import Log
from twin.metrics.dictionary import compute_kpis
from twin.metrics.facts import facts_from
from twin.model.rows_demand import Demand, Stock
from twin.model.rows_make import BomLine
from twin.model.world import World
from twin.network.build import build_network

BOUGHT = (
    row(BomLine, item="rack_l11", input="tray", quantity=2),
    row(BomLine, item="rack_accepted", input="rack_l11", quantity=1),
)
"""Trays are made of nothing, in two days, so that what limits them is their policy."""

AT_THE_MAKER, AT_THE_INTEGRATOR = "trays", "integrator"


def mixed(policy: str, site: str = AT_THE_MAKER, on_hand: float | None = None, **tables: Any) -> World:
    """The chain with trays under a policy, four a week wanted; six days from their start to the end of a day's lane."""
    base = chain_world()
    cells = {
        "policy": policy,
        "on_hand": on_hand,
        "holding_usd_per_unit_week": 1.0,
        "backorder_usd_per_unit_week": 10.0,
    }
    processes = tuple(
        each.model_copy(update={"capacity_per_week": None}) if each.item == "tray" else each for each in base.processes
    )
    stock = (row(Stock, site=site, item="tray", **cells),)
    return chain_world(**({"stock": stock, "bom": BOUGHT, "processes": processes, "sourcing": ()} | tables))


def units(log: Log, event: str, kind: str, item: str) -> list[tuple[float, float]]:
    """Moments and quantities of an event at places of a kind."""
    wanted = (event, kind, item)
    return [(line.time_s, line.quantity) for line in lines(log) if (line.event, line.kind, line.item) == wanted]


@pytest.mark.parametrize("policy", ["base_stock(6)", "kanban(6)", "reorder(3, 4)", "order_up_to(3, 8)"])
@pytest.mark.parametrize("site", [AT_THE_MAKER, AT_THE_INTEGRATOR])
def test_racks_go_on_while_a_policy_replenishes_their_trays(policy: str, site: str) -> None:
    alone, log = (units(log_of(mixed(each, site)), "accepted", "site", "rack_accepted") for each in ("plan", policy))
    # Two a week are ordered for twelve weeks; what is made for the repeated orders after them may differ.
    weekly = list(zip(alone, log, strict=False))[:24]
    assert all(after_s == pytest.approx(before_s, abs=WEEK_S) for (before_s, _), (after_s, _) in weekly)
    assert len(weekly) == 24


def test_a_lane_of_the_plan_orders_one_for_one_at_the_instant_it_wants_units() -> None:
    log = log_of(mixed("base_stock(6)"))
    asked, ordered = units(log, "demanded", "lane", "tray"), units(log, "demanded", "process", "tray")
    assert asked == ordered
    assert sum(quantity for _, quantity in asked) >= 48
    # Two days of making at four a week: six on hand are never too few, so what is asked for leaves at once.
    assert asked == units(log, "shipped", "lane", "tray")


def test_racks_order_one_for_one_over_the_lane_at_their_release() -> None:
    log = log_of(mixed("base_stock(6)", AT_THE_INTEGRATOR))
    taken = units(log, "consumed", "site", "tray")
    released = [line.time_s for line in lines(log) if line.event == "started" and line.item == "rack_l11"]
    assert [time_s for time_s, _ in taken] == released
    assert {quantity for _, quantity in taken} == {2.0}
    # The policy is asked for as many as fall due, the tray maker passes that on, and makes it to order.
    asked = units(log, "demanded", "lane", "tray")
    assert asked == taken


def test_a_place_that_is_passed_through_uses_up_what_its_row_has_on_hand() -> None:
    world = mixed("base_stock(6)", AT_THE_INTEGRATOR)
    through = row(Stock, site=AT_THE_MAKER, item="tray", policy="plan", on_hand=10, holding_usd_per_unit_week=5.0)
    log = log_of(world.model_copy(update={"stock": (*world.stock, through)}))
    asked, shipped = units(log, "demanded", "lane", "tray"), units(log, "shipped", "lane", "tray")
    made = units(log, "started", "process", "tray")
    # Two a rack: five orders leave as they come, out of stock; then each waits two days for its making.
    assert shipped[:5] == asked[:5]
    assert shipped[5:15] == [(time_s + 2 * DAY_S, quantity) for time_s, quantity in asked[5:15]]
    assert made[0][0] == asked[5][0]


def test_a_stock_made_to_order_starts_when_the_lane_wants_units() -> None:
    log = log_of(mixed("base_stock(0)"))
    asked, shipped = units(log, "demanded", "lane", "tray"), units(log, "shipped", "lane", "tray")
    assert len(shipped) > 20
    assert shipped == [(time_s + 2 * DAY_S, quantity) for time_s, quantity in asked][: len(shipped)]


def test_cards_are_never_more_than_there_are() -> None:
    log = log_of(mixed("kanban(4)"))
    started, shipped = units(log, "started", "process", "tray"), units(log, "shipped", "lane", "tray")
    for time_s, _ in started:
        begun = sum(quantity for at_s, quantity in started if at_s <= time_s)
        assert 4 + begun - sum(quantity for at_s, quantity in shipped if at_s <= time_s) <= 4
    assert sum(quantity for _, quantity in units(log, "shipped", "lane", "tray")) >= 48


def test_customers_and_the_plan_are_served_in_turn() -> None:
    stream = row(Demand, customer="bolt", site="trays", item="tray", every_days="0.5", quantity="1",
                 from_date=day(7), to_date=day(20))  # fmt: skip
    log = log_of(mixed("base_stock(0)", demand=(stream,)))
    given: list[float] = []
    asked: list[float] = []
    for line in lines(log):
        if line.item == "tray" and line.kind in ("customer", "lane"):
            units_each = [line.time_s] * round(line.quantity)
            asked += units_each if line.event == "demanded" else []
            given += units_each if line.event in ("served", "shipped") else []
    # Made to order in two days: each unit goes to the first who asked, be it a customer or the plan's lane.
    assert given == [time_s + 2 * DAY_S for time_s in asked][: len(given)]
    assert sum(quantity for _, quantity in units(log, "served", "customer", "tray")) > 20


def test_what_a_lane_of_the_plan_waits_for_is_owed_and_costs() -> None:
    world = mixed("base_stock(0)")
    log = log_of(world)
    kpis = compute_kpis(log, facts_from(build_network(world)))
    report_s = log.report_s
    asked = units(log, "demanded", "lane", "tray")
    owed = sum(q * min(2 * DAY_S, max(0.0, report_s - t)) for t, q in asked) / WEEK_S
    assert kpis["backorder_usd"] == pytest.approx(10.0 * owed)
    assert kpis["stock_fill_rate:trays/tray"] == 0.0


def test_what_racks_hold_back_is_on_hand_until_they_start() -> None:
    world = mixed("base_stock(6)", AT_THE_INTEGRATOR)
    log = log_of(world)
    kpis = compute_kpis(log, facts_from(build_network(world)))
    moved = [*units(log, "docked", "lane", "tray"), *((t, -q) for t, q in units(log, "consumed", "site", "tray"))]
    area = 6.0 * log.report_s + sum(q * max(0.0, log.report_s - t) for t, q in moved)
    assert kpis["holding_usd"] == pytest.approx(area / WEEK_S)
