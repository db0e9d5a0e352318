"""What `twin bottleneck` prints."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType

from twin.cli.output import NOT_DEFINED, counted, heading, interval, number, percent, sentence, signed, table
from twin.events.bottleneck import BottleneckView, Lever, Rung
from twin.events.result import Measure

MOST_LEVERS = 15


def ladder_tables(view: BottleneckView) -> Iterator[RenderableType]:
    """The verdict, the rungs, what each of them says, and what gains nothing."""
    yield heading(view.verdict)
    runs, weeks = counted(view.replications, "replication"), counted(view.report_weeks, "week")
    yield sentence(
        f"Racks a week over {weeks} of {view.scenario}: by the plan's limits, each when it serves, without "
        f"pipeline or lead times; and simulated, the mean of {runs}, seed {view.seed}. Every order is taken "
        f"{number(view.orders_grown)} times as large, or more, so that the book holds nothing back."
    )
    yield ""
    yield _rung_table(view)
    if view.ended:
        yield sentence(view.ended)
    yield ""
    yield heading("Rung by rung")
    for rung in view.rungs:
        yield sentence(f"{rung.number}. {rung.said}")
    yield ""
    yield heading("What gains, and what does not")
    for line in view.said:
        yield sentence(line)
    yield ""
    yield _lever_table(view.levers)


def _rung_table(view: BottleneckView) -> RenderableType:
    start = ("", "", "as things stand", "", number(view.start, 4), "", _level(view.start_simulated), "", "", "")
    rows = [start, *(_rung_row(rung) for rung in view.rungs)]
    columns = (
        ">rung",
        ">step",
        "what is raised",
        ">by",
        ">racks a week",
        ">gain",
        ">simulated",
        ">gain",
        "evidence",
        ">cost USD",
    )
    return table("The ladder: rungs on one step change places where one of them has a fifth more", columns, rows)


def _rung_row(rung: Rung) -> tuple[str, ...]:
    factors = [gate.factor for gate in rung.gates if gate.factor is not None]
    grades = dict.fromkeys(source.confidence for gate in rung.gates for source in gate.sources)
    return (
        str(rung.number),
        str(rung.step),
        ", ".join(gate.gate for gate in rung.gates),
        f"{number(100 * (max(factors) - 1), 2)} %" if factors else "given up",
        number(rung.after, 4),
        signed(rung.gain),
        _level(rung.simulated),
        _gain(rung.simulated_gain),
        ", ".join(grades) or NOT_DEFINED,
        "not known" if rung.cost_usd is None else number(rung.cost_usd),
    )


def _level(measure: Measure | None) -> str:
    return NOT_DEFINED if measure is None else number(measure.value, 4)


def _gain(measure: Measure | None) -> str:
    if measure is None:
        return NOT_DEFINED
    ends = interval(measure.low, measure.high)
    return f"{signed(measure.value)} ({ends})" if ends else signed(measure.value)


def _lever_table(levers: list[Lever]) -> RenderableType:
    rows = (
        (
            lever.gate,
            str(len(lever.sites)) if lever.sites else "",
            percent(lever.used),
            signed(lever.gain_alone),
            NOT_DEFINED if lever.rung is None else str(lever.rung),
            lever.confidence or NOT_DEFINED,
        )
        for lever in levers[:MOST_LEVERS]
    )
    columns = ("gate", ">sites", ">used", ">gain of twice as much, alone", ">rung", "weakest evidence")
    return table(f"As things stand: the first {min(MOST_LEVERS, len(levers))} of {len(levers)} gates", columns, rows)
