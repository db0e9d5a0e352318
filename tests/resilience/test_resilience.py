"""Recovery read from daily pairs: noise, censoring, and what is never reached."""

import numpy as np
import pytest

from twin.resilience import measures
from twin.resilience.hand_check import HandTerms, hand_check, unfit
from twin.resilience.paired import PairedDays, Tolerance, trailing_sum
from twin.resilience.summary import amount_measure, resilience_measures, time_measure


def pair_of(baseline: list[list[float]], disrupted: list[list[float]], start_day: int = 0, **given: int) -> PairedDays:
    """Pairs whose backlog is what was due, the baseline's deliveries, and not delivered."""
    one, two = np.array(baseline, np.float64), np.array(disrupted, np.float64)
    return PairedDays(
        baseline_accepted=one,
        disrupted_accepted=two,
        baseline_backlog=np.zeros_like(one),
        disrupted_backlog=np.maximum(np.cumsum(one - two, axis=1), 0),
        start_day=start_day,
        report_days=given.get("report_days", one.shape[1]),
    )


def test_nothing_happens_without_a_disruption() -> None:
    days = np.random.default_rng(1).poisson(100, (5, 90)).astype(float)
    found = resilience_measures(pair_of(days.tolist(), days.tolist(), start_day=20))
    assert found["time_to_first_shortage_days"].not_reached == 1
    assert found["time_to_nadir_days"].median is None
    assert found["supply_recovery_days"].median == 0
    assert found["service_recovery_days"].median == 0
    assert found["lost_racks"].mean == 0
    assert found["loss_area_days"].mean == 0
    assert found["robustness"].median == 1
    assert found["resilience"].median == 1


def test_an_outage_of_two_weeks() -> None:
    baseline = np.full(150, 100.0)
    disrupted = baseline.copy()
    disrupted[30:44] = 0
    disrupted[50:64] = 150
    found = resilience_measures(pair_of([baseline.tolist()], [disrupted.tolist()], start_day=28, report_days=55))
    assert found["time_to_first_shortage_days"].median == 3
    # 14 of 28 days are missing from day 43 on, the first at that depth 15 days after the start.
    assert found["robustness"].median == pytest.approx(0.5)
    assert found["time_to_nadir_days"].median == 15
    assert found["peak_shortfall_racks"].median == 1400
    assert found["lost_racks"].median == 700
    assert found["lost_in_report_racks"].median == 1400 - 5 * 50
    # The trailing window holds 95 % again when enough outage days have left it.
    assert found["supply_recovery_days"].median == recovery_by_hand(baseline, disrupted)
    assert found["service_recovery_days"].not_reached == 1
    assert found["service_recovery_days"].median is None
    extra = np.cumsum(baseline - disrupted)[27:]
    assert found["delayed_rack_days"].mean == pytest.approx(np.trapezoid(extra))


def test_what_a_new_plan_moves_for_weeks_is_no_shortage() -> None:
    baseline = np.full(200, 100.0)
    moved = baseline.copy()
    moved[30:35], moved[50:55] = 0, 200
    assert (
        resilience_measures(pair_of([baseline.tolist()], [moved.tolist()], 28))["time_to_first_shortage_days"].median
        is None
    )
    moved[90:95] = 0
    found = resilience_measures(pair_of([baseline.tolist()], [moved.tolist()], 28))
    assert found["time_to_first_shortage_days"].median == 91 - 28


@pytest.mark.parametrize(("missing", "day"), [(174.0, None), (176.0, 3.0)])
def test_a_quarter_of_a_weeks_racks_is_no_shortage(missing: float, day: float | None) -> None:
    baseline = np.full(90, 100.0)
    disrupted = baseline.copy()
    disrupted[30:32] -= missing / 2
    found = resilience_measures(pair_of([baseline.tolist()], [disrupted.tolist()], 28, report_days=60))
    assert found["time_to_first_shortage_days"].median == day


def test_a_shortage_at_the_end_of_the_days_is_one() -> None:
    baseline = np.full(60, 100.0)
    disrupted = baseline.copy()
    disrupted[55:] = 0
    found = resilience_measures(pair_of([baseline.tolist()], [disrupted.tolist()], 50))
    assert found["time_to_first_shortage_days"].median == 6


def recovery_by_hand(baseline: np.ndarray, disrupted: np.ndarray) -> int:
    ratio = [sum(disrupted[max(0, d - 27) : d + 1]) / sum(baseline[max(0, d - 27) : d + 1]) for d in range(150)]
    return next(d for d in range(43, 143) if all(ratio[k] >= 0.95 for k in range(d, d + 8))) - 28


