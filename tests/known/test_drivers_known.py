"""Demand of drivers against its closed forms: compound growth, components, transitions, what varies."""

from __future__ import annotations

import math
from itertools import accumulate

import numpy as np
import pytest
from known.demand_worlds import demand_world, drivers, move, share, successor_world
from known.ladder import rung
from worlds import day, row

from twin.model.demand_curves import asked_for, whole_units
from twin.model.order_book import drawn_book, formed_lines, order_book
from twin.model.rows_forecast import Driver
from twin.model.units import DAY_S, WEEK_S
from twin.model.world import World
from twin.study.drawn_demand import draws_of

FAMILY = "Demand"
YEARS_A_WEEK = 7 / 365


def grown(level: float, growth: float, weeks: float) -> float:
    """Integral of level x growth^t over so many weeks, t in years."""
    if growth == 1:
        return level * weeks
    rate = math.log(growth) * YEARS_A_WEEK
    return level * (math.exp(rate * weeks) - 1) / rate


def by_week(world: World, weeks: int, **named: str) -> list[int]:
    """Units ordered up to the end of each week, of orders with the attributes named."""
    lines = [line for line in formed_lines(world) if all(getattr(line, k) == v for k, v in named.items())]
    return list(
        accumulate(sum(each.quantity for each in lines if each.due_s == (w + 1) * WEEK_S) for w in range(weeks))
    )


@pytest.mark.parametrize(("level", "growth"), [(7.3, 1.0), (7.3, 2.5), (0.4, 6.0), (40.0, 0.3)])
def test_cumulated_demand_is_the_integral_of_compound_growth(level: float, growth: float) -> None:
    world = demand_world(drivers=drivers(training=(level, growth)))
    ordered = by_week(world, 52)
    expected = [grown(level, growth, week + 1) for week in range(52)]
    assert max(abs(a - b) for a, b in zip(ordered, expected, strict=True)) <= 0.5 + 1e-9
    if growth == 2.5:
        name = "Units ordered in a year at 7.3 a week that grow 2.5 times"
        rung(
            name, expected[-1], ordered[-1], ordered[-1] - 0.5, ordered[-1] + 0.5,
            unit="units", source="compound growth", family=FAMILY,
        )  # fmt: skip


def test_a_later_row_of_a_driver_holds_from_its_day_on() -> None:
    later = row(Driver, driver="training", **{"from": day(90)}, units_per_week=30, growth_factor_per_year=2)
    world = demand_world(drivers=(*drivers(training=(10.0, 1.0)), later))
    expected = 10 * 90 / 7 + grown(30, 2.0, 52 - 90 / 7)
    assert by_week(world, 52)[-1] == pytest.approx(expected, abs=0.5 + 1e-9)


def test_shares_of_many_places_keep_the_total_and_come_within_a_unit_of_their_own() -> None:
    parts = (0.37, 0.21, 0.17, 0.13, 0.12)
    shares = tuple(share(part=part, customer=f"c{number}") for number, part in enumerate(parts))
    world = demand_world(drivers=drivers(training=(3.1, 1.8)), driver_shares=shares)
    total = [grown(3.1, 1.8, week + 1) for week in range(52)]
    assert max(abs(a - b) for a, b in zip(by_week(world, 52), total, strict=True)) <= 0.5 + 1e-9
    for number, part in enumerate(parts):
        own = by_week(world, 52, customer=f"c{number}")
        assert max(abs(a - part * b) for a, b in zip(own, total, strict=True)) < 1


def test_a_place_that_joins_takes_its_share_from_its_day_on() -> None:
    shares = (share(part=1.0, customer="a"), share(part=0.5, customer="a", **{"from": day(60)}),
              share(part=0.5, customer="b", priority=2, revenue_usd_per_unit=7.0, **{"from": day(60)}))  # fmt: skip
    world = demand_world(drivers=drivers(training=(21.0, 1.0)), driver_shares=shares)
    assert by_week(world, 52) == [21 * (week + 1) for week in range(52)]
    late = by_week(world, 52, customer="b")
    # Three units a day, of which half from the sixty-first day on.
    assert late[7] == 0
    assert late[8] == pytest.approx(1.5 * 3, abs=0.51)
    assert late[-1] == pytest.approx(1.5 * (52 * 7 - 60), abs=0.51)
    line = next(each for each in formed_lines(world) if each.customer == "b")
    assert (line.priority, line.revenue_usd) == (2, 7.0 * line.quantity)


def test_whole_units_lose_nothing_where_some_got_theirs_early() -> None:
    random = np.random.default_rng(5)
    wanted = np.cumsum(random.exponential(0.3, (40, 200)) * (random.random((40, 200)) < 0.2), axis=1)
    given = np.cumsum(whole_units(list(wanted)), axis=1)
    assert np.array_equal(given.sum(axis=0), np.floor(wanted.sum(axis=0) + 0.5))
    assert np.abs(given - wanted).max() < 2
    assert (np.diff(given, axis=1) >= 0).all()


FOUR = drivers(pre_training=(9, 1.2), post_training=(4, 1.6), test_time=(6, 2.4), agentic=(2, 5.0))


