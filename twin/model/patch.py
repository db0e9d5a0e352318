"""Changes of a world: rows set, multiplied, added or removed, and checked like the world itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.model.checks import run_checks, unchecked
from twin.model.checks_names import REFERENCES
from twin.model.columns import cell_text, columns_of, movable_columns, row_cells
from twin.model.distribution import Distribution
from twin.model.document import Document, DocumentPlace
from twin.model.place import Place
from twin.model.problems import Problem, nearest, raise_if_any, suggestion
from twin.model.row import Row
from twin.model.rows_demand import Estimate
from twin.model.scenario import Change
from twin.model.tables import Tables, parse_row, read_settings, tables_of
from twin.model.where import matches, parse_where, why_no_match
from twin.model.world import TABLES, World

PlacedChange = tuple[Change, DocumentPlace]


def apply_changes(world: World, changes: Sequence[Change]) -> World:
    """A new world with every change applied in order. Raises InputError with all problems the changes make."""
    root = DocumentPlace(Document(f"changes of world {world.name}", Path()), ())
    before = tables_of(world)
    tables = before.copy()
    problems = patch_tables(tables, [(change, root.below(index)) for index, change in enumerate(changes)])
    raise_if_any([*problems, *new_problems(tables, before)], unchecked(tables))
    return tables.world()


def estimate_change(estimate: Estimate, value: float) -> Change:
    """The change that gives an estimated number another value."""
    return Change(table=estimate.table, where=parse_where(estimate.where), set={estimate.column: value})


def new_problems(tables: Tables, before: Tables) -> list[Problem]:
    """What the checks find in patched tables and not in the tables before."""
    found = run_checks(tables)
    if not found:
        return []
    old = {(problem.rule, problem.value) for problem in run_checks(before)}
    return [problem for problem in found if (problem.rule, problem.value) not in old]


def patch_tables(tables: Tables, changes: Iterable[PlacedChange]) -> list[Problem]:
    """Apply changes to the rows of `tables` in place; what cannot be applied is a problem, and its table in doubt."""
    problems = []
    for change, place in changes:
        found = _form_problems(change, place) or _apply(tables, change, place)
        if change.table == "settings" and not found:
            found = read_settings(tables)
        meant = nearest(change.table, TABLES)
        if found and meant is not None:
            tables.doubt(meant)
        problems += found
    return problems


@dataclass(frozen=True, slots=True)
class ChangedPlace:
    """A row that a change has touched: its cells stand in the change."""

    change: DocumentPlace
    part: str
    columns: frozenset[str]

    def problem(self, column: str, rule: str, value: str = "", remedy: str = "") -> Problem:
        """See `Place`; columns that the change leaves alone are reported at the change."""
        where = f"{self.part}/{column}".lstrip("/") if column in self.columns else ""
        return self.change.problem(where, rule, value, remedy)


def _form_problems(change: Change, place: DocumentPlace) -> list[Problem]:
    """What is wrong with a change by itself: unknown names, and parts that do not go together."""
    if change.table not in TABLES:
        remedy = suggestion(change.table, TABLES, "")
        return [place.problem("table", f"there is no table '{change.table}'", change.table, remedy)]
    record = TABLES[change.table]
    problems = []
    for part, given in (("where", change.where), ("set", change.set), ("multiply", change.multiply)):
        problems += [
            _no_column(change.table, part, column, place) for column in given if column not in columns_of(record)
        ]
    if not (change.set or change.multiply or change.add or change.remove):
        problems.append(place.problem("", "a change must change something", remedy="give set, multiply, add or remove"))
    if change.remove and (change.set or change.multiply):
        problems.append(place.problem("remove", "a row is removed or changed", remedy="make it two changes"))
    if change.add and change.where and not (change.set or change.multiply or change.remove):
        problems.append(place.problem("where", "rows that are added match nothing", remedy="leave out `where`"))
    for column in set(change.set) & set(change.multiply):
        problems.append(place.key_problem(f"multiply/{column}", f"{column} is set or multiplied", remedy="give one"))
    for column in change.multiply:
        if column in columns_of(record) and column not in movable_columns(record):
            rule, remedy = f"{column} is not a number", suggestion(column, movable_columns(record), "")
            problems.append(place.key_problem(f"multiply/{column}", rule, column, remedy))
    return problems


def _no_column(table: str, part: str, column: str, place: DocumentPlace) -> Problem:
    remedy = suggestion(column, columns_of(TABLES[table]), "")
    return place.key_problem(f"{part}/{column}", f"the table '{table}' has no column '{column}'", column, remedy)


def _apply(tables: Tables, change: Change, place: DocumentPlace) -> list[Problem]:
    rows = tables.rows[change.table]
    problems: list[Problem] = []
    if change.set or change.multiply or change.remove:
        hit = [matches(row, change.where) for row, _ in rows]
        if not any(hit):
            # A row that could not be read may be the one that is meant.
            return [] if change.table in tables.broken else [_no_match(change, rows, place)]
        if change.remove:
            rows = [pair for pair, is_hit in zip(rows, hit, strict=True) if not is_hit]
        else:
            rows = [
                _changed(change, *pair, place, tables, problems) if is_hit else pair
                for pair, is_hit in zip(rows, hit, strict=True)
            ]
            problems += _untouched(change, rows, hit, place)
    for index, cells in enumerate(change.add):
        rows = rows + _added(change, index, cells, place, tables, problems)
    # A new list: the world before the change keeps its own.
    before, tables.rows[change.table] = tables.rows[change.table], rows
    _note_removed(tables, change, before, place)
    return problems


def _note_removed(tables: Tables, change: Change, before: list[tuple[Row, Place]], place: DocumentPlace) -> None:
    """Keep which names of other tables' columns a change has taken away, so that it is blamed for them."""
    fields = columns_of(TABLES[change.table])
    for column in sorted({each.to_column for each in REFERENCES if each.to_table == change.table}):
        known = tables.known(change.table, column)
        part = "remove" if change.remove else f"set/{column}" if column in change.set else ""
        for name in sorted({getattr(row, fields[column]) for row, _ in before} - known):
            tables.removed[change.table, column, name] = place.problem(part, "")


