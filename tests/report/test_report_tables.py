from __future__ import annotations

import pytest
from report.sample_result import sample_result

from twin.events.plan_parts import BrokenRow
from twin.report.basis import estimates_section, hand_check_section
from twin.report.decisions import changed_section, decisions_section, levers, waiting_section
from twin.report.evolution import evolution_section
from twin.report.meeting import meeting_sections
from twin.report.provenance import provenance_sections
from twin.report.stock import stock_section
from twin.report.tables import (
    binding_sections,
    concentration_section,
    resilience_section,
    schedule_table,
    utilisation_section,
)
from twin.report.verdict import sureness


def texts(row):
    return [cell.text for cell in row]


def by_anchor(sections):
    return {section.anchor: section for section in sections}


def test_what_binds_is_ordered_by_the_lateness_that_more_saves():
    (section,) = binding_sections(sample_result())
    worth = [float(row[7].text.replace(",", "")) for row in section.blocks[0].rows]
    assert worth == sorted(worth, reverse=True)
    assert texts(section.blocks[0].rows[0])[3:6] == ["5 Jan 2026", "30", "11"]
    assert section.lead.endswith("limit 0 at taiwan-00, one more of it (wafers a week) 240 rack-weeks.")


def test_when_a_limit_binds_is_told_with_what_a_unit_is_worth_in_each_of_its_times():
    (section,) = binding_sections(sample_result())
    limits, when = section.blocks
    assert [texts(row)[0] for row in when.rows[:3]] == [limits.rows[0][0].text] * 2 + [limits.rows[1][0].text]
    assert texts(when.rows[0])[2:] == ["5 Jan 2026", "27 Jul 2026", "29", "10", "240"]
    assert texts(when.rows[1])[2:] == ["10 Aug 2026", "17 Aug 2026", "1", "1", "5"]
    assert len(when.rows) == 20


def test_limits_that_no_plan_can_keep_are_told_first():
    result = sample_result()
    broken = BrokenRow(
        kind="sourcing", name="most share of package from a", site="", item="package", unit="percent", limit=60.0,
        reached=100.0, begins="2026-01-05", ends="2026-03-02", why="nobody else can ship",
    )  # fmt: skip
    plan = result.plan.model_copy(update={"broken": [broken]})
    for bindings in (plan.bindings, []):
        told = result.model_copy(update={"plan": plan.model_copy(update={"bindings": bindings})})
        (section,) = binding_sections(told)
        row = section.blocks[0].rows[0]
        assert texts(row) == [
            "most share of package from a", "60", "100", "percent", "5 Jan 2026", "2 Mar 2026", "nobody else can ship",
        ]  # fmt: skip


def test_a_plan_that_knows_of_the_disruption_tells_what_binds_and_where_more_is_worth_most():
    result = sample_result()
    late = result.plan.bindings[5].model_copy(update={"name": "stacks", "rack_weeks_per_unit": 1e5, "site": ""})
    known = result.plan.model_copy(update={"time": result.plan.time[3:], "bindings": [late]})
    told = result.model_copy(update={"replan": known})
    opening, after = binding_sections(told)
    assert (opening.anchor, after.anchor) == ("binding", "rebinding")
    assert after.title == "What binds once it is known, from 26 Jan 2026"
    assert after.blocks[0].rows[0][0].text == "stacks"
    section = decisions_section(told)
    assert section.blocks[0].rows[0][0].text == "Stacks"
    assert "the first that knows of the disruption" in section.blocks[0].note


def test_a_customers_gap_is_marked():
    section = by_anchor(meeting_sections(sample_result()))["customers"]
    row = section.blocks[0].rows[3]
    assert texts(row) == ["Hyperscaler A", "2026-Q4", "3,500", "2,300", "1,200", "HBM stacks"]
    assert row[4].tone == "bad"
    assert section.lead == "Largest gap: Hyperscaler A in 2026-Q4, 1,200 racks."


