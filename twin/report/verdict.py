"""The first screen: the verdict, how sure it is, and the headline numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from twin.events.result import EstimateSwing, HandCheck, Measure, RunResult
from twin.report.blocks import (
    Block,
    Card,
    Cards,
    Cell,
    Prose,
    Section,
    Table,
    Tone,
    number_column,
    text_column,
    value,
)
from twin.report.blocks import words as text
from twin.report.labels import better, headlines, label
from twin.report.words import (
    ABSENT,
    count,
    number,
    percent,
    plain,
    quantity,
    scale,
    signed,
    span,
)

SAME = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Sureness:
    """One way of saying how sure the verdict's number is."""

    title: str
    range: str
    centre: str
    explained: str


def sureness(result: RunResult) -> tuple[Sureness, ...]:
    """The simulation's interval and the range over the estimates, side by side."""
    found = []
    simulated = simulated_measure(result)
    if simulated is not None:
        found.append(
            Sureness(
                title="By the simulation",
                range=f"{span(simulated.low, simulated.high, 2)} {simulated.unit}",
                centre=f"mean {quantity(simulated.value, simulated.unit)}",
                explained=f"95 % interval of the mean over {count(result.replications, 'replication')}: luck only",
            )
        )
    estimated = result.estimate_range
    if estimated is not None:
        found.append(
            Sureness(
                title="Over the estimates",
                range=f"{span(estimated.low, estimated.high, 2)} {estimated.unit}",
                centre=f"as estimated {quantity(estimated.value, estimated.unit)}",
                explained=f"the plan with {count(len(result.estimates), 'estimate')} jointly at low and at high value",
            )
        )
    return tuple(found)


def simulated_measure(result: RunResult) -> Measure | None:
    """The interval of the simulated number that the hand check checks, where one was made."""
    if result.hand_check is None:
        return None
    racks = result.hand_check.simulated_racks
    candidates = [*(result.paired or {}).values()]
    for amount in (result.resilience or {}).values():
        candidates.append(Measure(value=amount.mean, low=amount.low, high=amount.high, unit=amount.unit))
    for candidate in candidates:
        if candidate.low is None or candidate.high is None or candidate.value is None:
            continue
        if math.isclose(candidate.value, racks, rel_tol=SAME):
            return candidate
        if math.isclose(-candidate.value, racks, rel_tol=SAME):
            return candidate.model_copy(
                update={"value": -candidate.value, "low": -candidate.high, "high": -candidate.low}
            )
    return None


def verdict_section(result: RunResult) -> Section:
    """Headline cards, and all measures behind them."""
    cards = tuple(_card(result, name) for name in headlines(result.kpis))
    blocks: tuple[Block, ...] = (*((Cards(cards=cards),) if cards else ()), measures_table(result))
    lead = "Difference: disrupted minus baseline, run by run with the same luck, with its 95 % interval."
    return Section(anchor="kpis", title="In numbers", lead=lead if result.paired else "", blocks=blocks)


def _card(result: RunResult, name: str) -> Card:
    after = result.kpis[name]
    before = result.baseline.kpis.get(name) if result.baseline else None
    step = (result.paired or {}).get(name)
    factor, unit = scale(after.unit, after.value)
    card = Card(title=label(name), value=number(_times(after.value, factor)), unit=unit)
    if before is None or step is None:
        interval = span(_times(after.low, factor), _times(after.high, factor))
        return Card(title=card.title, value=card.value, unit=unit, interval="" if interval == ABSENT else interval)
    tone, reading = judged(name, step)
    return Card(
        title=card.title,
        value=card.value,
        unit=unit,
        baseline=number(_times(before.value, factor)),
        difference=signed(_times(step.value, factor)),
        interval=span(_times(step.low, factor), _times(step.high, factor)),
        tone=tone,
        reading=reading,
    )


def _times(amount: float | None, factor: float) -> float | None:
    return None if amount is None else amount * factor


def judged(name: str, step: Measure) -> tuple[Tone, str]:
    """Whether a difference is more than luck, and whether it is good or bad."""
    if step.value is None or step.low is None or step.high is None:
        return "", ""
    if step.low <= 0 <= step.high:
        return "soft", "not told apart from none"
    direction = better(name)
    if not direction:
        return "", "more than luck"
    return ("good", "better") if (step.value > 0) == (direction == "up") else ("bad", "worse")


def measures_table(result: RunResult) -> Table:
    """Every KPI with its interval, and where there is a baseline the paired difference."""
    rows = []
    for name, after in result.kpis.items():
        factor, unit = scale(after.unit, after.value)
        cells = [text(label(name)), text(unit), value(_times(after.value, factor))]
        cells.append(text(span(_times(after.low, factor), _times(after.high, factor), 4)))
        if result.baseline:
            before, step = result.baseline.kpis.get(name), (result.paired or {}).get(name)
            cells += _difference_cells(name, before, step, factor)
        cells.append(text(after.scor))
        rows.append(tuple(cells))
    columns = [text_column("Measure"), text_column("Unit"), number_column("Value"), number_column("95 % interval")]
    if result.baseline:
        columns += [number_column("Baseline"), number_column("Difference"), number_column("Its 95 % interval")]
    columns.append(text_column("SCOR"))
    return Table(name="measures", title="All measures", folded=True, columns=tuple(columns), rows=tuple(rows))


def _difference_cells(name: str, before: Measure | None, step: Measure | None, factor: float) -> list[Cell]:
    known = value(_times(before.value, factor)) if before else text(ABSENT)
    if step is None:
        return [known, text(ABSENT), text(ABSENT)]
    tone, _ = judged(name, step)
    return [
        known,
        text(signed(_times(step.value, factor), 4), tone),
        text(span(_times(step.low, factor), _times(step.high, factor), 4)),
    ]


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
    low, high = min([*ends, *([centre] if centre is not None else [])]), max([*ends, *([centre] if centre is not None else [])])
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
