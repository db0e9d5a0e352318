"""How far two sites are from each other."""

from __future__ import annotations

from math import asin, cos, nan, radians, sin, sqrt

from twin.model.rows_network import Site
from twin.model.world import World

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the earth (IUGG)."""


def great_circle_km(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Kilometres along the great circle between two (latitude, longitude) in degrees, by the haversine formula."""
    first, second = radians(start[0]), radians(end[0])
    north, east = (second - first) / 2, radians(end[1] - start[1]) / 2
    half_chord = sin(north) ** 2 + cos(first) * cos(second) * sin(east) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(sqrt(half_chord), 1.0))


def kilometres(start: Site, end: Site) -> float:
    """The great circle between two sites, 0 from a site to itself; NaN where one has no coordinates."""
    if start.site == end.site:
        return 0.0
    if start.latitude is None or start.longitude is None or end.latitude is None or end.longitude is None:
        return nan
    return great_circle_km((start.latitude, start.longitude), (end.latitude, end.longitude))


def distance_notes(world: World) -> tuple[str, ...]:
    """A line where lanes say what they emit and their ends do not say where they are."""
    sites = {site.site: site for site in world.sites}
    emitting = [lane for lane in world.lanes if lane.co2_kg_per_tonne_km]
    nowhere = [sites[end] for lane in emitting for end in (lane.origin, lane.destination) if _is_nowhere(sites[end])]
    if not nowhere:
        return ()
    names = ", ".join(sorted({site.site for site in nowhere}))
    return (f"freight CO2 is not told, since these sites have no latitude and longitude: {names}",)


def _is_nowhere(site: Site) -> bool:
    return site.latitude is None or site.longitude is None
