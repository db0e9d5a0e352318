"""Power that tests hold at a site: its curve over time, its peak and mean, the energy of a rack.

Read from the steps of the log: a step holds its kilowatts from its start to its end, work
paused included, at every attempt. Steps that have not ended when the log ends are not in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twin.metrics.rows import Floats, ratio
from twin.model.profile import StepProfile
from twin.model.tariff import HourlyTerms, hourly_terms
from twin.model.units import HOUR_S, HOURS_PER_WEEK, POWER_KW, WEEK_S
from twin.network.capacity import NormalCapacity

if TYPE_CHECKING:
    from twin.metrics.view import View
    from twin.network.record import Network

KWH_PER_MWH = 1000.0

PowerUse = Mapping[tuple[str, str], Mapping[str, float]]
"""By step `SITE/NAME` and item: the kilowatts that a unit holds meanwhile, by resource `SITE/NAME`."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadCurve:
    """Kilowatts held of a resource as steps in time, over the report window."""

    edges_s: Floats
    """n + 1 moments, from 0 to the end of the window."""
    held_kw: Floats
    """n values, each from its edge to the next."""

    @property
    def peak_kw(self) -> float:
        """The most that is held at the same time."""
        return float(self.held_kw.max())

    @property
    def mean_kw(self) -> float:
        """The mean over the window."""
        lengths = np.diff(self.edges_s)
        return float(np.sum(self.held_kw * lengths) / np.sum(lengths))

    def against(self, profile: StepProfile) -> tuple[Floats, Floats, Floats]:
        """Hours, kilowatts held and the values of a profile, in spells in which neither changes."""
        inside = profile.times_s[(profile.times_s > 0) & (profile.times_s < self.edges_s[-1])]
        edges = np.union1d(self.edges_s, inside.astype(np.float64))
        held = self.held_kw[np.searchsorted(self.edges_s, edges[:-1], side="right") - 1]
        return np.diff(edges) / HOUR_S, held, profile.values_at(edges[:-1])

    def by_hour_of_week(self) -> Floats:
        """Mean kilowatts in each of the 168 hours of a week, the first one that in which the window begins."""
        return np.asarray(self._by_hour().mean(axis=0), np.float64)

    def by_week(self) -> Floats:
        """Mean kilowatts in each week of the window."""
        return np.asarray(self._by_hour().mean(axis=1), np.float64)

    def _by_hour(self) -> Floats:
        """Mean kilowatts by week (rows) and hour of the week."""
        hours = np.arange(0.0, self.edges_s[-1] + HOUR_S / 2, HOUR_S)
        area = np.concatenate([[0.0], np.cumsum(self.held_kw * np.diff(self.edges_s))])
        by_hour = np.diff(np.interp(hours, self.edges_s, area)) / HOUR_S
        return np.asarray(by_hour.reshape(-1, HOURS_PER_WEEK), np.float64)


def curve_of(profile: StepProfile, weeks: int) -> LoadCurve:
    """A profile of kilowatts over so many weeks."""
    until_s = float(weeks * WEEK_S)
    inside = profile.times_s[(profile.times_s > 0) & (profile.times_s < until_s)].astype(np.float64)
    edges = np.concatenate([[0.0], inside, [until_s]])
    return LoadCurve(edges, profile.values_at(edges[:-1]))


def all_powered_kw(racks_per_week: float, hours: float, rack_kw: float) -> float:
    """Power if every rack of a steady flow were under load for so many hours: racks a week x hours / 168 x kW.

    Source: Little 1961.
    """
    return racks_per_week * hours / HOURS_PER_WEEK * rack_kw


@dataclass(frozen=True, slots=True, eq=False)
class PowerThere:
    """What a power resource has by the tables, without disruptions, and what its energy costs, if known."""

    installed_kw: StepProfile
    tariff: HourlyTerms | None = None

    @property
    def available_kw(self) -> StepProfile:
        """What its hours leave of it."""
        return self.installed_kw if self.tariff is None else self.installed_kw.times(self.tariff.available_fraction)


def power_there(network: Network) -> dict[str, PowerThere]:
    """By resource `SITE/NAME` in kW or MW, over the report window."""
    world, until_s = network.world, network.world.settings.report_s
    normal = NormalCapacity(network, 0, until_s)
    found: dict[str, PowerThere] = {}
    for (site, name), kilowatts in _kilowatts(network).items():
        found[f"{site}/{name}"] = PowerThere(
            installed_kw=normal.installed((site, name)).scaled(kilowatts),
            tariff=hourly_terms(world, site, name, 0, until_s),
        )
    return found


def _kilowatts(network: Network) -> dict[tuple[str, str], float]:
    """Resources that are power, with the kilowatts in one of their units."""
    return {
        (row.site, row.resource): POWER_KW[row.unit.lower()]
        for row in network.world.resources
        if row.unit.lower() in POWER_KW
    }


