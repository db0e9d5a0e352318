"""Rules about levels: the ways in which racks are built at a site, their processes and their shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from twin.model.place import Place
from twin.model.problems import Problem, suggestion
from twin.model.rows_demand import Order
from twin.model.rows_make import BomLine, LevelRow, Process, RoutingResource, RoutingStep
from twin.model.tables import Tables

_SHARE_TOLERANCE = 1e-6


def check_levels_known(tables: Tables) -> Iterator[Problem]:
    """A level that a site, an order, a process or a line of the bill of materials names has a routing."""
    levels: dict[str, set[str]] = defaultdict(set)
    for step, _ in tables.of(RoutingStep):
        levels[step.item].add(step.level)
    asked = [(row.item, row.level, place) for row, place in tables.of(LevelRow)]
    asked += [(order.item, order.level, place) for order, place in tables.of(Order) if order.level]
    asked += [(process.item, process.level, place) for process, place in tables.of(Process) if process.level]
    asked += [(line.item, line.level, place) for line, place in tables.of(BomLine) if line.level]
    for item, level, place in asked:
        if level not in levels[item]:
            rule = f"level must be one of the routings of {item}"
            yield place.problem("level", rule, level, suggestion(level, levels[item], "the table 'routings'"))


def check_level_shares(tables: Tables) -> Iterator[Problem]:
    """The levels of a site and item share out the whole from each date on; what is blank takes what is left."""
    found: dict[tuple[str, str, date | None], list[tuple[LevelRow, Place]]] = defaultdict(list)
    for row, place in tables.of(LevelRow):
        found[row.site, row.item, row.from_date].append((row, place))
    for (site, item, _), rows in found.items():
        total = sum(row.share or 0.0 for row, _ in rows)
        free = any(row.share is None for row, _ in rows)
        if total > 1 + _SHARE_TOLERANCE or (not free and total < 1 - _SHARE_TOLERANCE):
            most = "come to no more than 1" if free else "add up to 1"
            rule = f"the shares of the levels of {item} for {site or 'all other sites'} must {most}"
            remedy = "change the shares that hold from the same date, or leave one blank for the plan to choose"
            yield rows[-1][1].problem("share", rule, f"{total:.6g}", remedy)


def check_level_processes(tables: Tables) -> Iterator[Problem]:
    """Where a site makes an item at several levels, each has a process of its own; where it makes none, no level."""
    processes: dict[tuple[str, str], list[tuple[Process, Place]]] = defaultdict(list)
    for process, place in tables.of(Process):
        processes[process.site, process.item].append((process, place))
    asked = levels_asked(tables)
    for (site, item), here in processes.items():
        levels = levels_of(asked, site, item)
        if len(levels) > 1:
            yield from _lacking(site, item, levels, here)
    for (site, item), levels in asked.items():
        if site and levels and (site, item) not in processes:
            makers = {maker for maker, made in processes if made == item}
            rule = f"a row of levels must name a site that makes {item}"
            yield next(iter(levels.values())).problem(
                "site", rule, site, suggestion(site, makers, "the table 'processes'")
            )


LevelsAsked = dict[tuple[str, str], dict[str, Place]]
"""The levels that have a share, by site (blank: every other site) and item, each with where it first stands."""


def levels_of(asked: LevelsAsked, site: str, item: str) -> dict[str, Place]:
    """The levels of an item at a site: by its own rows, else by those of no site."""
    return asked.get((site, item)) or asked.get(("", item), {})


def levels_asked(tables: Tables) -> LevelsAsked:
    """The levels of all rows that have a share."""
    asked: LevelsAsked = defaultdict(dict)
    for row, place in tables.of(LevelRow):
        levels = asked[row.site, row.item]
        if row.share != 0:
            levels.setdefault(row.level, place)
    return dict(asked)


def check_one_level(tables: Tables) -> Iterator[Problem]:
    """A process makes its item at the same level in all its rows."""
    levels: dict[tuple[str, str, str], str] = {}
    for process, place in tables.of(Process):
        first = levels.setdefault((process.process, process.site, process.item), process.level)
        if process.level != first:
            rule = f"level must be the same in all rows of the process {process.process} at {process.site}"
            yield place.problem("level", rule, process.level, f"write {first!r}, or give the row a process of its own")


def check_step_names(tables: Tables) -> Iterator[Problem]:
    """Steps of one name hold the same at all levels that an item is made at: the log tells them by their name."""
    asked: dict[str, set[str]] = defaultdict(set)
    for (_, item), levels in levels_asked(tables).items():
        asked[item] |= levels.keys() if len(levels) > 1 else set()
    held: dict[tuple[str, str, int], list[tuple[str, str, float]]] = defaultdict(list)
    for need, _ in tables.of(RoutingResource):
        held[need.item, need.level, need.step].append((need.mode, need.resource, need.amount))
    first: dict[tuple[str, str, str], RoutingStep] = {}
    for step, place in tables.of(RoutingStep):
        if step.level in asked[step.item]:
            other = first.setdefault((step.item, step.site, step.name), step)
            mine, theirs = (sorted(held[each.item, each.level, each.step]) for each in (step, other))
            if mine != theirs:
                rule = f"a step of {step.item} that holds other things than at {other.level} must have another name"
                yield place.problem("name", rule, step.name, "name it apart, as the log tells steps by their names")


def _lacking(site: str, item: str, asked: dict[str, Place], here: list[tuple[Process, Place]]) -> Iterator[Problem]:
    held = {process.level for process, _ in here}
    for level, place in asked.items():
        if level not in held:
            rule = f"{site} makes {item} at several levels, so that each needs a process with its level there"
            yield place.problem("level", rule, level, f"add a row to 'processes' for {item} at {site} with this level")
    for process, place in here:
        if not process.level:
            rule = f"{site} makes {item} at several levels, so that a process must say which is its own"
            yield place.problem("level", rule, "", f"write one of {', '.join(sorted(asked))}")
