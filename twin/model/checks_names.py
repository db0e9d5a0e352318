"""Rules about names: what is referred to exists, nothing stands twice, every number has a source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from twin.model.columns import cell_text, columns_of, measured_columns, movable_columns, row_cells
from twin.model.distribution import number_text
from twin.model.place import Place
from twin.model.problems import Problem, suggestion
from twin.model.rows_demand import Allocation, Estimate
from twin.model.rows_make import Claim
from twin.model.rows_network import Hazard, Site
from twin.model.tables import Tables, parse_row
from twin.model.where import matches, parse_where, why_no_match
from twin.model.world import TABLES


@dataclass(frozen=True, slots=True)
class Reference:
    """A column whose cells, where given, must stand in a column of another table."""

    table: str
    column: str
    to_table: str
    to_column: str


_SITE = ("sites", "site")
_ITEM = ("items", "item")
_CALENDAR = ("calendars", "calendar")

REFERENCES = (
    *(
        Reference(table, column, *_SITE)
        for table, column in (
            ("site_groups", "site"),
            ("resources", "site"),
            ("tariffs", "site"),
            ("claims", "site"),
            ("processes", "site"),
            ("routings", "site"),
            ("levels", "site"),
            ("lanes", "origin"),
            ("lanes", "destination"),
            ("sourcing", "supplier"),
            ("sourcing", "consumer"),
            ("stock", "site"),
            ("orders", "site"),
            ("demand", "site"),
            ("driver_shares", "site"),
            ("transitions", "site"),
            ("readiness", "site"),
            ("hazards", "site"),
            ("expansions", "site"),
        )
    ),
    *(
        Reference(table, column, *_ITEM)
        for table, column in (
            ("items", "convertible_to"),
            ("claims", "item"),
            ("processes", "item"),
            ("bom", "item"),
            ("bom", "input"),
            ("routings", "item"),
            ("routing_resources", "item"),
            ("levels", "item"),
            ("sourcing", "item"),
            ("allocations", "item"),
            ("stock", "item"),
            ("orders", "item"),
            ("demand", "item"),
            ("driver_shares", "item"),
            ("transitions", "item"),
            ("transitions", "successor"),
            ("rack_economics", "item"),
            ("services", "item"),
        )
    ),
    Reference("orders", "driver", "drivers", "driver"),
    Reference("driver_shares", "driver", "drivers", "driver"),
    Reference("resources", "calendar", *_CALENDAR),
    Reference("processes", "calendar", *_CALENDAR),
    Reference("claims", "resource", "resources", "resource"),
    Reference("lane_groups", "lane", "lanes", "lane"),
    Reference("duties", "item_kind", "items", "kind"),
    Reference("duties", "from_country", "sites", "country"),
    Reference("duties", "to_country", "sites", "country"),
    *(Reference(table, "source", "sources", "key") for table in TABLES if table != "sources"),
)
"""Every plain reference from table to table; those that need more than one column have a check of their own."""

KEYS: dict[str, tuple[str, ...]] = {
    "settings": ("name",),
    "items": ("item",),
    "sites": ("site",),
    "site_groups": ("group", "site"),
    "lane_groups": ("group", "lane"),
    "resources": ("site", "resource", "from"),
    "tariffs": ("site", "resource", "from", "weekday", "opens", "closes"),
    "claims": ("claimant", "site", "resource", "item", "from"),
    "processes": ("process", "site", "item", "from"),
    "bom": ("item", "input", "level"),
    "routings": ("item", "level", "site", "step"),
    "routing_resources": ("item", "level", "step", "mode", "resource"),
    "levels": ("site", "item", "from", "level"),
    "lanes": ("lane",),
    "sourcing": ("item", "supplier", "consumer"),
    "allocations": ("item", "customer", "integrator", "from"),
    "stock": ("site", "item"),
    "orders": ("order",),
    "demand": ("customer", "site", "item", "from"),
    "drivers": ("driver", "from"),
    "driver_shares": ("driver", "customer", "site", "item", "from"),
    "transitions": ("item", "successor", "customer", "site"),
    "readiness": ("site", "from"),
    "rack_economics": ("item",),
    "services": ("item", "service"),
    "duties": ("item_kind", "from_country", "to_country", "from"),
    "hazards": ("site", "group", "hazard"),
    "expansions": ("target", "site"),
    "estimates": ("estimate",),
    "sources": ("key",),
}
"""The columns that together name a row; `calendars` have none."""


def check_names_known(tables: Tables) -> Iterator[Problem]:
    """A name that refers to another table stands there, also in a row of which other cells could not be read."""
    for reference, value, place, known in _unknown_names(tables):
        rule = f"{reference.column} must be listed in the table '{reference.to_table}'"
        remedy = suggestion(value, known, f"the table '{reference.to_table}'")
        found = place.problem(reference.column, rule, value, remedy)
        taken = tables.removed.get((reference.to_table, reference.to_column, value))
        if taken is not None and taken.file != found.file:
            # Not the row is wrong that was right before, but the change that takes away what it names.
            rule, remedy = f"the table '{reference.table}' still names it", "change or remove that row too"
            found = replace(taken, rule=rule, value=value, remedy=f"{remedy}: {found.position}")
        yield found


def misnamed(tables: Tables) -> set[str]:
    """Tables in which some name is unknown, so that a row may mean another thing than it says."""
    return {reference.table for reference, *_ in _unknown_names(tables)}


def _unknown_names(tables: Tables) -> Iterator[tuple[Reference, str, Place, set[str]]]:
    """Every name that its other table does not hold: what it refers to, its value and place, the names known there."""
    for reference in REFERENCES:
        if (reference.to_table, reference.to_column) in tables.unread:
            continue
        names = list(_names_in(tables, reference.table, reference.column))
        known = tables.known(reference.to_table, reference.to_column) if names else set()
        yield from ((reference, value, place, known) for value, place in names if value not in known)


def _names_in(tables: Tables, table: str, column: str) -> Iterator[tuple[str, Place]]:
    """Every name in a column, with its place."""
    name = columns_of(TABLES[table])[column]
    yield from ((value, place) for row, place in tables.rows[table] if (value := getattr(row, name)))
    for cells, place in tables.left_out.get(table, ()):
        if place is not None and column in cells:
            yield cells[column], place


def check_keys_unique(tables: Tables) -> Iterator[Problem]:
    """No two rows of a table name the same thing."""
    for table, key in KEYS.items():
        names = [columns_of(TABLES[table])[column] for column in key]
        first: dict[tuple[object, ...], Place] = {}
        for row, place in tables.rows[table]:
            value = tuple(getattr(row, name) for name in names)
            if value in first:
                shown = ", ".join(cell_text(part) for part in value if part not in (None, ""))
                there = first[value].problem("", "").position
                remedy = f"it is already there: {there}; remove or rename one of the two"
                yield place.problem(key[0], f"{' + '.join(key)} must be unique in {table}", shown, remedy)
            else:
                first[value] = place


def check_sources_given(tables: Tables) -> Iterator[Problem]:
    """A row that holds a number says where the number comes from."""
    for table, record in TABLES.items():
        fields = columns_of(record)
        measured = [(column, fields[column]) for column in measured_columns(record)]
        if table in ("sources", "settings") or not measured:
            continue
        bare = []
        for row, place in tables.rows[table]:
            held = next((c for c, name in measured if name in row.model_fields_set and _is_number(row, name)), None)
            if held is not None and not row.source:
                bare.append((held, place))
        if len(bare) > 1 and not any(row.source for row, _ in tables.rows[table]) and table in tables.headers:
            rule = f"rows that hold a number must name their source, and none of {len(bare)} does"
            yield tables.headers[table].problem(
                "source", rule, remedy="fill the column 'source', with keys of 'sources'"
            )
        else:
            for held, place in bare:
                rule = f"a row that holds a number ({held}) must name its source"
                yield place.problem("source", rule, remedy="give a key of the table 'sources'")


def _is_number(row: object, name: str) -> bool:
    value = getattr(row, name)
    parameters = getattr(value, "parameters", None)
    # A policy such as `plan` has no number in it; a distribution always has.
    return value is not None and (parameters != () or getattr(value, "family", "") == "empirical")


def check_timezones(tables: Tables) -> Iterator[Problem]:
    """A site's timezone is one that clocks know."""
    for site, place in tables.of(Site):
        if not _is_timezone(site.timezone):
            rule = "timezone must be a name of the time zone database"
            remedy = suggestion(site.timezone, available_timezones(), "")
            yield place.problem("timezone", rule, site.timezone, remedy)


