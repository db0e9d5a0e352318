"""A site's routing floor: racks, one by one, through steps that seize resources together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush

from twin.disrupt.record import Availability
from twin.events.record import EVENTS
from twin.model.profile import StepProfile
from twin.model.rows_make import Resource, RoutingResource, RoutingStep
from twin.model.units import HOUR_S
from twin.simulate.clock import CHANGES, ENDS, STARTS
from twin.simulate.gates import NEVER_S, OpenTime, Stops
from twin.simulate.lots import Floor
from twin.simulate.luck import LuckGroup
from twin.simulate.pools import Pool, Units

STEP, FAILED, REWORK, ESCAPED = (EVENTS.index(name) for name in ("step", "failed", "rework", "escaped"))
NAN = float("nan")


@dataclass(slots=True, eq=False)
class Unit:
    """A rack (or a job) on its way; `order` and `number` are its serial, `luck` its draws."""

    order: int
    number: int
    item: int
    luck: LuckGroup
    urgency: tuple[int, int, str]
    """Priority, due second, order name: the smallest is served first."""
    destination: str = ""
    serves: int = -1
    """Order line it counts for, once shipped."""
    ordinal: int = -1
    """Its number within the order it serves."""
    released_s: float = NAN
    docked_s: float = NAN
    since_s: int = 0
    step: int = 0
    attempts: dict[int, int] = field(default_factory=dict)
    defects: int = 0
    work_s: int = 0
    repeats: bool = False
    held_units: list[tuple[Pool, int]] = field(default_factory=list)


@dataclass(slots=True)
class Queue:
    """Units that wait for the same step and the same resources, most urgent first."""

    position: int
    holds: list[tuple[Pool, float]]
    attended: list[str]
    open_time: OpenTime
    waiting: list[tuple[tuple[int, int, str], int, Unit, Routing]] = field(default_factory=list)


@dataclass(slots=True)
class Step:
    """A routing step at a site, compiled: what it holds, when it may run, how it may fail."""

    row: RoutingStep
    queue: Queue
    place: int
    cost_per_hour: float


class Routing:
    """An item's steps at one site. Units enter, pass through, and leave by `leave` or `lose`.

    `leave(unit, step)` is handed a unit that still holds its last step's resources, since it
    may have to wait there for room; it must call `SiteFloor.release`.
    """

    __slots__ = ("floor_site", "item", "item_code", "leave", "lose", "steps")

    def __init__(
        self,
        floor_site: SiteFloor,
        item: str,
        steps: list[Step],
        leave: Callable[[Unit, Step], None],
        lose: Callable[[Unit], None],
    ) -> None:
        self.floor_site = floor_site
        self.item = item
        self.item_code = floor_site.floor.log.item(item)
        self.steps = steps
        self.leave = leave
        self.lose = lose

    def enter(self, unit: Unit, position: int = 0, remaining_s: int | None = None) -> None:
        """A unit comes to a step, the first unless it is found further on, there with work left."""
        unit.item = self.item_code
        unit.step = position
        self.floor_site.queue(self, unit, remaining_s)


class SiteFloor:
    """All routings of a site, sharing its resources; downstream steps are served first."""

    __slots__ = (
        "_available",
        "_openings",
        "_serial",
        "_stops",
        "_woken",
        "busy",
        "floor",
        "pending",
        "pools",
        "queues",
        "reworking",
        "routings",
        "scheduled",
        "site",
    )

    def __init__(
        self, floor: Floor, site: str, available: Availability, rows: dict[str, Resource], until_s: int
    ) -> None:
        self.floor = floor
        self.site = site
        self._available = available
        frozen = available.site_frozen.get(site, StepProfile.constant(0.0))
        self._stops = Stops(frozen)
        self.pools: dict[str, Pool] = {}
        self.routings: dict[str, Routing] = {}
        self.queues: list[Queue] = []
        self.busy: dict[Unit, tuple[Routing, int]] = {}
        self.reworking: dict[Unit, tuple[Routing, int]] = {}
        self.scheduled: dict[tuple[int, int, int], int] = {}
        self.pending: dict[Unit, Routing] = {}
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
        rows: tuple[RoutingStep, ...],
        seizes: dict[int, tuple[RoutingResource, ...]],
        costs: dict[str, float],
        leave: Callable[[Unit, Step], None],
        lose: Callable[[Unit], None],
    ) -> Routing:
        """Compile an item's steps at this site; `costs` is USD per hour held, by resource."""
        steps = []
        for position, row in enumerate(rows):
            needs = seizes.get(row.step, ())
            steps.append(
                Step(
                    row=row,
                    queue=self._queue_for(position, needs),
                    place=self.floor.log.place(f"step:{self.site}/{row.name}"),
                    cost_per_hour=sum(costs.get(need.resource, 0.0) * need.amount for need in needs),
                )
            )
        routing = Routing(self, item, steps, leave, lose)
        self.routings[item] = routing
        return routing

    def _queue_for(self, position: int, needs: tuple[RoutingResource, ...]) -> Queue:
        """One queue for all items that need the same things at the same position."""
        holds = [(self.pools[need.resource], need.amount) for need in needs]
        attended = [need.resource for need in needs if need.attended]
        found = next((q for q in self.queues if (q.position, q.holds, q.attended) == (position, holds, attended)), None)
        if found is None:
            found = Queue(position, holds, attended, OpenTime(*map(self._open_hours, attended)))
            self.queues.append(found)
            self.queues.sort(key=lambda queue: -queue.position)
        return found

    def queue(self, routing: Routing, unit: Unit, remaining_s: int | None = None) -> None:
        """A unit waits for its step, from its scheduled start on where it has one."""
        clock = self.floor.clock
        unit.since_s = clock.now
        unit.work_s = self._work_s(routing, unit) if remaining_s is None else remaining_s
        starts_s = self.scheduled.get((unit.order, unit.number, routing.steps[unit.step].row.step), -1)
        if starts_s > clock.now and not unit.repeats:
            self.pending[unit] = routing
            clock.at(starts_s, STARTS, self._join, (routing, unit, (0, starts_s, "")))
        else:
            key = (0, starts_s, "") if starts_s >= 0 else unit.urgency
            self._join((routing, unit, key))

    def dispatch_soon(self) -> None:
        """Start what can start, at the end of this instant."""
        clock = self.floor.clock
        if self._woken:
            return
        self._woken = True
        if clock.nothing_else_now():
            self._dispatch(None)
        else:
            clock.at(clock.now, STARTS, self._dispatch, None)

    def units_inside(self) -> Iterator[tuple[Unit, Routing, int, bool]]:
        """Units with their routing, the work left of their step, and whether it is under way."""
        for unit, (routing, _) in self.busy.items():
            yield unit, routing, self._remaining_s(unit), True
        for unit, (routing, _) in self.reworking.items():
            yield unit, routing, unit.work_s, False
        for unit, routing in self.pending.items():
            yield unit, routing, unit.work_s, False
        for queue in self.queues:
            for _, _, unit, routing in sorted(queue.waiting, key=lambda entry: entry[:2]):
                yield unit, routing, unit.work_s, False

    def _remaining_s(self, unit: Unit) -> int:
        now = self.floor.clock.now
        worked = now - unit.since_s - self._stops.stood_still(unit.since_s, now)
        return max(0, unit.work_s - worked)

    def release(self, unit: Unit, step: Step) -> None:
        """Give back what a step held."""
        now = self.floor.clock.now
        for pool, place in unit.held_units:
            assert pool.units is not None
            pool.units.give_back(place)
        unit.held_units.clear()
        for pool, amount in step.queue.holds:
            pool.hold(now, -amount)
        self.dispatch_soon()

    def _join(self, joining: tuple[Routing, Unit, tuple[int, int, str]]) -> None:
        routing, unit, key = joining
        self.pending.pop(unit, None)
        self._serial += 1
        heappush(routing.steps[unit.step].queue.waiting, (key, self._serial, unit, routing))
        self.dispatch_soon()

    def _dispatch(self, _payload: object) -> None:
        self._woken = False
        now = self.floor.clock.now
        for queue in self.queues:
            waiting = queue.waiting
            while waiting and self._can_start(queue, now):
                _, _, unit, routing = heappop(waiting)
                self._start(routing, routing.steps[unit.step], unit, now)

    def _can_start(self, queue: Queue, now: int) -> bool:
        for pool, amount in queue.holds:
            if not pool.free_for(amount):
                return False
        if queue.open_time.always:
            return True
        opens_s = queue.open_time.next_open(now)
        if opens_s > now and opens_s not in self._openings and opens_s < NEVER_S:
            self._openings.add(opens_s)
            self.floor.clock.at(opens_s, STARTS, self._dispatch, None)
        return opens_s <= now

    def _start(self, routing: Routing, step: Step, unit: Unit, now: int) -> None:
        end_s = step.queue.open_time.end_of(now, unit.work_s)
        for pool, amount in step.queue.holds:
            pool.hold(now, amount)
            if pool.units is not None:
                place = pool.units.take()
                unit.held_units.append((pool, place))
                end_s = pool.units.work_end(place, now, end_s - now)
        unit.since_s = now
        unit.work_s = end_s - now
        self.busy[unit] = (routing, unit.step)
        self.floor.clock.at(end_s, ENDS, self._end, (routing, step, unit))

    def _end(self, ending: tuple[Routing, Step, Unit]) -> None:
        routing, step, unit = ending
        now = self.floor.clock.now
        ends_s = self._stops.end_of(unit.since_s, unit.work_s, now)
        if ends_s > now:
            self.floor.clock.at(ends_s, ENDS, self._end, ending)
            return
        del self.busy[unit]
        row = step.row
        attempt = unit.attempts.get(row.step, 0) + 1
        unit.attempts[row.step] = attempt
        self.floor.log.row(
            now, STEP, step.place, routing.item_code, unit.order, unit.number, -1, -1, 1.0,
            unit.work_s / HOUR_S * step.cost_per_hour, unit.since_s, attempt,
        )  # fmt: skip
        if self._passes(routing, step, unit, attempt):
            self._onward(routing, step, unit)
        else:
            self._failed(routing, step, unit, attempt, now)

    def _passes(self, routing: Routing, step: Step, unit: Unit, attempt: int) -> bool:
        row = step.row
        if not self.floor.streams.noise:
            return True
        luck = unit.luck
        if row.defects_introduced and attempt == 1:
            unit.defects += luck.defects(routing.item, row, unit.number)
        if row.gate_coverage and unit.defects:
            found = luck.found(routing.item, row, unit.number, attempt, unit.defects)
            unit.defects -= found
            if found:
                unit.attempts[-row.step] = found
                return False
        return row.first_pass_yield >= 1 or luck.test(routing.item, row, unit.number, attempt) < row.first_pass_yield

    def _failed(self, routing: Routing, step: Step, unit: Unit, attempt: int, now: int) -> None:
        row = step.row
        self.floor.log.row(
            now, FAILED, step.place, routing.item_code, unit.order, unit.number, -1, -1, 1.0, 0.0, unit.since_s, attempt
        )
        if row.max_attempts is not None and attempt >= row.max_attempts:
            if row.then == "scrap":
                self.release(unit, step)
                routing.lose(unit)
            else:
                self._onward(routing, step, unit)
            return
        # The unit leaves its place for the rework bench, which is never short of room.
        self.release(unit, step)
        rework_s = unit.luck.rework_s(routing.item, row, unit.number, attempt)
        unit.since_s, unit.work_s = now, rework_s
        self.reworking[unit] = (routing, unit.step)
        self.floor.clock.at(now + rework_s, ENDS, self._reworked, (routing, step, unit))

    def _reworked(self, ending: tuple[Routing, Step, Unit]) -> None:
        """The unit repeats from the step that the table names."""
        routing, step, unit = ending
        now, row = self.floor.clock.now, step.row
        ends_s = self._stops.end_of(unit.since_s, unit.work_s, now)
        if ends_s > now:
            self.floor.clock.at(ends_s, ENDS, self._reworked, ending)
            return
        del self.reworking[unit]
        found = unit.attempts.pop(-row.step, 1)
        usd = found * unit.work_s / HOUR_S * step.cost_per_hour
        attempt = unit.attempts[row.step]
        self.floor.log.row(
            now,
            REWORK,
            step.place,
            routing.item_code,
            unit.order,
            unit.number,
            -1,
            -1,
            found,
            usd,
            unit.since_s,
            attempt,
        )
        back_to = row.rework_to or row.step
        unit.step = next(position for position, each in enumerate(routing.steps) if each.row.step == back_to)
        unit.repeats = True
        self.queue(routing, unit)

    def _onward(self, routing: Routing, step: Step, unit: Unit) -> None:
        if unit.step + 1 < len(routing.steps):
            self.release(unit, step)
            unit.step += 1
            self.queue(routing, unit)
            return
        if unit.defects:
            place = self.floor.log.place(f"site:{self.site}")
            self.floor.log.row(
                self.floor.clock.now, ESCAPED, place, routing.item_code, unit.order, unit.number, -1, -1, unit.defects,
                0.0, NAN, NAN,
            )  # fmt: skip
        routing.leave(unit, step)

    def _work_s(self, routing: Routing, unit: Unit) -> int:
        row = routing.steps[unit.step].row
        return unit.luck.hours_s(routing.item, row, unit.number, unit.attempts.get(row.step, 0))

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
