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
    rows = tuple((text(plain(term)), value(amount, 3)) for term, amount in check.terms.items())
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
    centre = result.estimate_range.value if result.estimate_range else None
    moved = [_moved(row, centre) for row in swings]
    ends = [end for pair in moved for end in pair] + ([] if centre is None else [centre])
    low, high = min(ends), max(ends)
    rows = tuple(_swing_row(row, pair, (low, high), centre) for row, pair in zip(swings, moved, strict=True))
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
        note=f"Each estimate alone, by {result.estimates_by}. Bars run from {number(low)} to {number(high)} {unit}"
        + ("; the line marks the verdict as estimated." if centre is not None else "."),
    )
    widest = abs(moved[0][1] - moved[0][0])
    lead = f"{plain(swings[0].estimate)} matters most: it moves the verdict by {quantity(widest, unit, 2)}."
    return Section(anchor="estimates", title="What the verdict rests on", lead=lead, blocks=(table,))


def _moved(row: EstimateSwing, centre: float | None) -> tuple[float, float]:
    """The verdict at the estimate's low and high: as estimated, moved by what the plan says; never below 0."""
    shift = 0.0 if centre is None or row.result_as_used is None else centre - row.result_as_used
    return max(0.0, row.result_at_low + shift), max(0.0, row.result_at_high + shift)


def _swing_row(
    row: EstimateSwing, moved: tuple[float, float], scale: tuple[float, float], centre: float | None
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
        text(number(moved[0])),
        bar,
        text(number(moved[1])),
        text(row.source),
    )
