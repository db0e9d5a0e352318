"""Promises on tiny worlds: dates, chances, whose order slips, and what would lift an order."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from worlds import chain_world, noisy_chain_world, queue_world, row, weekly_orders

from twin import api
from twin.events.promise import Asked, PromiseView, Slip, StageWait
from twin.model.case import make_case
from twin.model.distribution import constant
from twin.model.problems import InputError, RunError
from twin.model.rows_demand import Readiness
from twin.model.rows_make import Resource, RoutingResource
from twin.model.rows_network import Lane, Site
from twin.model.scenario import Budgets, Case, Change, Scenario
from twin.model.state import State
from twin.model.units import DAY_S
from twin.study.asked import check_asked, with_order
from twin.study.buffers import why_waiting
from twin.study.ground import lay_ground
from twin.study.order_replays import OrderReplay, Planned
from twin.study.playbook import Playbook
from twin.study.promise import slip_of, with_new
from twin.study.replicate import Arm
from twin.study.room import full_until

LIMITS = Budgets(schedule_deterministic_seconds=0.05, schedule_dispatch_trials=1, on_time_replays=12)

FEW = LIMITS.model_copy(update={"on_time_replays": 3})


def calm() -> Case:
    return make_case(noisy_chain_world(), Scenario(name="calm", budgets=LIMITS))


def new(quantity: int = 2, **parts: object) -> Asked:
    return Asked(customer="acme", site="campus", item="rack_accepted", quantity=quantity, **parts)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def known(folder: Path) -> PromiseView:
    return api.promise(calm(), Asked(order="order-05"), workers=1, out=folder)


def test_a_priority_after_all_others_lets_later_orders_pass(folder: Path) -> None:
    """The plan fills a customer's orders by due date; the floor gives racks by priority first."""
    few = calm().model_copy(update={"scenario": calm().scenario.model_copy(update={"budgets": FEW})})
    last = api.promise(few, new(quantity=2, priority=9, by="2026-03-08"), workers=1, out=folder)
    assert last.planned <= "2026-03-15"
    later = [order for order in calm().world.orders if order.requested.isoformat() >= last.planned]
    assert last.ahead >= 2 * len(later) > 0
    first = api.promise(few, new(quantity=2, priority=1, by="2026-03-08"), workers=1, out=folder)
    assert first.ahead == 0
    assert first.dates[0].date < (last.dates[0].date or "9999")


def test_an_order_of_the_book_has_the_chance_that_a_run_tells(known: PromiseView, folder: Path) -> None:
    """The replays of a promise are those of a run: all weeks replayed."""
    scenario = Scenario(name="calm", replications=1, budgets=LIMITS.model_copy(update={"on_time_weeks": 12}))
    run = api.run(make_case(noisy_chain_world(), scenario), workers=1, out=folder)
    assert run.on_time is not None
    [row] = [order for order in run.on_time.orders if order.order == "order-05"]
    assert (known.due, known.planned) == (row.due, row.promised)
    assert (known.by_due, known.by_plan) == (row.by_due, row.by_promise)
    assert [date.date for date in known.dates] == [row.dates.p50, row.dates.p80, row.dates.p95]
    assert not known.is_new
    assert known.slips == []


def test_two_workers_promise_the_same(known: PromiseView, folder: Path) -> None:
    assert api.promise(calm(), Asked(order="order-05"), workers=2, out=folder) == known


def test_dates_rise_with_the_chance_and_lie_in_their_intervals(known: PromiseView) -> None:
    dates = [date.date for date in known.dates]
    assert dates == sorted(dates)
    for date in known.dates:
        assert (date.low or "") <= date.date <= (date.high or "9999")


def test_buffers_are_what_is_missing_at_the_target(known: PromiseView) -> None:
    buffers = known.buffers
    assert buffers is not None
    assert known.by_due.value < buffers.target
    assert buffers.hours > 0
    assert 1 <= buffers.racks <= known.quantity
    assert buffers.waits[0].hours_per_rack == max(wait.hours_per_rack for wait in buffers.waits)
    assert buffers.note.startswith("Those of its racks that are late wait longest")


def test_an_order_that_is_sure_needs_no_buffer(folder: Path) -> None:
    """Without noise all is as planned."""
    case = make_case(chain_world(), Scenario(name="quiet", budgets=LIMITS))
    view = api.promise(case, Asked(order="order-08", target=0.5), workers=1, out=folder)
    if view.by_due.value == 1:
        assert (view.buffers.hours, view.buffers.racks, view.buffers.resource) == (0.0, 0, None)
    assert len({date.date for date in view.dates}) == 1


