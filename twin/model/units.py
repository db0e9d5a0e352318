"""Conversions between the clock (integer seconds) and the units that tables speak."""

from __future__ import annotations

from typing import Final

MINUTE_S: Final = 60
HOUR_S: Final = 3_600
DAY_S: Final = 86_400
WEEK_S: Final = 604_800
QUARTER_HOUR_S: Final = 900
HOURS_PER_WEEK: Final = 168
DAYS_PER_YEAR: Final = 365
POWER_KW: Final = {"kw": 1.0, "mw": 1000.0}
"""Units, in lower case, of the resources that are power, with the kilowatts in one of them."""


def hours(value: float) -> int:
    """Hours to whole seconds of the clock, rounded to the nearest."""
    return round(value * HOUR_S)


def days(value: float) -> int:
    """Days to whole seconds of the clock, rounded to the nearest."""
    return round(value * DAY_S)


def weeks(value: float) -> int:
    """Weeks to whole seconds of the clock, rounded to the nearest."""
    return round(value * WEEK_S)
