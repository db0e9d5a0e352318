"""Statistics against published tables and their own definitions."""

import math

import numpy as np
import pytest

from twin.metrics import selection
from twin.metrics import statistics as stats


def test_t_interval_of_a_textbook_sample() -> None:
    # t(0.975, 4) = 2.776445 (any table); s of 1..5 is sqrt(2.5)
    interval = stats.t_interval([1, 2, 3, 4, 5])
    assert interval is not None
    assert interval.value == 3
    assert interval.half_width == pytest.approx(2.776445 * math.sqrt(2.5 / 5), rel=1e-6)


def test_t_interval_says_what_it_cannot_know() -> None:
    assert stats.t_interval([math.nan]) is None
    assert stats.t_interval([2.0, math.nan]) == stats.Interval(2.0, None, None)
    assert stats.Interval(2.0, None, None).half_width == math.inf


def test_pairs_take_out_what_they_share() -> None:
    luck = np.random.default_rng(1).normal(0, 100, 20)
    interval = stats.paired_interval(luck, luck + 3)
    assert interval is not None
    assert interval.value == pytest.approx(3)
    assert interval.half_width < 1e-9
    with pytest.raises(ValueError, match="same replications"):
        stats.paired_interval(luck, luck[:3])


def test_what_differs_by_rounding_alone_is_no_difference() -> None:
    first = np.array([0.1 + 0.2, 1e9, 0.0])
    assert stats.differences(first, np.array([0.3, 1e9 + 1e-6, 1e-300])).tolist() == [0.0, 0.0, 1e-300]
    assert stats.differences(first, first * (1 + 1e-9)).tolist() != [0.0, 0.0, 0.0]


def test_wilson_interval_of_a_published_case() -> None:
    # 81 of 263: 0.2553 to 0.3662 (Newcombe 1998, table I, method 3)
    interval = stats.wilson_interval(81, 263)
    assert (interval.low, interval.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert stats.wilson_interval(0, 5).low == 0
    with pytest.raises(ValueError, match="one trial"):
        stats.wilson_interval(0, 0)


def test_bootstrap_covers_and_repeats() -> None:
    values = np.random.default_rng(3).exponential(10, 40)
    one = stats.bootstrap_interval(values, np.mean, seed=5)
    assert one == stats.bootstrap_interval(values, np.mean, seed=5)
    assert one != stats.bootstrap_interval(values, np.mean, seed=6)
    assert one.low is not None
    assert one.high is not None
    assert one.low < one.value < one.high
    # Skewed to the right: the upper arm is the longer one.
    assert one.high - one.value > one.value - one.low
    same = stats.bootstrap_interval(np.full(9, 4.0), np.mean)
    assert (same.low, same.high) == (4.0, 4.0)


def test_bootstrap_interval_holds_the_mean_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(11)
    hits = 0
    for seed in range(200):
        interval = stats.bootstrap_interval(generator.normal(5, 2, 25), lambda v: float(v.mean()), seed=seed, draws=400)
        assert interval.low is not None
        assert interval.high is not None
        hits += interval.low <= 5 <= interval.high
    assert 0.87 <= hits / 200 <= 0.99


def test_replications_needed_is_the_least_complete_batch() -> None:
    pilot = np.random.default_rng(2).normal(0, 10, 20)
    needed = stats.replications_needed(pilot, half_width=2.0)
    spread = pilot.std(ddof=1)

    def half(count: int) -> float:
        return float(stats.t_quantile(0.975, count - 1) * spread / math.sqrt(count))

    assert needed % 10 == 0
    assert half(needed) <= 2.0 < half(needed - 10)
    with pytest.raises(ValueError, match="above 0"):
        stats.replications_needed(pilot, half_width=0)


def test_replications_stop_at_complete_batches_that_are_precise() -> None:
    exact = 100 + np.tile([-1.0, 1.0], 10)
    assert stats.is_precise(exact, relative=0.01)
    assert not stats.is_precise(exact[:19], relative=0.01)
    assert not stats.is_precise(exact, relative=0.001)
    assert not stats.is_precise(np.array([]), relative=0.1)


def test_warm_up_is_cut_where_the_start_is_off() -> None:
    noise = np.random.default_rng(4).normal(0, 1, 1000)
    off = noise.copy()
    off[:100] += 20
    assert stats.mser5(off) == pytest.approx(100, abs=15)
    assert stats.mser5(noise) is not None
    assert (stats.mser5(noise) or 0) <= 200
    assert stats.mser5(np.linspace(0, 100, 500)) is None
    assert stats.mser5(np.ones(10)) is None


def test_warm_up_minimises_its_criterion() -> None:
    values = np.random.default_rng(9).normal(0, 1, 400) + 5 * np.exp(-np.arange(400) / 30)
    batches = values.reshape(-1, 5).mean(axis=1)
    count = len(batches)
    scores = [np.sum((batches[d:] - batches[d:].mean()) ** 2) / (count - d) ** 2 for d in range(count // 2 + 1)]
    assert stats.mser5(values) == 5 * int(np.argmin(scores))


def test_the_best_survives_and_the_bad_do_not() -> None:
    generator = np.random.default_rng(7)
    samples = generator.normal(0, 1, (40, 1)) + generator.normal([10, 9.9, 5, 0], 0.5, (40, 4))
    kept = selection.kim_nelson_survivors(samples, indifference=0.5, better="up")
    assert 0 in kept
    assert not {2, 3} & set(kept)
    assert 3 in selection.kim_nelson_survivors(samples, indifference=0.5, better="down")
    with pytest.raises(ValueError, match="10 or more"):
        selection.kim_nelson_survivors(samples[:9], indifference=0.5, better="up")


def test_budget_goes_where_it_tells_most() -> None:
    even = selection.ocba_shares(np.array([1.0, 2.0]), np.zeros(2), "up")
    assert even.tolist() == [0.5, 0.5]
    tie = selection.ocba_shares(np.array([2.0, 2.0, 0.0]), np.ones(3), "up")
    assert np.isfinite(tie).all()
    assert tie[2] < 1e-3
    sure = selection.ocba_shares(np.array([3.0, 2.0, 1.0]), np.array([1.0, 0.0, 1.0]), "up")
    assert sure[1] == 0
    assert sure.sum() == pytest.approx(1)
