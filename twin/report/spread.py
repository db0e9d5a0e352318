"""Markers moved apart where they would cover each other, and labels where there is room."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from twin.report.land import Point

ROUNDS = 60
GOLDEN_ANGLE = 2.399963
LETTER_PX = 6.3
LINE_PX = 13.0
AWAY_PX = 8.0


def spread_out(places: Sequence[Point], apart_px: float) -> list[Point]:
    """Places pushed apart until neighbours are `apart_px` away, or the rounds are used up.

    Deterministic: places that coincide start on a small spiral in their order.
    """
    moved = [
        (
            x + 0.01 * math.sqrt(turn) * math.cos(turn * GOLDEN_ANGLE),
            y + 0.01 * math.sqrt(turn) * math.sin(turn * GOLDEN_ANGLE),
        )
        for turn, (x, y) in enumerate(places)
    ]
    for _ in range(ROUNDS):
        if not _push(moved, apart_px):
            break
    return moved


def _push(moved: list[Point], apart_px: float) -> bool:
    """One round over all pairs; whether any was too near."""
    near = False
    for first in range(len(moved)):
        for second in range(first + 1, len(moved)):
            across, down = moved[second][0] - moved[first][0], moved[second][1] - moved[first][1]
            if abs(across) >= apart_px or abs(down) >= apart_px:
                continue
            distance = math.hypot(across, down)
            if distance >= apart_px or distance == 0:
                continue
            near = True
            step = (apart_px - distance) / 2 / distance
            moved[first] = (moved[first][0] - across * step, moved[first][1] - down * step)
            moved[second] = (moved[second][0] + across * step, moved[second][1] + down * step)
    return near


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A text at its baseline's start."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def place_labels(texts: Sequence[tuple[str, Point]], markers: Sequence[Point], frame: Point) -> list[Label]:
    """Labels beside their places, most important first; one that fits nowhere is left out."""
    taken = [_Box(x - 5, y - 5, x + 5, y + 5) for x, y in markers]
    labels = []
    for text, (x, y) in texts:
        width = LETTER_PX * len(text)
        for left, base in (
            (x + AWAY_PX, y + 4),
            (x - AWAY_PX - width, y + 4),
            (x - width / 2, y - AWAY_PX),
            (x - width / 2, y + AWAY_PX + LINE_PX - 3),
        ):
            box = _Box(left, base - LINE_PX + 3, left + width, base + 3)
            inside = left >= 0 and base - LINE_PX >= 0 and left + width <= frame[0] and base + 3 <= frame[1]
            if inside and not any(box.meets(other) for other in taken):
                taken.append(box)
                labels.append(Label(text=text, x=left, y=base))
                break
    return labels
