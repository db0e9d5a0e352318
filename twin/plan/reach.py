"""How far every stock is from a customer, so that what comes too late need not be planned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from twin.plan.frame import Frame, Place
from twin.plan.lags import Passage


def time_to_demand(frame: Frame, made: Sequence[Passage], moved: Mapping[str, Passage]) -> dict[Place, float]:
    """By place: the least time in seconds in which a unit there can be part of a delivery."""
    ways: list[tuple[Place, float, Place]] = []
    for (_, site, item), passage in zip(frame.makers, made, strict=True):
        lead_s = float(passage.lead_s.values.min())
        ways += [((site, part), lead_s, (site, item)) for part, _ in frame.network.inputs.get(item, ())]
    for flow in frame.flows:
        lead_s = float(moved[flow.lane].lead_s.values.min())
        ways.append(((flow.origin, flow.item), lead_s, (flow.destination, flow.item)))
    least: dict[Place, float] = {(stream.site, stream.item): 0.0 for stream in frame.streams}
    changed = True
    while changed:
        changed = False
        for origin, lead_s, destination in ways:
            through = least.get(destination, float("inf")) + lead_s
            if through < least.get(origin, float("inf")):
                least[origin] = through
                changed = True
    return least


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
    for (_, site, item), passage in zip(frame.makers, made, strict=True):
        inputs = [least[site, part] for part, _ in frame.network.inputs.get(item, ())]
        yield (site, item), max(inputs, default=0.0) + float(passage.lead_s.values.min())
    for flow in frame.flows:
        lead_s = float(moved[flow.lane].lead_s.values.min())
        yield (flow.destination, flow.item), least[flow.origin, flow.item] + lead_s
