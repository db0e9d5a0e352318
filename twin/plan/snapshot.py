"""Day one: what the undisrupted world holds at its start, read off a plan that begins long before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from twin.disrupt.record import Availability
from twin.model.order_book import OrderLine
from twin.model.problems import RunError
from twin.model.state import LotInProcess, RackInProcess, Shipment, State
from twin.model.units import DAY_S, HOUR_S, WEEK_S
from twin.network.record import Flow, Network, ProcessKey
from twin.plan.buckets import Edges, values_at
from twin.plan.frame import Frame, Place, plan_frame
from twin.plan.lags import Passage, end_times
from twin.plan.linear import Reals
from twin.plan.make import Planned, plan_over
from twin.plan.passages import lane_passage, process_passage, routing_loads, row_at
from twin.plan.program import Program
from twin.plan.promises import ROUNDING
from twin.plan.record import Series

FINE_WEEKS = 12
"""Weekly buckets before and after the start; four-weekly ones beyond them."""
COARSE_WEEKS = 4
AFTER_WEEKS = 52
LONGEST_WARM_UP_WEEKS = 1040
"""As long as the longest horizon of a world."""
SAMPLES = 64
"""Moments a bucket at which starts are followed to their end."""


def day_one(network: Network, availability: Availability, orders: Sequence[OrderLine], longest_lead_s: int) -> State:
    """The state at second 0 of the undisrupted world, in whole units.

    A plan from `-longest_lead_s` with an empty pipeline serves `orders`, the back-cast ones
    included; those due before the empty pipeline could deliver are left out. Read at 0, at
    mean lead times: stock, lots, racks in their routings and shipments, each evenly spread
    over what is under way. The stock table's `on_hand` overrides. Nothing counts as accepted
    yet; of table orders due before the start, what was served is in `delivered`.
    Raises RunError when the plan cannot be made.
    """
    edges = snapshot_edges(longest_lead_s)
    empty = State(at_s=int(edges[0]))
    earliest_s = _earliest(network, availability, orders, edges)
    reachable = [order for order in orders if order.due_s >= earliest_s(order)]
    planned = plan_over(network, availability, empty, reachable, edges, "operational")
    if not planned.plan.solved:
        raise RunError(f"the day-one snapshot could not be planned: {planned.plan.status}")
    return _state(planned)


def warm_up_s(network: Network, availability: Availability, orders: Sequence[OrderLine]) -> int:
    """How long before the start a snapshot must begin: the longest lead time and twelve weeks, in whole weeks."""
    frame = plan_frame(
        network, availability, State(), orders, np.array([0, network.world.settings.horizon_s]), "operational"
    )
    ready = Program(frame=frame, state=State()).from_nothing_s
    leads = [ready[stream.site, stream.item] for stream in frame.streams]
    # What is shut nearly throughout would take centuries: it is never made, and no snapshot waits for it.
    longest = max((lead for lead in leads if lead < LONGEST_WARM_UP_WEEKS * WEEK_S), default=0.0)
    return (int(longest // WEEK_S) + 1 + FINE_WEEKS) * WEEK_S


def snapshot_edges(longest_lead_s: int) -> Edges:
    """Weekly buckets for twelve weeks before and after 0, four-weekly from `-longest_lead_s` and for a year after.

    Coarse buckets after 0 would let the pipeline at 0 have holes within them.
    """
    coarse = max(-(-(longest_lead_s - FINE_WEEKS * WEEK_S) // (COARSE_WEEKS * WEEK_S)), 0)
    weeks = [-FINE_WEEKS - COARSE_WEEKS * number for number in range(coarse, 0, -1)]
    weeks += [*range(-FINE_WEEKS, FINE_WEEKS), *range(FINE_WEEKS, AFTER_WEEKS + 1, COARSE_WEEKS)]
    return np.array(weeks, np.int64) * WEEK_S


def _earliest(
    network: Network, availability: Availability, orders: Sequence[OrderLine], edges: Edges
) -> Callable[[OrderLine], float]:
    """When an empty pipeline could first deliver an order."""
    frame = plan_frame(network, availability, State(), orders, edges, "operational")
    ready = Program(frame=frame, state=State()).from_nothing_s
    return lambda order: float(edges[0]) + ready.get((order.site, order.item), 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _UnderWay:
    """What is started and not ended at the moment 0: units by the time they still need, soonest first."""

    left_s: Reals
    units: Reals

    @property
    def total(self) -> float:
        return float(self.units.sum())

    def spread(self, pieces: int) -> list[float]:
        """The time that each of so many equal pieces still needs, the middle of its part."""
        middles = (np.arange(pieces) + 0.5) / pieces * self.total
        index = np.searchsorted(np.cumsum(self.units), middles)
        return [float(left) for left in self.left_s[np.minimum(index, len(self.left_s) - 1)]]


class _WholeUnits:
    """Whole units of what is under way; what rounding leaves of one way counts to the next of the same units.

    Else a site that builds few racks in several ways would begin with none of any of them.
    """

    def __init__(self) -> None:
        self._left: dict[Place, float] = defaultdict(float)

    def of(self, place: Place, units: float) -> int:
        """The nearest number to these units and what was left of the ways before, none where there are no units."""
        if units <= ROUNDING:
            return round(units)
        count = max(round(units + self._left[place]), 0)
        self._left[place] += units - count
        return count


def _taken_up(network: Network, flow: Flow) -> Place:
    """What units on a lane become at its end where that is made at several levels, else what they are, by lane."""
    for site, item in network.made_at:
        ways = network.routed_at(site, item) if site == flow.destination else ()
        if len(ways) > 1 and any(flow.item in dict(network.inputs_of(key)) for key in ways):
            return (site, item) if flow.item in network.one_by_one else (flow.lane, flow.item)
    return (flow.lane, flow.item)


def _state(planned: Planned) -> State:
    """The plan at second 0, at mean lead times: what the plan's safety still had under way is in stock."""
    program = planned.program
    mean = replace(program.frame, lead_time_quantile=0.5, with_waits=False)
    early: dict[Place, float] = defaultdict(float)
    lots, racks = _work_in_process(planned, mean, early)
    shipments = _in_transit(planned, mean, early)
    bucket = int(np.searchsorted(planned.plan.edges_s, 0)) - 1
    on_hand = {
        place: float(round(series[bucket] + early[place]))
        for place, series in planned.plan.stock.items()
        if place not in program.frame.unlimited
    }
    on_hand |= {
        (row.site, row.item): row.on_hand for row in program.frame.network.world.stock if row.on_hand is not None
    }
    return State(
        on_hand={place: units for place, units in on_hand.items() if units > 0},
        in_process=tuple(lots),
        in_transit=tuple(shipments),
        racks=tuple(racks),
        delivered=_delivered(planned, bucket),
    )


