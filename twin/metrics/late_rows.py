"""What the log says of late orders, as small records; times are seconds, NaN where not known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from twin.metrics.rows import Rows
from twin.metrics.view import View

NAN = float("nan")


class Arrival(NamedTuple):
    """Units that came into a stock: a lot made there (`place` a process), or a shipment (a lane)."""

    place: str
    lot: int
    since_s: float
    """When it was started, or left."""


class Departure(NamedTuple):
    """A shipment, or a rack, as it left."""

    time_s: float
    wanted_s: float
    """When the plan in force wanted it to leave; of a rack, when it was finished."""
    lane: str
    item: str


class Start(NamedTuple):
    """A lot or a rack as it was started, and when the plan in force wanted it."""

    time_s: float
    wanted_s: float
    process: str = ""


class Attempt(NamedTuple):
    """One attempt of a step by a rack; `came_s` is when what it did before at the site was over."""

    name: str
    came_s: float
    began_s: float
    ended_s: float
    number: int
    rework_s: float
    """Of rework before it."""
    in_vain_s: float = 0.0
    """Of a wait for the step after it that lasted too long, so that this attempt was needed."""
    mode: str = ""
    """In which the rack does all steps that keep it, such as its building; blank where it keeps none."""


class Acceptance(NamedTuple):
    """The last acceptance of an order: its rack's own number (-1: from stock), and when it docked."""

    time_s: float
    rack: int
    docked_s: float


class Standing(NamedTuple):
    """Where the racks of an order are at the end of the log that are not accepted; the rest were not begun."""

    floor: int
    """At work where they are to be accepted."""
    way: int
    """Shipped, and not begun there."""
    making: list[int]
    """Begun where racks are made, by their rows among the starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateLine:
    """An order that is late within the log; `accepted` None where racks are missing at its end."""

    code: int
    place: str
    item: str
    quantity: int
    due_s: float
    promised_s: float
    """NaN: the plan did not see it completed."""
    accepted: Acceptance | None
    late_racks: int
    """Accepted after the due date, or not at all."""
    missing: int


def late_lines(view: View) -> tuple[list[LateLine], list[int]]:
    """Orders due in the log and late, by due date, and the codes of all that fell due."""
    horizon_s, ordered, promised = view.log.horizon_s, view.all("ordered"), view.all("promised")
    promises = dict(zip(promised.order.tolist(), promised.value.tolist(), strict=True))
    accepted = _accepted_by_order(view)
    columns = (ordered.order, ordered.place, ordered.item, ordered.quantity, ordered.value)
    lines, due_orders = [], []
    for code, place, item, quantity, due_s in zip(*(column.tolist() for column in columns), strict=True):
        if due_s >= horizon_s:
            continue
        due_orders.append(code)
        rows = accepted.get(code)
        line = _line(code, view.log.places[place], view.log.items[item], round(quantity), due_s, rows)
        if line.late_racks:
            lines.append(replace(line, promised_s=promises.get(code, NAN)))
    return sorted(lines, key=lambda line: (line.due_s, line.code)), due_orders


def _accepted_by_order(view: View) -> dict[int, Rows]:
    rows = view.all("accepted")
    order = np.argsort(rows.order, kind="stable")
    codes = rows.order[order]
    edges = np.flatnonzero(np.diff(codes, prepend=-2, append=-2))
    return {int(codes[low]): Rows(rows.cells[order[low:high]]) for low, high in pairwise(edges)}


def _line(code: int, place: str, item: str, quantity: int, due_s: float, rows: Rows | None) -> LateLine:
    there = 0 if rows is None else round(float(rows.racks.sum()))
    in_time = 0 if rows is None else round(float(rows.until(due_s).racks.sum()))
    last = None
    if rows is not None and there >= quantity:
        last = Acceptance(float(rows.time_s[-1]), int(rows.parent[-1]), float(rows.since_s[-1]))
    return LateLine(
        code=code,
        place=place,
        item=item,
        quantity=quantity,
        due_s=due_s,
        promised_s=NAN,
        accepted=last,
        late_racks=quantity - in_time,
        missing=max(0, quantity - there),
    )
