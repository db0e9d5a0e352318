"""A world to a folder of CSV files or to one workbook, such that reading it gives the same world."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from twin.model.columns import cell_text, columns_of, kinds_of, required_columns
from twin.model.distribution import Distribution, number_text
from twin.model.row import Row
from twin.model.rows_network import Setting
from twin.model.world import TABLES, Settings, World


def write_world_csv(world: World, folder: Path) -> None:
    """Every table that has rows as `folder/<table>.csv`, in UTF-8 with a mark so that spreadsheets read it right."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, columns, rows in _filled_tables(world):
        with (folder / f"{table}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows([cell_text(value) for value in cells] for cells in rows)
    _write_observations(world, folder)


def write_world_workbook(world: World, path: Path) -> None:
    """Every table that has rows as a sheet of one workbook; files of `empirical` cells stand beside it.

    Numbers keep the 16 digits that a workbook holds.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for table, columns, rows in _filled_tables(world):
        sheet = book.create_sheet(table)
        sheet.freeze_panes = "A2"
        sheet.append(columns)
        for cells in rows:
            sheet.append([_sheet_cell(sheet, value) for value in cells])
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    _write_observations(world, path.parent)


def _filled_tables(world: World) -> Iterator[tuple[str, list[str], list[list[Any]]]]:
    for table, record in TABLES.items():
        rows: Iterable[Row] = _changed_settings(world.settings) if table == "settings" else getattr(world, table)
        rows = tuple(rows)
        if rows:
            columns = _used_columns(record, rows)
            fields = columns_of(record)
            yield table, columns, [[getattr(row, fields[column]) for column in columns] for row in rows]


def _changed_settings(settings: Settings) -> list[Setting]:
    """Settings that differ from their default, and those without one."""
    return [
        Setting(name=name, value=cell_text(getattr(settings, name)))
        for name, field in Settings.model_fields.items()
        if field.is_required() or getattr(settings, name) != field.default
    ]


def _used_columns(record: type[Row], rows: tuple[Row, ...]) -> list[str]:
    """Required columns, and those in which some row differs from the default; `source` and `note` last."""
    required = required_columns(record)
    used = [
        column
        for column, name in columns_of(record).items()
        if column in required or any(getattr(row, name) != record.model_fields[name].default for row in rows)
    ]
    return sorted(used, key=lambda column: column in ("source", "note"))


def _sheet_cell(sheet: Any, value: object) -> Any:
    """Numbers and dates stay what they are; text that begins with `=` stays text."""
    if isinstance(value, Distribution) and value.is_constant:
        return value.parameters[0]
    if value is None or isinstance(value, bool | int | float | date):
        return value
    text = cell_text(value)
    if not text.startswith("="):
        return text or None
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    return cell


def _write_observations(world: World, folder: Path) -> None:
    for table, record in TABLES.items():
        varying = [columns_of(record)[column] for column, kind in kinds_of(record).items() if kind == "varying"]
        for row in getattr(world, table) if varying else ():
            for cell in (getattr(row, name) for name in varying):
                if cell is not None and cell.family == "empirical":
                    lines = "\n".join(number_text(value) for value in cell.values)
                    (folder / cell.file).write_text(lines + "\n", encoding="utf-8")
