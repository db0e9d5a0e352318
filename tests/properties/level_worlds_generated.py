"""Small worlds in which racks are made in several ways: at the integrator, on the campus, or at both."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from properties.late_worlds_generated import late_worlds
from properties.worlds_generated import durations
from worlds import day, row

from twin.model.rows_make import BomLine, LevelRow, Process, RoutingResource, RoutingStep
from twin.model.rows_network import Item
from twin.model.world import World

SHARES = st.sampled_from((0.0, 0.3, 0.5, 0.8, 1.0, None))
"""Of the first of two levels; None: as the plan finds best."""


@st.composite
def level_worlds(draw: st.DrawFn) -> World:
    """A chain with all that can make an order late, whose racks are made in two ways somewhere."""
    world = draw(late_worlds())
    at_integrator = draw(st.booleans())
    if at_integrator:
        world = draw(_deeper_tests(world))
    if not at_integrator or draw(st.booleans()):
        world = draw(_from_kits(world))
    return world


@st.composite
def _shares(draw: st.DrawFn, site: str, item: str, levels: tuple[str, str]) -> tuple[LevelRow, ...]:
    """Shares of two levels, from the beginning and perhaps others from a later day."""
    rows = []
    for later in ({}, {"from": day(draw(st.integers(7, 60)))}) if draw(st.booleans()) else ({},):
        share = draw(SHARES)
        shares = (None, None) if share is None else (share, 1 - share)
        rows += [
            row(LevelRow, site=site, item=item, level=level, share=each, **later)
            for level, each in zip(levels, shares, strict=True)
        ]
    return tuple(rows)


@st.composite
def _deeper_tests(draw: st.DrawFn, world: World) -> World:
    """At the integrator racks may be tested longer, through the same steps on the same floor."""
    longer = draw(st.sampled_from((1.5, 3.0)))
    steps = tuple(
        each.model_copy(
            update={"level": "deep", "hours": each.hours.scaled(longer) if each.name == "test" else each.hours}
        )
        for each in world.routings
        if each.item == "rack"
    )
    seizes = tuple(each.model_copy(update={"level": "deep"}) for each in world.routing_resources if each.item == "rack")
    changed: dict[str, Any] = {
        "routings": (*world.routings, *steps),
        "routing_resources": (*world.routing_resources, *seizes),
        "processes": (
            *(each for each in world.processes if each.item != "rack"),
            row(Process, process="integration", site="integrator", item="rack", level="L11"),
            row(Process, process="deeper-integration", site="integrator", item="rack", level="deep"),
        ),
        "levels": (*world.levels, *draw(_shares("integrator", "rack", ("L11", "deep")))),
    }
    return world.model_copy(update=changed)


@st.composite
def _from_kits(draw: st.DrawFn, world: World) -> World:
    """On the campus racks come whole, or as kits that take a bay for a step and the crew for two."""
    into_rack = next(line for line in world.bom if line.item == "rack")
    cells = {"item": "rack_accepted", "level": "L10"}
    steps = tuple(
        row(RoutingStep, step=number, name=name, hours=draw(durations(1, 30)), **cells)
        for number, name in ((1, "build"), (2, "verify"))
    )
    changed: dict[str, Any] = {
        "items": (
            *world.items,
            row(Item, item="kit", kind="rack", value_usd=90.0, mass_kg=90.0, power_kw=100.0),
        ),
        "routings": (
            *world.routings,
            row(RoutingStep, item="kit", level="L10", step=1, name="kit", hours=draw(durations(1, 6))),
            *steps,
        ),
        "routing_resources": (
            *world.routing_resources,
            row(RoutingResource, item="kit", level="L10", step=1, resource="bay"),
            *(row(RoutingResource, step=number, resource="crew", **cells) for number in (1, 2)),
        ),
        "processes": (
            *(each for each in world.processes if each.item != "rack_accepted"),
            row(Process, process="kitting", site="integrator", item="kit"),
            row(Process, process="installation", site="campus", item="rack_accepted", level="L11"),
            row(Process, process="assembly-on-site", site="campus", item="rack_accepted", level="L10"),
        ),
        "bom": (
            *(line for line in world.bom if line.item != "rack_accepted"),
            row(BomLine, item="kit", input=into_rack.input, quantity=into_rack.quantity),
            row(BomLine, item="rack_accepted", input="rack", quantity=1, level="L11"),
            row(BomLine, item="rack_accepted", input="kit", quantity=1, level="L10"),
        ),
        "levels": (*world.levels, *draw(_shares("campus", "rack_accepted", ("L11", "L10")))),
    }
    return world.model_copy(update=changed)
