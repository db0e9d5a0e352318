"""What racks online served, site by site and service by service, in the mean of the replications."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from twin.events.factory_result import FactoryTold, ServiceServed, SiteServed
from twin.events.result import Measure
from twin.metrics.economics import MILLION
from twin.metrics.factory import Served, served_in_all
from twin.metrics.rows import ratio
from twin.metrics.tokens import JOULES_PER_MWH, TRILLION
from twin.model.row import Row
from twin.model.world import World
from twin.study.replicate import Replicated

CLAIM = "claim"


def factory_told(runs: Sequence[Replicated], kpis: Mapping[str, Measure], world: World) -> FactoryTold | None:
    """Tokens, their energy, cost and worth; None for a world without services."""
    if not world.services:
        return None
    curtailed = any(row.curtailed_hours_per_year for row in world.readiness)
    names = sorted({site for run in runs for site in run.served})
    sites = {name: served_in_all(run.served[name] for run in runs if name in run.served) for name in names}
    total, services = served_in_all(sites.values()), dict.fromkeys(row.service for row in world.services)
    return FactoryTold(
        total=_site("", total, len(runs), curtailed),
        sites=[_site(name, served, len(runs), curtailed) for name, served in sites.items()],
        services=[_service(name, world, total, len(runs)) for name in services],
        deferred_usd=kpis["deferred_usd"].value,
        claims=list(_claims(world)),
    )


def _site(name: str, served: Served, runs: int, curtailed: bool) -> SiteServed:
    """Of what was served in all runs together: ratios are those of the sums."""
    tokens = sum(served.tokens.values())
    return SiteServed(
        site=name,
        rack_days=served.rack_days / runs,
        tokens_trillion=tokens / TRILLION / runs,
        tokens_per_joule=_defined(ratio(tokens, served.energy_mwh * JOULES_PER_MWH)),
        usd_per_million_tokens=_defined(ratio((served.standing_usd + served.energy_usd) * MILLION, tokens)),
        rack_day_usd=_defined(ratio(served.revenue_usd - served.energy_usd, served.rack_days)),
        curtailed_share=_defined(ratio(served.lost_tokens, served.lost_tokens + tokens)) if curtailed else None,
        broken_hours=served.broken_hours / runs,
    )


def _defined(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _service(name: str, world: World, total: Served, runs: int) -> ServiceServed:
    rows = [row for row in world.services if row.service == name]
    grades = {row.key: row.confidence for row in world.sources}
    return ServiceServed(
        service=name,
        tokens_trillion=total.tokens.get(name, 0.0) / TRILLION / runs,
        usd_per_million_tokens=_ends([row.usd_per_million_tokens for row in rows]),
        flexibility=_ends([row.flexibility for row in rows]),
        confidence=", ".join(sorted({grades.get(row.source, "") for row in rows} - {""})),
    )


def _ends(values: Sequence[float]) -> list[float]:
    return [min(values), max(values)]


def _claims(world: World) -> Iterator[str]:
    """A line for each source that is a claim, with what of services and their cost rests on it."""
    tables: dict[str, tuple[Row, ...]] = {"services": world.services, "rack_economics": world.rack_economics}
    for source in world.sources:
        if source.confidence == CLAIM:
            found = {name: sum(row.source == source.key for row in rows) for name, rows in tables.items()}
            told = [f"{name} ({count} {'row' if count == 1 else 'rows'})" for name, count in found.items() if count]
            if told:
                yield f"{', '.join(told)}: {source.title}"
