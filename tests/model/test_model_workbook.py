"""A world goes through CSV and through a workbook unchanged; problems name sheet, row and column."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from worlds import chain_world, noisy_chain_world, queue_world

from twin.model.case import load_case
from twin.model.distribution import parse_distribution
from twin.model.load import load_world
from twin.model.problems import InputError
from twin.model.rows_demand import Readiness, Stock
from twin.model.rows_make import CalendarRow, Resource
from twin.model.rows_network import Item
from twin.model.world import World
from twin.model.write import write_world_csv, write_world_workbook


def rich_world() -> World:
    """The chain with a cell of every kind, awkward ones too."""
    base = noisy_chain_world()
    observed = base.lanes[0].model_copy(
        update={"transit_days": parse_distribution(2).__class__("empirical", (), (1.0, 2.5), "t.csv")}
    )
    parts = {
        "items": (
            *base.items,
            Item(item="007", kind="part", note='= 4 x 18, "so to say"; a\nsecond line', source="test"),
        ),
        "lanes": (observed, *base.lanes[1:]),
        "calendars": (
            *base.calendars,
            CalendarRow(calendar="day-shift", closed_from="2026-02-17", closed_to="2026-02-20"),
            CalendarRow(calendar="night", weekday="daily", opens="22:00", closes="24:00"),
        ),
        "stock": (Stock(site="fab", item="wafer", on_hand=1 / 3, policy="base_stock(12)", source="test"),),
        "resources": (
            *base.resources,
            Resource(
                site="fab",
                resource="spare",
                capacity=1e-7,
                ramp="2026-01-01:0.8 2026-07-01:1",
                source="test",
                **{"from": "2026-01-01"},
            ),
        ),
        "readiness": (Readiness(site="campus", firm_mw=30, network_ready=False, source="test"),),
    }
    return base.model_copy(update=parts)


@pytest.mark.parametrize("world", [chain_world(), queue_world(), rich_world()], ids=lambda world: world.name)
def test_a_world_reads_back_equal_from_csv_and_from_a_workbook(tmp_path: Path, world: World) -> None:
    folder, book = tmp_path / world.name, tmp_path / "books" / f"{world.name}.xlsx"
    write_world_csv(world, folder)
    write_world_workbook(world, book)
    assert load_world(folder) == world
    assert load_world(book) == world


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_world_workbook(chain_world(), tmp_path / "chain.xlsx")
    return Path("chain.xlsx")


def spoil(path: Path, sheet: str, cell: str, value: object) -> None:
    book = load_workbook(path)
    book[sheet][cell] = value
    book.save(path)


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "at", "rule"),
    [
        ("items", "D3", -5, "sheet items, row 3, column D", "mass_kg must be 0 or more — got -5 — give a number"),
        ("items", "D1", "mas_kg", "sheet items, row 1, column D", "did you mean 'mass_kg'"),
        ("lanes", "C2", "nowhere", "sheet lanes, row 2, column C", "'sites' — got 'nowhere'"),
        ("orders", "F2", "2026-02-30", "sheet orders, row 2, column F", "no day of the calendar"),
        ("orders", "E2", 2.5, "sheet orders, row 2, column E", "whole number — got 2.5"),
        ("settings", "B3", 0, "sheet settings, row 3, column B", "report_weeks must be 1 or more — got 0"),
    ],
)
def test_a_wrong_cell_is_reported_by_sheet_row_and_column(
    book: Path, sheet: str, cell: str, value: object, at: str, rule: str
) -> None:
    spoil(book, sheet, cell, value)
    with pytest.raises(InputError) as caught:
        load_world(book)
    told = [str(problem) for problem in caught.value.problems]
    assert any(line.startswith(f"chain.xlsx, {at}: ") and rule in line for line in told), told


def test_unknown_sheets_are_refused_unless_they_begin_with_an_underscore(book: Path) -> None:
    workbook = load_workbook(book)
    workbook.create_sheet("_sketch")["A1"] = "left aside"
    workbook.create_sheet("lane")["A1"] = "lane"
    workbook.save(book)
    with pytest.raises(InputError) as caught:
        load_world(book)
    (problem,) = caught.value.problems
    assert (problem.sheet, problem.rule) == ("lane", "there is no table 'lane'")
    assert "did you mean 'lanes'?" in problem.remedy


def test_an_empty_sheet_is_reported(book: Path) -> None:
    workbook = load_workbook(book)
    workbook.create_sheet("stock")
    workbook.save(book)
    with pytest.raises(InputError, match=r"chain\.xlsx, sheet stock, row 1, column A: the sheet is empty"):
        load_world(book)


def test_a_file_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "world.xlsx"
    path.write_text("item,kind\n", encoding="utf-8")
    with pytest.raises(InputError, match="not a workbook"):
        load_world(path)


@pytest.mark.parametrize(
    ("folder", "world"),
    [
        ("worlds", "book"),
        ("worlds", "book.xlsx"),
        ("worlds", "worlds/book.xlsx"),
        ("worlds", "./worlds/book.xlsx"),
        (".", "book"),
        (".", "book.xlsx"),
        (".", "./book.xlsx"),
    ],
)
def test_a_scenario_names_a_workbook_as_its_world(tmp_path: Path, folder: str, world: str) -> None:
    write_world_workbook(chain_world(), tmp_path / folder / "book.xlsx")
    path = tmp_path / "tried.yaml"
    path.write_text(f"name: tried\nworld: {world}\n", encoding="utf-8")
    case = load_case(path)
    assert case.world.items == chain_world().items
    assert case.files[-1].endswith("book.xlsx")


def test_a_folder_comes_before_a_workbook_of_its_name(tmp_path: Path) -> None:
    write_world_workbook(chain_world(racks_per_week=3), tmp_path / "worlds" / "book.xlsx")
    write_world_csv(chain_world(), tmp_path / "worlds" / "book")
    for world, expected in (("book", chain_world()), ("book.xlsx", chain_world(racks_per_week=3))):
        path = tmp_path / "tried.yaml"
        path.write_text(f"name: tried\nworld: {world}\n", encoding="utf-8")
        assert load_case(path).world.orders == expected.orders


def test_an_unreadable_workbook_is_one_problem(tmp_path: Path) -> None:
    (tmp_path / "world.xlsx").write_text("item,kind\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_world(tmp_path / "world.xlsx")
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "at"),
    [("bom", "C1", "quantty", "row 1, column C"), ("bom", "B1", None, "row 1, column B")],
)
def test_a_slip_in_the_header_of_a_sheet_is_one_problem(
    book: Path, sheet: str, cell: str, value: object, at: str
) -> None:
    spoil(book, sheet, cell, value)
    with pytest.raises(InputError) as caught:
        load_world(book)
    (problem,) = caught.value.problems
    assert problem.position == f"chain.xlsx, sheet {sheet}, {at}"


def test_a_cycle_lists_the_rows_of_its_sheet(book: Path) -> None:
    workbook = load_workbook(book)
    cells = [cell.value for cell in workbook["bom"][1]]
    first = dict(zip(cells, (cell.value for cell in workbook["bom"][2]), strict=True))
    turned = {**first, "item": first["input"], "input": first["item"]}
    workbook["bom"].append([turned[name] for name in cells])
    last = workbook["bom"].max_row
    workbook.save(book)
    with pytest.raises(InputError) as caught:
        load_world(book)
    (problem,) = [problem for problem in caught.value.problems if "into itself" in problem.rule]
    assert (problem.sheet, problem.row) == ("bom", last)
    assert problem.remedy.endswith(f": chain.xlsx, sheet bom, row 2, chain.xlsx, sheet bom, row {last}")


def test_numbers_dates_and_hours_may_be_typed_as_a_spreadsheet_does(tmp_path: Path) -> None:
    """Whole numbers come back as floats, dates with a time of day, hours as times."""
    workbook = Workbook()
    tables = {
        "settings": [["name", "value"], ["starts", datetime(2026, 1, 5)], ["report_weeks", 8.0]],
        "items": [["item", "kind"], [1001, "part"]],
        "sites": [["site", "kind"], ["shop", "component"]],
        "calendars": [["calendar", "weekday", "opens", "closes"], ["day", "mon", time(7, 30), time(18, 0)]],
        "sources": [["key", "title", "confidence", "published"], ["us", "ours", "high", date(2026, 3, 1)]],
        "readiness": [["site", "from", "rack_positions", "source"], ["shop", date(2026, 2, 1), 4.0, "us"]],
    }
    for name, rows in tables.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.remove(workbook["Sheet"])
    workbook.save(tmp_path / "small.xlsx")
    world = load_world(tmp_path / "small.xlsx")
    assert world.settings.starts == date(2026, 1, 5)
    assert world.settings.report_weeks == 8
    assert world.items[0].item == "1001"
    assert (world.calendars[0].opens, world.calendars[0].closes) == ("07:30", "18:00")
    assert world.sources[0].published == "2026-03-01"
    assert world.readiness[0].rack_positions == 4


def test_a_cell_without_a_value_is_told_once_by_sheet_row_and_column(book: Path) -> None:
    spoil(book, "items", "D3", "=D2*2")
    spoil(book, "orders", "E2", "#REF!")
    with pytest.raises(InputError) as caught:
        load_world(book)
    told = [str(problem) for problem in caught.value.problems]
    assert told == [
        "chain.xlsx, sheet items, row 3, column D: the cell holds a formula that has not been computed — got '=D2*2' — "
        "open the workbook in a spreadsheet and save it there, or write the value",
        "chain.xlsx, sheet orders, row 2, column E: the cell holds an error of the spreadsheet instead of a value — "
        "got '#REF!' — mend its formula and save the workbook, or write the value",
    ]


def test_a_formula_in_the_header_is_told(book: Path) -> None:
    spoil(book, "items", "D1", '="mass"&"_kg"')
    with pytest.raises(InputError) as caught:
        load_world(book)
    assert [problem.position for problem in caught.value.problems] == ["chain.xlsx, sheet items, row 1, column D"]
    assert "formula that has not been computed" in caught.value.problems[0].rule


def test_a_computed_formula_is_a_value_like_any_other(book: Path) -> None:
    """As spreadsheets save it: the formula with the value it had, a blank text too."""
    plain = load_world(book)
    with zipfile.ZipFile(book) as saved:
        parts = {name: saved.read(name) for name in saved.namelist()}
    (part,) = [name for name, data in parts.items() if b"mass_kg" in data and b"sheetData" in data]
    mass = re.search(rb'<c r="D3"[^>]*><v>([^<]*)</v></c>', parts[part])
    assert mass is not None
    computed = b'<c r="D3"><f>40/2</f><v>' + mass[1] + b'</v></c><c r="Z3" t="str"><f>IF(1,"","")</f><v></v></c>'
    parts[part] = parts[part].replace(mass[0], computed)
    with zipfile.ZipFile(book, "w") as changed:
        for name, data in parts.items():
            changed.writestr(name, data)
    assert load_world(book) == plain


def test_a_name_that_is_no_value_blames_nobody_who_refers_to_it(book: Path) -> None:
    spoil(book, "sites", "A2", "=B2")
    with pytest.raises(InputError) as caught:
        load_world(book)
    assert [problem.position for problem in caught.value.problems] == ["chain.xlsx, sheet sites, row 2, column A"]


def test_formulas_beside_a_table_are_nobodys_business(book: Path) -> None:
    plain = load_world(book)
    spoil(book, "sites", "Z50", "=B2")
    assert load_world(book) == plain


def test_a_formula_above_the_header_is_told(book: Path) -> None:
    workbook = load_workbook(book)
    workbook["sites"].insert_rows(1)
    workbook["sites"]["C1"] = "=NOW()"
    workbook.save(book)
    with pytest.raises(InputError) as caught:
        load_world(book)
    assert "formula" in caught.value.problems[0].rule
    assert caught.value.problems[0].position == "chain.xlsx, sheet sites, row 1, column C"
