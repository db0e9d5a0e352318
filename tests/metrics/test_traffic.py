"""Racks by maker, supplies by origin and loads of lanes, read from logs written by hand."""

from __future__ import annotations

from log_builder import Story, facts

from twin.metrics.traffic import LaneLoad, lane_loads, racks_by_maker, received_by_origin
from twin.metrics.view import View
from twin.model.units import DAY_S, WEEK_S

ENDS = {"f-dc": ("f", "dc"), "g-dc": ("g", "dc"), "p-f": ("p", "f"), "q-f": ("q", "f")}


def view(story: Story) -> View:
    return View(story.log(), facts(lane_ends=ENDS))


def test_a_rack_counts_where_it_left_first() -> None:
    story = Story()
    # On its way on day one, so only its arrival is in the log.
    story.tell(DAY_S, "docked", "lane:g-dc", "rack", "one", 0, parent=7, quantity=1)
    story.tell(2 * DAY_S, "shipped", "lane:f-dc", "rack", "one", 1, parent=8, quantity=1)
    story.tell(3 * DAY_S, "docked", "lane:f-dc", "rack", "one", 1, parent=8, quantity=1)
    # In place of a lost one it has the number of before within its order, but one of its own.
    story.tell(4 * DAY_S, "shipped", "lane:g-dc", "rack", "one", 1, parent=9, quantity=1)
    story.tell(5 * DAY_S, "shipped", "lane:f-dc", "rack", "two", 0, parent=10, quantity=1)
    # A rack for no order, and parts.
    story.tell(5 * DAY_S, "shipped", "lane:f-dc", "rack", unit=3, parent=11, quantity=1)
    story.tell(5 * DAY_S, "shipped", "lane:p-f", "part", lot=12, quantity=50)
    assert racks_by_maker(view(story)) == {"one": {"g": 2.0, "f": 1.0}, "two": {"f": 1.0}}


def test_supplies_are_counted_where_they_dock_in_the_report_window() -> None:
    story = Story(weeks=1, tail_weeks=1)
    story.tell(DAY_S, "docked", "lane:p-f", "part", lot=1, quantity=30)
    story.tell(2 * DAY_S, "docked", "lane:p-f", "part", lot=2, quantity=10)
    story.tell(2 * DAY_S, "docked", "lane:q-f", "part", lot=3, quantity=5)
    story.tell(3 * DAY_S, "docked", "lane:f-dc", "rack", "one", 0, parent=4, quantity=1)
    story.tell(WEEK_S + DAY_S, "docked", "lane:q-f", "part", lot=5, quantity=1000)
    assert received_by_origin(view(story)) == {
        ("part", "f"): {"p": 40.0, "q": 5.0},
        ("rack", "dc"): {"f": 1.0},
    }


def test_what_leaves_at_one_moment_is_one_departure() -> None:
    story = Story(weeks=1, tail_weeks=1)
    story.tell(DAY_S, "shipped", "lane:p-f", "part", lot=1, quantity=30, usd=3)
    story.tell(DAY_S, "shipped", "lane:p-f", "screw", lot=2, quantity=100, usd=1)
    story.tell(2 * DAY_S, "shipped", "lane:p-f", "part", lot=3, quantity=10, usd=1)
    story.tell(2 * DAY_S, "shipped", "lane:f-dc", "rack", "one", 0, parent=4, quantity=1, usd=90)
    story.tell(WEEK_S + DAY_S, "shipped", "lane:q-f", "part", lot=5, quantity=10, usd=1)
    assert lane_loads(view(story), {"part": 2.0, "rack": 1000.0}) == {
        "p-f": LaneLoad(units=140.0, kg=80.0, departures=2, usd=5.0),
        "f-dc": LaneLoad(units=1.0, kg=1000.0, departures=1, usd=90.0),
    }
