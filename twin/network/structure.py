"""AND-OR feasibility: all inputs of an item are needed, any one of its sources will do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from twin.network.record import Infeasible, Network, Part, PartKind, SinglePoint

Place = tuple[str, str]
"""(site, item)."""


@dataclass(frozen=True, slots=True)
class Source:
    """One way to obtain an item at a site: it needs all of `needs` there or elsewhere, and all `parts` alive."""

    place: Place
    needs: tuple[Place, ...]
    parts: tuple[Part, ...]


class Web:
    """All sources of a network, indexed once, asked many times what is obtainable without some parts."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.sources = (*_processes(network), *_conversions(network), *_flows(network), *_unlimited(network))
        self.by_part: dict[Part, list[int]] = defaultdict(list)
        self.by_place: dict[Place, list[int]] = defaultdict(list)
        self._users: dict[Place, list[int]] = defaultdict(list)
        for index, source in enumerate(self.sources):
            self.by_place[source.place].append(index)
            for part in source.parts:
                self.by_part[part].append(index)
            for place in source.needs:
                self._users[place].append(index)

    @cached_property
    def _missing(self) -> list[int]:
        return [len(source.needs) for source in self.sources]

    def obtained(self, without: Iterable[Part] = ()) -> dict[Place, int]:
        """Every place that is obtainable, with the source that first made it so.

        The least fixed point: items that need each other in a circle do not hold each other up.
        """
        dead = {index for part in without for index in self.by_part.get(part, ())}
        missing = self._missing.copy()
        by: dict[Place, int] = {}
        waiting = [index for index, count in enumerate(missing) if count == 0]
        while waiting:
            index = waiting.pop()
            place = self.sources[index].place
            if index in dead or place in by:
                continue
            by[place] = index
            for user in self._users[place]:
                missing[user] -= 1
                if missing[user] == 0:
                    waiting.append(user)
        return by

    def relied_on(self, by: dict[Place, int]) -> set[Part]:
        """The parts of one way to meet all demand that can be met: only their loss can stop any."""
        parts: set[Part] = set()
        seen: set[Place] = set()
        waiting = [place for place in self.network.demanded if place in by]
        while waiting:
            place = waiting.pop()
            if place not in seen:
                seen.add(place)
                source = self.sources[by[place]]
                parts.update(source.parts)
                waiting += source.needs
        return parts


def feasible(network: Network, without: frozenset[Part] = frozenset()) -> frozenset[Place]:
    """The demanded (site, item) pairs for which a live way remains when some parts are lost."""
    by = Web(network).obtained(without)
    return frozenset(place for place in network.demanded if place in by)


def single_points(network: Network) -> tuple[SinglePoint, ...]:
    """Every site, make, operator and lane whose loss alone stops some demand, worst first.

    Demand at a lost site, or at a site of a lost operator, is not counted: nobody waits there.
    """
    web = Web(network)
    by = web.obtained()
    found = [_point(web, by, (part,)) for part in sorted(web.relied_on(by))]
    return _worst_first(point for point in found if point.stopped)


def double_points(network: Network, kind: PartKind = "site") -> tuple[SinglePoint, ...]:
    """Every pair of parts of a kind that together stop demand which neither stops alone, worst first.

    Quadratic in the number of parts: a second or two for some sixty sites.
    """
    web = Web(network)
    by = web.obtained()
    parts = sorted(part for part in web.by_part if part.kind == kind)
    alone = {part: set(_point(web, by, (part,)).stopped) for part in parts}
    relied = {part: web.relied_on(web.obtained((part,))) for part in parts}
    found = []
    for first, second in combinations(parts, 2):
        if second not in relied[first]:
            continue
        both = _point(web, by, (first, second))
        more = tuple(place for place in both.stopped if place not in alone[first] | alone[second])
        if more:
            found.append(SinglePoint(parts=both.parts, stopped=more, of=both.of))
    return _worst_first(found)


def _point(web: Web, by: dict[Place, int], parts: tuple[Part, ...]) -> SinglePoint:
    left = web.obtained(parts)
    met = [place for place in web.network.demanded if place in by]
    own = {site for part in parts for site in _own_sites(web.network, part)}
    stopped = tuple(place for place in met if place not in left and place[0] not in own)
    return SinglePoint(parts=parts, stopped=stopped, of=len(met))


def _own_sites(network: Network, part: Part) -> set[str]:
    if part.kind == "operator":
        return {site.site for site in network.sites.values() if site.operator == part.name}
    return {part.name} if part.kind in ("site", "make") else set()


def _worst_first(points: Iterable[SinglePoint]) -> tuple[SinglePoint, ...]:
    return tuple(sorted(points, key=lambda point: (-len(point.stopped), point.parts)))


def infeasible_demand(network: Network) -> tuple[Infeasible, ...]:
    """The demanded pairs that no live way leads to, each with what is missing, in words."""
    web = Web(network)
    by = web.obtained()
    return tuple(
        Infeasible(site=place[0], item=place[1], missing=_why(web, by, place, set()))
        for place in network.demanded
        if place not in by
    )


def _why(web: Web, by: dict[Place, int], place: Place, seen: set[Place]) -> str:
    """Down the first source that lacks something, to the place that has no source at all."""
    site, item = place
    if place in seen:
        return f"{item} at {site} is needed to make itself"
    sources = web.by_place.get(place)
    if sources:
        lacking = next(need for need in web.sources[sources[0]].needs if need not in by)
        return _why(web, by, lacking, seen | {place})
    if web.network.made_at.get(place):
        return f"the process of {item} at {site} has no capacity"
    return f"nothing makes {item} at {site} and no lane with a source brings it there"


def _site_parts(network: Network, site: str) -> tuple[Part, ...]:
    operator = network.sites[site].operator
    return (Part("site", site), Part("operator", operator)) if operator else (Part("site", site),)


def _processes(network: Network) -> Iterable[Source]:
    for (site, item), keys in network.made_at.items():
        able = [key for key in keys if any(row.capacity_per_week != 0 for row in network.processes[key])]
        # Ways that take the same are one source; levels of a rack may take different things.
        for needs in dict.fromkeys(tuple((site, name) for name, _ in network.inputs_of(key)) for key in able):
            yield Source((site, item), needs, (*_site_parts(network, site), Part("make", site, item)))


def _conversions(network: Network) -> Iterable[Source]:
    """A unit of another item, converted: without the making of what comes out."""
    for (_, site, item), origin in network.conversions.items():
        yield Source((site, item), ((site, origin.item),), _site_parts(network, site))


def _flows(network: Network) -> Iterable[Source]:
    for flow in network.flows:
        parts = (*_site_parts(network, flow.origin), Part("lane", flow.lane))
        yield Source((flow.destination, flow.item), ((flow.origin, flow.item),), parts)


def _unlimited(network: Network) -> Iterable[Source]:
    """Stocks under a policy that nothing makes and nobody supplies: they are replenished without limit."""
    supplied = {(flow.destination, flow.item) for flow in network.flows}
    for row in network.world.stock:
        place = (row.site, row.item)
        if row.policy.kind != "plan" and place not in network.made_at and place not in supplied:
            yield Source(place, (), _site_parts(network, row.site))
