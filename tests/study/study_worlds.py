"""A small study: racks assembled on the campus or in the factory, in a world where each is worked out by hand."""

from __future__ import annotations

from typing import Any

from worlds import day, levels_world, row

from twin.model.rows_make import Resource
from twin.model.scenario import Change, Disruption, Target
from twin.model.study import Configuration, Crossing, Situation, Study
from twin.model.world import World


def assembly_world(*, racks_per_week: int = 8, trays_a_week: float = 1000, crews: float = 4, weeks: int = 14) -> World:
    """The world of levels with four of each station; a rack is 60 h of a crew at L10 and 24 h at L11."""
    levels = ({"level": "L10", "share": 1.0},)
    base, most = levels_world(levels=levels), {"wafer": 1000.0, "package": 1000.0, "tray": trays_a_week}
    capacity = {"bay": 4.0, "cell": 4.0, "crew": crews}
    return levels_world(
        levels=levels,
        weeks=weeks,
        racks_per_week=racks_per_week,
        resources=tuple(
            row(Resource, site=each.site, resource=each.resource, capacity=capacity[each.resource])
            for each in base.resources
        ),
        processes=tuple(
            each.model_copy(update={"capacity_per_week": most[each.item]}) if each.item in most else each
            for each in base.processes
        ),
    )


INTEGRATOR_DOWN = Situation(
    name="integrator-down",
    title="The integrator stands still for three weeks",
    disruptions=[Disruption(name="down", at=Target(site="integrator"), kind="outage", starts=day(35), lasts_weeks=3)],
)
CREWS_LATE = Situation(
    name="crews-late",
    title="The campus has no crews for three weeks",
    disruptions=[
        Disruption(
            name="late",
            at=Target(site="campus", resource="crew"),
            kind="capacity",
            starts=day(49),
            known_after_days=-7,
            lasts_weeks=3,
        )
    ],
)
CREWS = Crossing(
    name="crews",
    title="installation crews",
    table="resources",
    where={"site": "campus", "resource": "crew"},
    column="capacity",
    set=[1, 2, 3, 4],
    measure="racks_accepted",
)


def assembly_study(**parts: Any) -> Study:
    """On the campus, or in the factory; calm, unless situations are given."""
    given: dict[str, Any] = {
        "name": "assembly",
        "title": "Where are racks assembled?",
        "warm_start": "own",
        "replications": 1,
        "configurations": [
            Configuration(name="on-site", title="Racks are assembled on the campus"),
            Configuration(
                name="factory",
                title="Racks are assembled in the factory",
                changes=[Change(table="levels", set={"level": "L11"})],
            ),
        ],
        "situations": [Situation(name="calm")],
    }
    return Study(**(given | parts))
