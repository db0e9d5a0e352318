"""Racks and orders, each KPI against a small story reckoned by hand."""

import math

import numpy as np
import pytest
from log_builder import Story, facts

from twin.events.record import Log
from twin.metrics.dictionary import compute_kpis, weekly_series
from twin.metrics.series import accepted_by_customer_of
from twin.metrics.view import View
from twin.model.units import DAY_S, WEEK_S

DC = "site:dc"


def two_orders() -> Log:
    """Order a: two racks due day 7, accepted days 6 and 9. Order b: one rack due day 10, never."""
    story = Story(weeks=2, tail_weeks=1)
    story.tell(0, "ordered", DC, "rack_done", "a", quantity=2, since_s=0, value=7 * DAY_S)
    story.tell(0, "ordered", DC, "rack_done", "b", quantity=1, since_s=0, value=10 * DAY_S)
    story.tell(0, "promised", order="a", value=9 * DAY_S)
    story.tell(0, "promised", order="b", value=math.nan)
    story.tell(7 * DAY_S, "due", DC, "rack_done", "a", quantity=2)
    story.tell(10 * DAY_S, "due", DC, "rack_done", "b", quantity=1)
    for unit, day in enumerate((6, 9)):
        dock = (day - 1) * DAY_S
        story.tell(dock - DAY_S, "produced", "process:build@f", "rack", "a", unit, quantity=1, since_s=dock - 3 * DAY_S)
        story.tell(dock - DAY_S, "shipped", "lane:f-dc", "rack", "a", unit, lot=unit, quantity=1, usd=50)
        story.tell(dock, "docked", "lane:f-dc", "rack", "a", unit, lot=unit, quantity=1, since_s=dock - DAY_S)
        release = dock - 3 * DAY_S
        story.tell(day * DAY_S, "accepted", DC, "rack_done", "a", unit, since_s=dock, value=release)
        story.tell(day * DAY_S + DAY_S / 2, "online", DC, "rack_done", "a", unit)
    story.tell(8 * DAY_S, "blocked", "site:f", order="a", unit=1, since_s=7 * DAY_S)
    story.tell(9 * DAY_S, "completed", DC, "rack_done", "a", since_s=0, value=7 * DAY_S)
    return story.log()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("racks_shipped", 2),
        ("racks_accepted", 2),
        ("racks_online", 2),
        ("racks_due", 3),
        ("throughput_racks_per_day", 2 / 14),
        ("on_time_in_full", 1 / 2),  # a by its promise of day 9; b has no promise and is not there
        ("on_time_to_request", 0),
        ("order_cycle_time_days", 9),
        ("time_to_token_days", (6.5 + 9.5) / 2),
        ("dock_to_token_days", 1.5),
        ("dock_to_accept_days", 1),
        ("release_to_accept_days", 4),
        ("factory_cycle_days", 2),
        ("finished_wait_days", 1 / 2),
        ("freight_usd_per_rack", 50),
        ("backlog_end_racks", 1),
        ("backlog_area_rack_days", 2 + 4),  # the second rack of a for 2 days, b from day 10 to 14
        ("tardiness_mean_days", (0 + 2 + 11) / 3),  # b is late by 11 days when the log ends
        ("tardiness_p95_days", 11),
    ],
)
def test_kpi_of_the_story(name: str, expected: float) -> None:
    assert compute_kpis(two_orders(), facts())[name] == pytest.approx(expected)


def test_series_of_the_story() -> None:
    series = weekly_series(two_orders(), facts())
    expected = {
        "shipped": [2, 0, 0],
        "shipped@f": [2, 0, 0],
        "accepted": [1, 1, 0],
        "accepted@dc": [1, 1, 0],
        "cumulative_accepted": [1, 2, 2],
        "online": [1, 1, 0],
        "due": [2, 1, 0],
        "due@dc": [2, 1, 0],
        "backlog": [1, 1, 1],
        "backlog@dc": [1, 1, 1],
    }
    assert {name: series[name].tolist() for name in expected} == expected
    daily = np.zeros(21)
    daily[[5, 8]] = 1
    assert series["daily_accepted"].tolist() == daily.tolist()
    assert series["daily_backlog"].tolist() == [0] * 6 + [1] * 2 + [0] + [1] * 12


def test_a_rack_accepted_early_pays_for_no_other_order() -> None:
    story = Story()
    story.tell(DAY_S, "accepted", DC, "rack_done", "early", 0)
    story.tell(2 * DAY_S, "due", DC, "rack_done", "late", quantity=1)
    story.tell(9 * DAY_S, "due", DC, "rack_done", "early", quantity=1)
    found = compute_kpis(story.log(), facts())
    assert found["backlog_area_rack_days"] == pytest.approx(12)
    assert found["tardiness_mean_days"] == pytest.approx(6)


def test_rows_after_the_report_window_do_not_count() -> None:
    story = Story(weeks=1, tail_weeks=1)
    story.tell(WEEK_S, "accepted", DC, "rack_done", "a", 0)
    story.tell(WEEK_S + 1, "accepted", DC, "rack_done", "a", 1)
    found = compute_kpis(story.log(), facts())
    assert found["racks_accepted"] == 1
    assert weekly_series(story.log(), facts())["accepted"].tolist() == [1, 1]


def test_the_first_promise_is_the_one_that_counts() -> None:
    story = Story()
    story.tell(0, "ordered", DC, "rack_done", "a", quantity=1, since_s=0, value=DAY_S)
    story.tell(0, "promised", order="a", value=2 * DAY_S)
    story.tell(5, "promised", order="a", value=9 * DAY_S)
    story.tell(4 * DAY_S, "completed", order="a", since_s=0, value=DAY_S)
    assert compute_kpis(story.log(), facts())["on_time_in_full"] == 0


def test_racks_passing_a_hub_are_shipped_once() -> None:
    story = Story()
    world = facts(lane_ends={"f-hub": ("f", "hub"), "hub-dc": ("hub", "dc")})
    story.tell(1, "shipped", "lane:f-hub", "rack", "a", 0, quantity=1)
    story.tell(9, "shipped", "lane:hub-dc", "rack", "a", 0, quantity=1)
    assert compute_kpis(story.log(), world)["racks_shipped"] == 1


def test_racks_accepted_by_customer_and_week() -> None:
    story = Story()
    for order, day in (("a", 1), ("b", 8), ("b", 9), ("unknown", 9)):
        story.tell(day * DAY_S, "accepted", DC, "rack_done", order, 0)
    view = View(story.log(), facts(customer_of={"a": "Ann", "b": "Bob"}))
    found = accepted_by_customer_of(view)
    assert {name: values.tolist() for name, values in found.items()} == {"Ann": [1, 0], "Bob": [0, 2]}


def test_an_empty_log_defines_no_ratio_and_counts_zero() -> None:
    found = compute_kpis(Story().log(), facts())
    assert found["racks_accepted"] == 0
    assert found["backlog_area_rack_days"] == 0
    assert all(
        math.isnan(found[name]) for name in ("on_time_in_full", "time_to_token_days", "landed_cost_usd_per_rack")
    )
    assert weekly_series(Story().log(), facts())["accepted"].tolist() == [0, 0]


def test_sites_without_a_rack_have_a_series_of_zeros() -> None:
    story = Story()
    story.tell(WEEK_S, "level", "lane:f-dc", "rack", quantity=0)
    series = weekly_series(story.log(), facts())
    names = ["shipped@f", "accepted@dc", "online@dc", "due@dc", "backlog@dc"]
    assert [series[name].tolist() for name in names] == [[0, 0]] * 5
