"""The network on a map: sites by kind, lanes by mode, what is disrupted marked; our own SVG."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from html import escape

from twin.events.result import LaneLine, RunResult, SitePoint
from twin.report.blocks import Drawing, Section, Table, number_column, text_column, value
from twin.report.blocks import words as text
from twin.report.land import Point
from twin.report.projection import Frame, cut_longitude, densest, frame_around, land_path
from twin.report.spread import place_labels, spread_out
from twin.report.words import count, number, plain

WIDTH_PX = 960.0
APART_PX = 12.5
MOVED_PX = 7.0
"""A marker further than this from its place gets a line to it."""
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
    drawn = _Scene(located, lanes, hit_sites, hit_lanes)
    countries = len({site.country for site in result.network.sites})
    sentence = f"{count(len(result.network.sites), 'site')} in {count(countries, 'country', 'countries')}, "
    sentence += f"{count(len(result.network.lanes), 'lane')}"
    sentence += f"; disrupted: {', '.join(sorted(hit_sites | hit_lanes))}." if hit_sites | hit_lanes else "."
    drawing = Drawing(
        anchor="map-world",
        title="Sites and lanes",
        sentence=sentence,
        svg=drawn.picture(),
        table=_site_table(result.network.sites),
        note="Width of a lane: racks' worth that the plan sends over it. Markers that would cover each other are "
        "moved apart, with a line to their place. Hover for names.",
    )
    return Section(anchor="map", title="The network", lead=sentence, blocks=(drawing, _lane_table(lanes)))


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


class _Scene:
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

    def picture(self) -> str:
        """The world, and where many sites crowd, a close-up under it."""
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
            return self.panel(world, "The network", self.legend())
        close = frame_around([places[position] for position in crowd], world.west, WIDTH_PX)
        left, top = world.place(close.west, close.north)
        right, bottom = world.place(close.east, close.south)
        box = f'<rect class="box" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}"/>'
        return self.panel(world, "The network", self.legend(), box) + self.panel(close, "Close-up of the framed part")

    def panel(self, frame: Frame, title: str, legend: str = "", over: str = "") -> str:
        """One map; the legend stands under it."""
        inside = [entry for entry in self.located if frame.holds(entry[1], entry[2])]
        true = {site.site: frame.place(longitude, latitude) for site, longitude, latitude in inside}
        moved = dict(zip(true, spread_out(list(true.values()), APART_PX), strict=True))
        everywhere = {site.site: frame.place(longitude, latitude) for site, longitude, latitude in self.located}
        height = frame.height_px
        parts = [f'<path class="land" d="{land_path(frame)}"/>', self._ways(everywhere | moved), over]
        for site, *_ in inside:
            parts.append(self._marker(site, moved[site.site], true[site.site]))
        parts += self._labels([site for site, *_ in inside], moved, (frame.width_px, height))
        foot = 52 if legend else 0
        return (
            f'<svg class="map" role="img" aria-label="{escape(title)}" viewBox="0 0 {WIDTH_PX:.0f} {height + foot:.0f}">'
            f'<svg width="{WIDTH_PX:.0f}" height="{height:.0f}"><rect class="sea" width="100%" height="100%"/>'
            f'{"".join(parts)}</svg><g transform="translate(0 {height:.0f})">{legend}</g></svg>'
        )

    def _ways(self, where: dict[str, Point]) -> str:
        parts = []
        for (origin, destination, mode), (weight, hit) in sorted(self.lanes.items(), key=lambda lane: lane[1]):
            (x1, y1), (x2, y2) = where[origin], where[destination]
            bend_x, bend_y = (x1 + x2) / 2 - (y2 - y1) * 0.14, (y1 + y2) / 2 - abs(x2 - x1) * 0.14
            width = 0.7 + 4.3 * (weight / self.most) ** 0.5 if self.most else 0.7
            hint = f"{origin} to {destination}, {mode}: {number(weight)} racks' worth"
            kind = f"way {mode if mode in MODES else 'other'}{' hit' if hit else ''}{'' if weight else ' idle'}"
            parts.append(
                f'<path class="{kind}" stroke-width="{width:.1f}" '
                f'd="M{x1:.1f} {y1:.1f}Q{bend_x:.1f} {bend_y:.1f} {x2:.1f} {y2:.1f}"><title>{escape(hint)}</title></path>'
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
        kinds = list(dict.fromkeys(site.kind for site, *_ in self.located))
        signs = [(_sign(kind), plain(kind).lower()) for kind in sorted(kinds, key=lambda kind: list(TONES).index(kind) if kind in TONES else 99)]
        modes = sorted({mode for _, _, mode in self.lanes})
        lines = [(f'<path class="way {mode if mode in MODES else "other"}" stroke-width="3" d="M-12 0H12"/>', mode) for mode in modes]
        if self.hit_sites or any(hit for _, hit in self.lanes.values()):
            lines.append(('<circle class="ring" r="8"/>', "disrupted"))
        return _row(signs, 18) + _row(lines, 40)


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


def _site_table(sites: Sequence[SitePoint]) -> Table:
    titles = ("Site", "Kind", "Operator", "Country", "Makes")
    rows = tuple(
        tuple(text(entry) for entry in (site.site, plain(site.kind), site.operator, site.country, ", ".join(site.makes)))
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
            value(lane.rack_equivalents),
            text(", ".join(lane.items)),
        )
        for lane in sorted(lanes, key=lambda lane: -lane.rack_equivalents)
    )
    return Table(
        name="lanes",
        title="Lanes",
        folded=True,
        columns=(
            text_column("From"),
            text_column("To"),
            text_column("Mode"),
            number_column("Transit", "days"),
            number_column("Planned", "racks' worth"),
            text_column("Items"),
        ),
        rows=rows,
    )
