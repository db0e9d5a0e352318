"""What the world says about why something was late: planned times, limits, disruptions, calendars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from twin.disrupt.record import Availability
from twin.disrupt.resolved import ResolvedDisruption
from twin.disrupt.targets import Hits, hits
from twin.model.profile import StepProfile
from twin.model.rows_make import RoutingResource, RoutingStep
from twin.model.units import HOUR_S, WEEK_S
from twin.network.record import Network, ProcessKey


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlan:
    """A plan made anew at a moment: its promises by order (None: not by its end)."""

    at_s: int
    promises: Mapping[str, int | None]
    held_by: str = ""
    """The limit that holds it back most, in words."""


@dataclass(frozen=True, kw_only=True)
class LateWorld:
    """The world's part in the question why.

    `process_s` and `lane_s` are the seconds that the plan reckons with, by the moment of the
    start; `availability` is the replication's; `disruptions` are those of the replication, in
    their true length; `plans` are those made after the first, in order of time.
    """

    network: Network
    availability: Availability
    process_s: Mapping[ProcessKey, StepProfile]
    lane_s: Mapping[str, StepProfile]
    disruptions: Sequence[ResolvedDisruption] = ()
    plans: Sequence[NewPlan] = ()
    held_by: str = ""
    """The limit that holds the first plan back most, in words."""

    def planned_process_s(self, key: ProcessKey, start_s: float) -> float:
        """How long the plan reckons from a start at a process to its end."""
        return float(self.process_s[key].at(start_s)) if key in self.process_s else 0.0

    def planned_lane_s(self, lane: str, start_s: float) -> float:
        """How long the plan reckons from a departure to the arrival, with its wait for a departure."""
        return float(self.lane_s[lane].at(start_s)) if lane in self.lane_s else 0.0

    def disrupted(
        self, since_s: float, until_s: float, *, process: ProcessKey | None = None, lane: str = "", site: str = "",
        item: str = "",
    ) -> str:  # fmt: skip
        """The names of disruptions that act on a process, a lane or what leaves a site within a spell; else blank."""
        names = []
        for one, hit in self._hits:
            acts = one.starts_s <= until_s and since_s <= one.recovered_s
            touched = (
                (process is not None and (process in hit.processes or process[1] in hit.sites))
                or lane in hit.lanes
                or bool({(site, item), (site, "")} & hit.shipping)
                or (bool(site) and any(place == site for place, _ in hit.resources))
            )
            if acts and touched:
                names.append(one.disruption.name)
        return ", ".join(names)

    def known_at(self, time_s: float) -> str:
        """The names of disruptions that are known at a moment; else blank."""
        return ", ".join(one.disruption.name for one in self.disruptions if one.known_s <= time_s)

    def steps(self, site: str, item: str) -> dict[str, RoutingStep]:
        """The steps of an item at a site by name."""
        return {row.name: row for row in self.network.routing.get((site, item), ())}

    def held(self, site: str, item: str, step: str) -> tuple[RoutingResource, ...]:
        """What a step of an item holds."""
        row = self.steps(site, item).get(step)
        return () if row is None else self.network.seizes.get((site, item, row.step), ())

    def freed(self, site: str, names: Sequence[str]) -> frozenset[str]:
        """The resources that steps of these names hold at a site, of whichever item."""
        return frozenset().union(*(self._held_by_name[site, name] for name in names)) if names else frozenset()

    def closed_s(self, site: str, needs: Sequence[RoutingResource], since_s: float, until_s: float) -> float:
        """Seconds of a spell in which one of the crews of a step was not at work."""
        profiles = (self.availability.open_hours.get((site, need.resource)) for need in needs if need.attended)
        open_s = [profile.integral(int(since_s), int(until_s)) for profile in profiles if profile is not None]
        return max(0.0, until_s - since_s - min(open_s)) if open_s else 0.0

    def hours_opened(self, site: str, resource: str, time_s: float) -> bool:
        """Did the working time of a resource begin at exactly this moment?"""
        profile = self.availability.open_hours.get((site, resource))
        return profile is not None and profile.at(time_s) > 0 and profile.at(time_s - 1) <= 0

    def process_of(self, site: str, item: str) -> ProcessKey:
        """The first process that makes an item at a site."""
        return self.network.made_at.get((site, item), (("", site, item),))[0]

    def limit_words(self, key: ProcessKey, time_s: float) -> str:
        """What limits the starts of a process at a moment."""
        own = self.availability.processes[key].starts_per_week if key in self.availability.processes else None
        rows = self.network.processes.get(key, ())
        line = next((row.resource for row in rows if row.resource), "")
        if line:
            return f"{plain(line)} at {plain(key[1])} had no more room"
        if own is None:
            return "it may start nothing then"
        return f"no more than {own.at(time_s):.0f} a week may start"

    def readiness_words(self, site: str, time_s: float) -> str:
        """What a datacenter got at a moment that it had not before; blank where nothing changed."""
        second_of = self.network.world.settings.second_of
        rows = sorted(
            (row for row in self.network.world.readiness if row.site == site),
            key=lambda row: second_of(row.from_date) if row.from_date else 0,
        )
        for before, row in zip([None, *rows], rows, strict=False):
            if row.from_date is not None and second_of(row.from_date) == time_s:
                rose = [
                    words
                    for name, words in _READY.items()
                    if before is None or (getattr(row, name) or 0) > (getattr(before, name) or 0)
                ]
                return " and ".join(rose)
        return ""

    @cached_property
    def _hits(self) -> list[tuple[ResolvedDisruption, Hits]]:
        return [(one, hits(self.network, one.disruption)) for one in self.disruptions]

    @cached_property
    def _held_by_name(self) -> Mapping[tuple[str, str], frozenset[str]]:
        found: dict[tuple[str, str], frozenset[str]] = defaultdict(frozenset)
        for (site, item), rows in self.network.routing.items():
            for row in rows:
                needs = self.network.seizes.get((site, item, row.step), ())
                found[site, row.name] |= {need.resource for need in needs}
        return found


_READY = {
    "firm_mw": "power",
    "flexible_mw": "flexible power",
    "rack_positions": "rack positions",
    "cooling_kw": "cooling",
    "network_ready": "the network",
}


def plain(name: str) -> str:
    """A name of the tables as text."""
    return name.replace("_", " ").strip()


def span(seconds: float) -> str:
    """A length of time as a planner says it: hours below two days, then days, then weeks.

    >>> span(9 * 3600), span(6.2 * 86400), span(10 * 604800)
    ('9 hours', '6.2 days', '10 weeks')
    """
    if seconds < 48 * HOUR_S:
        return f"{seconds / HOUR_S:.0f} hours" if seconds >= 1.5 * HOUR_S else "1 hour"
    days = seconds / (24 * HOUR_S)
    return f"{days:.3g} days" if seconds < 8 * WEEK_S else f"{seconds / WEEK_S:.3g} weeks"
