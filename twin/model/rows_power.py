"""Rows that say what power costs, and how much of it there is, by the hour."""

from __future__ import annotations

from pydantic import Field

from twin.model.amounts import Fraction, NonNegative
from twin.model.row import Closes, Day, Opens, Row, Weekdays


class Tariff(Row):
    """What power of a site costs in some hours of the week, and how much of it may be held then.

    The rows with the latest `from` not after a moment hold. Of those that cover the same hour
    the last one in the table counts; an hour that none covers costs nothing and has all of the capacity.
    """

    site: str
    """Where the power is."""
    resource: str
    """A resource of the site whose `unit` is kW or MW."""
    from_date: Day | None = Field(default=None, alias="from")
    """The row holds from this day until later rows of the same resource; blank: from the beginning."""
    weekday: Weekdays = ""
    """The day or days of the hours; blank: every day."""
    opens: Opens = ""
    """Local time from which the row counts, such as 07:30; blank: midnight."""
    closes: Closes = ""
    """Local time until which it counts, such as 18:00; blank or 24:00: midnight at the end of the day."""
    usd_per_kwh: NonNegative
    """Price of energy."""
    available_fraction: Fraction = 1.0
    """Part of the resource's capacity that may be held in these hours."""