def test_gates_show_need_against_what_is_there():
    row = by_anchor(meeting_sections(sample_result()))["gates"].blocks[0].rows[1]
    assert texts(row) == ["HBM stacks", "12,000", "11,500", "stacks a week", "104 %", "4", "12", "1 Jun 2026", "low"]
    assert row[4].tone == "bad"


def test_kits_of_a_site_and_week_name_the_item_that_blocks_most():
    result = sample_result()
    twice = [
        result.kits[7],
        result.kits[7].model_copy(update={"item": "other", "short_item": "switch", "racks_blocked": 90.0}),
    ]
    table = by_anchor(meeting_sections(result.model_copy(update={"kits": twice})))["kits"].blocks[0]
    assert table.rows[0][1].text == "3,100"
    assert table.rows[0][1].small == "of 3,200: switch"


def test_kits_beyond_the_racks_wanted_are_not_told():
    result = sample_result()
    more = result.kits[0].model_copy(update={"planned_racks": 41.4, "full_kits": 41.6, "racks_blocked": 0.0})
    cell = by_anchor(meeting_sections(result.model_copy(update={"kits": [more]})))["kits"].blocks[0].rows[0][1]
    assert (cell.text, cell.small) == ("41", "of 41")


def test_gates_and_kits_say_of_which_plan_they_are():
    result = sample_result()
    told = by_anchor(meeting_sections(result))
    assert told["gates"].lead.startswith("By the opening plan of 5 Jan 2026, made without the disruption. Fullest")
    assert told["kits"].lead.startswith("By the opening plan of 5 Jan 2026, made without the disruption: of 6,400")
    calm = by_anchor(meeting_sections(result.model_copy(update={"disruptions": []})))
    assert calm["gates"].lead.startswith("By the opening plan of 5 Jan 2026. Fullest")


def test_a_gain_next_to_nothing_is_none():
    gate = sample_result().gates[1].model_copy(update={"racks_per_week_gained": 0.038})
    section = by_anchor(meeting_sections(sample_result().model_copy(update={"gates": [gate]})))["gates"]
    assert section.blocks[0].rows[0][6].text == "0"
    assert "gains most" not in section.lead


def test_a_chance_from_few_runs_is_called_rough():
    result = sample_result()
    assert "A chance from 10 runs is rough" in by_anchor(meeting_sections(result))["customers"].blocks[0].note
    many = by_anchor(meeting_sections(result.model_copy(update={"replications": 200})))
    assert "rough" not in many["customers"].blocks[0].note


def test_only_eight_weeks_of_kits_are_shown():
    assert len(by_anchor(meeting_sections(sample_result()))["kits"].blocks[0].columns) == 1 + 8


def test_kits_counted_from_the_start_are_not_added_up_over_the_weeks():
    lead = by_anchor(meeting_sections(sample_result()))["kits"].lead
    assert lead.endswith("of 6,400 racks wanted in the first 8 weeks, 200 lack an item.")


def test_racks_that_wait_stand_with_whose_they_are():
    section = waiting_section(sample_result())
    assert texts(section.blocks[0].rows[1])[:5] == ["Operator 0", "Truck", "mexico-00", "12", "48"]
    assert section.lead == "On average 45 finished racks stand and wait; carrying them costs 15 million USD."


def test_hardly_anything_that_waits_is_left_out_and_counted():
    result = sample_result()
    few = result.waiting[0].model_copy(update={"mean_racks": 0.18, "peak_racks": 0.0})
    brief = few.model_copy(update={"mean_racks": 0.6})
    table = waiting_section(result.model_copy(update={"waiting": [*result.waiting, few, brief]})).blocks[0]
    assert len(table.rows) == 4
    assert texts(table.rows[3])[4:6] == ["0", "–"]
    assert [column.title for column in table.columns][4] == "Most at a week's end"
    assert table.note.endswith("Left out: 1 row of less than half a rack on average.")


