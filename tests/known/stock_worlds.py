"""Worlds of stocks under policies, for the ladder: a shop with a lane or a process behind it, and rows of stocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from worlds import SOURCE, STARTS, row

from twin.model.rows_demand import Demand, Stock
from twin.model.rows_make import Process, Resource, RoutingResource, RoutingStep
from twin.model.rows_network import Item, Lane, Site
from twin.model.world import Settings, World


def customers(every_days: str, quantity: str = "1", **cells: Any) -> Demand:
    """A stream of customers for the part at the shop, unless the cells say otherwise."""
    usual = {"customer": "acme", "site": "shop", "item": "part"}
    made = row(Demand, every_days=every_days, quantity=quantity, **(usual | cells))
    assert isinstance(made, Demand)
    return made


def shop_world(
    policy: str,
    demand: Demand,
    lead_days: str,
    *,
    by_lane: bool = False,
    weeks: int = 130,
    **stock: Any,
) -> World:
    """One stock at `shop`, replenished by a process there, or by a lane from a maker that is never short."""
    held = row(Stock, site="shop", item="part", policy=policy, **stock)
    shop = row(Site, site="shop", kind="hub")
    if not by_lane:
        making = row(Process, process="making", site="shop", item="part", cycle_days=lead_days)
        return _world(weeks, sites=(shop,), processes=(making,), stock=(held,), demand=(demand,))
    return _world(
        weeks,
        sites=(row(Site, site="maker", kind="component"), shop),
        lanes=(row(Lane, lane="way", origin="maker", destination="shop", transit_days=lead_days),),
        stock=(row(Stock, site="maker", item="part", policy="base_stock(0)"), held),
        demand=(demand,),
    )


def serial_world(demand: Demand, levels: Sequence[int], lead_days: Sequence[float], costs: Sequence[Any]) -> World:
    """Stocks in a row under base stock, the one by the customers first; the last has an unlimited maker."""
    sites = [f"stage_{number}" for number in range(1, len(levels) + 1)]
    lanes = tuple(
        row(Lane, lane=f"to_{to}", origin=origin, destination=to, transit_days=lead)
        for to, origin, lead in zip(sites, sites[1:], lead_days, strict=False)
    )
    return _world(
        130,
        sites=tuple(row(Site, site=site, kind="component") for site in sites),
        processes=(row(Process, process="making", site=sites[-1], item="part", cycle_days=lead_days[-1]),),
        lanes=lanes,
        stock=tuple(
            row(Stock, site=site, item="part", policy=f"base_stock({level})", **cost)
            for site, level, cost in zip(sites, levels, costs, strict=True)
        ),
        demand=(demand.model_copy(update={"site": sites[0]}),),
    )


def line_under_cards(cards: int, hours: Sequence[str], demand: Demand, weeks: int, **stock: Any) -> World:
    """A line of single stations at `shop` that makes the part under `kanban`."""
    numbers = range(1, len(hours) + 1)
    return _world(
        weeks,
        sites=(row(Site, site="shop", kind="component"),),
        processes=(row(Process, process="making", site="shop", item="part"),),
        resources=tuple(row(Resource, site="shop", resource=f"station_{n}", capacity=1) for n in numbers),
        routings=tuple(
            row(RoutingStep, item="part", level="line", step=n, name=f"step_{n}", hours=text)
            for n, text in zip(numbers, hours, strict=True)
        ),
        routing_resources=tuple(
            row(RoutingResource, item="part", level="line", step=n, resource=f"station_{n}") for n in numbers
        ),
        stock=(row(Stock, site="shop", item="part", policy=f"kanban({cards})", **stock),),
        demand=(demand,),
    )


def unreliable_supplier(
    demand: Demand, policy: str, up_days: float, down_days: float, weeks: int, **stock: Any
) -> World:
    """A stock whose supplier delivers at once while up: its one place breaks down by time, and orders wait for it."""
    gate = row(
        Resource, site="maker", resource="gate", capacity=1, failures="time",
        mtbf_hours=f"exponential({24 * up_days!r})", mttr_hours=f"exponential({24 * down_days!r})",
    )  # fmt: skip
    return _world(
        weeks,
        sites=(row(Site, site="maker", kind="component"), row(Site, site="shop", kind="hub")),
        processes=(row(Process, process="supplying", site="maker", item="part"),),
        resources=(gate,),
        routings=(row(RoutingStep, item="part", level="gate", step=1, name="pass", hours="0"),),
        routing_resources=(row(RoutingResource, item="part", level="gate", step=1, resource="gate"),),
        lanes=(row(Lane, lane="way", origin="maker", destination="shop", transit_days="0"),),
        stock=(row(Stock, site="shop", item="part", policy=policy, **stock),),
        demand=(demand,),
    )


def _world(weeks: int, **tables: Any) -> World:
    return World(
        name="stocks",
        settings=Settings(starts=STARTS, report_weeks=weeks, tail_weeks=0, schedule_weeks=0),
        items=(row(Item, item="part", kind="part"),),
        sources=(SOURCE,),
        **tables,
    )
