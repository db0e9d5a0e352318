"""Every rule that joins rows or tables, in the order of a planner's reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from twin.model import checks_make, checks_names, checks_trade
from twin.model.problems import Problem
from twin.model.tables import Tables

Check = Callable[[Tables], Iterator[Problem]]

CHECKS: tuple[tuple[Check, tuple[str, ...]], ...] = (
    (checks_names.check_names_known, ()),
    (checks_names.check_keys_unique, ()),
    (checks_names.check_timezones, ()),
    (checks_names.check_hazard_targets, ("site_groups", "lane_groups")),
    (checks_names.check_claims_name_one, ()),
    (checks_names.check_integrators, ("sites",)),
    (checks_names.check_estimates, ()),
    (checks_make.check_bom_cycles, ()),
    (checks_make.check_process_resources, ("resources",)),
    (checks_make.check_routing_steps, ("routings",)),
    (checks_make.check_routing_sites, ("processes",)),
    (checks_make.check_one_duration, ()),
    (checks_make.check_routing_resources, ("routings", "resources", "processes", "levels")),
    (checks_make.check_levels_known, ("routings",)),
    (checks_make.check_level_shares, ("levels",)),
    (checks_make.check_failures, ()),
    (checks_make.check_calendars, ()),
    (checks_trade.check_lane_ends, ()),
    (checks_trade.check_date_order, ()),
    (checks_trade.check_suppliers, ("processes", "stock", "lanes", "sourcing")),
    (checks_trade.check_sourcing_lanes, ("lanes", "processes", "bom")),
    (checks_trade.check_shares, ()),
    (checks_trade.check_share_sums, ()),
    (checks_trade.check_demand_supplied, ("processes", "stock", "lanes", "sourcing")),
    (checks_trade.check_allocation_sums, ()),
)
"""Each check with the tables of which it must know every row: where one of them is broken it keeps silent."""


def run_checks(tables: Tables, as_files: bool = False) -> list[Problem]:
    """Every problem that the checks find. `as_files`: the tables come from files, where numbers must have sources."""
    checks = [check for check, whole in CHECKS if not tables.broken.intersection(whole)]
    if as_files:
        checks.append(checks_names.check_sources_given)
    return [problem for check in checks for problem in check(tables)]
