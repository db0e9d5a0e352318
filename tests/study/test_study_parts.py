"""Parts of a study: words, estimates, gates, day one, moments of re-planning, workers, comparison."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from worlds import chain_world, day, levels_world, noisy_chain_world, row

from twin.disrupt.availability import availability
from twin.events.result import EstimateSwing, Measure, RecoveryMeasure
from twin.model.case import make_case
from twin.model.problems import RunError
from twin.model.rows_demand import Demand, Estimate
from twin.model.scenario import Budgets, Case, Change, Disruption, Mitigation, Scenario, Target
from twin.model.state import LotInProcess, RackInProcess, Shipment, State
from twin.model.units import DAY_S, WEEK_S
from twin.network.build import build_network
from twin.plan.record import Binding, Span
from twin.report.words import alike
from twin.study.compare import compare_cases
from twin.study.estimates import estimate_range, estimate_swings
from twin.study.ground import day_one_of, lay_ground, state_from, state_to
from twin.study.limits import customer_quarters, gates, racks_due_per_week, tightest
from twin.study.playbook import make_playbook, replan_moments
from twin.study.provenance import changes_of
from twin.study.run import with_overrides
from twin.study.runner import run_all, worker_count
from twin.study.verdict import baseline_verdict, between, disrupted_verdict, ends, rounded

QUICK = Budgets(schedule_deterministic_seconds=0.05, schedule_dispatch_trials=1)


def chain_case(name: str = "chain", **cells: object) -> Case:
    return make_case(chain_world(), Scenario(**({"name": name, "replications": 2, "budgets": QUICK} | cells)))


# --- the verdict ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1234.5, "1,200"),
        (0.04567, "0.046"),
        (-0.0, "0"),
        (3.14159, "3.1"),
        (99.6, "100"),
        (math.inf, "an unknown number of"),
        (-1234.5, "-1,200"),
    ],
)
def test_numbers_in_words_have_two_figures(value: float, text: str) -> None:
    assert rounded(value) == text


def test_an_interval_needs_both_ends() -> None:
    assert between(1234, 5678) == "1,230 to 5,680"
    assert between(None, 5.0) == ""
    assert between(1.0, None) == ""


def test_an_interval_narrower_than_its_rounding_is_told_by_its_half_width() -> None:
    assert between(7996.0, 8004.0) == "give or take 4"
    assert between(12.2, 12.4) == "give or take 0.1"
    assert between(8000.0, 8000.0) == ""
    text = disrupted_verdict(chain_case(), harm(8000.0), None, None)
    assert "8,000 fewer racks are accepted by the end of the report window (give or take 1 by luck)" in text


def test_a_window_in_which_nothing_falls_due_is_told_as_that() -> None:
    kpis = {name: Measure(value=0.0, unit="racks") for name in ("racks_accepted", "racks_due")}
    assert baseline_verdict(chain_case(), kpis, (), None) == "No order falls due in 12 weeks."


def test_a_world_of_streams_alone_is_not_told_as_one_without_demand() -> None:
    kpis = {name: Measure(value=0.0, unit="racks") for name in ("racks_accepted", "racks_due")}
    world = chain_world()
    stream = row(Demand, customer="plant", site="integrator", item="tray", every_days=7, quantity=5)
    parts_only = world.model_copy(update={"orders": (), "demand": (stream,)})
    case = make_case(parts_only, Scenario(name="streams", budgets=QUICK))
    assert "fill rates" in baseline_verdict(case, kpis, (), None)


def test_baseline_verdict_names_what_is_late_and_what_holds_back() -> None:
    kpis = {
        "racks_accepted": Measure(value=1234.4, low=1201.2, high=1267.8, unit="racks"),
        "racks_due": Measure(value=1500.0, unit="racks"),
    }
    text = baseline_verdict(chain_case(), kpis, ["wafers at fab", "bays at 2 sites", "crews"], None)
    assert "1,230 racks are accepted in 12 weeks (1,200 to 1,270 by luck), of 1,500 due: 270 are late" in text
    assert text.endswith("What holds it back most: wafers at fab, then bays at 2 sites.")


def recovery(median: float | None, not_reached: float = 0.0, **cells: float) -> RecoveryMeasure:
    return RecoveryMeasure(median=median, p90=cells.pop("p90", None), not_reached=not_reached, unit="days", **cells)


def harm(mean: float) -> dict[str, RecoveryMeasure]:
    return {
        "lost_in_report_racks": recovery(mean, mean=mean, low=mean - 1, high=mean + 1),
        "peak_shortfall_racks": recovery(mean, mean=mean),
        "time_to_first_shortage_days": recovery(17.34),
        "supply_recovery_days": recovery(61.5, p90=75.2),
        "service_recovery_days": recovery(None, 0.7),
    }


def test_disrupted_verdict_says_what_is_not_reached() -> None:
    text = disrupted_verdict(chain_case("fire", title="Fire"), harm(12.34), None, 20.5)
    assert text.startswith("Fire: 12 fewer racks are accepted by the end of the report window (11 to 13 by luck).")
    assert "first run short 17 days after it starts; by a sum that leaves out lead times, stock, pipeline" in text
    assert "would last 20 days." in text
    assert "back to normal 62 days after it starts (nine in ten by day 75)" in text
    assert "The backlog is not cleared within the horizon in 70% of replications." in text
    assert text.endswith("Of 2 runs only: take the days as rough.")
    assert disrupted_verdict(chain_case("fire", replications=10), harm(12.34), None, 20.5).endswith("replications.")


def test_what_was_never_lost_is_not_back() -> None:
    harmless = harm(12.0) | {
        "lost_in_report_racks": recovery(12.0, mean=12.0, low=-5.0, high=29.0),
        "time_to_first_shortage_days": recovery(None, 1.0),
        "supply_recovery_days": recovery(0.0),
        "service_recovery_days": recovery(0.0),
    }
    text = disrupted_verdict(chain_case("fire", replications=10), harmless, None, None)
    assert text.endswith("No shortage lasts.")


@pytest.mark.parametrize(
    ("mean", "spread", "said"),
    [
        (-3.5, 6.0, "no clear difference in racks accepted by the end of the report window (from 10 more to 2 fewer "),
        (4.0, 6.0, "no clear difference in racks accepted by the end of the report window (from 2 more to 10 fewer "),
        (-130.0, 100.0, "130 more racks are accepted by the end of the report window (30 to 230 by luck"),
        (130.0, 100.0, "130 fewer racks are accepted by the end of the report window (30 to 230 by luck"),
    ],
)
def test_gains_and_losses_are_told_without_a_minus_and_low_before_high(mean: float, spread: float, said: str) -> None:
    measures = harm(12.0) | {
        "lost_in_report_racks": recovery(mean, mean=mean, low=mean - spread, high=mean + spread),
    }
    text = disrupted_verdict(chain_case("fire", title="Fire"), measures, None, None)
    assert text.startswith(f"Fire: {said}")
    assert "-" not in text


@pytest.mark.parametrize(
    ("low", "high", "told", "words"),
    [
        (-130.0, 0.0, "more", "0 to 130"),
        (0.0, -130.0, "more", "0 to 130"),
        (1456.0, 2444.0, "", "1,460 to 2,440 fewer"),
        (-50.0, 100.0, "fewer", "from 50 more to 100 fewer"),
        (None, 3.0, "", ""),
    ],
)
def test_the_ends_of_a_range_say_which_way_they_go(
    low: float | None, high: float | None, told: str, words: str
) -> None:
    assert ends(low, high, told) == words


def test_a_verdict_rounds_the_estimates_as_the_page_does() -> None:
    estimates = Measure(value=8000.0, low=6370.4, high=11337.7, unit="racks")
    text = disrupted_verdict(chain_case(), harm(8000.0), estimates, None)
    low, high = alike([estimates.low, estimates.high], 3)
    assert f"{low} to {high} over the estimates" in text
    assert (low, high) == ("6,400", "11,300")


def test_without_a_clear_loss_a_shortage_is_told_as_one_on_the_way() -> None:
    measures = harm(340.0) | {
        "lost_in_report_racks": recovery(60.0, mean=60.0, low=-120.0, high=240.0),
        "service_recovery_days": recovery(86.0),
    }
    text = disrupted_verdict(chain_case(), measures, None, None)
    assert "first run short" not in text
    assert "On the way racks run short for a time, first 17 days after it starts, by 340 at the worst." in text
    never = disrupted_verdict(chain_case(), measures | {"service_recovery_days": recovery(None, 1.0)}, None, None)
    assert "On the way racks run short, first 17 days" in never
    none = disrupted_verdict(chain_case(), measures | {"time_to_first_shortage_days": recovery(None, 1.0)}, None, None)
    assert "No shortage lasts." in none


@pytest.mark.parametrize(
    ("mean", "said"),
    [
        (0.3, "no difference in racks accepted by the end of the report window. "),
        (1.2, "1 fewer rack is accepted by the end of the report window. "),
    ],
)
def test_a_single_run_without_a_lasting_shortage_is_told_plainly(mean: float, said: str) -> None:
    measures = harm(5.0) | {
        "lost_in_report_racks": recovery(mean, mean=mean),
        "time_to_first_shortage_days": recovery(None, 1.0),
    }
    text = disrupted_verdict(chain_case("fire", title="Fire", replications=1), measures, None, math.inf)
    assert text.startswith(f"Fire: {said}")
    assert ".;" not in text


def test_disrupted_verdict_of_endless_survival_and_of_no_harm() -> None:
    assert "other sources would cover it." in disrupted_verdict(chain_case(), harm(12.0), None, math.inf)
    assert "other sources" not in disrupted_verdict(chain_case(), harm(12.0), None, None)
    assert disrupted_verdict(chain_case("calm"), harm(0.2), None, 3.0) == "calm: no rack is late for it."


def test_one_late_rack_is_one() -> None:
    kpis = {"racks_accepted": Measure(value=23.0, unit="racks"), "racks_due": Measure(value=24.0, unit="racks")}
    text = baseline_verdict(chain_case(), kpis, [], None)
    assert text == "23 racks are accepted in 12 weeks, of 24 due: 1 is late at the end."


# --- estimates --------------------------------------------------------------------------------


def swing(low: float, high: float) -> EstimateSwing:
    return EstimateSwing(
        estimate="one", table="processes", where="", column="x", low=0, value="1", high=2,
        result_at_low=low, result_at_high=high, unit="racks", source="test",
    )  # fmt: skip


def test_the_range_moves_the_simulated_number_by_the_plan() -> None:
    found = estimate_range(100.0, 80.0, [swing(70.0, 85.0), swing(78.0, 95.0)])
    assert found is not None
    assert (found.value, found.low, found.high) == (100.0, 90.0, 115.0)
    floor = estimate_range(5.0, 80.0, [swing(70.0, 75.0)])
    assert floor is not None
    assert (floor.low, floor.high) == (0.0, 5.0)
    gain = estimate_range(-5.0, 80.0, [swing(70.0, 75.0)])
    assert gain is not None
    assert (gain.low, gain.high) == (-15.0, -5.0)
    assert estimate_range(100.0, 80.0, []) is None


def test_the_estimate_that_reaches_furthest_comes_first() -> None:
    estimates = (
        row(Estimate, estimate="trays", table="processes", where="process=tray-assembly",
            column="capacity_per_week", low=8, high=9),
        row(Estimate, estimate="wafers", table="processes", where="process=fabrication",
            column="capacity_per_week", low=1, high=10),
    )  # fmt: skip
    case = make_case(chain_world(estimates=estimates), Scenario(name="guess", budgets=QUICK))
    ground = lay_ground(case)
    base, swings = estimate_swings(ground, ground.day_one, 1)
    assert [each.estimate for each in swings] == ["wafers", "trays"]
    wafers = swings[0]
    # A quarter of the wafers that two racks a week need cannot give as many racks; ten a week is what there is.
    assert wafers.result_at_low < base - 1
    assert wafers.result_at_high == pytest.approx(base)
    assert float(wafers.value) == 10


# --- limits -----------------------------------------------------------------------------------


def binding(name: str, site: str, worth: float, **cells: object) -> Binding:
    numbers: dict[str, object] = {
        "kind": "resource", "item": "", "unit": "", "limit": 10.0, "load": 1.0,
        "periods": bound_in(0, worth), "racks_per_unit": 0.0, "source": "test", "confidence": "",
    }  # fmt: skip
    return Binding(name=name, site=site, rack_weeks_per_unit=worth, **(numbers | cells))


def bound_in(week: int, worth: float) -> tuple[Span, ...]:
    """Two weeks from a week on."""
    return (Span(begins_s=week * WEEK_S, ends_s=(week + 2) * WEEK_S, racks=0.0, rack_weeks=worth),)


def test_like_limits_are_told_together_by_worth() -> None:
    found = tightest(
        [
            binding("test_cell at a", "a", 1.0),
            binding("bay at a", "a", 1.5),
            binding("test_cell at b", "b", 1.0),
            binding("crew at c", "c", 0.0),
        ]
    )
    assert found == ["test cell at 2 sites", "bay at a"]


def test_a_quarter_is_gated_by_the_plan_then_followed_and_never_by_another_customers_place() -> None:
    ground = lay_ground(chain_case())
    opening = make_playbook(ground, ()).opening
    assert opening is not None
    superseded = binding("press at fab", "fab", 9.0, periods=bound_in(6, 9.0))
    known = binding("oven at fab", "fab", 1.0, periods=bound_in(5, 1.0))
    other = replace(
        opening.plan,
        deliveries=opening.plan.deliveries
        | {("other", "lot", "rack_accepted"): np.zeros(len(opening.plan.edges_s) - 1)},
    )
    foreign = binding("power at lot", "lot", 5.0, periods=bound_in(5, 5.0))
    rows = customer_quarters(ground, other, (), [(0, [superseded]), (4 * WEEK_S, [known, foreign])])
    assert {row.customer: row.gating for row in rows} == {"acme": "oven at fab", "other": "power at lot"}


def test_a_limit_gates_when_its_racks_are_missed_not_when_it_binds() -> None:
    ground = lay_ground(chain_case())
    opening = make_playbook(ground, ()).opening
    assert opening is not None
    # From a wafer's start to an accepted rack takes more than two weeks, and the window has twelve.
    early, late = (binding("oven at fab", "fab", 1.0, periods=bound_in(week, 1.0)) for week in (4, 10))
    found = [customer_quarters(ground, opening.plan, (), [(0, [each])])[0].gating for each in (early, late)]
    assert found == ["oven at fab", ""]


def test_the_need_of_a_gate_is_what_is_due_times_its_content() -> None:
    ground = lay_ground(chain_case())
    assert racks_due_per_week(ground) == pytest.approx(2.0)
    found = {gate.gate: gate for gate in gates(ground, availability(ground.network, ()), ())}
    # A rack is 2 trays, 8 packages, 2 wafers; assembly and packing hold a bay for 24 h.
    expected = {"making wafer": (4, 10), "making package": (16, 24), "making tray": (4, 8)}
    for name, (need, available) in expected.items():
        assert found[name].need_per_week == pytest.approx(need), name
        assert found[name].available_per_week == pytest.approx(available), name
        assert found[name].load == pytest.approx(need / available), name
    bays = found["bay in rack integration"]
    assert (bays.need_per_week, bays.available_per_week) == (pytest.approx(48), pytest.approx(2 * 168))
    loads = [gate.load for gate in found.values()]
    assert loads == sorted(loads, reverse=True)


def test_the_need_of_a_gate_with_several_levels_goes_by_their_shares() -> None:
    """A quarter of the racks hold a crew for 60 h and a bay for 4, the others 24 h, and cells for 30."""
    world = levels_world(levels=({"level": "L10", "share": 0.25}, {"level": "L11", "share": 0.75}))
    ground = lay_ground(make_case(world, Scenario(name="levels")))
    found = {gate.gate: gate for gate in gates(ground, availability(ground.network, ()), ())}
    need = {"crew in datacenter": 33, "cell in rack integration": 22.5, "bay in rack integration": 19}
    for name, hours in need.items():
        assert found[name].need_per_week == pytest.approx(2 * hours), name


# --- day one ----------------------------------------------------------------------------------


def test_a_state_survives_being_written() -> None:
    state = State(
        at_s=5,
        on_hand={("a", "x"): 1.5, ("b", "y"): 2.0},
        in_process=(LotInProcess(process="p", site="a", item="x", quantity=3, ready_s=9),),
        in_transit=(Shipment(lane="l", item="x", quantity=2, arrives_s=11),),
        racks=(RackInProcess(site="a", item="x", step=2, remaining_s=60, destination="c"),),
        accepted={("c", "x"): 4.0},
        delivered={"order-01": 1},
    )
    assert state_from(state_to(state)) == state


def test_day_one_is_made_once_per_world(tmp_path: Path) -> None:
    case = make_case(noisy_chain_world(), Scenario(name="kept"))
    made = day_one_of(case, tmp_path)
    (kept,) = tmp_path.glob("*.json")
    assert made.on_hand or made.in_process
    assert day_one_of(case, tmp_path) == made
    # What is kept is what is read, and a changed world keeps the day one of the unchanged.
    kept.write_text(kept.read_text().replace('"at_s": 0', '"at_s": 7', 1))
    halved = [Change(table="processes", where={"process": "fabrication"}, set={"capacity_per_week": 5})]
    changed = make_case(noisy_chain_world(), Scenario(name="changed", changes=halved))
    assert day_one_of(changed, tmp_path) == replace(made, at_s=7)
    own = make_case(noisy_chain_world(), Scenario(name="own", changes=halved, warm_start="own"))
    assert day_one_of(own, tmp_path).at_s == 0
    assert len(list(tmp_path.glob("*.json"))) == 2


NO_SECOND_PACKAGER = [
    Change(table="sourcing", where={"item": "package", "supplier": "pack_b"}, remove=True),
    Change(table="lanes", where={"lane": "pack_b-trays"}, remove=True),
]


@pytest.mark.parametrize("changes", [NO_SECOND_PACKAGER, NO_SECOND_PACKAGER[:1]])
def test_a_change_that_leaves_no_way_for_what_is_under_way_is_refused_with_the_remedy(changes: list[Change]) -> None:
    case = chain_case(changes=changes)
    with pytest.raises(RunError, match=r"6 package in packaging at pack_b\n  1 package on lane pack_b-trays\n.*own"):
        lay_ground(case)
    own = chain_case(changes=changes, warm_start="own")
    assert not [lot for lot in lay_ground(own).day_one.in_process if lot.site == "pack_b"]


# --- moments of re-planning -------------------------------------------------------------------


def outage(site: str, **cells: object) -> Disruption:
    return Disruption(name=site, at=Target(site=site), kind="outage", starts=day(14), **cells)


def test_plans_are_made_anew_when_it_is_known_and_when_it_ends() -> None:
    world = chain_world()
    network = build_network(world)

    def moments(*disruptions: Disruption) -> tuple[int, ...]:
        return replan_moments(network, disruptions)

    assert moments(outage("pack_a", lasts_weeks=3, known_after_days=2)) == (16 * DAY_S, 5 * WEEK_S)
    assert moments(outage("pack_a", lasts_weeks=0, known_after_days=2)) == ()
    assert moments(outage("pack_a", lasts_days=1, known_after_days=9)) == (23 * DAY_S,)
    assert moments(outage("pack_a", lasts_weeks=100)) == (2 * WEEK_S,)


def test_what_hits_nothing_in_use_changes_no_plan() -> None:
    world = chain_world()
    spare = world.sites[0].model_copy(update={"site": "spare"})
    world = world.model_copy(update={"sites": (*world.sites, spare)})
    assert replan_moments(build_network(world), [outage("spare", lasts_weeks=3)]) == ()


def test_what_is_known_on_day_one_is_in_the_opening_plan_of_its_arm() -> None:
    strike = Disruption(name="strike", at=Target(site="pack_a"), kind="outage", starts=day(0), lasts_weeks=3)
    ground = lay_ground(chain_case("strike", disruptions=[strike]))
    calm = make_playbook(ground, (), moments=())
    assert calm.opening is not None
    struck = make_playbook(ground, (strike,), calm.opening)
    assert struck.opening is not None
    key = ("packaging", "pack_a", "package")
    assert calm.opening.plan.production[key][:3].min() > 0
    assert struck.opening.plan.production[key][:3].max() == 0
    assert (struck.learns_at_s, struck.replan_at_s) == (0, (3 * WEEK_S,))


# --- workers ----------------------------------------------------------------------------------


def test_answers_come_in_the_order_of_the_tasks() -> None:
    tasks = [(number, 3) for number in range(12)]
    told: list[tuple[str, int, int]] = []
    alone = run_all(pow, tasks, 1, "powers", lambda *done: told.append(done))
    assert alone == [number**3 for number in range(12)]
    assert run_all(pow, tasks, 2, "powers") == alone
    assert told == [("powers", done, 12) for done in range(13)]
    assert run_all(pow, [], 2, "nothing") == []
    assert worker_count(3) == 3
    assert worker_count(None) >= 1


# --- comparison -------------------------------------------------------------------------------


@pytest.mark.parametrize("replications", [2, 10])
def test_the_better_of_two_is_told(tmp_path: Path, replications: int) -> None:
    fewer = Change(table="processes", where={"process": "tray-assembly"}, set={"capacity_per_week": 2})
    cases = [with_overrides(chain_case("all"), replications, None), chain_case("half", changes=[fewer])]
    found = compare_cases(cases, tmp_path, 1)
    assert [(result.scenario, result.replications) for result in found.results] == [
        ("all", replications),
        ("half", replications),
    ]
    (paired,) = found.paired
    all_racks, half = (result.kpis["racks_accepted"].value for result in found.results)
    assert all_racks is not None
    assert half is not None
    assert half < all_racks - 1
    assert paired["racks_accepted"].value == pytest.approx(half - all_racks)
    if replications == 10:
        assert found.best is not None
        assert (found.best.kpi, found.best.survivors) == ("racks_accepted", ["all"])
        assert set(found.best.next_replications_share) == {"all", "half"}
        assert sum(found.best.next_replications_share.values()) == pytest.approx(1)


def test_unlike_windows_are_not_compared(tmp_path: Path) -> None:
    first = chain_case()
    with pytest.raises(RunError, match="starts on another day"):
        compare_cases([first, chain_case("later", settings={"starts": day(7).isoformat()})], tmp_path, 1)
    with pytest.raises(RunError, match="report_weeks or tail_weeks"):
        compare_cases([first, chain_case("longer", settings={"tail_weeks": 9})], tmp_path, 1)
    assert list(tmp_path.iterdir()) == []


# --- what a scenario changes ------------------------------------------------------------------


def test_changes_are_told_in_words_with_who_brings_them() -> None:
    changes = [Change(table="lanes", where={"lane": "fab-pack_a"}, multiply={"transit_days": 2})]
    more = Mitigation(name="more bays", changes=[Change(table="resources", set={"capacity": 3})])
    case = make_case(noisy_chain_world(), Scenario(name="s", changes=changes, mitigations=[more]))
    assert [(row.by, row.table, row.where, row.change) for row in changes_of(case)] == [
        ("changes", "lanes", "lane fab-pack_a", "transit_days times 2"),
        ("more bays", "resources", "", "capacity 3"),
    ]
