"""`twin bottleneck`: the gates of a chain in the order in which they bind, each raised until the next one does."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from twin.plan.linear import Reals
from twin.plan.rate_gates import Gate, Member
from twin.plan.rate_levels import PERCENT, Level, RateSolver, ceiling_of
from twin.plan.rates import MOST_RELIEF
from twin.study.ground import Progress

LEAST_WORTH = 0.1
"""A gate binds where one percent more of it brings at least so many percent more racks."""
ENOUGH = 0.5
"""A gate is raised for as long as one percent more brings at least this part of what the first one did."""
SWAP = 1.2
"""Rungs that change places where one of them has a fifth more than is said share a step."""
SPARE_ORDERS = 1.25
"""Every order grows to whole multiples of itself until all of them are so much more than the racks there are: the
chain, not the book, is to say how many; and no customer is to take much more of them than it does by the book."""
MOST_ORDERS = 50.0
"""Orders grow to so many times themselves at most."""
ROUNDING = 1e-9
NONE_BINDS = "No gate brings a tenth of its own growth any more: several hold a little, and none holds all."
AT_MOST = "No other gate binds before the gates raised are ten times what they are, which is as far as is looked."
NO_RACK = "The chain brings no rack in the report window, whatever there is more of."


@dataclass(frozen=True, slots=True, kw_only=True)
class Climbed:
    """Gates that bind together, raised together; all raised before may rise further with them.

    `factor`: what the highest of their limits comes to, over what it was. `before` and
    `after` are the least relief that brings their racks.
    """

    gates: tuple[int, ...]
    before: Level
    after: Level
    bound: Level
    """Before, with all gates of the rungs below as high as it takes: by its prices and rows these gates bind."""
    factor: float
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The rungs in order, from the `start` on; `ended` says why there are no more, blank where enough were asked."""

    start: Level
    rungs: tuple[Climbed, ...]
    ended: str


def climb(solver: RateSolver, rungs: int, progress: Progress) -> Ladder:
    """Raise what binds, see what it brings, and find what binds next, up to so many times.

    What was raised once binds no more: it rises with the rungs above, as far as they need it.
    """
    progress("rungs", 0, rungs)
    level = start = _start(solver)
    found: list[Climbed] = []
    while len(found) < rungs:
        below = tuple(gate for rung in found for gate in rung.gates)
        bound = solver.level(level.relief, _open(solver, below))
        joint, slope = joint_gates(solver, bound, level.relief, below)
        if not joint:
            return Ladder(start=start, rungs=tuple(found), ended=_why_ended(solver, level, below))
        after = _with_orders(solver, level.relief, partial(_raised, solver, (*below, *joint), slope))
        factor = max((_grown(solver.rates.gates[gate], level, after) for gate in joint), default=1.0)
        found.append(Climbed(gates=joint, before=level, after=after, bound=bound, factor=factor, step=_step(found)))
        level = after
        progress("rungs", len(found), rungs)
    return Ladder(start=start, rungs=tuple(found), ended="")


def _start(solver: RateSolver) -> Level:
    """The level as things stand, with orders grown until they do not bind."""
    return _with_orders(solver, solver.nothing, solver.level)


def _with_orders(solver: RateSolver, relief: Reals, asked: Callable[[Reals], Level]) -> Level:
    """A level asked for, with orders grown until they are well more than its racks."""
    orders = orders_of(solver)
    [member] = orders.members
    ordered = float(solver.rates.members[member].limit[-1])
    relief = relief.copy()
    while True:
        level = asked(relief)
        wanted = math.floor(SPARE_ORDERS * level.racks / ordered + ROUNDING) if ordered else 0
        if wanted <= relief[member] or relief[member] + 1.0 >= MOST_ORDERS:
            return level
        relief[member] = min(float(wanted), MOST_ORDERS - 1.0)


def orders_of(solver: RateSolver) -> Gate:
    """The orders, which are a limit of the programme and no gate of the chain."""
    return next(gate for gate in solver.rates.gates if gate.kind == "orders")


def _step(found: Sequence[Climbed]) -> int:
    """The step on which the next rung stands: that of the last, where a fifth more would have it bind first."""
    if not found:
        return 1
    together = [rung for rung in found if rung.step == found[-1].step]
    return found[-1].step + (math.prod(rung.factor for rung in together) > SWAP + ROUNDING)


