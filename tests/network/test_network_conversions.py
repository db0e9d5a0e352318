"""Where an item may be converted, and what that does to the network."""

from __future__ import annotations

from worlds import SOURCE, row, two_configs_world

from twin.disrupt.availability import availability
from twin.model.rows_make import Process
from twin.model.rows_network import Item, Site
from twin.model.world import World
from twin.network.build import build_network
from twin.network.layers import lead_times_s, onward_times_s
from twin.network.record import Part
from twin.network.structure import feasible, single_points

CONVERSION = ("conversion of rack_a", "integrator", "rack_b")
HOUR_S, DAY_S = 3600, 86_400


def one_maker(**cells: str) -> World:
    """The integrator has processes for A alone; B's racks are made at a site that no lane leaves."""
    world = two_configs_world()
    processes = [one for one in world.processes if one.item != "rack_b"]
    far = row(Process, process="racks", site="far", item="rack_b")
    sites = (*world.sites, row(Site, site="far", kind="rack_integration"))
    items = tuple(one.model_copy(update=cells) if one.item == "rack_a" else one for one in world.items)
    return world.model_copy(update={"processes": (*processes, far), "sites": sites, "items": items})


def test_a_conversion_is_a_process_beside_the_makers() -> None:
    network = build_network(two_configs_world(hours=8))
    assert list(network.conversions) == [CONVERSION]
    assert network.conversions[CONVERSION].item == "rack_a"
    assert network.inputs_of(CONVERSION) == (("rack_a", 1.0),)
    assert network.inputs_of(("racks", "integrator", "rack_b")) == (("board", 1.0),)
    assert CONVERSION not in network.made_at["integrator", "rack_b"]
    assert not network.is_routed(CONVERSION)
    assert network.is_routed(("racks", "integrator", "rack_b"))
    (process,) = network.processes[CONVERSION]
    assert process.cycle_days is not None
    assert round(process.cycle_days.mean * DAY_S) == 8 * HOUR_S
    assert CONVERSION in availability(network, ()).processes


def test_there_are_none_without_the_column_and_none_that_nobody_needs() -> None:
    world = two_configs_world()
    plain = tuple(one.model_copy(update={"convertible_to": "", "conversion_hours": 0.0}) for one in world.items)
    assert build_network(world.model_copy(update={"items": plain})).conversions == {}
    for_a = tuple(order for order in world.orders if order.customer == "a")
    assert build_network(world.model_copy(update={"orders": for_a})).conversions == {}


def test_a_site_that_only_converts_may_ship_what_comes_out() -> None:
    network = build_network(one_maker())
    assert list(network.conversions) == [CONVERSION]
    assert {(flow.lane, flow.item) for flow in network.flows} >= {("to_b", "rack_b")}
    assert "rack_b" in network.one_by_one
    assert ("hall_b", "running_b") in feasible(network)
    # Three weeks for the board, a day of work, eight hours to convert, a day on the lane, half a day in the hall.
    assert lead_times_s(network)["hall_b", "running_b"] == 23 * DAY_S + 20 * HOUR_S
    assert ("hall_b", "running_b") not in feasible(build_network(one_maker(convertible_to="")))


def test_a_conversion_stands_in_for_the_making() -> None:
    points = {(part, stopped) for point in single_points(build_network(two_configs_world()))
              for part in point.parts for stopped in point.stopped}  # fmt: skip
    making = [Part("make", "integrator", f"rack_{one}") for one in "ab"]
    assert (making[0], ("hall_a", "running_a")) in points
    assert (making[1], ("hall_b", "running_b")) not in points
    assert (Part("site", "integrator"), ("hall_b", "running_b")) in points


def test_conversions_in_a_row_and_back() -> None:
    items = [row(Item, item=name, kind="chip", convertible_to=into, conversion_hours=1) for name, into in
             (("a", "b"), ("b", "c"), ("c", "a"))]  # fmt: skip
    base = two_configs_world()
    order = base.orders[0].model_copy(update={"site": "fab", "item": "c"})
    world = World(
        name="circle", settings=base.settings, items=tuple(items), sites=(row(Site, site="fab", kind="fab"),),
        processes=(row(Process, process="making", site="fab", item="a", cycle_days=1),), orders=(order,),
        sources=(SOURCE,),
    )  # fmt: skip
    network = build_network(world)
    assert [key[0] for key in network.conversions] == ["conversion of a", "conversion of b", "conversion of c"]
    assert lead_times_s(network)["fab", "c"] == DAY_S + 2 * HOUR_S
    assert onward_times_s(network)["fab", "a"] == 2 * HOUR_S
