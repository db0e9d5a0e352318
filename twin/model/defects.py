"""Defects added in transport that nothing carries, told when the input is checked."""

from __future__ import annotations

from twin.model.world import World

NAMED = 3
"""Lanes that are named; of a whole mode there may be hundreds."""


def transport_notes(world: World) -> tuple[str, ...]:
    """A line where lanes add defects to units, and nothing made one by one by the plan travels on them."""
    lines = {(line.item, line.input) for line in world.bom}
    routed = {step.item for step in world.routings}
    pulled = {(row.site, row.item) for row in world.stock if row.policy.kind != "plan"}
    made = {(row.site, row.item) for row in world.processes} - pulled
    sends = {(site, item) for site, item in made if item in routed}
    by_item = {row.item: row for row in world.items}
    sends |= {(site, by_item[item].convertible_to) for site, item in sends if by_item[item].convertible_to}
    takes = {(site, part) for site, item in made for of, part in lines if of == item} - pulled
    idle = [
        lane.lane
        for lane in world.lanes
        if lane.shipping_defects
        and not any((lane.origin, item) in sends and (lane.destination, item) in takes for item in by_item)
    ]
    if not idle:
        return ()
    more = f" and {len(idle) - NAMED} more" if len(idle) > NAMED else ""
    return (
        "shipping_defects without effect, since what is made one by one under the plan does not travel there (lots, "
        f"and units under a stock policy, carry no defects): {', '.join(idle[:NAMED])}{more}",
    )
