"""Stocks under a policy: what they hold and owe, how often they order, what that costs."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan

import numpy as np

from twin.metrics.facts import StockTerms
from twin.metrics.rows import Floats, ratio, sum_of_products
from twin.metrics.view import View
from twin.model.units import WEEK_S


def stock_on_hand_units(view: View) -> dict[str, float]:
    """By stock under a policy: mean units on hand over the report window."""
    return _by_stock(view, view.held.on_hand_weeks * WEEK_S / view.log.report_s)


def stock_owed_units(view: View) -> dict[str, float]:
    """By stock under a policy: mean units owed over the report window, to customers and stocks downstream."""
    return _by_stock(view, view.held.owed_weeks * WEEK_S / view.log.report_s)


def stock_fill_rate(view: View) -> dict[str, float]:
    """By stock under a policy: units asked for that were handed over whole at that moment / units asked for."""
    pairs = zip(view.held.at_once.tolist(), view.held.asked.tolist(), strict=True)
    return _by_stock(view, np.array([ratio(part, whole) for part, whole in pairs]))


def replenishment_orders(view: View) -> dict[str, float]:
    """By stock under a policy: replenishment orders placed in the report window."""
    return _by_stock(view, view.held.orders)


def lost_units(view: View) -> float:
    """Units of demand lost in the report window; NaN where nothing runs by stock policies and all customers wait."""
    known = view.facts.policies or view.facts.lost_under_plan_usd
    return float(view.of("lost").quantity.sum()) if known else float("nan")


def holding_usd(view: View) -> float:
    """Unit-weeks on hand at the cost of each stock."""
    return _cost(view, view.held.on_hand_weeks, lambda terms: terms.holding_usd_per_unit_week)


def backorder_usd(view: View) -> float:
    """Unit-weeks owed at the cost of each stock."""
    return _cost(view, view.held.owed_weeks, lambda terms: terms.backorder_usd_per_unit_week)


def lost_sales_usd(view: View) -> float:
    """Units lost at the cost of each stock, under a policy or under the plan."""
    parts = (_cost(view, view.held.lost, lambda terms: terms.lost_usd_per_unit), _lost_under_plan_usd(view))
    return float("nan") if all(map(isnan, parts)) else float(np.nansum(parts))


def ordering_usd(view: View) -> float:
    """Replenishment orders at the cost of each stock."""
    return _cost(view, view.held.orders, lambda terms: terms.order_usd)


def inventory_usd(view: View) -> float:
    """Holding, backorders, lost sales and ordering together; NaN where no stock has such a cost."""
    parts = np.array([holding_usd(view), backorder_usd(view), lost_sales_usd(view), ordering_usd(view)])
    return float("nan") if np.isnan(parts).all() else float(np.nansum(parts))


def _lost_under_plan_usd(view: View) -> float:
    rates, rows = view.facts.lost_under_plan_usd, view.of("lost")
    if not any(rates.values()):
        return float("nan")
    sites = [name.rpartition("@")[2] for name in view.log.places]
    lost = zip(rows.place.tolist(), rows.item.tolist(), rows.quantity.tolist(), strict=True)
    return sum((units * rates.get((sites[place], view.log.items[item]), 0.0) for place, item, units in lost), 0.0)


def _by_stock(view: View, values: Floats) -> dict[str, float]:
    return {f"{site}/{item}": value for (site, item), value in zip(view.facts.policies, values.tolist(), strict=True)}


def _cost(view: View, amounts: Floats, rate: Callable[[StockTerms], float]) -> float:
    """Amounts by stock at their rates; NaN where no stock has a rate."""
    rates = [rate(terms) for terms in view.facts.policies.values()]
    return sum_of_products(amounts, rates) if any(rates) else float("nan")
