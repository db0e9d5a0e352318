"""The section on the chance of each order to be on time."""

from __future__ import annotations

import json

from report.sample_on_time import sample_on_time
from report.sample_result import sample_result

from twin.report.on_time import MOST_DRAWN, best_known, on_time_section


def section_of(told):
    return on_time_section(sample_result().model_copy(update={"on_time": told}))


def test_orders_of_the_replayed_weeks_are_drawn_and_the_others_counted():
    told = sample_on_time(60, 84)
    section = section_of(told)
    chart = section.blocks[1]
    assert len(chart.table.rows) == len(best_known(told)) == 20
    assert "20 orders due by 1 Feb 2026, whose weeks were run 200 times." in section.lead
    assert "Of the other 40 the chances rest on 10 runs each" in section.lead


def test_a_dot_has_its_interval_to_both_sides():
    told = sample_on_time(60, 84)
    traces = json.loads(section_of(told).blocks[1].figure)["data"]
    by_name = {order.order: order.by_due for order in told.orders}
    assert [trace["marker"]["symbol"] for trace in traces] == ["circle", "square-open"]
    for name, x, over, under in zip(
        traces[0]["y"], traces[0]["x"], traces[0]["error_x"]["array"], traces[0]["error_x"]["arrayminus"], strict=True
    ):
        assert abs(x + over - 100 * by_name[name].high) < 0.11
        assert abs(x - under - 100 * by_name[name].low) < 0.11


def test_the_least_certain_orders_are_drawn_where_there_are_many():
    told = sample_on_time(900, 84)
    chart = section_of(told).blocks[1]
    drawn = json.loads(chart.figure)["data"][0]["y"]
    assert len(drawn) == MOST_DRAWN < len(chart.table.rows) == 300
    # As long as there are orders with an even chance, none that is sure is drawn.
    sure = {order.order for order in told.orders if order.by_due.value in (0, 1) and order.by_promise is None}
    assert not sure & set(drawn)


def test_chances_of_few_runs_are_called_rough():
    told = sample_on_time(60, 84)
    own = [order for order in told.orders if order.by_due.replications == 10]
    section = section_of(told.model_copy(update={"orders": own, "replayed_until": None, "replays": 0}))
    assert section.lead == "40 orders, by 10 runs. A chance from 10 runs is rough: it takes 200 to tell it well."
    assert "10 runs" in section.blocks[1].table.rows[0][5].small


def test_totals_stand_as_cards_with_their_intervals():
    cards = section_of(sample_on_time()).blocks[0].cards
    assert [card.value for card in cards][:2] == ["47", "63"]
    assert cards[0].title == "By the day asked for, up to 1 Feb 2026"
    assert cards[0].interval == "40 to 54"
