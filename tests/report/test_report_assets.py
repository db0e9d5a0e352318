from __future__ import annotations

import hashlib
import itertools
from pathlib import Path

import plotly
import pytest

from twin.report.document import LIBRARY, LIBRARY_SHA256, asset
from twin.report.land import OUTLINE, OUTLINE_SHA256, land_rings


@pytest.mark.parametrize(("name", "digest"), [(LIBRARY, LIBRARY_SHA256), (OUTLINE, OUTLINE_SHA256)])
def test_a_vendored_file_is_the_one_that_was_vendored(name, digest):
    assert hashlib.sha256(asset(name).encode("utf-8")).hexdigest() == digest


@pytest.mark.parametrize("name", ["plotly-LICENSE.txt", "world-atlas-LICENSE.txt"])
def test_a_vendored_file_comes_with_its_licence(name):
    assert "Permission" in asset(name)


def test_the_chart_library_is_of_the_version_that_checks_the_charts():
    full = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    bundled = full.read_text(encoding="utf-8")[:200].split("plotly.js v")[1].split()[0]
    assert f"plotly.js (basic - minified) v{bundled}" in asset(LIBRARY)[:200]


def test_the_chart_library_can_stand_inside_a_script_element():
    text = asset(LIBRARY).lower()
    assert "</script" not in text
    assert "<!--" not in text
    assert "\r" not in text


def test_the_land_is_a_set_of_closed_rings_on_the_globe():
    rings = land_rings()
    assert len(rings) > 100
    for ring in rings:
        assert ring[0] == pytest.approx(ring[-1])
        assert all(-180.1 <= longitude <= 180.1 and -90 <= latitude <= 90 for longitude, latitude in ring)


def test_known_places_lie_on_land_and_in_the_sea():
    assert on_land(121.0, 24.0)  # Taiwan
    assert on_land(-99.0, 32.0)  # Texas
    assert on_land(10.0, 50.0)  # Germany
    assert not on_land(-150.0, 10.0)  # the Pacific
    assert not on_land(-35.0, 35.0)  # the Atlantic


def on_land(longitude: float, latitude: float) -> bool:
    """Whether a ray to the north crosses the coast an odd number of times."""
    crossings = 0
    for ring in land_rings():
        for (x1, y1), (x2, y2) in itertools.pairwise(ring):
            if (x1 > longitude) == (x2 > longitude) or abs(x1 - x2) > 180:
                continue
            crossings += y1 + (longitude - x1) / (x2 - x1) * (y2 - y1) > latitude
    return crossings % 2 == 1
