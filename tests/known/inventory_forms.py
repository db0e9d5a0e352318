"""Closed forms of inventory theory, each computed to the end here, with its source.

Chances are arrays by number of units, cut where what is left is below 1e-12.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Chances = NDArray[np.float64]


def poisson(mean: float, count: int = 200) -> Chances:
    """Chances of 0, 1, 2 … units."""
    units = np.arange(count)
    logs = units * math.log(mean) - mean - np.array([math.lgamma(each + 1) for each in units])
    return np.exp(logs)


def short_and_over(level: float, chances: Chances) -> tuple[float, float]:
    """Mean of (units - level)+ and of (level - units)+."""
    units = np.arange(len(chances))
    return float(np.maximum(units - level, 0) @ chances), float(np.maximum(level - units, 0) @ chances)


def base_stock(level: int, mean: float) -> dict[str, float]:
    """Base stock under Poisson demand: units on order are Poisson with the mean of lead-time demand (Palm 1938)."""
    chances = poisson(mean)
    owed, on_hand = short_and_over(level, chances)
    return {"fill": float(chances[:level].sum()), "owed": owed, "on hand": on_hand}


def reorder(point: int, quantity: int, mean: float) -> dict[str, float]:
    """(r, Q) under Poisson demand: the position is uniform on r + 1 … r + Q (Hadley and Whitin 1963)."""
    each = [base_stock(position, mean) for position in range(point + 1, point + quantity + 1)]
    return {name: sum(one[name] for one in each) / quantity for name in each[0]}


def reviewed_base_stock(level: int, per_day: float, lead_days: float, review_days: float) -> dict[str, float]:
    """(R, S): what a review has ordered up to S faces demand from L to L + R later (Hadley and Whitin 1963)."""
    count = 400

    def time_at(until_days: float) -> Chances:
        """Days up to a moment in which so many have come: P(more than so many have come by then) / rate."""
        return (1.0 - np.cumsum(poisson(per_day * until_days, count))) / per_day

    chances = (time_at(lead_days + review_days) - time_at(lead_days)) / review_days
    owed, on_hand = short_and_over(level, chances)
    return {"owed": owed, "on hand": on_hand}


def compound_poisson(mean: float, sizes: Chances, count: int = 400) -> Chances:
    """Chances of the units asked for by a Poisson number of customers (Panjer 1981); `sizes[0]` may be positive."""
    chances = np.zeros(count)
    chances[0] = math.exp(-mean * (1 - sizes[0]))
    for units in range(1, count):
        most = min(units, len(sizes) - 1)
        sizes_now = np.arange(1, most + 1)
        chances[units] = mean / units * float((sizes_now * sizes[1 : most + 1]) @ chances[units - sizes_now])
    return chances


def position_of_order_up_to(point: int, level: int, sizes: Chances) -> Chances:
    """Chances of the position at point + 1 … level, by units below the level: how often demand visits it.

    Between orders the position falls by one customer at a time, so its chances are as the renewal
    density of their quantities (Scarf 1960; Zheng and Federgruen 1991).
    """
    visits = np.zeros(level - point)
    visits[0] = 1 / (1 - sizes[0])
    for below in range(1, level - point):
        most = min(below, len(sizes) - 1)
        jumps = np.arange(1, most + 1)
        visits[below] = float(sizes[1 : most + 1] @ visits[below - jumps]) / (1 - sizes[0])
    return visits


def order_up_to(point: int, level: int, sizes: Chances, lead_time: Chances) -> dict[str, float]:
    """(s, S) under compound demand: means on hand and owed, and orders per customer."""
    visits = position_of_order_up_to(point, level, sizes)
    weights = visits / visits.sum()
    parts = [short_and_over(level - below, lead_time) for below in range(level - point)]
    return {
        "owed": float(sum(weight * part[0] for weight, part in zip(weights, parts, strict=True))),
        "on hand": float(sum(weight * part[1] for weight, part in zip(weights, parts, strict=True))),
        "orders per customer": 1 / visits.sum(),
    }


def erlang_b(servers: int, load: float) -> float:
    """Share lost where so many units are busy with a load (Erlang 1917), whatever the shape of their times."""
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def newsvendor(level: int, mean: float, over: float, under: float) -> float:
    """Cost of a period: what is left and what is missing under Poisson demand."""
    missing, left = short_and_over(level, poisson(mean))
    return over * left + under * missing


def two_station_line(cards: int, first: float, second: float) -> float:
    """Throughput of a closed line of two exponential stations, by rate (Gordon and Newell 1967)."""
    ratio = first / second
    weights = [ratio**number for number in range(cards + 1)]
    return second * (1 - weights[0] / sum(weights))


def serial(levels: list[int], means: list[float]) -> list[dict[str, float]]:
    """Stocks in a row under local base stock, the one by the customers first: means on hand and owed of each.

    Units on order at a stock are what the one above owes it and the demand of its own lead time,
    which are independent (exact; Simon 1971, Graves 1985). `means` are demands in the lead times.
    """
    found: list[dict[str, float]] = []
    owed = np.array([1.0])
    for level, mean in zip(reversed(levels), reversed(means), strict=True):
        on_order = np.convolve(owed, poisson(mean))[:400]
        short, on_hand = short_and_over(level, on_order)
        found.append({"owed": short, "on hand": on_hand, "fill": float(on_order[:level].sum())})
        owed = np.concatenate([[on_order[: level + 1].sum()], on_order[level + 1 :]])
    return found[::-1]


def echelon_optimum(
    means: list[float], holding: list[float], backorder: float, per_week: float = 1.0
) -> tuple[list[int], float]:
    """The best local base-stock levels of two stocks in a row and their cost per week, by trying all."""
    best: tuple[list[int], float] = ([], math.inf)
    for upper in range(30):
        for lower in range(30):
            parts = serial([lower, upper], means)
            cost = sum(rate * part["on hand"] for rate, part in zip(holding, parts, strict=True))
            cost = per_week * (cost + backorder * parts[0]["owed"])
            if cost < best[1]:
                best = ([lower, upper], cost)
    return best


def eoq_cost(quantity: int, demand: float, order_usd: float, holding: float) -> float:
    """Cost per unit of time of ordering so many at a time (Harris 1913), with units taken one by one."""
    return order_usd * demand / quantity + holding * (quantity + 1) / 2


def disrupted_eoq(
    quantity: float, demand: float, order_usd: float, holding: float, lost: float, down_rate: float, up_rate: float
) -> float:
    """Cost rate of the economic order quantity with a supplier that is up and down (Berk and Arreola-Risa 1994).

    Parlar and Berkin 1991, corrected: an order that finds the supplier down waits, demand meanwhile is lost.
    Demand flows evenly.
    """
    found_down = down_rate / (down_rate + up_rate) * (1 - math.exp(-(down_rate + up_rate) * quantity / demand))
    cycle = quantity / demand + found_down / up_rate
    cost = order_usd + holding * quantity**2 / (2 * demand) + lost * demand * found_down / up_rate
    return cost / cycle


def disrupted_eoq_by_unit(
    quantity: int, demand: float, order_usd: float, holding: float, lost: float, down_rate: float, up_rate: float
) -> dict[str, float]:
    """The same with units asked for one by one at even times, exactly.

    After an order that waited, the next depletion comes sooner by what the repair has used of a gap
    between two customers; so the chance to find the supplier down depends on whether the last order waited.
    """
    gap, both = 1 / demand, down_rate + up_rate
    decay = math.exp(-both * quantity * gap)
    after_up = down_rate / both * (1 - decay)
    # E exp(both x used), the part of a gap that an exponential repair has used when it ends.
    stretched = up_rate * math.expm1(down_rate * gap) / (down_rate * -math.expm1(-up_rate * gap))
    after_down = down_rate / both * (1 - decay * stretched)
    found_down = after_up / (1 - after_down + after_up)
    skipped = 1 / math.expm1(up_rate * gap)
    used = 1 / up_rate - gap * skipped
    cycle = quantity * gap + found_down * skipped * gap
    held = quantity * (quantity + 1) / 2 * gap - found_down * quantity * used
    cost = order_usd + holding * held + lost * found_down * skipped
    return {"cost": cost / cycle, "lost": found_down * skipped / cycle, "orders": 1 / cycle}


def bullwhip(lead: float, periods: int) -> float:
    """Var(orders) / Var(demand) of independent demand, order-up-to by a moving average (Chen et al. 2000)."""
    return 1 + 2 * lead / periods + 2 * lead**2 / periods**2
