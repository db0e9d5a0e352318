"""The plans and schedules that replications follow, made from what is known and when.

One plan at the start, one whenever a disruption becomes known, one at its stated end, and
one every so many weeks where the scenario asks for it: each from the state of one
mean-valued reference run, made once and kept for all, or of a replication of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from twin.disrupt.availability import availability
from twin.disrupt.record import Availability
from twin.disrupt.resolve import as_foreseen, as_known, resolve
from twin.disrupt.resolved import ResolvedDisruption
from twin.disrupt.targets import hits
from twin.model.order_book import OrderLine
from twin.model.scenario import Disruption, Scenario
from twin.model.state import State
from twin.model.units import WEEK_S
from twin.network.record import Network
from twin.plan.make import make_plan
from twin.plan.record import PlanOptions, SupplyPlan
from twin.schedule.problem import schedule_problem
from twin.schedule.record import Before, Release, Schedule
from twin.schedule.solve import solve
from twin.simulate.record import PlanUpdate, ReleasedUnit, SimulationProblem
from twin.simulate.record import Progress as ProgressMade
from twin.simulate.run import simulate
from twin.study.drawn_demand import orders_in
from twin.study.ground import Ground, Progress, silent
from twin.study.replaced import InForce

SiteWindow = tuple[Ground, Availability, str, int, tuple[ReleasedUnit, ...], Before | None]
"""What `schedule_site` takes: the racks of a site in the weeks after a moment, and the schedule so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """`opening` from second 0 (None without plans), `updates` by the second at which they take over."""

    available: Availability
    """With disruptions of mean length."""
    opening: PlanUpdate | None
    updates: dict[int, PlanUpdate] = field(default_factory=dict)
    states: dict[int, State] = field(default_factory=dict)
    """Of the run from which plans are made, at each moment of re-planning."""
    learns_at_s: int | None = None
    """When a disruption is first known, 0 if from the start; None where none acts within the horizon."""

    @property
    def learnt(self) -> PlanUpdate | None:
        """The new plan that is the first to know of a disruption; None where the opening does, or none is made."""
        return None if self.learns_at_s is None else self.updates.get(self.learns_at_s)

    @property
    def replan_at_s(self) -> tuple[int, ...]:
        """Moments of re-planning, in order."""
        return tuple(sorted(self.updates))

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """All schedules, window by window."""
        opening = self.opening.schedules if self.opening else ()
        return (*opening, *(each for at_s in self.replan_at_s for each in self.updates[at_s].schedules))


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLuck:
    """The replication whose own states plans are made from, and its `true` disruptions, lengths drawn."""

    seed: int
    replication: int
    true: tuple[ResolvedDisruption, ...]


def replan_moments(
    network: Network, disruptions: Sequence[Disruption], every_weeks: int | None = None
) -> tuple[int, ...]:
    """When plans are made anew: each moment something becomes known, and each stated end after it.

    What lasts no time or hits nothing that is in use changes nothing, not even the plan.
    With `every_weeks`, also each time that so many weeks have passed.
    """
    acting, horizon_s = _acting(network, disruptions), network.world.settings.horizon_s
    moments = {one.known_s for one in acting} | {max(one.ends_s, one.known_s) for one in acting}
    moments |= set(range(0, horizon_s, every_weeks * WEEK_S)) if every_weeks else set()
    return tuple(sorted(moment for moment in moments if 0 < moment < horizon_s))


def moments_of(network: Network, scenario: Scenario) -> tuple[int, ...]:
    """When plans of a scenario, and of its paired baseline, are made anew."""
    return replan_moments(network, scenario.disruptions, scenario.replan_every_weeks)


def _acting(network: Network, disruptions: Sequence[Disruption]) -> list[ResolvedDisruption]:
    return [one for one in resolve(network.world, disruptions) if _acts(network, one)]


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


