"""Disruptions on the clock: of mean length, of a drawn length, and as a planner knows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from twin.disrupt.resolved import ResolvedDisruption
from twin.model.scenario import Disruption
from twin.model.units import days, weeks
from twin.model.world import World


def resolve(
    world: World, disruptions: Iterable[Disruption], lengths: Mapping[str, float] | None = None
) -> tuple[ResolvedDisruption, ...]:
    """Each disruption with its times, in the order given.

    `lengths` are by disruption name, each in the disruption's own unit (weeks or days);
    without it all take their mean. What lasts no time has nothing to recover from.
    """
    return tuple(
        _resolved(world, one, one.duration_weeks.mean if lengths is None else lengths[one.name]) for one in disruptions
    )


def _resolved(world: World, disruption: Disruption, length: float) -> ResolvedDisruption:
    starts_s = world.settings.second_of(disruption.starts)
    ends_s = starts_s + round(length * disruption.duration_unit_s)
    ramp_s = weeks(disruption.recovers_over_weeks) if ends_s > starts_s else 0
    return ResolvedDisruption(
        disruption=disruption,
        starts_s=starts_s,
        ends_s=ends_s,
        recovered_s=ends_s + ramp_s,
        known_s=starts_s + days(disruption.known_after_days),
    )


def as_known(
    mean: Iterable[ResolvedDisruption], true: Iterable[ResolvedDisruption], at_s: int
) -> tuple[ResolvedDisruption, ...]:
    """What a planner at a moment reckons with: the disruptions known by then.

    `mean` and `true` are the same disruptions in the same order. While one goes on the
    planner assumes its mean end, or that it ends now where the mean end has passed; once it
    has ended, its true end.
    """
    pairs = zip(mean, true, strict=True)
    return tuple(_known(expected, actual, at_s) for expected, actual in pairs if actual.known_s <= at_s)


def as_foreseen(
    mean: Iterable[ResolvedDisruption], true: Iterable[ResolvedDisruption], at_s: int
) -> tuple[ResolvedDisruption, ...]:
    """What truly happens until a moment, and after it what a planner then reckons with.

    One that goes on without being known is taken to end at the moment; one that is yet to
    start and not known is left out.
    """
    foreseen = []
    for expected, actual in zip(mean, true, strict=True):
        if actual.known_s <= at_s:
            foreseen.append(_known(expected, actual, at_s))
        elif actual.ends_s <= at_s:
            foreseen.append(actual)
        elif actual.starts_s < at_s:
            foreseen.append(replace(actual, ends_s=at_s, recovered_s=at_s))
    return tuple(foreseen)


def _known(mean: ResolvedDisruption, true: ResolvedDisruption, at_s: int) -> ResolvedDisruption:
    if true.ends_s <= at_s:
        return true
    late_s = at_s - mean.ends_s
    if late_s <= 0:
        return mean
    return replace(mean, ends_s=at_s, recovered_s=mean.recovered_s + late_s)
