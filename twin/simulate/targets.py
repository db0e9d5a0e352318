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
    had wanted by then of the next unit, lot or block: the curve goes on from there. What is due
    next is asked far more often than it changes its bucket, so of that bucket the numbers lie
    at hand.
    """

    __slots__ = ("_asked", "_bucket", "_cumulative", "_edges", "_from_s", "_from_units", "_s_each", "_to_units",
                 "_total_units", "carry", "done")  # fmt: skip

    def __init__(
        self, edges_s: NDArray[np.int64], series: NDArray[np.float64], carry: float, begun: float = 0.0
    ) -> None:
        self._edges: list[int] = edges_s.tolist()
        self._cumulative: list[float] = [begun, *(begun + np.cumsum(np.maximum(series, 0.0))).tolist()]
        self._total_units = self._cumulative[-1]
        self._asked = 0
        self.carry = carry
        self.done = 0.0
        self._bucket = 0
        self._from_s: int = self._edges[0]
        self._from_units, self._to_units, self._s_each = 0.0, 0.0, 0.0
        if len(self._cumulative) > 1:
            self._open(0)

    def _open(self, bucket: int) -> None:
        """What is due next lies in this bucket: its beginning, its units, and seconds from one unit to the next."""
        self._bucket = bucket
        self._from_s, to_s = self._edges[bucket], self._edges[bucket + 1]
        self._from_units, self._to_units = self._cumulative[bucket], self._cumulative[bucket + 1]
        wanted = self._to_units - self._from_units
        self._s_each = (to_s - self._from_s) / wanted if wanted > 0 else 0.0

    def due_s(self, more: float) -> int:
        """When the plan wants `more` units beyond those done; NEVER_S if it does not."""
        needed = self.done + more - self.carry
        if needed <= TOLERANCE:
            return self._edges[0]
        if needed > self._total_units + TOLERANCE:
            return NEVER_S
        while self._to_units + TOLERANCE < needed:
            self._open(self._bucket + 1)
        later = needed - self._from_units
        return self._from_s + int(later * self._s_each + 0.5) if later > 0 else self._from_s

    def ahead_s(self, more: float) -> int:
        """As `due_s`, for units further ahead than the next."""
        bucket = self._bucket
        due_s = self.due_s(more)
        if self._bucket != bucket:
            self._open(bucket)
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