def known_capacity(ground: Ground, mean: Sequence[ResolvedDisruption], at_s: int) -> Availability:
    """What planners reckon with at a moment: disruptions of mean length, as far as they are known."""
    return availability(ground.network, as_known(mean, mean, at_s), min(at_s, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """The run from whose states plans are made: without luck, or with that of a replication."""

    ground: Ground
    mean: tuple[ResolvedDisruption, ...]
    luck: OwnLuck | None

    @property
    def true(self) -> tuple[ResolvedDisruption, ...]:
        """Its disruptions, with their lengths."""
        return self.mean if self.luck is None else self.luck.true

    def known(self, at_s: int) -> Availability:
        """What planners reckon with at a moment."""
        return availability(self.ground.network, as_known(self.mean, self.true, at_s), min(at_s, 0))

    def foreseen(self, at_s: int) -> Availability:
        """What happens until a moment, and what planners then expect."""
        return availability(self.ground.network, as_foreseen(self.mean, self.true, at_s), min(at_s, 0))

    def plan(self, at_s: int, state: State) -> SupplyPlan:
        """The operational plan from a state, reckoning with what is known at its moment."""
        return make_plan(self.ground.network, self.known(at_s), state, self.orders(at_s), PlanOptions())

    def orders(self, at_s: int) -> tuple[OrderLine, ...]:
        """What planners know of the orders at a moment: those of its luck as far as they are placed, else forecast."""
        luck = self.luck if at_s else None
        return orders_in(self.ground, luck.seed, luck.replication, at_s) if luck else self.ground.orders


def make_playbook(
    ground: Ground,
    disruptions: Sequence[Disruption],
    opening: PlanUpdate | None = None,
    progress: Progress = silent,
    schedule_all: Callable[[list[SiteWindow]], list[Schedule]] | None = None,
    moments: Sequence[int] | None = None,
    luck: OwnLuck | None = None,
    begun: Playbook | None = None,
) -> Playbook:
    """Plans at every moment of re-planning and schedules of the weeks after each, one moment after the other.

    `opening` is the first plan with its schedules, where another arm of the study has made
    them already: they are the same unless something is known from the start.
    `schedule_all` solves the sites' schedules, in other processes where the study has them.
    `moments` are those of all arms of a study, so that an arm differs from another by what
    its planners know and never by a plan more; None: those of the disruptions alone.
    `luck` makes it the playbook of one replication, from its own states; None: one for all.
    `begun` is the playbook of the same ground, moments and luck in which nothing happens: as long as none of the
    disruptions has begun or is known, its plans are taken as they are.
    """
    course = _Course(ground=ground, mean=resolve(ground.case.world, disruptions), luck=luck)
    available = availability(ground.network, course.mean)
    if not ground.planned:
        return Playbook(available=available, opening=None)
    moments = replan_moments(ground.network, disruptions) if moments is None else moments
    learns_at_s = _learns_at_s(ground.network, disruptions)
    if learns_at_s == 0 and luck is None:
        # Another arm's opening knows nothing of it.
        opening = None
    progress("plans", 0, len(moments) + 1)
    first = opening or PlanUpdate(plan=course.plan(0, ground.day_one), progress={})
    book = Playbook(available=available, opening=first, learns_at_s=learns_at_s)
    if opening is None:
        _, releases = _referred(course, book, 0)
        latest = _scheduled(course, 0, releases, schedule_all or schedule_in_turn, InForce())
        book = replace(book, opening=replace(first, schedules=latest.schedules))
    else:
        latest = InForce(opening.schedules, course.known(0))
    alike = _before_all(course.mean, moments) if begun is not None and opening is not None else ()
    if begun is not None and alike:
        book = replace(
            book,
            updates={each: begun.updates[each] for each in alike},
            states={each: begun.states[each] for each in alike},
        )
        latest = InForce(begun.updates[alike[-1]].schedules, course.known(alike[-1]))
    for number, at_s in enumerate(moments[len(alike) :], start=1 + len(alike)):
        progress("plans", number, len(moments) + 1)
        book, releases = _referred(course, book, at_s)
        latest = _scheduled(course, at_s, releases, schedule_all or schedule_in_turn, latest)
        book = replace(book, updates=book.updates | {at_s: replace(book.updates[at_s], schedules=latest.schedules)})
    progress("plans", len(moments) + 1, len(moments) + 1)
    return book


def _before_all(mean: Sequence[ResolvedDisruption], moments: Sequence[int]) -> tuple[int, ...]:
    """The moments before any of the disruptions has begun or is known."""
    first_s = min((min(one.starts_s, one.known_s) for one in mean), default=None)
    return tuple(at_s for at_s in moments if first_s is None or at_s < first_s)


def _learns_at_s(network: Network, disruptions: Sequence[Disruption]) -> int | None:
    known_s = min((max(0, one.known_s) for one in _acting(network, disruptions)), default=None)
    return None if known_s is None or known_s >= network.world.settings.horizon_s else known_s


def _referred(course: _Course, book: Playbook, at_s: int) -> tuple[Playbook, tuple[ReleasedUnit, ...]]:
    """A run that follows the book, with the plan it makes at a moment after `starts`, from which on it has no luck.

    Gives the book with that plan, and the racks that enter their routings until the window after the moment ends,
    as far as can be foreseen: what is not yet known must not show in a schedule.
    """
    ground, luck = course.ground, course.luck if at_s else None
    settings = ground.case.world.settings
    updates, states = dict(book.updates), dict(book.states)

    def plan_at(now_s: int, state: Callable[[], State], done: Callable[[], ProgressMade]) -> PlanUpdate:
        if now_s not in updates:
            states[now_s] = state()
            updates[now_s] = PlanUpdate(plan=course.plan(now_s, states[now_s]), progress=done())
        return updates[now_s]

    run = simulate(
        SimulationProblem(
            network=ground.network,
            availability=course.foreseen(at_s),
            orders=course.orders(at_s),
            state=ground.day_one,
            opening=book.opening,
            replan_at_s=(*book.replan_at_s, at_s) if at_s else (),
            planner=plan_at,
            seed=luck.seed if luck else 1,
            replication=luck.replication if luck else 0,
            noise=luck is not None,
            mean_from_s=at_s if luck else None,
            until_s=min(at_s + max(settings.schedule_weeks * WEEK_S, 1), settings.horizon_s),
        )
    )
    return replace(book, updates=updates, states=states), run.releases


def _scheduled(
    course: _Course,
    starts_s: int,
    releases: Sequence[ReleasedUnit],
    schedule_all: Callable[[list[SiteWindow]], list[Schedule]],
    replaced: InForce,
) -> InForce:
    """A schedule for every site with racks in the window after a moment; none where racks go by dispatch rule alone."""
    ground = course.ground
    window_s = ground.case.world.settings.schedule_weeks * WEEK_S
    if not window_s:
        return InForce()
    known = course.known(starts_s)
    sites = _window(releases, starts_s, min(starts_s + window_s, ground.case.world.settings.horizon_s))
    windows = [
        (ground, known, site, starts_s, units, replaced.at(site, known, starts_s)) for site, units in sites.items()
    ]
    return InForce(tuple(schedule_all(windows)), known)


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
    ground: Ground,
    available: Availability,
    site: str,
    starts_s: int,
    units: tuple[ReleasedUnit, ...],
    before: Before | None = None,
) -> Schedule:
    """The schedule of one site for the window that starts at a moment; `before` is the one it replaces."""
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
            mode=unit.mode,
            kept_mode=unit.kept_mode,
            clusters=unit.clusters,
            held_at=unit.held_at,
            process=unit.process,
            pace=unit.pace,
        )
        for unit in units
    ]
    ends_s = starts_s + settings.schedule_weeks * WEEK_S
    problem = schedule_problem(ground.network, available, site, starts_s, ends_s, releases, before)
    return solve(problem, scenario.budgets, scenario.seed)