def _under_way(passage: Passage, edges: Edges, series: Series, yields: bool) -> _UnderWay:
    """Starts before 0 that end after it; `yields` counts what will come out good of them."""
    past = int(np.searchsorted(edges, 0))
    lengths = np.diff(edges[: past + 1])
    parts = (np.arange(SAMPLES) + 0.5) / SAMPLES
    starts = (edges[:past, None] + lengths[:, None] * parts).ravel()
    units = np.repeat(series[:past] / SAMPLES, SAMPLES)
    ends = end_times(passage, starts)
    if yields:
        units = units * values_at(passage.start_yield, starts) * values_at(passage.end_yield, ends)
    inside = (ends > 0) & (units > 0)
    order = np.argsort(ends[inside], kind="stable")
    return _UnderWay(left_s=ends[inside][order], units=units[inside][order])


def _work_in_process(
    planned: Planned, mean: Frame, early: dict[Place, float]
) -> tuple[list[LotInProcess], list[RackInProcess]]:
    """Lots and racks under way; what mean lead times have ended already is added to `early` by place."""
    network, edges = mean.network, mean.edges
    lots: list[LotInProcess] = []
    racks: list[RackInProcess] = []
    whole = _WholeUnits()
    for index, key in enumerate(mean.makers):
        process, site, item = key
        series = planned.plan.production[key]
        passage = process_passage(mean, key)
        early[site, item] += _under_way(planned.program.process_passages[index], edges, series, yields=True).total
        early[site, item] -= _under_way(passage, edges, series, yields=True).total
        inside = _under_way(passage, edges, series, yields=False)
        if network.is_routed(key):
            racks += _racks(planned, mean, key, inside, whole.of((site, item), inside.total))
            continue
        size = row_at(network.processes[key], mean.settings.second_of, 0).lot_size
        lots += [
            LotInProcess(process=process, site=site, item=item, quantity=size, ready_s=round(left_s))
            for left_s in inside.spread(round(inside.total / size))
        ]
    return lots, racks


