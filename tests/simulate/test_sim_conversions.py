"""Conversions as the simulation runs them, worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from properties.log_reading import balance_gaps
from properties.worlds_generated import QUICK
from simulate.sim_floor import DAY_S, HOUR_S, WEEK_S, column, rows
from worlds import SOURCE, config_order, day, row, two_configs_world, weekly_orders

from twin.events.record import Log
from twin.metrics.deliveries import factory_cycle_days
from twin.metrics.facts import facts_from
from twin.metrics.late_orders import late_orders
from twin.metrics.lineage import lineage
from twin.metrics.stations import conversions
from twin.metrics.view import View
from twin.metrics.waiting import waiting_rows
from twin.model.case import make_case
from twin.model.rows_demand import Readiness
from twin.model.rows_make import Process, Resource
from twin.model.rows_network import Item, Site
from twin.model.scenario import Disruption, Scenario, Target
from twin.model.state import LotInProcess, State
from twin.model.world import Settings, World
from twin.network.record import Network
from twin.study.ground import lay_ground
from twin.study.late import late_world
from twin.study.playbook import make_playbook
from twin.study.replicate import Arm, simulate_arm

CONVERSION = "process:conversion of rack_a@integrator"
FOUR_RACKS = State(on_hand={("integrator", "rack_a"): 4.0})
EIGHT_H = 8 * HOUR_S


def arm_of(world: World, state: State, hits: Sequence[Disruption] = ()) -> Arm:
    case = make_case(world, Scenario(name="conversions", seed=1, disruptions=list(hits), budgets=QUICK))
    ground = replace(lay_ground(case), day_one=state)
    return Arm(ground=ground, disruptions=tuple(hits), playbook=make_playbook(ground, hits), seed=1)


def run(world: World, state: State, hits: Sequence[Disruption] = ()) -> tuple[Log, Network]:
    arm = arm_of(world, state, hits)
    log, network = simulate_arm(arm, 0).log, arm.ground.network
    assert balance_gaps(log, network) == []
    return log, network


def at(log: Log, event: str, place: str = CONVERSION) -> list[dict[str, float]]:
    """The rows of an event at a place."""
    return [each for each in rows(log, event) if log.places[int(each["place"])] == place]


def accepted_s(log: Log, order: str) -> list[float]:
    code = log.orders.index(order)
    return [each["time_s"] for each in rows(log, "accepted") if each["order"] == code]


def test_racks_are_converted_as_the_plan_wants_and_ship_when_they_are_done() -> None:
    """The plan converts four in the first week, one every 42 h; each takes 8 h, 24 on its lane, 12 in the hall."""
    log, _ = run(two_configs_world(), FOUR_RACKS)
    starts = [each["time_s"] for each in at(log, "started")]
    assert starts == pytest.approx([WEEK_S * part / 4 for part in (1, 2, 3, 4)], abs=60)
    assert [each["time_s"] for each in at(log, "produced")] == [start + EIGHT_H for start in starts]
    assert accepted_s(log, "for_b") == [start + EIGHT_H + 36 * HOUR_S for start in starts]
    a, b = log.items.index("rack_a"), log.items.index("rack_b")
    assert {each["item"] for each in at(log, "started")} == {b}
    used = [each for each in at(log, "consumed", "site:integrator") if each["item"] == a]
    assert [(each["time_s"], each["quantity"]) for each in used] == [(start, 1.0) for start in starts]
    # A's order has four racks all the same, built anew.
    assert len(accepted_s(log, "for_a")) == 4


def test_a_converted_rack_keeps_its_number_and_changes_its_order() -> None:
    log, _ = run(two_configs_world(), FOUR_RACKS)
    converted = [each["parent"] for each in at(log, "started")]
    assert len(set(converted)) == 4
    assert min(converted) >= 0
    shipped = {each["parent"]: each["order"] for each in at(log, "shipped", "lane:to_b")}
    assert shipped == dict.fromkeys(converted, float(log.orders.index("for_b")))
    assert {each["parent"] for each in at(log, "shipped", "lane:to_a")}.isdisjoint(converted)
    built = {each["unit"] for each in at(log, "started", "process:racks@integrator")}
    assert built == {4.0, 5.0, 6.0, 7.0}, "the four that A's order gave up are not numbered again"


def test_racks_wanted_by_nobody_else_stand_until_they_are_converted() -> None:
    """Ready to leave for A's hall, but the plan ships none there before it has converted all four."""
    log, _ = run(two_configs_world(), FOUR_RACKS)
    first_to_a = min(each["time_s"] for each in at(log, "shipped", "lane:to_a"))
    assert first_to_a > max(each["time_s"] for each in at(log, "started"))


