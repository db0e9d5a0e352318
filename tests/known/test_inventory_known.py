"""Closed forms of single stocks, through tables, network, simulation and measures.

Each world is run several times at seed 1. A unit of demand is one customer unless said otherwise;
costs and means come from the KPIs, which are exact integrals of the log.
"""

from __future__ import annotations

import numpy as np
import pytest
from known import inventory_forms as forms
from known.closed_forms import Measured, replications
from known.ladder import estimate, exact
from known.stock_worlds import customers, line_under_cards, shop_world, unreliable_supplier

from twin.events.record import Log
from twin.model.units import DAY_S, HOUR_S
from twin.model.world import World

POISSON = "exponential(0.1)"
"""Days between customers: ten a day."""
LEAD_DAYS = "0.6"
LEAD_UNITS = 6.0
DAY_BUT_A_SECOND = f"{1 - 1 / 86_400!r}"

SINGLE = {"family": "Inventory"}


def kpis_only(_log: Log, kpis: Measured) -> Measured:
    return kpis


def stock_kpis(world: World, count: int) -> dict[str, list[float]]:
    """KPIs of the stock at the shop, by short names."""
    found = replications(world, count, kpis_only)
    names = {"owed": "stock_owed_units", "on hand": "stock_on_hand_units", "fill": "stock_fill_rate"}
    return found | {short: found[f"{name}:shop/part"] for short, name in names.items()}


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
    expected = forms.base_stock(7, LEAD_UNITS)
    found = stock_kpis(shop_world("base_stock(7)", customers(POISSON), lead_time, by_lane=by_lane), 14)
    words = {"source": "Palm 1938", **SINGLE}
    title = f"base stock 7, Poisson demand of 6 in the lead time, {name}"
    estimate(f"{title}: fill rate", expected["fill"], found["fill"], 0.05, unit="", **words)
    estimate(f"{title}: backorders", expected["owed"], found["owed"], 0.2, unit="units", **words)
    estimate(f"{title}: on hand", expected["on hand"], found["on hand"], 0.08, unit="units", **words)


def test_base_stock_of_zero_waits_out_every_lead_time() -> None:
    """Make to order: nobody is served at once, and everybody waits exactly the lead time."""
    found = replications(
        shop_world("base_stock(0)", customers(POISSON), LEAD_DAYS),
        2,
        lambda log, kpis: {
            "fill": kpis["fill_rate"],
            "shortest": float((log.column("time_s") - log.column("since_s"))[log.of("served")].min()),
            "longest": float((log.column("time_s") - log.column("since_s"))[log.of("served")].max()),
        },
    )
    assert found["fill"] == [0.0, 0.0]
    assert found["shortest"] == found["longest"] == [0.6 * DAY_S] * 2
    words = {"source": "make to order", **SINGLE}
    exact("base stock 0: wait of every customer", 14.4, found["longest"][0] / HOUR_S, unit="h", **words)


def test_demand_due_in_the_lead_time_needs_no_stock() -> None:
    """Customers who give the lead time are all served on time without stock (Hariharan and Zipkin 1995)."""
    found = stock_kpis(shop_world("base_stock(0)", customers(POISSON, due_after_days="0.6"), LEAD_DAYS), 1)
    words = {"source": "Hariharan and Zipkin 1995", **SINGLE}
    fill = found["fill_rate"][0]
    exact("base stock 0, due after the lead time: fill rate", 1.0, fill, unit="", within=1e-3, **words)
    assert found["owed"][0] == pytest.approx(0.0, abs=1e-9)


def test_reorder_point_and_quantity() -> None:
    """(r, Q) = (4, 5), by lane: the position is uniform on 5 … 9."""
    expected = forms.reorder(4, 5, LEAD_UNITS)
    found = stock_kpis(shop_world("reorder(4, 5)", customers(POISSON), LEAD_DAYS, by_lane=True), 14)
    words = {"source": "Hadley and Whitin 1963", **SINGLE}
    orders = [count / (130 * 7) for count in found["replenishment_orders:shop/part"]]
    estimate("(r, Q) = (4, 5): fill rate", expected["fill"], found["fill"], 0.05, unit="", **words)
    estimate("(r, Q) = (4, 5): backorders", expected["owed"], found["owed"], 0.2, unit="units", **words)
    estimate("(r, Q) = (4, 5): on hand", expected["on hand"], found["on hand"], 0.06, unit="units", **words)
    estimate("(r, Q) = (4, 5): orders", 2.0, orders, 0.02, unit="a day", **words)


