"""Money and stock, each KPI against a small story reckoned by hand."""

import math

import pytest
from log_builder import Story, facts

from twin.events.record import Log
from twin.metrics.costs import rolled_up_usd
from twin.metrics.dictionary import compute_kpis, weekly_series
from twin.metrics.view import View
from twin.model.units import DAY_S, WEEK_S

DC = "site:dc"


def test_capital_is_the_mean_of_the_weekly_marks() -> None:
    story = Story(weeks=2)
    for week, on_hand in ((1, 6), (2, 2)):
        story.tell(week * WEEK_S, "level", "site:f", "part", quantity=on_hand)
        story.tell(week * WEEK_S, "level", "process:build@f", "rack", quantity=1)
        story.tell(week * WEEK_S, "level", "lane:f-dc", "rack", quantity=2)
    # parts 60 and 20, in process half-way between 4 x 10 and 100, in transit 2 x 100
    found = compute_kpis(story.log(), facts())
    assert found["wip_capital_usd"] == pytest.approx(40 + 70 + 200)


def test_stock_days_and_stock_series() -> None:
    story = Story(weeks=2)
    story.tell(0, "level", "site:f", "part", quantity=99)
    for week, on_hand in ((1, 6), (2, 2)):
        story.tell(week * WEEK_S, "level", "site:f", "part", quantity=on_hand)
        story.tell(week * WEEK_S, "level", "site:g", "part", quantity=4)
        story.tell(week * WEEK_S - 9, "consumed", "site:f", "part", quantity=7, parent=1)
    found = compute_kpis(story.log(), facts())
    assert found["stock_days:part"] == pytest.approx(((99 + 10 + 6) / 3) / 1.0)
    series = weekly_series(story.log(), facts())
    assert series["stock:f/part"].tolist() == [6, 2]
    assert series["stock:g/part"].tolist() == [4, 4]


def build_story() -> Log:
    """Parts bought at 3 + 1 freight; two lots of racks started at 20 each, one of three scrapped."""
    story = Story(weeks=1)
    story.tell(10, "shipped", "lane:s-f", "part", quantity=12, usd=12, lot=1)
    story.tell(DAY_S, "started", "process:build@f", "rack", quantity=3, usd=60, lot=5)
    story.tell(2 * DAY_S, "produced", "process:build@f", "rack", quantity=2, lot=5, since_s=DAY_S)
    story.tell(2 * DAY_S, "scrapped", "process:build@f", "rack", quantity=1, lot=5)
    for unit in (0, 1):
        story.tell(3 * DAY_S, "shipped", "lane:f-dc", "rack", "a", unit, quantity=1, usd=9)
        story.tell(4 * DAY_S, "started", "process:install@dc", "rack_done", "a", unit, quantity=1, usd=5)
        story.tell(5 * DAY_S, "produced", "process:install@dc", "rack_done", "a", unit, quantity=1, since_s=4 * DAY_S)
        story.tell(5 * DAY_S, "accepted", DC, "rack_done", "a", unit, quantity=1)
    story.tell(5 * DAY_S, "rework", "step:dc/install", "rack_done", "a", 1, usd=8, since_s=4 * DAY_S, value=1)
    story.tell(5 * DAY_S, "step", "step:dc/install", "rack_done", "a", 0, usd=20, since_s=4 * DAY_S, value=1)
    story.tell(WEEK_S, "level", "site:f", "part", quantity=365)
    return story.log()


def test_landed_cost_rolls_up_what_was_paid() -> None:
    world = facts(
        lane_ends={"s-f": ("s", "f"), "f-dc": ("f", "dc")},
        price_usd={("s-f", "part"): 3.0},
        carrying_rate_per_year=0.1,
    )
    part = 3 + 1
    rack = (20 + 4 * part) / (2 / 3) + 9
    done = 5 + rack + 20 / 2 + 8 / 2
    assert rolled_up_usd(View(build_story(), world)) == pytest.approx({"part": part, "rack": rack, "rack_done": done})
    carrying = 365 * 10 * 0.1 * 7 / 365 / 2
    found = compute_kpis(build_story(), world)
    assert found["resource_usd_per_rack"] == pytest.approx(10)
    assert found["rework_usd_per_rack"] == pytest.approx(4)
    assert found["carrying_usd_per_rack"] == pytest.approx(carrying)
    assert found["landed_cost_usd_per_rack"] == pytest.approx(done + carrying)


