"""Racks that do a step together: who belongs to whom, who is there, and their common start.

A cluster is so many racks of one order, in the order in which they enter the routing with the
step still ahead of them; it is complete with the last of them, or with the last rack that its
order has to come. It starts when all are there and everything that all of them hold is free.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify
from typing import TYPE_CHECKING

from twin.simulate.clock import ENDS
from twin.simulate.units import Queue, Routing, Step, Unit, Urgency

if TYPE_CHECKING:
    from twin.simulate.routing import SiteFloor

_LAST: Urgency = (1 << 30, 0, "")

Serial = tuple[int, int, int]
"""Order, number and step."""


class Cluster:
    """Racks that do a step together; once all are there it waits for room, in the name of its `leader`."""

    __slots__ = ("arrived", "entered", "is_complete", "leader", "members", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.entered = 0
        self.is_complete = False
        # Dictionaries rather than sets, since they are read out in the order of coming.
        self.members: dict[Unit, bool] = {}
        self.arrived: dict[Unit, Urgency] = {}
        self.leader: Unit | None = None


class Together:
    """A step at a site that racks do in clusters; `more_to_come(order)` says whether racks of it are still to enter."""

    __slots__ = ("_filling", "_floor", "_more_to_come", "_of", "queue", "size", "step")

    def __init__(self, floor: SiteFloor, step: Step, more_to_come: Callable[[int], bool]) -> None:
        self._floor = floor
        self.step = step
        self.size = step.row.cluster
        self._more_to_come = more_to_come
        self._of: dict[Unit, Cluster] = {}
        self._filling: dict[int, Cluster] = {}
        self.queue = floor.layout.queue_clusters(self)
        """Where clusters wait for room."""

    def expect(self, unit: Unit) -> None:
        """A rack enters the routing with this step ahead of it. One made for no order does it alone."""
        order = unit.serves if unit.serves >= 0 else unit.order
        if order < 0:
            return
        cluster = self._filling.get(order)
        if cluster is None:
            self._floor.clusters += 1
            cluster = self._filling[order] = Cluster(self._floor.clusters)
        cluster.members[unit] = True
        cluster.entered += 1
        self._of[unit] = cluster
        if cluster.entered == self.size:
            self._complete(cluster)
        else:
            self.reconsider(order)

    def reconsider(self, order: int) -> None:
        """Has the last rack of an order entered? Then its last cluster is complete, however small."""
        cluster = self._filling.get(order)
        if cluster is not None and not self._more_to_come(order):
            self._complete(cluster)

    def number_of(self, unit: Unit) -> int:
        """The number of a rack's cluster, from 1; 0 where it does the step alone, or has begun it."""
        cluster = self._of.get(unit)
        return 0 if cluster is None else cluster.number

    def incomplete(self) -> list[int]:
        """Numbers of the clusters that wait for racks to enter."""
        return [cluster.number for cluster in self._filling.values()]

    def arrive(self, unit: Unit, urgency: Urgency) -> bool:
        """A rack has come to the step; False where it does it alone."""
        cluster = self._of.get(unit)
        if cluster is None:
            return False
        cluster.arrived[unit] = urgency
        self._floor.gathering[unit] = self
        if not cluster.is_complete and self._is_scheduled(cluster):
            self._complete(cluster)
        else:
            self._line_up(cluster)
        return True

    def leave(self, unit: Unit) -> None:
        """A rack that has come waits here no longer, but will come again."""
        cluster = self._of[unit]
        self._out_of_line(cluster)
        del cluster.arrived[unit]
        del self._floor.gathering[unit]

    def drop(self, unit: Unit) -> None:
        """A rack is scrapped: the others do not wait for it."""
        cluster = self._of.get(unit)
        if cluster is None:
            return
        if unit in cluster.arrived:
            self.leave(unit)
        del self._of[unit]
        del cluster.members[unit]
        self._out_of_line(cluster)
        self._line_up(cluster)

    def start(self, leader: Unit, now: int) -> None:
        """All racks of a cluster begin; they end together, with the one that takes longest."""
        cluster, floor, queue = self._of[leader], self._floor, self.step.queue
        units = list(cluster.arrived)
        self.aim()
        work_s = max(unit.work_s for unit in units)
        factor = leader.routing.conditions.lead_time
        if factor is not None:
            work_s = round(work_s * factor.at(now))
        ends_s = max([_seize(queue, unit, now, work_s) for unit in units])
        self._dissolve(cluster)
        for unit in units:
            unit.since_s, unit.work_s = now, ends_s - now
            if unit.must_start_s >= 0:
                unit.limit.end(unit)
            floor.busy[unit] = True
            floor.clock.at(ends_s, ENDS, floor.ending, unit)
        # Others may have been held back for it.
        floor.dispatch_later()

    def _complete(self, cluster: Cluster) -> None:
        cluster.is_complete = True
        self._filling = {order: other for order, other in self._filling.items() if other is not cluster}
        self._line_up(cluster)

    def _is_scheduled(self, cluster: Cluster) -> bool:
        """Does the schedule have just these racks start together?

        It knows which racks their order has to come, and does not wait to see the last of them.
        """
        number = self.step.number
        found = {self._floor.scheduled_clusters.get((unit.order, unit.number, number)) for unit in cluster.members}
        first = found.pop()
        return first is not None and not found and first[1] == len(cluster.members)

    def _line_up(self, cluster: Cluster) -> None:
        """Once all are there they wait for room together; a rack that is left alone does so alone."""
        count = len(cluster.members)
        if not cluster.is_complete or not count or len(cluster.arrived) < count:
            return
        urgency, leader = min(cluster.arrived.values()), next(iter(cluster.arrived))
        if count == 1:
            self._dissolve(cluster)
            self._floor.line_up(self.step.queue, leader, urgency)
            return
        cluster.leader = leader
        if not self.queue.waiting or urgency < self.queue.waiting[0][0]:
            self._aim_at(cluster)
        self._floor.line_up(self.queue, leader, urgency)

    def aim(self) -> None:
        """The first cluster in line is the next to start: what it needs has to be free."""
        if self.queue.waiting:
            self._aim_at(self._of[self.queue.waiting[0][2]])

    def _aim_at(self, cluster: Cluster) -> None:
        count = len(cluster.members)
        self.queue.members = count
        self.queue.holds = [(pool, amount * count) for pool, amount in self.step.queue.holds]

    def _out_of_line(self, cluster: Cluster) -> None:
        if cluster.leader is not None:
            self.queue.waiting = [entry for entry in self.queue.waiting if entry[2] is not cluster.leader]
            heapify(self.queue.waiting)
            cluster.leader = None
            self.aim()

    def _dissolve(self, cluster: Cluster) -> None:
        for unit in cluster.members:
            del self._of[unit]
            del self._floor.gathering[unit]


