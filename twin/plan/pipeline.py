"""What the state at the start still brings: lots, racks and shipments, by the bucket they come in."""

from __future__ import annotations

import numpy as np

from twin.model.state import RackInProcess, State
from twin.model.units import HOUR_S
from twin.network.record import ProcessKey
from twin.plan.buckets import values_at
from twin.plan.frame import Frame
from twin.plan.lags import Passage, kept, work_ends
from twin.plan.linear import Reals
from twin.plan.passages import lane_passage, process_passage, routing_loads


def opening_stock(frame: Frame, state: State) -> Reals:
    """On hand at the start, by place."""
    return np.array([state.on_hand.get(place, 0.0) for place in frame.places])


def pipeline_receipts(frame: Frame, state: State) -> Reals:
    """Units that come into stock out of what is under way at the start, by place and bucket.

    Lots and racks of an outage come later by its length, less what it scraps; work left is
    `ready_s` (or `arrives_s`) less the moment of the state.
    """
    receipts = np.zeros((len(frame.places), frame.buckets))
    _add_lots(frame, state, receipts)
    _add_racks(frame, state, receipts)
    _add_shipments(frame, state, receipts)
    return receipts


def _add_lots(frame: Frame, state: State, receipts: Reals) -> None:
    by_maker: dict[ProcessKey, list[tuple[float, float]]] = {}
    for lot in state.in_process:
        key = (lot.process, lot.site, lot.item)
        by_maker.setdefault(key, []).append((float(lot.ready_s - state.at_s), float(lot.quantity)))
    for key, lots in by_maker.items():
        place = frame.places.get((key[1], key[2]))
        if place is not None:
            passage = process_passage(frame, key)
            started = values_at(passage.start_yield, np.array([float(state.at_s)]))[0]
            left_s, units = np.array(lots).T
            receipts[place] += _ended(frame, state.at_s, passage, left_s, units * started)


def _add_racks(frame: Frame, state: State, receipts: Reals) -> None:
    by_maker: dict[ProcessKey, list[RackInProcess]] = {}
    for rack in state.racks:
        keys = frame.network.routed_at(rack.site, rack.item)
        if maker := next((key for key in keys if rack.process in ("", key[0])), None):
            by_maker.setdefault(maker, []).append(rack)
    for key, racks in by_maker.items():
        loads = routing_loads(frame, key, at_s=state.at_s)
        after_s = {load.step: sum(x.elapsed_hours for x in loads if x.step > load.step) * HOUR_S for load in loads}
        still = {load.step: float(np.prod([x.passed for x in loads if x.step >= load.step])) for load in loads}
        # Reworks and closed hours stretch what is left of a step as they stretch the step.
        stretch = {load.step: load.elapsed_hours / load.hours if load.hours else 1.0 for load in loads}
        left_s = np.array([rack.remaining_s * stretch[rack.step] + after_s[rack.step] for rack in racks])
        units = np.array([still[rack.step] for rack in racks])
        passage = process_passage(frame, key)
        receipts[frame.places[key[1], key[2]]] += _ended(frame, state.at_s, passage, left_s, units)


def _add_shipments(frame: Frame, state: State, receipts: Reals) -> None:
    by_flow: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for shipment in state.in_transit:
        under_way = (float(shipment.arrives_s - state.at_s), float(shipment.quantity))
        by_flow.setdefault((shipment.lane, shipment.item), []).append(under_way)
    for (lane, item), shipments in by_flow.items():
        place = frame.places.get((frame.network.lanes[lane].destination, item))
        if place is not None:
            left_s, units = np.array(shipments).T
            receipts[place] += _ended(frame, state.at_s, lane_passage(frame, lane), left_s, units)


def _ended(frame: Frame, at_s: int, passage: Passage, left_s: Reals, units: Reals) -> Reals:
    """Units by bucket of their end; what ends beyond the plan is left out."""
    starts = np.full(len(left_s), float(at_s))
    ends = work_ends(passage.frozen, starts, np.maximum(left_s, 0.0))
    good = units * kept(passage.losses, starts - 1.0, ends) * values_at(passage.end_yield, ends)
    bucket = np.maximum(np.searchsorted(frame.edges, ends, side="right") - 1, 0)
    inside = bucket < frame.buckets
    by_bucket = np.zeros(frame.buckets)
    np.add.at(by_bucket, bucket[inside], good[inside])
    return by_bucket
