"""What holds in every simulated world: units are conserved, limits kept, luck is where it belongs."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from properties.log_reading import Work, balance_gaps, levels_below_zero, lines, work_done
from properties.worlds_generated import (
    GENERATE,
    KINDS,
    QUICK,
    arm_of,
    disruptions,
    durations,
    log_of,
    small_worlds,
    some_disruptions,
)
from worlds import chain_world, day, noisy_chain_world, queue_world, row

from twin.disrupt.record import Availability
from twin.disrupt.resolve import resolve
from twin.events.canonical import before, log_digest
from twin.events.record import Log
from twin.metrics.facts import facts_from
from twin.metrics.stations import little_gaps_s
from twin.metrics.view import View
from twin.model.case import make_case
from twin.model.order_book import order_book
from twin.model.profile import StepProfile
from twin.model.rows_demand import Demand, Stock
from twin.model.rows_make import Process, RoutingResource
from twin.model.rows_network import Item, Lane, Site
from twin.model.scenario import Disruption, Scenario, Target
from twin.model.state import State
from twin.model.units import DAY_S, WEEK_S
from twin.model.world import World
from twin.network.record import Network
from twin.plan.make import make_plan
from twin.plan.record import PlanOptions
from twin.simulate.record import SimulationProblem
from twin.simulate.run import simulate
from twin.study.arms import play
from twin.study.ground import lay_ground
from twin.study.replicate import simulate_arm

EACH_RUNS_A_WORLD = settings(max_examples=30, phases=GENERATE)
FEW = settings(max_examples=12, phases=GENERATE)

Hits = tuple[Disruption, ...]


# --- conservation -----------------------------------------------------------------------------


@EACH_RUNS_A_WORLD
@given(small_worlds(), some_disruptions())
def test_units_are_conserved_and_never_fewer_than_none(world: World, hits: Hits) -> None:
    """At every weekly mark: what came minus what left is there; and at no moment is it below zero."""
    arm = arm_of(world, hits)
    log, network = simulate_arm(arm, 0).log, arm.ground.network
    assert balance_gaps(log, network) == []
    assert levels_below_zero(log, network) == []


def test_units_are_conserved_in_a_world_of_stock_policies() -> None:
    """A queue run by base_stock(0) for two years."""
    case = make_case(queue_world(report_weeks=104), Scenario(name="queue"))
    ground = lay_ground(case)
    log = log_of(case.world)
    assert log.of("served").sum() > 300
    assert balance_gaps(log, ground.network) == []
    assert levels_below_zero(log, ground.network) == []


@st.composite
def worlds_with_spares(draw: st.DrawFn) -> World:
    """A generated world, with or without its orders, where customers ask the integrator for parts too."""
    world = draw(small_worlds())
    part = next(line.input for line in world.bom if line.item == "rack")
    cells = {"site": "integrator", "item": part, "quantity": draw(st.sampled_from(("1", "uniform(0, 4)")))}
    streams = [
        row(Demand, customer=customer, every_days=draw(durations(1, 6)), due_after_days=due_after, **cells)
        for customer, due_after in (("svc", None), ("depot", "3"))[: draw(st.integers(1, 2))]
    ]
    unmet = draw(st.sampled_from(("wait", "lost")))
    tables: dict[str, Any] = {
        "demand": tuple(streams),
        "stock": (row(Stock, site="integrator", item=part, unmet=unmet),),
        "orders": world.orders if draw(st.booleans()) else (),
    }
    return world.model_copy(update=tables)


@EACH_RUNS_A_WORLD
@given(worlds_with_spares(), some_disruptions())
def test_streams_under_the_plan_are_served_in_turn_from_what_is_there(world: World, hits: Hits) -> None:
    """Units are conserved, nobody gets more than asked for, and nobody before who came before; what is lost is lost."""
    arm = arm_of(world, hits)
    log, network = simulate_arm(arm, 0).log, arm.ground.network
    assert balance_gaps(log, network) == []
    assert levels_below_zero(log, network) == []
    asked: dict[tuple[str, int], float] = {}
    open_units: dict[tuple[str, int], float] = {}
    for line in lines(log):
        key = (line.order, line.unit)
        if line.event == "demanded":
            asked[key] = open_units[key] = line.quantity
        elif line.event in ("served", "lost"):
            if line.event == "served" and world.stock[0].unmet == "wait":
                assert key == next(iter(open_units))
            open_units[key] -= line.quantity
            assert open_units[key] >= 0
            if not open_units[key]:
                del open_units[key]
    assert asked
    assert world.stock[0].unmet == "wait" or not open_units


@EACH_RUNS_A_WORLD
@given(small_worlds(), some_disruptions())
def test_the_number_in_a_station_is_the_time_spent_there(world: World, hits: Hits) -> None:
    """Little's law over the whole log, exactly: the integral of the number is the sum of the times."""
    arm = arm_of(world, hits)
    gaps = little_gaps_s(View(simulate_arm(arm, 0).log, facts_from(arm.ground.network)))
    assert set(gaps.values()) <= {0.0}


