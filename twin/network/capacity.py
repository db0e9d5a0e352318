"""Capacity before any disruption: dated rows, ramps, other claimants, calendars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from twin.model.calendar import normal_open_fraction, open_profile
from twin.model.profile import StepProfile
from twin.model.row import RampPoint
from twin.model.rows_make import Claim, Process, Resource
from twin.model.steps import ALWAYS, DAILY_UP_TO_S, least_ahead, product, straight
from twin.model.tariff import hourly_terms
from twin.model.units import DAY_S, WEEK_S, hours
from twin.model.world import World
from twin.network.record import Network, ProcessKey, StepMode


class NormalCapacity:
    """Limits of processes and resources as the tables state them, over a window of the clock.

    Of rows with `from` the latest not after a moment holds. A first row dated `starts` or
    earlier holds before its date too, so that the history behind day one has capacities;
    before one dated later there is nothing.
    """

    def __init__(self, network: Network, start_s: int, end_s: int) -> None:
        self._network = network
        self._world = network.world
        self._window = (start_s, end_s)
        self._resources: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for row in self._world.resources:
            self._resources[row.site, row.resource].append(row)
        drawn = {(row.site, row.resource) for row in self._world.processes if row.resource}
        self._rates = drawn - network.seized_places
        self._open: dict[tuple[str, str], StepProfile] = {}

    @property
    def resource_names(self) -> tuple[tuple[str, str], ...]:
        """Every (site, resource) of the world."""
        return tuple(self._resources)

    def process_limit(self, key: ProcessKey) -> StepProfile | None:
        """Gross starts a week of a process on its own; None: it has no limit of its own."""
        rows = self._network.processes[key]
        if all(row.capacity_per_week is None for row in rows):
            return None
        _, site, item = key
        claims = [claim for claim in self._world.claims if not claim.resource and claim.item == item]
        return product([self._dated_limits(rows), self._left_of(claims, site), self._rate_while_open(rows, site)])

    def drawn_limit(self, key: ProcessKey) -> StepProfile | None:
        """Starts a week that the shared resource of a process allows it alone; None: it draws on none."""
        row = self._network.processes[key][-1]
        name = (row.site, row.resource)
        if name not in self._rates or name not in self._resources:
            return None
        return self.resource_capacity(name).scaled(1 / row.resource_per_unit)

    def process_open(self, key: ProcessKey) -> StepProfile:
        """1 while the calendar of a process lets it start, else 0."""
        return self._open_hours(self._network.processes[key][-1].calendar, key[1])

    def resource_capacity(self, name: tuple[str, str]) -> StepProfile:
        """What a resource has: of a process-drawn one a weekly rate with its calendar in it.

        Of power with a tariff, what work may be begun on: the least of its hours until the
        longest step that holds it would end, by mean hours.
        """
        hourly = hourly_terms(self._world, *name, *self._window)
        installed = self.installed(name)
        if hourly is None or not hourly.limits:
            return installed
        return installed.times(least_ahead(hourly.available_fraction, max(self._spans_s(name), default=0)))

    def _spans_s(self, name: tuple[str, str]) -> Iterator[int]:
        """Mean seconds of the steps that hold a resource, in each of their modes."""
        network, (site, resource) = self._network, name
        for key, steps in network.routing.items():
            for step in steps if key[1] == site else ():
                place = (key, step.step)
                whole = StepMode(name="", factor=1.0, seizes=network.seizes.get(place, ()))
                for mode in network.modes.get(place) or (whole,):
                    if any(need.resource == resource for need in mode.seizes):
                        yield round(hours(step.hours.mean) * mode.factor)

    def installed(self, name: tuple[str, str]) -> StepProfile:
        """What a resource has in hours in which its tariff leaves it all there is."""
        site, resource = name
        rows = sorted(self._resources[name], key=lambda row: self._second(row.from_date))
        claims = [claim for claim in self._world.claims if claim.resource == resource]
        capacity = product([self._dated_limits(rows), self._left_of(claims, site)])
        return capacity.times(self._rate_while_open(rows, site)) if name in self._rates else capacity

    def resource_open(self, name: tuple[str, str]) -> StepProfile:
        """1 while the calendar of a resource is open, else 0."""
        return self._open_hours(self._resources[name][-1].calendar, name[0])

    def _second(self, day: date | None) -> int:
        """When a row begins to hold; without a date: before everything."""
        return self._window[0] - WEEK_S if day is None else self._world.settings.second_of(day)

    def _dated_limits(self, rows: Sequence[Process | Resource]) -> StepProfile:
        begins = [self._second(row.from_date) for row in rows]
        steps: list[tuple[int, float]] = []
        if begins[0] > 0:
            steps.append((min(begins[0], self._window[0]) - 1, 0.0))
        for row, begin_s, end_s in zip(rows, begins, [*begins[1:], None], strict=True):
            ramp = ramp_profile(self._world, row.ramp).scaled(_limit(row))
            inner = zip(ramp.times_s.tolist(), ramp.values.tolist(), strict=True)
            steps.append((begin_s, ramp.at(begin_s)))
            steps += [(time, value) for time, value in inner if time > begin_s and (end_s is None or time < end_s)]
        return StepProfile.of(steps).compact()

    def _left_of(self, claims: Sequence[Claim], site: str) -> StepProfile:
        """What other claimants leave: the product of 1 - share over the claimants' latest rows."""
        by_claimant: dict[tuple[str, str], list[Claim]] = defaultdict(list)
        for claim in claims:
            if claim.site in ("", site):
                by_claimant[claim.claimant, claim.site].append(claim)
        return product(self._left_by(rows) for rows in by_claimant.values())

    def _left_by(self, rows: Sequence[Claim]) -> StepProfile:
        steps = sorted((self._second(row.from_date), 1 - row.share) for row in rows)
        first_s = steps[0][0]
        return StepProfile.of(([(first_s - 1, 1.0)] if first_s > 0 else []) + steps)

    def _rate_while_open(self, rows: Sequence[Process | Resource], site: str) -> StepProfile:
        calendar = rows[-1].calendar
        if not calendar:
            return ALWAYS
        fraction = normal_open_fraction(self._world, calendar)
        return self._open_hours(calendar, site).scaled(1 / fraction if fraction else 0.0)

    def _open_hours(self, calendar: str, site: str) -> StepProfile:
        if not calendar:
            return ALWAYS
        timezone = self._network.sites[site].timezone
        if (calendar, timezone) not in self._open:
            self._open[calendar, timezone] = open_profile(self._world, calendar, timezone, *self._window)
        return self._open[calendar, timezone]


NO_LIMIT_PER_WEEK = 1e12
"""Stands for a blank limit where other rows of the same process state one; finite, so that
closed times make it 0."""


def _limit(row: Process | Resource) -> float:
    if isinstance(row, Resource):
        return row.capacity
    return NO_LIMIT_PER_WEEK if row.capacity_per_week is None else row.capacity_per_week


def ramp_profile(world: World, ramp: Sequence[RampPoint]) -> StepProfile:
    """The fraction of a capacity that is there: straight between dates, level before and after.

    In daily steps, or weekly ones where two dates are more than eight weeks apart.
    """
    if not ramp:
        return ALWAYS
    points = [(world.settings.second_of(point.at), point.fraction) for point in ramp]
    steps = [(points[0][0] - 1, points[0][1])]
    for start, end in pairwise(points):
        steps += straight(start, end, DAY_S if end[0] - start[0] <= DAILY_UP_TO_S else WEEK_S)
    return StepProfile.of([*steps, points[-1]])
