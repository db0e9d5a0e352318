"""Time arithmetic against the profiles it is made from."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from simulate.sim_floor import DAY_S, HOUR_S, WEEK_S, during

from twin.model.profile import StepProfile
from twin.simulate.gates import NEVER_S, OpenTime, RateGate, Stops, Timeline

times = st.integers(-50, 400)


@st.composite
def profiles(draw: st.DrawFn, values: st.SearchStrategy[float] | None = None) -> StepProfile:
    at = sorted(draw(st.sets(times, min_size=1, max_size=7)))
    some = st.sampled_from([0.0, 0.25, 1.0, 3.0]) if values is None else values
    return StepProfile.of([(time, draw(some)) for time in at])


open_or_closed = st.sampled_from([0.0, 1.0])


@given(profiles(), st.lists(st.tuples(times, times), min_size=1, max_size=6))
def test_areas_are_integrals(profile: StepProfile, asked: list[tuple[int, int]]) -> None:
    line = Timeline(profile)
    for one, other in asked:
        start, end = min(one, other), max(one, other)
        assert abs(line.area_to(end) - line.area_to(start) - profile.integral(start, end)) < 1e-9
        assert line.at(one) == profile.at(one)


@given(profiles(), times, st.floats(0.01, 500))
def test_reach_is_the_first_second_at_which_the_integral_is_there(
    profile: StepProfile, start: int, area: float
) -> None:
    end = Timeline(profile).reach(start, area)
    if end == NEVER_S:
        assert profile.values[-1] == 0
        assert profile.integral(start, 10_000) < area
    else:
        assert profile.integral(start, end) >= area - 1e-5
        assert end == start or profile.integral(start, end - 1) < area


@given(profiles(), times)
def test_first_positive(profile: StepProfile, start: int) -> None:
    found = Timeline(profile).first_positive(start)
    later = [time for time in range(start, 402) if profile.at(time) > 0]
    assert found == (later[0] if later else NEVER_S)


@given(profiles(open_or_closed), profiles(open_or_closed), times, st.integers(0, 300))
def test_open_time_is_the_time_in_which_all_calendars_are_open(
    one: StepProfile, other: StepProfile, start: int, work: int
) -> None:
    hours, both = OpenTime(one, other), one.times(other)
    assert hours.next_open(start) == Timeline(both).first_positive(start)
    assert hours.until(start + work) - hours.until(start) == both.integral(start, start + work)
    assert hours.end_of(start, work) == Timeline(both).reach(start, work)
    assert hours.always == bool(both.values.all())


@given(profiles(), st.lists(st.integers(1, 40), min_size=1, max_size=8))
def test_a_gate_never_lets_through_more_than_its_rate_yields(profile: StepProfile, amounts: list[int]) -> None:
    gate, now, used = RateGate(profile.scaled(WEEK_S)), 0, 0
    for amount in amounts:
        now = gate.opens(now)
        assume(now < NEVER_S)
        # All but the start that goes on now has been yielded.
        assert profile.integral(0, now) >= used - 1e-4
        gate.use(now, amount)
        used += amount


def test_a_gate_without_a_rate_lets_all_through() -> None:
    gate = RateGate(None)
    gate.use(0, 1e9)
    assert gate.opens(7) == 7


def test_starts_follow_each_other_at_the_weekly_rate() -> None:
    gate, starts = RateGate(StepProfile.constant(7.0)), []
    for _ in range(3):
        now = gate.opens(starts[-1] if starts else 100)
        gate.use(now, 1)
        starts.append(now)
    assert starts == [100, 100 + DAY_S, 100 + 2 * DAY_S]


def test_whole_seconds_cost_no_rate() -> None:
    """Three starts in two seconds: the clock's seconds hold one, then two."""
    gate, now = RateGate(StepProfile.constant(1.5 * WEEK_S)), 0
    for _ in range(900):
        now = gate.opens(now)
        gate.use(now, 1)
    assert gate.opens(now) == 600


def test_a_rate_that_is_kept_for_a_while_is_used_at_once_but_never_twice() -> None:
    """Seven a week, kept for five days: five at one moment; what was taken beyond is missing at the next."""
    gate = RateGate(StepProfile.constant(7.0), 5 * DAY_S)
    for now, amounts in ((20 * DAY_S, [1, 1, 1, 1, 1]), (25 * DAY_S, [2, 2, 2]), (30 * DAY_S, [2, 2])):
        for amount in amounts:
            assert gate.opens(now) == now
            gate.use(now, amount)
        assert gate.opens(now) > now
    assert gate.opens(30 * DAY_S) == 30 * DAY_S + 1


def test_a_standstill_is_added_to_the_work_it_meets() -> None:
    stops = Stops(during(10 * HOUR_S, 15 * HOUR_S), during(12 * HOUR_S, 20 * HOUR_S))
    assert stops.any
    assert stops.end_of(8 * HOUR_S, 4 * HOUR_S, 12 * HOUR_S) == 14 * HOUR_S
    assert stops.end_of(8 * HOUR_S, 4 * HOUR_S, 30 * HOUR_S) == 22 * HOUR_S
    assert stops.stood_still(0, WEEK_S) == 10 * HOUR_S
    assert not Stops(StepProfile.constant(0.0)).any
    assert np.isclose(Stops().end_of(5, 6, 999), 11)
