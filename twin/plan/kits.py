"""Clear to build: which racks have all their parts in the coming weeks, and which item is short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twin.disrupt.record import Availability
from twin.model.order_book import OrderLine
from twin.model.state import State
from twin.model.units import WEEK_S
from twin.network.levels import kit_of
from twin.network.record import Network
from twin.plan.frame import Frame, Place, plan_frame
from twin.plan.lags import Shares, completion_shares
from twin.plan.linear import Reals
from twin.plan.passages import lane_passage, process_passage
from twin.plan.pipeline import opening_stock, pipeline_receipts
from twin.plan.promises import ROUNDING
from twin.plan.record import Series, SupplyPlan

KIT_WEEKS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Kits:
    """Full kits of a rack at a site by the end of a week, all counted from the start of the plan.

    `wanted`: racks the plan starts by then, and the site's part of those it is late with.
    `full`: kits of all inputs out of opening stock and planned receipts, less what other
    racks there use. `blocked`: wanted racks without a full kit; `short`: the scarcest
    input where any is blocked, else empty.
    """

    site: str
    item: str
    week: int
    ends_s: int
    wanted: float
    full: float
    short: str
    blocked: float


def clear_to_build(
    network: Network, availability: Availability, state: State, orders: Sequence[OrderLine], plan: SupplyPlan
) -> tuple[Kits, ...]:
    """Kits by integration site, item and week for the first eight weeks, from a plan and the state it began with.

    A rack whose inputs are racks already (one accepted at a campus) needs no kit. Late racks
    are shared over the sites in proportion to what the plan starts there in all.
    """
    frame = plan_frame(network, availability, state, orders, plan.edges_s, "operational")
    receipts = _receipts(frame, state, plan)
    racks = network.one_by_one
    kits = []
    for place in sorted({(site, item) for _, site, item in network.routing}):
        inputs = kit_of(network, *place)
        if not inputs or any(part in racks for part, _ in inputs):
            continue
        # What was wanted and late stays wanted once it is served.
        wanted = np.maximum.accumulate(_cumulative(_starts(frame, plan, place)) + _late_part(frame, plan, place))
        supply = {part: _left_for(frame, plan, receipts, place, part) / quantity for part, quantity in inputs}
        kits += [_kits(plan, place, week, wanted, supply) for week in range(1, _weeks(plan) + 1)]
    return tuple(kits)


def _weeks(plan: SupplyPlan) -> int:
    return min(KIT_WEEKS, int((plan.edges_s[-1] - plan.edges_s[0]) // WEEK_S))


def _kits(plan: SupplyPlan, place: Place, week: int, wanted: Reals, supply: dict[str, Reals]) -> Kits:
    ends_s = plan.starts_s + week * WEEK_S

    def at_week(cumulative: Reals) -> float:
        return float(np.interp(ends_s, plan.edges_s, cumulative))

    full = {part: at_week(units) for part, units in supply.items()}
    short = min(sorted(full), key=lambda part: full[part])
    blocked = max(at_week(wanted) - full[short], 0.0)
    return Kits(
        site=place[0],
        item=place[1],
        week=week,
        ends_s=ends_s,
        wanted=at_week(wanted),
        full=max(full[short], 0.0),
        short=short if blocked > ROUNDING else "",
        blocked=blocked if blocked > ROUNDING else 0.0,
    )


def _receipts(frame: Frame, state: State, plan: SupplyPlan) -> Reals:
    """Cumulative supply by place at every edge of the plan: opening stock, pipeline, completions, arrivals."""
    came = pipeline_receipts(frame, state)
    for key in frame.makers:
        shares = completion_shares(process_passage(frame, key), frame.edges)
        _add(came[frame.places[key[1], key[2]]], shares, plan.production[key])
    for flow in frame.flows:
        shares = completion_shares(lane_passage(frame, flow.lane), frame.edges)
        _add(came[frame.places[flow.destination, flow.item]], shares, plan.shipments[flow.lane, flow.item])
    opening = opening_stock(frame, state)
    came = np.concatenate((opening[:, None], came), axis=1)
    return np.asarray(np.cumsum(came, axis=1), np.float64)


def _add(came: Reals, shares: Shares, series: Series) -> None:
    np.add.at(came, shares.end, series[shares.start] * shares.share)


def _left_for(frame: Frame, plan: SupplyPlan, receipts: Reals, place: Place, part: str) -> Reals:
    """Cumulative supply of a part at a site, less what other items there use of it and what leaves again."""
    site, item = place
    if (site, part) in frame.unlimited:
        return np.full(len(frame.edges), np.inf)
    left: Reals = receipts[frame.places[site, part]].copy()
    for key in frame.makers:
        quantity = dict(frame.network.inputs_of(key)).get(part, 0.0)
        if key[1] == site and key[2] != item and quantity:
            left -= quantity * _cumulative(plan.production[key])
    for flow in frame.flows:
        if (flow.origin, flow.item) == (site, part):
            left -= _cumulative(plan.shipments[flow.lane, flow.item])
    return left


def _starts(frame: Frame, plan: SupplyPlan, place: Place) -> Series:
    series = [plan.production[key] for key in sorted(frame.network.made_at[place])]
    return np.asarray(np.sum(series, axis=0), np.float64)


def _late_part(frame: Frame, plan: SupplyPlan, place: Place) -> Reals:
    """The site's part of late racks, by its part of all starts of the item in the plan."""
    item = place[1]
    all_starts = sum(float(plan.production[key].sum()) for key in sorted(frame.network.makers[item]))
    part = float(_starts(frame, plan, place).sum()) / all_starts if all_starts else 0.0
    late = np.zeros(frame.buckets)
    for (_, _, wanted), units in plan.backlog.items():
        late += frame.content.get(wanted, {}).get(item, 0.0) * units
    return np.concatenate(([0.0], part * late))


def _cumulative(series: Series) -> Reals:
    return np.concatenate(([0.0], np.cumsum(series)))
