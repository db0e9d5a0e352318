"""Each attempt of a step as a visit: when the unit came, when work began, when it ended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twin.metrics.rows import Floats, Mask, Rows, Whole


@dataclass(frozen=True, slots=True, eq=False)
class Visits:
    """One entry per attempt: its place, when the unit came, when work began, when it ended."""

    place: Whole
    came_s: Floats
    began_s: Floats
    left_s: Floats

    @property
    def wait_s(self) -> Floats:
        """Time in the queue."""
        return self.began_s - self.came_s

    def where(self, mask: Mask) -> Visits:
        """The visits that a mask keeps."""
        return Visits(self.place[mask], self.came_s[mask], self.began_s[mask], self.left_s[mask])


def visits_of(moves: list[Rows], steps: Rows, site_of: Whole) -> Visits:
    """The visits behind rows of `step`; `site_of` numbers the site of each place.

    A unit comes when what it did before at this site was over: its start, its last step or
    its rework. Without any of these in the log, it came when work began.
    """
    of_units = [rows.where(rows.unit >= 0) for rows in moves]
    rows = Rows(np.vstack([*(part.cells for part in of_units), steps.cells]))
    is_step = np.arange(len(rows)) >= len(rows) - len(steps)
    key, time_s = _unit_at_site(rows, site_of), rows.time_s
    # Twice stable: by unit, then by time; at one instant moves come before steps.
    order = np.argsort(time_s, kind="stable")
    order = order[np.argsort(key[order], kind="stable")]
    before = np.append(-1, order[:-1])
    is_first = np.append(True, key[order][1:] != key[order][:-1])[: len(order)]
    chosen = is_step[order]
    at = order[chosen]
    began_s = rows.since_s[at]
    came_s = np.where(is_first[chosen], began_s, time_s[before[chosen]])
    return Visits(rows.place[at], came_s, began_s, time_s[at])


def _unit_at_site(rows: Rows, site_of: Whole) -> Whole:
    """One number for site, item, order and unit; units without an order are apart by the first two."""
    key = site_of[rows.place]
    for part in (rows.item, rows.order, rows.unit):
        key = key * (int(part.max(initial=-1)) + 2) + part + 1
    return key
