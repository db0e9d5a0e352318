"""What the measures need to know that no log holds: values, prices, who is a customer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from twin.metrics.factory import FactoryTerms, factory_terms
from twin.metrics.power import PowerThere, PowerUse, power_there, power_use
from twin.metrics.ways import PlacementTerms, placement_terms
from twin.model.distance import kilometres
from twin.model.order_book import every_order
from twin.network.pulled import rows_of_policies

if TYPE_CHECKING:
    from twin.model.rows_demand import Stock
    from twin.network.record import Network

WATCHED = 8
"""So many items, those with the most value in a finished unit, have their stock shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTerms:
    """What a stock under a policy costs, as in the `stock` table."""

    holding_usd_per_unit_week: float = 0.0
    backorder_usd_per_unit_week: float = 0.0
    lost_usd_per_unit: float = 0.0
    order_usd: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The world's part in the measures; mappings without a name mean 0 or empty for it.

    `finished` are the items that customers order; `racks` their shipped states (the finished
    items themselves where nothing else is shipped); `made` items with a maker. `lane_ends`
    are (origin, destination). `price_usd` is by (lane, item), paid per unit.
    `tested_steps` are `SITE/NAME`, or `/NAME` for every site.
    """

    finished: frozenset[str]
    racks: frozenset[str]
    demand_sites: frozenset[str]
    lane_ends: Mapping[str, tuple[str, str]]
    item_order: tuple[str, ...] = ()
    inputs: Mapping[str, tuple[tuple[str, float], ...]]
    lines: Mapping[tuple[str, str], tuple[tuple[str, float], ...]] = field(default_factory=dict)
    """By place of the log and item, where a process takes other inputs than the item does on the average."""
    made: frozenset[str] = frozenset()
    conversions: frozenset[str] = frozenset()
    """Processes, as `PROCESS@SITE`, that make a unit of one item into another."""
    jobs: frozenset[tuple[str, str]] = frozenset()
    """(site, item) made one by one when it is wanted: no stock to fill from."""
    item_value_usd: Mapping[str, float]
    price_usd: Mapping[tuple[str, str], float]
    carrying_rate_per_year: float = 0.0
    tested_steps: frozenset[str] = frozenset()
    customer_of: Mapping[str, str]
    """By order name."""
    watched: tuple[str, ...] = ()
    policies: Mapping[tuple[str, str], StockTerms] = field(default_factory=dict)
    """By (site, item), stocks run by a policy besides `plan`."""
    lost_under_plan_usd: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """By (site, item), stocks under the plan whose customers do not wait: cost of a unit lost."""
    status_of: Mapping[str, str] = field(default_factory=dict)
    """By order name: firm, forecast or reserved."""
    driver_of: Mapping[str, str] = field(default_factory=dict)
    """By order name, those that belong to a driver of demand."""
    late_usd_per_week: Mapping[str, float] = field(default_factory=dict)
    """By order name, those whose lateness costs: of each late unit."""
    operators: Mapping[str, str] = field(default_factory=dict)
    """By site."""
    owners: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """By (site, item), stocks that are not the operator's."""
    title_at_origin: frozenset[str] = frozenset()
    """Lanes on which goods are the receiver's from their departure on."""
    mass_kg: Mapping[str, float] = field(default_factory=dict)
    co2_per_kg: Mapping[str, float] = field(default_factory=dict)
    """By lane, those that say what they emit: kilograms for a kilogram carried; NaN where an end is nowhere."""
    factory: FactoryTerms = field(default_factory=FactoryTerms)
    """What racks online serve, draw and cost."""
    has_defects: bool = False
    """True where a step puts defects in or a lane adds them."""
    power: PowerUse = field(default_factory=dict)
    """What steps hold of resources in kW or MW."""
    power_there: Mapping[str, PowerThere] = field(default_factory=dict)
    """What there is of these resources, by resource `SITE/NAME`."""

    placement: PlacementTerms = field(default_factory=PlacementTerms)
    """Work on racks, and which of their states are made for a customer."""

    def owner_at(self, place: str, item: str) -> str:
        """Who owns what is at a place of the log: the operator of a site without one has the site's name.

        On hand, who owns that stock; in process, who will own the output; on a lane, who owns
        it at the origin, or at the destination where title passes at the origin.
        """
        kind, _, name = place.partition(":")
        if kind == "lane":
            origin, destination = self.lane_ends.get(name, ("", ""))
            name = destination if name in self.title_at_origin else origin
        site = name.rpartition("@")[2] if kind == "process" else name
        return self.owners.get((site, item)) or self.operators.get(site) or site

    def inputs_at(self, place: str, item: str) -> tuple[tuple[str, float], ...]:
        """(input, quantity per unit started) of an item in the process at a place of the log."""
        return self.lines.get((place, item), self.inputs.get(item, ()))

    def in_process_usd(self, item: str) -> float:
        """Value of a unit while it is made: half-way between its inputs and itself."""
        own = self.item_value_usd.get(item, 0.0)
        needed = self.inputs.get(item, ())
        if not needed:
            return own / 2
        return (own + sum(quantity * self.item_value_usd.get(name, 0.0) for name, quantity in needed)) / 2


