"""Clear to build: full kits, the scarcest item, the racks it blocks."""

from __future__ import annotations

import pytest
from worlds import chain_world, row, two_ways_world

from twin.disrupt.availability import availability
from twin.model.order_book import order_book
from twin.model.rows_make import BomLine
from twin.model.state import Shipment, State
from twin.model.units import DAY_S, WEEK_S
from twin.model.world import World
from twin.network.build import build_network
from twin.plan.kits import Kits, clear_to_build
from twin.plan.make import make_plan
from twin.plan.record import PlanOptions


def kits_of(state: State, racks_per_week: int = 2) -> tuple[Kits, ...]:
    return kits_in(chain_world(racks_per_week=racks_per_week), state)


def kits_in(world: World, state: State) -> tuple[Kits, ...]:
    network, orders = build_network(world), order_book(world)
    available = availability(network, ())
    plan = make_plan(network, available, state, orders, PlanOptions())
    return clear_to_build(network, available, state, orders, plan)


def test_there_is_a_line_for_each_of_eight_weeks_at_the_integrator_only() -> None:
    kits = kits_of(State())
    assert [line.week for line in kits] == list(range(1, 9))
    assert {(line.site, line.item) for line in kits} == {("integrator", "rack_l11")}
    assert kits[0].ends_s == WEEK_S


def test_full_kits_are_opening_and_arrivals_over_the_quantity() -> None:
    arriving = Shipment(lane="trays-integrator", item="tray", quantity=6, arrives_s=8 * DAY_S)
    kits = kits_of(State(on_hand={("integrator", "tray"): 5.0}, in_transit=(arriving,)))
    assert kits[0].full == pytest.approx(2.5)
    assert kits[1].full == pytest.approx(5.5)


def test_late_racks_without_trays_are_blocked_by_trays() -> None:
    kits = kits_of(State())
    assert kits[2].wanted == pytest.approx(6.0)
    assert kits[2].full == pytest.approx(0.0, abs=1e-6)
    assert kits[2].short == "tray"
    assert kits[2].blocked == pytest.approx(6.0)


def test_racks_late_for_want_of_cells_are_blocked_by_no_part() -> None:
    kits = kits_of(State(on_hand={("integrator", "tray"): 1000.0}), racks_per_week=40)
    assert {line.short for line in kits} == {""}
    assert kits[-1].wanted > 100
    assert kits[-1].blocked == 0.0


def test_a_kit_of_several_levels_is_their_mean_by_share() -> None:
    """A quarter of the racks take four trays and the others two, so a mean one takes 2.5."""
    base = two_ways_world(0.25)
    lines = [line for line in base.bom if line.item != "rack_l11"]
    lines += [
        row(BomLine, item="rack_l11", input="tray", quantity=number, level=level)
        for level, number in (("L11", 2), ("deep", 4))
    ]
    kits = kits_in(base.model_copy(update={"bom": tuple(lines)}), State(on_hand={("integrator", "tray"): 5.0}))
    assert kits[0].full == pytest.approx(5 / 2.5)
