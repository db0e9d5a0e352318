"""What is available when: tables, claims, calendars and disruptions in one set of profiles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.disrupt.effects import Effects
from twin.disrupt.record import Availability, LaneAvailability, ProcessAvailability
from twin.disrupt.resolved import ResolvedDisruption
from twin.model.problems import RunError
from twin.model.profile import StepProfile
from twin.model.steps import ALWAYS
from twin.network.capacity import NormalCapacity
from twin.network.record import Network, ProcessKey


def availability(
    network: Network,
    disruptions: tuple[ResolvedDisruption, ...],
    start_s: int = 0,
    end_s: int | None = None,
) -> Availability:
    """Profiles of every process, resource and lane from `start_s` to `end_s` (blank: as far as plans look).

    `docs/disruptions.md` says what each kind does. A disruption that lasts no time, or that
    hits nothing, leaves every profile as it is. Raises RunError for a quality hold, which
    profiles cannot express.
    """
    _refuse_holds(disruptions)
    end_s = network.world.settings.planned_s if end_s is None else end_s
    normal, effects = NormalCapacity(network, start_s, end_s), Effects(network, disruptions)
    names = normal.resource_names
    return Availability(
        processes={key: _process(normal, effects, key) for key in network.processes},
        resources={name: normal.resource_capacity(name).times(effects.resource_factor(name)) for name in names},
        open_hours={name: normal.resource_open(name) for name in names},
        lanes={lane: _lane(network, effects, lane) for lane in network.lanes},
        shipments_blocked=effects.shipments_blocked(),
        site_frozen={site: effects.site_frozen(site) for site in network.sites},
        change_times_s=effects.change_times_s(),
    )


def _refuse_holds(disruptions: tuple[ResolvedDisruption, ...]) -> None:
    for one in disruptions:
        if one.disruption.kind == "quality_hold":
            raise RunError(
                f"disruption '{one.disruption.name}': a quality hold cannot be run yet; "
                "use shipments_blocked at the sites that hold the item, or scrap, in its place"
            )


def _process(normal: NormalCapacity, effects: Effects, key: ProcessKey) -> ProcessAvailability:
    own = normal.process_limit(key)
    blocked = effects.process_blocked(key)
    if own is None:
        # Without a limit that could be 0, closed hours must block.
        blocked = blocked.combine(normal.process_open(key), _or_closed)
    return ProcessAvailability(
        starts_per_week=_starts(normal, effects, key, own),
        blocked=blocked,
        frozen=effects.process_frozen(key),
        yield_factor=effects.yield_factor(key),
        lead_time_factor=effects.lead_time_factor(key),
        wip_losses=effects.wip_losses(key),
    )


JUST_ABOVE = 1.001
"""On a limit taken over from a shared resource, where nothing lowers it: the resource binds first."""


def _starts(normal: NormalCapacity, effects: Effects, key: ProcessKey, own: StepProfile | None) -> StepProfile | None:
    """The process's limit over time. One limited by its resource alone gets that limit while it is hit itself."""
    left = effects.process_left(key)
    if own is None and left.values.min() < 1:
        own = normal.drawn_limit(key)
        left = left.combine(left, lambda fraction, _: np.where(fraction < 1, fraction, JUST_ABOVE))
    return None if own is None else own.times(left).times(effects.process_surge(key))


def _or_closed(blocked: NDArray[np.float64], opened: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(blocked, 1.0 - opened)


def _lane(network: Network, effects: Effects, lane: str) -> LaneAvailability:
    kilograms = network.lanes[lane].capacity_kg_per_week
    factor = ALWAYS if kilograms is None else effects.lane_factor(lane)
    return LaneAvailability(
        capacity_kg_per_week=None if kilograms is None else StepProfile.constant(kilograms).times(factor),
        closed=effects.lane_closed(lane),
        stopped=effects.lane_stopped(lane),
        transit_factor=effects.transit_factor(lane),
    )
