"""What `twin study` prints: each configuration in each situation, where the choice changes, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType

from twin.cli.output import counted, heading, interval, number, sentence, signed, table
from twin.report.labels import label

if TYPE_CHECKING:
    from twin.events.result import Measure
    from twin.events.study_result import CrossingTold, StudyCell, StudyResult

SHOWN = ("racks_online", "time_to_token_days", "capital_days_usd_per_rack", "freight_usd_per_rack")


def study_tables(result: StudyResult) -> Iterator[RenderableType]:
    """The crossing first, then where the choice changes, and the verdict last, where a terminal stands still."""
    yield heading(
        f"{result.title or result.study}: {counted(len(result.configurations), 'configuration')} in "
        f"{counted(len(result.situations), 'situation')}, {counted(result.replications, 'replication')} each, "
        f"seed {result.seed}, {counted(result.report_weeks, 'week')} from {result.starts}"
    )
    yield from (sentence(f"Note: {warning}") for warning in result.warnings)
    yield ""
    yield _cells(result)
    for told in result.crossings:
        yield ""
        yield _crossing(told)
    if result.doubts:
        yield ""
        yield _doubts(result)
    yield ""
    yield heading(result.headline)
    yield sentence(result.verdict)
    yield ""


def _cells(result: StudyResult) -> RenderableType:
    shown = [name for name in SHOWN if any(_has(cell, name) for cell in result.cells)]
    columns = ["configuration", "situation"]
    for name in shown:
        columns += [f">{label(name)}", f">against {result.base}"]
    rows = []
    for cell in result.cells:
        row = [cell.configuration, cell.situation]
        for name in shown:
            row += [number(_value(cell.kpis.get(name))), signed(_value(cell.against_base.get(name)))]
        lost = cell.loss.get("lost_in_report_racks")
        rows.append([*row, number(lost.mean if lost is not None else None)])
    return table("", [*columns, f">racks lost against {result.calm}"], rows)


def _has(cell: StudyCell, name: str) -> bool:
    return _value(cell.kpis.get(name)) is not None


def _value(measure: Measure | None) -> float | None:
    return measure.value if measure is not None else None


def _crossing(told: CrossingTold) -> RenderableType:
    factor = " (factor on what it is now)" if told.scaled else f" ({told.unit})" if told.unit else ""
    columns = (f">{told.title}{factor}", f">{told.first}", f">{told.second}", ">difference", ">interval")
    rows = [
        (
            number(each.value),
            number(each.first.value),
            number(each.second.value),
            signed(each.difference.value),
            interval(each.difference.low, each.difference.high),
        )
        for each in told.values
    ]
    return table(f"{label(told.measure)} along: {told.title}, {told.situation}", columns, rows)


def _doubts(result: StudyResult) -> RenderableType:
    rows = [
        (
            each.estimate,
            signed(each.at_low.value),
            signed(each.as_used.value),
            signed(each.at_high.value),
            "yes" if each.holds else "no",
        )
        for each in result.doubts
    ]
    first = result.doubts[0]
    title = f"{label(first.measure)}, {first.second} less {first.first}, over what is plausible of an estimate"
    return table(title, ("estimate", ">at its low value", ">as used", ">at its high value", "verdict holds"), rows)
