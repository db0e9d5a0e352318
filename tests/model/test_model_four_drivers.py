"""The shipped scenario of four drivers asks in all, and at each campus, for what the baseline's orders ask for."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from twin.model.case import load_case
from twin.model.order_book import ordered
from twin.model.world import World

FOUR = {"pre-training", "post-training", "test-time", "agentic"}


@pytest.fixture(scope="module")
def world() -> World:
    return load_case("four-drivers").world


def units(world: World, *names: str) -> Counter[object]:
    """Racks due in the report window, by attributes of their orders."""
    found: Counter[object] = Counter()
    for line in ordered(world):
        if 0 < line.due_s <= world.settings.report_s:
            found[tuple(getattr(line, name) for name in names)] += line.quantity
    return found


def test_each_driver_asks_for_the_integral_of_its_growth(world: World) -> None:
    found = units(world, "driver")
    assert {name for (name,) in found} == FOUR
    for row in world.drivers:
        rate, growth = row.units_per_week.mean, math.log(row.growth_factor_per_year.mean)
        years = 364 / 365
        grown = math.expm1(growth * years) / growth if growth else years
        assert found[row.driver,] == pytest.approx(rate * 365 / 7 * grown, abs=0.5 + 1e-6)


def test_the_year_and_every_campus_have_the_racks_of_the_baseline(world: World) -> None:
    base = load_case("baseline").world
    assert sum(units(world).values()) == pytest.approx(sum(units(base).values()), rel=0.01)
    before, after = units(base, "customer", "site", "item"), units(world, "customer", "site", "item")
    assert before.keys() == after.keys()
    for place, racks in before.items():
        assert after[place] == pytest.approx(racks, rel=0.06), place
