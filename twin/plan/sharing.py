"""Shares of the sources of an item: least and most over rolling quarters, and a price for leaving the plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from twin.model.profile import StepProfile
from twin.model.rows_network import Sourcing
from twin.model.units import WEEK_S
from twin.network.record import ProcessKey
from twin.plan.buckets import Edges, bucket_means, open_part
from twin.plan.cost import OFF_SHARE, ORDER_PREFERENCE, SHORTFALL_OF_SHARE
from twin.plan.limit import Limit, PerUnit, Yielding
from twin.plan.linear import ABSENT, Indexes, Reals
from twin.plan.program import Program

QUARTER_S = 13 * WEEK_S
ROLL_S = 4 * WEEK_S
"""Quarters begin every four weeks."""
QUARTER_ROLLS = 3
"""Planned shares are compared in every third of them, so that each week counts about once."""
LONG_WEEKS = 2.0
PERCENT = 0.01
SHARE_TOLERANCE = 1e-6
NOTHING = 1e-3
"""Rack equivalents of an item that are no receipt to take shares of."""
CANNOT_SHIP = "nothing of it can leave there in that time"
DOWN = 0.3
"""A source that may start less than this part of its highest rate is down."""


Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Buckets `first` to `last` (excluded) that share limits hold over."""

    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One supplier's row of a group of sources for the same need, with its flows, when it is down and can ship."""

    row: Sourcing
    flows: tuple[int, ...]
    down: Flags
    ships: Flags

    def is_down(self, window: Window) -> bool:
        """Whether it is down in some bucket of a window."""
        return bool(self.down[window.first : window.last].any())

    def can_ship(self, window: Window) -> bool:
        """Whether anything can leave it in a window."""
        return bool(self.ships[window.first : window.last].any())


def add_sharing(program: Program, dollar: float) -> None:
    """Receipts from each source against those from all, over rolling quarters; `dollar` as in `price_columns`.

    Shares are of what a consumer receives (of all shipments where the row names no
    consumer), counted at departure. While a source, or anything upstream of it, is down,
    its least share and the planned shares are waived, and the planned share it misses may
    count as received, so that the others rise to their most. So is the least share of a source
    that can ship nothing in a quarter; and where the most shares of those that can add up to
    less than the whole, as much as needed may count as received, or nothing could be.
    """
    windows = rolling_quarters(program.frame.edges)
    for sources in _groups(program):
        if len(sources) > 1:
            group = _Group(program, sources, dollar)
            for number, window in enumerate(windows):
                group.add_window(window, planned=number % QUARTER_ROLLS == 0)
            group.remember()


def rolling_quarters(edges: Edges) -> tuple[Window, ...]:
    """Every four weeks the buckets of the next quarter, as long as it lies within the plan."""
    found: dict[tuple[int, int], None] = {}
    for begin_s in range(int(edges[0]), int(edges[-1] - QUARTER_S) + 1, ROLL_S):
        first, last = np.searchsorted(edges, (begin_s, begin_s + QUARTER_S))
        found[int(first), int(last)] = None
    return tuple(Window(first=first, last=last) for first, last in found)


def _groups(program: Program) -> list[tuple[Source, ...]]:
    """Sources of each need: an item at a consumer, or an item everywhere."""
    flows: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    rows: dict[tuple[str, str, str], Sourcing] = {}
    for index, flow in enumerate(program.frame.flows):
        # A policy orders over one lane, whatever the shares.
        if flow.sourcing is not None and (flow.destination, flow.item) not in program.frame.sources:
            row = flow.sourcing
            flows[row.item, row.consumer][row.supplier].append(index)
            rows[row.item, row.consumer, row.supplier] = row
    return [
        tuple(
            Source(
                row=rows[item, consumer, supplier],
                flows=tuple(indexes),
                down=_affected(program, supplier, item),
                ships=_ships(program, supplier, item, indexes),
            )
            for supplier, indexes in sorted(suppliers.items())
        )
        for (item, consumer), suppliers in sorted(flows.items())
    ]


