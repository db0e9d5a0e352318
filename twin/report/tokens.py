"""The AI factory on the page: tokens of racks online by datacenter and service, their cost and worth."""

from __future__ import annotations

from collections.abc import Sequence

from twin.events.factory_result import FactoryTold, ServiceServed, SiteServed
from twin.events.result import RunResult
from twin.report.blocks import (
    Block,
    Cell,
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
from twin.report.words import number, percent

ALL = "All"


def tokens_section(result: RunResult) -> Section | None:
    """What racks online served, cost and earned; None for a world without services."""
    factory = result.factory
    if factory is None or not factory.sites:
        return None
    blocks: list[Block] = [_services(factory.services, factory.total), _sites(factory)]
    if factory.claims:
        title = "Rests on what sellers claim of their own goods"
        blocks.insert(0, Prose(title=title, lines=tuple(factory.claims), listed=True))
    return Section(anchor="tokens", title="Tokens", lead=_lead(factory), blocks=tuple(blocks))


def _lead(factory: FactoryTold) -> str:
    total = factory.total
    lead = (
        f"Racks online serve {number(total.tokens_trillion)} trillion tokens, at "
        f"{number(total.usd_per_million_tokens)} USD a million and {number(total.tokens_per_joule)} tokens a joule. "
        f"A rack-day is worth {number(total.rack_day_usd)} USD"
    )
    lead += f"; lateness defers {number(factory.deferred_usd)} USD." if factory.deferred_usd else "."
    if total.curtailed_share:
        lead += f" Curtailment takes {percent(total.curtailed_share)} of the tokens"
        lead += f", and breaks service for {number(total.broken_hours)} hours." if total.broken_hours else "."
    return f"By the claims below: {lead}" if factory.claims else lead


def _services(rows: Sequence[ServiceServed], total: SiteServed) -> Table:
    return Table(
        name="tokens-by-service",
        columns=(
            text_column("Service"),
            number_column("Tokens", "trillion"),
            number_column("Share"),
            number_column("Earns", "USD a million"),
            number_column("May lose"),
            text_column("Grade"),
        ),
        rows=tuple(
            (
                text(row.service),
                value(row.tokens_trillion, 3),
                fraction(row.tokens_trillion / total.tokens_trillion if total.tokens_trillion else None),
                text(_from_to([number(each) for each in row.usd_per_million_tokens])),
                text(_from_to([percent(each) for each in row.flexibility])),
                text(row.confidence),
            )
            for row in rows
        ),
    )


def _from_to(ends: Sequence[str]) -> str:
    return ends[0] if ends[0] == ends[-1] else f"{ends[0]} to {ends[-1]}"


def _sites(factory: FactoryTold) -> Table:
    curtailed = factory.total.curtailed_share is not None
    ordered = sorted(factory.sites, key=lambda row: (-row.tokens_trillion, row.site))
    total = factory.total.model_copy(update={"site": ALL})
    return Table(
        name="tokens-by-datacenter",
        columns=(
            name_column("Datacenter"),
            number_column("Rack-days online"),
            number_column("Tokens", "trillion"),
            number_column("Tokens a joule"),
            number_column("Cost", "USD a million"),
            number_column("Worth of a rack-day", "USD"),
            *([number_column("Lost to curtailment"), number_column("Broken service", "h")] if curtailed else []),
        ),
        rows=tuple(_row(row, curtailed) for row in [*ordered, *([total] if len(ordered) > 1 else [])]),
        note="Of racks that went online within the run. Cost is capital, upkeep and electricity; worth is what the "
        "tokens earn less electricity.",
    )


def _row(row: SiteServed, curtailed: bool) -> tuple[Cell, ...]:
    return (
        text(row.site),
        value(row.rack_days, 3),
        value(row.tokens_trillion, 3),
        value(row.tokens_per_joule, 3),
        value(row.usd_per_million_tokens, 3),
        value(row.rack_day_usd, 3),
        *([fraction(row.curtailed_share), value(row.broken_hours, 3)] if curtailed else []),
    )
