"""Limits that several things share: resources of lines and of routings, rack places, lanes."""

from __future__ import annotations

from collections import defaultdict
from functools import partial

import numpy as np

from twin.model.profile import StepProfile
from twin.model.rows_make import Resource
from twin.model.units import HOUR_S, WEEK_S
from twin.network.record import ProcessKey
from twin.plan.buckets import bucket_areas, bucket_means, open_part
from twin.plan.limit import Limit, Yielding
from twin.plan.linear import ABSENT, Indexes, Reals
from twin.plan.passages import by_date, by_era, routing_loads
from twin.plan.program import Program
from twin.plan.routing import held_hours

RACK_PLACES = "finished_rack_places"
"""The resource that limits finished racks waiting at the site that made them."""


def add_shared_lines(program: Program) -> None:
    """Starts of all processes that draw on a resource stay within its weekly rate."""
    users: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, key in enumerate(program.frame.makers):
        names = {row.resource for row in program.frame.network.processes[key] if row.resource}
        for name in sorted(names):
            users[key[1], name].append(index)
    for (site, name), indexes in sorted(users.items()):
        rate = program.frame.availability.resources.get((site, name))
        if rate is not None:
            _add_line(program, site, name, rate, indexes)


def _add_line(program: Program, site: str, name: str, rate: StepProfile, indexes: list[int]) -> None:
    frame = program.frame
    upper = bucket_areas(rate, frame.edges) / WEEK_S
    drawn = {index: _drawn(program, frame.makers[index], name) for index in indexes}
    scale = max(float(per_unit.max()) * frame.scale(frame.makers[index][2]) for index, per_unit in drawn.items())
    rows = program.linear.add_rows(np.full(frame.buckets, -np.inf), upper, scale=scale)
    for index, per_unit in drawn.items():
        program.linear.add_entries(rows, program.starts[index], per_unit)
    _remember(program, site, name, upper / frame.weeks, frame.weeks, rows)


def _drawn(program: Program, key: ProcessKey, name: str) -> Reals:
    """Of the resource, by each unit started in a bucket."""
    rows = program.frame.network.processes[key]
    profile = by_date(
        rows, program.frame.settings.second_of, lambda row: row.resource_per_unit if row.resource == name else 0.0
    )
    return bucket_means(profile, program.frame.edges)


def add_routing_resources(program: Program) -> None:
    """Hours that racks hold a resource stay within its open hours, times the planned utilisation.

    Racks count in the bucket of their start; what the state holds in its routing is not
    counted, since in the same way the last starts count in full. Where racks keep their mode,
    such as a building, the plan says how many are started in each.
    """
    frame = program.frame
    held: dict[tuple[str, str], list[_Use]] = defaultdict(list)
    for index, key in enumerate(frame.makers):
        if not frame.network.is_routed(key):
            continue
        site = key[1]
        for mode, columns in _starts_by_mode(program, index).items():
            for (name, attended), amount in _held(program, key, mode).items():
                held[site, name].append((columns, attended, amount))
    for (site, name), users in sorted(held.items(), key=lambda pair: pair[0]):
        if (site, name) in frame.availability.resources:
            _add_held(program, site, name, users)


def _held(program: Program, key: ProcessKey, mode: str) -> dict[tuple[str, bool], float | Reals]:
    """By (resource, attended): amount x hours that a start holds; by bucket of the start where the process learns."""
    frame = program.frame
    fixed = held_hours(routing_loads(frame, key, mode), frame.with_safety)
    if key not in frame.network.curves:
        return dict(fixed)

    def by_bucket(held: tuple[str, bool]) -> Reals:
        profile = by_era(frame, key, lambda at: held_hours(at, frame.with_safety).get(held, 0.0), mode)
        return bucket_means(profile, frame.edges)

    return {held: by_bucket(held) for held in fixed}


def _starts_by_mode(program: Program, index: int) -> dict[str, Indexes]:
    """The starts of a maker by the mode that its racks keep; all under a blank name where there is no choice."""
    frame, linear, starts = program.frame, program.linear, program.starts[index]
    key = frame.makers[index]
    modes = frame.network.kept_modes(key)
    if len(modes) < 2:
        return {"": starts}
    here, scale = starts != ABSENT, frame.scale(key[2])
    nothing = np.zeros(int(here.sum()))
    rows = linear.add_rows(nothing, nothing, scale=scale)
    linear.add_entries(rows, starts[here], -1.0)
    found: dict[str, Indexes] = {}
    for mode in modes:
        found[mode] = np.full(starts.shape, ABSENT)
        found[mode][here] = linear.add_columns(np.full(len(nothing), np.inf), scale=scale)
        linear.add_entries(rows, found[mode][here], 1.0)
    return found


_Use = tuple[Indexes, bool, float | Reals]
"""Columns of starts, whether a resource attends them, the hours x amount that each holds of it, or by bucket."""


