"""Stocks under a policy in the plan: what is asked of them is ordered again, so that each holds its mean position.

Position of a stock: on hand and under way to it, orders placed and not yet begun, less what
is asked for and not yet taken. A policy orders what is asked for, at once or at its next
review, over the one way that it orders by; so the position stays where the policy holds it
on average, and neither money nor need moves it. What hinders the supply keeps orders open.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import gcd

import numpy as np

from twin.model.units import DAY_S
from twin.network.pulled import TO_ORDER
from twin.network.record import Flow
from twin.plan.cost import ORDER_PREFERENCE, begun_usd, held_usd_per_week
from twin.plan.frame import Frame, Place
from twin.plan.lags import Shares, good_fractions
from twin.plan.linear import Indexes, Reals
from twin.plan.pipeline import opening_stock, pipeline_receipts
from twin.plan.program import Program

HELD_TIMES = 2.0
"""What is on open order, or asked for ahead, costs so many times what it costs at most to hold: no money is saved by
it. Much more, and a plan would shift its work to have less on order at the ends of buckets."""
FAR_S = 10_000_000_000
"""Later than all that is under way: three hundred years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """How a stock orders. `position`: held on average, right after a review where there are any (`review_s`).

    `by_card`: it orders what is taken, not what is asked for. `cover`: where above 0, so many
    times what is asked for from one review to the next is held, on average over the plan.
    """

    position: float
    review_s: float
    by_card: bool
    cover: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taker:
    """What draws on a stock, `each` units a start, and has asked for `ahead_each` per unit of its column `ahead`."""

    starts: Indexes
    each: float
    ahead: Indexes | None
    ahead_each: float


def control_of(frame: Frame, place: Place) -> Control:
    """The mean position under the policy of a place, for demand unit by unit.

    Orders of whole lots hold half a lot more on average than is ordered, less what the lot and
    the order have in common; cards that wait for a whole lot half a lot less.
    """
    row = next((row for row in frame.network.world.stock if (row.site, row.item) == place), None)
    policy = row.policy if row is not None and row.policy.kind != "plan" else TO_ORDER
    review_s = row.review_days * DAY_S if row is not None and row.review_days else 0.0
    numbers, lot = policy.parameters, _lot_of(frame, place)
    order, position, cover = 1, numbers[0], 0.0
    if policy.kind == "reorder":
        order, position = int(numbers[1]), numbers[0] + (numbers[1] + 1) / 2
    elif policy.kind == "order_up_to":
        order, position = max(int(numbers[1] - numbers[0]), 1), (numbers[0] + 1 + numbers[1]) / 2
    elif policy.kind == "moving_average":
        position, cover = 0.0, numbers[1]
    surplus = (lot - gcd(order, lot)) / 2
    by_card = policy.kind == "kanban"
    return Control(
        position=position - surplus if by_card else position + surplus, review_s=review_s, by_card=by_card, cover=cover
    )


def _lot_of(frame: Frame, place: Place) -> int:
    source = frame.sources[place]
    is_lot = not isinstance(source, Flow) and not frame.network.is_routed(source)
    return frame.network.processes[source][0].lot_size if is_lot and not isinstance(source, Flow) else 1


def add_policies(program: Program, dollar: float) -> None:
    """Orders of the stocks that a policy controls; `dollar` is what a dollar weighs in the objective.

    Balances must be there. Nothing in a frame that leaves such places free.
    """
    frame = program.frame
    if not frame.sources:
        return
    dear = dollar * HELD_TIMES * held_usd_per_week(frame) + HELD_TIMES * ORDER_PREFERENCE
    for place, source in frame.sources.items():
        endless, scale = np.full(frame.buckets, np.inf), frame.scale(place[1])
        cost = frame.weeks * dear / scale
        # An order costs its money even if it is open at the end, so that nothing is saved by leaving it so.
        cost[-1] += dollar * begun_usd(program, source) / _best_yield(program, place)
        program.open_orders[place] = program.linear.add_columns(endless, cost=cost, scale=scale)
    takers, held = _takers(program, dear), _positions(frame, program)
    for place in frame.sources:
        _Orders(program, place, takers[place], dear).add(held[place])


def _positions(frame: Frame, program: Program) -> dict[Place, float]:
    """By place: on hand and under way to it in the state, however long it takes."""
    start_s = int(frame.edges[0])
    ever = replace(frame, edges=np.array([start_s, start_s + FAR_S]))
    coming = pipeline_receipts(ever, program.state)[:, 0]
    there = opening_stock(frame, program.state)
    return {
        place: float(there[frame.places[place]] + (coming[ever.places[place]] if place in ever.places else 0.0))
        for place in frame.sources
    }


