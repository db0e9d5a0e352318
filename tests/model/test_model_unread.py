"""What no stage reads is told, and the list of it is in step with the records and the stages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from worlds import chain_world, row

import twin
from twin.model.case import load_case, make_case
from twin.model.columns import columns_of
from twin.model.row import Row
from twin.model.rows_network import Hazard, Sourcing
from twin.model.scenario import Change, Scenario
from twin.model.unread import BY_NO_STAGE, UNREAD_COLUMNS, UNREAD_TABLES, unread_warnings
from twin.model.world import TABLES

BARE = Scenario(name="bare")
ROOMS = ("network", "disrupt", "plan", "schedule", "simulate", "events", "metrics", "resilience", "study", "report")


def stage_code(rooms: tuple[str, ...] = ROOMS) -> str:
    folder = Path(twin.__file__).parent
    return "\n".join(path.read_text(encoding="utf-8") for room in rooms for path in (folder / room).rglob("*.py"))


def test_every_listed_column_exists() -> None:
    for table, column in UNREAD_COLUMNS:
        assert column in columns_of(TABLES[table]), f"{table}.{column}"
    for table in UNREAD_TABLES:
        assert table in TABLES


@pytest.mark.parametrize(("table", "column"), [key for key in UNREAD_COLUMNS if "_" in key[1]])
def test_no_stage_reads_a_listed_column(table: str, column: str) -> None:
    reads = rf"\.{column}\b"
    assert not re.search(reads, stage_code())


def test_every_column_that_no_stage_reads_is_listed_or_refused() -> None:
    folder = Path(twin.__file__).parent / "model"
    beside = (
        "order_book",
        "demand_curves",
        "rows_forecast",
        "supported",
        "scenario_file",
        "patch",
        "where",
        "world",
        "calendar",
        "checks_factory",
        "estimates",
    )
    code = stage_code() + "".join(
        path.read_text(encoding="utf-8") for path in folder.glob("*.py") if path.stem in beside
    )
    silent = {
        f"{table}.{column}"
        for table, record in TABLES.items()
        for column, name in columns_of(record).items()
        if name not in Row.model_fields
        and table not in UNREAD_TABLES
        and (table, column) not in UNREAD_COLUMNS
        and not re.search(rf"\.{name}\b", code)
    }
    assert silent == set()


def test_each_reader_is_told_in_one_line_with_what_is_filled() -> None:
    split = tuple(row(Sourcing, item=item, supplier="pack_a", qualification_weeks=9) for item in ("package", "wafer"))
    strike = row(Hazard, site="fab", hazard="fire", per_year=0.01, outage_days=20, recovery_days=20)
    assert unread_warnings(chain_world()) == ()
    world = chain_world(sourcing=split, hazards=(strike,))
    assert unread_warnings(world) == (f"{BY_NO_STAGE}: hazards (1 row), sourcing.qualification_weeks (2 rows)",)


def test_a_case_carries_the_warnings_of_its_patched_world() -> None:
    filled = Change(table="items", where={"kind": "rack"}, set={"volume_m3": 2})
    case = make_case(chain_world(), BARE.model_copy(update={"changes": [filled]}))
    assert case.warnings == (f"{BY_NO_STAGE}: items.volume_m3 (2 rows)",)


def test_the_reference_world_says_in_one_line_what_of_it_is_not_read() -> None:
    (line,) = load_case("baseline").warnings
    assert line.startswith(f"{BY_NO_STAGE}: hazards (")
    assert "readiness" not in line
