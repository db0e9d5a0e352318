"""The rows of every table with their places: what the checks read and a world is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from twin.model.columns import cell_text, columns_of, required_columns
from twin.model.place import FilePlace, Place, RowPlace
from twin.model.problems import Problem, suggestion
from twin.model.raw import RawRow, RawTable, RawWorld
from twin.model.row import Row
from twin.model.rows_network import Setting
from twin.model.words import plain_words
from twin.model.world import REQUIRED_TABLES, TABLES, Settings, World

RowKind = TypeVar("RowKind", bound=Row)


@dataclass(slots=True)
class Tables:
    """Every table's rows with their places.

    `broken` are tables of which some row could not be read, so that a check that needs all
    rows leaves them alone; `spelled` keeps the names such rows would have given, by
    (table, column), so that nobody who refers to them is blamed; `unread` are tables of which
    not even the names are known.
    """

    name: str
    file: str
    rows: dict[str, list[tuple[Row, Place]]] = field(default_factory=lambda: {table: [] for table in TABLES})
    broken: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    headers: dict[str, Place] = field(default_factory=dict)
    spelled: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    settings: Settings | None = None
    folder: Path | None = None
    """Where `empirical(file.csv)` is looked for."""

    def of(self, record: type[RowKind]) -> Iterator[tuple[RowKind, Place]]:
        """The rows of one record's table, with their places."""
        for row, place in self.rows[_TABLE_OF[record]]:
            assert isinstance(row, record)
            yield row, place

    def known(self, table: str, column: str) -> set[str]:
        """Every name that stands in a column of a table, those of rows that could not be read too."""
        name = columns_of(TABLES[table])[column]
        return {getattr(row, name) for row, _ in self.rows[table]} | self.spelled.get((table, column), set())

    def world(self) -> World:
        """The rows as a world. Only for tables that passed every check."""
        assert self.settings is not None
        tables: dict[str, Any] = {
            table: tuple(row for row, _ in self.rows[table]) for table in TABLES if table != "settings"
        }
        return World.model_construct(name=self.name, settings=self.settings, **tables)


_TABLE_OF = {record: table for table, record in TABLES.items()}


def tables_of(world: World) -> Tables:
    """A world's rows, each placed by its table and its number."""
    tables = Tables(name=world.name, file=f"world {world.name}", settings=world.settings)
    for table in TABLES:
        found = setting_rows(world.settings) if table == "settings" else getattr(world, table)
        tables.rows[table] = [(row, RowPlace(world.name, table, number)) for number, row in enumerate(found, start=1)]
    return tables


def setting_rows(settings: Settings) -> list[Setting]:
    """Every setting as a row of the settings table."""
    return [Setting(name=name, value=cell_text(getattr(settings, name))) for name in Settings.model_fields]


def read_tables(raw: RawWorld, folder: Path) -> tuple[Tables, list[Problem]]:
    """Raw tables to rows; every cell that breaks a rule of its column is a problem."""
    tables = Tables(name=raw.name, file=raw.file, folder=folder)
    problems = list(raw.problems)
    for name in REQUIRED_TABLES:
        if name not in raw.tables and not any(name in problem.position for problem in raw.problems):
            remedy = f"give the table {name}, with columns {', '.join(required_columns(TABLES[name]))}"
            problems.append(Problem(file=raw.file, rule=f"the table '{name}' is needed", remedy=remedy))
    for table in raw.tables.values():
        problems += _read_table(tables, table)
    absent = [table for table in TABLES if table not in raw.tables]
    tables.unread |= {table for table in absent if table in REQUIRED_TABLES or _met_problem(raw, table)}
    tables.broken |= tables.unread
    problems += read_settings(tables)
    if tables.settings is not None:
        _complete_settings(tables, tables.settings)
    return tables, problems


def _complete_settings(tables: Tables, settings: Settings) -> None:
    """Settings that were not given join the table with their default, so that a patch finds them."""
    given = tables.known("settings", "name")
    place = FilePlace(tables.file)
    tables.rows["settings"] += [(row, place) for row in setting_rows(settings) if row.name not in given]


def _met_problem(raw: RawWorld, table: str) -> bool:
    return any(table == problem.sheet or Path(problem.file).stem == table for problem in raw.problems)


