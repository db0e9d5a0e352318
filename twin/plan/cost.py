"""What the plan pays for: weights of lateness, and money small enough never to outweigh it."""

from __future__ import annotations

import numpy as np

from twin.model.units import DAYS_PER_YEAR, WEEK_S
from twin.network.record import Flow, ProcessKey
from twin.plan.frame import Frame, Place
from twin.plan.linear import ABSENT, Reals
from twin.plan.program import Program

WEEKS_PER_YEAR = DAYS_PER_YEAR / 7
MONEY_PER_LATENESS = 0.05
"""All that a rack can cost weighs as much as so many rack-weeks of the least lateness."""
HELD_WEEKS = 52.0
"""All that a rack can cost includes what it needs of an item held for so long."""
ORDER_PREFERENCE = 1e-6
"""A last preference among equals, in rack-weeks for a rack equivalent."""
OFF_SHARE = 0.05
"""Leaving a planned share costs this fraction of the item's value."""
SHORTFALL_OF_SHARE = 0.5
"""Going beyond a maximum share while a source is down costs this fraction of the item's value."""
OVERFLOW_WEEKS = 4.0
"""A finished rack without a place weighs as much as so many late racks."""
CONVERSION_WEEKS = 4.0
"""A conversion weighs as much as holding its unit for so long: level production is not worth it, lateness is."""
SMOOTH_WEEKS = 1.0
"""A change of a weekly rate costs as much as holding the difference for so long: a third level, below money."""


def late_weights(frame: Frame) -> Reals:
    """By stream: weight of a late unit for a week, so that the average demanded rack weighs 1."""
    raw = np.array([stream.weight for stream in frame.streams])
    racks = np.array([stream.due[-1] / frame.scale(stream.item) for stream in frame.streams])
    mean = float(np.dot(raw, racks) / racks.sum()) if racks.sum() > 0 else 1.0
    sizes = np.array([frame.scale(stream.item) for stream in frame.streams])
    return np.asarray(raw / mean / sizes, np.float64)


def money_weight(frame: Frame) -> float:
    """Rack-weeks of lateness that a dollar weighs."""
    dearest = dict.fromkeys(frame.per_rack, 0.0)
    for key in frame.makers:
        dearest[key[2]] = max(dearest.get(key[2], 0.0), start_usd(frame, key))
    carried = dict.fromkeys(dearest, 0.0)
    for flow in frame.flows:
        carried[flow.item] = max(carried.get(flow.item, 0.0), flow_usd(frame, flow))
    values = [OFF_SHARE * frame.network.items[item].value_usd for item in dearest if item in frame.network.items]
    made_usd = sum(frame.scale(item) * (usd + carried.get(item, 0.0)) for item, usd in dearest.items())
    rack_usd = max(made_usd, *values, HELD_WEEKS * held_usd_per_week(frame), 1.0)
    weights = late_weights(frame)
    sizes = np.array([frame.scale(stream.item) for stream in frame.streams])
    least = float((weights * sizes).min()) if len(weights) else 1.0
    return MONEY_PER_LATENESS * least / rack_usd


def holding_usd_per_week(frame: Frame) -> dict[Place, float]:
    """By place: what the stock table says a unit held there costs, beside its capital."""
    return {(row.site, row.item): row.holding_usd_per_unit_week for row in frame.network.world.stock}


def held_usd_per_week(frame: Frame) -> float:
    """What one rack needs of an item, held for a week where that costs most."""
    held = holding_usd_per_week(frame)
    weekly = (
        frame.scale(item) * (carrying_usd_per_week(frame, item) + held.get((site, item), 0.0))
        for site, item in frame.places
    )
    return max(weekly, default=0.0)


def start_usd(frame: Frame, key: ProcessKey) -> float:
    """Of a unit started: its cost of making, by the latest row."""
    return frame.network.processes[key][-1].cost_usd_per_unit


def flow_usd(frame: Frame, flow: Flow) -> float:
    """Of a unit sent: freight by mass, and the price of its source."""
    freight = frame.network.lanes[flow.lane].cost_usd_per_kg * frame.network.items[flow.item].mass_kg
    return freight + (flow.sourcing.price_usd if flow.sourcing else 0.0)


