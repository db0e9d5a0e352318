"""What a plan is made of: the network's makers, flows and places, read once for a row of buckets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from twin.disrupt.record import Availability
from twin.model.distribution import Distribution
from twin.model.order_book import OrderLine
from twin.model.state import State
from twin.model.units import WEEK_S
from twin.model.world import Settings
from twin.network.pulled import pull_places, source_of
from twin.network.record import Flow, Network, ProcessKey
from twin.plan.buckets import Edges
from twin.plan.demand import Stream, streams_of
from twin.plan.linear import Reals
from twin.plan.record import Objective

Place = tuple[str, str]
"""(site, item)."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The network over the buckets of one plan.

    `operational` reckons with calendars of crews, waiting for departures and planned
    utilisation; the bound without any of them.
    """

    network: Network
    availability: Availability
    edges: Edges
    objective: Objective
    orders: Sequence[OrderLine]
    delivered: dict[str, int]
    owed: dict[tuple[str, str, str, int], float] = field(default_factory=dict)
    lead_time_quantile: float = 0.5
    """0.5 means the mean."""
    careful: bool = False
    """A bound that reckons with all that the operational plan does: what care allows at most."""
    with_waits: bool = True
    """Whether the operational plan reckons with waits for lots and in queues, as the settings say."""

    @property
    def settings(self) -> Settings:
        """The settings of the world."""
        return self.network.world.settings

    @property
    def operational(self) -> bool:
        """Whether the plan is to be carried out, with its safety."""
        return self.objective == "operational"

    @property
    def with_safety(self) -> bool:
        """Whether lead times and loads are those of a plan that is to be carried out."""
        return self.operational or self.careful

    @property
    def buckets(self) -> int:
        """Number of buckets."""
        return len(self.edges) - 1

    @cached_property
    def weeks(self) -> Reals:
        """Length of each bucket in weeks."""
        return np.diff(self.edges) / WEEK_S

    def typical(self, distribution: Distribution) -> float:
        """A lead time as this plan reckons with it: the mean, or the stated quantile."""
        if self.lead_time_quantile <= 0.5 or distribution.is_constant:
            return distribution.mean
        return distribution.quantile_at(self.lead_time_quantile)

    @cached_property
    def makers(self) -> tuple[ProcessKey, ...]:
        """Every process and conversion on a path to demand, in a fixed order."""
        made = [key for keys in self.network.made_at.values() for key in keys]
        return tuple(sorted([*made, *self.network.conversions]))

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """Every item on every lane on a path to demand, in a fixed order."""
        return tuple(sorted(self.network.flows, key=lambda flow: (flow.lane, flow.item)))

    @cached_property
    def streams(self) -> tuple[Stream, ...]:
        """What customers want, by customer, site, item and priority."""
        by_policy = self.by_policy if self.with_safety else frozenset()
        return streams_of(self.network.world, self.orders, self.delivered, self.edges, self.owed, by_policy)

    @cached_property
    def by_policy(self) -> frozenset[Place]:
        """Places that stock policies run."""
        return pull_places(self.network)

    @cached_property
    def sources(self) -> dict[Place, ProcessKey | Flow]:
        """Where the orders of places under a policy go; none in a bound, which is free there."""
        if not self.with_safety:
            return {}
        found = {place: source_of(self.network, place) for place in sorted(self.by_policy & self.places.keys())}
        return {place: source for place, source in found.items() if source is not None}

    def is_idle(self, place: Place, way: ProcessKey | Flow) -> bool:
        """Whether a process or lane that could bring something to a place does not, since a policy orders elsewhere."""
        return place in self.sources and self.sources[place] != way

    @cached_property
    def places(self) -> dict[Place, int]:
        """Every (site, item) that something can happen to, with its index."""
        found: set[Place] = {(stream.site, stream.item) for stream in self.streams}
        for key in self.makers:
            _, site, item = key
            found.add((site, item))
            found.update((site, part) for part, _ in self.network.inputs_of(key))
        for flow in self.flows:
            found.update(((flow.origin, flow.item), (flow.destination, flow.item)))
        return {place: index for index, place in enumerate(sorted(found))}

    @cached_property
    def unlimited(self) -> frozenset[Place]:
        """Places of items that nobody makes and no lane brings: always there."""
        brought = {(flow.destination, flow.item) for flow in self.flows}
        brought |= {(site, item) for _, site, item in self.network.conversions}
        return frozenset(
            place
            for place in self.places
            if place not in brought and (not self.network.makers.get(place[1]) or self._is_filled_at_once(place))
        )

    def _is_filled_at_once(self, place: Place) -> bool:
        """Whether a policy orders there what nobody makes there, and no lane brings."""
        return place in self.by_policy and place not in self.network.made_at

    @cached_property
    def per_rack(self) -> dict[str, float]:
        """By item: units in one finished unit that orders ask for, the size of its numbers in the plan.

        What goes in at a level of no share, or of none that is left, has the size of a rack.
        """
        sizes: dict[str, float] = {stream.item: 1.0 for stream in self.streams}
        for item in reversed(self.network.item_order):
            if item in sizes:
                for part, quantity in self.network.inputs.get(item, ()):
                    if quantity:
                        sizes[part] = max(sizes.get(part, 0.0), quantity * sizes[item])
        for (_, _, into), origin in self.network.conversions.items():
            sizes.setdefault(origin.item, sizes.get(into, 1.0))
        return sizes

    def scale(self, item: str) -> float:
        """Units of an item in one rack equivalent."""
        return self.per_rack.get(item, 1.0)

    @cached_property
    def finished(self) -> frozenset[str]:
        """Wanted items that are no part of another on a way to demand: racks, not the spares beside them."""
        network = self.network
        parts = {part for item in network.item_order for part, _ in network.inputs.get(item, ())}
        return frozenset(stream.item for stream in self.streams if stream.item not in parts)

    @cached_property
    def content(self) -> dict[str, dict[str, float]]:
        """By item: every item in one unit of it, itself included, with the quantity, before yields."""
        content: dict[str, dict[str, float]] = {}
        for item in self.network.item_order:
            inside: dict[str, float] = defaultdict(float, {item: 1.0})
            for part, quantity in self.network.inputs.get(item, ()):
                for deeper, number in content.get(part, {part: 1.0}).items():
                    inside[deeper] += quantity * number
            content[item] = dict(inside)
        return content


def plan_frame(
    network: Network,
    availability: Availability,
    state: State,
    orders: Sequence[OrderLine],
    edges: Edges,
    objective: Objective,
    *,
    careful: bool = False,
) -> Frame:
    """The frame of a plan from a state: the operational one with lead times at the world's quantile."""
    safe = careful or objective == "operational"
    quantile = network.world.settings.lead_time_quantile if safe else 0.5
    return Frame(
        network=network,
        availability=availability,
        edges=edges,
        objective=objective,
        orders=orders,
        delivered=state.delivered,
        owed=state.owed,
        lead_time_quantile=quantile,
        careful=careful,
    )
