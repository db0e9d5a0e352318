"""The section of the network: its map, its sites and its lanes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from twin.events.result import LaneLine, RunResult, SitePoint
from twin.report.blocks import Drawing, Section, Table, name_column, number_column, text_column, value
from twin.report.blocks import words as text
from twin.report.map import Located, Scene, planned
from twin.report.words import count, plain


def map_section(result: RunResult) -> Section | None:
    """World map and, where many sites crowd, a close-up; sites and lanes behind them."""
    located: list[Located] = [
        (site, site.longitude, site.latitude)
        for site in result.network.sites
        if site.longitude is not None and site.latitude is not None
    ]
    if not located:
        return None
    hit_sites, hit_lanes = disrupted(result)
    where = {site.site: (longitude, latitude) for site, longitude, latitude in located}
    lanes = [lane for lane in result.network.lanes if lane.origin in where and lane.destination in where]
    drawn = Scene(located, lanes, hit_sites, hit_lanes)
    countries = len({site.country for site in result.network.sites})
    sentence = f"{count(len(result.network.sites), 'site')} in {count(countries, 'country', 'countries')}, "
    sentence += f"{count(len(result.network.lanes), 'lane')}"
    sentence += f"; disrupted: {', '.join(sorted(hit_sites | hit_lanes))}." if hit_sites | hit_lanes else "."
    drawing = Drawing(
        anchor="map-world",
        title="Sites and lanes",
        sentence=sentence,
        pictures=drawn.pictures(),
        table=_site_table(result.network.sites),
        note="Width of a lane: racks' worth that the plan sends over it; the close-up leaves out lanes that leave it. "
        "Markers that would cover each other are moved apart, with a line to their place. Hover for names.",
    )
    return Section(anchor="map", title="The network", lead="", blocks=(drawing, _lane_table(lanes)))


def disrupted(result: RunResult) -> tuple[set[str], set[str]]:
    """Names of sites and lanes that a disruption hits.

    From its `sites` and `lanes` where it has them (separated by commas), else those whose name,
    operator or country stands in its `target`.
    """
    sites: set[str] = set()
    lanes: set[str] = set()
    for disruption in result.disruptions:
        sites |= _listed(disruption.get("sites", ""))
        lanes |= _listed(disruption.get("lanes", ""))
        if "sites" in disruption or "lanes" in disruption:
            continue
        target = disruption.get("target", "")
        named = {site.site for site in result.network.sites if _says(target, site.site)}
        wide = {
            site.site for site in result.network.sites if _says(target, site.operator) or _says(target, site.country)
        }
        sites |= named or wide
        lanes |= {lane.lane for lane in result.network.lanes if _says(target, lane.lane)}
    return sites, lanes


def _listed(names: str) -> set[str]:
    return {name.strip() for name in names.split(",") if name.strip()}


def _says(sentence: str, name: str) -> bool:
    """Whether a name stands in a sentence as words of its own."""
    return bool(name) and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", sentence) is not None


def _site_table(sites: Sequence[SitePoint]) -> Table:
    titles = ("Site", "Kind", "Operator", "Country", "Makes")
    rows = tuple(
        tuple(
            text(entry) for entry in (site.site, plain(site.kind), site.operator, site.country, ", ".join(site.makes))
        )
        for site in sites
    )
    return Table(name="sites", columns=tuple(text_column(title) for title in titles), rows=rows)


def _lane_table(lanes: Sequence[LaneLine]) -> Table:
    rows = tuple(
        (
            text(lane.origin),
            text(lane.destination),
            text(lane.mode),
            value(lane.transit_days, 3),
            value(planned(lane.rack_equivalents)),
            text(", ".join(lane.items)),
        )
        for lane in sorted(lanes, key=lambda lane: -lane.rack_equivalents)
    )
    return Table(
        name="lanes",
        title="Lanes",
        folded=True,
        columns=(
            name_column("From"),
            name_column("To"),
            text_column("Mode"),
            number_column("Transit", "days"),
            number_column("Planned", "racks' worth"),
            text_column("Items"),
        ),
        rows=rows,
    )
