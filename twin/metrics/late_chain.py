"""The chain of causes of one late order: from its promise back along the critical way to the root.

Delay is the last acceptance minus the due date. It is split without rest:

    delay = (what the first plan completes it at - due) + what new plans moved that by
          + sum over the last rack's way of (actual - planned)
          + (its release - the release that the promise needs)

and the last term in turn, hop by hop up the supply: a start waited for the material that
came at that very moment, whose shipment left late, for a lot that was started late, and so
on. At each hop: late = overrun of the way + lateness of its beginning + what the plan's own
stock and safety between the two took up (negative) or lacked.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from twin.metrics.late_end import missing_words
from twin.metrics.late_floor import FloorWay
from twin.metrics.late_link import Link, reasons, told_together
from twin.metrics.late_log import AtSite, LateLog
from twin.metrics.late_rows import Acceptance, Departure, LateLine, Start
from twin.metrics.late_supply import Supply
from twin.metrics.late_world import LateWorld, NewPlan, plain, versus
from twin.network.record import ProcessKey


def chain(log: LateLog, world: LateWorld, line: LateLine) -> list[Link]:
    """The links of a late order; their seconds add up to its delay (to the end of the log if it is not complete)."""
    return told_together([link for link in _Trace(log, world, line).links() if link.seconds])


def delay_s(log: LateLog, line: LateLine) -> float:
    """From the due date to the last acceptance, or to the end of the log."""
    return (log.log.horizon_s if line.accepted is None else line.accepted.time_s) - line.due_s


class _Trace:
    """One order's way back through log and world."""

    def __init__(self, log: LateLog, world: LateWorld, line: LateLine) -> None:
        self._log, self._world, self._line = log, world, line
        self._order = log.log.orders[line.code]
        self._site = line.place.removeprefix("site:")
        self._floor, self._supply = FloorWay(log, world), Supply(log, world)

    def links(self) -> Iterator[Link]:
        """Every link, from the promise on."""
        line, end_s = self._line, float(self._log.log.horizon_s)
        last = line.accepted
        # What is missing at the end of the run is followed no further than that.
        latest_s = end_s if last is None else float("inf")
        first_s = self._world.promises.get(self._order, None if np.isnan(line.promised_s) else round(line.promised_s))
        promise_s = end_s if first_s is None else min(float(first_s), latest_s)
        yield self._promise(first_s, promise_s - line.due_s)
        left = None if last is None else self._log.rack_shipment(last.rack)
        start = None if last is None or left is None else self._begun((self._origin(left), last.rack))
        decided_s = end_s if last is None else last.time_s if start is None else start.time_s
        for plan in self._world.plans:
            if plan.at_s <= decided_s and self._order in plan.promises:
                renewed = plan.promises[self._order]
                renewed_s = end_s if renewed is None else min(float(renewed), latest_s)
                yield self._new_plan(renewed_s - promise_s, plan, renewed)
                promise_s = renewed_s
        if last is None:
            yield Link(end_s - promise_s, "not complete at the end of the run", self._site,
                       missing_words(self._log, self._world, line), "end")  # fmt: skip
        elif np.isnan(last.docked_s):
            yield from self._from_stock(last.time_s, promise_s)
        else:
            yield from self._rack(last, left, promise_s)

    def _promise(self, first_s: int | None, seconds: float) -> Link:
        """What the first plan makes of the due date; a date promised in the tables is told beside it."""
        line, held_by = self._line, self._world.held_by.get(self._site, "")
        because = f"held back by {held_by}" if held_by else "the first plan completes it then"
        if first_s is None:
            return Link(seconds, "not complete in the first plan", self._site, because, "plan")
        own = "promised" if first_s == line.promised_s else "planned"
        what = f"{own} later than it is due" if seconds >= 0 else f"{own} before it is due"
        return Link(seconds, what, self._site, because if seconds >= 0 else "the first plan completes it then", "plan")

    def _new_plan(self, seconds: float, plan: NewPlan, renewed: int | None) -> Link:
        limit = plan.held_by.get(self._site, "")
        held_by = f"held back by {limit}" if seconds > 0 and limit else ""
        anew = " ".join(filter(None, ("planned anew,", self._world.knowing(plan.at_s)))).rstrip(",")
        what = "a new plan promised it " + ("later" if seconds >= 0 else "earlier")
        if renewed is None:
            what = "a new plan does not complete it by the end of the run"
        return Link(seconds, what, self._site, reasons(anew, held_by), "new_plan")

    def _from_stock(self, time_s: float, promise_s: float) -> Iterator[Link]:
        """The last unit was taken from stock, not from a rack made for an order."""
        site, item = self._site, self._line.item
        if time_s > promise_s and not self._log.arrivals_at(site, item, time_s):
            yield Link(time_s - promise_s, "taken from stock", site, "when it was ordered, or free for it", "service")
        else:
            yield from self._supply.links(site, item, [item], time_s, promise_s, None)

    def _rack(self, last: Acceptance, left: Departure | None, promise_s: float) -> Iterator[Link]:
        """The last rack's way back, from its acceptance to its release, and why it was released so late."""
        world, item, docked_s, here = self._world, self._line.item, last.docked_s, (self._site, last.rack)
        start = self._log.start_of_rack(here)
        installing = world.process_of(self._site, item, "" if start is None else start.process)
        begun_s = docked_s if start is None else start.time_s
        planned_s = world.planned_process_s(installing, begun_s)
        yield from self._floor.links(here, installing, begun_s, last.time_s, planned_s)
        yield self._dock(installing, begun_s, docked_s)
        needed_s = promise_s - planned_s
        if left is None:
            yield self._day_one(docked_s - needed_s, self._site, "the rack was on its way on day one")
            return
        origin, rack = self._origin(left), left.item
        yield self._supply.transit(left.lane, left.time_s, docked_s)
        needed_s -= world.planned_lane_s(left.lane, left.time_s)
        yield self._shipping(left, origin, rack)
        finished_s = left.wanted_s
        made = (origin, last.rack)
        converted = self._log.conversion_of_rack(made)
        if converted is not None:
            yield from self._converted(*converted, finished_s, needed_s)
            return
        release = self._log.start_of_rack(made)
        if release is None:
            yield self._day_one(finished_s - needed_s, origin, "the rack was on the floor on day one")
            return
        making = world.process_of(origin, rack, release.process)
        planned_s = world.planned_process_s(making, release.time_s)
        yield from self._floor.links(made, making, release.time_s, finished_s, planned_s)
        needed_s -= planned_s
        yield from self._release(making, release.time_s, release.wanted_s, needed_s)

    def _begun(self, rack: AtSite) -> Start | None:
        """When it was decided at a site for whom a rack is to be: as its conversion began, or its making."""
        converted = self._log.conversion_of_rack(rack)
        return self._log.start_of_rack(rack) if converted is None else converted[0]

    def _converted(self, start: Start, key: ProcessKey, finished_s: float, needed_s: float) -> Iterator[Link]:
        """The rack had been built as another item: its conversion, and why that began so late."""
        took_s, planned_s = finished_s - start.time_s, self._world.planned_process_s(key, start.time_s)
        hit = self._world.struck.work(key, start.time_s, finished_s) if took_s > planned_s else ""
        took, planned = versus(took_s, planned_s)
        yield Link(took_s - planned_s, f"{plain(key[0])} took " + ("longer" if took_s >= planned_s else "less"), key[1],
                   reasons(hit, f"it took {took}, {planned} planned"), "disruption" if hit else "work")  # fmt: skip
        yield from self._release(key, start.time_s, start.wanted_s, needed_s - planned_s)

    def _release(self, making: ProcessKey, time_s: float, wanted_s: float, needed_s: float) -> Iterator[Link]:
        """Released later than the promise needs: wanted later by the plan, then late against the plan."""
        if np.isnan(wanted_s):
            wanted_s = needed_s
        _, site, item = making
        yield Link(wanted_s - needed_s, "its turn among the racks of the plan", site,
                   self._turn(wanted_s - needed_s, time_s), "service")  # fmt: skip
        inputs = [name for name, _ in self._world.network.inputs_of(making)]
        yield from self._supply.links(site, item, inputs, time_s, wanted_s, making)

    def _turn(self, seconds: float, time_s: float) -> str:
        """Why a rack that the plan wanted at another time than the promise needs became the order's last."""
        if seconds <= 0:
            return "the plan wanted it before the promise needs"
        scrapped = self._log.scrapped_racks(self._line.code, time_s)
        if scrapped:
            racks = "a rack of the order was" if len(scrapped) == 1 else f"{len(scrapped)} racks of the order were"
            return f"{racks} scrapped at {', '.join(sorted(set(scrapped)))}, and another had to take its place"
        fair = self._world.network.world.settings.pegging == "fair_share"
        return f"racks made before it went to orders {'that had got a smaller part' if fair else 'ahead of it'}"

    def _shipping(self, left: Departure, origin: str, rack: str) -> Link:
        """From the end of the last step to the departure, less the wait for it that the plan reckons with."""
        world, waited_s = self._world, left.time_s - left.wanted_s
        seconds = waited_s - world.planned_wait_s(left.lane)
        if seconds < 0:
            return Link(
                seconds, "left sooner than the plan reckons", origin, world.leaving_words(left.lane), "shipping"
            )
        hit = world.struck.departures(left.lane, origin, rack, left.wanted_s, left.time_s) if waited_s else ""
        powered = world.network.world.settings.ship_when == "powered"
        no_place = f"its place at {self._site} was not ready" if powered else "its lane took none"
        because = hit or world.leaving_words(left.lane) or no_place
        return Link(seconds, "finished, waited to ship", origin, because, "disruption" if hit else "shipping")

    def _dock(self, installing: ProcessKey, begun_s: float, docked_s: float) -> Link:
        """From the arrival to the beginning of work: for a disruption, a date, or whatever a datacenter needs."""
        world = self._world
        hit = world.struck.starts(installing, docked_s, begun_s) if begun_s > docked_s else ""
        ready = world.readiness_words(self._site, begun_s)
        limited = any(row.site == self._site for row in world.network.world.readiness)
        limit = "no power, position or cooling was free for it" if limited else world.limit_words(installing, begun_s)
        because = hit or (f"{ready} came then" if ready else limit)
        return Link(begun_s - docked_s, "waited at the dock", self._site, because, "disruption" if hit else "dock")

    def _day_one(self, seconds: float, site: str, because: str) -> Link:
        what = "later than the promise needs" if seconds >= 0 else "earlier than the promise needs"
        return Link(seconds, what, site, because, "day_one")

    def _origin(self, left: Departure) -> str:
        return self._world.network.lanes[left.lane].origin
