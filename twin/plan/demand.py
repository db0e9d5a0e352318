"""What customers want by when: orders and streams of demand, added up over the buckets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twin.model.order_book import OrderLine
from twin.model.profile import StepProfile
from twin.model.rows_demand import Demand
from twin.model.units import DAY_S, WEEK_S
from twin.model.world import World
from twin.plan.buckets import Edges, area_to
from twin.plan.linear import Reals

EARLY_S = 4 * WEEK_S
"""An order may be served so long before it is due, not earlier."""
ALWAYS_S = -100 * 52 * WEEK_S
MIDDLE_PRIORITY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Orders of one customer, site, item and priority. Units are cumulative from the plan's start.

    `due`: due by the end of each bucket. `open`: may be served by the end of each bucket.
    `orders`: by due time, then name.
    """

    customer: str
    site: str
    item: str
    priority: int
    due: Reals
    open: Reals
    orders: tuple[OrderLine, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """As deliveries are told."""
        return (self.customer, self.site, self.item)

    @property
    def weight(self) -> float:
        """Of a rack-week of lateness: each priority counts twice the next."""
        return float(2.0 ** (MIDDLE_PRIORITY - self.priority))


def streams_of(
    world: World,
    orders: Sequence[OrderLine],
    delivered: dict[str, int],
    edges: Edges,
    owed: dict[tuple[str, str, str, int], float],
    by_policy: frozenset[tuple[str, str]] = frozenset(),
) -> tuple[Stream, ...]:
    """Orders less what was delivered of them, and demand at its mean rate from the plan's start on.

    What customers of streams wait for at the start (`owed`, by the fields of a stream) is due then.
    What is due after the last edge and may not be served before it is left out. At places run
    `by_policy` customers are served from when they ask on: orders from their entry.
    """
    grouped: dict[tuple[str, str, str, int], list[OrderLine]] = defaultdict(list)
    for order in orders:
        if order.due_s <= edges[-1] + EARLY_S:
            grouped[order.customer, order.site, order.item, order.priority].append(order)
    flowing: dict[tuple[str, str, str, int], list[Demand]] = defaultdict(list)
    for demand in world.demand:
        flowing[demand.customer, demand.site, demand.item, demand.priority].append(demand)
    streams = []
    for key in sorted(grouped.keys() | flowing.keys()):
        lines = tuple(sorted(grouped.get(key, ()), key=lambda line: (line.due_s, line.order)))
        ends = edges[1:].astype(np.float64)
        due = _ordered(lines, delivered, ends) + _flowed(world, flowing.get(key, ()), edges[0], ends)
        early = ends + EARLY_S
        # Before `starts` nothing is served that falls due after it: day one owes the whole order book.
        early = np.where(ends <= 0, np.minimum(early, 0.0), early)
        may = _ordered(lines, delivered, early) + _flowed(world, flowing.get(key, ()), edges[0], early)
        if key[1:3] in by_policy:
            may = _asked(lines, delivered, ends) + _flowed(world, flowing.get(key, ()), edges[0], ends, asked=True)
        if waiting := owed.get(key, 0.0):
            due, may = due + waiting, may + waiting
        customer, site, item, priority = key
        streams.append(
            Stream(customer=customer, site=site, item=item, priority=priority, due=due, open=may, orders=lines)
        )
    return tuple(streams)


def units_open(order: OrderLine, delivered: dict[str, int]) -> int:
    """What is still to be delivered of an order."""
    return max(order.quantity - delivered.get(order.order, 0), 0)


def _ordered(orders: Sequence[OrderLine], delivered: dict[str, int], times: Reals) -> Reals:
    due = np.array([order.due_s for order in orders], np.float64)
    units = np.array([units_open(order, delivered) for order in orders], np.float64)
    total = np.concatenate(([0.0], np.cumsum(units)))
    return total[np.searchsorted(due, times, side="right")]


def _asked(orders: Sequence[OrderLine], delivered: dict[str, int], times: Reals) -> Reals:
    """Units of orders entered so far: those due after `starts` not before it."""
    total = np.zeros(len(times))
    for order in orders:
        entry_s = order.placed_s if order.due_s <= 0 else max(order.placed_s, 1)
        total += np.where(times >= entry_s, units_open(order, delivered), 0)
    return total


def _flowed(world: World, demands: Sequence[Demand], starts_s: int, times: Reals, *, asked: bool = False) -> Reals:
    """Units of streams that fall due from the start of the plan on; that are `asked` for."""
    total = np.zeros(len(times))
    for demand in demands:
        after_s = demand.due_after_days.mean * DAY_S if demand.due_after_days and not asked else 0.0
        rate = _rate(world, demand)
        begin = np.array([float(starts_s)])
        # Only what arises after the start of the plan is known to be open.
        total += np.maximum(area_to(rate, np.maximum(times - after_s, starts_s)) - area_to(rate, begin), 0.0)
    return total


def _rate(world: World, demand: Demand) -> StepProfile:
    """Mean units per second over time; a ramp is cut into days."""
    clock = world.settings.second_of
    per_second = demand.quantity.mean / (demand.every_days.mean * DAY_S)
    begin = clock(demand.from_date) if demand.from_date else ALWAYS_S
    end = clock(demand.to_date) + DAY_S if demand.to_date else None
    steps = [(begin - 1, 0.0), (begin, per_second * _ramp_at(world, demand, begin))]
    if demand.ramp:
        days = range(clock(demand.ramp[0].at), clock(demand.ramp[-1].at) + DAY_S, DAY_S)
        steps += [(day, per_second * _ramp_at(world, demand, day)) for day in days if day > begin]
    if end is not None:
        steps = [step for step in steps if step[0] < end] + [(end, 0.0)]
    return StepProfile.of(steps)


def _ramp_at(world: World, demand: Demand, time_s: int) -> float:
    if not demand.ramp:
        return 1.0
    times = [world.settings.second_of(point.at) for point in demand.ramp]
    return float(np.interp(time_s, times, [point.fraction for point in demand.ramp]))
