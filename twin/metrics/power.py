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
from twin.model.units import HOUR_S, HOURS_PER_WEEK, POWER_KW

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

    def by_hour_of_week(self) -> Floats:
        """Mean kilowatts in each of the 168 hours of a week, the first one that in which the window begins."""
        hours = np.arange(0.0, self.edges_s[-1] + HOUR_S / 2, HOUR_S)
        area = np.concatenate([[0.0], np.cumsum(self.held_kw * np.diff(self.edges_s))])
        by_hour = np.diff(np.interp(hours, self.edges_s, area)) / HOUR_S
        return np.asarray(by_hour.reshape(-1, HOURS_PER_WEEK).mean(axis=0), np.float64)


def power_use(network: Network) -> PowerUse:
    """What the steps of a network hold of resources in kW or MW; of a step with modes, on the average."""
    factor = {
        (row.site, row.resource): POWER_KW[row.unit.lower()]
        for row in network.world.resources
        if row.unit.lower() in POWER_KW
    }
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
