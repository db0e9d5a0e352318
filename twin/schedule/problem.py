"""From the twin's tables to a schedule problem: the racks of one site over a window."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from twin.disrupt.record import Availability
from twin.model.problems import RunError
from twin.model.profile import StepProfile
from twin.model.rows_make import RoutingStep
from twin.model.units import hours
from twin.network.record import Network, ProcessKey, StepMode
from twin.schedule.record import Before, Job, Mode, Operation, Release, ScheduleProblem
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
    A rack that waits for others to come is scheduled up to the step that they do together.
    Raises RunError where a rack has no steps here or a step needs a resource that is not here.
    """
    waits = _waits(network, site, releases)
    found = (_job(network, site, release, waits.get((release.order, release.unit), ())) for release in releases)
    jobs = tuple(job for job in found if job is not None)
    names = sorted({name for job in jobs for way in _ways(job) for name, _ in way.demands})
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
        reserve=_reserve(network, site, releases, starts_s),
        stopped=stopped if stands_still else None,
        before=before,
        move_cost_h=network.world.settings.schedule_move_hours,
    )


def _waits(
    network: Network, site: str, releases: Sequence[Release]
) -> dict[tuple[str, int], tuple[tuple[str, int], ...]]:
    """By rack: those it is made of, where these are racks of the same order.

    The k-th of an item waits for the k-th of each of its inputs; of one that goes in q times, for the k-th q of them.
    """
    made: dict[tuple[str, str], list[int]] = defaultdict(list)
    keys: dict[tuple[str, str], ProcessKey] = {}
    for release in releases:
        made[release.order, release.item].append(release.unit)
        keys.setdefault((release.order, release.item), _key(network, site, release))
    waits: dict[tuple[str, int], tuple[tuple[str, int], ...]] = {}
    for (order, item), units in made.items():
        lines = network.inputs_of(keys[order, item])
        inputs = [(made.get((order, name), []), quantity) for name, quantity in lines]
        for place, unit in enumerate(units):
            found = [
                (order, each)
                for racks, quantity in inputs
                for each in racks[math.floor(place * quantity) : math.ceil((place + 1) * quantity)]
            ]
            if found:
                waits[order, unit] = tuple(found)
    return waits


def _ways(job: Job) -> Iterator[Operation]:
    return (way for operation in job.operations for way in operation.ways)


def _job(network: Network, site: str, release: Release, after: tuple[tuple[str, int], ...]) -> Job | None:
    """The rack's steps from its first one here; None where the first has to wait for racks to come."""
    key = _key(network, site, release)
    steps = _steps(network, key)
    pace = {step.step: factor for step, factor in zip(steps, release.pace, strict=False)}
    left = [step for step in steps if step.step >= release.first_step]
    if not left:
        raise RunError(f"rack {release.order}/{release.unit} has no step from {release.first_step} on at {site}")
    held = [step for step in left if release.held_at is not None and step.step >= release.held_at]
    if len(held) == len(left):
        return None
    clusters = dict(release.clusters)
    done = left[: len(left) - len(held)]
    operations = [
        _operation(network, key, step, clusters.get(step.step, 0), _work_s(step, pace.get(step.step, 1.0)))
        for step in done
    ]
    if release.remaining_s is not None:
        operations[0] = _begun(network, key, left[0], release.remaining_s, release.mode, clusters.get(left[0].step, 0))
    if release.kept_mode:
        operations = [_kept(site, release, each) for each in operations]
    return Job(
        order=release.order,
        unit=release.unit,
        item=release.item,
        release_s=release.release_s,
        due_s=release.due_s - sum(hours(step.hours.mean) for step in held),
        weight=release.weight,
        operations=tuple(operations),
        under_way=release.remaining_s is not None and release.under_way,
        after=after,
    )


def _work_s(step: RoutingStep, pace: float) -> int:
    """Mean work of a step, as the floor reckons it."""
    mean_s = hours(step.hours.mean)
    return mean_s if pace == 1.0 else round(mean_s * pace)


