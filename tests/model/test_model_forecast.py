"""What a planner may get wrong about drivers of demand and transitions, each told at its cell with a remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from twin.model.load import load_world

DRIVERS = "driver,from,units_per_week,growth_factor_per_year,source\n"
SHARES = "driver,customer,site,item,share,ordered_days_ahead,source\n"
TRANSITIONS = "item,successor,customer,site,from,until,share,last_order,spare_units,source\n"
AGENTIC = 'agentic,,"lognormal(3, 0.2)",2,maker\n'
ALL = ",acme,campus,rack,1,14,maker\n"
OVER = "rack,next,,,2026-02-02,2026-03-30,1,,,maker\n"
Read = Callable[[Path], list[str]]


def put(folder: Path, drivers: str = AGENTIC, shares: str = ALL, transitions: str = "") -> Path:
    """The world with a second rack that the campus can take up, and with these rows."""
    for name, line in (
        ("items", "next,rack,1000,maker\n"),
        ("processes", "install,campus,next,,,,\n"),
        ("bom", "next,tray,18,maker\n"),
        ("routings", "next,L11,1,place,10,,maker\n"),
        ("routing_resources", "next,L11,1,crew\n"),
    ):
        path = folder / f"{name}.csv"
        path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")
    (folder / "drivers.csv").write_text(DRIVERS + drivers, encoding="utf-8")
    (folder / "driver_shares.csv").write_text(SHARES + shares, encoding="utf-8")
    if transitions:
        (folder / "transitions.csv").write_text(TRANSITIONS + transitions, encoding="utf-8")
    return folder


def test_drivers_shares_and_transitions_are_read(world_folder: Path) -> None:
    world = load_world(put(world_folder, transitions=OVER))
    assert world.drivers[0].units_per_week.mean == pytest.approx(3)
    assert world.driver_shares[0].priority == 5
    assert world.transitions[0].last_order is None


@pytest.mark.parametrize(
    ("parts", "cell", "rule"),
    [
        (
            {"shares": ",acme,campus,rack,0.6,14,maker\n"},
            "driver_shares.csv:2:",
            "of all other drivers that hold on one day must add up to 1",
        ),
        ({"shares": "agentic,acme,campus,rack,0.6,14,maker\n"}, "driver_shares.csv:2:", "of driver agentic that hold"),
        ({"shares": "agentix,acme,campus,rack,1,14,maker\n"}, "driver_shares.csv:2:", "did you mean 'agentic'"),
        (
            {"drivers": AGENTIC + "test-time,,1,1,maker\n", "shares": "agentic,acme,campus,rack,1,14,maker\n"},
            "drivers.csv:3:",
            "needs someone who orders by it",
        ),
        ({"drivers": "agentic,,3,0,maker\n"}, "drivers.csv:2:", "0.001 or more"),
        ({"drivers": "agentic,,1000000,1000,maker\n"}, "drivers.csv:2:", "must stay within 1,000,000 units a week"),
        ({"shares": ",acme,fab,rack,1,14,maker\n"}, "driver_shares.csv:2:", "nobody makes or brings rack"),
        (
            {"transitions": OVER.replace("next", "wafer")},
            "transitions.csv:2:",
            "nobody makes or brings wafer at campus",
        ),
        ({"transitions": OVER.replace("2026-03-30", "2026-02-02")}, "transitions.csv:2:", "until must lie after from"),
        (
            {"transitions": "rack,next,,,2026-02-02,2026-03-30,1,2026-03-30,,maker\n"},
            "transitions.csv:2:",
            "the last order must lie from the first day",
        ),
        (
            {"transitions": "rack,next,,,2026-02-02,2026-03-30,1,,5,maker\n"},
            "transitions.csv:2:",
            "spare units are asked for with the last order",
        ),
        (
            {"transitions": "rack,next,,,2026-02-02,2026-03-30,0.5,2026-03-01,,maker\n"},
            "transitions.csv:2:",
            "gives way in full",
        ),
        (
            {"transitions": OVER + "rack,next,acme,campus,2026-02-02,2026-03-30,1,,,maker\n"},
            "transitions.csv:2:",
            "nothing in 'driver_shares' asks for this item",
        ),
        ({"transitions": OVER.replace("rack,next", "next,rack")}, "transitions.csv:2:", "nothing in 'driver_shares'"),
        (
            {"transitions": OVER + OVER.replace("rack,next", "next,rack")},
            "transitions.csv:2:",
            "must not be its own successor",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_cell(
    world_folder: Path, read_problems: Read, parts: dict[str, str], cell: str, rule: str
) -> None:
    found = read_problems(put(world_folder, **parts))
    assert any(cell in line and rule in line for line in found), found


def test_more_may_not_move_than_there_is(world_folder: Path, read_problems: Read) -> None:
    path = world_folder / "items.csv"
    path.write_text(path.read_text(encoding="utf-8") + "third,rack,1000,maker\n", encoding="utf-8")
    both = OVER + OVER.replace("rack,next", "rack,third").replace(",1,,,", ",0.5,,,")
    found = read_problems(put(world_folder, transitions=both))
    assert any("must add up to 1 or less" in line and "1.5" in line for line in found), found


def test_orders_may_not_bear_the_names_of_those_that_follow(world_folder: Path, read_problems: Read) -> None:
    path = world_folder / "orders.csv"
    row = "agentic-acme-campus-rack-2026-02-08,acme,campus,rack,2,2026-02-08,maker\n"
    path.write_text(path.read_text(encoding="utf-8") + row, encoding="utf-8")
    (line,) = read_problems(put(world_folder))
    assert "orders.csv:4:" in line
    assert "have names of this kind" in line