def carrying_usd_per_week(frame: Frame, item: str) -> float:
    """Of a unit: its value times the carrying rate."""
    row = frame.network.items.get(item)
    return row.value_usd * frame.settings.carrying_rate_per_year / WEEKS_PER_YEAR if row else 0.0


def begun_usd(program: Program, way: ProcessKey | Flow) -> float:
    """Of a unit started or sent, with the capital that it ties up while it is under way."""
    frame = program.frame
    if isinstance(way, Flow):
        lead_weeks = float(program.lane_passages[way.lane].lead_s.values.mean()) / WEEK_S
        return flow_usd(frame, way) + lead_weeks * carrying_usd_per_week(frame, way.item)
    lead_weeks = float(program.process_passages[frame.makers.index(way)].lead_s.values.mean()) / WEEK_S
    return start_usd(frame, way) + lead_weeks * carrying_usd_per_week(frame, way[2])


def price_columns(program: Program, dollar: float) -> None:
    """The money of starts, shipments and stock, in units of the objective; `dollar` is what a dollar weighs.

    Work in process and goods on the way tie up capital too, so slow ways are not cheaper
    than they are.
    """
    frame, linear = program.frame, program.linear
    for index, key in enumerate(frame.makers):
        usd = begun_usd(program, key)
        tie = ORDER_PREFERENCE * index / len(frame.makers)
        if key in frame.network.conversions:
            usd += CONVERSION_WEEKS * carrying_usd_per_week(frame, key[2])
            tie += CONVERSION_WEEKS * ORDER_PREFERENCE
        linear.price(program.starts[index], dollar * usd + tie / frame.scale(key[2]))
    for index, flow in enumerate(frame.flows):
        usd = begun_usd(program, flow)
        tie = ORDER_PREFERENCE * index / len(frame.flows)
        linear.price(program.moved[index], dollar * usd + tie / frame.scale(flow.item))
    held = holding_usd_per_week(frame)
    for place, index in frame.places.items():
        usd = carrying_usd_per_week(frame, place[1]) + held.get(place, 0.0)
        linear.price(program.stock[index], frame.weeks * (dollar * usd + ORDER_PREFERENCE / frame.scale(place[1])))
    # A unit accepted early ties up as much capital as one in stock, so nothing is made before it is wanted.
    for stream, columns in zip(frame.streams, program.total, strict=True):
        if (stream.site, stream.item) in frame.sources:
            # A policy hands over what it has as soon as it is asked for.
            continue
        usd = carrying_usd_per_week(frame, stream.item)
        linear.price(columns, frame.weeks * (dollar * usd + ORDER_PREFERENCE / frame.scale(stream.item)))


def price_changes(program: Program, dollar: float) -> None:
    """A price on every change of a process's weekly rate, so that production is level among equals."""
    frame, linear = program.frame, program.linear
    between = (frame.weeks[1:] + frame.weeks[:-1]) / 2
    for columns, key in zip(program.starts, frame.makers, strict=True):
        if key in frame.network.conversions or (key[1], key[2]) in frame.sources:
            continue
        _, _, item = key
        scale = frame.scale(item)
        usd = carrying_usd_per_week(frame, item)
        cost = SMOOTH_WEEKS * between * (dollar * usd + ORDER_PREFERENCE / scale)
        live = (columns[1:] != ABSENT) & (columns[:-1] != ABSENT)
        most = np.full(int(live.sum()), np.inf)
        rows = linear.add_rows(np.zeros(len(most)), np.zeros(len(most)), scale=scale)
        linear.add_entries(rows, columns[1:][live], 1.0 / frame.weeks[1:][live])
        linear.add_entries(rows, columns[:-1][live], -1.0 / frame.weeks[:-1][live])
        linear.add_entries(rows, linear.add_columns(most, cost=cost[live], scale=scale), -1.0)
        linear.add_entries(rows, linear.add_columns(most, cost=cost[live], scale=scale), 1.0)
