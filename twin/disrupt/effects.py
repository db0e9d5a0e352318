"""What the disruptions that act do to one process, resource, lane or site."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from twin.disrupt.record import WipLoss
from twin.disrupt.resolved import ResolvedDisruption
from twin.disrupt.steps import during, largest, left_over_time, smallest
from twin.disrupt.surge import Down, surge_factors
from twin.disrupt.targets import Hits, hits
from twin.model.profile import StepProfile
from twin.model.steps import ALWAYS, product
from twin.model.units import POWER_KW
from twin.network.record import Network, ProcessKey

STOPS_STARTS = ("outage", "starts_blocked")
LOWERS_OUTPUT = ("outage", "starts_blocked", "capacity")
CLOSES_LANE = ("outage", "starts_blocked", "shipments_blocked", "embargo")


@dataclass(frozen=True, slots=True)
class Acting:
    """A disruption that changes something, and what it hits."""

    resolved: ResolvedDisruption
    hit: Hits

    @property
    def kind(self) -> str:
        """The disruption's kind."""
        return self.resolved.disruption.kind

    @property
    def left(self) -> float:
        """The fraction of capacity left while it lasts."""
        return self.resolved.disruption.capacity_left if self.kind in ("capacity", "curtailment") else 0.0

    @property
    def names_resource(self) -> bool:
        """True where the target names a resource, so that processes keep limits of their own."""
        return bool(self.resolved.disruption.at.resource)

    @property
    def stops(self) -> bool:
        """True where nothing is left of what it hits."""
        return self.kind in STOPS_STARTS or (self.kind == "capacity" and self.left == 0)


def acts(resolved: ResolvedDisruption) -> bool:
    """False for a disruption that lasts no time; scrap without a stated length is a moment and acts."""
    disruption = resolved.disruption
    momentary = disruption.kind == "scrap" and disruption.lasts_weeks is None and disruption.lasts_days is None
    return momentary or resolved.ends_s > resolved.starts_s


