"""What stocks under a policy hold and owe over the report window: exact integrals of the log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twin.metrics.rows import Floats, Rows, Whole, completed_s, tally
from twin.model.units import WEEK_S

if TYPE_CHECKING:
    from twin.metrics.view import View

_INTO_STOCK = (("opened", "site"), ("supplied", "site"), ("produced", "process"), ("docked", "lane end"))
_OUT_OF_STOCK = (("consumed", "site"), ("accepted", "site"), ("served", "customer"), ("shipped", "lane start"))
"""Events that move stock, with what of their place is its site."""


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """By stock under a policy, in the order of the facts' `policies`, over the report window.

    `on_hand_weeks` and `owed_weeks` are unit-weeks on hand and owed past their due moment, to
    customers of streams and to stocks downstream; `lost` units of demand lost; `orders`
    replenishment orders placed; `asked` units asked for, of which `at_once` were handed over
    whole at the same moment.
    """

    on_hand_weeks: Floats
    owed_weeks: Floats
    lost: Floats
    orders: Floats
    asked: Floats
    at_once: Floats


def held_of(view: View) -> Held:
    """Integrals of what each stock has and owes: every change counts for the rest of the window."""
    if not view.facts.policies:
        return Held(*(np.zeros(0) for _ in range(6)))
    stocks = _Stocks(view)
    into = [stocks.changes(view.of(event), kind, 1.0) for event, kind in _INTO_STOCK]
    out = [stocks.changes(view.of(event), kind, -1.0) for event, kind in _OUT_OF_STOCK]
    asked = view.of("demanded")
    demanded, passed_on = stocks.at(asked, "customer"), stocks.at(asked, "lane start")
    lanes = np.unique(asked.place[passed_on >= 0])
    shipped = view.of("shipped")
    shipped = shipped.where(np.isin(shipped.place, lanes))
    served, lost = view.of("served"), view.of("lost")
    owed = [
        (demanded, asked.quantity, _due_s(asked, asked.time_s)),
        (passed_on, asked.quantity, asked.time_s),
        (stocks.at(served, "customer"), -served.quantity, _cleared_s(served)),
        (stocks.at(lost, "customer"), -lost.quantity, _cleared_s(lost)),
        (stocks.at(shipped, "lane start"), -shipped.quantity, shipped.time_s),
    ]
    whole = np.concatenate(
        [_at_once(view, asked, served, demanded >= 0), _at_once(view, asked, shipped, passed_on >= 0)]
    )
    both = np.concatenate([demanded, passed_on])
    twice = np.concatenate([asked.quantity, asked.quantity])
    return Held(
        on_hand_weeks=stocks.area_weeks([*into, *out]),
        owed_weeks=stocks.area_weeks(owed),
        lost=stocks.total(stocks.at(lost, "customer"), lost.quantity),
        orders=stocks.total(stocks.at(asked, "replenished"), np.ones(len(asked))),
        asked=stocks.total(both, twice),
        at_once=stocks.total(both, twice * whole),
    )


Changes = tuple[Whole, Floats, Floats]
"""Numbers of stocks, -1 for none of them, units, and when they change."""


class _Stocks:
    """The stocks under a policy of a world, found from places and items of its log."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._count = len(view.facts.policies)
        self._end_s = float(view.log.report_s)
        self._tables: dict[str, Whole] = {}

    def at(self, rows: Rows, kind: str) -> Whole:
        """The stock of each row, -1 where its place is not of the kind."""
        if kind not in self._tables:
            self._tables[kind] = self._table(_SITE_OF[kind])
        return self._tables[kind][rows.place, rows.item]

    def changes(self, rows: Rows, kind: str, sign: float) -> Changes:
        """Rows as changes of stock."""
        return self.at(rows, kind), sign * rows.quantity, rows.time_s

    def area_weeks(self, changes: list[Changes]) -> Floats:
        """The integral over the report window, by stock, of what the changes add up to, which is never below zero."""
        index, units, time_s = (np.concatenate(parts) for parts in zip(*changes, strict=True))
        # Rounding may leave a hair less than nothing, which would be told as a cost of -0.00.
        return np.maximum(self.total(index, units * np.maximum(self._end_s - time_s, 0.0) / WEEK_S), 0.0)

    def total(self, index: Whole, weights: Floats) -> Floats:
        """Weights summed by stock."""
        known = index >= 0
        return tally(index[known], weights[known], self._count)

    def _table(self, site_of: Callable[[View, str], str]) -> Whole:
        """By place and item, each with a last entry for -1: the number of the stock."""
        log, numbers = self._view.log, {key: at for at, key in enumerate(self._view.facts.policies)}
        table = np.full((len(log.places) + 1, len(log.items) + 1), -1, np.int64)
        for at, place in enumerate(log.places):
            if site := site_of(self._view, place):
                table[at, :-1] = [numbers.get((site, item), -1) for item in log.items]
        return table


def _named(kind: str) -> Callable[[View, str], str]:
    def site_of(_view: View, place: str) -> str:
        prefix, _, name = place.partition(":")
        return name.rpartition("@")[2] if prefix == kind else ""

    return site_of


def _lane_end(number: int) -> Callable[[View, str], str]:
    def site_of(view: View, place: str) -> str:
        return view.facts.lane_ends.get(place.removeprefix("lane:"), ("", ""))[number] if place[:5] == "lane:" else ""

    return site_of


def _replenished(view: View, place: str) -> str:
    """The site whose stock an order is for, by the lane or process that it is to come by."""
    return _SITE_OF["lane end"](view, place) or _SITE_OF["process"](view, place)


_SITE_OF: dict[str, Callable[[View, str], str]] = {
    "site": _named("site"),
    "process": _named("process"),
    "customer": _named("customer"),
    "lane start": _lane_end(0),
    "lane end": _lane_end(1),
    "replenished": _replenished,
}


def _due_s(rows: Rows, placed_s: Floats) -> Floats:
    return np.where(np.isnan(rows.value), placed_s, rows.value)


def _cleared_s(rows: Rows) -> Floats:
    """When units are no longer owed: handed over or lost, and not before they are due."""
    return np.maximum(_due_s(rows, rows.since_s), rows.time_s)


def _at_once(view: View, asked: Rows, given: Rows, of_kind: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    """1 for each row of a kind that asks for what is handed over whole at its own moment."""
    answer = np.zeros(len(asked))
    chosen = asked.where(of_kind)
    answer[of_kind] = completed_s(view.identity(chosen), chosen, view.identity(given), given) <= chosen.time_s
    return answer
