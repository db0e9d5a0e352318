"""Open hours on the clock of the world: local times, clocks that change, closed dates."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from twin.model.calendar import normal_open_fraction, open_profile
from twin.model.rows_make import CalendarRow
from twin.model.units import DAY_S, HOUR_S, WEEK_S
from twin.model.world import Settings, World

MONDAY = date(2026, 1, 5)


def world(*rows: dict[str, Any], starts: date = MONDAY) -> World:
    calendars = tuple(CalendarRow(calendar="c", **row) for row in rows)
    return World(name="hours", settings=Settings(starts=starts), calendars=calendars)


SHIFT = {"weekday": "mon-fri", "opens": "08:00", "closes": "18:00"}


def test_no_calendar_is_open_always() -> None:
    assert open_profile(world(), "", "UTC", 0, WEEK_S).integral(0, WEEK_S) == WEEK_S
    assert normal_open_fraction(world(), "") == 1.0


def test_a_day_shift_is_open_ten_hours_on_five_days() -> None:
    profile = open_profile(world(SHIFT), "c", "UTC", 0, 2 * WEEK_S)
    assert profile.integral(0, WEEK_S) == 50 * HOUR_S
    assert [profile.at(hour * HOUR_S) for hour in (7, 8, 17, 18)] == [0.0, 1.0, 1.0, 0.0]
    assert profile.at(5 * DAY_S + 12 * HOUR_S) == 0.0, "Saturday"
    assert profile.next_change_after(0) == 8 * HOUR_S
    assert normal_open_fraction(world(SHIFT), "c") == pytest.approx(50 / 168)


def test_hours_are_local() -> None:
    profile = open_profile(world(SHIFT), "c", "Asia/Taipei", 0, WEEK_S)
    assert [profile.at(hour * HOUR_S) for hour in (0, 9, 10)] == [1.0, 1.0, 0.0], "08:00 to 18:00 is 00:00 to 10:00 UTC"
    west = open_profile(world(SHIFT), "c", "America/Chicago", 0, WEEK_S)
    assert [west.at(hour * HOUR_S) for hour in (13, 14, 23, 24)] == [0.0, 1.0, 1.0, 0.0]


def test_a_shift_keeps_its_local_hour_when_clocks_change() -> None:
    """Chicago goes to summer time on Sunday, 8 March 2026: the shift begins an hour earlier in UTC."""
    friday, monday = date(2026, 3, 6), date(2026, 3, 9)
    profile = open_profile(world(SHIFT, starts=friday), "c", "America/Chicago", 0, WEEK_S)
    assert profile.next_change_after(0) == 14 * HOUR_S
    second = (monday - friday).days * DAY_S
    assert [profile.at(second + hour * HOUR_S) for hour in (12, 13, 22, 23)] == [0.0, 1.0, 1.0, 0.0]


def test_the_day_of_the_change_has_23_hours() -> None:
    """Open all day on Sunday, 8 March 2026, in Chicago."""
    profile = open_profile(world({"weekday": "sun"}, starts=date(2026, 3, 6)), "c", "America/Chicago", 0, WEEK_S)
    assert profile.integral(0, WEEK_S) == 23 * HOUR_S


def test_closed_dates_include_the_last_day() -> None:
    rows = (SHIFT, {"closed_from": date(2026, 1, 6), "closed_to": date(2026, 1, 7)})
    profile = open_profile(world(*rows), "c", "UTC", 0, WEEK_S)
    assert profile.integral(0, WEEK_S) == 30 * HOUR_S
    assert normal_open_fraction(world(*rows), "c") == pytest.approx(50 / 168), "closed dates are not of a normal week"


def test_closed_dates_alone_leave_all_other_hours_open() -> None:
    profile = open_profile(world({"closed_from": date(2026, 1, 6)}), "c", "UTC", 0, WEEK_S)
    assert profile.integral(0, WEEK_S) == 6 * DAY_S
    assert profile.at(DAY_S) == 0.0
    assert profile.at(2 * DAY_S) == 1.0
    assert len(profile.times_s) == 3, "days that touch are one span"


def test_two_shifts_over_midnight_join() -> None:
    night = ({"weekday": "mon", "opens": "22:00", "closes": "24:00"}, {"weekday": "tue", "closes": "06:00"})
    profile = open_profile(world(*night), "c", "UTC", 0, WEEK_S)
    assert profile.integral(0, WEEK_S) == 8 * HOUR_S
    assert profile.next_change_after(22 * HOUR_S) == 30 * HOUR_S


def test_overlapping_shifts_count_once() -> None:
    rows = (SHIFT, {"weekday": "mon", "opens": "12:00", "closes": "20:00"})
    assert normal_open_fraction(world(*rows), "c") == pytest.approx(52 / 168)
    assert open_profile(world(*rows), "c", "UTC", 0, WEEK_S).integral(0, DAY_S) == 12 * HOUR_S


def test_a_window_may_begin_before_the_world_does() -> None:
    profile = open_profile(world(SHIFT), "c", "UTC", -WEEK_S, WEEK_S)
    assert profile.integral(-WEEK_S, 0) == 50 * HOUR_S
    assert profile.integral(0, WEEK_S) == 50 * HOUR_S


def test_a_window_that_begins_within_a_shift_is_open_at_once() -> None:
    profile = open_profile(world(SHIFT), "c", "UTC", 9 * HOUR_S, DAY_S)
    assert profile.at(9 * HOUR_S) == 1.0
    assert profile.integral(9 * HOUR_S, DAY_S) == 9 * HOUR_S
