"""A log sorted once by event, with the facts of its world: what every measure reads."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from twin.events.record import EVENTS, Log
from twin.metrics.factory import Served, served_by_site, served_in_all
from twin.metrics.facts import Facts
from twin.metrics.held import Held, held_of
from twin.metrics.power import LoadCurve, load_curves
from twin.metrics.rows import DueUnits, Floats, Mask, Rows, Whole, in_turn, tally
from twin.metrics.visits import Visits, visits_of
from twin.metrics.ways import Ways


class View:
    """A log and the facts of its world, indexed once for all measures."""

    def __init__(self, log: Log, facts: Facts) -> None:
        self.log, self.facts = log, facts
        events = log.column("event").astype(np.uint8)
        self._order = np.argsort(events, kind="stable")
        self._edges = np.searchsorted(events[self._order], np.arange(len(EVENTS) + 1))
        self._kept: dict[str, Rows] = {}

    def all(self, event: str) -> Rows:
        """The rows of an event over the whole log."""
        if event not in self._kept:
            code = EVENTS.index(event)
            chosen = self._order[self._edges[code] : self._edges[code + 1]]
            self._kept[event] = Rows(self.log.rows.take(chosen, axis=0))
        return self._kept[event]

    def of(self, event: str) -> Rows:
        """The rows of an event in the report window."""
        return self.all(event).until(self.log.report_s)

    def made(self, event: str) -> Rows:
        """The rows of an event of processes in the report window, without those of conversions."""
        rows = self.of(event)
        return rows.where(~self.is_conversion[rows.place]) if self.facts.conversions else rows

    @cached_property
    def is_conversion(self) -> Mask:
        """By position: whether a place is a conversion; a last entry, for -1, says no."""
        names = {f"process:{name}" for name in self.facts.conversions}
        return np.array([*(name in names for name in self.log.places), False])

    def places(self, kind: str) -> dict[int, str]:
        """Places such as `site:houston` by position, for kind `site`, without the kind."""
        prefix = f"{kind}:"
        return {at: name[len(prefix) :] for at, name in enumerate(self.log.places) if name.startswith(prefix)}

    def is_place(self, kind: str) -> Mask:
        """By position: whether a place is of a kind; a last entry, for -1, says no."""
        return np.array([*(name.startswith(f"{kind}:") for name in self.log.places), False])

    def is_item(self, names: frozenset[str]) -> Mask:
        """By position: whether an item is one of the names; a last entry, for -1, says no."""
        return np.array([*(name in names for name in self.log.items), False])

    def per_item(self, rows: Rows, weights: Floats) -> Floats:
        """Weights summed by item, by position; rows without an item are left out."""
        item = rows.item
        known = item >= 0
        return tally(item[known], weights[known], len(self.log.items))

    def identity(self, rows: Rows) -> Whole:
        """A number for the thing that a row of demand is about: place, item, order and unit."""
        thing = rows.place * (len(self.log.items) + 1) + rows.item
        return (thing * (len(self.log.orders) + 1) + rows.order) * self._units + rows.unit

    @cached_property
    def _units(self) -> int:
        """More than the largest number of a unit that is demanded or served."""
        found = (self.all(event).unit for event in ("demanded", "served", "shipped"))
        return 2 + max((int(units.max()) for units in found if len(units)), default=0)

    @cached_property
    def held(self) -> Held:
        """What stocks under a policy hold and owe."""
        return held_of(self)

    @cached_property
    def ways(self) -> Ways:
        """The milestones of the racks that went online."""
        return Ways(self)

    @cached_property
    def served_by_site(self) -> dict[str, Served]:
        """What racks that went online did for the world's services, by datacenter."""
        return served_by_site(self)

    @cached_property
    def served(self) -> Served:
        """The same at all datacenters."""
        return served_in_all(self.served_by_site.values())

    @cached_property
    def load_curves(self) -> dict[str, LoadCurve]:
        """Kilowatts that steps held over the report window, by resource `SITE/NAME`."""
        return load_curves(self)

    @cached_property
    def racks_shipped(self) -> Rows:
        """Departures of racks for a place of demand, over the whole log."""
        rows = self.all("shipped")
        ends = [self.facts.lane_ends.get(name[5:], ("", ""))[1] for name in self.log.places]
        arriving = np.array([*(end in self.facts.demand_sites for end in ends), False])
        is_rack = self.is_item(self.facts.racks | self.facts.finished)
        return rows.where(is_rack[rows.item] & arriving[rows.place])

    @cached_property
    def racks_accepted(self) -> float:
        """Racks accepted in the report window."""
        return float(self.of("accepted").racks.sum())

    @cached_property
    def due_units(self) -> DueUnits:
        """Every unit due in the log, with its acceptance."""
        due, accepted = self.all("due"), self.all("accepted")
        due_count, accepted_count = due.racks.astype(np.int64), accepted.racks.astype(np.int64)
        return DueUnits(
            place=np.repeat(due.place, due_count),
            order=np.repeat(due.order, due_count),
            due_s=np.repeat(due.time_s, due_count),
            accepted_s=in_turn(
                np.repeat(due.order, due_count),
                np.repeat(accepted.order, accepted_count),
                np.repeat(accepted.time_s, accepted_count),
            ),
        )

    @cached_property
    def visits(self) -> Visits:
        """All attempts of steps that ended within the log."""
        return self.visits_among(np.ones(len(self.log.rows), bool))

    def visits_among(self, kept: Mask) -> Visits:
        """The attempts of steps among the rows that are kept, which must be all of a unit's own."""
        site = [_site_of(name) for name in self.log.places]
        number = {name: at for at, name in enumerate(dict.fromkeys(site))}
        came = self.log.of("started") | self.log.of("rework") | self.log.of("expired")
        moves = came & (self.log.column("unit") >= 0)
        rows = self.log.rows[kept & (moves | self.log.of("step"))]
        is_step = rows[:, 1] == EVENTS.index("step")
        return visits_of(Rows(rows), is_step, np.array([*(number[name] for name in site), -1]))


def _site_of(place: str) -> str:
    """The site of a `process:P@S` or `step:S/NAME`."""
    kind, _, name = place.partition(":")
    return name.rpartition("@")[2] if kind == "process" else name.partition("/")[0]
