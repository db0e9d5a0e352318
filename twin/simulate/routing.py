"""A site's routing floor: racks, one by one, through steps that seize resources together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import heapify, heappop, heappush

from twin.disrupt.record import Availability, WipLoss
from twin.events.record import EVENTS
from twin.model.profile import StepProfile
from twin.model.rows_make import Resource, RoutingResource, RoutingStep
from twin.model.units import HOUR_S
from twin.simulate.clock import CHANGES, ENDS, STARTS
from twin.simulate.gates import NEVER_S, OpenTime
from twin.simulate.lots import Floor
from twin.simulate.making import Conditions
from twin.simulate.pools import TOLERANCE, Pool, Units
from twin.simulate.quality import passes
from twin.simulate.units import NAN, Queue, Routing, Step, Unit, Urgency

STEP, FAILED, REWORK, ESCAPED = (EVENTS.index(name) for name in ("step", "failed", "rework", "escaped"))


class SiteFloor:
    """All routings of a site, sharing its resources; downstream steps are served first."""

    __slots__ = (
        "_available", "_hours", "_openings", "_serial", "_slows", "_woken", "busy", "clock", "floor", "pending",
        "pools", "queues", "reworking", "routings", "scheduled", "site",
    )  # fmt: skip

    def __init__(
        self, floor: Floor, site: str, available: Availability, rows: dict[str, Resource], until_s: int
    ) -> None:
        self.floor, self.clock, self.site, self._available = floor, floor.clock, site, available
        self._slows = False
        self._hours: list[tuple[StepProfile, OpenTime]] = []
        self.pools: dict[str, Pool] = {}
        self.routings: dict[str, Routing] = {}
        self.queues: list[Queue] = []
        # Dictionaries rather than sets, since they are read out in the order of coming.
        self.busy: dict[Unit, bool] = {}
        self.reworking: dict[Unit, bool] = {}
        self.pending: dict[Unit, int] = {}
        self.scheduled: dict[tuple[int, int, int], int] = {}
        self._serial = 0
        self._woken = False
        self._openings: set[int] = set()
        for name, row in rows.items():
            self._add_pool(name, row, until_s)
        if site in available.site_frozen:
            for time_s in available.site_frozen[site].times_s.tolist():
                if 0 <= time_s < until_s:
                    floor.clock.at(time_s, CHANGES, self._changed, None)

    def add_routing(
        self,
        item: str,
        rows: Sequence[RoutingStep],
        seizes: dict[int, tuple[RoutingResource, ...]],
        costs: dict[str, float],
        conditions: Conditions,
        leave: Callable[[Unit, Step], None],
        lose: Callable[[Unit], None],
    ) -> Routing:
        """Compile an item's steps at this site; `costs` is USD per hour held, by resource."""
        log = self.floor.log
        carries_defects = any(row.defects_introduced for row in rows)
        steps = [
            Step(
                row=row,
                number=row.step,
                queue=self._queue_for(position, seizes.get(row.step, ())),
                place=log.place(f"step:{self.site}/{row.name}"),
                cost_per_hour=sum(costs.get(need.resource, 0.0) * need.amount for need in seizes.get(row.step, ())),
                tested=self.floor.streams.noise and (carries_defects or row.first_pass_yield < 1),
            )
            for position, row in enumerate(rows)
        ]
        routing = Routing(self, item, log.item(item), rows, steps, conditions, leave, lose)
        self.routings[item] = routing
        self._slows = self._slows or conditions.lead_time is not None
        for loss in conditions.losses:
            if loss.at_s >= 0:
                self.clock.at(loss.at_s, CHANGES, self._lose, (routing, loss))
        return routing

    def join(self, unit: Unit, remaining_s: int | None = None) -> None:
        """A unit waits for its step, from its scheduled start on where it has one."""
        routing, now = unit.routing, self.clock.now
        step = unit.at = routing.steps[unit.step]
        unit.since_s = now
        if remaining_s is not None:
            unit.work_s = remaining_s
        elif unit.repeats:
            attempts = unit.attempts.get(step.number, 0)
            unit.work_s = unit.luck.hours_s(routing.item, step.row, unit.number, attempts)
        else:
            unit.work_s = unit.hours_s[unit.step]
        if self.scheduled and not unit.repeats:
            starts_s = self.scheduled.get((unit.order, unit.number, step.number), -1)
            if starts_s > now:
                self.pending[unit] = starts_s
                self.clock.at(starts_s, STARTS, self._join_scheduled, (unit, (0, starts_s, "")))
                return
            if starts_s >= 0:
                self._wait(step.queue, unit, (0, starts_s, ""))
                return
        self._wait(step.queue, unit, unit.urgency)

    def follow(self, scheduled: dict[tuple[int, int, int], int]) -> None:
        """Take a new schedule: who waits, waits for its new start."""
        self.scheduled = scheduled
        waiting = list(self.pending)
        for queue in self.queues:
            waiting += [unit for _, _, unit in sorted(queue.waiting, key=lambda entry: entry[:2])]
            queue.waiting.clear()
        self.pending.clear()
        for unit in waiting:
            self.join(unit, unit.work_s)

    def release(self, unit: Unit, step: Step) -> None:
        """Give back what a step held, and let others start."""
        self._give_back(unit, step.queue)
        self._let_start(step.queue.rivals)

    def dispatch_soon(self) -> None:
        """Start what can start, at the end of this instant."""
        self._let_start(self.queues)

    def units_inside(self) -> Iterator[tuple[Unit, Routing, int, bool]]:
        """Units with their routing, the work left of their step, and whether it is under way."""
        now = self.clock.now
        for unit in self.busy:
            worked = now - unit.since_s - unit.routing.conditions.stops.stood_still(unit.since_s, now)
            yield unit, unit.routing, max(0, unit.work_s - worked), True
        for unit in [*self.reworking, *self.pending]:
            yield unit, unit.routing, unit.work_s, False
        for queue in self.queues:
            for _, _, unit in sorted(queue.waiting, key=lambda entry: entry[:2]):
                yield unit, unit.routing, unit.work_s, False

    def _queue_for(self, position: int, needs: tuple[RoutingResource, ...]) -> Queue:
        """One queue for all items that need the same things at the same position."""
        holds = [(self.pools[need.resource], need.amount) for need in needs]
        attended = [need.resource for need in needs if need.attended]
        for queue in self.queues:
            if (queue.position, queue.holds, queue.attended) == (position, holds, attended):
                return queue
        made = Queue(position, holds, attended, self._open_time(attended))
        self.queues.append(made)
        self.queues.sort(key=lambda queue: -queue.position)
        for queue in self.queues:
            pools = {id(pool) for pool, _ in queue.holds}
            queue.rivals = [
                each for each in self.queues if each is queue or any(id(pool) in pools for pool, _ in each.holds)
            ]
        return made

    def _open_time(self, attended: list[str]) -> OpenTime:
        """Hours in which attended work runs: calendars open and the site not at a standstill."""
        if not attended:
            return OpenTime()
        frozen = self._available.site_frozen.get(self.site, StepProfile.constant(0.0))
        return OpenTime(*map(self._open_hours, attended), StepProfile(frozen.times_s, 1.0 - frozen.values))

    def _wait(self, queue: Queue, unit: Unit, urgency: Urgency) -> None:
        """A unit that finds nobody before it, and may start, does not queue: the usual case by far."""
        calendar = self.clock.calendar
        if (
            not queue.waiting
            and not self._woken
            and (not calendar or calendar[0][0] > self.clock.now)
            and self._can_start(queue)
        ):
            self._start(queue, unit)
            return
        self._serial += 1
        heappush(queue.waiting, (urgency, self._serial, unit))
        self._let_start((queue,))

    def _join_scheduled(self, joining: tuple[Unit, Urgency]) -> None:
        unit, urgency = joining
        if self.pending.get(unit) == urgency[1]:
            del self.pending[unit]
            self._wait(unit.at.queue, unit, urgency)

    def _let_start(self, queues: Sequence[Queue]) -> None:
        """At once if nothing else happens at this instant, else when all else has happened."""
        if self._woken:
            return
        clock = self.clock
        if not clock.calendar or clock.calendar[0][0] > clock.now:
            self._start_from(queues)
        else:
            self._woken = True
            clock.at(clock.now, STARTS, self._dispatch, None)

    def _dispatch(self, _payload: object) -> None:
        self._woken = False
        self._start_from(self.queues)

    def _start_from(self, queues: Sequence[Queue]) -> None:
        for queue in queues:
            while queue.waiting and self._can_start(queue):
                self._start(queue, heappop(queue.waiting)[2])

    def _can_start(self, queue: Queue) -> bool:
        now = self.clock.now
        if now < queue.opens_s:
            return False
        for pool, amount in queue.holds:
            if pool.held + amount > pool.limit or (pool.units is not None and not pool.units.any_up()):
                return False
        if queue.open_time.always:
            return True
        opens_s = queue.open_time.next_open(now)
        if opens_s > now:
            queue.opens_s = opens_s
            if opens_s not in self._openings and opens_s < NEVER_S:
                self._openings.add(opens_s)
                self.clock.at(opens_s, STARTS, self._dispatch, None)
        return opens_s <= now

    def _start(self, queue: Queue, unit: Unit) -> None:
        now, work_s = self.clock.now, unit.work_s
        if self._slows and (factor := unit.routing.conditions.lead_time) is not None:
            work_s = round(work_s * factor.at(now))
        end_s = now + work_s if queue.open_time.always else queue.open_time.end_of(now, work_s)
        for pool, amount in queue.holds:
            pool.held += amount
            pool.booked -= amount * (now if pool.hours is None else pool.hours.until(now))
            if pool.units is not None:
                place = pool.units.take()
                unit.held_places.append((pool, place))
                end_s = pool.units.work_end(place, now, end_s - now)
        unit.since_s = now
        unit.work_s = end_s - now
        self.busy[unit] = True
        self.clock.again(end_s, ENDS, unit.ending)

    def _give_back(self, unit: Unit, queue: Queue) -> None:
        now = self.clock.now
        if unit.held_places:
            for pool, place in unit.held_places:
                assert pool.units is not None
                pool.units.give_back(place)
            unit.held_places.clear()
        for pool, amount in queue.holds:
            pool.held -= amount
            pool.booked += amount * (now if pool.hours is None else pool.hours.until(now))

    def end(self, unit: Unit) -> None:
        """The work of a unit's step ends, unless the floor stood still meanwhile."""
        now, routing, step = self.clock.now, unit.routing, unit.at
        # Attended work has the site's standstill in its open time already.
        stops = routing.conditions.stops if step.queue.open_time.always else routing.conditions.own_stops
        if stops.any:
            hours = None if step.queue.open_time.always else step.queue.open_time
            ends_s = stops.end_of(unit.since_s, unit.work_s, now, hours)
            if ends_s > now:
                self.clock.again(ends_s, ENDS, unit.ending)
                return
        if not self.busy.pop(unit, False):
            return
        attempt = 1
        if unit.repeats:
            attempt = unit.attempts[step.number] = unit.attempts.get(step.number, 0) + 1
        self.floor.log.row(
            now, STEP, step.place, routing.item_code, unit.order, unit.number, -1, -1, 1.0,
            unit.work_s / HOUR_S * step.cost_per_hour, unit.since_s, attempt,
        )  # fmt: skip
        if step.tested and not passes(routing.item, step.row, unit, attempt):
            self._failed(routing, step, unit, attempt)
        else:
            self._onward(routing, step, unit)

    def _failed(self, routing: Routing, step: Step, unit: Unit, attempt: int) -> None:
        """To the rework bench, which is never short of room; or out, after the last attempt."""
        now, row = self.clock.now, step.row
        self._row(FAILED, routing, step, unit, 1, 0.0, attempt)
        if row.max_attempts is not None and attempt >= row.max_attempts:
            if row.then == "pass":
                self._onward(routing, step, unit)
            else:
                self.release(unit, step)
                routing.lose(unit)
            return
        self._give_back(unit, step.queue)
        unit.since_s, unit.work_s = now, unit.luck.rework_s(routing.item, row, unit.number, attempt)
        self.reworking[unit] = True
        self.clock.at(now + unit.work_s, ENDS, self._reworked, unit)
        self._let_start(step.queue.rivals)

    def _reworked(self, unit: Unit) -> None:
        """The unit repeats from the step that the table names."""
        routing, step, now = unit.routing, unit.at, self.clock.now
        ends_s = routing.conditions.stops.end_of(unit.since_s, unit.work_s, now)
        if ends_s > now:
            self.clock.at(ends_s, ENDS, self._reworked, unit)
            return
        if not self.reworking.pop(unit, False):
            return
        if not unit.repeats:
            unit.repeats = True
            unit.attempts = {each.number: 1 for each in routing.steps[unit.entered : unit.step + 1]}
        found, unit.found = max(unit.found, 1), 0
        usd = found * unit.work_s / HOUR_S * step.cost_per_hour
        self._row(REWORK, routing, step, unit, found, usd, unit.attempts[step.number])
        back_to = step.row.rework_to or step.number
        unit.step = next(position for position, each in enumerate(routing.steps) if each.number == back_to)
        self.join(unit)

    def _onward(self, routing: Routing, step: Step, unit: Unit) -> None:
        if unit.step + 1 < len(routing.steps):
            self._give_back(unit, step.queue)
            unit.step += 1
            self.join(unit)
            self._let_start(step.queue.rivals)
            return
        if unit.defects:
            place = self.floor.log.place(f"site:{self.site}")
            self.floor.log.row(
                self.clock.now, ESCAPED, place, routing.item_code, unit.order, unit.number, -1, -1, unit.defects, 0.0,
                NAN, NAN,
            )  # fmt: skip
        yields = routing.conditions.yields
        if yields is not None and unit.luck.spoils(routing.item, unit.number) >= yields.at(self.clock.now):
            self.release(unit, step)
            routing.lose(unit)
            return
        routing.leave(unit, step)

    def _lose(self, losing: tuple[Routing, WipLoss]) -> None:
        """A disruption scraps its fraction of the units in a routing, evenly over their serials.

        Those at work give back at once what they hold.
        """
        routing, loss = losing
        inside = [unit for unit, of, _, _ in self.units_inside() if of is routing]
        rest = 0.0
        for unit in sorted(inside, key=lambda each: (each.order, each.number)):
            rest += loss.fraction
            if rest >= 1 - TOLERANCE:
                rest -= 1
                self._take_out(unit)
                routing.lose(unit)
        self.dispatch_soon()

    def _take_out(self, unit: Unit) -> None:
        """Out of work, rework, or its queue; what was to happen to the unit then finds it gone."""
        queue = unit.at.queue
        if self.busy.pop(unit, False):
            self._give_back(unit, queue)
        elif not self.reworking.pop(unit, False) and not self.pending.pop(unit, False):
            queue.waiting = [entry for entry in queue.waiting if entry[2] is not unit]
            heapify(queue.waiting)

    def _row(
        self, event: int, routing: Routing, step: Step, unit: Unit, quantity: int, usd: float, attempt: int
    ) -> None:
        self.floor.log.row(
            self.clock.now, event, step.place, routing.item_code, unit.order, unit.number, -1, -1, quantity, usd,
            unit.since_s, attempt,
        )  # fmt: skip

    def _open_hours(self, resource: str) -> StepProfile:
        return self._available.open_hours.get((self.site, resource), StepProfile.constant(1.0))

    def _add_pool(self, name: str, row: Resource, until_s: int) -> None:
        floor = self.floor
        capacity = self._available.resources[self.site, name]
        place = floor.log.place(f"resource:{self.site}/{name}")
        open_hours = self._open_hours(name)
        pool = Pool(name, place, capacity, open_hours, self._shared_hours(open_hours))
        if row.failures and floor.streams.noise:
            count = int(capacity.values.max())
            pool.units = Units(floor.clock, floor.log, floor.streams, row, count, place, self.dispatch_soon)
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

    def _changed(self, pool: Pool | None) -> None:
        if pool is not None:
            pool.change(self.clock.now)
        self.dispatch_soon()
