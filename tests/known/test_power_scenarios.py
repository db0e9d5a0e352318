"""Shipped scenarios of power and tokens: they say what the public record says, and the base stays as it is."""

from __future__ import annotations

from functools import cache

import pytest

from twin.metrics.economics import kept_under_curtailment
from twin.model.case import load_case
from twin.model.tariff import hourly_terms
from twin.model.units import WEEK_S
from twin.model.world import World

YEAR_H = 8760.0
LATE = "energisation about"


@cache
def world(scenario: str) -> World:
    return load_case(scenario).world


@pytest.mark.parametrize(("name", "part"), [("quarter", 0.0025), ("half", 0.005), ("one", 0.01)])
def test_tiers_are_parts_of_a_year_down_to_four_fifths(name: str, part: float) -> None:
    rows = world(f"flexible-{name}").readiness
    assert [row.curtailed_hours_per_year for row in rows] == pytest.approx([part * YEAR_H] * len(rows))
    assert {row.backs_down_to for row in rows} == {0.8}
    assert [row.firm_mw for row in rows] == [row.firm_mw for row in world("baseline").readiness]


def test_the_classes_of_service_are_those_of_the_field_trial_and_give_a_fifth_unbroken() -> None:
    """Flex 0 to 3 may lose nothing, 10, 25 and 50 %: of racks at 60 % load a fifth of the power can be backed down."""
    services = [row for row in world("baseline").services if row.item == "rack_accepted_a"]
    assert [row.flexibility for row in services] == [0.0, 0.1, 0.25, 0.5]
    (cost,) = [row for row in world("baseline").rack_economics if row.item == "rack_accepted_a"]
    work = (1 - cost.idle_power) * cost.utilisation
    drawn = cost.idle_power + work
    loads, values = [row.share * work for row in services], [row.usd_per_million_tokens for row in services]
    most = sum(load * row.flexibility for load, row in zip(loads, services, strict=True))
    assert most / drawn == pytest.approx(0.105, abs=0.001), "a tenth of the power, so that a fifth breaks service"
    _, broken = kept_under_curtailment(0.2 * drawn, loads, values, [row.flexibility for row in services])
    assert broken
    _, broken = kept_under_curtailment(0.1 * drawn, loads, values, [row.flexibility for row in services])
    assert not broken


def test_early_power_bridges_the_late_months_alone() -> None:
    rows = world("flexible-early").readiness
    assert {row.site for row in rows if row.flexible_mw} == {row.site for row in rows if LATE in row.note}
    assert all(bool(row.flexible_mw) == (LATE in row.note) for row in rows)
    before = world("baseline").readiness
    assert [row.model_copy(update={"flexible_mw": 0.0, "curtailed_hours_per_year": 0.0}) for row in rows] == list(
        before
    )


def test_a_vendors_price_earns_what_the_vendor_says() -> None:
    """Fifteen times the capital over the life of a rack, at the loads and the mix of the world."""
    claimed = world("vendor-claims")
    (cost,) = [row for row in claimed.rack_economics if row.item == "rack_accepted_a"]
    working_s = cost.life_years * YEAR_H * 3600 * cost.utilisation * cost.availability
    services = [row for row in claimed.services if row.item == "rack_accepted_a"]
    earned = sum(row.tokens_per_second * row.share * row.usd_per_million_tokens for row in services) * working_s / 1e6
    assert earned == pytest.approx(75e6, rel=0.005)
    grades = {row.key: row.confidence for row in claimed.sources}
    assert {grades[row.source] for row in services} == {"claim"}
    assert "claim" not in {row.confidence for row in world("baseline").sources}


def test_the_base_pays_by_the_hour_and_holds_all_of_its_power() -> None:
    """So its log is the one that it had without tariffs; the scenario takes a fifth of weekday evenings."""
    base, hours = world("baseline"), world("test-power-hours")
    assert {row.available_fraction for row in base.tariffs} == {1.0}
    powered = {(row.site, row.resource) for row in base.resources if row.resource == "test_power"}
    assert {(row.site, row.resource) for row in base.tariffs} == powered
    for site, resource in powered:
        limited = hourly_terms(hours, site, resource, 0, WEEK_S)
        assert limited is not None
        # The window begins on a Thursday at midnight UTC; any week holds five evenings of five hours.
        assert limited.available_fraction.integral(0, WEEK_S) == pytest.approx(WEEK_S * (1 - 0.2 * 25 / 168))