@EACH_RUNS_A_WORLD
@given(small_worlds())
def test_orders_get_what_they_asked_for_and_no_more(world: World) -> None:
    """Racks accepted for an order are numbered from 0 without gaps and never exceed its quantity."""
    units: dict[str, list[int]] = defaultdict(list)
    for line in lines(log_of(world)):
        if line.event == "accepted":
            units[line.order].append(line.unit)
    quantity = {line.order: line.quantity for line in order_book(world)}
    for order, numbers in units.items():
        assert len(set(numbers)) == len(numbers) <= quantity[order]
        assert max(numbers) < quantity[order]


def test_finished_racks_on_hand_go_to_orders_at_once() -> None:
    """Ten accepted racks found at the campus on day one serve the first five orders of two."""
    arm = arm_of(chain_world())
    arm = replace(arm, ground=replace(arm.ground, day_one=State(on_hand={("campus", "rack_accepted"): 10.0})))
    log = simulate_arm(arm, 0).log
    early = log.of("accepted") & (log.column("time_s") <= 5 * 604_800)
    assert log.column("quantity")[early].sum() >= 10


# --- limits -----------------------------------------------------------------------------------


@EACH_RUNS_A_WORLD
@given(small_worlds(), some_disruptions())
def test_limits_are_kept(world: World, hits: Hits) -> None:
    """Starts within any window, resources held at each start, work in closed hours."""
    arm = arm_of(world, hits)
    log, network, available = simulate_arm(arm, 0).log, arm.ground.network, arm.playbook.available
    assert_starts_within_rates(log, available)
    assert_held_within_capacity(log, network, available)


def assert_starts_within_rates(log: Log, available: Availability) -> None:
    """Gross starts in any window: at most the integral of the capacity, and one lot, to the clock's second."""
    starts: dict[tuple[str, str, str], list[tuple[float, float]]] = defaultdict(list)
    for line in lines(log):
        if line.event == "started":
            process, _, site = line.name.rpartition("@")
            starts[process, site, line.item].append((line.time_s, line.quantity))
    for key, each in starts.items():
        rate = available.processes[key].starts_per_week
        blocked = available.processes[key].blocked
        assert all(blocked.at(time_s) == 0 for time_s, _ in each), key
        if rate is None:
            continue
        done, least = 0.0, math.inf
        for time_s, quantity in each:
            ahead = done - rate.integral(0, time_s) / 604_800
            least = min(least, ahead)
            # The window from the start that lies furthest behind up to this one, this lot left out.
            assert ahead - least <= 1e-6 + rate.values.max() / 604_800, (key, time_s)
            done += quantity


def seized(network: Network, work: Work) -> tuple[RoutingResource, ...]:
    """What a piece of work holds."""
    return network.seizes.get((network.routed_at(work.site, work.item)[0], work.step), ())


