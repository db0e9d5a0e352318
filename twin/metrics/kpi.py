"""A row of the KPI dictionary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from twin.metrics.view import View

Better = Literal["up", "down", ""]
Level = Literal[
    "order",
    "rack",
    "step",
    "stage",
    "site",
    "lane",
    "item",
    "customer",
    "status",
    "driver",
    "owner",
    "service",
    "network",
    "pair",
]

SCOR = "SCOR v12"
"""Version of the ids in the rows; the 2022 digital standard renamed some attributes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """A row of the dictionary.

    `of` gives a number, NaN where the log does not define it, or numbers by key, which then
    stand as `NAME:KEY`. `better` is the direction that is good; blank where none is.
    """

    name: str
    title: str
    symbol: str
    unit: str
    formula: str
    better: Better
    source: str
    level: Level
    scor: str = ""
    of: Callable[[View], float | dict[str, float]] | None = None

    @property
    def scor_reference(self) -> str:
        """SCOR id and version, as printed; blank where none is known."""
        return f"{SCOR} {self.scor}" if self.scor else ""
