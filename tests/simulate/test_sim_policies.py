"""Stock policies by hand: who is served when, what is ordered when, what is written."""

from __future__ import annotations

from typing import Any

import pytest
from known.stock_worlds import customers, line_under_cards, serial_world, shop_world
from properties.worlds_generated import arm_of
from simulate.sim_floor import DAY_S, column, count, rows, run_pull
from worlds import day, row

from twin.events.record import Log
from twin.model.problems import RunError
from twin.model.rows_demand import Order, Stock, StockPolicy
from twin.model.rows_make import BomLine, CalendarRow, Process
from twin.model.rows_network import Item, Lane
from twin.model.world import World
from twin.simulate.policies import BaseStock, Kanban, MovingAverage, OrderUpTo, Reorder
from twin.study.replicate import simulate_arm


def days(log: Log, event: str, name: str = "time_s") -> list[float]:
    return (column(log, event, name) / DAY_S).tolist()


def ordered(log: Log, place: str) -> list[tuple[float, float]]:
    """Replenishment orders: the day and the quantity of each."""
    at = log.places.index(place)
    return [(each["time_s"] / DAY_S, each["quantity"]) for each in rows(log, "demanded") if each["place"] == at]


@pytest.mark.parametrize(
    ("rule", "position", "quantity"),
    [
        (BaseStock(5), 5, 0), (BaseStock(5), 4, 1), (BaseStock(5), -2, 7), (BaseStock(5), 4.75, 1),
        (Reorder(3, 10), 4, 0), (Reorder(3, 10), 3, 10), (Reorder(3, 10), -6, 10), (Reorder(3, 10), -7, 20),
        (OrderUpTo(3, 10), 4, 0), (OrderUpTo(3, 10), 3, 7), (OrderUpTo(3, 10), -2, 12),
        (Kanban(6, 1), 6, 0), (Kanban(6, 1), 2, 4), (Kanban(6, 4), 3, 0), (Kanban(6, 4), 2, 4), (Kanban(6, 1), 9, 0),
    ],
)  # fmt: skip
def test_what_a_rule_orders(rule: Any, position: float, quantity: int) -> None:
    assert rule.order(position) == quantity


def test_a_moving_average_takes_the_last_reviews() -> None:
    rule = MovingAverage(2, 3.0)
    assert rule.order(0) == 0
    found = []
    for asked in (4, 8, 0):
        rule.observe(asked)
        found.append(rule.order(0))
    assert found == [12, 18, 12]
    assert rule.order(100) == 0


@pytest.mark.parametrize(
    ("kind", "numbers", "opening"),
    [
        ("base_stock", (5,), 5), ("reorder", (5, 20), 25), ("order_up_to", (5, 20), 20), ("kanban", (6,), 6),
        ("moving_average", (4, 2), 0),
    ],
)  # fmt: skip
def test_what_a_stock_begins_with(kind: Any, numbers: tuple[float, ...], opening: float) -> None:
    assert StockPolicy(kind=kind, parameters=numbers).opening == opening


def test_a_reorder_point_orders_its_quantity() -> None:
    log = run_pull(shop_world("reorder(1, 3)", customers("1"), "0.5", by_lane=True, weeks=2)).log
    # 4 at the start, one a day: at 1 on day 3, 6, 9 and 12.
    assert ordered(log, "lane:way") == [(3, 3), (6, 3), (9, 3), (12, 3)]
    assert days(log, "docked") == [3.5, 6.5, 9.5, 12.5]
    assert days(log, "served") == days(log, "served", "since_s") == list(range(1, 14))


def test_units_are_handed_over_as_they_come() -> None:
    log = run_pull(shop_world("base_stock(2)", customers("4", "3"), "1", weeks=1)).log
    assert [(each["time_s"] / DAY_S, each["quantity"]) for each in rows(log, "served")] == [(4, 2), (5, 1)]
    assert ordered(log, "process:making@shop") == [(4, 3)]


def test_a_review_orders_for_all_demand_since_the_last() -> None:
    log = run_pull(shop_world("base_stock(5)", customers("1"), "0.5", by_lane=True, weeks=2, review_days=3)).log
    # Customers come before the review of the same moment.
    assert ordered(log, "lane:way") == [(3, 3), (6, 3), (9, 3), (12, 3)]


def test_a_stock_that_begins_short_orders_at_once_but_under_reviews() -> None:
    def first_orders(**cells: Any) -> list[tuple[float, float]]:
        log = run_pull(shop_world("base_stock(5)", customers("10"), "1", by_lane=True, weeks=1, on_hand=2, **cells)).log
        return ordered(log, "lane:way")

    assert first_orders() == [(0, 3)]
    assert first_orders(review_days=2) == [(2, 3)]


