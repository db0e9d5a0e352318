"""The gates of a programme of rates: its limits as rows that columns raise, like ones together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from twin.network.record import Network
from twin.plan.cost import ORDER_PREFERENCE
from twin.plan.demand import Stream
from twin.plan.limit import Limit
from twin.plan.linear import ABSENT, Indexes, Reals
from twin.plan.program import Program

GateKind = Literal["process", "resource", "lane", "readiness", "sourcing", "allocation", "orders"]
FREED: tuple[GateKind, ...] = ("sourcing", "allocation")
"""Of these there is no more or less: they hold, or they are given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One limit of a gate, over the buckets of the programme, with the columns by which more of it is had.

    `limit` is in `unit`, `rises` by how much its `rows` rise with as much again of it.
    """

    name: str
    site: str
    item: str
    unit: str
    limit: Reals
    rises: Reals
    rows: Indexes
    columns: Indexes
    begins_s: Indexes
    weeks: Reals
    source: str
    whole: bool
    """Whether there is a whole number of it, such as bays, crews or positions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Like limits of a chain: a kind of line, of cell, of crew, of power, wherever it stands; or the orders."""

    kind: GateKind
    name: str
    members: tuple[int, ...]
    """Positions in the members of the programme."""
    ceiling: int
    """The column that no member of the gate may grow beyond."""

    @property
    def is_freed(self) -> bool:
        """Whether it is given up as a whole, not raised."""
        return self.kind in FREED


class GateBuilder:
    """Turns the limits of a programme into members with columns that raise them, and these into gates."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._linear = program.linear
        self._groups: dict[tuple[GateKind, str], list[int]] = defaultdict(list)
        self.members: list[Member] = []
        self.limits: list[Limit] = []

    def add(self, limit: Limit) -> None:
        """A limit of the plan; one that more of nothing would raise, as of a network that is not there, is passed."""
        if not limit.limit[np.isfinite(limit.limit)].any():
            return
        held = self._of_its_line(self._as_rows(limit))
        assert held.rows is not None
        if not np.any(held.rows != ABSENT):
            return
        rises = np.zeros(len(held.rows))
        if held.kind in FREED:
            columns = self._freeing(held)
        else:
            assert not callable(held.per_unit)
            here = held.rows != ABSENT
            rises[here] = held.limit[here] * held.per_unit[here]
            columns = self._raising(held.rows, rises)
        self.limits.append(held)
        self._keep((held.kind, _name(self._program.frame.network, held)), held, rises, columns)

    def add_orders(self, asked: Sequence[Stream]) -> None:
        """What customers ask for of racks is a limit too; `asked` by stream of the programme."""
        frame, linear = self._program.frame, self._linear
        wanted = [number for number, stream in enumerate(asked) if stream.item in frame.finished]
        rises = np.array([asked[number].open for number in wanted]).reshape(len(wanted), frame.buckets)
        rows = linear.add_rows(np.full(rises.shape, -np.inf), rises)
        linear.add_entries(rows, self._program.total[wanted], 1.0)
        total = rises.sum(axis=0)
        self.members.append(
            Member(
                name="orders",
                site="",
                item="",
                unit="racks",
                limit=total,
                rises=rises.ravel(),
                rows=rows.ravel(),
                columns=self._raising(rows.ravel(), rises.ravel()),
                begins_s=np.tile(frame.edges[:-1], len(wanted)),
                weeks=np.tile(frame.weeks, len(wanted)),
                source=next((row.source for row in frame.network.world.orders), ""),
                whole=False,
            )
        )
        self._groups["orders", "orders"].append(len(self.members) - 1)

    def gates(self) -> tuple[Gate, ...]:
        """The gates, each with its ceiling: a column, and a row for each member that keeps under it."""
        linear = self._linear
        found = []
        for (kind, name), numbers in self._groups.items():
            [ceiling] = linear.add_columns(np.full(1, np.inf)).tolist()
            if kind not in FREED:
                rows = linear.add_rows(np.full(len(numbers), -np.inf), np.zeros(len(numbers)))
                raising = np.array([self.members[number].columns[0] for number in numbers])
                linear.add_entries(rows, raising, 1.0)
                linear.add_entries(rows, np.array([ceiling]), -1.0)
            found.append(Gate(kind=kind, name=name, members=tuple(numbers), ceiling=ceiling))
        return tuple(found)

    def _as_rows(self, limit: Limit) -> Limit:
        """The limit held by rows, where bounds of columns held it."""
        if limit.columns is None:
            return limit
        here = limit.columns != ABSENT
        rows = np.full(len(limit.columns), ABSENT)
        scale = self._program.frame.scale(limit.item)
        upper = (limit.limit * self._program.frame.weeks)[here]
        rows[here] = self._linear.add_rows(np.full(len(upper), -np.inf), upper, scale=scale)
        self._linear.add_entries(rows, limit.columns, 1.0)
        return replace(limit, columns=None, rows=rows, per_unit=self._program.frame.weeks)

    def _of_its_line(self, limit: Limit) -> Limit:
        """The limit of a process that has none of its own is that of its line, by which it is disrupted."""
        network = self._program.frame.network
        rows = [
            row
            for key, found in network.processes.items()
            if limit.kind == "process" and (f"{key[0]} at {key[1]}", key[2]) == (limit.name, limit.item)
            for row in found
        ]
        if not rows or any(row.capacity_per_week is not None for row in rows):
            return limit
        return replace(limit, kind="resource", name=f"{rows[-1].resource} at {limit.site}", item="")

    def _raising(self, rows: Indexes, rises: Reals) -> Indexes:
        columns = self._linear.add_columns(np.full(1, np.inf))
        self._linear.add_entries(rows, columns, -rises)
        return columns

    def _freeing(self, limit: Limit) -> Indexes:
        """A column for each row by which it may be passed."""
        assert limit.rows is not None
        scale = self._program.frame.scale(limit.item)
        columns = self._linear.add_columns(np.full(len(limit.rows), np.inf), cost=ORDER_PREFERENCE / scale, scale=scale)
        least = limit.kind == "allocation" or limit.name.startswith("least")
        self._linear.add_entries(limit.rows, columns, 1.0 if least else -1.0)
        return columns

    def _keep(self, group: tuple[GateKind, str], limit: Limit, rises: Reals, columns: Indexes) -> None:
        assert limit.rows is not None
        self.members.append(
            Member(
                name=limit.name,
                site=limit.site,
                item=limit.item,
                unit=limit.unit,
                limit=limit.limit,
                rises=rises,
                rows=limit.rows,
                columns=columns,
                begins_s=limit.begins_s,
                weeks=limit.weeks,
                source=limit.source,
                whole=self._is_counted(limit),
            )
        )
        self._groups[group].append(len(self.members) - 1)

    def _is_counted(self, limit: Limit) -> bool:
        held = limit.kind == "resource" and _is_held(self._program.frame.network, limit)
        finite = limit.limit[np.isfinite(limit.limit)]
        peak = float(finite.max()) if len(finite) else 0.0
        return (held or limit.unit == "positions") and peak == round(peak)


def _is_held(network: Network, limit: Limit) -> bool:
    """Whether steps hold it, so that it is a number and no weekly rate."""
    return (limit.site, limit.name.removesuffix(f" at {limit.site}")) in network.seized_places


def _name(network: Network, limit: Limit) -> str:
    """What a planner calls the gate to which a limit belongs."""
    bare = limit.name.removesuffix(f" at {limit.site}")
    words = bare.replace("_", " ")
    item = limit.item.replace("_", " ")
    if limit.kind == "process":
        return f"{item} ({words})"
    if limit.kind == "resource" and _is_held(network, limit):
        return f"{words} ({network.sites[limit.site].kind.replace('_', ' ')})"
    if limit.kind == "lane":
        return f"freight {limit.name[limit.name.rindex(' by ') + 1 :]}"
    if limit.kind == "readiness":
        return f"{words} at the datacenters"
    return {"allocation": f"customers' shares of {item}", "sourcing": f"suppliers' shares of {item}"}.get(
        limit.kind, words
    )
