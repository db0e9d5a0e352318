"""Rows that say what an accepted rack is worth: the tokens it serves, what they earn, what the rack costs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from twin.model.amounts import Factor, Fraction, NonNegative, Positive
from twin.model.row import Row


class Service(Row):
    """A class of service that racks of an item give, and its part of their work."""

    item: str
    """The accepted rack that serves it."""
    service: str
    """What is served: a model, a length of context and a pace of answers."""
    tokens_per_second: Positive
    """Of one rack that does nothing else, at full load."""
    share: Fraction
    """Of the rack's working time; all services of an item together make 1."""
    usd_per_million_tokens: NonNegative = 0.0
    """What a million of its tokens earns."""
    flexibility: Fraction = 0.0
    """The part of its tokens that it may lose while power is curtailed; 0: none."""


class RackEconomics(Row):
    """What a rack online costs, and how much it works."""

    item: str
    """The accepted rack."""
    capital_usd: NonNegative
    """Of one rack, with its share of building and plant."""
    life_years: Annotated[float, Field(ge=0.5, le=40)]
    """Over which the capital is paid back in equal parts."""
    interest_per_year: Annotated[Factor, Field(le=1)] = 0.1
    """On the capital."""
    opex_usd_per_year: NonNegative = 0.0
    """People, spares and upkeep of one rack; electricity stands in `readiness`."""
    utilisation: Fraction = 1.0
    """Mean load of a rack that works."""
    availability: Fraction = 1.0
    """Part of the time online in which the rack works."""
    idle_power: Fraction = 0.3
    """Power without load over power at full load; between them it rises in a straight line."""