def _read_table(tables: Tables, raw: RawTable) -> list[Problem]:
    record = TABLES[raw.name]
    problems = _header_problems(record, raw)
    missing = {column for column in required_columns(record) if column not in raw.header.cells}
    tables.headers[raw.name] = raw.header.place
    if problems:
        tables.broken.add(raw.name)
    if missing:
        # Whatever else is right, the column that others refer to may be the one that is missing.
        tables.unread.add(raw.name)
    if not raw.rows and raw.name in REQUIRED_TABLES:
        tables.unread.add(raw.name)
        problems.append(raw.header.place.problem("", f"the table '{raw.name}' needs a row", remedy="add one below"))
    for row in raw.rows:
        found = _read_row(tables, raw, row, missing) if row.fits else []
        if found or not row.fits or missing:
            tables.broken.add(raw.name)
            _remember_names(tables, raw, row)
        problems += found
    return problems


def _header_problems(record: type[Row], raw: RawTable) -> list[Problem]:
    known = columns_of(record)
    problems = []
    seen: set[str] = set()
    for index, column in enumerate(raw.header.cells):
        rule, remedy = "", ""
        if not column:
            rule, remedy = "a column needs a name", "name it, or remove it"
        elif column in seen:
            rule, remedy = f"the column '{column}' is there twice", "remove one of the two"
        elif column not in known:
            rule, remedy = f"the table '{raw.name}' has no column '{column}'", suggestion(column, known, "")
        seen.add(column)
        if rule:
            problems.append(raw.header.place.problem_at(index, rule, column, remedy))
    for column in required_columns(record):
        if column not in seen:
            rule = f"the table '{raw.name}' needs the column '{column}'"
            problems.append(raw.header.place.problem("", rule, remedy=f"add the column '{column}'"))
    return problems


def _read_row(tables: Tables, raw: RawTable, row: RawRow, missing: set[str]) -> list[Problem]:
    known = columns_of(TABLES[raw.name])
    pairs = zip(raw.header.cells, row.cells, strict=True)
    cells = {column: cell for column, cell in pairs if cell and column in known}
    parsed, problems = parse_row(TABLES[raw.name], cells, row.place, tables.folder, missing)
    if parsed is not None:
        tables.rows[raw.name].append((parsed, row.place))
    return problems


def parse_row(
    record: type[RowKind],
    cells: dict[str, Any],
    place: Place,
    folder: Path | None = None,
    missing: set[str] | frozenset[str] = frozenset(),
) -> tuple[RowKind | None, list[Problem]]:
    """Cells to a row, or None with its problems; columns in `missing` were reported with the header."""
    try:
        return record.model_validate(cells, context={"folder": folder}), []
    except ValidationError as error:
        problems = []
        for detail in error.errors(include_url=False):
            column = str(detail["loc"][0]) if detail["loc"] else ""
            if detail["type"] == "missing" and column in missing:
                continue
            rule, remedy = plain_words(detail, column, columns_of(record))
            value = cell_text(cells.get(column))
            problems.append(place.problem(column, rule, value, remedy))
        return None, problems


def _remember_names(tables: Tables, raw: RawTable, row: RawRow) -> None:
    for column, cell in zip(raw.header.cells, row.cells, strict=False):
        if cell:
            tables.spelled.setdefault((raw.name, column), set()).add(cell)


def read_settings(tables: Tables) -> list[Problem]:
    """The rows of the settings table to `tables.settings`, which stays None where one breaks a rule."""
    places: dict[str, Place] = {}
    cells: dict[str, str] = {}
    problems = []
    for row, place in tables.of(Setting):
        if row.name in Settings.model_fields:
            cells[row.name], places[row.name] = row.value, place
        else:
            remedy = suggestion(row.name, Settings.model_fields, "")
            problems.append(place.problem("name", f"there is no setting '{row.name}'", row.name, remedy))
    if "settings" in tables.broken and "starts" not in cells:
        return problems
    try:
        tables.settings = Settings.model_validate(cells)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            name = str(detail["loc"][0])
            rule, remedy = plain_words(detail, name)
            where = places.get(name) or tables.headers.get("settings", FilePlace(tables.file))
            problems.append(where.problem("value", rule, cells.get(name, ""), remedy))
    return problems