def assert_held_within_capacity(log: Log, network: Network, available: Availability) -> None:
    """At each start: everything that works then, the new work with it, fits the capacity of that moment."""
    held: dict[tuple[str, str], list[tuple[int, int, float]]] = defaultdict(list)
    for work in work_done(log, network):
        for need in seized(network, work):
            held[work.site, need.resource].append((work.start_s, work.end_s, need.amount))
    for key, spells in held.items():
        capacity = available.resources[key]
        for start_s in {start_s for start_s, _, _ in spells}:
            used = sum(amount for begins_s, ends_s, amount in spells if begins_s <= start_s < ends_s)
            fresh = any(begins_s == start_s < ends_s for begins_s, ends_s, _ in spells)
            assert not fresh or used <= capacity.at(start_s) + 1e-6, (key, start_s)


def steady(world: World) -> World:
    """The same world with durations of routing steps at their means, so that work can be told from the table."""
    return world.model_copy(
        update={
            "routings": tuple(
                step.model_copy(update={"hours": type(step.hours)("constant", (step.hours.mean,))})
                for step in world.routings
            )
        }
    )


@st.composite
def shift_worlds(draw: st.DrawFn) -> World:
    """Worlds whose campus works in shifts, attended."""
    world = steady(draw(small_worlds()))
    calendar = draw(st.sampled_from(("shift", "holiday")))
    return world.model_copy(
        update={
            "resources": tuple(
                one.model_copy(update={"calendar": calendar}) if one.site == "campus" else one
                for one in world.resources
            ),
            "routing_resources": tuple(
                one.model_copy(update={"attended": True}) if one.resource == "crew" else one
                for one in world.routing_resources
            ),
        }
    )


def assert_attended_in_open_hours(log: Log, network: Network, available: Availability) -> int:
    """Open time from start to end is the work of the table; how many attempts were seen."""
    seen = 0
    begun = {(line.site, line.item, line.order, line.unit) for line in lines(log) if line.event == "started"}
    for work in work_done(log, network):
        if (work.site, work.item, work.order, work.unit) not in begun:
            continue  # Found on the floor on day one, with part of its work done.
        attended = [need for need in seized(network, work) if need.attended]
        if not attended:
            continue
        hours = next(
            step.hours for step in network.routing[network.routed_at(work.site, work.item)[0]] if step.step == work.step
        )
        line = StepProfile.constant(1.0)
        for need in attended:
            line = line.times(available.open_hours.get((work.site, need.resource), StepProfile.constant(1.0)))
        frozen = available.site_frozen.get(work.site, StepProfile.constant(0.0))
        working = line.times(StepProfile(frozen.times_s, 1.0 - frozen.values))
        opened = line.at(work.start_s) > 0
        assert opened, work
        assert working.integral(work.start_s, work.end_s) == round(hours.mean * 3600), work
        seen += 1
    return seen


@FEW
@given(shift_worlds())
def test_attended_work_runs_in_open_hours_alone(world: World) -> None:
    """It pauses at closing time and goes on at opening time."""
    arm = arm_of(world.model_copy(update={"resources": _without_breakdowns(world)}))
    log = simulate_arm(arm, 0).log
    assert_attended_in_open_hours(log, arm.ground.network, arm.playbook.available)


@FEW
@given(shift_worlds(), st.integers(3, 40), st.integers(1, 10))
def test_an_outage_only_adds_its_standstill_to_attended_work(world: World, first: int, length: int) -> None:
    """Frozen hours count as closed ones: work begun before goes on in the open hours after it."""
    hit = Disruption(name="dark", at=Target(site="campus"), kind="outage", starts=day(first), lasts_days=length)
    arm = arm_of(world.model_copy(update={"resources": _without_breakdowns(world)}), (hit,))
    log = simulate_arm(arm, 0).log
    assert_attended_in_open_hours(log, arm.ground.network, arm.playbook.available)


def _without_breakdowns(world: World) -> tuple[object, ...]:
    return tuple(one.model_copy(update={"failures": ""}) for one in world.resources)


def test_shifts_are_seen_at_work() -> None:
    """The noisy chain's campus: the check above is not empty."""
    world = steady(noisy_chain_world())
    arm = arm_of(world)
    log = simulate_arm(arm, 0).log
    assert assert_attended_in_open_hours(log, arm.ground.network, arm.playbook.available) >= 30


# --- equal luck, equal logs -------------------------------------------------------------------


