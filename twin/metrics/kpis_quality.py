"""Rows of the KPI dictionary about defects, gate by gate; none where a world has no defects."""

from __future__ import annotations

from twin.metrics import defects
from twin.metrics.kpi import Kpi

_ECONOMICS = "test economics"

QUALITY_KPIS: tuple[Kpi, ...] = (
    Kpi(
        name="defects_per_rack", title="Defects put in", symbol="λ", unit="1/rack", better="down", level="network",
        formula="defects put in by steps and added in transport in the report window / racks accepted",
        source=_ECONOMICS, of=defects.put_in_per_rack,
    ),
    Kpi(
        name="defects_put_in", title="Defects put in by a step", symbol="λ_i", unit="1/rack", better="down",
        level="step", formula="defects put in by a step in the report window / racks accepted", source=_ECONOMICS,
        of=defects.put_in_by_step,
    ),
    Kpi(
        name="defects_in_transport", title="Defects added in transport", symbol="λ_ship", unit="1/rack",
        better="down", level="lane", formula="defects added on a lane, as units dock in the report window / racks "
        "accepted", source=_ECONOMICS, of=defects.added_by_lane,
    ),
    Kpi(
        name="defects_found_per_rack", title="Defects found", symbol="found", unit="1/rack", better="",
        level="network", formula="defects found by gates in the report window / racks accepted", source=_ECONOMICS,
        of=defects.found_per_rack,
    ),
    Kpi(
        name="defects_found", title="Defects found by a gate", symbol="found_j", unit="1/rack", better="",
        level="step", formula="defects found by the gate of a step in the report window / racks accepted; "
        "expected: sum over i of lambda_i c_j prod(1 - c_m), i <= m < j", source=_ECONOMICS,
        of=defects.found_by_step,
    ),
    Kpi(
        name="defects_escaped", title="Defects escaped from a site", symbol="esc_s", unit="1/rack", better="down",
        level="site", formula="defects that passed the last gate of a site in the report window / racks accepted; "
        "expected: sum over i of lambda_i prod(1 - c)", source=_ECONOMICS, of=defects.escaped_by_site,
    ),
    Kpi(
        name="defects_at_customer_per_rack", title="Defects at the customer", symbol="esc_c", unit="1/rack",
        better="down", level="network", formula="defects in finished units as they passed their last step, in the "
        "report window / racks accepted", source=_ECONOMICS, of=defects.at_customer_per_rack,
    ),
    Kpi(
        name="retests_per_rack", title="Steps done again", symbol="n_r", unit="steps/rack", better="down",
        level="network", formula="attempts of steps after a unit's first in the report window / racks accepted; not "
        "told where the world has no defects", source=_ECONOMICS, of=defects.retests_per_rack,
    ),
)  # fmt: skip
"""Defects introduced, found and escaped, by step, lane and site."""
