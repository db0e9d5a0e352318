from __future__ import annotations

import json
import re

import pytest
from report.sample_result import paired, sample_result

from twin.events.result import Measure
from twin.report import render_comparison, write_comparison
from twin.report.comparison import _measures


def runs():
    """The disrupted run, and its baseline as a run of its own."""
    disrupted = sample_result()
    quiet = disrupted.model_copy(
        update={
            "scenario": "baseline",
            "kpis": disrupted.baseline.kpis,
            "series": disrupted.baseline.series,
            "baseline": None,
        }
    )
    return [quiet, disrupted]


def differences(results):
    return [paired(results[1].baseline, results[1])]


def rows_of(table):
    return {row[0].text: [cell.text for cell in row] for row in table.rows}


def test_measures_stand_side_by_side_with_their_difference():
    table = _measures(runs(), []).blocks[1]
    assert rows_of(table)["Racks accepted"] == ["Racks accepted", "racks", "58,590", "51,280", "−7,310"]


def test_paired_differences_carry_their_interval():
    results = runs()
    table = _measures(results, differences(results)).blocks[1]
    cell = next(row for row in table.rows if row[0].text == "Racks accepted")[4]
    assert cell.text == "−7,310"
    assert cell.small == "(−7,460 to −7,170)"
    assert cell.tone == "bad"


def test_rows_that_do_not_differ_are_known():
    results = runs()
    for steps in ([], differences(results)):
        table = _measures(results, steps).blocks[1]
        same = {table.rows[place][0].text for place in table.same}
        assert "Landed cost" in same
        assert "Racks accepted" not in same


def test_a_measure_that_one_run_lacks_differs():
    results = runs()
    more = {**results[1].kpis, "robustness": Measure(value=0.4, unit="fraction")}
    results[1] = results[1].model_copy(update={"kpis": more})
    table = _measures(results, []).blocks[1]
    assert rows_of(table)["Robustness"] == ["Robustness", "%", "–", "40", ""]
    assert "Robustness" not in {table.rows[place][0].text for place in table.same}


def test_curves_of_all_runs_lie_over_each_other(tmp_path):
    results = runs()
    page = render_comparison(results, differences(results))
    figure = json.loads(re.search(r'class="figure">(.*?)</script>', page).group(1))
    dashes = {trace["name"]: trace["line"]["dash"] for trace in figure["data"] if "name" in trace}
    assert dashes == {"baseline": "solid", "memory-outage": "dash"}
    assert 'class="differences"' in page
    assert write_comparison(results, tmp_path / "c.html").read_text(encoding="utf-8") == render_comparison(results)


def test_runs_of_one_scenario_are_told_apart_by_their_run():
    result = sample_result()
    other = result.model_copy(update={"manifest": result.manifest.model_copy(update={"run": "memory-outage-2"})})
    page = render_comparison([result, other])
    assert "memory-outage (memory-outage-2)" in page


def test_runs_over_different_times_are_warned_of():
    first, second = runs()
    page = render_comparison([first, second.model_copy(update={"report_weeks": 26})])
    assert "totals do not compare" in page
    assert "totals do not compare" not in render_comparison([first, second])


def test_one_run_is_no_comparison():
    with pytest.raises(ValueError, match="two runs or more, not 1"):
        render_comparison([sample_result()])
    with pytest.raises(ValueError, match="2 runs have 1 differences, not 2"):
        render_comparison(runs(), [{}, {}])


def test_measures_that_no_run_has_are_left_out():
    results = runs()
    none = {"fill_rate": Measure(value=None, unit="fraction")}
    results = [run.model_copy(update={"kpis": {**run.kpis, **none}}) for run in results]
    assert not [name for name in rows_of(_measures(results, []).blocks[1]) if name.startswith("Fill rate")]
