"""Ladders of which every rung is known: stations in a row, joint gates, gates elsewhere than on the floor."""

from __future__ import annotations

from typing import Any

import pytest
from known.ladder import exact
from worlds import SOURCE, STARTS, chain_world, row, weekly_orders

from twin.events.bottleneck import BottleneckView
from twin.model.case import make_case
from twin.model.rows_make import BomLine, Process, Resource
from twin.model.rows_network import Item, Site
from twin.model.scenario import Scenario
from twin.model.world import Settings, World
from twin.study.bottleneck_view import bottleneck_case
from twin.study.ground import silent

BY_HAND: dict[str, Any] = {"source": "by hand", "family": "Supply plan"}
WEEKS = 8


def station_world(*rates: float) -> World:
    """Stations in a row at one site, each an hour long, of so many starts a week; ten racks a week are ordered."""
    numbers = range(len(rates))
    return World(
        name="row",
        settings=Settings(starts=STARTS, report_weeks=WEEKS, tail_weeks=1, schedule_weeks=0),
        items=tuple(row(Item, item=f"part_{n}", kind="part", value_usd=1.0) for n in numbers),
        sites=(row(Site, site="plant", kind="component"),),
        processes=tuple(
            row(Process, process=f"station {n}", site="plant", item=f"part_{n}", cycle_days=0.1, capacity_per_week=rate)
            for n, rate in enumerate(rates)
        ),
        bom=tuple(row(BomLine, item=f"part_{n}", input=f"part_{n - 1}", quantity=1) for n in numbers if n),
        orders=weekly_orders("plant", f"part_{len(rates) - 1}", WEEKS, 10),
        sources=(SOURCE,),
    )


def ladder(world: World, rungs: int = 8, replications: int = 1) -> BottleneckView:
    case = make_case(world, Scenario(name="test", world=world.name, replications=replications))
    return bottleneck_case(case, rungs, None, 1, silent)


def gates(view: BottleneckView) -> list[list[str]]:
    return [[gate.gate for gate in rung.gates] for rung in view.rungs]


def test_stations_in_a_row_bind_in_order_of_their_capacity() -> None:
    """30, 10, 40, 20 a week: the second, the fourth, the first; each brings the chain to the next."""
    view = ladder(station_world(30, 10, 40, 20), rungs=3)
    assert gates(view) == [["part 1 (station 1)"], ["part 3 (station 3)"], ["part 0 (station 0)"]]
    exact("racks a week as things stand", 10.0, view.start, unit="racks a week", within=1e-4, **BY_HAND)
    for rung, level in zip(view.rungs, (20.0, 30.0, 40.0), strict=True):
        name = f"racks a week with {rung.number} of four stations raised"
        exact(name, level, rung.after, unit="racks a week", within=1e-3, **BY_HAND)
        exact(f"gain of rung {rung.number}", 10.0, rung.gain, unit="racks a week", within=1e-3, **BY_HAND)
    assert [rung.step for rung in view.rungs] == [1, 2, 3]
    assert [lever.rung for lever in view.levers] == [1, 2, 3, None]
    [first, *others] = view.levers
    exact("twice as much of the first gate alone", 10.0, first.gain_alone, unit="racks a week", within=1e-3, **BY_HAND)
    assert all(lever.gain_alone == 0 for lever in others)


def test_the_simulation_confirms_the_rungs() -> None:
    view = ladder(station_world(30, 10, 20), rungs=2, replications=2)
    for rung in view.rungs:
        assert rung.simulated is not None
        assert rung.simulated_gain is not None
        assert rung.simulated.value == pytest.approx(rung.after, rel=0.02)
        assert rung.simulated_gain.value == pytest.approx(rung.gain, rel=0.05)
        assert "Simulation: +" in rung.said