def form_clusters(routing: Routing, more_to_come: Callable[[int], bool]) -> None:
    """Have units of a routing do its steps together where the table says so.

    `more_to_come(order)` says whether units of an order are still to enter.
    """
    for step in routing.steps:
        if step.row.cluster > 1:
            step.together = Together(routing.floor_site, step, more_to_come)
            routing.together.append(step.together)


def _seize(queue: Queue, unit: Unit, now: int, work_s: int) -> int:
    """A rack takes what its step needs; gives when its work would end."""
    open_time = queue.open_time
    ends_s = now + work_s if open_time is None else open_time.end_of(now, work_s)
    for pool, amount in queue.holds:
        pool.hold(now, amount)
    return queue.take_places(unit.held_places, now, work_s) if queue.fragile else ends_s


def is_held_back(queue: Queue, now: int) -> bool:
    """Does a cluster that is more urgent, or as urgent and short of room, wait for what others would take here?

    Or are there as many already as may wait behind its step? Of clusters
    only one that would fit if all were given back, and whose hours are open. Without this a
    cluster that needs much at once might wait for ever.
    """
    if queue.limit is not None and not queue.limit.has_room():
        return True
    # Who waits for any of several modes stands in another queue.
    urgency = queue.waiting[0][0] if queue.waiting else _LAST
    for joint in queue.held_back_by:
        if not joint.waiting or joint.waiting[0][0] > urgency or joint.opens_s > now:
            continue
        fits = all(amount <= pool.limit for pool, amount in joint.holds)
        is_short = any(pool.held + amount > pool.limit for pool, amount in joint.holds)
        if fits and (is_short or joint.waiting[0][0] < urgency):
            return True
    return False
