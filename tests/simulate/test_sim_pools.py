"""Pools: how much is held and how that use is counted; places that break down."""

from __future__ import annotations

import pytest
from simulate.sim_floor import DAY_S, HOUR_S, WEEK_S, column, during, make_floor, rows, run_pull
from worlds import queue_world, row

from twin.model.profile import StepProfile
from twin.model.rows_make import CalendarRow, Resource
from twin.simulate.gates import OpenTime
from twin.simulate.lots import Floor
from twin.simulate.pools import Pool, Units

ALWAYS = StepProfile.constant(1.0)


def pool_of(capacity: StepProfile, open_hours: StepProfile = ALWAYS) -> Pool:
    return Pool("cells", 0, capacity, open_hours, OpenTime(open_hours))


def units_of(floor: Floor, by: str, life: str, repair: str, count: int = 1) -> Units:
    (server,) = queue_world(failures=by, mtbf_hours=life, mttr_hours=repair).resources
    assert isinstance(server, Resource)
    return Units(floor.clock, floor.log, floor.streams, server, count, 0, lambda: None)


def test_no_more_is_held_than_there_is() -> None:
    pool = pool_of(StepProfile.constant(2.5))
    pool.hold(0, 1.5)
    assert pool.free_for(1)
    assert not pool.free_for(1.1)


def test_use_of_a_week_is_what_was_held_times_how_long() -> None:
    floor, pool = make_floor(), pool_of(StepProfile.constant(3))
    pool.hold(DAY_S, 2)
    pool.hold(3 * DAY_S, -1)
    pool.close_week(WEEK_S, floor.log)
    pool.hold(WEEK_S + DAY_S, -1)
    pool.close_week(2 * WEEK_S, floor.log)
    log = floor.log.close()
    assert column(log, "seized", "quantity").tolist() == [2 * 2 * DAY_S + 4 * DAY_S, DAY_S]
    assert column(log, "seized", "value").tolist() == [3 * WEEK_S, 3 * WEEK_S]
    assert column(log, "seized", "since_s").tolist() == [0, WEEK_S]


