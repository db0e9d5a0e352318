"""Fewer technicians for a week, by dated rows of `resources`: schedule and floor lose the days worked out by hand."""

from __future__ import annotations

import pytest
from schedule.shops import GRID_S, SHORT
from simulate.sim_floor import column, run_pull
from worlds import day, row, shop_world

from twin.disrupt.availability import availability
from twin.model.rows_demand import Order
from twin.model.rows_make import CalendarRow
from twin.model.units import DAY_S, HOUR_S, WEEK_S
from twin.model.world import World
from twin.network.build import build_network
from twin.schedule.problem import schedule_problem
from twin.schedule.record import Release
from twin.schedule.solve import solve

JOBS = 28
HALVED = [{"capacity": 2}, {"capacity": 1, "from": day(7)}, {"capacity": 2, "from": day(14)}]
RAMPED = [{"capacity": 2, "ramp": f"{day(0)}:1; {day(6)}:1; {day(7)}:0.5; {day(13)}:0.5; {day(14)}:1"}]


def attended_world(crew: list[dict[str, object]]) -> World:
    """Jobs of ten open hours, a technician each, from eight to six every day: two a day with two technicians."""
    rows = [{"resource": "technician", "calendar": "day", **cells} for cells in crew]
    batch = row(Order, order="batch", customer="acme", site="shop", item="job", quantity=JOBS, requested=day(13))
    world = shop_world(
        "crew", [{"name": "work", "hours": "10", "resource": "technician"}], rows, report_weeks=5, orders=(batch,)
    )
    seizes = tuple(use.model_copy(update={"attended": True}) for use in world.routing_resources)
    hours = row(CalendarRow, calendar="day", weekday="daily", opens="08:00", closes="18:00")
    return world.model_copy(update={"routing_resources": seizes, "calendars": (hours,)})


@pytest.mark.parametrize(
    ("crew", "last_day"),
    [
        # Two a day: 28 jobs in 14 days. Halved for the second week: 14, then 7, then 7 more at two a day: 4 days later.
        ([{"capacity": 2}], 13),
        (HALVED, 17),
        (RAMPED, 17),
    ],
    ids=["whole", "halved by dates", "halved by a ramp"],
)
def test_half_of_the_technicians_for_a_week(crew: list[dict[str, object]], last_day: int) -> None:
    """Seven jobs are not done in that week; at two a day they take four days more."""
    world = attended_world(crew)
    ends_s = last_day * DAY_S + 18 * HOUR_S
    produced_s = column(run_pull(world).log, "produced", "time_s")
    assert (len(produced_s), produced_s.max()) == (JOBS, ends_s)

    network = build_network(world)
    releases = [Release(order="batch", unit=n, item="job", release_s=0, due_s=0, weight=1.0) for n in range(JOBS)]
    problem = schedule_problem(network, availability(network, ()), "shop", 0, 3 * WEEK_S, releases)
    schedule = solve(problem, SHORT, seed=1)
    assert max(each.end_s for each in schedule.assignments) == ends_s
    assert all((each.start_s - 8 * HOUR_S) % DAY_S % GRID_S == 0 for each in schedule.assignments)