def test_a_rack_that_its_own_customer_wants_first_is_not_converted() -> None:
    """Two stand there, A's is due in the third week and B's in the fourth: one goes each way."""
    orders = (config_order("for_a", "a", 1, 20), config_order("for_b", "b", 1, 27))
    log, _ = run(two_configs_world(orders=orders), State(on_hand={("integrator", "rack_a"): 2.0}))
    assert len(at(log, "started")) == 1
    assert accepted_s(log, "for_a")[0] <= 21 * DAY_S
    assert accepted_s(log, "for_b")[0] <= 28 * DAY_S


HARBOUR = Disruption(name="harbour", at=Target(lane="to_a"), kind="outage", starts=day(4), lasts_weeks=8)
FOUR_BOARDS = State(on_hand={("integrator", "board"): 4.0})


def one_of_each(hours: float = 8.0) -> World:
    """Four racks for A are due in the first week, and four for B in the second; there are boards for four."""
    orders = (config_order("for_a", "a", 4, 6), config_order("for_b", "b", 4, 13))
    world = two_configs_world(hours=hours, orders=orders)
    if hours:
        return world
    return world.model_copy(
        update={"items": tuple(item.model_copy(update={"convertible_to": ""}) for item in world.items)}
    )


def test_a_customer_who_cannot_be_reached_helps_the_other() -> None:
    """The lane to A breaks down on day 4, while a rack for A is on the floor: the new plan makes it B's."""
    log, _ = run(one_of_each(), FOUR_BOARDS, (HARBOUR,))
    bare, _ = run(one_of_each(0), FOUR_BOARDS, (HARBOUR,))
    (start,) = at(log, "started")
    assert start["time_s"] >= 4 * DAY_S
    (built,) = [each for each in at(log, "started", "process:racks@integrator") if each["parent"] == start["parent"]]
    assert log.items[int(built["item"])] == "rack_a"
    assert accepted_s(log, "for_b")[2] < accepted_s(bare, "for_b")[2] - 7 * DAY_S
    assert max(accepted_s(log, "for_b")) < max(accepted_s(bare, "for_b"))