def test_periodic_review_of_a_base_stock() -> None:
    """(R, S) = (1 day, 14): an order meets the demand of the lead time and of the review period after it."""
    expected = forms.reviewed_base_stock(14, 10.0, 0.6, 1.0)
    world = shop_world("base_stock(14)", customers(POISSON), LEAD_DAYS, by_lane=True, review_days=1)
    found = stock_kpis(world, 14)
    words = {"source": "Hadley and Whitin 1963", **SINGLE}
    estimate("(R, S) = (1 d, 14): backorders", expected["owed"], found["owed"], 0.2, unit="units", **words)
    estimate("(R, S) = (1 d, 14): on hand", expected["on hand"], found["on hand"], 0.05, unit="units", **words)


def test_order_up_to_under_compound_demand() -> None:
    """(s, S) = (8, 20), three customers in the lead time who each ask for a Poisson number of units, 2 on average."""
    sizes = forms.poisson(2.0, 40)
    expected = forms.order_up_to(8, 20, sizes, forms.compound_poisson(3.0, sizes))
    world = shop_world("order_up_to(8, 20)", customers("exponential(0.2)", "poisson(2)"), LEAD_DAYS, by_lane=True)
    found = stock_kpis(world, 14)
    words = {"source": "Scarf 1960; Panjer 1981", **SINGLE}
    orders = [count / (130 * 7) for count in found["replenishment_orders:shop/part"]]
    rate = 5.0 * expected["orders per customer"]
    estimate("(s, S) = (8, 20), compound: backorders", expected["owed"], found["owed"], 0.3, unit="units", **words)
    estimate("(s, S) = (8, 20), compound: on hand", expected["on hand"], found["on hand"], 0.05, unit="units", **words)
    estimate("(s, S) = (8, 20), compound: orders", rate, orders, 0.03, unit="a day", **words)


@pytest.mark.parametrize(("mean", "point", "level", "cost"), [(10, 6, 40, 35.022), (20, 14, 62, 49.173)])
def test_periodic_order_up_to_of_the_published_table(mean: int, point: int, level: int, cost: float) -> None:
    """A Poisson number of units a day; K = 64, h = 1, p = 9: the optimum and its cost per day, to three places.

    The order of a review arrives before the next day's demand, as in the paper: by one second.
    """
    world = shop_world(
        f"order_up_to({point}, {level})", customers("1", f"poisson({mean})"), DAY_BUT_A_SECOND, by_lane=True,
        weeks=260, review_days=1, holding_usd_per_unit_week=7, backorder_usd_per_unit_week=63, order_usd=64,
    )  # fmt: skip
    daily = [total / (260 * 7) for total in stock_kpis(world, 14)["inventory_usd"]]
    words = {"source": "Zheng and Federgruen 1991", **SINGLE}
    estimate(f"(s, S) = ({point}, {level}), reviewed daily: cost", cost, daily, 0.02, unit="USD a day", **words)


def test_newsvendor() -> None:
    """A Poisson number of units a day, 50 on average; 0.18 for one left, 0.70 for one missing: 56 are best.

    What is left is held to the next day, and demand that is not met is lost, so every day is the same.
    """

    def daily(level: int) -> list[float]:
        world = shop_world(
            f"base_stock({level})", customers("1", "poisson(50)"), DAY_BUT_A_SECOND, by_lane=True, weeks=260,
            review_days=1, unmet="lost", holding_usd_per_unit_week=0.18 * 7, lost_usd_per_unit=0.70,
        )  # fmt: skip
        # The first customer comes at the end of the first day, through which the whole level lies there.
        first_day = 0.18 * level
        return [(total - first_day) / (260 * 7 - 1) for total in stock_kpis(world, 16)["inventory_usd"]]

    found = {level: daily(level) for level in (53, 56, 59)}
    words = {"source": "critical ratio under Poisson demand", **SINGLE}
    for level, costs in found.items():
        expected = forms.newsvendor(level, 50.0, 0.18, 0.70)
        estimate(f"newsvendor, {level} units: cost", expected, costs, 0.03, unit="USD a day", **words)
    assert forms.newsvendor(56, 50.0, 0.18, 0.70) == pytest.approx(1.7972, abs=1e-4)
    # The same customers in each: the best level is best day by day.
    assert all(min((53, 56, 59), key=lambda level: found[level][n]) == 56 for n in range(16))


