"""Names of measures, which way is better and how they are computed, from the KPI dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from twin.events.result import Measure
from twin.metrics.dictionary import KPIS
from twin.metrics.kpi import Better
from twin.report.words import plain

HEADLINES = (
    "racks_accepted",
    "racks_online",
    "racks_shipped",
    "on_time_in_full",
    "backlog_end_racks",
    "time_to_token_days",
    "wip_capital_usd",
    "landed_cost_usd_per_rack",
)
FALLBACK_CARDS = 4
KEY = ":"
"""Between the name of a measure and the place, item, step or party that it is taken of."""
PARTIES = ("customer", "status", "driver", "owner", "service")
"""Levels of measures that stand apart from those of a place, item or step."""
BY_PARTY = "Measures by customer, status and driver of orders, owner and service"
BY_PLACE = "Measures by place, item and step"


def label(name: str) -> str:
    """A measure's name as a heading, with the place it is taken of."""
    measure, _, key = name.partition(KEY)
    title = KPIS[measure].title if measure in KPIS else plain(measure)
    return f"{title}, {key}" if key else title


def formula(name: str) -> str:
    """How a measure is computed, in words; blank where the dictionary has no row."""
    measure = name.partition(KEY)[0]
    return KPIS[measure].formula if measure in KPIS else ""


def better(name: str) -> Better:
    """Whether more of a measure is better; blank where neither is."""
    measure = name.partition(KEY)[0]
    return KPIS[measure].better if measure in KPIS else ""


def by_kind(names: Iterable[str]) -> tuple[list[str], list[str], list[str]]:
    """Names of measures of the whole network, of a party each, and of a place, item or step each."""
    whole, parties, places = list[str](), list[str](), list[str]()
    for name in names:
        measure, _, key = name.partition(KEY)
        of_party = measure in KPIS and KPIS[measure].level in PARTIES
        (whole if not key else parties if of_party else places).append(name)
    return whole, parties, places


def headlines(kpis: Mapping[str, Measure]) -> list[str]:
    """The measures that get a card: those of `HEADLINES` that this run has, else its first few."""
    known = [name for name, measure in kpis.items() if measure.value is not None]
    chosen = [name for name in HEADLINES if name in known]
    return chosen or [name for name in known if KEY not in name][:FALLBACK_CARDS]
