"""Rows that say what more of a capacity costs, and how long it takes."""

from __future__ import annotations

from twin.model.amounts import Days, NonNegative, Positive
from twin.model.row import Row


class Expansion(Row):
    """What more of a capacity costs, and how long it takes; `twin bottleneck` reads it."""

    target: str
    """A resource, an item that is made, a lane; or of datacenters `power`, `rack positions` or `cooling`."""
    site: str = ""
    """Blank: wherever it stands that has no row of its own."""
    step: Positive | None = None
    """It is added in whole multiples of this, in the unit of its capacity; blank: in any amount."""
    usd_per_unit: NonNegative
    """Of one unit of the capacity more: one bay, one kilowatt, one start a week, one megawatt."""
    lead_days: Days | None = None
    """Until it can be used; blank: not known."""
