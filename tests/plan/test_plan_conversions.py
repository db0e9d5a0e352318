"""The plan converts where that saves lateness, in time and in stock, and for nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import config_order, day, row, two_configs_world

from twin.disrupt.availability import availability
from twin.disrupt.resolve import resolve
from twin.model.order_book import order_book
from twin.model.rows_demand import Allocation
from twin.model.rows_make import Resource
from twin.model.scenario import Disruption, Target
from twin.model.state import LotInProcess, State
from twin.model.units import DAY_S
from twin.model.world import World
from twin.network.build import build_network
from twin.plan.kits import clear_to_build
from twin.plan.make import make_plan
from twin.plan.record import PlanOptions, SupplyPlan
from twin.plan.snapshot import day_one, warm_up_s

CONVERSION = ("conversion of rack_a", "integrator", "rack_b")
BACK = ("conversion of rack_b", "integrator", "rack_a")
OF_A, OF_B = ("a", "hall_a", "running_a"), ("b", "hall_b", "running_b")
FOUR_RACKS = State(on_hand={("integrator", "rack_a"): 4.0})


IN_A_MONTH = config_order("for_b", "b", 4, 27)
"""Late enough that weeks, in which a plan is uniform, do not matter."""


def planned(world: World, state: State = FOUR_RACKS, options: PlanOptions | None = None) -> SupplyPlan:
    network = build_network(world)
    plan = make_plan(network, availability(network, ()), state, order_book(world), options or PlanOptions())
    assert plan.solved
    return plan


def without_conversions(world: World) -> World:
    bare = tuple(item.model_copy(update={"convertible_to": "", "conversion_hours": 0.0}) for item in world.items)
    return world.model_copy(update={"items": bare})


def test_racks_of_one_customer_serve_the_other_in_time() -> None:
    """Four of A stand there, B's are due in two weeks and a new board takes three; A's are made anew."""
    plan = planned(two_configs_world())
    assert plan.production[CONVERSION].sum() == pytest.approx(4, abs=1e-6)
    assert plan.production["racks", "integrator", "rack_b"].sum() == pytest.approx(0, abs=1e-6)
    assert plan.production["racks", "integrator", "rack_a"].sum() == pytest.approx(4, abs=0.5)
    assert plan.backlog[OF_B][2] == pytest.approx(0, abs=0.01)
    bare = planned(without_conversions(two_configs_world()))
    assert bare.backlog[OF_B][2] == pytest.approx(4, abs=1e-6)


@pytest.mark.parametrize(("hours", "in_time"), [(8, 4.0), (24 * 7, 4.0), (24 * 28, 0.0)])
def test_a_conversion_takes_its_hours(hours: float, in_time: float) -> None:
    """Of four racks that begin in the first week, by the end of the third; a conversion of four weeks is too slow."""
    plan = planned(two_configs_world(hours=hours))
    assert 4.0 - plan.backlog[OF_B][2] == pytest.approx(in_time, abs=0.05)


def test_nothing_is_converted_for_nothing() -> None:
    """Both stand ready: each goes to its own customer, however uneven the orders are."""
    state = State(on_hand={("integrator", "rack_a"): 4.0, ("integrator", "rack_b"): 4.0})
    orders = (IN_A_MONTH, config_order("for_a", "a", 4, 69))
    plan = planned(two_configs_world(back_hours=8, orders=orders), state)
    assert plan.production[CONVERSION].sum() == pytest.approx(0, abs=1e-6)
    assert plan.production[BACK].sum() == pytest.approx(0, abs=1e-6)


def test_it_does_not_convert_to_level_production() -> None:
    """By turns four for A and four for B, a month apart: each rate changes, and still nothing is converted."""
    orders = tuple(
        config_order(f"order-{number}", "ab"[number % 2], 4, 34 + 14 * number) for number in range(4)
    )  # fmt: skip
    plan = planned(two_configs_world(back_hours=1, orders=orders), State(on_hand={("integrator", "board"): 30.0}))
    assert plan.production[CONVERSION].sum() + plan.production[BACK].sum() == pytest.approx(0, abs=1e-6)
    assert plan.value < 1.0


def test_a_way_there_and_back_is_no_source() -> None:
    """What is converted back and forth does not multiply: of three racks of either kind three are out."""
    for item in ("rack_a", "rack_b"):
        world = two_configs_world(hours=1, back_hours=1, orders=(IN_A_MONTH, config_order("for_a", "a", 4, 27)))
        options = PlanOptions(objective="bound", until_s=21 * DAY_S)
        plan = planned(world, State(on_hand={("integrator", item): 3.0}), options)
        assert plan.value == pytest.approx(3, abs=0.01)


def test_the_bound_counts_what_is_converted() -> None:
    options = PlanOptions(objective="bound", until_s=21 * DAY_S)
    world = two_configs_world(orders=(config_order("for_b", "b", 4, 13),))
    assert planned(world, options=options).value == pytest.approx(4, abs=0.01)
    assert planned(without_conversions(world), options=options).value == pytest.approx(0, abs=1e-6)


def test_what_is_under_conversion_in_the_state_comes_out() -> None:
    """A rack with six hours of it left is there within the first week."""
    rest = LotInProcess(
        process=CONVERSION[0], site="integrator", item="rack_b", quantity=1, ready_s=6 * 3600
    )  # fmt: skip
    order = (config_order("for_b", "b", 1, 20),)
    plan = planned(two_configs_world(orders=order), State(in_process=(rest,)))
    assert plan.backlog[OF_B].max() == pytest.approx(0, abs=1e-6)
    assert plan.production["racks", "integrator", "rack_b"].sum() == pytest.approx(0, abs=1e-6)


def test_no_conversion_begins_in_an_outage_of_its_site() -> None:
    world = two_configs_world()
    network = build_network(world)
    hit = Disruption(name="fire", at=Target(site="integrator"), kind="outage", starts=day(0), lasts_weeks=3)
    available = availability(network, resolve(world, (hit,)))
    plan = make_plan(network, available, FOUR_RACKS, order_book(world), PlanOptions())
    assert plan.production[CONVERSION][:3].sum() == 0
    assert plan.production[CONVERSION].sum() == pytest.approx(4, abs=1e-6)


def test_finished_rack_places_hold_what_has_been_converted() -> None:
    """B's hall is ready in a month: with two places no more than two racks wait for it, of whichever item."""
    places = row(Resource, site="integrator", resource="finished_rack_places", capacity=2)
    world = two_configs_world(resources=(*two_configs_world().resources, places))
    plan = planned(world, State(on_hand={("integrator", "rack_a"): 2.0}))
    waiting = plan.stock["integrator", "rack_a"] + plan.stock["integrator", "rack_b"]
    assert waiting.max() <= 2 + 1e-6
    assert any(binding.name.startswith("finished_rack_places") for binding in plan.bindings) or waiting.max() < 2


