"""What is to be scheduled at one site, and what came out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from twin.model.profile import StepProfile

ScheduleStatus = Literal["optimal", "feasible", "infeasible", "unknown"]
ScheduleObjective = Literal["tardiness", "makespan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A rack to be released at a site, or on its floor already.

    It enters its routing at `first_step`; `remaining_s`, where given, is what is left of that
    step's work at the start of the window, in its `mode` if it was begun in one.
    """

    order: str
    unit: int
    item: str
    release_s: int
    due_s: int
    weight: float
    first_step: int = 1
    remaining_s: int | None = None
    under_way: bool = True
    """Whether that step has its places already, or still waits for them with so much work left."""
    mode: str = ""
    """Of that step; blank where it has none, or waits for any."""
    kept_mode: str = ""
    """In which it does all steps that keep it, since it has begun the first of them; blank: not yet."""
    clusters: tuple[tuple[int, int], ...] = ()
    """Steps still to come that it does together with others, each with the number of their cluster."""
    held_at: int | None = None
    """The first of them for which racks are still awaited that the window does not have; it is not scheduled."""
    process: str = ""
    """By which it is built; blank where its site has one for its item."""
    pace: tuple[float, ...] = ()
    """Hours of each step of its routing over those in the table, by its number on a learning curve; none: 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """Another way to carry out an operation: in other cells, in other hours, at another power.

    It does not start before `not_before_s`, as where the rack comes to another building later.
    """

    name: str
    duration_s: int
    demands: tuple[tuple[str, float], ...]
    attended: tuple[str, ...] = ()
    not_before_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A step of a job: its length and what it holds meanwhile, by resource name.

    `attended` names the demanded resources in whose open hours the work must run. These are
    its first mode, `mode` by name; `others` are the modes it may run in instead.
    """

    step: int
    name: str
    duration_s: int
    demands: tuple[tuple[str, float], ...]
    attended: tuple[str, ...] = ()
    max_wait_after_s: int | None = None
    cluster: int = 0
    """Operations of one number, not 0, start and end together."""
    mode: str = ""
    others: tuple[Mode, ...] = ()
    not_before_s: int | None = None
    keeps_mode: bool = False
    """All operations of a job that say so run in modes of one name, as in the building that the rack is in."""

    @property
    def ways(self) -> tuple[Operation, ...]:
        """The operation in each of its modes, the first one first; each of them has this mode alone."""
        if not self.others:
            return (self,)
        first = replace(self, others=())
        rest = (
            replace(
                first,
                mode=each.name,
                duration_s=each.duration_s,
                demands=each.demands,
                attended=each.attended,
                not_before_s=each.not_before_s,
            )
            for each in self.others
        )
        return (first, *rest)

    def in_mode(self, name: str) -> Operation | None:
        """The operation in the mode of this name; None: it has no such mode."""
        return next((way for way in self.ways if way.mode == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A rack to be taken through its steps in order, not before `release_s`.

    `under_way`: its first operation is running at the problem's `starts_s` and stays there.
    `after` are the jobs, as (order, unit), that must have ended before it starts;
    those that the problem does not hold have ended.
    """

    order: str
    unit: int
    """The rack's number within its order; (order, unit) is its serial."""
    item: str
    release_s: int
    due_s: int
    weight: float
    operations: tuple[Operation, ...]
    under_way: bool = False
    after: tuple[tuple[str, int], ...] = ()


OperationKey = tuple[str, int, int]
"""(order, unit, step)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The schedule that a new one replaces: when each operation was to start, when each rack was due.

    `elsewhere` are operations that were scheduled at another site. `same_floor`: capacities,
    open hours and standstills are known now as they were known then. `modes` are those of
    operations that had several; another one is a move where the rack keeps it.
    """

    starts_s: dict[OperationKey, int]
    due_s: dict[tuple[str, int], int]
    elsewhere: frozenset[OperationKey] = frozenset()
    same_floor: bool = False
    modes: dict[OperationKey, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleProblem:
    """One site's racks over a window. Times are seconds of the world's clock.

    `capacities` are what may be held at the same time, by resource; `open_hours` is 1 where
    attended work on the resource may run. `running` are operations under way at `starts_s`,
    frozen: (resource, amount, end_s). `reserve` is the fraction of a resource that the
    schedule leaves to rework; the checker and the floor know nothing of it. While `stopped`
    is above 0 the site stands still: nothing starts, all work pauses and keeps what it holds.
    A resource without `open_hours` is always open. `before` is the schedule in force so far;
    each operation moved against it costs `move_cost_h` weighted tardy hours.
    """

    site: str
    starts_s: int
    ends_s: int
    jobs: tuple[Job, ...]
    capacities: dict[str, StepProfile]
    open_hours: dict[str, StepProfile]
    running: tuple[tuple[str, float, int], ...] = ()
    grid_s: int = 900
    reserve: dict[str, float] = field(default_factory=dict)
    stopped: StepProfile | None = None
    objective: ScheduleObjective = "tardiness"
    before: Before | None = None
    move_cost_h: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """When an operation of a rack runs, and in which bay of a pooled resource."""

    order: str
    unit: int
    item: str
    step: int
    name: str
    start_s: int
    end_s: int
    bay: int
    """Number of the place held in the first resource that the operation demands in this mode, from 1; 0: none."""
    mode: str = ""
    """The mode it runs in; blank where it has one only."""
    cluster: int = 0
    """Operations of one number, not 0, are done together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A feasible schedule of one site and what is proven about it.

    `tardiness_h` is the objective, weighted tardy hours; `makespan_h` (of the window's start to
    the last end) and `flow_h` (rack-hours from release to end, unweighted) come with proven
    lower bounds and their gaps; `tardiness_bound_h` is 0 unless more is known, so a tardiness
    of 0 is optimal. Bounds hold for schedules whose starts lie on the grid and which keep the
    reserve. `edd_tardiness_h`, `atc_tardiness_h`: what the plain rules give. `utilisation` is
    the part of each resource's capacity in the window that the racks hold. `method` says how
    the schedule was found, or, where the status is infeasible, what stands in the way.
    `due_s` is when each rack is due here, by (order, unit). Of the operations that the schedule
    before it had too and that had not begun (`standing_operations`), `moved_operations` start
    a slot of the grid or more from where they did, at another site, or in another mode than the
    one that the rack was to keep.
    """

    site: str
    status: ScheduleStatus
    assignments: tuple[Assignment, ...]
    tardiness_h: float
    tardiness_bound_h: float
    makespan_h: float
    makespan_bound_h: float
    flow_h: float
    flow_bound_h: float
    edd_tardiness_h: float
    atc_tardiness_h: float
    racks: int
    utilisation: dict[str, float] = field(default_factory=dict)
    method: str = ""
    due_s: dict[tuple[str, int], int] = field(default_factory=dict)
    standing_operations: int = 0
    moved_operations: int = 0

    @property
    def makespan_gap(self) -> float:
        """(makespan - its bound) / makespan; 0 where there is nothing to do."""
        return _gap(self.makespan_h, self.makespan_bound_h)

    @property
    def flow_gap(self) -> float:
        """(flow - its bound) / flow; 0 where there is nothing to do."""
        return _gap(self.flow_h, self.flow_bound_h)

    @property
    def tardiness_gap(self) -> float:
        """(tardiness - its bound) / tardiness; 0 where no rack is late."""
        return _gap(self.tardiness_h, self.tardiness_bound_h)


def _gap(value: float, bound: float) -> float:
    return (value - bound) / value if value else 0.0
