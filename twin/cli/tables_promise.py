"""What `twin promise` prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType

from twin.cli.output import NOT_DEFINED, counted, heading, number, percent, sentence, signed, table

if TYPE_CHECKING:
    from twin.events.on_time import Chance
    from twin.events.promise import Buffers, PromiseView, Slip

MOST_SLIPS = 15
MOST_WAITS = 5


def promise_tables(view: PromiseView) -> Iterator[RenderableType]:
    """Dates first, then the chances, the buffers, and whose order slips."""
    what = f"{view.quantity:,} {view.item} for {view.customer} at {view.site}"
    yield heading(f"{view.order}: {what}" if not view.is_new else f"New order: {what}, priority {view.priority}")
    yield sentence(f"{counted(view.replays, 'replay')} of {view.scenario}, seed {view.seed}.")
    yield ""
    yield _date_table(view)
    yield from _chances(view)
    half = view.dates[0].date
    if view.ahead and view.planned is not None and (half is None or half > view.planned):
        yield sentence(f"By their priority, {view.ahead:,} units of orders asked for later go before it.")
    if view.buffers is not None:
        yield ""
        yield from _buffer_lines(view.buffers, view.quantity)
    if view.is_new:
        yield ""
        yield from _slip_table(view.slips, view.slips_by)


def _date_table(view: PromiseView) -> RenderableType:
    rows = (
        (
            percent(date.chance),
            date.date or "not within the horizon",
            f"{date.low or NOT_DEFINED} to {date.high or NOT_DEFINED}",
        )
        for date in view.dates
    )
    return table("Complete by the end of", (">chance", "day", "95 % interval"), rows)


def _chances(view: PromiseView) -> Iterator[RenderableType]:
    if view.by_due is not None:
        yield sentence(f"By {view.due}, the day asked for: {_share(view.by_due)}.")
    if view.by_promise is not None:
        yield sentence(f"By {view.promised}, the day promised in the book: {_share(view.by_promise)}.")
    if view.by_plan is not None:
        yield sentence(f"By the plan's own moment, on {view.planned}: {_share(view.by_plan)}.")


def _share(chance: Chance) -> str:
    return f"{percent(chance.value)} ({percent(chance.low)} to {percent(chance.high)})"


def _buffer_lines(buffers: Buffers, quantity: int) -> Iterator[RenderableType]:
    yield heading(f"What would lift it to {percent(buffers.target)}, each alone")
    if buffers.hours == 0:
        yield sentence(buffers.note)
        return
    hours = "" if buffers.hours is None else f"{number(buffers.hours)} h earlier, or promised so much later"
    yield sentence(f"Time: {hours or 'more than the replays show'}.")
    yield sentence(f"Units: {buffers.racks:,} of its {quantity:,} finished and ready ahead.")
    found = buffers.resource
    if found is not None and found.chance is not None:
        name = found.resource.replace("_", " ")
        unit = "" if found.unit in ("", "each") else f" {found.unit}"
        if found.more is None:
            yield sentence(
                f"{name} at {found.site}: no amount up to {number(found.tried)}{unit} more lifts it; with that much "
                f"the chance is {_share(found.chance)}."
            )
        else:
            yield sentence(
                f"{name} at {found.site}: {number(found.more)}{unit} more (of {number(found.present)}{unit}); the "
                f"chance is then {_share(found.chance)}."
            )
    yield sentence(buffers.note)
    if buffers.waits:
        yield _wait_table(buffers)


def _wait_table(buffers: Buffers) -> RenderableType:
    """Where its racks wait, and those that are late, longest of these first."""
    stages = [(wait.stage, wait.site, wait.name) for wait in (*buffers.late_waits, *buffers.waits)]
    every, late = (
        {(wait.stage, wait.site, wait.name): wait.hours_per_rack for wait in waits}
        for waits in (buffers.waits, buffers.late_waits)
    )
    rows = (
        (*stage, number(every.get(stage, 0.0)), number(late.get(stage, 0.0)) if late else NOT_DEFINED)
        for stage in list(dict.fromkeys(stages))[:MOST_WAITS]
    )
    return table("Where its racks wait", ("for", "site", "what", ">hours a rack", ">a late one"), rows)


def _slip_table(slips: list[Slip], slips_by: str) -> Iterator[RenderableType]:
    if not slips:
        yield sentence(f"No other order slips, by {slips_by}.")
        return
    rows = (
        (
            slip.order,
            slip.customer,
            number(slip.quantity),
            slip.due,
            "never" if slip.planned_days is None else signed(slip.planned_days),
            _in_pairs(slip),
            NOT_DEFINED
            if slip.on_time_before is None
            else f"{percent(slip.on_time_before).removesuffix(' %')} to {percent(slip.on_time_after)}",
        )
        for slip in slips[:MOST_SLIPS]
    )
    columns = ("order", "customer", ">units", "asked for", ">by plan", ">in pairs", ">in time")
    yield table("Whose order slips, in days, and its chance to be in time without and with the new one", columns, rows)
    left = len(slips) - MOST_SLIPS
    more = f"; {counted(left, 'order')} more in --json" if left > 0 else ""
    yield sentence(f"By {slips_by}{more}.")


def _in_pairs(slip: Slip) -> str:
    if slip.days is None:
        return NOT_DEFINED
    least = "≥ " if slip.at_least else ""
    return f"{least}{signed(slip.days)} ({number(slip.low)} to {number(slip.high)})"
