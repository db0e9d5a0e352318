"""Parts of what a result says of the supply plan."""

from __future__ import annotations

from twin.events.part import Part


class BindingSpan(Part):
    """Time in which a limit binds without a break, and what one more unit in all of it is worth."""

    begins: str
    ends: str
    """The first day on which it binds no more."""
    weeks: float
    racks_per_unit: float
    rack_weeks_per_unit: float


class ConversionRow(Part):
    """Units that a plan converts at a site, up to the horizon."""

    item: str
    into: str
    site: str
    units: list[float]
    """By bucket of the plan."""


class BrokenRow(Part):
    """A limit that no plan can keep, and by how much the plan goes beyond it; see `twin.plan.record.BrokenLimit`."""

    kind: str
    """`resource`, `readiness`, `sourcing` or `demand`."""
    name: str
    site: str
    item: str
    unit: str
    limit: float
    reached: float
    """What the plan comes to, at the worst of the time."""
    begins: str
    ends: str
    """The first day on which it holds again, or the end of the plan."""
    why: str
