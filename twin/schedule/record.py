"""What is to be scheduled at one site, and what came out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from twin.model.profile import StepProfile

ScheduleStatus = Literal["optimal", "feasible", "infeasible", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A step of a job: its length and what it holds meanwhile, by resource name.

    `attended` names the demanded resources in whose open hours the work must run.
    """

    step: int
    name: str
    duration_s: int
    demands: tuple[tuple[str, float], ...]
    attended: tuple[str, ...] = ()
    max_wait_after_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A rack to be taken through its steps in order, not before `release_s`."""

    order: str
    unit: int
    """The rack's number within its order; (order, unit) is its serial."""
    item: str
    release_s: int
    due_s: int
    weight: float
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleProblem:
    """One site's racks over a window. Times are seconds of the world's clock.

    `capacities` are what may be held at the same time, by resource; `open_hours` is 1 where
    attended work on the resource may run. `running` are operations under way at `starts_s`,
    frozen: (resource, amount, end_s).
    """

    site: str
    starts_s: int
    ends_s: int
    jobs: tuple[Job, ...]
    capacities: dict[str, StepProfile]
    open_hours: dict[str, StepProfile]
    running: tuple[tuple[str, float, int], ...] = ()
    grid_s: int = 900


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
    """Number of the place held in the operation's first demanded resource, from 1; 0: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A feasible schedule of one site and what is proven about it.

    `tardiness_h` is the objective, weighted tardy hours; `makespan_h` and `flow_h` come with
    proven lower bounds and their gaps; `tardiness_bound_h` is 0 unless more is known, so a
    tardiness of 0 is optimal. `edd_tardiness_h`, `atc_tardiness_h`: what the plain rules give.
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

    @property
    def makespan_gap(self) -> float:
        """(makespan - its bound) / makespan; 0 where there is nothing to do."""
        return (self.makespan_h - self.makespan_bound_h) / self.makespan_h if self.makespan_h else 0.0