def test_a_stock_that_begins_with_more_orders_when_it_has_come_down() -> None:
    log = run_pull(shop_world("base_stock(2)", customers("1"), "0.5", by_lane=True, weeks=1, on_hand=4)).log
    assert ordered(log, "lane:way") == [(3, 1), (4, 1), (5, 1), (6, 1)]


def test_what_is_not_there_is_lost_by_unit_and_not_reordered() -> None:
    log = run_pull(shop_world("base_stock(2)", customers("2", "3"), "3", weeks=1, unmet="lost")).log
    served = [(each["time_s"] / DAY_S, each["quantity"]) for each in rows(log, "served")]
    lost = [(each["time_s"] / DAY_S, each["quantity"], each["since_s"] / DAY_S) for each in rows(log, "lost")]
    assert served == [(2, 2), (6, 2)]
    assert lost == [(2, 1, 2), (4, 3, 4), (6, 1, 6)]
    assert ordered(log, "process:making@shop") == [(2, 2), (6, 2)]


def test_orders_of_the_table_wait_where_customers_are_lost() -> None:
    order = row(
        Order, order="firm", customer="acme", site="shop", item="part", quantity=2, placed=day(1), requested=day(6)
    )
    world = shop_world("base_stock(1)", customers("1.5"), "2", weeks=1, unmet="lost").model_copy(
        update={"orders": (order,)}
    )
    log = run_pull(world).log
    assert days(log, "accepted") == [1, 3]
    # The customer of day 1.5 finds the order waiting; the one of day 3 comes as its unit does.
    assert days(log, "lost")[:2] == [1.5, 3]


def test_cards_are_freed_by_units_that_leave_not_by_those_asked_for() -> None:
    log = run_pull(line_under_cards(2, ("24",), customers("0.5"), 1)).log
    # Two customers take the two in stock, at 0.5 and 1; from then on one unit a day, however many wait.
    assert days(log, "started")[:4] == [0.5, 1, 1.5, 2.5]
    assert days(log, "served")[:4] == [0.5, 1, 1.5, 2.5]
    inside = 0
    for each in log.rows[log.of("started") | log.of("produced")]:
        inside += 1 if each[1] == log.rows[log.of("started")][0][1] else -1
        assert inside <= 2


@pytest.mark.parametrize(("kg", "units"), [(100, [7, 7, 7]), (40, [4, 4, 4])])
def test_a_lane_that_departs_weekly_takes_the_single_orders_of_a_week_up_to_its_capacity(
    kg: float, units: list[int]
) -> None:
    """A part of 10 kg ordered every day, also on that of the departure: there is room for ten, or for four."""
    base = shop_world("base_stock(30)", customers("1"), "1", by_lane=True, weeks=4)
    weekly = base.lanes[0].model_copy(update={"departs_every_days": 7.0, "capacity_kg_per_week": kg})
    heavy = base.items[0].model_copy(update={"mass_kg": 10.0})
    log = run_pull(base.model_copy(update={"lanes": (weekly,), "items": (heavy,)})).log
    left = days(log, "shipped")
    assert sorted(set(left)) == [7, 14, 21]
    assert [left.count(moment) for moment in (7, 14, 21)] == units


def test_cards_are_enough_for_customers_who_want_more_than_there_are() -> None:
    log = run_pull(line_under_cards(2, ("6",), customers("6", "5"), 2)).log
    served = [(each["time_s"] / DAY_S, each["quantity"]) for each in rows(log, "served")]
    assert served[:4] == [(6, 2), (6.25, 1), (6.5, 1), (6.75, 1)]


def test_cards_of_units_that_come_for_those_who_wait_are_free_at_the_review_of_that_moment() -> None:
    """Two cards, a day to make a unit, a review a day, more customers than that: two ordered every day."""
    log = run_pull(shop_world("kanban(2)", customers("1", "3"), "1", review_days=1, weeks=1)).log
    assert ordered(log, "process:making@shop") == [(day, 2) for day in range(1, 7)]
    assert column(log, "served", "quantity").sum() == 2 * 6


def test_lots_under_cards_start_when_the_cards_make_a_lot() -> None:
    base = shop_world("kanban(4)", customers("1"), "0.5", weeks=1)
    lots = base.processes[0].model_copy(update={"lot_size": 3})
    log = run_pull(base.model_copy(update={"processes": (lots,)})).log
    assert days(log, "started") == [3, 6]
    assert column(log, "started", "quantity").tolist() == [3, 3]


