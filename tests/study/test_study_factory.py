"""Tokens in a result: what the sites served adds up to the KPIs, and what rests on claims is told."""

from __future__ import annotations

import pytest
from metrics.test_tokens import serving_world
from properties.worlds_generated import arm_of
from worlds import chain_world

from twin.model.rows_network import Source
from twin.model.world import World
from twin.study.aggregate import outcome_of
from twin.study.factory import factory_told
from twin.study.replicate import run_replication


def told_of(world: World, runs: int = 2):
    arm = arm_of(world)
    done = [run_replication(arm, number) for number in range(runs)]
    kpis = outcome_of(done, world.settings).kpis
    return factory_told(done, kpis, world), kpis


def test_the_sites_and_services_are_the_measures() -> None:
    told, kpis = told_of(serving_world(firm_mw=0.1, flexible_mw=9.9, curtailed_hours_per_year=87.6, usd_per_mwh=40))
    assert told is not None
    (site,) = told.sites
    assert site.site == "campus"
    assert site.tokens_trillion == told.total.tokens_trillion == pytest.approx(kpis["tokens_trillion"].value)
    assert told.total.tokens_per_joule == pytest.approx(kpis["tokens_per_joule"].value)
    assert told.total.usd_per_million_tokens == pytest.approx(kpis["usd_per_million_tokens"].value)
    assert told.total.rack_day_usd == pytest.approx(kpis["rack_day_usd"].value)
    assert told.total.curtailed_share == pytest.approx(kpis["tokens_curtailed_share"].value)
    assert told.total.broken_hours == pytest.approx(kpis["broken_service_hours"].value)
    assert told.deferred_usd == kpis["deferred_usd"].value
    (service,) = told.services
    assert (service.service, service.confidence) == ("chat", "estimate")
    assert service.usd_per_million_tokens == [2.0, 2.0]
    assert kpis["income_usd"].value == pytest.approx(told.total.rack_day_usd * told.total.rack_days)
    assert kpis["rack_days_online"].value == pytest.approx(told.total.rack_days)


def test_a_world_without_services_has_none() -> None:
    assert told_of(chain_world(), runs=1)[0] is None


def test_what_rests_on_a_claim_is_told_with_its_source() -> None:
    world = serving_world(firm_mw=10.0)
    claim = Source(key="maker", title="The maker says so", confidence="claim")
    chat = world.services[0].model_copy(update={"source": "maker"})
    told, _ = told_of(world.model_copy(update={"sources": (*world.sources, claim), "services": (chat,)}), runs=1)
    assert told is not None
    assert told.claims == ["services (1 row): The maker says so"]
    assert told.total.curtailed_share is None
    unclaimed, _ = told_of(world.model_copy(update={"sources": (*world.sources, claim)}), runs=1)
    assert unclaimed is not None
    assert unclaimed.claims == []
