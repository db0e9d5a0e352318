"""On-time chances of whole runs: what they rest on, and that a replay is the beginning of a replication."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from worlds import STARTS, noisy_chain_world, queue_world

from twin.events.result import RunResult
from twin.model.case import make_case
from twin.model.scenario import Budgets, Case, Scenario
from twin.model.units import WEEK_S
from twin.model.world import Settings
from twin.study.arms import play
from twin.study.compare import compare_cases
from twin.study.on_time import day_of, on_time_of, replayed_s
from twin.study.replicate import completions, simulate_arm
from twin.study.run import run_case


def case_of(replays: int = 25, weeks: int | None = 5, name: str = "calm") -> Case:
    """The noisy chain, simulated twice and replayed for five weeks."""
    limits = Budgets(
        schedule_deterministic_seconds=0.05, schedule_dispatch_trials=1, on_time_replays=replays, on_time_weeks=weeks
    )
    return make_case(noisy_chain_world(), Scenario(name=name, replications=2, budgets=limits))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    return run_case(case_of(), tmp_path_factory.mktemp("runs"), 1)


def test_orders_of_the_replayed_weeks_rest_on_all_replays(told: RunResult) -> None:
    on_time = told.on_time
    assert on_time is not None
    assert (on_time.replays, on_time.replayed_until) == (25, "2026-02-08")
    assert [order.by_due.replications for order in on_time.orders] == [25] * 5 + [2] * 7
    for order in on_time.orders:
        if order.by_promise is not None and order.promised is not None:
            assert order.by_promise.replications == (25 if order.promised <= on_time.replayed_until else 2)


def test_totals_are_means_of_their_orders(told: RunResult) -> None:
    on_time = told.on_time
    assert on_time is not None
    first = on_time.orders[:5]
    assert on_time.totals[0].orders == 5
    assert on_time.totals[0].chance.value == pytest.approx(np.mean([order.by_due.value for order in first]))
    assert [total.chance.replications for total in on_time.totals] == [25, 25, 2, 2]
    assert on_time.totals[-1].chance.value == pytest.approx(told.kpis["on_time_in_full"].value)
    assert on_time.totals[-2].chance.value == pytest.approx(told.kpis["on_time_to_request"].value)


def test_dates_rise_with_the_chance(told: RunResult) -> None:
    assert told.on_time is not None
    for order in told.on_time.orders:
        dates = [date or "9999" for date in (order.dates.p50, order.dates.p80, order.dates.p95)]
        assert dates == sorted(dates)


def test_two_workers_give_the_same_chances(told: RunResult, tmp_path: Path) -> None:
    assert run_case(case_of(), tmp_path, 2).on_time == told.on_time


def test_a_replay_is_the_beginning_of_the_replication() -> None:
    arm = play(case_of(), 1).main_arm
    for number in (0, 3):
        whole = completions(arm.ground, simulate_arm(arm, number).log)
        for weeks in (1, 4, 9):
            cut = completions(arm.ground, simulate_arm(arm, number, until_s=weeks * WEEK_S).log)
            assert np.array_equal(cut, np.where(whole < weeks * WEEK_S, whole, np.inf))


def test_without_replays_chances_rest_on_the_runs_own(tmp_path: Path) -> None:
    case = case_of(weeks=0)
    on_time = run_case(case, tmp_path, 1).on_time
    assert on_time is not None
    assert (on_time.replays, on_time.replayed_until) == (0, None)
    assert {order.by_due.replications for order in on_time.orders} == {2}
    assert len(on_time.totals) == 2


def test_where_the_whole_window_is_replayed_it_is_told_once(tmp_path: Path) -> None:
    on_time = run_case(case_of(weeks=12, replays=3), tmp_path, 1).on_time
    assert on_time is not None
    assert [(total.by, total.chance.replications) for total in on_time.totals] == [("due", 3), ("promise", 3)]


def test_a_comparison_makes_no_replays(tmp_path: Path) -> None:
    results = compare_cases([case_of(), case_of(name="again", replays=30)], tmp_path, 1).results
    assert [result.on_time.replays for result in results if result.on_time] == [0, 0]


def test_a_world_without_orders_has_no_chances(tmp_path: Path) -> None:
    case = make_case(queue_world(report_weeks=4), Scenario(name="queue", replications=2))
    played = play(case, 1)
    own = [run.completed_s for run in played.main_runs]
    assert on_time_of(played.ground, played.main_arm.playbook, own, []) is None


def test_the_scheduled_weeks_and_as_many_again_are_replayed() -> None:
    assert replayed_s(case_of(weeks=None)) == 2 * WEEK_S
    assert replayed_s(case_of(weeks=400)) == 20 * WEEK_S


def test_midnight_ends_the_day_before_it() -> None:
    settings = Settings(starts=STARTS)
    assert day_of(settings, 0) == day_of(settings, 1) == day_of(settings, 86_400) == "2026-01-05"
    assert day_of(settings, 86_401) == "2026-01-06"
