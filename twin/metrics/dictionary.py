"""The KPI dictionary: one row per KPI, with the function that computes it from a log.

Report tables, tool-tips and `docs/kpis.md` are printed from it. Functions of measures that
need a pair of runs live in `twin.resilience`; their rows have no `of`.
"""

from __future__ import annotations

from twin.events.record import Log
from twin.metrics import costs, deliveries, series, stations, stock
from twin.metrics.facts import Facts
from twin.metrics.kpi import Kpi
from twin.metrics.kpis_factory import FACTORY_KPIS
from twin.metrics.kpis_inventory import INVENTORY_KPIS
from twin.metrics.kpis_parties import PARTY_KPIS
from twin.metrics.kpis_placement import PLACEMENT_KPIS
from twin.metrics.kpis_quality import QUALITY_KPIS
from twin.metrics.rows import Floats
from twin.metrics.view import View

_PRACTICE = "practice"
_QUEUEING = "queueing theory"

LOG_KPIS: tuple[Kpi, ...] = (
    Kpi(
        name="racks_shipped", title="Racks shipped", symbol="N_s", unit="racks", better="up", level="network",
        formula="racks that left for a datacenter in the report window", source=_PRACTICE,
        of=deliveries.racks_shipped,
    ),
    Kpi(
        name="racks_accepted", title="Racks accepted", symbol="N_a", unit="racks", better="up", level="network",
        formula="racks accepted in the report window", source=_PRACTICE, of=deliveries.racks_accepted,
    ),
    Kpi(
        name="racks_online", title="Racks online", symbol="N_o", unit="racks", better="up", level="network",
        formula="racks that began to serve tokens in the report window", source=_PRACTICE,
        of=deliveries.racks_online,
    ),
    Kpi(
        name="racks_due", title="Racks due", symbol="N_d", unit="racks", better="", level="network",
        formula="racks that fell due in the report window", source=_PRACTICE, of=deliveries.racks_due,
    ),
    Kpi(
        name="throughput_racks_per_day", title="Throughput", symbol="TH", unit="racks/d", better="up",
        level="network", formula="racks accepted / days of the report window", source="Little",
        of=deliveries.throughput_racks_per_day,
    ),
    Kpi(
        name="on_time_in_full", title="On time in full", symbol="OTIF", unit="fraction", better="up",
        level="order", formula="orders complete by their promise (by the due date where none was given) / orders "
        "promised or due in the report window", source="practice; SCOR RL.2.1 and RL.2.2 taken order by order",
        scor="RL.2.1, RL.2.2", of=deliveries.on_time_in_full,
    ),
    Kpi(
        name="on_time_to_request", title="On time to request", symbol="OTR", unit="fraction", better="up",
        level="order", formula="orders complete by the date asked for / orders due in the report window",
        source=_PRACTICE, of=deliveries.on_time_to_request,
    ),
    Kpi(
        name="order_cycle_time_days", title="Order cycle time", symbol="OFCT", unit="d", better="down",
        level="order", formula="mean of (last rack accepted - order placed), orders complete in the report window",
        source="SCOR", scor="RS.1.1", of=deliveries.order_cycle_time_days,
    ),
    Kpi(
        name="time_to_token_days", title="Time to token, from order", symbol="TTT", unit="d", better="down",
        level="rack", formula="mean of (rack online - its order placed), racks online in the report window",
        source="practice: purchase order to first production tokens", of=deliveries.time_to_token_days,
    ),
    Kpi(
        name="dock_to_token_days", title="Time to token, from dock", symbol="DTT", unit="d", better="down",
        level="rack", formula="mean of (rack online - rack docked at the datacenter)", source=_PRACTICE,
        of=deliveries.dock_to_token_days,
    ),
    Kpi(
        name="dock_to_accept_days", title="Dock to accept", symbol="DTA", unit="d", better="down", level="rack",
        formula="mean of (rack accepted - rack docked at the datacenter)", source=_PRACTICE,
        of=deliveries.dock_to_accept_days,
    ),
    Kpi(
        name="factory_cycle_days", title="Factory cycle", symbol="CT_f", unit="d", better="down", level="rack",
        formula="mean of (rack finished - rack started) at the integrator", source="Little",
        of=deliveries.factory_cycle_days,
    ),
    Kpi(
        name="release_to_accept_days", title="Release to acceptance", symbol="CT_r", unit="d", better="down",
        level="rack", formula="mean of (rack accepted - its first factory step)", source=_PRACTICE,
        of=deliveries.release_to_accept_days,
    ),
    Kpi(
        name="finished_wait_days", title="Finished racks waiting", symbol="W_f", unit="d/rack", better="down",
        level="rack", formula="days that finished racks waited for room, truck or site / racks shipped",
        source=_PRACTICE, of=deliveries.finished_wait_days,
    ),
    Kpi(
        name="backlog_area_rack_days", title="Backlog area", symbol="∫B", unit="rack·d", better="down",
        level="network", formula="integral over the report window of racks due and not accepted",
        source=_QUEUEING, of=deliveries.backlog_area_rack_days,
    ),
    Kpi(
        name="backlog_end_racks", title="Backlog at the end", symbol="B", unit="racks", better="down",
        level="network", formula="racks due and not accepted at the end of the report window", source=_QUEUEING,
        of=deliveries.backlog_end_racks,
    ),
    Kpi(
        name="tardiness_mean_days", title="Mean tardiness", symbol="T̄", unit="d", better="down", level="rack",
        formula="mean of max(0, accepted - due), racks due in the report window; so far, where not accepted",
        source="scheduling theory", of=deliveries.tardiness_mean_days,
    ),
    Kpi(
        name="tardiness_p95_days", title="Tardiness, 95 %", symbol="T95", unit="d", better="down", level="rack",
        formula="95 % quantile of max(0, accepted - due), racks due in the report window",
        source="scheduling theory", of=deliveries.tardiness_p95_days,
    ),
    Kpi(
        name="moved_operations", title="Operations moved", symbol="M", unit="operations", better="down",
        level="network", formula="operations scheduled before, not begun, that a new schedule of the report window "
        "starts a quarter of an hour or more from where they were, or at another site; none where windows of "
        "schedules do not overlap", source=_PRACTICE, of=stations.moved_operations,
    ),
    Kpi(
        name="utilisation", title="Utilisation", symbol="u", unit="fraction", better="", level="site",
        formula="unit-seconds held / unit-seconds available in the report window, by resource",
        source=_QUEUEING, of=stations.utilisation,
    ),
    Kpi(
        name="wip_capital_usd", title="Capital in stock and process", symbol="K", unit="USD", better="down",
        level="network", formula="mean over weekly marks of sum(quantity x value) on hand, in transit, and in process "
        "half-way between the value of the inputs and of the output", source="finance; Little",
        of=costs.wip_capital_usd,
    ),
    Kpi(
        name="carrying_usd_per_rack", title="Carrying cost", symbol="k", unit="USD/rack", better="down",
        level="network", formula="capital x carrying rate x length of the report window / racks accepted",
        source="finance", of=costs.carrying_usd_per_rack,
    ),
    Kpi(
        name="landed_cost_usd_per_rack", title="Landed cost", symbol="LC", unit="USD/rack", better="down",
        level="network", formula="realised mean cost of materials, making, steps, rework, price, freight and duty "
        "rolled up the bill of materials at realised yields, per rack accepted, + carrying cost",
        source="SCOR", scor="CO.1.1", of=costs.landed_cost_usd_per_rack,
    ),
    Kpi(
        name="freight_usd_per_rack", title="Freight and duty", symbol="F", unit="USD/rack", better="down",
        level="network", formula="freight and duty of all departures in the report window / racks accepted",
        source="SCOR", scor="CO.2.4", of=costs.freight_usd_per_rack,
    ),
    Kpi(
        name="freight_co2_kg_per_rack", title="Freight emissions", symbol="E", unit="kg CO2/rack", better="down",
        level="network", formula="kilograms sent in the report window x great circle between the ends of the lane x "
        "co2_kg_per_tonne_km / 1000 / racks accepted", source="practice", of=costs.freight_co2_kg_per_rack,
    ),
    Kpi(
        name="resource_usd_per_rack", title="Resource hours", symbol="R", unit="USD/rack", better="down",
        level="network", formula="hours of work x cost per hour of what the steps hold / racks accepted",
        source=_PRACTICE, of=costs.resource_usd_per_rack,
    ),
    Kpi(
        name="rework_usd_per_rack", title="Rework cost", symbol="RWK", unit="USD/rack", better="down",
        level="network", formula="cost of rework in the report window / racks accepted", source="test economics",
        of=costs.rework_usd_per_rack,
    ),
    Kpi(
        name="stock_days", title="Inventory days of supply", symbol="IDS", unit="d", better="", level="item",
        formula="mean stock on hand / mean daily use in the report window, by watched item", source="SCOR",
        of=stock.stock_days,
    ),
    Kpi(
        name="expired_waits", title="Waits too long", symbol="X", unit="steps", better="down", level="network",
        formula="steps repeated in the report window because the next did not begin within max_wait_hours_after",
        source=_PRACTICE, of=stations.expired_waits,
    ),
    Kpi(
        name="conversions", title="Units converted", symbol="C", unit="units", better="down", level="network",
        formula="units whose conversion into another configuration begins in the report window; not told where no item "
        "converts", source=_PRACTICE, of=stations.conversions,
    ),
    Kpi(
        name="first_pass_yield", title="First-pass yield", symbol="FPY", unit="fraction", better="up", level="step",
        formula="first attempts of tested steps that passed / all of them", source="lean",
        of=stations.first_pass_yield,
    ),
    Kpi(
        name="rolled_throughput_yield", title="Rolled throughput yield", symbol="RTY", unit="fraction", better="up",
        level="network", formula="product over tested steps of their first-pass yields", source="lean",
        of=stations.rolled_throughput_yield,
    ),
    Kpi(
        name="escaped_per_rack", title="Defects escaped", symbol="esc", unit="1/rack", better="down",
        level="network", formula="defects that passed the last gate of a site / racks accepted",
        source="test economics", of=stations.escaped_per_rack,
    ),
    *QUALITY_KPIS,
    *PARTY_KPIS,
    *INVENTORY_KPIS,
    *FACTORY_KPIS,
    *PLACEMENT_KPIS,
    Kpi(
        name="mean_wait_hours", title="Mean time in queue", symbol="Wq", unit="h", better="down", level="step",
        formula="mean of (work began - unit came), attempts begun in the report window, by step",
        source=_QUEUEING, of=stations.mean_wait_hours,
    ),
    Kpi(
        name="mean_number_waiting", title="Mean number in queue", symbol="Lq", unit="units", better="down",
        level="step", formula="time average over the report window of units that came and whose work has not begun",
        source=_QUEUEING, of=stations.mean_number_waiting,
    ),
    Kpi(
        name="delayed_share", title="Share that waits", symbol="P_w", unit="fraction", better="down", level="step",
        formula="attempts that waited / attempts begun in the report window, by step", source=_QUEUEING,
        of=stations.delayed_share,
    ),
)  # fmt: skip
"""KPIs of one log."""

