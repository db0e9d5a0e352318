"""What the verdict rests on: the same sum by hand, and the estimates that move it."""

from __future__ import annotations

from twin.events.result import EstimateSwing, HandCheck, RunResult
from twin.report.blocks import Cell, Prose, Section, Table, number_column, text_column, value
from twin.report.blocks import words as text
from twin.report.words import number, percent, plain, quantity


def hand_check_section(result: RunResult) -> Section | None:
    """The harm by paper and pencil beside the simulated figure."""
    check = result.hand_check
    if check is None:
        return None
    rows = tuple((text(plain(term)), value(amount)) for term, amount in check.terms.items())
    result_rows = (
        (text("By hand, racks"), value(check.by_hand_racks, 3)),
        (text("Simulated, racks"), value(check.simulated_racks, 3)),
        (text("Difference"), text(percent(check.difference_fraction, 2))),
    )
    table = Table(
        name="hand-check",
        columns=(text_column("Term"), number_column("Value")),
        rows=rows + result_rows,
        note=check.note,
    )
    blocks = (Prose(lines=(check.formula,), code=True), table)
    return Section(anchor="hand-check", title="The same by hand", lead=_hand_lead(check), blocks=blocks)


def _hand_lead(check: HandCheck) -> str:
    return (
        f"By hand {number(check.by_hand_racks)} racks, simulated {number(check.simulated_racks)}: "
        f"{percent(abs(check.difference_fraction), 2)} apart."
    )


def estimates_section(result: RunResult) -> Section | None:
    """The estimates that move the verdict, most influential first."""
    swings = sorted(result.estimates, key=lambda row: -abs(row.result_at_high - row.result_at_low))
    if not swings:
        return None
    ends = [end for row in swings for end in (row.result_at_low, row.result_at_high)]
    centre = result.estimate_range.value if result.estimate_range else None
    if centre is not None:
        ends.append(centre)
    low, high = min(ends), max(ends)
    rows = tuple(_swing_row(row, low, (high - low) or 1.0, centre) for row in swings)
    table = Table(
        name="estimates",
        columns=(
            text_column("Estimate"),
            number_column("Low"),
            number_column("Used"),
            number_column("High"),
            number_column("Verdict at low", swings[0].unit),
            text_column("From the one to the other"),
            number_column("Verdict at high", swings[0].unit),
            text_column("Source"),
        ),
        rows=rows,
        note=f"Bars run from {number(low)} to {number(high)} {swings[0].unit}"
        + ("; the line marks the verdict as estimated." if centre is not None else "."),
    )
    first = swings[0]
    moved = abs(first.result_at_high - first.result_at_low)
    lead = f"{plain(first.estimate)} matters most: it moves the verdict by {quantity(moved, first.unit)}."
    return Section(anchor="estimates", title="What the verdict rests on", lead=lead, blocks=(table,))


def _swing_row(row: EstimateSwing, low: float, width: float, centre: float | None) -> tuple[Cell, ...]:
    start, end = sorted(((row.result_at_low - low) / width, (row.result_at_high - low) / width))
    bar = Cell(
        text="",
        bar=(round(100 * start, 1), round(100 * (end - start), 1)),
        mark=None if centre is None else round(100 * (centre - low) / width, 1),
    )
    return (
        text(f"{plain(row.estimate)} ({row.where}, {row.column})"),
        value(row.low),
        text(row.value),
        value(row.high),
        value(row.result_at_low, 3),
        bar,
        value(row.result_at_high, 3),
        text(row.source),
    )
