"""How long each process and each lane takes, from the tables and what is available when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np

from twin.disrupt.record import LaneAvailability, ProcessAvailability
from twin.model.profile import StepProfile
from twin.model.rows_make import Process
from twin.model.units import DAY_S, HOUR_S, WEEK_S
from twin.network.record import ProcessKey
from twin.plan.buckets import bucket_means
from twin.plan.frame import Frame
from twin.plan.lags import Passage
from twin.plan.routing import StepLoad, step_loads

ONE = StepProfile.constant(1.0)
FIRST_S = -(10**10)
"""From when on what has no date holds."""


def process_passage(frame: Frame, key: ProcessKey) -> Passage:
    """From the start of a unit at a process to its end: cycle time, or the mean way through the routing."""
    site = key[1]
    rows = frame.network.processes[key]
    second_of = frame.settings.second_of
    available = frame.availability.processes[key]
    is_routed = frame.network.is_routed(key)
    loads = routing_loads(frame, key) if is_routed else ()
    kept = _passed(loads)
    if is_routed:
        factor = frame.settings.flow_factor if frame.with_safety and frame.with_waits else 1.0
        lead_s = by_era(frame, key, lambda at: sum(load.elapsed_hours for load in at) * factor * HOUR_S)
    else:
        lead_s = by_date(rows, second_of, lambda row: _cycle_s(frame, row) + _lot_wait_s(frame, key, row))
    start_yield = by_date(rows, second_of, lambda row: row.yield_fraction * kept)
    if kept < 1 and key in frame.network.curves:
        start_yield = start_yield.times(by_era(frame, key, lambda at: _passed(at) / kept))
    return Passage(
        lead_s=lead_s.times(available.lead_time_factor),
        frozen=_frozen(frame, site, available),
        losses=available.wip_losses,
        start_yield=start_yield,
        end_yield=available.yield_factor,
    )


def _passed(loads: Sequence[StepLoad]) -> float:
    """The part of the units that no step scraps."""
    return float(np.prod([load.passed for load in loads]))


def lane_passage(frame: Frame, lane: str) -> Passage:
    """From departure to arrival; the operational plan adds half the time between departures for waiting."""
    row = frame.network.lanes[lane]
    available = frame.availability.lanes[lane]
    days = frame.typical(row.transit_days)
    waiting_days = (row.departs_every_days or 0.0) / 2 if frame.with_safety else 0.0
    lead_s = available.transit_factor.scaled(days * DAY_S)
    return Passage(
        lead_s=StepProfile(lead_s.times_s, lead_s.values + waiting_days * DAY_S),
        frozen=_stopped(available),
        start_yield=ONE,
        end_yield=ONE,
    )


def routing_loads(frame: Frame, key: ProcessKey, mode: str = "", at_s: float | None = None) -> tuple[StepLoad, ...]:
    """The steps of a process that makes its item one by one, as this plan reckons with them; else none.

    On the average over the modes of a step, or of units that keep a `mode`; as learned by `at_s`, or by the tables.
    """
    steps = frame.network.routing_at(key, at_s)
    rows = {row.step: row for row in steps}
    return step_loads(
        steps,
        lambda step: frame.network.held_in(key, rows[step], mode),
        lambda hours: hours.mean,
        lambda resource: _open_share(frame, key[1], resource),
        frame.network.found_at(key, at_s),
    )


def by_era(
    frame: Frame, key: ProcessKey, value: Callable[[tuple[StepLoad, ...]], float], mode: str = ""
) -> StepProfile:
    """A number of a routing's loads over time: constant where nobody learns."""
    first = value(routing_loads(frame, key, mode))
    if key not in frame.network.curves:
        return StepProfile.constant(first)
    eras = frame.network.eras
    later = [(era.from_s, value(routing_loads(frame, key, mode, era.from_s))) for era in eras]
    return StepProfile.of([(FIRST_S, first), *later])


def by_date(
    rows: Sequence[Process], second_of: Callable[[date], int], value: Callable[[Process], float]
) -> StepProfile:
    """A number of the row that holds at each moment."""
    return StepProfile.of([(second_of(row.from_date) if row.from_date else FIRST_S, value(row)) for row in rows])


def row_at(rows: Sequence[Process], second_of: Callable[[date], int], time_s: int) -> Process:
    """The row that holds at a moment; before the first one, the first."""
    held = [row for row in rows if row.from_date is None or second_of(row.from_date) <= time_s]
    return held[-1] if held else rows[0]


def _cycle_s(frame: Frame, row: Process) -> float:
    return frame.typical(row.cycle_days) * DAY_S if row.cycle_days else 0.0


def _lot_wait_s(frame: Frame, key: ProcessKey, row: Process) -> float:
    """What the operational plan adds because units flow in lots, not as a fluid.

    The first unit waits for its lot to fill, and the lot's receiver for its next lot: half
    a lot's time each at the process, and as much again where the lot is shipped on.
    """
    if not (frame.with_safety and frame.with_waits):
        return 0.0
    own = frame.availability.processes[key].starts_per_week
    rate = _typical_rate(frame, own)
    if row.resource:
        line = _typical_rate(frame, frame.availability.resources[key[1], row.resource])
        rate = min(rate, line / row.resource_per_unit)
    return frame.settings.lot_waits * row.lot_size / rate * WEEK_S if 0 < rate < float("inf") else 0.0


def _typical_rate(frame: Frame, profile: StepProfile | None) -> float:
    """A rate's mean over the plan; infinite without one."""
    if profile is None:
        return float("inf")
    start, end = int(frame.edges[0]), int(frame.edges[-1])
    return profile.integral(start, end) / (end - start)


def _frozen(frame: Frame, site: str, available: ProcessAvailability) -> StepProfile:
    whole_site = frame.availability.site_frozen.get(site)
    return available.frozen if whole_site is None else available.frozen.combine(whole_site, np.maximum)


def _stopped(available: LaneAvailability) -> StepProfile:
    return available.stopped


def _open_share(frame: Frame, site: str, resource: str) -> float:
    """Share of the plan's hours in which a crew works; the bound lets attended work never pause."""
    profile = frame.availability.open_hours.get((site, resource))
    if profile is None or not frame.with_safety:
        return 1.0
    return float(bucket_means(profile, frame.edges[[0, -1]])[0])
