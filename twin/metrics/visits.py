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
    parts = [*(rows.where(rows.unit >= 0) for rows in moves), steps]
    before_steps = sum(map(len, parts[:-1]))
    key, time_s = _unit_at_site(parts, site_of), np.concatenate([rows.time_s for rows in parts])
    # Twice stable: by unit, then by time; at one instant moves come before steps.
    order = np.argsort(time_s, kind="stable")
    order = order[np.argsort(key[order], kind="stable")]
    chosen = np.flatnonzero(order >= before_steps)
    at, before = order[chosen], order[chosen - 1]
    step = at - before_steps
    began_s = steps.since_s[step]
    # The first of all has none before it, whatever stands last.
    is_first = (key[at] != key[before]) | (chosen == 0)
    came_s = np.where(is_first, began_s, time_s[before])
    return Visits(steps.place[step], came_s, began_s, time_s[at])


def _unit_at_site(parts: list[Rows], site_of: Whole) -> Whole:
    """One number for site, item, order and unit; units without an order are apart by the first two."""
    key: Whole = site_of[np.concatenate([rows.place for rows in parts])]
    for column in ("item", "order", "unit"):
        part = np.concatenate([getattr(rows, column) for rows in parts])
        key = key * (int(part.max(initial=-1)) + 2) + part + 1
    return key