def test_what_changed_tells_disruptions_from_changes_of_the_world():
    result = sample_result()
    section = changed_section(result)
    assert [table.name for table in section.blocks] == ["disruptions", "changes"]
    assert section.lead == (
        "Against the baseline: 1 disruption. 1 change of the world, in baseline and disrupted runs alike."
    )
    alone = changed_section(result.model_copy(update={"changes": []}))
    assert alone.lead == "Against the baseline: 1 disruption. All other inputs are equal."
    assert changed_section(result.model_copy(update={"changes": [], "disruptions": []})) is None


def test_like_limits_of_several_sites_are_one_decision():
    row = sample_result().plan.bindings[0]
    both = [
        row.model_copy(update={"name": f"cowos_line at {site}", "site": site, "first_binding": first})
        for site, first in (("a", "2026-02-02"), ("b", "2026-01-05"))
    ]
    (lever,) = levers(both)
    assert (lever.name, lever.first, lever.last) == ("Cowos line at 2 sites", "2026-01-05", "2026-08-17")
    assert lever.more == pytest.approx(0.01 * 12_000)
    assert lever.rack_weeks == pytest.approx(0.01 * 12_000 * 240)
    assert levers([row.model_copy(update={"racks_per_unit": 0.0, "rack_weeks_per_unit": 0.0})]) == []


@pytest.mark.parametrize(
    ("percents", "cell", "said"),
    [
        ((None, None), ("not known", ""), "How far that price holds is not known."),
        ((0.098, None), ("0.098 %", "known at 1 of 2 sites"), "proven only up to 0.098 % more at 1 of its 2 sites."),
        ((0.098, 3.6), ("0.098 %", ""), "proven only up to 0.098 % more."),
        ((0.0, 3.6), ("next units", ""), "proven for the very next units only."),
        ((25.0, 25.0), ("25 % or more", ""), "proven for 25 % more and beyond."),
    ],
)
def test_a_price_is_told_with_how_far_it_is_proven(percents, cell, said):
    result = sample_result()
    row = result.plan.bindings[0]
    both = [
        row.model_copy(update={"name": f"cowos_line at {site}", "site": site, "rack_weeks_hold_percent": percent})
        for site, percent in zip("ab", percents, strict=True)
    ]
    section = decisions_section(result.model_copy(update={"plan": result.plan.model_copy(update={"bindings": both})}))
    found = section.blocks[0].rows[0][8]
    assert (found.text, found.small) == cell
    assert "at most 29,000 rack-weeks" in section.lead
    assert section.lead.endswith(said)


def test_noise_of_prices_is_left_out():
    result = sample_result()
    row = result.plan.bindings[0].model_copy(update={"racks_per_unit": 1e-7, "rack_weeks_per_unit": 240.0})
    noise = row.model_copy(update={"name": "noise", "rack_weeks_per_unit": 1e-8})
    plan = result.plan.model_copy(update={"bindings": [row, noise]})
    (section,) = binding_sections(result.model_copy(update={"plan": plan}))
    (only,) = section.blocks[0].rows
    assert texts(only)[5:7] == ["0", "240"]
    assert section.blocks[0].note.endswith("Left out: 1 limit of which one per cent more is worth next to nothing.")
    assert section.lead.startswith("2 limits")


@pytest.mark.parametrize(
    ("update", "told"),
    [
        ({"tardiness_h": 0.0, "tardiness_bound_h": 0.0, "status": "optimal"}, ["the best", "within 2.4 %"]),
        ({"tardiness_bound_h": 90.0, "makespan_gap": 0.0}, ["within 25 %", "the best"]),
        (
            {"status": "infeasible", "reason": "no bays", "tardiness_h": None, "makespan_gap": None},
            ["no schedule: no bays", ""],
        ),
    ],
)
def test_a_schedule_tells_for_each_aim_what_is_proven(update, told):
    result = sample_result()
    table = schedule_table(result.model_copy(update={"schedules": [result.schedules[0].model_copy(update=update)]}))
    assert texts(table.rows[0])[-3:-1] == told
    assert not {"Status", "Gap to bound"} & {column.title for column in table.columns}