class _Group:
    """The rows of one group of sources."""

    def __init__(self, program: Program, sources: tuple[Source, ...], dollar: float) -> None:
        self._program = program
        self._sources = sources
        self._item = sources[0].row.item
        self._scale = program.frame.scale(self._item)
        item = program.frame.network.items.get(self._item)
        self._value = dollar * (item.value_usd if item else 0.0)
        self._most: dict[str, list[tuple[int, int, Window]]] = defaultdict(list)
        self._least: dict[str, list[tuple[int, Window]]] = defaultdict(list)
        self._waived: dict[str, list[Window]] = defaultdict(list)
        self._short: list[Window] = []

    def add_window(self, window: Window, planned: bool) -> None:
        """Least and most shares of a window and, where `planned`, the price of leaving the plan."""
        linear = self._program.linear
        down = [source for source in self._sources if source.is_down(window)]
        able = [source for source in self._sources if source in down or source.can_ship(window)]
        short = sum(source.row.share_max for source in able) < 1.0 - SHARE_TOLERANCE
        missing = self._missing(window, down, boundless=short)
        if short:
            self._short.append(window)
        for source in self._sources:
            row = source.row
            if row.share_max < 1:
                most = self._balance(source, window, row.share_max, lower=-np.inf, upper=0.0)
                linear.add_entries(most, missing, -row.share_max)
                self._most[row.supplier].append((int(most[0]), int(missing[0]), window))
            if row.share_min > 0 and source not in able:
                self._waived[row.supplier].append(window)
            elif row.share_min > 0 and source not in down:
                least = self._balance(source, window, row.share_min, lower=0.0, upper=np.inf)
                self._least[row.supplier].append((int(least[0]), window))
            if row.share_planned is not None and planned and not down:
                exact = self._balance(source, window, row.share_planned, lower=0.0, upper=0.0)
                cost = self._value * OFF_SHARE + ORDER_PREFERENCE / self._scale
                away = linear.add_columns(np.full(2, np.inf), cost=cost, scale=self._scale)
                linear.add_entries(exact, away, np.array([1.0, -1.0]))

    def remember(self) -> None:
        """Keep the shares as limits, priced by the percentage point, and those that give way."""
        for source in self._sources:
            row = source.row
            if most := self._most[row.supplier]:
                columns = [column for _, column, _ in most]
                spans = [window for _, _, window in most]
                one_point = partial(self._points, spans, columns, PERCENT)
                self._remember(
                    row, f"most share of {row.item}", row.share_max, [r for r, _, _ in most], spans, one_point
                )
            if least := self._least[row.supplier]:
                spans = [window for _, window in least]
                # One point more of leeway is one less of the least share.
                one_point = partial(self._points, spans, [], -PERCENT)
                self._remember(
                    row, f"least share of {row.item}", row.share_min, [r for r, _ in least], spans, one_point
                )
            if row.share_max < 1 and self._short:
                self._yield(source, self._short, least=False)
            if self._waived[row.supplier]:
                self._yield(source, self._waived[row.supplier], least=True)

    def _remember(
        self, row: Sourcing, name: str, share: float, rows: list[int], windows: list[Window], one_point: PerUnit
    ) -> None:
        edges = self._program.frame.edges
        self._program.limits.append(
            Limit(
                kind="sourcing",
                name=f"{name} from {row.supplier}",
                site=row.consumer,
                item=row.item,
                unit="percentage points",
                rows=np.array(rows),
                limit=np.full(len(windows), share / PERCENT),
                per_unit=one_point,
                begins_s=np.array([edges[window.first] for window in windows]),
                weeks=np.array([(edges[window.last] - edges[window.first]) / WEEK_S for window in windows]),
                source=row.source,
            )
        )

    def _points(self, windows: list[Window], missing: list[int], part: float, values: Reals) -> Reals:
        """A part of what is received in each window, with what counts as if it were."""
        received = np.array([values[self._columns(self._sources, window)].sum() for window in windows])
        return part * (received + values[missing]) if missing else part * received

    def _yield(self, source: Source, windows: list[Window], *, least: bool) -> None:
        """A share that gives way in some windows, told by what it comes to there."""
        row, edges = source.row, self._program.frame.edges
        share = row.share_min if least else row.share_max
        self._program.yielding.append(
            Yielding(
                kind="sourcing",
                name=f"{'least' if least else 'most'} share of {row.item} from {row.supplier}",
                site=row.consumer,
                item=row.item,
                unit="percent",
                limit=np.full(len(windows), share / PERCENT),
                reached=partial(self._percent, source, windows, share / PERCENT),
                begins_s=np.array([edges[window.first] for window in windows]),
                ends_s=np.array([edges[window.last] for window in windows]),
                why=CANNOT_SHIP if least else self._too_little(),
                least=least,
            )
        )

    def _too_little(self) -> str:
        """Why the most shares do not suffice."""
        together = sum(each.row.share_max for each in self._sources)
        if together < 1.0 - SHARE_TOLERANCE:
            return f"its sources may bring {together / PERCENT:.3g} % of it at most, all together"
        return "the sources that can ship then may bring less than the whole at most"

    def _percent(self, source: Source, windows: list[Window], nothing: float, values: Reals) -> Reals:
        """What came from a source, of all that came; `nothing` where nothing came."""
        found = []
        for window in windows:
            total = float(values[self._columns(self._sources, window)].sum())
            own = float(values[self._columns((source,), window)].sum())
            found.append(own / total / PERCENT if total > NOTHING * self._scale else nothing)
        return np.array(found)

    def _balance(self, source: Source, window: Window, share: float, lower: float, upper: float) -> Indexes:
        """A row: what comes from one source less a share of what comes from all."""
        linear = self._program.linear
        scale = self._scale
        row = linear.add_rows(np.array([lower]), np.array([upper]), scale=scale)
        linear.add_entries(row, self._columns((source,), window), 1.0)
        linear.add_entries(row, self._columns(self._sources, window), -share)
        return row

    def _columns(self, sources: tuple[Source, ...], window: Window) -> Indexes:
        flows = [flow for source in sources for flow in source.flows]
        columns = self._program.moved[flows, window.first : window.last].ravel()
        return np.asarray(columns[columns != ABSENT], np.int64)

    def _missing(self, window: Window, down: list[Source], *, boundless: bool) -> Indexes:
        """A column for the planned receipts of sources that are down: at most their share of the need.

        `boundless`: as much as needed, where otherwise nothing could be received.
        """
        rows = [source.row for source in down]
        share = sum(row.share_max if row.share_planned is None else row.share_planned for row in rows)
        upper = np.array([np.inf if boundless else min(share, 1.0) * self._need(window)])
        cost = self._value * SHORTFALL_OF_SHARE + ORDER_PREFERENCE / self._scale
        return self._program.linear.add_columns(upper, cost=cost, scale=self._scale)

    def _need(self, window: Window) -> float:
        """Of the item, by everything that falls due in a window; at a named consumer no more than it can use."""
        frame = self._program.frame
        total = 0.0
        for stream in frame.streams:
            per_unit = frame.content.get(stream.item, {}).get(self._item, 0.0)
            before = stream.due[window.first - 1] if window.first else 0.0
            total += per_unit * float(stream.due[window.last - 1] - before)
        return total


