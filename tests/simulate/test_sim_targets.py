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
