"""The rows of every table with their places: what the checks read and a world is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from twin.model.columns import cell_text, columns_of, required_columns
from twin.model.header import header_problems, misaligned, sure_columns
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
    rows leaves them alone; `left_out` keeps the cells of such rows as text, by column, so that
    the names in them are checked and nobody who refers to them is blamed (with no place where
    cells may stand under the wrong column); `unread` are (table, column) pairs of which not even the names are known.
    """

    name: str
    file: str
    rows: dict[str, list[tuple[Row, Place]]] = field(default_factory=lambda: {table: [] for table in TABLES})
    broken: set[str] = field(default_factory=set)
    unread: set[tuple[str, str]] = field(default_factory=set)
    headers: dict[str, Place] = field(default_factory=dict)
    left_out: dict[str, list[tuple[dict[str, str], Place | None]]] = field(default_factory=dict)
    removed: dict[tuple[str, str, str], Problem] = field(default_factory=dict)
    """By table, column and name: a change of a scenario that took the name away, for whatever still names it."""
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
        spelled = {cells.get(column, "") for cells, _ in self.left_out.get(table, ())} - {""}
        return {getattr(row, name) for row, _ in self.rows[table]} | spelled

    def leave_out(self, table: str, cells: dict[str, str], place: Place | None) -> None:
        """Keep the cells of a row that could not be read."""
        self.left_out.setdefault(table, []).append((cells, place))

    def doubt(self, table: str, sure: Iterable[str] = ()) -> None:
        """Take a table for broken, with unknown names in all columns but the sure ones."""
        self.broken.add(table)
        self.unread |= {(table, column) for column in set(columns_of(TABLES[table])).difference(sure)}

    def copy(self) -> Tables:
        """The tables as they are now, which changes of the others leave alone."""
        return replace(
            self,
            rows=dict(self.rows),
            broken=set(self.broken),
            unread=set(self.unread),
            left_out={table: list(rows) for table, rows in self.left_out.items()},
            removed=dict(self.removed),
        )

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
        if name not in raw.tables and name not in raw.doubtful:
            remedy = f"give the table {name}, with columns {', '.join(required_columns(TABLES[name]))}"
            problems.append(Problem(file=raw.file, rule=f"the table '{name}' is needed", remedy=remedy))
    for table in raw.tables.values():
        problems += _read_table(tables, table)
    for name in set(TABLES).difference(raw.tables).intersection([*REQUIRED_TABLES, *raw.doubtful]):
        tables.doubt(name)
    problems += read_settings(tables)
    if tables.settings is not None:
        _complete_settings(tables, tables.settings)
    return tables, problems


def _complete_settings(tables: Tables, settings: Settings) -> None:
    """Settings that were not given join the table with their default, so that a patch finds them."""
    given = tables.known("settings", "name")
    place = FilePlace(tables.file)
    tables.rows["settings"] += [(row, place) for row in setting_rows(settings) if row.name not in given]


def _read_table(tables: Tables, raw: RawTable) -> list[Problem]:
    """A table's rows; of one whose header is in doubt only cells and names are read, and no other table is blamed."""
    record = TABLES[raw.name]
    tables.headers[raw.name] = raw.header.place
    problems = header_problems(record, raw)
    slip = misaligned(record, raw)
    if slip is not None:
        tables.doubt(raw.name)
        return [slip]
    in_doubt, sure = bool(problems), sure_columns(record, raw)
    if not raw.rows and raw.name in REQUIRED_TABLES:
        problems.append(raw.header.place.problem("", f"the table '{raw.name}' needs a row", remedy="add one below"))
    if problems:
        tables.doubt(raw.name, sure if raw.rows else ())
    for row in raw.rows:
        parsed, cells, found = _read_row(tables, raw, row, sure)
        problems += found
        if parsed is not None and not in_doubt:
            tables.rows[raw.name].append((parsed, row.place))
        else:
            tables.broken.add(raw.name)
            tables.leave_out(raw.name, cells, None if row.problem else row.place)
    return problems


def _read_row(
    tables: Tables, raw: RawTable, row: RawRow, sure: set[str]
) -> tuple[Row | None, dict[str, str], list[Problem]]:
    """A row, or None with its problems; and its cells as text, by column of those that are sure."""
    record = TABLES[raw.name]
    pairs = zip(raw.header.cells, row.cells, strict=False)
    cells = {column: cell for column, cell in pairs if cell and column in sure}
    if row.problem is not None:
        return None, cells, [row.problem]
    spoilt = {raw.header.cells[index] for index in row.spoilt}
    # Whoever refers to a name that cannot be read is not to blame.
    tables.unread |= {(raw.name, column) for column in spoilt}
    missing = set(required_columns(record)) - sure | spoilt
    parsed, problems = parse_row(record, cells, row.place, tables.folder, missing)
    return (None if spoilt else parsed), cells, [*row.spoilt.values(), *problems]


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
