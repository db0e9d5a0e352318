"""Published and derived numbers (see the KPI dictionary's sources), through the twin's own functions.

The chain behind the resilience numbers: demand 2 racks a day, stock 10.5 racks, an outage
of 14 days without any supply, then 3 a day. By arithmetic it survives 5.25 days, its
backlog peaks at 17.5 racks, is cleared 17.5 days after the outage and its area is 229.6875
rack-days. A sample is a quarter of a day, so that every corner of the curve is met.
"""

import numpy as np
import pytest
from known.ladder import exact, rung

from twin.metrics.selection import kim_nelson_constants, ocba_shares
from twin.metrics.statistics import conditional_value_at_risk, mser5, value_at_risk
from twin.resilience import measures
from twin.resilience.hand_check import HandTerms, hand_check
from twin.resilience.paired import PairedDays, Tolerance

CHAIN = {"source": "arithmetic of a chain of stock 10.5 at 2 a day", "family": "Disruption and recovery"}
PER_DAY = 4
DAYS, LEAD_IN = 60, 30


def chain_pair(tolerance: Tolerance) -> PairedDays:
    """The chain, a sample a quarter of a day, the outage after `LEAD_IN` days."""
    quarter = np.arange((LEAD_IN + DAYS) * PER_DAY)
    day = quarter / PER_DAY - LEAD_IN
    demand = np.full(len(quarter), 2 / PER_DAY)
    accepted = demand.copy()
    accepted[(day >= 5.25) & (day < 14)] = 0
    accepted[(day >= 14) & (day < 31.5)] = 3 / PER_DAY
    backlog = np.cumsum(demand - accepted)
    return PairedDays(
        baseline_accepted=demand[None, :],
        disrupted_accepted=accepted[None, :],
        baseline_backlog=np.zeros((1, len(quarter))),
        disrupted_backlog=backlog[None, :],
        start_day=LEAD_IN * PER_DAY,
        report_days=len(quarter),
        tolerance=tolerance,
    )


EXACT = Tolerance(share=0.0, weeks_short=0.0, racks=1e-9, stays_days=7 * PER_DAY, window_days=1)


def test_backlog_of_the_chain_peaks_at_17_5_racks() -> None:
    pair = chain_pair(EXACT)
    assert pair.extra_backlog.max() == pytest.approx(17.5)
    exact("outage of 14 days: peak backlog", 17.5, measures.peak_shortfall_racks(pair)[0], unit="racks", **CHAIN)


def test_backlog_area_of_the_chain() -> None:
    area = measures.delayed_rack_days(chain_pair(EXACT))[0] / PER_DAY
    exact("outage of 14 days: backlog area", 229.6875, area, unit="rack-days", **CHAIN)
    late = area / (2 * 26.25)  # of the 52.5 racks due meanwhile
    exact("outage of 14 days: mean lateness", 4.375, late, unit="days", **CHAIN)


def test_times_of_the_chain() -> None:
    pair = chain_pair(EXACT)
    first_shortage = measures.time_to_first_shortage_days(pair)[0] / PER_DAY
    exact("outage of 14 days: time to first shortage", 5.25, first_shortage, unit="days", **CHAIN)
    supply_recovery = measures.supply_recovery_days(pair)[0] / PER_DAY
    exact("outage of 14 days: supply recovery", 14, supply_recovery, unit="days", **CHAIN)
    # The sample whose end is free of backlog is the last quarter before day 31.5, 17.5 after the outage.
    cleared = (measures.service_recovery_days(pair)[0] + 1) / PER_DAY
    exact("outage of 14 days: backlog cleared after", 31.5, cleared, unit="days", **CHAIN)
    assert cleared - 14 == pytest.approx(17.5)
    assert measures.lost_racks(pair)[0] == pytest.approx(0, abs=1e-9)


