"""Rows of one event with their columns under their names, and how rows of two events are matched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.events.record import COLUMNS

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]

_AT = {name: index for index, name in enumerate(COLUMNS)}


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of one event by time; one array per column, all of one length."""

    cells: Floats

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def time_s(self) -> Floats:
        """When."""
        return self.cells[:, 0]

    @property
    def place(self) -> Whole:
        """Position of the place, -1 where none is given."""
        return self._whole("place")

    @property
    def item(self) -> Whole:
        """Position of the item, -1 where none is given."""
        return self._whole("item")

    @property
    def order(self) -> Whole:
        """Position of the order, -1 where none is given."""
        return self._whole("order")

    @property
    def unit(self) -> Whole:
        """Number of the unit within its order, -1 where none is given."""
        return self._whole("unit")

    @property
    def lot(self) -> Whole:
        """Number of the lot or shipment, -1 where none is given."""
        return self._whole("lot")

    @property
    def parent(self) -> Whole:
        """Number of the parent, -1 where none is given."""
        return self._whole("parent")

    @property
    def serial(self) -> Whole:
        """Order and unit as one number, that of a rack."""
        return self._whole("order") * (1 << 32) + self._whole("unit")

    @property
    def quantity(self) -> Floats:
        """Units, 0 where none are given."""
        return np.nan_to_num(self.cells[:, _AT["quantity"]])

    @property
    def racks(self) -> Floats:
        """Units of a row about a rack: 1 where no quantity is given."""
        quantity = self.quantity
        return np.where(quantity > 0, quantity, 1.0)

    @property
    def usd(self) -> Floats:
        """Money, 0 where none is given."""
        return np.nan_to_num(self.cells[:, _AT["usd"]])

    @property
    def since_s(self) -> Floats:
        """When it began, NaN where not given."""
        return self.cells[:, _AT["since_s"]]

    @property
    def value(self) -> Floats:
        """What the event says beside its quantity, NaN where not given."""
        return self.cells[:, _AT["value"]]

    def where(self, mask: Mask) -> Rows:
        """The rows that a mask keeps."""
        return Rows(self.cells.take(np.flatnonzero(mask), axis=0))

    def until(self, time_s: float) -> Rows:
        """The rows not later than a moment."""
        return Rows(self.cells[: np.searchsorted(self.time_s, time_s, side="right")])

    def _whole(self, name: str) -> Whole:
        return self.cells[:, _AT[name]].astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class DueUnits:
    """Every unit that falls due in the log: its place and order, its due second, when it was accepted.

    `accepted_s` is infinite for units not accepted within the log. Units of an order are
    matched first due, first accepted.
    """

    place: Whole
    order: Whole
    due_s: Floats
    accepted_s: Floats

    @property
    def cleared_s(self) -> Floats:
        """When each is no longer owed: accepted, and not before it is due."""
        return np.maximum(self.due_s, self.accepted_s)


def in_turn(wanted: Whole, given: Whole, given_s: Floats) -> Floats:
    """Match the k-th entry of a key in `wanted` with its k-th in `given`: that one's time, else inf.

    Both are in order of time, so each key is matched first come, first served.
    """
    by_wanted, by_given = np.argsort(wanted, kind="stable"), np.argsort(given, kind="stable")
    wanted_keys, given_keys = wanted[by_wanted], given[by_given]
    rank = np.arange(len(wanted)) - np.searchsorted(wanted_keys, wanted_keys)
    match = np.searchsorted(given_keys, wanted_keys) + rank
    missing = match >= np.searchsorted(given_keys, wanted_keys, side="right")
    times = np.append(given_s[by_given], np.inf)
    result = np.empty(len(wanted))
    result[by_wanted] = times[np.where(missing, -1, match)]
    return result


def completed_s(asked: Whole, wanted: Rows, keys: Whole, given: Rows) -> Floats:
    """When each row of `wanted` had its whole quantity out of the rows `given` for its key, else inf.

    Both are in order of time, their keys in `asked` and `keys`; each key is served first come, first served.
    """
    by_wanted, by_given = np.argsort(asked, kind="stable"), np.argsort(keys, kind="stable")
    wanted_keys, given_keys = asked[by_wanted], keys[by_given]
    wanted_so_far = np.append(0.0, np.cumsum(wanted.quantity[by_wanted]))
    given_so_far = np.append(0.0, np.cumsum(given.quantity[by_given]))
    # Within a key, what is wanted up to a row, on top of all that was given to the keys before.
    before = wanted_so_far[np.searchsorted(wanted_keys, wanted_keys)]
    target = given_so_far[np.searchsorted(given_keys, wanted_keys)] + wanted_so_far[1:] - before
    match = np.searchsorted(given_so_far[1:], target - 1e-6)
    missing = match >= np.searchsorted(given_keys, wanted_keys, side="right")
    times = np.append(given.time_s[by_given], np.inf)
    result = np.empty(len(asked))
    result[by_wanted] = times[np.where(missing, -1, match)]
    return result


def tally(index: Whole, weights: Floats | Mask, size: int) -> Floats:
    """Weights summed by index, from 0 to `size` - 1."""
    totals: Floats = np.bincount(index, weights, minlength=size).astype(np.float64)
    return totals


def sum_of_products(first: Floats, second: Floats | Sequence[float]) -> float:
    """The sum of products, pair by pair: the same to the last bit wherever it is made.

    A dot product is shared out between threads where it is long, and adds up otherwise in a
    worker, which has one, than in a process of its own, which has as many as there are cores.
    """
    return float((first * np.asarray(second, np.float64)).sum())


def lookup(keys: Whole, values: Floats, wanted: Whole) -> Floats:
    """The value of each wanted key, the last one given for it, NaN for unknown keys."""
    order = np.argsort(keys, kind="stable")
    position = np.searchsorted(keys[order], wanted, side="right") - 1
    if len(keys) == 0:
        return np.full(len(wanted), np.nan)
    found = keys[order][position] == wanted
    return np.where((position >= 0) & found, values[order][position], np.nan)


def mean(values: Floats) -> float:
    """The mean of the known values, NaN where there is none."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def ratio(part: float, whole: float) -> float:
    """A quotient, NaN where there is nothing to divide by."""
    return float(part / whole) if whole else float("nan")