@pytest.mark.parametrize("lead_time", ["exponential(0.6)", "0.6", "gamma(0.6, 0.5)"])
def test_lost_sales_are_erlangs_loss(lead_time: str) -> None:
    """Base stock 7 with lost demand is M/G/7/7: insensitive to the shape of the lead time."""
    world = shop_world("base_stock(7)", customers(POISSON), lead_time, unmet="lost")
    found = stock_kpis(world, 14)
    lost = [1 - fill for fill in found["fill_rate"]]
    words = {"source": "Erlang 1917; Karush 1957", **SINGLE}
    expected = forms.erlang_b(7, LEAD_UNITS)
    title = f"base stock 7, lost demand, lead time {lead_time} d"
    estimate(f"{title}: share lost", expected, lost, 0.06, unit="", **words)
    on_hand = 7 - LEAD_UNITS * (1 - expected)
    estimate(f"{title}: on hand", on_hand, found["on hand"], 0.04, unit="units", **words)


@pytest.mark.parametrize(("cards", "first", "second"), [(3, 2.0, 2.0), (4, 2.0, 3.0)])
def test_kanban_line_that_is_never_idle(cards: int, first: float, second: float) -> None:
    """More customers than the line can serve: cards and two exponential stations are a closed network."""
    hours = (f"exponential({first})", f"exponential({second})")
    world = line_under_cards(cards, hours, customers("0.02"), 60)

    def throughput(log: Log, _kpis: Measured) -> Measured:
        return {"a day": float(log.of("produced").sum()) / (60 * 7)}

    found = replications(world, 12, throughput)["a day"]
    words = {"source": "Gordon and Newell 1967", **SINGLE}
    expected = 24 * forms.two_station_line(cards, 1 / first, 1 / second)
    title = f"kanban({cards}), stations of {first:g} and {second:g} h: throughput"
    estimate(title, expected, found, 0.04, unit="a day", **words)


def test_kanban_with_lost_demand_is_a_queue_with_room() -> None:
    """One exponential station, n cards, lost demand: M/M/1/n turned round (make to stock; Buzacott 1993)."""
    world = line_under_cards(4, ("exponential(2)",), customers("exponential(0.1)"), 130, unmet="lost")
    found = stock_kpis(world, 14)
    lost = [1 - fill for fill in found["fill_rate"]]
    load = 10 * 2 / 24
    chances = np.array([load**number for number in range(5)])
    chances /= chances.sum()
    words = {"source": "M/M/1/4; Buzacott and Shanthikumar 1993", **SINGLE}
    estimate("kanban(4), one station, lost demand: share lost", chances[4], lost, 0.09, unit="", **words)
    on_hand = float(4 - np.arange(5) @ chances)
    estimate("kanban(4), one station, lost demand: on hand", on_hand, found["on hand"], 0.04, unit="units", **words)


def test_economic_order_quantity() -> None:
    """Even demand of 10 a day, 35 USD an order, 1 USD a unit and week: 70 are best, at 70.5 USD a week by the unit."""
    words = {"source": "Harris 1913, units one by one", **SINGLE}
    costs = {}
    for quantity in (50, 70, 140):
        # On hand 1: the first customer brings the first order, so that 52 weeks hold whole cycles.
        world = shop_world(
            f"reorder(0, {quantity})", customers("0.1"), "0", by_lane=True, weeks=70, on_hand=1,
            holding_usd_per_unit_week=1, order_usd=35,
        )  # fmt: skip
        costs[quantity] = stock_kpis(world, 1)["inventory_usd"][0] / 70
        expected = forms.eoq_cost(quantity, 70, 35, 1)
        exact(f"EOQ, {quantity} at a time: cost", expected, costs[quantity], unit="USD a week", within=1e-6, **words)
    assert min(costs, key=lambda each: costs[each]) == 70


