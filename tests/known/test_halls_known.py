"""Two halls of one campus, of which a rack keeps the one that it was begun in: answers worked out by hand."""

from __future__ import annotations

from dataclasses import replace

from known.ladder import exact
from properties.hall_worlds import halls_of, with_halls
from properties.log_reading import work_done
from properties.worlds_generated import QUICK
from schedule.shops import SHORT
from schedule.test_schedule_kept import halls, of_tables
from worlds import STARTS, chain_world

from twin.model.case import make_case
from twin.model.distribution import constant
from twin.model.scenario import Scenario
from twin.model.state import RackInProcess, State
from twin.model.units import HOUR_S
from twin.schedule.solve import solve
from twin.study.ground import lay_ground
from twin.study.playbook import make_playbook
from twin.study.replicate import Arm, simulate_arm

BY_HAND = {"unit": "h", "source": "worked out by hand", "family": "Schedule"}
HOURS = {1: 2.0, 2: 4.0, 3: 1.0}
"""Assembly and test in the east, and the dock that both halls share."""


def five_racks_on_the_floor() -> Arm:
    """One place in the east, of 2 and 4 hours, two in the west, of 3 and 6; five racks are there at the start."""
    world = chain_world()
    hours = tuple(
        one.model_copy(update={"hours": constant(HOURS[one.step])}) if one.item == "rack_l11" else one
        for one in world.routings
    )
    docks = tuple(one.model_copy(update={"capacity": 9}) if one.resource == "bay" else one for one in world.resources)
    due = tuple(one.model_copy(update={"requested": STARTS}) for one in world.orders)
    world = world.model_copy(update={"routings": hours, "resources": docks, "orders": due})
    places = ({"bay": 1, "cell": 1}, {"bay": 2, "cell": 2})
    world = with_halls(world, "rack_l11", places, {1: (None, 3.0), 2: (None, 6.0)})
    rack = RackInProcess(site="integrator", item="rack_l11", step=1, remaining_s=2 * HOUR_S, destination="campus")
    ground = lay_ground(make_case(world, Scenario(name="halls", budgets=QUICK)))
    ground = replace(ground, day_one=State(racks=(rack,) * 5))
    return Arm(ground=ground, disruptions=(), playbook=make_playbook(ground, ()), seed=1)


def test_five_racks_in_a_quick_hall_and_a_slow_one() -> None:
    """In the east the k-th rack is tested after 2 + 4k hours, in the west two after 9 and the next two after 15.

    So the five soonest ends are 6, 9, 9, 10 and 14. All racks are overdue, so that the schedule has them; without
    noise so has the floor.
    """
    arm = five_racks_on_the_floor()
    assert arm.playbook.opening is not None
    (schedule,) = arm.playbook.opening.schedules
    log = simulate_arm(arm, 0, noise=False).log
    done = [work for work in work_done(log, arm.ground.network) if (work.site, work.step) == ("integrator", 2)][:5]
    planned_s = sorted(each.end_s for each in schedule.assignments if each.step == 2)[:5]
    assert planned_s == sorted(work.end_s for work in done) == [hour * HOUR_S for hour in (6, 9, 9, 10, 14)]
    exact("two halls, five racks: last test by the schedule", 14, planned_s[-1] / HOUR_S, **BY_HAND)
    exact("two halls, five racks: last test in the simulation", 14, done[-1].end_s / HOUR_S, **BY_HAND)
    racks = [halls_of(log)[work.item, work.order, work.unit] for work in done]
    assert sorted(racks) == [["east", "east"]] * 3 + [["west", "west"]] * 2


def test_a_rack_that_stays_is_later_than_one_that_may_be_carried_over() -> None:
    """Assembly takes 6 hours in the east and 2 in the west, the test 2 and 6, one place each; an hour at the dock.

    Four racks that stay: two in each hall, tested after 14 hours. If they could be carried over, one would
    be done in the west and three assembled there or in the east and tested in the east: after 10.
    """
    places = {"east bay": 1, "east cell": 1, "west bay": 1, "west cell": 1}
    for keeps, hours, how in ((True, 15, "stay"), (False, 11, "may be carried over")):
        schedule = solve(of_tables(halls(4, (6, 2), (2, 6), places=places, keeps=keeps), 4), SHORT, seed=1)
        assert schedule.status == "optimal"
        exact(f"two halls, four racks that {how}: makespan", hours, schedule.makespan_h, **BY_HAND)
