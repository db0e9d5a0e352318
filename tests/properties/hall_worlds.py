"""Worlds whose integrator has two halls that share stock, dock and plan, and in which a rack stays where it was begun.

Places in the first hall cost 1 USD an hour and those in the second 2, so that what a step has
cost says in which of them it was done.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from properties.log_reading import lines
from properties.worlds_generated import small_worlds
from worlds import row

from twin.events.record import Log
from twin.model.rows_make import Resource, RoutingResource
from twin.model.world import World

HALLS = ("east", "west")
STEPS = {1: "bay", 2: "cell"}
"""What each step that keeps the hall holds there, beside what it held."""


def with_halls(
    world: World,
    item: str,
    capacities: tuple[dict[str, float], dict[str, float]],
    hours: dict[int, tuple[float | None, float | None]],
    *,
    attended: bool = False,
    calendar: str = "",
) -> World:
    """A chain with two halls for steps 1 and 2 of a rack; `hours` are those in each hall, by step."""
    level = next(one.level for one in world.routings if one.item == item)
    own = [one for one in world.routing_resources if one.item == item and one.step in STEPS and one.resource in HELD]
    places = tuple(
        row(
            Resource,
            site="integrator",
            resource=f"{hall}_{name}",
            capacity=capacity,
            usd_per_hour=number,
            calendar=calendar if name == "bay" else "",
        )
        for number, (hall, there) in enumerate(zip(HALLS, capacities, strict=True), start=1)
        for name, capacity in there.items()
    )
    seized = tuple(
        row(
            RoutingResource,
            item=item,
            level=level,
            step=step,
            resource=f"{hall}_{name}",
            mode=hall,
            mode_hours=hours[step][number],
            attended=attended and name == "bay",
        )
        for step, name in STEPS.items()
        for number, hall in enumerate(HALLS)
    )
    kept = tuple(
        one.model_copy(update={"keeps_mode": True}) if one.item == item and one.step in STEPS else one
        for one in world.routings
    )
    others = tuple(one for one in world.routing_resources if one not in own)
    free = tuple(one.model_copy(update={"usd_per_hour": 0.0}) for one in world.resources)
    changed: dict[str, Any] = {
        "resources": (*free, *places),
        "routings": kept,
        "routing_resources": (*others, *seized),
    }
    return world.model_copy(update=changed)


HELD = frozenset(STEPS.values())


@st.composite
def hall_worlds(draw: st.DrawFn, schedule_weeks: int = 0) -> World:
    """A generated chain with two halls, each with places and hours of its own."""
    world = draw(small_worlds(schedule_weeks=schedule_weeks))
    places = st.integers(1, 3)
    capacities = tuple({name: draw(places) for name in HELD_IN_ORDER} for _ in HALLS)
    hours = {step: (None, draw(st.sampled_from((None, 6.0, 30.0)))) for step in STEPS}
    limit = draw(st.sampled_from((None, None, 12.0)))
    wide = world.model_copy(
        update={
            "routings": tuple(
                one.model_copy(update={"max_wait_hours_after": limit}) if (one.item, one.step) == ("rack", 1) else one
                for one in world.routings
            )
        }
    )
    calendar = draw(st.sampled_from(("", "shift", "holiday")))
    return with_halls(wide, "rack", capacities, hours, attended=bool(calendar), calendar=calendar)


HELD_IN_ORDER = ("bay", "cell")


def halls_of(log: Log) -> dict[tuple[str, str, int], list[str]]:
    """By rack: the halls of its attempts at the integrator's first two steps, in order, by what they cost."""
    names = {"step:integrator/assemble", "step:integrator/test"}
    found: dict[tuple[str, str, int], list[str]] = {}
    costs = log.column("usd")
    for line, usd in zip(lines(log), costs.tolist(), strict=True):
        if line.event == "step" and f"{line.kind}:{line.name}" in names and line.time_s > line.since_s:
            rate = usd / ((line.time_s - line.since_s) / 3600)
            found.setdefault((line.item, line.order, line.unit), []).append(HALLS[round(rate) - 1])
    return found
