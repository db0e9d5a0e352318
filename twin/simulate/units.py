"""What moves through a routing: units, the steps they take, the queues they wait in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from twin.model.rows_make import RoutingStep
from twin.model.units import HOUR_S
from twin.network.record import Curve, StepMode
from twin.simulate.gates import OpenTime, Stops
from twin.simulate.luck import LuckGroup
from twin.simulate.making import Conditions
from twin.simulate.pools import Pool, Units

if TYPE_CHECKING:
    from twin.simulate.clusters import Together
    from twin.simulate.limits import WaitLimit
    from twin.simulate.routing import SiteFloor

NAN: Final = float("nan")

Urgency = tuple[int, int, str]
"""Priority, promise or due second, order name: the smallest is served first."""


class Unit:
    """A rack (or a job) on its way; `order` and `number` are its serial, `luck` its draws.

    Written out rather than a dataclass, whose making is not compiled.
    """

    __slots__ = ("at", "attempts", "begun_in", "defects", "destination", "docked_s", "entered", "factor",
                 "failing", "found", "held_places", "hours_s", "kept_mode", "limit", "luck", "must_start_s", "number",
                 "order", "ordinal", "pace", "rack", "released_s", "repeats", "routing", "serves", "since_s",
                 "urgency", "work_s")  # fmt: skip

    limit: WaitLimit
    """By which its step must begin at some moment, where it must."""
    routing: Routing
    """The routing it is in, set as it enters."""
    at: Step
    """The step it waits for or is worked on at, set as it enters."""

    def __init__(
        self, order: int, number: int, luck: LuckGroup, urgency: Urgency, destination: str = "", rack: int = -1
    ) -> None:
        self.order = order
        self.number = number
        self.luck = luck
        self.urgency = urgency
        self.destination = destination
        self.serves = -1
        """Order line it counts for, once shipped."""
        self.ordinal = -1
        """Its number within the order it serves."""
        self.rack = rack
        """Its own number in the log, which it keeps when its order changes; -1 for what is not shipped."""
        self.released_s = NAN
        self.docked_s = NAN
        self.since_s = 0
        self.entered = 0
        """Position at which it entered the routing."""
        self.hours_s: tuple[int, ...] = ()
        """Work of each step of the routing at the first attempt."""
        self.pace: tuple[float, ...] = ()
        """Hours of each step of the routing over those in the table, by its number there; none: as in the table."""
        self.failing: tuple[float, ...] = ()
        """The same of what fails at an attempt, and of the defects put in."""
        self.work_s = 0
        self.attempts: dict[int, int] = {}
        """By step number: attempts so far; kept from the first rework on, one at each step before."""
        self.repeats = False
        """True from the first rework on."""
        self.defects = 0
        self.found = 0
        """Defects found by the gate that it last failed."""
        self.factor = 1.0
        """What its work is to be multiplied by, once, when it starts: the hours of the mode over those of the step."""
        self.begun_in: Step | None = None
        """The mode of its step in which it was found on day one, and in which it goes on."""
        self.kept_mode = ""
        """In which it does all steps that keep it, from when it has begun the first of them."""
        self.held_places: list[tuple[Units, int]] = []
        """Places that may break down, of its step."""
        self.must_start_s = -1
        """By when its step must begin, or the one before is repeated; -1: it may wait."""


@dataclass(slots=True, eq=False)
class Queue:
    """Units that wait for the same step and the same resources, most urgent first.

    `rivals` are the queues, downstream first, that may start when this one's resources
    come free, itself among them.
    """

    position: int
    holds: list[tuple[Pool, float]]
    attended: list[str]
    open_time: OpenTime | None
    """Hours in which its work runs; None: always."""
    fragile: list[tuple[Units, int]]
    """Of the places it holds, those that may break down, with how many of each a unit takes."""
    opens_s: int = 0
    """Until when its calendar is known to be closed, with a try at that moment arranged."""
    waiting: list[tuple[Urgency, int, Unit]] = field(default_factory=list)
    rivals: list[Queue] = field(default_factory=list)
    options: list[Queue] | None = None
    """The queues of each mode, in their order, where its units may start in any of them."""
    through: list[list[tuple[Queue, float]]] | None = None
    """Where units keep the mode that they start in: of each, the queues of all its steps, with their mean seconds."""
    names: list[str] = field(default_factory=list)
    """Of the modes in `through`."""
    limit: WaitLimit | None = None
    """Of the wait after the step."""
    leads: Together | None = None
    """The step whose clusters wait here, each as the first of its units that came; None: units wait for themselves."""
    members: int = 1
    """How many start next: those of the first cluster, and `holds` is what they take together."""
    gathers: bool = False
    """True where racks may have to wait for others of their cluster first."""
    held_back_by: list[Queue] = field(default_factory=list)
    """Queues of clusters, not upstream of this one, that share some resource with it."""

    def take_places(self, places: list[tuple[Units, int]], now: int, work_s: int) -> int:
        """Take the places that may break down, adding them to `places`; gives when work begun now ends there."""
        for units, count in self.fragile:
            places += [(units, units.take()) for _ in range(count)]
        return self.fragile[0][0].end_of(places, now, work_s, self.open_time)


@dataclass(slots=True, eq=False)
class Step:
    """A routing step at a site, compiled: what it holds, when it may run, how it may fail."""

    row: RoutingStep
    number: int
    """As in the table."""
    position: int
    """In the routing, 0 first."""
    queue: Queue
    stops: Stops | None
    """Spells in which its work stands still; None where there are none."""
    place: int
    cost_per_hour: float
    tested: bool
    """False where nothing can be put in, found or failed, so that every unit passes."""
    following: Step | None = None
    """None at the last."""
    together: Together | None = None
    """Where racks do it in clusters."""
    limit: WaitLimit | None = None
    """Of the wait for the next step."""
    modes: list[Step] | None = None
    """The step in each of its modes, as the options of its queue; None where it has none."""
    any_mode: Step | None = None
    """Of a mode: the step that stands for all of them."""
    mode: str = ""
    factor: float = 1.0
    """Of a mode: its hours over those of the step."""


def mode_begun(unit: Unit, *, under_way: bool) -> str:
    """The mode of its step that a unit is worked on in, or was found in; blank where it may still take any."""
    begun = under_way or (unit.begun_in is not None and unit.begun_in is unit.at)
    return unit.at.mode if begun else ""


def in_any_mode(own: list[Step], modes: Sequence[StepMode], queue: Queue) -> Step:
    """The step that stands for these modes of it, waiting for any of them in `queue`."""
    first = own[0]
    step = Step(
        row=first.row,
        number=first.number,
        position=first.position,
        queue=queue,
        stops=first.stops,
        place=first.place,
        cost_per_hour=first.cost_per_hour,
        tested=first.tested,
        modes=own,
    )
    for each, mode in zip(own, modes, strict=True):
        each.any_mode, each.mode, each.factor = step, mode.name, mode.factor
    return step


class Routing:
    """An item's steps at one site. Units enter, pass through, and leave by `leave` or `lose`.

    `leave(unit, step)` is handed a unit that still holds its last step's resources, since it
    may have to wait there for room; it must call `SiteFloor.release`.
    """

    __slots__ = ("begun", "conditions", "curves", "floor_site", "item", "item_code", "key", "last_kept", "leave",
                 "lose", "rows", "steps", "together")  # fmt: skip

    def __init__(
        self,
        floor_site: SiteFloor,
        key: tuple[str, str, str],
        item_code: int,
        rows: Sequence[RoutingStep],
        steps: list[Step],
        conditions: Conditions,
        leave: Callable[[Unit, Step], None],
        lose: Callable[[Unit], None],
    ) -> None:
        self.floor_site = floor_site
        self.key = key
        self.item = key[2]
        self.item_code = item_code
        self.rows = rows
        self.steps = steps
        self.conditions = conditions
        self.leave = leave
        self.lose = lose
        self.last_kept = max([step.position for step in steps if step.row.keeps_mode], default=-1)
        """Position of the last step that keeps its units' mode; -1: none does."""
        self.together: list[Together] = []
        """Its steps that racks do in clusters."""
        self.begun = 0
        """Units that have begun it since `starts`."""
        self.curves: tuple[Curve | None, ...] = ()
        """By which its steps are learned; none where nobody learns."""

    def enter(
        self, unit: Unit, position: int = 0, remaining_s: int | None = None, mode: str = "", kept_mode: str = ""
    ) -> None:
        """A unit comes to a step, the first unless it is found further on, there with work left, and in a mode.

        `kept_mode` is that in which it does the steps that keep it, where it has begun them.
        """
        unit.routing = self
        unit.kept_mode = kept_mode
        unit.entered = position
        unit.repeats = False
        unit.hours_s = unit.luck.first_hours_s(self.item, self.rows, unit.number)
        if self.curves or unit.pace:
            self._learn(unit, is_new=remaining_s is None)
        step = self.steps[position]
        if mode and step.modes is not None:
            step = unit.begun_in = next(each for each in step.modes if each.mode == mode)
        for each in self.together:
            if position < each.step.position or (position == each.step.position and not _is_begun(each, remaining_s)):
                each.expect(unit)
        self.floor_site.join(unit, step, remaining_s)

    def _learn(self, unit: Unit, *, is_new: bool) -> None:
        """A unit's hours and failures go by its number here; one found on the way here has those of the table."""
        if not (self.curves and is_new):
            unit.pace = unit.failing = ()
            return
        self.begun += 1
        pace = [1.0 if curve is None else curve.hours(self.begun) for curve in self.curves]
        unit.pace = tuple(pace)
        unit.failing = tuple([1.0 if curve is None else curve.failures(self.begun) for curve in self.curves])
        unit.hours_s = tuple([round(work_s * each) for work_s, each in zip(unit.hours_s, pace, strict=True)])

    def drop(self, unit: Unit) -> None:
        """A unit is scrapped: whoever is to do a step with it does not wait for it."""
        for each in self.together:
            each.drop(unit)
        self.lose(unit)


def _is_begun(together: Together, remaining_s: int | None) -> bool:
    """Was a unit that is found at a step under way there? Then it is less than the whole work that is left."""
    return remaining_s is not None and remaining_s < round(together.step.row.hours.mean * HOUR_S)
