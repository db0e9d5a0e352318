"""Checks of what accepted racks serve and cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from twin.model.place import Place
from twin.model.problems import Problem
from twin.model.rows_factory import RackEconomics, Service
from twin.model.tables import Tables

_SHARE_TOLERANCE = 1e-6


def check_services(tables: Tables) -> Iterator[Problem]:
    """The services of an item share out its working time, and its row in `rack_economics` says what it costs."""
    priced = {row.item for row, _ in tables.of(RackEconomics)}
    totals: dict[str, float] = defaultdict(float)
    last: dict[str, Place] = {}
    for row, place in tables.of(Service):
        totals[row.item] += row.share
        if row.item not in priced and row.item not in last:
            rule = "an item with services needs a row in 'rack_economics'"
            yield place.problem("item", rule, row.item, "add the row, with what such a rack costs")
        last[row.item] = place
    for item, total in totals.items():
        if abs(total - 1) > _SHARE_TOLERANCE:
            rule = f"the shares of the services of {item} must add up to 1"
            yield last[item].problem("share", rule, f"{total:.6g}", "change the shares of its services")


def check_served(tables: Tables) -> Iterator[Problem]:
    """What a rack costs is asked for because of what it serves."""
    serving = {row.item for row, _ in tables.of(Service)}
    for row, place in tables.of(RackEconomics):
        if row.item not in serving:
            rule = "an item with economics needs a row in 'services'"
            yield place.problem("item", rule, row.item, "add what it serves, or remove the row")
