"""Logs written by hand, row by row, for tests of what reads them."""

from __future__ import annotations

import math
from typing import Any

from twin.events.record import EVENTS, Log
from twin.events.writer import LogWriter
from twin.metrics.facts import Facts
from twin.model.units import WEEK_S


class Story:
    """A log in the making; `tell` names only what a row says."""

    def __init__(self, weeks: int = 2, tail_weeks: int = 0) -> None:
        self.writer = LogWriter((weeks + tail_weeks) * WEEK_S, weeks * WEEK_S)
        self._log: Log | None = None

    def tell(
        self, time_s: float, event: str, place: str = "", item: str = "", order: str = "", unit: int = -1,
        *, lot: int = -1, parent: int = -1, quantity: float = 0, usd: float = 0,
        since_s: float = math.nan, value: float = math.nan,
    ) -> Story:  # fmt: skip
        writer = self.writer
        writer.row(
            time_s, EVENTS.index(event),
            writer.place(place) if place else -1, writer.item(item) if item else -1,
            writer.order(order) if order else -1, unit, lot, parent, quantity, usd, since_s, value,
        )  # fmt: skip
        return self

    def log(self) -> Log:
        """The whole log, the same when asked again; the writer is spent by the first."""
        if self._log is None:
            self._log = self.writer.close()
        return self._log


def facts(**given: Any) -> Facts:
    """Facts of a world with one rack item, a factory `f`, a datacenter `dc` and a lane between."""
    usual: dict[str, Any] = {
        "finished": frozenset({"rack_done"}),
        "racks": frozenset({"rack"}),
        "demand_sites": frozenset({"dc"}),
        "lane_ends": {"f-dc": ("f", "dc")},
        "item_order": ("part", "rack", "rack_done"),
        "inputs": {"rack": (("part", 4.0),), "rack_done": (("rack", 1.0),)},
        "made": frozenset({"rack", "rack_done"}),
        "item_value_usd": {"part": 10.0, "rack": 100.0, "rack_done": 120.0},
        "price_usd": {},
        "customer_of": {},
        "watched": ("part",),
    }
    return Facts(**{**usual, **given})
