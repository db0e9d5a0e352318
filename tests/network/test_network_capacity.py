"""Capacity without disruptions: dated rows, ramps, other claimants, calendars."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import chain_world, day, row

from twin.disrupt.availability import availability
from twin.model.rows_make import CalendarRow, Claim, Process, Resource
from twin.model.units import DAY_S, HOUR_S, WEEK_S
from twin.network.build import build_network
from twin.network.capacity import ramp_profile

FAB = ("fabrication", "fab", "wafer")


def of(world, start_s=0):
    return availability(build_network(world), (), start_s)


def wafer_world(*rows, **tables):
    """The chain with other rows for its wafer process (keyword cells of each)."""
    others = tuple(one for one in chain_world().processes if one.item != "wafer")
    made = tuple(
        row(Process, **({"process": "fabrication", "site": "fab", "item": "wafer", "cycle_days": "14"} | cells))
        for cells in rows
    )
    return chain_world(processes=(*made, *others), **tables)


def limit(world, start_s=0):
    return of(world, start_s).processes[FAB].starts_per_week


def test_every_thing_of_the_world_has_its_profiles():
    world = chain_world()
    found = of(world)
    assert set(found.processes) == {(one.process, one.site, one.item) for one in world.processes}
    assert set(found.resources) == set(found.open_hours) == {(one.site, one.resource) for one in world.resources}
    assert set(found.lanes) == {one.lane for one in world.lanes}
    assert set(found.site_frozen) == {one.site for one in world.sites}
    assert found.shipments_blocked == {}
    assert found.change_times_s == ()


def test_a_plain_limit_is_constant_and_a_blank_one_is_none():
    found = of(chain_world())
    assert found.processes[FAB].starts_per_week.values.tolist() == [10]
    assert found.processes["integration", "integrator", "rack_l11"].starts_per_week is None
    assert found.resources["integrator", "bay"].at(5 * DAY_S) == 2


def test_the_latest_row_holds():
    profile = limit(
        wafer_world(
            {"capacity_per_week": 10},
            {"capacity_per_week": 4, "from_date": day(7)},
            {"capacity_per_week": 20, "from_date": day(21)},
        ),
        start_s=-WEEK_S,
    )
    assert [profile.at(n * DAY_S) for n in (-7, 6.9, 7, 20.9, 21, 100)] == [10, 10, 4, 4, 20, 20]


def test_a_first_row_dated_after_the_start_has_nothing_before_it():
    profile = limit(wafer_world({"capacity_per_week": 10, "from_date": day(7)}), start_s=-WEEK_S)
    assert [profile.at(n * DAY_S) for n in (-7, 0, 6.9, 7)] == [0, 0, 0, 10]


def test_a_first_row_dated_at_the_start_holds_in_the_history_too():
    profile = limit(wafer_world({"capacity_per_week": 10, "from_date": day(0)}), start_s=-WEEK_S)
    assert profile.at(-7 * DAY_S) == 10


def test_a_blank_limit_between_stated_ones_is_no_limit():
    profile = limit(wafer_world({"capacity_per_week": 10}, {"from_date": day(7)}))
    assert profile.at(0) == 10
    assert profile.at(8 * DAY_S) > 1e9


@pytest.mark.parametrize(("weeks", "steps"), [(8, 56), (9, 9)])
def test_a_ramp_is_straight_in_daily_or_weekly_steps_and_keeps_its_area(weeks, steps):
    world = wafer_world({"capacity_per_week": 10, "ramp": f"{day(7)}:0.5 {day(7 + 7 * weeks)}:1"})
    (process,) = (one for one in world.processes if one.item == "wafer")
    profile = ramp_profile(world, process.ramp)
    end_s = (1 + weeks) * WEEK_S
    assert profile.at(0) == 0.5
    assert profile.at(end_s) == 1
    assert len(profile.times_s) == steps + 2
    assert np.all(np.diff(profile.values) > 0)
    assert profile.integral(WEEK_S, end_s) == pytest.approx(0.75 * weeks * WEEK_S)
    assert limit(world).at(end_s) == 10


def test_a_ramp_counts_on_its_own_row_only():
    ramped = {"capacity_per_week": 10, "ramp": f"{day(0)}:0 {day(14)}:1"}
    profile = limit(wafer_world(ramped, {"capacity_per_week": 8, "from_date": day(7)}))
    assert profile.at(6.5 * DAY_S) == pytest.approx(10 * 6.5 / 14)
    assert profile.at(7 * DAY_S) == 8
    assert profile.at(13 * DAY_S) == 8


def test_claims_multiply_and_the_latest_of_a_claimant_holds():
    claims = (
        row(Claim, claimant="others", item="wafer", share=0.5),
        row(Claim, claimant="others", item="wafer", share=0.2, from_date=day(14)),
        row(Claim, claimant="next product", item="wafer", site="fab", share=0.1, from_date=day(21)),
        row(Claim, claimant="elsewhere", item="wafer", site="pack_a", share=0.9),
        row(Claim, claimant="others", item="tray", share=0.9),
    )
    profile = limit(chain_world(claims=claims))
    assert [profile.at(n * DAY_S) for n in (0, 14, 21)] == pytest.approx([5, 8, 7.2])


def test_a_claim_on_a_resource_takes_from_the_resource():
    claims = (row(Claim, claimant="others", resource="cell", site="integrator", share=0.25),)
    found = of(chain_world(claims=claims))
    assert found.resources["integrator", "cell"].at(0) == 1.5
    assert found.resources["integrator", "bay"].at(0) == 2
    assert found.processes[FAB].starts_per_week.at(0) == 10


SHIFT = row(CalendarRow, calendar="shift", weekday="mon-fri", opens="08:00", closes="18:00")
HOLIDAY = row(CalendarRow, calendar="shift", closed_from=day(7), closed_to=day(9))


def test_a_calendar_spreads_the_weekly_limit_over_its_open_hours():
    world = wafer_world({"capacity_per_week": 10, "calendar": "shift"}, calendars=(SHIFT, HOLIDAY))
    profile = limit(world)
    assert profile.at(7 * HOUR_S) == 0
    assert profile.at(9 * HOUR_S) == pytest.approx(10 * 168 / 50)
    assert profile.integral(0, WEEK_S) / WEEK_S == pytest.approx(10)
    assert profile.integral(WEEK_S, 2 * WEEK_S) / WEEK_S == pytest.approx(10 * 2 / 5)


def test_a_calendar_blocks_a_process_without_a_limit():
    blocked = of(wafer_world({"calendar": "shift"}, calendars=(SHIFT,))).processes[FAB].blocked
    assert (blocked.at(7 * HOUR_S), blocked.at(9 * HOUR_S)) == (1, 0)


def test_calendars_of_drawn_resources_are_in_their_rate_and_of_seized_ones_beside_it():
    line = row(Resource, site="fab", resource="line", capacity=10, calendar="shift")
    cell = row(Resource, site="integrator", resource="cell", capacity=2, calendar="shift")
    bay = row(Resource, site="integrator", resource="bay", capacity=2)
    found = of(wafer_world({"resource": "line"}, calendars=(SHIFT,), resources=(line, cell, bay)))
    assert found.resources["fab", "line"].at(7 * HOUR_S) == 0
    assert found.resources["fab", "line"].at(9 * HOUR_S) == pytest.approx(33.6)
    assert found.resources["integrator", "cell"].at(7 * HOUR_S) == 2
    assert found.open_hours["integrator", "cell"].at(7 * HOUR_S) == 0
    assert found.open_hours["integrator", "bay"].at(7 * HOUR_S) == 1


def test_a_calendar_is_read_in_the_timezone_of_the_site():
    sites = tuple(
        one.model_copy(update={"timezone": "Asia/Taipei"}) if one.site == "fab" else one for one in chain_world().sites
    )
    profile = limit(wafer_world({"capacity_per_week": 10, "calendar": "shift"}, calendars=(SHIFT,), sites=sites))
    assert profile.at(1 * HOUR_S) > 0  # 09:00 in Taipei
    assert profile.at(11 * HOUR_S) == 0


def test_history_before_the_start_has_its_calendar():
    world = wafer_world({"capacity_per_week": 10, "calendar": "shift"}, calendars=(SHIFT,))
    profile = limit(world, start_s=-4 * WEEK_S)
    assert profile.integral(-3 * WEEK_S, -2 * WEEK_S) / WEEK_S == pytest.approx(10)
