"""Small worlds whose demand follows from drivers: a campus that orders by them, and a rack that has a successor."""

from __future__ import annotations

from typing import Any

from worlds import chain_world, day, row

from twin.model.rows_forecast import Driver, DriverShare, Transition
from twin.model.rows_make import BomLine, Process
from twin.model.rows_network import Item
from twin.model.world import Settings, World


def drivers(**cells: tuple[object, object]) -> tuple[Driver, ...]:
    """Drivers by name, since ever, with units a week at `starts` and growth factor per year."""
    return tuple(
        row(Driver, driver=name.replace("_", "-"), units_per_week=level, growth_factor_per_year=growth)
        for name, (level, growth) in cells.items()
    )


def share(site: str = "campus", part: float = 1.0, **cells: Any) -> DriverShare:
    """A place's share of all drivers, with orders placed two weeks ahead unless told otherwise."""
    given = {"customer": "acme", "item": "rack_accepted", "ordered_days_ahead": 14, **cells}
    return row(DriverShare, site=site, share=part, **given)


def demand_world(*, weeks: int = 52, tail_weeks: int = 0, **tables: Any) -> World:
    """The chain of `chain_world` without orders of its own, with the drivers given."""
    settings = Settings(starts=day(0), report_weeks=weeks, tail_weeks=tail_weeks, schedule_weeks=0)
    parts: dict[str, Any] = {"settings": settings, "orders": (), "driver_shares": (share(),)}
    return chain_world(**(parts | tables))


def successor_world(**tables: Any) -> World:
    """The same, where the integrator can make a second rack on the same bays and cells, and the campus take it up."""
    world = demand_world()
    steps = [step for step in world.routings if step.item in ("rack_l11", "rack_accepted")]
    held = [one for one in world.routing_resources if one.item in ("rack_l11", "rack_accepted")]
    after = {"rack_l11": "next_l11", "rack_accepted": "next_accepted"}
    return demand_world(
        **{
            "items": (
                *world.items,
                row(Item, item="next_l11", kind="rack", value_usd=150.0, mass_kg=1000.0, power_kw=200.0),
                row(Item, item="next_accepted", kind="rack", value_usd=180.0, mass_kg=1000.0, power_kw=200.0),
            ),
            "processes": (
                *world.processes,
                row(Process, process="integration", site="integrator", item="next_l11"),
                row(Process, process="installation", site="campus", item="next_accepted"),
            ),
            "bom": (
                *world.bom,
                row(BomLine, item="next_l11", input="tray", quantity=2),
                row(BomLine, item="next_accepted", input="next_l11", quantity=1),
            ),
            "routings": (*world.routings, *(_renamed(step, after) for step in steps)),
            "routing_resources": (*world.routing_resources, *(_renamed(one, after) for one in held)),
        }
        | tables
    )


def _renamed(one: Any, after: dict[str, str]) -> Any:
    return one.model_copy(update={"item": after[one.item]})


def move(**cells: Any) -> Transition:
    """The campus's rack to its successor, from the tenth to the thirtieth week unless told otherwise."""
    given = {"item": "rack_accepted", "successor": "next_accepted", "from": day(70), "until": day(210), **cells}
    return row(Transition, **given)
