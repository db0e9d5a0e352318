"""The section on why orders are late."""

from __future__ import annotations

import json

import pytest
from report.sample_late import sample_late
from report.sample_result import sample_result

from twin.report.late import MOST_DRAWN, late_section


def section_of(late):
    return late_section(sample_result().model_copy(update={"late": late}))


def test_nothing_is_told_where_nothing_is_late():
    assert section_of(None) is None
    assert section_of(sample_late(0, 0)) is None


def test_the_dearest_cause_comes_first_with_its_share():
    chart = section_of(sample_late()).blocks[0]
    # 5000 of 5000 (1 + 1/2 + 1/3 + 1/4) rack-days.
    assert "a new plan promised it later is the dearest, 48 % of 10,400 rack-days" in chart.sentence
    assert json.loads(chart.figure)["data"][0]["x"] == [5000, 2500, pytest.approx(1667), 1250]


def test_the_picture_shows_the_first_causes_and_its_table_all():
    chart = section_of(sample_late(causes=40)).blocks[0]
    bars = json.loads(chart.figure)["data"][0]
    assert len(bars["x"]) == len(set(bars["y"])) == MOST_DRAWN
    assert len(chart.table.rows) == 40


def test_each_link_begins_where_the_one_before_it_ended_and_the_last_ends_with_the_delay():
    late = sample_late()
    chart = section_of(late).blocks[1]
    bars = json.loads(chart.figure)["data"][0]
    ends = [base + days for base, days in zip(bars["base"], bars["x"], strict=True)]
    assert bars["base"] == [0, *(pytest.approx(end) for end in ends[:-1])]
    assert ends[-1] == pytest.approx(late.orders[0].delay_days)
    assert chart.table.rows[-1][-1].text == "68.5"


def test_links_of_one_name_keep_bars_of_their_own():
    bars = json.loads(section_of(sample_late()).blocks[1].figure)["data"][0]
    assert len(set(bars["y"])) == len(bars["y"]) == 6


def test_orders_are_told_in_words_and_the_others_counted():
    section = section_of(sample_late())
    told = section.blocks[1].sentence
    assert "60.5 days: a new plan promised it later, planned anew, knowing of cleanroom fire; 8.25 days" in told
    assert "4 days: waited at the dock, power came then; all else −4.2 days." in told
    assert section.blocks[2].rows[0][-1].text == "60.5 days: a new plan promised it later, abilene"
    assert "8 more stand in late.json" in section.blocks[2].note
