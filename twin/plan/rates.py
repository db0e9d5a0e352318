"""The rate at which a chain can bring racks: the plan's own limits, without its pipeline.

Every limit is taken at the time at which it serves the racks of a bucket: earlier by the
mean time from its work to the acceptance. With that the programme knows no lead times, no
day one and nothing under way, so that more of a limit counts in full, in every bucket.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

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
from twin.plan.cost import money_weight, price_columns
from twin.plan.demand import Stream, streams_of
from twin.plan.frame import Frame, Place
from twin.plan.lags import Passage
from twin.plan.levels import add_levels
from twin.plan.limit import Limit
from twin.plan.linear import ABSENT, Indexes, Scaled
from twin.plan.make import TIE_BREAK
from twin.plan.passages import lane_passage, process_passage
from twin.plan.program import Program, add_balances, add_flows, add_production
from twin.plan.rate_gates import Gate, GateBuilder, Member
from twin.plan.record import PlanOptions
from twin.plan.service import add_readiness, add_service
from twin.plan.sharing import add_sharing

WEEKS_A_BUCKET = 4
AT_ONCE = StepProfile.constant(0.0)
MOST_RELIEF = 9.0
"""More of a limit than nine times what there is, is never looked for."""


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
    builder = GateBuilder(program)
    for limit in program.limits:
        builder.add(limit)
    builder.add_orders(frame.asked)
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
    _keep_mix(program)
    return program


def wanted_by_family(network: Network, orders: Sequence[OrderLine], finished: Collection[str]) -> dict[str, float]:
    """Units due in the report window by family of finished items; an item without a family is one of its own."""
    wanted: dict[str, float] = defaultdict(float)
    for line in orders:
        if line.item in finished and 0 < line.due_s <= network.world.settings.report_s:
            wanted[family_of(network, line.item)] += line.quantity
    return dict(wanted)


def family_of(network: Network, item: str) -> str:
    """The family of an item; its own name where it has none."""
    return network.items[item].family or item


def _keep_mix(program: Program) -> None:
    """Racks of several families are accepted in the mix that is ordered: one family does not stand for another."""
    frame, linear = program.frame, program.linear
    assert isinstance(frame, _RateFrame)
    wanted = wanted_by_family(frame.network, frame.orders, frame.finished)
    if len(wanted) < 2:
        return
    served = linear.add_columns(np.full(1, np.inf))
    for family, units in sorted(wanted.items()):
        row = linear.add_rows(np.zeros(1), np.zeros(1), scale=max(units, 1.0))
        linear.add_entries(row, served, -units)
        for stream, total in zip(frame.streams, program.total, strict=True):
            if stream.item in frame.finished and family_of(frame.network, stream.item) == family:
                linear.add_entries(row, total[-1:], 1.0)


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
