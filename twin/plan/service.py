"""Deliveries against orders, and what a datacenter can take by date."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twin.model.rows_demand import Readiness
from twin.model.state import State
from twin.plan.buckets import bucket_means
from twin.plan.limit import Limit, Yielding
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A finished item's racks that hold a place at a datacenter: at the state, and in columns by bucket since."""

    already: float
    columns: Indexes


def add_readiness(program: Program) -> None:
    """Racks that hold a place at a datacenter since `starts`: within its power, positions, cooling and network.

    A rack holds its place from the start of its work there, which needs them, so it is
    accepted that work later. Where an item is not made on site, from its acceptance.
    """
    for site in sorted({row.site for row in program.frame.network.world.readiness}):
        rows = [row for row in program.frame.network.world.readiness if row.site == site]
        # Of finished items only: spares take no position.
        items = sorted({s.item for s in program.frame.streams if s.site == site} & program.frame.finished)
        if items:
            _add_site(program, site, rows, {item: _placed(program, site, item) for item in items})


def _placed(program: Program, site: str, item: str) -> _Placed:
    """Cumulative: what was started and not scrapped on site, less what was delivered before `starts`.

    Where the item is not made on site, what was delivered since `starts`.
    """
    frame, linear = program.frame, program.linear
    makers = [index for index, key in enumerate(frame.makers) if key[1:] == (site, item)]
    columns = linear.add_columns(np.full(frame.buckets, np.inf), scale=frame.scale(item))
    rows = linear.add_rows(np.zeros(frame.buckets), np.zeros(frame.buckets), scale=frame.scale(item))
    linear.add_entries(rows, columns, 1.0)
    linear.add_entries(rows[1:], columns[:-1], -1.0)
    for index in makers:
        kept = bucket_means(program.process_passages[index].start_yield, frame.edges)
        linear.add_entries(rows, program.starts[index], -kept)
    past = frame.edges[1:] <= 0
    counted = past if makers else ~past
    for stream, served in zip(frame.streams, program.served, strict=True):
        if (stream.site, stream.item) == (site, item):
            linear.add_entries(rows[counted], served[counted], 1.0 if makers else -1.0)
    return _Placed(already=_already(program.state, (site, item), made_here=bool(makers)), columns=columns)


def _already(state: State, place: tuple[str, str], *, made_here: bool) -> float:
    """Racks that hold a place at the state: accepted since `starts`; made on site, those in stock and at work too."""
    accepted = state.accepted.get(place, 0.0)
    if not made_here:
        return accepted
    return accepted + state.on_hand.get(place, 0.0) + sum((rack.site, rack.item) == place for rack in state.racks)


def _add_site(program: Program, site: str, rows: list[Readiness], placed: dict[str, _Placed]) -> None:
    frame = program.frame
    power = {item: frame.network.items[item].power_kw for item in placed}
    second_of = frame.settings.second_of
    ordered = sorted(rows, key=lambda row: second_of(row.from_date) if row.from_date else frame.edges[0])
    holding = [_in_force(program, ordered, int(end_s)) for end_s in frame.edges[1:]]
    racks = dict.fromkeys(placed, 1.0)
    meter = [None if row is None else _meter_mw(row) for row in holding]
    pue = max((row.pue for row in rows), default=1.0)
    _add_limit(program, site, "power", "MW", meter, {item: pue * kw / KW_PER_MW for item, kw in power.items()}, placed)
    positions = [None if row is None else row.rack_positions for row in holding]
    _add_limit(program, site, "rack positions", "positions", positions, racks, placed)
    cooling = [None if row is None else row.cooling_kw for row in holding]
    _add_limit(program, site, "cooling", "kW", cooling, power, placed)
    network = [0.0 if row is not None and not row.network_ready else None for row in holding]
    _add_limit(program, site, "network", "racks", network, racks, placed)


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
    placed: dict[str, _Placed],
) -> None:
    """One row a bucket from `starts` on: racks that hold a place, times their need, within the limit."""
    frame, linear = program.frame, program.linear
    limit = np.array([np.inf if value is None else float(value) for value in limits])
    limit[frame.edges[1:] <= 0] = np.inf
    bounded = np.isfinite(limit)
    if not bounded.any() or not any(per_rack.values()):
        return
    used = sum(per_rack[item] * racks.already for item, racks in placed.items())
    room = np.where(bounded, np.maximum(limit - used, 0.0), np.inf)
    ids = np.full(frame.buckets, -1)
    scale = max(per_rack.values())
    ids[bounded] = linear.add_rows(np.full(int(bounded.sum()), -np.inf), room[bounded], scale=scale)
    for item, racks in placed.items():
        linear.add_entries(ids, racks.columns, per_rack[item])
    program.yielding.append(
        Yielding(
            kind="readiness",
            name=f"{what} at {site}",
            site=site,
            item="",
            unit=unit,
            limit=limit,
            reached=lambda _: np.full(frame.buckets, used),
            begins_s=frame.edges[:-1],
            ends_s=frame.edges[1:],
            why="racks that hold a place already need more",
        )
    )
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
            lasting=True,
            already=used,
        )
    )


def _source(program: Program, site: str) -> str:
    return next(row.source for row in program.frame.network.world.readiness if row.site == site)