def test_why_tells_of_the_conversion() -> None:
    """B's one rack came of a conversion, and is late: its links add up, one of them the conversion's."""
    orders = (config_order("for_b", "b", 1, 0), config_order("for_a", "a", 1, 69))
    arm = arm_of(two_configs_world(orders=orders), State(on_hand={("integrator", "rack_a"): 1.0}))
    view = View(simulate_arm(arm, 0).log, facts_from(arm.ground.network))
    assert arm.playbook.opening is not None
    (late,) = late_orders(view, late_world(arm, arm.playbook.opening.plan, {})).orders
    assert late.order == "for_b"
    assert sum(link.days for link in late.links) == pytest.approx(late.delay_days, abs=1e-9)
    assert not any("floor" in link.what or "steps" in link.what for link in late.links)
    start = view.all("started").where(view.is_conversion[view.all("started").place])
    frozen = Disruption(name="fire", at=Target(site="integrator"), kind="outage",
                        starts=day(int(start.time_s[0] // DAY_S)), lasts_days=9)  # fmt: skip
    hit = arm_of(two_configs_world(orders=orders), State(on_hand={("integrator", "rack_a"): 1.0}), (frozen,))
    told = late_orders(
        View(simulate_arm(hit, 0).log, facts_from(hit.ground.network)), late_world(hit, arm.playbook.opening.plan, {})
    )
    (again,) = [order for order in told.orders if order.order == "for_b"]
    assert sum(link.days for link in again.links) == pytest.approx(again.delay_days, abs=1e-9)
    assert any("fire" in link.because for link in again.links)


def test_the_lots_inside_a_rack_stay_with_it() -> None:
    """One kit each, under the rack's own number, and none for its conversion."""
    log, network = run(one_of_each(), FOUR_BOARDS, (HARBOUR,))
    view = View(log, facts_from(network))
    (start,) = at(log, "started")
    found = lineage(view)
    mine = (found.parent == start["parent"]) & (found.item == log.items.index("board"))
    assert found.quantity[mine].tolist() == [1.0]


def test_measures_know_a_conversion_from_a_making() -> None:
    log, network = run(two_configs_world(), FOUR_RACKS)
    view = View(log, facts_from(network))
    assert conversions(view) == 4
    assert factory_cycle_days(view) == pytest.approx(1.0)
    (waiting,) = [each for each in waiting_rows(log, network) if each.stage == "truck"]
    # Four racks stand from the start until their conversions: 42, 84, 126 and 168 hours.
    assert waiting.rack_days == pytest.approx(420 / 24, rel=0.01)
    assert np.isnan(conversions(View(log, replace(facts_from(network), conversions=frozenset()))))


def test_work_lost_in_a_fire_is_owed_again_and_leaves_its_place() -> None:
    """The making of B's racks stops for a week as one is under conversion, and loses all work: B gets another one."""
    fire = Disruption(name="fire", at=Target(site="integrator", item="rack_b"), kind="outage", starts=day(2),
                      lasts_weeks=1, wip_lost=1.0)  # fmt: skip
    places = row(Resource, site="integrator", resource="finished_rack_places", capacity=4)
    base = two_configs_world(hours=24)
    log, _ = run(base.model_copy(update={"resources": (*base.resources, places)}), FOUR_RACKS, (fire,))
    (lost,) = at(log, "scrapped")
    assert lost["time_s"] == 2 * DAY_S
    assert log.orders[int(lost["order"])] == "for_b"
    numbers = {each["unit"] for each in at(log, "started")}
    assert len(numbers) == len(at(log, "started")) == 4
    assert len(accepted_s(log, "for_b")) == 4, "three that were converted, and one built anew"


def test_a_standstill_lengthens_a_conversion() -> None:
    """Begun at hour 42, and stopped from hour 48 to 72 with two hours of work left."""
    fire = Disruption(name="fire", at=Target(site="integrator"), kind="outage", starts=day(2), lasts_days=1,
                      known_after_days=5)  # fmt: skip
    log, _ = run(two_configs_world(), FOUR_RACKS, (fire,))
    first = at(log, "produced")[0]
    assert first["since_s"] == pytest.approx(42 * HOUR_S, abs=60)
    assert first["time_s"] - first["since_s"] == 32 * HOUR_S


def test_racks_under_conversion_on_day_one_come_out_and_ship() -> None:
    under_way = LotInProcess(
        process="conversion of rack_a", site="integrator", item="rack_b", quantity=1, ready_s=6 * HOUR_S
    )
    log, _ = run(two_configs_world(orders=(config_order("for_b", "b", 1, 20),)), State(in_process=(under_way,)))
    (done,) = at(log, "produced")
    assert done["time_s"] == 6 * HOUR_S
    assert accepted_s(log, "for_b") == [42 * HOUR_S]


def test_racks_wait_at_the_factory_for_power_and_are_converted_there() -> None:
    """A's hall has no position until week 8 and racks leave when their place is ready; B's order comes of A's racks."""
    ready = (
        row(Readiness, site="hall_a", rack_positions=0),
        row(Readiness, site="hall_a", rack_positions=9, **{"from": day(56)}),
    )
    settings = Settings(starts=day(0), report_weeks=12, schedule_weeks=1, ship_when="powered")
    log, _ = run(two_configs_world(settings=settings, readiness=ready), FOUR_RACKS)
    assert len(at(log, "started")) == 4
    assert len(accepted_s(log, "for_b")) == 4
    assert min(accepted_s(log, "for_a")) >= 56 * DAY_S


# --- in lots, at one site ---------------------------------------------------------------------


def chip_world(hours: float = 12.0) -> World:
    """One fab makes chips for A and for B in four weeks, ten a week; A's may be made into B's."""
    return World(
        name="chips",
        settings=Settings(starts=day(0), report_weeks=12),
        items=(
            row(Item, item="chip_a", kind="chip", value_usd=5.0, convertible_to="chip_b", conversion_hours=hours),
            row(Item, item="chip_b", kind="chip", value_usd=5.0),
        ),
        sites=(row(Site, site="fab", kind="fab"),),
        processes=tuple(
            row(Process, process="making", site="fab", item=f"chip_{one}", cycle_days=28, capacity_per_week=10)
            for one in "ab"
        ),
        orders=(
            *weekly_orders("fab", "chip_b", 1, 6, customer="b"),
            row(type(config_order("x", "a", 1, 1)), order="for_a", customer="a", site="fab", item="chip_a", quantity=6,
                requested=day(55)),
        ),
        sources=(SOURCE,),
    )  # fmt: skip


def test_stock_that_is_wanted_for_conversion_is_kept_from_a_later_order() -> None:
    """Six of A are there: six for B are due in a week, six for A in eight, who ordered at the same time."""
    log, _ = run(chip_world(), State(on_hand={("fab", "chip_a"): 6.0}))
    b, a = accepted_s(log, "order-01"), accepted_s(log, "for_a")
    assert len(b) == 6
    assert max(b) <= 7 * DAY_S + 12 * HOUR_S
    assert min(a) >= 28 * DAY_S
    starts = at(log, "started", "process:conversion of chip_a@fab")
    assert [each["quantity"] for each in starts] == [1.0] * 6
    assert {each["lot"] for each in at(log, "produced", "process:conversion of chip_a@fab")} == {
        each["parent"] for each in rows(log, "consumed")
    }
    gaps = column(log, "produced", "time_s")[:6] - np.array([each["time_s"] for each in starts])
    assert gaps.tolist() == [12 * HOUR_S] * 6