def test_economic_order_quantity_with_disruptions() -> None:
    """The supplier is up 28 days and down 7 on average, both exponential; demand in an outage is lost at 10 USD.

    The closed form is exact for units asked for one by one; with many to a week, Berk's for even
    flow is within 1 %. Few and dear ones here: the luck is that of the outages, whatever the units.
    """
    many = (70, 10.0, 35.0, 1 / 7, 2.0, 1 / 28, 1 / 7)
    assert forms.disrupted_eoq_by_unit(*many)["cost"] == pytest.approx(forms.disrupted_eoq(*many), rel=0.01)
    expected = forms.disrupted_eoq_by_unit(14, 2.0, 35.0, 5 / 7, 10.0, 1 / 28, 1 / 7)
    world = unreliable_supplier(
        customers("0.5"), "reorder(0, 14)", 28.0, 7.0, 390, unmet="lost",
        holding_usd_per_unit_week=5, lost_usd_per_unit=10, order_usd=35,
    )  # fmt: skip
    found = stock_kpis(world, 16)
    cost, lost = ([value / (390 * 7) for value in found[name]] for name in ("inventory_usd", "lost_units"))
    words = {"source": "Berk and Arreola-Risa 1994, units one by one", **SINGLE}
    estimate("EOQ with disruptions: cost", expected["cost"], cost, 0.04, unit="USD a day", **words)
    estimate("EOQ with disruptions: demand lost", expected["lost"], lost, 0.35, unit="units a day", **words)


@pytest.mark.parametrize(("lead", "periods"), [(4, 4), (2, 8)])
def test_bullwhip_of_a_moving_average(lead: int, periods: int) -> None:
    """Independent demand of a Poisson number of units a day: orders vary more, the shorter the average."""
    world = shop_world(
        f"moving_average({periods}, {lead})", customers("1", "poisson(400)"), "1", by_lane=True, weeks=200,
        review_days=1,
    )  # fmt: skip

    def ratio(log: Log, _kpis: Measured) -> Measured:
        place, quantity, asked = log.column("place").astype(int), log.column("quantity"), log.of("demanded")
        ordered, sold = (
            quantity[asked & (place == log.places.index(name))][50:] for name in ("lane:way", "customer:acme@shop")
        )
        assert ordered.min() > 0
        return {"ratio": float(ordered.var() / sold.var())}

    found = replications(world, 20, ratio)["ratio"]
    words = {"source": "Chen, Drezner, Ryan, Simchi-Levi 2000", **SINGLE}
    title = f"bullwhip, mean of {periods} periods, cover of {lead}: Var(orders) / Var(demand)"
    estimate(title, forms.bullwhip(lead, periods), found, 0.03, unit="", **words)


def test_littles_law_of_a_stock() -> None:
    """Mean on hand is what passes through a stock times how long each unit lies there, first in first out."""
    world = shop_world("reorder(9, 6)", customers(POISSON), "gamma(0.6, 0.5)", by_lane=True, weeks=52)

    def both(log: Log, kpis: Measured) -> Measured:
        time_s = log.column("time_s")
        came = np.repeat(time_s, np.where(log.of("docked"), log.column("quantity"), 0).astype(int))
        came = np.concatenate([np.zeros(15), came])
        left = np.repeat(time_s, np.where(log.of("served"), log.column("quantity"), 0).astype(int))
        still = np.full(len(came) - len(left), log.report_s)
        lain_s = np.concatenate([left, still]) - came
        passing, lying_s = len(came) / log.report_s, lain_s.mean()
        return {"law": passing * lying_s, "on hand": kpis["stock_on_hand_units:shop/part"]}

    found = replications(world, 1, both)
    words = {"source": "Little 1961", "family": "Little's law"}
    exact("stock: units on hand", found["law"][0], found["on hand"][0], unit="units", within=1e-6, **words)