def _no_match(change: Change, rows: list[tuple[Row, Place]], place: DocumentPlace) -> Problem:
    column, remedy = why_no_match([row for row, _ in rows], change.where)
    value = cell_text(change.where.get(column))
    return place.problem(f"where/{column}" if column else "", f"no row of '{change.table}' matches", value, remedy)


def _untouched(change: Change, rows: list[tuple[Row, Place]], hit: list[bool], place: DocumentPlace) -> list[Problem]:
    """A factor on cells that are all blank would silently do nothing."""
    touched = [row for (row, _), is_hit in zip(rows, hit, strict=True) if is_hit]
    fields = columns_of(TABLES[change.table])
    return [
        place.key_problem(f"multiply/{column}", f"{column} is blank in every row that matches", remedy="use `set`")
        for column in change.multiply
        if all(getattr(row, fields[column]) is None for row in touched)
    ]


def _changed(
    change: Change, row: Row, place: Place, at: DocumentPlace, tables: Tables, problems: list[Problem]
) -> tuple[Row, Place]:
    fields = columns_of(type(row))
    cells = {**row_cells(row), **{column: _plain(value) for column, value in change.set.items()}}
    for column, factor in change.multiply.items():
        present = getattr(row, fields[column])
        if present is not None and factor >= 0:
            cells[column] = _times(present, factor)
        elif factor < 0:
            problem = at.problem(f"multiply/{column}", "a factor is 0 or more", cell_text(factor), "give such as 1.2")
            problems.append(problem)
            return row, place
    cells = {column: value for column, value in cells.items() if value not in ("", None)}
    part = "set" if change.set else "multiply"
    changed_place = ChangedPlace(at, part, frozenset(change.set) | frozenset(change.multiply))
    changed, found = parse_row(type(row), cells, changed_place, tables.folder)
    problems += found
    return (row, place) if changed is None else (changed, changed_place)


def _times(value: Any, factor: float) -> object:
    if isinstance(value, Distribution):
        return value.scaled(factor)
    return round(value * factor) if isinstance(value, int) else value * factor


def _added(
    change: Change, index: int, cells: dict[str, Any], at: DocumentPlace, tables: Tables, problems: list[Problem]
) -> list[tuple[Row, Place]]:
    record = TABLES[change.table]
    unknown = [column for column in cells if column not in columns_of(record)]
    problems += [_no_column(change.table, f"add/{index}", column, at) for column in unknown]
    plain = {column: _plain(value) for column, value in cells.items() if column not in unknown}
    place = ChangedPlace(at.below("add", index), "", frozenset(cells))
    given = {column: value for column, value in plain.items() if value != ""}
    row, found = parse_row(record, given, place, tables.folder)
    problems += found
    return [] if row is None else [(row, place)]


def _plain(value: object) -> object:
    """A value of a scenario file as the text a table would hold; lists and blocks stay, to be refused."""
    return value if isinstance(value, list | dict | Distribution) else cell_text(value)
