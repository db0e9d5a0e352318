"""The log: fixed columns, one row per milestone; every KPI is read from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EVENTS: tuple[str, ...] = (
    "opened",  # on hand, in process or in transit at the start: quantity at place
    "ordered",  # order enters: quantity; value is due_s
    "promised",  # order accepted: value is the promised second
    "started",  # a lot or a rack starts at a process; quantity gross
    "consumed",  # input of a lot or rack taken from stock; parent is the consuming lot or rack
    "step",  # a rack ends an attempt of a routing step; since_s is its start; value the attempt; usd its cost
    "failed",  # the attempt's test failed; value the attempt
    "rework",  # rework done; since_s its start; usd its cost
    "escaped",  # defects that passed the last gate of a site: quantity
    "produced",  # good units leave a process into stock
    "scrapped",  # units lost: yield, last attempt, disruption
    "shipped",  # units depart on a lane (milestone); usd freight
    "docked",  # units arrive (milestone); since_s is the departure
    "accepted",  # a rack is accepted for an order (milestone)
    "online",  # a rack serves tokens (milestone)
    "completed",  # last unit of an order accepted; since_s is placed; value is due_s
    "short",  # a need could not be met from stock: quantity missing
    "filled",  # a shortage is over; since_s its beginning
    "seized",  # resource amount held from since_s to time_s, summed over a reporting week
    "level",  # stock, backlog or work in process at a weekly mark: quantity
    "blocked",  # a finished rack had to wait for room, truck or site; since_s its beginning
    "down",  # a resource unit breaks down or a disruption starts
    "up",  # repaired or recovered; since_s its beginning
    "planned",  # a new plan takes over
    "due",  # units due at this moment: quantity
    "demanded",  # a customer or replenishment order is placed on a stock: quantity
    "served",  # units of a demand are handed over; since_s is when it was placed
    "lost",  # units of a demand that nobody waits for: quantity
    "supplied",  # units come at once from outside the world, where nobody makes or supplies them
    "expired",  # a unit waited too long for its next step, so that this one is repeated; since_s its end
    "bound",  # a unit begins the first of the steps that it does in one mode, such as a building; place names it
    "flawed",  # defects put into a unit, by a step or, as it docks, on its lane: quantity
    "found",  # defects that the gate of a step found in a unit: quantity
)
"""Names of the event codes, by position; append only."""

COLUMNS: tuple[str, ...] = (
    "time_s",
    "event",
    "place",
    "item",
    "order",
    "unit",
    "lot",
    "parent",
    "quantity",
    "usd",
    "since_s",
    "value",
)
"""`place`, `item`, `order` are positions in the log's name lists; -1 or NaN: not given."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Log:
    """One replication's rows, by time, then order of happening.

    `rows` has one column per name in `COLUMNS`, as float64 (whole numbers are exact).
    `places` are names such as `site:houston`, `process:hbm-stacking@m15x`,
    `resource:houston/test_power`, `lane:...`, `step:houston/burn-in`,
    `mode:houston/hall-2`, `customer:...`.
    """

    rows: NDArray[np.float64]
    places: tuple[str, ...]
    items: tuple[str, ...]
    orders: tuple[str, ...]
    horizon_s: int
    report_s: int

    def column(self, name: str) -> NDArray[np.float64]:
        """One column, as a view."""
        return self.rows[:, COLUMNS.index(name)]

    def of(self, event: str) -> NDArray[np.bool_]:
        """A mask of the rows of one event."""
        mask: NDArray[np.bool_] = self.column("event") == EVENTS.index(event)
        return mask
