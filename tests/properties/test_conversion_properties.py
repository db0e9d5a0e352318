"""What holds in every world in which racks of one configuration can be made into another."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from properties.log_reading import balance_gaps, levels_below_zero, lines
from properties.test_simulation_properties import (
    assert_held_within_capacity,
    assert_starts_within_rates,
    steady_chain,
)
from properties.worlds_generated import GENERATE, arm_of, disruptions, small_worlds, some_disruptions
from worlds import day, row

from twin.disrupt.resolve import resolve
from twin.events.canonical import before, log_digest
from twin.metrics.facts import facts_from
from twin.metrics.late_orders import late_orders
from twin.metrics.lineage import lineage
from twin.metrics.stations import conversions, little_gaps_s
from twin.metrics.view import View
from twin.model.rows_demand import Stock
from twin.model.rows_make import BomLine, Resource
from twin.model.scenario import Disruption
from twin.model.world import World
from twin.plan.make import make_plan
from twin.plan.record import PlanOptions
from twin.study.late import late_world
from twin.study.replicate import Arm, simulate_arm

Hits = tuple[Disruption, ...]
SOME = settings(max_examples=20, phases=GENERATE)
FEW = settings(max_examples=8, phases=GENERATE)


def other(name: str) -> str:
    """The name of the same thing in the other configuration."""
    return f"{name}_b"


@st.composite
def two_config_worlds(draw: st.DrawFn, schedule_weeks: int = 0) -> World:
    """A generated chain whose racks come in two configurations, some racks of the first standing finished on day one.

    Racks of the first may be made into the second, in some worlds and back; orders of both are drawn.
    """
    world = draw(small_worlds(schedule_weeks=schedule_weeks))
    hours = [float(draw(st.sampled_from((0, 1, 8, 30, 200)))), float(draw(st.sampled_from((2, 12))))]
    racks = [item for item in world.items if item.kind == "rack"]
    twins = {item.item: item.model_copy(update={"item": other(item.item)}) for item in racks}
    into = {"convertible_to": other("rack"), "conversion_hours": hours[0]}
    back = {"convertible_to": "rack", "conversion_hours": hours[1]} if draw(st.booleans()) else {}
    items = {item.item: item for item in (*world.items, *twins.values())}
    items["rack"] = items["rack"].model_copy(update=into)
    items[other("rack")] = items[other("rack")].model_copy(update=back)
    part = next(line.input for line in world.bom if line.item == "rack")
    per_rack = next(line.quantity for line in world.bom if line.item == "rack")
    second = [draw(st.booleans()) for _ in world.orders]
    places = row(Resource, site="integrator", resource="finished_rack_places", capacity=draw(st.integers(2, 9)))
    return world.model_copy(
        update={
            "name": "two-configs",
            "settings": world.settings.model_copy(update={"ship_when": draw(st.sampled_from(("ready", "powered")))}),
            "items": tuple(items.values()),
            "resources": (*world.resources, *((places,) if draw(st.booleans()) else ())),
            "processes": (
                *world.processes,
                *(
                    one.model_copy(update={"item": other(one.item)})
                    for one in world.processes
                    if one.process in ("integration", "installation")
                ),
            ),
            "bom": (
                *world.bom,
                row(BomLine, item=other("rack"), input=part, quantity=per_rack),
                row(BomLine, item=other("rack_accepted"), input=other("rack"), quantity=1),
            ),
            "routings": _both(world.routings),
            "routing_resources": _both(world.routing_resources),
            "orders": tuple(
                one.model_copy(update={"item": other(one.item)}) if is_second else one
                for one, is_second in zip(world.orders, second, strict=True)
            ),
            "stock": (row(Stock, site="integrator", item="rack", on_hand=draw(st.integers(0, 8)), policy="plan"),),
        }
    )


def _both(rows: tuple[object, ...]) -> tuple[object, ...]:
    return (*rows, *(each.model_copy(update={"item": other(each.item)}) for each in rows))  # type: ignore[attr-defined]


def view_of(arm: Arm) -> View:
    return View(simulate_arm(arm, 0).log, facts_from(arm.ground.network))


@SOME
@given(two_config_worlds(), some_disruptions())
def test_units_are_conserved_and_limits_kept(world: World, hits: Hits) -> None:
    """Converted racks leave the stock of what they were and enter that of what they are."""
    arm = arm_of(world, hits)
    view, network = view_of(arm), arm.ground.network
    event("converts" if conversions(view) else "does not convert")
    assert balance_gaps(view.log, network) == []
    assert levels_below_zero(view.log, network) == []
    assert_starts_within_rates(view.log, arm.playbook.available)
    assert_held_within_capacity(view.log, network, arm.playbook.available)
    assert set(little_gaps_s(view).values()) <= {0.0}


@SOME
@given(two_config_worlds(), some_disruptions())
def test_a_converted_rack_stays_itself_and_its_delay_is_told(world: World, hits: Hits) -> None:
    """One number, one kit, one acceptance; the links of each late order add up to its delay."""
    arm = arm_of(world, hits)
    view = view_of(arm)
    event("converts" if conversions(view) else "does not convert")
    accepted = Counter(view.all("accepted").parent.tolist())
    assert all(count == 1 for rack, count in accepted.items() if rack >= 0)
    started = view.all("started")
    built = started.where(~view.is_conversion[started.place] & (started.parent >= 0))
    kits = Counter((rack, place) for rack, place in zip(built.parent.tolist(), built.place.tolist(), strict=True))
    assert set(kits.values()) <= {1}
    late = late_orders(view, late_world(arm, arm.playbook.opening.plan, {}))
    for order in late.orders:
        assert sum(link.days for link in order.links) == pytest.approx(order.delay_days, abs=1e-9)
        assert all(link.what and link.cause for link in order.links)
    found = lineage(view)
    assert (found.quantity > 0).all()


@SOME
@given(two_config_worlds())
def test_orders_get_what_they_asked_for_and_no_more(world: World) -> None:
    """Racks accepted for an order are numbered from 0 without gaps and never exceed its quantity."""
    arm = arm_of(world)
    units: dict[str, list[int]] = {}
    for line in lines(simulate_arm(arm, 0).log):
        if line.event == "accepted":
            units.setdefault(line.order, []).append(line.unit)
    quantity = {line.order: line.quantity for line in arm.ground.orders}
    for order, numbers in units.items():
        assert len(set(numbers)) == len(numbers)
        assert max(numbers) < quantity[order]


@FEW
@given(two_config_worlds(), st.integers(1, 5))
def test_no_run_accepts_more_than_the_linear_programme_allows(world: World, weeks: int) -> None:
    """The ladder of bounds holds with conversions in both.

    All is due in the first week and nothing after the report window, since the plan serves no
    order more than four weeks early, and the floor ships what is ready. The programme has three
    weeks more: what stands ready leaves at once, but uniformly over a week in each of its stages.
    """
    settings_there = world.settings.model_copy(update={"tail_weeks": 0})
    due_now = tuple(order.model_copy(update={"requested": day(6)}) for order in world.orders)
    arm = arm_of(steady_chain(world.model_copy(update={"settings": settings_there, "orders": due_now})))
    until_s = weeks * 604_800
    ground, available = arm.ground, arm.playbook.available
    options = PlanOptions(objective="bound", until_s=until_s + 3 * 604_800)
    most = make_plan(ground.network, available, ground.day_one, ground.orders, options)
    log = simulate_arm(arm, 0, noise=False).log
    accepted = float(log.column("quantity")[log.of("accepted") & (log.column("time_s") <= until_s)].sum())
    assert most.status in ("optimal", "relaxed")
    assert accepted <= most.bound + 0.01


@FEW
@given(two_config_worlds())
def test_more_ways_never_make_the_plan_later(world: World) -> None:
    """With conversions the plan's racks by the end are at least those without."""
    ground, available = arm_of(world).ground, arm_of(world).playbook.available
    options = PlanOptions(objective="bound")
    most = make_plan(ground.network, available, ground.day_one, ground.orders, options)
    bare = replace(ground.network, conversions={})
    least = make_plan(bare, available, ground.day_one, ground.orders, options)
    assert most.value >= least.value - 1e-5


