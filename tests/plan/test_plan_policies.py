"""Stocks under a policy in the plan, against answers by hand: whole weeks, so that the fluid is exact."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from properties.log_reading import lines
from properties.worlds_generated import arm_of
from simulate.sim_floor import WEEK_S
from simulate.test_sim_pull_plan import mixed
from worlds import SOURCE, STARTS, row, weekly_orders

from twin.disrupt.availability import availability
from twin.disrupt.resolved import ResolvedDisruption
from twin.model.case import make_case
from twin.model.order_book import order_book
from twin.model.rows_demand import Demand, Stock
from twin.model.rows_make import BomLine, Process
from twin.model.rows_network import Item, Lane, Site, Sourcing
from twin.model.scenario import Disruption, Scenario, Target
from twin.model.state import LotInProcess, Shipment, State
from twin.model.world import Settings, World
from twin.network.build import build_network
from twin.network.pulled import begun_by_policy
from twin.plan.buckets import plan_edges
from twin.plan.frame import plan_frame
from twin.plan.make import build_program, explain, make_plan
from twin.plan.policies import control_of, ordered_in
from twin.plan.record import PlanOptions, SupplyPlan
from twin.study.ground import lay_ground
from twin.study.replicate import simulate_arm

WEEKS = 10
PART, RACK = "part", "rack"


def shop(policy: str, review_days: float | None = None, **tables: Any) -> World:
    """Parts made at a in a week and brought in another, stocked at the campus, one for each of 8 racks a week.

    Racks are built at once. Orders fall due at the end of the sixth day, so each week's racks are wanted in it.
    """
    parts: dict[str, Any] = {
        "settings": Settings(starts=STARTS, report_weeks=WEEKS),
        "items": (row(Item, item=PART, kind="part", value_usd=10.0), row(Item, item=RACK, kind="rack", value_usd=50.0)),
        "sites": (row(Site, site="a", kind="component"), row(Site, site="campus", kind="datacenter")),
        "processes": (
            row(Process, process="make", site="a", item=PART, cycle_days=7, capacity_per_week=16),
            row(Process, process="build", site="campus", item=RACK, cycle_days=0),
        ),
        "bom": (row(BomLine, item=RACK, input=PART, quantity=1),),
        "lanes": (row(Lane, lane="road", origin="a", destination="campus", mode="truck", transit_days=7),),
        "stock": (row(Stock, site="campus", item=PART, policy=policy, review_days=review_days),),
        "orders": weekly_orders("campus", RACK, WEEKS, 8),
        "sources": (SOURCE,),
    }
    return World(name="shop", **(parts | tables))


def spares(policy: str, **tables: Any) -> World:
    """As the shop, with 8 parts a week sold off the stock, and no racks but one of another part."""
    stream = row(Demand, customer="bolt", site="campus", item=PART, every_days="0.875", quantity="1")
    orders = weekly_orders("campus", RACK, 1, 1)
    free = (row(BomLine, item=RACK, input="other", quantity=1),)
    other = row(Item, item="other", kind="part")
    world = shop(policy, **({"demand": (stream,), "orders": orders, "bom": free} | tables))
    return world.model_copy(update={"items": (*world.items, other)})


def planned(world: World, state: State | None = None, *hits: ResolvedDisruption, bound: bool = False) -> SupplyPlan:
    network = build_network(world)
    options = PlanOptions(objective="bound" if bound else "operational")
    begun = begun_by_policy(network, State()) if state is None else state
    return make_plan(network, availability(network, hits), begun, order_book(world), options)


def outage(first_week: int, weeks: int) -> ResolvedDisruption:
    disruption = Disruption(name="hit", at=Target(site="a"), kind="starts_blocked", starts=STARTS, lasts_weeks=weeks)
    begins_s, ends_s = first_week * WEEK_S, (first_week + weeks) * WEEK_S
    return ResolvedDisruption(disruption=disruption, starts_s=begins_s, known_s=0, ends_s=ends_s, recovered_s=ends_s)


def near(*values: float) -> Any:
    return pytest.approx(list(values), abs=1e-4)


def taken(plan: SupplyPlan) -> list[float]:
    return plan.production["build", "campus", RACK].tolist()


def test_what_is_taken_is_ordered_in_that_week_and_comes_a_lead_time_later() -> None:
    plan = planned(shop("base_stock(20)"))
    assert taken(plan) == near(*[8] * WEEKS)
    # Passed upstream at once, made to order, and on the way a week each: 16 of the 20 are under way.
    assert plan.production["make", "a", PART].tolist() == near(*[8] * WEEKS)
    assert plan.shipments["road", PART].tolist() == near(0, *[8] * (WEEKS - 1))
    assert plan.stock["campus", PART].tolist() == near(12, *[4] * (WEEKS - 1))
    assert plan.stock["a", PART].tolist() == near(*[0] * WEEKS)
    # The lane is asked a week before it has something to take.
    assert plan.open_orders["campus", PART].tolist() == near(*[8] * WEEKS)
    assert plan.open_orders["a", PART].tolist() == near(*[0] * WEEKS)
    assert plan.asked["build", "campus", RACK].tolist() == near(*[8] * WEEKS)


def test_what_is_on_hand_where_orders_pass_through_is_used_up_first() -> None:
    through = row(Stock, site="a", item=PART, policy="plan", on_hand=24)
    world = shop("base_stock(20)")
    plan = planned(world.model_copy(update={"stock": (*world.stock, through)}))
    made = plan.production["make", "a", PART]
    # What is there need not be made; nothing of it waits for the end of the plan.
    assert made.sum() == pytest.approx(8 * WEEKS - 24, abs=1e-3)
    assert made[:2].tolist() == near(0, 0)


@pytest.mark.parametrize("policy", ["base_stock(10)", "reorder(4, 11)", "order_up_to(5, 14)"])
def test_what_is_held_beyond_the_position_is_used_up_before_customers_have_more_made(policy: str) -> None:
    over = row(Stock, site="campus", item=PART, policy=policy, on_hand=60)
    plan = planned(spares(policy, stock=(over,)))
    # 50 are over: six weeks' worth and 2 of the seventh, though from then on customers wait for two weeks.
    assert plan.production["make", "a", PART].tolist() == near(*[0] * 6, 6, 8, 8, 8)


def test_capital_is_tied_up_for_the_whole_position_and_none_is_saved_by_running_it_down() -> None:
    held, free = planned(shop("base_stock(20)")), planned(shop("plan"), State(on_hand={("campus", PART): 20.0}))
    assert free.stock["campus", PART][-1] == pytest.approx(0, abs=1e-4)
    assert free.production["make", "a", PART].sum() == pytest.approx(8 * WEEKS - 20, abs=1e-3)
    assert held.production["make", "a", PART].sum() == pytest.approx(8 * WEEKS, abs=1e-3)


def test_a_stock_made_to_order_is_asked_a_lead_time_before_it_gives() -> None:
    plan = planned(shop("base_stock(0)"))
    asked, got = plan.asked["build", "campus", RACK], np.array(taken(plan))
    assert got[:2].tolist() == near(0, 0)
    # Late by two weeks at first, and never short again: what was missed is made good at the maker's 16 a week.
    assert got.tolist() == near(0, 0, 16, 16, *[8] * (WEEKS - 4))
    assert got[2:].tolist() == near(*asked[:-2].tolist())
    assert plan.stock["campus", PART].tolist() == near(*[0] * WEEKS)


def test_cards_limit_what_flows_to_so_many_in_a_lead_time() -> None:
    # Twelve cards go round in two weeks and the time of filling: by Little's law at most six a week get through.
    plan = planned(shop("kanban(12)", lanes=(_road(7),), processes=_making(7)))
    got = np.array(taken(plan))
    assert got[:2].sum() == pytest.approx(12, abs=1e-3)
    assert max(got[i] + got[i + 1] for i in range(WEEKS - 1)) <= 12 + 1e-3
    assert not plan.asked


def _road(days: float) -> Lane:
    lane = row(Lane, lane="road", origin="a", destination="campus", mode="truck", transit_days=days)
    assert isinstance(lane, Lane)
    return lane


def _making(days: float, **cells: Any) -> tuple[Process, ...]:
    cells = {"capacity_per_week": 16, "cycle_days": days} | cells
    return (
        row(Process, process="make", site="a", item=PART, **cells),
        row(Process, process="build", site="campus", item=RACK, cycle_days=0),
    )


def test_a_review_orders_the_week_before_at_its_end() -> None:
    plan = planned(shop("base_stock(30)", 7))
    assert taken(plan) == near(*[8] * WEEKS)
    assert plan.production["make", "a", PART].tolist() == near(0, *[8] * (WEEKS - 1))
    assert plan.stock["campus", PART].tolist() == near(22, 14, *[6] * (WEEKS - 2))


def test_an_outage_upstream_takes_from_the_position_what_is_missing_and_gives_it_back_after() -> None:
    """Nothing is begun in weeks 3 and 4; parts ordered then, 16, are begun in weeks 5 and 6 at the most, 16 a week."""
    calm, hit = planned(spares("base_stock(20)")), planned(spares("base_stock(20)"), None, outage(2, 2))
    key = ("bolt", "campus", PART)
    assert calm.backlog[key].tolist() == near(*[0] * WEEKS)
    assert calm.stock["campus", PART].tolist() == near(12, *[4] * (WEEKS - 1))
    assert hit.production["make", "a", PART].tolist() == near(8, 8, 0, 0, 16, 16, *[8] * (WEEKS - 6))
    assert hit.open_orders["a", PART].tolist() == near(0, 0, 8, 16, 8, *[0] * (WEEKS - 5))
    assert hit.stock["campus", PART].tolist() == near(12, 4, 4, 4, 0, 0, 0, *[4] * (WEEKS - 7))
    assert hit.backlog[key].tolist() == near(0, 0, 0, 0, 4, 12, 4, *[0] * (WEEKS - 7))


def test_what_is_missing_from_the_position_is_ordered_at_once_and_what_is_over_is_used_up_first() -> None:
    short = planned(spares("base_stock(20)"), State(on_hand={("campus", PART): 8.0}))
    assert short.production["make", "a", PART][:3].tolist() == near(16, 12, 8)
    over = planned(spares("base_stock(20)"), State(on_hand={("campus", PART): 31.0}))
    assert over.production["make", "a", PART][:4].tolist() == near(0, 5, 8, 8)


def test_what_is_under_way_in_the_state_counts_in_the_position() -> None:
    state = State(
        on_hand={("campus", PART): 4.0},
        in_transit=(Shipment(lane="road", item=PART, quantity=8, arrives_s=WEEK_S // 2),),
        in_process=(LotInProcess(process="make", site="a", item=PART, quantity=8, ready_s=WEEK_S // 2),),
    )
    plan = planned(shop("base_stock(20)"), state)
    # The lot at a is for the campus, which has asked for it: with the 12 of its own it holds 20, and a holds nothing.
    assert plan.production["make", "a", PART].tolist() == near(*[8] * WEEKS)
    assert plan.stock["campus", PART].tolist() == near(*[4] * WEEKS)


def test_scrap_is_made_again_so_that_what_comes_is_what_is_taken() -> None:
    plan = planned(shop("base_stock(20)", processes=_making(7, yield_fraction=0.8)))
    assert plan.production["make", "a", PART].tolist() == near(*[10] * WEEKS)
    assert plan.stock["campus", PART].tolist() == near(12, *[4] * (WEEKS - 1))


def test_a_policy_orders_over_its_first_way_alone_whatever_the_shares() -> None:
    sites = (row(Site, site="a", kind="component"), row(Site, site="b", kind="component"),
             row(Site, site="campus", kind="datacenter"))  # fmt: skip
    processes = (*_making(7), row(Process, process="make-b", site="b", item=PART, cycle_days=0))
    lanes = (_road(7), row(Lane, lane="to-b", origin="b", destination="campus", mode="air", transit_days=0))
    sourcing = tuple(
        row(Sourcing, item=PART, supplier=name, consumer="campus", share_max=0.6, share_min=0.2) for name in "ab"
    )
    world = shop("base_stock(20)", sites=sites, processes=processes, lanes=lanes, sourcing=sourcing)
    plan = planned(world)
    assert plan.status == "optimal"
    assert plan.shipments["to-b", PART].sum() == 0
    assert plan.production["make", "a", PART].tolist() == near(*[8] * WEEKS)


@pytest.mark.parametrize(
    ("policy", "position"),
    [("base_stock(6)", 6), ("reorder(3, 4)", 5.5), ("order_up_to(3, 8)", 6), ("kanban(6)", 6)],
)
def test_the_mean_position_of_a_policy(policy: str, position: float) -> None:
    network = build_network(shop(policy))
    edges = plan_edges(network.world.settings, PlanOptions(), 0)
    frame = plan_frame(network, availability(network, ()), State(), order_book(network.world), edges, "operational")
    assert control_of(frame, ("campus", PART)).position == position
    assert control_of(frame, ("a", PART)).position == 0
    assert not plan_frame(network, frame.availability, State(), frame.orders, edges, "bound").sources


@pytest.mark.parametrize(("policy", "position"), [("base_stock(6)", 7.5), ("reorder(3, 4)", 5.5), ("kanban(6)", 4.5)])
def test_lots_hold_more_than_is_ordered_and_cards_wait_for_them(policy: str, position: float) -> None:
    world = shop("plan", stock=(row(Stock, site="a", item=PART, policy=policy),), processes=_making(7, lot_size=4))
    network = build_network(world)
    edges = plan_edges(world.settings, PlanOptions(), 0)
    frame = plan_frame(network, availability(network, ()), State(), order_book(world), edges, "operational")
    assert control_of(frame, ("a", PART)).position == position


def test_what_is_asked_between_reviews_is_ordered_at_the_next() -> None:
    network = build_network(shop("base_stock(6)"))
    edges = np.array([0, 1, 2, 3, 4]) * WEEK_S
    frame = plan_frame(network, availability(network, ()), State(), (), edges, "operational")
    shares, first = ordered_in(frame, 1.5 * WEEK_S)
    told = [tuple(each) for each in zip(shares.start.tolist(), shares.end.tolist(), shares.share.tolist(), strict=True)]
    # At 1.5 and 3; what comes after 3 waits for 4.5, which is after the plan.
    assert told == [(0, 1, 1.0), (1, 1, 0.5), (1, 3, 0.5), (2, 3, 1.0)]
    assert first == 1


def test_an_average_of_reviews_holds_its_cover_of_what_is_asked() -> None:
    plan = planned(shop("moving_average(4, 3)", 7))
    # Empty at first, 24 are ordered at the first review, and 8 each time after it.
    made = plan.production["make", "a", PART]
    assert made[0] == pytest.approx(0, abs=1e-3)
    assert made.sum() + plan.open_orders["a", PART][-1] == pytest.approx(
        24 + plan.asked["build", "campus", RACK][:-1].sum(), rel=0.05
    )


def test_a_bound_is_free_at_a_policy_and_so_no_less_than_any_plan() -> None:
    world = shop("base_stock(0)")
    plan, bound = planned(world), planned(world, bound=True)
    assert bound.value >= plan.deliveries["acme", "campus", RACK].sum() - 1e-6
    assert not bound.open_orders


def test_day_one_holds_what_the_policy_begins_with_and_the_floor_opens_with_the_same() -> None:
    arm = arm_of(mixed("base_stock(6)"), ())
    state, made = arm.ground.day_one, ("tray-assembly", "trays", "tray")
    assert state.on_hand["trays", "tray"] == 6
    assert made not in {(lot.process, lot.site, lot.item) for lot in state.in_process}
    log = simulate_arm(arm, 0).log
    opened = {(each.site, each.item): each.quantity for each in lines(log) if each.event == "opened"}
    assert opened["trays", "tray"] == 6
    told = lay_ground(make_case(mixed("base_stock(6)", on_hand=2), Scenario(name="told")))
    assert told.day_one.on_hand["trays", "tray"] == 2


@pytest.mark.parametrize("site", ["trays", "integrator"])
@pytest.mark.parametrize(
    ("policy", "within"),
    [("base_stock(6)", 2), ("base_stock(0)", 2), ("kanban(6)", 2), ("reorder(3, 4)", 4), ("order_up_to(3, 8)", 5)],
)
def test_a_floor_without_noise_does_what_the_plan_reckons_with(policy: str, within: int, site: str) -> None:
    """Trays started and shipped by the end of each week, within an order or the two trays of a rack."""
    arm = arm_of(mixed(policy, site), ())
    assert arm.playbook.opening is not None
    plan, log = arm.playbook.opening.plan, simulate_arm(arm, 0).log
    ends = plan.edges_s[1:][plan.edges_s[1:] <= log.report_s]
    wanted = (("started", plan.production["tray-assembly", "trays", "tray"]),
              ("shipped", plan.shipments["trays-integrator", "tray"]))  # fmt: skip
    for event, series in wanted:
        done = [(each.time_s, each.quantity) for each in lines(log) if (each.event, each.item) == (event, "tray")]
        floor = np.array([sum(quantity for time_s, quantity in done if time_s < end_s) for end_s in ends])
        assert np.abs(floor - np.cumsum(series)[: len(ends)]).max() <= within + 1e-6, event


def test_a_maker_that_keeps_orders_open_has_a_price() -> None:
    """A maker of 7 a week falls behind 8 wanted: one more a week is worth rack-weeks, and racks."""
    world = shop("base_stock(20)", processes=_making(7, capacity_per_week=7))
    network = build_network(world)
    state, lines_of = begun_by_policy(network, State()), order_book(world)
    plan = planned(world)
    found = explain(network, availability(network, ()), state, lines_of, plan)
    (binding,) = [each for each in found if each.name == "make at a"]
    assert binding.rack_weeks_per_unit > 0


def test_a_row_under_the_plan_changes_nothing() -> None:
    found = []
    for stock in ((), shop("plan").stock):
        network = build_network(shop("plan", stock=stock))
        edges = plan_edges(network.world.settings, PlanOptions(), 0)
        frame = plan_frame(network, availability(network, ()), State(), order_book(network.world), edges, "operational")
        scaled = build_program(frame, State()).linear.scaled()
        found.append([part.tolist() for part in (scaled.upper, scaled.cost, scaled.row_lower, *scaled.matrix)])
    assert found[0] == found[1]
