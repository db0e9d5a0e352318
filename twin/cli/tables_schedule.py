"""What `twin schedule` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from string import ascii_uppercase
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from twin.cli.output import counted, heading, number, percent, sentence, table

if TYPE_CHECKING:
    from twin.events.result import GanttBar, ScheduleSummary
    from twin.events.views import ScheduleView

_RACKS_DRAWN = 16
_HOURS_PER_CHARACTER = 6
_LONGEST_LABEL = 30


@dataclass(frozen=True, slots=True)
class Window:
    """The first and the last day whose racks are scheduled, and the disruptions that the schedule knows nothing of."""

    first: date
    last: date
    unknown: tuple[str, ...]


def schedule_tables(view: ScheduleView, window: Window) -> Iterator[RenderableType]:
    """The verdict, what is proven by site, how full each site is, and a Gantt of the busiest."""
    yield heading(f"{view.scenario}: {_verdict(view)}.")
    known = f"with {', '.join(view.foreseen)} reckoned with" if view.foreseen else "before any disruption is known"
    yield sentence(f"Racks released from {window.first} to {window.last}, made {known}.")
    for name in window.unknown:
        yield sentence(f"Not reckoned with: {name}. `twin run` schedules anew once it is known.")
    yield from map(sentence, not_scheduled(view.schedules))
    if not view.schedules:
        yield sentence(
            "No rack is on a floor or released in these days: what the plan builds comes later, or is done. "
            "`twin plan` tells the weeks; `schedule_weeks` in the settings makes the window longer."
        )
        return
    yield ""
    yield _proof(view)
    yield sentence(moves_told(view.schedules))
    if any(row.utilisation for row in view.schedules):
        yield ""
        yield _utilisation(view)
    if view.gantt:
        yield ""
        yield from _gantt(view)


def _verdict(view: ScheduleView) -> str:
    if not view.schedules:
        return "no rack to schedule"
    found = [row for row in view.schedules if not row.reason]
    if not found:
        return f"no schedule at {counted(len(view.schedules), 'site')}"
    racks = sum(row.racks for row in found)
    tardy = sum(row.tardiness_h or 0.0 for row in found)
    sites = counted(len(found), "site")
    return f"{counted(racks, 'rack')} scheduled at {sites}, {number(tardy)} weighted hours late"


def not_scheduled(schedules: Sequence[ScheduleSummary]) -> list[str]:
    """A sentence for each site and window without a schedule: from when, how many racks, and why."""
    return [
        f"No schedule at {row.site} from {row.window_starts} for its {counted(row.racks, 'rack')}: {row.reason}."
        for row in schedules
        if row.reason
    ]


def _proof(view: ScheduleView) -> RenderableType:
    rows = (
        (
            row.site,
            f"{row.racks:,}",
            number(row.tardiness_h),
            number(row.edd_tardiness_h),
            number(row.makespan_h),
            percent(row.makespan_gap),
            number(row.flow_h),
            row.status,
        )
        for row in view.schedules
    )
    columns = ("site", ">racks", ">late h", ">by EDD", ">length h", ">gap", ">flow h", "proof")
    return table("Schedules (gap: of the length, to its proven bound; proof: of the lateness)", columns, rows)


def moves_told(schedules: Sequence[ScheduleSummary]) -> str:
    """How many operations re-schedules moved, of those that had been scheduled before and had not begun."""
    standing = sum(row.standing_operations for row in schedules)
    moved = sum(row.moved_operations for row in schedules)
    if not standing:
        return "Moved against an earlier schedule: 0 of 0 operations, since none overlaps in time."
    return f"Moved against an earlier schedule: {moved:,} of {counted(standing, 'operation')} that had not begun."


def _utilisation(view: ScheduleView) -> RenderableType:
    rows = ((row.site, name, percent(share)) for row in view.schedules for name, share in row.utilisation.items())
    return table("Use of resources", ("site", "resource", ">used"), rows)


def _gantt(view: ScheduleView) -> Iterator[RenderableType]:
    site = max((row for row in view.schedules if not row.reason), key=lambda row: row.racks).site
    bars = sorted((bar for bar in view.gantt if bar.site == site), key=lambda bar: (bar.order, bar.unit, bar.start))
    racks = [list(group) for _, group in groupby(bars, key=lambda bar: (bar.order, bar.unit))]
    racks.sort(key=lambda rack: (rack[0].start, rack[0].order, rack[0].unit))
    drawn = racks[:_RACKS_DRAWN]
    if not drawn:
        return
    letters = _letters(drawn)
    begins = datetime.fromisoformat(drawn[0][0].start)
    yield heading(f"First {len(drawn)} of {len(racks)} racks at {site}, from {begins:%Y-%m-%d %H:%M}")
    yield sentence(", ".join(f"{letter} {name}" for name, letter in letters.items()))
    labels = [_label(f"{rack[0].order} #{rack[0].unit}") for rack in drawn]
    width = max(map(len, labels))
    for label, rack in zip(labels, drawn, strict=True):
        # The longest row is 80 characters less the label; a bar beyond it is cut, not folded.
        yield Text(f"{label:<{width}} {_line(rack, begins, letters)}", no_wrap=True, overflow="crop")
    yield f"One character is {_HOURS_PER_CHARACTER} hours."


def _label(name: str) -> str:
    """A rack's name; of a long one its end, in which it differs from its neighbours."""
    return name if len(name) <= _LONGEST_LABEL else f"…{name[1 - _LONGEST_LABEL :]}"


def _letters(racks: Sequence[Sequence[GanttBar]]) -> dict[str, str]:
    names = dict.fromkeys(name for _, name in sorted({(bar.step, bar.name) for rack in racks for bar in rack}))
    return {name: ascii_uppercase[index % len(ascii_uppercase)] for index, name in enumerate(names)}


def _line(rack: Sequence[GanttBar], begins: datetime, letters: dict[str, str]) -> str:
    """A rack's operations as letters: in each stretch of hours the one that starts last in it or lasts through it."""
    line: list[str] = []
    for bar in rack:
        first = _character(bar.start, begins)
        last = max(first + 1, _character(bar.end, begins))
        line.extend("·" * (last - len(line)))
        line[first:last] = letters[bar.name] * (last - first)
    return "".join(line)


def _character(moment: str, begins: datetime) -> int:
    hours = (datetime.fromisoformat(moment) - begins).total_seconds() / 3600
    return int(hours // _HOURS_PER_CHARACTER)
