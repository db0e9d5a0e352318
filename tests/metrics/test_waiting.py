"""Finished racks that stand and wait."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from worlds import noisy_chain_world

from twin.events.record import COLUMNS, EVENTS, Log
from twin.metrics.facts import facts_from
from twin.metrics.waiting import waiting_rows
from twin.model.units import DAY_S, WEEK_S
from twin.network.build import build_network

NETWORK = build_network(noisy_chain_world())
FACTS = facts_from(NETWORK)
PLACES = (
    "process:rack-integration@integrator",
    "step:integrator/build",
    "step:integrator/test",
    "lane:integrator-campus",
    "process:acceptance@campus",
)
ITEMS = ("rack_l11", "rack_accepted")
MAKING, BUILD, TEST, LANE, ACCEPTANCE = range(5)


def log_of(*rows: tuple[float, str, int, int, int, float | None]) -> Log:
    """A log from (day, event, place, item, unit, day it began), all of one order, over four weeks."""
    cells = np.full((len(rows), len(COLUMNS)), np.nan)
    cells[:, [COLUMNS.index(name) for name in ("lot", "parent")]] = -1
    for line, (on_day, event, place, item, unit, since) in zip(
        cells, sorted(rows, key=lambda row: row[0]), strict=True
    ):
        told = {"time_s": on_day * DAY_S, "event": EVENTS.index(event), "place": place, "item": item}
        told |= {"order": 0, "unit": unit, "quantity": 1, "since_s": np.nan if since is None else since * DAY_S}
        for name, cell in told.items():
            line[COLUMNS.index(name)] = cell
    return Log(rows=cells, places=PLACES, items=ITEMS, orders=("order-01",), horizon_s=8 * WEEK_S, report_s=4 * WEEK_S)


ONE_RACK = (
    (1.0, "started", MAKING, 0, 0, None),
    (2.0, "step", BUILD, 0, 0, 1.0),
    (5.0, "step", TEST, 0, 0, 4.0),
    (5.0, "produced", MAKING, 0, 0, 1.0),
    (8.0, "shipped", LANE, 0, 0, None),
    (11.0, "docked", LANE, 0, 0, 8.0),
    (15.0, "started", ACCEPTANCE, 1, 0, None),
)


def test_a_rack_waits_for_test_truck_and_site_with_whoever_has_it() -> None:
    rows = waiting_rows(log_of(*ONE_RACK), NETWORK)
    assert [(row.stage, row.site, row.owner, row.rack_days) for row in rows] == [
        ("place at the datacenter", "campus", "acme", 4.0),
        ("truck", "integrator", "Rack Makers", 3.0),
        ("test", "integrator", "Rack Makers", 2.0),
    ]
    assert rows[0].mean_racks == pytest.approx(4 / 28)
    assert rows[0].carrying_usd == pytest.approx(4 * 100 * 0.1 / 365)
    assert rows[0].peak_racks == 1
    assert rows[0].peak_week == (NETWORK.world.settings.starts + timedelta(days=13)).isoformat()


def test_who_still_waits_when_the_window_ends_counts_until_then() -> None:
    late = ((26.0, "produced", MAKING, 0, 1, 20.0), (40.0, "shipped", LANE, 0, 1, None))
    truck = next(row for row in waiting_rows(log_of(*ONE_RACK, *late), NETWORK) if row.stage == "truck")
    assert truck.rack_days == pytest.approx(3 + 2)


def test_nobody_waits_where_nothing_stands() -> None:
    assert waiting_rows(log_of((1.0, "started", MAKING, 0, 0, None)), NETWORK) == []
