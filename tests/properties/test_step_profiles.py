"""Step profiles: an algebra of functions of the clock, checked against a plain list of values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.model.profile import StepProfile
from twin.model.steps import least_ahead

END_S = 40
steps = st.lists(st.tuples(st.integers(-5, END_S), st.integers(0, 4).map(float)), min_size=1, max_size=8)
profiles = steps.map(StepProfile.of)


def second_by_second(profile: StepProfile) -> list[float]:
    return [profile.at(second) for second in range(-10, END_S + 10)]


@given(steps)
def test_the_latest_step_holds(pairs: list[tuple[int, float]]) -> None:
    profile = StepProfile.of(pairs)
    for second in range(-10, END_S + 10):
        past = [value for time_s, value in sorted(pairs, key=lambda pair: pair[0]) if time_s <= second]
        first = min(time_s for time_s, _ in pairs)
        expected = past[-1] if past else [value for time_s, value in pairs if time_s == first][-1]
        assert profile.at(second) == expected
    assert np.all(np.diff(profile.times_s) > 0)


@given(profiles, profiles)
def test_products_and_minima_hold_at_every_second(left: StepProfile, right: StepProfile) -> None:
    a, b = second_by_second(left), second_by_second(right)
    assert second_by_second(left.times(right)) == [x * y for x, y in zip(a, b, strict=True)]
    assert second_by_second(left.combine(right, np.minimum)) == [min(x, y) for x, y in zip(a, b, strict=True)]
    assert second_by_second(left.scaled(3)) == [3 * x for x in a]


@given(profiles, st.integers(-8, END_S), st.integers(0, 4).map(float))
def test_one_value_for_all_time_is_joined_step_by_step_as_all_others(
    left: StepProfile, at_s: int, value: float
) -> None:
    """The short way gives the same steps, not only the same function."""
    constant = StepProfile.of([(at_s, value)])
    times = np.union1d(left.times_s, constant.times_s)
    joined = StepProfile(times, np.array([left.at(time_s) * value for time_s in times])).compact()
    for found in (left.times(constant), constant.times(left)):
        assert found.times_s.tolist() == joined.times_s.tolist()
        assert found.values.tolist() == joined.values.tolist()


@given(profiles)
def test_compact_changes_nothing_but_the_number_of_steps(profile: StepProfile) -> None:
    short = profile.compact()
    assert second_by_second(short) == second_by_second(profile)
    assert np.all(np.diff(short.values) != 0)


@given(profiles, st.integers(-10, END_S + 10), st.integers(-10, END_S + 10))
def test_the_integral_is_the_sum_of_the_seconds(profile: StepProfile, start: int, end: int) -> None:
    assert profile.integral(start, end) == sum(profile.at(second) for second in range(start, end))


@given(profiles, st.lists(st.integers(-8, END_S + 8), min_size=2, max_size=6, unique=True))
def test_means_of_buckets_add_up_to_the_integral(profile: StepProfile, cuts: list[int]) -> None:
    edges = np.array(sorted(cuts), np.int64)
    means = profile.bucket_means(edges)
    assert float(np.dot(means, np.diff(edges))) == pytest.approx(profile.integral(edges[0], edges[-1]))


@given(profiles)
def test_next_change_steps_through_all_changes(profile: StepProfile) -> None:
    seen, at = [], -100
    while (following := profile.next_change_after(at)) is not None:
        seen.append(following)
        at = following
    assert seen == profile.times_s.tolist()


@given(st.integers(-20, 20), st.integers(-20, 20))
def test_a_window_is_inside_from_its_start_to_before_its_end(start: int, end: int) -> None:
    window = StepProfile.window(start, end, 0.25, 1.0)
    for second in range(-30, 30):
        assert window.at(second) == (0.25 if start <= second < end else 1.0)


def test_a_constant_holds_before_and_after() -> None:
    assert [StepProfile.constant(2.5).at(second) for second in (-1, 0, 10**9)] == [2.5, 2.5, 2.5]


def test_a_profile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one step"):
        StepProfile.of([])


@given(profiles, st.integers(0, 40), st.integers(-60, 60))
def test_the_least_ahead_is_that_of_every_second_to_come(profile: StepProfile, span_s: int, time_s: int) -> None:
    seconds = range(time_s, time_s + max(span_s, 1))
    assert least_ahead(profile, span_s).at(time_s) == min(profile.at(second) for second in seconds)
