"""What a disruption hits: every named part of its target must fit."""

from __future__ import annotations

from dataclasses import dataclass

from twin.model.rows_network import Lane
from twin.model.scenario import Disruption, Embargo, Target
from twin.network.record import Network, ProcessKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """The things of a network that a target names.

    `sites` are hit as a whole; then their `processes` and `resources` are in too. A target
    that names a resource has that resource and the processes that draw on it. `shipping` are
    the (site, item) whose goods are meant, item empty for all of a site's.
    """

    sites: frozenset[str] = frozenset()
    processes: frozenset[ProcessKey] = frozenset()
    resources: frozenset[tuple[str, str]] = frozenset()
    lanes: frozenset[str] = frozenset()
    shipping: frozenset[tuple[str, str]] = frozenset()


def hits(network: Network, disruption: Disruption) -> Hits:
    """What the disruption acts on. A target that nothing fits hits nothing."""
    target = disruption.at
    if disruption.embargo is not None and disruption.kind == "embargo":
        return Hits(lanes=embargoed(network, disruption.embargo))
    lanes = frozenset(lane.lane for lane in network.lanes.values() if _fits_lane(network, target, lane))
    fitting = frozenset(site for site in network.sites if _fits_site(network, target, site))
    whole = not (target.lane or target.resource or target.process or target.item)
    return Hits(
        sites=fitting if whole else frozenset(),
        processes=frozenset(key for key in network.processes if _fits_process(network, target, key, fitting)),
        resources=_resources(network, target, fitting),
        lanes=lanes,
        shipping=_shipping(network, target, fitting, whole),
    )


def embargoed(network: Network, embargo: Embargo) -> frozenset[str]:
    """Lanes from the one country to the other."""
    ends = (embargo.from_country, embargo.to_country)
    countries = {site.site: site.country for site in network.sites.values()}
    return frozenset(
        lane.lane for lane in network.lanes.values() if (countries[lane.origin], countries[lane.destination]) == ends
    )


def _fits_site(network: Network, target: Target, site: str) -> bool:
    row = network.sites[site]
    if target.lane or (target.group and not _in_site_group(network, target.group, site)):
        return False
    return target.site in ("", site) and target.operator in ("", row.operator) and target.country in ("", row.country)


def _in_site_group(network: Network, group: str, site: str) -> bool:
    return any(row.group == group and row.site == site for row in network.world.site_groups)


def _fits_process(network: Network, target: Target, key: ProcessKey, fitting: frozenset[str]) -> bool:
    process, site, item = key
    if site not in fitting or target.process not in ("", process) or target.item not in ("", item):
        return False
    return not target.resource or any(row.resource == target.resource for row in network.processes[key])


def _resources(network: Network, target: Target, fitting: frozenset[str]) -> frozenset[tuple[str, str]]:
    if target.process or target.item:
        return frozenset()
    return frozenset(
        (row.site, row.resource)
        for row in network.world.resources
        if row.site in fitting and target.resource in ("", row.resource)
    )


def _fits_lane(network: Network, target: Target, lane: Lane) -> bool:
    """A lane is meant by its name or its group only; further parts must fit one of its ends."""
    if target.item or target.process or target.resource or not (target.lane or target.group):
        return False
    if target.lane not in ("", lane.lane):
        return False
    members = [row.lane for row in network.world.lane_groups if row.group == target.group]
    if target.group and lane.lane not in members:
        return False
    ends = (network.sites[lane.origin], network.sites[lane.destination])
    return (
        (not target.site or any(end.site == target.site for end in ends))
        and (not target.operator or lane.owner == target.operator or any(e.operator == target.operator for e in ends))
        and (not target.country or any(end.country == target.country for end in ends))
    )


def _shipping(network: Network, target: Target, fitting: frozenset[str], whole: bool) -> frozenset[tuple[str, str]]:
    if whole:
        return frozenset((site, "") for site in fitting)
    if target.lane or target.resource:
        return frozenset()
    made = {(site, item) for process, site, item in network.processes if target.process in ("", process)}
    passed = set() if target.process else {(flow.origin, flow.item) for flow in network.flows}
    return frozenset((site, item) for site, item in made | passed if site in fitting and target.item in ("", item))
