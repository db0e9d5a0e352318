"""What the measures of a run are taken of: the places, items, steps and parties of its world, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from twin.metrics.ways import STAGES
from twin.model.order_book import OrderLine, ordered
from twin.model.units import POWER_KW

if TYPE_CHECKING:
    from twin.model.rows_demand import Demand
    from twin.model.world import World


def keys_of(measure: str, world: World) -> set[str] | None:
    """The keys that may follow the name of a measure; None where it is one number for all."""
    return _KEYS[measure](world) if measure in _KEYS else None


def _resources(world: World) -> set[str]:
    return {f"{row.site}/{row.resource}" for row in world.resources}


def _powers(world: World) -> set[str]:
    return {f"{row.site}/{row.resource}" for row in world.resources if row.unit.lower() in POWER_KW}


def _steps(world: World) -> set[str]:
    makers: dict[str, set[str]] = {}
    for process in world.processes:
        makers.setdefault(process.item, set()).add(process.site)
    return {
        f"{site}/{row.name}"
        for row in world.routings
        for site in ({row.site} if row.site else makers.get(row.item, set()))
    }


def _work(world: World) -> set[str]:
    return {f"{where}/{row.name}" for row in world.routings for where in _WHERE}


def _where(_world: World) -> set[str]:
    return set(_WHERE)


def _stages(_world: World) -> set[str]:
    return set(STAGES)


def _items(world: World) -> set[str]:
    return {row.item for row in world.items}


def _lanes(world: World) -> set[str]:
    return {row.lane for row in world.lanes}


def _sites(world: World) -> set[str]:
    return {row.site for row in world.sites}


def _demanded(world: World) -> set[str]:
    asked: Iterator[OrderLine | Demand] = chain(ordered(world), world.demand)
    return {f"customer:{row.customer}@{row.site}" for row in asked} | {f"site:{row.site}" for row in world.sites}


def _stocks(world: World) -> set[str]:
    return {f"{row.site}/{row.item}" for row in world.stock if row.policy.kind != "plan"}


def _customers(world: World) -> set[str]:
    return {row.customer for row in ordered(world) if row.late_usd_per_week}


def _services(world: World) -> set[str]:
    return {row.service for row in world.services}


def _statuses(world: World) -> set[str]:
    return {row.status for row in ordered(world)} | {"forecast"}


def _drivers(world: World) -> set[str]:
    return {row.driver for row in ordered(world)} - {""}


def _owners(world: World) -> set[str]:
    return {row.operator or row.site for row in world.sites} | {row.owner for row in world.stock if row.owner}


_WHERE = ("factory", "site")

_KEYS: dict[str, Callable[[World], set[str]]] = {
    "utilisation": _resources,
    "test_peak_kw": _powers,
    "test_mean_kw": _powers,
    "test_energy_usd": _powers,
    "test_over_mwh": _powers,
    "stock_days": _items,
    "fill_rate_at": _demanded,
    "stock_on_hand_units": _stocks,
    "stock_owed_units": _stocks,
    "stock_fill_rate": _stocks,
    "replenishment_orders": _stocks,
    "defects_put_in": _steps,
    "defects_in_transport": _lanes,
    "defects_found": _steps,
    "defects_escaped": _sites,
    "mean_wait_hours": _steps,
    "mean_number_waiting": _steps,
    "delayed_share": _steps,
    "late_usd_by_customer": _customers,
    "tokens_trillion_by_service": _services,
    "on_time_in_full_by_status": _statuses,
    "racks_accepted_by_status": _statuses,
    "backlog_end_racks_by_status": _statuses,
    "racks_due_by_driver": _drivers,
    "racks_accepted_by_driver": _drivers,
    "on_time_in_full_by_driver": _drivers,
    "backlog_end_racks_by_driver": _drivers,
    "wip_capital_usd_by_owner": _owners,
    "capital_days_usd_per_rack_by_owner": _owners,
    "time_to_token_stage_days": _stages,
    "step_hours_per_rack": _work,
    "crew_hours_per_rack": _where,
}
