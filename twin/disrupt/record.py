"""What is available when: the one truth that plan, schedule and simulation read."""

from __future__ import annotations

from dataclasses import dataclass

from twin.model.profile import StepProfile

ProcessKey = tuple[str, str, str]
"""(process, site, item), as in the `processes` table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WipLoss:
    """At a moment, a fraction of a process's work in process is scrapped."""

    at_s: int
    fraction: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessAvailability:
    """A process over time.

    `starts_per_week`: gross starts allowed, the process's own limit with `from` rows, ramp,
    claims, calendar, disruptions and surge in it; None: no limit of its own and never
    blocked. `frozen`: 1 while an outage holds work in process where it is, else 0.
    `yield_factor` multiplies the table's yield for lots that complete then.
    """

    starts_per_week: StepProfile | None
    blocked: StepProfile
    """1 while nothing may start, whatever the limit, else 0."""
    frozen: StepProfile
    yield_factor: StepProfile
    lead_time_factor: StepProfile
    """Multiplies the cycle time of lots started then."""
    wip_losses: tuple[WipLoss, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneAvailability:
    """A lane over time; `closed` is 1 while nothing departs, `stopped` while nothing on it moves."""

    capacity_kg_per_week: StepProfile | None
    closed: StepProfile
    stopped: StepProfile
    transit_factor: StepProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """All processes, resources and lanes of a world over the whole horizon.

    `resources` is by (site, resource): the capacity (a number held at a time, or for
    process-drawn resources a rate per week) with everything in it but calendars of attended
    work; `open_hours` is 1 where the resource's calendar is open, 0 elsewhere.
    `site_frozen` is 1 while an outage stops all work at a site (routings pause).
    `change_times_s` are the moments something is announced to start, stop or change.
    """

    processes: dict[ProcessKey, ProcessAvailability]
    resources: dict[tuple[str, str], StepProfile]
    open_hours: dict[tuple[str, str], StepProfile]
    lanes: dict[str, LaneAvailability]
    shipments_blocked: dict[tuple[str, str], StepProfile]
    """By (site, item), item empty for all of a site's; 1 while nothing leaves the site."""
    site_frozen: dict[str, StepProfile]
    change_times_s: tuple[int, ...] = ()
