"""A process in lots: rate, inputs, yield, frozen and lost work in process."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from simulate.sim_floor import DAY_S, WEEK_S, column, count, during, make_floor, process_available, wanted
from worlds import row

from twin.disrupt.record import WipLoss
from twin.model.profile import StepProfile
from twin.model.rows_make import Process
from twin.simulate.gates import RateGate
from twin.simulate.lots import Floor, LotStation


def station_of(
    floor: Floor, available: dict[str, Any] | None = None, shared: RateGate | None = None, **cells: Any
) -> LotStation:
    """`fabrication` of wafers at the fab from half a sheet each, in two days."""
    usual = {"process": "fabrication", "site": "fab", "item": "wafer", "cycle_days": "2"}
    process = row(Process, **(usual | cells))
    key = ("fabrication", "fab", "wafer")
    return LotStation(floor, key, [(0, process)], [("sheet", 0.5)], process_available(**(available or {})), shared)


def supply(floor: Floor, sheets: float) -> None:
    floor.stocks.add(floor.stocks.index("fab", "sheet"), sheets)


def wafers(floor: Floor) -> float:
    return floor.stocks.on_hand[floor.stocks.index("fab", "wafer")]


def test_lots_start_when_the_plan_wants_them_and_end_a_cycle_later() -> None:
    floor = make_floor()
    station = station_of(floor, lot_size=5)
    supply(floor, 100)
    station.follow(wanted(10))
    floor.clock.run(4 * WEEK_S)
    log = floor.log.close()
    assert column(log, "started", "time_s").tolist() == [WEEK_S / 2, WEEK_S]
    assert column(log, "produced", "time_s").tolist() == [WEEK_S / 2 + 2 * DAY_S, WEEK_S + 2 * DAY_S]
    assert column(log, "produced", "since_s").tolist() == [WEEK_S / 2, WEEK_S]
    assert column(log, "consumed", "quantity").tolist() == [2.5, 2.5]
    assert (wafers(floor), station.started, station.in_process) == (10, 10, 0)


def test_the_rate_spaces_lots_out() -> None:
    floor = make_floor()
    station = station_of(floor, {"starts_per_week": StepProfile.constant(7.0)})
    supply(floor, 100)
    station.follow(wanted(0, carry=6))
    floor.clock.run(WEEK_S)
    assert column(floor.log.close(), "started", "time_s").tolist() == [day * DAY_S for day in range(6)]


def test_two_processes_share_a_rate() -> None:
    floor = make_floor()
    shared = RateGate(StepProfile.constant(7.0))
    one = station_of(floor, shared=shared, resource="line")
    other = LotStation(
        floor, ("other", "fab", "chip"), [(0, row(Process, process="other", site="fab", item="chip", cycle_days="1"))],
        [], process_available(), shared,
    )  # fmt: skip
    supply(floor, 100)
    for station in (one, other):
        station.follow(wanted(1, carry=2))
    floor.clock.run(2 * WEEK_S)
    starts = column(floor.log.close(), "started", "time_s")
    assert len(starts) == 6
    assert np.diff(starts).min() >= DAY_S


def test_a_lot_waits_for_its_inputs_and_the_shortage_is_told() -> None:
    floor = make_floor()
    station = station_of(floor)
    station.follow(wanted(1, carry=1))
    supply(floor, 0.25)
    floor.clock.run(3 * DAY_S)
    supply(floor, 0.25)
    floor.clock.run(WEEK_S // 2)
    log = floor.log.close()
    assert column(log, "started", "time_s").tolist() == [3 * DAY_S]
    assert column(log, "short", "quantity").tolist() == [0.25]
    assert column(log, "filled", "since_s")[0] == 0


def test_mean_yield_loses_nothing_by_rounding() -> None:
    floor = make_floor(noise=False)
    station = station_of(floor, yield_fraction=0.75)
    supply(floor, 100)
    station.follow(wanted(40))
    floor.clock.run(3 * WEEK_S)
    assert wafers(floor) == 30
    assert column(floor.log.close(), "scrapped", "quantity").sum() == 10


def test_drawn_yield_has_the_mean_of_the_table_and_the_factor_of_the_moment() -> None:
    floor = make_floor()
    station = station_of(floor, {"yield_factor": during(0, 3 * WEEK_S, 0.5, 1.0)}, lot_size=100, yield_fraction=0.8)
    supply(floor, 1e6)
    station.follow(wanted(20_000, 0, 0, 20_000))
    floor.clock.run(6 * WEEK_S)
    log = floor.log.close()
    good, when = column(log, "produced", "quantity"), column(log, "produced", "time_s")
    assert good[when < 3 * WEEK_S].sum() == pytest.approx(8000, rel=0.03)
    assert good[when > 3 * WEEK_S].sum() == pytest.approx(16_000, rel=0.03)
    assert len(set(good.tolist())) > 5


def test_frozen_work_ends_later_by_the_length_of_the_outage() -> None:
    floor = make_floor()
    outage = during(DAY_S, 8 * DAY_S)
    station = station_of(floor, {"frozen": outage, "blocked": outage})
    supply(floor, 100)
    station.follow(wanted(1, carry=1))
    floor.clock.run(3 * DAY_S)
    assert station.remaining_s(next(iter(station.lots.values()))) == DAY_S
    floor.clock.run(3 * WEEK_S)
    log = floor.log.close()
    assert column(log, "produced", "time_s").tolist() == [9 * DAY_S, 10 * DAY_S]
    # The second lot, due within the outage, starts when it is over.
    assert column(log, "started", "time_s").tolist() == [0, 8 * DAY_S]


def test_lost_work_in_process_is_rounded_over_the_lots() -> None:
    floor = make_floor()
    station = station_of(floor, {"wip_losses": (WipLoss(at_s=DAY_S, fraction=0.3),)}, lot_size=4)
    supply(floor, 100)
    station.follow(wanted(4, carry=12))
    floor.clock.run(3 * DAY_S)
    log = floor.log.close()
    # 0.3 of 3 x 4 is 3.6: 1.2, 2.4, 3.6 in turn.
    assert column(log, "scrapped", "quantity").tolist() == [1, 1, 1]
    assert wafers(floor) == 9


def test_a_lead_time_factor_stretches_what_starts_then() -> None:
    floor = make_floor()
    station = station_of(floor, {"lead_time_factor": during(DAY_S, WEEK_S, 2.0, 1.0)})
    supply(floor, 100)
    station.follow(wanted(1, carry=1))
    floor.clock.run(4 * DAY_S)
    station.follow(wanted(1, carry=1))
    floor.clock.run(10 * DAY_S)
    assert column(floor.log.close(), "produced", "time_s").tolist()[:2] == [2 * DAY_S, 8 * DAY_S]


def test_the_row_in_force_changes_with_its_date() -> None:
    floor = make_floor()
    cells = {"process": "p", "site": "fab", "item": "wafer"}
    early, late = row(Process, cycle_days="1", lot_size=1, **cells), row(Process, cycle_days="3", lot_size=2, **cells)
    station = LotStation(floor, ("p", "fab", "wafer"), [(0, early), (WEEK_S, late)], [], process_available(), None)
    assert station.lot_size == 1
    floor.clock.run(WEEK_S)
    assert station.lot_size == 2
    station.begin(station.recipe_now(), 2)
    floor.clock.run(2 * WEEK_S)
    assert column(floor.log.close(), "produced", "time_s").tolist() == [WEEK_S + 3 * DAY_S]


def test_a_lot_found_in_process_ends_when_its_work_is_done() -> None:
    floor = make_floor()
    station = station_of(floor)
    station.resume(7, DAY_S)
    floor.clock.run(WEEK_S)
    log = floor.log.close()
    assert (count(log, "started"), wafers(floor)) == (0, 7)
    assert column(log, "produced", "time_s").tolist() == [DAY_S]
