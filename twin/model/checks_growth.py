"""Checks of what more of a capacity costs."""

from __future__ import annotations

from collections.abc import Iterator

from twin.model.problems import Problem, suggestion
from twin.model.rows_growth import Expansion
from twin.model.tables import Tables

OF_DATACENTERS = ("power", "rack positions", "cooling")


def check_expansions(tables: Tables) -> Iterator[Problem]:
    """What is added is there: a resource, an item made, a lane, or what datacenters have."""
    places: dict[str, set[str]] = {}
    for table, column in (("resources", "resource"), ("processes", "item")):
        for row, _ in tables.rows[table]:
            places.setdefault(getattr(row, column), set()).add(row.site)  # type: ignore[attr-defined]
    lanes, ready = tables.known("lanes", "lane"), tables.known("readiness", "site")
    known = {*places, *lanes, *OF_DATACENTERS}
    for row, place in tables.of(Expansion):
        if row.target not in known:
            rule = "target must be a resource, an item that is made, a lane, or what datacenters have"
            yield place.problem("target", rule, row.target, suggestion(row.target, known, ""))
            continue
        here = places.get(row.target, set()) | (ready if row.target in OF_DATACENTERS else set())
        if row.site and row.site not in here:
            rule = f"{row.target} must be at the site named"
            yield place.problem("site", rule, row.site, suggestion(row.site, here, "leave the site out"))