@pytest.fixture(scope="module")
def ahead(folder: Path) -> PromiseView:
    return api.promise(calm(), new(quantity=6, priority=1), workers=1, out=folder)


def test_a_new_order_ahead_of_the_others_makes_them_slip(ahead: PromiseView) -> None:
    assert ahead.is_new
    assert ahead.due is None
    assert ahead.buffers is None
    assert ahead.order == "promise"
    assert ahead.slips
    for slip in ahead.slips:
        assert slip.planned_days is None or slip.planned_days >= 0.5 or slip.low > 0
    rack_days = [slip.quantity * slip.days for slip in ahead.slips if slip.days is not None]
    assert rack_days == sorted(rack_days, reverse=True)


def test_a_new_order_that_waits_its_turn_is_later_and_harms_less(ahead: PromiseView, folder: Path) -> None:
    later = api.promise(calm(), new(quantity=6, by="2026-03-22"), workers=1, out=folder)
    assert later.due == "2026-03-22"
    assert ahead.dates[0].date < later.dates[0].date
    first_weeks = [slip for slip in later.slips if slip.due <= ahead.replayed_until]
    assert len(first_weeks) < len(ahead.slips)


def test_a_quantity_that_can_never_be_met_says_so(folder: Path) -> None:
    with pytest.raises(RunError, match=r"300 rack_accepted for acme at campus cannot be complete by 2026-07-\d\d"):
        api.promise(calm(), new(quantity=300), workers=1, out=folder)


