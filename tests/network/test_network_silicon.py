"""Chips, dies and transistors of a finished thing, counted through the bill of materials."""

from __future__ import annotations

from worlds import chain_world

from twin.model.rows_make import BomLine
from twin.model.rows_network import Item
from twin.network.build import build_network
from twin.network.layers import explode
from twin.network.record import Network
from twin.network.silicon import ordered_or_beyond, silicon_in


def a_network() -> Network:
    """The chain of the tests: its rawest item made a chip of two dies, and a pair of what is ordered named."""
    world = chain_world()
    (ordered,) = {row.item for row in world.orders}
    raw = list(explode(build_network(world), ordered))[-1]
    items = [
        row.model_copy(update={"dies": 2.0, "transistors_billion": 3.0}) if row.item == raw else row
        for row in world.items
    ]
    items.append(Item(item="pair", kind="pair", source="test"))
    bom = (*world.bom, BomLine(item="pair", input=ordered, quantity=2, source="test"))
    return build_network(world.model_copy(update={"items": tuple(items), "bom": bom}))


def test_what_is_made_of_ordered_things_is_finished_too() -> None:
    network = a_network()
    (ordered,) = {item for _, item in network.demanded}
    assert ordered_or_beyond(network) == tuple(sorted((ordered, "pair")))


def test_dies_and_transistors_are_those_of_the_chips_times_their_units() -> None:
    network = a_network()
    (ordered,) = {item for _, item in network.demanded}
    one, pair = silicon_in(network, ordered), silicon_in(network, "pair")
    ((chip, units),) = one.chips.items()
    assert units == explode(network, ordered)[chip] > 0
    assert (one.dies, one.transistors) == (2 * units, 3e9 * units)
    assert pair.chips == {chip: 2 * units}
    assert (pair.dies, pair.transistors) == (2 * one.dies, 2 * one.transistors)


def test_a_world_that_names_no_dies_has_no_chips() -> None:
    network = build_network(chain_world())
    assert silicon_in(network, network.demanded[0][1]).chips == {}
