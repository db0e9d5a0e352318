"""Extra output of a supplier while another source of the same item is known to be down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from twin.disrupt.resolved import ResolvedDisruption
from twin.disrupt.steps import largest
from twin.model.profile import StepProfile
from twin.model.steps import ALWAYS
from twin.model.units import weeks
from twin.network.record import Network, ProcessKey

Down = tuple[ResolvedDisruption, frozenset[ProcessKey]]
"""A disruption and the processes whose output it lowers."""


def surge_factors(network: Network, downs: Iterable[Down]) -> dict[ProcessKey, StepProfile]:
    """The factor on the limits of processes that surge at some time; others are left out.

    Each `sourcing` row with a `surge_fraction` lifts its supplier's processes of the item,
    from `surge_after_weeks` after a disruption is known until it has recovered, if it hits
    another source of the item that shares a consumer.
    """
    consumers = _consumers(network)
    lifts: dict[ProcessKey, list[StepProfile]] = defaultdict(list)
    shortfalls = [(resolved, {(site, item) for _, site, item in hit}) for resolved, hit in downs]
    for row in network.world.sourcing:
        if not row.surge_fraction:
            continue
        own = consumers.get((row.supplier, row.item), set())
        for resolved, places in shortfalls:
            others = (site for site, item in places if item == row.item and site != row.supplier)
            if not any(own & consumers.get((site, row.item), set()) for site in others):
                continue
            begins_s = resolved.known_s + weeks(row.surge_after_weeks)
            lift = StepProfile.window(begins_s, resolved.recovered_s, 1 + row.surge_fraction, 1.0)
            for key in network.made_at.get((row.supplier, row.item), ()):
                lifts[key].append(lift)
    return {key: largest([ALWAYS, *some]) for key, some in lifts.items()}


def _consumers(network: Network) -> dict[tuple[str, str], set[str]]:
    """Where the item of a source is used: along its flows, or at its own site."""
    consumers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for flow in network.flows:
        consumers[flow.origin, flow.item].add(flow.destination)
    for (site, _), keys in network.made_at.items():
        for name in dict.fromkeys(name for key in keys for name, _ in network.inputs_of(key)):
            consumers[site, name].add(site)
    return consumers