PAIR_KPIS: tuple[Kpi, ...] = (
    Kpi(
        name="time_to_first_shortage_days", title="Time to first shortage", symbol="TTFS", unit="d", better="up",
        level="pair", formula="first day from which racks accepted so far stay below the baseline's for 28 days by "
        "more than the largest of 1 rack, a quarter of the baseline's mean week and two paired standard errors, from "
        "the start of the disruption",
        source="this project, after Simchi-Levi et al. 2015",
    ),
    Kpi(
        name="time_to_nadir_days", title="Time to the lowest point", symbol="T_nad", unit="d", better="", level="pair",
        formula="day of the smallest Q, from the start; Q: racks accepted in the trailing 28 days over the baseline's, "
        "1 where the baseline has none", source="Bruneau et al. 2003",
    ),
    Kpi(
        name="supply_recovery_days", title="Supply recovery", symbol="TTR_sys", unit="d", better="down", level="pair",
        formula="first day from the lowest point on which Q is at least 1 - max(5 %, two paired standard errors) and "
        "stays so a week, from the start", source="this project",
    ),
    Kpi(
        name="service_recovery_days", title="Service recovery", symbol="TTR_svc", unit="d", better="down",
        level="pair", formula="first day from the largest extra backlog on which the backlog exceeds the baseline's "
        "by at most the larger of 1 rack, 5 % of a week's racks, and two paired standard errors, and stays so a week, "
        "from the start", source="this project",
    ),
    Kpi(
        name="lost_racks", title="Racks lost", symbol="L", unit="racks", better="down", level="pair",
        formula="racks accepted by the end of the horizon, baseline minus disrupted", source="this project",
    ),
    Kpi(
        name="lost_in_report_racks", title="Racks lost in the report window", symbol="L_r", unit="racks",
        better="down", level="pair", formula="racks accepted by the end of the report window, baseline minus disrupted",
        source="this project",
    ),
    Kpi(
        name="peak_shortfall_racks", title="Largest shortfall", symbol="S_max", unit="racks", better="down",
        level="pair", formula="largest of (racks accepted so far, baseline minus disrupted)", source="this project",
    ),
    Kpi(
        name="delayed_rack_days", title="Delay", symbol="D", unit="rack·d", better="down", level="pair",
        formula="integral of the backlog above the baseline's from the start to the end of the horizon",
        source="this project",
    ),
    Kpi(
        name="loss_area_days", title="Loss area", symbol="RL", unit="d", better="down", level="pair",
        formula="integral of 1 - min(Q, 1) from the start to the end of the horizon; 1 d is 100 %·d",
        source="Bruneau et al. 2003",
    ),
    Kpi(
        name="resilience", title="Resilience", symbol="R", unit="fraction", better="up", level="pair",
        formula="1 - loss area / time from the start to the end of the horizon",
        source="Cimellaro, Reinhorn, Bruneau 2010; Zobel",
    ),
    Kpi(
        name="robustness", title="Robustness", symbol="Q_min", unit="fraction", better="up", level="pair",
        formula="smallest Q from the start on", source="Bruneau et al. 2003",
    ),
    Kpi(
        name="time_to_survive_days", title="Time to survive", symbol="TTS", unit="d", better="up", level="pair",
        formula="longest time that the required deliveries are met after the outage begins, by linear programme",
        source="Simchi-Levi et al. 2015",
    ),
    Kpi(
        name="performance_impact_racks", title="Performance impact", symbol="PI", unit="racks", better="down",
        level="pair", formula="racks that cannot be delivered during the outage and recovery, by linear programme",
        source="Simchi-Levi et al. 2015",
    ),
)  # fmt: skip
"""Measures of a disrupted run against its paired baseline, and of the stress programme."""

