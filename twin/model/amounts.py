"""The kinds of numbers that tables and scenarios hold, each with the least and the most that makes sense.

A number beyond them is a slip of the pen, and would end in sums that no computer can do. The
limits lie far outside of anything that is built: the world's own limits are its tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, PlainSerializer, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

from twin.model.distribution import Distribution, number_words, parse_distribution

MOST = 1e12
"""Of anything: units, money, rates."""
MOST_UNITS = 1_000_000
"""Of one order, of which each unit is followed by itself."""
MOST_WEEKS = 520
MOST_DAYS = 3_650
MOST_HOURS = 87_600
"""Ten years."""
_LEAST = 1e-6
"""Of what must be more than nothing, so that one may divide by it."""

Fraction = Annotated[float, Field(ge=0, le=1)]
Chance = Annotated[float, Field(ge=0.001, le=1)]
"""A part that must not be nothing: a yield."""
NonNegative = Annotated[float, Field(ge=0, le=MOST)]
Positive = Annotated[float, Field(ge=_LEAST, le=MOST)]
Ratio = Annotated[float, Field(ge=_LEAST, le=1e6)]
"""Units of one thing for a unit of another."""
Number = Annotated[float, Field(ge=-MOST, le=MOST)]
Factor = Annotated[float, Field(ge=0, le=1000)]
"""On something else; 1 leaves it as it is."""
Defects = Annotated[float, Field(ge=0, le=20)]
DefectsFactor = Annotated[float, Field(ge=0, le=10)]
"""A mean number on one unit."""
Count = Annotated[int, Field(ge=0, le=10**9)]
Units = Annotated[int, Field(ge=1, le=MOST_UNITS)]
Ordinal = Annotated[int, Field(ge=1, le=1000)]
Hours = Annotated[float, Field(ge=0, le=MOST_HOURS)]
Days = Annotated[float, Field(ge=0, le=MOST_DAYS)]
Weeks = Annotated[float, Field(ge=0, le=MOST_WEEKS)]


@dataclass(frozen=True, slots=True)
class MeanWithin:
    """The mean of a quantity that varies lies from `ge` to `le`, in the unit of its column."""

    ge: float
    le: float

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Checked once the cell is read."""
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The limits of a plain number."""
        described = handler(schema)
        limits = {"minimum": self.ge, "maximum": self.le}
        branches = [each | limits if each.get("type") == "number" else each for each in described["anyOf"]]
        return described | {"anyOf": branches}

    def _checked(self, value: Distribution) -> Distribution:
        whose = "" if value.is_constant else " on average"
        if value.mean < self.ge:
            least = f"{number_words(self.ge)} or more"
            raise ValueError(f"must be {least}{whose}; give a number, {least}")
        if value.mean > self.le:
            most = f"{number_words(self.le)} or less"
            raise ValueError(f"must be {most}{whose}; give a number, {most}")
        return value


def _varying(value: object, info: Any) -> Distribution:
    folder = (info.context or {}).get("folder") if info.context else None
    return parse_distribution(value, folder)


def _number_or_text(value: Distribution) -> float | str:
    return value.parameters[0] if value.is_constant else str(value)


_Varying = Annotated[
    Distribution,
    BeforeValidator(_varying),
    PlainSerializer(_number_or_text, return_type=float | str, when_used="json"),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}]}, mode="validation"),
]
"""A cell that holds a number or a named distribution."""

VaryingHours = Annotated[_Varying, MeanWithin(0, MOST_HOURS)]
VaryingDays = Annotated[_Varying, MeanWithin(0, MOST_DAYS)]
VaryingWeeks = Annotated[_Varying, MeanWithin(0, MOST_WEEKS)]
VaryingUnits = Annotated[_Varying, MeanWithin(0, MOST_UNITS)]
VaryingFactor = Annotated[_Varying, MeanWithin(0.001, 1000)]
"""On something else over a year; 1 leaves it as it is."""
HoursApart = Annotated[_Varying, MeanWithin(0.1, 1e9)]
"""From one breakdown to the next: what comes without a pause never ends."""
DaysApart = Annotated[_Varying, MeanWithin(0.001, MOST_DAYS)]
"""From one order to the next."""
