"""Whole studies of tiny worlds: what is told, what is saved, and that luck does not hang on workers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from worlds import day, noisy_chain_world, queue_world

from twin.events.result import RunResult
from twin.events.run_folder import load_log, load_run
from twin.metrics.dictionary import compute_kpis
from twin.metrics.facts import facts_from
from twin.model.case import make_case
from twin.model.scenario import Budgets, Case, Disruption, Scenario, Target
from twin.network.build import build_network
from twin.study.arms import play
from twin.study.compare import compare_cases
from twin.study.run import run_case, with_overrides

QUICK = Budgets(schedule_deterministic_seconds=0.05, schedule_dispatch_trials=1, on_time_replays=12)
FIRE = Disruption(
    name="fire",
    at=Target(site="pack_a"),
    kind="outage",
    starts=day(28),
    known_after_days=1,
    lasts_weeks=3,
    recovers_over_weeks=1,
    wip_lost=0.3,
)


def noisy_case(*disruptions: Disruption) -> Case:
    """The noisy chain, simulated twice."""
    scenario = Scenario(
        name="fire" if disruptions else "calm", replications=2, disruptions=list(disruptions), budgets=QUICK
    )
    return make_case(noisy_chain_world(), scenario)


@pytest.fixture(scope="module")
def disrupted(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    return run_case(noisy_case(FIRE), tmp_path_factory.mktemp("disrupted"), 1)


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    return run_case(noisy_case(), tmp_path_factory.mktemp("calm"), 1)


def test_a_saved_run_is_read_back_as_it_was(disrupted: RunResult) -> None:
    assert load_run(Path(disrupted.run)) == disrupted
    assert Path(disrupted.run, "manifest.json").is_file()


def test_verdict_names_the_scenario_and_rounds(disrupted: RunResult, calm: RunResult) -> None:
    assert disrupted.verdict.startswith("fire: ")
    assert f"of {sum(order.quantity for order in noisy_chain_world().orders)}" in calm.verdict
    for verdict in (disrupted.verdict, calm.verdict):
        # Two or three significant figures never need more than two decimals in racks or days of this size.
        assert not re.search(r"\d\.\d{3,}|nan|inf|None", verdict), verdict


def test_what_binds_is_told_of_the_plan_that_knows_of_the_disruption_too(disrupted: RunResult, calm: RunResult) -> None:
    assert calm.replan is None
    assert disrupted.replan is not None
    # Known a day after its start on the 29th day.
    assert disrupted.replan.time[0] == day(29).isoformat()
    horizon = day(7 * (disrupted.report_weeks + disrupted.tail_weeks)).isoformat()
    assert all(summary.time[-1] < horizon for summary in (disrupted.plan, disrupted.replan))
    assert disrupted.plan.report_end == day(7 * disrupted.report_weeks).isoformat()


def test_a_comparison_plans_all_scenarios_anew_at_the_same_moments(disrupted: RunResult, tmp_path: Path) -> None:
    """So the run without disruption is there the paired baseline, row for row."""
    assert disrupted.baseline is not None
    calm, hurt = compare_cases([noisy_case(), noisy_case(FIRE)], tmp_path, 1).results
    assert calm.kpis == disrupted.baseline.kpis
    assert hurt.kpis == disrupted.kpis
    assert hurt.resilience == disrupted.resilience
    # Their moments may be others, and their estimates are not asked: not the folder of the run alone.
    assert Path(hurt.run).name != Path(disrupted.run).name


def test_a_disrupted_run_stands_beside_its_baseline(disrupted: RunResult) -> None:
    assert disrupted.baseline is not None
    assert disrupted.paired is not None
    assert disrupted.resilience is not None
    for name, difference in disrupted.paired.items():
        before, after = disrupted.baseline.kpis[name].value, disrupted.kpis[name].value
        if before is not None and after is not None and difference.value is not None:
            assert difference.value == pytest.approx(after - before, abs=1e-6), name
    assert [(one["name"], one["sites"]) for one in disrupted.disruptions] == [("fire", "pack_a")]
    assert disrupted.disruptions[0]["starts"] == day(28).isoformat()
    assert disrupted.disruptions[0]["recovered"] == day(56).isoformat()


def test_an_outage_of_a_packager_is_felt(disrupted: RunResult) -> None:
    assert disrupted.resilience is not None
    peak = disrupted.resilience["peak_shortfall_racks"].mean
    assert peak is not None
    assert peak > 0


def test_hand_check_adds_up_by_its_formula(disrupted: RunResult) -> None:
    check = disrupted.hand_check
    assert check is not None
    terms = check.terms
    weeks = terms["outage_weeks"] + terms["ramp_weeks"] / 2 + terms["wip_lost_weeks"]
    lost = weeks * terms["share_of_supply"] * terms["racks_per_week"] - terms["stock_racks"] - terms["surge_racks"]
    assert check.by_hand_racks == pytest.approx(max(0.0, lost))
    assert terms["outage_weeks"] == pytest.approx(3)
    assert terms["ramp_weeks"] == pytest.approx(1)
    # 0.3 of a cycle triangular about a week: (0.8 + 1 + 1.5) / 3 weeks of starts.
    assert terms["wip_lost_weeks"] == pytest.approx(0.3 * 1.1, rel=1e-4)
    assert 0 < terms["share_of_supply"] <= 1


def test_without_disruption_there_is_no_resilience(calm: RunResult) -> None:
    assert calm.resilience is None
    assert calm.baseline is None
    assert calm.paired is None
    assert calm.hand_check is None
    assert calm.disruptions == []


def test_workers_do_not_change_the_numbers(disrupted: RunResult, tmp_path: Path) -> None:
    again = run_case(noisy_case(FIRE), tmp_path, 2)
    where = {"run", "manifest"}
    assert again.model_dump(exclude=where) == disrupted.model_dump(exclude=where)


def test_kpis_come_from_the_saved_log(tmp_path: Path) -> None:
    one = with_overrides(noisy_case(FIRE), 1, None)
    result = run_case(one, tmp_path, 1)
    log, facts = load_log(Path(result.run)), facts_from(build_network(one.world))
    from_log = compute_kpis(log, facts)
    own = play(one, 1, tmp_path / "day-one").main_runs[0].kpis
    assert from_log == pytest.approx(own, nan_ok=True)
    assert from_log["racks_accepted"] == result.kpis["racks_accepted"].value


def test_seed_changes_the_luck_and_the_folder(calm: RunResult, tmp_path: Path) -> None:
    other = run_case(with_overrides(noisy_case(), None, 2), tmp_path, 1)
    assert other.seed == 2
    assert other.kpis != calm.kpis
    assert Path(other.run).name != Path(calm.run).name


def test_a_world_of_stock_policies_runs_without_a_plan(tmp_path: Path) -> None:
    case = make_case(queue_world(report_weeks=20), Scenario(name="queue", replications=2))
    result = run_case(case, tmp_path, 1)
    busy = result.kpis["utilisation:shop/server"].value
    assert busy is not None
    # Loaded to 0.8; over 112 services in each of two runs this varies by about 0.08.
    assert 0.5 < busy < 1
    assert result.plan.columns == 0
    assert result.schedules == []
    assert load_run(Path(result.run)) == result
