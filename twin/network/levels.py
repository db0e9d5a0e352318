"""Levels: the ways in which an item is made one by one at a site, and which of them are in use there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from twin.model.rows_make import LevelRow, Process
from twin.model.world import World
from twin.network.record import Network, ProcessKey

Lines = tuple[tuple[str, float], ...]
"""(input, quantity per unit started)."""

LONG_AGO_S: Final = -(10**10)
"""From when on a row without a date holds, in seconds since `starts`."""


class Levels:
    """What the rows of `levels` of a world say, by site and item."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rows: dict[str, list[LevelRow]] = defaultdict(list)
        self._steps: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for row in world.levels:
            self._rows[row.item].append(row)
        for step in world.routings:
            self._steps[step.item].append((step.site, step.level))

    def routed(self, site: str, item: str) -> tuple[str, ...]:
        """The levels of the routings of an item that a site could run, in the order of the table."""
        return tuple(dict.fromkeys(level for where, level in self._steps.get(item, ()) if where in ("", site)))

    def of_process(self, key: ProcessKey, row: Process) -> str | None:
        """The level at which a process makes its item: its own, else the one in force; None where it is not in use."""
        here = self.live(key[1], key[2])
        level = row.level or next(iter(here), "")
        return level if level in here else None

    def live(self, site: str, item: str) -> tuple[str, ...]:
        """The levels of an item in use at a site, at whatever date; the one in force at `starts` first."""
        routed = self.routed(site, item)
        if not routed:
            return ()
        first = self.in_force(site, item)
        own = {row.level for row in self._rows_for(site, item) if row.share != 0}
        return (first, *(level for level in routed if level in own and level != first))

    def in_force(self, site: str, item: str) -> str:
        """The level of largest share at `starts` at a site, the first of the routings where none has a share.

        By the rows of the site itself, else by those of no site, else by those of all sites together.
        """
        levels = self.routed(site, item)
        if len(levels) == 1:
            return levels[0]
        shares = self._at_start(self._rows_for(site, item) or self._rows.get(item, ()))
        return max(levels, key=lambda level: shares.get(level, 0.0))

    def by_date(self, site: str, item: str) -> list[tuple[int, dict[str, float | None]]]:
        """(second from which they hold, share by level; None: as the plan finds best), by time.

        Before the first date the level in force at `starts` has all.
        """
        found: dict[int, dict[str, float | None]] = defaultdict(dict)
        second_of = self._world.settings.second_of
        for row in self._rows_for(site, item):
            found[second_of(row.from_date) if row.from_date else LONG_AGO_S][row.level] = row.share
        if min(found, default=0) > LONG_AGO_S:
            found[LONG_AGO_S] = {self.in_force(site, item): 1.0}
        return sorted(found.items())

    def mean_share(self, site: str, item: str, level: str) -> float:
        """The mean share of a level over the horizon; of what is left to the plan as much as any other."""
        dated = self.by_date(site, item)
        end_s = self._world.settings.horizon_s
        edges = [*(min(max(from_s, 0), end_s) for from_s, _ in dated), end_s]
        total = 0.0
        for (_, shares), begin_s, until_s in zip(dated, edges, edges[1:], strict=False):
            given = sum(share for share in shares.values() if share is not None)
            free = sum(share is None for share in shares.values())
            share = shares.get(level, 0.0)
            total += ((1 - given) / free if share is None else share) * (until_s - begin_s)
        return total / end_s

    def _rows_for(self, site: str, item: str) -> list[LevelRow]:
        """The rows of a site for an item, else those that name no site."""
        rows = self._rows.get(item, [])
        return [row for row in rows if row.site == site] or [row for row in rows if not row.site]

    def _at_start(self, rows: Sequence[LevelRow]) -> dict[str, float]:
        """Share by level, of the latest date of each site not after `starts`; 0 where the plan chooses."""
        starts = self._world.settings.starts
        begun = [row for row in rows if (row.from_date or starts) <= starts]
        latest: dict[str, date] = {}
        for row in begun:
            latest[row.site] = max(latest.get(row.site, date.min), row.from_date or date.min)
        shares: dict[str, float] = defaultdict(float)
        for row in begun:
            if (row.from_date or date.min) == latest[row.site]:
                shares[row.level] += row.share or 0.0
        return shares


def levels_in_use(world: World, processes: Mapping[ProcessKey, Sequence[Process]]) -> dict[ProcessKey, str]:
    """The level of each process of an item with routings, without those whose level is not in use at their site."""
    levels = Levels(world)
    found: dict[ProcessKey, str] = {}
    for key, rows in processes.items():
        level = levels.of_process(key, rows[0])
        if level is not None:
            found[key] = level
    return found


def lines_at(world: World, item: str, level: str) -> Lines:
    """What goes into an item at a level: the lines of the bill of materials of that level, and those of all."""
    quantities: dict[str, float] = {}
    for line in world.bom:
        if line.item == item and line.level in ("", level):
            quantities[line.input] = quantities.get(line.input, 0.0) + line.quantity
    return tuple(quantities.items())


def mean_lines(world: World, item: str, levels: Mapping[ProcessKey, str], lines: Mapping[ProcessKey, Lines]) -> Lines:
    """What goes into an item on the average of the levels in use, each by its mean share at the sites that make it."""
    keys = [key for key in lines if key[2] == item]
    if not keys:
        return lines_at(world, item, "")
    if all(lines[key] == lines[keys[0]] for key in keys):
        return lines[keys[0]]
    shares = Levels(world)
    weights = [shares.mean_share(key[1], item, levels[key]) if key in levels else 1.0 for key in keys]
    if not any(weights):
        weights = [1.0] * len(keys)
    quantities: dict[str, float] = defaultdict(float)
    for key, weight in zip(keys, weights, strict=True):
        for name, quantity in lines[key]:
            quantities[name] += quantity * weight / sum(weights)
    return tuple(quantities.items())


def shares_of_ways(network: Network) -> dict[ProcessKey, float]:
    """Of the units made one by one at a site the mean part that each process makes: its level's, as others of it."""
    levels = Levels(network.world)
    level_of = {key: steps[0].level for key, steps in network.routing.items()}
    alike = Counter((key[1], key[2], level) for key, level in level_of.items())
    return {
        key: levels.mean_share(key[1], key[2], level) / alike[key[1], key[2], level] for key, level in level_of.items()
    }


def kit_of(network: Network, site: str, item: str) -> Lines:
    """What goes into a unit made one by one at a site, on the average of its ways there, each by its mean share."""
    keys = network.routed_at(site, item)
    levels = {key: network.routing[key][0].level for key in keys}
    lines = mean_lines(network.world, item, levels, {key: network.inputs_of(key) for key in keys}) if keys else ()
    return tuple((name, quantity) for name, quantity in lines if quantity)
