"""Why an order is not complete at the end of a run: where its racks are, and what holds back those not begun."""

from __future__ import annotations

from collections.abc import Iterator

from twin.metrics.late_link import reasons
from twin.metrics.late_log import LateLog
from twin.metrics.late_rows import LateLine
from twin.metrics.late_world import LateWorld, plain, span

DEEPEST = 8
"""Hops up the supply that are told."""


def missing_words(log: LateLog, world: LateWorld, line: LateLine) -> str:
    """How many racks are missing, where they are, and the shortages that last at the end of the log."""
    site, where = line.place.removeprefix("site:"), log.standing(line)
    rest = line.missing - where.floor - where.way - len(where.making)
    parts = (
        (where.floor, f"on the floor of {site}"),
        (where.way, "on the way or at the dock"),
        (len(where.making), "being made"),
        (rest, "not begun"),
    )
    told = ", ".join(f"{count} {place}" for count, place in parts if count > 0)
    missing = f"{line.missing} of {line.quantity} racks are missing: {told}"
    if where.floor or where.way:
        stopped = world.struck.starts(world.process_of(site, line.item), log.log.horizon_s - 1, log.log.horizon_s)
        return reasons(missing, stopped and f"{site} is held up by {stopped}")
    if where.making:
        return reasons(missing, _making(log, world, where.making[0]))
    racks = [name for name, _ in world.network.inputs.get(line.item, ())]
    return reasons(missing, *(words for name in racks for words in _awaited(log, world, site, name, 0)))


def _making(log: LateLog, world: LateWorld, row: int) -> str:
    """The step that a rack which is being made does or waits for, and what holds it up."""
    conversion = log.conversion(row)
    if conversion is not None:
        return f"{plain(conversion[0])} at {plain(conversion[1])} came last"
    key, ended = log.last_step(row)
    _, site, item = key
    steps = sorted(world.steps(key).values(), key=lambda each: each.step)
    at = next((number + 1 for number, each in enumerate(steps) if each.name == ended), 0)
    end_s = log.log.horizon_s
    if at >= len(steps):
        lanes = [flow.lane for flow in world.network.flows if (flow.origin, flow.item) == (site, item)]
        hits = [world.struck.departures(lane, site, item, end_s - 1, end_s) for lane in lanes]
        held_up = ", ".join(dict.fromkeys(filter(None, hits)))
        return reasons(f"finished at {site}, and not shipped", held_up and f"held up by {held_up}")
    needs = [need.resource for need in world.held(key, steps[at].name)]
    hit = world.struck.steps(key, needs, end_s - 1, end_s)
    return reasons(f"{steps[at].name} at {site} comes next", hit and f"held up by {hit}")


def _awaited(log: LateLog, world: LateWorld, site: str, item: str, depth: int) -> Iterator[str]:
    """What keeps an item from a site at the end: a disruption where it is made or sent, or what its makers wait for."""
    if depth > DEEPEST:
        return
    end_s, network = float(log.log.horizon_s), world.network
    for key in network.made_at.get((site, item), ()):
        hit = world.struck.starts(key, end_s - 1, end_s)
        if hit:
            yield f"{plain(key[0])} at {plain(site)} is held up by {hit}"
        for name, _ in () if hit else network.inputs.get(item, ()):
            since_s = log.short_since(site, name)
            if since_s is not None:
                yield f"{plain(site)} has waited for {plain(name)} for {span(end_s - since_s)}"
                yield from _awaited(log, world, site, name, depth + 1)
                return
    for flow in network.flows:
        if (flow.destination, flow.item) == (site, item):
            hit = world.struck.departures(flow.lane, flow.origin, item, end_s - 1, end_s)
            if hit:
                yield f"{plain(flow.lane)} is held up by {hit}"
            else:
                yield from _awaited(log, world, flow.origin, item, depth + 1)
