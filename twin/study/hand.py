"""The terms of the hand check of a disruption, from the tables and the baseline plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twin.disrupt.availability import availability
from twin.disrupt.record import Availability
from twin.disrupt.resolve import resolve
from twin.disrupt.resolved import ResolvedDisruption
from twin.disrupt.targets import hits
from twin.model.units import WEEK_S
from twin.network.layers import own_time_s, units_per_rack
from twin.network.record import Network, ProcessKey
from twin.plan.record import SupplyPlan
from twin.resilience.hand_check import STOPPING, HandTerms
from twin.study.replicate import Arm


@dataclass(frozen=True, slots=True)
class Blow:
    """A disruption and the item whose supply it hits hardest."""

    resolved: ResolvedDisruption
    item: str
    hit: frozenset[ProcessKey]
    share: float


def hand_terms(arm: Arm, plan: SupplyPlan) -> tuple[HandTerms, str] | None:
    """The terms for the disruption that hits the largest share of an item, and a note on them.

    None where no disruption stops production. `plan` is the baseline's opening plan.
    """
    network = arm.ground.network
    blows = [blow for one in resolve(network.world, arm.disruptions) if (blow := _blow(network, plan, one))]
    if not blows:
        return None
    blow = max(blows, key=lambda each: each.share * (each.resolved.ends_s - each.resolved.starts_s))
    one = blow.resolved
    left = one.disruption.capacity_left if one.disruption.kind == "capacity" else 0.0
    window_weeks = max((one.recovered_s - one.starts_s) / WEEK_S, 1e-9)
    per_week = _racks(network, plan, network.makers[blow.item], one.starts_s, one.recovered_s) / window_weeks
    stock, surge = _stock_racks(network, plan, blow), _surge_racks(arm, plan, blow)
    terms = HandTerms(
        outage_weeks=(one.ends_s - one.starts_s) / WEEK_S,
        ramp_weeks=(one.recovered_s - one.ends_s) / WEEK_S,
        wip_lost_weeks=one.disruption.wip_lost * _cycle_weeks(network, blow),
        share_of_supply=blow.share * (1 - left),
        racks_per_week=per_week,
        stock_racks=stock,
        surge_racks=surge,
    )
    note = (
        f"share and rate are those of {blow.item} in the baseline plan while the disruption lasts; stock is what the "
        "plan holds of it and of what is made from it; surge is what other makers can add before recovery, as far as "
        "their own inputs, whose lead times are long, let them"
    )
    return terms, note


def _cycle_weeks(network: Network, blow: Blow) -> float:
    """Mean time in the processes hit, which is their work in process in weeks of starts."""
    times = [own_time_s(network, key) for key in blow.hit if key[2] == blow.item]
    return sum(times) / len(times) / WEEK_S


def _blow(network: Network, plan: SupplyPlan, one: ResolvedDisruption) -> Blow | None:
    if one.disruption.kind not in STOPPING or one.ends_s <= one.starts_s:
        return None
    hit = frozenset(hits(network, one.disruption).processes)
    best: Blow | None = None
    for item in sorted({key[2] for key in hit}):
        whole = _racks(network, plan, network.makers.get(item, ()), one.starts_s, one.recovered_s)
        part = _racks(network, plan, [key for key in hit if key[2] == item], one.starts_s, one.recovered_s)
        if whole > 0 and (best is None or part / whole > best.share + 1e-9):
            best = Blow(one, item, hit, part / whole)
    return best


def _racks(network: Network, plan: SupplyPlan, keys: Sequence[ProcessKey], start_s: int, end_s: int) -> float:
    """Gross starts of processes in a span of a plan, in rack equivalents of gross starts."""
    per_rack = units_per_rack(network)
    total = 0.0
    for key in keys:
        series = plan.production.get(key)
        if series is not None and per_rack.get(key[2]):
            total += (plan.cumulative(series, end_s) - plan.cumulative(series, start_s)) / per_rack[key[2]]
    return total


def _stock_racks(network: Network, plan: SupplyPlan, blow: Blow) -> float:
    """Stock on hand, when it starts, of the item and of all that is made from it, in rack equivalents."""
    made_from = {blow.item}
    for item in network.item_order:
        if any(name in made_from for name, _ in network.inputs.get(item, ())):
            made_from.add(item)
    per_rack = units_per_rack(network)
    bucket = max(0, int((plan.edges_s <= blow.resolved.starts_s).sum()) - 2)
    return sum(
        float(series[bucket]) / per_rack[item]
        for (_, item), series in plan.stock.items()
        if item in made_from and per_rack.get(item) and item not in {each for _, each in network.demanded}
    )


def _surge_racks(arm: Arm, plan: SupplyPlan, blow: Blow) -> float:
    """What other makers may start beyond the baseline plan, from knowledge to recovery.

    Inputs on hand can be used at once; more of them only after their own lead time.
    """
    network, one = arm.ground.network, blow.resolved
    known = availability(network, (one,))
    per_rack = units_per_rack(network)[blow.item]
    return sum(
        _extra_starts(network, plan, known, key, one) / per_rack
        for key in network.makers[blow.item]
        if key not in blow.hit
    )


def _extra_starts(
    network: Network, plan: SupplyPlan, known: Availability, key: ProcessKey, one: ResolvedDisruption
) -> float:
    begin_s, end_s = max(one.known_s, one.starts_s, 0), one.recovered_s
    waits_s = max((_lead_s(network, name) for name, _ in network.inputs_of(key)), default=0)
    fresh_s = min(begin_s + waits_s, end_s)
    later = max(0.0, _room(network, plan, known, key, fresh_s, end_s))
    bucket = max(0, int((plan.edges_s <= one.starts_s).sum()) - 2)
    stocks = [
        float(plan.stock[key[1], name][bucket]) / quantity
        for name, quantity in network.inputs_of(key)
        if (key[1], name) in plan.stock
    ]
    early = min([max(0.0, _room(network, plan, known, key, begin_s, fresh_s)), *stocks])
    return early + later


def _lead_s(network: Network, item: str) -> int:
    """Time to make more of an input, wherever it is made; 0 where nothing makes it."""
    return max((own_time_s(network, key) for key in network.makers.get(item, ())), default=0)


def _room(network: Network, plan: SupplyPlan, known: Availability, key: ProcessKey, start_s: int, end_s: int) -> float:
    """Starts allowed in a span beyond those of the plan."""
    row = network.processes[key][0]
    limits = [known.processes[key].starts_per_week]
    allowed = [limit.integral(start_s, end_s) / WEEK_S for limit in limits if limit is not None]
    if row.resource:
        allowed.append(known.resources[key[1], row.resource].integral(start_s, end_s) / WEEK_S / row.resource_per_unit)
    if not allowed:
        return 0.0
    series = plan.production.get(key)
    planned = 0.0 if series is None else plan.cumulative(series, end_s) - plan.cumulative(series, start_s)
    return min(allowed) - planned
