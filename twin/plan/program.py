"""The supply plan as a linear programme: its columns, and the balance of every item at every site."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from twin.model.profile import StepProfile
from twin.model.state import State
from twin.model.units import WEEK_S
from twin.network.record import Flow, ProcessKey
from twin.plan.buckets import bucket_areas, bucket_means, open_part
from twin.plan.frame import Frame
from twin.plan.lags import Passage, Shares, completion_shares
from twin.plan.limit import Limit, Yielding
from twin.plan.linear import ABSENT, Indexes, LinearProgram, Reals
from twin.plan.passages import lane_passage, process_passage
from twin.plan.pipeline import opening_stock, pipeline_receipts
from twin.plan.reach import first_ends, first_there, last_useful, time_from_nothing

CLOSED = 1.0 - 1e-9
"""A bucket shut for at least this share of its time lets nothing through."""


@dataclass(kw_only=True)
class Program:
    """A plan's programme while it is built. Indexes of columns have a row per thing and a column per bucket.

    `starts`: gross starts by maker, as they take capacity; `released`: as they take inputs and
    come out, the same but where lots are whole. `moved`: departures by flow. `stock`: at the end of a
    bucket, by place. `served`: deliveries by stream; `total`: the same, cumulative; `late`:
    due and not served. `limits` remembers every capacity, to be read after solving.
    """

    frame: Frame
    state: State
    linear: LinearProgram = field(default_factory=LinearProgram)
    starts: Indexes = field(init=False)
    released: Indexes = field(init=False)
    moved: Indexes = field(init=False)
    stock: Indexes = field(init=False)
    served: Indexes = field(init=False)
    total: Indexes = field(init=False)
    late: Indexes = field(init=False)
    limits: list[Limit] = field(default_factory=list)
    yielding: list[Yielding] = field(default_factory=list)
    """Limits that give way where no plan can keep them."""
    open_orders: dict[tuple[str, str], Indexes] = field(default_factory=dict)
    """By place under a policy: ordered and not begun at the end of each bucket, in units that come out good."""
    asked_ahead: dict[tuple[str, ...], Indexes] = field(default_factory=dict)
    """By process or (lane, item) that the plan runs from such places: starts asked for there and not begun."""

    @cached_property
    def opening(self) -> Reals:
        """On hand at the start, by place."""
        return opening_stock(self.frame, self.state)

    @cached_property
    def receipts(self) -> Reals:
        """What the state's pipeline brings, by place and bucket."""
        return pipeline_receipts(self.frame, self.state)

    @cached_property
    def process_passages(self) -> tuple[Passage, ...]:
        """Of every maker."""
        return tuple(process_passage(self.frame, key) for key in self.frame.makers)

    @cached_property
    def lane_passages(self) -> dict[str, Passage]:
        """Of every lane used."""
        return {flow.lane: lane_passage(self.frame, flow.lane) for flow in self.frame.flows}

    @cached_property
    def completions(self) -> tuple[Shares, ...]:
        """When and how much of the starts of every maker comes out."""
        return tuple(completion_shares(passage, self.frame.edges) for passage in self.process_passages)

    @cached_property
    def transits(self) -> dict[str, Shares]:
        """When departures on every lane arrive."""
        return {lane: completion_shares(passage, self.frame.edges) for lane, passage in self.lane_passages.items()}

    @cached_property
    def last_useful(self) -> dict[tuple[str, str], int]:
        """The last bucket in which stock at a place can still reach a customer."""
        return last_useful(self.frame, self.process_passages, self.lane_passages)

    @cached_property
    def first_there(self) -> dict[tuple[str, str], int]:
        """The first bucket in which a unit can be at a place; the number of buckets where in none.

        `starts` and `moved` must be there.
        """
        frame = self.frame
        given = self.receipts.copy()
        given[:, 0] += self.opening
        brought = {flow: self.transits[flow.lane] for flow in frame.flows}
        return first_there(
            frame,
            given,
            [
                (key, ids != ABSENT, out)
                for key, ids, out in zip(frame.makers, self.starts, self.completions, strict=True)
            ],
            [(flow, ids != ABSENT, brought[flow]) for flow, ids in zip(frame.flows, self.moved, strict=True)],
        )

    @cached_property
    def from_nothing_s(self) -> dict[tuple[str, str], float]:
        """The shortest time from an empty pipeline to stock at a place."""
        return time_from_nothing(self.frame, self.process_passages, self.lane_passages)


def add_production(program: Program) -> None:
    """Gross starts, at most what each process may start in the bucket."""
    frame = program.frame
    upper = np.array([_most_starts(frame, key) for key in frame.makers]).reshape(len(frame.makers), frame.buckets)
    useful = [
        _useful(program, passage, (key[1], key[2]), key)
        for key, passage in zip(frame.makers, program.process_passages, strict=True)
    ]
    upper = np.where(np.array(useful).reshape(upper.shape), upper, 0.0)
    scales = np.array([[frame.scale(key[2])] for key in frame.makers]).reshape(-1, 1)
    program.starts = _columns(program.linear, upper, scales)
    program.released = program.starts
    for row, key in enumerate(frame.makers):
        if frame.availability.processes[key].starts_per_week is not None:
            program.limits.append(_process_limit(program, row, key, upper[row]))


