"""A site's routing floor: racks, one by one, through steps that seize resources together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush

from twin.disrupt.record import Availability
from twin.events.record import EVENTS
from twin.model.profile import StepProfile
from twin.model.rows_make import Resource, RoutingResource, RoutingStep
from twin.model.units import HOUR_S
from twin.simulate.clock import CHANGES, ENDS, STARTS
from twin.simulate.gates import NEVER_S, OpenTime, Stops
from twin.simulate.lots import Floor
from twin.simulate.pools import Pool, Units
from twin.simulate.units import NAN, Queue, Routing, Step, Unit, Urgency

STEP, FAILED, REWORK, ESCAPED = (EVENTS.index(name) for name in ("step", "failed", "rework", "escaped"))


class SiteFloor:
    """All routings of a site, sharing its resources; downstream steps are served first."""

    __slots__ = (
        "_available", "_openings", "_serial", "_stops", "_woken", "busy", "floor", "pending", "pools", "queues",
        "reworking", "routings", "scheduled", "site",
    )  # fmt: skip

    def __init__(
        self, floor: Floor, site: str, available: Availability, rows: dict[str, Resource], until_s: int
    ) -> None:
        self.floor, self.site, self._available = floor, site, available
        frozen = available.site_frozen.get(site, StepProfile.constant(0.0))
        self._stops = Stops(frozen)
        self.pools: dict[str, Pool] = {}
        self.routings: dict[str, Routing] = {}
        self.queues: list[Queue] = []
        self.busy: dict[Unit, Routing] = {}
        self.reworking: dict[Unit, Routing] = {}
        self.pending: dict[Unit, Routing] = {}
        self.scheduled: dict[tuple[int, int, int], int] = {}
        self._serial = 0
        self._woken = False
        self._openings: set[int] = set()
        for name, row in rows.items():
            self._add_pool(name, row, until_s)
        for time_s in frozen.times_s.tolist():
            if 0 <= time_s < until_s:
                floor.clock.at(time_s, CHANGES, self._changed, None)

    def add_routing(
        self,
        item: str,
        rows: Sequence[RoutingStep],
        seizes: dict[int, tuple[RoutingResource, ...]],
        costs: dict[str, float],
        leave: Callable[[Unit, Step], None],
        lose: Callable[[Unit], None],
    ) -> Routing:
        """Compile an item's steps at this site; `costs` is USD per hour held, by resource."""
        log = self.floor.log
        carries_defects = any(row.defects_introduced for row in rows)
        steps = [
            Step(
                row=row,
                queue=self._queue_for(position, seizes.get(row.step, ())),
                place=log.place(f"step:{self.site}/{row.name}"),
                cost_per_hour=sum(costs.get(need.resource, 0.0) * need.amount for need in seizes.get(row.step, ())),
                tested=self.floor.streams.noise and (carries_defects or row.first_pass_yield < 1),
            )
            for position, row in enumerate(rows)
        ]
        routing = Routing(self, item, log.item(item), steps, leave, lose)
        self.routings[item] = routing
        return routing

    def join(self, routing: Routing, unit: Unit, remaining_s: int | None = None) -> None:
        """A unit waits for its step, from its scheduled start on where it has one."""
        clock, step = self.floor.clock, routing.steps[unit.step]
        row = step.row
        unit.since_s = now = clock.now
        if remaining_s is None:
            unit.work_s = unit.luck.hours_s(routing.item, row, unit.number, unit.attempts.get(row.step, 0))
        else:
            unit.work_s = remaining_s
        if self.scheduled and not unit.repeats:
            starts_s = self.scheduled.get((unit.order, unit.number, row.step), -1)
            if starts_s > now:
                self.pending[unit] = routing
                clock.at(starts_s, STARTS, self._join_scheduled, (routing, unit, (0, starts_s, "")))
                return
            if starts_s >= 0:
                self._wait(routing, step.queue, unit, (0, starts_s, ""))
                return
        self._wait(routing, step.queue, unit, unit.urgency)

    def release(self, unit: Unit, step: Step) -> None:
        """Give back what a step held, and let others start."""
        self._give_back(unit, step.queue)
        self._let_start(step.queue.rivals)

    def dispatch_soon(self) -> None:
        """Start what can start, at the end of this instant."""
        self._let_start(self.queues)

    def units_inside(self) -> Iterator[tuple[Unit, Routing, int, bool]]:
        """Units with their routing, the work left of their step, and whether it is under way."""
        now = self.floor.clock.now
        for unit, routing in self.busy.items():
            worked = now - unit.since_s - self._stops.stood_still(unit.since_s, now)
            yield unit, routing, max(0, unit.work_s - worked), True
        for unit, routing in [*self.reworking.items(), *self.pending.items()]:
            yield unit, routing, unit.work_s, False
        for queue in self.queues:
            for _, _, unit, routing in sorted(queue.waiting, key=lambda entry: entry[:2]):
                yield unit, routing, unit.work_s, False

    def _queue_for(self, position: int, needs: tuple[RoutingResource, ...]) -> Queue:
        """One queue for all items that need the same things at the same position."""
        holds = [(self.pools[need.resource], need.amount) for need in needs]
        attended = [need.resource for need in needs if need.attended]
        for queue in self.queues:
            if (queue.position, queue.holds, queue.attended) == (position, holds, attended):
                return queue
        made = Queue(position, holds, attended, OpenTime(*map(self._open_hours, attended)))
        self.queues.append(made)
        self.queues.sort(key=lambda queue: -queue.position)
        for queue in self.queues:
            pools = {id(pool) for pool, _ in queue.holds}
            queue.rivals = [
                each for each in self.queues if each is queue or any(id(pool) in pools for pool, _ in each.holds)
            ]
        return made

    def _wait(self, routing: Routing, queue: Queue, unit: Unit, urgency: Urgency) -> None:
        self._serial += 1
        heappush(queue.waiting, (urgency, self._serial, unit, routing))
        self._let_start((queue,))

    def _join_scheduled(self, joining: tuple[Routing, Unit, Urgency]) -> None:
        routing, unit, urgency = joining
        del self.pending[unit]
        self._wait(routing, routing.steps[unit.step].queue, unit, urgency)

    def _let_start(self, queues: Sequence[Queue]) -> None:
        """At once if nothing else happens at this instant, else when all else has happened."""
        clock = self.floor.clock
        if clock.nothing_else_now():
            if not self._woken:
                self._start_from(queues)
        elif not self._woken:
            self._woken = True
            clock.at(clock.now, STARTS, self._dispatch, None)

    def _dispatch(self, _payload: object) -> None:
        self._woken = False
        self._start_from(self.queues)

    def _start_from(self, queues: Sequence[Queue]) -> None:
        for queue in queues:
            waiting = queue.waiting
            while waiting and self._can_start(queue):
                _, _, unit, routing = heappop(waiting)
                self._start(routing, routing.steps[unit.step], unit)

    def _can_start(self, queue: Queue) -> bool:
        for pool, amount in queue.holds:
            if pool.held + amount > pool.limit or (pool.units is not None and not pool.units.any_up()):
                return False
        if queue.open_time.always:
            return True
        now = self.floor.clock.now
        opens_s = queue.open_time.next_open(now)
        if opens_s > now and opens_s not in self._openings and opens_s < NEVER_S:
            self._openings.add(opens_s)
            self.floor.clock.at(opens_s, STARTS, self._dispatch, None)
        return opens_s <= now

    def _start(self, routing: Routing, step: Step, unit: Unit) -> None:
        clock = self.floor.clock
        now = clock.now
        end_s = step.queue.open_time.end_of(now, unit.work_s)
        for pool, amount in step.queue.holds:
            pool.hold(now, amount)
            if pool.units is not None:
                place = pool.units.take()
                unit.held_places.append((pool, place))
                end_s = pool.units.work_end(place, now, end_s - now)
        unit.since_s = now
        unit.work_s = end_s - now
        self.busy[unit] = routing
        clock.at(end_s, ENDS, self._end, (routing, step, unit))

    def _give_back(self, unit: Unit, queue: Queue) -> None:
        now = self.floor.clock.now
        if unit.held_places:
            for pool, place in unit.held_places:
                assert pool.units is not None
                pool.units.give_back(place)
            unit.held_places.clear()
        for pool, amount in queue.holds:
            pool.hold(now, -amount)

    def _end(self, ending: tuple[Routing, Step, Unit]) -> None:
        routing, step, unit = ending
        now = self.floor.clock.now
        if self._stops.any and self._stops.end_of(unit.since_s, unit.work_s, now) > now:
            ends_s = self._stops.end_of(unit.since_s, unit.work_s, now)
            self.floor.clock.at(ends_s, ENDS, self._end, ending)
            return
        del self.busy[unit]
        number = step.row.step
        attempt = unit.attempts.get(number, 0) + 1
        unit.attempts[number] = attempt
        self.floor.log.row(
            now, STEP, step.place, routing.item_code, unit.order, unit.number, -1, -1, 1.0,
            unit.work_s / HOUR_S * step.cost_per_hour, unit.since_s, attempt,
        )  # fmt: skip
        if not step.tested or self._passes(routing, step.row, unit, attempt):
            self._onward(routing, step, unit)
        else:
            self._failed(routing, step, unit, attempt)

    def _passes(self, routing: Routing, row: RoutingStep, unit: Unit, attempt: int) -> bool:
        """The test of an attempt: by the defects that its gate finds, and by its yield."""
        luck = unit.luck
        if row.defects_introduced and attempt == 1:
            unit.defects += luck.defects(routing.item, row, unit.number)
        if row.gate_coverage and unit.defects:
            unit.found = luck.found(routing.item, row, unit.number, attempt, unit.defects)
            unit.defects -= unit.found
            if unit.found:
                return False
        return row.first_pass_yield >= 1 or luck.test(routing.item, row, unit.number, attempt) < row.first_pass_yield

    def _failed(self, routing: Routing, step: Step, unit: Unit, attempt: int) -> None:
        """To the rework bench, which is never short of room; or out, after the last attempt."""
        now, row = self.floor.clock.now, step.row
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
        self.reworking[unit] = routing
        self.floor.clock.at(now + unit.work_s, ENDS, self._reworked, (routing, step, unit))
        self._let_start(step.queue.rivals)

    def _reworked(self, ending: tuple[Routing, Step, Unit]) -> None:
        """The unit repeats from the step that the table names."""
        routing, step, unit = ending
        now, row = self.floor.clock.now, step.row
        ends_s = self._stops.end_of(unit.since_s, unit.work_s, now)
        if ends_s > now:
            self.floor.clock.at(ends_s, ENDS, self._reworked, ending)
            return
        del self.reworking[unit]
        found, unit.found = max(unit.found, 1), 0
        usd = found * unit.work_s / HOUR_S * step.cost_per_hour
        self._row(REWORK, routing, step, unit, found, usd, unit.attempts[row.step])
        back_to = row.rework_to or row.step
        unit.step = next(position for position, each in enumerate(routing.steps) if each.row.step == back_to)
        unit.repeats = True
        self.join(routing, unit)

    def _onward(self, routing: Routing, step: Step, unit: Unit) -> None:
        if unit.step + 1 < len(routing.steps):
            self._give_back(unit, step.queue)
            unit.step += 1
            self.join(routing, unit)
            self._let_start(step.queue.rivals)
            return
        if unit.defects:
            place = self.floor.log.place(f"site:{self.site}")
            self.floor.log.row(
                self.floor.clock.now, ESCAPED, place, routing.item_code, unit.order, unit.number, -1, -1, unit.defects,
                0.0, NAN, NAN,
            )  # fmt: skip
        routing.leave(unit, step)

    def _row(
        self, event: int, routing: Routing, step: Step, unit: Unit, quantity: int, usd: float, attempt: int
    ) -> None:
        self.floor.log.row(
            self.floor.clock.now, event, step.place, routing.item_code, unit.order, unit.number, -1, -1, quantity, usd,
            unit.since_s, attempt,
        )  # fmt: skip

    def _open_hours(self, resource: str) -> StepProfile:
        return self._available.open_hours.get((self.site, resource), StepProfile.constant(1.0))

    def _add_pool(self, name: str, row: Resource, until_s: int) -> None:
        floor = self.floor
        capacity = self._available.resources[self.site, name]
        place = floor.log.place(f"resource:{self.site}/{name}")
        pool = Pool(name, place, capacity, self._open_hours(name))
        if row.failures and floor.streams.noise:
            count = int(capacity.values.max())
            pool.units = Units(floor.clock, floor.log, floor.streams, row, count, place, self.dispatch_soon)
        for time_s in pool.changes_s(until_s):
            floor.clock.at(time_s, CHANGES, self._changed, pool)
        self.pools[name] = pool

    def _changed(self, pool: Pool | None) -> None:
        if pool is not None:
            pool.change(self.floor.clock.now)
        self.dispatch_soon()
