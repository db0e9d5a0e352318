"""Every rule that joins rows or tables, in the order of a planner's reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from twin.model import (
    checks_bom,
    checks_convert,
    checks_dates,
    checks_factory,
    checks_forecast,
    checks_growth,
    checks_kept,
    checks_learning,
    checks_levels,
    checks_make,
    checks_names,
    checks_power,
    checks_stock,
    checks_trade,
)
from twin.model.problems import Problem
from twin.model.rows_demand import Estimate
from twin.model.tables import Tables
from twin.model.world import TABLES

Check = Callable[[Tables], Iterator[Problem]]

CHECKS: tuple[tuple[Check, tuple[str, ...], tuple[str, ...]], ...] = (
    (checks_names.check_names_known, (), ()),
    (checks_names.check_keys_unique, (), ()),
    (checks_names.check_timezones, (), ()),
    (checks_names.check_hazard_targets, ("site_groups", "lane_groups"), ("hazards",)),
    (checks_names.check_claims_name_one, (), ()),
    (checks_names.check_integrators, ("sites",), ("allocations",)),
    (checks_names.check_estimates, (), ()),
    (checks_bom.check_bom_cycles, (), ()),
    # Few worlds convert anything, so that the others are not told that `items` could not be judged by these.
    (checks_convert.check_conversions, ("items", "processes"), ()),
    (checks_convert.check_converted_racks, ("processes", "routings", "bom"), ()),
    (checks_make.check_process_resources, ("resources",), ("processes",)),
    (checks_make.check_routing_steps, ("routings",), ("routings",)),
    (checks_make.check_routing_sites, ("processes",), ("routings",)),
    (checks_make.check_one_duration, (), ()),
    (
        checks_make.check_modes,
        ("resources", "processes", "routings", "routing_resources", "levels"),
        ("routing_resources",),
    ),
    (
        checks_make.check_routing_resources,
        ("routings", "resources", "processes", "levels"),
        ("routing_resources",),
    ),
    (
        checks_make.check_clusters,
        ("resources", "processes", "routings", "routing_resources", "levels"),
        ("routings",),
    ),
    (
        checks_make.check_amounts,
        ("resources", "processes", "routings", "routing_resources", "levels"),
        ("routing_resources",),
    ),
    (
        checks_kept.check_kept_modes,
        ("resources", "processes", "routings", "routing_resources", "levels"),
        ("routings", "routing_resources"),
    ),
    (checks_levels.check_levels_known, ("routings",), ("levels", "orders", "processes", "bom")),
    (checks_levels.check_level_shares, ("levels",), ("levels",)),
    (checks_levels.check_one_level, (), ()),
    (checks_levels.check_step_names, ("routings", "routing_resources"), ("levels",)),
    (checks_levels.check_level_processes, ("processes",), ("levels",)),
    (checks_learning.check_learning_steps, ("routings", "processes"), ("learning",)),
    (checks_learning.check_one_curve, (), ()),
    (checks_make.check_failures, (), ()),
    (checks_make.check_failing_amounts, ("resources", "processes"), ("routing_resources",)),
    (checks_make.check_calendars, (), ()),
    (checks_power.check_tariff_hours, (), ()),
    (checks_power.check_tariff_resources, ("resources",), ("tariffs",)),
    (checks_trade.check_lane_ends, (), ()),
    (checks_trade.check_date_order, (), ()),
    (checks_dates.check_dates_in_reach, (), ()),
    (checks_trade.check_suppliers, ("processes", "stock", "lanes", "sourcing"), ("sourcing",)),
    (checks_trade.check_sourcing_lanes, ("lanes", "processes", "bom"), ("sourcing",)),
    (checks_trade.check_shares, (), ()),
    (checks_trade.check_share_sums, (), ()),
    (
        checks_trade.check_demand_supplied,
        ("processes", "stock", "lanes", "sourcing"),
        ("orders", "demand", "driver_shares", "transitions"),
    ),
    (checks_trade.check_allocation_sums, (), ()),
    (checks_forecast.check_driver_shares, ("drivers", "driver_shares"), ("drivers",)),
    (checks_forecast.check_driver_growth, (), ()),
    (checks_forecast.check_formed_names, ("drivers",), ()),
    (checks_forecast.check_transitions, (), ()),
    (checks_forecast.check_transition_places, ("driver_shares", "transitions"), ("transitions",)),
    (checks_forecast.check_transition_shares, ("driver_shares", "transitions"), ("transitions",)),
    (checks_forecast.check_transition_cycles, ("transitions",), ("transitions",)),
    (checks_factory.check_services, ("rack_economics", "services"), ("services",)),
    (checks_factory.check_floors, ("items", "sites"), ()),
    (checks_factory.check_served, ("services",), ("rack_economics",)),
    (checks_growth.check_expansions, ("resources", "processes", "lanes", "readiness"), ("expansions",)),
    (checks_stock.check_policies, (), ()),
    (checks_stock.check_cards, ("processes", "routings"), ("stock",)),
)
"""Each check, the tables of which it must know every row, and those that it judges by them.

Where one of the former is broken the check keeps silent, and the latter are told as not fully checked.
"""


def run_checks(tables: Tables, as_files: bool = False) -> list[Problem]:
    """Every problem that the checks find. `as_files`: the tables come from files, where numbers must have sources."""
    checks = [check for check, whole, _ in CHECKS if not tables.broken.intersection(whole)]
    if as_files:
        checks.append(checks_names.check_sources_given)
    return [problem for check in checks for problem in check(tables)]


def unchecked(tables: Tables) -> list[str]:
    """Tables that the checks could not judge in full since they, or tables they refer to, are broken; in order."""
    found = set(tables.broken)
    for _, whole, judged in CHECKS:
        found.update(judged if tables.broken.intersection(whole) else ())
    for reference in checks_names.REFERENCES:
        if (reference.to_table, reference.to_column) in tables.unread:
            found.add(reference.table)
    if any(estimate.table in tables.broken for estimate, _ in tables.of(Estimate)):
        found.add("estimates")
    return [table for table in TABLES if table in found and (table in tables.broken or tables.rows[table])]
