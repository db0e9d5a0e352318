"""The network as it is drawn and listed: sites, lanes with what the plan sends, what all hangs on."""

from __future__ import annotations

from datetime import timedelta

from twin.disrupt.resolve import resolve
from twin.disrupt.targets import Hits, hits
from twin.events.result import Concentration, LaneLine, NetworkPicture, SitePoint
from twin.model.scenario import Case
from twin.network.concentration import concentration
from twin.network.layers import site_layers, units_per_rack
from twin.network.record import Network
from twin.network.structure import single_points
from twin.plan.record import SupplyPlan


def network_picture(network: Network, plan: SupplyPlan | None = None) -> NetworkPicture:
    """Sites in their layers, lanes in use, single points of failure, concentration of supply."""
    return NetworkPicture(
        sites=_sites(network),
        lanes=_lanes(network, plan),
        single_points=_single_points(network),
        concentration=[
            Concentration(
                item=each.item,
                by=each.by,
                hhi=each.hhi,
                effective_sources=each.effective_sources,
                largest=each.largest,
                largest_share=each.largest_share,
            )
            for each in concentration(network)
        ],
    )


def _sites(network: Network) -> list[SitePoint]:
    layers = site_layers(network)
    makes: dict[str, list[str]] = {}
    for site, item in network.made_at:
        makes.setdefault(site, []).append(item)
    return [
        SitePoint(
            site=row.site,
            kind=row.kind,
            operator=row.operator,
            country=row.country,
            latitude=row.latitude,
            longitude=row.longitude,
            layer=layers.get(row.site, 0),
            makes=sorted(makes.get(row.site, [])),
        )
        for row in network.sites.values()
    ]


def _lanes(network: Network, plan: SupplyPlan | None) -> list[LaneLine]:
    """Lanes that carry something; rack equivalents are the plan's, over the report window."""
    per_rack = units_per_rack(network)
    items: dict[str, list[str]] = {}
    racks: dict[str, float] = {}
    report_s = network.world.settings.report_s
    for flow in network.flows:
        items.setdefault(flow.lane, []).append(flow.item)
        series = plan.shipments.get((flow.lane, flow.item)) if plan is not None else None
        if series is not None and plan is not None and per_rack.get(flow.item):
            carried = plan.cumulative(series, report_s) / per_rack[flow.item]
            racks[flow.lane] = max(racks.get(flow.lane, 0.0), carried)
    return [
        LaneLine(
            lane=name,
            origin=network.lanes[name].origin,
            destination=network.lanes[name].destination,
            mode=network.lanes[name].mode,
            transit_days=network.lanes[name].transit_days.mean,
            items=sorted(set(carried_items)),
            rack_equivalents=racks.get(name, 0.0),
        )
        for name, carried_items in sorted(items.items())
    ]


def _single_points(network: Network) -> list[str]:
    return [
        f"{' and '.join(part.words for part in point.parts)}: stops {len(point.stopped)} of {point.of} demanded"
        for point in single_points(network)
    ]


def disruptions_told(case: Case, network: Network) -> list[dict[str, str]]:
    """A scenario's disruptions in words, with what they hit, and the sites and lanes hit for the map."""
    starts, told = case.world.settings.starts, []
    for one in resolve(case.world, case.scenario.disruptions):
        hit = hits(network, one.disruption)
        target = {name: value for name, value in one.disruption.at.model_dump().items() if value}
        moments = {"starts": one.starts_s, "ends": one.ends_s, "known": one.known_s, "recovered": one.recovered_s}
        told.append(
            {
                "name": one.disruption.name,
                "target": ", ".join(f"{name} {value}" for name, value in target.items()),
                "kind": one.disruption.kind,
                **{name: (starts + timedelta(seconds=second)).isoformat() for name, second in moments.items()},
                "hits": ", ".join(_struck(hit)) or "nothing",
                "sites": ",".join(sorted(hit.sites | {key[1] for key in hit.processes})),
                "lanes": ",".join(sorted(hit.lanes)),
            }
        )
    return told


def _struck(hit: Hits) -> list[str]:
    """Whole sites; or the processes, resources, lanes and goods that are meant."""
    if hit.sites:
        return sorted(hit.sites)
    parts = {f"{process} at {site}" for process, site, _ in hit.processes}
    parts |= {f"{resource} at {site}" for site, resource in hit.resources}
    parts |= {f"lane {lane}" for lane in hit.lanes}
    return sorted(parts or {f"{item} from {site}" for site, item in hit.shipping})
