"""What drivers of demand bring in one replication: their growth drawn once, for all of it."""

from __future__ import annotations

from twin.model.order_book import OrderLine, drawn_book
from twin.model.world import World
from twin.simulate.streams import generator
from twin.study.ground import Ground


def draws_of(world: World, seed: int, replication: int) -> dict[str, tuple[float, float]]:
    """Of each driver: where in their distributions its rates and its growth lie in a replication, from 0 to 1.

    A driver has a stream of its own, so that another one added, scaled or taken out changes none of its luck.
    """
    drivers = dict.fromkeys(row.driver for row in world.drivers)
    chances = {driver: generator(seed, replication, "demand", driver).random(2) for driver in drivers}
    return {driver: (float(level), float(growth)) for driver, (level, growth) in chances.items()}


def demand_varies(world: World) -> bool:
    """Does any driver's demand differ from replication to replication?"""
    return any(not cell.is_constant for row in world.drivers for cell in row.varying)


def orders_in(ground: Ground, seed: int, replication: int, known_s: int | None = None) -> tuple[OrderLine, ...]:
    """The orders of a replication; with `known_s` those placed by then, and the forecast of the others."""
    if not demand_varies(ground.case.world):
        return ground.orders
    draws = draws_of(ground.case.world, seed, replication)
    return drawn_book(ground.case.world, ground.orders, draws, known_s)
