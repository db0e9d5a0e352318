"""How far every stock is from a customer, so that what comes too late need not be planned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from twin.network.record import Flow, ProcessKey
from twin.plan.frame import Frame, Place
from twin.plan.lags import Passage, Shares
from twin.plan.linear import Indexes, Reals

Flags = NDArray[np.bool_]


def last_useful(frame: Frame, made: Sequence[Passage], moved: Mapping[str, Passage]) -> dict[Place, int]:
    """By place: the last bucket in which a unit there can still be part of a delivery; absent if in none.

    As the plan reckons: what ends in a bucket may go on in it.
    """
    ways: list[tuple[Place, Indexes, Place]] = []
    for key, passage in zip(frame.makers, made, strict=True):
        _, site, item = key
        ends = first_ends(frame, passage)
        ways += [((site, part), ends, (site, item)) for part, _ in frame.network.inputs_of(key)]
    for flow in frame.flows:
        ways.append(((flow.origin, flow.item), first_ends(frame, moved[flow.lane]), (flow.destination, flow.item)))
    last: dict[Place, int] = {(stream.site, stream.item): frame.buckets - 1 for stream in frame.streams}
    changed = True
    while changed:
        changed = False
        for origin, ends, destination in ways:
            through = int(np.searchsorted(ends, last.get(destination, -1), side="right")) - 1
            if through > last.get(origin, -1):
                last[origin] = through
                changed = True
    return last


def first_ends(frame: Frame, passage: Passage) -> Indexes:
    """The bucket in which the first unit started in each bucket may end, at the shortest lead time."""
    soonest = frame.edges[:-1] + float(passage.lead_s.values.min())
    return np.asarray(np.searchsorted(frame.edges, soonest, side="right") - 1, np.int64)


def time_from_nothing(frame: Frame, made: Sequence[Passage], moved: Mapping[str, Passage]) -> dict[Place, float]:
    """By place: the least time in seconds until a unit can be there, when nothing is under way."""
    least = {place: 0.0 if place in frame.unlimited else float("inf") for place in frame.places}
    changed = True
    while changed:
        changed = False
        for place, ready in _ways_in(frame, made, moved, least):
            if ready < least[place]:
                least[place] = ready
                changed = True
    return least


def _ways_in(
    frame: Frame, made: Sequence[Passage], moved: Mapping[str, Passage], least: Mapping[Place, float]
) -> Iterator[tuple[Place, float]]:
    for key, passage in zip(frame.makers, made, strict=True):
        _, site, item = key
        inputs = [least[site, part] for part, _ in frame.network.inputs_of(key)]
        yield (site, item), max(inputs, default=0.0) + float(passage.lead_s.values.min())
    for flow in frame.flows:
        lead_s = float(moved[flow.lane].lead_s.values.min())
        yield (flow.destination, flow.item), least[flow.origin, flow.item] + lead_s


def first_there(
    frame: Frame,
    given: Reals,
    made: Sequence[tuple[ProcessKey, Flags, Shares]],
    moved: Sequence[tuple[Flow, Flags, Shares]],
) -> dict[Place, int]:
    """By place: the first bucket in which a unit can be there; the number of buckets where in none.

    `given` is what the state has or brings, by place and bucket. `made` and `moved` say of each
    process and flow in which buckets it may start, and in which its starts come out.
    """
    never = frame.buckets
    first = {
        place: 0 if place in frame.unlimited else _first(given[index] > 0, never)
        for place, index in frame.places.items()
    }
    ways: list[tuple[Place, tuple[Place, ...], Flags, Shares]] = [
        ((key[1], key[2]), tuple((key[1], part) for part, _ in frame.network.inputs_of(key)), live, ends)
        for key, live, ends in made
    ]
    ways += [((flow.destination, flow.item), ((flow.origin, flow.item),), live, ends) for flow, live, ends in moved]
    changed = True
    while changed:
        changed = False
        for place, inputs, live, ends in ways:
            ready = max((first[part] for part in inputs), default=0)
            if ready >= first[place]:
                continue
            out = ends.end[(ends.start >= ready) & live[ends.start]]
            if len(out) and (soonest := int(out.min())) < first[place]:
                first[place] = soonest
                changed = True
    return first


def _first(flags: Flags, never: int) -> int:
    return int(np.argmax(flags)) if flags.any() else never
