"""Layers, lead times and exploded bills of materials."""

from __future__ import annotations

import pytest
from worlds import chain_world, line_world, noisy_chain_world, queue_world, rework_world, row, two_gates_world

from twin.model.rows_make import BomLine
from twin.model.rows_network import Item, Lane, Site
from twin.model.units import DAY_S, HOUR_S, days
from twin.network.build import build_network
from twin.network.layers import (
    explode,
    finished_items,
    lead_times_s,
    longest_lead_time_s,
    mean_yield,
    onward_times_s,
    own_time_s,
    site_layers,
    units_per_rack,
)


def test_layers_count_lanes_from_the_raw_end():
    assert site_layers(build_network(chain_world())) == {
        "fab": 0,
        "pack_a": 1,
        "pack_b": 1,
        "trays": 2,
        "integrator": 3,
        "campus": 4,
    }


def test_sites_in_a_circle_share_a_layer():
    hubs = tuple(row(Site, site=name, kind="hub") for name in ("hub_1", "hub_2"))
    ways = [("fab", "hub_1"), ("hub_1", "hub_2"), ("hub_2", "hub_1"), ("hub_2", "pack_a")]
    lanes = tuple(row(Lane, lane=f"{a}-{b}", origin=a, destination=b, transit_days="1") for a, b in ways)
    world = chain_world()
    network = build_network(world.model_copy(update={"sites": world.sites + hubs, "lanes": world.lanes + lanes}))
    layers = site_layers(network)
    assert layers["hub_1"] == layers["hub_2"] == 1
    assert layers["pack_a"] == 2
    assert longest_lead_time_s(network) > longest_lead_time_s(build_network(world))


def test_longest_lead_time_of_the_chain_is_its_lanes_cycles_and_routings():
    network = build_network(chain_world())
    assert longest_lead_time_s(network) == (7 + 23) * DAY_S + 78 * HOUR_S
    times = lead_times_s(network)
    assert times["fab", "wafer"] == 14 * DAY_S
    assert times["trays", "package"] == (14 + 2 + 7 + 1) * DAY_S


def test_the_longest_of_alternative_ways_counts():
    slow = row(Lane, lane="slow", origin="fab", destination="pack_b", mode="ocean", transit_days="30")
    network = build_network(chain_world(lanes=(*chain_world().lanes, slow)))
    assert longest_lead_time_s(network) == (7 + 23 + 28) * DAY_S + 78 * HOUR_S


def test_durations_count_by_their_mean():
    network = build_network(line_world())
    assert longest_lead_time_s(network) == 6 * HOUR_S
    assert longest_lead_time_s(build_network(queue_world(service_hours="exponential(24)"))) == DAY_S


def test_explosion_multiplies_down_the_bill():
    network = build_network(chain_world())
    assert explode(network, "rack_accepted") == {
        "rack_accepted": 1,
        "rack_l11": 1,
        "tray": 2,
        "package": 8,
        "wafer": 2,
    }
    assert explode(network, "tray") == {"tray": 1, "package": 4, "wafer": 1}


def test_the_way_on_is_the_shortest_by_lanes_and_processes():
    network = build_network(chain_world())
    onward = onward_times_s(network)
    made = {key[2]: own_time_s(network, key) for keys in network.made_at.values() for key in keys}
    transit = {name: days(lane.transit_days.mean) for name, lane in network.lanes.items()}
    assert onward["campus", "rack_accepted"] == 0
    assert onward["campus", "rack_l11"] == made["rack_accepted"]
    racks = made["rack_l11"] + transit["integrator-campus"] + made["rack_accepted"]
    assert onward["integrator", "tray"] == racks
    packages = min(
        made["package"] + transit[f"fab-{packer}"] + transit[f"{packer}-trays"] for packer in ("pack_a", "pack_b")
    )
    assert onward["fab", "wafer"] == packages + made["tray"] + transit["trays-integrator"] + racks


def test_an_item_used_at_two_levels_is_counted_once_in_full():
    extra = (row(BomLine, item="rack_l11", input="wafer", quantity=3),)
    network = build_network(chain_world(bom=(*chain_world().bom, *extra)))
    assert explode(network, "rack_accepted")["wafer"] == 5


def test_with_yields_every_stage_starts_more():
    network = build_network(noisy_chain_world())
    started = explode(network, "rack_accepted", with_yields=True)
    assert started["rack_l11"] == pytest.approx(1)
    assert started["tray"] == pytest.approx(2 / 0.95)
    assert started["package"] == pytest.approx(8 / 0.95**2)
    assert started["wafer"] == pytest.approx(2 / 0.95**3)
    assert explode(network, "rack_accepted")["wafer"] == pytest.approx(2)


def test_only_scrap_after_the_last_attempt_lowers_the_yield_of_a_routing():
    scrapping = build_network(rework_world(first_pass_yield=0.8, max_attempts=2, then="scrap"))
    assert mean_yield(scrapping, "job") == pytest.approx(1 - 0.2**2)
    assert mean_yield(build_network(rework_world(first_pass_yield=0.8, max_attempts=2)), "job") == 1
    assert mean_yield(build_network(two_gates_world()), "job") == 1


def spares_world():
    """The chain with trays ordered as spares, and a second rack, half as many, of three trays."""
    chain = chain_world()
    spare, second = chain.orders[0], chain.orders[0]
    orders = (
        chain.orders[0].model_copy(update={"quantity": 10}),
        spare.model_copy(update={"order": "spares", "item": "tray", "site": "trays", "quantity": 50}),
        second.model_copy(update={"order": "big", "item": "rack_big", "site": "integrator", "quantity": 5}),
    )
    process = chain.processes[4].model_copy(update={"item": "rack_big"})
    return chain_world(
        items=(*chain.items, row(Item, item="rack_big", kind="rack"), row(Item, item="label", kind="part")),
        bom=(
            *chain.bom,
            row(BomLine, item="rack_big", input="tray", quantity=3),
            row(BomLine, item="rack_big", input="label", quantity=7),
        ),
        processes=(*chain.processes, process),
        orders=orders,
    )


def test_units_per_rack_are_means_over_the_racks_that_take_any():
    network = build_network(spares_world())
    assert finished_items(network) == {"rack_accepted": 10, "rack_big": 5}
    per_rack = units_per_rack(network)
    assert per_rack["tray"] == pytest.approx((10 * 2 + 5 * 3) / 15)
    assert per_rack["label"] == pytest.approx(7)
