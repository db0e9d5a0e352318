"""How far prices hold, against plans made anew with more of the limit."""

from __future__ import annotations

import pytest
from worlds import chain_world

from twin.disrupt.availability import availability
from twin.model.order_book import order_book
from twin.model.state import State
from twin.model.world import World
from twin.network.build import build_network
from twin.plan import make
from twin.plan.make import explain, make_plan
from twin.plan.ranging import HOLDS, MOST_PERCENT
from twin.plan.record import Binding, PlanOptions, SupplyPlan

TRAYS = State(on_hand={("integrator", "tray"): 400.0, ("trays", "package"): 400.0})
STEP_PERCENT = 0.005


def plan_of(world: World, state: State) -> SupplyPlan:
    network = build_network(world)
    return make_plan(network, availability(network, ()), state, order_book(world), PlanOptions())


def explained(world: World, state: State, name: str) -> Binding:
    network, orders = build_network(world), order_book(world)
    available = availability(network, ())
    bindings = explain(network, available, state, orders, plan_of(world, state))
    return next(binding for binding in bindings if binding.name == name)


def with_cells(world: World, percent: float) -> World:
    rows = tuple(
        row.model_copy(update={"capacity": row.capacity * (1 + percent / 100)}) if row.resource == "cell" else row
        for row in world.resources
    )
    return world.model_copy(update={"resources": rows})


def with_packages(world: World, factor: float, site: str = "") -> World:
    rows = tuple(
        row.model_copy(update={"capacity_per_week": (row.capacity_per_week or 0.0) * factor})
        if row.process == "packaging" and site in {"", row.site}
        else row
        for row in world.processes
    )
    return world.model_copy(update={"processes": rows})


def test_a_price_holds_as_far_as_it_says_and_no_further() -> None:
    world = chain_world(racks_per_week=12)
    cell = explained(world, TRAYS, "cell at integrator")
    holds = cell.rack_weeks_hold_percent
    assert holds is not None
    assert 1.0 < holds < MOST_PERCENT

    def next_unit(percent: float) -> float:
        """Rack-weeks for one more cell after so many percent more."""
        before, after = (plan_of(with_cells(world, each), TRAYS).value for each in (percent, percent + STEP_PERCENT))
        return (before - after) / (cell.limit * STEP_PERCENT / 100)

    assert next_unit(holds - 0.1) >= HOLDS * cell.rack_weeks_per_unit * 0.999
    assert next_unit(holds + 0.1) < HOLDS * cell.rack_weeks_per_unit


def test_the_limit_of_a_process_is_ranged_too() -> None:
    world = with_packages(chain_world(), 10 / 12)
    packing = explained(world, State(), "packaging at pack_a")
    holds = packing.rack_weeks_hold_percent
    assert holds is not None
    assert 1.0 < holds < MOST_PERCENT

    def next_unit(percent: float) -> float:
        factors = (1 + percent / 100, 1 + (percent + STEP_PERCENT) / 100)
        before, after = (plan_of(with_packages(world, each, "pack_a"), State()).value for each in factors)
        return (before - after) / (packing.limit * STEP_PERCENT / 100)

    assert next_unit(holds - 0.1) >= HOLDS * packing.rack_weeks_per_unit * 0.999
    assert next_unit(holds + 0.1) < HOLDS * packing.rack_weeks_per_unit


def test_a_price_that_never_falls_is_told_to_hold_as_far_as_was_looked() -> None:
    packing = explained(chain_world(racks_per_week=3), State(), "packaging at pack_a")
    assert packing.rack_weeks_hold_percent == pytest.approx(MOST_PERCENT)
    assert packing.racks_hold_percent == pytest.approx(MOST_PERCENT)


def test_only_the_first_few_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "RANGED", 1)
    world, state = chain_world(racks_per_week=3), State()
    asked = [
        explained(world, state, name).rack_weeks_hold_percent is not None
        for name in ("packaging at pack_a", "packaging at pack_b")
    ]
    assert asked == [True, False]


def test_the_coarse_plan_of_a_large_world_tells_nearly_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    world = chain_world(racks_per_week=3, weeks=24)
    own = explained(world, State(), "packaging at pack_a").rack_weeks_hold_percent
    monkeypatch.setattr(make, "SIMPLEX_COLUMNS", 0)
    coarse = explained(world, State(), "packaging at pack_a").rack_weeks_hold_percent
    assert own is not None
    assert coarse == pytest.approx(own, abs=2.0)
