"""Where a run comes from: what its scenario changes in the world, the numbers assumed, and their sources."""

from __future__ import annotations

from twin.events.part import Part


class WorldChange(Part):
    """Something that a scenario changes in the world, in words."""

    by: str
    """`settings`, `changes` or the name of a mitigation."""
    table: str
    where: str
    """The rows changed; blank for all."""
    change: str


class Assumption(Part):
    """A number of the world with its source, as shown on the page."""

    table: str
    row: str
    column: str
    value: str
    source: str
    confidence: str
    note: str


class SourceEntry(Part):
    """A row of `sources`."""

    key: str
    title: str
    address: str
    published: str
    confidence: str
