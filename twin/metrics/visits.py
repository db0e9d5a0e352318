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


def visits_of(rows: Rows, is_step: Mask, site_of: Whole) -> Visits:
    """The visits that end in a step, among rows of `started`, `rework` and `step` in order of happening.

    A unit comes when what it did before at this site was over: its start, its last step or
    its rework. Without any of these in the log, it came when work began. `site_of` numbers the
    site of each place.
    """
    key = _unit_at_site(rows, site_of)
    # Stable, so that the rows of a unit stay in order: at one instant a step comes before its
    # rework, and that before the next attempt.
    order = np.argsort(key, kind="stable")
    chosen = np.flatnonzero(is_step[order])
    at, before = order[chosen], order[chosen - 1]
    time_s, began_s = rows.time_s, rows.since_s[at]
    # The first of all has none before it, whatever stands last.
    is_first = (key[at] != key[before]) | (chosen == 0)
    came_s = np.where(is_first, began_s, time_s[before])
    return Visits(rows.place[at], came_s, began_s, time_s[at])


def _unit_at_site(rows: Rows, site_of: Whole) -> Whole:
    """One number for site, item, order and unit; units without an order are apart by the first two."""
    key: Whole = site_of[rows.place]
    for part in (rows.item, rows.order, rows.unit):
        key = key * (int(part.max(initial=-1)) + 2) + part + 1
    return key
