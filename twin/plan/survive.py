"""Time to survive and performance impact of an outage, by a static LP against a stored baseline plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from twin.disrupt.record import Availability
from twin.model.profile import StepProfile
from twin.model.state import State
from twin.model.units import DAY_S
from twin.network.record import Network
from twin.plan.capacity import add_lane_capacity, add_routing_resources, add_shared_lines
from twin.plan.demand import MIDDLE_PRIORITY, Stream
from twin.plan.frame import Frame
from twin.plan.lags import Passage
from twin.plan.linear import Reals
from twin.plan.passages import lane_passage, process_passage
from twin.plan.pipeline import pipeline_receipts
from twin.plan.program import Program, add_balances, add_flows, add_production
from twin.plan.record import SupplyPlan
from twin.plan.service import add_service

STEPS = 8
"""Parts of the outage looked at before the first failure is narrowed down."""
RESOLUTION_S = 1.0
SHORT_RACKS = 1e-6
"""A shortage up to here is rounding."""
AT_ONCE = StepProfile.constant(0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """What an outage does to required deliveries.

    `days`: from its start until one must fail, infinite if none must while it lasts.
    `lost_racks`: required and impossible by its end, in rack equivalents.
    """

    days: float
    lost_racks: float


def time_to_survive(
    network: Network,
    state: State,
    required: SupplyPlan,
    availability: Availability,
    start_s: int,
    end_s: int,
) -> Survival:
    """How long the baseline plan's deliveries can go on in an outage, and how many it must lose.

    Static, after Simchi-Levi et al. (Interfaces 45, 2015): with t the time since `start_s`,
    output of each process is at most what `availability` lets it start until t, stock is
    that of `state` with its pipeline at once (but for what is frozen), lead times are zero
    and every source may be used in full. So it flatters: no real run survives longer than
    its orders' slack beyond this. Raises ValueError when the outage has no length.
    """
    if end_s <= start_s:
        raise ValueError(f"an outage must end after it starts, at {start_s} s; got {end_s} s")
    question = _Question(network=network, state=state, required=required, availability=availability, start_s=start_s)
    lost = question.shortage(end_s)
    return Survival(days=_first_failure(question, end_s) / DAY_S, lost_racks=lost if lost > SHORT_RACKS else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    network: Network
    state: State
    required: SupplyPlan
    availability: Availability
    start_s: int

    def shortage(self, until_s: float) -> float:
        """Least racks required by a moment that cannot be delivered."""
        edges = np.array([self.start_s, until_s])
        frame = _Required(
            network=self.network,
            availability=self.availability,
            edges=edges,
            objective="bound",
            orders=(),
            delivered={},
            required=self._streams(until_s),
        )
        if not frame.streams:
            return 0.0
        program = _Static(frame=frame, state=self.state)
        add_production(program)
        add_flows(program)
        weights = np.array([[1.0 / frame.scale(stream.item)] for stream in frame.streams])
        add_service(program, weights, np.zeros_like(weights))
        add_balances(program)
        add_shared_lines(program)
        add_routing_resources(program)
        add_lane_capacity(program)
        return float(program.linear.solve().value)

    def _streams(self, until_s: float) -> tuple[Stream, ...]:
        """The baseline's deliveries between the start and a moment, as if orders."""
        plan = self.required
        streams = []
        for (customer, site, item), series in sorted(plan.deliveries.items()):
            units = np.array([plan.cumulative(series, until_s) - plan.cumulative(series, self.start_s)])
            if units[0] > 0:
                streams.append(
                    Stream(
                        customer=customer,
                        site=site,
                        item=item,
                        priority=MIDDLE_PRIORITY,
                        due=units,
                        open=units,
                        orders=(),
                    )
                )
        return tuple(streams)


def _first_failure(question: _Question, end_s: int) -> float:
    """Seconds from the start to the first failure: the first step that fails, then narrowed down."""
    moments = [float(moment) for moment in np.linspace(question.start_s, end_s, STEPS + 1)]
    for met, missed in pairwise(moments):
        short = question.shortage(missed)
        if short > SHORT_RACKS:
            return _narrowed(question, met, missed, short) - question.start_s
    return float("inf")


def _narrowed(question: _Question, met: float, missed: float, short: float) -> float:
    """The last moment that can be met between one that is and one that is not.

    Shortage mostly grows along a straight line, so every other guess follows the line back
    to zero; the others halve what is left.
    """
    slope = 0.0
    follow = False
    while missed - met > RESOLUTION_S:
        guess = missed - short / slope if follow and slope > 0 else (met + missed) / 2
        guess = min(max(guess, met + RESOLUTION_S / 2), missed - RESOLUTION_S / 2)
        found = question.shortage(guess)
        if found > SHORT_RACKS:
            slope = (short - found) / (missed - guess)
            missed, short = guess, found
        else:
            met = guess
        follow = not follow
    return met


@dataclass(frozen=True, kw_only=True)
class _Required(Frame):
    """A frame whose demand is given."""

    required: Sequence[Stream]

    @cached_property
    def streams(self) -> tuple[Stream, ...]:
        return tuple(self.required)


class _Static(Program):
    """A programme in which everything takes no time."""

    @cached_property
    def process_passages(self) -> tuple[Passage, ...]:
        return tuple(_at_once(process_passage(self.frame, key)) for key in self.frame.makers)

    @cached_property
    def lane_passages(self) -> dict[str, Passage]:
        return {flow.lane: _at_once(lane_passage(self.frame, flow.lane)) for flow in self.frame.flows}

    @cached_property
    def receipts(self) -> Reals:
        """All of the pipeline that moves, at its goal."""
        whole = pipeline_receipts(_moving(self.frame), _unfrozen(self.frame, self.state))
        return np.asarray(whole.sum(axis=1, keepdims=True), np.float64)


def _at_once(passage: Passage) -> Passage:
    return replace(passage, lead_s=AT_ONCE, frozen=AT_ONCE, losses=())


def _moving(frame: Frame) -> Frame:
    """The frame long enough for the whole pipeline to come out."""
    return replace(frame, edges=np.array([frame.edges[0], np.iinfo(np.int64).max // 2]))


def _unfrozen(frame: Frame, state: State) -> State:
    """The state without what stands still at the start of the outage."""
    available, start_s = frame.availability, float(frame.edges[0])
    frozen = {site for site, profile in available.site_frozen.items() if profile.at(start_s) > 0}
    held = {key for key, process in available.processes.items() if process.frozen.at(start_s) > 0}
    places = {(site, item) for _, site, item in held}
    stopped = {lane for lane, row in available.lanes.items() if row.stopped.at(start_s) > 0}
    return replace(
        state,
        in_process=tuple(
            lot for lot in state.in_process if (lot.process, lot.site, lot.item) not in held and lot.site not in frozen
        ),
        racks=tuple(r for r in state.racks if (r.site, r.item) not in places and r.site not in frozen),
        in_transit=tuple(s for s in state.in_transit if s.lane not in stopped),
    )
