"""Each kind of disruption: what it changes, and what it leaves."""

from __future__ import annotations

import pytest
from worlds import chain_world, day, row

from twin.disrupt.availability import availability
from twin.disrupt.record import WipLoss
from twin.disrupt.resolve import resolve
from twin.model.problems import RunError
from twin.model.rows_make import Resource
from twin.model.rows_network import Sourcing
from twin.model.scenario import Disruption
from twin.model.units import DAY_S, WEEK_S
from twin.network.build import build_network

WORLD = chain_world()
FAB = ("fabrication", "fab", "wafer")
PACK_A, PACK_B = ("packaging", "pack_a", "package"), ("packaging", "pack_b", "package")
RACKS = ("integration", "integrator", "rack_l11")


def hit(*disruptions, world=WORLD):
    """Availability under disruptions from day 14, of two weeks unless said otherwise."""
    given = []
    for number, cells in enumerate(disruptions):
        basis = {"name": f"d{number}", "starts": day(14), "kind": "outage"}
        length = {} if {"lasts_days", "lasts_weeks"} & set(cells) else {"lasts_weeks": 2}
        given.append(Disruption(**(basis | length | cells)))
    return availability(build_network(world), resolve(world, given))


def at(profile, *days_):
    return [profile.at(d * DAY_S) for d in days_]


def test_outage_of_a_site_stops_freezes_loses_and_ramps():
    found = hit({"at": {"site": "fab"}, "recovers_over_weeks": 1, "wip_lost": 0.3})
    process = found.processes[FAB]
    assert at(process.starts_per_week, 13, 14, 27, 35) == [10, 0, 0, 10]
    assert process.starts_per_week.at(28.5 * DAY_S) == pytest.approx(10 * 0.5 / 7)
    assert at(process.blocked, 13, 14, 27, 28) == [0, 1, 1, 0]
    assert at(process.frozen, 13, 14, 27, 28) == [0, 1, 1, 0]
    assert process.wip_losses == (WipLoss(at_s=14 * DAY_S, fraction=0.3),)
    assert at(found.site_frozen["fab"], 13, 14, 28) == [0, 1, 0]
    assert at(found.site_frozen["pack_a"], 14) == [0]
    assert at(found.processes[PACK_A].starts_per_week, 14) == [12]
    assert found.change_times_s == tuple(n * DAY_S for n in (14, 28, 35))


def test_eight_weeks_and_a_ramp_of_four_are_ten_lost_weeks():
    limit = hit({"at": {"site": "fab"}, "lasts_weeks": 8, "recovers_over_weeks": 4}).processes[FAB].starts_per_week
    assert limit.integral(0, 20 * WEEK_S) / WEEK_S == pytest.approx(10 * (20 - 10))


def test_outage_of_a_site_with_routings_takes_its_resources():
    found = hit({"at": {"site": "integrator"}, "recovers_over_weeks": 2})
    assert at(found.resources["integrator", "bay"], 13, 14, 27, 42) == [2, 0, 0, 2]
    assert found.resources["integrator", "cell"].at(35 * DAY_S) == pytest.approx(2 * 7.5 / 14)
    assert at(found.site_frozen["integrator"], 14, 28) == [1, 0]
    assert found.processes[RACKS].starts_per_week is None
    assert at(found.processes[RACKS].blocked, 14, 28) == [1, 0]


def test_outage_of_a_process_touches_only_that_process():
    found = hit({"at": {"process": "integration"}})
    assert at(found.processes[RACKS].frozen, 14) == [1]
    assert at(found.resources["integrator", "bay"], 14) == [2]
    assert at(found.site_frozen["integrator"], 14) == [0]


def test_outage_of_a_lane_closes_it_and_holds_what_is_on_it():
    lane = hit({"at": {"lane": "trays-integrator"}}).lanes["trays-integrator"]
    assert at(lane.closed, 13, 14, 28) == [0, 1, 0]
    assert at(lane.stopped, 13, 14, 28) == [0, 1, 0]
    assert lane.capacity_kg_per_week is None


def limited_lane():
    lanes = tuple(one.model_copy(update={"capacity_kg_per_week": 100.0}) for one in WORLD.lanes)
    return chain_world(lanes=lanes)


def test_kilograms_of_a_lane_fall_and_return():
    half = {"at": {"lane": "trays-integrator"}, "kind": "capacity", "capacity_left": 0.5, "recovers_over_weeks": 1}
    found = hit(half, world=limited_lane())
    lane = found.lanes["trays-integrator"]
    assert at(lane.capacity_kg_per_week, 13, 14, 27, 35) == [100, 50, 50, 100]
    assert at(lane.closed, 14) == at(lane.stopped, 14) == [0]
    assert at(found.lanes["fab-pack_a"].capacity_kg_per_week, 14) == [100]


