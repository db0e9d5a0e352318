"""The plans and schedules that all replications follow, made from what is known and when.

One plan at the start, one whenever a disruption becomes known and one at its stated end,
each from the state of one mean-valued reference run, made once and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from twin.disrupt.availability import availability
from twin.disrupt.record import Availability
from twin.disrupt.resolve import as_known, resolve
from twin.disrupt.resolved import ResolvedDisruption
from twin.disrupt.targets import hits
from twin.model.scenario import Disruption
from twin.model.state import State
from twin.model.units import WEEK_S
from twin.network.record import Network
from twin.plan.make import make_plan
from twin.plan.record import PlanOptions, SupplyPlan
from twin.schedule.problem import schedule_problem
from twin.schedule.record import Release, Schedule
from twin.schedule.solve import solve
from twin.simulate.record import Planner, PlanUpdate, ReleasedUnit, SimulationProblem
from twin.simulate.record import Progress as ProgressMade
from twin.simulate.run import simulate
from twin.study.ground import Ground, Progress, silent

SiteWindow = tuple[Ground, Availability, str, int, tuple[ReleasedUnit, ...]]
"""What `schedule_site` takes: the racks of a site in the weeks after a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """`opening` from second 0 (None without plans), `updates` by the second at which they take over."""

    available: Availability
    """With disruptions of mean length."""
    opening: PlanUpdate | None
    updates: dict[int, PlanUpdate] = field(default_factory=dict)
    states: dict[int, State] = field(default_factory=dict)
    """Of the reference run, at each moment of re-planning."""

    @property
    def replan_at_s(self) -> tuple[int, ...]:
        """Moments of re-planning, in order."""
        return tuple(sorted(self.updates))

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """All schedules, window by window."""
        opening = self.opening.schedules if self.opening else ()
        return (*opening, *(each for at_s in self.replan_at_s for each in self.updates[at_s].schedules))


def replan_moments(network: Network, resolved: Sequence[ResolvedDisruption], horizon_s: int) -> tuple[int, ...]:
    """When plans are made anew: each moment something becomes known, and each stated end after it.

    What lasts no time or hits nothing that is in use changes nothing, not even the plan.
    """
    acting = [one for one in resolved if _acts(network, one)]
    moments = {one.known_s for one in acting} | {max(one.ends_s, one.known_s) for one in acting}
    return tuple(sorted(moment for moment in moments if 0 < moment < horizon_s))


def _acts(network: Network, one: ResolvedDisruption) -> bool:
    if one.ends_s <= one.starts_s and one.disruption.kind != "scrap":
        return False
    hit = hits(network, one.disruption)
    made = {key for keys in network.made_at.values() for key in keys}
    used_lanes = {flow.lane for flow in network.flows}
    used_sites = {key[1] for key in made} | {flow.origin for flow in network.flows}
    return bool(
        hit.processes & made
        or hit.lanes & used_lanes
        or hit.sites & used_sites
        or {site for site, _ in (*hit.resources, *hit.shipping)} & used_sites
    )


def plan_known(
    ground: Ground, mean: Sequence[ResolvedDisruption], at_s: int, state: State, options: PlanOptions | None = None
) -> SupplyPlan:
    """The operational plan from a state, reckoning with what is known at its moment."""
    known = known_capacity(ground, mean, at_s)
    return make_plan(ground.network, known, state, ground.orders, options or PlanOptions())


def known_capacity(ground: Ground, mean: Sequence[ResolvedDisruption], at_s: int) -> Availability:
    """What planners reckon with at a moment: disruptions of mean length, as far as they are known."""
    return availability(ground.network, as_known(mean, mean, at_s), min(at_s, 0))


