"""What a site's routing floor has: pools of resources, and a queue for each way of using them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from math import ceil

from twin.disrupt.record import Availability
from twin.model.profile import StepProfile
from twin.model.rows_make import Resource, RoutingResource, RoutingStep
from twin.model.units import HOUR_S
from twin.network.record import StepMode
from twin.simulate.clock import CHANGES
from twin.simulate.clusters import Together
from twin.simulate.gates import OpenTime
from twin.simulate.lots import Floor
from twin.simulate.making import Conditions
from twin.simulate.pools import TOLERANCE, Pool, Units
from twin.simulate.units import Queue, Step, in_any_mode

Changed = Callable[[Pool | None], None]
Through = dict[str, list[tuple[Queue, float]]]
"""By mode that units keep: the queues of all steps that they do in it, each with its mean seconds."""


class FloorLayout:
    """The pools of a site and the queues for them, downstream first.

    `changed` is called when a capacity has changed or a place works again.
    """

    __slots__ = ("_available", "_changed", "_floor", "_hours", "_site", "pools", "queues")

    def __init__(
        self,
        floor: Floor,
        site: str,
        available: Availability,
        rows: dict[str, Resource],
        until_s: int,
        changed: Changed,
    ) -> None:
        self._floor, self._site, self._available, self._changed = floor, site, available, changed
        self._hours: list[tuple[StepProfile, OpenTime]] = []
        self.pools: dict[str, Pool] = {}
        self.queues: list[Queue] = []
        for name, row in rows.items():
            self._add_pool(name, row, until_s)

    def steps_of(
        self,
        rows: Sequence[RoutingStep],
        seizes: dict[int, tuple[RoutingResource, ...]],
        modes: dict[int, tuple[StepMode, ...]],
        costs: dict[str, float],
        conditions: Conditions,
    ) -> list[Step]:
        """An item's steps, each followed by the next; one with modes has them, and stands for all of them."""
        tested = self._floor.streams.noise
        handles_defects = any(row.defects_introduced or row.gate_coverage for row in rows)
        steps: list[Step] = []
        made = [
            [self._step(row, position, way.seizes, costs, conditions) for way in modes.get(row.step, ())]
            for position, row in enumerate(rows)
        ]
        through = _through(rows, modes, made)
        for position, row in enumerate(rows):
            ways, own = modes.get(row.step, ()), made[position]
            if own:
                kept = {way.name: through[way.name] for way in ways} if row.keeps_mode else None
                step = in_any_mode(own, ways, self.queue_of(position, [each.queue for each in own], kept))
            else:
                step = self._step(row, position, seizes.get(row.step, ()), costs, conditions)
            for each in [step, *own]:
                each.tested = tested and (handles_defects or row.first_pass_yield < 1)
            if steps:
                for before in [steps[-1], *(steps[-1].modes or [])]:
                    before.following = step
            steps.append(step)
        return steps

    def _step(
        self,
        row: RoutingStep,
        position: int,
        needs: tuple[RoutingResource, ...],
        costs: dict[str, float],
        conditions: Conditions,
    ) -> Step:
        """A step that holds these resources."""
        queue = self.queue_for(position, needs, own=row.max_wait_hours_after is not None)
        # Attended work has the site's standstill in its open time already.
        stops = conditions.stops if queue.open_time is None else conditions.own_stops
        return Step(
            row=row,
            number=row.step,
            position=position,
            queue=queue,
            stops=stops if stops.any else None,
            place=self._floor.log.place(f"step:{self._site}/{row.name}"),
            cost_per_hour=sum(costs.get(need.resource, 0.0) * need.amount for need in needs),
            tested=False,
        )

    def queue_for(self, position: int, needs: tuple[RoutingResource, ...], *, own: bool = False) -> Queue:
        """One queue for all items that need the same things at the same position, unless a step has its `own`."""
        holds = [(self.pools[need.resource], need.amount) for need in needs]
        attended = [need.resource for need in needs if need.attended]
        for queue in self.queues:
            same = (queue.position, queue.holds, queue.attended) == (position, holds, attended)
            if same and not own and queue.options is None and queue.leads is None and queue.limit is None:
                return queue
        open_time = self._open_time(attended)
        fragile = [(pool.units, ceil(amount - TOLERANCE)) for pool, amount in holds if pool.units is not None]
        return self._added(Queue(position, holds, attended, None if open_time.always else open_time, fragile))

    def queue_of(self, position: int, options: list[Queue], through: Through | None = None) -> Queue:
        """One queue for all items that have the same modes at the same position, and at the steps that keep them."""
        steps = [] if through is None else [[queue for queue, _ in each] for each in through.values()]
        for queue in self.queues:
            same = (queue.position, queue.options) == (position, options)
            if same and [[each for each, _ in one] for one in queue.through or ()] == steps:
                return queue
        # Who waits for what is to come after it too has to hear when that comes free.
        holds = [held for queue in chain(options, *steps) for held in queue.holds]
        made = Queue(position, holds, [], None, [])
        made.options = options
        if through is not None:
            made.through, made.names = list(through.values()), list(through)
        return self._added(made)

    def _added(self, made: Queue) -> Queue:
        self.queues.append(made)
        self.queues.sort(key=lambda queue: -queue.position)
        self._relate()
        return made

    def queue_clusters(self, together: Together) -> Queue:
        """A queue for the clusters of a step, before that of the units that do it alone."""
        queue = together.step.queue
        made = Queue(queue.position, queue.holds, queue.attended, queue.open_time, queue.fragile, leads=together)
        self.queues.insert(self.queues.index(queue), made)
        queue.gathers = True
        self._relate()
        return made

    def _relate(self) -> None:
        """Tell each queue which others use what it uses."""
        for queue in self.queues:
            pools = {id(pool) for pool, _ in queue.holds}
            queue.rivals = [
                each for each in self.queues if each is queue or any(id(pool) in pools for pool, _ in each.holds)
            ]
            queue.held_back_by = [
                each
                for each in queue.rivals
                if each is not queue and each.leads is not None and each.position >= queue.position
            ]

    def _open_time(self, attended: list[str]) -> OpenTime:
        """Hours in which attended work runs: calendars open and the site not at a standstill."""
        if not attended:
            return OpenTime()
        frozen = self._available.site_frozen.get(self._site, StepProfile.constant(0.0))
        return OpenTime(*map(self._open_hours, attended), StepProfile(frozen.times_s, 1.0 - frozen.values))

    def _open_hours(self, resource: str) -> StepProfile:
        return self._available.open_hours.get((self._site, resource), StepProfile.constant(1.0))

    def _add_pool(self, name: str, row: Resource, until_s: int) -> None:
        floor = self._floor
        capacity = self._available.resources[self._site, name]
        place = floor.log.place(f"resource:{self._site}/{name}")
        open_hours = self._open_hours(name)
        pool = Pool(name, place, capacity, open_hours, self._shared_hours(open_hours))
        if row.failures and floor.streams.noise:
            count = int(capacity.values.max())
            pool.units = Units(floor.clock, floor.log, floor.streams, row, count, place, lambda: self._changed(None))
            pool.change(0)
        for time_s in pool.changes_s(until_s):
            floor.clock.at(time_s, CHANGES, self._changed, pool)
        self.pools[name] = pool

    def _shared_hours(self, open_hours: StepProfile) -> OpenTime:
        """Resources on one calendar share its look-ups."""
        found = next((hours for profile, hours in self._hours if profile is open_hours), None)
        if found is None:
            found = OpenTime(open_hours)
            self._hours.append((open_hours, found))
        return found


def _through(rows: Sequence[RoutingStep], modes: dict[int, tuple[StepMode, ...]], made: list[list[Step]]) -> Through:
    found: Through = {}
    for row, own in zip(rows, made, strict=True):
        for way, step in zip(modes.get(row.step, ()), own, strict=True):
            if row.keeps_mode:
                mean_s = max(row.hours.mean * way.factor * HOUR_S, 1.0)
                found.setdefault(way.name, []).append((step.queue, mean_s))
    return found