def test_closed_hours_are_neither_used_nor_available() -> None:
    floor, pool = make_floor(), pool_of(StepProfile.constant(2), during(DAY_S, 2 * DAY_S, 0.0, 1.0))
    pool.hold(DAY_S // 2, 2)
    pool.hold(2 * DAY_S + HOUR_S, -2)
    pool.close_week(WEEK_S, floor.log)
    log = floor.log.close()
    assert column(log, "seized", "quantity").tolist() == [2 * (DAY_S // 2 + HOUR_S)]
    assert column(log, "seized", "value").tolist() == [2 * 6 * DAY_S]


def test_a_fall_of_capacity_lets_work_end_but_none_begin() -> None:
    pool = pool_of(during(DAY_S, WEEK_S, 1.0, 2.0))
    assert pool.changes_s(2 * WEEK_S) == [DAY_S, WEEK_S]
    pool.hold(0, 2)
    pool.change(DAY_S)
    assert not pool.free_for(0.5)
    pool.hold(DAY_S, -2)
    assert pool.free_for(1)
    assert not pool.free_for(2)


def test_by_use_a_place_fails_after_so_much_work() -> None:
    floor = make_floor()
    units = units_of(floor, "use", "10", "4")
    # 25 hours of work meet two breakdowns, 5 hours more are left of the third life.
    assert units.work_end(0, 0, 25 * HOUR_S) == 33 * HOUR_S
    assert units.work_end(0, 100 * HOUR_S, 5 * HOUR_S) == 105 * HOUR_S
    assert units.work_end(0, 200 * HOUR_S, HOUR_S) == 205 * HOUR_S
    floor.clock.run(300 * HOUR_S)
    log = floor.log.close()
    assert column(log, "down", "time_s").tolist() == [10 * HOUR_S, 24 * HOUR_S, 200 * HOUR_S]
    assert column(log, "up", "time_s").tolist() == [14 * HOUR_S, 28 * HOUR_S, 204 * HOUR_S]


def test_by_time_a_place_fails_whether_it_works_or_not() -> None:
    floor = make_floor()
    units = units_of(floor, "time", "10", "4")
    assert units.work_end(0, 0, 15 * HOUR_S) == 19 * HOUR_S
    floor.clock.run(25 * HOUR_S)
    # Down from 24 to 28, though nobody works there.
    assert not units.any_up()
    floor.clock.run(29 * HOUR_S)
    assert units.any_up()
    log = floor.log.close()
    assert column(log, "down", "time_s").tolist() == [10 * HOUR_S, 24 * HOUR_S]
    assert column(log, "up", "since_s").tolist() == [10 * HOUR_S, 24 * HOUR_S]


def test_a_place_that_works_is_taken_before_a_lower_one_that_is_down() -> None:
    floor = make_floor(seed=3)
    units = units_of(floor, "time", "exponential(20)", "15", count=3)
    taken = []
    for hour in range(1, 200):
        floor.clock.run(hour * HOUR_S)
        if units.any_up():
            taken.append((floor.clock.now, units.take()))
            units.give_back(taken[-1][1])
    log = floor.log.close()
    spells = [(up["unit"], up["since_s"], up["time_s"]) for up in rows(log, "up")]
    assert {place for _, place in taken} == {0, 1, 2}
    for now, place in taken:
        assert not any(unit == place and since_s <= now < up_s for unit, since_s, up_s in spells)
        for lower in range(place):
            assert any(unit == lower and since_s <= now < up_s for unit, since_s, up_s in spells)


def test_the_lowest_place_is_taken_first_and_given_back() -> None:
    units = units_of(make_floor(), "use", "10", "4", count=2)
    assert [units.take(), units.take()] == [0, 1]
    assert not units.any_up()
    units.give_back(1)
    assert units.take() == 1


DAY_SHIFT = OpenTime(StepProfile.of([(0, 0.0), *((n * 12 * HOUR_S + 8 * HOUR_S, (n + 1) % 2) for n in range(9))]))
"""Open from 8 to 20 each day."""


def test_attended_work_does_not_go_on_when_its_hours_are_over() -> None:
    """By time: works to 9.5, mended at 10.5, works to 20 h; down at night, which costs nothing; 3 h are left."""
    units = units_of(make_floor(), "time", "9.5", "1")
    assert units.end_of([(units, 0)], 8 * HOUR_S, 14 * HOUR_S, DAY_SHIFT) == (24 + 11) * HOUR_S


def test_by_use_closed_hours_do_not_wear_a_place() -> None:
    """A life of 10 h from 18 h on is used up at 4 h of the next shift; its repair ends an hour later."""
    floor = make_floor()
    units = units_of(floor, "use", "10", "1")
    assert units.end_of([(units, 0)], 18 * HOUR_S, 11 * HOUR_S, DAY_SHIFT) == (24 + 18) * HOUR_S
    assert units.next_s(0) == 9 * HOUR_S
    floor.clock.run(3 * DAY_S)
    assert column(floor.log.close(), "down", "time_s").tolist() == [(24 + 16) * HOUR_S]


def test_work_on_two_places_goes_on_while_both_work() -> None:
    """One goes by time and is down from 10 to 14, the other by use and fails after 12 h of work, for 3 h."""
    floor = make_floor()
    clocked, used = units_of(floor, "time", "10", "4"), units_of(floor, "use", "12", "3")
    assert clocked.end_of([(clocked, 0), (used, 0)], 0, 13 * HOUR_S, None) == (10 + 4 + 2 + 3 + 1) * HOUR_S
    assert used.next_s(0) == 11 * HOUR_S


def test_places_that_are_not_there_any_more_do_not_stand_in_for_those_that_are() -> None:
    floor, pool = make_floor(), pool_of(during(0, DAY_S, 3.0, 1.0))
    pool.units = units_of(floor, "use", "10", "4", count=3)
    assert pool.units.count_up() == 3
    assert pool.units.take() == 0
    pool.change(DAY_S)
    assert pool.units.count_up() == 0
    pool.units.give_back(0)
    assert pool.units.count_up() == 1


def test_attended_steps_that_take_two_places_pause_at_night_and_at_breakdowns_of_either() -> None:
    """Minute by minute against the log: work goes on in open hours while no place is down."""
    world = queue_world(
        arrival_days="2", service_hours="9", servers=2, report_weeks=20, failures="time",
        mtbf_hours="exponential(30)", mttr_hours="exponential(6)", calendar="shift",
    )  # fmt: skip
    seizing = tuple(each.model_copy(update={"amount": 2.0, "attended": True}) for each in world.routing_resources)
    shift = row(CalendarRow, calendar="shift", weekday="daily", opens="08:00", closes="18:00")
    log = run_pull(world.model_copy(update={"routing_resources": seizing, "calendars": (shift,)})).log
    spells = [(up["since_s"], up["time_s"]) for up in rows(log, "up")]
    steps = [(step["since_s"], step["time_s"]) for step in rows(log, "step")]
    assert len(steps) > 40
    assert sum(from_s < up_s and down_s < to_s for from_s, to_s in steps for down_s, up_s in spells) > 20
    for from_s, to_s in steps:
        worked = [
            minute
            for minute in range(int(from_s), int(to_s), 60)
            if 8 <= minute % DAY_S / HOUR_S < 18 and not any(down_s <= minute < up_s for down_s, up_s in spells)
        ]
        assert len(worked) == pytest.approx(9 * 60, abs=10), from_s


def test_failures_need_both_times() -> None:
    broken = (
        queue_world(failures="use", mtbf_hours="10", mttr_hours="4")
        .resources[0]
        .model_copy(update={"mttr_hours": None})
    )
    floor = make_floor()
    with pytest.raises(ValueError, match="mttr_hours"):
        Units(floor.clock, floor.log, floor.streams, broken, 1, 0, lambda: None)
