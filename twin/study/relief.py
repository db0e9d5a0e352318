"""Relief of limits as a patch of the world, with what the world says of their evidence and of what more costs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from twin.events.provenance_parts import SourceEntry
from twin.model.row import Row
from twin.model.scenario import Change
from twin.model.world import World
from twin.plan.linear import Reals
from twin.plan.rate_gates import Gate, Member
from twin.plan.rates import RateProgram

GRADES = ("estimate", "low", "medium", "high")
"""From the weakest on."""
MILLION = 1e6
READINESS_COLUMNS = {
    "power": ("firm_mw", "flexible_mw"),
    "rack positions": ("rack_positions",),
    "cooling": ("cooling_kw",),
}


def bare_name(gate: Gate, member: Member) -> str:
    """What the member's own table calls it: a process, a resource, a lane, or what a datacenter has."""
    if gate.kind == "lane":
        return member.name[: member.name.rindex(" by ")]
    return member.name.removesuffix(f" at {member.site}")


def changes_of_relief(rates: RateProgram, relief: Reals) -> list[Change]:
    """The relief as changes of the world's tables, to the millionth; of limits of one row the largest."""
    found: list[Change] = []
    for gate in rates.gates:
        raised = [(rates.members[number], float(relief[number])) for number in gate.members if relief[number] > 0]
        if gate.is_freed and raised:
            found.append(_freed(gate, raised[0][0]))
        elif gate.kind == "orders" and raised:
            found += _orders(rates, 1.0 + raised[0][1])
        else:
            most: dict[tuple[str, str, str], tuple[Member, float]] = {}
            for member, more in sorted(raised, key=lambda each: each[1]):
                most[member.name, member.site, member.item] = member, more
            found += [
                _raised(gate, member, math.ceil((1.0 + more) * MILLION - 1e-3) / MILLION)
                for member, more in most.values()
            ]
    return found


def _freed(gate: Gate, member: Member) -> Change:
    if gate.kind == "allocation":
        return Change(table="allocations", where={"item": member.item}, set={"transferable": "yes"})
    return Change(table="sourcing", where={"item": member.item}, set={"share_min": 0, "share_max": 1})


def _orders(rates: RateProgram, factor: float) -> list[Change]:
    """Every order, stream and driver of demand for racks asks for so many times as much."""
    frame = rates.program.frame
    world, finished = frame.network.world, sorted(frame.finished)
    tables = (("orders", {row.item for row in world.orders}), ("demand", {row.item for row in world.demand}))
    found = [
        Change(table=table, where={"item": item}, multiply={"quantity": factor})
        for table, items in tables
        for item in finished
        if item in items
    ]
    driven = [Change(table="drivers", multiply={"units_per_week": factor})] if world.drivers else []
    return [*found, *driven]


def _raised(gate: Gate, member: Member, factor: float) -> Change:
    name = bare_name(gate, member)
    if gate.kind == "process":
        where = {"process": name, "site": member.site, "item": member.item}
        return Change(table="processes", where=where, multiply={"capacity_per_week": factor})
    if gate.kind == "resource":
        where = {"site": member.site, "resource": name}
        return Change(table="resources", where=where, multiply={"capacity": factor})
    if gate.kind == "lane":
        return Change(table="lanes", where={"lane": name}, multiply={"capacity_kg_per_week": factor})
    columns = dict.fromkeys(READINESS_COLUMNS[name], factor)
    return Change(table="readiness", where={"site": member.site}, multiply=columns)


def rows_of(world: World, gate: Gate, member: Member) -> list[Row]:
    """The rows of the world that a limit rests on, with those of other claimants."""
    name, site = bare_name(gate, member), member.site
    if gate.kind == "process":
        own: Iterable[Any] = [
            row for row in world.processes if (row.process, row.site, row.item) == (name, site, member.item)
        ]
        claims = [row for row in world.claims if row.item == member.item and row.site in ("", site)]
    elif gate.kind == "resource":
        own = [row for row in world.resources if (row.site, row.resource) == (site, name)]
        claims = [row for row in world.claims if row.resource == name and row.site in ("", site)]
    elif gate.kind == "orders":
        own, claims = [*world.orders, *world.demand], []
    else:
        own, claims = _others(world, gate, member, name), []
    return [*own, *claims]


def _others(world: World, gate: Gate, member: Member, name: str) -> list[Row]:
    if gate.kind == "lane":
        return [row for row in world.lanes if row.lane == name]
    if gate.kind == "readiness":
        return [row for row in world.readiness if row.site == member.site]
    table: Sequence[Any] = world.allocations if gate.kind == "allocation" else world.sourcing
    return [row for row in table if row.item == member.item]


def evidence(world: World, rates: RateProgram, gate: Gate) -> list[SourceEntry]:
    """The sources of all rows that a gate rests on, the weakest grade first."""
    keys = {row.source for number in gate.members for row in rows_of(world, gate, rates.members[number]) if row.source}
    entries = [
        SourceEntry(
            key=row.key, title=row.title, address=row.address, published=row.published, confidence=row.confidence
        )
        for row in world.sources
        if row.key in keys
    ]
    return sorted(entries, key=lambda entry: (GRADES.index(entry.confidence), entry.key))


def cost_of(world: World, gate: Gate, member: Member, more: float) -> tuple[float | None, float | None]:
    """Dollars and days that so much more of a limit takes, in whole steps; None where the world does not say."""
    name = member.item if gate.kind == "process" else bare_name(gate, member)
    rows = [row for row in world.expansions if row.target == name and row.site in ("", member.site)]
    if gate.is_freed or gate.kind == "orders" or not rows:
        return None, None
    row = max(rows, key=lambda each: each.site)
    steps = math.ceil(more / row.step - 1e-9) if row.step else 0
    return (steps * row.step if row.step else more) * row.usd_per_unit, row.lead_days
