"""The network on a map: sites by kind, lanes by mode, what is disrupted marked; our own SVG."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from html import escape

from twin.events.result import LaneLine, SitePoint
from twin.report.land import Point
from twin.report.projection import Frame, cut_longitude, densest, frame_around, land_path
from twin.report.spread import place_labels, spread_out
from twin.report.words import number, plain

WIDTH_PX = 960.0
APART_PX = 12.5
LEAST_FLOW = 0.05
"""Racks' worth below which a lane is idle."""
MOVED_PX = 7.0
"""A marker further than this from its place gets a line to it."""
WORLD, CLOSE_UP = "The network", "Close-up of the framed part"
CLOSE_UP_WIDE, CLOSE_UP_HIGH, CLOSE_UP_SITES = 26.0, 17.0, 10
SHAPES = {
    "fab": "M-5-5h10v10h-10Z",
    "memory": "M0-6.5L6.5 0L0 6.5L-6.5 0Z",
    "packaging": "M0-6L6 5H-6Z",
    "component": "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z",
    "tray_assembly": "M0-6L6-1.5L3.6 5.5H-3.6L-6-1.5Z",
    "rack_integration": "M-6 0L-3-5.5H3L6 0L3 5.5H-3Z",
    "hub": "M-2-6h4v4h4v4h-4v4h-4v-4h-4v-4h4Z",
    "datacenter": "M0 6L6-5H-6Z",
}
TONES = {kind: place % 7 for place, kind in enumerate(SHAPES)}
MODES = ("air", "ocean", "truck")

Located = tuple[SitePoint, float, float]


