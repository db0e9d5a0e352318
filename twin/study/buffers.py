"""What would lift an order to a chance of being in time: hours, finished racks, or more of what its racks wait for."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from twin.events.promise import Buffers, ResourceBuffer, StageWait
from twin.metrics.chances import chances_by, moment_reached
from twin.metrics.order_waits import Stage
from twin.model.case import with_changes
from twin.model.order_book import OrderLine
from twin.model.scenario import Change
from twin.model.units import HOUR_S
from twin.network.record import Network
from twin.study.ground import Ground, Progress, lay_ground
from twin.study.on_time import chance_from
from twin.study.order_replays import Moments, OrderReplay, Planned, plan_until, replay_order
from twin.study.reckon import opening_of
from twin.study.room import full_until

LEAST_WAIT_H = 0.1
"""Of a rack, in the mean; shorter waits are not told."""
PARTS = 16
"""More of a resource is tried in sixteenths of what there is, up to as much again."""
BUSY = 0.85
"""Of what is available; what is busier may hold racks back before they are begun."""
TRIALS = 50
"""Replays of each amount tried, the first of those of the order: under the same luck."""

SitePlace = tuple[str, str]
"""Site and resource."""


def buffers_of(
    planned: Planned, line: OrderLine, replays: Sequence[OrderReplay], target: float, workers: int, progress: Progress
) -> Buffers:
    """The buffers of an order with a due date, each alone; resources are tried where its chance is below the target."""
    at = planned.lines.index(line)
    completed_s = np.array([each.completed_s[at] for each in replays])
    reached_s = moment_reached(completed_s, target)
    missing = np.array([line.quantity - np.sum(each.accepted_s <= line.due_s) for each in replays], float)
    waits = _waits([each.waits_h for each in replays], sum(len(each.accepted_s) for each in replays))
    late = sum(int(np.sum(each.accepted_s > line.due_s)) for each in replays)
    late_waits = _waits([each.late_waits_h for each in replays], late)
    below = reached_s > line.due_s
    found = _tightest(planned.arm.ground.network, late_waits or waits, replays) if below else None
    trials = range(min(TRIALS, len(replays)))
    resource = _lift(planned, line, found, target, trials, (workers, progress)) if found else None
    return Buffers(
        target=target,
        hours=max(0.0, (reached_s - line.due_s) / HOUR_S) if math.isfinite(reached_s) else None,
        racks=int(moment_reached(missing, target)),
        waits=waits,
        late_waits=late_waits,
        resource=resource,
        note=_note(planned, line, (waits, late_waits), resource, replays)
        if below
        else "The order has that chance as it is.",
    )


def _waits(hours_by_replay: Sequence[Mapping[Stage, float]], racks: int) -> list[StageWait]:
    """Mean hours that so many racks of the order waited, by stage, longest first."""
    summed: dict[Stage, float] = defaultdict(float)
    for waited in hours_by_replay:
        for stage, hours in waited.items():
            summed[stage] += hours
    told = [
        StageWait(stage=kind, site=site, name=name, hours_per_rack=hours / max(1, racks))
        for (kind, site, name), hours in summed.items()
        if hours / max(1, racks) >= LEAST_WAIT_H
    ]
    return sorted(told, key=lambda wait: (-wait.hours_per_rack, wait.stage, wait.site, wait.name))


def _tightest(network: Network, waits: Sequence[StageWait], replays: Sequence[OrderReplay]) -> SitePlace | None:
    """The (site, resource) that holds the order's late racks back, None where none does.

    Of the step that they wait for longest, the busiest of what it seizes. Where they wait for
    no step, the plan may have held them back for want of it: then what is busiest at the sites
    where they are begun, if it is busy nearly always.
    """
    if waits and waits[0].stage == "step":
        return _busiest(replays, _seized(network, waits[0].site, waits[0].name), 0.0)
    begun = {site for each in replays for kind, site, _ in each.waits_h if kind == "release"}
    return _busiest(replays, {found for site in begun for found in _seized(network, site)}, BUSY)


def _seized(network: Network, at_site: str, step: str = "") -> set[SitePlace]:
    """What a step of a site seizes; blank: all steps."""
    return {
        (at_site, need.resource)
        for key, rows in network.routing.items()
        if key[1] == at_site
        for row in rows
        if step in ("", row.name)
        for need in network.seizes.get((key, row.step), ())
    }


def _busiest(replays: Sequence[OrderReplay], found: set[SitePlace], least: float) -> SitePlace | None:
    busy = {place: float(np.mean([each.busy.get("/".join(place), 0.0) for each in replays])) for place in found}
    return max((place for place in sorted(busy) if busy[place] >= least), key=lambda place: busy[place], default=None)


def _lift(
    planned: Planned,
    line: OrderLine,
    found: SitePlace,
    target: float,
    trials: range,
    at_work: tuple[int, Progress],
) -> ResourceBuffer:
    """The least more of a resource, in sixteenths of it, that lifts the order to the target; found by halving."""
    site, resource = found
    ground = planned.arm.ground
    row = next(row for row in ground.case.world.resources if (row.site, row.resource) == found)
    present = planned.arm.playbook.available.resources[found].at(0)

    def complete_with(parts: int) -> Moments:
        raised = _with_more(ground, site, resource, 1 + parts / PARTS)
        more = plan_until(raised, planned.until_s, *at_work)
        at = next(at for at, each in enumerate(more.lines) if each.order == line.order)
        replays = replay_order(more, line.order, trials, *at_work)
        return np.array([each.completed_s[at] for each in replays])

    parts, completed_s = _least(complete_with, line.due_s, target)
    [chance] = chances_by(completed_s[:, None], np.array([float(line.due_s)]))
    return ResourceBuffer(
        resource=resource,
        site=site,
        unit=row.unit,
        present=present,
        more=present * parts / PARTS if parts else None,
        tried=present,
        chance=chance_from(chance, len(completed_s)),
    )


def _least(complete_with: Callable[[int], Moments], due_s: float, target: float) -> tuple[int, Moments]:
    """The least number of parts with which the target is met, by halving, and the completions with them.

    0 where even all parts do not meet it; then the completions are those with all.
    """
    most = complete_with(PARTS)
    if float(np.mean(most <= due_s)) < target:
        return 0, most
    low, high, best = 0, PARTS, most
    while high - low > 1:
        middle = (low + high) // 2
        completed_s = complete_with(middle)
        if float(np.mean(completed_s <= due_s)) >= target:
            high, best = middle, completed_s
        else:
            low = middle
    return high, best


def _with_more(ground: Ground, site: str, resource: str, factor: float) -> Ground:
    """The same from the same day one, with so much more of a resource on every date."""
    change = Change(table="resources", where={"site": site, "resource": resource}, multiply={"capacity": factor})
    return lay_ground(with_changes(ground.case, [change]), day_one=ground.day_one, orders=ground.orders)


def _note(
    planned: Planned,
    line: OrderLine,
    waits: tuple[Sequence[StageWait], Sequence[StageWait]],
    resource: ResourceBuffer | None,
    replays: Sequence[OrderReplay],
) -> str:
    """What the order waits for, by the plan and in the replays, in words; waits are of all its racks, of its late ones.

    The few that are late may wait elsewhere than most, and it is they that have to be helped.
    """
    told = []
    plan = opening_of(planned.arm.playbook)
    promised_s = plan.promises.get(line.order) if plan else None
    if promised_s is not None and promised_s - line.due_s >= HOUR_S:
        late_h = (promised_s - line.due_s) / HOUR_S
        told.append(f"The plan itself completes it {late_h:,.0f} h after the day asked for{_no_room(planned, line)}.")
    every, late = waits
    if late or every:
        first, whose = (late[0], "Those of its racks that are late") if late else (every[0], "Its racks")
        told.append(
            f"{whose} wait longest {_where(first)}, {_hours(first)} each{why_waiting(planned, line, first, replays)}."
        )
    if resource is not None:
        hours = "" if resource.more is not None else _hours_of(planned.arm.ground.network, resource)
        name = resource.resource.replace("_", " ")
        told.append(f"What holds them back there: {name} at {resource.site}{hours}.")
    if line.item not in planned.arm.ground.network.one_by_one:
        told.append("It is met from stock; what comes into it is not followed here.")
    return " ".join(told) or "Its racks hardly wait: it is late by the work and the way that are left."


def _hours_of(network: Network, resource: ResourceBuffer) -> str:
    """The calendar by which a resource works, which more of it does not change; blank where it is always open."""
    rows = [row for row in network.world.resources if (row.site, row.resource) == (resource.site, resource.resource)]
    calendar = rows[-1].calendar
    return f", which works by calendar {calendar}: its hours may do it, more of it does not" if calendar else ""


def _where(wait: StageWait) -> str:
    return {
        "release": f"to be begun at {wait.site}",
        "step": f"before {wait.name} at {wait.site}",
        "truck": f"for {wait.name} to leave {wait.site}",
        "place": f"for a place at {wait.site}",
    }[wait.stage]


def _no_room(planned: Planned, line: OrderLine) -> str:
    """Why no plan could be in time: more racks are due at the datacenter than it has room for; blank where they fit."""
    ground = planned.arm.ground
    due = sum(
        other.quantity - ground.day_one.delivered.get(other.order, 0)
        for other in planned.lines
        if other.site == line.site and (other.due_s, other.order) <= (line.due_s, line.order)
    )
    full = full_until(ground, line.site, line.item, line.due_s - 1, due)
    return f", by which {due:,} racks are due at {line.site}{full}" if full else ""


def _hours(wait: StageWait) -> str:
    return f"{wait.hours_per_rack:,.0f} h" if wait.hours_per_rack >= 100 else f"{wait.hours_per_rack:.1f} h"


def why_waiting(planned: Planned, line: OrderLine, wait: StageWait, replays: Sequence[OrderReplay]) -> str:
    """What is short where racks wait to be begun, or for a place; blank for other waits."""
    if wait.stage == "release":
        return _short_of(planned, wait, replays)
    docked_s = np.concatenate([each.late_docked_s for each in replays])
    if wait.stage != "place" or not len(docked_s):
        return ""
    return full_until(planned.arm.ground, wait.site, line.item, float(np.median(docked_s)))


def _short_of(planned: Planned, wait: StageWait, replays: Sequence[OrderReplay]) -> str:
    """The input of which the maker was short for longest."""
    inputs = dict(planned.arm.ground.network.inputs.get(wait.name, ()))
    hours = {item: sum(each.short_h.get((wait.site, item), 0.0) for each in replays) for item in inputs}
    worst = max(sorted(hours), key=lambda item: hours[item], default="")
    if not worst or not hours[worst]:
        return ", with every kit there"
    return f", short of {worst.replace('_', ' ')} ({inputs[worst]:g} a rack)"