@FEW
@given(small_worlds(schedule_weeks=1), some_disruptions())
def test_same_seed_same_bytes(world: World, hits: Hits) -> None:
    """Everything made anew from the tables gives the same log; another seed or replication another."""
    arm = arm_of(world, hits)
    digest = log_digest(simulate_arm(arm, 0).log)
    assert digest == log_digest(log_of(world, hits))


def test_another_seed_is_another_luck() -> None:
    """Nor do two replications of one seed agree."""
    arm = arm_of(noisy_chain_world())
    logs = [simulate_arm(arm, 0).log, simulate_arm(arm, 1).log, simulate_arm(replace(arm, seed=2), 0).log]
    assert len({log_digest(log) for log in logs}) == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    "nothing",
    [
        {"kind": "lead_time", "at": Target(lane="fab-pack_a"), "lead_time_factor": 1.0},
        {"kind": "capacity", "at": Target(site="pack_a"), "capacity_left": 1.0},
        {"kind": "yield", "at": Target(site="pack_a"), "yield_factor": 1.0},
    ],
    ids=lambda cells: cells["kind"],
)
def test_a_disruption_that_takes_nothing_changes_nothing(nothing: dict[str, Any]) -> None:
    """The pair differs by what is disrupted and known, never by a plan more."""
    hit = Disruption(name="nothing", starts=day(21), lasts_weeks=3, known_after_days=2, **nothing)
    case = make_case(noisy_chain_world(), Scenario(name="nothing", replications=1, disruptions=[hit], budgets=QUICK))
    played = play(case, workers=1)
    assert played.disrupted is not None
    assert played.baseline.playbook.replan_at_s == played.disrupted.playbook.replan_at_s == (23 * DAY_S, 6 * WEEK_S)
    calm, hurt = played.baseline_runs[0], played.disrupted_runs[0]
    assert same_numbers(calm.kpis, hurt.kpis)
    assert calm.series["daily_accepted"].tobytes() == hurt.series["daily_accepted"].tobytes()


@pytest.mark.slow
def test_one_worker_and_two_workers_agree() -> None:
    """Kept log, KPIs and series of all replications, with and without the disruption."""
    hit = Disruption(name="fire", at=Target(site="pack_a"), kind="outage", starts=day(21), lasts_weeks=3)
    scenario = Scenario(name="fire", replications=3, disruptions=[hit], budgets=QUICK)
    case = make_case(noisy_chain_world(), scenario)
    one, two = play(case, workers=1), play(case, workers=2)
    for first, second in ((one.baseline_runs, two.baseline_runs), (one.disrupted_runs, two.disrupted_runs)):
        assert len(first) == len(second) == 3
        for mine, other in zip(first, second, strict=True):
            assert same_numbers(mine.kpis, other.kpis)
            assert {name: values.tobytes() for name, values in mine.series.items()} == {
                name: values.tobytes() for name, values in other.series.items()
            }
    kept, other_kept = one.main_runs[0].log, two.main_runs[0].log
    assert kept is not None
    assert other_kept is not None
    assert log_digest(kept) == log_digest(other_kept)


def same_numbers(one: dict[str, float], other: dict[str, float]) -> bool:
    return one.keys() == other.keys() and all(
        value == other[name] or (math.isnan(value) and math.isnan(other[name])) for name, value in one.items()
    )


# --- disruptions ------------------------------------------------------------------------------


@FEW
@given(small_worlds(schedule_weeks=1), disruptions(lasts_days=st.just(0)))
def test_a_disruption_of_no_length_changes_nothing(world: World, hit: Disruption) -> None:
    """Not even a plan is made for it; scrap is a moment, so it alone has its effect at once."""
    assume(hit.kind != "scrap")
    assert log_digest(log_of(world)) == log_digest(log_of(world, (hit,)))


def with_idle_site(world: World) -> World:
    """The world with a site, a process, an item and lanes on no path to demand."""
    return world.model_copy(
        update={
            "items": (*world.items, row(Item, item="aaa_idle", kind="part", mass_kg=1.0)),
            "sites": (row(Site, site="aaa_idle", kind="component", country="IE"), *world.sites),
            "processes": (
                row(Process, process="aaa", site="aaa_idle", item="aaa_idle", cycle_days="gamma(3, 0.5)"),
                *world.processes,
            ),
            "lanes": (
                row(Lane, lane="aaa", origin="aaa_idle", destination="integrator", transit_days="exponential(2)"),
                *world.lanes,
            ),
        }
    )


