"""Demand of drivers through a whole study: the plan sees the forecast, each replication what it draws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from known.demand_worlds import demand_world, drivers, move, share, successor_world

from twin.model.case import make_case
from twin.model.order_book import order_book
from twin.model.scenario import Budgets, Case, Change, Scenario
from twin.model.units import WEEK_S
from twin.model.world import World
from twin.study.arms import play
from twin.study.compare import compare_cases
from twin.study.drawn_demand import orders_in
from twin.study.ground import lay_ground
from twin.study.playbook import OwnLuck, make_playbook
from twin.study.run import run_case

QUICK = Budgets(schedule_deterministic_seconds=0.05, schedule_dispatch_trials=1, on_time_replays=4)
CERTAIN = drivers(pre_training=(1.1, 1.0), agentic=(0.6, 3.0))
UNSURE = drivers(pre_training=(1.1, 1.0), agentic=("triangular(0.1, 0.5, 1.8)", 3.0))


def case_of(world: World, **cells: object) -> Case:
    return make_case(world, Scenario(**({"name": "demand", "replications": 3, "budgets": QUICK} | cells)))


def small(**tables: object) -> World:
    return demand_world(weeks=12, tail_weeks=8, **tables)


def due(kpis: dict[str, float]) -> dict[str, float]:
    return {name.partition(":")[2]: value for name, value in kpis.items() if name.startswith("racks_due_by_driver")}


def test_orders_of_drivers_are_planned_made_and_measured_by_driver(tmp_path: Path) -> None:
    case = case_of(small(drivers=CERTAIN))
    result = run_case(case, tmp_path, 1)
    kpis = {name: measure.value for name, measure in result.kpis.items()}
    book = [line for line in order_book(case.world) if line.due_s <= 12 * WEEK_S]
    for driver in ("pre-training", "agentic"):
        wanted = sum(line.quantity for line in book if line.driver == driver)
        assert kpis[f"racks_due_by_driver:{driver}"] == wanted
        assert 0 < kpis[f"on_time_in_full_by_driver:{driver}"] <= 1
        assert kpis[f"backlog_end_racks_by_driver:{driver}"] == 0
    assert sum(due(kpis).values()) == kpis["racks_due"]
    assert kpis["on_time_to_request"] > 0.9
    assert result.demand is not None
    assert [(row.driver, row.due, row.due_low, row.due_high) for row in result.demand.rows] == [
        (row.driver, row.forecast, row.forecast, row.forecast) for row in result.demand.rows
    ]
    assert result.demand.draws == 0
    assert result.on_time is not None
    assert len(result.on_time.orders) == len(book)


def test_a_product_gives_way_to_the_next_on_the_same_bays(tmp_path: Path) -> None:
    ramp = move(**{"from": "2026-01-19", "until": "2026-03-02"})
    world = successor_world(drivers=drivers(training=(1.5, 1.0)), transitions=(ramp,))
    settings = small().settings
    result = run_case(case_of(world.model_copy(update={"settings": settings})), tmp_path, 1)
    assert result.kpis["backlog_end_racks"].value == 0
    items = {order.item for order in result.on_time.orders} if result.on_time else set()
    assert items == {"rack_accepted", "next_accepted"}


def test_a_scenario_scales_one_driver_and_switches_another_off() -> None:
    scale = Change(table="drivers", where={"driver": "agentic"}, multiply={"units_per_week": 1.5})
    off = Change(table="drivers", where={"driver": "pre-training"}, remove=True)
    world = small(drivers=CERTAIN)
    before, scaled, left = (
        order_book(case_of(world, changes=changes).world) for changes in ([], [scale], [scale, off])
    )
    assert [line for line in scaled if line.driver == "pre-training"] == [
        line for line in before if line.driver == "pre-training"
    ]
    assert list(left) == [line for line in scaled if line.driver == "agentic"]
    units = [sum(line.quantity for line in book if line.driver == "agentic") for book in (before, scaled)]
    assert units[1] == pytest.approx(1.5 * units[0], abs=1.25)


@pytest.fixture(scope="module")
def unsure() -> Case:
    return case_of(small(drivers=UNSURE), seed=2)


def test_replications_draw_their_own_demand_and_the_plan_keeps_to_the_forecast(unsure: Case) -> None:
    played = play(unsure, 1)
    wanted = [due(each.kpis) for each in played.main_runs]
    assert len({each["pre-training"] for each in wanted}) == 1
    assert len({each["agentic"] for each in wanted}) == 3
    ground = played.ground
    assert ground.orders == order_book(unsure.world)
    for number, each in enumerate(wanted):
        book = orders_in(ground, unsure.scenario.seed, number)
        own = sum(line.quantity for line in book if line.driver == "agentic" and line.due_s <= 12 * WEEK_S)
        assert each["agentic"] == own


def test_the_band_of_draws_begins_where_orders_are_not_placed_yet(unsure: Case, tmp_path: Path) -> None:
    result = run_case(unsure, tmp_path, 1)
    told = result.demand
    assert told is not None
    total = np.sum(list(told.by_driver.values()), axis=0)
    low, high = np.array(told.low), np.array(told.high)
    # Orders of the first two weeks are placed by the start, a fortnight ahead.
    assert low[:2] == pytest.approx(total[:2])
    assert high[:2] == pytest.approx(total[:2])
    assert (low[2:] < total[2:]).all()
    assert (high[2:] > total[2:]).all()
    # A tenth of a triangle on each side: 0.1 + sqrt(0.1 x 1.7 x 0.4), and 1.8 - sqrt(0.1 x 1.7 x 1.3).
    grown = (total[5] - 1.1) / 0.8
    for edge, level in ((low, 0.1 + 0.068**0.5), (high, 1.8 - 0.221**0.5)):
        assert edge[5] - 1.1 == pytest.approx(level * grown, rel=0.15)


def test_a_comparison_tells_dates_of_orders_that_both_first_runs_have(unsure: Case, tmp_path: Path) -> None:
    scale = Change(table="drivers", where={"driver": "agentic"}, multiply={"units_per_week": 2})
    more = case_of(small(drivers=UNSURE), seed=2, name="more", changes=[scale], replications=2)
    moved = compare_cases([unsure, more], tmp_path, 1).moved[0]
    assert moved.completions.rows
    for case in (unsure, more):
        own = {line.order for line in orders_in(lay_ground(case), 2, 0)}
        assert {each.order for each in moved.completions.rows} <= own


def test_two_workers_see_the_same_demand_as_one(unsure: Case) -> None:
    one, two = (play(unsure, workers) for workers in (1, 2))
    for first, second in zip(one.main_runs, two.main_runs, strict=True):
        assert str(first.kpis) == str(second.kpis)
    logs = [played.main_runs[0].log for played in (one, two)]
    assert logs[0] is not None
    assert logs[1] is not None
    assert np.array_equal(logs[0].rows, logs[1].rows, equal_nan=True)


def test_a_plan_of_one_replication_learns_the_orders_as_they_are_placed(unsure: Case) -> None:
    ground = lay_ground(unsure)
    opening = make_playbook(ground, (), moments=()).opening
    luck = OwnLuck(seed=unsure.scenario.seed, replication=1, true=())
    moment = 6 * WEEK_S
    own = make_playbook(ground, (), opening, moments=[moment], luck=luck)
    assert own.opening == opening
    known = orders_in(ground, luck.seed, luck.replication, moment)
    wanted = sum(line.quantity for line in known)
    assert wanted != sum(line.quantity for line in ground.orders)
    assert set(own.updates[moment].plan.promises) == {line.order for line in known}


def test_drivers_without_luck_leave_every_replication_the_forecast() -> None:
    ground = lay_ground(case_of(small(drivers=CERTAIN, driver_shares=(share(part=0.4), share(part=0.6, customer="b")))))
    assert orders_in(ground, 1, 5) is ground.orders
