"""Learning curves: what the steps of a routing take at the n-th unit, and by which unit a date is reckoned.

Wright's law (Wright 1936): the n-th unit takes h_1 n^log2(b) hours, b of those of the unit of
half its number. Simulations count their own units; plans and schedules reckon with the
number that orders ask for by a date.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np
from numpy.typing import NDArray

from twin.model.order_book import order_book
from twin.model.rows_learning import Learning
from twin.model.rows_make import RoutingStep
from twin.model.units import WEEK_S
from twin.model.world import World
from twin.network.levels import Levels, Lines
from twin.network.record import Curve, Flow, ProcessKey

ERA_WEEKS = 4
"""Plans reckon with hours and failures that stay as they are for so long."""

Curves = dict[ProcessKey, tuple[Curve | None, ...]]
Routings = Mapping[ProcessKey, tuple[RoutingStep, ...]]
Weekly = NDArray[np.float64]
"""Units by week from `starts`."""


def curves_of(world: World, routing: Routings) -> Curves:
    """The curve of each step of each process that has any; None for a step that has none."""
    found: Curves = {}
    for key, steps in routing.items() if world.learning else ():
        curves = tuple(_curve(world.learning, key[1], step) for step in steps)
        if any(curves):
            found[key] = curves
    return found


def _curve(rows: Sequence[Learning], site: str, step: RoutingStep) -> Curve | None:
    fitting = [
        row
        for row in rows
        if (row.item, row.level) == (step.item, step.level)
        and row.site in ("", site)
        and row.step in ("", step.name, str(step.step))
    ]
    if not fitting:
        return None
    row = max(fitting, key=lambda each: (bool(each.site), bool(each.step)))
    return Curve(
        hours_power=log2(row.hours_per_doubling),
        failures_power=log2(row.failures_per_doubling),
        before=row.units_before,
        floor=row.floor,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where units are asked for and how they come there: what the number planned by a date is reckoned from."""

    item_order: Sequence[str]
    lines: Mapping[ProcessKey, Lines]
    flows: Sequence[Flow]


def routings_by_era(world: World, routing: Routings, curves: Curves, asked: Asked) -> list[tuple[int, Routings]]:
    """(second from which they hold, all routings as they are then), by time; none where nobody learns."""
    if not curves:
        return []
    weekly = planned_starts(world, routing, asked)
    weeks = max(1, -(-world.settings.planned_s // WEEK_S))
    eras: list[tuple[int, Routings]] = []
    for week in range(0, weeks, ERA_WEEKS):
        half = ERA_WEEKS // 2
        learned = {
            key: steps_at(routing[key], curves[key], 1 + float(weekly[key][: week + half].sum())) for key in curves
        }
        eras.append((week * WEEK_S, {**routing, **learned}))
    return eras


def steps_at(steps: Sequence[RoutingStep], curves: Sequence[Curve | None], number: float) -> tuple[RoutingStep, ...]:
    """The steps as the unit of a number meets them."""
    return tuple(
        step if curve is None else _at(step, curve.hours(number), curve.failures(number))
        for step, curve in zip(steps, curves, strict=True)
    )


def _at(step: RoutingStep, pace: float, failing: float) -> RoutingStep:
    changed = {
        "hours": step.hours.scaled(pace),
        "first_pass_yield": 1 - (1 - step.first_pass_yield) * failing,
        "defects_introduced": step.defects_introduced * failing,
    }
    return step.model_copy(update=changed)


def planned_starts(world: World, routing: Routings, asked: Asked) -> dict[ProcessKey, Weekly]:
    """By process: the units that orders ask of it, by the week in which they are due.

    By shares of levels and, where an item comes from several sites, planned shares of supply,
    else alike; yields are left out.
    """
    weeks = max(1, -(-world.settings.planned_s // WEEK_S))
    routed = {item for _, _, item in routing}
    wanted: dict[tuple[str, str], Weekly] = defaultdict(lambda: np.zeros(weeks))
    for line in order_book(world):
        if line.item in routed and line.due_s > 0:
            wanted[line.site, line.item][min((line.due_s - 1) // WEEK_S, weeks - 1)] += line.quantity
    starts = {key: np.zeros(weeks) for key in routing}
    levels = Levels(world)
    for item in (name for name in reversed(asked.item_order) if name in routed):
        _pass_on(item, wanted, routing, asked.flows)
        for site in sorted({site for site, name in wanted if name == item}):
            for key, share in _shares(levels, routing, site, item, weeks).items():
                starts[key] = wanted[site, item] * share
                for part, quantity in asked.lines[key]:
                    if part in routed:
                        wanted[site, part] += starts[key] * quantity
    return starts


def _pass_on(item: str, wanted: dict[tuple[str, str], Weekly], routing: Routings, flows: Sequence[Flow]) -> None:
    """What is asked for at sites that do not make an item is asked of those that send it there."""
    makers = {site for _, site, name in routing if name == item}
    for site in sorted({site for site, name in wanted if name == item} - makers):
        ways = [flow for flow in flows if (flow.destination, flow.item) == (site, item) and flow.origin in makers]
        shares = [flow.sourcing.share_planned if flow.sourcing else None for flow in ways]
        weights = [1.0 if share is None else share for share in shares]
        for flow, weight in zip(ways, weights, strict=True):
            wanted[flow.origin, item] += wanted[site, item] * weight / (sum(weights) or 1.0)


def _shares(levels: Levels, routing: Routings, site: str, item: str, weeks: int) -> dict[ProcessKey, Weekly]:
    """By process of a site: its share of an item's starts, week by week; what the plan may choose, alike."""
    by_level: dict[str, list[ProcessKey]] = defaultdict(list)
    for key, steps in routing.items():
        if key[1:] == (site, item):
            by_level[steps[0].level].append(key)
    if len(by_level) < 2:
        return {key: np.full(weeks, 1 / len(keys)) for keys in by_level.values() for key in keys}
    shares = {key: np.zeros(weeks) for keys in by_level.values() for key in keys}
    for from_s, at in levels.by_date(site, item):
        left = 1 - sum(share for share in at.values() if share is not None)
        free = sum(share is None for share in at.values())
        for level, keys in by_level.items():
            share = at.get(level, 0.0)
            for key in keys:
                shares[key][max(0, -(-from_s // WEEK_S)) :] = (left / free if share is None else share) / len(keys)
    return shares
