"""Rules that join a scenario to its world: what it names is there, within the time it covers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from twin.model.checks_names import number_problem, value_problem, where_problem
from twin.model.columns import columns_of
from twin.model.distribution import Distribution
from twin.model.document import DocumentPlace
from twin.model.problems import Problem, suggestion
from twin.model.rows_demand import Stock
from twin.model.rows_make import Process, Resource
from twin.model.rows_network import Lane, LaneGroup, Site, SiteGroup, Sourcing
from twin.model.scenario import Disruption, Lever, Target
from twin.model.scenario_file import ScenarioFile
from twin.model.tables import Tables
from twin.model.units import POWER_KW
from twin.model.where import matches
from twin.model.world import TABLES

_NAMED = {
    "site": (("sites", "site"),),
    "lane": (("lanes", "lane"),),
    "resource": (("resources", "resource"),),
    "item": (("items", "item"),),
    "process": (("processes", "process"),),
    "operator": (("sites", "operator"), ("lanes", "owner")),
    "country": (("sites", "country"),),
    "group": (("site_groups", "group"), ("lane_groups", "group")),
}
"""Where the names stand that each part of `at` may give."""

_PLACES = frozenset(("sites", "site_groups", "lanes", "lane_groups"))
_MAKING = frozenset(("resources", "processes", "stock", "sourcing"))


def scenario_problems(file: ScenarioFile, tables: Tables) -> list[Problem]:
    """Every problem of a scenario against its world with the changes applied.

    What depends on a table that is broken is left unjudged.
    """
    scenario = file.scenario
    assert scenario is not None
    problems: list[Problem] = []
    for disruption, place in zip(scenario.disruptions, file.places["disruptions"], strict=True):
        problems += check_length(disruption, place)
        for check in (check_within_horizon, check_target_known, check_target_hits, check_curtailment, check_embargo):
            problems += check(disruption, place, tables)
    for lever, place in zip(scenario.levers, file.places["levers"], strict=True):
        problems += check_lever(lever, place, tables)
    return problems


def check_within_horizon(disruption: Disruption, place: DocumentPlace, tables: Tables) -> Iterator[Problem]:
    """A disruption starts within the report window and its tail."""
    settings = tables.settings
    if settings is None or "settings" in tables.broken:
        return
    end = settings.starts + timedelta(seconds=settings.horizon_s)
    if not settings.starts <= disruption.starts < end:
        rule = "a disruption must start within the horizon"
        remedy = f"give a date from {settings.starts} to {end - timedelta(days=1)}, or a longer report window or tail"
        yield place.problem("starts", rule, str(disruption.starts), remedy)


def check_length(disruption: Disruption, place: DocumentPlace) -> Iterator[Problem]:
    """A disruption that lasts says how long; `scrap` is a moment."""
    given = disruption.lasts_weeks is not None or disruption.lasts_days is not None
    if not given and disruption.kind != "scrap":
        yield place.problem(
            "", f"a disruption of kind {disruption.kind} needs a length", remedy="give lasts_weeks or lasts_days"
        )


def check_target_known(disruption: Disruption, place: DocumentPlace, tables: Tables) -> Iterator[Problem]:
    """Each thing that `at` names is in the world."""
    for part, columns in _NAMED.items():
        value = getattr(disruption.at, part)
        if not value or tables.unread.intersection(columns):
            continue
        names = {name for table, column in columns for name in tables.known(table, column)}
        if value not in names:
            rule = f"the world has no {part} of this name"
            yield place.problem(f"at/{part}", rule, value, suggestion(value, names, ""))


def check_target_hits(disruption: Disruption, place: DocumentPlace, tables: Tables) -> Iterator[Problem]:
    """Every part of `at` narrows it down; together they must leave something."""
    if disruption.kind == "embargo" or tables.broken & (_PLACES | _MAKING):
        return
    if any(check_target_known(disruption, place, tables)):
        return
    if not _hits(disruption.at, tables):
        named = ", ".join(f"{part}: {value}" for part, value in disruption.at.model_dump().items() if value)
        rule = "nothing in the world fits all parts of `at`"
        yield place.problem("at", rule, named, "leave out the part that does not fit the others")


def check_curtailment(disruption: Disruption, place: DocumentPlace, tables: Tables) -> Iterator[Problem]:
    """A curtailment finds power to take: a resource in kW or MW, or the one named; `readiness` it does not reach."""
    target = disruption.at
    if disruption.kind != "curtailment" or tables.broken & {*_PLACES, "resources"}:
        return
    if any(check_target_known(disruption, place, tables)):
        return
    sites = {site.site for site, _ in tables.of(Site) if _fits_site(target, site, tables)}
    powered = any(
        row.site in sites and (row.resource == target.resource if target.resource else row.unit.lower() in POWER_KW)
        for row, _ in tables.of(Resource)
    )
    if not powered or target.process or target.item:
        rule = "a curtailment takes power, and what `at` names has no resource in kW or MW"
        remedy = "name such a resource or its site; for a datacenter give dated rows of readiness in `changes`"
        yield place.problem("at", rule, remedy=remedy)


def _hits(target: Target, tables: Tables) -> bool:
    """True where some lane, process, resource or site fits every named part."""
    sites = {site.site for site, _ in tables.of(Site) if _fits_site(target, site, tables)}
    if target.lane or any(row.group == target.group for row, _ in tables.of(LaneGroup)):
        lanes = (lane for lane, _ in tables.of(Lane))
        if any(_fits_lane(target, lane, tables) for lane in lanes):
            return True
    if target.process or target.item:
        return any(_fits_process(target, process) and process.site in sites for process, _ in tables.of(Process)) or (
            not target.process and not target.resource and _passes(target.item, sites, tables)
        )
    if target.resource:
        return any(row.resource == target.resource and row.site in sites for row, _ in tables.of(Resource))
    return bool(sites)


def _fits_site(target: Target, site: Site, tables: Tables) -> bool:
    members = {row.site for row, _ in tables.of(SiteGroup) if row.group == target.group}
    return (
        not target.lane
        and (not target.group or site.site in members)
        and target.site in ("", site.site)
        and target.operator in ("", site.operator)
        and target.country in ("", site.country)
    )


def _fits_lane(target: Target, lane: Lane, tables: Tables) -> bool:
    members = {row.lane for row, _ in tables.of(LaneGroup) if row.group == target.group}
    ends = [site for site, _ in tables.of(Site) if site.site in (lane.origin, lane.destination)]
    operators = {lane.owner, *(site.operator for site in ends)}
    return (
        not (target.item or target.process or target.resource)
        and target.lane in ("", lane.lane)
        and (not target.group or lane.lane in members)
        and target.site in ("", lane.origin, lane.destination)
        and (not target.operator or target.operator in operators)
        and (not target.country or target.country in {site.country for site in ends})
    )


def _fits_process(target: Target, process: Process) -> bool:
    return (
        target.process in ("", process.process)
        and target.item in ("", process.item)
        and target.resource in ("", process.resource)
    )


def _passes(item: str, sites: set[str], tables: Tables) -> bool:
    """True where some of the sites holds or forwards the item, without making it."""
    held = {row.site for row, _ in tables.of(Stock) if row.item == item}
    sends = {row.supplier for row, _ in tables.of(Sourcing) if row.item == item}
    return bool((held | sends) & sites)


def check_embargo(disruption: Disruption, place: DocumentPlace, tables: Tables) -> Iterator[Problem]:
    """An embargo lies between two countries of the world with a lane from the one to the other."""
    if disruption.kind != "embargo" or disruption.embargo is None or tables.broken & {"sites", "lanes"}:
        return
    known = tables.known("sites", "country") - {""}
    ends = {"from": disruption.embargo.from_country, "to": disruption.embargo.to_country}
    unknown = {part: name for part, name in ends.items() if name not in known}
    for part, name in unknown.items():
        rule = "the world has no site in this country"
        yield place.problem(f"embargo/{part}", rule, name, suggestion(name, known, ""))
    countries = {site.site: site.country for site, _ in tables.of(Site)}
    joined = {(countries.get(lane.origin), countries.get(lane.destination)) for lane, _ in tables.of(Lane)}
    if not unknown and (ends["from"], ends["to"]) not in joined:
        rule = "no lane leads from the one country to the other"
        yield place.problem("embargo", rule, f"{ends['from']} to {ends['to']}", "give two countries that a lane joins")


def check_lever(lever: Lever, place: DocumentPlace, tables: Tables) -> Iterator[Problem]:
    """A lever moves numbers that are there, from its low to its high."""
    if lever.low >= lever.high:
        yield place.problem("low", f"low must be below high ({lever.high:g})", f"{lever.low:g}", "exchange the two")
    elif lever.step > lever.high - lever.low:
        rule = f"step must fit between low and high ({lever.high - lever.low:g} or less)"
        yield place.problem("step", rule, f"{lever.step:g}", "give a smaller step")
    found = number_problem(lever.table, lever.column)
    if found is not None:
        part, rule, remedy = found
        yield place.problem(part, rule, getattr(lever, part), remedy)
        return
    missed = where_problem(tables, lever.table, lever.where)
    if missed is not None:
        part, rule, remedy = missed
        yield place.problem(f"where/{part}" if part else "where", rule, str(lever.where.get(part, "")), remedy)
        return
    for end in ("low", "high"):
        refused = value_problem(tables, lever.table, lever.where, lever.column, getattr(lever, end))
        if refused is not None:
            yield place.problem(end, refused[0], f"{getattr(lever, end):g}", refused[1])


def lever_range_problems(file: ScenarioFile, tables: Tables, before: Tables) -> list[Problem]:
    """Levers from whose low to whose high the present value of their number does not lie.

    The value that the world's own table holds will do, and so will that of the scenario's changes: a lever may
    be inherited by a scenario that moves its number.
    """
    assert file.scenario is not None
    problems: list[Problem] = []
    for lever, place in zip(file.scenario.levers, file.places["levers"], strict=True):
        if lever.low >= lever.high or number_problem(lever.table, lever.column) is not None:
            continue
        value = _outside(lever, tables)
        if value is None or _outside(lever, before) is None:
            continue
        end, word, turn = ("low", "above", "lower") if value < lever.low else ("high", "below", "raise")
        rule = f"{end} must not be {word} the {lever.column} that '{lever.table}' now holds ({value:g})"
        problems.append(place.problem(end, rule, f"{getattr(lever, end):g}", f"{turn} it, or correct the table"))
    return problems


def _outside(lever: Lever, tables: Tables) -> float | None:
    """The first value beyond low and high among the cells that a lever moves (a mean where it varies), or None."""
    fields = columns_of(TABLES[lever.table])
    if not set(lever.where) <= set(fields):
        return None
    cells = (getattr(row, fields[lever.column]) for row, _ in tables.rows[lever.table] if matches(row, lever.where))
    values = (cell.mean if isinstance(cell, Distribution) else cell for cell in cells if cell is not None)
    return next((float(value) for value in values if not lever.low <= value <= lever.high), None)
