"""What `twin promise` answers: when an order is likely complete, whose order slips for it, what would make it surer."""

from __future__ import annotations

from twin.events.on_time import Chance
from twin.events.part import Part


class Asked(Part):
    """An order of the table by name, or a new one in all its parts; a promise is asked for it."""

    order: str = ""
    """Blank: a new order."""
    customer: str = ""
    site: str = ""
    item: str = ""
    quantity: int = 0
    priority: int | None = None
    """None: as most orders of the customer there have it, or, where it has none there, as most of all its orders."""
    by: str = ""
    """ISO date by which a new order is wanted; blank: as soon as can be."""
    target: float = 0.8
    """The chance to which buffers would lift the order."""


class PromisedDate(Part):
    """By the end of which day the order is complete with a chance, with the 95 % interval of that day."""

    chance: float
    date: str | None
    """None: not within the horizon."""
    low: str | None
    high: str | None
    """None: the replays are too few to say, or it is not within the horizon."""


class Slip(Part):
    """An order that is complete later for a new one."""

    order: str
    customer: str
    site: str
    item: str
    quantity: int
    due: str
    planned_days: float | None
    """By the plans with and without the new order; None: the plan no longer completes it."""
    days: float | None = None
    """In the mean of pairs of replays under the same luck; None: due after the weeks replayed."""
    at_least: bool = False
    """True where it is open in some of the pairs when the weeks replayed end, and counts as complete then."""
    low: float | None = None
    high: float | None = None
    on_time_before: float | None = None
    on_time_after: float | None = None
    """Chance of being complete by the day asked for."""


class StageWait(Part):
    """How long racks of the order wait before a stage, in the mean."""

    stage: str
    """`release`, `step`, `truck` or `place`."""
    site: str
    name: str
    """Of the step, lane or item that is waited for."""
    hours_per_rack: float


class ResourceBuffer(Part):
    """More of what the order's racks wait for, and what it would do."""

    resource: str
    site: str
    unit: str
    present: float
    more: float | None
    """The least found that lifts the order to the target; None: no amount tried does."""
    tried: float
    """The largest amount tried."""
    chance: Chance | None
    """With that much more, planned and scheduled anew."""


class Buffers(Part):
    """What would lift an order to the target; each alone."""

    target: float
    hours: float | None
    """Earlier by so many hours, or promised so much later; 0: not needed; None: not within the replays."""
    racks: int
    """Finished racks (of another item: units) of its own ready ahead."""
    waits: list[StageWait]
    """Of all its racks, longest first."""
    late_waits: list[StageWait] = []
    """Of those accepted after the day asked for, longest first."""
    resource: ResourceBuffer | None = None
    note: str
    """In words."""


class PromiseView(Part):
    """The answer to one promise asked for."""

    schema_version: int = 1
    scenario: str
    world: str
    seed: int
    replays: int
    replayed_until: str
    """Day up to which every replay was run; those in which the order was not complete ran on."""
    order: str
    is_new: bool
    customer: str
    site: str
    item: str
    quantity: int
    priority: int
    due: str | None
    """The day asked for; None: as soon as can be."""
    promised: str | None = None
    """The day for which the book itself promises it; None: it does not."""
    planned: str | None
    """The day on which the plan completes it; None: not within the horizon."""
    ahead: int = 0
    """Units of orders that fall due after the plan completes it, and go before it by their priority."""
    dates: list[PromisedDate]
    by_due: Chance | None
    by_promise: Chance | None = None
    """By the end of the day that the book promises."""
    by_plan: Chance | None
    """By the moment of that day at which the plan completes it."""
    slips: list[Slip]
    """Other orders that a new one makes later, most rack-days first."""
    slips_by: str
    """What the slips are read from, in words."""
    buffers: Buffers | None
    """None: no day was asked for."""
