"""Whose supply it is: what customers and integrators may take of an allocated item."""

from __future__ import annotations

from collections import defaultdict
from functools import partial

import numpy as np

from twin.model.rows_demand import Allocation
from twin.model.units import DAY_S
from twin.plan.buckets import Edges
from twin.plan.limit import Limit
from twin.plan.linear import ABSENT, Indexes, Reals
from twin.plan.program import Program

PERCENT = 0.01


def add_allocations(program: Program) -> None:
    """Each holder of a share takes no more of an item than its share of what was there and came since.

    Customers take with deliveries, integrators with the racks they start; those without a
    row share the rest. Shares that may be transferred freely bind nobody.
    """
    rows: dict[str, list[Allocation]] = defaultdict(list)
    for row in program.frame.network.world.allocations:
        if row.transferable != "yes":
            rows[row.item].append(row)
    for item, own in sorted(rows.items()):
        if program.frame.network.makers.get(item):
            _add_item(program, item, [row for row in own if row.customer], _customers(program), "customer")
            _add_item(program, item, [row for row in own if row.integrator], _integrators(program), "integrator")


Takers = dict[str, list[tuple[str, Indexes]]]
"""By holder: (item taken, columns of what is taken by bucket)."""


def _customers(program: Program) -> Takers:
    takers: Takers = defaultdict(list)
    for stream, columns in zip(program.frame.streams, program.served, strict=True):
        takers[stream.customer].append((stream.item, columns))
    return takers


def _integrators(program: Program) -> Takers:
    """Rack starts by site and by operator, of items whose inputs are not racks themselves."""
    frame = program.frame
    racks = frame.network.one_by_one
    takers: Takers = defaultdict(list)
    for key, columns in zip(frame.makers, program.starts, strict=True):
        _, site, item = key
        parts = {part for part, _ in frame.network.inputs_of(key)}
        if item in racks and not parts & racks:
            takers[site].append((item, columns))
    return takers


def _add_item(program: Program, item: str, rows: list[Allocation], takers: Takers, who: str) -> None:
    """Rows of one item for one kind of holder, the rest included."""
    if not rows:
        return
    shares: dict[str, Reals] = {}
    members: dict[str, list[str]] = {}
    for row in rows:
        holder = row.customer or row.integrator
        part = np.where(_in_force(program, row), row.share, 0.0)
        shares[holder] = shares.get(holder, np.zeros(program.frame.buckets)) + part
        members[holder] = _members(program, holder, takers)
    named = {member for some in members.values() for member in some}
    rest = [holder for holder in takers if holder not in named]
    if rest:
        shares["others"] = np.maximum(1.0 - np.sum(list(shares.values()), axis=0), 0.0)
        members["others"] = rest
    for holder, share in shares.items():
        taken = [entry for member in members[holder] for entry in takers[member]]
        _add_holder(program, item, (holder, who), share, taken, rows[0].source)


def _members(program: Program, holder: str, takers: Takers) -> list[str]:
    """A holder is a customer, a site, or the operator of sites."""
    sites = program.frame.network.sites
    return [name for name in takers if name == holder or (name in sites and sites[name].operator == holder)]


def _in_force(program: Program, row: Allocation) -> np.ndarray:
    edges: Edges = program.frame.edges
    second_of = program.frame.settings.second_of
    begins = second_of(row.from_date) if row.from_date else edges[0]
    ends = second_of(row.to_date) + DAY_S if row.to_date else edges[-1]
    middles = (edges[:-1] + edges[1:]) / 2
    return np.asarray((middles >= begins) & (middles < ends))


def _add_holder(
    program: Program,
    item: str,
    holder: tuple[str, str],
    share: Reals,
    taken: list[tuple[str, Indexes]],
    source: str,
) -> None:
    """Entitlement left = left before + share of what came - what was taken, never below zero."""
    frame, linear = program.frame, program.linear
    name, who = holder
    scale = frame.scale(item)
    left = linear.add_columns(np.full(frame.buckets, np.inf), scale=scale)
    given = np.zeros(frame.buckets)
    given[0] = share[0] * _opening(program, item, racks_too=who == "customer")
    given += share * _receipts(program, item)
    rows = linear.add_rows(-given, -given, scale=scale)
    linear.add_entries(rows, left, -1.0)
    linear.add_entries(rows[1:], left[:-1], 1.0)
    for index, (_, _, made) in enumerate(frame.makers):
        if made == item:
            shares = program.completions[index]
            columns = program.released[index][shares.start]
            linear.add_entries(rows[shares.end], columns, shares.share * share[shares.end])
    for made, columns in taken:
        linear.add_entries(rows, columns, -frame.content.get(made, {}).get(item, 0.0))
    program.limits.append(
        Limit(
            kind="allocation",
            name=f"{name}'s share of {item}",
            site="",
            item=item,
            unit="percentage points",
            rows=rows,
            limit=share / PERCENT,
            per_unit=partial(_one_point, program, item),
            begins_s=frame.edges[:-1],
            weeks=frame.weeks,
            source=source,
        )
    )


def _one_point(program: Program, item: str, values: Reals) -> Reals:
    """A hundredth of what comes of an item in each bucket."""
    made = _receipts(program, item)
    for index, (_, _, output) in enumerate(program.frame.makers):
        if output == item:
            shares, columns = program.completions[index], program.released[index]
            ids = columns[shares.start]
            units = np.where(ids == ABSENT, 0.0, values[ids]) * shares.share
            made = made + np.bincount(shares.end, units, program.frame.buckets)
    return PERCENT * made


def _receipts(program: Program, item: str) -> Reals:
    """What the state's pipeline of the item itself brings at its makers, by bucket."""
    frame = program.frame
    makers = {(site, made) for _, site, made in frame.makers if made == item}
    indexes = [frame.places[place] for place in makers]
    return np.asarray(program.receipts[indexes].sum(axis=0), np.float64)


def _opening(program: Program, item: str, racks_too: bool) -> float:
    """Of an item, all that was there at the start, alone or inside other things."""
    frame, state = program.frame, program.state
    racks = frame.network.one_by_one
    held: dict[str, float] = defaultdict(float)
    for (_, name), units in state.on_hand.items():
        held[name] += units
    for lot in state.in_process:
        if lot.item != item:
            held[lot.item] += lot.quantity
    for shipment in state.in_transit:
        held[shipment.item] += shipment.quantity
    for rack in state.racks:
        held[rack.item] += 1
    content = frame.content
    return sum(
        units * content.get(name, {}).get(item, 0.0) for name, units in held.items() if racks_too or name not in racks
    )
