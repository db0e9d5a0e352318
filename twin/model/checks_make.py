"""Rules about making: bills of materials, routings, resources, calendars."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator

from twin.model.columns import cell_text
from twin.model.place import Place
from twin.model.problems import Problem, suggestion
from twin.model.rows_make import CalendarRow, LevelRow, Process, Resource, RoutingResource, RoutingStep
from twin.model.tables import Tables

_SHARE_TOLERANCE = 1e-6
_MOST_FAILING = 10_000


def check_process_resources(tables: Tables) -> Iterator[Problem]:
    """A resource that a process draws on is there, at the same site."""
    present = resources_by_site(tables)
    for process, place in tables.of(Process):
        if process.resource and process.resource not in present[process.site]:
            rule = f"resource must be listed for the site {process.site} in resources"
            yield place.problem(
                "resource", rule, process.resource, _resource_remedy(process.resource, present, process.site)
            )


def resources_by_site(tables: Tables) -> dict[str, set[str]]:
    """Names of the resources that each site lists."""
    present: dict[str, set[str]] = defaultdict(set)
    for resource, _ in tables.of(Resource):
        present[resource.site].add(resource.resource)
    return present


def _resource_remedy(name: str, present: dict[str, set[str]], site: str) -> str:
    return suggestion(name, present[site], f"the table 'resources' with site {site}")


def check_routing_steps(tables: Tables) -> Iterator[Problem]:
    """Steps of a routing count 1, 2, 3 …, and rework goes back to one of them, not forward."""
    routings: dict[tuple[str, str, str], list[tuple[RoutingStep, Place]]] = defaultdict(list)
    for step, place in tables.of(RoutingStep):
        routings[step.item, step.level, step.site].append((step, place))
    for rows in routings.values():
        present = {step.step for step, _ in rows}
        for step, place in rows:
            if step.step > 1 and step.step - 1 not in present:
                rule = "the steps of a routing must count 1, 2, 3 without a gap"
                yield place.problem("step", rule, str(step.step), f"number it {_next_free(present)}")
            if step.rework_to is not None and step.rework_to > step.step:
                rule = f"rework_to must not lie after its own step ({step.step})"
                yield place.problem("rework_to", rule, str(step.rework_to), f"give a step from 1 to {step.step}")
            elif step.rework_to is not None and step.rework_to not in present:
                listed = ", ".join(str(number) for number in sorted(present))
                rule = "rework_to must be a step of the same routing"
                yield place.problem("rework_to", rule, str(step.rework_to), f"give one of {listed}")


def _next_free(present: set[int]) -> int:
    return next(number for number in range(1, len(present) + 2) if number not in present)


def check_routing_sites(tables: Tables) -> Iterator[Problem]:
    """A routing that names a site is for a site that makes the item; the item is made somewhere."""
    makers = makers_of(tables)
    blamed: set[tuple[str, str]] = set()
    for step, place in tables.of(RoutingStep):
        if (step.item, step.site) in blamed:
            continue
        if not makers[step.item]:
            blamed.add((step.item, step.site))
            remedy = f"add a row to 'processes' with a site and the item {step.item}"
            yield place.problem("item", "an item with a routing must be made at some site", step.item, remedy)
        elif step.site and step.site not in makers[step.item]:
            blamed.add((step.item, step.site))
            remedy = suggestion(step.site, makers[step.item], "the table 'processes'")
            yield place.problem("site", f"site must make {step.item} (a row in processes)", step.site, remedy)


def makers_of(tables: Tables) -> dict[str, set[str]]:
    """Sites that make each item."""
    makers: dict[str, set[str]] = defaultdict(set)
    for process, _ in tables.of(Process):
        makers[process.item].add(process.site)
    return makers


def check_one_duration(tables: Tables) -> Iterator[Problem]:
    """An item with a routing takes its time from the routing, so its process gives none."""
    routed = {step.item for step, _ in tables.of(RoutingStep)}
    for process, place in tables.of(Process):
        if process.item in routed and process.cycle_days is not None:
            rule = "cycle_days must be blank for an item with a routing, whose steps give its time"
            yield place.problem("cycle_days", rule, cell_text(process.cycle_days), "clear the cell, or the routing")


def check_routing_resources(tables: Tables) -> Iterator[Problem]:
    """What a step seizes belongs to a step that is there, and is there at every site that runs it."""
    steps: dict[tuple[str, str], set[int]] = defaultdict(set)
    levels: dict[str, list[str]] = defaultdict(list)
    for step, _ in tables.of(RoutingStep):
        steps[step.item, step.level].add(step.step)
        levels[step.item].append(step.level)
    present, makers = resources_by_site(tables), makers_of(tables)
    for row, place in tables.of(RoutingResource):
        if row.level not in levels[row.item]:
            rule = f"level must be one of the routings of {row.item}"
            yield place.problem("level", rule, row.level, suggestion(row.level, levels[row.item], "routings"))
        elif row.step not in steps[row.item, row.level]:
            listed = ", ".join(str(number) for number in sorted(steps[row.item, row.level]))
            rule = f"step must be one of the routing of {row.item} at {row.level}"
            yield place.problem("step", rule, str(row.step), f"give one of {listed}")
        else:
            for site in sorted(makers[row.item]):
                runs = row.level in levels_in_force(tables, site, row.item, levels[row.item])
                if runs and not row.mode and row.resource not in present[site]:
                    rule = f"resource must be listed for the site {site}, which makes {row.item}"
                    yield place.problem("resource", rule, row.resource, _resource_remedy(row.resource, present, site))


def check_modes(tables: Tables) -> Iterator[Problem]:
    """Every site that runs a step has all that some mode of it seizes; a mode's hours are given once and stretch some.

    A resource stands with a mode, or with all modes, not with both.
    """
    routed: dict[str, list[str]] = defaultdict(list)
    idle = set()
    for step, _ in tables.of(RoutingStep):
        routed[step.item].append(step.level)
        idle |= {(step.item, step.level, step.step)} if not step.hours.mean else set()
    by_step: dict[tuple[str, str, int], list[tuple[RoutingResource, Place]]] = defaultdict(list)
    for row, place in tables.of(RoutingResource):
        by_step[row.item, row.level, row.step].append((row, place))
    present, makers = resources_by_site(tables), makers_of(tables)
    for key, rows in by_step.items():
        yield from _check_mode_rows(rows, is_idle=key in idle)
        moded = [(row, place) for row, place in rows if row.mode]
        for site in sorted(makers[key[0]]) if moded else ():
            lacking = {row.mode for row, _ in moded if row.resource not in present[site]}
            runs = key[1] in levels_in_force(tables, site, key[0], routed[key[0]] or [key[1]])
            if runs and lacking == {row.mode for row, _ in moded}:
                row, place = next(pair for pair in moded if pair[0].resource not in present[site])
                rule = (
                    f"the site {site}, which makes {key[0]}, must list all resources of at least one mode of the step"
                )
                yield place.problem("resource", rule, row.resource, _resource_remedy(row.resource, present, site))


def _check_mode_rows(rows: list[tuple[RoutingResource, Place]], *, is_idle: bool) -> Iterator[Problem]:
    of_all = {row.resource for row, _ in rows if not row.mode}
    hours: dict[str, float] = {}
    for row, place in rows:
        if row.mode and row.resource in of_all:
            rule = "a resource must stand with one mode of a step or with all of them (blank), not with both"
            yield place.problem("mode", rule, row.mode, "remove one of the rows")
        if row.mode_hours is None:
            continue
        text = cell_text(row.mode_hours)
        if not row.mode:
            yield place.problem("mode_hours", "mode_hours need a mode", text, "name the mode, or clear the cell")
        elif is_idle:
            rule = "mode_hours need a step that takes hours of its own"
            yield place.problem("mode_hours", rule, text, "give the step's hours in routings")
        elif hours.setdefault(row.mode, row.mode_hours) != row.mode_hours:
            rule = f"the rows of the mode {row.mode} must give the same hours"
            yield place.problem("mode_hours", rule, text, f"give {cell_text(hours[row.mode])}, or clear the cell")


def check_clusters(tables: Tables) -> Iterator[Problem]:
    """What all racks of a cluster hold at a step is there at some time, at every site that runs the step."""
    most, held, running = most_by_site(tables), held_by_step(tables), sites_running(tables)
    for step, place in tables.of(RoutingStep):
        for row, _ in held[step.item, step.level, step.step] if step.cluster > 1 else ():
            for site in running[step.item, step.level, step.site]:
                there = most.get((site, row.resource), 0.0)
                if fits(row.amount, there) and not fits(step.cluster * row.amount, there):
                    rule = (
                        f"{step.cluster} racks together must not need more of {row.resource} "
                        f"than the {cell_text(there)} at {site}"
                    )
                    remedy = f"give {math.floor(there / row.amount + _SHARE_TOLERANCE)} or less, or more capacity"
                    yield place.problem("cluster", rule, str(step.cluster), remedy)


def check_amounts(tables: Tables) -> Iterator[Problem]:
    """What one unit holds at a step, in one mode of it at least, is there at some time at every site that runs it.

    Of capacity 0 is what is shut on purpose, as by a scenario's changes.
    """
    most, held, running = most_by_site(tables), held_by_step(tables), sites_running(tables)
    for step, _ in tables.of(RoutingStep):
        rows = held[step.item, step.level, step.step]
        for site in running[step.item, step.level, step.site] if rows else ():
            for row, place in _never_enough(rows, site, most):
                there = most[site, row.resource]
                rule = f"one {row.item} must not need more of {row.resource} than the {cell_text(there)} at {site}"
                remedy = f"give {cell_text(there)} or less, or more capacity"
                yield place.problem("amount", rule, cell_text(row.amount), remedy)


def _never_enough(
    rows: list[tuple[RoutingResource, Place]], site: str, most: dict[tuple[str, str], float]
) -> list[tuple[RoutingResource, Place]]:
    """Rows of a step that hold more than there is: those of all modes, and those of a mode where no mode can run."""
    missing = [pair for pair in rows if not fits(pair[0].amount, most.get((site, pair[0].resource), 0.0))]
    has_mode = not {row.mode for row, _ in rows if row.mode} <= {row.mode for row, _ in missing if row.mode}
    wrong = [(row, place) for row, place in missing if not row.mode or not has_mode]
    return [(row, place) for row, place in wrong if most.get((site, row.resource), 0.0) > 0]


def fits(amount: float, there: float) -> bool:
    """Is so much there, but for rounding?"""
    return amount <= there * (1 + _SHARE_TOLERANCE)


def most_by_site(tables: Tables) -> dict[tuple[str, str], float]:
    """The most that there may ever be of a resource, by (site, resource): of all rows, at the top of their ramps."""
    most: dict[tuple[str, str], float] = defaultdict(float)
    for row, _ in tables.of(Resource):
        highest = row.capacity * max((point.fraction for point in row.ramp), default=1.0)
        most[row.site, row.resource] = max(most[row.site, row.resource], highest)
    return most


def held_by_step(tables: Tables) -> dict[tuple[str, str, int], list[tuple[RoutingResource, Place]]]:
    """What each step holds in all its modes, by item, level and step, with where it stands."""
    held: dict[tuple[str, str, int], list[tuple[RoutingResource, Place]]] = defaultdict(list)
    for row, place in tables.of(RoutingResource):
        held[row.item, row.level, row.step].append((row, place))
    return held


def sites_running(tables: Tables) -> dict[tuple[str, str, str], list[str]]:
    """Sites that run a routing, by its item, level and site; rows that name a site replace those of none there."""
    steps = [step for step, _ in tables.of(RoutingStep)]
    routings = dict.fromkeys((step.item, step.level, step.site) for step in steps)
    makers = makers_of(tables)
    running: dict[tuple[str, str, str], list[str]] = {}
    for item, level, own in routings:
        sites = [own] if own else [site for site in sorted(makers[item]) if (item, level, site) not in routings]
        running[item, level, own] = [
            site
            for site in sites
            if site in makers[item] and level in levels_in_force(tables, site, item, _levels_at(routings, item, site))
        ]
    return running


def _levels_at(routings: Iterable[tuple[str, str, str]], item: str, site: str) -> list[str]:
    return [level for each, level, where in routings if each == item and where in ("", site)]


def levels_in_force(tables: Tables, site: str, item: str, routed: list[str]) -> set[str]:
    """Levels at which a site may make an item: by its own rows, those of no site, all rows, or the first routing."""
    rows = [row for row, _ in tables.of(LevelRow) if row.item == item and row.share != 0]
    own = {row.level for row in rows if row.site == site} or {row.level for row in rows if not row.site}
    return own or {row.level for row in rows} or {routed[0]}


def check_failures(tables: Tables) -> Iterator[Problem]:
    """A resource that breaks down says how often and for how long; one that does not says neither.

    Each unit of the former breaks down by itself, so that there is a limit to their number.
    """
    for resource, place in tables.of(Resource):
        hours = {"mtbf_hours": resource.mtbf_hours, "mttr_hours": resource.mttr_hours}
        missing = [column for column, value in hours.items() if value is None]
        if resource.failures and resource.capacity > _MOST_FAILING:
            rule = f"capacity must be {_MOST_FAILING:,} or less where failures is given"
            yield place.problem("capacity", rule, cell_text(resource.capacity), "give less, or clear failures")
        if resource.failures:
            for column in missing:
                rule = f"{column} is needed where failures is given"
                yield place.problem(column, rule, remedy="give hours, or clear failures")
        elif len(missing) < len(hours):
            rule = "failures is needed where hours of failure and repair are given"
            yield place.problem("failures", rule, remedy="write time or use, or clear the hours")


def check_failing_amounts(tables: Tables) -> Iterator[Problem]:
    """Of a resource whose units break down one by one, a step seizes whole units."""
    failing = {(resource.site, resource.resource) for resource, _ in tables.of(Resource) if resource.failures}
    makers = makers_of(tables)
    for row, place in tables.of(RoutingResource):
        sites = [site for site in sorted(makers[row.item]) if (site, row.resource) in failing]
        if sites and row.amount % 1:
            rule = f"amount must be a whole number, since units of {row.resource} at {sites[0]} break down one by one"
            yield place.problem("amount", rule, cell_text(row.amount), "give 1 or more, or clear failures there")


def check_calendars(tables: Tables) -> Iterator[Problem]:
    """A row of a calendar is open hours of a weekday that open before they close, or a closed range of dates."""
    for row, place in tables.of(CalendarRow):
        hours = bool(row.weekday or row.opens or row.closes)
        closed = row.closed_from is not None or row.closed_to is not None
        if hours == closed:
            rule = "a row of a calendar is open hours of a weekday or a closed range of dates"
            yield place.problem("weekday", rule, row.weekday, "give one of the two in each row")
        elif hours and not row.weekday:
            yield place.problem("weekday", "open hours need a weekday", remedy="write such as mon, mon-fri or daily")
        elif hours and (row.opens or "00:00") >= (row.closes or "24:00"):
            rule = f"closes must be later than opens ({row.opens or '00:00'})"
            yield place.problem(
                "closes", rule, row.closes, "split a shift over midnight into two rows, until 24:00 and from 00:00"
            )
        elif closed and row.closed_from is None:
            yield place.problem("closed_from", "a closed range needs its first day", remedy="give closed_from")
