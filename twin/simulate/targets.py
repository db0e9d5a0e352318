"""What a plan asks of a station or a lane: a cumulative curve, and when it reaches a number."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

import numpy as np
from numpy.typing import NDArray

from twin.simulate.gates import NEVER_S

TOLERANCE: Final = 1e-6
"""Units; below the noise of a linear programme's answer and far below one unit."""
JUST_SHORT: Final = 10 * TOLERANCE
"""Of a block: what is due just when a new plan is made is due as soon as that wants any, and never if it wants none."""


class Target:
    """Cumulative units a plan wants done from its start on, straight within each bucket.

    `done` counts what has been done since the plan took over; `carry` is what was already
    missing (positive) or done ahead (negative) at that moment. `begun` is what the plan before
    had wanted by then of the next unit, lot or block: the curve goes on from there.
    """

    __slots__ = ("_asked", "_bucket", "_cumulative", "_edges", "_s_each", "carry", "done")

    def __init__(
        self, edges_s: NDArray[np.int64], series: NDArray[np.float64], carry: float, begun: float = 0.0
    ) -> None:
        self._edges: list[int] = edges_s.tolist()
        self._cumulative: list[float] = [begun, *(begun + np.cumsum(np.maximum(series, 0.0))).tolist()]
        steps = zip(np.diff(edges_s).tolist(), np.diff(self._cumulative).tolist(), strict=True)
        self._s_each: list[float] = [length_s / wanted if wanted > 0 else 0.0 for length_s, wanted in steps]
        """Seconds from one unit to the next, by bucket."""
        self._bucket = 0
        self._asked = 0
        self.carry = carry
        self.done = 0.0

    def due_s(self, more: float) -> int:
        """When the plan wants `more` units beyond those done; NEVER_S if it does not."""
        needed = self.done + more - self.carry
        cumulative, edges = self._cumulative, self._edges
        if needed <= TOLERANCE:
            return edges[0]
        if needed > cumulative[-1] + TOLERANCE:
            return NEVER_S
        bucket = self._bucket
        while cumulative[bucket + 1] + TOLERANCE < needed:
            bucket += 1
        self._bucket = bucket
        later = needed - cumulative[bucket]
        return edges[bucket] + int(later * self._s_each[bucket] + 0.5) if later > 0 else edges[bucket]

    def ahead_s(self, more: float) -> int:
        """As `due_s`, for units further ahead than the next."""
        bucket = self._bucket
        due_s = self.due_s(more)
        self._bucket = bucket
        return due_s

    def wanted(self, time_s: int) -> float:
        """Units the plan wants done by a moment, with the carry."""
        edges, cumulative, bucket = self._edges, self._cumulative, self._asked
        if not edges[bucket] <= time_s < edges[bucket + 1]:
            if time_s < edges[0]:
                return cumulative[0] + self.carry
            if time_s >= edges[-1]:
                return cumulative[-1] + self.carry
            bucket = self._asked = bisect_right(edges, time_s) - 1
        part = (time_s - edges[bucket]) / (edges[bucket + 1] - edges[bucket])
        return cumulative[bucket] + part * (cumulative[bucket + 1] - cumulative[bucket]) + self.carry

    def begun(self, time_s: int, block: float) -> float:
        """What is wanted by a moment of the next block of units, and not done: from 0 to just short of the block.

        A plan made then goes on from there. More than a block is late, not begun: that the new
        plan knows, and asks for again when it fits.
        """
        return min(max(self.wanted(time_s) - self.done, 0.0), block - JUST_SHORT)
