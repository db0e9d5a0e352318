"""What may flow where, what is pruned, and which routing is in force."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from datetime import date

import pytest
from worlds import chain_world, line_world, row

from twin.model.rows_demand import Stock
from twin.model.rows_make import BomLine, LevelRow, Process, RoutingStep
from twin.model.rows_network import Item, Lane, Site, Sourcing
from twin.model.world import Settings, World
from twin.network.build import build_network


def carried(world):
    return {(flow.lane, flow.item) for flow in build_network(world).flows}


def with_rows(world, **tables):
    """The world with rows added at the end of some tables."""
    return world.model_copy(update={name: getattr(world, name) + tuple(rows) for name, rows in tables.items()})


def lane(name, origin, destination):
    return row(Lane, lane=name, origin=origin, destination=destination, transit_days="1")


def test_chain_has_one_flow_per_lane_and_items_from_raw_to_finished():
    network = build_network(chain_world())
    assert {(flow.lane, flow.item) for flow in network.flows} == {
        ("fab-pack_a", "wafer"),
        ("fab-pack_b", "wafer"),
        ("pack_a-trays", "package"),
        ("pack_b-trays", "package"),
        ("trays-integrator", "tray"),
        ("integrator-campus", "rack_l11"),
    }
    assert network.item_order == ("wafer", "package", "tray", "rack_l11", "rack_accepted")
    assert network.demanded == (("campus", "rack_accepted"),)
    assert network.one_by_one == {"rack_l11", "rack_accepted"}
    assert network.inputs["tray"] == (("package", 4),)
    assert network.graph.edges["trays", "integrator"] == {"lanes": ("trays-integrator",), "items": ("tray",)}


def test_steps_seize_what_their_table_says():
    network = build_network(chain_world())
    (key,) = network.routed_at("integrator", "rack_l11")
    assert [step.name for step in network.routing[key]] == ["assemble", "test", "pack"]
    assert [held.resource for held in network.seizes[key, 2]] == ["cell"]


def test_flow_carries_its_sourcing_row():
    network = build_network(chain_world())
    shares = {flow.lane: flow.sourcing.share_planned for flow in network.flows if flow.sourcing}
    assert shares == {"pack_a-trays": 0.6, "pack_b-trays": 0.4}


def test_an_item_with_sourcing_rows_comes_from_named_suppliers_only():
    only_a = (row(Sourcing, item="package", supplier="pack_a"),)
    assert ("pack_b-trays", "package") not in carried(chain_world(sourcing=only_a))
    elsewhere = (row(Sourcing, item="package", supplier="pack_a", consumer="integrator"),)
    assert ("pack_a-trays", "package") not in carried(chain_world(sourcing=elsewhere))


def test_a_consumers_own_row_goes_before_the_row_for_all():
    rows = (
        row(Sourcing, item="package", supplier="pack_a", share_planned=0.1),
        row(Sourcing, item="package", supplier="pack_a", consumer="trays", share_planned=0.7),
    )
    network = build_network(chain_world(sourcing=rows))
    assert [flow.sourcing.share_planned for flow in network.flows if flow.item == "package"] == [0.7]


def test_what_has_no_way_to_demand_is_pruned():
    world = with_rows(
        chain_world(),
        items=[row(Item, item="toy", kind="toy")],
        sites=[row(Site, site="toys", kind="component")],
        processes=[row(Process, process="toying", site="toys", item="toy", cycle_days="1")],
        lanes=[lane("toys-trays", "toys", "trays"), lane("trays-fab", "trays", "fab")],
    )
    network = build_network(world)
    assert carried(world) == carried(chain_world())
    assert "toy" not in network.makers
    assert ("toys", "toy") not in network.made_at
    assert "toy" not in network.item_order
    assert ("toying", "toys", "toy") in network.processes


def test_a_hub_passes_items_on_and_needs_no_sourcing_row_of_its_own():
    world = with_rows(
        chain_world(),
        sites=[row(Site, site="hub", kind="hub")],
        lanes=[lane("pack_b-hub", "pack_b", "hub"), lane("hub-trays", "hub", "trays")],
    )
    assert {("pack_b-hub", "package"), ("hub-trays", "package")} <= carried(world)
    named = (row(Sourcing, item="package", supplier="pack_b", consumer="trays"),)
    through_hub = {pair for pair in carried(world.model_copy(update={"sourcing": named})) if "hub" in pair[0]}
    assert through_hub == {("pack_b-hub", "package"), ("hub-trays", "package")}


def test_a_hub_that_nothing_reaches_carries_nothing():
    world = with_rows(
        chain_world(), sites=[row(Site, site="hub", kind="hub")], lanes=[lane("hub-trays", "hub", "trays")]
    )
    assert carried(world) == carried(chain_world())


def test_a_component_site_forwards_only_what_it_stocks():
    sites = [row(Site, site="depot", kind="component")]
    lanes = [lane("pack_a-depot", "pack_a", "depot"), lane("depot-trays", "depot", "trays")]
    without = with_rows(chain_world(), sites=sites, lanes=lanes)
    assert carried(without) == carried(chain_world())
    stocked = with_rows(without, stock=[row(Stock, site="depot", item="package")])
    assert carried(stocked) - carried(without) == {("pack_a-depot", "package"), ("depot-trays", "package")}


def test_two_rows_of_a_process_are_one_process_in_order_of_date():
    later = row(
        Process, process="fabrication", site="fab", item="wafer", from_date=date(2026, 3, 2), capacity_per_week=20
    )
    world = chain_world(processes=(later, *chain_world().processes))
    rows = build_network(world).processes["fabrication", "fab", "wafer"]
    assert [one.capacity_per_week for one in rows] == [10, 20]


def two_level_world(*rows):
    """The line with a second level, L12, of one step; `rows` of `levels` choose."""
    extra = row(RoutingStep, item="job", level="L12", step=1, name="all at once", hours="5")
    return with_rows(line_world(), routings=[extra], levels=rows)


def level(share, name, **cells):
    return row(LevelRow, site=cells.pop("site", "shop"), item="job", level=name, share=share, **cells)


@pytest.mark.parametrize(
    ("rows", "in_force"),
    [
        ((), "shop"),
        ((level(0.7, "L12"), level(0.3, "shop")), "L12"),
        ((level(0.4, "L12", site="elsewhere"), level(0.1, "shop", site="elsewhere")), "L12"),
        ((level(1, "shop"), level(1, "L12", from_date=date(2027, 1, 1))), "shop"),
        ((level(1, "shop", from_date=date(2025, 1, 1)), level(0, "shop"), level(0.5, "L12")), "shop"),
    ],
)
def test_the_level_with_the_largest_share_at_the_start_is_in_force(rows, in_force):
    network = build_network(two_level_world(*rows))
    steps = network.routing[network.routed_at("shop", "job")[0]]
    assert {step.level for step in steps} == {in_force}


def test_a_sites_own_steps_replace_the_common_ones_there():
    own = row(RoutingStep, item="job", level="shop", step=1, name="own", hours="5", site="shop")
    other = row(RoutingStep, item="job", level="shop", step=1, name="other", hours="5", site="elsewhere")
    network = build_network(with_rows(line_world(), routings=[own, other]))
    assert [step.name for step in network.routing[network.routed_at("shop", "job")[0]]] == ["own"]


def test_a_cycle_in_the_bill_of_materials_is_refused():
    world = with_rows(chain_world(), bom=[row(BomLine, item="wafer", input="wafer", quantity=1)])
    with pytest.raises(ValueError, match="cycle"):
        build_network(world)


def big_world(layers=6, width=12):
    """Every site of a layer makes three items and ships to every site of the next."""
    names = [[f"s{depth}_{n}" for n in range(width)] for depth in range(layers)]
    items = [[f"i{depth}_{n}" for n in range(3)] for depth in range(layers)]
    lanes = [lane(f"{a}-{b}", a, b) for near, far in itertools.pairwise(names) for a in near for b in far]
    bom = [
        row(BomLine, item=output, input=part, quantity=1)
        for below, above in itertools.pairwise(items)
        for output in above
        for part in below
    ]
    made = [
        row(Process, process=f"make {item}", site=site, item=item, cycle_days="1", capacity_per_week=1)
        for sites, some in zip(names, items, strict=True)
        for site in sites
        for item in some
    ]
    asked = [row(Stock, site=site, item=items[-1][0]) for site in names[-1]]
    order = chain_world().orders[0].model_copy(update={"site": names[-1][0], "item": items[-1][0]})
    return World(
        name="big",
        settings=Settings(starts=date(2026, 1, 5)),
        items=tuple(row(Item, item=item, kind="part") for some in items for item in some),
        sites=tuple(row(Site, site=site, kind="component") for some in names for site in some),
        processes=tuple(made),
        bom=tuple(bom),
        lanes=tuple(lanes),
        stock=tuple(asked),
        orders=(order,),
    )


def test_two_thousand_flows_are_built_in_a_fraction_of_a_second():
    world = big_world()
    build_network(world)
    started = time.process_time()
    network = build_network(world)
    assert len(network.flows) > 1500
    assert time.process_time() - started < 1.0


def test_records_do_not_import_networkx():
    code = "import sys, twin.network.record, twin.network.flows; sys.exit('networkx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
