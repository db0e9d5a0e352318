"""What the verdict rests on: the same sum by hand, and the estimates that move it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from twin.events.result import EstimateSwing, RunResult
from twin.report.blocks import Cell, Prose, Section, Table, number_column, text_column, value
from twin.report.blocks import words as text
from twin.report.words import alike, number, percent, plain, quantity, said, sentence
from twin.resilience.hand_check import STOPPING, unfit

LEAST_MOVE = 0.5
"""Racks below which an estimate moves nothing."""
TERMS = {"wip_lost_weeks": "Weeks of lost work in process", "share_of_supply": "Share of supply hit"}
"""Terms whose name in the record is no heading."""


def hand_check_section(result: RunResult) -> Section | None:
    """The harm by paper and pencil beside the simulated figure, or in words why that sum does not fit."""
    check = result.hand_check
    if check is None:
        return _without_sum(result)
    reason = unfit(check, len(result.disruptions))
    by_hand, simulated = (number(float(round(racks))) for racks in (check.by_hand_racks, check.simulated_racks))
    rows = [(text(TERMS.get(term, plain(term))), value(amount, 3)) for term, amount in check.terms.items()]
    rows.append((text("By hand, racks"), text(by_hand)))
    rows.append((text("Simulated, largest shortfall, racks"), text(simulated)))
    if not reason:
        rows.append((text("Difference"), text(percent(check.difference_fraction, 2))))
    table = Table(
        name="hand-check",
        columns=(text_column("Term"), number_column("Value")),
        rows=tuple(rows),
        note=sentence(check.note),
    )
    apart = percent(abs(check.difference_fraction or 0.0), 2)
    lead = f"By hand {by_hand} racks; the simulation's largest shortfall is {simulated}"
    lead += f". No comparison: {reason}." if reason else f": {apart} apart."
    blocks = (Prose(lines=(check.formula,), code=True), table)
    return Section(anchor="hand-check", title="The same by hand", lead=lead, blocks=blocks)


def _without_sum(result: RunResult) -> Section | None:
    """Why there is no sum by hand for a disruption that is measured."""
    kinds = {row["kind"] for row in result.disruptions if "kind" in row}
    if not result.resilience or not kinds:
        return None
    stopping = kinds & set(STOPPING)
    unmade = "no process is hit by which the plan makes an item; lanes, power and work on racks are not in it"
    why = unmade if stopping else f"this is {_kinds(kinds)}"
    lead = f"No sum by hand: its formula counts output that is not made, and {why}."
    return Section(anchor="hand-check", title="The same by hand", lead=lead, blocks=())


def _kinds(kinds: set[str]) -> str:
    return "a disruption of kind " + " and ".join(said(kind) for kind in sorted(kinds))


SAME_IN_BOTH = (
    " Both runs of a pair have the same estimate: one that holds the baseline back too leaves less for the "
    "disruption to take."
)


def estimates_section(result: RunResult) -> Section | None:
    """The estimates that move the verdict, most influential first."""
    swings = sorted(result.estimates, key=lambda row: -abs(row.result_at_high - row.result_at_low))
    if not swings:
        return None
    centre = result.estimate_range.value if result.estimate_range else None
    moved = [_moved(row, centre) for row in swings]
    ends = [end for pair in moved for end in pair] + ([] if centre is None else [centre])
    low, high = min(ends), max(ends)
    # All cut at one place, that of the range over the estimates in the verdict.
    shown = alike([*(end for pair in moved for end in pair), low, high])
    rows = tuple(
        _swing_row(row, pair, shown[2 * place : 2 * place + 2], (low, high), centre)
        for place, (row, pair) in enumerate(zip(swings, moved, strict=True))
    )
    unit = swings[0].unit
    table = Table(
        name="estimates",
        columns=(
            text_column("Estimate"),
            number_column("Low"),
            number_column("Used"),
            number_column("High"),
            number_column("Verdict at low", unit),
            text_column("From the one to the other"),
            number_column("Verdict at high", unit),
            text_column("Source"),
        ),
        rows=rows,
        note=f"Each estimate alone, by {result.estimates_by}. Bars run from {shown[-2]} to {shown[-1]} {unit}"
        + ("; the line marks the verdict as estimated." if centre is not None else ".")
        + _floor(swings, shown[-2])
        + (SAME_IN_BOTH if result.resilience is not None else ""),
    )
    widest = abs(moved[0][1] - moved[0][0])
    lead = f"{plain(swings[0].estimate)} matters most: it moves the verdict by {quantity(widest, unit, 2)}."
    if widest < LEAST_MOVE:
        lead = f"None of these estimates moves the verdict, by {result.estimates_by}."
    return Section(anchor="estimates", title="What the verdict rests on", lead=lead, blocks=(table,))


def _moved(row: EstimateSwing, centre: float | None) -> tuple[float, float]:
    """The verdict at the estimate's low and high: as estimated, moved by what the plan says; no loss becomes a gain."""
    shift = 0.0 if centre is None or row.result_as_used is None else centre - row.result_as_used
    least = 0.0 if centre is None or centre >= 0 else -math.inf
    return max(least, row.result_at_low + shift), max(least, row.result_at_high + shift)


def _floor(swings: Sequence[EstimateSwing], low: str) -> str:
    """A plan that loses little cannot tell of less: where it loses nothing, the verdict may be lower than shown."""
    cut = any(0.0 in (row.result_at_low, row.result_at_high) and (row.result_as_used or 0.0) > 0 for row in swings)
    return f" That plan cannot lose less than nothing: where {low} stands, it may be less." if cut else ""


def _swing_row(
    row: EstimateSwing, moved: tuple[float, float], told: list[str], scale: tuple[float, float], centre: float | None
) -> tuple[Cell, ...]:
    width = (scale[1] - scale[0]) or 1.0
    start, end = sorted((value - scale[0]) / width for value in moved)
    bar = Cell(
        text="",
        bar=(round(100 * start, 1), round(100 * (end - start), 1)),
        mark=None if centre is None else round(100 * (centre - scale[0]) / width, 1),
    )
    cell = f"{row.table}, {row.column}, {row.where.replace('=', ' ')}"
    return (
        Cell(text=plain(row.estimate), small=cell),
        value(row.low),
        text(row.value),
        value(row.high),
        text(told[0]),
        bar,
        text(told[1]),
        text(row.source),
    )
