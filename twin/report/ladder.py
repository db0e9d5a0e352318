"""The one-file page of a bottleneck ladder: the staircase, its rungs, what gains nothing, and what it all rests on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from twin.events.bottleneck import BottleneckView, Lever, Rung, RungGate
from twin.events.result import Measure
from twin.report.blocks import (
    Cell,
    Drawing,
    Prose,
    Section,
    Table,
    fraction,
    name_column,
    number_column,
    text_column,
    value,
)
from twin.report.blocks import words as text
from twin.report.document import render
from twin.report.page import in_two, write_page
from twin.report.staircase import staircase
from twin.report.words import ABSENT, count, day, known, last_day, number, quantity, with_sign

UNKNOWN = "not known"
FIRST_ROWS = 30


def render_ladder(view: BottleneckView) -> str:
    """The page of a ladder as one HTML document that fetches nothing."""
    headline, rest = in_two(view.verdict)
    return render(
        "report.html",
        title=view.title or view.scenario,
        headline=headline,
        verdict=rest,
        sureness=(),
        facts=_facts(view),
        sections=[_ladder(view), _rungs(view), _levers(view), _added(view), _sources(view)],
        warned="",
    )


def write_ladder(view: BottleneckView, path: Path | str) -> Path:
    """Write the page of a ladder, whole or not at all; the path written."""
    return write_page(render_ladder(view), Path(path))


def _facts(view: BottleneckView) -> tuple[str, ...]:
    return (
        view.world_title or view.world,
        f"{day(view.starts)} to {day(last_day(view.starts, view.report_weeks))}",
        f"{count(view.replications, 'replication')} of each rung",
        f"seed {view.seed}",
    )


def _ladder(view: BottleneckView) -> Section:
    drawing = Drawing(
        anchor="staircase",
        title="Racks a week, rung by rung",
        sentence=_sentence(view),
        pictures=(("Racks a week by rung", staircase(view)),),
        table=_rung_table(view),
        note="Rungs on one step change places where one of them has a fifth more than is said. The line is by the "
        "plan's limits, each at the time at which it serves, without pipeline or lead times; squares are simulated, "
        "with 95 % intervals, every rung from a day one of its own as if it had been raised long since. Orders are "
        f"taken {number(view.orders_grown)} times as large, or more, so that the book holds nothing back.",
    )
    return Section(anchor="ladder", title="The ladder", lead=view.ended, blocks=(drawing,))


def _sentence(view: BottleneckView) -> str:
    if not view.rungs:
        return f"{number(view.start, 4)} racks a week as things stand."
    last = view.rungs[-1]
    return (
        f"From {number(view.start, 4)} racks a week as things stand to {number(last.after, 4)} with "
        f"{count(last.number, 'rung')} raised; {number(view.ordered, 4)} are ordered."
    )


def _rung_table(view: BottleneckView) -> Table:
    columns = (
        number_column("Rung"),
        number_column("Step"),
        text_column("What is raised"),
        number_column("By"),
        number_column("Racks a week"),
        number_column("Gain"),
        number_column("Simulated"),
        number_column("Gain"),
        name_column("Binds"),
        text_column("Evidence"),
        number_column("Cost"),
        number_column("Lead time"),
    )
    start = (text(""), text(""), text("as things stand"), text(""), value(view.start), text(""))
    rest = (_level(view.start_simulated), text(""), text(""), text(""), text(""), text(""))
    return Table(name="ladder", columns=columns, rows=((*start, *rest), *map(_rung_row, view.rungs)))


def _rung_row(rung: Rung) -> tuple[Cell, ...]:
    also = ", ".join(gate.gate for gate in rung.also)
    return (
        value(rung.number),
        value(rung.step),
        Cell(text=", ".join(gate.gate for gate in rung.gates), small=f"with more of {also}" if also else ""),
        text(", ".join(dict.fromkeys(_growth(gate) for gate in rung.gates))),
        value(rung.after),
        text(with_sign(number(rung.gain))),
        _level(rung.simulated),
        _gain(rung.simulated_gain),
        Cell(text=f"{day(rung.binds_from)} to {day(rung.binds_until)}", small=f"{number(rung.weeks_binding)} weeks"),
        text(", ".join(dict.fromkeys(one.confidence for gate in rung.gates for one in gate.sources)) or ABSENT),
        text(UNKNOWN if rung.cost_usd is None else quantity(rung.cost_usd, "USD")),
        text(UNKNOWN if rung.lead_days is None else count(round(rung.lead_days), "day")),
    )


def _growth(gate: RungGate) -> str:
    return "given up" if gate.factor is None else f"{number(100 * (gate.factor - 1), 2)} %"


def _level(measure: Measure | None) -> Cell:
    if measure is None:
        return text(ABSENT)
    (level,), ends = known([measure.value], measure.low, measure.high)
    return Cell(text=level, small=ends)


def _gain(measure: Measure | None) -> Cell:
    if measure is None:
        return text(ABSENT)
    (gain,), ends = known([measure.value], measure.low, measure.high)
    return Cell(text=with_sign(gain), small=ends)


def _rungs(view: BottleneckView) -> Section:
    lines = tuple(f"{rung.number}. {rung.said}" for rung in view.rungs)
    again = Prose(lines=(view.command,), title="To make it again", code=True)
    return Section(
        anchor="rungs",
        title="Rung by rung",
        lead="Each rung as a scenario file, to be run again, stands in the answer of --json.",
        blocks=(Prose(lines=lines), again),
    )


def _levers(view: BottleneckView) -> Section:
    table = Table(
        name="levers",
        columns=(
            text_column("Gate"),
            number_column("Sites"),
            number_column("Used"),
            number_column("Gain of twice as much, alone", "racks a week"),
            number_column("Rung"),
            name_column("Weakest evidence"),
        ),
        rows=tuple(map(_lever_row, view.levers)),
        first=FIRST_ROWS,
        note="As things stand, by the plan's limits. What has no price gains nothing by any amount, since racks rise "
        "ever more slowly with a limit.",
    )
    lines = Prose(lines=tuple(view.said), listed=True)
    return Section(anchor="levers", title="What gains, and what does not", lead="", blocks=(lines, table))


def _lever_row(lever: Lever) -> tuple[Cell, ...]:
    return (
        text(lever.gate),
        value(len(lever.sites)),
        fraction(lever.used),
        text(with_sign(number(lever.gain_alone))),
        text(ABSENT if lever.rung is None else str(lever.rung)),
        text(lever.confidence or ABSENT),
    )


def _added(view: BottleneckView) -> Section:
    rows = [
        (value(rung.number), text(gate.gate), text(one.site or ABSENT), value(one.present), value(one.needed),
         text(one.unit), text(UNKNOWN if one.cost_usd is None else quantity(one.cost_usd, "USD")))
        for rung in view.rungs
        for gate in (*rung.gates, *rung.also)
        for one in gate.added
    ]  # fmt: skip
    table = Table(
        name="added",
        columns=(
            number_column("Rung"),
            text_column("Gate"),
            name_column("Site"),
            number_column("From"),
            number_column("To"),
            name_column("Unit"),
            number_column("Cost"),
        ),
        rows=tuple(rows),
        first=FIRST_ROWS,
        note="The most there is of it in the window, and what it comes to; where the world says in its table "
        "expansions what more costs, with the cost.",
    )
    return Section(anchor="added", title="What each rung adds", lead="", blocks=(table,))


def _sources(view: BottleneckView) -> Section:
    rows = [
        (text(gate), text(one.confidence), text(one.title), text(one.published or ABSENT))
        for gate, found in _by_gate(view.rungs).items()
        for one in found.sources
    ]
    table = Table(
        name="sources",
        columns=(text_column("Gate"), name_column("Grade"), text_column("Source"), name_column("Published")),
        rows=tuple(rows),
        first=FIRST_ROWS,
    )
    lead = "A gate of which every source is an estimate is an assumption: it binds where it is said to, if it is so."
    return Section(anchor="sources", title="What it rests on", lead=lead, blocks=(table,))


def _by_gate(rungs: Sequence[Rung]) -> dict[str, RungGate]:
    return {gate.gate: gate for rung in rungs for gate in rung.gates}
