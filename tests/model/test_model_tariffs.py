"""What power costs by the hour, and how much of it is there: rows that overlap, follow each other, or are wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from twin.model.load import load_world
from twin.model.rows_network import Site
from twin.model.rows_power import Tariff
from twin.model.tariff import HourlyTerms, hourly_terms
from twin.model.units import DAY_S, HOUR_S, WEEK_S
from twin.model.world import Settings, World

MONDAY = date(2026, 1, 5)
WHOLE = {"usd_per_kwh": 0.1}
PEAK = {"weekday": "mon-fri", "opens": "16:00", "closes": "21:00", "usd_per_kwh": 0.3, "available_fraction": 0.8}
Read = Callable[[Path], list[str]]


def terms(
    *rows: dict[str, Any], timezone: str = "UTC", starts: date = MONDAY, window: tuple[int, int] = (0, WEEK_S)
) -> HourlyTerms:
    world = World(
        name="hours",
        settings=Settings(starts=starts),
        sites=(Site(site="hall", kind="rack_integration", timezone=timezone),),
        tariffs=tuple(Tariff(site="hall", resource="power", **cells) for cells in rows),
    )
    found = hourly_terms(world, "hall", "power", *window)
    assert found is not None
    return found


def test_a_resource_without_rows_has_no_tariff() -> None:
    assert hourly_terms(World(name="none", settings=Settings(starts=MONDAY)), "hall", "power", 0, WEEK_S) is None


def test_the_last_row_that_covers_an_hour_counts() -> None:
    found = terms(WHOLE, PEAK)
    assert [found.usd_per_kwh.at(hour * HOUR_S) for hour in (0, 15, 16, 20, 21)] == [0.1, 0.1, 0.3, 0.3, 0.1]
    assert found.usd_per_kwh.at(5 * DAY_S + 17 * HOUR_S) == 0.1, "Saturday"
    assert found.available_fraction.integral(0, WEEK_S) == pytest.approx(WEEK_S - 0.2 * 25 * HOUR_S)
    assert found.limits
    hidden = terms(PEAK, WHOLE)
    assert hidden.usd_per_kwh.values.tolist() == [0.1]
    assert not hidden.limits


def test_hours_that_no_row_covers_cost_nothing_and_have_all() -> None:
    found = terms(PEAK)
    assert found.usd_per_kwh.integral(0, WEEK_S) == pytest.approx(0.3 * 25 * HOUR_S)
    assert found.available_fraction.at(0) == 1.0


def test_rows_of_a_later_day_replace_all_of_those_before() -> None:
    later = {"from": date(2026, 1, 8), "usd_per_kwh": 0.5}
    found = terms(WHOLE, PEAK, later)
    assert found.usd_per_kwh.at(2 * DAY_S + 17 * HOUR_S) == 0.3
    assert found.usd_per_kwh.at(3 * DAY_S) == 0.5
    assert found.usd_per_kwh.at(3 * DAY_S + 17 * HOUR_S) == 0.5
    assert found.available_fraction.at(3 * DAY_S + 17 * HOUR_S) == 1.0
    alone = terms(later)
    assert [alone.usd_per_kwh.at(time_s) for time_s in (0, 3 * DAY_S - 1, 3 * DAY_S)] == [0.0, 0.0, 0.5]


def test_a_window_that_begins_within_hours_has_them_at_once() -> None:
    found = terms(WHOLE, PEAK, window=(17 * HOUR_S, WEEK_S))
    assert found.usd_per_kwh.at(17 * HOUR_S) == 0.3
    assert terms(WHOLE, PEAK, window=(-DAY_S, WEEK_S)).usd_per_kwh.at(-DAY_S) == 0.1, "a Sunday before the start"


def test_hours_are_local_and_kept_when_clocks_change() -> None:
    """Chicago is six hours behind in winter, five from 8 March 2026 on."""
    found = terms(WHOLE, PEAK, timezone="America/Chicago", starts=date(2026, 3, 2), window=(0, 2 * WEEK_S))
    assert found.usd_per_kwh.next_change_after(0) == 22 * HOUR_S
    assert [found.usd_per_kwh.at((22 + days * 24) * HOUR_S) for days in (0, 7)] == [0.3, 0.3]
    assert [found.usd_per_kwh.at((21 + days * 24) * HOUR_S) for days in (0, 7)] == [0.1, 0.3]


def test_an_hour_that_clocks_leave_out_takes_nothing_from_the_next() -> None:
    """On 8 March 2026 clocks in Chicago go from 2:00 to 3:00, which is 8:00 by the clock of the world."""
    night = {"opens": "02:30", "closes": "03:00", "usd_per_kwh": 0.3}
    found = terms(WHOLE, night, timezone="America/Chicago", starts=date(2026, 3, 8), window=(0, DAY_S))
    assert found.usd_per_kwh.integral(0, DAY_S) == pytest.approx(0.1 * DAY_S)


# --- what a planner may get wrong -------------------------------------------------------------

HEADER = "site,resource,from,weekday,opens,closes,usd_per_kwh,available_fraction,source\n"


def put(folder: Path, *lines: str, unit: str = "kW") -> None:
    (folder / "resources.csv").write_text(
        f"site,resource,capacity,unit,source\ncampus,crew,2,crews,maker\nplant,power,900,{unit},maker\n", "utf-8"
    )
    (folder / "tariffs.csv").write_text(HEADER + "".join(f"{line}\n" for line in lines), "utf-8")


def test_a_tariff_is_read(world_folder: Path) -> None:
    put(world_folder, "plant,power,,,,,0.09,,maker", "plant,power,2026-02-01,daily,06:00,24:00,0.2,0.75,maker")
    first, second = load_world(world_folder).tariffs
    assert (first.available_fraction, first.usd_per_kwh) == (1.0, 0.09)
    assert second.available_fraction == 0.75


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("plant,power,,,22:00,06:00,0.1,,maker", "split hours over midnight into two rows"),
        ("plant,pover,,,,,0.1,,maker", "did you mean 'power'?"),
        ("campus,crew,,,,,0.1,,maker", "a tariff is of a resource in kw or mw, and this one is in crews"),
        ("plnt,power,,,,,0.1,,maker", "did you mean 'plant'?"),
        ("plant,power,,,,,0.1,1.5,maker", "available_fraction"),
        ("plant,power,,,,,,0.9,maker", "usd_per_kwh"),
        ("plant,power,,weekend,,,0.1,,maker", "weekday"),
        ("plant,power,,,,,0.1,,", "must name its source"),
    ],
)
def test_what_is_wrong_is_told_at_its_cell(world_folder: Path, read_problems: Read, line: str, told: str) -> None:
    put(world_folder, line)
    assert any("tariffs.csv:" in problem and told in problem for problem in read_problems(world_folder))


def test_the_same_hours_twice_are_told(world_folder: Path, read_problems: Read) -> None:
    put(world_folder, "plant,power,,,,,0.1,,maker", "plant,power,,,,,0.2,,maker")
    assert any("must be unique in tariffs" in problem for problem in read_problems(world_folder))
