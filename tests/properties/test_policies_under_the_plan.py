"""Invariants of generated worlds in which the plan draws on stocks under a policy."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.log_reading import balance_gaps, levels_below_zero, lines
from properties.stock_worlds_generated import hits as stocked_hits
from properties.stock_worlds_generated import stocked_worlds
from properties.worlds_generated import GENERATE, arm_of, log_of, small_worlds, some_disruptions
from worlds import row

from twin.disrupt.availability import availability
from twin.disrupt.resolve import resolve
from twin.events.canonical import log_digest
from twin.model.order_book import order_book
from twin.model.rows_demand import Stock
from twin.model.scenario import Disruption
from twin.model.state import State
from twin.model.world import World
from twin.network.build import build_network
from twin.network.pulled import begun_by_policy
from twin.network.record import Flow
from twin.plan.buckets import plan_edges
from twin.plan.frame import Place
from twin.plan.lags import good_fractions
from twin.plan.make import Planned, make_plan, plan_over
from twin.plan.policies import control_of
from twin.plan.record import PlanOptions
from twin.study.replicate import Arm, simulate_arm

NOTHING = 1e-3
"""Units: how exactly a programme is solved."""
EACH_RUNS_A_WORLD = settings(max_examples=20, phases=GENERATE, deadline=None)

POLICIES = ("base_stock(0)", "base_stock(7)", "base_stock(60)", "reorder(10, 40)", "order_up_to(9, 80)", "kanban(90)",
            "moving_average(4, 3)")  # fmt: skip


@st.composite
def mixed_worlds(draw: st.DrawFn) -> World:
    """A small world, with a policy for a part where it is made or where it is used."""
    world = draw(small_worlds())
    network = build_network(world)
    places = {(flow.origin, flow.item) for flow in network.flows} | {(f.destination, f.item) for f in network.flows}
    site, item = draw(st.sampled_from(sorted(place for place in places if place[1].startswith("part"))))
    policy = draw(st.sampled_from(POLICIES))
    reviewed = policy.startswith("moving") or draw(st.booleans())
    cells = {"policy": policy, "review_days": draw(st.sampled_from((1, 7))) if reviewed else None}
    return world.model_copy(update={"stock": (row(Stock, site=site, item=item, **cells),)})


@given(mixed_worlds(), some_disruptions())
@EACH_RUNS_A_WORLD
def test_units_are_conserved_and_the_same_in_every_run(world: World, hits: tuple[Disruption, ...]) -> None:
    arm = arm_of(world, hits)
    log, network = simulate_arm(arm, 0).log, arm.ground.network
    assert balance_gaps(log, network) == []
    assert levels_below_zero(log, network) == []
    assert log_digest(simulate_arm(arm, 0).log) == log_digest(log)


@given(mixed_worlds())
@EACH_RUNS_A_WORLD
def test_a_lane_takes_no_more_than_it_asked_for_and_a_policy_makes_good_what_is_taken(world: World) -> None:
    (stock,) = world.stock
    network = build_network(world)
    # Orders of what is made to order on the spot have no row of their own.
    one_for_one = stock.policy.kind == "base_stock" and any(stock.policy.parameters) and stock.review_days is None
    asked: dict[str, float] = defaultdict(float)
    ordered, taken, now_s = 0.0, 0.0, 0.0
    for line in lines(log_of(world)):
        if line.time_s > now_s:
            assert not one_for_one or ordered >= taken - 1e-6, line
            now_s = line.time_s
        if line.item != stock.item or line.event not in ("demanded", "shipped", "consumed"):
            continue
        lane = network.lanes[line.name] if line.kind == "lane" else None
        from_here, to_here = lane and lane.origin == stock.site, lane and lane.destination == stock.site
        if from_here:
            asked[line.name] += line.quantity if line.event == "demanded" else -line.quantity
            assert asked[line.name] >= 0, line
        made_here = line.event == "demanded" and line.kind == "process" and line.site == stock.site
        ordered += line.quantity if made_here or (to_here and line.event == "demanded") else 0.0
        out = (from_here and line.event == "shipped") or (line.event == "consumed" and line.site == stock.site)
        taken += line.quantity if out else 0.0


def plans_of(arm: Arm) -> list[Planned]:
    """From day one and from each state of the run in which a plan is made anew, with all that is known at the end."""
    ground = arm.ground
    return [
        plan_over(
            ground.network,
            arm.playbook.available,
            state,
            ground.orders,
            plan_edges(ground.case.world.settings, PlanOptions(), state.at_s),
            "operational",
        )
        for state in (ground.day_one, *arm.playbook.states.values())
    ]


def begun_and_out(planned: Planned, place: Place) -> tuple[np.ndarray, np.ndarray]:
    """What is begun towards a stock and will come out good, and what has come out of it, both up to each bucket."""
    program, frame = planned.program, planned.program.frame
    source = frame.sources[place]
    if isinstance(source, Flow):
        series, out = planned.plan.shipments[source.lane, source.item], program.transits[source.lane]
        passage = program.lane_passages[source.lane]
    else:
        index = frame.makers.index(source)
        series, out = planned.plan.production[source], program.completions[index]
        passage = program.process_passages[index]
    ended = np.zeros(frame.buckets)
    np.add.at(ended, out.end, series[out.start] * out.share)
    return np.cumsum(series * good_fractions(passage, frame.edges)), np.cumsum(ended)


def owed_by(planned: Planned, place: Place) -> np.ndarray:
    """Asked of a stock and not taken at the end of each bucket: by those that the plan runs, policies and customers."""
    plan, frame = planned.plan, planned.program.frame
    owed = np.zeros(frame.buckets)
    wants = [(key, (key[1], key[2]), frame.network.inputs_of(key), key[1]) for key in frame.makers]
    ways = [((f.lane, f.item), (f.destination, f.item), ((f.item, 1.0),), f.origin) for f in frame.flows]
    for key, into, needs, site in [*wants, *ways]:
        begun = plan.production[key] if len(key) == 3 else plan.shipments[key]
        for item, each in needs:
            if (site, item) != place:
                continue
            if into in frame.sources and begun.sum() > 0:
                owed += each * plan.open_orders[into] / best_yield(planned, into)
            elif key in plan.asked:
                owed += each * np.cumsum(plan.asked[key] - begun)
    for stream, total in zip(frame.streams, planned.program.total, strict=True):
        if (stream.site, stream.item) == place:
            owed += stream.open - planned.solution.values[total]
    return owed


def best_yield(planned: Planned, place: Place) -> float:
    program, source = planned.program, planned.program.frame.sources[place]
    if isinstance(source, Flow):
        return 1.0
    passage = program.process_passages[program.frame.makers.index(source)]
    return float(good_fractions(passage, program.frame.edges).max())


def ever_coming(planned: Planned, place: Place) -> float:
    """Units under way to a place in the state, before their yields."""
    state, network = planned.program.state, planned.program.frame.network
    lots = sum(lot.quantity for lot in state.in_process if (lot.site, lot.item) == place)
    trips = [each for each in state.in_transit if (network.lanes[each.lane].destination, each.item) == place]
    return lots + sum(each.quantity for each in trips)


def holds_its_positions(planned: Planned) -> None:
    """What is over is used up and what is lacking is ordered; else a position stays where its policy holds it."""
    program, plan = planned.program, planned.plan
    frame = program.frame
    assert plan.status in ("optimal", "relaxed")
    for place in frame.sources:
        control = control_of(frame, place)
        if control.cover:
            continue
        index = frame.places[place]
        begun, out = begun_and_out(planned, place)
        owed = 0.0 if control.by_card else owed_by(planned, place)
        # All but what is under way in the state: the position less a number that stays.
        rest = plan.stock[place] + plan.open_orders[place] - owed + begun - out - np.cumsum(program.receipts[index])
        if not control.review_s:
            assert (np.diff(rest) <= NOTHING).all(), (place, rest)
            assert rest[-1] >= control.position - ever_coming(planned, place) - NOTHING, (place, rest)
        assert (rest <= max(control.position, float(program.opening[index])) + NOTHING).all(), (place, rest)


@given(mixed_worlds(), some_disruptions())
@EACH_RUNS_A_WORLD
def test_a_plan_holds_each_position_and_orders_what_is_asked(world: World, hits: tuple[Disruption, ...]) -> None:
    for planned in plans_of(arm_of(world, hits)):
        holds_its_positions(planned)


@given(stocked_worlds(), stocked_hits(), st.booleans())
@settings(max_examples=60, phases=GENERATE, deadline=None)
def test_no_policy_makes_a_plan_impossible(world: World, hits: tuple[Disruption, ...], minimum_lots: bool) -> None:
    """Worlds that policies run from end to end: every policy, reviews, lots, yields, lost demand, outages."""
    world = world.model_copy(update={"settings": world.settings.model_copy(update={"minimum_lots": minimum_lots})})
    network, orders = build_network(world), order_book(world)
    known, state = availability(network, resolve(world, hits)), begun_by_policy(network, State())
    edges = plan_edges(world.settings, PlanOptions(), 0)
    holds_its_positions(plan_over(network, known, state, orders, edges, "operational"))
    assert make_plan(network, known, state, orders, PlanOptions()).solved


@given(mixed_worlds())
@EACH_RUNS_A_WORLD
def test_a_bound_that_is_free_there_is_no_less(world: World) -> None:
    arm = arm_of(world, ())
    ground, state = arm.ground, arm.ground.day_one
    planned = plans_of(arm)[0]
    until_s = world.settings.report_s
    racks = sum(
        planned.plan.cumulative(series, until_s)
        for (_, _, item), series in planned.plan.deliveries.items()
        if item in planned.program.frame.finished
    )
    bound = make_plan(ground.network, arm.playbook.available, state, ground.orders, PlanOptions(objective="bound"))
    assert bound.value >= racks - 1e-4
