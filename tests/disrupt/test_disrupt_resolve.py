"""Times of a disruption, and what a planner knows of it."""

from __future__ import annotations

import pytest
from worlds import chain_world, day

from twin.disrupt.resolve import as_known, resolve
from twin.model.scenario import Disruption
from twin.model.units import DAY_S, WEEK_S

WORLD = chain_world()


def fire(**cells):
    given = {"name": "fire", "at": {"site": "fab"}, "kind": "outage", "starts": day(14)} | cells
    return Disruption(**given)


def test_mean_length_and_ramp_on_the_clock():
    (one,) = resolve(WORLD, [fire(lasts_weeks="uniform(2, 4)", recovers_over_weeks=1, known_after_days=2)])
    assert (one.starts_s, one.ends_s, one.recovered_s) == (14 * DAY_S, 14 * DAY_S + 3 * WEEK_S, 14 * DAY_S + 4 * WEEK_S)
    assert one.known_s == 16 * DAY_S


def test_given_lengths_are_in_the_disruptions_own_unit():
    by_weeks, by_days = fire(lasts_weeks=1), fire(name="flood", lasts_days=3)
    one, two = resolve(WORLD, [by_weeks, by_days], {"fire": 2.5, "flood": 2.5})
    assert one.ends_s - one.starts_s == 2.5 * WEEK_S
    assert two.ends_s - two.starts_s == 2.5 * DAY_S
    with pytest.raises(KeyError):
        resolve(WORLD, [by_weeks], {"other": 1.0})


def test_announced_disruptions_are_known_before_they_start():
    (one,) = resolve(WORLD, [fire(lasts_days=1, known_after_days=-20)])
    assert one.known_s == -6 * DAY_S


def test_no_length_has_no_recovery():
    (one,) = resolve(WORLD, [fire(recovers_over_weeks=4)])
    assert one.starts_s == one.ends_s == one.recovered_s


def known(at_day, true_weeks, **cells):
    disruptions = [fire(lasts_weeks="uniform(2, 4)", recovers_over_weeks=1, known_after_days=2, **cells)]
    return as_known(resolve(WORLD, disruptions), resolve(WORLD, disruptions, {"fire": true_weeks}), at_day * DAY_S)


def test_nothing_is_known_before_it_is_known():
    assert known(15, 3) == ()
    assert len(known(16, 3)) == 1


@pytest.mark.parametrize(
    ("at_day", "true_weeks", "end_day"),
    [
        (16, 4.0, 35),  # the mean while it goes on
        (34, 4.0, 35),
        (36, 4.0, 36),  # the mean end has passed and it goes on: it ends now, as far as anyone knows
        (41, 4.0, 41),
        (42, 4.0, 42),  # its true end, once that has come
        (50, 4.0, 42),
        (28, 2.0, 28),  # a true end earlier than the mean is known when it comes, not before
        (27, 2.0, 35),
    ],
)
def test_the_mean_end_is_assumed_until_the_true_one_comes(at_day, true_weeks, end_day):
    (one,) = known(at_day, true_weeks)
    assert one.ends_s == end_day * DAY_S
    assert one.recovered_s - one.ends_s == WEEK_S


def test_as_known_refuses_lists_of_different_length():
    some = resolve(WORLD, [fire(lasts_days=1)])
    with pytest.raises(ValueError, match="shorter"):
        as_known(some, (), 0)
