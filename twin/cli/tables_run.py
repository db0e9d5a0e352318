"""What `twin run` and `twin compare` print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rich.console import RenderableType

from twin.cli.output import NOT_DEFINED, counted, heading, interval, number, percent, sentence, signed, table
from twin.cli.tables_plan import binding_table, customer_table, gate_table

if TYPE_CHECKING:
    from twin.events.result import HandCheck, Measure, RecoveryMeasure, RunResult
    from twin.events.views import CompareResult

_LIMITS_SHOWN = 8


def run_tables(result: RunResult) -> Iterator[RenderableType]:
    """The verdict first, then the evidence in the order of a planning meeting."""
    yield heading(result.verdict)
    yield sentence(
        f"{counted(result.replications, 'replication')}, seed {result.seed}, "
        f"{counted(result.report_weeks, 'week')} from {result.starts}."
    )
    if result.hand_check is not None:
        yield sentence(_hand_check(result.hand_check))
    for warning in result.warnings:
        yield sentence(f"Note: {warning}")
    yield ""
    if result.baseline is not None and result.paired is not None:
        yield _difference_table(
            "Measures against the paired baseline",
            ("baseline", result.scenario),
            (result.baseline.kpis, result.kpis),
            result.paired,
        )
    else:
        yield _kpi_table(result.kpis)
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
    yield ""


def compare_tables(comparison: CompareResult) -> Iterator[RenderableType]:
    """A verdict for each, then each against the first."""
    first, *others = comparison.results
    for result in comparison.results:
        yield heading(f"{result.scenario}: {result.verdict}")
    for result, paired in zip(others, comparison.paired, strict=True):
        yield ""
        yield _difference_table(
            f"{result.scenario} against {first.scenario}",
            (first.scenario, result.scenario),
            (first.kpis, result.kpis),
            paired,
        )
    if comparison.best is not None:
        yield ""
        survivors = ", ".join(comparison.best.survivors)
        yield sentence(f"Best on {comparison.best.kpi}, not ruled out at 95 %: {survivors}.")
    yield ""


def _hand_check(check: HandCheck) -> str:
    return (
        f"By hand: {check.formula} = {number(check.by_hand_racks)} racks; "
        f"simulated {number(check.simulated_racks)}, {percent(check.difference_fraction)} apart."
    )


def _kpi_table(kpis: Mapping[str, Measure]) -> RenderableType:
    rows = ((name, number(kpi.value), interval(kpi.low, kpi.high), kpi.unit) for name, kpi in kpis.items())
    return table("Measures", ("measure", ">mean", ">95 % interval", "unit"), rows)


def _difference_table(
    title: str,
    names: tuple[str, str],
    kpis: tuple[Mapping[str, Measure], Mapping[str, Measure]],
    paired: Mapping[str, Measure],
) -> RenderableType:
    """Two sets of measures and the second minus the first."""
    first, second = kpis
    rows = (
        (name, _value(first.get(name)), number(kpi.value), *_difference(paired.get(name)), kpi.unit)
        for name, kpi in second.items()
    )
    columns = ("measure", f">{names[0]}", f">{names[1]}", ">difference", ">95 % interval", "unit")
    return table(title, columns, rows)


def _recovery_table(measures: Mapping[str, RecoveryMeasure]) -> RenderableType:
    rows = (
        (
            name,
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
