"""What the supply plan says: flows per bucket, what binds, and what one more unit is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from twin.model.units import WEEK_S

Series = NDArray[np.float64]

PlanStatus = Literal["optimal", "relaxed", "feasible", "infeasible", "unbounded", "failed"]
"""`relaxed`: optimal, with limits broken that no plan can keep."""
SOLVED: tuple[PlanStatus, ...] = ("optimal", "relaxed", "feasible")
"""With a plan."""
Objective = Literal["operational", "bound"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """How to plan.

    `operational` minimises priority-weighted lateness, then cost, then changes of rates; `bound`
    finds the most racks accepted by `until_s`, without safety time. Buckets: `weekly_buckets` weeks, then
    buckets of `coarse_weeks` up to `end_s`.
    """

    objective: Objective = "operational"
    weekly_buckets: int = 13
    coarse_weeks: int = 4
    end_s: int | None = None
    """Blank: the world's horizon."""
    until_s: int | None = None
    """Of the bound; blank: the end of the report window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Time from `begins_s` to `ends_s` in which a limit binds, and what one more unit of it in all of it is worth."""

    begins_s: int
    ends_s: int
    racks: float
    rack_weeks: float

    @property
    def length_s(self) -> int:
        """How long it is."""
        return self.ends_s - self.begins_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A limit that holds the plan back.

    `racks_per_unit`: racks accepted in time for the plan's largest backlog (for a bound: by
    its end) for one more unit in every bucket where it binds; `rack_weeks_per_unit`:
    lateness saved; both are the sums over `periods`, the buckets (of a share: the quarters) in
    which it binds, by their begin. `load` is use over limit in those buckets. The prices hold, to a tenth,
    up to so many percent more of the limit, 25 where it is that or more; None where not
    asked, since only the first few are.
    """

    kind: Literal["process", "resource", "lane", "sourcing", "allocation", "readiness"]
    name: str
    """In a planner's words, such as `CoWoS-L at AP6 Zhunan`."""
    site: str
    item: str
    unit: str
    limit: float
    load: float
    periods: tuple[Span, ...]
    racks_per_unit: float
    rack_weeks_per_unit: float
    source: str
    """Key of the source of the limit."""
    confidence: str
    racks_hold_percent: float | None = None
    rack_weeks_hold_percent: float | None = None

    @property
    def spans(self) -> tuple[Span, ...]:
        """The periods joined where nothing lies between them: from when to when it binds without a break."""
        return joined(self.periods)

    @property
    def weeks_binding(self) -> float:
        """So long it binds in all."""
        return sum(span.length_s for span in self.spans) / WEEK_S

    @property
    def first_binding_s(self) -> int:
        """The moment from which it binds first."""
        return self.periods[0].begins_s


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenLimit:
    """A limit that no plan can keep, and by how much this one, which breaks it least, goes beyond it.

    `reached` stands against `limit`, both in `unit`, at the worst of the time from `begins_s`
    to `ends_s`; `why` says what forces it, in words.
    """

    kind: Literal["process", "resource", "lane", "sourcing", "allocation", "readiness", "demand"]
    name: str
    site: str
    item: str
    unit: str
    limit: float
    reached: float
    begins_s: int
    ends_s: int
    why: str


def joined(periods: Sequence[Span]) -> tuple[Span, ...]:
    """Periods in the order of their begin, those that touch or overlap as one, with their worth added up."""
    spans: list[Span] = []
    for period in periods:
        if not spans or period.begins_s > spans[-1].ends_s:
            spans.append(period)
            continue
        last = spans[-1]
        spans[-1] = Span(
            begins_s=last.begins_s,
            ends_s=max(last.ends_s, period.ends_s),
            racks=last.racks + period.racks,
            rack_weeks=last.rack_weeks + period.rack_weeks,
        )
    return tuple(spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyPlan:
    """A plan from `edges_s[0]` on; every series has one entry per bucket, uniform within it.

    `production`: gross starts by (process, site, item). `shipments`: departures by
    (lane, item). `deliveries`: units accepted for orders, by (customer, site, item). `due`: units
    that fall due, in the first bucket with those that were overdue.
    `stock`: on hand at the end of the bucket, by (site, item). `backlog`: due and not
    accepted at the end of the bucket, by (customer, site, item). `promises`: by order name,
    the second at which the plan completes it, None where not within the horizon.
    """

    objective: Objective
    status: PlanStatus
    value: float
    bound: float
    edges_s: NDArray[np.int64]
    production: dict[tuple[str, str, str], Series]
    shipments: dict[tuple[str, str], Series]
    deliveries: dict[tuple[str, str, str], Series]
    due: dict[tuple[str, str, str], Series]
    stock: dict[tuple[str, str], Series]
    backlog: dict[tuple[str, str, str], Series]
    promises: dict[str, int | None]
    bindings: tuple[Binding, ...]
    asked: dict[tuple[str, ...], Series] = field(default_factory=dict)
    """What the plan's own processes and lanes ask of stocks under a policy, where they draw on any, by their keys in
    `production` and `shipments`: ahead of their starts where the stock does not hold as much."""
    open_orders: dict[tuple[str, str], Series] = field(default_factory=dict)
    """Ordered and not begun at the end of the bucket, by (site, item) under a policy."""
    broken: tuple[BrokenLimit, ...] = ()
    """Limits that had to be broken, where `status` is `relaxed`."""
    lots_of: tuple[tuple[str, str, str], ...] = ()
    """Processes of which the first quarter starts whole lots; prices are those without."""
    lots_rack_weeks: float = 0.0
    """By which whole lots fall behind the plan without them: weighted lateness, with money at its small weight."""
    columns: int
    rows: int
    solve_seconds: float

    @property
    def solved(self) -> bool:
        """Whether there is a plan to follow."""
        return self.status in SOLVED

    @property
    def gap(self) -> float:
        """Between value and bound, of the value; 0 where that is nothing."""
        return max(self.value - self.bound, 0.0) / abs(self.value) if self.lots_of and self.value else 0.0

    @property
    def starts_s(self) -> int:
        """The moment the plan begins."""
        return int(self.edges_s[0])

    def cumulative(self, series: Series, time_s: float) -> float:
        """The sum of a series up to a moment, straight within a bucket."""
        total = np.concatenate(([0.0], np.cumsum(series)))
        return float(np.interp(time_s, self.edges_s, total))
