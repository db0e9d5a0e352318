"""Customers of streams under the plan: who gets what, by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from simulate.sim_floor import DAY_S, make_floor, order_line, rows
from worlds import row

from twin.events.record import Log
from twin.model.order_book import OrderLine
from twin.model.rows_demand import Demand
from twin.simulate.clock import ARRIVALS
from twin.simulate.customers import CustomerStream
from twin.simulate.delivery import StockDelivery
from twin.simulate.desk import OrderDesk
from twin.simulate.lots import Floor
from twin.simulate.planned_stock import PlannedStock


class Shop:
    """A stock of spares at the hub, which units come into at given days."""

    def __init__(self, comes: dict[float, float], *, loses: bool = False) -> None:
        self.floor: Floor = make_floor(noise=False)
        self.index = self.floor.stocks.index("hub", "tray")
        self.stock = PlannedStock(self.floor, "hub", "tray", loses=loses)
        for day, units in comes.items():
            self.floor.clock.at(round(day * DAY_S), ARRIVALS, self._come, units)

    def _come(self, units: float) -> None:
        self.floor.stocks.add(self.index, units)

    def stream(self, customer: str = "svc", every: str = "1", until_day: float = 10, **cells: Any) -> CustomerStream:
        usual = {"site": "hub", "item": "tray", "quantity": "2"}
        made = row(Demand, customer=customer, every_days=every, **(usual | cells))
        return CustomerStream(self.floor, made, self.stock, (0, round(until_day * DAY_S)), None)

    def orders(self, *lines: OrderLine) -> None:
        desk = OrderDesk(self.floor.clock, self.floor.log, self.floor.streams, lines, {}, False)
        StockDelivery(self.floor, desk, "hub", "tray", [line.placed_s for line in lines], waits=True)

    def run(self, days: float = 10) -> Log:
        self.floor.clock.run(round(days * DAY_S))
        return self.floor.log.close()


def order(name: str, quantity: int, due_day: float, placed_day: float = 0) -> OrderLine:
    return order_line(
        name, quantity, site="hub", item="tray", due_s=round(due_day * DAY_S), placed_s=round(placed_day * DAY_S)
    )


def told(log: Log, event: str, key: Callable[[dict[str, float]], str]) -> list[tuple[float, str, float]]:
    """(day, who, units) of each row of an event."""
    return [(each["time_s"] / DAY_S, key(each), each["quantity"]) for each in rows(log, event)]


def given(log: Log) -> list[tuple[float, str, float]]:
    """(day, who, units), of orders and of customers, each by number in its stream."""

    def order_name(each: dict[str, float]) -> str:
        return log.orders[int(each["order"])]

    def customer(each: dict[str, float]) -> str:
        return f"{order_name(each).partition('@')[0]} {int(each['unit'])}"

    return sorted([*told(log, "accepted", order_name), *told(log, "served", customer)], key=lambda entry: entry[0])


def test_customers_take_what_comes_in_the_order_of_their_coming() -> None:
    """Two units a day are asked for from day 1 on; three come at noon of day 2, five at that of day 3."""
    shop = Shop({2.5: 3, 3.5: 5})
    stream = shop.stream(until_day=4.5)
    assert given(shop.run()) == [
        (2.5, "svc 0", 2),
        (2.5, "svc 1", 1),
        (3.5, "svc 1", 1),
        (3.5, "svc 2", 2),
        # Two are left, for the one who comes next.
        (4, "svc 3", 2),
    ]
    assert shop.floor.stocks.on_hand[shop.index] == stream.owed == 0


def test_what_customers_wait_for_is_owed() -> None:
    shop = Shop({2.5: 3})
    stream = shop.stream(until_day=4.5)
    shop.run()
    assert stream.owed == 8 - 3


def test_a_fraction_of_a_unit_is_nobodys() -> None:
    shop = Shop({0.5: 1.75})
    shop.stream(until_day=1.5)
    assert given(shop.run()) == [(1, "svc 0", 1)]
    assert shop.floor.stocks.on_hand[shop.index] == pytest.approx(0.75)


def test_streams_at_one_stock_share_one_queue() -> None:
    shop = Shop({3.5: 5})
    shop.stream("later", every="2", until_day=3)
    shop.stream("first", every="1", until_day=2)
    assert given(shop.run()) == [(3.5, "first 0", 2), (3.5, "later 0", 2)]


def test_who_does_not_wait_takes_what_is_there_and_the_rest_is_lost() -> None:
    shop = Shop({0.5: 3, 2.5: 1}, loses=True)
    stream = shop.stream(until_day=3.5)
    log = shop.run()
    assert given(log) == [(1, "svc 0", 2), (2, "svc 1", 1), (3, "svc 2", 1)]
    assert [(day, units) for day, _, units in told(log, "lost", lambda _: "")] == [(2, 1), (3, 1)]
    assert stream.owed == 0


@pytest.mark.parametrize(("due_day", "first"), [(1.5, "order"), (3, "svc 0")])
def test_of_orders_and_customers_who_wait_the_earliest_due_is_first(due_day: float, first: str) -> None:
    """The customer comes on day 1 and is due a day later; what comes on day 5 is enough for one of the two."""
    shop = Shop({5: 2})
    shop.stream(until_day=1.5, due_after_days="1")
    shop.orders(order("order", 2, due_day))
    assert given(shop.run()) == [(5, first, 2)]


@pytest.mark.parametrize("loses", [False, True])
def test_who_comes_with_the_goods_takes_no_order_s_turn(loses: bool) -> None:
    """Two units come on day 1, in the very second in which the customer does; an order has waited for them."""
    shop = Shop({1: 2}, loses=loses)
    shop.stream(until_day=1.5)
    shop.orders(order("order", 2, 0.5))
    log = shop.run()
    assert given(log) == [(1, "order", 2)]
    assert len(rows(log, "lost")) == loses


def test_while_nobody_waits_an_order_takes_what_is_there_long_before_it_is_due() -> None:
    shop = Shop({0.5: 2, 4: 2})
    shop.stream(until_day=1.5)
    shop.orders(order("order", 2, 9))
    assert given(shop.run()) == [(0.5, "order", 2), (4, "svc 0", 2)]