class Scene:
    """What is drawn, in any frame."""

    def __init__(
        self, located: Sequence[Located], lanes: Sequence[LaneLine], hit_sites: set[str], hit_lanes: set[str]
    ) -> None:
        self.located = located
        self.lanes = _bundled(lanes, hit_lanes)
        self.hit_sites = hit_sites
        self.flow: dict[str, float] = defaultdict(float)
        for lane in lanes:
            self.flow[lane.origin] += lane.rack_equivalents
            self.flow[lane.destination] += lane.rack_equivalents
        self.most = max((weight for weight, _ in self.lanes.values()), default=0.0)

    def pictures(self) -> tuple[tuple[str, str], ...]:
        """Titles and SVG: the world, and where many sites crowd, a close-up to stand under it."""
        places = [(longitude, latitude) for _, longitude, latitude in self.located]
        where = {site.site: place for (site, *_), place in zip(self.located, places, strict=True)}
        ways = [
            (where[origin][0], where[destination][0], weight + 1)
            for (origin, destination, _), (weight, _) in self.lanes.items()
        ]
        west = cut_longitude([longitude for longitude, _ in places], ways)
        world = frame_around(places, west, WIDTH_PX)
        crowd = densest(places, CLOSE_UP_WIDE, CLOSE_UP_HIGH)
        if len(crowd) < CLOSE_UP_SITES or world.east - world.west < 2 * CLOSE_UP_WIDE:
            return ((WORLD, self.panel(world, WORLD, self.legend())),)
        close = frame_around([places[position] for position in crowd], world.west, WIDTH_PX)
        left, top = world.place(close.west, close.north)
        right, bottom = world.place(close.east, close.south)
        box = f'<rect class="box" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}"/>'
        shown_below = frozenset(self.located[position][0].site for position in crowd) - self.hit_sites
        whole = self.panel(world, WORLD, self.legend(), box, shown_below)
        return (WORLD, whole), (CLOSE_UP, self.panel(close, CLOSE_UP))

    def panel(
        self, frame: Frame, title: str, legend: str = "", over: str = "", nameless: frozenset[str] = frozenset()
    ) -> str:
        """One map with the lanes that begin and end on it, its legend under it; `nameless` sites get no label."""
        inside = [entry for entry in self.located if frame.holds(entry[1], entry[2])]
        true = {site.site: frame.place(longitude, latitude) for site, longitude, latitude in inside}
        moved = dict(zip(true, spread_out(list(true.values()), APART_PX), strict=True))
        height = frame.height_px
        parts = [f'<path class="land" d="{land_path(frame)}"/>', self._ways(moved), over]
        for site, *_ in inside:
            parts.append(self._marker(site, moved[site.site], true[site.site]))
        named = [site for site, *_ in inside if site.site not in nameless]
        parts += self._labels(named, moved, (frame.width_px, height))
        foot = 52 if legend else 0
        size = f"{WIDTH_PX:.0f} {height + foot:.0f}"
        return (
            f'<svg class="map" role="img" aria-label="{escape(title)}" viewBox="0 0 {size}">'
            f'<svg width="{WIDTH_PX:.0f}" height="{height:.0f}"><rect class="sea" width="100%" height="100%"/>'
            f'{"".join(parts)}</svg><g transform="translate(0 {height:.0f})">{legend}</g></svg>'
        )

    def _ways(self, where: dict[str, Point]) -> str:
        parts = []
        inside = [way for way in self.lanes.items() if way[0][0] in where and way[0][1] in where]
        for (origin, destination, mode), (weight, hit) in sorted(inside, key=lambda way: way[1]):
            (x1, y1), (x2, y2) = where[origin], where[destination]
            bend_x, bend_y = (x1 + x2) / 2 - (y2 - y1) * 0.14, (y1 + y2) / 2 - abs(x2 - x1) * 0.14
            width = 0.7 + 4.3 * (weight / self.most) ** 0.5 if self.most else 0.7
            hint = f"{origin} to {destination}, {mode}: {number(planned(weight))} racks' worth"
            kind = f"way {_mode_class(mode)}{' hit' if hit else ''}{'' if planned(weight) else ' idle'}"
            curve = f"M{x1:.0f} {y1:.0f}Q{bend_x:.0f} {bend_y:.0f} {x2:.0f} {y2:.0f}"
            parts.append(
                f'<path class="{kind}" stroke-width="{width:.1f}" d="{curve}"><title>{escape(hint)}</title></path>'
            )
        return "".join(parts)

    def _marker(self, site: SitePoint, at: Point, true: Point) -> str:
        x, y = at
        moved = abs(x - true[0]) + abs(y - true[1]) > MOVED_PX
        leader = f'<path class="leader" d="M{x:.1f} {y:.1f}L{true[0]:.1f} {true[1]:.1f}"/>' if moved else ""
        ring = f'<circle class="ring" cx="{x:.1f}" cy="{y:.1f}" r="10"/>' if site.site in self.hit_sites else ""
        hint = f"{site.site}: {plain(site.kind).lower()}, {site.operator}, {site.country}. {', '.join(site.makes)}"
        return f'{leader}{ring}<g transform="translate({x:.1f} {y:.1f})">{_sign(site.kind, hint)}</g>'

    def _labels(self, sites: list[SitePoint], moved: dict[str, Point], size: Point) -> list[str]:
        ordered = sorted(sites, key=lambda site: (site.site not in self.hit_sites, -self.flow[site.site], site.site))
        labels = place_labels([(site.site, moved[site.site]) for site in ordered], list(moved.values()), size)
        return [
            f'<text class="{"hit" if label.text in self.hit_sites else ""}" x="{label.x:.1f}" y="{label.y:.1f}">'
            f"{escape(label.text)}</text>"
            for label in labels
        ]

    def legend(self) -> str:
        """Shapes and dashes that occur, in words."""
        kinds = {site.kind for site, *_ in self.located}
        signs = [
            (_sign(kind), plain(kind).lower()) for kind in (*SHAPES, *sorted(kinds - set(SHAPES))) if kind in kinds
        ]
        lines = [
            (f'<path class="way {_mode_class(mode)}" stroke-width="3" d="M-12 0H12"/>', mode)
            for mode in sorted({mode for _, _, mode in self.lanes})
        ]
        if self.hit_sites or any(hit for _, hit in self.lanes.values()):
            lines.append(('<circle class="ring" r="8"/>', "disrupted"))
        return _row(signs, 18) + _row(lines, 40)


def planned(rack_equivalents: float) -> float:
    """What a plan sends over a lane; next to nothing is a rounding error of its solver."""
    return rack_equivalents if rack_equivalents >= LEAST_FLOW else 0.0


def _mode_class(mode: str) -> str:
    return mode if mode in MODES else "other"


def _row(entries: Sequence[tuple[str, str]], y: float) -> str:
    parts, x = [], 16.0
    for sign, name in entries:
        parts.append(f'<g transform="translate({x:.0f} {y})">{sign}<text x="17" y="4">{escape(name)}</text></g>')
        x += 44 + 6.6 * len(name)
    return "".join(parts)


def _sign(kind: str, hint: str = "") -> str:
    tone = TONES.get(kind, 5)
    title = f"<title>{escape(hint)}</title>" if hint else ""
    return f'<path class="site tone-{tone}" d="{SHAPES.get(kind, SHAPES["component"])}">{title}</path>'


def _bundled(lanes: Sequence[LaneLine], hit_lanes: set[str]) -> dict[tuple[str, str, str], tuple[float, bool]]:
    """Racks' worth and whether disrupted, by origin, destination and mode."""
    bundles: dict[tuple[str, str, str], tuple[float, bool]] = {}
    for lane in lanes:
        key = (lane.origin, lane.destination, lane.mode)
        weight, hit = bundles.get(key, (0.0, False))
        bundles[key] = (weight + lane.rack_equivalents, hit or lane.lane in hit_lanes)
    return bundles
