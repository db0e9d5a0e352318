"""Parts of a result about what is used and served: resources, the power that tests hold, tokens of racks online."""

from __future__ import annotations

from twin.events.part import Part


class UtilisationRow(Part):
    """Busy over available in the report window."""

    site: str
    resource: str
    unit: str
    mean: float
    low: float
    high: float
    peak_week: float


class PowerLoad(Part):
    """Power of a site that steps hold, in kW, in the mean of the replications over the report window."""

    site: str
    resource: str
    installed_kw: float
    """The most there is by the tables."""
    least_kw: float
    """The least that the hours of its tariff leave."""
    peak_kw: float
    """Mean of the peaks of the replications."""
    mean_kw: float
    by_hour: list[float]
    """168 hours of a week of the clock (UTC), from the hour in which the window begins."""
    limit_by_hour: list[float]
    """What the tables have in these hours."""
    by_week: list[float]
    limit_by_week: list[float]
    energy_usd: float | None = None
    """None: without a tariff."""


class PowerBound(Part):
    """Power if all racks that orders ask for were under full load all the time, from the tables alone."""

    racks_per_week: float
    """That fall due in the report window."""
    hours: float
    """Mean hours of work of a rack in its routing."""
    rack_kw: float
    """The most that a step of a rack holds."""
    routed_kw: float
    """Racks a week x hours / 168 x kW: under load from the first step to the last."""
    all_week_kw: float
    """Racks a week x kW: under load for a week."""


class TestPower(Part):
    """The load of every power resource that steps hold, and what it would be at most."""

    loads: list[PowerLoad]
    bound: PowerBound | None = None


class SiteServed(Part):
    """What the racks that went online at a datacenter did in the report window, in the mean of the replications."""

    site: str
    """Blank: all together."""
    rack_days: float
    tokens_trillion: float
    tokens_per_joule: float | None
    usd_per_million_tokens: float | None
    """Capital, upkeep and electricity."""
    rack_day_usd: float | None
    """What the tokens of a rack-day earn, less its electricity."""
    curtailed_share: float | None
    """Of the tokens that would have been served; None where no power is ever away."""
    broken_hours: float


class ServiceServed(Part):
    """A class of service, over all datacenters."""

    service: str
    tokens_trillion: float
    usd_per_million_tokens: list[float]
    """What it earns, least and most over the racks that serve it."""
    flexibility: list[float]
    """The part that it may lose, least and most."""
    confidence: str
    """Grades of its sources."""


class FactoryTold(Part):
    """What racks online served, what it costs and earns."""

    total: SiteServed
    sites: list[SiteServed]
    services: list[ServiceServed]
    deferred_usd: float | None
    claims: list[str] = []
    """What rests on a seller's word of its own goods: table and rows, with the source."""
