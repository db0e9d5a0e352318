"""Lead times spread over buckets: overlap, freezing, stretching, losses."""

from __future__ import annotations

import numpy as np
import pytest

from twin.disrupt.record import WipLoss
from twin.model.profile import StepProfile
from twin.model.units import DAY_S, WEEK_S
from twin.plan.lags import Passage, completion_shares, work_ends

ONE, NONE = StepProfile.constant(1.0), StepProfile.constant(0.0)
WEEKS = np.arange(5) * WEEK_S


def passage(days: float, **changes: object) -> Passage:
    parts: dict[str, object] = {"frozen": NONE, "start_yield": ONE, "end_yield": ONE} | changes
    lead_s = parts.pop("lead_s", StepProfile.constant(days * DAY_S))
    return Passage(lead_s=lead_s, **parts)  # type: ignore[arg-type]


def table(some: Passage, edges: np.ndarray = WEEKS) -> dict[tuple[int, int], float]:
    shares = completion_shares(some, edges)
    return {(int(s), int(e)): float(v) for s, e, v in zip(shares.start, shares.end, shares.share, strict=True)}


def test_a_lead_time_within_the_bucket_is_split_by_overlap() -> None:
    found = table(passage(2))
    assert found[0, 0] == pytest.approx(5 / 7)
    assert found[0, 1] == pytest.approx(2 / 7)
    assert (3, 4) not in found


def test_a_lead_time_of_whole_buckets_moves_them_whole() -> None:
    assert table(passage(14)) == pytest.approx({(0, 2): 1.0, (1, 3): 1.0})


def test_unequal_buckets_share_by_time() -> None:
    edges = np.array([0, 1, 2, 6]) * WEEK_S
    found = table(passage(7), edges)
    assert found[1, 2] == pytest.approx(1.0)
    assert found[2, 2] == pytest.approx(3 / 4)


def test_frozen_time_delays_all_that_is_inside() -> None:
    frozen = StepProfile.window(WEEK_S, 2 * WEEK_S, 1.0, 0.0)
    found = table(passage(7, frozen=frozen))
    # Started in the first week, a week of work, a week of standing still in between.
    assert found[0, 2] == pytest.approx(1.0)
    assert work_ends(frozen, np.array([0.0]), np.array([10.0 * DAY_S]))[0] == pytest.approx(17 * DAY_S)


def test_a_loss_scraps_what_is_inside_at_its_moment_only() -> None:
    found = table(passage(7, losses=(WipLoss(at_s=int(1.5 * WEEK_S), fraction=0.4),)))
    # Started in the first half of week 0: out before the loss; in the second half: inside.
    assert found[0, 1] == pytest.approx(0.5 + 0.5 * 0.6)
    assert found[1, 2] == pytest.approx(0.5 * 0.6 + 0.5)


def test_yields_count_at_start_and_end() -> None:
    end = StepProfile.of([(0, 1.0), (2 * WEEK_S, 0.5)])
    found = table(passage(7, start_yield=StepProfile.constant(0.8), end_yield=end))
    assert found[0, 1] == pytest.approx(0.8)
    assert found[1, 2] == pytest.approx(0.4)


def test_a_lead_time_that_changes_within_a_bucket() -> None:
    lead_s = StepProfile.of([(0, 0.0), (WEEK_S // 2, float(WEEK_S))])
    found = table(passage(0, lead_s=lead_s))
    assert found[0, 0] == pytest.approx(0.5)
    assert found[0, 1] == pytest.approx(0.5)
