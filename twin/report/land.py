"""The outline of the world's land, decoded from a vendored TopoJSON file (Natural Earth, public domain)."""

from __future__ import annotations

import json
from functools import cache
from itertools import accumulate, pairwise
from typing import Any

from twin.report.document import asset

OUTLINE = "land-110m.json"
OUTLINE_SHA256 = "ead5f68119c49a9250902e7da303bcb209341bbb8fefe7369a439b48b704658a"
"""Of npm's world-atlas 2.0.2, ISC."""
HALF_TURN = 180.0

Point = tuple[float, float]


def _arc_points(arc: list[list[int]], scale: Point, shift: Point) -> list[Point]:
    """Longitude and latitude of an arc stored as steps on a grid (TopoJSON 1.0, 2.1.4)."""
    east = accumulate(step[0] for step in arc)
    north = accumulate(step[1] for step in arc)
    return [(x * scale[0] + shift[0], y * scale[1] + shift[1]) for x, y in zip(east, north, strict=True)]


def _ring(references: list[int], arcs: list[list[Point]]) -> list[Point]:
    """Arcs joined to a ring; a reference below zero runs its arc backwards (2.1.3)."""
    ring: list[Point] = []
    for reference in references:
        arc = arcs[reference] if reference >= 0 else arcs[~reference][::-1]
        ring += arc[1:] if ring else arc
    return ring


def _polygons(geometry: dict[str, Any]) -> list[list[list[int]]]:
    """Polygons of a geometry, each a list of rings of references to arcs."""
    if geometry["type"] == "GeometryCollection":
        return [polygon for part in geometry["geometries"] for polygon in _polygons(part)]
    return list(geometry["arcs"]) if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]


@cache
def land_rings() -> tuple[tuple[Point, ...], ...]:
    """Rings of (longitude, latitude) in degrees, about 120 of them."""
    document = json.loads(asset(OUTLINE))
    transform = document["transform"]
    scale, shift = tuple(transform["scale"]), tuple(transform["translate"])
    arcs = [_arc_points(arc, scale, shift) for arc in document["arcs"]]
    polygons = _polygons(document["objects"]["land"])
    return tuple(tuple(_ring(references, arcs)) for polygon in polygons for references in polygon)


def split_at(ring: tuple[Point, ...], west: float) -> list[list[Point]]:
    """A ring with longitudes from `west` to `west` + 360, once in place and once shifted by a turn.

    Where the ring crosses the cut, the two copies each overhang one side of the map, so that
    clipping at its frame shows both parts.
    """
    unrolled = [ring[0]]
    for (before, _), (after, latitude) in pairwise(ring):
        step = (after - before + HALF_TURN) % (2 * HALF_TURN) - HALF_TURN
        unrolled.append((unrolled[-1][0] + step, latitude))
    low = min(point[0] for point in unrolled)
    turns = (low - west) // (2 * HALF_TURN)
    placed = [(x - turns * 2 * HALF_TURN, y) for x, y in unrolled]
    copies = [placed]
    if max(point[0] for point in placed) > west + 2 * HALF_TURN:
        copies.append([(x - 2 * HALF_TURN, y) for x, y in placed])
    return copies
