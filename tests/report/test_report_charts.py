from __future__ import annotations

import json

import pytest
from report.sample_result import band, reference_sized, sample_result

from twin.report.evolution import evolution_section
from twin.report.figures import Line, Window, clipped, figure_json, line_of, thinned, time_figure
from twin.report.gantt import MOST_BARS, schedule_section
from twin.report.meeting import meeting_sections
from twin.report.tables import series_table


def test_evenly_spaced_weeks_are_written_as_a_start_and_a_step():
    figure = json.loads(time_figure([line_of("accepted", band([1.0, 2.0, 3.0], 0.1))], "racks"))
    assert figure["data"][-1]["x0"] == "2026-01-11"
    assert figure["data"][-1]["dx"] == 7 * 86_400_000
    assert figure["data"][-1]["y"] == [1.0, 2.0, 3.0]
    assert "template" not in figure["layout"]


def test_uneven_dates_are_written_out():
    line = Line(name="planned", time=["2026-01-05", "2026-01-12", "2026-02-09"], mean=[1.0, 2.0, 3.0])
    assert json.loads(time_figure([line], "racks"))["data"][0]["x"] == ["2026-01-05", "2026-01-12", "2026-02-09"]
    assert json.loads(time_figure([line], "racks"))["data"][0]["mode"] == "lines+markers"


def test_a_band_lies_between_its_edges_and_is_told_on_hovering():
    low, high, mean = json.loads(time_figure([line_of("accepted", band([10.0, 20.0], 0.1))], "racks"))["data"]
    assert low["y"] == [9.0, 18.0]
    assert high["y"] == [11.0, 22.0]
    assert high["fill"] == "tonexty"
    assert mean["customdata"] == [[9.0, 11.0], [18.0, 22.0]]


def test_axes_carry_their_units():
    layout = json.loads(time_figure([line_of("accepted", band([1.0], 0.0))], "racks a week"))["layout"]
    assert layout["yaxis"]["title"]["text"] == "racks a week"
    assert layout["xaxis"]["title"]["text"] == "week ending"


def test_a_disruption_is_shaded_and_its_name_escaped():
    window = Window(label="<img src=x>", start="2026-02-01", end="2026-03-01")
    text = time_figure([line_of("accepted", band([1.0], 0.0))], "racks", [window])
    assert "<" not in text
    layout = json.loads(text)["layout"]
    assert layout["shapes"][0]["x1"] == "2026-03-01"
    assert layout["annotations"][0]["text"] == "&lt;img src=x>"


def test_long_series_are_thinned_with_both_ends_kept():
    kept = thinned(range(10_000), 10_000)
    assert len(kept) == 500
    assert (kept[0], kept[-1]) == (0, 9_999)
    assert thinned([1, 2], 2) == [1, 2]


def test_values_keep_four_digits():
    line = Line(name="x", time=["2026-01-05"], mean=[1234.5678])
    assert json.loads(time_figure([line], "racks"))["data"][0]["y"] == [1235.0]


def test_a_kind_of_chart_that_the_library_lacks_is_refused():
    with pytest.raises(ValueError, match="does not draw heatmap"):
        figure_json([{"type": "heatmap", "z": [[1.0]]}], {})


def test_series_are_clipped_to_the_report_window():
    kept = clipped({"accepted": band([1.0, 2.0, 3.0], 0.0), "later": band([], 0.0)}, "2026-01-19")
    assert kept["accepted"].mean == [1.0, 2.0]
    assert "later" not in kept


def test_the_table_behind_a_chart_has_a_row_per_day_of_any_line():
    lines = [
        line_of("accepted", band([1.0, 2.0], 0.5)),
        Line(name="planned", time=["2026-01-18", "2026-01-25"], mean=[7.0, 8.0]),
    ]
    table = series_table("t", lines, "racks")
    rows = [[cell.text for cell in row] for row in table.rows]
    assert rows == [
        ["2026-01-11", "1", "0.5", "1.5", "–"],
        ["2026-01-18", "2", "1", "3", "7"],
        ["2026-01-25", "–", "–", "–", "8"],
    ]