KPIS: dict[str, Kpi] = {kpi.name: kpi for kpi in (*LOG_KPIS, *PAIR_KPIS)}
"""Every row by name."""


def kpi_of(name: str) -> Kpi:
    """The row of a KPI, also of one by key such as `utilisation:houston/bays`.

    Raises KeyError for a name that has no row.
    """
    return KPIS[name.partition(":")[0]]


def compute_kpis(log: Log, facts: Facts) -> dict[str, float]:
    """All KPIs of a log by name, those by key as `NAME:KEY`; NaN where the log does not define one."""
    return kpis_of(View(log, facts))


def kpis_of(view: View) -> dict[str, float]:
    """As `compute_kpis`, of a log that is indexed already."""
    found: dict[str, float] = {}
    for kpi in LOG_KPIS:
        if kpi.of is None:
            continue
        result = kpi.of(view)
        if isinstance(result, dict):
            found.update({f"{kpi.name}:{key}": value for key, value in result.items()})
        else:
            found[kpi.name] = result
    return found


def weekly_series(log: Log, facts: Facts) -> dict[str, Floats]:
    """See `twin.metrics.series.weekly_series_of`."""
    return series.weekly_series_of(View(log, facts))


def printed() -> str:
    """The dictionary as a Markdown page: `docs/kpis.md`."""
    lines = [
        "# KPI dictionary",
        "",
        "Printed from `twin.metrics.dictionary`; a test keeps the two in step. KPIs with a level of `site`, `item`,",
        "`step`, `stage`, `customer`, `status`, `owner` or `service`, by resource, item, step and so on, stand in",
        "results as `name:key`. Windows run from second 0 to the end of the report window unless the formula says",
        "otherwise; measures of level `pair` compare a disrupted run with its paired baseline day by day over the",
        "whole horizon.",
        "",
        "| name | title | symbol | unit | formula | better | level | source | SCOR |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| `{kpi.name}` | {kpi.title} | {kpi.symbol} | {kpi.unit} | {kpi.formula} | {kpi.better or '–'} | "
        f"{kpi.level} | {kpi.source} | {kpi.scor_reference or '–'} |"
        for kpi in KPIS.values()
    ]
    return "\n".join(lines) + "\n"
