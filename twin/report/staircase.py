"""The staircase of a bottleneck ladder: racks a week against what the rungs cost; our own SVG."""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape
from itertools import pairwise

from twin.events.bottleneck import BottleneckView, Rung
from twin.report.words import number, quantity

WIDTH, HEIGHT = 960.0, 470.0
Scale = Callable[[float], float]
"""Racks a week to the height at which they are drawn."""
LEFT, RIGHT, TOP, FLOOR = 62.0, 14.0, 22.0, 330.0
LINE_PX = 14.0
LETTER_PX = 6.4
MOST_LINES = 5
TICKS = 5
LEAST_WIDE = 0.04
"""Of the picture: a rung that costs next to nothing is still seen."""


def staircase(view: BottleneckView) -> str:
    """SVG of the levels: treads by the plan's limits, squares by simulation, steps shaded by turns."""
    edges = _edges(view)
    low, high, tick = _scale(view)

    def across(share: float) -> float:
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def up(racks: float) -> float:
        return FLOOR - (racks - low) / (high - low) * (FLOOR - TOP)

    parts = [_shade(view, [across(edge) for edge in edges])]
    parts += _grid(low, high, tick, up)
    parts.append(_ordered(view, up) if low <= view.ordered <= high else "")
    levels = [view.start, *(rung.after for rung in view.rungs)]
    points = [
        (across(left), across(right), up(level)) for (left, right), level in zip(pairwise(edges), levels, strict=True)
    ]
    parts.append(_treads(points))
    measures = [view.start_simulated, *(rung.simulated for rung in view.rungs)]
    for (left, right, _), measure in zip(points, measures, strict=True):
        if measure is not None and measure.value is not None:
            parts.append(_dot((left + right) / 2, measure.value, measure.low, measure.high, up))
    parts += [_label(points[0], "as things stand", "")]
    parts += [_label(point, _name(rung), _cost(rung)) for point, rung in zip(points[1:], view.rungs, strict=True)]
    parts.append(_legend())
    title = escape("Racks a week by rung")
    size = f"{WIDTH:.0f} {HEIGHT:.0f}"
    return f'<svg class="map" role="img" aria-label="{title}" viewBox="0 0 {size}">{"".join(parts)}</svg>'


def _edges(view: BottleneckView) -> list[float]:
    """Where treads begin and end, from 0 to 1: by what rungs cost where all is known, else each as wide."""
    costs = [rung.cost_usd for rung in view.rungs]
    total = sum(cost for cost in costs if cost is not None)
    if not costs or None in costs or total <= 0:
        return [number / (len(costs) + 1) for number in range(len(costs) + 2)]
    widths = [1.0 / (len(costs) + 1), *(max((cost or 0.0) / total, LEAST_WIDE) for cost in costs)]
    edges = [0.0]
    for width in widths:
        edges.append(edges[-1] + width / sum(widths))
    return edges


def _scale(view: BottleneckView) -> tuple[float, float, float]:
    """The lowest and highest racks a week that are drawn, and the distance of the lines between."""
    measures = [view.start_simulated, *(rung.simulated for rung in view.rungs)]
    ends = [end for one in measures if one is not None for end in (one.value, one.low, one.high) if end is not None]
    values = [view.start, *(rung.after for rung in view.rungs), *ends]
    low, high = min(values), max(values)
    spread = max(high - low, 0.1 * high, 1e-9)
    step = 10.0 ** math.floor(math.log10(spread / TICKS))
    tick = next(step * times for times in (1, 2, 5, 10) if spread / (step * times) <= TICKS)
    floor = 0.0 if low < 0.4 * high else math.floor((low - 0.1 * spread) / tick) * tick
    return max(floor, 0.0), math.ceil((high + 0.12 * spread) / tick) * tick, tick


def _shade(view: BottleneckView, edges: list[float]) -> str:
    """A wash under every other step."""
    found = []
    for left, right, rung in zip(edges[1:], edges[2:], view.rungs, strict=False):
        if rung.step % 2 == 1:
            found.append(
                f'<rect x="{left:.1f}" y="{TOP:.0f}" width="{right - left:.1f}" height="{FLOOR - TOP:.0f}" '
                f'style="fill:var(--wash)"><title>Step {rung.step}</title></rect>'
            )
    return "".join(found)