def test_starts_blocked_lets_work_in_process_and_resources_go_on():
    found = hit({"at": {"site": "integrator"}, "kind": "starts_blocked"})
    assert at(found.processes[RACKS].blocked, 14, 28) == [1, 0]
    assert at(found.processes[RACKS].frozen, 14) == [0]
    assert at(found.resources["integrator", "bay"], 14) == [2]
    assert at(found.site_frozen["integrator"], 14) == [0]
    fab = hit({"at": {"site": "fab"}, "kind": "starts_blocked", "recovers_over_weeks": 2}).processes[FAB]
    assert at(fab.starts_per_week, 14, 42) == [0, 10]
    assert fab.starts_per_week.at(35 * DAY_S) == pytest.approx(10 * 7.5 / 14)


def test_shipments_blocked_of_a_site_and_of_an_item():
    found = hit({"at": {"site": "fab"}, "kind": "shipments_blocked"})
    assert at(found.shipments_blocked["fab", ""], 13, 14, 28) == [0, 1, 0]
    assert set(found.shipments_blocked) == {("fab", "")}
    assert at(found.processes[FAB].starts_per_week, 14) == [10]
    of_item = hit({"at": {"item": "package"}, "kind": "shipments_blocked"})
    assert set(of_item.shipments_blocked) == {("pack_a", "package"), ("pack_b", "package")}


def test_capacity_scales_processes_and_resources_of_a_site():
    found = hit({"at": {"site": "integrator"}, "kind": "capacity", "capacity_left": 0.25})
    assert at(found.resources["integrator", "cell"], 14, 28) == [0.5, 2]
    assert at(found.processes[RACKS].blocked, 14) == [0]
    gone = hit({"at": {"process": "integration"}, "kind": "capacity"})
    assert at(gone.processes[RACKS].blocked, 14, 28) == [1, 0]
    assert at(gone.processes[RACKS].frozen, 14) == [0]


def line_at_fab():
    processes = tuple(
        one.model_copy(update={"resource": "line"}) if one.site == "fab" else one for one in WORLD.processes
    )
    return chain_world(
        processes=processes, resources=(*WORLD.resources, row(Resource, site="fab", resource="line", capacity=11))
    )


def test_capacity_of_a_resource_leaves_the_limits_of_processes():
    found = hit({"at": {"resource": "line"}, "kind": "capacity", "capacity_left": 0.5}, world=line_at_fab())
    assert at(found.resources["fab", "line"], 14, 28) == [5.5, 11]
    assert at(found.processes[FAB].starts_per_week, 14) == [10]


def test_a_process_limited_by_its_resource_alone_loses_the_ramp_too():
    processes = tuple(
        one.model_copy(update={"capacity_per_week": None, "resource": "line", "resource_per_unit": 2.0})
        if one.site == "fab"
        else one
        for one in WORLD.processes
    )
    line = row(Resource, site="fab", resource="line", capacity=20)
    world = chain_world(processes=processes, resources=(*WORLD.resources, line))
    assert hit(world=world).processes[FAB].starts_per_week is None
    fire = {"at": {"process": "fabrication"}, "lasts_weeks": 8, "recovers_over_weeks": 4}
    found = hit(fire, world=world)
    limit = found.processes[FAB].starts_per_week
    assert limit.integral(2 * WEEK_S, 14 * WEEK_S) / WEEK_S == pytest.approx(10 * (12 - 10))
    # before and after, the line binds first; it goes on for others that draw on it
    assert all(10 < value < 10.1 for value in at(limit, 0, 13, 98, 200))
    assert at(found.resources["fab", "line"], 0, 20, 80) == [20, 20, 20]
    half = {"at": {"process": "fabrication"}, "kind": "capacity", "capacity_left": 0.5}
    assert at(hit(half, world=world).processes[FAB].starts_per_week, 14) == [5]


def test_outage_of_a_resource_freezes_the_processes_that_draw_on_it():
    found = hit({"at": {"resource": "line"}, "wip_lost": 0.1}, world=line_at_fab())
    assert at(found.resources["fab", "line"], 14, 28) == [0, 11]
    assert at(found.processes[FAB].frozen, 14, 28) == [1, 0]
    assert len(found.processes[FAB].wip_losses) == 1
    assert at(found.site_frozen["fab"], 14) == [0]


def test_curtailment_takes_power_only():
    power = row(Resource, site="integrator", resource="test_power", capacity=300, unit="kW")
    world = chain_world(resources=(*WORLD.resources, power))
    cut = {"kind": "curtailment", "capacity_left": 0.4}
    found = hit(cut | {"at": {"site": "integrator"}}, world=world)
    assert at(found.resources["integrator", "test_power"], 14, 28) == [120, 300]
    assert at(found.resources["integrator", "bay"], 14) == [2]
    assert at(hit(cut | {"at": {"resource": "bay"}}, world=world).resources["integrator", "bay"], 14) == [0.8]


