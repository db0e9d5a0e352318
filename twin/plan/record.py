"""What the supply plan says: flows per bucket, what binds, and what one more unit is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]

PlanStatus = Literal["optimal", "feasible", "infeasible", "unbounded", "failed"]
Objective = Literal["operational", "bound"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """How to plan.

    `operational` minimises priority-weighted lateness, then cost; `bound` finds the most
    racks accepted by `until_s`, without safety time. Buckets: `weekly_buckets` weeks, then
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
class Binding:
    """A limit that holds the plan back.

    `racks_per_unit`: racks accepted in time for the plan's largest backlog (for a bound: by
    its end) for one more unit in every bucket where it binds; `rack_weeks_per_unit`:
    lateness saved. `load` is use over limit in those buckets. The prices hold, to a tenth,
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
    weeks_binding: float
    first_binding_s: int
    racks_per_unit: float
    rack_weeks_per_unit: float
    source: str
    """Key of the source of the limit."""
    confidence: str
    racks_hold_percent: float | None = None
    rack_weeks_hold_percent: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyPlan:
    """A plan from `edges_s[0]` on; every series has one entry per bucket, uniform within it.

    `production`: gross starts by (process, site, item). `shipments`: departures by
    (lane, item). `deliveries`: units accepted for orders, by (customer, site, item).
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
    stock: dict[tuple[str, str], Series]
    backlog: dict[tuple[str, str, str], Series]
    promises: dict[str, int | None]
    bindings: tuple[Binding, ...]
    columns: int
    rows: int
    solve_seconds: float

    @property
    def starts_s(self) -> int:
        """The moment the plan begins."""
        return int(self.edges_s[0])

    def cumulative(self, series: Series, time_s: float) -> float:
        """The sum of a series up to a moment, straight within a bucket."""
        total = np.concatenate(([0.0], np.cumsum(series)))
        return float(np.interp(time_s, self.edges_s, total))
