"""The page of a bottleneck ladder, and its staircase."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from report.sample_ladder import sample_ladder

from twin.report import render_ladder, write_ladder
from twin.report.staircase import staircase


def treads(svg: str) -> list[tuple[float, float]]:
    """Height and right end of each tread."""
    way = next(path for path in re.findall(r'd="(M[^"]+)"', svg) if path.count("V") > 2)
    return [(float(y), float(x)) for y, x in re.findall(r"V([\d.]+)H([\d.]+)", way)]


def test_treads_rise_and_are_each_as_wide_where_a_cost_is_not_known():
    found = treads(staircase(sample_ladder()))
    heights, ends = [y for y, _ in found], [x for _, x in found]
    assert heights == sorted(heights, reverse=True)
    assert len({round(after - before) for before, after in pairwise(ends)}) == 1


def test_treads_are_as_wide_as_their_rungs_cost_where_all_is_known():
    ends = [x for _, x in treads(staircase(sample_ladder((1e6, 4e6, 1e6))))]
    first, second, third = (after - before for before, after in pairwise(ends))
    assert abs(second - 4 * first) < 1
    assert abs(third - first) < 1


def test_the_page_is_small_and_whole_and_fetches_nothing(tmp_path: Path):
    page = render_ladder(sample_ladder())
    assert len(page) < 100_000
    assert "wafer &lt;n3&gt;" in page
    assert "<n3>" not in page
    assert "cost not known" in page
    assert "Plotly.js" not in page
    assert not re.search(r'(?:src|href)="https?:', page)
    written = write_ladder(sample_ladder(), tmp_path / "ladder.html")
    assert written.read_text(encoding="utf-8") == page