@cache
def _is_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def check_hazard_targets(tables: Tables) -> Iterator[Problem]:
    """A hazard strikes a site or a known group."""
    groups = tables.known("site_groups", "group") | tables.known("lane_groups", "group")
    for hazard, place in tables.of(Hazard):
        if not hazard.site and not hazard.group:
            yield place.problem("site", "a hazard strikes a site or a group", remedy="name one of them")
        if hazard.group and hazard.group not in groups:
            rule, remedy = "group must be listed in site_groups or lane_groups", suggestion(hazard.group, groups, "")
            yield place.problem("group", rule, hazard.group, remedy)


def check_claims_name_one(tables: Tables) -> Iterator[Problem]:
    """A claim is on a resource or on the processes of an item."""
    for claim, place in tables.of(Claim):
        if bool(claim.resource) == bool(claim.item):
            value = f"{claim.resource} and {claim.item}" if claim.item else ""
            yield place.problem("resource", "a claim is on a resource or on an item", value, "name one of the two")


def check_integrators(tables: Tables) -> Iterator[Problem]:
    """An allocation names a customer or an integrator, which is a site or an operator."""
    known = tables.known("sites", "site") | tables.known("sites", "operator") - {""}
    for allocation, place in tables.of(Allocation):
        if not allocation.customer and not allocation.integrator:
            rule = "an allocation is for a customer or an integrator"
            yield place.problem("customer", rule, remedy="name one of them")
        if allocation.integrator and allocation.integrator not in known:
            rule = "integrator must be a site or an operator of the table 'sites'"
            yield place.problem("integrator", rule, allocation.integrator, suggestion(allocation.integrator, known, ""))


