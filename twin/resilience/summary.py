"""Measures over replications: what a page shows of a disrupted run against its baseline."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from twin.events.result import RecoveryMeasure
from twin.metrics.dictionary import KPIS
from twin.metrics.statistics import t_interval
from twin.resilience import measures
from twin.resilience.paired import Floats, PairedDays

TIMES: dict[str, Callable[[PairedDays], Floats]] = {
    "time_to_first_shortage_days": measures.time_to_first_shortage_days,
    "time_to_nadir_days": measures.time_to_nadir_days,
    "supply_recovery_days": measures.supply_recovery_days,
    "service_recovery_days": measures.service_recovery_days,
}
"""Measures that may not happen within the horizon."""

AMOUNTS: dict[str, Callable[[PairedDays], Floats]] = {
    "lost_racks": measures.lost_racks,
    "lost_in_report_racks": measures.lost_in_report_racks,
    "peak_shortfall_racks": measures.peak_shortfall_racks,
    "delayed_rack_days": measures.delayed_rack_days,
    "loss_area_days": measures.loss_area_days,
    "resilience": measures.resilience,
    "robustness": measures.robustness,
}


def resilience_measures(pair: PairedDays) -> dict[str, RecoveryMeasure]:
    """All measures of a pair, by name in the KPI dictionary."""
    times = {name: time_measure(of(pair), KPIS[name].unit) for name, of in TIMES.items()}
    return times | {name: amount_measure(of(pair), KPIS[name].unit) for name, of in AMOUNTS.items()}


def time_measure(values: Floats, unit: str) -> RecoveryMeasure:
    """Median and p90 of a time that may be infinite; None where that many never got there.

    The replication of that rank is taken, never a mean between a time and "never".
    """
    return RecoveryMeasure(
        median=_rank(values, 0.5),
        p90=_rank(values, 0.9),
        not_reached=float(np.mean(np.isinf(values))),
        unit=unit,
    )


def amount_measure(values: Floats, unit: str) -> RecoveryMeasure:
    """Median, p90, and mean with its 95 % interval."""
    interval = t_interval(values)
    return RecoveryMeasure(
        median=float(np.median(values)),
        p90=_rank(values, 0.9),
        not_reached=0.0,
        mean=interval.value if interval else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        unit=unit,
    )


def _rank(values: Floats, probability: float) -> float | None:
    found = float(np.quantile(values, probability, method="inverted_cdf"))
    return found if np.isfinite(found) else None
