"""What holds where racks are made in several ways: goods are conserved, lateness is told, shares are kept."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from properties.late_worlds_generated import REPLANS, planned_anew
from properties.level_worlds_generated import level_worlds
from properties.log_reading import balance_gaps, levels_below_zero
from properties.test_late_properties import assert_told_without_rest, why
from properties.worlds_generated import GENERATE, arm_of, log_of, some_disruptions

from twin.events.canonical import log_digest
from twin.metrics.facts import facts_from
from twin.metrics.view import View
from twin.model.profile import StepProfile
from twin.model.scenario import Disruption
from twin.model.world import World
from twin.network.levels import Levels
from twin.plan.buckets import bucket_means
from twin.study.replicate import simulate_arm

EACH_RUNS_A_WORLD = settings(max_examples=20, phases=GENERATE)
FEW = settings(max_examples=10, phases=GENERATE)


@EACH_RUNS_A_WORLD
@given(level_worlds(), some_disruptions(), st.sampled_from(REPLANS))
def test_goods_are_conserved_and_late_orders_told(
    world: World, hits: tuple[Disruption, ...], replan: dict[str, Any]
) -> None:
    arm = planned_anew(world, hits, replan)
    log, network = simulate_arm(arm, 0).log, arm.ground.network
    assert balance_gaps(log, network) == []
    assert levels_below_zero(log, network) == []
    view = View(log, facts_from(network))
    assert_told_without_rest(why(arm, view), view)


@FEW
@given(level_worlds(), st.sampled_from(REPLANS))
def test_same_seed_same_bytes(world: World, replan: dict[str, Any]) -> None:
    one, other = (simulate_arm(planned_anew(world, (), replan), 0).log for _ in range(2))
    assert log_digest(one) == log_digest(other)


@FEW
@given(level_worlds())
def test_a_level_without_a_share_leaves_no_trace(world: World) -> None:
    """The first level has all: as if the processes, lines, routings and rows of the others were not there."""
    first = {(row.site, row.item): row.level for row in reversed(world.levels)}
    one = world.model_copy(
        update={
            "levels": tuple(
                row.model_copy(update={"share": float(row.level == first[row.site, row.item])}) for row in world.levels
            )
        }
    )
    kept = {"L11", ""}
    alone = one.model_copy(
        update={
            "levels": (),
            "processes": tuple(each for each in one.processes if each.level in kept and each.item != "kit"),
            "bom": tuple(line for line in one.bom if line.level in kept and line.item != "kit"),
            "routings": tuple(step for step in one.routings if step.level in kept),
            "routing_resources": tuple(need for need in one.routing_resources if need.level in kept),
        }
    )
    assert log_digest(log_of(one)) == log_digest(log_of(alone))


@FEW
@given(level_worlds())
def test_the_plan_keeps_the_shares_where_orders_are_not_late_for_long(world: World) -> None:
    """Bucket by bucket, of the starts at each site: what is given is kept, where nothing is late."""
    world = world.model_copy(update={"orders": world.orders[-3:]})
    arm = arm_of(world)
    opening = arm.playbook.opening
    assert opening is not None
    plan, network = opening.plan, arm.ground.network
    assume(all(series.max() < 1e-6 for series in plan.backlog.values()))
    levels = Levels(network.world)
    for site, item in {(row.site, row.item) for row in world.levels}:
        keys = network.routed_at(site, item)
        total = sum(plan.production[key] for key in keys)
        for key in keys:
            level = network.routing[key][0].level
            dated = [(from_s, shares.get(level, 0.0)) for from_s, shares in levels.by_date(site, item)]
            if any(share is None for _, share in dated):
                continue
            share = bucket_means(StepProfile.of([(from_s, each or 0.0) for from_s, each in dated]), plan.edges_s)
            assert np.allclose(plan.production[key], share * total, atol=1e-4)