def test_the_planned_total_stands_at_the_last_day_of_its_bucket():
    chart = meeting_sections(sample_result())[0].blocks[1]
    planned = next(trace for trace in json.loads(chart.figure)["data"] if trace.get("name") == "planned")
    assert planned["x"][0] == "2026-01-11"
    assert planned["y"][0] == pytest.approx(1100.0)
    assert planned["y"][13] == pytest.approx(17 * 1100.0)
    assert planned["x"][13] == "2026-05-03"  # week 17 of the year ends the first bucket of four weeks


def gantt_figure(bars):
    section = schedule_section(sample_result().model_copy(update={"gantt": bars}))
    return section.blocks[0], json.loads(section.blocks[0].figure)


def test_no_two_bars_of_a_line_overlap():
    bars = sample_result().gantt
    _, figure = gantt_figure(bars)
    spans: dict[int, list[tuple[str, int]]] = {}
    for trace in figure["data"]:
        for level, start, length in zip(trace["y"], trace["base"], trace["x"], strict=True):
            spans.setdefault(level, []).append((start, length))
    assert sum(map(len, spans.values())) == 600
    from datetime import datetime, timedelta

    for line in spans.values():
        ends = datetime.min
        for start, length in sorted(line):
            assert datetime.fromisoformat(start) >= ends
            ends = datetime.fromisoformat(start) + timedelta(milliseconds=length)


def test_bays_of_two_modes_have_lines_of_their_own():
    """Bay 1 of one hall is not bay 1 of the other."""
    east = [bar.model_copy(update={"mode": "hall 1"}) for bar in sample_result().gantt if bar.step == 1][:3]
    west = [bar.model_copy(update={"mode": "hall 2"}) for bar in east]
    _, figure = gantt_figure([*east, *west])
    assert [trace["name"] for trace in figure["data"]] == ["assemble, hall 1", "assemble, hall 2"]
    lines = [set(trace["y"]) for trace in figure["data"]]
    assert not lines[0] & lines[1]


def test_a_long_gantt_shows_the_whole_window_on_some_lines_of_every_step():
    bars = reference_sized().gantt
    chart, figure = gantt_figure(bars)
    drawn = sum(len(trace["y"]) for trace in figure["data"])
    assert 0.8 * MOST_BARS <= drawn <= MOST_BARS
    assert f"Drawn are {drawn:,} of them" in chart.sentence
    assert len(figure["data"]) == 6
    assert min(start for trace in figure["data"] for start in trace["base"]) == min(bar.start for bar in bars)[:16]
    assert figure["layout"]["xaxis"]["range"][1] == max(bar.end for bar in bars)[:16]


def test_the_table_behind_the_gantt_counts_racks_by_order():
    chart, _ = gantt_figure(sample_result().gantt)
    first = [cell.text for cell in chart.table.rows[0]]
    assert first[:4] == ["order-000", "rack_l11", "18", "2026-01-05 06:00"]
    assert sum(int(row[2].text) for row in chart.table.rows) == 150


def test_each_step_has_its_name_over_its_own_lines():
    _, figure = gantt_figure(sample_result().gantt)
    for heading, trace in zip(figure["layout"]["annotations"], figure["data"], strict=True):
        assert heading["text"] == trace["name"]
        assert heading["y"] < min(trace["y"])


def test_the_gantt_is_of_the_site_with_most_operations():
    bars = sample_result().gantt
    other = [bar.model_copy(update={"site": "houston"}) for bar in bars[:10]]
    chart, _ = gantt_figure([*other, *bars])
    assert chart.title == "Gantt of mexico-00"


def test_weeks_at_the_end_in_which_nothing_is_due_are_not_drawn():
    result = sample_result()
    due = result.series["due"]
    cut = due.model_copy(update={"mean": [*due.mean[:-2], 0.0, 0.0]})
    section = evolution_section(result.model_copy(update={"series": {**result.series, "due": cut}}))
    assert section.lead.endswith("Not drawn: 2 weeks at its end in which nothing more is due.")
    assert {len(trace["y"]) for trace in json.loads(section.blocks[0].figure)["data"]} == {len(due.mean) - 2}
    assert "Not drawn" not in evolution_section(result).lead


def test_dates_of_a_chart_start_and_end_with_its_lines():
    line = Line(name="planned", time=["2026-01-05", "2026-01-12", "2026-02-09"], mean=[1.0, 2.0, 3.0])
    assert json.loads(time_figure([line], "racks"))["layout"]["xaxis"]["range"] == ["2026-01-05", "2026-02-09"]
