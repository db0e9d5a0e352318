"""Shares of supply and their Herfindahl index."""

from __future__ import annotations

import pytest
from worlds import chain_world, row

from twin.model.rows_make import Process, Resource
from twin.model.rows_network import Sourcing
from twin.network.build import build_network
from twin.network.concentration import concentration, herfindahl, supplier_shares


def of(network, item, by):
    (found,) = (one for one in concentration(network) if (one.item, one.by) == (item, by))
    return found


def test_published_shares_give_the_published_index():
    assert herfindahl({"a": 0.62, "b": 0.21, "c": 0.17}) == pytest.approx(4574, abs=0.5)
    assert herfindahl({"a": 62, "b": 21, "c": 17}) == pytest.approx(4574, abs=0.5)


def three_makers():
    """A third packager, in the country of the first, with shares 62, 21 and 17."""
    chain = chain_world()
    site = chain.sites[1].model_copy(update={"site": "pack_c", "operator": "Package Two"})
    process = chain.processes[1].model_copy(update={"site": "pack_c"})
    lanes = tuple(
        lane.model_copy(
            update={
                "lane": lane.lane.replace("pack_a", "pack_c"),
                "origin": lane.origin.replace("pack_a", "pack_c"),
                "destination": lane.destination.replace("pack_a", "pack_c"),
            }
        )
        for lane in chain.lanes
        if "pack_a" in lane.lane
    )
    shares = {"pack_a": 0.62, "pack_b": 0.21, "pack_c": 0.17}
    return chain_world(
        sites=(*chain.sites, site),
        processes=(*chain.processes, process),
        lanes=(*chain.lanes, *lanes),
        sourcing=tuple(row(Sourcing, item="package", supplier=name, share_planned=s) for name, s in shares.items()),
    )


def test_concentration_by_supplier_operator_and_country():
    network = build_network(three_makers())
    supplier = of(network, "package", "supplier")
    assert supplier.hhi == pytest.approx(4574, abs=0.5)
    assert supplier.effective_sources == pytest.approx(2.19, abs=0.005)
    assert (supplier.largest, supplier.largest_share) == ("pack_a", pytest.approx(0.62))
    assert of(network, "package", "operator").hhi == pytest.approx(1e4 * (0.62**2 + 0.38**2))
    country = of(network, "package", "country")
    assert (country.largest, country.largest_share) == ("TW", pytest.approx(0.79))


def test_shares_of_consumers_with_rows_of_their_own_are_averaged():
    rows = [
        row(Sourcing, item="package", supplier=supplier, consumer=consumer, share_planned=share)
        for supplier, consumer, share in (
            ("pack_a", "trays", 1.0),
            ("pack_a", "x", 0.5),
            ("pack_b", "trays", 0.0),
            ("pack_b", "x", 0.5),
        )
    ]
    network = build_network(chain_world(sourcing=tuple(rows)))
    assert supplier_shares(network, "package") == {"pack_a": 0.75, "pack_b": 0.25}


def test_without_planned_shares_capacity_counts_and_the_drawn_resource_limits_it():
    chain = chain_world()
    processes = tuple(
        one.model_copy(update={"resource": "line", "resource_per_unit": 2.0}) if one.site == "pack_b" else one
        for one in chain.processes
    )
    line = row(Resource, site="pack_b", resource="line", capacity=8)
    network = build_network(chain_world(sourcing=(), processes=processes, resources=(*chain.resources, line)))
    assert supplier_shares(network, "package") == {"pack_a": 12 / 16, "pack_b": 4 / 16}


def test_a_maker_without_limit_makes_shares_equal():
    unlimited = row(Process, process="packaging", site="pack_b", item="package")
    others = tuple(one for one in chain_world().processes if one.site != "pack_b")
    network = build_network(chain_world(sourcing=(), processes=(*others, unlimited)))
    assert supplier_shares(network, "package") == {"pack_a": 0.5, "pack_b": 0.5}
    assert supplier_shares(network, "nothing") == {}
