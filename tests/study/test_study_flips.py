"""Where the better of two configurations changes along a number."""

from __future__ import annotations

import numpy as np
import pytest

from twin.events.study_result import CrossingPoint
from twin.metrics.dictionary import kpi_of
from twin.study.flips import crossing_points

NAMES = ("here", "there")


def points(first: list[float], second: list[float], measure: str = "racks_online") -> list[CrossingPoint]:
    values = [float(place) for place in range(1, len(first) + 1)]
    return crossing_points(values, np.array([first]), np.array([second]), NAMES, kpi_of(measure))


def test_a_choice_flips_where_the_lines_meet() -> None:
    (point,) = points([10, 20, 30], [16, 22, 28])
    assert (point.turn, point.value, point.before, point.after) == ("flips", 2.5, "there", "here")
    assert point.low == point.high == point.value


def test_of_a_measure_of_which_less_is_better_the_other_one_wins() -> None:
    (point,) = points([10, 20, 30], [16, 22, 28], "backlog_end_racks")
    assert (point.before, point.after) == ("here", "there")


def test_a_difference_vanishes_where_its_line_is_zero() -> None:
    """28 racks a crew until 80: less by 52 and 24 at one and two, so by none from 2 + 24 / 28 on."""
    (point,) = points([28, 56, 80, 80], [80, 80, 80, 80])
    assert (point.turn, point.before, point.after) == ("vanishes", "there", "")
    assert point.value == pytest.approx(2 + 24 / 28)


def test_a_difference_that_appears_begins_where_its_line_is_zero() -> None:
    (point,) = points([80, 80, 90, 110], [80, 80, 80, 80])
    assert (point.turn, point.before, point.after) == ("vanishes", "", "here")
    assert point.value == pytest.approx(2.5)


def test_one_difference_alone_lies_half_way() -> None:
    (point,) = points([50, 80, 80], [80, 80, 80])
    assert point.value == 1.5


def test_no_difference_no_point() -> None:
    assert points([80, 81], [80, 80]) == []
    assert points([80, 80.3], [80, 80], "time_to_token_days") == []
    assert len(points([80, 81], [80, 80], "time_to_token_days")) == 1


def test_luck_widens_the_interval_and_hides_small_differences() -> None:
    luck = np.random.default_rng(3).normal(0, 2, (20, 1))
    first = np.array([10.0, 20.0, 30.0]) + luck + np.random.default_rng(4).normal(0, 2, (20, 3))
    second = np.array([16.0, 22.0, 28.0]) + luck
    (point,) = crossing_points([1.0, 2.0, 3.0], first, second, NAMES, kpi_of("time_to_token_days"))
    assert 2 <= point.low < point.value < point.high <= 3
    wild = np.random.default_rng(6).normal(0, 30, (20, 3))
    assert crossing_points([1.0, 2.0, 3.0], first + wild, second, NAMES, kpi_of("time_to_token_days")) == []
