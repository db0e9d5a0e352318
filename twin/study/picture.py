"""The network as it is drawn and listed: sites, lanes with what the plan sends, what all hangs on."""

from __future__ import annotations

from twin.events.result import Concentration, LaneLine, NetworkPicture, SitePoint
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
