"""Rows of the KPI dictionary by owner, customer, status and driver of orders, and what lateness costs."""

from __future__ import annotations

from twin.metrics import costs, orders
from twin.metrics.kpi import Kpi

_BY_STATUS = ", by status of orders (firm, forecast, reserved); none where all orders due in the report window have one"

_BY_DRIVER = ", by driver of demand; none where no order due in the report window has one"

PARTY_KPIS: tuple[Kpi, ...] = (
    Kpi(
        name="late_usd", title="Cost of lateness", symbol="c·T", unit="USD", better="down", level="network",
        formula="sum over units due of weeks from due to accepted within the report window x late_usd_per_week of "
        "their order", source="scheduling theory", of=orders.late_usd,
    ),
    Kpi(
        name="late_usd_by_customer", title="Cost of lateness", symbol="c·T_c", unit="USD", better="down",
        level="customer", formula="cost of lateness, by customer with an order that says what its lateness costs",
        source="scheduling theory", of=orders.late_usd_by_customer,
    ),
    Kpi(
        name="on_time_in_full_by_status", title="On time in full", symbol="OTIF_s", unit="fraction", better="up",
        level="status", formula=f"on time in full{_BY_STATUS}", source="practice",
        of=orders.on_time_in_full_by_status,
    ),
    Kpi(
        name="racks_accepted_by_status", title="Racks accepted", symbol="N_as", unit="racks", better="up",
        level="status", formula=f"racks accepted{_BY_STATUS}", source="practice", of=orders.racks_accepted_by_status,
    ),
    Kpi(
        name="backlog_end_racks_by_status", title="Backlog at the end", symbol="B_st", unit="racks", better="down",
        level="status", formula=f"backlog at the end{_BY_STATUS}", source="queueing theory",
        of=orders.backlog_end_racks_by_status,
    ),
    Kpi(
        name="racks_due_by_driver", title="Racks due", symbol="N_dd", unit="racks", better="", level="driver",
        formula=f"racks due{_BY_DRIVER}", source="practice", of=orders.racks_due_by_driver,
    ),
    Kpi(
        name="racks_accepted_by_driver", title="Racks accepted", symbol="N_ad", unit="racks", better="up",
        level="driver", formula=f"racks accepted{_BY_DRIVER}", source="practice", of=orders.racks_accepted_by_driver,
    ),
    Kpi(
        name="on_time_in_full_by_driver", title="On time in full", symbol="OTIF_d", unit="fraction", better="up",
        level="driver", formula=f"on time in full{_BY_DRIVER}", source="practice",
        of=orders.on_time_in_full_by_driver,
    ),
    Kpi(
        name="backlog_end_racks_by_driver", title="Backlog at the end", symbol="B_d", unit="racks", better="down",
        level="driver", formula=f"backlog at the end{_BY_DRIVER}", source="queueing theory",
        of=orders.backlog_end_racks_by_driver,
    ),
    Kpi(
        name="wip_capital_usd_by_owner", title="Capital in stock and process", symbol="K_o", unit="USD",
        better="down", level="owner", formula="capital in stock and process, by who owns it: on hand the owner of the "
        "stock, else the operator of the site; in process whose the output will be; in transit the sender, or the "
        "receiver where title passes at the origin", source="finance", of=costs.wip_capital_usd_by_owner,
    ),
)  # fmt: skip
"""Measures of a part of the network's orders or capital."""
