"""A world from its folder of CSV files or its workbook, every problem of every file in one pass."""

from __future__ import annotations

from pathlib import Path

from twin.model.checks import run_checks, unchecked
from twin.model.places import shown
from twin.model.problems import InputError, Problem, raise_if_any
from twin.model.read_csv import read_folder
from twin.model.read_workbook import read_workbook
from twin.model.tables import Tables, read_tables
from twin.model.world import TABLES, World


def load_world(path: str | Path) -> World:
    """A world from a folder of CSV files, or from one workbook (.xlsx) with a sheet for each table.

    Raises InputError with every problem of every table, each at its cell.
    """
    tables, problems = read_world(Path(path))
    raise_if_any(problems, unchecked(tables))
    return tables.world()


def read_world(path: Path) -> tuple[Tables, list[Problem]]:
    """A world's rows with their places, and every problem found. Raises InputError where there is nothing to read."""
    if path.is_dir():
        raw, folder = read_folder(path, TABLES), path
    elif path.suffix == ".xlsx" and path.is_file():
        raw, folder = read_workbook(path, TABLES), path.parent
    else:
        remedy = "give a folder of CSV files or a workbook (.xlsx)"
        raise InputError([Problem(file=shown(path), rule="there is no such world", remedy=remedy)])
    tables, problems = read_tables(raw, folder)
    return tables, problems + run_checks(tables, as_files=True)
