"""Demand of drivers, told: the forecast, how far draws lie around it, and how each driver was served."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import numpy as np

from twin.events.demand_result import DemandTold, DriverRow
from twin.model.demand_curves import AskedFor, Draws, Floats, asked_for
from twin.model.order_book import OrderLine
from twin.model.units import WEEK_S
from twin.model.world import World
from twin.study.drawn_demand import demand_varies, draws_of
from twin.study.ground import Ground
from twin.study.replicate import Replicated

DRAWN = 200
"""Draws of demand from which its band is told: they are not run, the first of them are the run's own."""


def demand_told(ground: Ground, runs: Sequence[Replicated]) -> DemandTold | None:
    """What drivers ask for in a run of the ground, and how its replications served them; None without drivers."""
    lines = [line for line in ground.orders if line.formed]
    world, seed = ground.case.world, ground.case.scenario.seed
    weeks = range(world.settings.horizon_s // WEEK_S)
    forecast = asked_for(world, weeks)
    if not forecast:
        return None
    low, high = _band(world, seed, weeks, forecast) if demand_varies(world) else ([], [])
    by_driver = _by_week(forecast, lambda each: each.driver)
    return DemandTold(
        time=[(world.settings.starts + timedelta(weeks=week + 1, days=-1)).isoformat() for week in weeks],
        by_driver=by_driver,
        by_item=_by_week(forecast, lambda each: each.item),
        low=low,
        high=high,
        draws=DRAWN if low else 0,
        rows=[_row(lines, runs, driver, world.settings.report_s) for driver in by_driver],
    )


def _by_week(forecast: Sequence[AskedFor], name: Callable[[AskedFor], str]) -> dict[str, list[float]]:
    """Units of each week by driver or by item, those with most first."""
    found: dict[str, Floats] = {}
    for each in forecast:
        found[name(each)] = found.get(name(each), 0.0) + _weekly(each)
    named = sorted(found, key=lambda one: (-float(found[one].sum()), one))
    return {one: found[one].tolist() for one in named}


def _weekly(asked: AskedFor) -> Floats:
    return np.diff(asked.units, prepend=0.0)


def _band(world: World, seed: int, weeks: range, forecast: Sequence[AskedFor]) -> tuple[list[float], list[float]]:
    """What one draw in ten falls short of, and exceeds, of the total of each week."""
    totals = np.vstack([_drawn(world, weeks, forecast, draws_of(world, seed, number)) for number in range(DRAWN)])
    low, high = np.quantile(totals, [0.1, 0.9], axis=0)
    return low.tolist(), high.tolist()


def _drawn(world: World, weeks: range, forecast: Sequence[AskedFor], draws: Draws) -> Floats:
    """Units of each week by the draws; of what is placed by `starts`, by the forecast."""
    total = np.zeros(len(weeks))
    for before, drawn in zip(forecast, asked_for(world, weeks, draws), strict=True):
        total += np.where(_is_drawn(world, weeks, before), _weekly(drawn), _weekly(before))
    return total


def _is_drawn(world: World, weeks: range, asked: AskedFor) -> list[bool]:
    """Is what is asked for in a week placed after `starts`, so that it is as drawn?"""
    days = [timedelta(weeks=week + 1, days=-1) for week in weeks]
    return [day > timedelta(days=asked.share_on(world.settings.starts + day).ordered_days_ahead) for day in days]


def _row(lines: Sequence[OrderLine], runs: Sequence[Replicated], driver: str, report_s: int) -> DriverRow:
    due = _of(runs, "racks_due", driver)
    low, high = np.quantile(due, [0.1, 0.9]).tolist() if due else (None, None)
    return DriverRow(
        driver=driver,
        forecast=sum(line.quantity for line in lines if line.driver == driver and line.due_s <= report_s),
        due=_mean(due),
        due_low=low,
        due_high=high,
        accepted=_mean(_of(runs, "racks_accepted", driver)),
        on_time=_mean(_of(runs, "on_time_in_full", driver)),
        owed=_mean(_of(runs, "backlog_end_racks", driver)),
    )


def _of(runs: Sequence[Replicated], measure: str, driver: str) -> list[float]:
    values = [run.kpis.get(f"{measure}_by_driver:{driver}", np.nan) for run in runs]
    return [value for value in values if np.isfinite(value)]


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
