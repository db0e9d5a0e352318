"""Rows of the KPI dictionary about power in the factories, and about the AI factory that racks online are."""

from __future__ import annotations

from twin.metrics import power, tokens
from twin.metrics.kpi import Kpi

_ECONOMICS = "engineering economics"
_EQUATION = "cost of a GPU-hour over its tokens"

_LITTLE = "Little 1961"

FACTORY_KPIS: tuple[Kpi, ...] = (
    Kpi(
        name="test_peak_kw", title="Peak of power held", symbol="MW_p", unit="kW", better="down", level="site",
        formula="most kilowatts of a resource in kW or MW that steps held at the same time in the report window",
        source="practice", of=power.peak_kw_by_resource,
    ),
    Kpi(
        name="test_mean_kw", title="Mean of power held", symbol="MW_t", unit="kW", better="", level="site",
        formula="kilowatt-hours of a resource in kW or MW that steps held in the report window / its hours",
        source=_LITTLE, of=power.mean_kw_by_resource,
    ),
    Kpi(
        name="test_mwh_per_rack", title="Test energy", symbol="E_t", unit="MWh/rack", better="down", level="network",
        formula="energy of all resources in kW or MW that steps held in the report window / racks accepted",
        source="practice", of=power.mwh_per_rack,
    ),
    Kpi(
        name="test_energy_usd", title="Cost of power held", symbol="C_t", unit="USD", better="down", level="site",
        formula="integral over the report window of kilowatts of a resource that steps held x its tariff of the hour",
        source="practice", of=power.energy_usd_by_resource,
    ),
    Kpi(
        name="test_energy_usd_per_rack", title="Cost of test energy", symbol="c_t", unit="USD/rack", better="down",
        level="network", formula="cost of power held, all resources with a tariff / racks accepted",
        source="practice", of=power.energy_usd_per_rack,
    ),
    Kpi(
        name="test_over_mwh", title="Power held over its hours' limit", symbol="E_o", unit="MWh", better="down",
        level="site", formula="integral over the report window of kilowatts of a resource that steps held above what "
        "its tariff leaves of its capacity in the hour", source="practice", of=power.over_limit_mwh_by_resource,
    ),
    Kpi(
        name="tokens_trillion", title="Tokens served", symbol="Θ", unit="trillion tokens", better="up",
        level="network", formula="sum over racks that went online in the run and their services of seconds online x "
        "availability x utilisation x share x tokens per second, less what curtailed power costs",
        source="benchmarks of tokens per second", of=tokens.tokens_trillion,
    ),
    Kpi(
        name="tokens_trillion_by_service", title="Tokens served", symbol="Θ_q", unit="trillion tokens", better="up",
        level="service", formula="tokens served, by class of service", source="benchmarks of tokens per second",
        of=tokens.tokens_trillion_by_service,
    ),
    Kpi(
        name="tokens_per_joule", title="Tokens per joule", symbol="θ/P", unit="tokens/J", better="up",
        level="network", formula="tokens served / energy at the meters of the datacenters", source=_ECONOMICS,
        of=tokens.tokens_per_joule,
    ),
    Kpi(
        name="usd_per_million_tokens", title="Cost of a million tokens", symbol="c_tok", unit="USD", better="down",
        level="network", formula="(capital x r(1+r)^n/((1+r)^n - 1) and upkeep by the year, over the time online, and "
        "electricity) / millions of tokens served", source=_EQUATION, of=tokens.usd_per_million_tokens,
    ),
    Kpi(
        name="rack_day_usd", title="Worth of a rack-day", symbol="m", unit="USD/rack/d", better="up",
        level="network", formula="(what the tokens served earn - electricity) / rack-days online",
        source=_ECONOMICS, of=tokens.rack_day_usd,
    ),
    Kpi(
        name="rack_days_online", title="Rack-days online", symbol="D_o", unit="rack·d", better="up", level="network",
        formula="sum over racks that went online in the run of their days online in the report window",
        source=_ECONOMICS, of=tokens.rack_days_online,
    ),
    Kpi(
        name="income_usd", title="Income of the racks online", symbol="m·D_o", unit="USD", better="up",
        level="network", formula="what the tokens served earn - electricity: worth of a rack-day x rack-days online",
        source=_ECONOMICS, of=tokens.income_usd,
    ),
    Kpi(
        name="curtailed_usd", title="Cost of curtailment", symbol="C_l", unit="USD", better="down", level="network",
        formula="sum over services of tokens lost to curtailment x what they earn", source=_ECONOMICS,
        of=tokens.curtailed_usd,
    ),
    Kpi(
        name="deferred_usd", title="Income deferred by lateness", symbol="DTR", unit="USD", better="down",
        level="network", formula="backlog area x worth of a rack-day", source=_ECONOMICS, of=tokens.deferred_usd,
    ),
    Kpi(
        name="datacenter_mwh", title="Energy of the datacenters", symbol="E", unit="MWh", better="",
        level="network", formula="sum over racks that went online of mean power x pue x hours online, less what is "
        "not drawn while power is curtailed", source=_ECONOMICS, of=tokens.datacenter_mwh,
    ),
    Kpi(
        name="tokens_curtailed_share", title="Tokens lost to curtailment", symbol="Θ_l", unit="fraction",
        better="down", level="network", formula="tokens lost while flexible power was away / tokens that would have "
        "been served; those that earn least by the kilowatt go first, each service as far as it may lose",
        source="power-flexible datacenters", of=tokens.tokens_curtailed_share,
    ),
    Kpi(
        name="broken_service_hours", title="Hours of broken service", symbol="t_b", unit="h", better="down",
        level="network", formula="expected hours, added up over datacenters, in which curtailed power takes more from "
        "a service than it may lose", source="power-flexible datacenters", of=tokens.broken_service_hours,
    ),
)  # fmt: skip
"""Power that steps hold, by resource; and what racks are bought for, none where the world has no `services`."""