def test_decisions_say_over_which_weeks_more_is_of_use():
    section = decisions_section(sample_result())
    assert texts(section.blocks[0].rows[0])[5:8] == ["5 Jan 2026", "17 Aug 2026", "30"]
    assert "if it is there by 5 Jan 2026" in section.lead


def test_the_hand_check_stands_beside_the_simulated_figure():
    section = hand_check_section(sample_result())
    assert section.lead == "By hand 6,660 racks; the simulation's largest shortfall is 7,300: 9.6 % apart."
    assert [row[0].text for row in section.blocks[1].rows][:2] == ["Lost weeks", "Weekly racks"]


@pytest.mark.parametrize(
    ("update", "reason"),
    [
        ({"by_hand_racks": 4.08, "simulated_racks": 2797.0, "difference_fraction": 684.56}, "hardly a shortage"),
        ({"by_hand_racks": 0.0, "simulated_racks": 0.5, "difference_fraction": None}, "no shortage is expected"),
    ],
)
def test_where_the_formula_does_not_fit_the_hand_says_so_without_a_percentage(update, reason):
    result = sample_result()
    section = hand_check_section(result.model_copy(update={"hand_check": result.hand_check.model_copy(update=update)}))
    assert f"No comparison: by hand {reason}" in section.lead
    assert "%" not in section.lead
    assert "Difference" not in {row[0].text for row in section.blocks[1].rows}


@pytest.mark.parametrize(("kind", "why"), [("lead_time", "of kind lead time"), ("outage", "no process is hit")])
def test_a_disruption_without_a_sum_by_hand_is_told_why(kind, why):
    result = sample_result()
    disruptions = [result.disruptions[0] | {"kind": kind}]
    section = hand_check_section(result.model_copy(update={"hand_check": None, "disruptions": disruptions}))
    assert section.lead.startswith("No sum by hand: its formula counts output that is not made, and")
    assert why in section.lead
    assert hand_check_section(result.model_copy(update={"hand_check": None, "resilience": None})) is None


def test_the_estimates_are_rounded_like_the_range_over_them():
    result = sample_result()
    rows = [row.model_copy(update={"result_at_low": 11337.7, "result_at_high": 6370.4}) for row in result.estimates[:1]]
    spread = result.estimate_range.model_copy(update={"low": 6370.4, "high": 11337.7})
    told = result.model_copy(update={"estimates": rows, "estimate_range": spread})
    row = estimates_section(told).blocks[0].rows[0]
    assert sureness(told)[1].range == f"{row[6].text} to {row[4].text} fewer racks" == "6,400 to 11,300 fewer racks"


def test_a_plan_that_can_lose_no_less_says_so():
    result = sample_result()
    assert "less than nothing" not in estimates_section(result).blocks[0].note
    calm = result.model_copy(update={"resilience": None})
    assert "holds the baseline back too" in estimates_section(result).blocks[0].note
    assert "holds the baseline back too" not in estimates_section(calm).blocks[0].note
    low = [result.estimates[0].model_copy(update={"result_as_used": 1200.0, "result_at_high": 0.0})]
    note = estimates_section(result.model_copy(update={"estimates": low})).blocks[0].note
    assert "where 6,000 stands, it may be less." in note


def test_estimates_are_ordered_by_their_swing_and_drawn_to_one_scale():
    result = sample_result()
    rows = estimates_section(result.model_copy(update={"estimates": result.estimates[::-1]})).blocks[0].rows
    bars = [row[5].bar for row in rows]
    assert bars[0] == (0.0, 100.0)
    widths = [width for _, width in bars]
    assert widths == sorted(widths, reverse=True)
    assert {row[5].mark for row in rows} == {62.5}  # 7,200 between 5,700 and 8,100


def test_the_verdict_is_moved_by_what_the_plan_says_and_not_replaced_by_it():
    result = sample_result()
    low = [row.model_copy(update={"result_as_used": 1200.0, "result_at_low": 4200.0, "result_at_high": 0.0})
           for row in result.estimates[:1]]  # fmt: skip
    row = estimates_section(result.model_copy(update={"estimates": low})).blocks[0].rows[0]
    assert (row[4].text, row[6].text) == ("10,200", "6,000")  # 7,200 and 3,000 more or 1,200 less