def test_components_add_up_and_scaling_one_changes_only_its_own() -> None:
    world = demand_world(drivers=FOUR)
    scaled = world.model_copy(
        update={
            "drivers": tuple(
                each.model_copy(update={"units_per_week": each.units_per_week.scaled(1.5)})
                if each.driver == "agentic"
                else each
                for each in FOUR
            )
        }
    )
    names = [each.driver for each in FOUR]
    parts, more = ({name: by_week(one, 52, driver=name) for name in names} for one in (world, scaled))
    assert [sum(week) for week in zip(*parts.values(), strict=True)] == by_week(world, 52)
    assert [name for name in names if parts[name] != more[name]] == ["agentic"]
    assert more["agentic"][-1] == pytest.approx(1.5 * grown(2, 5.0, 52), abs=0.5 + 1e-9)


def test_a_straight_transition_keeps_the_total_and_is_even_midway() -> None:
    before = demand_world(drivers=drivers(training=(20.0, 1.0)))
    world = successor_world(drivers=drivers(training=(20.0, 1.0)), transitions=(move(),))
    assert by_week(world, 52) == by_week(before, 52)
    old, new = (by_week(world, 52, item=item) for item in ("rack_accepted", "next_accepted"))
    # Up to week t of the ramp from week 10 to 30, the successor has had 20 (t - 10)^2 / 40.
    for week in (10, 15, 20, 25, 30):
        assert new[week - 1] == pytest.approx(20 * (week - 10) ** 2 / 40, abs=1)
    midweeks = [old[20] - old[18], new[20] - new[18]]
    assert midweeks == [20, 20]
    assert old[-1] == old[30]
    rung(
        "Racks of a product by the end of its straight ramp down over 20 weeks", 20 * (10 + 10), old[-1], old[-1] - 1,
        old[-1] + 1, unit="racks", source="area of a triangle", family=FAMILY,
    )  # fmt: skip


def test_a_last_order_holds_what_is_still_wanted_and_the_spares() -> None:
    cells = {"last_order": day(139), "spare_units": 12}
    world = successor_world(drivers=drivers(training=(20.0, 1.0)), transitions=(move(**cells),))
    old, new = (by_week(world, 52, item=item) for item in ("rack_accepted", "next_accepted"))
    # Midway, in the twentieth week, 20 x 10 / 4 racks are still wanted.
    assert old[19] - old[18] == pytest.approx(20 * (10 / 4 + 0.5125), abs=1) or old[19] == pytest.approx(
        400 + 12, abs=1
    )
    assert old[-1] == old[19] == pytest.approx(400 + 12, abs=1)
    assert new[-1] == pytest.approx(52 * 20 - 400, abs=1)


def test_the_mean_of_what_is_drawn_is_the_forecast() -> None:
    cells = drivers(training=("lognormal(20, 0.3)", 1.5), agentic=("triangular(2, 5, 14)", 2.0))
    world = demand_world(drivers=cells)
    forecast = order_book(world)
    drawn = [
        sum(line.quantity for line in formed_lines(world, draws_of(world, 1, replication)) if line.driver == driver)
        for driver in ("training", "agentic")
        for replication in range(400)
    ]
    for number, driver in enumerate(("training", "agentic")):
        own = np.array(drawn[400 * number : 400 * (number + 1)], float)
        expected = sum(line.quantity for line in forecast if line.driver == driver)
        half = 3.29 * own.std(ddof=1) / math.sqrt(len(own))
        assert abs(own.mean() - expected) < half
        rung(
            f"Mean of the demand drawn, {driver}", expected, own.mean(), own.mean() - half, own.mean() + half,
            unit="units", source="mean of the distribution", family=FAMILY,
        )  # fmt: skip


def test_what_is_placed_by_the_start_is_as_in_the_forecast_and_only_later_orders_are_drawn() -> None:
    world = demand_world(drivers=drivers(training=("lognormal(20, 0.5)", "triangular(1, 2, 6)")))
    forecast = order_book(world)
    draws = draws_of(world, 3, 2)
    book = drawn_book(world, forecast, draws)
    assert book == drawn_book(world, forecast, draws)
    early = [line for line in forecast if line.due_s <= 15 * DAY_S]
    assert early
    assert [line for line in book if line.due_s <= 15 * DAY_S] == early
    known_s = 10 * WEEK_S
    known = drawn_book(world, forecast, draws, known_s)
    assert [line for line in known if line.placed_s <= known_s] == [line for line in book if line.placed_s <= known_s]
    later = [line for line in forecast if line.placed_s > known_s]
    assert [line for line in known if line.placed_s > known_s] == later


def test_all_places_of_a_driver_share_its_draw_and_drivers_do_not() -> None:
    world = demand_world(drivers=drivers(training=("uniform(0, 100)", 1), agentic=("uniform(0, 100)", 1)))
    draws = [draws_of(world, 1, replication) for replication in range(300)]
    pairs = np.array([(each["training"][0], each["agentic"][0]) for each in draws])
    assert abs(np.corrcoef(pairs.T)[0, 1]) < 0.2
    shares = tuple(share(part=0.5, customer=name) for name in ("a", "b"))
    twofold = world.model_copy(update={"driver_shares": shares})
    units = [[each.units[-1] for each in asked_for(twofold, range(10), one)] for one in draws[:5]]
    assert all(one[0] == one[1] and one[2] == one[3] for one in units)
