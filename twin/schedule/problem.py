"""From the twin's tables to a schedule problem: the racks of one site over a window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from twin.disrupt.record import Availability
from twin.model.problems import RunError
from twin.model.profile import StepProfile
from twin.model.rows_make import RoutingStep
from twin.model.units import hours
from twin.network.record import Network
from twin.schedule.record import Before, Job, Operation, Release, ScheduleProblem
from twin.schedule.reserve import rework_shares


def schedule_problem(
    network: Network,
    availability: Availability,
    site: str,
    starts_s: int,
    ends_s: int,
    releases: Sequence[Release],
    before: Before | None = None,
) -> ScheduleProblem:
    """The racks to be released at a site in a window, or on its floor, with all they need there.

    Durations are the mean hours of the routing; capacities are what is available, open hours
    those of the calendars; rework holds back a share of capacity, see `reserve`. While the
    site stands still, work pauses and keeps its places, whatever is left of them. `before` is
    the schedule in force so far; a move against it costs what the settings say.
    Raises RunError where a rack has no steps here or a step needs a resource that is not here.
    """
    jobs = tuple(_job(network, site, release) for release in releases)
    names = sorted({name for job in jobs for operation in job.operations for name, _ in operation.demands})
    missing = [name for name in names if (site, name) not in availability.resources]
    if missing:
        raise RunError(f"routings at {site} need {', '.join(missing)}, which `resources` does not list there")
    stopped = availability.site_frozen.get(site)
    stands_still = stopped is not None and bool((stopped.values > 0).any())
    capacities = {name: availability.resources[(site, name)] for name in names}
    if stopped is not None and stands_still:
        capacities = {name: _held_through(profile, stopped) for name, profile in capacities.items()}
    return ScheduleProblem(
        site=site,
        starts_s=starts_s,
        ends_s=ends_s,
        jobs=jobs,
        capacities=capacities,
        open_hours={name: availability.open_hours[(site, name)] for name in _attended(jobs, availability, site)},
        reserve=_reserve(network, site, releases),
        stopped=stopped if stands_still else None,
        before=before,
        move_cost_h=network.world.settings.schedule_move_hours,
    )


def _job(network: Network, site: str, release: Release) -> Job:
    steps = _steps(network, site, release.item)
    left = [step for step in steps if step.step >= release.first_step]
    if not left:
        raise RunError(f"rack {release.order}/{release.unit} has no step from {release.first_step} on at {site}")
    operations = [_operation(network, site, step) for step in left]
    if release.remaining_s is not None:
        first = operations[0]
        operations[0] = Operation(
            step=first.step,
            name=first.name,
            duration_s=release.remaining_s,
            demands=first.demands,
            attended=first.attended,
            max_wait_after_s=first.max_wait_after_s,
        )
    return Job(
        order=release.order,
        unit=release.unit,
        item=release.item,
        release_s=release.release_s,
        due_s=release.due_s,
        weight=release.weight,
        operations=tuple(operations),
        under_way=release.remaining_s is not None and release.under_way,
    )


def _steps(network: Network, site: str, item: str) -> tuple[RoutingStep, ...]:
    steps = network.routing.get((site, item))
    if steps is None:
        raise RunError(f"{item} has no routing at {site}, so it cannot be scheduled there")
    return tuple(sorted(steps, key=lambda step: step.step))


def _operation(network: Network, site: str, step: RoutingStep) -> Operation:
    seized = network.seizes.get((site, step.item, step.step), ())
    wait_h = step.max_wait_hours_after
    return Operation(
        step=step.step,
        name=step.name,
        duration_s=hours(step.hours.mean),
        demands=tuple((row.resource, row.amount) for row in seized),
        attended=tuple(row.resource for row in seized if row.attended),
        max_wait_after_s=None if wait_h is None else hours(wait_h),
    )


def _attended(jobs: Sequence[Job], availability: Availability, site: str) -> list[str]:
    names = {name for job in jobs for operation in job.operations for name in operation.attended}
    return sorted(name for name in names if (site, name) in availability.open_hours)


def _held_through(profile: StepProfile, stopped: StepProfile) -> StepProfile:
    """A capacity that keeps, while the site stands still, the value from before."""
    times = np.union1d(profile.times_s, stopped.times_s)
    values: list[float] = []
    for time_s in times:
        still = stopped.at(float(time_s)) > 0
        values.append(values[-1] if still and values else profile.at(float(time_s)))
    return StepProfile(times, np.array(values, np.float64)).compact()


def _reserve(network: Network, site: str, releases: Sequence[Release]) -> dict[str, float]:
    racks = Counter(release.item for release in releases)
    routings = []
    for item, count in sorted(racks.items()):
        steps = _steps(network, site, item)
        routings.append(
            (float(count), steps, {step.step: network.seizes.get((site, item, step.step), ()) for step in steps})
        )
    return rework_shares(routings)
