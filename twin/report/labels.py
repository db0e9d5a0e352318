"""Names of measures as headings, which way is better, and which come first on the page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from twin.report.words import plain

MOST_CARDS = 8
UP = ("accepted", "online", "shipped", "docked", "on_time", "in_full", "fill", "yield", "perfect")
DOWN = ("late", "lost", "delay", "backlog", "cost", "cycle_time", "time_to", "capital", "tardiness", "short", "scrap")
FIRST = ("accepted", "online", "shipped", "on_time_in_full", "backlog", "time_to_token", "landed_cost", "capital")


def label(name: str) -> str:
    """A measure's name as a heading."""
    return plain(name)


def better(name: str) -> Literal["", "up", "down"]:
    """Whether more of a measure is better, by the words in its name; blank where they do not say."""
    if any(word in name for word in DOWN):
        return "down"
    return "up" if any(word in name for word in UP) else ""


def headlines(names: Iterable[str]) -> list[str]:
    """The measures that get a card: one for each leading word, then others in their order."""
    rest = [name for name in names if "@" not in name]
    chosen = []
    for word in FIRST:
        found = next((name for name in rest if word in name and name not in chosen), None)
        if found:
            chosen.append(found)
    return (chosen + [name for name in rest if name not in chosen])[:MOST_CARDS]
