"""Invariants of stocks under policies, on generated worlds."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable

from hypothesis import given, settings
from properties.log_reading import Line, balance_gaps, levels_below_zero, lines
from properties.stock_worlds_generated import hits, run, stocked_worlds

from twin.events.canonical import log_digest
from twin.metrics.dictionary import compute_kpis
from twin.metrics.facts import facts_from
from twin.model.scenario import Disruption
from twin.model.world import World
from twin.network.build import build_network

GENERATED = settings(max_examples=40, deadline=None)


@given(stocked_worlds(), hits())
@GENERATED
def test_units_are_conserved(world: World, disruptions: tuple[Disruption, ...]) -> None:
    log, network = run(world, disruptions), build_network(world)
    assert balance_gaps(log, network) == []
    assert levels_below_zero(log, network) == []


@given(stocked_worlds())
@GENERATED
def test_demand_is_served_lost_or_owed_and_never_twice(world: World) -> None:
    left: dict[tuple[str, int], float] = defaultdict(float)
    for line in lines(run(world)):
        if line.kind == "customer":
            left[line.order, line.unit] += line.quantity if line.event == "demanded" else -line.quantity
            assert left[line.order, line.unit] >= -1e-9, line
    loses = next(row for row in world.stock if row.site == "shop").unmet == "lost"
    assert not loses or not any(left.values())


@given(stocked_worlds())
@GENERATED
def test_customers_who_wait_are_served_in_turn(world: World) -> None:
    since = [line.since_s for line in lines(run(world)) if line.kind == "customer" and line.event == "served"]
    assert since == sorted(since)


@given(stocked_worlds())
@GENERATED
def test_positions_keep_to_their_policies(world: World) -> None:
    """What is free and on order, less what is owed, is never above what the shop's policy orders up to."""
    stock = next(row for row in world.stock if row.site == "shop")
    if stock.policy.kind not in HIGHEST:
        return
    highest = max(HIGHEST[stock.policy.kind](stock.policy.parameters), stock.on_hand or 0.0)
    position = 0.0
    for line in lines(run(world)):
        position += _change(line)
        assert position <= highest + 1e-6, line


HIGHEST: dict[str, Callable[[tuple[float, ...]], float]] = {
    "base_stock": lambda numbers: numbers[0],
    "order_up_to": lambda numbers: numbers[1],
    "reorder": sum,
}


def _is_opening(line: Line) -> bool:
    return line.event == "opened" and (line.site, line.item) == ("shop", "good")


def _change(line: Line) -> float:
    """What a row adds to the position of the good at the shop: an opening, an order placed, less what is asked for."""
    if line.event == "opened":
        return line.quantity if _is_opening(line) else 0.0
    if line.event == "demanded":
        return {"lane": line.quantity, "customer": -line.quantity}.get(line.kind, 0.0)
    return {"ordered": -line.quantity, "lost": line.quantity}.get(line.event, 0.0)


@given(stocked_worlds())
@GENERATED
def test_no_more_units_than_cards_are_in_stock_and_on_order(world: World) -> None:
    """At the shop, whose customers take units as they come, every unit on hand, ordered or under way has a card."""
    shop = next(row for row in world.stock if row.site == "shop")
    if shop.policy.kind != "kanban":
        return
    cards, circulating = max(shop.policy.parameters[0], shop.on_hand or 0.0), 0.0
    for line in lines(run(world)):
        if _is_opening(line) or (line.event == "demanded" and line.kind == "lane"):
            circulating += line.quantity
        elif line.event in ("served", "accepted"):
            circulating -= line.quantity
        assert circulating <= cards + 1e-9, line


@given(stocked_worlds(), hits())
@GENERATED
def test_measures_of_stocks_are_the_integrals_of_the_log(world: World, disruptions: tuple[Disruption, ...]) -> None:
    """Mean on hand and owed, added up row by row the long way."""
    log = run(world, disruptions)
    kpis = compute_kpis(log, facts_from(build_network(world)))
    area = {"on hand": 0.0, "owed": 0.0}
    held, owed, last_s = 0.0, 0.0, 0.0
    for line in lines(log):
        area["on hand"] += held * (line.time_s - last_s)
        area["owed"] += owed * (line.time_s - last_s)
        last_s = line.time_s
        if _is_opening(line) or line.event == "docked":
            held += line.quantity
        elif line.event in ("served", "accepted"):
            held -= line.quantity
        if line.kind == "customer" and math.isnan(line.value):
            owed += line.quantity if line.event == "demanded" else -line.quantity
    area["on hand"] += held * (log.report_s - last_s)
    area["owed"] += owed * (log.report_s - last_s)
    assert abs(kpis["stock_on_hand_units:shop/good"] - area["on hand"] / log.report_s) < 1e-6
    if all(row.due_after_days is None for row in world.demand):
        assert abs(kpis["stock_owed_units:shop/good"] - area["owed"] / log.report_s) < 1e-6


@given(stocked_worlds(), hits())
@settings(max_examples=10, deadline=None)
def test_the_same_seed_gives_the_same_bytes(world: World, disruptions: tuple[Disruption, ...]) -> None:
    assert log_digest(run(world, disruptions)) == log_digest(run(world, disruptions))
