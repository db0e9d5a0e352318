"""What moved, in words, in the picture and in the tables of a comparison's page."""

from __future__ import annotations

import json

import pytest
from report.sample_moved import all_moved, nothing_moved
from report.sample_result import sample_result

from twin.report import render_comparison
from twin.report.blocks import Chart, Prose, Table
from twin.report.moved import moved_section
from twin.report.moved_words import NOTHING, changed, headlines, weeks_later


def test_each_kind_of_move_has_its_sentence():
    assert headlines(all_moved()) == (
        "Order book: 1 order added (6 units), 1 order removed (2 units), 1 order changed; orders and their days below "
        "are those that both have.",
        "Orders re-sourced: 96 of 1,200 racks (8 %), of 30 orders, are made elsewhere; "
        "the largest part, 60, at south in place of north, against 36 the other way.",
        "Items re-sourced: a site's suppliers of an item changed shares by more than two points in 1 case; most where "
        "pack_a gives 25 % of package at trays in place of 60 % (350 units fewer).",
        "Work moved: of 9,000 operations that both have 450 (5 %) are done at another site, 90 (1 %) are begun more "
        "than a week later; most moved all steps at north (300 operations in place of 600, 300 at another site), and "
        "stacking of wafer at fab (300 units in place of 600, 3.5 days earlier in the mean).",
        "Lanes: 3 lanes used more or less; by mode air 40 % more (10,000 to 14,000 kg), 20,000 USD more; "
        "ocean to none (2,000 to 0 kg), 900 USD less.",
        "Promises of the opening plan: of 40 orders 2 (1 by more than a week) later by a day or more, 0 earlier.",
        "Orders complete: of 40 orders 5 later by a day or more, 3 earlier, 1 no longer within the horizon.",
        "Busy: 1 resource by more than two points more or less; most test cell at north 60 % in place of 90 %.",
    )


def test_where_nothing_moved_it_says_so():
    assert headlines(nothing_moved()) == (NOTHING,)
    section = moved_section(nothing_moved(), 1)
    (told,) = section.blocks
    assert isinstance(told, Prose)
    assert told.lines == (NOTHING,)


def test_a_day_that_moved_is_not_nothing_though_no_row_tells_it():
    moved = nothing_moved()
    later = moved.model_copy(update={"promises": moved.promises.model_copy(update={"later": 1})})
    assert headlines(later) == ("Promises of the opening plan: of 40 orders 1 later by a day or more, 0 earlier.",)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [(100, 140, "40 % more"), (100, 50, "50 % less"), (0, 3, "from none"), (3, 0, "to none")],
)
def test_changes_are_said_in_per_cent_of_the_first(first: float, second: float, said: str):
    assert changed(first, second) == said


@pytest.mark.parametrize(
    ("weeks", "said"),
    [(1 / 84, "2 hours later"), (-1 / 7, "1 day earlier"), (1.5, "10 days later"), (2.6, "2.6 weeks later")],
)
def test_a_shift_is_said_in_a_unit_that_fits_it(weeks: float, said: str):
    assert weeks_later(weeks) == said


def test_where_no_operation_is_in_both_none_is_counted():
    moved = all_moved()
    apart = moved.model_copy(update={"operations": moved.operations.model_copy(update={"operations": 0})})
    (said,) = (line for line in headlines(apart) if line.startswith("Work moved"))
    assert said.startswith("Work moved: most moved all steps at north")


def test_the_picture_names_its_bars_where_they_are_of_one_kind():
    chart = next(block for block in moved_section(all_moved(), 1).blocks if isinstance(block, Chart))
    assert json.loads(chart.figure)["layout"]["showlegend"] is True


def test_the_picture_has_earlier_work_on_the_left():
    chart = next(block for block in moved_section(all_moved(), 1).blocks if isinstance(block, Chart))
    traces = {trace["name"]: trace for trace in json.loads(chart.figure)["data"]}
    assert set(traces) == {"more than a week earlier", "more than a week later", "at another site"}
    # Of 500 that both have; work that only shifted within the week has no bar.
    assert traces["more than a week earlier"]["x"] == [0, -20]
    assert traces["more than a week later"]["x"] == [0, 10]
    assert traces["at another site"]["x"] == [60, 0]
    assert traces["at another site"]["y"] == ["all steps at north", "stacking of wafer<br>at fab"]
    assert len(chart.table.rows) == 2 + 20 + 1
    assert "25 steps and 1 process differ." in chart.table.note


def test_work_that_moved_little_has_a_table_only():
    moved = all_moved()
    few = moved.operations.model_copy(update={"sites": moved.operations.sites[1:], "processes": []})
    blocks = moved_section(moved.model_copy(update={"operations": few}), 1).blocks
    assert not [block for block in blocks if isinstance(block, Chart)]
    assert "work-moved-1" in [block.name for block in blocks if isinstance(block, Table)]


def test_tables_tell_differences_with_their_share():
    tables = {block.name: block for block in moved_section(all_moved(), 2).blocks if isinstance(block, Table)}
    assert list(tables) == [
        "orders-changed-2",
        "orders-resourced-2",
        "items-resourced-2",
        "lanes-moved-2",
        "promises-moved-2",
        "completions-moved-2",
        "loads-moved-2",
    ]
    assert all(table.folded for table in tables.values())
    book = [[cell.text for cell in row][2:] for row in tables["orders-changed-2"].rows]
    assert book == [
        ["–", "6", "–", "2026-03-01", "rack at other"],
        ["2", "–", "2026-03-01", "–", "rack at campus"],
        ["2", "4", "2026-03-01", "2026-03-01", "rack at other in place of rack at campus"],
    ]
    lanes = {row[0].text: row for row in tables["lanes-moved-2"].rows}
    assert [(cell.text, cell.small) for cell in lanes["fab-north"][3:5]] == [("10,000", ""), ("+4,000", "+40 %")]
    assert [(cell.text, cell.small) for cell in lanes["new"][3:5]] == [("0", ""), ("+500", "")]
    assert list(lanes)[:2] == ["all by air", "all by ocean"]
    assert [cell.text for cell in tables["completions-moved-2"].rows[0]][3:] == ["2026-03-02", "–", "–"]
    assert "The 20 largest of 31 moves." in tables["orders-resourced-2"].note
    assert [cell.text for cell in tables["loads-moved-2"].rows[0]][2:] == ["90 %", "60 %", "−30"]


def test_the_page_stays_small():
    result = sample_result()
    names = ("one", "two", "three", "four")
    results = [result, *(result.model_copy(update={"scenario": name}) for name in names)]
    page = render_comparison(results, moved=[all_moved(name) for name in names])
    assert all(f"What moved: {name}" in page for name in names)
    assert len(page.encode()) < 2_000_000


def test_moves_must_be_those_of_the_other_runs():
    result = sample_result()
    with pytest.raises(ValueError, match="2 runs have 1 differences, not 2"):
        render_comparison([result, result], moved=[all_moved(), all_moved()])
