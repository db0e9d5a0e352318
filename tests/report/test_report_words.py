from __future__ import annotations

import math

import pytest

from twin.report.words import alike, count, day, known, last_day, number, quantity, span, whole, with_sign


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (52_348.2, 3, "52,300"),
        (52_348.2, 4, "52,350"),
        (999.6, 3, "1,000"),
        (0.01234, 3, "0.0123"),
        (-41.0, 3, "−41"),
        (3.0, 3, "3"),
        (1e-12, 3, "0"),
        (0.0, 3, "0"),
        (None, 3, "–"),
        (math.nan, 3, "–"),
        (math.inf, 3, "–"),
    ],
)
def test_a_number_shows_its_significant_digits(value, digits, text):
    assert number(value, digits) == text


def test_numbers_that_stand_together_are_cut_at_the_place_of_the_largest():
    assert alike([-11.0, -21.04, -0.969], 2) == ["−11", "−21", "−1"]
    assert alike([None, 1234.5, 0.04], 3) == ["–", "1,230", "0"]
    assert alike([0.0, 0.0]) == ["0", "0"]


def test_an_interval_with_an_open_end_is_absent():
    assert span(6450.0, 6730.0, 2) == "6,400 to 6,700"
    assert span(None, 3.0) == "–"


def test_an_interval_without_width_is_not_printed():
    assert span(3.0, 3.0) == "–"
    assert known([3.0], 3.0, 3.0) == (["3"], "")
    assert known([54_612.0], 54_612.0, None) == (["54,600"], "")


def test_ends_that_would_look_alike_get_more_digits():
    assert span(54_610.0, 54_640.0, 2) == "54,610 to 54,640"


def test_numbers_are_cut_where_their_interval_leaves_them_open():
    assert known([-7974.5, 54_566.9], -8066.7, -7882.3) == (["−7,970", "54,570"], "−8,070 to −7,880")
    assert known([25.0, 29.3], 24.11, 25.89) == (["25.0", "29.3"], "24.1 to 25.9")
    assert known([1_620_608.7], 1_620_608.1, 1_620_609.2) == (["1,621,000"], "")


def test_counts_have_no_parts():
    assert [whole(445.2), whole(-0.3), whole(12_345.6), whole(None)] == ["445", "0", "12,346", "–"]


def test_a_difference_always_shows_its_sign():
    told = [with_sign(number(value)) for value in (5.0, -5.0, 0.0, None)]
    assert [*told, with_sign("0.0")] == ["+5", "−5", "0", "–", "0.0"]


def test_units_are_told_in_words():
    assert quantity(0.875, "fraction") == "87.5 %"
    assert quantity(23.0, "d") == "23 days"
    assert quantity(3_214_567.0, "USD/rack") == "3.21 million USD a rack"
    assert quantity(39.005e9, "USD") == "39 billion USD"
    assert quantity(None, "racks") == "–"


def test_dates_are_told_in_words_and_others_left_alone():
    assert day("2026-03-02T06:00:00") == "2 Mar 2026"
    assert day("second quarter") == "second quarter"
    assert last_day("2026-01-05", 52) == "2027-01-04"
    assert count(1, "country", "countries") == "1 country"
    assert count(1200, "rack") == "1,200 racks"
