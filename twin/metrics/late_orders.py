"""All late orders of a replication with their chains, and the causes they have in common."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

import numpy as np

from twin.events.late_result import LateCause, LateLink, LateOrder, LateOrders
from twin.metrics.late_chain import chain, delay_s
from twin.metrics.late_link import Link
from twin.metrics.late_log import LateLog
from twin.metrics.late_rows import LateLine
from twin.metrics.late_world import LateWorld
from twin.metrics.view import View
from twin.model.units import DAY_S

NO_CAUSE = frozenset({"slack", "small"})
"""Kinds of links that are none: what the plan allows for, and small change."""
FROM_THE_PLAN = frozenset({"plan", "new_plan"})
"""Kinds whose cause is not at the place where it is felt."""


def late_orders(view: View, world: LateWorld) -> LateOrders:
    """Why each order that is late in the log is late, longest times racks first, and what causes cost in rack-days."""
    log = LateLog(view)
    chains = [(line, chain(log, world, line)) for line in log.lines]
    told = [_order(log, world, line, links) for line, links in chains]
    late = {line.code for line in log.lines}
    return LateOrders(
        orders_due=len(log.due_orders),
        orders_late=len(told),
        in_time=sorted(view.log.orders[code] for code in log.due_orders if code not in late),
        orders=sorted(told, key=lambda each: (-each.delay_days * each.late_racks, each.order)),
        causes=causes(chains),
    )


def causes(chains: list[tuple[LateLine, list[Link]]]) -> list[LateCause]:
    """What the links of all late orders have in common, by what and where, most rack-days first.

    A link counts its days for each late rack of its order. What took less than planned is no
    cause; nor is what the plan allows for.
    """
    rack_s: dict[tuple[str, str], float] = defaultdict(float)
    orders: dict[tuple[str, str], set[int]] = defaultdict(set)
    because: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for line, links in chains:
        for link in links:
            if link.seconds <= 0 or link.cause in NO_CAUSE:
                continue
            key = (link.what, "" if link.cause in FROM_THE_PLAN else link.where)
            rack_s[key] += link.seconds * line.late_racks
            orders[key].add(line.code)
            because[key][link.because] += link.seconds
    ranked = sorted(rack_s, key=lambda key: (-rack_s[key], key))
    return [
        LateCause(
            what=what,
            where=where,
            because=max(because[what, where].items(), key=lambda pair: (pair[1], pair[0]))[0],
            orders=len(orders[what, where]),
            rack_days=rack_s[what, where] / DAY_S,
        )
        for what, where in ranked
    ]


def _order(log: LateLog, world: LateWorld, line: LateLine, links: list[Link]) -> LateOrder:
    starts_at = world.network.world.settings.starts_at
    name = log.log.orders[line.code]
    return LateOrder(
        order=name,
        customer=log.view.facts.customer_of.get(name, ""),
        site=line.place.removeprefix("site:"),
        item=line.item,
        quantity=line.quantity,
        late_racks=line.late_racks,
        due=_moment(starts_at, line.due_s),
        promised=_moment(starts_at, line.promised_s),
        accepted="" if line.accepted is None else _moment(starts_at, line.accepted.time_s),
        delay_days=delay_s(log, line) / DAY_S,
        links=[
            LateLink(
                days=link.seconds / DAY_S, what=link.what, where=link.where, because=link.because, cause=link.cause
            )
            for link in links
        ],
    )


def _moment(starts_at: datetime, time_s: float) -> str:
    """A second of the world's clock as ISO date and minute; blank where not known."""
    return "" if np.isnan(time_s) else (starts_at + timedelta(seconds=round(time_s))).strftime("%Y-%m-%dT%H:%M")