def test_a_recovery_that_does_not_last_a_week_is_none() -> None:
    whole = np.array([[0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1]], bool)
    first = np.array([0])
    assert measures.recovery_day(whole, first, 2)[0] == 1
    assert measures.recovery_day(whole, first, 3)[0] == 5
    assert measures.recovery_day(whole, np.array([7]), 3)[0] == 7
    assert measures.recovery_day(whole, first, 7)[0] == 5
    assert np.isinf(measures.recovery_day(whole, first, 8)[0])
    assert np.isinf(measures.recovery_day(whole, first, 13)[0])


def test_two_standard_errors_widen_the_tolerance() -> None:
    baseline = np.full((4, 60), 10.0)
    disrupted = baseline.copy()
    disrupted[0, 30:33] = 0  # one replication of four is hit for three days
    pair = pair_of(baseline.tolist(), disrupted.tolist(), start_day=28)
    deep = 1 - pair.quality[0, 32]
    error = 2 * np.std([deep, 0, 0, 0], ddof=1) / 2
    assert pair.quality_tolerance[32] == pytest.approx(max(0.05, error))
    assert pair.quality_tolerance[10] == 0.05


def test_quality_is_one_where_the_baseline_has_nothing() -> None:
    baseline = np.concatenate((np.zeros(40), np.full(20, 5.0)))
    pair = pair_of([baseline.tolist()], [(baseline * 0.5).tolist()])
    assert pair.quality[0, :40].tolist() == [1.0] * 40
    assert pair.quality[0, 40:].tolist() == [0.5] * 20


def test_trailing_sums_begin_with_fewer_days() -> None:
    assert trailing_sum(np.array([1.0, 2, 3, 4, 5]), 3).tolist() == [1, 3, 6, 9, 12]


def test_a_median_is_never_between_a_time_and_never() -> None:
    measure = time_measure(np.array([3.0, 5.0, np.inf, np.inf]), "d")
    assert (measure.median, measure.p90, measure.not_reached) == (5.0, None, 0.5)
    assert time_measure(np.array([np.inf, np.inf, 1.0]), "d").median is None
    assert measure.mean is None


def test_amounts_have_a_mean_with_its_interval() -> None:
    measure = amount_measure(np.array([1.0, 2, 3, 4, 5]), "racks")
    assert (measure.median, measure.p90, measure.mean, measure.not_reached) == (3, 5, 3, 0)
    assert measure.low is not None
    assert measure.high is not None
    assert measure.low < 3 < measure.high


def test_arrays_that_do_not_fit_are_refused() -> None:
    days = np.zeros((2, 9))
    with pytest.raises(ValueError, match="one shape"):
        PairedDays(
            baseline_accepted=days, disrupted_accepted=days[:1], baseline_backlog=days, disrupted_backlog=days,
            start_day=0, report_days=9,
        )  # fmt: skip
    with pytest.raises(ValueError, match="must start within the 9 days"):
        pair_of(days.tolist(), days.tolist(), start_day=9)


def hand_terms(**cells: float) -> HandTerms:
    return HandTerms(
        **{
            "outage_weeks": 8.0,
            "ramp_weeks": 4.0,
            "wip_lost_weeks": 0.0,
            "share_of_supply": 0.5,
            "racks_per_week": 100.0,
            "stock_racks": 60.0,
            "surge_racks": 40.0,
        }
        | cells
    )


@pytest.mark.parametrize(
    ("cells", "simulated", "reason"),
    [
        ({}, 440.0, ""),
        ({"stock_racks": 500.0}, 0.5, "no shortage is expected: stock and what other makers can add cover all"),
        ({"stock_racks": 456.0}, 2797.0, "hardly a shortage is expected"),
        ({}, 900.0, "the formula does not describe this case"),
    ],
)
def test_the_hand_is_compared_only_where_its_formula_fits(
    cells: dict[str, float], simulated: float, reason: str
) -> None:
    check = hand_check(hand_terms(**cells), simulated_racks=simulated)
    assert reason in unfit(check)
    assert (check.difference_fraction is None) == bool(reason)


def test_the_hand_is_compared_by_its_own_racks() -> None:
    check = hand_check(hand_terms(), simulated_racks=440.0)
    assert (check.by_hand_racks, check.difference_fraction) == (400.0, pytest.approx(0.1))
    assert "there are 2" in unfit(check, disruptions=2)


def test_tolerances_are_those_of_the_dictionary() -> None:
    assert Tolerance() == Tolerance(
        share=0.05, weeks_short=0.25, racks=1.0, standard_errors=2.0, stays_days=7, window_days=28
    )