def check_estimates(tables: Tables) -> Iterator[Problem]:
    """An estimate stands for a number that is there, and its low is not above its high."""
    for estimate, place in tables.of(Estimate):
        if estimate.low > estimate.high:
            value = cell_text(estimate.low)
            yield place.problem("low", f"low must not be above high ({estimate.high:g})", value, "exchange the two")
        found = number_problem(estimate.table, estimate.column)
        if found is not None:
            column, rule, remedy = found
            yield place.problem(column, rule, getattr(estimate, column), remedy)
            continue
        try:
            where = parse_where(estimate.where)
        except ValueError as error:
            rule, _, remedy = str(error).partition("; ")
            yield place.problem("where", f"where {rule}", estimate.where, remedy)
            continue
        missed = where_problem(tables, estimate.table, dict(where))
        if missed is not None:
            _, rule, remedy = missed
            yield place.problem("where", rule, estimate.where, remedy)
            continue
        for end in ("low", "high"):
            refused = value_problem(tables, estimate.table, where, estimate.column, getattr(estimate, end))
            if refused is not None:
                yield place.problem(end, refused[0], cell_text(getattr(estimate, end)), refused[1])


def number_problem(table: str, column: str) -> tuple[str, str, str] | None:
    """What is wrong with a (table, column) pair that should hold a number: which part, rule, remedy; or None."""
    if table not in TABLES:
        return "table", f"there is no table '{table}'", suggestion(table, TABLES, "")
    record = TABLES[table]
    if column not in columns_of(record):
        return "column", f"the table '{table}' has no column '{column}'", suggestion(column, columns_of(record), "")
    if column not in movable_columns(record):
        return "column", f"{column} is not a number", suggestion(column, movable_columns(record), "")
    return None


def where_problem(tables: Tables, table: str, where: dict[str, object]) -> tuple[str, str, str] | None:
    """What is wrong with the rows that a `where` should match: which column, rule, remedy; or None."""
    known = columns_of(TABLES[table])
    for column in where:
        if column not in known:
            return column, f"the table '{table}' has no column '{column}'", suggestion(column, known, "")
    rows = [row for row, _ in tables.rows[table]]
    if table in tables.broken or any(matches(row, where) for row in rows):
        return None
    column, remedy = why_no_match(rows, where)
    return column, f"no row of '{table}' matches", remedy


def value_problem(
    tables: Tables, table: str, where: Mapping[str, object], column: str, value: float
) -> tuple[str, str] | None:
    """Why the rows that a `where` matches cannot hold a value in a column: rule, remedy; or None."""
    record = TABLES[table]
    for row, place in tables.rows[table]:
        if matches(row, where):
            _, found = parse_row(record, row_cells(row) | {column: number_text(float(value))}, place, tables.folder)
            return (found[0].rule, found[0].remedy) if found else None
    return None
