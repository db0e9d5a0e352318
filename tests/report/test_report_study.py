"""The page of a study, and the verdict in its numbers."""

from __future__ import annotations

import json
import re

from report.sample_study import NAMES, cell, measure, sample_study

from twin.events.study_result import StudyResult
from twin.report import render_study
from twin.report.blocks import Chart, Table
from twin.report.study_figures import scatter
from twin.report.study_tables import Point, cells_table, measures_table, pareto_table
from twin.study.study_verdict import headline, verdict

MOST_BYTES = 2_000_000


def figures(page: str) -> list[dict[str, object]]:
    return [json.loads(each) for each in re.findall(r'class="figure">(.*?)</script>', page)]


def test_the_page_is_whole_small_and_fetches_nothing() -> None:
    page = render_study(sample_study())
    assert len(page.encode()) < MOST_BYTES
    assert "<script src=" not in page
    anchors = re.findall(r'<section id="([^"]+)"', page)
    assert anchors == [
        "weighed", "pareto", "situations", "crossings", "doubts", "time", "hours", "capital", "quality", "power",
        "configurations", "assumptions", "sources", "warnings", "manifest",
    ]  # fmt: skip
    assert len(figures(page)) == 2 + 1 + 4 + 1


def test_what_a_study_does_not_have_is_left_out() -> None:
    full = sample_study()
    calm = full.model_copy(
        update={
            "situations": full.situations[:1],
            "cells": [each for each in full.cells if each.situation == "calm"],
            "crossings": [],
            "doubts": [],
            "warnings": [],
        }
    )
    anchors = re.findall(r'<section id="([^"]+)"', render_study(calm))
    assert not {"situations", "crossings", "doubts", "warnings"} & set(anchors)


def test_bars_are_told_apart_by_pattern_too() -> None:
    stacked = [each for each in figures(render_study(sample_study())) if each["layout"].get("barmode") == "stack"]  # type: ignore[attr-defined]
    assert stacked
    for figure in stacked:
        patterns = [trace["marker"]["pattern"]["shape"] for trace in figure["data"]]  # type: ignore[attr-defined]
        assert len(set(patterns)) == len(patterns)


def test_differences_stand_under_the_means_with_their_intervals() -> None:
    table = measures_table(sample_study())
    row = next(row for row in table.rows if row[0].text == "Racks online")
    assert [each.text for each in row[2:]] == ["900", "1,000"]
    assert row[3].small == "+100 (90 to 110)"
    assert row[3].tone == "good"


def test_each_cell_has_its_row() -> None:
    table = cells_table(sample_study())
    assert [(row[0].text, row[1].text) for row in table.rows] == [
        (situation, name) for situation in ("calm", "site-late") for name in NAMES
    ]
    assert table.rows[-1][4].text == "30"


def test_a_point_that_is_beaten_in_both_is_named() -> None:
    def point(name: str, across: float, up: float) -> Point:
        return Point(name=name, across=measure(across, "USD", 1), up=measure(up, "d", 1), place=0)

    points = [point("a", 1, 5), point("b", 2, 4), point("c", 2, 6)]
    assert [row[3].text for row in pareto_table("p", points, "x", "y", "USD").rows] == ["", "", "a, b"]
    assert json.loads(scatter(points, "x", "y"))["data"][2]["x"] == [2.0]


def test_blocks_have_tables_of_their_own_name() -> None:
    page = render_study(sample_study())
    names = re.findall(r'data-name="([^"]+)"', page)
    assert len(names) == len(set(names))
    assert {Chart.template, Table.template} == {"chart.html", "table.html"}


def test_the_verdict_says_what_a_planner_would() -> None:
    told = verdict(sample_study())
    assert told == (
        "Factory brings 100 racks (90 to 110) more online in 26 weeks than on-site, and owes 100 racks (90 to 110) "
        "fewer at the end. A rack serves its first token 54 days after its order, 6 days (5.4 to 6.6) sooner. "
        "A rack ties up 3 million dollar-days (2.7 to 3.3) more capital on its way. "
        "Freight costs 400 dollars a rack more. "
        "On-site loses more to site late (80 racks against 30). "
        "The choice flips at 1.50 times today's installation crews (1.40 to 1.60; 120 in all): below, factory is "
        "better, above, on-site. "
        "The verdict hangs on hours of a crew: within what is plausible of it, another is better or none."
    )
    assert headline(sample_study()).startswith("Factory brings 100 racks (90 to 110) more online than on-site; ")


def without_gain(owed: float) -> StudyResult:
    """As many racks are owed by both."""
    full = sample_study()
    same = cell("factory", "calm")
    level = {name: measure(0.0, "racks", 2.0) for name in ("racks_online", "backlog_end_racks")}
    kpis = same.kpis | {"backlog_end_racks": measure(owed, "racks", 0.0)}
    base = full.cells[0].model_copy(
        update={"kpis": full.cells[0].kpis | {"backlog_end_racks": measure(owed, "racks", 0.0)}}
    )
    changed = same.model_copy(update={"against_base": same.against_base | level, "kpis": kpis})
    return full.model_copy(update={"cells": [base, full.cells[1], changed, full.cells[3]]})


def test_where_nothing_is_gained_it_says_why() -> None:
    assert verdict(without_gain(50.0)).startswith(
        "Factory gains no racks over on-site in 26 weeks: crew at campus holds back both, wherever racks are assembled."
    )
    assert "both bring all that is due" in verdict(without_gain(0.0))
    assert headline(without_gain(50.0)).startswith("Factory gains no racks over on-site; a rack's first token comes 6 ")