def _ships(program: Program, supplier: str, item: str, flows: list[int]) -> Flags:
    """Buckets in which an item can leave a supplier: where a lane is open and the item can be there."""
    frame = program.frame
    open_lane = (program.moved[flows] != ABSENT).any(axis=0)
    there = np.arange(frame.buckets) >= program.first_there[supplier, item]
    return np.asarray(open_lane & there, np.bool_)


def _affected(program: Program, supplier: str, item: str) -> Flags:
    """Buckets in which a supplier is down, or from which on something upstream of it was."""
    frame = program.frame
    affected = np.zeros(frame.buckets, bool)
    makers = frame.network.made_at.get((supplier, item), ())
    if makers:
        affected |= np.all([_down(program, key) for key in makers], axis=0)
    for key in _upstream(program, makers):
        affected |= np.logical_or.accumulate(_down(program, key))
    return affected


def _upstream(program: Program, makers: Sequence[ProcessKey]) -> list[ProcessKey]:
    """Every process that an input of these may come from."""
    network = program.frame.network
    found: dict[ProcessKey, None] = {}
    waiting = [part for key in makers for part, _ in network.inputs_of(key)]
    while waiting:
        part = waiting.pop()
        for key in network.makers.get(part, ()):
            if key not in found:
                found[key] = None
                waiting += [deeper for deeper, _ in network.inputs_of(key)]
    return list(found)


def _down(program: Program, key: ProcessKey) -> Flags:
    """Buckets in which a process may start less than a part of its highest rate, where that lasts two weeks or more."""
    frame = program.frame
    available = frame.availability.processes[key]
    rate = available.starts_per_week or StepProfile.constant(1.0)
    means = bucket_means(open_part(rate, available.blocked), frame.edges)
    low = means < DOWN * means.max()
    return _long_runs(low, frame.weeks)


def _long_runs(low: Flags, weeks: Reals) -> Flags:
    """Runs of buckets that add up to `LONG_WEEKS` or more; holidays are shorter."""
    long = np.zeros(len(low), bool)
    marks = np.flatnonzero(np.diff(np.concatenate(([False], low, [False]))))
    for first, last in zip(marks[::2], marks[1::2], strict=True):
        long[first:last] = weeks[first:last].sum() >= LONG_WEEKS
    return long
