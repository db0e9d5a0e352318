"""The way of each rack from its order to its first token, by its milestones in the log, and what work on it takes.

A site of demand is `site`, every other place where racks are worked on is `factory`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from twin.metrics.rows import Floats, Rows, Whole, lookup

if TYPE_CHECKING:
    from twin.metrics.view import View
    from twin.network.record import Network

STAGES = (
    "order",
    "parts",
    "factory work",
    "factory wait",
    "freight",
    "dock and power",
    "site work",
    "site wait",
    "online",
)
"""Of a rack's time from its order to its first token, in their order."""

ByStep = Mapping[tuple[str, str], float]
"""By step `SITE/NAME` and item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementTerms:
    """What a log does not say of the work on racks."""

    hours: ByStep = field(default_factory=dict)
    """Mean hours of a step."""
    rework_hours: ByStep = field(default_factory=dict)
    """Mean hours of its rework."""
    crew_hours: ByStep = field(default_factory=dict)
    """The same hours times the units of attended resources, such as technicians."""
    configured: frozenset[str] = frozenset()
    """Items that are made for a customer's configuration."""
    conversion_hours: Mapping[str, float] = field(default_factory=dict)
    """By item that can be made into one of another configuration: mean hours."""


def placement_terms(network: Network) -> PlacementTerms:
    """The terms of a network."""
    hours: dict[tuple[str, str], float] = {}
    rework: dict[tuple[str, str], float] = {}
    crew: dict[tuple[str, str], float] = {}
    for key, steps in network.routing.items():
        for row in steps:
            step = (f"{key[1]}/{row.name}", key[2])
            people = sum(need.amount for need in network.seizes.get((key, row.step), ()) if need.attended)
            hours[step] = row.hours.mean
            crew[step] = row.hours.mean * people
            rework[step] = row.rework_hours.mean if row.rework_hours is not None else 0.0
    return PlacementTerms(
        hours=hours,
        rework_hours=rework,
        crew_hours=crew,
        configured=frozenset(name for name, item in network.items.items() if item.customer_config),
        conversion_hours={name: item.conversion_hours for name, item in network.items.items() if item.convertible_to},
    )


class Ways:
    """The milestones of each rack that went online in the report window, in seconds; NaN where the log has none."""

    def __init__(self, view: View) -> None:
        self._view = view
        online, accepted, ordered = view.of("online"), view.all("accepted"), view.all("ordered")
        self.racks, self.online_s = online.parent, online.time_s
        placed = np.where(np.isnan(ordered.since_s), ordered.time_s, ordered.since_s)
        self.placed_s = lookup(ordered.order, placed, online.order)
        self.accepted_s = lookup(accepted.parent, accepted.time_s, self.racks)
        docked, started = self._own("docked"), self._own("started")
        self.sent_s = lookup(docked.parent, docked.since_s, self.racks)
        self.docked_s = lookup(docked.parent, docked.time_s, self.racks)
        at_site = self._at_demand[started.place]
        here, there = started.where(at_site), started.where(~at_site)
        self.taken_up_s = lookup(here.parent, here.time_s, self.racks)
        # Read backwards, the first start of a rack that goes through several states is the one that counts.
        first = there.cells[::-1]
        begun = Rows(first)
        self.begun_s = lookup(begun.parent, begun.time_s, self.racks)
        self.wanted_s = np.minimum(lookup(begun.parent, begun.since_s, self.racks), self.begun_s)
        self._started = started

    @cached_property
    def _at_demand(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """By position: whether a place is a process at a site of demand; a last entry, for -1, says no."""
        sites = self._view.facts.demand_sites
        return np.array([*(site_of(name) in sites for name in self._view.log.places), False])

    def _own(self, event: str) -> Rows:
        rows = self._view.all(event)
        return rows.where((rows.unit >= 0) & np.isin(rows.parent, self.racks))

    def worked_s(self, *, at_site: bool) -> Floats:
        """Seconds of each rack in steps, standstills within them included, at the factories or at its own site."""
        site_names = [site_of(name) for name in self._view.log.places]
        number = {name: at for at, name in enumerate(dict.fromkeys(site_names))}
        sites: Whole = np.array([*(number[name] for name in site_names), -1])
        started = self._started.where(self._at_demand[self._started.place] == at_site)
        steps = self._view.all("step")
        steps = steps.where(steps.unit >= 0)
        # Serials are of an order and a unit; a rack keeps its own from a start at a site to the end of its work there.
        serials = np.unique(np.concatenate((started.serial, steps.serial)), return_inverse=True)[1]
        keys = serials * (len(number) + 1) + sites[np.concatenate((started.place, steps.place))]
        came, did = keys[: len(started)], keys[len(started) :]
        spent = np.bincount(did, weights=steps.time_s - steps.since_s, minlength=int(keys.max(initial=0)) + 1)
        total = defaultdict[int, float](float)
        for rack, seconds in zip(started.parent.tolist(), spent[came].tolist(), strict=True):
            total[rack] += seconds
        return np.array([total.get(rack, 0.0) for rack in self.racks.tolist()])

    def stages_s(self) -> dict[str, Floats]:
        """Seconds of each stage; together they are the time from order to token of every rack."""
        factory, site = self.worked_s(at_site=False), self.worked_s(at_site=True)
        return {
            "order": self.wanted_s - self.placed_s,
            "parts": self.begun_s - self.wanted_s,
            "factory work": factory,
            "factory wait": self.sent_s - self.begun_s - factory,
            "freight": self.docked_s - self.sent_s,
            "dock and power": self.taken_up_s - self.docked_s,
            "site work": site,
            "site wait": self.accepted_s - self.taken_up_s - site,
            "online": self.online_s - self.accepted_s,
        }

    def frozen_s(self) -> Floats:
        """When the configuration of each rack was fixed: the first start of a state made for one, else of any."""
        configured = self._view.is_item(self._view.facts.placement.configured)
        started = self._started
        fixed = started.where(configured[started.item])
        chosen = Rows((fixed if len(fixed) else started).cells[::-1])
        # Of a rack that was begun before the log, it cannot be known.
        return np.where(np.isfinite(self.begun_s), lookup(chosen.parent, chosen.time_s, self.racks), np.nan)


def site_of(place: str) -> str:
    """The site of a `process:P@S` or `step:S/NAME`; blank of others."""
    kind, _, name = place.partition(":")
    return name.rpartition("@")[2] if kind == "process" else name.partition("/")[0] if kind == "step" else ""
