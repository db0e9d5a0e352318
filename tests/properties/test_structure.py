"""Feasibility of random small networks: unused things change nothing, more sources never harm."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import SOURCE, STARTS, row

from twin.model.rows_demand import Order
from twin.model.rows_make import BomLine, Process
from twin.model.rows_network import Item, Lane, Site
from twin.model.world import Settings, World
from twin.network.build import build_network
from twin.network.record import Part
from twin.network.structure import feasible, single_points

SITES = tuple(f"site{n}" for n in range(5))
ITEMS = tuple(f"item{n}" for n in range(4))
"""Inputs have lower numbers than what they go into, so there is no cycle."""


def process(site, item):
    return row(Process, process=f"make {item}", site=site, item=item, cycle_days="1")


def lane(origin, destination):
    return row(Lane, lane=f"{origin}-{destination}", origin=origin, destination=destination, transit_days="1")


def pairs(first, second):
    return st.lists(st.tuples(st.sampled_from(first), st.sampled_from(second)), unique=True, max_size=8)


@st.composite
def small_worlds(draw):
    """Five sites (two of them hubs), four items, lanes anywhere, circles of them too."""
    lines = [(output, part) for output, part in draw(pairs(ITEMS, ITEMS)) if part < output]
    ways = [(origin, destination) for origin, destination in draw(pairs(SITES, SITES)) if origin != destination]
    wanted = draw(st.lists(st.tuples(st.sampled_from(SITES), st.sampled_from(ITEMS)), min_size=1, max_size=3))
    return World(
        name="random",
        settings=Settings(starts=STARTS),
        items=tuple(row(Item, item=item, kind="part") for item in ITEMS),
        sites=tuple(
            row(Site, site=site, kind="hub" if number < 2 else "component", operator=f"operator{number % 3}")
            for number, site in enumerate(SITES)
        ),
        processes=tuple(process(site, item) for site, item in draw(pairs(SITES, ITEMS))),
        bom=tuple(row(BomLine, item=output, input=part, quantity=1) for output, part in lines),
        lanes=tuple(lane(origin, destination) for origin, destination in ways),
        orders=tuple(
            row(Order, order=f"o{n}", customer="acme", site=site, item=item, quantity=1, requested=STARTS)
            for n, (site, item) in enumerate(wanted)
        ),
        sources=(SOURCE,),
    )


def without_site(world, name):
    return world.model_copy(
        update={
            "sites": tuple(one for one in world.sites if one.site != name),
            "processes": tuple(one for one in world.processes if one.site != name),
            "lanes": tuple(one for one in world.lanes if name not in (one.origin, one.destination)),
        }
    )


def used_sites(network):
    ends = {site for flow in network.flows for site in (flow.origin, flow.destination)}
    return ends | {site for site, _ in network.made_at} | {site for site, _ in network.demanded}


@settings(max_examples=150, deadline=None)
@given(small_worlds())
def test_removing_an_unused_site_changes_nothing(world):
    network = build_network(world)
    for site in set(SITES) - used_sites(network):
        smaller = build_network(without_site(world, site))
        assert smaller.flows == network.flows
        assert smaller.made_at == network.made_at
        assert feasible(smaller) == feasible(network)
        assert single_points(smaller) == single_points(network)


@settings(max_examples=150, deadline=None)
@given(small_worlds(), st.sampled_from(SITES), st.sampled_from(ITEMS), st.sampled_from(SITES))
def test_another_source_never_makes_demand_infeasible(world, site, item, destination):
    before = feasible(build_network(world))
    made = {(one.site, one.item) for one in world.processes}
    added = () if (site, item) in made else (process(site, item),)
    assert before <= feasible(build_network(world.model_copy(update={"processes": world.processes + added})))
    known = {one.lane for one in world.lanes}
    new = () if f"{site}-{destination}" in known or site == destination else (lane(site, destination),)
    assert before <= feasible(build_network(world.model_copy(update={"lanes": world.lanes + new})))


def obtainable_by_brute_force(world, lost):
    """Grow the set of what can be had, rule by rule over the tables, until nothing is added."""
    inputs = {item: {line.input for line in world.bom if line.item == item} for item in ITEMS}
    hubs = {one.site for one in world.sites if one.kind == "hub"}
    had, size = set(), -1
    while len(had) > size:
        size = len(had)
        for one in world.processes:
            if one.site != lost and all((one.site, part) in had for part in inputs[one.item]):
                had.add((one.site, one.item))
        for one in world.lanes:
            if one.origin != lost:
                made = {made.item for made in world.processes if made.site == one.origin}
                had |= {
                    (one.destination, item)
                    for site, item in had
                    if site == one.origin and (site in hubs or item in made)
                }
    return had


@settings(max_examples=150, deadline=None)
@given(small_worlds(), st.sampled_from(SITES))
def test_feasibility_agrees_with_brute_force_over_the_tables(world, lost):
    network = build_network(world)
    wanted = set(network.demanded)
    assert feasible(network) == wanted & obtainable_by_brute_force(world, None)
    assert feasible(network, frozenset({Part("site", lost)})) == wanted & obtainable_by_brute_force(world, lost)


@settings(max_examples=100, deadline=None)
@given(small_worlds())
def test_single_points_are_exactly_the_sites_whose_loss_stops_demand_elsewhere(world):
    network = build_network(world)
    met = feasible(network)
    found = {
        point.parts[0].name: set(point.stopped) for point in single_points(network) if point.parts[0].kind == "site"
    }
    for site in SITES:
        stopped = {pair for pair in met - feasible(network, frozenset({Part("site", site)})) if pair[0] != site}
        assert found.get(site, set()) == stopped
