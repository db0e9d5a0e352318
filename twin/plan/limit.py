"""A limit of the plan, kept so that its price, or that it had to be broken, can be told in a planner's words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from twin.plan.linear import Indexes, Reals

LimitKind = Literal["process", "resource", "lane", "sourcing", "allocation", "readiness"]
PerUnit = Callable[[Reals], Reals]
"""Column values to the rise of each bound with one more unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit over its periods: held by upper bounds of `columns`, or by `rows`, ABSENT where none.

    `limit` is in `unit`, one value a period; `per_unit` is by how much the bound of the
    period's column or row rises with one more unit, or says how to work it out from the
    solution. Periods begin at `begins_s` and count for `weeks`.
    """

    kind: LimitKind
    name: str
    site: str
    item: str
    unit: str
    limit: Reals
    per_unit: Reals | PerUnit
    begins_s: Indexes
    weeks: Reals
    source: str
    columns: Indexes | None = None
    rows: Indexes | None = None
    lasting: bool = False
    """Whether what takes of it keeps it: of a run of full periods at one limit only the last then has a price."""
    already: float = 0.0
    """In `unit`: what holds it since before the plan and stands in no column."""


Beyond = Callable[[Reals], Reals]
"""Column values to what is reached of a limit in each of its periods."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Yielding:
    """A limit that gives way where it must, over its periods; `reached` says of a solution what it came to.

    Broken where `reached` lies beyond `limit`: above it, or, of a `least` one, below. Limits
    that are infinite hold nothing.
    """

    kind: LimitKind
    name: str
    site: str
    item: str
    unit: str
    limit: Reals
    reached: Beyond
    begins_s: Indexes
    ends_s: Indexes
    why: str
    least: bool = False
