"""What `twin run` and `twin compare` print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import RenderableType

from twin.cli.output import NOT_DEFINED, counted, heading, interval, number, percent, sentence, signed, table
from twin.cli.tables_late import late_line
from twin.cli.tables_moved import moved_tables
from twin.cli.tables_plan import binding_table, customer_table, gate_table
from twin.cli.tables_schedule import moves_told, not_scheduled
from twin.model.unread import is_unread_warning
from twin.report.labels import BY_PARTY, KEY, by_kind, label
from twin.resilience.hand_check import unfit

if TYPE_CHECKING:
    from twin.events.on_time import OnTime
    from twin.events.result import HandCheck, Measure, RecoveryMeasure, RunResult
    from twin.events.views import CompareResult

_LIMITS_SHOWN = 8
_PARTIES_SHOWN = 5
"""Of a measure by customer, status or owner."""


def run_tables(result: RunResult) -> Iterator[RenderableType]:
    """The evidence in the order of a planning meeting, and the verdict last, where a terminal stands still."""
    yield heading(
        f"{result.title or result.scenario}: {counted(result.replications, 'replication')}, seed {result.seed}, "
        f"{counted(result.report_weeks, 'week')} from {result.starts}"
    )
    # What no stage reads is told by `twin check` and on the page.
    yield from (sentence(f"Note: {warning}") for warning in result.warnings if not is_unread_warning(warning))
    yield ""
    if result.baseline is not None and result.paired is not None:
        names, both = ("baseline", result.scenario), (result.baseline.kpis, result.kpis)
        yield _difference_table(
            "Measures against the paired baseline", names, both, result.paired, _of_all(result.kpis)
        )
        if parties := _first_parties(result.kpis):
            yield ""
            yield _difference_table(BY_PARTY, names, both, result.paired, parties)
    else:
        yield _kpi_table("Measures", result.kpis, _of_all(result.kpis))
        if parties := _first_parties(result.kpis):
            yield ""
            yield _kpi_table(BY_PARTY, result.kpis, parties)
    yield from _by_place(result.kpis, len(_first_parties(result.kpis)))
    if result.resilience:
        yield ""
        yield _recovery_table(result.resilience)
    if result.gates:
        yield ""
        yield gate_table(result.gates)
    if result.customers:
        yield ""
        yield customer_table(result.customers)
    yield ""
    yield binding_table(result.plan.bindings[:_LIMITS_SHOWN])
    if result.replan is not None:
        yield ""
        yield binding_table(result.replan.bindings[:_LIMITS_SHOWN], since=result.replan.time[0])
    yield from _schedules_told(result)
    yield ""
    yield heading(result.verdict)
    if result.on_time is not None:
        yield sentence(on_time_line(result.on_time))
    if result.late is not None and result.late.orders:
        yield sentence(late_line(result.late, Path(result.run).name))
    if result.hand_check is not None:
        yield sentence(_hand_check(result.hand_check, len(result.disruptions)))
    yield ""


def _schedules_told(result: RunResult) -> Iterator[RenderableType]:
    """What re-schedules moved, and which racks have no schedule."""
    several = len({row.window_starts for row in result.schedules}) > 1
    missing = [f"{told} They go by the dispatch rule." for told in not_scheduled(result.schedules)]
    if several or missing:
        yield ""
    if several:
        yield sentence(moves_told(result.schedules))
    yield from map(sentence, missing)


def compare_tables(comparison: CompareResult) -> Iterator[RenderableType]:
    """Each against the first, what moved, then a verdict for each."""
    first, *others = comparison.results
    for result, paired in zip(others, comparison.paired, strict=True):
        yield _difference_table(
            f"{result.scenario} against {first.scenario}",
            (first.scenario, result.scenario),
            (first.kpis, result.kpis),
            paired,
            _of_all(result.kpis),
        )
        if result.report_weeks != first.report_weeks:
            yield sentence(
                f"Measures are of each one's own report weeks, {first.report_weeks} and {result.report_weeks}; "
                "what moved is of those that both report."
            )
        yield ""
    yield from _by_place(first.kpis)
    yield ""
    for moved in comparison.moved:
        yield from moved_tables(moved)
    for result in comparison.results:
        yield heading(f"{result.scenario}: {result.verdict}")
    if comparison.best is not None:
        survivors = ", ".join(comparison.best.survivors)
        yield sentence(f"Best on {comparison.best.kpi}, not ruled out at 95 %: {survivors}.")
    yield ""


def on_time_line(told: OnTime) -> str:
    """The share of orders on time, of the weeks of which most is known."""
    until = told.totals[0].until
    shares = [
        f"{percent(total.chance.value)} by the day {'asked for' if total.by == 'due' else 'promised'} "
        f"({percent(total.chance.low)} to {percent(total.chance.high)})"
        for total in told.totals
        if total.until == until
    ]
    first = told.totals[0]
    base = counted(first.chance.replications, "replay" if told.replayed_until else "replication")
    return f"On time, of {counted(first.orders, 'order')} due by {until}: {', '.join(shares)}; 95 % intervals, {base}."


def _hand_check(check: HandCheck, disruptions: int) -> str:
    reason = unfit(check, disruptions)
    apart = f"; {reason}" if reason else f", {percent(abs(check.difference_fraction or 0.0))} apart"
    return (
        f"By hand: {check.formula} = {number(check.by_hand_racks)} racks; "
        f"simulated {number(check.simulated_racks)}{apart}."
    )


def _of_all(kpis: Mapping[str, Measure]) -> list[str]:
    """The measures of the whole network: those of one place, item or step would fill pages."""
    return by_kind(kpis)[0]


def _first_parties(kpis: Mapping[str, Measure]) -> list[str]:
    """Of each measure by customer, status or owner, the parties with the most."""
    by_measure: dict[str, list[str]] = {}
    for name in by_kind(kpis)[1]:
        by_measure.setdefault(name.partition(KEY)[0], []).append(name)
    first = []
    for names in by_measure.values():
        first += sorted(names, key=lambda name: -(kpis[name].value or 0.0))[:_PARTIES_SHOWN]
    return first


def _by_place(kpis: Mapping[str, Measure], told: int = 0) -> Iterator[RenderableType]:
    if more := len(kpis) - len(_of_all(kpis)) - told:
        what = "by place, item, step or party"
        yield sentence(f"{more:,} more measures, {what}, stand in the page and in the run's result.json.")


def _kpi_table(title: str, kpis: Mapping[str, Measure], names: Sequence[str]) -> RenderableType:
    rows = (
        (label(name), number(kpis[name].value), interval(kpis[name].low, kpis[name].high), kpis[name].unit)
        for name in names
        if kpis[name].value is not None
    )
    return table(title, ("measure", ">mean", ">95 % interval", "unit"), rows)


def _difference_table(
    title: str,
    names: tuple[str, str],
    kpis: tuple[Mapping[str, Measure], Mapping[str, Measure]],
    paired: Mapping[str, Measure],
    measures: Sequence[str],
) -> RenderableType:
    """Two sets of measures and the second minus the first."""
    first, second = kpis
    rows = (
        (label(name), _value(first.get(name)), number(kpi.value), *_difference(paired.get(name)), kpi.unit)
        for name in measures
        for kpi in (second[name],)
        if kpi.value is not None or (name in first and first[name].value is not None)
    )
    columns = ("measure", f">{names[0]}", f">{names[1]}", ">difference", ">95 % interval", "unit")
    return table(title, columns, rows)


def _recovery_table(measures: Mapping[str, RecoveryMeasure]) -> RenderableType:
    rows = (
        (
            label(name),
            number(measure.median),
            number(measure.p90),
            percent(measure.not_reached),
            number(measure.mean),
            interval(measure.low, measure.high),
            measure.unit,
        )
        for name, measure in measures.items()
    )
    columns = ("measure", ">median", ">p90", ">never", ">mean", ">95 % interval", "unit")
    return table("Resilience (never: share not reached within the horizon)", columns, rows)


def _value(measure: Measure | None) -> str:
    return NOT_DEFINED if measure is None else number(measure.value)


def _difference(measure: Measure | None) -> tuple[str, str]:
    """The paired difference and its interval."""
    if measure is None:
        return NOT_DEFINED, ""
    return signed(measure.value), interval(measure.low, measure.high)
