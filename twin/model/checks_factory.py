"""Checks of what accepted racks serve and cost, and of the floors that bear them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from twin.model.place import Place
from twin.model.problems import Problem
from twin.model.rows_demand import Demand, Order
from twin.model.rows_factory import RackEconomics, Service
from twin.model.rows_network import Item, Site
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


def check_floors(tables: Tables) -> Iterator[Problem]:
    """What is ordered for a site is not heavier than its floor bears."""
    mass_kg = {row.item: row.mass_kg for row, _ in tables.of(Item)}
    asked: dict[str, set[str]] = defaultdict(set)
    for order, _ in tables.of(Order):
        asked[order.site].add(order.item)
    for stream, _ in tables.of(Demand):
        asked[stream.site].add(stream.item)
    for site, place in tables.of(Site):
        known = asked[site.site].intersection(mass_kg)
        heaviest = max(known, key=lambda name: (mass_kg[name], name), default="")
        if site.floor_kg is not None and heaviest and mass_kg[heaviest] > site.floor_kg:
            rule = f"the floor must bear what is ordered there ({heaviest}, {mass_kg[heaviest]:,.6g} kg)"
            remedy = "strengthen the floor, or order it for another site"
            yield place.problem("floor_kg", rule, f"{site.floor_kg:g}", remedy)


def check_served(tables: Tables) -> Iterator[Problem]:
    """What a rack costs is asked for because of what it serves."""
    serving = {row.item for row, _ in tables.of(Service)}
    for row, place in tables.of(RackEconomics):
        if row.item not in serving:
            rule = "an item with economics needs a row in 'services'"
            yield place.problem("item", rule, row.item, "add what it serves, or remove the row")
