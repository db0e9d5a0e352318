"""What `twin schedule` answers: what is known by the start is reckoned with, and what cannot be scheduled says why."""

from __future__ import annotations

from typing import Any

from worlds import STARTS, chain_world, day, row

from twin.events.views import ScheduleView
from twin.model.case import make_case
from twin.model.rows_make import CalendarRow, Resource, RoutingResource
from twin.model.scenario import Budgets, Case, Disruption, Scenario, Target
from twin.model.world import World
from twin.study.ground import silent
from twin.study.views import schedule_case

QUICK = Budgets(schedule_deterministic_seconds=0.05, schedule_dispatch_trials=1)


def case_of(world: World, *disruptions: Disruption) -> Case:
    return make_case(world, Scenario(name="small", budgets=QUICK, disruptions=list(disruptions)))


def view_of(world: World, *disruptions: Disruption) -> ScheduleView:
    return schedule_case(case_of(world, *disruptions), None, 1, silent)


def cut(known_after_days: float) -> Disruption:
    """One of two bays is away in the first week."""
    return Disruption(
        name="cut",
        at=Target(site="integrator", resource="bay"),
        kind="capacity",
        capacity_left=0.5,
        starts=STARTS,
        known_after_days=known_after_days,
        lasts_weeks=1,
    )


def bays(view: ScheduleView) -> float:
    """The largest bay that is used."""
    return max(bar.bay for bar in view.gantt if bar.name == "assemble")


def test_what_is_known_by_the_start_is_in_the_first_schedule() -> None:
    world = chain_world(racks_per_week=4)
    announced, unknown = view_of(world, cut(-7)), view_of(world, cut(2))
    assert (announced.foreseen, unknown.foreseen) == (["cut"], [])
    assert bays(announced) == 1
    assert unknown.schedules == view_of(world).schedules


def crewless(**cells: Any) -> World:
    """Four racks a week that need three crews at the integrator, where the table has a row of them."""
    base = chain_world(racks_per_week=4)
    crew = row(Resource, site="integrator", resource="crew", **cells)
    seized = row(RoutingResource, item="rack_l11", level="L11", step=1, resource="crew", amount=3, attended=True)
    shut = row(CalendarRow, calendar="shut", closed_from=STARTS, closed_to=day(7 * 52))
    return base.model_copy(
        update={
            "resources": (*base.resources, crew),
            "routing_resources": (*base.routing_resources, seized),
            "calendars": (shut,),
        }
    )


def test_a_site_whose_racks_cannot_be_scheduled_has_a_reason_and_no_hours() -> None:
    (found,) = view_of(crewless(capacity=2)).schedules
    assert (found.site, found.status) == ("integrator", "infeasible")
    assert found.reason.endswith("needs 3 of crew at integrator, where there is never more than 2")
    assert found.tardiness_h is found.makespan_h is found.flow_bound_h is None


def test_a_crew_that_never_works_again_is_no_reason_to_begin_centuries_ago() -> None:
    """Day one is planned from before the calendar shut: there the lead time is that of an open crew."""
    view = view_of(crewless(capacity=3, calendar="shut"))
    assert all(each.reason or each.tardiness_h is not None for each in view.schedules)