@FEW
@given(two_config_worlds(schedule_weeks=1), some_disruptions())
def test_the_same_seed_gives_the_same_log(world: World, hits: Hits) -> None:
    """Row by row."""
    assert log_digest(simulate_arm(arm_of(world, hits), 0).log) == log_digest(simulate_arm(arm_of(world, hits), 0).log)


@FEW
@given(small_worlds(schedule_weeks=1))
def test_what_nobody_asks_for_is_never_converted(world: World) -> None:
    """An item that nobody orders is made too, and racks could become it: not a row of the log differs."""
    spare = next(item for item in world.items if item.item == "rack").model_copy(update={"item": "spare"})
    process = next(one for one in world.processes if one.item == "rack").model_copy(update={"item": "spare"})
    routed = [each.model_copy(update={"item": "spare"}) for each in world.routings if each.item == "rack"]
    held = [each.model_copy(update={"item": "spare"}) for each in world.routing_resources if each.item == "rack"]
    wider = world.model_copy(
        update={
            "items": (
                *(
                    item.model_copy(update={"convertible_to": "spare"}) if item.item == "rack" else item
                    for item in world.items
                ),
                spare,
            ),
            "processes": (*world.processes, process),
            "routings": (*world.routings, *routed),
            "routing_resources": (*world.routing_resources, *held),
        }
    )
    assert log_digest(simulate_arm(arm_of(world), 0).log) == log_digest(simulate_arm(arm_of(wider), 0).log)


@FEW
@given(two_config_worlds(), disruptions())
def test_nothing_differs_before_a_disruption_starts_or_is_known(world: World, hit: Disruption) -> None:
    """Rows before min(starts, known_at) are equal: racks kept for a conversion, or converted, foresee nothing."""
    (resolved,) = resolve(world, (hit,))
    moment_s = min(resolved.starts_s, resolved.known_s)
    assume(moment_s > 0)
    calm, struck = simulate_arm(arm_of(world), 0).log, simulate_arm(arm_of(world, (hit,)), 0).log
    assert log_digest(before(calm, moment_s)) == log_digest(before(struck, moment_s))