def test_two_gates_of_one_capacity_are_raised_together() -> None:
    """Of 10, 10 and 15 a week the first two bind together: one of them alone brings nothing."""
    view = ladder(station_world(10, 10, 15), rungs=1)
    assert sorted(gates(view)[0]) == ["part 0 (station 0)", "part 1 (station 1)"]
    exact("two gates of ten raised together", 15.0, view.rungs[0].after, unit="racks a week", within=1e-3, **BY_HAND)
    assert all(lever.gain_alone == pytest.approx(0.0, abs=1e-6) for lever in view.levers)
    assert "one of them alone brings little or nothing" in view.rungs[0].said


def test_rungs_within_a_fifth_share_a_step() -> None:
    """10, 11.5, 20, 30 a week: with a fifth more of the first, the second would bind first; not so the third."""
    view = ladder(station_world(10, 11.5, 20, 30), rungs=3)
    assert [rung.step for rung in view.rungs] == [1, 1, 2]


def test_where_a_component_gates_neither_crews_nor_bays_gain_a_rack() -> None:
    """Packages hold the chain to 3 racks a week; crews and bays have room for 14 and more."""
    view = ladder(chain_world(), rungs=2)
    assert gates(view)[0] == ["package (packaging)"]
    [on_site, factory] = [line for line in view.said if line.startswith("At ")]
    assert "neither more crew nor work that moves upstream off its floor gains a rack" in on_site
    assert "the package (packaging) binds first" in on_site
    assert "At rack integration sites, neither more" in factory
    floors = [lever for lever in view.levers if lever.kind == "resource"]
    assert len(floors) == 3
    assert all(lever.gain_alone == 0 and lever.rung is None for lever in floors)


def test_where_site_crews_bind_they_gain() -> None:
    """Half a crew takes 168 x 0.5 / 24 h = 3.5 racks a week, and components allow 12."""
    resources = (
        row(Resource, site="integrator", resource="bay", capacity=20),
        row(Resource, site="integrator", resource="cell", capacity=20),
        row(Resource, site="campus", resource="crew", capacity=0.5),
    )
    processes = tuple(
        each.model_copy(update={"capacity_per_week": 4 * each.capacity_per_week}) if each.capacity_per_week else each
        for each in chain_world().processes
    )
    view = ladder(chain_world(resources=resources, processes=processes), rungs=1)
    assert gates(view) == [["crew (datacenter)"]]
    exact("racks a week of half a crew", 3.5, view.start, unit="racks a week", within=1e-3, **BY_HAND)
    exact("until packages bind", 12.0, view.rungs[0].after, unit="racks a week", within=1e-3, **BY_HAND)
    line = next(line for line in view.said if line.startswith("At datacenter sites"))
    assert "held back by crew: more of that, or work that moves upstream off its floor, gains up to 8.5 racks" in line


def test_two_products_keep_the_mix_of_the_book() -> None:
    """Three of one to one of the other are ordered; lines of 30 and 5 a week allow 15 and 5, then 30 and 10."""
    both = ("large", "small")
    world = World(
        name="two",
        settings=Settings(starts=STARTS, report_weeks=WEEKS, tail_weeks=1, schedule_weeks=0),
        items=tuple(row(Item, item=name, kind="rack", family=name, value_usd=1.0) for name in both),
        sites=(row(Site, site="plant", kind="component"),),
        processes=tuple(
            row(Process, process=f"{name} line", site="plant", item=name, cycle_days=0.1, capacity_per_week=rate)
            for name, rate in zip(both, (30, 5), strict=True)
        ),
        orders=tuple(
            each.model_copy(update={"order": f"{name} {each.order}"})
            for name, quantity in zip(both, (9, 3), strict=True)
            for each in weekly_orders("plant", name, WEEKS, quantity)
        ),
        sources=(SOURCE,),
    )
    view = ladder(world, rungs=1)
    assert gates(view) == [["small (small line)"]]
    exact("two products in the mix of the book", 20.0, view.start, unit="racks a week", within=1e-3, **BY_HAND)
    exact("the scarcer one raised", 40.0, view.rungs[0].after, unit="racks a week", within=1e-3, **BY_HAND)
    assert view.start_simulated is not None
    assert view.start_simulated.value == pytest.approx(20.0, rel=0.05)
