"""Replications to means, intervals and bands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from twin.events.factory_result import UtilisationRow
from twin.events.result import BandedSeries, Measure, Outcome
from twin.metrics.dictionary import kpi_of
from twin.metrics.statistics import differences, paired_interval, t_interval
from twin.model.world import Settings
from twin.network.record import Network
from twin.study.replicate import Replicated

Floats = NDArray[np.float64]


def outcome_of(replicated: Sequence[Replicated], settings: Settings) -> Outcome:
    """KPIs with 95 % intervals, weekly series with 10 to 90 % bands."""
    names = list(replicated[0].kpis)
    kpis = {name: measure(name, [each.kpis.get(name, math.nan) for each in replicated]) for name in names}
    weekly = [name for name in replicated[0].series if not name.startswith("daily_")]
    series = {
        name: banded([each.series[name] for each in replicated if name in each.series], _unit(name), settings)
        for name in weekly
    }
    return Outcome(kpis=kpis, series=series)


def measure(name: str, values: Sequence[float]) -> Measure:
    """Mean and interval over the replications that define the KPI."""
    kpi = kpi_of(name)
    defined = [value for value in values if math.isfinite(value)]
    if not defined:
        return Measure(value=None, unit=kpi.unit, scor=kpi.scor)
    interval = t_interval(defined)
    low, high = (interval.low, interval.high) if interval else (None, None)
    return Measure(value=float(np.mean(defined)), low=low, high=high, unit=kpi.unit, scor=kpi.scor)


def paired_measures(first: Sequence[Replicated], second: Sequence[Replicated]) -> dict[str, Measure]:
    """Each KPI of the second minus the first, replication by replication, with its interval."""
    found = {}
    for name in first[0].kpis:
        pairs = [(a.kpis.get(name, math.nan), b.kpis.get(name, math.nan)) for a, b in zip(first, second, strict=True)]
        kept = np.array([pair for pair in pairs if all(map(math.isfinite, pair))])
        if len(kept) == 0:
            continue
        interval = paired_interval(kept[:, 0], kept[:, 1]) if len(kept) > 1 else None
        kpi = kpi_of(name)
        found[name] = Measure(
            value=float(np.mean(differences(kept[:, 0], kept[:, 1]))),
            low=interval.low if interval else None,
            high=interval.high if interval else None,
            unit=kpi.unit,
            scor=kpi.scor,
        )
    return found


def banded(values: Sequence[Floats], unit: str, settings: Settings) -> BandedSeries:
    """Mean and 10 to 90 % band of a weekly series; dates are the week's last day."""
    stacked = np.vstack(values)
    low, high = np.quantile(stacked, [0.1, 0.9], axis=0)
    weeks = stacked.shape[1]
    return BandedSeries(
        time=[(settings.starts + timedelta(days=7 * (week + 1) - 1)).isoformat() for week in range(weeks)],
        mean=stacked.mean(axis=0).tolist(),
        low=low.tolist(),
        high=high.tolist(),
        unit=unit,
    )


def _unit(name: str) -> str:
    return "units" if name.startswith("stock:") else "racks"


def utilisation_rows(replicated: Sequence[Replicated], network: Network) -> list[UtilisationRow]:
    """Use of each seized resource in the report window, with its busiest week."""
    weeks = network.world.settings.report_weeks
    units = {f"{row.site}/{row.resource}": row.unit for row in network.world.resources}
    rows = []
    for name in sorted(replicated[0].utilisation):
        table = np.vstack([each.utilisation[name][:weeks] for each in replicated])
        means = np.nanmean(table, axis=1)
        site, _, resource = name.partition("/")
        low, high = np.quantile(means, [0.1, 0.9])
        peak = float(np.nanmax(np.nanmean(table, axis=0)))
        rows.append(
            UtilisationRow(
                site=site,
                resource=resource,
                unit=units.get(name, ""),
                mean=float(means.mean()),
                low=float(low),
                high=float(high),
                peak_week=peak,
            )
        )
    return rows
