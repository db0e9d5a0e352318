"""Checks of what power costs by the hour."""

from __future__ import annotations

from collections.abc import Iterator

from twin.model.problems import Problem, suggestion
from twin.model.rows_make import Resource
from twin.model.rows_power import Tariff
from twin.model.tables import Tables
from twin.model.units import POWER_KW


def check_tariff_hours(tables: Tables) -> Iterator[Problem]:
    """A window of a tariff ends after it begins, on the same day."""
    for row, place in tables.of(Tariff):
        if (row.opens or "00:00") >= (row.closes or "24:00"):
            rule = f"closes must be later than opens ({row.opens or '00:00'})"
            remedy = "split hours over midnight into two rows, until 24:00 and from 00:00"
            yield place.problem("closes", rule, row.closes, remedy)


def check_tariff_resources(tables: Tables) -> Iterator[Problem]:
    """A tariff is of a resource of its site, which is power."""
    units = {(row.site, row.resource): row.unit for row, _ in tables.of(Resource)}
    for row, place in tables.of(Tariff):
        unit = units.get((row.site, row.resource))
        if unit is None:
            here = [resource for site, resource in units if site == row.site]
            rule = f"the resource must be listed in 'resources' at {row.site}"
            yield place.problem("resource", rule, row.resource, suggestion(row.resource, here, "the table 'resources'"))
        elif unit.lower() not in POWER_KW:
            rule = f"a tariff is of a resource in {' or '.join(POWER_KW)}, and this one is in {unit}"
            yield place.problem("resource", rule, row.resource, "give the unit in 'resources', or another resource")
