"""Orders before, in and after the report window."""

from __future__ import annotations

from worlds import chain_world, day, row, weekly_orders

from twin.model.order_book import order_book
from twin.model.rows_demand import Order
from twin.model.units import DAY_S, WEEK_S


def quantities_due(lines: object, start_s: int, end_s: int) -> int:
    return sum(line.quantity for line in lines if start_s < line.due_s <= end_s)  # type: ignore[attr-defined]


def test_the_tail_goes_on_at_the_last_rate() -> None:
    """Two racks a week for twelve weeks, then eight weeks of tail."""
    lines = order_book(chain_world())
    assert quantities_due(lines, 0, 12 * WEEK_S) == 24
    assert quantities_due(lines, 12 * WEEK_S, 20 * WEEK_S) == 16
    assert {line.status for line in lines if line.due_s > 12 * WEEK_S} == {"forecast"}


def test_the_last_weeks_of_a_tail_are_followed_by_orders_that_planners_see_coming() -> None:
    world = chain_world()
    lines = order_book(world)
    assert world.settings.planned_s == 28 * WEEK_S
    assert quantities_due(lines, 20 * WEEK_S, 28 * WEEK_S) == 16
    assert max(line.due_s for line in lines) == world.settings.planned_s
    assert max(line.due_s for line in order_book(chain_world(tail_weeks=0))) <= 12 * WEEK_S


def test_the_back_cast_goes_at_the_first_rate() -> None:
    lines = order_book(chain_world(), back_to_s=-5 * WEEK_S)
    assert quantities_due(lines, -5 * WEEK_S, 0) == 10


def test_fractions_of_a_rate_are_carried_over() -> None:
    """Five racks in the last four weeks: ten in eight weeks."""
    orders = (
        row(Order, order="big", customer="acme", site="campus", item="rack_accepted", quantity=5, requested=day(80)),
    )
    lines = order_book(chain_world(orders=orders))
    assert quantities_due(lines, 12 * WEEK_S, 20 * WEEK_S) == 10


def test_the_rate_of_a_short_window_is_over_its_own_length() -> None:
    lines = order_book(chain_world(weeks=2, tail_weeks=6))
    assert quantities_due(lines, 2 * WEEK_S, 8 * WEEK_S) == 12


def test_orders_of_the_table_in_the_tail_are_not_doubled() -> None:
    """The table goes on four weeks into the tail; only the other four are repeated."""
    orders = weekly_orders("campus", "rack_accepted", 16, 2)
    lines = order_book(chain_world(orders=orders))
    assert quantities_due(lines, 12 * WEEK_S, 20 * WEEK_S) == 16


def test_an_order_just_after_the_window_leaves_the_rate_as_it_is() -> None:
    late = row(Order, order="z", customer="acme", site="campus", item="rack_accepted", quantity=1, requested=day(84))
    base = chain_world()
    lines = order_book(chain_world(orders=(*base.orders, late)))
    assert quantities_due(lines, 12 * WEEK_S, 13 * WEEK_S) == 2
    assert quantities_due(lines, 12 * WEEK_S, 20 * WEEK_S) == 16


def test_a_stream_that_ended_has_no_tail() -> None:
    orders = weekly_orders("campus", "rack_accepted", 6, 2)
    assert len(order_book(chain_world(orders=orders))) == 6


def test_an_order_is_due_at_the_end_of_its_day() -> None:
    line = order_book(chain_world())[0]
    assert line.due_s == 7 * DAY_S
    assert line.placed_s == 0
