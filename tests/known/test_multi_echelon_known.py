"""Closed forms of stocks that replenish one another, through tables, network, simulation and measures."""

from __future__ import annotations

from known import inventory_forms as forms
from known.closed_forms import Measured, replications
from known.ladder import estimate
from known.stock_worlds import customers, serial_world

from twin.events.record import Log

FAMILY = {"family": "Multi-echelon inventory"}


def kpis_only(_log: Log, kpis: Measured) -> Measured:
    return kpis


def test_three_stocks_in_a_row() -> None:
    """Local base stocks 4, 5, 6 with lead times of 3, 4 and 5 units of Poisson demand."""
    levels, means = [4, 5, 6], [3.0, 4.0, 5.0]
    expected = forms.serial(levels, means)
    world = serial_world(customers("exponential(0.1)"), levels, [0.3, 0.4, 0.5], [{}] * 3)
    found = replications(world, 14, kpis_only)
    words = {"source": "Simon 1971; Graves 1985", **FAMILY}
    for number, stage in enumerate(expected, start=1):
        key, title = f"stage_{number}/part", f"three stocks in a row, stage {number}"
        owed, on_hand, fill = (
            found[f"{name}:{key}"] for name in ("stock_owed_units", "stock_on_hand_units", "stock_fill_rate")
        )
        estimate(f"{title}: backorders", stage["owed"], owed, 0.2, unit="units", **words)
        estimate(f"{title}: on hand", stage["on hand"], on_hand, 0.08, unit="units", **words)
        estimate(f"{title}: fill rate", stage["fill"], fill, 0.08, unit="", **words)


def test_the_best_two_stocks_in_a_row() -> None:
    """The cheapest local base stocks cost what they should, and their neighbours more."""
    means, holding, backorder = [4.0, 5.0], [2.0, 1.0], 20.0
    best, cost = forms.echelon_optimum(means, holding, backorder)

    def weekly(levels: list[int]) -> list[float]:
        costs = [
            {"holding_usd_per_unit_week": holding[0], "backorder_usd_per_unit_week": backorder},
            {"holding_usd_per_unit_week": holding[1]},
        ]
        world = serial_world(customers("exponential(0.1)"), levels, [0.4, 0.5], costs)
        return [total / 130 for total in replications(world, 8, kpis_only)["inventory_usd"]]

    found = weekly(best)
    words = {"source": "Clark and Scarf 1960; all levels tried", **FAMILY}
    estimate("two stocks in a row at their best levels: cost", cost, found, 0.08, unit="USD a week", **words)
    for other in ([best[0] - 3, best[1]], [best[0] + 3, best[1]], [best[0], best[1] + 6]):
        assert sum(weekly(other)) > sum(found)


def test_what_the_customers_lack_does_not_depend_on_the_shape_of_the_first_lead_time() -> None:
    """Units on order upstream are Poisson whatever its lead time, so the mean of what is owed stays (Palm 1938)."""
    expected = forms.serial([4, 6], [3.0, 5.0])
    world = serial_world(customers("exponential(0.1)"), [4, 6], [0.3, 0.5], [{}] * 2)
    making = world.processes[0].model_copy(update={"cycle_days": _exponential_half()})
    found = replications(world.model_copy(update={"processes": (making,)}), 14, kpis_only)
    words = {"source": "Palm 1938", **FAMILY}
    owed = found["stock_owed_units:stage_2/part"]
    title = "two stocks in a row, exponential at the top: backorders there"
    estimate(title, expected[1]["owed"], owed, 0.2, unit="units", **words)


def _exponential_half() -> object:
    from twin.model.distribution import parse_distribution

    return parse_distribution("exponential(0.5)", None)
