"""Parts of a result about resources: how busy they are, and the power that tests hold by hour and week."""

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
