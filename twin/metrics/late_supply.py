"""Why something began late, hop by hop up its supply.

Late = what its ways took longer + how late they began + what the plan's stock and safety took up, or lacked.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from twin.metrics.late_link import Link, reasons
from twin.metrics.late_log import LateLog
from twin.metrics.late_rows import Arrival
from twin.metrics.late_world import LateWorld, plain, versus
from twin.model.units import WEEK_S
from twin.network.record import ProcessKey

DEEPEST = 40
"""Hops; no supply is so deep, and a chain that were must end."""
BY_POLICY = "its stock policy, not the plan, orders it"
LOOKED_BACK_S = 4 * WEEK_S
"""Losses before a shortage that may have made it."""


class Supply:
    """The links of material in a world, from its log."""

    def __init__(self, log: LateLog, world: LateWorld) -> None:
        self._log, self._world = log, world

    def links(
        self, site: str, item: str, inputs: list[str], time_s: float, wanted_s: float, making: ProcessKey | None,
        lane: str = "", depth: int = 0,
    ) -> Iterator[Link]:  # fmt: skip
        """Why `item` began at a site later than wanted: to be made by `making`, or to leave over `lane`."""
        late_s = time_s - wanted_s
        if late_s <= 0 or depth > DEEPEST:
            yield Link(late_s, "began ahead of the plan", site, f"{plain(item)} was there", "slack")
            return
        name, arrival = self._arrived(site, inputs, time_s)
        if arrival is None:
            yield self._own_limit(site, item, wanted_s, time_s, making, lane)
        elif arrival.place.startswith("lane:"):
            yield from self._shipped(site, name, arrival, time_s, wanted_s, making, depth)
        else:
            yield from self._made(site, name, arrival, time_s, wanted_s, making, depth)

    def transit(self, lane: str, left_s: float, there_s: float) -> Link:
        """A way that took longer or less than planned, the wait for its departure apart."""
        planned_s = self._world.planned_lane_s(lane, left_s) - self._world.planned_wait_s(lane)
        seconds = there_s - left_s - planned_s
        hit = self._world.struck.transit(lane, left_s, there_s) if seconds > 0 else ""
        took, planned = versus(there_s - left_s, planned_s)
        because = hit or f"{took} on the way, {planned} planned"
        return Link(seconds, "transit took " + ("longer" if seconds >= 0 else "less"), lane, because,
                    "disruption" if hit else "transit")  # fmt: skip

    def _arrived(self, site: str, inputs: list[str], time_s: float) -> tuple[str, Arrival | None]:
        for name in inputs:
            found = self._log.arrivals_at(site, name, time_s)
            if found:
                return name, found[-1]
        return "", None

    def _shipped(
        self, site: str, item: str, arrival: Arrival, time_s: float, wanted_s: float, making: ProcessKey | None,
        depth: int,
    ) -> Iterator[Link]:  # fmt: skip
        """A shipment ended the wait: its way, then its departure."""
        lane, left = arrival.place.removeprefix("lane:"), self._log.shipment(arrival.lot)
        what = f"waited for {plain(item)}"
        if left is None:
            yield Link(time_s - wanted_s, what, site, "its shipment was on its way on day one", "day_one")
            return
        if np.isnan(left.wanted_s):
            yield self._by_policy(time_s - wanted_s, item, site)
            return
        origin, allowed_s = self._world.network.lanes[lane].origin, left.wanted_s + self._world.planned_wait_s(lane)
        yield self.transit(lane, left.time_s, time_s)
        due_s = left.wanted_s + self._world.planned_lane_s(lane, left.time_s)
        yield self._spare(due_s - wanted_s, item, site, arrival, left.wanted_s, wanted_s, making)
        yield from self.links(origin, item, [item], left.time_s, allowed_s, None, lane, depth + 1)

    def _made(
        self, site: str, item: str, arrival: Arrival, time_s: float, wanted_s: float, making: ProcessKey | None,
        depth: int,
    ) -> Iterator[Link]:  # fmt: skip
        """A lot ended the wait: its cycle, then its start."""
        process = arrival.place.removeprefix("process:").partition("@")[0]
        key, lot, what = (process, site, item), arrival.lot, f"waited for {plain(item)}"
        start = self._log.start_of_lot(lot) if lot >= 0 else None
        if start is None:
            policy = self._world.by_policy(site, item)
            because = (BY_POLICY if policy else "made one by one") if lot < 0 else "it was in process on day one"
            yield Link(time_s - wanted_s, what, site, because, "day_one" if lot >= 0 else "material")
            return
        if np.isnan(start.wanted_s):
            yield self._by_policy(time_s - wanted_s, item, site)
            return
        planned_s = self._world.planned_process_s(key, start.time_s)
        took_s = time_s - start.time_s
        hit = self._world.struck.work(key, start.time_s, time_s) if took_s > planned_s else ""
        took, planned = versus(took_s, planned_s)
        because = f"lot {lot} took {took}, {planned} planned"
        yield Link(took_s - planned_s, f"{plain(process)} took " + ("longer" if took_s >= planned_s else "less"), site,
                   reasons(hit, because), "disruption" if hit else "work")  # fmt: skip
        yield self._spare(start.wanted_s + planned_s - wanted_s, item, site, arrival, start.wanted_s, wanted_s, making)
        inputs = [name for name, _ in self._world.network.inputs_of(key)]
        yield from self.links(site, item, inputs, start.time_s, start.wanted_s, key, depth=depth + 1)

    def _by_policy(self, seconds: float, item: str, site: str) -> Link:
        return Link(seconds, f"waited for {plain(item)}", site, BY_POLICY, "material")

    def _own_limit(
        self, site: str, item: str, wanted_s: float, time_s: float, making: ProcessKey | None, lane: str
    ) -> Link:
        """Nothing came at that moment: what began was held by its own rate, hours or lane, or by a disruption."""
        struck = self._world.struck
        if making is None:
            hit = struck.departures(lane, site, item, wanted_s, time_s)
            what, because = f"{plain(item)} waited to leave", self._world.leaving_words(lane) if lane else ""
        else:
            hit = struck.starts(making, wanted_s, time_s)
            what, because = f"{plain(making[0])} could not start", self._world.limit_words(making, time_s)
        because = hit or because or self._replaced(making, time_s)
        return Link(time_s - wanted_s, what, site, because, "disruption" if hit else "limit")

    def _replaced(self, making: ProcessKey | None, time_s: float) -> str:
        """Where no limit holds: something was lost at that very moment, and is begun anew."""
        lost = making is not None and self._log.scrapped_between(_place(making), time_s, time_s)[0]
        return "one was scrapped, and this one takes its place" if lost else "the plan asked for it too late"

    def _spare(
        self, seconds: float, item: str, site: str, arrival: Arrival, before_s: float, wanted_s: float,
        making: ProcessKey | None,
    ) -> Link:  # fmt: skip
        """What lay between two wishes of the plan: stock and safety, or too little of them."""
        if seconds <= 0:
            what = f"stock and safety of {plain(item)} took up"
            return Link(seconds, what, site, "planned to be there earlier", "slack")
        because = self._shortage(item, arrival, before_s, wanted_s, making)
        return Link(seconds, f"waited for {plain(item)}", site, because, "material")

    def _shortage(
        self, item: str, arrival: Arrival, before_s: float, wanted_s: float, making: ProcessKey | None
    ) -> str:
        """Why there was less of it than the plan counted on: held up, lost where made or used, or a new plan."""
        since_s, until_s = min(before_s, wanted_s, arrival.since_s) - LOOKED_BACK_S, arrival.since_s
        used_up = self._lost(making, since_s, until_s) if making else ""
        maker, held_up = self._maker(arrival, item), ""
        lost = self._lost(maker, since_s, until_s) if maker else ""
        if maker and (hit := self._world.struck.starts(maker, since_s, until_s)):
            held_up = f"{plain(maker[0])} at {plain(maker[1])} had been held up by {hit}"
        if lost or used_up or held_up:
            return reasons(held_up, lost, used_up and f"{used_up}, with what they were made of")
        anew = any(before_s <= plan.at_s <= wanted_s + 1 for plan in self._world.plans)
        return "what was missing when the plan was made anew" if anew else "less was there than the plan counts on"

    def _lost(self, key: ProcessKey, since_s: float, until_s: float) -> str:
        """What a process lost in a spell beyond what the plan counts on and usual luck; blank where that is nothing."""
        lost, lot = self._log.scrapped_between(_place(key), since_s, until_s)
        made = self._log.produced_between(_place(key), since_s, until_s)
        counted_on = (1 - self._world.planned_yield(key, since_s)) * (lost + made)
        # Twice the spread of so many single losses: less is the usual luck, and no cause.
        if lost <= counted_on + 2 * counted_on**0.5 + 1e-6:
            return ""
        lots = f", most of lot {lot}" if lot >= 0 else ""
        hit = self._world.struck.losses(key, since_s, until_s)
        units = f"{lost:.4g} of {plain(key[2])} {'was' if lost == 1 else 'were'} scrapped at {plain(key[1])}{lots}"
        return f"{units}, in {hit}" if hit else units

    def _maker(self, arrival: Arrival, item: str) -> ProcessKey | None:
        """The process that made what arrived, where one alone can have."""
        kind, _, name = arrival.place.partition(":")
        if kind == "process":
            process, _, site = name.partition("@")
            return (process, site, item)
        makers = self._world.network.made_at.get((self._world.network.lanes[name].origin, item), ())
        return makers[0] if len(makers) == 1 else None


def _place(key: ProcessKey) -> str:
    """A process as the log names it."""
    return f"process:{key[0]}@{key[1]}"
