"""A log as one Parquet file that other programs can read: names as words, blanks as nulls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from twin.events.canonical import NAMED, canonical
from twin.events.record import COLUMNS, EVENTS, Log
from twin.model.problems import InputError, Problem

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NAME_LISTS = {"event": "events", **NAMED}
_WHOLE = ("unit", "lot", "parent")


def write_log(path: Path, log: Log) -> None:
    """Write a log; equal logs give equal bytes. The file is complete only on return."""
    form = canonical(log)
    with connection() as duck:
        cells = {name: np.ascontiguousarray(form.column(name)) for name in COLUMNS}
        duck.register("cells", {"rank": np.arange(len(form.rows)), **cells})
        _register_names(duck, {"events": EVENTS, "places": form.places, "items": form.items, "orders": form.orders})
        selected = ", ".join(_written(name) for name in COLUMNS)
        joins = " ".join(f'LEFT JOIN {names} ON {names}.id = cells."{name}"' for name, names in _NAME_LISTS.items())
        duck.execute(
            f"COPY (SELECT {selected} FROM cells {joins} ORDER BY rank) TO {quoted(path)} "
            "(FORMAT parquet, COMPRESSION zstd, "
            f"KV_METADATA {{horizon_s: '{form.horizon_s}', report_s: '{form.report_s}'}})"
        )


def read_log(path: Path) -> Log:
    """Read what `write_log` wrote, in canonical form. Raises InputError if it is no such file, or a part of one."""
    import duckdb

    try:
        with connection() as duck:
            return _read(duck, path)
    except (duckdb.Error, KeyError, ValueError) as error:
        rule = "this is no log of this program, or not all of it is there"
        raise InputError([Problem(file=str(path), rule=rule, remedy="run the scenario again")]) from error


def _read(connection: DuckDBPyConnection, path: Path) -> Log:
    source = f"read_parquet({quoted(path)}, file_row_number = true)"
    stored = connection.execute(f"SELECT key, value FROM parquet_kv_metadata({quoted(path)})").fetchall()
    limits = {bytes(key).decode(): int(bytes(value)) for key, value in stored}
    names: dict[str, tuple[str, ...]] = {"events": EVENTS}
    for column, field in NAMED.items():
        query = f'SELECT DISTINCT "{column}" FROM {source} WHERE "{column}" IS NOT NULL'
        names[field] = tuple(sorted(row[0] for row in connection.execute(query).fetchall()))
    _register_names(connection, names)
    selected = ", ".join(_read_back(name) for name in COLUMNS)
    joins = " ".join(f'LEFT JOIN {kept} ON {kept}.name = log."{name}"' for name, kept in _NAME_LISTS.items())
    cells = connection.execute(f"SELECT {selected} FROM {source} AS log {joins} ORDER BY file_row_number").fetchnumpy()
    rows = np.column_stack([np.ma.filled(cells[name].astype(np.float64), np.nan) for name in COLUMNS])
    return Log(
        rows=rows,
        places=names["places"],
        items=names["items"],
        orders=names["orders"],
        horizon_s=limits["horizon_s"],
        report_s=limits["report_s"],
    )


def connection() -> DuckDBPyConnection:
    """A database in memory, to be closed; files written through it do not depend on the machine."""
    import duckdb

    # One thread: the order of row groups, and so the bytes, must not depend on the machine. And no
    # progress of its own: on a slow machine it would stand on standard output, before the answer.
    duck = duckdb.connect(config={"threads": 1})
    duck.execute("SET enable_progress_bar = false")
    return duck


def _register_names(connection: DuckDBPyConnection, lists: dict[str, tuple[str, ...]]) -> None:
    for field, names in lists.items():
        words: NDArray[np.object_] = np.array([*names, None], dtype=object)[:-1]
        connection.register(f"{field}_given", {"id": np.arange(len(names), dtype=np.float64), "name": words})
        connection.execute(f"CREATE TABLE {field} AS SELECT id, CAST(name AS VARCHAR) AS name FROM {field}_given")


def _written(name: str) -> str:
    if name in _NAME_LISTS:
        return f'{_NAME_LISTS[name]}.name AS "{name}"'
    if name in _WHOLE:
        return f"CASE WHEN cells.{name} < 0 THEN NULL ELSE CAST(cells.{name} AS BIGINT) END AS {name}"
    return f"CASE WHEN isnan(cells.{name}) THEN NULL ELSE cells.{name} END AS {name}"


def _read_back(name: str) -> str:
    if name in _NAME_LISTS:
        return f'COALESCE({_NAME_LISTS[name]}.id, -1) AS "{name}"'
    if name in _WHOLE:
        return f"CAST(COALESCE(log.{name}, -1) AS DOUBLE) AS {name}"
    return f"log.{name} AS {name}"


def quoted(path: Path) -> str:
    """A path as the database's language writes it."""
    return "'" + str(path).replace("'", "''") + "'"
