"""Keyed luck: the same draws for the same thing, whatever else is drawn and in whatever order."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.model.distribution import parse_distribution as parse
from twin.simulate.luck import LuckGroup
from twin.simulate.streams import Draws, Sequence, Streams, binomial_quantile


def test_a_stream_depends_on_its_key_alone() -> None:
    first, second = Streams(1, 0, True), Streams(1, 0, True)
    second.uniforms(100, "other")
    assert first.uniforms(5, "cycle", "fab").tolist() == second.uniforms(5, "cycle", "fab").tolist()


@pytest.mark.parametrize("other", [(2, 0, "a", "b"), (1, 1, "a", "b"), (1, 0, "ab", ""), (1, 0, "b", "a")])
def test_another_seed_replication_or_key_is_another_stream(other: tuple[int, int, str, str]) -> None:
    seed, replication, *key = other
    drawn = Streams(seed, replication, True).uniforms(4, *key)
    assert not np.any(drawn == Streams(1, 0, True).uniforms(4, "a", "b"))


@given(st.permutations(list(range(0, 1000, 83))))
def test_sequences_and_draws_do_not_mind_the_order_of_asking(ordinals: list[int]) -> None:
    streams = Streams(3, 2, True)
    sequence, draws = Sequence(streams, "yield", "x"), Draws(streams, parse("exponential(5)"), 86_400, "cycle", "x")
    asked = {ordinal: (sequence.at(ordinal), draws.seconds(ordinal)) for ordinal in ordinals}
    again = (Sequence(streams, "yield", "x"), Draws(streams, parse("exponential(5)"), 86_400, "cycle", "x"))
    assert asked == {ordinal: (again[0].at(ordinal), again[1].seconds(ordinal)) for ordinal in sorted(ordinals)}


def test_without_noise_durations_are_means() -> None:
    draws = Draws(Streams(1, 0, False), parse("triangular(3, 4, 8)"), 3600, "cycle")
    assert {draws.seconds(ordinal) for ordinal in range(300)} == {5 * 3600}


def test_mean_of_draws() -> None:
    draws = Draws(Streams(1, 0, True), parse("exponential(10)"), 3600, "cycle")
    seconds = np.array([draws.seconds(ordinal) for ordinal in range(20_000)])
    assert seconds.mean() == pytest.approx(36_000, rel=0.025)


def test_units_of_an_order_have_their_own_luck_however_blocks_are_cut() -> None:
    streams, distribution = Streams(1, 0, True), parse("exponential(5)")
    group = LuckGroup(streams, "order-1", 10)
    forwards = [group.transit_s("lane", distribution, 3600, unit) for unit in range(25)]
    other = LuckGroup(streams, "order-1", 10)
    backwards = [other.transit_s("lane", distribution, 3600, unit) for unit in reversed(range(25))]
    assert forwards == backwards[::-1]
    assert len(set(forwards)) == 25


@given(st.integers(1, 60), st.floats(0.02, 0.98), st.floats(0.001, 0.999))
def test_binomial_quantile_is_the_smallest_that_reaches_the_probability(n: int, p: float, u: float) -> None:
    reached = np.cumsum([math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)])
    good = binomial_quantile(u, n, p)
    assert reached[good] >= u - 1e-9
    assert good == 0 or reached[good - 1] <= u + 1e-9
