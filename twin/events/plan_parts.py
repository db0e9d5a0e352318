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
