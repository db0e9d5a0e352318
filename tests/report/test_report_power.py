"""The load of test power on the page: pictures of the largest sites, a row for each, the bound named as one."""

from __future__ import annotations

from report.sample_result import powered, sample_result

from twin.report.page import render_report, sections_of
from twin.report.power import MOST_SITES, power_section

MOST_BYTES = 18_000


def test_a_run_without_power_has_no_section() -> None:
    bare = sample_result().model_copy(update={"power": None})
    assert power_section(bare) is None
    assert "power" not in [section.anchor for section in sections_of(bare)]


def test_pictures_are_of_all_and_of_the_largest_and_the_table_of_all() -> None:
    section = power_section(sample_result())
    assert section is not None
    (panels,) = section.blocks
    titles = [panel.title for panel in panels.panels]
    assert len(titles) == 2 * (1 + MOST_SITES)
    assert titles[:2] == ["All sites: hours of a week", "All sites: weeks"]
    assert titles[2].startswith("united-states-00")
    assert len(panels.table.rows) == len(powered().loads)
    assert all('class="now"' in panel.svg and 'class="before"' in panel.svg for panel in panels.panels)


def test_the_bound_is_named_as_a_bound() -> None:
    section = power_section(sample_result())
    assert section is not None
    assert "86.2 MW; for a whole week, 134 MW: bounds from the tables, not forecasts." in section.lead
    unbounded = sample_result().model_copy(update={"power": powered().model_copy(update={"bound": None})})
    other = power_section(unbounded)
    assert other is not None
    assert "bounds" not in other.lead


def test_one_site_is_not_added_up() -> None:
    alone = powered().model_copy(update={"loads": powered().loads[:1]})
    section = power_section(sample_result().model_copy(update={"power": alone}))
    assert section is not None
    assert len(section.blocks[0].panels) == 2


def test_it_is_small() -> None:
    """A page has 2 MB; this part of it has a hundredth."""
    with_it = len(render_report(sample_result()).encode())
    without = len(render_report(sample_result().model_copy(update={"power": None})).encode())
    assert 0 < with_it - without < MOST_BYTES