@FEW
@given(small_worlds(schedule_weeks=1))
def test_an_unused_entity_changes_nothing(world: World) -> None:
    """Rows for what nobody needs, sorted first, leave every row of the log as it is."""
    assert log_digest(log_of(world)) == log_digest(log_of(with_idle_site(world)))


@FEW
@given(small_worlds(schedule_weeks=1), st.sampled_from([kind for kind in KINDS if kind != "scrap"]))
def test_a_disruption_of_an_unused_site_changes_nothing(world: World, kind: str) -> None:
    """Whatever happens there, and however long."""
    idle = with_idle_site(world)
    hit = Disruption(
        name="far", at=Target(site="aaa_idle"), kind=kind, starts=day(14), lasts_weeks=4, known_after_days=2
    )
    assert log_digest(log_of(idle)) == log_digest(log_of(idle, (hit,)))


@EACH_RUNS_A_WORLD
@given(small_worlds(schedule_weeks=1), disruptions())
def test_nothing_differs_before_a_disruption_starts_or_is_known(world: World, hit: Disruption) -> None:
    """Rows before min(starts, known_at) are equal, as canonical rows."""
    (resolved,) = resolve(world, (hit,))
    moment_s = min(resolved.starts_s, resolved.known_s)
    assume(moment_s > 0)
    assert log_digest(before(log_of(world), moment_s)) == log_digest(before(log_of(world, (hit,)), moment_s))


def test_a_disruption_is_felt_after_it_starts() -> None:
    """So that the test above is not about disruptions without effect."""
    hit = Disruption(name="fire", at=Target(site="fab"), kind="outage", starts=day(14), lasts_weeks=4)
    world = noisy_chain_world()
    assert log_digest(log_of(world)) != log_digest(log_of(world, (hit,)))


# --- bounds -----------------------------------------------------------------------------------


@FEW
@given(small_worlds(), st.integers(2, 8))
def test_no_run_accepts_more_than_the_linear_programme_allows(world: World, weeks: int) -> None:
    """The most racks out by T, at mean yields and durations: LP maximum at least the simulated count."""
    arm = arm_of(steady_chain(world))
    until_s = weeks * 604_800
    ground, available = arm.ground, arm.playbook.available
    options = PlanOptions(objective="bound", until_s=until_s)
    most = make_plan(ground.network, available, ground.day_one, ground.orders, options)
    log = simulate_arm(arm, 0, noise=False).log
    accepted = float(log.column("quantity")[log.of("accepted") & (log.column("time_s") <= until_s)].sum())
    assert most.status == "optimal"
    assert accepted <= most.bound + 1e-6


def steady_chain(world: World) -> World:
    """Without tests that fail: a mean-valued run passes them all."""
    return world.model_copy(
        update={
            "routings": tuple(
                step.model_copy(update={"first_pass_yield": 1.0, "rework_hours": None}) for step in world.routings
            )
        }
    )


def test_the_chain_makes_what_its_linear_programme_promises() -> None:
    """Two racks a week from an empty network: the simulation is behind the bound by less than a week's racks."""
    world = chain_world(weeks=12)
    arm = arm_of(world)
    ground, available = arm.ground, arm.playbook.available
    bound = make_plan(ground.network, available, State(), ground.orders, PlanOptions(objective="bound"))
    plan = make_plan(ground.network, available, State(), ground.orders, PlanOptions())
    log = simulate(
        SimulationProblem(
            network=ground.network,
            availability=available,
            orders=ground.orders,
            state=State(),
            opening=replace(arm.playbook.opening, plan=plan, schedules=()),
            noise=False,
        )
    ).log
    report = log.column("time_s") <= log.report_s
    accepted = float(log.column("quantity")[log.of("accepted") & report].sum())
    assert bound.value - 4 <= accepted <= bound.bound
