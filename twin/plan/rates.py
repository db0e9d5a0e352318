"""The rate at which a chain can bring racks: the plan's own limits, without its pipeline.

Every limit is taken at the time at which it serves the racks of a bucket: earlier by the
mean time from its work to the acceptance. With that the programme knows no lead times, no
day one and nothing under way, so that more of a limit counts in full, in every bucket.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from twin.disrupt.record import Availability, ProcessAvailability
from twin.model.order_book import OrderLine
from twin.model.profile import StepProfile
from twin.model.state import State
from twin.network.layers import onward_times_s, own_time_s
from twin.network.record import Flow, Network, ProcessKey
from twin.plan.allocation import add_allocations
from twin.plan.buckets import plan_edges
from twin.plan.capacity import add_lane_capacity, add_routing_resources, add_shared_lines
from twin.plan.cost import ORDER_PREFERENCE, money_weight, price_columns
from twin.plan.demand import Stream, streams_of
from twin.plan.frame import Frame, Place
from twin.plan.lags import Passage
from twin.plan.levels import add_levels
from twin.plan.limit import Limit
from twin.plan.linear import ABSENT, Indexes, Reals, Scaled
from twin.plan.make import TIE_BREAK
from twin.plan.passages import lane_passage, process_passage
from twin.plan.program import Program, add_balances, add_flows, add_production
from twin.plan.record import PlanOptions
from twin.plan.service import add_readiness, add_service
from twin.plan.sharing import add_sharing

WEEKS_A_BUCKET = 4
AT_ONCE = StepProfile.constant(0.0)
MOST_RELIEF = 9.0
"""More of a limit than nine times what there is, is never looked for."""

GateKind = Literal["process", "resource", "lane", "readiness", "sourcing", "allocation", "orders"]
FREED: tuple[GateKind, ...] = ("sourcing", "allocation")
"""Of these there is no more or less: they hold, or they are given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One limit of a gate, over the buckets of the programme, with the columns by which more of it is had.

    `limit` is in `unit`, `rises` by how much its `rows` rise with as much again of it.
    """

    name: str
    site: str
    item: str
    unit: str
    limit: Reals
    rises: Reals
    rows: Indexes
    columns: Indexes
    begins_s: Indexes
    weeks: Reals
    source: str
    whole: bool
    """Whether there is a whole number of it, such as bays, crews or positions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Like limits of a chain: a kind of line, of cell, of crew, of power, wherever it stands; or the orders."""

    kind: GateKind
    name: str
    members: tuple[int, ...]
    """Positions in the members of the programme."""
    ceiling: int
    """The column that no member of the gate may grow beyond."""

    @property
    def is_freed(self) -> bool:
        """Whether it is given up as a whole, not raised."""
        return self.kind in FREED


@dataclass(frozen=True, slots=True, kw_only=True)
class RateProgram:
    """The programme as the solver sees it, with its limits as rows that may be raised."""

    program: Program
    scaled: Scaled
    members: tuple[Member, ...]
    limits: tuple[Limit, ...]
    """By member; the orders have none, and stand last."""
    gates: tuple[Gate, ...]
    counted: Indexes
    """Columns whose sum is the racks accepted."""


def ways_s(network: Network) -> dict[ProcessKey, int]:
    """By process: the shortest mean time from a start to an accepted rack, in seconds; no waits are in it."""
    onward = onward_times_s(network)
    return {
        key: onward.get((site, item), 0) + own_time_s(network, key)
        for (site, item), keys in network.made_at.items()
        for key in keys
    }


def as_it_serves(network: Network, available: Availability) -> Availability:
    """What is available, later by the time after which it is a part of an accepted rack.

    A resource of a site is later by the shortest way of what is made there; lanes, and conversions, stay.
    """
    ways = ways_s(network)
    by_site: dict[str, int] = {}
    for (_, site, _), way_s in ways.items():
        by_site[site] = min(by_site.get(site, way_s), way_s)
    return replace(
        available,
        processes={key: _later_process(each, ways.get(key, 0)) for key, each in available.processes.items()},
        resources={key: _later(each, by_site.get(key[0], 0)) for key, each in available.resources.items()},
        open_hours={key: _later(each, by_site.get(key[0], 0)) for key, each in available.open_hours.items()},
        site_frozen={site: _later(each, by_site.get(site, 0)) for site, each in available.site_frozen.items()},
    )


def _later_process(available: ProcessAvailability, way_s: int) -> ProcessAvailability:
    starts = available.starts_per_week
    return replace(
        available,
        starts_per_week=None if starts is None else _later(starts, way_s),
        blocked=_later(available.blocked, way_s),
        yield_factor=_later(available.yield_factor, way_s),
    )


def _later(profile: StepProfile, way_s: int) -> StepProfile:
    return StepProfile(profile.times_s + way_s, profile.values)


def rate_program(network: Network, availability: Availability, orders: Sequence[OrderLine]) -> RateProgram:
    """The most racks that can be accepted in the report window, of `orders` due in it.

    `availability` reaches back by the longest of `ways_s`. With the utilisation that the
    operational plan allows itself, and stocks under a policy free.
    """
    settings = network.world.settings
    options = PlanOptions(objective="bound", weekly_buckets=0, coarse_weeks=WEEKS_A_BUCKET, end_s=settings.report_s)
    frame = _RateFrame(
        network=network,
        availability=as_it_serves(network, availability),
        edges=plan_edges(settings, options, 0),
        objective="bound",
        orders=[line for line in orders if 0 < line.due_s <= settings.report_s],
        delivered={},
        careful=True,
    )
    program = _filled(frame)
    lifted = [limit.columns for limit in program.limits if limit.columns is not None]
    builder = _Builder(program)
    for limit in program.limits:
        builder.add(limit)
    builder.add_orders()
    gates = builder.gates()
    totals = [each[-1] for s, each in zip(frame.streams, program.total, strict=True) if s.item in frame.finished]
    scaled = program.linear.scaled()
    upper = scaled.upper.copy()
    for ids in lifted:
        upper[ids[ids != ABSENT]] = np.inf
    return RateProgram(
        program=program,
        scaled=replace(scaled, upper=upper),
        members=tuple(builder.members),
        limits=tuple(builder.limits),
        gates=gates,
        counted=np.array(totals, np.int64),
    )


def _filled(frame: _RateFrame) -> Program:
    """Every column and row of the bound, without what takes time: no finished rack waits for a place."""
    program = _AtOnce(frame=frame, state=State())
    dollar = money_weight(frame) * TIE_BREAK
    goal = np.zeros((len(frame.streams), frame.buckets))
    goal[:, -1] = [-float(stream.item in frame.finished) for stream in frame.streams]
    add_production(program)
    add_flows(program)
    add_service(program, np.zeros_like(goal), goal)
    add_balances(program)
    add_shared_lines(program)
    add_routing_resources(program)
    add_lane_capacity(program)
    add_readiness(program)
    add_allocations(program)
    add_sharing(program, dollar)
    add_levels(program)
    price_columns(program, dollar)
    return program


@dataclass(frozen=True, kw_only=True)
class _RateFrame(Frame):
    """A frame in which orders bind by rows of their own, and no policy runs a stock."""

    @cached_property
    def asked(self) -> tuple[Stream, ...]:
        """What customers want within the window."""
        found = streams_of(self.network.world, self.orders, self.delivered, self.edges, self.owed)
        return tuple(replace(stream, open=np.minimum(stream.open, stream.due[-1])) for stream in found)

    @cached_property
    def streams(self) -> tuple[Stream, ...]:
        network = self.network
        parts = {part for item in network.item_order for part, _ in network.inputs.get(item, ())}
        endless = np.full(self.buckets, np.inf)
        return tuple(s if s.item in parts else replace(s, open=endless) for s in self.asked)

    @cached_property
    def sources(self) -> dict[Place, ProcessKey | Flow]:
        return {}


class _AtOnce(Program):
    """A programme in which everything takes no time."""

    @cached_property
    def process_passages(self) -> tuple[Passage, ...]:
        return tuple(_at_once(process_passage(self.frame, key)) for key in self.frame.makers)

    @cached_property
    def lane_passages(self) -> dict[str, Passage]:
        return {flow.lane: _at_once(lane_passage(self.frame, flow.lane)) for flow in self.frame.flows}


def _at_once(passage: Passage) -> Passage:
    return replace(passage, lead_s=AT_ONCE, frozen=AT_ONCE, losses=())


class _Builder:
    """Turns the limits of a programme into members with columns that raise them, and these into gates."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._linear = program.linear
        self._groups: dict[tuple[GateKind, str], list[int]] = defaultdict(list)
        self.members: list[Member] = []
        self.limits: list[Limit] = []

    def add(self, limit: Limit) -> None:
        """A limit of the plan; one that more of nothing would raise, as of a network that is not there, is passed."""
        if not limit.limit[np.isfinite(limit.limit)].any():
            return
        held = self._of_its_line(self._as_rows(limit))
        assert held.rows is not None
        if not np.any(held.rows != ABSENT):
            return
        rises = np.zeros(len(held.rows))
        if held.kind in FREED:
            columns = self._freeing(held)
        else:
            assert not callable(held.per_unit)
            here = held.rows != ABSENT
            rises[here] = held.limit[here] * held.per_unit[here]
            columns = self._raising(held.rows, rises)
        self.limits.append(held)
        self._keep((held.kind, _name(self._program.frame.network, held)), held, rises, columns)

    def add_orders(self) -> None:
        """What customers ask for of racks is a limit too."""
        frame, linear = self._program.frame, self._linear
        assert isinstance(frame, _RateFrame)
        wanted = [number for number, stream in enumerate(frame.asked) if stream.item in frame.finished]
        rises = np.array([frame.asked[number].open for number in wanted]).reshape(len(wanted), frame.buckets)
        rows = linear.add_rows(np.full(rises.shape, -np.inf), rises)
        linear.add_entries(rows, self._program.total[wanted], 1.0)
        total = rises.sum(axis=0)
        self.members.append(
            Member(
                name="orders",
                site="",
                item="",
                unit="racks",
                limit=total,
                rises=rises.ravel(),
                rows=rows.ravel(),
                columns=self._raising(rows.ravel(), rises.ravel()),
                begins_s=np.tile(frame.edges[:-1], len(wanted)),
                weeks=np.tile(frame.weeks, len(wanted)),
                source=next((row.source for row in frame.network.world.orders), ""),
                whole=False,
            )
        )
        self._groups["orders", "orders"].append(len(self.members) - 1)

    def gates(self) -> tuple[Gate, ...]:
        """The gates, each with its ceiling: a column, and a row for each member that keeps under it."""
        linear = self._linear
        found = []
        for (kind, name), numbers in self._groups.items():
            [ceiling] = linear.add_columns(np.full(1, np.inf)).tolist()
            if kind not in FREED:
                rows = linear.add_rows(np.full(len(numbers), -np.inf), np.zeros(len(numbers)))
                raising = np.array([self.members[number].columns[0] for number in numbers])
                linear.add_entries(rows, raising, 1.0)
                linear.add_entries(rows, np.array([ceiling]), -1.0)
            found.append(Gate(kind=kind, name=name, members=tuple(numbers), ceiling=ceiling))
        return tuple(found)

    def _as_rows(self, limit: Limit) -> Limit:
        """The limit held by rows, where bounds of columns held it."""
        if limit.columns is None:
            return limit
        here = limit.columns != ABSENT
        rows = np.full(len(limit.columns), ABSENT)
        scale = self._program.frame.scale(limit.item)
        upper = (limit.limit * self._program.frame.weeks)[here]
        rows[here] = self._linear.add_rows(np.full(len(upper), -np.inf), upper, scale=scale)
        self._linear.add_entries(rows, limit.columns, 1.0)
        return replace(limit, columns=None, rows=rows, per_unit=self._program.frame.weeks)

    def _of_its_line(self, limit: Limit) -> Limit:
        """The limit of a process that has none of its own is that of its line, by which it is disrupted."""
        network = self._program.frame.network
        rows = [
            row
            for key, found in network.processes.items()
            if limit.kind == "process" and (f"{key[0]} at {key[1]}", key[2]) == (limit.name, limit.item)
            for row in found
        ]
        if not rows or any(row.capacity_per_week is not None for row in rows):
            return limit
        return replace(limit, kind="resource", name=f"{rows[-1].resource} at {limit.site}", item="")

    def _raising(self, rows: Indexes, rises: Reals) -> Indexes:
        columns = self._linear.add_columns(np.full(1, np.inf))
        self._linear.add_entries(rows, columns, -rises)
        return columns

    def _freeing(self, limit: Limit) -> Indexes:
        """A column for each row by which it may be passed."""
        assert limit.rows is not None
        scale = self._program.frame.scale(limit.item)
        columns = self._linear.add_columns(np.full(len(limit.rows), np.inf), cost=ORDER_PREFERENCE / scale, scale=scale)
        least = limit.kind == "allocation" or limit.name.startswith("least")
        self._linear.add_entries(limit.rows, columns, 1.0 if least else -1.0)
        return columns

    def _keep(self, group: tuple[GateKind, str], limit: Limit, rises: Reals, columns: Indexes) -> None:
        assert limit.rows is not None
        self.members.append(
            Member(
                name=limit.name,
                site=limit.site,
                item=limit.item,
                unit=limit.unit,
                limit=limit.limit,
                rises=rises,
                rows=limit.rows,
                columns=columns,
                begins_s=limit.begins_s,
                weeks=limit.weeks,
                source=limit.source,
                whole=self._is_counted(limit),
            )
        )
        self._groups[group].append(len(self.members) - 1)

    def _is_counted(self, limit: Limit) -> bool:
        held = limit.kind == "resource" and _is_held(self._program.frame.network, limit)
        finite = limit.limit[np.isfinite(limit.limit)]
        peak = float(finite.max()) if len(finite) else 0.0
        return (held or limit.unit == "positions") and peak == round(peak)


def _is_held(network: Network, limit: Limit) -> bool:
    """Whether steps hold it, so that it is a number and no weekly rate."""
    return (limit.site, limit.name.removesuffix(f" at {limit.site}")) in network.seized_places


def _name(network: Network, limit: Limit) -> str:
    """What a planner calls the gate to which a limit belongs."""
    bare = limit.name.removesuffix(f" at {limit.site}")
    words = bare.replace("_", " ")
    item = limit.item.replace("_", " ")
    if limit.kind == "process":
        return f"{item} ({words})"
    if limit.kind == "resource" and _is_held(network, limit):
        return f"{words} ({network.sites[limit.site].kind.replace('_', ' ')})"
    if limit.kind == "lane":
        return f"freight {limit.name[limit.name.rindex(' by ') + 1 :]}"
    if limit.kind == "readiness":
        return f"{words} at the datacenters"
    return {"allocation": f"customers' shares of {item}", "sourcing": f"suppliers' shares of {item}"}.get(
        limit.kind, words
    )
