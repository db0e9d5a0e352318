"""AND-OR feasibility, single and double points of failure, what is missing."""

from __future__ import annotations

from datetime import date

import pytest
from worlds import chain_world, row

from twin.model.rows_demand import Stock
from twin.model.rows_make import BomLine, Process
from twin.model.rows_network import Item, Lane, Site
from twin.network.build import build_network
from twin.network.record import Part
from twin.network.structure import double_points, feasible, infeasible_demand, single_points

RACK = ("campus", "rack_accepted")


def with_rows(world, **tables):
    """The world with rows added at the end of some tables."""
    return world.model_copy(update={name: getattr(world, name) + tuple(rows) for name, rows in tables.items()})


def lost(network, *parts):
    return feasible(network, frozenset(parts))


def test_either_packager_will_do_but_not_none():
    network = build_network(chain_world())
    assert feasible(network) == {RACK}
    assert lost(network, Part("site", "pack_a")) == {RACK}
    assert lost(network, Part("site", "pack_a"), Part("operator", "Package Two")) == frozenset()
    assert lost(network, Part("lane", "pack_a-trays"), Part("make", "pack_b", "package")) == frozenset()


def test_all_inputs_are_needed():
    world = with_rows(
        chain_world(),
        items=[row(Item, item="lid", kind="part")],
        sites=[row(Site, site="lids", kind="component")],
        processes=[row(Process, process="press", site="lids", item="lid", cycle_days="1")],
        bom=[row(BomLine, item="tray", input="lid", quantity=1)],
        lanes=[row(Lane, lane="lids-trays", origin="lids", destination="trays", transit_days="1")],
    )
    network = build_network(world)
    assert feasible(network) == {RACK}
    assert lost(network, Part("site", "lids")) == frozenset()


def test_single_points_of_the_chain():
    found = {point.parts[0] for point in single_points(build_network(chain_world()))}
    assert {part.name for part in found if part.kind == "site"} == {"fab", "trays", "integrator"}
    assert {(part.name, part.item) for part in found if part.kind == "make"} == {
        ("fab", "wafer"),
        ("trays", "tray"),
        ("integrator", "rack_l11"),
    }
    assert {part.name for part in found if part.kind == "lane"} == {"trays-integrator", "integrator-campus"}
    assert {part.name for part in found if part.kind == "operator"} == {"Wafer Works", "Tray Makers", "Rack Makers"}


def second_campus():
    """The chain with a second campus that only it serves, by a lane of its own."""
    order = chain_world().orders[0].model_copy(update={"order": "second", "site": "annex"})
    return with_rows(
        chain_world(),
        sites=[row(Site, site="annex", kind="datacenter", operator="Other Cloud")],
        processes=[row(Process, process="installation", site="annex", item="rack_accepted")],
        lanes=[row(Lane, lane="integrator-annex", origin="integrator", destination="annex", transit_days="2")],
        orders=[order],
    )


def test_points_are_ranked_by_the_demand_they_stop():
    points = single_points(build_network(second_campus()))
    assert all(point.of == 2 for point in points)
    stops = {point.parts[0].words: len(point.stopped) for point in points}
    assert stops["site fab"] == 2
    assert stops["lane integrator-annex"] == 1
    counts = [len(point.stopped) for point in points]
    assert counts == sorted(counts, reverse=True)


def test_demand_at_a_lost_site_is_not_counted():
    stops = {point.parts[0].words for point in single_points(build_network(second_campus()))}
    assert not {"site annex", "operator Other Cloud", "rack_accepted at annex"} & stops


def test_pairs_are_those_that_back_each_other():
    network = build_network(chain_world())
    pairs = double_points(network)
    assert [tuple(part.name for part in point.parts) for point in pairs] == [("pack_a", "pack_b")]
    assert pairs[0].stopped == (RACK,)
    lanes = {tuple(part.name for part in point.parts) for point in double_points(network, "lane")}
    assert ("fab-pack_a", "pack_b-trays") in lanes
    assert not any("integrator-campus" in pair for pair in lanes)


def seeded_world():
    """The chain with one more tier at its raw end, at the fab itself: wafers are made from seeds."""
    return with_rows(
        chain_world(),
        items=[row(Item, item="seed", kind="part")],
        processes=[row(Process, process="seeding", site="fab", item="seed", cycle_days="1")],
        bom=[row(BomLine, item="wafer", input="seed", quantity=1)],
    )


def test_lanes_in_a_circle_do_not_hold_each_other_up():
    hubs = [row(Site, site=name, kind="hub") for name in ("hub_1", "hub_2")]
    ways = [("fab", "hub_1"), ("hub_1", "hub_2"), ("hub_2", "hub_1"), ("hub_2", "pack_a")]
    lanes = [row(Lane, lane=f"{a}-{b}", origin=a, destination=b, transit_days="1") for a, b in ways]
    network = build_network(with_rows(chain_world(), sites=hubs, lanes=lanes))
    assert ("hub_2-hub_1", "wafer") in {(flow.lane, flow.item) for flow in network.flows}
    assert feasible(network) == {RACK}
    assert lost(network, Part("make", "fab", "wafer")) == frozenset()


def test_missing_things_are_named_in_words():
    no_process = tuple(one for one in seeded_world().processes if one.item != "seed")
    network = build_network(seeded_world().model_copy(update={"processes": no_process}))
    assert feasible(network) == frozenset()
    (finding,) = infeasible_demand(network)
    assert (finding.site, finding.item) == RACK
    assert finding.missing == "nothing makes seed at fab and no lane with a source brings it there"
    assert infeasible_demand(build_network(seeded_world())) == ()


def test_a_process_without_capacity_makes_nothing_unless_a_later_row_gives_it_some():
    none = tuple(
        one.model_copy(update={"capacity_per_week": 0.0}) if one.item == "wafer" else one
        for one in chain_world().processes
    )
    (finding,) = infeasible_demand(build_network(chain_world(processes=none)))
    assert finding.missing == "the process of wafer at fab has no capacity"
    later = row(Process, process="fabrication", site="fab", item="wafer", from_date=date(2026, 3, 2))
    assert feasible(build_network(chain_world(processes=(*none, later)))) == {RACK}


@pytest.mark.parametrize(("policy", "met"), [("base_stock(5)", True), ("plan", False)])
def test_a_policy_stock_that_nothing_makes_is_replenished_without_limit(policy, met):
    world = chain_world(
        processes=tuple(one for one in chain_world().processes if one.item != "wafer"),
        stock=tuple(row(Stock, site=site, item="wafer", policy=policy) for site in ("pack_a", "pack_b")),
    )
    assert (RACK in feasible(build_network(world))) is met