def power_use(network: Network) -> PowerUse:
    """What the steps of a network hold of resources in kW or MW; of a step with modes, on the average."""
    factor = _kilowatts(network)
    found: dict[tuple[str, str], dict[str, float]] = {}
    for key, steps in network.routing.items():
        _, site, item = key
        for step in steps:
            held: dict[str, float] = defaultdict(float)
            for need in network.seizes.get((key, step.step), ()):
                if (site, need.resource) in factor:
                    held[f"{site}/{need.resource}"] += need.amount * factor[site, need.resource]
            if held:
                # Two processes of a site that make the item by one routing hold the same at its steps.
                found[f"{site}/{step.name}", item] = dict(held)
    return found


def load_curves(view: View) -> dict[str, LoadCurve]:
    """The curve of every resource in kW or MW that a step held, by resource `SITE/NAME`, in the order of names."""
    begins, ends, amounts = (defaultdict[str, list[Floats]](list) for _ in range(3))
    for resource, kw, start_s, end_s in _holds(view):
        begins[resource].append(start_s)
        ends[resource].append(end_s)
        amounts[resource].append(np.full(len(start_s), kw))
    return {
        name: _curve(view.log.report_s, *(np.concatenate(parts[name]) for parts in (begins, ends, amounts)))
        for name in sorted(begins)
    }


def _holds(view: View) -> Iterator[tuple[str, float, Floats, Floats]]:
    """Resource, kilowatts of one unit, and when units began and ended to hold them."""
    rows = view.all("step")
    places = {name: at for at, name in view.places("step").items()}
    items = {name: at for at, name in enumerate(view.log.items)}
    for (place, item), held in view.facts.power.items():
        if place in places and item in items:
            mine = rows.where((rows.place == places[place]) & (rows.item == items[item]))
            for resource, kw in held.items() if len(mine) else ():
                yield resource, kw, mine.since_s, mine.time_s


def _curve(report_s: float, begin_s: Floats, end_s: Floats, kw: Floats) -> LoadCurve:
    begin_s, end_s = np.clip(begin_s, 0.0, report_s), np.clip(end_s, 0.0, report_s)
    moments = np.concatenate([[0.0, report_s], begin_s, end_s])
    edges, place = np.unique(moments, return_inverse=True)
    change = np.zeros(len(edges))
    np.add.at(change, place[2:], np.concatenate([kw, -kw]))
    return LoadCurve(edges, np.cumsum(change)[:-1])


def peak_kw_by_resource(view: View) -> dict[str, float]:
    """By resource in kW or MW: the most that steps held at the same time in the report window."""
    return {name: curve.peak_kw for name, curve in view.load_curves.items()}


def mean_kw_by_resource(view: View) -> dict[str, float]:
    """By resource in kW or MW: the mean that steps held over the report window."""
    return {name: curve.mean_kw for name, curve in view.load_curves.items()}


def mwh_per_rack(view: View) -> float:
    """Energy that steps held in the report window, per rack accepted; NaN where no step holds power."""
    if not view.load_curves:
        return float("nan")
    kwh = sum(curve.mean_kw for curve in view.load_curves.values()) * view.log.report_s / HOUR_S
    return ratio(kwh / KWH_PER_MWH, view.racks_accepted)


def energy_usd_by_resource(view: View) -> dict[str, float]:
    """By resource with a tariff: what the energy that steps held in the report window costs, hour by hour."""
    costs: dict[str, float] = {}
    for name, curve in view.load_curves.items():
        there = view.facts.power_there.get(name)
        if there is not None and there.tariff is not None:
            hours, held_kw, usd_per_kwh = curve.against(there.tariff.usd_per_kwh)
            costs[name] = float(np.sum(hours * held_kw * usd_per_kwh))
    return costs


def energy_usd_per_rack(view: View) -> float:
    """The same of all resources, per rack accepted; NaN where no step holds power that has a tariff."""
    costs = energy_usd_by_resource(view)
    return ratio(sum(costs.values()), view.racks_accepted) if costs else float("nan")


def over_limit_mwh_by_resource(view: View) -> dict[str, float]:
    """By resource of which some hours have less than all: energy that steps held beyond what these hours have.

    Work is begun with its mean hours in mind, so what takes longer may hold more than its hours have.
    """
    over: dict[str, float] = {}
    for name, curve in view.load_curves.items():
        there = view.facts.power_there.get(name)
        if there is not None and there.tariff is not None and there.tariff.limits:
            hours, held_kw, available_kw = curve.against(there.available_kw)
            over[name] = float(np.sum(hours * np.maximum(held_kw - available_kw, 0.0))) / KWH_PER_MWH
    return over
