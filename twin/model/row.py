"""What every table row shares: a frozen record, its provenance, the parsing of its cells."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from twin.model.distribution import Distribution, parse_distribution


class Row(BaseModel):
    """One row of a table: frozen, unknown columns refused, blanks taken as not given."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        arbitrary_types_allowed=True,
        use_attribute_docstrings=True,
    )

    source: str = ""
    """Key into `sources`; needed on every row that holds a number."""
    note: str = ""
    """Anything a reader should know about the row."""


def _varying(value: object, info: Any) -> Distribution:
    folder = (info.context or {}).get("folder") if info.context else None
    return parse_distribution(value, folder)


Varying = Annotated[Distribution, BeforeValidator(_varying)]
"""A cell that holds a number or a named distribution."""

Fraction = Annotated[float, Field(ge=0, le=1)]
NonNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]


class RampPoint(BaseModel):
    """A date and the fraction of the stated capacity that is there from then on."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    at: date
    fraction: NonNegative


def _ramp(value: object) -> object:
    """`2026-01-01:0.8 2026-07-01:1` to points; between two dates the fraction is linear."""
    if not isinstance(value, str):
        return value
    points = []
    for pair in value.replace(";", " ").split():
        day, separator, fraction = pair.rpartition(":")
        if not separator:
            raise ValueError(f"a ramp is date:fraction pairs such as 2026-01-01:0.8; got '{pair}'")
        points.append({"at": day, "fraction": fraction})
    days = [str(point["at"]) for point in points]
    if days != sorted(set(days)):
        raise ValueError("the dates of a ramp must rise, each named once")
    return tuple(points)


Ramp = Annotated[tuple[RampPoint, ...], BeforeValidator(_ramp)]
