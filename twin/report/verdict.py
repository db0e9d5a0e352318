"""The first screen: the verdict, how sure it is, and the headline numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twin.events.result import Measure, RunResult
from twin.report.blocks import (
    Block,
    Card,
    Cards,
    Cell,
    Section,
    Table,
    Tone,
    number_column,
    text_column,
    value,
)
from twin.report.blocks import words as text
from twin.report.labels import BY_PARTY, BY_PLACE, better, by_kind, formula, headlines, label
from twin.report.words import (
    ABSENT,
    count,
    known,
    number,
    quantity,
    scale,
    span,
    times,
    with_sign,
)

LOST = "lost_in_report_racks"
UNDISRUPTED = "racks_accepted"
SURVIVAL = "time_to_survive_days"
COVERED = "to its end"
"""Time to survive where no required rack need fail: it has no length."""
ON_PAPER = {
    SURVIVAL: "by a sum without lead times: how long stock, pipeline and other sources, all used at once, keep what "
    "the baseline plan accepts",
    "performance_impact_racks": "by the same sum: racks that must fail; real lead times cost more than this",
}
"""What the measures of the stress programme say, since they look mild beside a simulated loss."""


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
        found.append(_by_luck(simulated, result.replications, result.baseline is not None))
    estimated = result.estimate_range
    if estimated is not None:
        found.append(
            Sureness(
                title="Over the estimates",
                range=_range(estimated, result.baseline is not None),
                centre=f"as estimated {_centre(estimated, result.baseline is not None)}",
                explained=f"{result.estimates_by} with each of {count(len(result.estimates), 'estimate')} "
                "at its low and high value",
            )
        )
    return tuple(found)


def _by_luck(simulated: Measure, replications: int, lost: bool) -> Sureness:
    """The interval of the simulation; where it has none or no width, that is said instead."""
    interval, mean = _range(simulated, lost), _centre(simulated, lost)
    runs = count(replications, "replication")
    if not interval:
        why = "one run does not tell how far luck goes" if replications == 1 else f"the same in all of {runs}"
        return Sureness(title="By the simulation", range=mean, centre="", explained=why)
    return Sureness(
        title="By the simulation",
        range=interval,
        centre=f"mean {mean}",
        explained=f"95 % interval of the mean over {runs}: luck only",
    )


def _centre(measure: Measure, lost: bool) -> str:
    """A number in words; of racks lost, whether fewer or more."""
    if not lost or not measure.value:
        return quantity(measure.value, measure.unit)
    return f"{number(abs(measure.value))} {'fewer' if measure.value > 0 else 'more'} {measure.unit}"


def _range(measure: Measure, lost: bool) -> str:
    """An interval in words, low before high; of racks lost, a gain is told as more of them, not with a minus."""
    if measure.low is None or measure.high is None:
        return ""
    low, high = sorted((measure.low, measure.high))
    if span(low, high) == ABSENT:
        return ""
    if not lost:
        return f"{span(low, high)} {measure.unit}"
    if low < 0 < high:
        return f"from {number(-low)} more to {number(high)} fewer {measure.unit}"
    side, ends = ("fewer", (low, high)) if high > 0 else ("more", (-high, -low))
    return f"{span(*ends)} {side} {measure.unit}"


def simulated_measure(result: RunResult) -> Measure | None:
    """The simulated number of the verdict with its interval.

    Undisrupted: racks accepted. Disrupted: racks lost by the end of the report window, as
    measured or, without measures, as the paired difference in racks accepted.
    """
    if result.baseline is None:
        return result.kpis.get(UNDISRUPTED)
    lost = (result.resilience or {}).get(LOST)
    if lost is not None:
        return Measure(value=lost.mean, low=lost.low, high=lost.high, unit=lost.unit)
    fewer = (result.paired or {}).get(UNDISRUPTED)
    if fewer is None or fewer.value is None or fewer.low is None or fewer.high is None:
        return None
    return fewer.model_copy(update={"value": -fewer.value, "low": -fewer.high, "high": -fewer.low})


def verdict_section(result: RunResult) -> Section:
    """Headline cards, and all measures behind them."""
    cards = tuple(_card(result, name) for name in headlines(result.kpis))
    whole, parties, places = by_kind(result.kpis)
    blocks: list[Block] = [Cards(cards=cards)] if cards else []
    blocks.append(_measures(result, whole, "measures", "All measures"))
    if parties:
        blocks.append(_measures(result, parties, "measures-by-party", BY_PARTY))
    if places:
        blocks.append(_measures(result, places, "measures-by-place", BY_PLACE))
    lead = "Difference: disrupted minus baseline, run by run with the same luck, with its 95 % interval."
    return Section(anchor="kpis", title="In numbers", lead=lead if result.paired else "", blocks=tuple(blocks))


def _card(result: RunResult, name: str) -> Card:
    after = result.kpis[name]
    before = result.baseline.kpis.get(name) if result.baseline else None
    step = (result.paired or {}).get(name)
    factor, unit = scale(after.unit, after.value)
    if before is None or step is None or step.value is None:
        (now,), interval = known([times(after.value, factor)], times(after.low, factor), times(after.high, factor))
        return Card(title=label(name), value=now, unit=unit, interval=interval, hint=formula(name))
    tone, reading = judged(name, step)
    amounts = [times(amount, factor) for amount in (after.value, before.value, step.value)]
    (now, then, difference), interval = known(amounts, times(step.low, factor), times(step.high, factor))
    return Card(
        title=label(name),
        value=now,
        unit=unit,
        baseline=then,
        difference=with_sign(difference) + (" points" if unit == "%" else ""),
        interval=interval,
        tone=tone,
        reading=reading,
        hint=formula(name),
    )


def judged(name: str, step: Measure) -> tuple[Tone, str]:
    """Whether a difference is more than luck, and whether it is good or bad."""
    if step.value is None or step.low is None or step.high is None:
        return "", ""
    if step.low == step.high == 0:
        return "soft", "no difference"
    if step.low <= 0 <= step.high:
        return "soft", "no clear difference"
    direction = better(name)
    if not direction:
        return "", "more than luck"
    return ("good", "better") if (step.value > 0) == (direction == "up") else ("bad", "worse")


def _measures(result: RunResult, names: Sequence[str], file: str, title: str) -> Table:
    """KPIs with their intervals, and where there is a baseline the paired difference."""
    rows = []
    told = ""
    for name in names:
        after = result.kpis[name]
        if not _has_value(result, name):
            continue
        factor, unit = scale(after.unit, after.value)
        # A formula is long and the same at every place: it stands with the first.
        hint, told = ("" if formula(name) == told else formula(name)), formula(name)
        (now,), interval = known([times(after.value, factor)], times(after.low, factor), times(after.high, factor))
        if name == SURVIVAL and after.value is None:
            now = COVERED
        cells = [
            Cell(text=label(name), hint=hint, small=ON_PAPER.get(name, "")),
            text(unit),
            text(now),
            text(interval or ABSENT),
        ]
        if result.baseline:
            before, step = result.baseline.kpis.get(name), (result.paired or {}).get(name)
            cells += difference_cells(name, before, step, factor)
        rows.append((*cells, text(after.scor)))
    columns = [text_column("Measure"), text_column("Unit"), number_column("Value"), number_column("95 % interval")]
    if result.baseline:
        columns += [number_column("Baseline"), number_column("Difference"), number_column("Its 95 % interval")]
    columns.append(text_column("SCOR"))
    return Table(name=file, title=title, folded=True, columns=tuple(columns), rows=tuple(rows))


def _has_value(result: RunResult, name: str) -> bool:
    """Whether a measure is defined in the run or its baseline; survival without an end is, see `COVERED`."""
    before = result.baseline.kpis.get(name) if result.baseline else None
    return name == SURVIVAL or any(measure and measure.value is not None for measure in (result.kpis[name], before))


def difference_cells(name: str, before: Measure | None, step: Measure | None, factor: float) -> list[Cell]:
    """The value compared with, the difference and its interval."""
    if step is None:
        return [value(times(before.value, factor)) if before else text(ABSENT), text(ABSENT), text(ABSENT)]
    tone, _ = judged(name, step)
    amounts = [times(amount, factor) for amount in (before.value if before else None, step.value)]
    (then, difference), interval = known(amounts, times(step.low, factor), times(step.high, factor))
    return [text(then), text(with_sign(difference), tone), text(interval or ABSENT)]
