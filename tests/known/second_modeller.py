"""A supply plan modelled a second time, straight from the tables, and solved by SciPy.

It shares no line with the twin: bare buckets of a week, one list of rows, three objectives one
after the other. It knows a world of two sources of a part, lanes of whole weeks in parallel, a
site that builds the part into racks, and orders of several customers, without value of goods,
so that all money is cost of making, freight and price. With 13 weeks there is one quarter.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from twin.model.rows_demand import Order
from twin.model.rows_make import Process
from twin.model.world import World

WEEKS = 13
EARLY_WEEKS = 4


@dataclass
class Model:
    """Columns from 0 up, rows as dictionaries from column to coefficient."""

    columns: int = 0
    equal: list[tuple[dict[int, float], float]] = field(default_factory=list)
    at_most: list[tuple[dict[int, float], float]] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)

    def series(self, upper: float = np.inf) -> list[int]:
        """A column for each week."""
        first = self.columns
        self.columns += WEEKS
        self.upper += [upper] * WEEKS
        return list(range(first, self.columns))

    def least(self, cost: dict[int, float]) -> float:
        """The minimum of a cost over all rows so far."""
        vector = np.zeros(self.columns)
        for column, value in cost.items():
            vector[column] += value
        found = linprog(
            vector,
            A_ub=self._matrix(self.at_most),
            b_ub=[limit for _, limit in self.at_most] or None,
            A_eq=self._matrix(self.equal),
            b_eq=[limit for _, limit in self.equal],
            bounds=[(0.0, upper) for upper in self.upper],
            method="highs",
        )
        assert found.success, found.message
        return float(found.fun)

    def _matrix(self, rows: list[tuple[dict[int, float], float]]) -> csr_array | None:
        if not rows:
            return None
        entries = [(number, column, value) for number, (row, _) in enumerate(rows) for column, value in row.items()]
        numbers, columns, values = zip(*entries, strict=True)
        return csr_array((values, (numbers, columns)), shape=(len(rows), self.columns))


@dataclass(frozen=True)
class Optimum:
    """Least weighted lateness in rack-weeks, then the least money with no more lateness than that."""

    lateness: float
    usd: float


def priority_weights(world: World) -> dict[int, float]:
    """Each priority weighs twice the next; the mean rack weighs 1."""
    racks: dict[int, float] = defaultdict(float)
    for order in world.orders:
        racks[order.priority] += order.quantity
    raw = {priority: 2.0**-priority for priority in racks}
    mean = sum(raw[each] * racks[each] for each in racks) / sum(racks.values())
    return {priority: weight / mean for priority, weight in raw.items()}


def lexicographic(world: World, on_hand: dict[tuple[str, str], float]) -> Optimum:
    """The optimum by two linear programmes, the second with the lateness of the first as a row."""
    model = Model()
    late, usd = _build(model, world, on_hand)
    lateness = model.least(late)
    model.at_most.append((late, lateness * (1 + 1e-9) + 1e-9))
    return Optimum(lateness=lateness, usd=model.least(usd))


def _build(
    model: Model, world: World, on_hand: dict[tuple[str, str], float]
) -> tuple[dict[int, float], dict[int, float]]:
    """All rows of the world; the cost of lateness and of money by column."""
    usd: dict[int, float] = {}
    gains: dict[tuple[str, str], list[dict[int, float]]] = defaultdict(lambda: [{} for _ in range(WEEKS)])
    _add_making(model, world, gains, usd)
    _add_lanes(model, world, gains, usd)
    late = _add_orders(model, world, gains)
    for place, weekly in gains.items():
        stock = model.series()
        for week, row in enumerate(weekly):
            balance = dict(row) | {stock[week]: -1.0}
            if week:
                balance[stock[week - 1]] = 1.0
            model.equal.append((balance, -on_hand.get(place, 0.0) if week == 0 else 0.0))
    return late, usd


Gains = dict[tuple[str, str], list[dict[int, float]]]


def _put(rows: list[dict[int, float]], week: int, column: int, value: float) -> None:
    if week < WEEKS:
        rows[week][column] = rows[week].get(column, 0.0) + value


def _add_making(model: Model, world: World, gains: Gains, usd: dict[int, float]) -> None:
    for process in world.processes:
        most = np.inf if process.capacity_per_week is None else process.capacity_per_week
        starts = model.series(most)
        for week, column in enumerate(starts):
            usd[column] = process.cost_usd_per_unit
            _put(gains[process.site, process.item], week + _weeks(process), column, process.yield_fraction)
            for line in world.bom:
                if line.item == process.item:
                    _put(gains[process.site, line.input], week, column, -line.quantity)


def _weeks(process: Process) -> int:
    return round(process.cycle_days.mean / 7) if process.cycle_days else 0


def _build_weeks(world: World) -> int:
    return next(_weeks(process) for process in world.processes if process.item == "rack")


def _add_lanes(model: Model, world: World, gains: Gains, usd: dict[int, float]) -> None:
    sources = {row.supplier: row for row in world.sourcing}
    received: dict[str, list[int]] = defaultdict(list)
    mass = {item.item: item.mass_kg for item in world.items}
    for lane in world.lanes:
        row = sources.get(lane.origin)
        sent = model.series()
        weeks = round(lane.transit_days.mean / 7)
        for week, column in enumerate(sent):
            usd[column] = lane.cost_usd_per_kg * mass["part"] + (row.price_usd if row else 0.0)
            _put(gains[lane.origin, "part"], week, column, -1.0)
            _put(gains[lane.destination, "part"], week + weeks, column, 1.0)
            if lane.capacity_kg_per_week is not None:
                model.at_most.append(({column: mass["part"]}, lane.capacity_kg_per_week))
            # What comes too late to be built within the plan is not sent, not even for the sake of a share.
            if week + weeks + _build_weeks(world) >= WEEKS:
                model.upper[column] = 0.0
            if row and row.qualified_from and week < (row.qualified_from - world.settings.starts).days // 7:
                model.upper[column] = 0.0
        received[lane.origin] += sent
    everything = [column for columns in received.values() for column in columns]
    for supplier, row in sources.items():
        for share, sign in ((row.share_max, 1.0), (row.share_min, -1.0)):
            own = set(received[supplier])
            model.at_most.append(({c: sign * ((1.0 if c in own else 0.0) - share) for c in everything}, 0.0))


def _add_orders(model: Model, world: World, gains: Gains) -> dict[int, float]:
    weights, late_cost = priority_weights(world), {}
    for customer in sorted({order.customer for order in world.orders}):
        orders = [order for order in world.orders if order.customer == customer]
        served, late = model.series(), model.series()
        for week in range(WEEKS):
            _put(gains[orders[0].site, orders[0].item], week, served[week], -1.0)
            due = sum(order.quantity for order in orders if _due_week(world, order) <= week)
            soon = sum(order.quantity for order in orders if _due_week(world, order) <= week + EARLY_WEEKS)
            so_far = dict.fromkeys(served[: week + 1], 1.0)
            model.at_most.append((so_far, float(soon)))
            model.at_most.append((dict.fromkeys(so_far, -1.0) | {late[week]: -1.0}, -float(due)))
            late_cost[late[week]] = weights[orders[0].priority]
    return late_cost


def _due_week(world: World, order: Order) -> int:
    """The bucket by whose end it is due: requested on the last day of its week."""
    return int((order.requested - world.settings.starts).days // 7)
