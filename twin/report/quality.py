"""Defects gate by gate: put in, added in transport, found, escaped. Only where a world has any."""

from __future__ import annotations

from collections.abc import Mapping

from twin.events.result import Measure, RunResult
from twin.report.blocks import Cell, Section, Table, number_column, text_column, value, words
from twin.report.words import number

FIRST_ROWS = 20
PUT_IN, ADDED, FOUND, ESCAPED = "defects_put_in:", "defects_in_transport:", "defects_found:", "defects_escaped:"


def quality_section(result: RunResult) -> Section | None:
    """Defects by step, lane and site, per rack accepted."""
    kpis = result.kpis
    total = _value(kpis, "defects_per_rack")
    if total is None:
        return None
    names = [name.partition(":")[2] for name in kpis if name.startswith((PUT_IN, FOUND))]
    rows = [
        _row(kpis, f"step {name.replace('/', ': ', 1)}", PUT_IN + name, FOUND + name, "")
        for name in sorted(dict.fromkeys(names))
    ]
    rows += [_row(kpis, f"on the way: {name}", ADDED + name, "", "") for name in _keys(kpis, ADDED)]
    rows += [_row(kpis, f"leaving {name}", "", "", ESCAPED + name) for name in _keys(kpis, ESCAPED)]
    table = Table(
        name="defects-by-gate",
        columns=(
            text_column("Where"),
            number_column("Put in", "a rack"),
            number_column("Found", "a rack"),
            number_column("Escaped", "a rack"),
        ),
        rows=tuple(rows),
        first=FIRST_ROWS,
        note="Per rack accepted, in the report window. A gate that has missed a defect misses it again.",
    )
    found, left, again = (
        number(_value(kpis, name) or 0.0, 2)
        for name in ("defects_found_per_rack", "defects_at_customer_per_rack", "retests_per_rack")
    )
    lead = (
        f"{number(total, 2)} defects a rack put in or added on the way, {found} found, {left} left at the customer; "
        f"{again} steps a rack done again."
    )
    return Section(anchor="defects", title="Defects, gate by gate", lead=lead, blocks=(table,))


def _keys(kpis: Mapping[str, Measure], prefix: str) -> list[str]:
    return sorted(name.removeprefix(prefix) for name in kpis if name.startswith(prefix))


def _row(kpis: Mapping[str, Measure], where: str, *names: str) -> tuple[Cell, ...]:
    return (words(where), *(value(_value(kpis, name), 2) for name in names))


def _value(kpis: Mapping[str, Measure], name: str) -> float | None:
    return kpis[name].value if name in kpis else None
