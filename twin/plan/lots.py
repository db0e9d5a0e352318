"""Whole lots where they matter: the plan's first quarter as a mixed-integer programme."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from twin.model.units import WEEK_S
from twin.network.record import ProcessKey
from twin.plan.cost import ORDER_PREFERENCE
from twin.plan.frame import Frame
from twin.plan.linear import ABSENT, SIMPLEX_COLUMNS, Indexes, Reals, Solution
from twin.plan.passages import row_at
from twin.plan.program import Program
from twin.plan.record import Series

FIRST_WEEKS = 13
"""Lots are whole in the buckets that end within so long."""
MANY_LOTS = 10.0
"""A process that starts more lots than these a week is as good as a fluid."""
MOST_BRANCHES = 2_000
"""Of the search for whole lots: a limit that no clock moves."""
LOT_GAP = 1e-4
"""Relative, at which whole lots are good enough."""
ROUNDING = 1e-4
"""Of a lot: short by no more than this it is full."""
STARTED = 1e-6
"""Lots a week; fewer are none."""


def where_they_matter(frame: Frame, production: dict[ProcessKey, Series]) -> frozenset[ProcessKey]:
    """Processes in lots that start few of them a week in the first quarter, by a plan without whole lots."""
    early = first_buckets(frame)
    weeks = float(frame.weeks[early].sum())
    return frozenset(
        key
        for key in frame.makers
        if not frame.network.is_routed(key)
        and (key[1], key[2]) not in frame.sources
        and (size := _lot_sizes(frame, key)).max() > 1
        and weeks > 0
        and STARTED < float((production[key][early] / size[early]).sum()) / weeks <= MANY_LOTS
    )


def first_buckets(frame: Frame) -> Indexes:
    """The buckets that end within the first quarter of the plan."""
    return np.flatnonzero(frame.edges[1:] <= frame.edges[0] + FIRST_WEEKS * WEEK_S)


def add_lots(program: Program, keys: frozenset[ProcessKey]) -> None:
    """Lots of some processes released when their starts have added up to whole ones.

    `starts` goes on taking capacity as a fluid; `released` uses inputs and comes out: in the
    first quarter whole lots, later anything. All that was released is at most all that was
    started, so that a lot larger than a week's capacity is started over several.
    """
    frame, linear = program.frame, program.linear
    early = first_buckets(frame)
    program.released = program.starts.copy()
    for index, key in enumerate(frame.makers):
        if key not in keys:
            continue
        sizes = _lot_sizes(frame, key)
        whole = np.zeros(frame.buckets, bool)
        whole[early] = True
        live = program.starts[index] != ABSENT
        scales = np.where(whole, sizes, frame.scale(key[2]))
        released = np.full(frame.buckets, ABSENT)
        most = np.full(int(live.sum()), np.inf)
        released[live] = linear.add_columns(most, scale=scales[live], whole=whole[live])
        program.released[index] = released
        _hold_back(program, index, released)


def in_whole_lots(program: Program, keys: frozenset[ProcessKey]) -> Solution:
    """A programme with lots, solved: a small one by branching, a large one by rounding tier by tier.

    Upstream first: of the plan without whole lots, each process releases the whole ones in
    what it has released so far; what is downstream is planned again with these. That always
    succeeds, since later and fewer lots take no more inputs. The bound is that of the
    programme without whole lots.
    """
    linear = program.linear
    if linear.columns <= SIMPLEX_COLUMNS:
        return linear.solve_whole(MOST_BRANCHES, LOT_GAP)
    fluid = solution = linear.solve()
    for tier in _tiers(program, keys):
        for index in tier:
            _round_down(program, index, solution)
        solution = linear.solve()
    return replace(solution, status="feasible", bound=fluid.value)


def _tiers(program: Program, keys: frozenset[ProcessKey]) -> list[list[int]]:
    """Makers with whole lots, by item from raw to finished, those together that feed one another in no way."""
    frame = program.frame
    depth: dict[str, int] = {}
    for item in frame.network.item_order:
        below = max((depth.get(part, 0) for part, _ in frame.network.inputs.get(item, ())), default=0)
        depth[item] = below + any(key[2] == item for key in keys)
    tiers: dict[int, list[int]] = {}
    for index, key in enumerate(frame.makers):
        if key in keys:
            tiers.setdefault(depth[key[2]], []).append(index)
    return [tiers[level] for level in sorted(tiers)]


def _round_down(program: Program, index: int, solution: Solution) -> None:
    """Fix the lots of a maker in the first quarter at the whole ones in what was released by then."""
    frame = program.frame
    sizes = _lot_sizes(frame, frame.makers[index])
    early = first_buckets(frame)
    columns = program.released[index][early]
    lots = np.where(columns == ABSENT, 0.0, solution.values[columns]) / sizes[early]
    whole = np.floor(np.cumsum(lots) + ROUNDING)
    program.linear.fix(columns, np.diff(whole, prepend=0.0) * sizes[early], sizes[early])


def _hold_back(program: Program, index: int, released: Indexes) -> None:
    """Started so far, less released so far, is what waits for its lot to fill: never below zero."""
    frame, linear = program.frame, program.linear
    scale = frame.scale(frame.makers[index][2])
    zero = np.zeros(frame.buckets)
    # A last preference for starting no sooner than needed.
    waiting = linear.add_columns(zero + np.inf, cost=frame.weeks * ORDER_PREFERENCE / scale, scale=scale)
    rows = linear.add_rows(zero, zero, scale=scale)
    linear.add_entries(rows, waiting, 1.0)
    linear.add_entries(rows[1:], waiting[:-1], -1.0)
    linear.add_entries(rows, program.starts[index], -1.0)
    linear.add_entries(rows, released, 1.0)


def _lot_sizes(frame: Frame, key: ProcessKey) -> Reals:
    """Of a process, by bucket: the row that holds at its start."""
    rows = frame.network.processes[key]
    second_of = frame.settings.second_of
    return np.array([row_at(rows, second_of, int(edge)).lot_size for edge in frame.edges[:-1]], np.float64)
