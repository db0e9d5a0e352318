"""Rows of the KPI dictionary about where racks are built: stages, hours, capital, concentration, the freeze."""

from __future__ import annotations

from twin.metrics import placement
from twin.metrics.kpi import Kpi

_PREFAB = "prefabrication literature"

PLACEMENT_KPIS: tuple[Kpi, ...] = (
    Kpi(
        name="time_to_token_stage_days", title="Time to token by stage", symbol="TTT_k", unit="d", better="down",
        level="stage", formula="mean days in each stage of racks online in the report window: order (placed until the "
        "plan wants the rack begun), parts (until it is begun), factory work (in steps) and wait (until it departs), "
        "freight, dock and power (docked until work begins), site work and wait (until acceptance), online; stages add "
        "up, over racks of which the log has every milestone", source="practice",
        of=placement.time_to_token_stage_days,
    ),
    Kpi(
        name="step_hours_per_rack", title="Hours of work", symbol="H_k", unit="h/rack", better="down", level="stage",
        formula="attempts of a step in the report window x its mean hours, reworks x theirs, by factory/STEP and "
        "site/STEP / racks accepted", source=_PREFAB, of=placement.step_hours_per_rack,
    ),
    Kpi(
        name="crew_hours_per_rack", title="Hours of people", symbol="H_c", unit="h/rack", better="down", level="stage",
        formula="hours of work x units of attended resources that the step holds, at factories and at sites / racks "
        "accepted", source=_PREFAB, of=placement.crew_hours_per_rack,
    ),
    Kpi(
        name="offsite_share", title="Share of work off-site", symbol="ω", unit="fraction", better="", level="network",
        formula="hours of work in factories / hours of work in factories and at sites", source=_PREFAB,
        of=placement.offsite_share,
    ),
    Kpi(
        name="capital_days_usd_per_rack", title="Capital-days", symbol="K·d", unit="USD·d/rack", better="down",
        level="network", formula="capital in stock and process x days of the report window / racks accepted",
        source="finance; Little", of=placement.capital_days_usd_per_rack,
    ),
    Kpi(
        name="capital_days_usd_per_rack_by_owner", title="Capital-days", symbol="K·d_o", unit="USD·d/rack",
        better="down", level="owner", formula="capital-days, by owner; owners add up to them",
        source="finance; Little", of=placement.capital_days_usd_per_rack_by_owner,
    ),
    Kpi(
        name="integrator_hhi", title="Concentration of integrators", symbol="HHI", unit="index", better="down",
        level="network", formula="10,000 x sum of squared shares of sites in the racks that they finish, in the state "
        "in which these ship, in the report window", source="Herfindahl", of=placement.integrator_hhi,
    ),
    Kpi(
        name="freeze_days", title="Configuration fixed before acceptance", symbol="D_f", unit="d", better="down",
        level="rack", formula="mean of (rack accepted - first start of a state that is made for a customer's "
        "configuration, else of any), racks online in the report window", source="practice", of=placement.freeze_days,
    ),
    Kpi(
        name="late_change_usd", title="Cost of a late change", symbol="C_l", unit="USD/rack", better="down",
        level="rack", formula="worth of a rack-day (without services: value x carrying rate / 365) x days that a "
        "change after the freeze costs: conversion hours / 24 where racks convert, else days from freeze to acceptance",
        source="this project", of=placement.late_change_usd,
    ),
)  # fmt: skip
"""Where racks are built."""
