"""Where on a map a place lies, and which piece of the world to show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from twin.report.land import Point, land_rings, split_at
from twin.report.svg import path

TURN = 360.0
STRETCH = 1.2
"""Height of a degree of latitude over the width of one of longitude: true near 34 degrees."""
EDGE = 6.0
WIDE_GAP = 25.0
LEAST_WIDTH, LEAST_HEIGHT = 30.0, 14.0
FLATTEST, TALLEST = 0.36, 0.62
"""Limits of a map's height over its width."""
SOUTH, NORTH = -58.0, 82.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A rectangle of degrees drawn `width_px` wide; longitudes count on from `west`, past 180."""

    west: float
    east: float
    south: float
    north: float
    width_px: float

    @property
    def scale(self) -> float:
        """Pixels per degree of longitude."""
        return self.width_px / (self.east - self.west)

    @property
    def height_px(self) -> float:
        """Height that goes with the width."""
        return (self.north - self.south) * self.scale * STRETCH

    def unrolled(self, longitude: float) -> float:
        """The longitude's turn that lies in the frame, or just east of it."""
        return self.west + (longitude - self.west) % TURN

    def place(self, longitude: float, latitude: float) -> Point:
        """Pixels from the upper left corner."""
        across = (self.unrolled(longitude) - self.west) * self.scale
        return across, (self.north - latitude) * self.scale * STRETCH

    def holds(self, longitude: float, latitude: float) -> bool:
        """Whether a place lies in the frame."""
        return self.unrolled(longitude) <= self.east and self.south <= latitude <= self.north


def cut_longitude(longitudes: Sequence[float], ways: Iterable[tuple[float, float, float]]) -> float:
    """Where to cut the globe open: in the wide gap between sites that the least traffic crosses.

    `ways` are (longitude, longitude, weight); each goes the shorter way round. Where no gap is
    wide, the widest.
    """
    around = sorted({longitude % TURN for longitude in longitudes})
    gaps = [(after - before, (before + after) / 2 % TURN) for before, after in pairwise([*around, around[0] + TURN])]
    traffic = list(ways)

    def crossing(cut: float) -> float:
        return sum(weight for first, second, weight in traffic if _crosses(cut, first, second))

    wide = [gap for gap in gaps if gap[0] >= WIDE_GAP] or [max(gaps)]
    return min(wide, key=lambda gap: (crossing(gap[1]), -gap[0]))[1]


def _crosses(cut: float, first: float, second: float) -> bool:
    """Whether the shorter way between two longitudes passes the cut."""
    eastward = (second - first) % TURN
    start, length = (first, eastward) if eastward <= TURN / 2 else (second, TURN - eastward)
    return 0 < (cut - start) % TURN < length


def frame_around(places: Sequence[Point], west: float, width_px: float) -> Frame:
    """The smallest frame round places, given where the globe is cut, with an edge."""
    across = [west + (longitude - west) % TURN for longitude, _ in places]
    up = [latitude for _, latitude in places]
    left, right = _widened(min(across) - EDGE, max(across) + EDGE, LEAST_WIDTH)
    bottom, top = _widened(min(up) - EDGE, max(up) + EDGE, max(LEAST_HEIGHT, (right - left) * FLATTEST / STRETCH))
    bottom, top = _pushed(bottom, top)
    left, right = _widened(left, right, (top - bottom) * STRETCH / TALLEST)
    return Frame(west=left, east=right, south=bottom, north=top, width_px=width_px)


def _pushed(bottom: float, top: float) -> Point:
    """Latitudes moved into the range that a map shows."""
    if top > NORTH:
        bottom, top = bottom - (top - NORTH), NORTH
    if bottom < SOUTH:
        bottom, top = SOUTH, min(NORTH, top + SOUTH - bottom)
    return bottom, top


def _widened(low: float, high: float, least: float) -> Point:
    missing = max(0.0, least - (high - low)) / 2
    return low - missing, high + missing


def densest(places: Sequence[Point], wide: float, high: float) -> list[int]:
    """Positions of the places in the fullest rectangle of that many degrees centred on one of them."""

    def near(centre: Point) -> list[int]:
        return [
            position
            for position, (longitude, latitude) in enumerate(places)
            if abs((longitude - centre[0] + TURN / 2) % TURN - TURN / 2) <= wide / 2
            and abs(latitude - centre[1]) <= high / 2
        ]

    return max((near(centre) for centre in places), key=len)


def land_path(frame: Frame) -> str:
    """The land in the frame as one SVG path, cut at its edges, to a pixel."""
    parts = []
    for ring in land_rings():
        if max(latitude for _, latitude in ring) < SOUTH:
            continue  # Antarctica: its ring goes round the pole, and no map here reaches it
        for copy in split_at(ring, frame.west):
            outline = [
                ((x - frame.west) * frame.scale, (frame.north - y) * frame.scale * STRETCH)
                for x, y in clipped_ring(copy, frame)
            ]
            parts.append(path(outline, closed=True, steps_per_px=1))
    return "".join(parts)


def clipped_ring(ring: Sequence[Point], frame: Frame) -> list[Point]:
    """The part of a ring in the frame (Sutherland and Hodgman 1974), edge by edge."""
    kept = list(ring)
    for axis, limit, sign in ((0, frame.west, 1), (0, frame.east, -1), (1, frame.south, 1), (1, frame.north, -1)):
        kept = _clipped_at(kept, axis, limit, sign)
    return kept


def _clipped_at(ring: list[Point], axis: int, limit: float, sign: int) -> list[Point]:
    """The part of a ring on one side of a line across one axis."""
    kept: list[Point] = []
    for before, after in zip([*ring[-1:], *ring], ring, strict=False):
        inside_before, inside_after = sign * (before[axis] - limit) >= 0, sign * (after[axis] - limit) >= 0
        if inside_before != inside_after:
            share = (limit - before[axis]) / (after[axis] - before[axis])
            kept.append((before[0] + share * (after[0] - before[0]), before[1] + share * (after[1] - before[1])))
        if inside_after:
            kept.append(after)
    return kept
