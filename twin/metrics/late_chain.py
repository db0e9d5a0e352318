"""The chain of causes of one late order: from its promise back along the critical way to the root.

Delay is the last acceptance minus the due date. It is split without rest:

    delay = (first promise - due) + what new plans moved the promise by
          + sum over the last rack's way of (actual - planned)
          + (its release - the release that the promise needs)

and the last term in turn, hop by hop up the supply: a start waited for the material that
came at that very moment, whose shipment left late, for a lot that was started late, and so
on. At each hop: late = overrun of the way + lateness of its beginning + what the plan's own
stock and safety between the two took up (negative) or lacked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from twin.metrics.late_log import AtSite, LateLog
from twin.metrics.late_rows import Acceptance, Arrival, Attempt, Departure, LateLine
from twin.metrics.late_world import LateWorld, NewPlan, plain, span
from twin.model.units import HOUR_S
from twin.network.record import ProcessKey

SMALL_S = HOUR_S
"""Shorter links are told together."""
DEEPEST = 40
"""Hops; no supply is so deep, and a chain that were must end."""


class Link(NamedTuple):
    """A part of a delay in seconds: what, where, why, and of which kind."""

    seconds: float
    what: str
    where: str
    because: str
    cause: str


def chain(log: LateLog, world: LateWorld, line: LateLine) -> list[Link]:
    """The links of a late order; their seconds add up to its delay (to the end of the log if it is not complete)."""
    return told_together([link for link in _Trace(log, world, line).links() if link.seconds])


def delay_s(log: LateLog, line: LateLine) -> float:
    """From the due date to the last acceptance, or to the end of the log."""
    return (log.log.horizon_s if line.accepted is None else line.accepted.time_s) - line.due_s


def told_together(links: list[Link]) -> list[Link]:
    """Links of less than an hour as one, at the end."""
    small = sum(link.seconds for link in links if abs(link.seconds) < SMALL_S)
    told = [link for link in links if abs(link.seconds) >= SMALL_S]
    if small:
        told.append(Link(small, "small differences", "", "each less than an hour", "small"))
    return told


def _ahead(racks: int) -> str:
    return "" if not racks else f"{racks} {'rack was' if racks == 1 else 'racks were'} ahead of it"


class _Trace:
    """One order's way back through log and world."""

    def __init__(self, log: LateLog, world: LateWorld, line: LateLine) -> None:
        self._log, self._world, self._line = log, world, line
        self._order = log.log.orders[line.code]
        self._site = line.place.removeprefix("site:")

    def links(self) -> Iterator[Link]:
        """Every link, from the promise on."""
        line, world = self._line, self._world
        end_s = float(self._log.log.horizon_s)
        first_s = end_s if np.isnan(line.promised_s) else line.promised_s
        because = f"held back by {world.held_by}" if world.held_by else "the first plan completes it then"
        yield Link(first_s - line.due_s, "promised later than it is due" if first_s >= line.due_s
                   else "promised before it is due", self._site, because, "plan")  # fmt: skip
        last = line.accepted
        left = None if last is None else self._log.rack_shipment(last.rack)
        start = None if last is None or left is None else self._log.start_of_rack((self._origin(left), last.rack))
        decided_s = end_s if last is None else last.time_s if start is None else start.time_s
        promise_s = first_s
        for plan in world.plans:
            if plan.at_s <= decided_s and self._order in plan.promises:
                renewed = plan.promises[self._order]
                renewed_s = end_s if renewed is None else float(renewed)
                yield self._new_plan(renewed_s - promise_s, plan)
                promise_s = renewed_s
        if last is None:
            yield self._unfinished(end_s - promise_s)
        elif np.isnan(last.docked_s):
            yield from self._material(self._site, line.item, [line.item], last.time_s, promise_s, 0)
        else:
            yield from self._rack(last, left, promise_s)

    def _new_plan(self, seconds: float, plan: NewPlan) -> Link:
        known = self._world.known_at(plan.at_s)
        because = f"planned anew, knowing of {known}" if known else "planned anew"
        because += f"; held back by {plan.held_by}" if seconds > 0 and plan.held_by else ""
        return Link(seconds, "a new plan promised it " + ("later" if seconds >= 0 else "earlier"), self._site, because,
                    "new_plan")  # fmt: skip

    def _unfinished(self, seconds: float) -> Link:
        because = f"{self._line.missing} of {self._line.quantity} racks are missing at the end of the run"
        return Link(seconds, "not complete at the end of the run", self._site, because, "end")

    def _rack(self, last: Acceptance, left: Departure | None, promise_s: float) -> Iterator[Link]:
        """The last rack's way back, from its acceptance to its release, and why it was released so late."""
        world, item, docked_s, here = self._world, self._line.item, last.docked_s, (self._site, last.rack)
        installing = world.process_of(self._site, item)
        start = self._log.start_of_rack(here)
        begun_s = docked_s if start is None else start.time_s
        planned_s = world.planned_process_s(installing, begun_s)
        yield from self._floor(here, item, begun_s, last.time_s, planned_s)
        yield self._dock(begun_s, docked_s)
        needed_s = promise_s - planned_s
        if left is None:
            yield self._day_one(docked_s - needed_s, self._site, "the rack was on its way on day one")
            return
        origin, rack = self._origin(left), left.item
        planned_s = world.planned_lane_s(left.lane, left.time_s)
        yield self._transit(docked_s - left.time_s - planned_s, left.lane, left.time_s, docked_s)
        needed_s -= planned_s
        yield self._shipping(left, origin, rack)
        finished_s = left.wanted_s
        making, made = world.process_of(origin, rack), (origin, last.rack)
        release = self._log.start_of_rack(made)
        if release is None:
            yield self._day_one(finished_s - needed_s, origin, "the rack was on the floor on day one")
            return
        planned_s = world.planned_process_s(making, release.time_s)
        yield from self._floor(made, rack, release.time_s, finished_s, planned_s)
        needed_s -= planned_s
        yield from self._release(making, release.time_s, release.wanted_s, needed_s)

    def _release(self, making: ProcessKey, time_s: float, wanted_s: float, needed_s: float) -> Iterator[Link]:
        """Released later than the promise needs: wanted later by the plan, then late against the plan."""
        if np.isnan(wanted_s):
            wanted_s = needed_s
        turn = wanted_s - needed_s
        because = (
            "racks made before it went to orders ahead of it"
            if turn > 0
            else "the plan wanted it before the promise needs"
        )
        yield Link(turn, "its turn among the racks of the plan", making[1], because, "service")
        _, site, item = making
        inputs = [name for name, _ in self._world.network.inputs.get(item, ())]
        yield from self._material(site, item, inputs, time_s, wanted_s, 0, making)

    def _material(
        self, site: str, item: str, inputs: list[str], time_s: float, wanted_s: float, depth: int,
        making: ProcessKey | None = None,
    ) -> Iterator[Link]:  # fmt: skip
        """Why something began later than wanted: for material, hop by hop, or for a limit of its own."""
        late_s = time_s - wanted_s
        if late_s <= 0 or depth > DEEPEST:
            yield Link(late_s, "began ahead of the plan", site, f"{plain(item)} was there", "slack")
            return
        name, arrival = self._arrived(site, inputs, time_s)
        if arrival is None:
            yield self._own_limit(site, item, late_s, wanted_s, time_s, making)
        elif arrival.place.startswith("lane:"):
            yield from self._shipped(site, name, arrival, time_s, wanted_s, depth)
        else:
            yield from self._made(site, name, arrival, time_s, wanted_s, depth)

    def _arrived(self, site: str, inputs: list[str], time_s: float) -> tuple[str, Arrival | None]:
        for name in inputs:
            found = self._log.arrivals_at(site, name, time_s)
            if found:
                return name, found[-1]
        return "", None

    def _shipped(
        self, site: str, item: str, arrival: Arrival, time_s: float, wanted_s: float, depth: int
    ) -> Iterator[Link]:
        """A shipment ended the wait: its way, then its departure."""
        lane, left = arrival.place.removeprefix("lane:"), self._log.shipment(arrival.lot)
        what = f"waited for {plain(item)}"
        if left is None:
            yield Link(time_s - wanted_s, what, site, "its shipment was on its way on day one", "day_one")
            return
        planned_s = self._world.planned_lane_s(lane, left.time_s)
        left_wanted_s = left.time_s if np.isnan(left.wanted_s) else left.wanted_s
        origin = self._world.network.lanes[lane].origin
        yield self._transit(time_s - left.time_s - planned_s, lane, left.time_s, time_s)
        yield self._slack(left_wanted_s + planned_s - wanted_s, item, site, arrival, left_wanted_s, wanted_s)
        yield from self._material(origin, item, [item], left.time_s, left_wanted_s, depth + 1)

    def _made(
        self, site: str, item: str, arrival: Arrival, time_s: float, wanted_s: float, depth: int
    ) -> Iterator[Link]:
        """A lot ended the wait: its cycle, then its start."""
        process = arrival.place.removeprefix("process:").partition("@")[0]
        key, lot = (process, site, item), arrival.lot
        start = self._log.start_of_lot(lot) if lot >= 0 else None
        if start is None:
            yield Link(time_s - wanted_s, f"waited for {plain(item)}", site, "it was in process on day one", "day_one")
            return
        begun_wanted_s = start.time_s if np.isnan(start.wanted_s) else start.wanted_s
        planned_s = self._world.planned_process_s(key, start.time_s)
        over_s = time_s - start.time_s - planned_s
        hit = self._world.disrupted(start.time_s, time_s, process=key)
        because = (
            f"lot {lot} stood still in {hit}" if hit and over_s > 0 else f"lot {lot} took {span(time_s - start.time_s)}"
        )
        yield Link(over_s, f"{plain(process)} took " + ("longer" if over_s >= 0 else "less"), site, because,
                   "disruption" if hit and over_s > 0 else "work")  # fmt: skip
        yield self._slack(begun_wanted_s + planned_s - wanted_s, item, site, arrival, begun_wanted_s, wanted_s)
        inputs = [name for name, _ in self._world.network.inputs.get(item, ())]
        yield from self._material(site, item, inputs, start.time_s, begun_wanted_s, depth + 1, key)

    def _own_limit(
        self, site: str, item: str, late_s: float, wanted_s: float, time_s: float, making: ProcessKey | None
    ) -> Link:
        """Nothing came at that moment: what started was held by its own rate, hours or a disruption."""
        hit = self._world.disrupted(wanted_s, time_s, process=making, site=site, item=item)
        if making is None:
            what, because = f"{plain(item)} waited to leave", "for the next departure or room on the lane"
        else:
            what, because = f"{plain(making[0])} could not start", self._world.limit_words(making, time_s)
        return Link(late_s, what, site, hit or because, "disruption" if hit else "limit")

    def _slack(self, seconds: float, item: str, site: str, arrival: Arrival, before_s: float, wanted_s: float) -> Link:
        """What lay between two wishes of the plan: stock and safety, or too little of them."""
        if seconds <= 0:
            return Link(
                seconds, f"stock and safety of {plain(item)} took up", site, "planned to be there earlier", "slack"
            )
        return Link(seconds, f"waited for {plain(item)}", site, self._shortage(arrival, before_s, wanted_s), "material")

    def _shortage(self, arrival: Arrival, before_s: float, wanted_s: float) -> str:
        """Why there was less of it than the plan counted on."""
        since_s = min(before_s, wanted_s) - 4 * 7 * 24 * HOUR_S
        place = self._source(arrival)
        lost, lot = self._log.scrapped_between(place, since_s, arrival.since_s)
        anew = [
            plan.at_s for plan in self._world.plans if before_s <= plan.at_s <= wanted_s + 1 or before_s == plan.at_s
        ]
        process = place.removeprefix("process:")
        key = (*process.split("@"), "") if "@" in process else ("", "", "")
        hit = self._world.disrupted(since_s, arrival.since_s, process=(key[0], key[1], key[2]))
        if lot >= 0 and lost:
            words = f"{lost:.0f} units were scrapped at {plain(process.replace('@', ' at '))}, most of lot {lot}"
            return f"{words}, in {hit}" if hit else words
        return "what was missing when the plan was made anew" if anew else "less was there than the plan counts on"

    def _source(self, arrival: Arrival) -> str:
        """The process that made what arrived, where one alone can have."""
        if arrival.place.startswith("process:"):
            return arrival.place
        lane = self._world.network.lanes[arrival.place.removeprefix("lane:")]
        makers = [key for keys in self._world.network.made_at.values() for key in keys if key[1] == lane.origin]
        return f"process:{makers[0][0]}@{lane.origin}" if len(makers) == 1 else ""

    def _transit(self, seconds: float, lane: str, left_s: float, there_s: float) -> Link:
        hit = self._world.disrupted(left_s, there_s, lane=lane) if seconds > 0 else ""
        because = hit or f"{span(there_s - left_s)} on the way"
        return Link(seconds, "transit took " + ("longer" if seconds >= 0 else "less"), lane, because,
                    "disruption" if hit else "transit")  # fmt: skip

    def _shipping(self, left: Departure, origin: str, rack: str) -> Link:
        """From the end of the last step to the departure."""
        world, seconds = self._world, left.time_s - left.wanted_s
        hit = world.disrupted(left.wanted_s, left.time_s, lane=left.lane, site=origin, item=rack) if seconds else ""
        every = world.network.lanes[left.lane].departs_every_days
        because = f"departures every {every:g} days" if every else "no room on the lane, or no place to ship to"
        return Link(seconds, "finished, waited to ship", origin, hit or because, "disruption" if hit else "shipping")

    def _dock(self, begun_s: float, docked_s: float) -> Link:
        ready = self._world.readiness_words(self._site, begun_s)
        because = f"{ready} came then" if ready else "no power, position or cooling was free for it"
        return Link(begun_s - docked_s, "waited at the dock", self._site, because, "dock")

    def _day_one(self, seconds: float, site: str, because: str) -> Link:
        what = "later than the promise needs" if seconds >= 0 else "earlier than the promise needs"
        return Link(seconds, what, site, because, "day_one")

    def _floor(self, here: AtSite, item: str, begun_s: float, end_s: float, planned_s: float) -> Iterator[Link]:
        """A rack's way through a routing: waits, rework and longer work, less what the plan allows for them."""
        site, mean_s, told_s = here[0], 0.0, 0.0
        steps = self._world.steps(site, item)
        attempts = self._log.attempts(here)
        over_s = rework_s = closed_s = 0.0
        for each in attempts:
            row = steps.get(each.name)
            wait_s, work_s = each.began_s - each.came_s, each.ended_s - each.began_s
            told_s += wait_s + work_s + each.rework_s
            if each.number == 1 and row is not None:
                pause_s = self._world.closed_s(
                    site, self._world.held(site, item, each.name), each.began_s, each.ended_s
                )
                closed_s += pause_s
                mean_s += row.hours.mean * HOUR_S
                over_s += work_s - pause_s - row.hours.mean * HOUR_S
            else:
                rework_s += work_s
            rework_s += each.rework_s
            yield self._wait(site, item, each, wait_s)
        again = sorted({each.name for each in attempts if each.number > 1 or each.rework_s})
        yield Link(rework_s, "rework and repeated work", site, f"at {', '.join(again)}", "rework")
        yield Link(closed_s, "work stood still", site, "outside working hours", "wait")
        yield Link(over_s, "steps took " + ("longer" if over_s >= 0 else "less"), site, "than their mean hours", "work")
        rest_s = end_s - begun_s - told_s
        yield Link(rest_s, "kept on the floor", site, "work begun before day one, or no place to move to", "work")
        yield Link(mean_s - planned_s, "the plan allows for waits, pauses and rework", site,
                   f"it reckons with {span(planned_s)} for {span(mean_s)} of work", "slack")  # fmt: skip

    def _wait(self, site: str, item: str, attempt: Attempt, seconds: float) -> Link:
        """A wait for a step: for what came free at its start, or for working time."""
        began_s = attempt.began_s
        if seconds < SMALL_S:
            return Link(seconds, f"waited for {attempt.name}", site, "", "wait")
        needs = self._world.held(site, item, attempt.name)
        given = self._world.freed(site, self._log.ended_at(site, began_s))
        scarce = [need.resource for need in needs if need.resource in given]
        ahead = self._log.begun_between(f"step:{site}/{attempt.name}", attempt.came_s, began_s)
        hit = self._world.disrupted(attempt.came_s, began_s, process=self._world.process_of(site, item))
        what = f"waited for {attempt.name}"
        if hit:
            return Link(seconds, what, site, hit, "disruption")
        if scarce:
            names = " and ".join(plain(name) for name in scarce)
            return Link(seconds, f"{what}: {names}", site, _ahead(ahead) or "they were in use", "wait")
        if any(self._world.hours_opened(site, need.resource, began_s) for need in needs if need.attended):
            return Link(seconds, f"{what}: working hours", site, "its crew was not at work", "wait")
        return Link(seconds, what, site, "; ".join(filter(None, ("its turn in the schedule", _ahead(ahead)))), "wait")

    def _origin(self, left: Departure) -> str:
        return self._world.network.lanes[left.lane].origin
