"""Invariants of generated worlds in which the plan draws on stocks under a policy."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st
from properties.log_reading import balance_gaps, levels_below_zero, lines
from properties.worlds_generated import GENERATE, arm_of, log_of, small_worlds, some_disruptions
from worlds import row

from twin.events.canonical import log_digest
from twin.model.rows_demand import Stock
from twin.model.scenario import Disruption
from twin.model.world import World
from twin.network.build import build_network
from twin.study.replicate import simulate_arm

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
