"""The section on what drivers of demand ask for."""

from __future__ import annotations

import json

import pytest
from report.sample_result import sample_result

from twin.events.demand_result import DemandTold, DriverRow
from twin.report.demand import demand_section

WEEKS = [f"2026-{month:02d}-{day:02d}" for month in (1, 2, 3, 4) for day in (7, 14, 21, 28)]


def told(**cells: object) -> DemandTold:
    """Sixteen weeks of two drivers; the successor takes over in the ninth."""
    rows = [
        DriverRow(
            driver="pre_training", forecast=800, due=810.0, due_low=700.0, due_high=900.0, accepted=790.0,
            on_time=0.9, owed=20.0,
        ),
        DriverRow(
            driver="agentic", forecast=200, due=200.0, due_low=200.0, due_high=200.0, accepted=200.0, on_time=1.0,
            owed=0.0,
        ),
    ]  # fmt: skip
    given: dict[str, object] = {
        "time": WEEKS,
        "by_driver": {"pre_training": [50.0] * 16, "agentic": [float(5 * week) for week in range(16)]},
        "by_item": {
            "old": [50.0 if week < 8 else 1.0 for week in range(16)],
            "new": [0.0 if week < 8 else 70.0 for week in range(16)],
        },
        "rows": rows,
    }
    return DemandTold.model_validate(given | cells)


def section_of(demand: DemandTold | None):
    return demand_section(sample_result().model_copy(update={"demand": demand}))


def test_nothing_is_told_where_no_driver_asks_for_anything():
    assert section_of(None) is None


def test_drivers_stand_upon_one_another_and_their_quarters_add_up():
    chart = section_of(told()).blocks[0]
    traces = json.loads(chart.figure)["data"]
    assert [trace["name"] for trace in traces] == ["Pre training", "Agentic"]
    assert {trace["stackgroup"] for trace in traces} == {"forecast"}
    assert "From 50 racks a week to 125" in chart.sentence
    assert "agentic grows by most, by 75" in chart.sentence
    assert [[cell.text for cell in row] for row in chart.table.rows] == [
        ["2026-04-07", "650", "390"],
        ["2026-04-28", "150", "210"],
    ]


def test_draws_are_told_only_where_there_are_any():
    section = section_of(told(low=[40.0] * 16, high=[160.0] * 16, draws=200))
    traces = json.loads(section.blocks[0].figure)["data"]
    assert [trace["name"] for trace in traces][2:] == ["90 % of draws", "10 % of draws"]
    assert "In eight draws of ten of 200, the last week has 40 to 160." in section.blocks[0].sentence
    assert "draws its own rates" in section.lead
    assert "draws" not in section_of(told()).lead


def test_the_week_is_told_from_which_another_product_leads():
    chart = section_of(told()).blocks[1]
    assert chart.sentence == "From the week to 7 Mar 2026 on new is asked for more than old."
    alone = section_of(told(by_item={"old": [50.0] * 16}))
    assert len(alone.blocks) == 2


@pytest.mark.parametrize(("row", "due"), [(0, "810 (700 to 900)"), (1, "200")])
def test_the_table_says_how_each_driver_was_served(row: int, due: str):
    table = section_of(told()).blocks[-1]
    assert table.rows[row][2].text == due
    assert len(table.rows) == 2