def test_what_a_lot_scraps_is_made_again() -> None:
    base = shop_world("base_stock(4)", customers("0.25"), "0.1", weeks=8)
    lots = base.processes[0].model_copy(update={"lot_size": 4, "yield_fraction": 0.5})
    log = run_pull(base.model_copy(update={"processes": (lots,)})).log
    good, asked = column(log, "produced", "quantity").sum(), column(log, "demanded", "quantity").sum() / 2
    assert column(log, "scrapped", "quantity").sum() > 100
    assert abs(good - asked) <= 8


def test_fractions_of_a_unit_are_not_rounded_up_at_each_demand() -> None:
    log = run_pull(kit_world(quantity=0.25)).log
    parts = sum(quantity for _, quantity in ordered(log, "process:making@shop"))
    made = count(log, "started") - parts
    assert made == 13
    assert parts == 4


def kit_world(quantity: float, **cells: Any) -> World:
    """Goods made of a part, a unit each half day to order; the part's stock is base_stock(1)."""
    base = shop_world("base_stock(0)", customers("0.5", item="good"), "0.1", weeks=1)
    stock = tuple(
        row(Stock, site="shop", item=item, policy=policy)
        for item, policy in (("good", "base_stock(0)"), ("part", "base_stock(1)"))
    )
    good = row(Process, process="fitting", site="shop", item="good", cycle_days="0.1", **cells)
    return base.model_copy(
        update={
            "items": (*base.items, row(Item, item="good", kind="good")),
            "processes": (*base.processes, good),
            "bom": (row(BomLine, item="good", input="part", quantity=quantity),),
            "stock": stock,
        }
    )


def test_inputs_stay_on_hand_until_the_lot_starts() -> None:
    shift = row(CalendarRow, calendar="late", weekday="sun", opens="00:00", closes="24:00")
    world = kit_world(quantity=1, calendar="late").model_copy(update={"calendars": (shift,)})
    log = run_pull(world).log
    # Closed from Monday to Saturday: the part of the first good is set aside on day 0.5 and leaves on Sunday.
    assert days(log, "consumed")[0] == 6
    assert count(log, "consumed") == count(log, "started") - sum(q for _, q in ordered(log, "process:making@shop"))


def test_goods_wait_for_their_lane() -> None:
    base = serial_world(customers("1.5"), [2, 5], [0.25, 1], [{}, {}])
    lane = row(
        Lane, lane="to_stage_1", origin="stage_2", destination="stage_1", transit_days="0.25", departs_every_days=2
    )
    log = run_pull(base.model_copy(update={"lanes": (lane,)}), until_s=8 * DAY_S).log
    assert ordered(log, "lane:to_stage_1") == [(1.5, 1), (3, 1), (4.5, 1), (6, 1), (7.5, 1)]
    assert days(log, "shipped") == [2, 4, 6, 6]


def test_an_order_passes_all_that_are_reviewed_at_that_moment() -> None:
    base = serial_world(customers("1"), [5, 5], [0.25, 0.25], [{"review_days": 4}, {"review_days": 2}])
    log = run_pull(base, until_s=9 * DAY_S).log
    assert ordered(log, "lane:to_stage_1") == [(4, 4), (8, 4)]
    assert ordered(log, "process:making@stage_2") == [(4, 4), (8, 4)]


def test_what_nobody_makes_comes_from_outside_at_once() -> None:
    log = run_pull(shop_world("base_stock(1)", customers("1"), "0.5", by_lane=True, weeks=1)).log
    assert days(log, "supplied") == days(log, "shipped") == [1, 2, 3, 4, 5, 6]


def test_stocks_that_order_from_each_other() -> None:
    base = serial_world(customers("1"), [5, 5], [0.25, 0.25], [{}, {}])
    back = row(Lane, lane="back", origin="stage_1", destination="stage_2", transit_days="1")
    circle = base.model_copy(update={"lanes": (*base.lanes, back), "processes": ()})
    with pytest.raises(RunError, match="order from each other in a circle, among part at stage_1, part at stage_2"):
        run_pull(circle)


def test_a_plan_neither_opens_nor_drives_what_a_policy_runs() -> None:
    """A world with orders has a plan and a day one; the stock under a policy begins and orders by its own rule."""
    orders = tuple(
        row(Order, order=f"o{week}", customer="acme", site="shop", item="part", quantity=4, requested=day(7 * week))
        for week in (1, 2, 3)
    )
    world = shop_world("base_stock(5)", customers("1"), "3", weeks=6).model_copy(update={"orders": orders})
    log = simulate_arm(arm_of(world), 0).log
    assert [(each["quantity"], log.places[int(each["place"])]) for each in rows(log, "opened")] == [(5, "site:shop")]
    assert count(log, "started") == sum(quantity for _, quantity in ordered(log, "process:making@shop"))
    assert count(log, "accepted") == 12
