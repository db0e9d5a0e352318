"""Conversions between the clock (integer seconds) and the units that tables speak."""

from __future__ import annotations

MINUTE_S = 60
HOUR_S = 3_600
DAY_S = 86_400
WEEK_S = 604_800
QUARTER_HOUR_S = 900
HOURS_PER_WEEK = 168
DAYS_PER_YEAR = 365
POWER_UNITS = ("kw", "mw")
"""Units, in lower case, of the resources that are power."""


def hours(value: float) -> int:
    """Hours to whole seconds of the clock, rounded to the nearest."""
    return round(value * HOUR_S)


def days(value: float) -> int:
    """Days to whole seconds of the clock, rounded to the nearest."""
    return round(value * DAY_S)


def weeks(value: float) -> int:
    """Weeks to whole seconds of the clock, rounded to the nearest."""
    return round(value * WEEK_S)
