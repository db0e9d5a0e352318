"""Which disruptions held something up, by their names: each kind acts on some things and not on others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from twin.disrupt.effects import CLOSES_LANE, LOWERS_OUTPUT, Acting, Effects
from twin.disrupt.resolved import ResolvedDisruption
from twin.network.record import Network, ProcessKey


class Struck:
    """The disruptions of a replication, asked for what may have been held up by them in a spell.

    Every answer is the names of those that acted then, with commas between, or blank.
    """

    def __init__(self, network: Network, disruptions: Iterable[ResolvedDisruption]) -> None:
        self._network, self._effects = network, Effects(network, disruptions)

    def starts(self, key: ProcessKey, since_s: float, until_s: float) -> str:
        """Of a process: nothing could start, or less than usual."""

        def acts(one: Acting) -> bool:
            lowered = one.kind in LOWERS_OUTPUT and key in one.hit.processes
            lines = {(key[1], row.resource) for row in self._network.processes.get(key, ()) if row.resource}
            return one.left < 1 and (lowered or any(self._effects.lowers(one, line) for line in lines))

        return self._names(acts, since_s, until_s, recovered=True)

    def steps(self, key: ProcessKey, resources: Sequence[str], since_s: float, until_s: float) -> str:
        """Of a routing step that holds these resources: it could not begin, or less of them was there."""

        def acts(one: Acting) -> bool:
            frozen = one.kind == "outage" and (key[1] in one.hit.sites or key in one.hit.processes)
            lowered = any(self._effects.lowers(one, (key[1], resource)) for resource in resources)
            return one.left < 1 and (frozen or lowered)

        return self._names(acts, since_s, until_s, recovered=True)

    def work(self, key: ProcessKey, since_s: float, until_s: float) -> str:
        """Of work under way at a process: it stood still, or was begun to take longer."""

        def acts(one: Acting) -> bool:
            hit = key in one.hit.processes or key[1] in one.hit.sites
            return hit and (one.kind == "outage" or _slows(one))

        return self._names(acts, since_s, until_s)

    def departures(self, lane: str, origin: str, item: str, since_s: float, until_s: float) -> str:
        """Of an item that waits at the origin of a lane: nothing left, or the lane took less."""
        closed = self._names(
            lambda one: lane in one.hit.lanes and one.left < 1 and one.kind in (*CLOSES_LANE, "capacity"),
            since_s, until_s, recovered=True,
        )  # fmt: skip
        kept = self._names(
            lambda one: one.kind == "shipments_blocked" and bool({(origin, item), (origin, "")} & one.hit.shipping),
            since_s, until_s,
        )  # fmt: skip
        return ", ".join(dict.fromkeys(name for name in (closed, kept) if name))

    def transit(self, lane: str, since_s: float, until_s: float) -> str:
        """Of goods on a lane: they waited there, or left to take longer."""
        return self._names(
            lambda one: lane in one.hit.lanes and (one.kind == "outage" or _slows(one)), since_s, until_s
        )

    def losses(self, key: ProcessKey, since_s: float, until_s: float) -> str:
        """Of a process: work in process or yield was lost."""

        def acts(one: Acting) -> bool:
            of = one.resolved.disruption
            lost = {"outage": of.wip_lost, "scrap": of.scrap_fraction, "yield": 1 - of.yield_factor}
            return key in one.hit.processes and lost.get(one.kind, 0.0) > 0

        return self._names(acts, since_s, until_s)

    def _names(self, acts: Callable[[Acting], bool], since_s: float, until_s: float, *, recovered: bool = False) -> str:
        """Those that act and whose time, with their recovery where that counts, meets the spell."""
        names = (
            one.resolved.disruption.name
            for one in self._effects.acting
            if one.resolved.starts_s <= until_s
            and since_s < max(one.resolved.recovered_s if recovered else one.resolved.ends_s, one.resolved.starts_s + 1)
            and acts(one)
        )
        return ", ".join(dict.fromkeys(names))


def _slows(one: Acting) -> bool:
    return one.kind == "lead_time" and one.resolved.disruption.lead_time_factor > 1
