"""Reading a log the long way, by its own conventions, for invariants that distrust the measures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from twin.events.record import EVENTS, Log
from twin.network.record import Network


@dataclass(frozen=True, slots=True)
class Line:
    """A row with its names; `kind` and `name` are the two parts of its place."""

    time_s: float
    event: str
    kind: str
    name: str
    item: str
    order: str
    unit: int
    quantity: float
    since_s: float
    value: float

    @property
    def site(self) -> str:
        """Where a process or a step is, or a customer's stock."""
        return self.name.rpartition("@")[2] if self.kind in ("process", "customer") else self.name.partition("/")[0]


def lines(log: Log) -> Iterator[Line]:
    """All rows in order."""
    for cells in log.rows.tolist():
        time_s, event, place, item, order, unit, _, _, quantity, _, since_s, value = cells
        kind, _, name = log.places[int(place)].partition(":") if place >= 0 else ("", "", "")
        yield Line(
            time_s=time_s,
            event=EVENTS[int(event)],
            kind=kind,
            name=name,
            item=log.items[int(item)] if item >= 0 else "",
            order=log.orders[int(order)] if order >= 0 else "",
            unit=int(unit),
            quantity=0.0 if np.isnan(quantity) else quantity,
            since_s=since_s,
            value=value,
        )


Changes = list[tuple[tuple[str, str, str], float]]


def changes(line: Line, network: Network) -> Changes:
    """What a row adds to and takes from (kind, place, item): stock at sites, work in processes, goods on lanes."""
    quantity, item = line.quantity, line.item
    lane = network.lanes.get(line.name) if line.kind == "lane" else None
    here = (line.kind, line.name, item)
    match line.event:
        case "opened" | "started" | "supplied":
            return [(here, quantity)]
        case "produced":
            return [(here, -quantity), (("site", line.site, item), quantity)]
        case "scrapped":
            return [(here, -quantity)]
        case "consumed" | "accepted":
            return [(("site", line.site, item), -quantity)]
        case "served" if line.kind == "customer":
            return [(("site", line.site, item), -quantity)]
        case "shipped":
            assert lane is not None
            return [(here, quantity), (("site", lane.origin, item), -quantity)]
        case "docked":
            assert lane is not None
            return [(here, -quantity), (("site", lane.destination, item), quantity)]
    return []


def balance_gaps(log: Log, network: Network) -> list[str]:
    """Every weekly mark that differs from what the rows before it add up to."""
    held: dict[tuple[str, str, str], float] = defaultdict(float)
    gaps = []
    for line in lines(log):
        if line.event == "level":
            expected = held[line.kind, line.name, line.item]
            if abs(expected - line.quantity) > 1e-6:
                gaps.append(f"{line}: the rows add up to {expected}")
        for key, change in changes(line, network):
            held[key] += change
    return gaps


def levels_below_zero(log: Log, network: Network) -> list[str]:
    """Every row after which some stock, process or lane would hold less than nothing.

    Inputs of units made one by one are written once a week; here they are taken as each starts.
    """
    held: dict[tuple[str, str, str], float] = defaultdict(float)
    wrong = []
    singles = {name for item in network.one_by_one for name, _ in network.inputs.get(item, ())}
    for line in lines(log):
        parts = changes(line, network)
        if line.event == "consumed" and line.item in singles:
            parts = []
        process, _, site = line.name.rpartition("@")
        converts = (process, site, line.item) in network.conversions
        if line.event == "started" and line.item in network.one_by_one and not converts:
            taken = network.inputs_of((process, site, line.item))
            parts += [(("site", line.site, name), -amount) for name, amount in taken]
        for key, change in parts:
            held[key] += change
            if held[key] < -1e-6:
                wrong.append(f"{line}: {key} is {held[key]}")
    return wrong


@dataclass(frozen=True, slots=True)
class Work:
    """An attempt of a step that has ended: its step number, and since when it held what."""

    site: str
    item: str
    step: int
    name: str
    order: str
    unit: int
    attempt: int
    start_s: int
    end_s: int


def work_done(log: Log, network: Network) -> list[Work]:
    """All attempts in the log."""
    number = {
        (site, item, step.name): step.step for (_, site, item), steps in network.routing.items() for step in steps
    }
    return [
        Work(
            site=line.site,
            item=line.item,
            step=number[line.site, line.item, line.name.partition("/")[2]],
            name=line.name.partition("/")[2],
            order=line.order,
            unit=line.unit,
            attempt=int(line.value),
            start_s=int(line.since_s),
            end_s=int(line.time_s),
        )
        for line in lines(log)
        if line.event == "step"
    ]
