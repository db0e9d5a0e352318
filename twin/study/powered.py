"""What tests hold of power at each site, over the week and over the year, and what that would be at most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from twin.events.factory_result import PowerBound, PowerLoad, TestPower
from twin.metrics.power import PowerThere, all_powered_kw, curve_of, power_there, power_use
from twin.model.order_book import order_book
from twin.model.units import HOURS_PER_WEEK
from twin.network.record import Network
from twin.study.replicate import Replicated

Floats = NDArray[np.float64]


def power_told(runs: Sequence[Replicated], network: Network) -> TestPower | None:
    """The power that steps held in the mean of the runs; None where they held none."""
    names = sorted({name for run in runs for name in run.load_by_hour})
    if not names:
        return None
    there = power_there(network)
    return TestPower(loads=[_load(runs, name, there[name]) for name in names], bound=power_bound(network))


def _load(runs: Sequence[Replicated], name: str, there: PowerThere) -> PowerLoad:
    site, _, resource = name.partition("/")
    held = [run for run in runs if name in run.load_by_hour]
    by_week = _mean([run.load_by_week[name] for run in held])
    limits = curve_of(there.available_kw, len(by_week))
    costs = [run.kpis[key] for run in held if (key := f"test_energy_usd:{name}") in run.kpis]
    return PowerLoad(
        site=site,
        resource=resource,
        installed_kw=curve_of(there.installed_kw, len(by_week)).peak_kw,
        least_kw=float(limits.held_kw.min()),
        peak_kw=float(np.mean([run.kpis[f"test_peak_kw:{name}"] for run in held])),
        mean_kw=float(np.mean(by_week)),
        by_hour=_mean([run.load_by_hour[name] for run in held]).tolist(),
        limit_by_hour=limits.by_hour_of_week().tolist(),
        by_week=by_week.tolist(),
        limit_by_week=limits.by_week().tolist(),
        energy_usd=float(np.mean(costs)) if costs else None,
    )


def _mean(values: Sequence[Floats]) -> Floats:
    return np.asarray(np.mean(np.vstack(values), axis=0), np.float64)


def power_bound(network: Network) -> PowerBound | None:
    """Power if the racks that fall due in the report window were all under load all the time; None without any.

    An upper bound, not a forecast: only some steps hold power, and few hold all of it. Of
    several ways to make an item that which would need most counts.
    """
    worst: dict[str, tuple[float, float]] = {}
    needs = _most_held_kw(network)
    for key, steps in network.routing.items():
        kilowatts = needs.get((key[1], key[2]), 0.0)
        hours = sum(step.hours.mean for step in steps)
        if kilowatts and hours * kilowatts > np.prod(worst.get(key[2], (0.0, 0.0))):
            worst[key[2]] = (hours, kilowatts)
    weekly = {item: count for item, count in _due_per_week(network).items() if item in worst and count > 0}
    racks = sum(weekly.values())
    if not racks:
        return None
    return PowerBound(
        racks_per_week=racks,
        hours=sum(count * worst[item][0] for item, count in weekly.items()) / racks,
        rack_kw=sum(count * worst[item][1] for item, count in weekly.items()) / racks,
        routed_kw=sum(all_powered_kw(count, *worst[item]) for item, count in weekly.items()),
        all_week_kw=sum(all_powered_kw(count, HOURS_PER_WEEK, worst[item][1]) for item, count in weekly.items()),
    )


def _most_held_kw(network: Network) -> Mapping[tuple[str, str], float]:
    """By (site, item): the most kilowatts that a step of it holds."""
    most: dict[tuple[str, str], float] = defaultdict(float)
    for (place, item), held in power_use(network).items():
        site = place.partition("/")[0]
        most[site, item] = max(most[site, item], sum(held.values()))
    return most


def _due_per_week(network: Network) -> dict[str, float]:
    """Units of every item that goes into what falls due in the report window, by the week."""
    settings = network.world.settings
    needed: dict[str, float] = defaultdict(float)
    for line in order_book(network.world):
        if 0 <= line.due_s <= settings.report_s:
            needed[line.item] += line.quantity / settings.report_weeks
    for item in reversed(network.item_order):
        for name, quantity in network.inputs.get(item, ()):
            needed[name] += needed[item] * quantity
    return needed