def test_bought_items_without_cost_count_at_their_value() -> None:
    costs = rolled_up_usd(View(Story().log(), facts()))
    assert costs == {"part": 10.0, "rack": 100.0, "rack_done": 120.0}


def test_utilisation_is_held_over_available() -> None:
    story = Story(weeks=2, tail_weeks=1)
    for week, held in ((1, 10), (2, 30), (3, 40)):
        story.tell(week * WEEK_S, "seized", "resource:f/bays", since_s=(week - 1) * WEEK_S, quantity=held, value=40)
    assert compute_kpis(story.log(), facts())["utilisation:f/bays"] == pytest.approx(0.5)


def demand_story() -> Log:
    """Five days of ten single units; 10, 10, 4, 10, 8 of them served at once, the rest a day later."""
    story = Story(weeks=1)
    for day, good in enumerate((10, 10, 4, 10, 8)):
        for unit in range(10):
            moment, order = day * DAY_S + unit, f"o{day}"
            served = moment if unit < good else moment + DAY_S
            story.tell(moment, "demanded", "customer:c@s", "part", order, unit, quantity=1)
            story.tell(served, "served", "customer:c@s", "part", order, unit, quantity=1, since_s=moment)
    story.tell(5, "demanded", "site:s", "part", "refill", quantity=100)
    return story.log()


def test_fill_rate_and_cycle_service_of_the_published_example() -> None:
    found = compute_kpis(demand_story(), facts())
    assert found["fill_rate"] == pytest.approx(0.84)
    assert found["cycle_service"] == pytest.approx(0.60)
    assert found["fill_rate_at:customer:c@s"] == pytest.approx(0.84)
    assert found["fill_rate_at:site:s"] == 0


def test_a_demand_with_a_due_date_is_on_time_until_then() -> None:
    story = Story()
    for order, served in (("a", 50), ("b", 51)):
        story.tell(0, "demanded", "customer:c@s", "part", order, quantity=1, value=50)
        story.tell(served, "served", "customer:c@s", "part", order, quantity=1, since_s=0, value=50)
    assert compute_kpis(story.log(), facts())["fill_rate"] == pytest.approx(0.5)


def test_demand_due_after_the_report_window_is_not_yet_late() -> None:
    story = Story(weeks=1)
    for order, due in (("a", DAY_S), ("b", DAY_S), ("c", 2 * WEEK_S)):
        story.tell(0, "demanded", "customer:c@s", "part", order, quantity=1, value=due)
    story.tell(DAY_S, "served", "customer:c@s", "part", "a", quantity=1, since_s=0, value=DAY_S)
    found = compute_kpis(story.log(), facts())
    assert found["fill_rate"] == found["fill_rate_at:customer:c@s"] == pytest.approx(1 / 2)


def test_jobs_are_judged_by_their_due_dates_only() -> None:
    story = Story(weeks=1)
    for order, due in (("at once", math.nan), ("due", DAY_S)):
        story.tell(0, "demanded", "customer:c@s", "job", order, quantity=1, value=due)
        story.tell(DAY_S, "served", "customer:c@s", "job", order, quantity=1, since_s=0, value=due)
    shop = facts(jobs=frozenset({("s", "job")}))
    assert compute_kpis(story.log(), shop)["fill_rate"] == 1
    assert compute_kpis(story.log(), facts())["fill_rate"] == pytest.approx(1 / 2)


def test_demands_without_an_order_are_served_in_turn() -> None:
    story = Story()
    for moment in (0, 0, 10):
        story.tell(moment, "demanded", "customer:c@s", "part", quantity=1)
    for moment, since in ((0, 0), (10, 0), (20, 10)):
        story.tell(moment, "served", "customer:c@s", "part", quantity=1, since_s=since)
    assert compute_kpis(story.log(), facts())["fill_rate"] == pytest.approx(1 / 3)
