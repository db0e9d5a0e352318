"""Tokens from a run of the twin's own: every second that a rack is online counts, and none before or after."""

from __future__ import annotations

import math

import pytest
from properties.worlds_generated import arm_of
from worlds import chain_world, row

from twin.metrics.dictionary import compute_kpis
from twin.metrics.facts import facts_from
from twin.model.rows_demand import Readiness
from twin.model.rows_factory import RackEconomics, Service
from twin.model.world import World
from twin.network.build import build_network
from twin.study.replicate import simulate_arm


def serving_world(**readiness: float) -> World:
    cost = row(RackEconomics, item="rack_accepted", capital_usd=1e6, life_years=4, utilisation=0.5, availability=0.9)
    chat = row(Service, item="rack_accepted", service="chat", tokens_per_second=1000, share=1, usd_per_million_tokens=2)
    ready = row(Readiness, site="campus", **readiness)
    items = tuple(
        item.model_copy(update={"power_kw": 100.0}) if item.item == "rack_accepted" else item
        for item in chain_world().items
    )
    return chain_world(items=items, rack_economics=(cost,), services=(chat,), readiness=(ready,))


def measures_of(world: World) -> dict[str, float]:
    log = simulate_arm(arm_of(world), 0).log
    found = compute_kpis(log, facts_from(build_network(world)))
    rows = log.rows[log.of("online")]
    online_s = sum(max(0.0, log.report_s - time_s) for time_s in rows[:, 0])
    return found | {"online_s": online_s}


def test_tokens_and_energy_are_those_of_the_seconds_online() -> None:
    found = measures_of(serving_world(usd_per_mwh=40, pue=1.2))
    assert found["online_s"] > 0
    assert found["tokens_trillion"] * 1e12 == pytest.approx(found["online_s"] * 1000 * 0.5 * 0.9)
    mean_kw = 100 * 0.9 * (0.3 + 0.7 * 0.5) * 1.2
    assert found["datacenter_mwh"] == pytest.approx(found["online_s"] / 3600 * mean_kw / 1000)
    earned = found["tokens_trillion"] * 2e6 - found["datacenter_mwh"] * 40
    assert found["rack_day_usd"] == pytest.approx(earned / (found["online_s"] / 86_400))
    assert found["deferred_usd"] == pytest.approx(found["rack_day_usd"] * found["backlog_area_rack_days"])
    assert math.isnan(found["tokens_curtailed_share"])


def test_flexible_power_lets_racks_in_and_costs_tokens() -> None:
    """Power for one rack is firm, for the rest flexible and away for 1 % of the year."""
    firm = measures_of(serving_world(firm_mw=10.0))
    tiers = measures_of(serving_world(firm_mw=0.1, flexible_mw=9.9, curtailed_hours_per_year=87.6))
    assert tiers["racks_online"] == firm["racks_online"] > 1
    assert 0 < tiers["tokens_curtailed_share"] < 0.01
    assert tiers["tokens_trillion"] == pytest.approx(firm["tokens_trillion"] * (1 - tiers["tokens_curtailed_share"]))
    assert tiers["broken_service_hours"] > 0


def test_a_world_without_services_has_no_such_measures() -> None:
    world = chain_world()
    found = compute_kpis(simulate_arm(arm_of(world), 0).log, facts_from(build_network(world)))
    assert all(math.isnan(found[name]) for name in ("tokens_trillion", "deferred_usd", "datacenter_mwh"))
    assert not [name for name in found if name.startswith("tokens_trillion_by_service")]
