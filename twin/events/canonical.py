"""One form for logs that say the same, whatever order their names were first met in."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from twin.events.record import COLUMNS, Log

NAMED = {"place": "places", "item": "items", "order": "orders"}
"""Columns that hold positions in a list of names, with the list."""


def canonical(log: Log) -> Log:
    """The same rows, with names sorted, unused names left out, one kind of NaN and of zero."""
    rows = log.rows + 0.0
    rows[np.isnan(rows)] = np.nan
    names: dict[str, tuple[str, ...]] = {}
    for column, field in NAMED.items():
        index = COLUMNS.index(column)
        rows[:, index], names[field] = _sorted_names(rows[:, index], getattr(log, field))
    return replace(log, rows=rows, places=names["places"], items=names["items"], orders=names["orders"])


def _sorted_names(codes: NDArray[np.float64], names: tuple[str, ...]) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    positions = codes.astype(np.int64)
    is_used = np.zeros(len(names), bool)
    is_used[positions[positions >= 0]] = True
    used = sorted(np.flatnonzero(is_used).tolist(), key=lambda position: names[position])
    # The last entry answers position -1, which means not given.
    renumbered = np.full(len(names) + 1, -1.0)
    renumbered[used] = np.arange(len(used))
    return renumbered[positions], tuple(names[position] for position in used)


def before(log: Log, time_s: float) -> Log:
    """The rows earlier than a moment."""
    return replace(log, rows=log.rows[: np.searchsorted(log.column("time_s"), time_s)])


def log_digest(log: Log) -> str:
    """SHA-256 in hex of the canonical rows and names; equal logs, and only they, share it."""
    form = canonical(log)
    digest = hashlib.sha256(repr((form.horizon_s, form.report_s, form.places, form.items, form.orders)).encode())
    digest.update(np.ascontiguousarray(form.rows, dtype="<f8").tobytes())
    return digest.hexdigest()