def facts_from(network: Network) -> Facts:
    """The facts of a world, from its network."""
    world = network.world
    book, by_policy = every_order(world), rows_of_policies(network)
    finished = frozenset(item for _, item in network.demanded)
    return Facts(
        finished=finished,
        racks=_shipped_states(network, finished),
        demand_sites=frozenset(site for site, _ in network.demanded),
        lane_ends={name: (lane.origin, lane.destination) for name, lane in network.lanes.items()},
        item_order=network.item_order,
        inputs=dict(network.inputs),
        lines={
            (f"process:{process}@{site}", item): lines
            for (process, site, item), lines in network.lines.items()
            if lines != network.inputs.get(item, ())
        },
        made=frozenset(network.makers),
        conversions=frozenset(f"{process}@{site}" for process, site, _ in network.conversions),
        jobs=frozenset(
            (row.site, row.item) for row in world.stock if row.item in network.one_by_one and _to_order(row)
        ),
        item_value_usd={name: item.value_usd for name, item in network.items.items()},
        price_usd={(flow.lane, flow.item): flow.sourcing.price_usd for flow in network.flows if flow.sourcing},
        carrying_rate_per_year=world.settings.carrying_rate_per_year,
        tested_steps=frozenset(
            f"{step.site}/{step.name}" for step in world.routings if step.first_pass_yield < 1 or step.gate_coverage > 0
        ),
        customer_of={line.order: line.customer for line in book},
        watched=_most_valuable(network, finished),
        policies={place: _terms(row) for place, row in by_policy.items()},
        lost_under_plan_usd={
            (row.site, row.item): row.lost_usd_per_unit
            for row in world.stock
            if (row.site, row.item) not in by_policy and row.unmet == "lost"
        },
        status_of={line.order: line.status for line in book},
        driver_of={line.order: line.driver for line in book if line.driver},
        late_usd_per_week={line.order: line.late_usd_per_week for line in book if line.late_usd_per_week},
        operators={name: site.operator for name, site in network.sites.items()},
        owners={(row.site, row.item): row.owner for row in world.stock if row.owner},
        title_at_origin=frozenset(name for name, lane in network.lanes.items() if lane.title_passes_at == "origin"),
        mass_kg={name: item.mass_kg for name, item in network.items.items()},
        co2_per_kg=_co2_per_kg(network),
        factory=factory_terms(world),
        placement=placement_terms(network),
        power=power_use(network),
        has_defects=any(step.defects_introduced for step in world.routings)
        or any(lane.shipping_defects for lane in world.lanes),
        power_there=power_there(network),
    )


def _co2_per_kg(network: Network) -> dict[str, float]:
    emitting = {name: lane for name, lane in network.lanes.items() if lane.co2_kg_per_tonne_km}
    return {
        name: lane.co2_kg_per_tonne_km * kilometres(network.sites[lane.origin], network.sites[lane.destination]) / 1000
        for name, lane in emitting.items()
    }


def _terms(row: Stock) -> StockTerms:
    return StockTerms(
        holding_usd_per_unit_week=row.holding_usd_per_unit_week,
        backorder_usd_per_unit_week=row.backorder_usd_per_unit_week,
        lost_usd_per_unit=row.lost_usd_per_unit,
        order_usd=row.order_usd,
    )


def _to_order(row: Stock) -> bool:
    return row.policy.kind == "base_stock" and row.policy.parameters == (0.0,) and not row.on_hand


def _shipped_states(network: Network, finished: frozenset[str]) -> frozenset[str]:
    """Inputs of finished items that are themselves made one by one, or of the same kind."""
    kinds = {network.items[item].kind for item in finished}
    one_by_one = network.one_by_one
    states = frozenset(
        name
        for item in finished
        for name, _ in network.inputs.get(item, ())
        if name in one_by_one or network.items[name].kind in kinds
    )
    return states or finished


def _most_valuable(network: Network, finished: frozenset[str]) -> tuple[str, ...]:
    """Bought or made inputs by their value in one unit of each finished item, most first."""
    content: dict[str, float] = defaultdict(float)
    content.update(dict.fromkeys(finished, 1.0))
    for item in reversed(network.item_order):
        for name, quantity in network.inputs.get(item, ()):
            content[name] += content[item] * quantity
    kinds = {network.items[item].kind for item in finished}
    worth = {
        name: units * network.items[name].value_usd
        for name, units in content.items()
        if network.items[name].kind not in kinds
    }
    ranked = sorted((name for name in worth if worth[name] > 0), key=lambda name: (-worth[name], name))
    return tuple(ranked[:WATCHED])