def test_times_not_reached_are_dashes_with_their_share():
    rows = resilience_section(sample_result()).blocks[0].rows
    assert texts(rows[1]) == ["Service recovery", "days", "–", "–", "80 %", "–", "–"]
    assert texts(rows[2])[2:] == ["7,290", "7,600", "0 %", "7,300", "7,160 to 7,440"]


def test_the_busiest_resource_comes_first():
    section = utilisation_section(sample_result())
    assert section.lead == "Busiest: bays at mexico-00, 98 % of what is available."


def test_the_most_concentrated_items_come_first():
    table = concentration_section(sample_result()).blocks[1]
    spread = [max(float(cell.text.replace(",", "")) for cell in row[2::2] if cell.text != "–") for row in table.rows]
    assert spread == sorted(spread, reverse=True)


def test_racks_accepted_by_site_are_of_the_report_window():
    result = sample_result()
    table = evolution_section(result).blocks[2]
    first = sum(result.series["accepted@Abilene"].mean[:52])
    assert texts(table.rows[0])[:2] == ["Abilene", f"{first:,.0f}"]


def test_the_stock_that_runs_lowest_comes_first():
    result = sample_result()
    shares = {}
    for name, series in result.series.items():
        if name.startswith("stock:"):
            shares[name.removeprefix("stock:")] = min(series.mean) / sum(series.mean)
    section = stock_section(result)
    assert section.blocks[0].panels[0].title == f"{min(shares, key=shares.get)}, units"
    assert len(section.blocks[0].panels) == 12


def test_assumptions_fold_by_table_and_say_how_many_are_estimates():
    section = by_anchor(provenance_sections(sample_result()))["assumptions"]
    assert section.lead == "300 numbers of the world; 25 % are estimates."
    assert [table.title for table in section.blocks[0].tables][:2] == ["processes: 50 numbers", "resources: 50 numbers"]
    assert section.blocks[0].choices == ("high", "medium", "low", "estimate")


def test_numbers_of_one_row_of_a_table_share_a_line():
    result = sample_result()
    row = result.assumptions[0]
    other = row.model_copy(update={"column": "yield_fraction", "value": "0.9"})
    unsure = row.model_copy(update={"column": "scrap", "value": "0.1", "confidence": "low"})
    many = [row.model_copy(update={"row": f"row {number}"}) for number in range(500)]
    found = provenance_sections(result.model_copy(update={"assumptions": [row, other, unsure, *many]}))
    table = by_anchor(found)["assumptions"].blocks[0].tables[0]
    assert texts(table.rows[0])[1] == "cycle_days triangular(3, 4, 8); yield_fraction 0.9"
    assert texts(table.rows[1])[1] == "scrap 0.1"
    assert len(table.rows) == 150
    assert table.note == "The first 150 of 502 rows; the world's table processes has all."


def test_a_source_says_how_many_numbers_rest_on_it():
    table = by_anchor(provenance_sections(sample_result()))["sources"].blocks[0]
    assert table.rows[0][3].text == "8"


def test_places_that_stop_as_much_share_a_line():
    result = sample_result()
    points = ["cpu at a: stops 2 of 2 demanded", "site b: stops 2 of 2 demanded", "cdu at c: stops 1 of 2 demanded"]
    network = result.network.model_copy(update={"single_points": points})
    section = concentration_section(result.model_copy(update={"network": network}))
    assert section.blocks[0].lines == ("Stops 2 of 2 demanded: cpu at a; site b", "Stops 1 of 2 demanded: cdu at c")
    assert section.lead.startswith("3 places alone")


def test_estimates_that_move_nothing_are_not_said_to_matter():
    result = sample_result()
    still = [row.model_copy(update={"result_at_low": 7200.0, "result_at_high": 7200.1}) for row in result.estimates]
    lead = estimates_section(result.model_copy(update={"estimates": still})).lead
    assert lead == "None of these estimates moves the verdict, by the plan."
