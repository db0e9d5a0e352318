"""Chances, totals and dates from replications."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from twin.metrics.chances import chances_by, moment_interval, moment_reached, total_chance
from twin.metrics.statistics import wilson_about, wilson_interval

MOMENTS = arrays(np.float64, (7, 3), elements=st.sampled_from([1.0, 2.0, 3.0, 4.0, np.inf]))


@settings(max_examples=60, deadline=None)
@given(completed_s=MOMENTS, by_s=st.floats(0, 5), later_s=st.floats(0, 5))
def test_the_chance_by_a_later_moment_is_never_lower(completed_s, by_s: float, later_s: float) -> None:
    early = chances_by(completed_s, np.full(3, by_s))
    late = chances_by(completed_s, np.full(3, by_s + later_s))
    assert all(one.value <= two.value and one.low <= two.low for one, two in zip(early, late, strict=True))


@settings(max_examples=60, deadline=None)
@given(completed_s=MOMENTS, by_s=arrays(np.float64, 3, elements=st.floats(0, 5)))
def test_the_total_is_the_mean_of_the_orders_and_lies_in_its_interval(completed_s, by_s) -> None:
    total = total_chance(completed_s, by_s)
    assert total.value == pytest.approx(np.mean([each.value for each in chances_by(completed_s, by_s)]))
    assert total.low - 1e-12 <= total.value <= total.high + 1e-12


@settings(max_examples=60, deadline=None)
@given(completed_s=arrays(np.float64, 40, elements=st.sampled_from([1.0, 2.0, 3.0, 4.0, np.inf])))
def test_dates_rise_with_the_chance_and_lie_in_their_intervals(completed_s) -> None:
    moments = [moment_reached(completed_s, chance) for chance in (0.5, 0.8, 0.95)]
    assert moments == sorted(moments)
    for chance, moment in zip((0.5, 0.8), moments, strict=False):
        found = moment_interval(completed_s, chance)
        assert (found.low or 0) <= moment <= (np.inf if found.high is None else found.high)


def test_orders_that_share_all_luck_count_once_a_replication() -> None:
    """Of 100 replications half complete all ten orders and half none: as much is known as of one order."""
    completed_s = np.repeat(np.tile([1.0, 9.0], 50), 10).reshape(100, 10)
    found = total_chance(completed_s, np.full(10, 5.0))
    one = wilson_about(0.5, 99 * (1.959964 / 1.984217) ** 2)
    assert (found.low, found.high) == pytest.approx((one.low, one.high), abs=1e-6)


def test_orders_with_luck_of_their_own_count_nearly_each() -> None:
    draws = np.random.default_rng(3).random((400, 10))
    found = total_chance(draws, np.full(10, 0.5))
    all_apart = wilson_about(found.value, 4000)
    assert found.high - found.low == pytest.approx(all_apart.high - all_apart.low, rel=0.15)


def test_a_total_that_is_always_one_keeps_an_interval() -> None:
    found = total_chance(np.ones((10, 5)), np.full(5, 2.0))
    assert found.value == 1
    assert 0.6 < found.low < 0.75
    assert total_chance(np.ones((1, 5)), np.full(5, 2.0)).low == pytest.approx(wilson_interval(1, 1).low)
    with pytest.raises(ValueError, match="an order and a replication"):
        total_chance(np.ones((4, 0)), np.ones(0))


def test_the_interval_of_a_total_holds_the_truth_as_often_as_it_says() -> None:
    """Orders whose chance varies with the replication's own luck: beta-binomial, mean 0.7."""
    generator = np.random.default_rng(5)
    held = 0
    for _ in range(400):
        chance = generator.beta(3.5, 1.5, 40)[:, None]
        found = total_chance((generator.random((40, 12)) >= chance).astype(float), np.full(12, 0.5))
        held += found.low <= 0.7 <= found.high
    assert 0.92 <= held / 400 <= 0.985


def test_the_interval_of_a_median_is_between_two_ranks() -> None:
    """Of ten, the second and the ninth: they hold the median with 97.9 % (David and Nagaraja, section 7.1)."""
    completed_s = np.arange(1.0, 11.0)
    found = moment_interval(completed_s, 0.5)
    assert (found.low, found.value, found.high) == (2.0, 5.0, 9.0)
    assert moment_interval(completed_s, 0.95).high is None
    assert moment_reached(np.arange(1.0, 201.0), 0.8) == 160.0
