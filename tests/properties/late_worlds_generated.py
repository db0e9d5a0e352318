"""Small worlds with all that can make an order late: modes, clusters, waits that run out, policies, plans made anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from properties.worlds_generated import QUICK, small_worlds
from worlds import day, row

from twin.model.case import make_case
from twin.model.rows_demand import Order, Readiness, Stock
from twin.model.rows_make import Resource, RoutingResource, RoutingStep
from twin.model.scenario import Disruption, Scenario
from twin.model.world import World
from twin.study.ground import lay_ground
from twin.study.playbook import make_playbook, moments_of
from twin.study.replicate import Arm, own_luck

POLICIES = ("base_stock(4)", "base_stock(0)", "reorder(3, 5)", "order_up_to(2, 9)", "kanban(6)")


@st.composite
def late_worlds(draw: st.DrawFn) -> World:
    """A generated chain in which each of the further things is there or not."""
    world = draw(small_worlds(schedule_weeks=draw(st.sampled_from((0, 0, 1)))))
    changed: dict[str, Any] = {
        "settings": world.settings.model_copy(update={"ship_when": draw(st.sampled_from(("ready", "powered")))}),
        "routings": tuple(draw(_limited(each)) for each in world.routings),
        "orders": tuple(draw(_ordered(each)) for each in world.orders),
    }
    if draw(st.booleans()):
        changed |= _in_modes(world)
    else:
        changed |= _in_clusters(world, changed["routings"], draw(st.sampled_from(("assemble", "pack", "commission"))))
    if draw(st.booleans()):
        changed["stock"] = (
            row(Stock, site="maker_1a", item="part_1", policy=draw(st.sampled_from(POLICIES)), on_hand=4),
        )
    if draw(st.booleans()):
        later = day(draw(st.integers(7, 70)))
        changed["readiness"] = (
            row(Readiness, site="campus", firm_mw=0.6),
            row(Readiness, site="campus", **{"from": later}, firm_mw=9.0),
        )
    return world.model_copy(update=changed)


@st.composite
def _limited(draw: st.DrawFn, step: RoutingStep) -> RoutingStep:
    """A step, perhaps with a longest wait for the next one."""
    limits = st.sampled_from((None, None, 1.0, 12.0)) if step.name in ("assemble", "test", "install") else st.none()
    return step.model_copy(update={"max_wait_hours_after": draw(limits)})


@st.composite
def _ordered(draw: st.DrawFn, order: Order) -> Order:
    """An order, perhaps promised for a day of its own, or placed a few days before it is due."""
    cells: dict[str, Any] = {}
    if draw(st.integers(0, 5)) == 0:
        cells["promised"] = day(draw(st.integers(7, 90)))
    if draw(st.integers(0, 3)) == 0:
        cells["placed"] = order.requested
    return order.model_copy(update=cells)


def _in_modes(world: World) -> dict[str, Any]:
    """The test in a cell, or in twice the time at an old bench."""
    seizes = [each for each in world.routing_resources if (each.item, each.step) != ("rack", 2)]
    cells = {"item": "rack", "level": "L11", "step": 2}
    modes = (
        row(RoutingResource, **cells, resource="cell", mode="new"),
        row(RoutingResource, **cells, resource="bench", mode="old", mode_hours=30),
    )
    bench = row(Resource, site="integrator", resource="bench", capacity=1)
    return {"routing_resources": (*seizes, *modes), "resources": (*world.resources, bench)}


def _in_clusters(world: World, routings: Sequence[RoutingStep], name: str) -> dict[str, Any]:
    """Two racks of an order do a step together, at places of which there are two or more."""
    wider = [
        each.model_copy(update={"capacity": max(2, each.capacity)}) if each.resource in ("bay", "crew") else each
        for each in world.resources
    ]
    together = [each.model_copy(update={"cluster": 2}) if each.name == name else each for each in routings]
    return {"resources": tuple(wider), "routings": tuple(together)}


REPLANS = ({}, {"replan": "each"}, {"replan": "each", "replan_every_weeks": 3}, {"replan_every_weeks": 3})


def planned_anew(world: World, hits: Sequence[Disruption], replan: dict[str, Any]) -> Arm:
    """A world with its plans, made anew as the scenario's fields say: as `twin run` makes them."""
    case = make_case(world, Scenario(name="generated", disruptions=list(hits), budgets=QUICK, **replan))
    ground = lay_ground(case)
    moments, seed = moments_of(ground.network, case.scenario), case.scenario.seed
    opening = make_playbook(ground, hits, moments=()).opening
    luck = own_luck(ground, hits, seed, 0) if case.scenario.replan == "each" else None
    book = make_playbook(ground, hits, opening, moments=moments, luck=luck)
    return Arm(ground=ground, disruptions=tuple(hits), playbook=book, seed=seed)
