"""The schedules that new ones replace."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twin.disrupt.record import Availability
from twin.model.profile import StepProfile
from twin.schedule.record import Before, OperationKey, Schedule


@dataclass(frozen=True, slots=True)
class InForce:
    """The schedules of all sites that are followed, and the capacity they reckon with."""

    schedules: tuple[Schedule, ...] = ()
    known: Availability | None = None

    def at(self, site: str, known: Availability, from_s: int) -> Before | None:
        """What they say of a site's racks, and whether `known` is what was known there; None where there are none."""
        if not self.schedules or self.known is None:
            return None
        starts_s: dict[OperationKey, int] = {}
        modes: dict[OperationKey, str] = {}
        elsewhere: set[OperationKey] = set()
        for schedule in self.schedules:
            # A rack made for no order has a number that the next plan may give to another.
            for each in (each for each in schedule.assignments if each.order):
                key = (each.order, each.unit, each.step)
                if schedule.site == site:
                    starts_s[key] = each.start_s
                    modes |= {key: each.mode} if each.mode else {}
                elif each.start_s >= from_s:
                    elsewhere.add(key)
        return Before(
            starts_s=starts_s,
            due_s={rack: due_s for each in self.schedules if each.site == site for rack, due_s in each.due_s.items()},
            elsewhere=frozenset(elsewhere - starts_s.keys()),
            same_floor=_same_floor(self.known, known, site, from_s),
            modes=modes,
        )


def _same_floor(one: Availability, other: Availability, site: str, from_s: int) -> bool:
    """Are capacities, open hours and standstills of a site known alike from a moment on?"""
    still = StepProfile.constant(0.0)
    pairs = [(one.site_frozen.get(site, still), other.site_frozen.get(site, still))]
    for here, there in ((one.resources, other.resources), (one.open_hours, other.open_hours)):
        if here.keys() != there.keys():
            return False
        pairs += [(profile, there[key]) for key, profile in here.items() if key[0] == site]
    return all(_same_from(first, second, from_s) for first, second in pairs)


def _same_from(one: StepProfile, other: StepProfile, from_s: int) -> bool:
    if one is other:
        return True
    times_s = np.union1d(one.times_s, other.times_s)
    moments_s = [from_s, *times_s[times_s > from_s].tolist()]
    return all(one.at(moment_s) == other.at(moment_s) for moment_s in moments_s)
