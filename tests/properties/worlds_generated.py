"""Small worlds, day-one states and disruptions for property tests, and one way to run them.

A world is a chain of one to three tiers of lots, a rack integrator and a campus, with all that
varies drawn: lots, yields, durations, a second supplier, calendars, breakdowns, rework, lanes
with departures or limits. Every world can meet some of its orders, not always in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import Phase
from hypothesis import strategies as st
from worlds import SOURCE, STARTS, day, row, weekly_orders

from twin.events.record import Log
from twin.model.case import make_case
from twin.model.rows_make import BomLine, CalendarRow, Process, Resource, RoutingResource, RoutingStep
from twin.model.rows_network import Item, Lane, Site, Sourcing
from twin.model.scenario import Budgets, Disruption, Scenario, Target
from twin.model.world import Settings, World
from twin.study.ground import lay_ground
from twin.study.playbook import make_playbook
from twin.study.replicate import Arm, simulate_arm

QUICK = Budgets(schedule_deterministic_seconds=0.1, schedule_dispatch_trials=2)
"""Enough for a schedule that is feasible; how good it is, is tested elsewhere."""

GENERATE = (Phase.explicit, Phase.reuse, Phase.generate)
"""No shrinking: each try plans and runs a world, so that a smaller one would take minutes to find."""

SHIFT = row(CalendarRow, calendar="shift", weekday="mon-fri", opens="08:00", closes="18:00")
HOLIDAY = row(CalendarRow, calendar="holiday", closed_from=day(16), closed_to=day(22))
CALENDARS = ("", "shift", "holiday")

FAMILIES = (
    "{mean:g}",
    "triangular({low:g}, {mean:g}, {high:g})",
    "uniform({low:g}, {high:g})",
    "exponential({mean:g})",
    "gamma({mean:g}, 0.4)",
)


@st.composite
def durations(draw: st.DrawFn, least: float, most: float) -> str:
    """A duration of some family with its mean between two values."""
    mean = draw(st.integers(round(4 * least), round(4 * most))) / 4
    family = draw(st.sampled_from(FAMILIES)) if mean else FAMILIES[0]
    return family.format(mean=mean, low=0.5 * mean, high=1.5 * mean)


@st.composite
def small_worlds(draw: st.DrawFn, schedule_weeks: int = 0) -> World:
    """A chain whose every number is drawn."""
    tiers = draw(st.integers(1, 3))
    makers = {tier: ["a", "b"] if tier == 1 and draw(st.booleans()) else ["a"] for tier in range(1, tiers + 1)}
    per_rack = [draw(st.sampled_from((0.5, 1, 2))) for _ in range(tiers)]
    racks_per_week, weeks = draw(st.integers(1, 5)), draw(st.integers(8, 12))
    return World(
        name="generated",
        settings=Settings(
            starts=STARTS, report_weeks=weeks, tail_weeks=2, schedule_weeks=schedule_weeks, pegging=draw(_pegging)
        ),
        items=_items(tiers),
        sites=_sites(makers),
        resources=draw(_resources()),
        calendars=(SHIFT, HOLIDAY),
        processes=draw(_processes(makers, per_rack, racks_per_week)),
        bom=_bom(tiers, per_rack),
        routings=draw(_routings()),
        routing_resources=draw(_seizes()),
        lanes=draw(_lanes(makers)),
        sourcing=_sourcing(makers),
        orders=weekly_orders("campus", "rack_accepted", weeks, racks_per_week),
        sources=(SOURCE,),
    )


_pegging = st.sampled_from(("priority", "fair_share"))


def _items(tiers: int) -> tuple[Item, ...]:
    parts = (row(Item, item=f"part_{tier}", kind="part", mass_kg=1.0, value_usd=1.0) for tier in range(1, tiers + 1))
    racks = (
        row(Item, item=item, kind="rack", value_usd=value, mass_kg=100.0, power_kw=100.0)
        for item, value in (("rack", 100.0), ("rack_accepted", 120.0))
    )
    return (*parts, *racks)


def _sites(makers: dict[int, list[str]]) -> tuple[Site, ...]:
    parts = (row(Site, site=f"maker_{t}{m}", kind="component", country="TW") for t, ms in makers.items() for m in ms)
    integrator = row(Site, site="integrator", kind="rack_integration", country="MX")
    return (*parts, integrator, row(Site, site="campus", kind="datacenter", country="US"))


@st.composite
def _resources(draw: st.DrawFn) -> tuple[Resource, ...]:
    breaking: dict[str, Any] = {}
    if draw(st.booleans()):
        breaking = {
            "failures": draw(st.sampled_from(("time", "use"))),
            "mtbf_hours": "exponential(120)",
            "mttr_hours": draw(durations(2, 12)),
        }
    return (
        row(Resource, site="integrator", resource="bay", capacity=draw(st.integers(1, 4))),
        row(Resource, site="integrator", resource="cell", capacity=draw(st.integers(1, 4)), **breaking),
        row(Resource, site="integrator", resource="kilowatts", capacity=draw(st.sampled_from((100, 150, 300)))),
        row(Resource, site="campus", resource="crew", capacity=draw(st.integers(1, 3)), calendar=draw(_calendar)),
    )


_calendar = st.sampled_from(CALENDARS)


@st.composite
def _processes(
    draw: st.DrawFn, makers: dict[int, list[str]], per_rack: Sequence[float], racks_per_week: int
) -> tuple[Process, ...]:
    rows, need = [], float(racks_per_week)
    for tier in sorted(makers, reverse=True):
        need *= per_rack[tier - 1]
        rows += [
            row(
                Process,
                process=f"making_{tier}",
                site=f"maker_{tier}{maker}",
                item=f"part_{tier}",
                lot_size=draw(st.integers(1, 4)),
                cycle_days=draw(durations(0, 8)),
                capacity_per_week=round(need * draw(st.sampled_from((1.2, 1.5, 3.0))), 3) + 1,
                yield_fraction=draw(st.sampled_from((1.0, 0.95, 0.8))),
                calendar=draw(_calendar),
            )
            for maker in makers[tier]
        ]
    return (
        *rows,
        row(Process, process="integration", site="integrator", item="rack"),
        row(Process, process="installation", site="campus", item="rack_accepted"),
    )


def _bom(tiers: int, per_rack: Sequence[float]) -> tuple[BomLine, ...]:
    parts = (row(BomLine, item=f"part_{t + 1}", input=f"part_{t}", quantity=per_rack[t - 1]) for t in range(1, tiers))
    rack = row(BomLine, item="rack", input=f"part_{tiers}", quantity=per_rack[-1])
    return (*parts, rack, row(BomLine, item="rack_accepted", input="rack", quantity=1))


STEPS = (
    ("rack", 1, "assemble"),
    ("rack", 2, "test"),
    ("rack", 3, "pack"),
    ("rack_accepted", 1, "install"),
    ("rack_accepted", 2, "commission"),
)


@st.composite
def _routings(draw: st.DrawFn) -> tuple[RoutingStep, ...]:
    rows = []
    for item, number, name in STEPS:
        testing: dict[str, Any] = {}
        if name in ("test", "commission") and draw(st.booleans()):
            testing = {
                "first_pass_yield": draw(st.sampled_from((0.9, 0.7))),
                "rework_hours": draw(durations(0, 6)),
                "rework_to": draw(st.sampled_from((None, 1))),
                "max_attempts": draw(st.sampled_from((None, 2, 3))),
                "then": draw(st.sampled_from(("scrap", "pass"))),
            }
        rows.append(
            row(RoutingStep, item=item, level="L11", step=number, name=name, hours=draw(durations(1, 20)), **testing)
        )
    return tuple(rows)


@st.composite
def _seizes(draw: st.DrawFn) -> tuple[RoutingResource, ...]:
    def seize(item: str, step: int, resource: str, amount: float = 1, attended: bool = False) -> RoutingResource:
        held = row(
            RoutingResource, item=item, level="L11", step=step, resource=resource, amount=amount, attended=attended
        )
        assert isinstance(held, RoutingResource)
        return held

    return (
        seize("rack", 1, "bay"),
        seize("rack", 2, "cell"),
        seize("rack", 2, "kilowatts", draw(st.sampled_from((40, 100)))),
        seize("rack", 3, "bay"),
        seize("rack_accepted", 1, "crew", 1, draw(st.booleans())),
        seize("rack_accepted", 2, "crew", 1, draw(st.booleans())),
    )


@st.composite
def _lanes(draw: st.DrawFn, makers: dict[int, list[str]]) -> tuple[Lane, ...]:
    ends = [
        (f"maker_{tier}{origin}", f"maker_{tier + 1}{destination}")
        for tier in makers
        if tier + 1 in makers
        for origin in makers[tier]
        for destination in makers[tier + 1]
    ]
    ends += [(f"maker_{max(makers)}{maker}", "integrator") for maker in makers[max(makers)]]
    return tuple(
        row(
            Lane,
            lane=f"{origin}-{destination}",
            origin=origin,
            destination=destination,
            transit_days=draw(durations(0, 4)),
            departs_every_days=draw(st.sampled_from((None, None, 1, 3.5))),
            capacity_kg_per_week=draw(st.sampled_from((None, 2000.0))),
        )
        for origin, destination in [*ends, ("integrator", "campus")]
    )


def _sourcing(makers: dict[int, list[str]]) -> tuple[Sourcing, ...]:
    if len(makers[1]) < 2:
        return ()
    return (
        row(Sourcing, item="part_1", supplier="maker_1a", share_planned=0.6),
        row(Sourcing, item="part_1", supplier="maker_1b", share_planned=0.4, surge_fraction=0.5),
    )


# --- disruptions ------------------------------------------------------------------------------

TARGETS = (
    Target(site="maker_1a"),
    Target(site="integrator"),
    Target(site="campus"),
    Target(country="TW"),
    Target(item="part_1"),
    Target(site="integrator", resource="cell"),
    Target(lane="integrator-campus"),
)
KINDS = ("outage", "starts_blocked", "shipments_blocked", "capacity", "lead_time", "yield", "scrap")


@st.composite
def disruptions(draw: st.DrawFn, lasts_days: st.SearchStrategy[int] | None = None) -> Disruption:
    """One disruption of any kind that runs, announced, seen at once or seen late."""
    length = st.integers(1, 30) if lasts_days is None else lasts_days
    return Disruption(
        name="hit",
        at=draw(st.sampled_from(TARGETS)),
        kind=draw(st.sampled_from(KINDS)),
        starts=day(draw(st.one_of(st.integers(1, 6), st.integers(7, 50)))),
        known_after_days=draw(st.sampled_from((-7, 0, 0.5, 5))),
        lasts_days=draw(length),
        recovers_over_weeks=draw(st.sampled_from((0, 2))),
        capacity_left=draw(st.sampled_from((0.0, 0.5))),
        lead_time_factor=2.0,
        yield_factor=0.7,
        scrap_fraction=0.3,
        wip_lost=draw(st.sampled_from((0.0, 0.3))),
    )


def some_disruptions() -> st.SearchStrategy[tuple[Disruption, ...]]:
    """None or one."""
    return st.one_of(st.just(()), disruptions().map(lambda one: (one,)))


# --- running ----------------------------------------------------------------------------------


def arm_of(world: World, hits: Sequence[Disruption] = (), seed: int = 1) -> Arm:
    """A world with its day one, its plans and its schedules, ready to be simulated."""
    case = make_case(world, Scenario(name="generated", seed=seed, disruptions=list(hits), budgets=QUICK))
    ground = lay_ground(case)
    return Arm(ground=ground, disruptions=tuple(hits), playbook=make_playbook(ground, hits), seed=seed)


def log_of(world: World, hits: Sequence[Disruption] = (), *, noise: bool = True) -> Log:
    """The log of one replication."""
    return simulate_arm(arm_of(world, hits), 0, noise=noise).log