def _takers(program: Program, dear: float) -> dict[Place, list[_Taker]]:
    """All that draws on each place under a policy; the plan's own may ask ahead of what they take."""
    frame = program.frame
    found: dict[Place, list[_Taker]] = {place: [] for place in frame.sources}
    for index, key in enumerate(frame.makers):
        needs = [((key[1], part), quantity) for part, quantity in frame.network.inputs_of(key)]
        for place, taker in _drawing(program, key, (key[1], key[2]), needs, program.released[index], dear):
            found[place].append(taker)
    for index, flow in enumerate(frame.flows):
        needs = [((flow.origin, flow.item), 1.0)]
        way, into = (flow.lane, flow.item), (flow.destination, flow.item)
        for place, taker in _drawing(program, way, into, needs, program.moved[index], dear):
            found[place].append(taker)
    return found


def _drawing(
    program: Program,
    key: tuple[str, ...],
    into: Place,
    needs: list[tuple[Place, float]],
    starts: Indexes,
    dear: float,
) -> list[tuple[Place, _Taker]]:
    """What one process or lane draws on places under a policy: ahead of it are its own open orders, or what it asks."""
    frame = program.frame
    held = [(place, quantity) for place, quantity in needs if place in frame.sources]
    if not held or (starts < 0).all():
        return []
    ahead: Indexes | None = None
    per_unit = 1.0
    if into in frame.sources:
        ahead, per_unit = program.open_orders[into], 1.0 / _best_yield(program, into)
    elif not all(control_of(frame, place).by_card for place, _ in held):
        ahead = _asked_ahead(program, key, into[1], starts, dear)
    return [
        (place, _Taker(starts=starts, each=quantity, ahead=ahead, ahead_each=quantity * per_unit))
        for place, quantity in held
    ]


def _asked_ahead(program: Program, key: tuple[str, ...], item: str, starts: Indexes, dear: float) -> Indexes:
    """Starts of the plan's own for which inputs are asked and that have not begun; what is asked stays asked."""
    frame, linear = program.frame, program.linear
    scale, zero = frame.scale(item), np.zeros(frame.buckets)
    ahead = linear.add_columns(zero + np.inf, cost=frame.weeks * dear / scale, scale=scale)
    rows = linear.add_rows(zero, zero + np.inf, scale=scale)
    linear.add_entries(rows, starts, 1.0)
    linear.add_entries(rows, ahead, 1.0)
    linear.add_entries(rows[1:], ahead[:-1], -1.0)
    program.asked_ahead[key] = ahead
    return ahead


def _yields(program: Program, place: Place) -> Reals:
    """What comes out good of the starts that replenish a place, by bucket of the start."""
    source = program.frame.sources[place]
    if isinstance(source, Flow):
        return good_fractions(program.lane_passages[source.lane], program.frame.edges)
    return good_fractions(program.process_passages[program.frame.makers.index(source)], program.frame.edges)


def _best_yield(program: Program, place: Place) -> float:
    return float(_yields(program, place).max()) or 1.0


