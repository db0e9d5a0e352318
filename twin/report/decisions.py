"""The rest of the planning meeting's screen: who pays for racks that stand, what changed, what to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twin.events.result import BindingRow, RunResult
from twin.report.blocks import Block, Cell, Section, Table, barred, name_column, number_column, text_column, value
from twin.report.blocks import words as text
from twin.report.tables import ASKED_PERCENT, holds
from twin.report.words import ABSENT, count, day, last_day, number, plain, said, scale, whole

MORE = 0.01
"""How much more is asked about: one per cent, since prices hold for little."""
LEAST_WAITING = 0.5
"""Racks on average below which a row of those that wait is left out."""
MOST_DECISIONS = 10
SMALL = 0.05
"""Racks or rack-weeks below which more is worth nothing."""


def waiting_section(result: RunResult) -> Section | None:
    """Finished racks that wait for test, truck or site, and whose they are meanwhile."""
    if not result.waiting:
        return None
    widest = max(row.mean_racks for row in result.waiting) or 1.0
    shown = [row for row in result.waiting if row.mean_racks >= LEAST_WAITING]
    rows = tuple(
        (
            text(row.owner),
            text(plain(row.stage)),
            text(row.site),
            barred(number(row.mean_racks, 2), 0.0, row.mean_racks / widest),
            text(whole(row.peak_racks)),
            text(day(row.peak_week) if row.peak_racks > 0 else ABSENT),
            value(row.rack_days, 3),
            value(row.carrying_usd / 1e6, 2),
        )
        for row in shown
    )
    few = len(result.waiting) - len(shown)
    table = Table(
        name="racks-waiting",
        columns=(
            name_column("Whose"),
            text_column("Waits for"),
            name_column("At"),
            number_column("On average", "racks"),
            number_column("Most at a week's end", "racks"),
            name_column("That week ended"),
            number_column("Waiting", "rack-days"),
            number_column("Carrying cost", "million USD"),
        ),
        rows=rows,
        note="In the report window of the first run. A rack is its integrator's until it docks, then its customer's."
        + (f" Left out: {count(few, 'row')} of less than half a rack on average." if few else ""),
    )
    racks, usd = (sum(getattr(row, name) for row in result.waiting) for name in ("mean_racks", "carrying_usd"))
    factor, unit = scale("USD", usd)
    cost = f"{number(usd * factor, 2)} {unit}"
    lead = f"On average {number(racks, 2)} finished racks stand and wait; carrying them costs {cost}."
    return Section(anchor="waiting", title="Finished racks waiting", lead=lead, blocks=(table,))


def changed_section(result: RunResult) -> Section | None:
    """What the scenario brings that the baseline has not, and what it changes in both."""
    blocks: list[Block] = []
    if result.disruptions:
        blocks.append(_disruptions(result))
    if result.changes:
        blocks.append(_changes(result))
    if not blocks:
        return None
    said_of = [f"Against the baseline: {count(len(result.disruptions), 'disruption')}."] if result.disruptions else []
    if result.changes:
        both = ", in baseline and disrupted runs alike" if result.baseline else ""
        said_of.append(f"{count(len(result.changes), 'change')} of the world{both}.")
    else:
        said_of.append("All other inputs are equal.")
    return Section(anchor="changed", title="What changed", lead=" ".join(said_of), blocks=tuple(blocks))


OF_THE_MAP = ("hits", "sites", "lanes")
"""Of a disruption: what the map shows, and a table would only count up."""


def _disruptions(result: RunResult) -> Table:
    keys = list(dict.fromkeys(key for row in result.disruptions for key in row if key not in OF_THE_MAP))
    rows = tuple(tuple(text(day(row.get(key, ""))) for key in keys) for row in result.disruptions)
    dated = {key for key in keys if any(day(row.get(key, "")) != row.get(key, "") for row in result.disruptions)}
    columns = tuple(name_column(plain(key)) if key in dated else text_column(plain(key)) for key in keys)
    return Table(
        name="disruptions",
        title="Disruptions",
        columns=columns,
        rows=rows,
        note="No planner knows of a disruption before the day on which it is known.",
    )


def _changes(result: RunResult) -> Table:
    return Table(
        name="changes",
        title="Changes of the world",
        columns=(text_column("By"), name_column("Table"), text_column("Rows"), text_column("Change")),
        rows=tuple(
            (text(row.by), text(row.table), text(row.where or "all"), text(row.change)) for row in result.changes
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """Like limits at several sites, taken together, and what one per cent more of them is worth at most."""

    name: str
    unit: str
    more: float
    racks: float
    rack_weeks: float
    first: str
    last: str
    weeks: float
    holds_percent: float | None
    """Up to so much more, at the least certain of the sites of which that is known; None: of none."""
    known_at: int
    sites: int
    confidence: str


def levers(bindings: Sequence[BindingRow]) -> list[Lever]:
    """What one per cent more of each kind of limit is worth by the plan's prices, most lateness saved first."""
    alike: dict[tuple[str, str, str], list[BindingRow]] = {}
    for row in bindings:
        alike.setdefault((row.kind, row.name.removesuffix(f" at {row.site}"), row.unit), []).append(row)
    found = [_lever(name, unit, rows) for (_, name, unit), rows in alike.items()]
    worth = [lever for lever in found if max(lever.racks, lever.rack_weeks) >= SMALL]
    return sorted(worth, key=lambda lever: (-lever.rack_weeks, -lever.racks, lever.name))


