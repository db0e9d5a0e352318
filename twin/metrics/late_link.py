"""A link of a chain of causes."""

from __future__ import annotations

from typing import NamedTuple

from twin.model.units import HOUR_S

SMALL_S = HOUR_S
"""Shorter links are told together."""


class Link(NamedTuple):
    """A part of a delay in seconds: what, where, why, and of which kind."""

    seconds: float
    what: str
    where: str
    because: str
    cause: str


def told_together(links: list[Link]) -> list[Link]:
    """Links of less than an hour as one, at the end."""
    small = sum(link.seconds for link in links if abs(link.seconds) < SMALL_S)
    told = [link for link in links if abs(link.seconds) >= SMALL_S]
    if small:
        told.append(Link(small, "small differences", "", "each less than an hour", "small"))
    return told


def reasons(*parts: str) -> str:
    """Those that are not blank, with semicolons between."""
    return "; ".join(dict.fromkeys(part for part in parts if part))
