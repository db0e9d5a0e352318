"""The harm of a disruption by arithmetic on paper, beside what the simulation says."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from twin.events.result import HandCheck

FORMULA = "(outage weeks + ramp weeks / 2 + weeks of lost work in process) x share x racks a week - stock - surge"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandTerms:
    """What the formula takes: lengths, the share of supply hit, racks a week, and what softens the blow.

    `wip_lost_weeks` is the work in process that is scrapped, in weeks of starts.
    `stock_racks` are racks' worth on hand beyond what a week needs; `surge_racks` what other
    sources add by the moment for which the loss is counted.
    """

    outage_weeks: float
    ramp_weeks: float
    wip_lost_weeks: float
    share_of_supply: float
    racks_per_week: float
    stock_racks: float
    surge_racks: float


def racks_by_hand(terms: HandTerms) -> float:
    """Racks lost by the formula, at least 0; a straight ramp loses half of its weeks."""
    lost_weeks = terms.outage_weeks + terms.ramp_weeks / 2 + terms.wip_lost_weeks
    lost = lost_weeks * terms.share_of_supply * terms.racks_per_week
    return max(0.0, lost - terms.stock_racks - terms.surge_racks)


def hand_check(terms: HandTerms, simulated_racks: float, note: str = "") -> HandCheck:
    """The check as a page shows it; the difference is a fraction of the larger of the hand's racks and one."""
    by_hand = racks_by_hand(terms)
    return HandCheck(
        formula=FORMULA,
        terms=asdict(terms),
        by_hand_racks=by_hand,
        simulated_racks=simulated_racks,
        difference_fraction=(simulated_racks - by_hand) / max(by_hand, 1.0),
        note=note,
    )
