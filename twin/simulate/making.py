"""Making an item one by one: what it takes, when it may start, what disruptions do to it under way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twin.disrupt.record import ProcessAvailability, WipLoss
from twin.model.profile import StepProfile
from twin.model.rows_make import Process
from twin.model.rows_network import Item
from twin.simulate.gates import RateGate, Stops, Timeline
from twin.simulate.lots import Floor


@dataclass(frozen=True, slots=True)
class Conditions:
    """What disruptions do to units in a routing, or found there.

    `stops` are the spells in which work stands still, `own_stops` those of the process alone,
    without its site's; `lead_time` stretches the steps that
    start then, and of the units that finish then `yields` is the fraction that is good: both
    None where they are 1 throughout. `losses` scrap a part of what is inside.
    """

    stops: Stops
    own_stops: Stops
    lead_time: Timeline | None
    yields: Timeline | None
    losses: tuple[WipLoss, ...]


@dataclass(frozen=True, slots=True)
class Making:
    """A process that makes an item one by one at a site: names, inputs, and when it may start."""

    key: tuple[str, str, str]
    item: Item
    row: Process
    inputs: list[tuple[str, float]]
    gate: RateGate
    not_blocked: Timeline
    conditions: Conditions

    def opens(self, now: int) -> int:
        """The first moment from now on at which a unit may be released."""
        if self.gate.always_open and self.not_blocked.always_positive:
            return now
        return max(self.gate.opens(now), self.not_blocked.first_positive(now))

    def stock_inputs(self, floor: Floor) -> list[tuple[int, int, float]]:
        """Of each input: its stock, its code in the log, and how much a unit takes."""
        site = self.key[1]
        return [(floor.stocks.index(site, name), floor.log.item(name), quantity) for name, quantity in self.inputs]

    def place(self, floor: Floor) -> int:
        """The process in the log."""
        return floor.log.place(f"process:{self.key[0]}@{self.key[1]}")


def conditions_of(available: ProcessAvailability, site_frozen: StepProfile) -> Conditions:
    """The conditions of a process at a site; a site that stands still stops all its routings."""
    without_site = available.frozen.combine(site_frozen, lambda own, site: own * (1.0 - site))
    return Conditions(
        Stops(site_frozen, available.frozen),
        Stops(without_site),
        unless_one(available.lead_time_factor),
        unless_one(available.yield_factor),
        available.wip_losses,
    )


def unless_one(profile: StepProfile) -> Timeline | None:
    """A factor over time; None where it is 1 throughout, as nearly all are."""
    return None if bool(np.all(profile.values == 1)) else Timeline(profile)


def inverse(profile: StepProfile) -> StepProfile:
    """1 where a profile of zeros and ones is 0, and 0 where it is 1."""
    return StepProfile(profile.times_s, 1.0 - profile.values)
