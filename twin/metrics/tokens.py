"""Measures of the AI factory: tokens, their energy and cost, the worth of a day of a rack."""

from __future__ import annotations

from twin.metrics.deliveries import backlog_area_rack_days
from twin.metrics.economics import MILLION
from twin.metrics.rows import ratio
from twin.metrics.view import View

TRILLION = 1e12
JOULES_PER_MWH = 3.6e9
NAN = float("nan")


def tokens_trillion(view: View) -> float:
    """Trillions of tokens served in the report window by racks that went online in the run."""
    return sum(view.served.tokens.values()) / TRILLION if view.facts.factory.racks else NAN


def tokens_trillion_by_service(view: View) -> dict[str, float]:
    """The same by class of service, in the order of the table."""
    return {name: tokens / TRILLION for name, tokens in view.served.tokens.items()}


def tokens_per_joule(view: View) -> float:
    """Tokens for a joule at the meter of the datacenter."""
    return ratio(sum(view.served.tokens.values()), view.served.energy_mwh * JOULES_PER_MWH)


def usd_per_million_tokens(view: View) -> float:
    """Capital, upkeep and electricity of the racks online, by the million tokens that they served."""
    cost_usd = view.served.standing_usd + view.served.energy_usd
    return ratio(cost_usd * MILLION, sum(view.served.tokens.values()))


def rack_day_usd(view: View) -> float:
    """What a rack online for a day earns, less its electricity: what a day of delay of a rack forgoes."""
    return ratio(view.served.revenue_usd - view.served.energy_usd, view.served.rack_days)


def rack_days_online(view: View) -> float:
    """Days that racks which went online in the run were so in the report window; NaN where none has economics."""
    return view.served.rack_days if view.facts.factory.racks else NAN


def income_usd(view: View) -> float:
    """What the tokens served earn, less the electricity."""
    return view.served.revenue_usd - view.served.energy_usd if view.facts.factory.racks else NAN


def curtailed_usd(view: View) -> float:
    """What the tokens would have earned that curtailed power cost; NaN where none is curtailed."""
    return view.served.lost_usd if view.facts.factory.racks and _is_curtailed(view) else NAN


def _is_curtailed(view: View) -> bool:
    return any(row.curtailed_hours_per_year for rows in view.facts.factory.power.values() for row in rows)


def deferred_usd(view: View) -> float:
    """What units late forgo in the report window: days from due to accepted at the worth of a rack-day."""
    worth = rack_day_usd(view)
    return worth * backlog_area_rack_days(view) if view.facts.factory.racks else NAN


def datacenter_mwh(view: View) -> float:
    """Energy at the meters for racks that went online in the run."""
    return view.served.energy_mwh if view.facts.factory.racks else NAN


def tokens_curtailed_share(view: View) -> float:
    """Tokens lost while flexible power was away, of all that would have been served; NaN where none is flexible."""
    if not _is_curtailed(view):
        return NAN
    lost = view.served.lost_tokens
    return ratio(lost, lost + sum(view.served.tokens.values()))


def broken_service_hours(view: View) -> float:
    """Expected hours, over all datacenters, in which curtailment took more from a service than it may lose."""
    if not _is_curtailed(view):
        return NAN
    return view.served.broken_hours if view.facts.factory.racks else NAN