def _grid(low: float, high: float, tick: float, up: Scale) -> list[str]:
    lines = []
    for place in range(round((high - low) / tick) + 1):
        y, racks = up(low + place * tick), low + place * tick
        lines.append(
            f'<path d="M{LEFT:.0f} {y:.1f}H{WIDTH - RIGHT:.0f}" style="stroke:var(--line);fill:none"/>'
            f'<text class="end" x="{LEFT - 6:.0f}" y="{y + 4:.1f}">{number(racks, 4)}</text>'
        )
    lines.append(f'<text x="4" y="{TOP - 8:.0f}">racks a week{" (the axis does not begin at 0)" if low else ""}</text>')
    return lines


def _ordered(view: BottleneckView, up: Scale) -> str:
    y = up(view.ordered)
    return (
        f'<path d="M{LEFT:.0f} {y:.1f}H{WIDTH - RIGHT:.0f}" stroke-dasharray="7 5" stroke-width="1.5" '
        f'style="stroke:var(--soft);fill:none"/><text class="end" x="{WIDTH - RIGHT:.0f}" y="{y - 5:.1f}">'
        f"ordered: {number(view.ordered, 4)}</text>"
    )


def _treads(points: list[tuple[float, float, float]]) -> str:
    way = f"M{points[0][0]:.1f} {points[0][2]:.1f}" + "".join(f"V{y:.1f}H{right:.1f}" for _, right, y in points)
    return f'<path d="{way}" stroke-width="3" style="stroke:var(--tone-0);fill:none"/>'


def _dot(x: float, racks: float, low: float | None, high: float | None, up: Scale) -> str:
    y = up(racks)
    bar = ""
    if low is not None and high is not None:
        bar = (
            f'<path d="M{x:.1f} {up(low):.1f}V{up(high):.1f}" stroke-width="2" style="stroke:var(--tone-1);fill:none"/>'
        )
    return (
        f'{bar}<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" stroke-width="2" '
        f'style="stroke:var(--tone-1);fill:var(--card)"><title>simulated: {number(racks, 4)}</title></rect>'
    )


def _name(rung: Rung) -> str:
    return f"{rung.number} {', '.join(gate.gate for gate in rung.gates)}"


def _cost(rung: Rung) -> str:
    return "cost not known" if rung.cost_usd is None else quantity(rung.cost_usd, "USD")


def _label(point: tuple[float, float, float], name: str, cost: str) -> str:
    """Name and cost under a tread, in lines as wide as it is."""
    left, right, _ = point
    lines = _folded(name, max(8, int((right - left - 4) / LETTER_PX)))
    told = [*lines, *([cost] if cost else [])]
    return "".join(
        f'<text x="{left + 2:.1f}" y="{FLOOR + 18 + LINE_PX * place:.1f}">{escape(line)}</text>'
        for place, line in enumerate(told)
    )


def _folded(words: str, most: int) -> list[str]:
    """Words in lines of at most so many letters, the last one cut where there are too many."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= most or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    lines = [line if len(line) <= most + 1 else f"{line[:most]}…" for line in lines]
    return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1][: most - 1]}…"]


def _legend() -> str:
    y = HEIGHT - 14
    return (
        f'<path d="M{LEFT:.0f} {y - 4:.0f}h28" stroke-width="3" style="stroke:var(--tone-0);fill:none"/>'
        f'<text x="{LEFT + 36:.0f}" y="{y:.0f}">by the plan\'s limits</text>'
        f'<rect x="{LEFT + 190:.0f}" y="{y - 9:.0f}" width="10" height="10" stroke-width="2" '
        f'style="stroke:var(--tone-1);fill:var(--card)"/><text x="{LEFT + 208:.0f}" y="{y:.0f}">simulated, 95 %'
        f'</text><rect x="{LEFT + 400:.0f}" y="{y - 11:.0f}" width="22" height="14" style="fill:var(--wash)"/>'
        f'<text x="{LEFT + 428:.0f}" y="{y:.0f}">one step: the order within it is not sure</text>'
    )
