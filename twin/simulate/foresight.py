"""What can be foreseen from a moment of a run: the run goes on by means, with no luck to come."""

from __future__ import annotations

from twin.simulate.build import Replication
from twin.simulate.routing import SiteFloor


def go_on_by_means(made: Replication) -> None:
    """From now on nothing is drawn: means, mean yields, tests passed, no more breakdowns.

    Work and transit under way end when they would have, as a planner who looks at them can
    tell; what waits, and what lies behind the next step, takes its mean.
    """
    made.floor.streams.noise = False
    for site_floor in made.sites.values():
        _forget_draws(site_floor)


def _forget_draws(site_floor: SiteFloor) -> None:
    """Steps to come take their mean hours and pass; a step found in part on day one keeps what is left."""
    for routing in site_floor.routings.values():
        for step in routing.steps:
            for each in (step, *(step.modes or ())):
                each.tested = False
    for unit, routing, _, under_way in list(site_floor.units_inside()):
        drawn_s, position = unit.hours_s, unit.at.position
        unit.hours_s = unit.luck.first_hours_s(routing.item, routing.rows, unit.number)
        found_in_part = unit.entered == position and not unit.repeats and unit.work_s != drawn_s[position]
        if not (under_way or unit in site_floor.reworking or found_in_part):
            unit.work_s = unit.hours_s[position]
