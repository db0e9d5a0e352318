"""What every table row shares: a frozen record, its provenance, the parsing of its cells."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from twin.model.amounts import Factor


class Row(BaseModel):
    """One row of a table: frozen, unknown columns refused, blanks taken as not given."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        arbitrary_types_allowed=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
        coerce_numbers_to_str=True,
    )

    source: str = ""
    """Key into `sources`; needed on every row that holds a number."""
    note: str = ""
    """Anything a reader should know about the row."""


_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


_FIRST_YEAR, _LAST_YEAR = 1900, 2199


def _day(value: object) -> object:
    # Only this one way of writing: a bare number would else be read as seconds since 1970.
    if isinstance(value, date):
        return value
    text = str(value).strip()
    if isinstance(value, bool | int | float) or not _DAY.match(text):
        raise ValueError("must be a date; write it as year-month-day, such as 2026-03-02")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError("is no day of the calendar; check the month and the day") from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"must lie in a year from {_FIRST_YEAR} to {_LAST_YEAR}; check the year")
    return day


Day = Annotated[date, BeforeValidator(_day)]
"""A cell that holds a date, written as 2026-03-02."""


Weekdays = Literal["", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "mon-fri", "mon-sat", "daily"]
"""A day of the week, or several."""
Opens = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")]
"""A time of day, such as 07:30."""
Closes = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)?$")]
"""A time of day, or 24:00."""


class RampPoint(BaseModel):
    """A date and the fraction of the stated capacity that is there from then on."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    at: Day
    fraction: Factor


def _ramp(value: object) -> object:
    """`2026-01-01:0.8 2026-07-01:1` to points; between two dates the fraction is linear."""
    if not isinstance(value, str):
        return value
    points = []
    for pair in value.replace(";", " ").split():
        day, separator, fraction = pair.rpartition(":")
        if not separator:
            raise ValueError("must be date:fraction pairs; write them as 2026-01-01:0.8 2026-07-01:1")
        points.append({"at": day, "fraction": fraction})
    days = [str(point["at"]) for point in points]
    if days != sorted(set(days)):
        raise ValueError("must have rising dates; put its pairs in order, each date once")
    return tuple(points)


Ramp = Annotated[tuple[RampPoint, ...], BeforeValidator(_ramp)]
