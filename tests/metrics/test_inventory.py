"""Measures of stocks under policies, from logs written by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from log_builder import Story, facts
from worlds import SOURCE, row

from twin.metrics.dictionary import compute_kpis
from twin.metrics.facts import StockTerms, facts_from
from twin.metrics.rows import Rows, completed_s
from twin.model.rows_demand import Stock
from twin.model.units import WEEK_S
from twin.network.build import build_network

CUSTOMER = "customer:c@shop"
TERMS = StockTerms(holding_usd_per_unit_week=2, backorder_usd_per_unit_week=10, lost_usd_per_unit=7, order_usd=5)
SHOP = {("shop", "part"): TERMS}


def shop_facts(**given: object) -> object:
    return facts(lane_ends={"way": ("maker", "shop")}, policies=SHOP, **given)


def week(number: float) -> float:
    return number * WEEK_S


def story() -> Story:
    """Four weeks: 5 on hand; 2 taken at 1; 6 asked for at 2, of which 3 are had then and 3 at 3, when 4 come."""
    told = Story(weeks=4, tail_weeks=1)
    told.tell(0, "opened", "site:shop", "part", quantity=5)
    told.tell(week(1), "demanded", CUSTOMER, "part", "s", 0, quantity=2)
    told.tell(week(1), "served", CUSTOMER, "part", "s", 0, quantity=2, since_s=week(1))
    told.tell(week(1), "demanded", "lane:way", "part", quantity=4)
    told.tell(week(1), "shipped", "lane:way", "part", quantity=4)
    told.tell(week(2), "demanded", CUSTOMER, "part", "s", 1, quantity=6)
    told.tell(week(2), "served", CUSTOMER, "part", "s", 1, quantity=3, since_s=week(2))
    told.tell(week(3), "docked", "lane:way", "part", quantity=4, since_s=week(1))
    told.tell(week(3), "served", CUSTOMER, "part", "s", 1, quantity=3, since_s=week(2))
    told.tell(week(4.5), "demanded", CUSTOMER, "part", "s", 2, quantity=9)
    return told


def test_integrals_of_what_is_held_and_owed() -> None:
    found = compute_kpis(story().log(), shop_facts())
    held_weeks, owed_weeks = 5 + 3 + 0 + 1, 3
    assert found["stock_on_hand_units:shop/part"] == pytest.approx(held_weeks / 4)
    assert found["stock_owed_units:shop/part"] == pytest.approx(owed_weeks / 4)
    assert found["replenishment_orders:shop/part"] == 1
    assert found["holding_usd"] == pytest.approx(2 * held_weeks)
    assert found["backorder_usd"] == pytest.approx(10 * owed_weeks)
    assert found["ordering_usd"] == 5
    assert found["lost_units"] == found["lost_sales_usd"] == 0
    assert found["inventory_usd"] == pytest.approx(18 + 30 + 5)


def test_fill_rates_of_units_and_of_orders() -> None:
    found = compute_kpis(story().log(), shop_facts())
    assert found["fill_rate"] == pytest.approx(5 / 8)
    assert found["order_fill_rate"] == pytest.approx(1 / 2)
    assert found["stock_fill_rate:shop/part"] == pytest.approx(2 / 8)
    assert found[f"fill_rate_at:{CUSTOMER}"] == pytest.approx(5 / 8)
    assert "fill_rate_at:lane:way" not in found


def test_what_is_lost_under_the_plan_is_counted_and_costs() -> None:
    told = Story(weeks=4, tail_weeks=1)
    for at in (1, 2, 4.5):
        told.tell(week(at), "demanded", CUSTOMER, "part", "s", 0, quantity=3)
        told.tell(week(at), "lost", CUSTOMER, "part", "s", 0, quantity=2, since_s=week(at))
    found = compute_kpis(told.log(), facts(lost_under_plan_usd={("shop", "part"): 7.0}))
    assert (found["lost_units"], found["lost_sales_usd"], found["inventory_usd"]) == (4, 28, 28)
    free = compute_kpis(told.log(), facts(lost_under_plan_usd={("shop", "part"): 0.0}))
    assert free["lost_units"] == 4
    assert math.isnan(free["lost_sales_usd"])


def test_what_is_lost_is_owed_no_more_and_not_filled() -> None:
    told = Story(weeks=2)
    told.tell(week(1), "demanded", CUSTOMER, "part", "s", 0, quantity=3)
    told.tell(week(1), "served", CUSTOMER, "part", "s", 0, quantity=1, since_s=week(1))
    told.tell(week(1), "lost", CUSTOMER, "part", "s", 0, quantity=2, since_s=week(1))
    found = compute_kpis(told.log(), shop_facts())
    assert found["stock_owed_units:shop/part"] == 0
    assert found["lost_units"] == 2
    assert found["lost_sales_usd"] == 14
    assert found["fill_rate"] == pytest.approx(1 / 3)
    assert found["order_fill_rate"] == 0


def test_nothing_is_owed_before_it_is_due() -> None:
    told = Story(weeks=4)
    for unit, served in ((0, week(1.5)), (1, week(3))):
        told.tell(week(1), "demanded", CUSTOMER, "part", "s", unit, quantity=1, value=week(2))
        told.tell(served, "served", CUSTOMER, "part", "s", unit, quantity=1, since_s=week(1), value=week(2))
    assert compute_kpis(told.log(), shop_facts())["stock_owed_units:shop/part"] == pytest.approx(1 / 4)


def test_a_stock_upstream_owes_its_orders_until_they_ship() -> None:
    told = Story(weeks=4)
    told.tell(week(1), "demanded", "lane:way", "part", quantity=2)
    told.tell(week(1), "shipped", "lane:way", "part", quantity=2)
    told.tell(week(2), "demanded", "lane:way", "part", quantity=5)
    told.tell(week(3), "shipped", "lane:way", "part", quantity=5)
    upstream = facts(lane_ends={"way": ("maker", "shop")}, policies={("maker", "part"): StockTerms()})
    found = compute_kpis(told.log(), upstream)
    assert found["stock_owed_units:maker/part"] == pytest.approx(5 / 4)
    assert found["stock_fill_rate:maker/part"] == pytest.approx(2 / 7)
    assert math.isnan(found["holding_usd"])
    assert math.isnan(found["inventory_usd"])


def test_without_policies_nothing_is_measured() -> None:
    found = compute_kpis(story().log(), facts())
    assert not [name for name in found if name.startswith(("stock_on_hand", "stock_owed", "replenishment"))]
    assert math.isnan(found["lost_units"])


def test_each_key_is_served_in_turn_by_quantity() -> None:
    def made(times: list[float], quantities: list[float]) -> Rows:
        cells = np.zeros((len(times), 12))
        cells[:, 0], cells[:, 8] = times, quantities
        return Rows(cells)

    wanted, given = made([0, 1, 2, 3], [2, 1, 3, 4]), made([0, 4, 5, 6, 7], [1, 1, 1, 2, 3])
    keys, by = np.array([7, 3, 7, 3]), np.array([7, 3, 7, 7, 7])
    assert completed_s(keys, wanted, by, given).tolist() == [5, 4, 7, np.inf]
    assert completed_s(keys, wanted, by[:0], made([], [])).tolist() == [np.inf] * 4


def test_terms_come_from_the_stock_table() -> None:
    from known.stock_worlds import customers, shop_world

    world = shop_world("base_stock(3)", customers("1"), "1", holding_usd_per_unit_week=1.5, order_usd=4)
    planned = row(Stock, site="shop", item="part", holding_usd_per_unit_week=9)
    assert facts_from(build_network(world)).policies == {
        ("shop", "part"): StockTerms(holding_usd_per_unit_week=1.5, order_usd=4)
    }
    assert (
        facts_from(build_network(world.model_copy(update={"stock": (planned,), "sources": (SOURCE,)}))).policies == {}
    )