def test_an_item_that_no_one_makes_there_says_so(folder: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'rack_accepted'"):
        api.promise(calm(), new().model_copy(update={"item": "rack_acepted"}), workers=1, out=folder)


def test_unknown_names_are_told_all_at_once_with_the_nearest() -> None:
    asked = Asked(customer="acne", site="campsu", item="rack_accepted", quantity=1, by="2020-01-01")
    with pytest.raises(InputError) as error:
        check_asked(calm(), asked)
    said = [str(problem) for problem in error.value.problems]
    assert len(said) == 3
    assert "did you mean 'acme'?" in said[0]
    assert "did you mean 'campus'?" in said[1]
    assert said[2].startswith("--by: ")
    with pytest.raises(InputError, match="campus orders no item of this name"):
        check_asked(calm(), Asked(customer="acme", site="campus", item="rack", quantity=1))
    with pytest.raises(InputError) as error:
        check_asked(calm(), Asked(customer="acme", quantity=1))
    assert [problem.rule for problem in error.value.problems] == ["which ordering site is meant"]
    with pytest.raises(InputError, match="did you mean 'order-1"):
        check_asked(calm(), Asked(order="order-1l"))
    with pytest.raises(RunError, match="stock policies"):
        check_asked(make_case(queue_world(), Scenario(name="queue")), Asked(order="x"))


def test_the_one_item_of_a_site_need_not_be_named() -> None:
    assert check_asked(calm(), Asked(customer="acme", site="campus", quantity=1)).item == "rack_accepted"


def test_a_new_order_has_the_priority_of_most_of_its_customers_orders_there() -> None:
    def book(*priorities: tuple[str, int]) -> Case:
        orders = zip(calm().world.orders, priorities, strict=False)
        changed = tuple(
            order.model_copy(update={"customer": customer, "priority": priority})
            for order, (customer, priority) in orders
        )
        return calm().model_copy(update={"world": calm().world.model_copy(update={"orders": changed})})

    case = book(("acme", 2), ("other", 7), ("acme", 3), ("acme", 3), ("acme", 2))
    asked = new().model_copy(update={"item": ""})
    assert check_asked(case, asked).priority == 2
    assert check_asked(case, asked.model_copy(update={"customer": "other"})).priority == 7
    assert check_asked(case, asked.model_copy(update={"priority": 9})).priority == 9


def test_a_new_order_is_wanted_within_the_time_that_is_run() -> None:
    """Twelve weeks of report and eight of tail from 2026-01-05."""
    assert check_asked(calm(), new(by="2026-05-24")).by == "2026-05-24"
    with pytest.raises(InputError, match="got '2026-05-25' — 2026-01-05 to 2026-05-24"):
        check_asked(calm(), new(by="2026-05-25"))


def test_what_customers_order_after_the_report_window_is_as_without_a_new_order() -> None:
    """It would be more with a new order in the window's last weeks, and less with one after it."""
    ground = lay_ground(calm(), day_one=State())
    for by in ("2026-03-20", "2026-04-20"):
        beside, name = with_new(ground, new(quantity=8, priority=5, by=by))
        assert name == "promise"
        assert {line for line in beside.orders if line.order != name} == set(ground.orders)
        assert [line.due_s for line in beside.orders] == sorted(line.due_s for line in beside.orders)
        assert next(line.quantity for line in beside.orders if line.order == name) == 8


def test_a_new_order_leaves_day_one_and_the_names_of_the_book_alone() -> None:
    case, name = with_order(calm(), new())
    again, other = with_order(case, new())
    assert (name, other) == ("promise", "promise-2")
    assert case.base_world == calm().base_world
    assert len(again.world.orders) == len(calm().world.orders) + 2


def booked(order: str, **cells: object) -> Case:
    """The calm case with other cells in one of its orders."""
    change = Change(table="orders", where={"order": order}, set=cells)
    limits = LIMITS.model_copy(update={"on_time_replays": 4})
    return make_case(noisy_chain_world(), Scenario(name="booked", budgets=limits, changes=[change]))


def test_a_day_that_the_book_promises_has_its_own_chance(folder: Path) -> None:
    case = booked("order-05", promised="2026-02-12")
    view = api.promise(case, Asked(order="order-05"), workers=1, out=folder)
    assert (view.due, view.promised, view.by_promise.replications) == ("2026-02-08", "2026-02-12", 4)
    assert view.by_due.value <= view.by_promise.value == 1


def test_an_order_asked_for_before_the_world_starts_is_told_so(folder: Path) -> None:
    view = api.promise(booked("order-01", requested="2026-01-02"), Asked(order="order-01"), workers=1, out=folder)
    assert (view.due, view.by_due.value) == ("2026-01-02", 0.0)


def pairs_of(before_days: list[float], after_days: list[float], due_day: int = 7) -> Slip | None:
    """The slip of an order due after so many days, in pairs of which fourteen days are replayed."""
    ground = lay_ground(calm(), day_one=State())
    arm = Arm(ground=ground, disruptions=(), playbook=Playbook(available=None, opening=None), seed=1)  # type: ignore[arg-type]
    line = next(line for line in ground.orders if line.due_s == due_day * DAY_S)
    plans = SimpleNamespace(promises={line.order: 7 * DAY_S}), SimpleNamespace(promises={line.order: 9 * DAY_S})
    pairs = np.array([before_days, after_days]).T * DAY_S
    return slip_of(Planned(arm=arm, until_s=14 * DAY_S), line, plans, pairs)  # type: ignore[arg-type]


def test_a_slip_in_pairs_is_their_mean_and_at_least_that_where_an_order_is_still_open() -> None:
    slip = pairs_of([5, 6, 7], [9, 10, 12])
    assert (slip.days, slip.at_least, slip.planned_days) == (pytest.approx(13 / 3), False, 2.0)
    assert (slip.on_time_before, slip.on_time_after) == (1.0, 0.0)
    still_open = pairs_of([5, 6, 7], [9, 10, math.inf])
    assert (still_open.days, still_open.at_least) == (pytest.approx(5.0), True)
    assert pairs_of([5, 6, 7], [5, 6, 7]) is None


def test_pairs_that_end_before_an_order_is_complete_leave_it_to_the_plans() -> None:
    slip = pairs_of([math.inf, 13, math.inf], [math.inf, 13, math.inf])
    assert (slip.days, slip.planned_days) == (None, 2.0)


def test_one_pair_says_nothing_of_luck_so_the_plans_do() -> None:
    slip = pairs_of([5], [9])
    assert (slip.days, slip.planned_days) == (None, 2.0)


def test_an_order_met_from_stock_says_that_its_supply_is_not_followed(folder: Path) -> None:
    """Trays for a depot: they are made in lots, so no rack of theirs waits anywhere."""
    world = noisy_chain_world()
    depot = row(Site, site="depot", kind="hub", country="US")
    road = row(Lane, lane="trays-depot", origin="trays", destination="depot", transit_days="2", cost_usd_per_kg=0.1)
    spares = weekly_orders("depot", "tray", 4, 2, customer="spares")
    spares = tuple(order.model_copy(update={"order": f"spare-{order.order}"}) for order in spares)
    tables = {"sites": (*world.sites, depot), "lanes": (*world.lanes, road), "orders": (*world.orders, *spares)}
    case = make_case(world.model_copy(update=tables), Scenario(name="depot", budgets=FEW))
    view = api.promise(case, Asked(order="spare-order-03"), workers=1, out=folder)
    assert view.by_due.value < view.buffers.target
    assert (view.item, view.buffers.waits, view.buffers.resource) == ("tray", [], None)
    assert view.buffers.note.endswith("It is met from stock; what comes into it is not followed here.")


def powered(kilowatts: float) -> Case:
    """The quiet chain, two racks a week, whose test takes a hundred hours and a hundred of at first 200 kilowatts."""
    world = chain_world()
    power = row(Resource, site="integrator", resource="test_power", capacity=200, unit="kW")
    cells = row(Resource, site="integrator", resource="cell", capacity=20)
    seizes = row(RoutingResource, item="rack_l11", level="L11", step=2, resource="test_power", amount=100)
    slow = {"hours": constant(100)}
    world = world.model_copy(
        update={
            "resources": (*(each for each in world.resources if each.resource != "cell"), cells, power),
            "routing_resources": (*world.routing_resources, seizes),
            "routings": tuple(each.model_copy(update=slow) if each.name == "test" else each for each in world.routings),
        }
    )
    less = Change(table="resources", where={"resource": "test_power"}, set={"capacity": kilowatts})
    limits = LIMITS.model_copy(update={"on_time_replays": 4})
    return make_case(world, Scenario(name="powered", budgets=limits, changes=[less]))


def test_more_test_power_lifts_an_order_that_waits_for_it(folder: Path) -> None:
    """A rack under test takes a hundred kilowatts, so a hundred more are the least that helps: then two are tested."""
    view = api.promise(powered(100), Asked(order="order-06"), workers=1, out=folder)
    assert view.by_due.value == 0
    found = view.buffers.resource
    assert (found.site, found.resource, found.unit, found.present) == ("integrator", "test_power", "kW", 100.0)
    assert (found.more, found.chance.value) == (100.0, 1.0)
    with_it = api.promise(powered(100 + found.more), Asked(order="order-06"), workers=1, out=folder)
    assert with_it.by_due == found.chance
    assert "The plan itself completes it" in view.buffers.note
    assert view.buffers.racks == 2


def full(*rows: Readiness) -> Case:
    """The noisy chain, whose campus has room for its racks by these rows alone."""
    world = noisy_chain_world().model_copy(update={"readiness": rows})
    return make_case(world, Scenario(name="full", budgets=FEW))


def room(starts: str | None, **limits: object) -> Readiness:
    return row(Readiness, site="campus", **({"from": starts} if starts else {}), **limits)


def test_a_plan_that_is_late_for_want_of_room_says_so(folder: Path) -> None:
    """Two racks a week are due, and until late March ten have room: the sixth order's are the eleventh and twelfth."""
    case = full(room(None, firm_mw=1.6, pue=1.1, rack_positions=10), room("2026-03-23", rack_positions=500))
    view = api.promise(case, Asked(order="order-06"), workers=1, out=folder)
    assert view.by_due.value == 0
    assert (
        " h after the day asked for, by which 12 racks are due at campus, "
        "where room on the floor is for 10 racks until 2026-03-23." in view.buffers.note
    )


def test_racks_that_wait_for_a_place_say_which_limit_held_when_they_came() -> None:
    case = full(room(None, rack_positions=10), room("2026-03-23", rack_positions=500))
    ground = lay_ground(case, day_one=State())
    planned = cast(Planned, SimpleNamespace(arm=SimpleNamespace(ground=ground)))
    came = [cast(OrderReplay, SimpleNamespace(late_docked_s=np.array([day * DAY_S]))) for day in (20, 30, 90)]
    wait = StageWait(stage="place", site="campus", name="rack_accepted", hours_per_rack=100)
    assert why_waiting(planned, ground.orders[5], wait, came) == (
        ", where room on the floor is for 10 racks until 2026-03-23"
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((), ""),
        ((room(None),), ""),
        ((room(None, firm_mw=1.55, pue=1.1),), ", where power is for 10 racks"),
        ((room(None, cooling_kw=1300.0, firm_mw=99.0),), ", where cooling is for 9 racks"),
        ((room(None, network_ready=False), room("2026-02-02")), ", where the network is not ready until 2026-02-02"),
        (
            (room(None, rack_positions=3), room("2026-02-02", rack_positions=3)),
            ", where room on the floor is for 3 racks",
        ),
        ((room("2026-03-02", rack_positions=3),), ""),
    ],
)
def test_room_is_told_by_its_tightest_limit(rows: tuple[Readiness, ...], said: str) -> None:
    case = full(*rows)
    assert full_until(lay_ground(case, day_one=State()), "campus", "rack_accepted", 7 * DAY_S) == said


def test_where_power_is_ample_more_of_it_does_nothing(folder: Path) -> None:
    view = api.promise(powered(200), Asked(order="order-06", target=0.5), workers=1, out=folder)
    assert view.buffers.resource is None
    assert view.buffers.note == "The order has that chance as it is."
