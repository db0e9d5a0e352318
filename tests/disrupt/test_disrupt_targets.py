"""Which processes, resources, lanes and shipments a target hits."""

from __future__ import annotations

import pytest
from worlds import chain_world, day, row

from twin.disrupt.targets import Hits, hits
from twin.model.rows_make import Resource
from twin.model.rows_network import LaneGroup, SiteGroup
from twin.model.scenario import Disruption
from twin.network.build import build_network

CHAIN = chain_world()
LINE = row(Resource, site="pack_a", resource="line", capacity=12)
WORLD = chain_world(
    processes=tuple(
        one.model_copy(update={"resource": "line"}) if one.site == "pack_a" else one for one in CHAIN.processes
    ),
    resources=(*CHAIN.resources, LINE),
    site_groups=(row(SiteGroup, group="fault", site="fab"), row(SiteGroup, group="fault", site="pack_a")),
    lane_groups=(
        row(LaneGroup, group="strait", lane="fab-pack_b"),
        row(LaneGroup, group="strait", lane="pack_b-trays"),
    ),
)
NETWORK = build_network(WORLD)
PACK_A, PACK_B = ("packaging", "pack_a", "package"), ("packaging", "pack_b", "package")
WAFER = ("fabrication", "fab", "wafer")


def hit(kind="outage", **at):
    return hits(NETWORK, Disruption(name="x", at=at, kind=kind, starts=day(0), lasts_days=1))


def test_a_site_is_hit_as_a_whole():
    found = hit(site="integrator")
    assert found.sites == {"integrator"}
    assert found.processes == {("integration", "integrator", "rack_l11")}
    assert found.resources == {("integrator", "bay"), ("integrator", "cell")}
    assert found.shipping == {("integrator", "")}
    assert found.lanes == frozenset()


@pytest.mark.parametrize(
    ("at", "sites"),
    [
        ({"operator": "Package Two"}, {"pack_b"}),
        ({"country": "TW"}, {"fab", "pack_a"}),
        ({"group": "fault"}, {"fab", "pack_a"}),
        ({"group": "fault", "operator": "Package One"}, {"pack_a"}),
        ({"country": "TW", "operator": "Package Two"}, set()),
        ({"site": "nowhere"}, set()),
    ],
)
def test_every_named_part_must_fit(at, sites):
    found = hit(**at)
    assert found.sites == sites
    assert {site for _, site, _ in found.processes} == sites


def test_item_and_process_hit_processes_only():
    assert hit(item="package").processes == {PACK_A, PACK_B}
    assert hit(item="package", country="KR").processes == {PACK_B}
    assert hit(process="packaging", site="pack_a") == hit(item="package", site="pack_a")
    found = hit(process="packaging", item="wafer")
    assert found == Hits()
    assert hit(item="package").resources == hit(item="package").sites == frozenset()


def test_a_resource_brings_the_processes_that_draw_on_it():
    found = hit(resource="line")
    assert found.resources == {("pack_a", "line")}
    assert found.processes == {PACK_A}
    assert found.sites == frozenset()
    assert hit(resource="cell", site="integrator").processes == frozenset()
    assert hit(resource="line", site="pack_b") == Hits()


def test_lanes_are_hit_by_name_or_group():
    assert hit(lane="trays-integrator") == Hits(lanes=frozenset({"trays-integrator"}))
    assert hit(group="strait").lanes == {"fab-pack_b", "pack_b-trays"}
    assert hit(group="strait").sites == frozenset()
    assert hit(group="strait", site="fab").lanes == {"fab-pack_b"}
    assert hit(group="strait", country="MX").lanes == {"pack_b-trays"}
    assert hit(group="strait", operator="Wafer Works").lanes == {"fab-pack_b"}
    assert hit(lane="trays-integrator", site="fab") == Hits()
    assert hit(lane="trays-integrator", item="tray") == Hits()


def test_shipments_of_an_item_leave_from_where_it_is_made():
    assert hit("shipments_blocked", item="package").shipping == {("pack_a", "package"), ("pack_b", "package")}
    assert hit("shipments_blocked", item="package", site="pack_a").shipping == {("pack_a", "package")}
    assert hit("shipments_blocked", process="fabrication").shipping == {("fab", "wafer")}


def test_an_embargo_closes_lanes_from_the_one_country_to_the_other():
    ban = Disruption(name="ban", kind="embargo", embargo={"from": "TW", "to": "KR"}, starts=day(0), lasts_days=1)
    assert hits(NETWORK, ban) == Hits(lanes=frozenset({"fab-pack_b"}))
    back = ban.model_copy(update={"embargo": ban.embargo.model_copy(update={"from_country": "KR", "to_country": "TW"})})
    assert hits(NETWORK, back) == Hits()
