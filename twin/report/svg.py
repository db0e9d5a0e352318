"""Paths in few characters: relative steps of half a pixel, or of a whole one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from twin.report.land import Point


def path(outline: Sequence[Point], closed: bool = False, steps_per_px: int = 2) -> str:
    """An SVG path through points; those nearer than a step to the one before are left out.

    A closed path of fewer than three points covers nothing and is blank.
    """
    grid = [(round(steps_per_px * x), round(steps_per_px * y)) for x, y in outline]
    kept = [point for place, point in enumerate(grid) if place == 0 or point != grid[place - 1]]
    if not kept or (closed and len(kept) < 3):
        return ""
    px = [(x / steps_per_px, y / steps_per_px) for x, y in kept]
    steps = " ".join(f"{x2 - x1:g} {y2 - y1:g}" for (x1, y1), (x2, y2) in pairwise(px))
    text = f"M{px[0][0]:g} {px[0][1]:g}" + (f"l{steps}" if steps else "") + ("z" if closed else "")
    return text.replace(" -", "-")