def test_kits_are_for_racks_that_are_built() -> None:
    """Four of B's racks come of conversions, so that the plan wants no kit for them."""
    world = two_configs_world()
    network = build_network(world)
    plan = planned(world)
    kits = clear_to_build(network, availability(network, ()), FOUR_RACKS, order_book(world), plan)
    assert all(kit.wanted < 0.1 for kit in kits if kit.item == "rack_b" and kit.week > 2)


def test_an_integrator_takes_its_share_of_boards_once() -> None:
    """A converted rack has its board already: half of the boards are too few to build four, but not to convert."""
    share = (row(Allocation, item="board", integrator="integrator", share=0.5, transferable="no"),)
    plan = planned(two_configs_world(allocations=share))
    assert plan.production[CONVERSION].sum() == pytest.approx(4, abs=1e-6)


def test_day_one_of_a_world_that_can_convert_is_as_of_one_that_cannot() -> None:
    """Nothing is late in the undisrupted past, so nothing is converted in it."""
    orders = tuple(
        config_order(f"{customer}-{week:02d}", customer, 1, 7 * week - 1) for week in range(1, 13) for customer in "ab"
    )

    def state_of(world: World) -> State:
        network = build_network(world)
        available = availability(network, ())
        return day_one(network, available, order_book(world), warm_up_s(network, available, order_book(world)))

    world = two_configs_world(orders=orders)
    mine, bare = state_of(world), state_of(without_conversions(world))
    assert mine == bare
    assert np.isfinite(sum(mine.on_hand.values()))