def test_zobels_triangle() -> None:
    # Down by 0.6 at once, back in a straight line after 20 of 30 days.
    quality = np.interp(np.arange(31), [0, 20, 30], [0.4, 1.0, 1.0])[None, :]
    words = {"source": "Zobel 2011", "family": "Disruption and recovery"}
    exact("triangle of 0.6 over 20 days: loss area", 6.0, measures.loss_area(quality)[0], unit="days", **words)
    resilience = measures.normalised_resilience(quality)[0]
    exact("triangle of 0.6 over 20 of 30 days: resilience", 0.80, resilience, unit="", **words)


def test_surge_does_not_hide_a_loss() -> None:
    quality = np.concatenate((np.full(11, 0.5), np.full(10, 1.5)))[None, :]
    assert measures.loss_area(quality)[0] == pytest.approx(10 * 0.5 + 0.25)


LOSSES = np.array([0, 0, 0, 0, 1, 2, 3, 5, 8, 21.0])


@pytest.mark.parametrize(("level", "at_risk", "beyond"), [(0.8, 5, 14.5), (0.9, 8, 21)])
def test_value_at_risk(level: float, at_risk: float, beyond: float) -> None:
    words = {"source": "Rockafellar and Uryasev 2002", "family": "Statistics"}
    exact(f"ten losses: value at risk at {level:.0%}", at_risk, value_at_risk(LOSSES, level), unit="", **words)
    tail = conditional_value_at_risk(LOSSES, level)
    exact(f"ten losses: conditional value at risk at {level:.0%}", beyond, tail, unit="", **words)


def test_kim_nelson_constants() -> None:
    constants = kim_nelson_constants(alternatives=4, first_stage=20, alpha=0.05)
    words = {"source": "Kim and Nelson 2001", "family": "Statistics", "unit": ""}
    exact("4 alternatives, 20 first replications: eta", 0.2152, constants.eta, within=5e-5, **words)
    exact("4 alternatives, 20 first replications: h squared", 8.179, constants.h_squared, within=5e-4, **words)


def test_budget_allocation() -> None:
    shares = ocba_shares(np.array([0.0, 1.0, 2.0]), np.ones(3), better="down")
    for number, (expected, share) in enumerate(zip((0.452, 0.438, 0.110), shares, strict=True), start=1):
        words = {"source": "Chen et al. 2000", "family": "Statistics"}
        exact(f"budget allocation: share of system {number} of 3", expected, share, unit="", within=6e-4, **words)


def test_mser5_brings_the_wait_of_a_busy_queue_to_theory() -> None:
    # M/M/1 at 0.9 from empty: mean wait 9. Lindley's recursion on seeded exponentials.
    generator = np.random.default_rng(12)
    service, gaps = generator.exponential(1, 200_000), generator.exponential(1 / 0.9, 200_000)
    steps = np.concatenate(([0.0], np.cumsum(service - gaps)))
    waits = steps - np.minimum.accumulate(steps)
    cut = mser5(waits)
    assert cut is not None
    mean = waits[cut:].mean()
    words = {"source": "Erlang C", "family": "Statistics"}
    rung("MSER-5 cut of M/M/1 at 0.9: mean wait", 9, mean, 0.85 * mean, 1.15 * mean, unit="services", **words)


def test_hand_check_of_the_memory_outage() -> None:
    terms = HandTerms(
        outage_weeks=8,
        ramp_weeks=4,
        wip_lost_weeks=0,
        share_of_supply=0.62,
        racks_per_week=1200,
        stock_racks=300,
        surge_racks=140,
    )
    check = hand_check(terms, simulated_racks=7700, note="n")
    assert check.by_hand_racks == pytest.approx(10 * 0.62 * 1200 - 440)
    assert check.difference_fraction == pytest.approx(0.1)
    assert list(check.terms) == [
        "outage_weeks", "ramp_weeks", "wip_lost_weeks", "share_of_supply", "racks_per_week", "stock_racks",
        "surge_racks",
    ]  # fmt: skip
