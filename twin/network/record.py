"""The world as a graph with indexes: who makes what, what goes into it, over which lane it comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from twin.model.rows_make import Process, RoutingResource, RoutingStep
from twin.model.rows_network import Item, Lane, Site, Sourcing
from twin.model.world import World

if TYPE_CHECKING:
    import networkx as nx

ProcessKey = tuple[str, str, str]
"""(process, site, item)."""


StepKey = tuple[ProcessKey, int]
"""A process and the number of a step of its routing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """An item that may travel on a lane, with the sourcing row that allows it, if any."""

    lane: str
    item: str
    origin: str
    destination: str
    sourcing: Sourcing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepMode:
    """A way to carry out a step at a site: all it seizes, and its hours over those of the step."""

    name: str
    factor: float
    seizes: tuple[RoutingResource, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A learning curve of a step: what is left of its hours and failures at the n-th unit from `starts` on."""

    hours_power: float
    failures_power: float
    before: float
    """Units made before."""
    floor: float

    def hours(self, number: float) -> float:
        """The hours of the n-th unit, 1 the first, over those in the table."""
        return self._left(number, self.hours_power)

    def failures(self, number: float) -> float:
        """The same of what fails at a first attempt, and of the defects put in."""
        return self._left(number, self.failures_power)

    def _left(self, number: float, power: float) -> float:
        fallen: float = ((self.before + number) / (self.before + 1)) ** power
        return max(self.floor, fallen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Era:
    """Routings as plans reckon with them from a second on, and what their gates find on the mean."""

    from_s: int
    routing: Mapping[ProcessKey, tuple[RoutingStep, ...]]
    found: Mapping[StepKey, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Sites and lanes as a directed graph, and the world's tables indexed for the engines.

    Only things on a path to demand are in `flows`, `made_at` and `makers`. Items are in
    `item_order` from raw to finished. `routing` has the steps of each process that makes its
    item one by one, `seizes` what each of them holds, and `modes` the modes of those that have
    any; what these hold on the average stands in `seizes`.
    """

    world: World
    graph: nx.DiGraph[str]
    """Nodes: sites. Edges carry `lanes`, the names of parallel lanes, and `items`."""
    items: dict[str, Item]
    sites: dict[str, Site]
    lanes: dict[str, Lane]
    inputs: dict[str, tuple[tuple[str, float], ...]]
    """By item: (input, quantity per unit started); of one made at several levels, their mean by share."""
    lines: dict[ProcessKey, tuple[tuple[str, float], ...]]
    """The same by process, at its own level."""
    processes: dict[ProcessKey, tuple[Process, ...]]
    """Rows of each process by `from`, earliest first."""
    makers: dict[str, tuple[ProcessKey, ...]]
    """By item."""
    made_at: dict[tuple[str, str], tuple[ProcessKey, ...]]
    """By (site, item)."""
    flows: tuple[Flow, ...]
    demanded: tuple[tuple[str, str], ...]
    """(site, item) pairs that orders or demand streams ask for."""
    item_order: tuple[str, ...]
    routing: dict[ProcessKey, tuple[RoutingStep, ...]]
    seizes: dict[StepKey, tuple[RoutingResource, ...]]
    modes: dict[StepKey, tuple[StepMode, ...]]
    conversions: Mapping[ProcessKey, Item] = field(default_factory=dict)
    """By key, which is in `processes` and not in `makers` and `made_at`: the item of which a unit goes in."""
    found: Mapping[StepKey, float] = field(default_factory=dict)
    """Mean number of defects that the gate of a step finds in a unit, at those that find any."""
    curves: Mapping[ProcessKey, tuple[Curve | None, ...]] = field(default_factory=dict)
    """Of processes that learn: the curve of each step of their routing, None where it has none."""
    eras: tuple[Era, ...] = ()
    """By time, where any process learns."""

    def kept_modes(self, key: ProcessKey) -> tuple[str, ...]:
        """The modes, such as buildings, of which a unit keeps one at all steps that say so; none where none do."""
        kept = [row.step for row in self.routing.get(key, ()) if row.keeps_mode]
        return tuple(mode.name for mode in self.modes.get((key, kept[0]), ())) if kept else ()

    def held_in(self, key: ProcessKey, row: RoutingStep, mode: str) -> tuple[RoutingResource, ...]:
        """What a step holds for a unit that keeps a mode; on the average, where the step or the unit keeps none.

        Amounts are for the step's own hours: times the mode's hours over those of the step.
        """
        modes = self.modes.get((key, row.step), ()) if row.keeps_mode else ()
        found = next((each for each in modes if each.name == mode), None)
        if found is None:
            return self.seizes.get((key, row.step), ())
        return tuple(need.model_copy(update={"amount": need.amount * found.factor}) for need in found.seizes)

    @property
    def seized_places(self) -> frozenset[tuple[str, str]]:
        """(site, resource) that steps seize in any of their modes, also in one that has none of it on the first day."""
        held = [(key[1], needs) for (key, _), needs in self.seizes.items()]
        held += [(key[1], mode.seizes) for (key, _), modes in self.modes.items() for mode in modes]
        return frozenset((site, need.resource) for site, needs in held for need in needs)

    @property
    def one_by_one(self) -> frozenset[str]:
        """Items with a routing, and what these are converted into: racks in their states, jobs of a textbook shop."""
        items = {item for _, _, item in self.routing}
        for (_, _, into), origin in self.conversions.items():
            items |= {into} if origin.item in items else set()
        return frozenset(items)

    def found_at(self, key: ProcessKey, time_s: float | None = None) -> dict[int, float]:
        """Mean number of defects that the gates of a process find in a unit, by step, of those that find any.

        At a moment, as planned; by the tables where none is given.
        """
        era = None if time_s is None else self._era(time_s)
        found = self.found if era is None else era.found
        return {step: mean for (made_by, step), mean in found.items() if made_by == key}

    def routing_at(self, key: ProcessKey, time_s: float | None) -> tuple[RoutingStep, ...]:
        """The steps of a process as they are planned to be at a moment; none where its item comes in lots."""
        era = None if time_s is None else self._era(time_s)
        return (self.routing if era is None else era.routing).get(key, ())

    def _era(self, time_s: float) -> Era | None:
        return next((era for era in reversed(self.eras) if era.from_s <= time_s), None)

    def inputs_of(self, key: ProcessKey) -> tuple[tuple[str, float], ...]:
        """(input, quantity per unit started) of a process: the bill of materials, or the unit that is converted."""
        origin = self.conversions.get(key)
        return self.lines[key] if origin is None else ((origin.item, 1.0),)

    def is_routed(self, key: ProcessKey) -> bool:
        """Whether a process makes its item one by one, through the steps of a routing."""
        return key in self.routing

    def routed_at(self, site: str, item: str) -> tuple[ProcessKey, ...]:
        """The processes by which a site makes an item one by one; none where it comes in lots, or not from there."""
        return tuple(key for key in self.made_at.get((site, item), ()) if key in self.routing)


PartKind = Literal["site", "make", "operator", "lane"]


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """Something of the network that may be lost: a site, an operator, a lane, or an item made at a site.

    `name` is the site, operator or lane; of kind `make` it is the site and `item` what it makes.
    """

    kind: PartKind
    name: str
    item: str = ""

    @property
    def words(self) -> str:
        """As a planner reads it."""
        return f"{self.item} at {self.name}" if self.kind == "make" else f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SinglePoint:
    """A part, or a pair of parts, without which some demand cannot be met in any way."""

    parts: tuple[Part, ...]
    stopped: tuple[tuple[str, str], ...]
    """Demanded (site, item) pairs that have no live way to be made; its own demand is not counted."""
    of: int
    """Demanded pairs that can be met with nothing lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyConcentration:
    """How the planned supply of an item is spread over its sources. `hhi` is 0 to 10000."""

    item: str
    by: Literal["supplier", "operator", "country"]
    hhi: float
    effective_sources: float
    largest: str
    largest_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Infeasible:
    """Demand that no live way leads to, and what is missing for it, in words."""

    site: str
    item: str
    missing: str