def _why_ended(solver: RateSolver, level: Level, below: Sequence[int]) -> str:
    if not level.racks:
        return NO_RACK
    most = any(ceiling_of(solver.rates.gates[gate], level.relief) >= MOST_RELIEF for gate in below)
    return AT_MOST if most else NONE_BINDS


def _open(solver: RateSolver, gates: Sequence[int]) -> dict[int, float]:
    """As much more of each gate as is ever looked for; those that are freed are freed."""
    return {number: 1.0 if solver.rates.gates[number].is_freed else MOST_RELIEF for number in gates}


def joint_gates(solver: RateSolver, bound: Level, relief: Reals, below: Sequence[int]) -> tuple[tuple[int, ...], float]:
    """The gates that bind together, and what one percent more of all of them brings; none where nothing brings more.

    `bound` is the level at a `relief` with the gates `below` raised as far as it takes. Where
    gates bind at one level, prices may stand on any of them, and one alone brings nothing:
    those that hold the rest back are priced once the first is raised. Then each is left out
    in turn, and stays out where the others bring as much.
    """
    least = LEAST_WORTH * PERCENT * bound.racks
    orders = solver.rates.gates.index(orders_of(solver))
    chosen: list[int] = []
    gain, asked = 0.0, bound

    def probed(gates: Sequence[int]) -> Level:
        return solver.level(relief, _open(solver, below) | _a_percent(solver, relief, gates))

    while not chosen or gain < least:
        worth = np.array(
            [0.0 if number in (orders, *below, *chosen) else each for number, each in enumerate(asked.worth)]
        )
        best = int(np.argmax(worth))
        if worth[best] < max(least, ROUNDING):
            return (), 0.0
        chosen.append(best)
        asked = probed(chosen)
        gain = asked.racks - bound.racks
    for gate in chosen[:-1]:
        others = [other for other in chosen if other != gate]
        if probed(others).racks - bound.racks >= gain * (1.0 - PERCENT):
            chosen = others
    return tuple(chosen), gain


def _a_percent(solver: RateSolver, relief: Reals, gates: Sequence[int]) -> dict[int, float]:
    """One percent more of each gate; those that are freed are freed."""
    each = {number: solver.rates.gates[number] for number in gates}
    return {
        number: 1.0 if gate.is_freed else (1.0 + ceiling_of(gate, relief)) * (1.0 + PERCENT) - 1.0
        for number, gate in each.items()
    }


def _raised(solver: RateSolver, raised: Sequence[int], slope: float, relief: Reals) -> Level:
    """The level with gates raised as far as it is worth it, in whole units where they are held by units."""
    gates = {number: solver.rates.gates[number] for number in raised}
    price = {
        number: ENOUGH * slope / (PERCENT * (1.0 + ceiling_of(gate, relief))) / len(gates)
        for number, gate in gates.items()
    }
    relief = solver.level(relief, _open(solver, raised), price).relief.copy()
    for gate in gates.values():
        for number in gate.members:
            relief[number] = _in_whole_units(solver.rates.members[number], float(relief[number]))
    return solver.level(relief)


def _in_whole_units(member: Member, relief: float) -> float:
    """Relief of what there is a whole number of, such as bays or positions, rounded up to whole units."""
    peak = peak_of(member)
    if not member.whole or peak <= 0:
        return relief
    return math.ceil(peak * (1.0 + relief) - 1e-6) / peak - 1.0


def peak_of(member: Member) -> float:
    """The most there is of a limit in the window, in its own unit."""
    finite = member.limit[np.isfinite(member.limit)]
    return float(finite.max()) if len(finite) else 0.0


def _grown(gate: Gate, before: Level, after: Level) -> float:
    if gate.is_freed:
        return 1.0
    return (1.0 + ceiling_of(gate, after.relief)) / (1.0 + ceiling_of(gate, before.relief))


def alone(solver: RateSolver, level: Level) -> Reals:
    """By gate: the racks that as much again of it brings at a level, by itself.

    What has no price brings nothing by any amount, since racks rise ever more slowly with a limit.
    """
    gains = np.zeros(len(solver.rates.gates))
    for number, gate in enumerate(solver.rates.gates):
        if level.worth[number] > PERCENT * PERCENT * PERCENT * level.racks:
            most = 1.0 if gate.is_freed else 2.0 * (1.0 + ceiling_of(gate, level.relief)) - 1.0
            gains[number] = max(solver.level(level.relief, {number: most}).racks - level.racks, 0.0)
    return gains
