"""Where on a map a place lies, and which piece of the world to show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from twin.report.land import Point, land_rings, split_at

TURN = 360.0
STRETCH = 1.2
"""Height of a degree of latitude over the width of one of longitude: true near 34 degrees."""
EDGE = 6.0
LEAST_WIDTH, LEAST_HEIGHT = 30.0, 14.0
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
    """Where to cut the globe open: in the gap between sites that the least traffic crosses.

    `ways` are (longitude, longitude, weight); each goes the shorter way round.
    """
    around = sorted({longitude % TURN for longitude in longitudes})
    gaps = [(after - before, (before + after) / 2 % TURN) for before, after in pairwise([*around, around[0] + TURN])]
    traffic = list(ways)

    def crossing(cut: float) -> float:
        return sum(weight for first, second, weight in traffic if _crosses(cut, first, second))

    return min(gaps, key=lambda gap: (crossing(gap[1]), -gap[0]))[1]


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
    bottom, top = _widened(min(up) - EDGE, max(up) + EDGE, LEAST_HEIGHT)
    return Frame(west=left, east=right, south=max(bottom, SOUTH), north=min(top, NORTH), width_px=width_px)


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
    """The land in the frame as one SVG path, to a tenth of a pixel."""
    parts = []
    for ring in land_rings():
        if max(latitude for _, latitude in ring) < SOUTH:
            continue  # Antarctica: its ring goes round the pole, and no map here reaches it
        for copy in split_at(ring, frame.west):
            if _outside(copy, frame):
                continue
            steps = [
                f"{(x - frame.west) * frame.scale:.1f} {(frame.north - y) * frame.scale * STRETCH:.1f}" for x, y in copy
            ]
            parts.append("M" + "L".join(steps) + "Z")
    return "".join(parts)


def _outside(ring: Sequence[Point], frame: Frame) -> bool:
    across, up = [x for x, _ in ring], [y for _, y in ring]
    return max(across) < frame.west or min(across) > frame.east or max(up) < frame.south or min(up) > frame.north
