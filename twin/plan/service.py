"""Deliveries against orders, and what a datacenter can take by date."""

from __future__ import annotations

import numpy as np

from twin.model.rows_demand import Readiness
from twin.plan.limit import Limit
from twin.plan.linear import Indexes, Reals
from twin.plan.program import Program

KW_PER_MW = 1000.0


def add_service(program: Program, late_cost: Reals, goal: Reals) -> None:
    """Deliveries, their running total and what is late, by stream and bucket.

    `late_cost` is per late unit at the end of each bucket, `goal` per unit delivered by then,
    both by stream and bucket. Nothing is delivered before its order may be served.
    """
    frame, linear = program.frame, program.linear
    shape = (len(frame.streams), frame.buckets)
    scale = np.broadcast_to(np.array([[frame.scale(stream.item)] for stream in frame.streams]).reshape(-1, 1), shape)
    due = np.array([stream.due for stream in frame.streams]).reshape(shape)
    may = np.array([stream.open for stream in frame.streams]).reshape(shape)
    program.served = linear.add_columns(np.full(shape, np.inf), scale=scale)
    program.total = linear.add_columns(may, cost=goal, scale=scale)
    program.late = linear.add_columns(np.full(shape, np.inf), cost=late_cost, scale=scale)
    running = linear.add_rows(np.zeros(shape), np.zeros(shape), scale=scale)
    linear.add_entries(running, program.total, 1.0)
    linear.add_entries(running[:, 1:], program.total[:, :-1], -1.0)
    linear.add_entries(running, program.served, -1.0)
    owed = linear.add_rows(due, np.full(shape, np.inf), scale=scale)
    linear.add_entries(owed, program.total, 1.0)
    linear.add_entries(owed, program.late, 1.0)


def add_readiness(program: Program) -> None:
    """Racks accepted at a datacenter since `starts`: within its power, positions, cooling and network."""
    for site in sorted({row.site for row in program.frame.network.world.readiness}):
        rows = [row for row in program.frame.network.world.readiness if row.site == site]
        columns = _accepted_columns(program, site)
        if columns:
            _add_site(program, site, rows, columns)


def _accepted_columns(program: Program, site: str) -> dict[str, list[Indexes]]:
    """Running totals at a site by item, of finished items only: spares take no position."""
    found: dict[str, list[Indexes]] = {}
    for stream, columns in zip(program.frame.streams, program.total, strict=True):
        if stream.site == site and stream.item in program.frame.finished:
            found.setdefault(stream.item, []).append(columns)
    return found


def _add_site(program: Program, site: str, rows: list[Readiness], columns: dict[str, list[Indexes]]) -> None:
    frame = program.frame
    power = {item: frame.network.items[item].power_kw for item in columns}
    second_of = frame.settings.second_of
    ordered = sorted(rows, key=lambda row: second_of(row.from_date) if row.from_date else frame.edges[0])
    holding = [_in_force(program, ordered, int(end_s)) for end_s in frame.edges[1:]]
    racks = dict.fromkeys(columns, 1.0)
    meter = [None if row is None else _meter_mw(row) for row in holding]
    pue = max((row.pue for row in rows), default=1.0)
    _add_limit(program, site, "power", "MW", meter, {item: pue * kw / KW_PER_MW for item, kw in power.items()}, columns)
    positions = [None if row is None else row.rack_positions for row in holding]
    _add_limit(program, site, "rack positions", "positions", positions, racks, columns)
    cooling = [None if row is None else row.cooling_kw for row in holding]
    _add_limit(program, site, "cooling", "kW", cooling, power, columns)
    network = [0.0 if row is not None and not row.network_ready else None for row in holding]
    _add_limit(program, site, "network", "racks", network, racks, columns)


def _in_force(program: Program, rows: list[Readiness], end_s: int) -> Readiness | None:
    second_of = program.frame.settings.second_of
    held = [row for row in rows if row.from_date is None or second_of(row.from_date) < end_s]
    return held[-1] if held else None


def _meter_mw(row: Readiness) -> float | None:
    return None if row.firm_mw is None else row.firm_mw + row.flexible_mw


def _add_limit(
    program: Program,
    site: str,
    what: str,
    unit: str,
    limits: list[float | None] | list[int | None],
    per_rack: dict[str, float],
    columns: dict[str, list[Indexes]],
) -> None:
    """One row a bucket from `starts` on: what was accepted since, times its need, within the limit."""
    frame, linear = program.frame, program.linear
    limit = np.array([np.inf if value is None else float(value) for value in limits])
    limit[frame.edges[1:] <= 0] = np.inf
    bounded = np.isfinite(limit)
    if not bounded.any() or not any(per_rack.values()):
        return
    used = sum(per_rack[item] * program.state.accepted.get((site, item), 0.0) for item in columns)
    room = np.where(bounded, np.maximum(limit - used, 0.0), np.inf)
    ids = np.full(frame.buckets, -1)
    scale = max(per_rack.values())
    ids[bounded] = linear.add_rows(np.full(int(bounded.sum()), -np.inf), room[bounded], scale=scale)
    before = int(np.searchsorted(frame.edges[1:], 0, side="right")) - 1
    for item, streams in columns.items():
        for totals in streams:
            linear.add_entries(ids, totals, per_rack[item])
            if before >= 0:
                linear.add_entries(ids, np.full(frame.buckets, totals[before]), -per_rack[item])
    program.limits.append(
        Limit(
            kind="readiness",
            name=f"{what} at {site}",
            site=site,
            item="",
            unit=unit,
            rows=ids,
            limit=limit,
            per_unit=bounded.astype(np.float64),
            begins_s=frame.edges[:-1],
            weeks=frame.weeks,
            source=_source(program, site),
        )
    )


def _source(program: Program, site: str) -> str:
    return next(row.source for row in program.frame.network.world.readiness if row.site == site)