def _steps(network: Network, key: ProcessKey) -> tuple[RoutingStep, ...]:
    return tuple(sorted(network.routing[key], key=lambda step: step.step))


def _key(network: Network, site: str, release: Release) -> ProcessKey:
    """The process by which a rack is built: its own, else the first of its item at the site."""
    keys = [key for key in network.routed_at(site, release.item) if release.process in ("", key[0])]
    if not keys:
        raise RunError(f"{release.item} has no routing at {site}, so it cannot be scheduled there")
    return keys[0]


def _begun(
    network: Network, key: ProcessKey, step: RoutingStep, remaining_s: int, mode: str, cluster: int
) -> Operation:
    """A step with so much work left: in the mode in which it was begun, or in any, where it waits."""
    if not mode:
        return _operation(network, key, step, cluster, remaining_s)
    way = _operation(network, key, step, cluster).in_mode(mode)
    if way is None:
        raise RunError(f"{step.name} of {step.item} has no mode {mode} at {key[1]}")
    return replace(way, duration_s=remaining_s)


def _kept(site: str, release: Release, operation: Operation) -> Operation:
    """An operation of a rack that is bound to a mode, which those that keep it have alone."""
    if not operation.keeps_mode:
        return operation
    way = operation.in_mode(release.kept_mode)
    if way is None:
        raise RunError(f"{operation.name} of {release.item} has no mode {release.kept_mode} at {site}")
    return way


def _operation(
    network: Network, key: ProcessKey, step: RoutingStep, cluster: int, remaining_s: int | None = None
) -> Operation:
    duration_s = hours(step.hours.mean) if remaining_s is None else remaining_s
    modes = network.modes.get((key, step.step), ())
    ways = [_mode(mode, duration_s) for mode in modes]
    seized = network.seizes.get((key, step.step), ())
    first = ways[0] if ways else _mode(StepMode(name="", factor=1.0, seizes=seized), duration_s)
    wait_h = step.max_wait_hours_after
    return Operation(
        step=step.step,
        name=step.name,
        duration_s=first.duration_s,
        demands=first.demands,
        attended=first.attended,
        max_wait_after_s=None if wait_h is None else hours(wait_h),
        cluster=cluster,
        mode=first.name,
        others=tuple(ways[1:]),
        keeps_mode=step.keeps_mode,
    )


def _mode(mode: StepMode, duration_s: int) -> Mode:
    return Mode(
        name=mode.name,
        # As the floor reckons, to the second.
        duration_s=duration_s if mode.factor == 1.0 else round(duration_s * mode.factor),
        demands=tuple((row.resource, row.amount) for row in mode.seizes),
        attended=tuple(row.resource for row in mode.seizes if row.attended),
    )


def _attended(jobs: Sequence[Job], availability: Availability, site: str) -> list[str]:
    names = {name for job in jobs for way in _ways(job) for name in way.attended}
    return sorted(name for name in names if (site, name) in availability.open_hours)


def _held_through(profile: StepProfile, stopped: StepProfile) -> StepProfile:
    """A capacity that keeps, while the site stands still, the value from before."""
    times = np.union1d(profile.times_s, stopped.times_s)
    values: list[float] = []
    for time_s in times:
        still = stopped.at(float(time_s)) > 0
        values.append(values[-1] if still and values else profile.at(float(time_s)))
    return StepProfile(times, np.array(values, np.float64)).compact()


def _reserve(network: Network, site: str, releases: Sequence[Release], starts_s: int) -> dict[str, float]:
    racks = Counter(_key(network, site, release) for release in releases)
    routings = []
    for key, count in sorted(racks.items(), key=lambda each: (each[0][2], each[0])):
        steps = network.routing_at(key, starts_s)
        seizes = {step.step: network.seizes.get((key, step.step), ()) for step in steps}
        routings.append((float(count), steps, seizes, network.found_at(key, starts_s)))
    return rework_shares(routings)
