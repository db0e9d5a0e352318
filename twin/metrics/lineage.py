"""Who consumed what: every lot, rack and shipment with the lots that went into it, first in, first out.

The log says what came into each stock and what left it, in order. First in, first out, the
k-th unit to leave is the k-th that came, so laying the two running totals over each other
gives each consumer its lots.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from twin.events.lineage_file import CONSUMERS, Lineage
from twin.metrics.rows import Rows, Whole
from twin.metrics.view import View

PARTS_PER_UNIT = 1_000_000
"""Quantities are matched in whole millionths of a unit, so that sums are exact."""


@dataclass(frozen=True, slots=True, eq=False)
class _Moves:
    """What came into stocks, or left them: row of the log, stock, number and kind of lot or consumer, parts."""

    row: Whole
    stock: Whole
    number: Whole
    kind: Whole
    parts: Whole


def lineage(view: View) -> Lineage:
    """The lineage of one log. Racks pass on the lots of their kits; a rack itself is one number from start to end."""
    sites, stock_of = _stocks(view)
    came, left = _came(view, stock_of), _left(view, stock_of)
    entries = [_matched(came, left, stock) for stock in np.intersect1d(came.stock, left.stock).tolist()]
    columns = [np.concatenate([entry[n] for entry in entries]) if entries else np.empty(0, np.int64) for n in range(5)]
    stock, parent, kind, lot, parts = columns
    items = len(view.log.items)
    return Lineage(
        sites=sites,
        items=view.log.items,
        site=stock // items if items else stock,
        item=stock % items if items else stock,
        parent=parent,
        kind=kind,
        lot=lot,
        quantity=parts / PARTS_PER_UNIT,
    )


def _stocks(view: View) -> tuple[tuple[str, ...], dict[str, Whole]]:
    """Sites, and by direction the site into which (from which) each place of the log gives (takes)."""
    into, out = [], []
    for place in view.log.places:
        kind, _, name = place.partition(":")
        ends = view.facts.lane_ends.get(name, ("", "")) if kind == "lane" else ("", "")
        own = name if kind == "site" else name.rpartition("@")[2] if kind in ("process", "customer") else ""
        into.append(ends[1] or own)
        out.append(ends[0] or own)
    sites = tuple(sorted({*into, *out} - {""}))
    number = {name: at for at, name in enumerate(sites)} | {"": -1}
    return sites, {"in": np.array([number[name] for name in into]), "out": np.array([number[name] for name in out])}


def _came(view: View, stock_of: dict[str, Whole]) -> _Moves:
    """Day one, what was made, what arrived and what came from outside the world, in lots."""
    parts = []
    for event in ("opened", "produced", "docked", "supplied"):
        row, rows = _rows(view, event)
        is_stock = np.array([name.startswith("site:") for name in view.log.places] or [False])
        kept = rows.unit < 0
        if event == "opened":
            kept &= is_stock[rows.place]
        parts.append(_moves(view, row[kept], rows.where(kept), stock_of["in"], rows.lot[kept], "lot"))
    return _joined(parts)


def _left(view: View, stock_of: dict[str, Whole]) -> _Moves:
    """What lots and units consumed, what shipments took along, what customers got, and the kits of racks."""
    parts = []
    row, rows = _rows(view, "consumed")
    for kind, numbers in (("lot", rows.parent), ("unit", np.where(rows.parent < 0, rows.unit, -1))):
        kept = numbers >= 0
        parts.append(_moves(view, row[kept], rows.where(kept), stock_of["out"], numbers[kept], kind))
    row, rows = _rows(view, "shipped")
    kept = rows.unit < 0
    parts.append(_moves(view, row[kept], rows.where(kept), stock_of["out"], rows.lot[kept], "lot"))
    row, rows = _rows(view, "served")
    parts.append(_moves(view, row, rows, stock_of["out"], np.full(len(rows), -1), "customer"))
    parts += _kits(view, stock_of["out"])
    return _joined(parts)


def _kits(view: View, site_of: Whole) -> Iterator[_Moves]:
    """The inputs of racks, one after the other: the log has a row a rack, and the bill of materials the rest."""
    row, rows = _rows(view, "started")
    codes = {name: at for at, name in enumerate(view.log.items)}
    racks = (rows.parent >= 0) & ~view.is_conversion[rows.place]
    ways = sorted(set(zip(rows.item[racks].tolist(), rows.place[racks].tolist(), strict=True)))
    for code, place in ways:
        kept = racks & (rows.item == code) & (rows.place == place)
        mine = rows.where(kept)
        for name, quantity in view.facts.inputs_at(view.log.places[place], view.log.items[code]):
            if name in codes and name not in view.facts.racks:
                stock = site_of[mine.place] * len(codes) + codes[name]
                parts = np.full(len(mine), round(quantity * PARTS_PER_UNIT))
                yield _Moves(row[kept], stock, mine.parent, np.full(len(mine), CONSUMERS.index("rack")), parts)


def _rows(view: View, event: str) -> tuple[Whole, Rows]:
    """The rows of an event with their positions in the log."""
    return np.flatnonzero(view.log.of(event)), view.all(event)


def _moves(view: View, row: Whole, rows: Rows, site_of: Whole, number: Whole, kind: str) -> _Moves:
    stock = site_of[rows.place] * len(view.log.items) + rows.item if len(rows) else np.empty(0, np.int64)
    parts = np.rint(rows.quantity * PARTS_PER_UNIT).astype(np.int64)
    return _Moves(row, stock, number, np.full(len(rows), CONSUMERS.index(kind)), parts)


def _joined(parts: list[_Moves]) -> _Moves:
    """All moves, by stock and then in the order of the log."""
    row, stock, number, kind, size = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("row", "stock", "number", "kind", "parts")
    )
    order = np.lexsort((row, stock))
    return _Moves(row[order], stock[order], number[order], kind[order], size[order])


def _matched(came: _Moves, left: _Moves, stock: int) -> tuple[Whole, ...]:
    """One stock, first in, first out: (stock, consumer, its kind, lot, parts) for each piece."""
    first, last = np.searchsorted(came.stock, [stock, stock + 1])
    begin, end = np.searchsorted(left.stock, [stock, stock + 1])
    into, out = np.cumsum(came.parts[first:last]), np.cumsum(left.parts[begin:end])
    until = min(int(into[-1]), int(out[-1]))
    cuts = np.union1d(into[into < until], out[out < until])
    ends = np.append(cuts, until)
    sizes = np.diff(ends, prepend=0)
    kept = sizes > 0
    lot = came.number[first:last][np.searchsorted(into, ends[kept], side="left")]
    consumer = begin + np.searchsorted(out, ends[kept], side="left")
    return np.full(len(lot), stock), left.number[consumer], left.kind[consumer], lot, sizes[kept]
