"""What a simulation is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from twin.disrupt.record import Availability
from twin.events.record import Log
from twin.model.order_book import OrderLine
from twin.model.state import State
from twin.network.record import Network
from twin.plan.record import SupplyPlan
from twin.schedule.record import Schedule


class Done(NamedTuple):
    """What a station has started, or a lane shipped, since the clock began.

    `begun` are the units of its next lot or rack that its plan had wanted by now: less than the whole.
    """

    units: float = 0.0
    begun: float = 0.0


Progress = Mapping[tuple[str, ...], Done]
"""What is done by (process, site, item) and by (lane, item)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanUpdate:
    """A plan that takes over at its start, and the schedules of the window after it.

    `progress` is what the mean-valued reference run had done by then: a replication that is
    behind it carries its own shortfall into the new plan. What that run had begun of a lot or
    rack goes before the new plan's first.
    """

    plan: SupplyPlan
    progress: Progress
    schedules: tuple[Schedule, ...] = ()


Planner = Callable[[int, Callable[[], State], Callable[[], Progress]], PlanUpdate]
"""Called at a moment of re-planning with ways to see the state and the progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationProblem:
    """One replication to be run over [0, horizon).

    `noise` False: mean durations, mean yields, no breakdowns, first-pass tests passed by
    expectation; that is the reference run from which plans learn the state of things.
    `state` and `orders` as in the model; `opening` is the first plan (None in a world run by
    stock policies alone); at each of `replan_at_s` the planner is called.
    """

    network: Network
    availability: Availability
    orders: tuple[OrderLine, ...]
    state: State
    opening: PlanUpdate | None
    replan_at_s: tuple[int, ...] = ()
    planner: Planner | None = None
    seed: int = 1
    replication: int = 0
    noise: bool = True
    mean_from_s: int | None = None
    """A moment of re-planning from which on nothing is drawn any more: what can be foreseen from there."""
    until_s: int | None = None
    """Blank: the world's horizon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedUnit:
    """A unit that entered a routing at a site, or is in it: what the scheduler is given."""

    site: str
    item: str
    order: str
    unit: int
    release_s: int
    due_s: int
    priority: int
    step: int
    """First step still to do, 1 for a fresh unit."""
    remaining_s: int | None
    """Left of that step where the unit was found in it."""
    mode: str = ""
    """Of that step, where it was begun in one of several."""
    kept_mode: str = ""
    """In which it does all steps that keep it, where it has begun the first of them."""
    under_way: bool
    """Whether it had its places then, or waited for them."""
    inside: bool
    """Found on the floor on day one or when a new plan was made, rather than released then."""
    clusters: tuple[tuple[int, int], ...] = ()
    """Steps to come that it does together with others, each with its cluster's number at the site."""
    held_at: int | None = None
    """The first of them that still waits, at the end of the run, for racks to enter."""
    process: str = ""
    """By which it is built."""
    pace: tuple[float, ...] = ()
    """Of each step of its routing: its hours over those in the table, where its makers learn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationResult:
    """The log of a replication, and how many events it took.

    `releases` are the units that entered a routing or were found in it, noted in a run
    without noise, or where a run had none, alone: schedules are made for those.
    """

    log: Log
    releases: tuple[ReleasedUnit, ...]
    events: int
    warnings: tuple[str, ...] = field(default=())