def _add_held(program: Program, site: str, name: str, users: list[_Use]) -> None:
    frame = program.frame
    use = frame.settings.planned_utilisation if frame.with_safety else 1.0
    worked = _worked_time(program, site, name, attended=any(attended for _, attended, _ in users))
    capacity = frame.availability.resources[site, name].times(worked)
    upper = bucket_areas(capacity, frame.edges) / HOUR_S * use
    hours = bucket_areas(worked, frame.edges) / HOUR_S * use
    rows = program.linear.add_rows(
        np.full(frame.buckets, -np.inf), upper, scale=max(float(np.max(amount)) for _, _, amount in users) or 1.0
    )
    for columns, _, amount in users:
        program.linear.add_entries(rows, columns, amount)
    _remember(program, site, name, upper / np.maximum(hours, 1e-9), hours, rows)


def _worked_time(program: Program, site: str, name: str, attended: bool) -> StepProfile:
    """1 while a resource works: its calendar counts where it attends, an outage of the site always."""
    available = program.frame.availability
    worked = StepProfile.constant(1.0)
    if attended:
        worked = available.open_hours.get((site, name), worked)
    stopped = available.site_frozen.get(site)
    return worked if stopped is None else open_part(worked, stopped)


def add_rack_places(program: Program, overflow_cost: float) -> None:
    """Finished racks waiting where they were made fit its places; what cannot be avoided has a high cost."""
    frame = program.frame
    racks = dict.fromkeys((site, item) for _, site, item in frame.network.routing)
    racks |= {(key[1], key[2]): None for key, item in frame.network.conversions.items() if (key[1], item.item) in racks}
    for site in sorted({row.site for row in frame.network.world.resources if row.resource == RACK_PLACES}):
        waiting = [frame.places[place] for place in racks if place[0] == site and place in frame.places]
        capacity = frame.availability.resources.get((site, RACK_PLACES))
        if not waiting or capacity is None:
            continue
        upper = bucket_means(capacity, frame.edges)
        rows = program.linear.add_rows(np.full(frame.buckets, -np.inf), upper)
        for index in waiting:
            program.linear.add_entries(rows, program.stock[index], 1.0)
        over = program.linear.add_columns(np.full(frame.buckets, np.inf), cost=overflow_cost * frame.weeks)
        program.linear.add_entries(rows, over, -1.0)
        program.yielding.append(
            Yielding(
                kind="resource",
                name=f"{RACK_PLACES} at {site}",
                site=site,
                item="",
                unit="racks",
                limit=upper,
                reached=partial(_beyond, upper, over),
                begins_s=frame.edges[:-1],
                ends_s=frame.edges[1:],
                why="racks that are begun or finished already have nowhere else to wait",
            )
        )
        _remember(program, site, RACK_PLACES, upper, np.ones(frame.buckets), rows)


def _beyond(limit: Reals, over: Indexes, values: Reals) -> Reals:
    """What a limit came to, with what is over it."""
    return np.asarray(limit + values[over], np.float64)


def add_lane_capacity(program: Program) -> None:
    """Kilograms that leave on a lane stay within its capacity."""
    frame = program.frame
    cargo: dict[str, list[int]] = defaultdict(list)
    for index, flow in enumerate(frame.flows):
        cargo[flow.lane].append(index)
    for lane, indexes in sorted(cargo.items()):
        available = frame.availability.lanes[lane]
        masses = [frame.network.items[frame.flows[index].item].mass_kg for index in indexes]
        if available.capacity_kg_per_week is None or not any(masses):
            continue
        open_weeks = bucket_areas(open_part(StepProfile.constant(1.0), available.closed), frame.edges) / WEEK_S
        upper = bucket_areas(open_part(available.capacity_kg_per_week, available.closed), frame.edges) / WEEK_S
        scale = max(mass * frame.scale(frame.flows[index].item) for mass, index in zip(masses, indexes, strict=True))
        rows = program.linear.add_rows(np.full(frame.buckets, -np.inf), upper, scale=scale)
        for mass, index in zip(masses, indexes, strict=True):
            program.linear.add_entries(rows, program.moved[index], mass)
        row = frame.network.lanes[lane]
        program.limits.append(
            Limit(
                kind="lane",
                name=f"{lane} by {row.mode}",
                site=row.origin,
                item="",
                unit="kg a week",
                rows=rows,
                limit=upper / frame.weeks,
                per_unit=open_weeks,
                begins_s=frame.edges[:-1],
                weeks=frame.weeks,
                source=row.source,
            )
        )


def _remember(program: Program, site: str, name: str, limit: Reals, per_unit: Reals, rows: Indexes) -> None:
    row = _resource_row(program, site, name)
    program.limits.append(
        Limit(
            kind="resource",
            name=f"{name} at {site}",
            site=site,
            item="",
            unit=row.unit if row else "each",
            rows=np.where(per_unit > 0, rows, ABSENT),
            limit=limit,
            per_unit=per_unit,
            begins_s=program.frame.edges[:-1],
            weeks=program.frame.weeks,
            source=row.source if row else "",
        )
    )


def _resource_row(program: Program, site: str, name: str) -> Resource | None:
    rows = [row for row in program.frame.network.world.resources if (row.site, row.resource) == (site, name)]
    return rows[-1] if rows else None
