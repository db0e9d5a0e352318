"""What moves through a routing: units, the steps they take, the queues they wait in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from twin.model.rows_make import RoutingStep
from twin.simulate.gates import OpenTime
from twin.simulate.luck import LuckGroup
from twin.simulate.pools import Pool

if TYPE_CHECKING:
    from twin.simulate.routing import SiteFloor

NAN = float("nan")

Urgency = tuple[int, int, str]
"""Priority, promise or due second, order name: the smallest is served first."""


@dataclass(slots=True, eq=False)
class Unit:
    """A rack (or a job) on its way; `order` and `number` are its serial, `luck` its draws."""

    order: int
    number: int
    luck: LuckGroup
    urgency: Urgency
    destination: str = ""
    serves: int = -1
    """Order line it counts for, once shipped."""
    ordinal: int = -1
    """Its number within the order it serves."""
    released_s: float = NAN
    docked_s: float = NAN
    since_s: int = 0
    step: int = 0
    """Position in its routing, 0 first."""
    attempts: dict[int, int] = field(default_factory=dict)
    """By step number: attempts so far."""
    defects: int = 0
    found: int = 0
    """Defects found by the gate that it last failed."""
    work_s: int = 0
    repeats: bool = False
    held_places: list[tuple[Pool, int]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Queue:
    """Units that wait for the same step and the same resources, most urgent first.

    `rivals` are the queues, downstream first, that may start when this one's resources
    come free, itself among them.
    """

    position: int
    holds: list[tuple[Pool, float]]
    attended: list[str]
    open_time: OpenTime
    waiting: list[tuple[Urgency, int, Unit, Routing]] = field(default_factory=list)
    rivals: list[Queue] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Step:
    """A routing step at a site, compiled: what it holds, when it may run, how it may fail."""

    row: RoutingStep
    queue: Queue
    place: int
    cost_per_hour: float
    tested: bool
    """False where nothing can be put in, found or failed, so that every unit passes."""


@dataclass(slots=True, eq=False)
class Routing:
    """An item's steps at one site. Units enter, pass through, and leave by `leave` or `lose`.

    `leave(unit, step)` is handed a unit that still holds its last step's resources, since it
    may have to wait there for room; it must call `SiteFloor.release`.
    """

    floor_site: SiteFloor
    item: str
    item_code: int
    steps: list[Step]
    leave: Callable[[Unit, Step], None]
    lose: Callable[[Unit], None]

    def enter(self, unit: Unit, position: int = 0, remaining_s: int | None = None) -> None:
        """A unit comes to a step, the first unless it is found further on, there with work left."""
        unit.step = position
        unit.repeats = False
        self.floor_site.join(self, unit, remaining_s)
