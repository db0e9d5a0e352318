"""The columns of each table, read off its record: their names, kinds, and text form of their cells."""

from __future__ import annotations

import functools
import typing
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from pydantic.fields import FieldInfo

from twin.model.distribution import Distribution, number_text
from twin.model.row import RampPoint, Row
from twin.model.rows_demand import StockPolicy

Kind = Literal["text", "number", "whole", "yes_no", "date", "varying", "ramp", "policy"]

_KINDS: tuple[tuple[type, Kind], ...] = (
    (Distribution, "varying"),
    (RampPoint, "ramp"),
    (StockPolicy, "policy"),
    (bool, "yes_no"),
    (int, "whole"),
    (float, "number"),
    (date, "date"),
)

_IDENTIFIERS = ("step", "rework_to")
"""Whole numbers that name a step and measure nothing."""


@functools.cache
def columns_of(record: type[Row]) -> dict[str, str]:
    """Column names of a table, in order, and the field of the record that each fills."""
    return {field.alias or name: name for name, field in record.model_fields.items()}


@functools.cache
def required_columns(record: type[Row]) -> tuple[str, ...]:
    """Columns in which every row must have a value."""
    return tuple(field.alias or name for name, field in record.model_fields.items() if field.is_required())


@functools.cache
def kinds_of(record: type[Row]) -> dict[str, Kind]:
    """Each column's kind of cell."""
    return {field.alias or name: _kind(field) for name, field in record.model_fields.items()}


@functools.cache
def measured_columns(record: type[Row]) -> tuple[str, ...]:
    """Columns that hold a quantity, a rate, a duration or a price, so that a row with one needs a source."""
    kinds = kinds_of(record)
    numeric = ("number", "whole", "varying", "ramp", "policy")
    return tuple(column for column, kind in kinds.items() if kind in numeric and column not in _IDENTIFIERS)


@functools.cache
def movable_columns(record: type[Row]) -> tuple[str, ...]:
    """Columns that a lever, an estimate or a factor may move: single numbers and distributions."""
    kinds = kinds_of(record)
    return tuple(c for c, kind in kinds.items() if kind in ("number", "whole", "varying") and c not in _IDENTIFIERS)


def _kind(field: FieldInfo) -> Kind:
    inside = set(_types_in(field.annotation))
    return next((kind for member, kind in _KINDS if member in inside), "text")


def _types_in(annotation: Any) -> list[Any]:
    found = [annotation]
    for part in typing.get_args(annotation):
        found += _types_in(part)
    return found


def cell_text(value: object) -> str:
    """The text that stands for a value in a CSV cell; blank for None. Reading it gives the value back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(float(value)) if isinstance(value, float) else str(value)
    if isinstance(value, StockPolicy):
        inside = ", ".join(number_text(p) for p in value.parameters)
        return f"{value.kind}({inside})" if inside else value.kind
    if isinstance(value, tuple):
        return " ".join(f"{point.at}:{number_text(point.fraction)}" for point in value)
    return _moment_text(value)


def _moment_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    return str(value)


def row_cells(row: Row) -> dict[str, Any]:
    """The columns that a row was given a value in, and the values."""
    given = row.model_fields_set
    return {column: getattr(row, name) for column, name in columns_of(type(row)).items() if name in given}
