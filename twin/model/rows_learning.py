"""Rows that say how those who make units one by one get better with their number."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from twin.model.amounts import Fraction, NonNegative
from twin.model.row import Row

PerDoubling = Annotated[float, Field(ge=0.5, le=1)]


class Learning(Row):
    """A learning curve of the steps of an item at a level: hours and failures fall with each doubling of its number.

    Wright's law: the n-th unit takes the hours in `routings` times n to the power of
    log2(hours_per_doubling). Of the rows that fit a step the one that names its site counts
    before one without, and then the one that names the step.
    """

    item: str
    """As in `routings`."""
    level: str
    """As in `routings`."""
    step: str = ""
    """Name or number of the step, as in `routings`; blank: every step."""
    site: str = ""
    """Blank: every site, each by its own number."""
    hours_per_doubling: PerDoubling = 1.0
    """What the hours fall to each time the number of units doubles; 1: they do not fall."""
    units_before: NonNegative = 0.0
    """Units made before `starts`, after which the hours and failures are those in `routings`."""
    failures_per_doubling: PerDoubling = 1.0
    """What 1 - `first_pass_yield` and `defects_introduced` fall to each time the number doubles."""
    floor: Fraction = 0.0
    """The least part of the hours, and of the failures, in `routings` that is left."""
