"""What the plan asks of a station: a curve, straight within each bucket."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from simulate.sim_floor import WEEK_S, wanted

from twin.simulate.gates import NEVER_S
from twin.simulate.targets import Target


def test_units_are_due_evenly_within_a_bucket() -> None:
    target = wanted(4, 0, 2)
    assert [target.due_s(n) for n in (1, 2, 4)] == [WEEK_S // 4, WEEK_S // 2, WEEK_S]
    assert target.due_s(5) == 2 * WEEK_S + WEEK_S // 2
    assert target.due_s(7) == NEVER_S


def test_done_units_move_the_next_due_date() -> None:
    target = wanted(4, 4)
    target.done = 4
    assert target.due_s(1) == WEEK_S + WEEK_S // 4
    target.done -= 1
    assert target.due_s(1) == WEEK_S


def test_a_shortfall_is_due_at_once_and_work_ahead_later() -> None:
    assert wanted(7, carry=2).due_s(2) == 0
    assert wanted(7, carry=2).due_s(3) == WEEK_S // 7
    assert wanted(7, carry=-3).due_s(1) == 4 * WEEK_S // 7


@given(
    st.lists(st.floats(0, 50), min_size=1, max_size=6),
    st.floats(-5, 5),
    st.lists(st.integers(-WEEK_S, 8 * WEEK_S), min_size=1, max_size=8),
)
def test_wanted_is_the_curve_whatever_was_asked_before(units: list[float], carry: float, times: list[int]) -> None:
    edges = np.arange(len(units) + 1) * WEEK_S
    target = Target(edges, np.array(units), carry)
    curve = np.concatenate(([0.0], np.cumsum(units)))
    for time_s in times:
        assert abs(target.wanted(time_s) - carry - np.interp(time_s, edges, curve)) < 1e-6


@given(
    st.lists(st.floats(0, 9), min_size=2, max_size=6),
    st.sampled_from([1.0, 5.0]),
    st.integers(1, 2 * WEEK_S - 1),
)
def test_a_new_plan_that_says_the_same_wants_the_next_block_when_the_old_one_did(
    units: list[float], block: float, now_s: int
) -> None:
    """Made at any moment, from the whole blocks done by then; up to a block later without what was begun of it."""
    edges = np.arange(len(units) + 1) * WEEK_S
    curve = np.concatenate(([0.0], np.cumsum(units)))
    old = Target(edges, np.array(units), 0.0)
    old.done = block * np.floor(float(np.interp(now_s - 1, edges, curve)) / block)
    rest = np.concatenate(([now_s], edges[edges > now_s]))
    left = np.diff(np.interp(rest, edges, curve))
    new = Target(rest, left, 0.0, old.begun(now_s, block))
    for blocks in (1, 2):
        was_s, is_s = old.due_s(block * blocks), new.due_s(block * blocks)
        # A curve that is all but flat there says it no better than this.
        flat = min((each for each in units if each > 0), default=1.0) < 1e-2
        assert flat or is_s == NEVER_S == was_s or abs(max(was_s, now_s) - is_s) < 0.01 * WEEK_S


def test_what_is_late_is_left_to_the_new_plan() -> None:
    late = wanted(4, 4)
    assert 0.9999 < late.begun(WEEK_S, 1.0) < 1.0
    ahead = wanted(4)
    ahead.done = 3
    assert ahead.begun(WEEK_S // 4, 1.0) == 0
    # Wanted as soon as the new plan wants anything, and never if it wants nothing.
    assert Target(np.array([0, WEEK_S]), np.array([2.0]), 0.0, late.begun(WEEK_S, 1.0)).due_s(1) <= 10
    assert Target(np.array([0, WEEK_S]), np.array([0.0]), 0.0, late.begun(WEEK_S, 1.0)).due_s(1) == NEVER_S
