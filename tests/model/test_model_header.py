"""One slip in a header, or in the name of a table, is one problem; all else is checked as far as it can be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

ReadProblems = Callable[[Path], list[str]]


def write(path: Path, columns: list[str], rows: list[str]) -> None:
    path.write_text("\n".join([",".join(columns), *rows, ""]), encoding="utf-8")


def test_one_slip_in_a_header_is_one_problem(world_folder: Path, read_problems: ReadProblems) -> None:
    for path in sorted(world_folder.glob("*.csv")):
        text = path.read_text(encoding="utf-8")
        columns, rows = text.splitlines()[0].split(","), text.splitlines()[1:]
        for index, column in enumerate(columns):
            write(path, [*columns[:index], f"{column}x", *columns[index + 1 :]], rows)
            (told,) = read_problems(world_folder)
            assert told.startswith(f"{path.name}:1:")
            assert told.endswith(f"got '{column}x' — did you mean '{column}'?")
        path.write_text(text, encoding="utf-8")


def test_a_cell_that_the_header_lost_is_one_problem(world_folder: Path, read_problems: ReadProblems) -> None:
    for path in sorted(world_folder.glob("*.csv")):
        text = path.read_text(encoding="utf-8")
        columns, rows = text.splitlines()[0].split(","), text.splitlines()[1:]
        for index in range(len(columns)) if len(rows) > 1 else ():
            write(path, columns[:index] + columns[index + 1 :], rows)
            (told,) = read_problems(world_folder)
            assert told.startswith(f"{path.name}:1:1: the header must name as many columns as its rows have cells")
            assert f"got '{len(columns) - 1}, not {len(columns)}' — add the name that is missing" in told
        path.write_text(text, encoding="utf-8")


def test_a_blank_last_name_over_filled_cells_is_one_problem(world_folder: Path, read_problems: ReadProblems) -> None:
    path = world_folder / "items.csv"
    text = path.read_text(encoding="utf-8").replace("mass_kg,source", "mass_kg,").replace("tray,20,maker", "tray,20,")
    path.write_text(text, encoding="utf-8")
    assert read_problems(world_folder) == [
        "items.csv:1:19: a column needs a name — name it, or clear the cells below",
    ]


def test_a_table_that_names_no_source_at_all_is_one_problem(world_folder: Path, read_problems: ReadProblems) -> None:
    path = world_folder / "bom.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",source", "").replace(",maker", ""), encoding="utf-8")
    (told,) = read_problems(world_folder)
    assert told.startswith("bom.csv:1:1: rows that hold a number must name their source, and none of 2 does")


@pytest.mark.parametrize(("table", "name"), [("lanes", "lane"), ("items", "item"), ("processes", "proceses")])
def test_a_table_by_a_name_like_its_own_is_one_problem(
    world_folder: Path, read_problems: ReadProblems, table: str, name: str
) -> None:
    (world_folder / f"{table}.csv").rename(world_folder / f"{name}.csv")
    assert read_problems(world_folder) == [f"{name}.csv: there is no table '{name}' — did you mean '{table}'?"]


def test_beside_a_wrong_header_all_else_is_told(world_folder: Path, read_problems: ReadProblems) -> None:
    """Cells and names of the table itself, and what is wrong in tables that refer to it."""
    spoilt = {"bom": ("item,input,quantity", "item,input,quantty"), "lanes": ("truck,2", "truck,-2")}
    for table, (old, new) in spoilt.items():
        path = world_folder / f"{table}.csv"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    (world_folder / "bom.csv").write_text("item,input,quantty,source\nrack,trey,18,maker\n", encoding="utf-8")
    assert [told.partition(": ")[0] for told in read_problems(world_folder)] == [
        "bom.csv:1:12",
        "bom.csv:2:6",
        "lanes.csv:3:22",
    ]