def _lever(name: str, unit: str, rows: list[BindingRow]) -> Lever:
    grades = sorted({row.confidence for row in rows if row.confidence})
    known = [row.rack_weeks_hold_percent for row in rows if row.rack_weeks_hold_percent is not None]
    place = rows[0].site if len(rows) == 1 else count(len(rows), "site")
    return Lever(
        name=f"{plain(name)} at {place}" if place else plain(name),
        unit=said(unit),
        more=MORE * sum(row.limit for row in rows),
        racks=MORE * sum(row.racks_per_unit * row.limit for row in rows),
        rack_weeks=MORE * sum(row.rack_weeks_per_unit * row.limit for row in rows),
        first=min(row.first_binding for row in rows),
        last=max(_ends(row) for row in rows),
        weeks=max(row.weeks_binding for row in rows),
        holds_percent=min(known, default=None),
        known_at=len(known),
        sites=len(rows),
        confidence=", ".join(grades),
    )


def _ends(row: BindingRow) -> str:
    """The first day on which a limit binds no more; runs of before tell only how long it binds."""
    return row.spans[-1].ends if row.spans else last_day(row.first_binding, round(row.weeks_binding))


def _which(result: RunResult) -> str:
    return "the first that knows of the disruption" if result.replan else "the opening one"


def _holds(lever: Lever) -> Cell:
    """How much more the price was proven for, and at how many of its sites."""
    some = 0 < lever.known_at < lever.sites
    return Cell(
        text=holds(lever.holds_percent), small=f"known at {lever.known_at} of {lever.sites} sites" if some else ""
    )


def _proven(lever: Lever) -> str:
    """How far the headline's price is proven, as a sentence."""
    if lever.holds_percent is None:
        return "How far that price holds is not known."
    where = f" at {lever.known_at} of its {lever.sites} sites" if lever.known_at < lever.sites else ""
    if lever.holds_percent <= 0:
        return f"That price is proven for the very next units only{where}."
    if lever.holds_percent >= ASKED_PERCENT:
        return f"That price is proven for {number(ASKED_PERCENT)} % more and beyond{where}."
    return f"That price is proven only up to {holds(lever.holds_percent)} more{where}."


def decisions_section(result: RunResult) -> Section | None:
    """Where more is worth most by the plan's prices, how far they are proven, and over which weeks."""
    plan = result.replan or result.plan
    found = levers(plan.bindings)[:MOST_DECISIONS]
    if not found:
        return None
    widest = max(lever.rack_weeks for lever in found) or 1.0
    rows = tuple(
        (
            text(lever.name),
            value(lever.more, 2),
            text(lever.unit),
            barred(number(lever.rack_weeks, 2), 0.0, lever.rack_weeks / widest),
            value(round(lever.racks, 1), 2),
            text(day(lever.first)),
            text(day(lever.last)),
            value(lever.weeks, 3),
            _holds(lever),
            text(lever.confidence),
        )
        for lever in found
    )
    table = Table(
        name="decisions",
        columns=(
            text_column("More of"),
            number_column("1 % more is"),
            text_column("Unit"),
            number_column("Saves at most", "rack-weeks"),
            number_column("Gains at most", "accepted racks"),
            name_column("In full from"),
            name_column("Of no use after"),
            number_column("Binding", "weeks"),
            number_column("Price proven up to", "more"),
            text_column("Grade"),
        ),
        rows=rows,
        note=f"By the prices of the plan of {day(plan.time[0])}, {_which(result)}, each lever alone. A price is that "
        "of the next unit; further ones are worth as much or less, so that price times amount is the most it can be "
        "worth, and what it is worth only as far as the price is proven. The last useful day to decide: these dates "
        "less the time to get more.",
    )
    first = found[0]
    lead = (
        f"One per cent more of {said(first.name[:1].lower() + first.name[1:])} saves most lateness, at most "
        f"{number(first.rack_weeks, 2)} rack-weeks, if it is there by {day(first.first)}. {_proven(first)}"
    )
    return Section(anchor="decisions", title="Where more is worth most", lead=lead, blocks=(table,))
