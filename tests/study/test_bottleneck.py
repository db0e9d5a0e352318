"""Bottleneck ladders as scenarios, their costs, and what holds of every one."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import STARTS, chain_world, row

from twin.disrupt.availability import availability
from twin.events.bottleneck import BottleneckView
from twin.model.case import make_case, with_changes
from twin.model.order_book import order_book
from twin.model.problems import RunError
from twin.model.rows_demand import Allocation, Readiness
from twin.model.rows_growth import Expansion
from twin.model.rows_make import Resource
from twin.model.scenario import Change, Disruption, Scenario, Target
from twin.model.world import World
from twin.network.build import build_network
from twin.plan.rate_levels import RateSolver
from twin.plan.rates import rate_program, ways_s
from twin.study.bottleneck import Ladder, climb
from twin.study.bottleneck_view import bottleneck_case
from twin.study.ground import silent
from twin.study.relief import changes_of_relief


def solver_of(world: World) -> RateSolver:
    network = build_network(world)
    ahead_s = max(ways_s(network).values())
    return RateSolver(
        rate_program(network, availability(network, (), -ahead_s, world.settings.report_s), order_book(world))
    )


def ladder(world: World, rungs: int = 3) -> BottleneckView:
    case = make_case(world, Scenario(name="test", world=world.name, replications=1))
    return bottleneck_case(case, rungs, None, 1, silent)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """The chain with drawn capacities, shares, places and allocations."""
    processes = tuple(
        each.model_copy(update={"capacity_per_week": draw(st.floats(1.0, 60.0))}) if each.cycle_days else each
        for each in chain_world().processes
    )
    resources = tuple(
        each.model_copy(update={"capacity": float(draw(st.integers(1, 4)))}) for each in chain_world().resources
    )
    more: dict[str, Any] = {}
    if draw(st.booleans()):
        more["readiness"] = (row(Readiness, site="campus", rack_positions=draw(st.integers(10, 200))),)
    if draw(st.booleans()):
        more["sourcing"] = tuple(
            each.model_copy(update={"share_max": draw(st.floats(0.5, 1.0))}) for each in chain_world().sourcing
        )
    if draw(st.booleans()):
        more["allocations"] = (row(Allocation, item="tray", customer="acme", share=draw(st.floats(0.2, 1.0))),)
    return chain_world(processes=processes, resources=resources, **more)


def racks_of(found: Ladder) -> list[float]:
    return [found.start.racks, *(rung.after.racks for rung in found.rungs)]


@settings(max_examples=12, deadline=None, derandomize=True)
@given(world=worlds())
def test_racks_never_fall_along_the_ladder(world: World) -> None:
    """Each rung begins where the one below ends, gains add up, and no gate stands on two rungs."""
    found = climb(solver_of(world), 8, silent)
    racks = racks_of(found)
    assert all(after >= before * (1 - 1e-7) for before, after in pairwise(racks))
    for rung, (before, after) in zip(found.rungs, pairwise(racks), strict=True):
        assert (rung.before.racks, rung.after.racks) == (before, after)
    gates = [gate for rung in found.rungs for gate in rung.gates]
    assert len(set(gates)) == len(gates)
    assert [rung.step for rung in found.rungs] == sorted(rung.step for rung in found.rungs)


@settings(max_examples=6, deadline=None, derandomize=True)
@given(world=worlds())
def test_a_rung_as_a_patch_of_the_world_brings_what_it_says(world: World) -> None:
    solver = solver_of(world)
    found = climb(solver, 4, silent)
    for rung in found.rungs:
        changes = changes_of_relief(solver.rates, rung.after.relief)
        case = with_changes(make_case(world, Scenario(name="test", world=world.name)), changes)
        again = solver_of(case.world)
        assert again.level(again.nothing).racks == pytest.approx(rung.after.racks, rel=1e-5)


def test_a_rung_can_be_run_again_from_its_scenario_file(tmp_path: Path) -> None:
    view = ladder(chain_world(), 2)
    data = yaml.safe_load(view.rungs[0].scenario)
    assert (data["name"], data["warm_start"]) == ("test-rung-1", "own")
    changes = [Change.model_validate(each) for each in data["changes"]]
    assert {change.table for change in changes} == {"processes", "orders"}
    assert all(change.multiply["capacity_per_week"] == pytest.approx(4 / 3, abs=1e-5) for change in changes[:2])


def test_gains_add_up_to_what_the_ladder_brings() -> None:
    view = ladder(chain_world(), 5)
    assert sum(rung.gain for rung in view.rungs) == pytest.approx(view.rungs[-1].after - view.start)


def test_a_rung_costs_what_the_world_says_in_whole_steps() -> None:
    """From 12 to 16 starts a week at each of two packagers: one pays by the start, the other by fives."""
    expansions = (
        row(Expansion, target="package", usd_per_unit=100.0, lead_days=30),
        row(Expansion, target="package", site="pack_b", step=5, usd_per_unit=10.0, lead_days=60),
    )
    view = ladder(chain_world(expansions=expansions), 2)
    first, second = view.rungs
    assert first.cost_usd == pytest.approx(4 * 100.0 + 5 * 10.0, rel=1e-4)
    assert first.lead_days == 60
    assert second.cost_usd is None
    assert second.lead_days is None
    assert [gate.gate for gate in second.also] == ["package (packaging)"]


def test_power_that_binds_is_raised_at_its_datacenter() -> None:
    """60 racks of 132 kW in twelve weeks: five a week, though packages allow more."""
    ready = (row(Readiness, site="campus", firm_mw=60 * 0.132),)
    processes = tuple(
        each.model_copy(update={"capacity_per_week": 2 * each.capacity_per_week}) if each.capacity_per_week else each
        for each in chain_world().processes
    )
    view = ladder(chain_world(readiness=ready, processes=processes), 1)
    [gate] = view.rungs[0].gates
    assert gate.gate == "power at the datacenters"
    assert view.start == pytest.approx(5.0, rel=1e-3)
    assert view.rungs[0].after == pytest.approx(6.0, rel=1e-3)
    [added] = gate.added
    assert (added.site, added.unit) == ("campus", "MW")
    assert added.needed == pytest.approx(72 * 0.132, rel=1e-3)


def test_shares_that_bind_are_given_up_whole() -> None:
    """Half of the packages at most from either: one makes 4 a week, so that the other, which could make 40, sends 4."""
    processes = tuple(
        each.model_copy(update={"capacity_per_week": 4.0 if each.site == "pack_a" else 40.0})
        if each.item == "package"
        else each
        for each in chain_world().processes
    )
    sourcing = tuple(each.model_copy(update={"share_max": 0.5}) for each in chain_world().sourcing)
    world = chain_world(weeks=26, processes=processes, sourcing=sourcing)
    found = climb(solver_of(world), 1, silent)
    solver = solver_of(world)
    names = {solver.rates.gates[gate].name for gate in found.rungs[0].gates}
    assert "suppliers' shares of package" in names


@pytest.mark.slow
def test_the_same_ladder_with_one_worker_and_with_two() -> None:
    case = make_case(chain_world(), Scenario(name="test", world="chain", replications=2))
    one, two = (bottleneck_case(case, 2, None, workers, silent) for workers in (1, 2))
    assert one == two


def test_a_world_without_orders_has_no_ladder() -> None:
    with pytest.raises(RunError, match="no orders"):
        ladder(chain_world(orders=()))


def test_an_outage_of_a_process_on_a_line_is_relieved_at_the_line() -> None:
    """Of the wafer line a fifth is left: what more of the process could bring, more of its line does."""
    line = row(Resource, site="fab", resource="line", capacity=10)
    processes = tuple(
        each.model_copy(update={"capacity_per_week": None, "resource": "line"}) if each.item == "wafer" else each
        for each in chain_world().processes
    )
    world = chain_world(processes=processes, resources=(*chain_world().resources, line))
    fire = Disruption(
        name="fire", at=Target(process="fabrication"), kind="capacity", capacity_left=0.2, starts=STARTS,
        lasts_weeks=100,
    )  # fmt: skip
    case = make_case(world, Scenario(name="test", world="chain", replications=1, disruptions=[fire]))
    view = bottleneck_case(case, 1, None, 1, silent)
    assert [gate.gate for gate in view.rungs[0].gates] == ["line"]
    assert view.start < view.rungs[0].after <= 3.0 + 1e-6
    changed = [change for change in yaml.safe_load(view.rungs[0].scenario)["changes"] if change["table"] == "resources"]
    assert [change["where"] for change in changed] == [{"site": "fab", "resource": "line"}]
    assert changed[0]["multiply"]["capacity"] > 1.05
