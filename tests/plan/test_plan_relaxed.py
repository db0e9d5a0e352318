"""Limits that no plan can keep: told with where, when and by how much, and broken by the least."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import chain_world, day, row

from twin.disrupt.availability import availability
from twin.disrupt.resolved import ResolvedDisruption
from twin.model.order_book import order_book
from twin.model.rows_demand import Readiness
from twin.model.rows_make import Resource
from twin.model.rows_network import Sourcing
from twin.model.scenario import Disruption, Target
from twin.model.state import State
from twin.model.units import DAY_S, WEEK_S
from twin.model.world import World
from twin.network.build import build_network
from twin.plan.make import make_plan
from twin.plan.record import BrokenLimit, PlanOptions, SupplyPlan

FEW = settings(max_examples=15, deadline=None, derandomize=True)
TRAYS = State(on_hand={("integrator", "tray"): 400.0})


def planned(world: World, state: State = TRAYS, disruptions: Sequence[ResolvedDisruption] = ()) -> SupplyPlan:
    network = build_network(world)
    return make_plan(network, availability(network, tuple(disruptions)), state, order_book(world), PlanOptions())


def stopped(days: int, kind: str, **target: str) -> ResolvedDisruption:
    record = Disruption(name="hit", at=Target(**target), kind=kind, starts=day(0), lasts_days=days)
    ends_s = days * DAY_S
    return ResolvedDisruption(disruption=record, starts_s=0, ends_s=ends_s, recovered_s=ends_s, known_s=0)


def the_only(plan: SupplyPlan) -> BrokenLimit:
    assert plan.status == "relaxed"
    (broken,) = plan.broken
    return broken


def weeks(broken: BrokenLimit) -> tuple[float, float]:
    return broken.begins_s / WEEK_S, broken.ends_s / WEEK_S


def accepted(plan: SupplyPlan) -> float:
    return float(sum(series.sum() for series in plan.deliveries.values()))


def test_a_plan_that_keeps_every_limit_says_so() -> None:
    plan = planned(chain_world())
    assert plan.status == "optimal"
    assert plan.solved
    assert plan.broken == ()


def test_finished_racks_without_a_place_are_told_for_as_long_as_they_cannot_leave() -> None:
    """Ten racks stand where three may, and the lane is closed for four weeks."""
    places = row(Resource, site="integrator", resource="finished_rack_places", capacity=3)
    world = chain_world()
    world = world.model_copy(update={"resources": (*world.resources, places)})
    state = State(on_hand={("integrator", "rack_l11"): 10.0})
    broken = the_only(planned(world, state, [stopped(28, "outage", lane="integrator-campus")]))
    assert (broken.kind, broken.name, broken.unit) == ("resource", "finished_rack_places at integrator", "racks")
    assert (broken.limit, broken.reached) == pytest.approx((3.0, 10.0), abs=1e-3)
    assert weeks(broken) == (0.0, 4.0)
    assert "nowhere else to wait" in broken.why


def test_a_datacenter_with_less_power_than_its_racks_need_takes_no_more_and_says_so() -> None:
    """Fourteen racks are placed; from day 28 there is power for ten, from day 70 for a hundred."""
    a_rack = 0.132
    ready = [row(Readiness, site="campus", firm_mw=20 * a_rack, pue=1.0)]
    ready += [row(Readiness, site="campus", firm_mw=10 * a_rack, pue=1.0, **{"from": day(28)})]
    ready += [row(Readiness, site="campus", firm_mw=100 * a_rack, pue=1.0, **{"from": day(70)})]
    state = State(on_hand=TRAYS.on_hand, accepted={("campus", "rack_accepted"): 14.0})
    plan = planned(chain_world(readiness=tuple(ready)), state)
    broken = the_only(plan)
    assert (broken.kind, broken.name, broken.unit) == ("readiness", "power at campus", "MW")
    assert (broken.limit, broken.reached) == pytest.approx((10 * a_rack, 14 * a_rack))
    assert weeks(broken) == (4.0, 10.0)
    assert accepted(plan) > 20


def sources(**other: Any) -> tuple[Sourcing, ...]:
    """Of packages: pack_a at most 60 %, pack_b as told."""
    return (
        row(Sourcing, item="package", supplier="pack_a", share_max=0.6),
        row(Sourcing, item="package", supplier="pack_b", **other),
    )


def test_most_shares_below_the_whole_would_stop_all_supply() -> None:
    """At most 60 % and 20 %: nothing could be received, of which these would be shares."""
    free = planned(chain_world(weeks=26, sourcing=()), State())
    plan = planned(chain_world(weeks=26, sourcing=sources(share_max=0.2)), State())
    assert plan.status == "relaxed"
    assert accepted(plan) == pytest.approx(accepted(free), rel=1e-3)
    assert {broken.name for broken in plan.broken} <= {f"most share of package from pack_{x}" for x in "ab"}
    for broken in plan.broken:
        assert broken.reached > broken.limit
        assert broken.why == "its sources may bring 80 % of it at most, all together"
    # What is too much of one is not too little of the other: together they break it by the fifth that is missing.
    quarter = {x: plan.shipments[f"pack_{x}-trays", "package"][:13].sum() for x in "ab"}
    over = [quarter["a"] / sum(quarter.values()) - 0.6, quarter["b"] / sum(quarter.values()) - 0.2]
    assert sum(over) == pytest.approx(0.2)


def test_the_only_qualified_source_exceeds_its_most_share_until_the_other_is_qualified() -> None:
    shares = sources(qualified_from=day(150))
    plan = planned(chain_world(weeks=26, sourcing=shares), State())
    broken = the_only(plan)
    assert broken.name == "most share of package from pack_a"
    assert (broken.limit, broken.reached) == pytest.approx((60.0, 100.0), abs=0.1)
    assert broken.begins_s == 0
    assert broken.why == "the sources that can ship then may bring less than the whole at most"
    assert plan.shipments["pack_a-trays", "package"][:10].sum() > 50


def test_the_least_share_of_a_source_that_cannot_ship_is_waived() -> None:
    shares = (
        row(Sourcing, item="package", supplier="pack_a"),
        row(Sourcing, item="package", supplier="pack_b", share_min=0.4, qualified_from=day(150)),
    )
    plan = planned(chain_world(weeks=26, sourcing=shares), State())
    broken = the_only(plan)
    assert broken.name == "least share of package from pack_b"
    assert (broken.limit, broken.reached) == pytest.approx((40.0, 0.0))
    assert weeks(broken)[0] == 0.0
    assert 150 / 7 - 13 < weeks(broken)[1] < 150 / 7 + 4
    assert accepted(plan) > 20


def test_a_source_whose_parts_never_come_cannot_ship_either() -> None:
    shares = (
        row(Sourcing, item="package", supplier="pack_a"),
        row(Sourcing, item="package", supplier="pack_b", share_min=0.4),
    )
    closed = stopped(400, "outage", lane="fab-pack_b")
    plan = planned(chain_world(weeks=26, sourcing=shares), State(), [closed])
    assert the_only(plan).name == "least share of package from pack_b"
    assert accepted(plan) > 20


def test_demand_that_nothing_can_reach_is_told() -> None:
    closed = stopped(400, "outage", lane="integrator-campus")
    broken = the_only(planned(chain_world(weeks=8), TRAYS, [closed]))
    assert (broken.kind, broken.name) == ("demand", "rack_accepted for acme at campus")
    assert (broken.limit, broken.reached) == (2.0 * 24, 0.0)
    assert broken.begins_s == 0


def test_a_least_share_that_throttles_has_a_price() -> None:
    """Pack_a must bring half and can bring one a week: so the other may bring one a week too."""

    def with_least(share: float) -> World:
        shares = (
            row(Sourcing, item="package", supplier="pack_a", share_min=share),
            row(Sourcing, item="package", supplier="pack_b"),
        )
        world = chain_world(weeks=26, sourcing=shares)
        slow = tuple(
            line.model_copy(update={"capacity_per_week": 1.0}) if line.site == "pack_a" else line
            for line in world.processes
        )
        return world.model_copy(update={"processes": slow})

    plan = planned(with_least(0.5), State())
    assert plan.status == "optimal"
    least = next(each for each in plan.bindings if each.name == "least share of package from pack_a")
    assert (least.unit, least.limit) == ("percentage points", 50.0)
    step = 0.01
    saved = plan.value - planned(with_least(0.5 - step / 100), State()).value
    assert saved / step == pytest.approx(least.rack_weeks_per_unit, rel=0.02)


@st.composite
def contradictions(draw: st.DrawFn) -> tuple[World, State]:
    """The chain with drawn shares, dates of qualification, places and power, and a state that heeds none of them."""
    shares = []
    for supplier in ("pack_a", "pack_b"):
        most = draw(st.sampled_from((0.1, 0.3, 0.6, 1.0)))
        cells: dict[str, Any] = {"share_max": most, "share_min": draw(st.sampled_from((0.0, 0.1, 0.5))) * most}
        if draw(st.booleans()):
            cells["qualified_from"] = day(draw(st.sampled_from((30, 100, 400))))
        shares.append(row(Sourcing, item="package", supplier=supplier, **cells))
    ready = [row(Readiness, site="campus", rack_positions=draw(st.integers(0, 20)))]
    ready += [row(Readiness, site="campus", rack_positions=draw(st.integers(0, 60)), **{"from": day(50)})]
    world = chain_world(weeks=20, sourcing=tuple(shares), readiness=tuple(ready))
    places = row(Resource, site="integrator", resource="finished_rack_places", capacity=draw(st.integers(0, 5)))
    state = State(
        on_hand={("integrator", "rack_l11"): float(draw(st.integers(0, 12)))},
        accepted={("campus", "rack_accepted"): float(draw(st.integers(0, 30)))},
    )
    return world.model_copy(update={"resources": (*world.resources, places)}), state


@FEW
@given(contradictions())
def test_there_is_always_a_plan_and_what_it_breaks_is_told(asked: tuple[World, State]) -> None:
    plan = planned(*asked)
    assert plan.solved
    assert (plan.status == "relaxed") == bool(plan.broken)
    for broken in plan.broken:
        beyond = broken.limit - broken.reached
        assert (beyond if "least" in broken.name or broken.kind == "demand" else -beyond) > 0
        assert plan.edges_s[0] <= broken.begins_s < broken.ends_s <= plan.edges_s[-1]
        assert broken.why
    assert all(np.isfinite(series).all() for series in plan.production.values())
