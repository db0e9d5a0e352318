"""The harm of a disruption by arithmetic on paper, beside what the simulation says."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from twin.events.result import HandCheck

FORMULA = "(outage weeks + ramp weeks / 2 + weeks of lost work in process) x share x racks a week - stock - surge"
STOPPING = ("outage", "starts_blocked", "capacity")
"""Kinds of disruption that take output, which the formula counts."""
LEAST_RACKS = 1.0
LEAST_SHARE = 0.1
"""What is left over, as a share of what is not made, below which it is a small difference of large numbers."""


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
    """The check as a page shows it; the difference is a fraction of the hand's racks, None where that means nothing."""
    by_hand = racks_by_hand(terms)
    check = HandCheck(
        formula=FORMULA,
        terms=asdict(terms),
        by_hand_racks=by_hand,
        simulated_racks=simulated_racks,
        difference_fraction=None,
        note=note,
    )
    if unfit(check):
        return check
    return check.model_copy(update={"difference_fraction": (simulated_racks - by_hand) / by_hand})


def unfit(check: HandCheck, disruptions: int = 1) -> str:
    """Why the hand's racks cannot be held against the simulated ones, as a clause; blank where they can.

    `disruptions` is how many the run has: the formula reckons with one.
    """
    by_hand = check.by_hand_racks
    softened = check.terms.get("stock_racks", 0.0) + check.terms.get("surge_racks", 0.0)
    if disruptions > 1:
        return f"the formula reckons with one disruption, and there are {disruptions}"
    if by_hand < LEAST_RACKS:
        return "by hand no shortage is expected: stock and what other makers can add cover all that is not made"
    if by_hand < LEAST_SHARE * (by_hand + softened):
        return (
            "by hand hardly a shortage is expected: stock and what other makers can add cover nearly all that is not "
            "made, and so small a difference of large numbers tells little"
        )
    if check.simulated_racks > 2 * by_hand:
        return "the formula does not describe this case: more than the item hit holds racks back, which it leaves out"
    return ""
