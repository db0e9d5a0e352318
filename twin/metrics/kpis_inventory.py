"""Rows of the KPI dictionary about stocks and the service they give."""

from __future__ import annotations

from twin.metrics import inventory, stock
from twin.metrics.kpi import Kpi

_INVENTORY = "inventory theory"

INVENTORY_KPIS: tuple[Kpi, ...] = (
    Kpi(
        name="fill_rate", title="Fill rate (type 2)", symbol="β", unit="fraction", better="up", level="network",
        formula="units that customers had on time / units demanded, due in the report window; "
        "without jobs that have no due date", source=_INVENTORY,
        of=stock.fill_rate,
    ),
    Kpi(
        name="order_fill_rate", title="Fill rate of orders", symbol="β_o", unit="fraction", better="up",
        level="network", formula="demands of customers met in full on time / all of them, as in the fill rate",
        source=_INVENTORY, of=stock.order_fill_rate,
    ),
    Kpi(
        name="cycle_service", title="Cycle service (type 1)", symbol="α", unit="fraction", better="up",
        level="network", formula="days on which all demand was served on time / days with demand, as in "
        "the fill rate",
        source=_INVENTORY, of=stock.cycle_service,
    ),
    Kpi(
        name="fill_rate_at", title="Fill rate by place", symbol="β_p", unit="fraction", better="up", level="site",
        formula="units had on time / units demanded, as in the fill rate, by customer or stocking place",
        source=_INVENTORY, of=stock.fill_rate_at,
    ),
    Kpi(
        name="stock_on_hand_units", title="Stock on hand", symbol="I", unit="units", better="", level="item",
        formula="time average over the report window of units on hand, set aside or not, by stock under a policy",
        source=_INVENTORY, of=inventory.stock_on_hand_units,
    ),
    Kpi(
        name="stock_owed_units", title="Backorders of a stock", symbol="B_s", unit="units", better="down", level="item",
        formula="time average over the report window of units asked for and due, not handed over and not lost, by "
        "customers of streams and by stocks downstream, by stock under a policy",
        source=_INVENTORY, of=inventory.stock_owed_units,
    ),
    Kpi(
        name="stock_fill_rate", title="Fill rate of a stock", symbol="β_s", unit="fraction", better="up", level="item",
        formula="units asked for by customers of streams and by stocks downstream that were handed over whole at that "
        "moment / units asked for in the report window, by stock under a policy",
        source=_INVENTORY, of=inventory.stock_fill_rate,
    ),
    Kpi(
        name="replenishment_orders", title="Replenishment orders", symbol="N_r", unit="orders", better="", level="item",
        formula="replenishment orders placed in the report window, by stock under a policy",
        source=_INVENTORY, of=inventory.replenishment_orders,
    ),
    Kpi(
        name="lost_units", title="Demand lost", symbol="L_u", unit="units", better="down", level="network",
        formula="units asked for in the report window that were not there and not waited for",
        source=_INVENTORY, of=inventory.lost_units,
    ),
    Kpi(
        name="holding_usd", title="Holding cost", symbol="h·I", unit="USD", better="down", level="network",
        formula="sum over stocks under a policy of unit-weeks on hand in the report window x holding cost",
        source=_INVENTORY, of=inventory.holding_usd,
    ),
    Kpi(
        name="backorder_usd", title="Backorder cost", symbol="b·B", unit="USD", better="down", level="network",
        formula="sum over stocks under a policy of unit-weeks owed in the report window x backorder cost",
        source=_INVENTORY, of=inventory.backorder_usd,
    ),
    Kpi(
        name="lost_sales_usd", title="Cost of lost demand", symbol="p·L_u", unit="USD", better="down", level="network",
        formula="sum over stocks of units lost in the report window x cost of one lost",
        source=_INVENTORY, of=inventory.lost_sales_usd,
    ),
    Kpi(
        name="ordering_usd", title="Ordering cost", symbol="K·N_r", unit="USD", better="down", level="network",
        formula="sum over stocks under a policy of replenishment orders in the report window x cost of one",
        source=_INVENTORY, of=inventory.ordering_usd,
    ),
    Kpi(
        name="inventory_usd", title="Cost of stock policies", symbol="C_s", unit="USD", better="down", level="network",
        formula="holding + backorder + lost demand + ordering cost", source=_INVENTORY, of=inventory.inventory_usd,
    ),
)  # fmt: skip
"""Of one log."""
