"""What a finished thing holds of silicon: chips, their dies and transistors, by its exploded bill of materials."""

from __future__ import annotations

from dataclasses import dataclass

from twin.network.layers import explode
from twin.network.record import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Silicon:
    """The chips in one unit of an item. A chip is an item with dies of its own, as its table says."""

    chips: dict[str, float]
    """Units of each type of chip."""
    dies: float
    transistors: float


def silicon_in(network: Network, item: str) -> Silicon:
    """Of one unit of an item, itself included; no chips where no item in it has dies."""
    rows = [(network.items[name], units) for name, units in explode(network, item).items()]
    chips = [(row, units) for row, units in rows if row.dies]
    return Silicon(
        chips={row.item: units for row, units in chips},
        dies=sum(units * row.dies for row, units in chips),
        transistors=sum(units * row.transistors_billion * 1e9 for row, units in chips),
    )


def ordered_or_beyond(network: Network) -> tuple[str, ...]:
    """Items that are ordered, and what only a bill of materials makes of these, such as a pod of racks; by name."""
    found = {item for _, item in network.demanded}
    while more := {item for item, parts in network.inputs.items() for part, _ in parts if part in found} - found:
        found |= more
    return tuple(sorted(found))