def _racks(planned: Planned, mean: Frame, key: ProcessKey, inside: _UnderWay, count: int) -> list[RackInProcess]:
    """So many whole racks at the step in which their time left puts them, by turns for the planned destinations."""
    loads, place = routing_loads(mean, key), (key[1], key[2])
    destinations = _by_turns(_outflow(planned, place), count)
    racks = []
    for left_s, destination in zip(inside.spread(count), destinations, strict=True):
        hours = left_s / HOUR_S
        for load in reversed(loads):
            if hours <= load.elapsed_hours or load is loads[0]:
                part = min(hours / load.elapsed_hours, 1.0) if load.elapsed_hours else 0.0
                racks.append(
                    RackInProcess(
                        site=place[0],
                        item=place[1],
                        process=key[0],
                        step=load.step,
                        remaining_s=round(part * load.hours * HOUR_S),
                        destination=destination,
                    )
                )
                break
            hours -= load.elapsed_hours
    return racks


def _outflow(planned: Planned, place: Place) -> dict[str, float]:
    """Planned shipments from a place in the weeks after 0, by destination."""
    plan, lanes = planned.plan, planned.program.frame.network.lanes
    soon = (plan.edges_s[:-1] >= 0) & (plan.edges_s[:-1] < COARSE_WEEKS * WEEK_S)
    going: dict[str, float] = defaultdict(float)
    for (lane, item), series in plan.shipments.items():
        if (lanes[lane].origin, item) == place:
            going[lanes[lane].destination] += float(series[soon].sum())
    return {site: units for site, units in going.items() if units > 0}


def _by_turns(weights: dict[str, float], count: int) -> list[str]:
    """Names in proportion to their weights, each next one to the largest shortfall; empty names without weights."""
    total = sum(weights.values())
    given = dict.fromkeys(weights, 0)
    names = []
    for number in range(1, count + 1):
        if not total:
            names.append("")
            continue
        short = {name: weight / total * number - given[name] for name, weight in weights.items()}
        name = max(sorted(short), key=lambda candidate: short[candidate])
        given[name] += 1
        names.append(name)
    return names


def _in_transit(planned: Planned, mean: Frame, early: dict[Place, float]) -> list[Shipment]:
    """One shipment for each departure still on its way, a departure a day where the lane says nothing."""
    shipments = []
    whole = _WholeUnits()
    for flow in mean.flows:
        series = planned.plan.shipments[flow.lane, flow.item]
        slow, passage = planned.program.lane_passages[flow.lane], lane_passage(mean, flow.lane)
        inside = _under_way(passage, mean.edges, series, yields=True)
        early[flow.destination, flow.item] += _under_way(slow, mean.edges, series, yields=True).total - inside.total
        units = whole.of(_taken_up(mean.network, flow), inside.total)
        if not units:
            continue
        every_s = (mean.network.lanes[flow.lane].departs_every_days or 1.0) * DAY_S
        count = min(max(round(float(inside.left_s[-1]) / every_s), 1), units)
        shares = np.diff(np.round(np.arange(count + 1) * units / count)).astype(int)
        shipments += [
            Shipment(lane=flow.lane, item=flow.item, quantity=int(quantity), arrives_s=round(left_s))
            for quantity, left_s in zip(shares, inside.spread(count), strict=True)
        ]
    return shipments


def _delivered(planned: Planned, bucket: int) -> dict[str, int]:
    """Of table orders due before 0: whole units served by then, filled by due time, then name."""
    own = {row.order for row in planned.program.frame.network.world.orders}
    served: dict[str, int] = {}
    for stream, columns in zip(planned.program.frame.streams, planned.program.total, strict=True):
        left = float(planned.solution.values[columns[bucket]])
        for order in stream.orders:
            units = min(int(left + ROUNDING), order.quantity)
            left -= min(left, order.quantity)
            if order.order in own and order.due_s <= 0 and units:
                served[order.order] = units
    return served