class Effects:
    """All disruptions that act on a network, asked thing by thing."""

    def __init__(self, network: Network, disruptions: Iterable[ResolvedDisruption]) -> None:
        self.network = network
        self.acting = [Acting(one, hits(network, one.disruption)) for one in disruptions if acts(one)]
        self.surge = surge_factors(network, self._downs())
        self._units = {(row.site, row.resource): row.unit.lower() for row in network.world.resources}

    def _downs(self) -> list[Down]:
        lowered = [one for one in self.acting if one.kind in LOWERS_OUTPUT and one.left < 1]
        return [(one.resolved, one.hit.processes) for one in lowered]

    # --- processes ---------------------------------------------------------------------------

    def on_process(self, key: ProcessKey) -> list[Acting]:
        """The disruptions that hit a process."""
        return [one for one in self.acting if key in one.hit.processes]

    def process_left(self, key: ProcessKey) -> StepProfile:
        """The smallest fraction that disruptions leave of a process's limit; `ALWAYS` itself without any."""
        return smallest(
            left_over_time(one.resolved, one.left)
            for one in self.on_process(key)
            if one.kind in LOWERS_OUTPUT and not (one.kind == "capacity" and one.names_resource)
        )

    def process_surge(self, key: ProcessKey) -> StepProfile:
        """The factor on a process's limit while it makes up for another source."""
        return self.surge.get(key, ALWAYS)

    def process_blocked(self, key: ProcessKey) -> StepProfile:
        """1 while nothing may start."""
        return largest(during(one.resolved, 1.0, 0.0) for one in self.on_process(key) if one.stops)

    def process_frozen(self, key: ProcessKey) -> StepProfile:
        """1 while work in process stays where it is."""
        return largest(during(one.resolved, 1.0, 0.0) for one in self.on_process(key) if one.kind == "outage")

    def yield_factor(self, key: ProcessKey) -> StepProfile:
        """On the table's yield."""
        return product(
            during(one.resolved, one.resolved.disruption.yield_factor, 1.0)
            for one in self.on_process(key)
            if one.kind == "yield"
        )

    def lead_time_factor(self, key: ProcessKey) -> StepProfile:
        """On the cycle time."""
        return product(
            during(one.resolved, one.resolved.disruption.lead_time_factor, 1.0)
            for one in self.on_process(key)
            if one.kind == "lead_time"
        )

    def wip_losses(self, key: ProcessKey) -> tuple[WipLoss, ...]:
        """What is scrapped of the work in process, by time."""
        losses = [
            WipLoss(at_s=one.resolved.starts_s, fraction=fraction)
            for one in self.on_process(key)
            if (fraction := _lost_fraction(one)) > 0
        ]
        return tuple(sorted(losses, key=lambda loss: loss.at_s))

    # --- resources ---------------------------------------------------------------------------

    def resource_factor(self, name: tuple[str, str]) -> StepProfile:
        """On a resource's capacity: the smallest left, times the surge of processes that draw on it."""
        left = [left_over_time(one.resolved, one.left) for one in self.acting if self.lowers(one, name)]
        drawing = [
            factor
            for key, factor in self.surge.items()
            if any((row.site, row.resource) == name for row in self.network.processes[key])
        ]
        return product([smallest(left), largest(drawing) if drawing else ALWAYS])

    def lowers(self, one: Acting, name: tuple[str, str]) -> bool:
        """Does a disruption take something of a resource?"""
        if name not in one.hit.resources:
            return False
        if one.kind == "curtailment":
            return one.names_resource or self._units[name] in POWER_KW
        return one.kind in ("outage", "capacity") or (one.kind == "starts_blocked" and one.names_resource)

    # --- lanes and sites ---------------------------------------------------------------------

    def on_lane(self, lane: str) -> list[Acting]:
        """The disruptions that hit a lane."""
        return [one for one in self.acting if lane in one.hit.lanes]

    def lane_factor(self, lane: str) -> StepProfile:
        """On a lane's weekly kilograms."""
        kinds = (*CLOSES_LANE, "capacity")
        return smallest(left_over_time(one.resolved, one.left) for one in self.on_lane(lane) if one.kind in kinds)

    def lane_closed(self, lane: str) -> StepProfile:
        """1 while nothing departs."""
        return largest(
            during(one.resolved, 1.0, 0.0) for one in self.on_lane(lane) if one.kind in CLOSES_LANE or one.stops
        )

    def lane_stopped(self, lane: str) -> StepProfile:
        """1 while goods on the lane wait."""
        return largest(during(one.resolved, 1.0, 0.0) for one in self.on_lane(lane) if one.kind == "outage")

    def transit_factor(self, lane: str) -> StepProfile:
        """On the transit time of what departs then."""
        return product(
            during(one.resolved, one.resolved.disruption.lead_time_factor, 1.0)
            for one in self.on_lane(lane)
            if one.kind == "lead_time"
        )

    def site_frozen(self, site: str) -> StepProfile:
        """1 while all work at a site stands still."""
        return largest(
            during(one.resolved, 1.0, 0.0) for one in self.acting if one.kind == "outage" and site in one.hit.sites
        )

    def shipments_blocked(self) -> dict[tuple[str, str], StepProfile]:
        """1 while nothing leaves, by (site, item); item empty: whatever the site ships."""
        windows: dict[tuple[str, str], list[StepProfile]] = defaultdict(list)
        for one in self.acting:
            if one.kind == "shipments_blocked":
                for place in sorted(one.hit.shipping):
                    windows[place].append(during(one.resolved, 1.0, 0.0))
        return {place: largest(some) for place, some in windows.items()}

    def change_times_s(self) -> tuple[int, ...]:
        """When something is announced, starts, stops or has recovered."""
        times: set[int] = set()
        for one in self.acting:
            if one.hit != Hits():
                of = one.resolved
                times |= {of.known_s, of.starts_s, of.ends_s, of.recovered_s}
        return tuple(sorted(times))


def _lost_fraction(one: Acting) -> float:
    disruption = one.resolved.disruption
    if one.kind == "outage":
        return disruption.wip_lost
    return disruption.scrap_fraction if one.kind == "scrap" else 0.0
