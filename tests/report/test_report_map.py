from __future__ import annotations

import math
import re
from itertools import accumulate
from xml.etree import ElementTree as ET

import pytest
from report.sample_result import sample_result

from twin.report.network import disrupted, map_section
from twin.report.projection import Frame, clipped_ring, cut_longitude, densest, frame_around, land_path
from twin.report.spread import place_labels, spread_out
from twin.report.svg import path

FRAME = Frame(west=100.0, east=140.0, south=10.0, north=50.0, width_px=400.0)


def test_a_place_lands_where_its_degrees_say():
    assert FRAME.place(100.0, 50.0) == (0.0, 0.0)
    assert FRAME.place(140.0, 10.0) == pytest.approx((400.0, FRAME.height_px))
    assert FRAME.place(120.0, 30.0) == pytest.approx((200.0, FRAME.height_px / 2))


def test_a_place_across_the_date_line_follows_on_the_east():
    frame = Frame(west=100.0, east=280.0, south=0.0, north=60.0, width_px=1800.0)
    assert frame.place(-100.0, 30.0)[0] == pytest.approx(1600.0)
    assert frame.holds(-100.0, 30.0)
    assert not frame.holds(0.0, 30.0)


def test_the_globe_is_cut_where_the_least_traffic_passes():
    asia, america, europe = 121.0, -100.0, 10.0
    pacific = [(asia, america, 900.0), (asia, europe, 5.0), (europe, america, 1.0)]
    assert america % 360 < cut_longitude([asia, america, europe], pacific) < 360 + europe
    atlantic = [(asia, america, 1.0), (asia, europe, 5.0), (europe, america, 900.0)]
    assert asia < cut_longitude([asia, america, europe], atlantic) < america % 360


def test_the_globe_is_not_cut_between_near_sites_whatever_their_traffic():
    cut = cut_longitude([0.0, 12.0, 120.0], [(0.0, 120.0, 50.0), (12.0, 120.0, 50.0)])
    assert not 0.0 < cut < 12.0


def test_a_frame_holds_all_its_places_in_a_shape_fit_for_a_page():
    places = [(121.0, 24.0), (-100.0, 32.0), (15.0, 66.0)]
    frame = frame_around(places, -20.0, 960.0)
    assert all(frame.holds(*place) for place in places)
    assert 0.3 < frame.height_px / frame.width_px < 0.7


def test_the_fullest_rectangle_is_found():
    crowd = [(120.0 + step / 10, 24.0) for step in range(5)]
    assert densest([(-100.0, 30.0), *crowd, (10.0, 50.0)], 10.0, 10.0) == [1, 2, 3, 4, 5]


def test_a_ring_is_cut_at_the_frame():
    square = [(90.0, 20.0), (120.0, 20.0), (120.0, 60.0), (90.0, 60.0), (90.0, 20.0)]
    kept = clipped_ring(square, FRAME)
    assert {(round(x), round(y)) for x, y in kept} == {(100, 20), (120, 20), (120, 50), (100, 50)}
    assert clipped_ring([(0.0, 0.0), (5.0, 0.0), (5.0, 5.0)], FRAME) == []


def test_the_land_path_stays_within_the_frame():
    subpaths = land_path(FRAME).removesuffix("z").split("z")
    assert len(subpaths) > 5
    for subpath in subpaths:
        numbers = [float(text) for text in re.findall(r"-?[\d.]+", subpath)]
        across, down = accumulate(numbers[::2]), accumulate(numbers[1::2])
        assert all(0 <= x <= FRAME.width_px for x in across)
        assert all(0 <= y <= FRAME.height_px for y in down)


def test_a_path_is_written_in_steps_of_half_a_pixel():
    assert path([(0.0, 0.0), (1.04, 0.0), (1.04, -3.0)]) == "M0 0l1 0 0-3"
    assert path([(0.0, 0.0), (0.1, 0.1), (0.2, 0.0)], closed=True) == ""
    assert path([]) == ""


def test_markers_are_moved_apart():
    moved = spread_out([(0.0, 0.0)] * 9 + [(200.0, 0.0)], 12.0)
    gaps = [math.dist(first, second) for place, first in enumerate(moved) for second in moved[place + 1 :]]
    assert min(gaps) > 10.0
    assert moved[-1] == pytest.approx((200.0, 0.0), abs=0.1)


def test_labels_cover_neither_each_other_nor_the_edge():
    spots = [(30.0, 30.0), (34.0, 44.0), (60.0, 30.0), (390.0, 100.0)]
    labels = place_labels([(f"site-{place}", spot) for place, spot in enumerate(spots)], spots, (400.0, 200.0))
    assert "site-0" in {label.text for label in labels}
    assert "site-3" in {label.text for label in labels}
    assert all(label.x >= 0 and label.x + 6.3 * len(label.text) <= 400 for label in labels)
    for place, first in enumerate(labels):
        for second in labels[place + 1 :]:
            assert abs(first.y - second.y) >= 13 or abs(first.x - second.x) >= 6.3 * len(first.text)


def test_disrupted_sites_are_those_named_else_those_of_the_target():
    result = sample_result()
    assert disrupted(result) == ({"korea-00"}, set())
    by_country = result.model_copy(update={"disruptions": [{"target": "country Korea", "name": "strike"}]})
    assert disrupted(by_country)[0] == {f"korea-{number:02d}" for number in range(8)}
    by_lane = result.model_copy(update={"disruptions": [{"target": "lane-3", "name": "strait"}]})
    assert disrupted(by_lane) == (set(), {"lane-3"})


def test_the_map_is_well_formed_and_marks_every_site():
    section = map_section(sample_result())
    assert section is not None
    drawing = section.blocks[0]
    world, close_up = (ET.fromstring(svg) for _, svg in drawing.pictures)
    assert len([mark for mark in world.iter("path") if mark.get("class", "").startswith("site")]) == 70 + 8
    assert close_up.findall(".//text")
    assert len(drawing.table.rows) == 70


def test_names_that_hold_markup_are_escaped():
    result = sample_result()
    sites = [result.network.sites[0].model_copy(update={"site": "<b>&", "operator": '"x"'}), *result.network.sites[1:]]
    network = result.network.model_copy(update={"sites": sites})
    section = map_section(result.model_copy(update={"network": network}))
    assert section is not None
    for _, svg in section.blocks[0].pictures:
        ET.fromstring(svg)
        assert "<b>" not in svg


def test_without_positions_there_is_no_map():
    result = sample_result()
    sites = [site.model_copy(update={"latitude": None}) for site in result.network.sites]
    assert (
        map_section(result.model_copy(update={"network": result.network.model_copy(update={"sites": sites})})) is None
    )


def test_next_to_nothing_on_a_lane_is_nothing():
    result = sample_result()
    lanes = [lane.model_copy(update={"rack_equivalents": 6.7e-5}) for lane in result.network.lanes]
    network = result.network.model_copy(update={"lanes": lanes})
    section = map_section(result.model_copy(update={"network": network}))
    assert {row[4].text for row in section.blocks[1].rows} == {"0"}
    world = section.blocks[0].pictures[0][1]
    assert world.count(" idle") == world.count("<title>") - 70 > 0
    assert "0.0000" not in world
