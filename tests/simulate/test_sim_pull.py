"""Worlds run by stock policies: orders on a stock, ramps of demand, disruptions of a routing."""

from __future__ import annotations

import numpy as np
import pytest
from simulate.sim_floor import DAY_S, HOUR_S, WEEK_S, column, count, day, during, run_pull
from worlds import line_world, queue_world, rework_world, row

from twin.disrupt.record import WipLoss
from twin.model.row import RampPoint
from twin.model.rows_demand import Order


def test_a_line_of_stations_ends_its_ten_units_at_33_hours() -> None:
    log = run_pull(line_world()).log
    assert column(log, "completed", "time_s").tolist() == [33 * HOUR_S]
    for event in ("accepted", "online"):
        assert column(log, event, "unit").tolist() == list(range(10))
        assert column(log, event, "time_s").tolist() == [(6 + 3 * n) * HOUR_S for n in range(10)]
    assert count(log, "started") == count(log, "produced") == 10


def test_orders_on_a_stock_are_served_in_the_order_of_their_entry() -> None:
    def order(name: str, quantity: int, placed: int, priority: int) -> Order:
        cells = {"customer": "acme", "site": "shop", "item": "job", "requested": day(9), "placed": day(placed)}
        made = row(Order, order=name, quantity=quantity, priority=priority, **cells)
        assert isinstance(made, Order)
        return made

    world = line_world(hours=(24,)).model_copy(
        update={"orders": (order("late", 1, 1, 1), order("less", 2, 0, 5), order("more", 1, 0, 2))}
    )
    log = run_pull(world).log
    done = {log.orders[int(code)]: time for code, time in zip(
        column(log, "completed", "order"), column(log, "completed", "time_s") / DAY_S, strict=True)}  # fmt: skip
    assert done == {"more": 1, "less": 3, "late": 4}


def test_a_ramp_of_demand_spaces_arrivals_by_its_rate() -> None:
    world = queue_world(arrival_days="1", service_hours="1", report_weeks=8)
    ramp = (
        RampPoint(at=day(0), fraction=1.0),
        RampPoint(at=day(14), fraction=0.0),
        RampPoint(at=day(28), fraction=2.0),
    )
    stream = world.demand[0].model_copy(update={"ramp": ramp})
    arrivals = column(run_pull(world.model_copy(update={"demand": (stream,)})).log, "demanded", "time_s") / DAY_S
    # The integral of the ramp: 7 in the first fortnight, 14 in the second, then 2 a day.
    assert abs(np.sum(arrivals <= 14) - 7) <= 1
    assert abs(np.sum(arrivals <= 28) - 21) <= 1
    assert np.diff(arrivals[arrivals > 29]) == pytest.approx(0.5, abs=1e-4)


def test_nobody_comes_while_the_ramp_is_at_nothing() -> None:
    world = queue_world(arrival_days="1", service_hours="1", report_weeks=6)
    ramp = (
        RampPoint(at=day(0), fraction=0.0),
        RampPoint(at=day(21), fraction=0.0),
        RampPoint(at=day(22), fraction=1.0),
    )
    stream = world.demand[0].model_copy(update={"ramp": ramp})
    arrivals = column(run_pull(world.model_copy(update={"demand": (stream,)})).log, "demanded", "time_s") / DAY_S
    assert arrivals.min() >= 21
    assert len(arrivals) == pytest.approx(20, abs=1)


def test_lost_work_in_a_routing_is_every_kth_unit_and_is_made_again() -> None:
    loss = WipLoss(at_s=7 * HOUR_S, fraction=0.4)
    log = run_pull(line_world(), {"wip_losses": (loss,)}).log
    # One of the ten is finished at 6 h; of the nine numbered from 1, every 2.5th is lost.
    assert column(log, "scrapped", "unit").tolist() == [3, 5, 8]
    assert set(column(log, "scrapped", "time_s").tolist()) == {7 * HOUR_S}
    assert (count(log, "produced"), count(log, "started"), count(log, "accepted")) == (10, 13, 10)


def test_a_unit_lost_at_work_gives_back_what_it_holds_at_once() -> None:
    loss = WipLoss(at_s=HOUR_S, fraction=1.0)
    log = run_pull(line_world(hours=(4,), units=1), {"wip_losses": (loss,)}).log
    assert column(log, "completed", "time_s").tolist() == [5 * HOUR_S]
    assert column(log, "seized", "quantity").sum() == 5 * HOUR_S
    assert column(log, "step", "since_s").tolist() == [HOUR_S]


def test_a_loss_reaches_units_in_rework_and_in_queues() -> None:
    world = rework_world(first_pass_yield=0.5, units=40, test_hours=1, rework_hours=50)
    log = run_pull(world, {"wip_losses": (WipLoss(at_s=2 * HOUR_S, fraction=1.0),)}).log
    lost = count(log, "scrapped")
    assert 0 < lost < 40
    assert count(log, "accepted") == 40
    assert not np.isin(column(log, "rework", "time_s"), [51 * HOUR_S]).any()


def test_a_frozen_process_ends_its_work_later() -> None:
    outage = during(HOUR_S, 6 * HOUR_S)
    log = run_pull(line_world(hours=(4,), units=2), {"frozen": outage, "blocked": outage}).log
    assert column(log, "step", "time_s").tolist() == [9 * HOUR_S, 13 * HOUR_S]


def test_a_blocked_process_releases_nothing() -> None:
    log = run_pull(line_world(hours=(4,), units=2), {"blocked": during(0, 5 * HOUR_S)}).log
    assert column(log, "started", "time_s").tolist() == [5 * HOUR_S, 5 * HOUR_S]


def test_a_lead_time_factor_stretches_steps_that_start_then() -> None:
    log = run_pull(line_world(hours=(4,), units=3), {"lead_time_factor": during(HOUR_S, 6 * HOUR_S, 2.0, 1.0)}).log
    assert column(log, "step", "time_s").tolist() == [4 * HOUR_S, 12 * HOUR_S, 16 * HOUR_S]


def test_a_yield_factor_spoils_that_part_of_finished_units_unless_the_run_is_mean_valued() -> None:
    world, half = line_world(hours=(1,), units=400), {"yield_factor": during(0, 52 * WEEK_S, 0.5, 1.0)}
    spoilt = count(run_pull(world, half).log, "scrapped")
    assert spoilt / (spoilt + 400) == pytest.approx(0.5, abs=0.06)
    assert count(run_pull(world, half, noise=False).log, "scrapped") == 0
