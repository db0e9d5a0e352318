"""The routing in force at each site that makes an item one by one, and what its steps seize."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from twin.model.rows_make import RoutingResource, RoutingStep
from twin.model.world import World
from twin.network.record import ProcessKey, StepKey, StepMode


def routings_in_force(world: World, levels: Mapping[ProcessKey, str]) -> dict[ProcessKey, tuple[RoutingStep, ...]]:
    """The steps in order, by process, of those that make their item one by one, each at its level.

    Rows that name a site replace all rows without a site there.
    """
    by_item: dict[str, list[RoutingStep]] = defaultdict(list)
    for step in world.routings:
        by_item[step.item].append(step)
    routing: dict[ProcessKey, tuple[RoutingStep, ...]] = {}
    for key, level in levels.items():
        _, site, item = key
        at_level = [step for step in by_item[item] if step.site in ("", site) and step.level == level]
        own = [step for step in at_level if step.site]
        routing[key] = tuple(sorted(own or at_level, key=lambda step: step.step))
    return routing


def modes_of(world: World, routing: dict[ProcessKey, tuple[RoutingStep, ...]]) -> dict[StepKey, tuple[StepMode, ...]]:
    """The modes of each step in force that names any: those for which the site has all.

    Of the steps that keep a mode only those for which it has all at all of them.
    """
    present = {(row.site, row.resource) for row in world.resources}
    rows = _rows_by_step(world)
    modes: dict[StepKey, tuple[StepMode, ...]] = {}
    for key, steps in routing.items():
        _, site, item = key
        for step in steps:
            own = rows.get((item, step.level, step.step), ())
            names = dict.fromkeys(row.mode for row in own if row.mode)
            of_all = (_mode(step, name, own) for name in names)
            here = tuple(mode for mode in of_all if all((site, row.resource) in present for row in mode.seizes))
            if here:
                modes[key, step.step] = here
        _leave_common(modes, key, [step.step for step in steps if step.keeps_mode])
    return modes


def _leave_common(modes: dict[StepKey, tuple[StepMode, ...]], key: ProcessKey, kept: Sequence[int]) -> None:
    """Leave those modes of the steps that keep one which all of them have."""
    names = [{mode.name for mode in modes.get((key, step), ())} for step in kept]
    common = set.intersection(*names) if names else set()
    for step in kept:
        found = modes.pop((key, step), ())
        if here := tuple(mode for mode in found if mode.name in common):
            modes[key, step] = here


def _mode(step: RoutingStep, name: str, rows: Sequence[RoutingResource]) -> StepMode:
    hours = next((row.mode_hours for row in rows if row.mode == name and row.mode_hours is not None), None)
    factor = 1.0 if hours is None or not step.hours.mean else hours / step.hours.mean
    return StepMode(name=name, factor=factor, seizes=tuple(row for row in rows if row.mode in ("", name)))


def seized_by(
    world: World,
    routing: dict[ProcessKey, tuple[RoutingStep, ...]],
    modes: dict[StepKey, tuple[StepMode, ...]],
) -> dict[StepKey, tuple[RoutingResource, ...]]:
    """What each step in force seizes; steps that seize nothing are left out.

    Of a step with modes the amounts are averages: every mode takes a share of the units, as
    many as it can turn out beside the others, and holds what it needs for hours of its own.
    Steps that keep a mode have the same shares, by the step at which each mode turns out least.
    """
    rows = _rows_by_step(world)
    seized: dict[StepKey, tuple[RoutingResource, ...]] = {}
    for key, steps in routing.items():
        _, site, item = key
        capacity = {row.resource: row.capacity for row in reversed(world.resources) if row.site == site}
        kept = _kept_rates(steps, {step.step: modes.get((key, step.step), ()) for step in steps}, capacity)
        for step in steps:
            own = rows.get((item, step.level, step.step), ())
            if here := modes.get((key, step.step), ()):
                own = _average(here, [kept[mode.name] if step.keeps_mode else _rate(mode, capacity) for mode in here])
            if own:
                seized[key, step.step] = tuple(own)
    return seized


def _rows_by_step(world: World) -> dict[tuple[str, str, int], list[RoutingResource]]:
    rows: dict[tuple[str, str, int], list[RoutingResource]] = defaultdict(list)
    for row in world.routing_resources:
        rows[row.item, row.level, row.step].append(row)
    return rows


def _kept_rates(
    steps: Sequence[RoutingStep], modes: dict[int, tuple[StepMode, ...]], capacity: dict[str, float]
) -> dict[str, float]:
    """By mode that units keep: those it can turn out in an hour, by its scarcest step."""
    rates: dict[str, float] = {}
    for step in steps:
        for mode in modes[step.step] if step.keeps_mode else ():
            rate = _rate(mode, capacity) / max(step.hours.mean, 1e-9)
            rates[mode.name] = min(rate, rates.get(mode.name, rate))
    return rates


def _average(modes: Sequence[StepMode], rates: Sequence[float]) -> list[RoutingResource]:
    shares = [rate / sum(rates) if sum(rates) > 0 else 1 / len(modes) for rate in rates]
    seized: dict[tuple[str, bool], RoutingResource] = {}
    for mode, share in zip(modes, shares, strict=True):
        for row in mode.seizes:
            key = (row.resource, row.attended)
            amount = row.amount * mode.factor * share + (seized[key].amount if key in seized else 0.0)
            seized[key] = row.model_copy(update={"amount": amount})
    return [row for row in seized.values() if row.amount > 0]


def _rate(mode: StepMode, capacity: dict[str, float]) -> float:
    """Units that a mode can turn out at a time, by the scarcest of what it alone seizes, over its hours."""
    own = [row for row in mode.seizes if row.mode] or list(mode.seizes)
    return min(capacity[row.resource] / row.amount for row in own) / max(mode.factor, 1e-9)