def test_lead_time_and_yield_factors():
    found = hit(
        {"at": {"site": "fab"}, "kind": "lead_time", "lead_time_factor": 1.5},
        {"at": {"site": "fab"}, "kind": "yield", "yield_factor": 0.8},
        {"at": {"lane": "fab-pack_a"}, "kind": "lead_time", "lead_time_factor": 3},
    )
    assert at(found.processes[FAB].lead_time_factor, 13, 14, 28) == [1, 1.5, 1]
    assert at(found.processes[FAB].yield_factor, 13, 14, 28) == [1, 0.8, 1]
    assert at(found.processes[FAB].starts_per_week, 14) == [10]
    assert at(found.lanes["fab-pack_a"].transit_factor, 13, 14, 28) == [1, 3, 1]
    assert at(found.lanes["fab-pack_b"].transit_factor, 14) == [1]


def test_scrap_is_a_moment_and_needs_no_length():
    scrap = Disruption(name="s", at={"item": "package"}, kind="scrap", scrap_fraction=0.6, starts=day(14))
    found = availability(build_network(WORLD), resolve(WORLD, [scrap]))
    assert found.processes[PACK_A].wip_losses == (WipLoss(at_s=14 * DAY_S, fraction=0.6),)
    assert found.processes[FAB].wip_losses == ()
    assert at(found.processes[PACK_A].starts_per_week, 14) == [12]
    none = hit({"at": {"item": "package"}, "kind": "scrap", "scrap_fraction": 0.6, "lasts_days": 0})
    assert none.processes[PACK_A].wip_losses == ()


def test_embargo_closes_lanes_but_goods_on_them_arrive():
    found = hit({"kind": "embargo", "embargo": {"from": "TW", "to": "KR"}})
    assert at(found.lanes["fab-pack_b"].closed, 13, 14, 28) == [0, 1, 0]
    assert at(found.lanes["fab-pack_b"].stopped, 14) == [0]
    assert at(found.lanes["fab-pack_a"].closed, 14) == [0]


def test_a_quality_hold_is_refused_in_words():
    with pytest.raises(RunError, match=r"'d0'.*quality hold"):
        hit({"at": {"item": "tray"}, "kind": "quality_hold"})


# --- surge ------------------------------------------------------------------------------------


def test_a_supplier_surges_while_another_is_known_to_be_down():
    found = hit({"at": {"site": "pack_a"}, "known_after_days": 2, "recovers_over_weeks": 1})
    limit = found.processes[PACK_B].starts_per_week
    # known on day 16, a week later 25 % more, until the other has recovered on day 35
    assert at(limit, 22, 23, 34, 35) == [12, 15, 15, 12]


@pytest.mark.parametrize(
    "disruption",
    [
        {"at": {"site": "fab"}},  # no other source of packages
        {"at": {"site": "pack_b"}},  # itself
        {"at": {"lane": "pack_a-trays"}},
        {"at": {"site": "pack_a"}, "kind": "yield", "yield_factor": 0.5},
        {"at": {"site": "pack_a"}, "lasts_days": 5},  # over before the surge would begin
    ],
)
def test_no_surge_without_a_lowered_source_that_shares_a_consumer(disruption):
    limit = hit(disruption).processes[PACK_B].starts_per_week
    assert limit.values.max() == 12


def test_surge_lifts_the_resource_that_the_process_draws_on():
    processes = tuple(
        one.model_copy(update={"resource": "line"}) if one.site == "pack_b" else one for one in WORLD.processes
    )
    line = row(Resource, site="pack_b", resource="line", capacity=8)
    world = chain_world(processes=processes, resources=(*WORLD.resources, line))
    found = hit({"at": {"site": "pack_a"}, "lasts_weeks": 4}, world=world)
    assert at(found.resources["pack_b", "line"], 20, 21, 41, 42) == [8, 10, 10, 8]


def test_two_surges_do_not_add_up():
    rows = (
        row(Sourcing, item="package", supplier="pack_a"),
        row(Sourcing, item="package", supplier="pack_b", surge_fraction=0.25),
        row(Sourcing, item="package", supplier="pack_b", consumer="trays", surge_fraction=0.5),
    )
    found = hit(
        {"at": {"site": "pack_a"}}, {"at": {"item": "package", "country": "TW"}}, world=chain_world(sourcing=rows)
    )
    assert at(found.processes[PACK_B].starts_per_week, 14, 28) == [18, 12]
