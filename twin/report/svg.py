"""Paths in few characters: relative steps of half a pixel."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from twin.report.land import Point


def path(outline: Sequence[Point], closed: bool = False) -> str:
    """An SVG path through points; those nearer than a step to the one before are left out.

    A closed path of fewer than three points covers nothing and is blank.
    """
    grid = [(round(2 * x), round(2 * y)) for x, y in outline]
    kept = [point for place, point in enumerate(grid) if place == 0 or point != grid[place - 1]]
    if not kept or (closed and len(kept) < 3):
        return ""
    steps = " ".join(f"{(x2 - x1) / 2:g} {(y2 - y1) / 2:g}" for (x1, y1), (x2, y2) in pairwise(kept))
    text = f"M{kept[0][0] / 2:g} {kept[0][1] / 2:g}" + (f"l{steps}" if steps else "") + ("z" if closed else "")
    return text.replace(" -", "-")