class _Orders:
    """The orders of one place: open ones before + ordered = open ones after + begun, in units that come out good."""

    def __init__(self, program: Program, place: Place, takers: list[_Taker], dear: float) -> None:
        self._program, self._place, self._takers, self._dear = program, place, takers, dear
        self._frame, self._linear = program.frame, program.linear
        self._control = control_of(program.frame, place)
        self._scale = program.frame.scale(place[1])

    def add(self, held: float) -> None:
        """The rows; `held` is the position in the state."""
        frame, linear, control = self._frame, self._linear, self._control
        when, first = ordered_in(frame, control.review_s)
        given = np.zeros(frame.buckets)
        np.add.at(given, when.end, self._asked()[when.start] * when.share)
        lacking = control.position - held
        if not control.cover:
            given[first] += max(lacking, 0.0)
        rows = linear.add_rows(given, given, scale=self._scale)
        self._add_begun(rows)
        self._add_taken(rows[when.end], when.start, when.share)
        if control.cover:
            self._add_average(rows, first, held)
        elif lacking < 0:
            self._add_excess(rows, -lacking, given)

    def _asked(self) -> Reals:
        """By customers, which the plan does not decide; under cards only what they take is ordered."""
        asked = np.zeros(self._frame.buckets)
        for stream in self._frame.streams:
            if (stream.site, stream.item) == self._place and not self._control.by_card:
                asked += np.diff(stream.open, prepend=0.0)
        return asked

    def _add_begun(self, rows: Indexes) -> None:
        program, columns = self._program, self._program.open_orders[self._place]
        source = self._frame.sources[self._place]
        if isinstance(source, Flow):
            begun = program.moved[self._frame.flows.index(source)]
        else:
            begun = program.released[self._frame.makers.index(source)]
        self._linear.add_entries(rows, columns, 1.0)
        self._linear.add_entries(rows[1:], columns[:-1], -1.0)
        self._linear.add_entries(rows, begun, _yields(program, self._place))

    def _add_taken(self, rows: Indexes, buckets: Indexes, part: Reals) -> None:
        """Less a part of what is asked in some buckets, each in the row beside it."""
        add = self._linear.add_entries
        later = buckets > 0
        for taker in self._takers:
            add(rows, taker.starts[buckets], -taker.each * part)
            if taker.ahead is not None and not self._control.by_card:
                add(rows, taker.ahead[buckets], -taker.ahead_each * part)
                add(rows[later], taker.ahead[buckets[later] - 1], taker.ahead_each * part[later])
        for stream, served in zip(self._frame.streams, self._program.served, strict=True):
            if (stream.site, stream.item) == self._place and self._control.by_card:
                add(rows, served[buckets], -part)

    def _add_excess(self, rows: Indexes, over: float, given: Reals) -> None:
        """What is held beyond the position is not ordered again.

        Nothing of what customers ask (`given`) is, until it is used up; of what the plan asks, the sooner the better.
        """
        linear = self._linear
        spared, left = self._spared(rows)
        row = linear.add_rows(np.array([over]), np.array([over]), scale=self._scale)
        linear.add_entries(row, spared, 1.0)
        linear.add_entries(row, left, 1.0)
        least = np.minimum(np.cumsum(given), over)
        used_up = linear.add_rows(least, np.full(len(least), np.inf), scale=self._scale)
        for bucket in range(len(least)):
            linear.add_entries(used_up[bucket : bucket + 1].repeat(bucket + 1), spared[: bucket + 1], 1.0)

    def _spared(self, rows: Indexes) -> tuple[Indexes, Indexes]:
        """Units asked for and not ordered, by bucket, and those that are still held beyond the position at the end."""
        cost = self._dear / self._scale * np.concatenate(([0.0], np.cumsum(self._frame.weeks)))
        columns = self._linear.add_columns(np.full(self._frame.buckets + 1, np.inf), cost=cost, scale=self._scale)
        self._linear.add_entries(rows, columns[:-1], 1.0)
        return columns[:-1], columns[-1:]

    def _add_average(self, rows: Indexes, first: int, held: float) -> None:
        """The position is `cover` times what the plan has asked for per review, on average over all of it."""
        frame, linear, scale = self._frame, self._linear, self._scale
        reviews = (frame.edges[-1] - frame.edges[0]) / self._control.review_s
        each = np.full(frame.buckets, self._control.cover / reviews)
        level, lacking = linear.add_columns(np.full((2, 1), np.inf), scale=scale)
        asked = np.array([float((self._asked() * each).sum())])
        mean = linear.add_rows(asked, asked, scale=scale)
        linear.add_entries(mean, level, 1.0)
        self._add_taken(np.repeat(mean, frame.buckets), np.arange(frame.buckets), each)
        spared, left = self._spared(rows)
        start = linear.add_rows(np.array([-held]), np.array([-held]), scale=scale)
        linear.add_entries(start, lacking, 1.0)
        linear.add_entries(start, level, -1.0)
        linear.add_entries(start, spared, -1.0)
        linear.add_entries(start, left, -1.0)
        linear.add_entries(rows[first : first + 1], lacking, -1.0)


def ordered_in(frame: Frame, review_s: float) -> tuple[Shares, int]:
    """When what is asked in each bucket is ordered: then, or at the next review; and the bucket of the first order.

    Reviews are at whole multiples of their period after `starts`, the first one period after
    it. What is ordered after the plan is left out; a first order later than it falls in the last bucket.
    """
    buckets = np.arange(frame.buckets)
    if not review_s:
        return Shares(start=buckets, end=buckets, share=np.ones(frame.buckets)), 0
    edges = frame.edges.astype(np.float64)
    reviews = np.arange(np.floor(edges[0] / review_s), np.ceil(edges[-1] / review_s) + 1) * review_s
    cuts = np.unique(np.concatenate((edges, reviews[(reviews > edges[0]) & (reviews < edges[-1])])))
    middles = (cuts[:-1] + cuts[1:]) / 2
    start = np.searchsorted(edges, middles, side="right") - 1
    end = np.searchsorted(edges, np.ceil(middles / review_s) * review_s, side="right") - 1
    share = np.diff(cuts) / np.diff(edges)[start]
    inside = end < frame.buckets
    pairs, index = np.unique(start[inside] * frame.buckets + end[inside], return_inverse=True)
    sums = np.zeros(len(pairs))
    np.add.at(sums, index, share[inside])
    now_s = max(edges[0], 1.0) if edges[0] >= 0 else edges[0]
    first = int(np.searchsorted(edges, np.ceil(now_s / review_s) * review_s, side="right")) - 1
    return Shares(start=pairs // frame.buckets, end=pairs % frame.buckets, share=sums), min(first, frame.buckets - 1)
