"""The one-file page of a run: verdict first, then the planning meeting, then evidence, then where it comes from."""

from __future__ import annotations

import os
import re
import warnings
from pathlib import Path

from twin.events.result import RunResult
from twin.report.basis import estimates_section, hand_check_section
from twin.report.blocks import Section
from twin.report.decisions import changed_section, decisions_section, waiting_section
from twin.report.demand import demand_section
from twin.report.document import render
from twin.report.evolution import evolution_section
from twin.report.gantt import schedule_section
from twin.report.late import late_section
from twin.report.meeting import meeting_sections, report_end
from twin.report.network import map_section
from twin.report.on_time import on_time_section
from twin.report.power import power_section
from twin.report.provenance import provenance_sections
from twin.report.quality import quality_section
from twin.report.stock import stock_section
from twin.report.tables import (
    binding_sections,
    concentration_section,
    resilience_section,
    utilisation_section,
)
from twin.report.tokens import tokens_section
from twin.report.verdict import sureness, verdict_section
from twin.report.words import count, day

LARGE_BYTES = 5_000_000
SPREAD = re.compile(r" \([^()]* (?:by luck|over the estimates)\)")
"""How sure the verdict is, within its sentence: on the page that stands in boxes under it."""


def sections_of(result: RunResult) -> list[Section]:
    """The page's sections in order; those without data are left out."""
    parts = (
        verdict_section(result),
        *meeting_sections(result),
        demand_section(result),
        on_time_section(result),
        late_section(result),
        waiting_section(result),
        changed_section(result),
        decisions_section(result),
        hand_check_section(result),
        estimates_section(result),
        map_section(result),
        evolution_section(result),
        *binding_sections(result),
        utilisation_section(result),
        power_section(result),
        tokens_section(result),
        schedule_section(result),
        quality_section(result),
        stock_section(result),
        resilience_section(result),
        concentration_section(result),
        *provenance_sections(result),
    )
    return [part for part in parts if part is not None]


def render_report(result: RunResult) -> str:
    """The page of a run as one HTML document that fetches nothing.

    Reads the record only. Charts are drawn when they come into view, and all before printing.
    """
    ways = sureness(result)
    headline, rest = in_two(result.verdict)
    return render(
        "report.html",
        title=result.title,
        headline=SPREAD.sub("", headline) if ways else headline,
        verdict=rest,
        sureness=ways,
        facts=_facts(result),
        sections=sections_of(result),
        warned=count(len(result.warnings), "warning") if result.warnings else "",
    )


def in_two(verdict: str) -> tuple[str, str]:
    """The verdict's first sentence, which is set large, and what follows it."""
    first, stop, rest = verdict.partition(". ")
    return (f"{first}.", rest) if stop else (verdict, "")


def _facts(result: RunResult) -> tuple[str, ...]:
    return (
        result.world_title,
        f"{day(result.starts)} to {day(report_end(result))}, and {count(result.tail_weeks, 'week')} beyond",
        f"{count(result.replications, 'pair' if result.baseline else 'replication')}"
        + (" of runs, disrupted and baseline" if result.baseline else ""),
        f"seed {result.seed}",
    )


def write_report(result: RunResult, path: Path | str) -> Path:
    """Write the page of a run to a file, whole or not at all; the path written.

    Warns where the page is larger than 5 MB, which mail and browsers take badly.
    """
    return write_page(render_report(result), Path(path))


def write_page(page: str, path: Path) -> Path:
    """Write a page beside its place, then move it there: no reader sees half a page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = page.encode("utf-8")
    if len(content) > LARGE_BYTES:
        warnings.warn(f"{path.name} is {len(content) / 1e6:.1f} MB; pages over 5 MB open slowly", stacklevel=3)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path
