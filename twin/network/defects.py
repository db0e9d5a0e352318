"""Defects that units are expected to carry: put in by steps, added in transport, found by gates, escaped.

Defects are put in as Poisson numbers and each is found with the same chance, so those found
and those missed are Poisson too, and independent of each other: with a mean of m before a
gate of coverage c, m c are found and m (1 - c) go on, and a unit has none to be found with
the chance exp(-m c). Thus found_ij = lambda_i c_j prod(1 - c_m) by gate, and the product of
all (1 - c) for what escapes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from twin.model.rows_make import RoutingStep
from twin.model.rows_network import Item, Lane

if TYPE_CHECKING:
    from twin.network.record import Flow, ProcessKey, StepKey

Routings = Mapping["ProcessKey", Sequence[RoutingStep]]
Place = tuple[str, str]
"""(site, item)."""


def found_at_gates(
    routing: Routings,
    taken_up: Mapping[ProcessKey, str],
    flows: Iterable[Flow],
    lanes: Mapping[str, Lane],
    items: Mapping[str, Item],
    conversions: Mapping[ProcessKey, Item],
) -> dict[StepKey, float]:
    """The mean number of defects that the gate of each step finds in a unit; steps that find none are left out.

    `taken_up` is the item that a process takes up as a unit, defects and all. Where that comes
    by several ways (makers, lanes), its defects are their mean: by planned share where a way
    has one, else alike.
    """
    found: dict[StepKey, float] = {}
    left: dict[ProcessKey, float] = {}
    ways = list(flows)
    origins = {(site, into): origin.item for (_, site, into), origin in conversions.items()}
    # What is taken up was made by a process that takes nothing up: racks are accepted once.
    for key in sorted(routing, key=lambda each: each in taken_up):
        present = 0.0
        if item := taken_up.get(key):
            arriving = [flow for flow in ways if (flow.destination, flow.item) == (key[1], item)]
            carried = [_escaped((flow.origin, item), left, origins) for flow in arriving]
            added = [added_on(lanes[flow.lane], items[item]) for flow in arriving]
            present = _mean(arriving, [sum(both) for both in zip(carried, added, strict=True)])
        for step in routing[key]:
            present += step.defects_introduced
            if caught := present * step.gate_coverage:
                found[key, step.step] = caught
            present -= caught
        left[key] = present
    return found


def _escaped(place: Place, left: Mapping[ProcessKey, float], origins: Mapping[Place, str]) -> float:
    """Defects in a unit that leaves the place where it was made, or converted from another that was."""
    made = [escaped for key, escaped in left.items() if key[1:] == place]
    tried = {place}
    while not made and place in origins and (place := (place[0], origins[place])) not in tried:
        tried.add(place)
        made = [escaped for key, escaped in left.items() if key[1:] == place]
    return sum(made) / len(made) if made else 0.0


def _mean(flows: Sequence[Flow], defects: Sequence[float]) -> float:
    """Over the ways of an item: by planned share where a way has one, else alike."""
    shares = [flow.sourcing.share_planned if flow.sourcing else None for flow in flows]
    weights = [1.0 if share is None else share for share in shares]
    total = sum(weights)
    return sum(each * weight for each, weight in zip(defects, weights, strict=True)) / total if total else 0.0


def added_on(lane: Lane, item: Item) -> float:
    """The mean number of defects added to a unit of an item on a lane."""
    return lane.shipping_defects * item.shipping_defects_factor


def clean_failing(step: RoutingStep, found: float) -> float:
    """The chance that a first attempt fails by a defect that is found, where it would have passed by the yield."""
    return step.first_pass_yield * -math.expm1(-found)
