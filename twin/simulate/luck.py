"""The draws of units made one by one, keyed by purpose, step and serial.

A unit's serial is its order and its number in it: the draws of an order come in one block
per step, indexed by the number, and those of later attempts from streams of their own.
Where a unit is worked on is not in the key.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Final

from twin.model.distribution import Distribution
from twin.model.rows_make import RoutingStep
from twin.model.units import HOUR_S
from twin.simulate.streams import Streams, poisson_quantile, whole_seconds

_BY_MEANS: Final = -1
"""Stands for the block of units in a run that goes by means."""

_Key = tuple[str, str, int, int, int, int]
"""Purpose, item or lane, step, attempt, block of units, and the identity of the distribution."""


class LuckGroup:
    """All draws of an order's units; `size` is the number of units drawn for at a time."""

    __slots__ = ("_first", "_name", "_seconds", "_size", "_streams", "_uniforms")

    def __init__(self, streams: Streams, name: str, size: int) -> None:
        self._streams = streams
        self._name = name
        self._size = max(1, size)
        # Arrays, not lists: a year draws some millions of numbers, and most lie idle for long.
        self._first: dict[tuple[int, int], list[array[int]]] = {}
        self._uniforms: dict[tuple[object, ...], array[float]] = {}
        self._seconds: dict[_Key, array[int]] = {}

    def first_hours_s(self, item: str, rows: Sequence[RoutingStep], unit: int) -> tuple[int, ...]:
        """Seconds of work of each step of a routing at a unit's first attempt."""
        block, position = divmod(unit, self._size)
        if not self._streams.noise:
            block = _BY_MEANS
        table = self._first.get((id(rows), block))
        if table is None:
            table = self._first[id(rows), block] = self._draw_first_hours(item, rows, block)
        return tuple([column[position] for column in table])

    def _draw_first_hours(self, item: str, rows: Sequence[RoutingStep], block: int) -> list[array[int]]:
        """One draw for a whole order, a line of it for each step number: a step more changes no other's."""
        if not self._streams.noise:
            return [array("q", [round(row.hours.mean * HOUR_S)]) * self._size for row in rows]
        lines = max(row.step for row in rows)
        drawn = self._streams.uniforms(lines * self._size, "first hours", self._name, item, block)
        by_step = drawn.reshape(lines, self._size)
        return [whole_seconds(row.hours, HOUR_S, by_step[row.step - 1]) for row in rows]

    def again_s(self, item: str, row: RoutingStep, unit: int, attempts: int) -> int:
        """Seconds of work of a step that has been attempted so many times before."""
        return self.duration_s("hours", item, row.step, row.hours, HOUR_S, unit, attempts)

    def rework_s(self, item: str, row: RoutingStep, unit: int, attempt: int) -> int:
        """Seconds of rework after a failed attempt, 1 the first."""
        if row.rework_hours is None:
            return 0
        return self.duration_s("rework", item, row.step, row.rework_hours, HOUR_S, unit, attempt)

    def transit_s(self, lane: str, distribution: Distribution, unit_s: int, unit: int) -> int:
        """Seconds of transit of a unit on a lane."""
        return self.duration_s("transit", lane, 0, distribution, unit_s, unit, 0)

    def duration_s(
        self, purpose: str, item: str, step: int, distribution: Distribution, unit_s: int, unit: int, attempt: int
    ) -> int:
        """A duration by inverse probability of the unit's own uniform number."""
        if distribution.is_constant or not self._streams.noise:
            return round(distribution.mean * unit_s)
        block, position = divmod(unit, self._size)
        key = (purpose, item, step, attempt, block, id(distribution))
        seconds = self._seconds.get(key)
        if seconds is None:
            uniform = self._streams.uniforms(self._size, purpose, self._name, item, step, attempt, block)
            seconds = self._seconds[key] = whole_seconds(distribution, unit_s, uniform)
        return seconds[position]

    def test(self, item: str, row: RoutingStep, unit: int, attempt: int) -> float:
        """The uniform number that decides a test: it passes below the yield."""
        return self._uniform(unit, "test", item, row.step, attempt)

    def spoils(self, item: str, unit: int) -> float:
        """The uniform number by which a unit that is finished is good or spoilt; 0, good, without noise."""
        return self._uniform(unit, "spoilt", item, 0, 0) if self._streams.noise else 0.0

    def defects(self, item: str, row: RoutingStep, mean: float, unit: int) -> int:
        """Defects put in by a step (Poisson)."""
        return poisson_quantile(self._uniform(unit, "defects", item, row.step, 0), mean)

    def shipping_defects(self, lane: str, mean: float, unit: int) -> int:
        """Defects added to a unit on a lane (Poisson); none without noise."""
        return poisson_quantile(self._uniform(unit, "shipping defects", lane, 0, 0), mean) if self._streams.noise else 0

    def found(self, item: str, row: RoutingStep, unit: int, present: int) -> int:
        """How many of the defects present the gate of a step finds (each by its coverage)."""
        draws = (self._uniform(unit, f"gate {number}", item, row.step, 1) for number in range(present))
        return sum(draw < row.gate_coverage for draw in draws)

    def _uniform(self, unit: int, purpose: str, item: str, step: int, attempt: int) -> float:
        block, position = divmod(unit, self._size)
        key = (purpose, item, step, attempt, block)
        uniforms = self._uniforms.get(key)
        if uniforms is None:
            drawn = self._streams.uniforms(self._size, purpose, self._name, item, step, attempt, block)
            uniforms = self._uniforms[key] = array("d", drawn.tobytes())
        return uniforms[position]
