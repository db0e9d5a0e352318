"""A site's routing floor: racks, one by one, through steps that seize resources together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import heapify, heappop, heappush
from itertools import chain
from typing import Final

from twin.disrupt.record import Availability
from twin.events.record import EVENTS
from twin.model.rows_make import Resource, RoutingResource, RoutingStep
from twin.model.units import HOUR_S
from twin.network.record import StepMode
from twin.simulate.clock import CHANGES, ENDS, STARTS
from twin.simulate.clusters import Serial, Together, is_held_back
from twin.simulate.fates import finish, lose_share, reworked, write
from twin.simulate.gates import NEVER_S
from twin.simulate.layout import FloorLayout
from twin.simulate.lots import Floor
from twin.simulate.making import Conditions
from twin.simulate.modes import bind, enter_mode, free_modes, take_mode
from twin.simulate.pools import Pool
from twin.simulate.quality import passes
from twin.simulate.units import Queue, Routing, Step, Unit, Urgency

STEP: Final = EVENTS.index("step")
FAILED: Final = EVENTS.index("failed")


class SiteFloor:
    """All routings of a site, sharing its resources; downstream steps are served first.

    Racks pass here more than a million times a year: what each pass does is written out
    rather than divided up further.
    """

    __slots__ = (
        "_in_modes",
        "_log",
        "_openings",
        "_serial",
        "_slows",
        "_woken",
        "busy",
        "clock",
        "clusters",
        "ending",
        "floor",
        "gathering",
        "last_start_s",
        "layout",
        "pending",
        "pools",
        "queues",
        "reworking",
        "routings",
        "scheduled",
        "scheduled_clusters",
        "site",
    )  # fmt: skip

    def __init__(
        self, floor: Floor, site: str, available: Availability, rows: dict[str, Resource], until_s: int
    ) -> None:
        self.floor, self.clock, self.site = floor, floor.clock, site
        self._log = floor.log
        self._slows = False
        self.layout = FloorLayout(floor, site, available, rows, until_s, self._changed)
        self.pools, self.queues = self.layout.pools, self.layout.queues
        self.routings: dict[tuple[str, str, str], Routing] = {}
        # Dictionaries rather than sets, since they are read out in the order of coming.
        self.busy: dict[Unit, bool] = {}
        self.reworking: dict[Unit, bool] = {}
        self.pending: dict[Unit, int] = {}
        self.gathering: dict[Unit, Together] = {}  # units of clusters that have come and not begun
        self.clusters = 0
        self.scheduled: dict[Serial, int] = {}
        self.scheduled_clusters: dict[Serial, tuple[int, int]] = {}
        self._in_modes: dict[Serial, str] = {}
        self.last_start_s = -1
        self._serial = 0
        self._woken = False
        self.ending: Callable[[Unit], None] = self.end  # made once: a year's racks end a million steps
        self._openings: set[int] = set()
        if site in available.site_frozen:
            for time_s in available.site_frozen[site].times_s.tolist():
                if 0 <= time_s < until_s:
                    floor.clock.at(time_s, CHANGES, self._changed, None)

    def add_routing(
        self,
        key: tuple[str, str, str],
        rows: Sequence[RoutingStep],
        seizes: dict[int, tuple[RoutingResource, ...]],
        modes: dict[int, tuple[StepMode, ...]],
        costs: dict[str, float],
        conditions: Conditions,
        leave: Callable[[Unit, Step], None],
        lose: Callable[[Unit], None],
    ) -> Routing:
        """Compile the steps of a process at this site; `costs` is USD per hour held, by resource."""
        steps = self.layout.steps_of(rows, seizes, modes, costs, conditions)
        routing = Routing(self, key, self.floor.log.item(key[2]), rows, steps, conditions, leave, lose)
        self.routings[key] = routing
        self._slows = self._slows or conditions.lead_time is not None
        for loss in conditions.losses:
            if loss.at_s >= 0:
                self.clock.at(loss.at_s, CHANGES, lose_share, (routing, loss))
        return routing

    def join(self, unit: Unit, step: Step, remaining_s: int | None = None) -> None:
        """A unit comes to a step and waits for it, from its scheduled start on where it has one."""
        now = self.clock.now
        unit.at, unit.since_s = step, now
        if remaining_s is not None:
            unit.work_s = remaining_s
        elif unit.repeats and (attempts := unit.attempts.get(step.number, 0)):
            unit.work_s = unit.luck.again_s(unit.routing.item, step.row, unit.number, attempts)
            if unit.pace:
                unit.work_s = round(unit.work_s * unit.pace[step.position])
        else:
            unit.work_s = unit.hours_s[step.position]
        if unit.kept_mode and step.modes is not None and step.row.keeps_mode:
            step = enter_mode(unit, step.modes, unit.kept_mode)
        if now <= self.last_start_s and not unit.repeats:
            starts_s = self.scheduled.get((unit.order, unit.number, step.number), -1)
            if starts_s >= 0 and step.modes is not None:
                step = enter_mode(unit, step.modes, self._in_modes[unit.order, unit.number, step.number])
            if starts_s > now:
                self.pending[unit] = starts_s
                self.clock.at(starts_s, STARTS, self._join_scheduled, (unit, (0, starts_s, "")))
                return
            if starts_s >= 0:
                self._wait(step.queue, unit, (0, starts_s, ""))
                return
        self._wait(step.queue, unit, unit.urgency)

    def follow(
        self, scheduled: dict[Serial, int], in_modes: dict[Serial, str], clusters: dict[Serial, tuple[int, int]]
    ) -> None:
        """Take a new schedule: who waits, waits for its new start. It holds until its last start.

        `in_modes` are the modes of the scheduled steps that have a choice, `clusters` those that are done together.
        """
        self.scheduled, self._in_modes, self.scheduled_clusters = scheduled, in_modes, clusters
        self.last_start_s = max(scheduled.values(), default=-1)
        waiting = [*self.pending, *self.gathering]
        for unit, together in list(self.gathering.items()):
            together.leave(unit)
        for queue in self.queues:
            waiting += [unit for _, _, unit in sorted(queue.waiting, key=lambda entry: entry[:2])]
            queue.waiting.clear()
        self.pending.clear()
        for unit in waiting:
            step = unit.at
            if step.any_mode is not None and unit.begun_in is not step:
                step = step.any_mode
            self.join(unit, step, unit.work_s)

    def release(self, unit: Unit, step: Step) -> None:
        """Give back what a step held, and let others start."""
        self._give_back(unit, step.queue, self.clock.now)
        self._let_start(step.queue.rivals)

    def dispatch_soon(self) -> None:
        """Start what can start, at the end of this instant."""
        self._let_start(self.queues)

    def dispatch_later(self) -> None:
        """Look again at all that waits, when this is done with."""
        if not self._woken:
            self._woken = True
            self.clock.at(self.clock.now, STARTS, self._dispatch, None)

    def units_inside(self) -> Iterator[tuple[Unit, Routing, int, bool]]:
        """Units with their routing, the work left of their step, and whether it is under way."""
        now = self.clock.now
        for unit in self.busy:
            yield unit, unit.routing, self._left_s(unit, now), True
        for unit in [*self.reworking, *self.pending, *self.gathering]:
            yield unit, unit.routing, unit.work_s, False
        for queue in (queue for queue in self.queues if queue.leads is None):
            for _, _, unit in sorted(queue.waiting, key=lambda entry: entry[:2]):
                yield unit, unit.routing, unit.work_s, False

    def _left_s(self, unit: Unit, now: int) -> int:
        """Work left of the step that a unit is at: of an attended one in open seconds, as it goes on in these alone."""
        open_time = unit.at.queue.open_time
        end_s = unit.routing.conditions.stops.end_of(unit.since_s, unit.work_s, now, open_time)
        left_s = end_s - now if open_time is None else open_time.until(end_s) - open_time.until(now)
        return max(0, left_s)

    def count_inside(self) -> dict[tuple[str, str, str], int]:
        """Units on the floor, by process."""
        counts = dict.fromkeys(self.routings, 0)
        queued = (entry[2] for queue in self.queues if queue.leads is None for entry in queue.waiting)
        for unit in chain(self.busy, self.reworking, self.pending, self.gathering, queued):
            counts[unit.routing.key] += 1
        return counts

    def _wait(self, queue: Queue, unit: Unit, urgency: Urgency) -> None:
        """A unit that finds nobody before it, and may start, does not queue: the usual case by far."""
        if unit.must_start_s >= 0:
            urgency = (-1, unit.must_start_s, "")
        if queue.gathers and (together := unit.at.together) is not None and together.arrive(unit, urgency):
            return
        now = self.clock.now
        if (
            not queue.waiting
            and not queue.held_back_by
            and not self._woken
            and self.clock.next_s > now
            and self.can_start(queue, now)
        ):
            self._start(queue, unit, now)
            return
        self.line_up(queue, unit, urgency)

    def line_up(self, queue: Queue, unit: Unit, urgency: Urgency) -> None:
        """A unit, or one that stands for its cluster, takes its place in a queue."""
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
        if clock.next_s > clock.now:
            self._start_from(queues)
        else:
            self._woken = True
            clock.at(clock.now, STARTS, self._dispatch, None)

    def _dispatch(self, _payload: object) -> None:
        self._woken = False
        self._start_from(self.queues)

    def _start_from(self, queues: Sequence[Queue]) -> None:
        now = self.clock.now
        for queue in queues:
            while queue.waiting and self.can_start(queue, now):
                unit = heappop(queue.waiting)[2]
                if queue.leads is None:
                    self._start(queue, unit, now)
                else:
                    queue.leads.start(unit, now)

    def can_start(self, queue: Queue, now: int) -> bool:
        """Can the next unit of a queue start now? If only its hours are shut, a try at their opening is arranged."""
        if queue.options is not None:
            return len(free_modes(self, queue, queue.options, now)) > 0
        if now < queue.opens_s:
            return False
        for pool, amount in queue.holds:
            if pool.held + amount > pool.limit:
                return False
        for units, count in queue.fragile:
            if units.count_up() < count * queue.members:
                return False
        if (queue.held_back_by and is_held_back(queue, now)) or (
            queue.limit is not None and not queue.limit.has_room()
        ):
            return False
        open_time = queue.open_time
        if open_time is None or open_time.opens_s <= now < open_time.closes_s:
            return True
        return self._opens(queue, open_time.next_open(now), now)

    def _opens(self, queue: Queue, opens_s: int, now: int) -> bool:
        """Is a queue's calendar open? If not, a try at its next opening is arranged."""
        if opens_s > now:
            queue.opens_s = opens_s
            if opens_s not in self._openings and opens_s < NEVER_S:
                self._openings.add(opens_s)
                self.clock.at(opens_s, STARTS, self._dispatch, None)
        return opens_s <= now

    def _start(self, queue: Queue, unit: Unit, now: int) -> None:
        if queue.options is not None:
            queue = take_mode(self, queue, queue.options, unit, now)
        step = unit.at
        if step.mode and step.row.keeps_mode and not unit.kept_mode:
            bind(self, unit, step)
        work_s, open_time = unit.work_s, queue.open_time
        if unit.factor != 1.0:
            work_s = round(work_s * unit.factor)
            unit.factor = 1.0
        if self._slows and (factor := unit.routing.conditions.lead_time) is not None:
            work_s = round(work_s * factor.at(now))
        end_s = now + work_s if open_time is None else open_time.end_of(now, work_s)
        for pool, amount in queue.holds:
            hours = pool.hours
            pool.held += amount
            pool.booked -= amount * (now if hours is None else hours.until(now))
        if queue.fragile:
            end_s = queue.take_places(unit.held_places, now, work_s)
        unit.since_s = now
        unit.work_s = end_s - now
        if unit.must_start_s >= 0:
            unit.limit.end(unit)
        self.busy[unit] = True
        self.clock.at(end_s, ENDS, self.ending, unit)

    def _give_back(self, unit: Unit, queue: Queue, now: int) -> None:
        if unit.held_places:
            for units, place in unit.held_places:
                units.give_back(place)
            unit.held_places.clear()
        for pool, amount in queue.holds:
            hours = pool.hours
            pool.held -= amount
            pool.booked += amount * (now if hours is None else hours.until(now))

    def end(self, unit: Unit) -> None:
        """The work of a unit's step ends, unless the floor stood still meanwhile."""
        now, step = self.clock.now, unit.at
        if step.stops is not None:
            ends_s = step.stops.end_of(unit.since_s, unit.work_s, now, step.queue.open_time)
            if ends_s > now:
                self.clock.at(ends_s, ENDS, self.ending, unit)
                return
        if not self.busy.pop(unit, False):
            return
        attempt, routing = 1, unit.routing
        if unit.repeats:
            attempt = unit.attempts[step.number] = unit.attempts.get(step.number, 0) + 1
        self._log.row(
            now, STEP, step.place, routing.item_code, unit.order, unit.number, -1, -1, 1.0,
            unit.work_s / HOUR_S * step.cost_per_hour, unit.since_s, attempt,
        )  # fmt: skip
        if step.tested and not passes(self, step, unit, attempt):
            self._failed(routing, step, unit, attempt)
        else:
            self._onward(step, unit, now)

    def _onward(self, step: Step, unit: Unit, now: int) -> None:
        """To the next step, and let those start who waited for what this one held."""
        following, queue = step.following, step.queue
        if following is None:
            finish(self, step, unit)
            return
        self._give_back(unit, queue, now)
        if step.limit is not None:
            step.limit.begin(unit, now)
        self.join(unit, following)
        for rival in queue.rivals:
            if rival.waiting:
                self._let_start(queue.rivals)
                return

    def _failed(self, routing: Routing, step: Step, unit: Unit, attempt: int) -> None:
        """To the rework bench, which is never short of room; or out, after the last attempt."""
        now, row = self.clock.now, step.row
        write(self, FAILED, step, unit, 1, 0.0, attempt)
        if row.max_attempts is not None and attempt >= row.max_attempts:
            if row.then == "pass":
                self._onward(step, unit, now)
            else:
                self.release(unit, step)
                routing.drop(unit)
            return
        self._give_back(unit, step.queue, now)
        unit.since_s, unit.work_s = now, unit.luck.rework_s(routing.item, row, unit.number, attempt)
        self.reworking[unit] = True
        self.clock.at(now + unit.work_s, ENDS, reworked, unit)
        self._let_start(step.queue.rivals)

    def take_out(self, unit: Unit) -> None:
        """Out of work, rework, or its queue; what was to happen to the unit then finds it gone."""
        queue = unit.at.queue
        if unit.must_start_s >= 0:
            unit.limit.end(unit)
        if self.busy.pop(unit, False):
            self._give_back(unit, queue, self.clock.now)
        elif unit in self.gathering:
            self.gathering[unit].leave(unit)
        elif not self.reworking.pop(unit, False) and not self.pending.pop(unit, False):
            queue.waiting = [entry for entry in queue.waiting if entry[2] is not unit]
            heapify(queue.waiting)

    def _changed(self, pool: Pool | None) -> None:
        """A capacity has changed, or a place works again."""
        if pool is not None:
            pool.change(self.clock.now)
        self.dispatch_soon()
