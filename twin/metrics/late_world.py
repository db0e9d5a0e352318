"""What the world says about why something was late: planned times, limits, disruptions, calendars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from twin.disrupt.record import Availability
from twin.disrupt.resolved import ResolvedDisruption
from twin.metrics.late_hits import Struck
from twin.metrics.late_link import reasons
from twin.model.profile import StepProfile
from twin.model.rows_make import RoutingResource, RoutingStep
from twin.model.units import DAY_S, HOUR_S, WEEK_S
from twin.network.record import Network, ProcessKey


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlan:
    """A plan made anew at a moment: its promises by order (None: not by its end)."""

    at_s: int
    promises: Mapping[str, int | None]
    held_by: Mapping[str, str] = field(default_factory=dict)
    """By site of orders, the limit that holds it back most, in words."""


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
    yields: Mapping[ProcessKey, StepProfile] = field(default_factory=dict)
    """The part of the units started that the plan counts on."""
    disruptions: Sequence[ResolvedDisruption] = ()
    plans: Sequence[NewPlan] = ()
    held_by: Mapping[str, str] = field(default_factory=dict)
    """By site of orders, the limit that holds the first plan back most, in words."""
    promises: Mapping[str, int | None] = field(default_factory=dict)
    """When the first plan completes each order (None: not by its end)."""
    scheduled: frozenset[tuple[str, str, int]] = frozenset()
    """Site, name and start of every step in a schedule."""

    def planned_process_s(self, key: ProcessKey, start_s: float) -> float:
        """How long the plan reckons from a start at a process to its end."""
        return float(self.process_s[key].at(start_s)) if key in self.process_s else 0.0

    def planned_lane_s(self, lane: str, start_s: float) -> float:
        """How long the plan reckons from a departure to the arrival, with its wait for a departure."""
        return float(self.lane_s[lane].at(start_s)) if lane in self.lane_s else 0.0

    def planned_wait_s(self, lane: str) -> float:
        """How much of that the plan reckons with as the wait for a departure."""
        return (self.network.lanes[lane].departs_every_days or 0.0) / 2 * DAY_S

    def knowing(self, time_s: float) -> str:
        """What a plan made anew knows of disruptions that act, or else of those over since the plan before it."""
        known = [one for one in self.disruptions if one.known_s <= time_s]
        acting = [one.disruption.name for one in known if time_s < one.ends_s]
        if acting:
            return f"knowing of {', '.join(acting)}"
        before_s = max((plan.at_s for plan in self.plans if plan.at_s < time_s), default=0)
        over = [one.disruption.name for one in known if max(one.ends_s, one.known_s) > before_s]
        return f"after {', '.join(over)}" if over else ""

    def by_policy(self, site: str, item: str) -> bool:
        """Is a stock run by a policy of its own, and not by the plan?"""
        stock = self.network.world.stock
        return any((row.site, row.item) == (site, item) and row.policy.kind != "plan" for row in stock)

    def planned_yield(self, key: ProcessKey, time_s: float) -> float:
        """The part of what is started at a process that the plan counts on."""
        return float(self.yields[key].at(time_s)) if key in self.yields else 1.0

    def steps(self, key: ProcessKey) -> dict[str, RoutingStep]:
        """The steps of a process by name."""
        return {row.name: row for row in self.network.routing.get(key, ())}

    def held(self, key: ProcessKey, step: str, mode: str = "") -> tuple[RoutingResource, ...]:
        """What a step of a process holds, for a rack that keeps a `mode` in this one."""
        row = self.steps(key).get(step)
        return () if row is None else self.network.held_in(key, row, mode)

    def freed(self, site: str, ended: Sequence[tuple[str, str]]) -> frozenset[str]:
        """The resources that steps of these names, for racks that keep these modes, hold at a site."""
        return frozenset().union(*(self._held_by_name[site, *each] for each in ended)) if ended else frozenset()

    def mode_of(self, key: ProcessKey, step: str, mode: str) -> float | None:
        """The hours of a mode over those of a step that keeps it; None where the step does not."""
        row = self.steps(key).get(step)
        modes = self.network.modes.get((key, row.step), ()) if row is not None and row.keeps_mode else ()
        return next((each.factor for each in modes if each.name == mode), None)

    def closed_s(self, site: str, needs: Sequence[RoutingResource], since_s: float, until_s: float) -> float:
        """Seconds of a spell in which one of the crews of a step was not at work."""
        profiles = (self.availability.open_hours.get((site, need.resource)) for need in needs if need.attended)
        open_s = [profile.integral(int(since_s), int(until_s)) for profile in profiles if profile is not None]
        return max(0.0, until_s - since_s - min(open_s)) if open_s else 0.0

    def hours_opened(self, site: str, resource: str, time_s: float) -> bool:
        """Did the working time of a resource begin at exactly this moment?"""
        profile = self.availability.open_hours.get((site, resource))
        return profile is not None and profile.at(time_s) > 0 and profile.at(time_s - 1) <= 0

    def rose(self, site: str, resource: str, time_s: float) -> bool:
        """Did more of a resource come at exactly this moment, such as by the hours of a tariff or by a dated row?"""
        profile = self.availability.resources.get((site, resource))
        return profile is not None and profile.at(time_s) > profile.at(time_s - 1)

    def process_of(self, site: str, item: str, process: str = "") -> ProcessKey:
        """The process of that name which makes an item at a site; blank: the first."""
        made = self.network.made_at.get((site, item), (("", site, item),))
        return next((key for key in made if key[0] == process), made[0])

    def limit_words(self, key: ProcessKey, time_s: float) -> str:
        """What limits the starts of a process at a moment; blank where nothing does."""
        own = self.availability.processes[key].starts_per_week if key in self.availability.processes else None
        line = next((row.resource for row in self.network.processes.get(key, ()) if row.resource), "")
        rates = (own, self.availability.resources.get((key[1], line)) if line else None)
        if any(rate is not None and rate.at(time_s - 1) <= 0 < rate.at(time_s) for rate in rates):
            return "it may start nothing before: its working hours or its capacity began then"
        if line:
            return f"{plain(line)} at {plain(key[1])} had no more room"
        if own is None:
            return ""
        rate = own.at(time_s)
        return f"no more than {f'{rate:,.0f}' if rate >= 100 else f'{rate:.3g}'} a week may start"

    def leaving_words(self, lane: str) -> str:
        """What keeps goods from leaving on a lane at any moment; blank where nothing does."""
        row = self.network.lanes[lane]
        every = f"departures every {row.departs_every_days:g} days" if row.departs_every_days else ""
        return reasons(every, "no room on the lane" if row.capacity_kg_per_week else "")

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
    def struck(self) -> Struck:
        """What the disruptions held up."""
        return Struck(self.network, self.disruptions)

    @cached_property
    def _held_by_name(self) -> Mapping[tuple[str, str, str], frozenset[str]]:
        found: dict[tuple[str, str, str], frozenset[str]] = defaultdict(frozenset)
        for key, rows in self.network.routing.items():
            for row in rows:
                for mode in ("", *self.network.kept_modes(key)):
                    needs = self.network.held_in(key, row, mode)
                    found[key[1], row.name, mode] |= {need.resource for need in needs}
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


def versus(took_s: float, planned_s: float) -> tuple[str, str]:
    """Two lengths of time to be compared, in one unit.

    >>> versus(42 * 3600, 2.2 * 86400)
    ('1.75 days', '2.2')
    """
    if max(took_s, planned_s) < 48 * HOUR_S:
        return f"{took_s / HOUR_S:.3g} hours", f"{planned_s / HOUR_S:.3g}"
    return f"{took_s / DAY_S:.3g} days", f"{planned_s / DAY_S:.3g}"