def add_flows(program: Program) -> None:
    """Departures of every item on every lane, where the lane is open and the source qualified."""
    frame = program.frame
    upper = np.array([_most_departures(frame, flow) for flow in frame.flows]).reshape(len(frame.flows), frame.buckets)
    useful = [
        _useful(program, program.lane_passages[flow.lane], (flow.destination, flow.item), flow) for flow in frame.flows
    ]
    upper = np.where(np.array(useful).reshape(upper.shape), upper, 0.0)
    scales = np.array([[frame.scale(flow.item)] for flow in frame.flows]).reshape(-1, 1)
    program.moved = _columns(program.linear, upper, scales)


def add_balances(program: Program) -> None:
    """Stock before + made + received = stock after + used + sent + delivered, at every place in every bucket.

    `served` must be there. Items that are always there have no balance.
    """
    frame, linear = program.frame, program.linear
    limited = np.array([place not in frame.unlimited for place in frame.places])
    scales = np.array([[frame.scale(item)] for _, item in frame.places])
    program.stock = np.full((len(frame.places), frame.buckets), ABSENT)
    upper = np.full((int(limited.sum()), frame.buckets), np.inf)
    program.stock[limited] = linear.add_columns(upper, scale=np.broadcast_to(scales[limited], upper.shape))
    given = program.receipts.copy()
    given[:, 0] += program.opening
    rows = np.full(program.stock.shape, ABSENT)
    rows[limited] = linear.add_rows(
        -given[limited], -given[limited], scale=np.broadcast_to(scales[limited], upper.shape)
    )
    linear.add_entries(rows, program.stock, -1.0)
    linear.add_entries(rows[:, 1:], program.stock[:, :-1], 1.0)
    _add_makers(program, rows)
    _add_lanes(program, rows)
    for index, stream in enumerate(frame.streams):
        linear.add_entries(rows[frame.places[stream.site, stream.item]], program.served[index], -1.0)


def _add_makers(program: Program, rows: Indexes) -> None:
    frame, linear = program.frame, program.linear
    for index, key in enumerate(frame.makers):
        _, site, item = key
        columns, shares = program.released[index], program.completions[index]
        linear.add_entries(rows[frame.places[site, item]][shares.end], columns[shares.start], shares.share)
        for part, quantity in frame.network.inputs_of(key):
            linear.add_entries(rows[frame.places[site, part]], columns, -quantity)


def _add_lanes(program: Program, rows: Indexes) -> None:
    frame, linear = program.frame, program.linear
    for index, flow in enumerate(frame.flows):
        columns, shares = program.moved[index], program.transits[flow.lane]
        arrivals = rows[frame.places[flow.destination, flow.item]][shares.end]
        linear.add_entries(arrivals, columns[shares.start], shares.share)
        linear.add_entries(rows[frame.places[flow.origin, flow.item]], columns, -1.0)


def _columns(linear: LinearProgram, upper: Reals, scales: Reals) -> Indexes:
    """Columns where anything may happen, ABSENT elsewhere."""
    live = upper > 0
    ids = np.full(upper.shape, ABSENT)
    ids[live] = linear.add_columns(upper[live], scale=np.broadcast_to(scales, upper.shape)[live])
    return ids


def _most_starts(frame: Frame, key: ProcessKey) -> Reals:
    available = frame.availability.processes[key]
    if available.starts_per_week is None:
        return np.where(bucket_means(available.blocked, frame.edges) < CLOSED, np.inf, 0.0)
    rate = open_part(available.starts_per_week, available.blocked)
    return bucket_areas(rate, frame.edges) / WEEK_S


def _most_departures(frame: Frame, flow: Flow) -> Reals:
    available = frame.availability
    shut = available.lanes[flow.lane].closed
    for key in ((flow.origin, flow.item), (flow.origin, "")):
        blocked = available.shipments_blocked.get(key)
        shut = shut if blocked is None else shut.combine(blocked, np.maximum)
    shut = shut.combine(_unqualified(frame, flow), np.maximum)
    return np.where(bucket_means(shut, frame.edges) < CLOSED, np.inf, 0.0)


def _unqualified(frame: Frame, flow: Flow) -> StepProfile:
    """1 until the source is qualified."""
    if flow.sourcing is None or flow.sourcing.qualified_from is None:
        return StepProfile.constant(0.0)
    since_s = frame.settings.second_of(flow.sourcing.qualified_from)
    return StepProfile.of([(since_s - 1, 1.0), (since_s, 0.0)])


def _useful(program: Program, passage: Passage, place: tuple[str, str], way: ProcessKey | Flow) -> NDArray[np.bool_]:
    """Buckets from which something can still reach a customer within the plan; a policy orders to the end."""
    frame = program.frame
    if place in frame.sources:
        return np.full(frame.buckets, not frame.is_idle(place, way))
    return np.asarray(first_ends(program.frame, passage) <= program.last_useful.get(place, -1))


def _process_limit(program: Program, row: int, key: ProcessKey, upper: Reals) -> Limit:
    frame = program.frame
    process, site, item = key
    weeks_open = frame.weeks * (1.0 - bucket_means(frame.availability.processes[key].blocked, frame.edges))
    return Limit(
        kind="process",
        name=f"{process} at {site}",
        site=site,
        item=item,
        unit="starts a week",
        columns=program.starts[row],
        limit=upper / frame.weeks,
        per_unit=weeks_open,
        begins_s=frame.edges[:-1],
        weeks=frame.weeks,
        source=frame.network.processes[key][-1].source,
    )