def make_playbook(
    ground: Ground,
    disruptions: Sequence[Disruption],
    opening: PlanUpdate | None = None,
    progress: Progress = silent,
    schedule_all: Callable[[list[SiteWindow]], list[Schedule]] | None = None,
) -> Playbook:
    """Plans at every moment of re-planning and schedules of the weeks after each.

    `opening` is the first plan with its schedules, where another arm of the study has made
    them already: with nothing known at the start they are the same.
    `schedule_all` solves the sites' schedules, in other processes where the study has them.
    """
    mean = resolve(ground.case.world, disruptions)
    available = availability(ground.network, mean)
    if not ground.planned:
        return Playbook(available=available, opening=None)
    horizon_s = ground.case.world.settings.horizon_s
    moments = replan_moments(ground.network, mean, horizon_s)
    progress("plans", 0, len(moments) + 1)
    first = opening.plan if opening is not None else plan_known(ground, mean, 0, ground.day_one)
    progress("plans", 1, len(moments) + 1)
    updates: dict[int, PlanUpdate] = {}
    states: dict[int, State] = {}

    def replan(at_s: int, state: Callable[[], State], done: Callable[[], ProgressMade]) -> PlanUpdate:
        states[at_s] = state()
        updates[at_s] = PlanUpdate(plan=plan_known(ground, mean, at_s, states[at_s]), progress=done())
        progress("plans", len(updates) + 1, len(moments) + 1)
        return updates[at_s]

    window_s = ground.case.world.settings.schedule_weeks * WEEK_S
    window_s = min(window_s, horizon_s)
    releases = _releases(ground, available, first, window_s, (moments, replan))
    starts = [at_s for at_s in (0, *moments) if window_s and not (at_s == 0 and opening is not None)]
    windows = {at_s: _window(releases, at_s, at_s + window_s) for at_s in starts}
    if mean and 0 in windows:
        # What is not yet known must not show in the first schedule.
        calm = known_capacity(ground, mean, 0)
        windows[0] = _window(_releases(ground, calm, first, window_s, None), 0, window_s)
    known = {at_s: known_capacity(ground, mean, at_s) for at_s in starts}
    work = [
        (ground, known[at_s], site, at_s, units) for at_s, sites in windows.items() for site, units in sites.items()
    ]
    schedules = (schedule_all or schedule_in_turn)(work)
    by_window: dict[int, list[Schedule]] = {}
    for (_, _, _, at_s, _), schedule in zip(work, schedules, strict=True):
        by_window.setdefault(at_s, []).append(schedule)
    return Playbook(
        available=available,
        opening=opening or PlanUpdate(plan=first, progress={}, schedules=tuple(by_window.get(0, ()))),
        updates={at_s: replace(one, schedules=tuple(by_window.get(at_s, ()))) for at_s, one in updates.items()},
        states=states,
    )


def _releases(
    ground: Ground,
    available: Availability,
    first: SupplyPlan,
    window_s: int,
    replanning: tuple[tuple[int, ...], Planner] | None,
) -> tuple[ReleasedUnit, ...]:
    """Racks that enter their routings in the mean-valued reference run, until the last window ends."""
    moments, planner = replanning or ((), None)
    return simulate(
        SimulationProblem(
            network=ground.network,
            availability=available,
            orders=ground.orders,
            state=ground.day_one,
            opening=PlanUpdate(plan=first, progress={}),
            replan_at_s=moments,
            planner=planner,
            noise=False,
            until_s=min(max((0, *moments)) + max(window_s, 1), ground.case.world.settings.horizon_s),
        )
    ).releases


def _window(releases: Sequence[ReleasedUnit], starts_s: int, ends_s: int) -> dict[str, tuple[ReleasedUnit, ...]]:
    """Racks on the floor at a window's start or released in it, by site."""
    sites: dict[str, list[ReleasedUnit]] = {}
    for unit in releases:
        inside = unit.release_s == starts_s if unit.inside else starts_s <= unit.release_s < ends_s
        if inside:
            sites.setdefault(unit.site, []).append(unit)
    return {site: tuple(units) for site, units in sorted(sites.items())}


def schedule_in_turn(work: list[SiteWindow]) -> list[Schedule]:
    """One schedule after the other, in this process."""
    return [schedule_site(*each) for each in work]


def schedule_site(
    ground: Ground, available: Availability, site: str, starts_s: int, units: tuple[ReleasedUnit, ...]
) -> Schedule:
    """The schedule of one site for the window that starts at a moment."""
    settings, scenario = ground.case.world.settings, ground.case.scenario
    releases = [
        Release(
            order=unit.order,
            unit=unit.unit,
            item=unit.item,
            release_s=unit.release_s,
            due_s=unit.due_s,
            weight=10.0 - unit.priority,
            first_step=unit.step,
            remaining_s=unit.remaining_s,
            under_way=unit.under_way,
        )
        for unit in units
    ]
    ends_s = starts_s + settings.schedule_weeks * WEEK_S
    problem = schedule_problem(ground.network, available, site, starts_s, ends_s, releases)
    return solve(problem, scenario.budgets, scenario.seed)
