"""Tokens on the page: datacenters largest first with their sum, services with grades, claims named as claims."""

from __future__ import annotations

from report.sample_result import factory, sample_result

from twin.report.blocks import Prose, Table
from twin.report.page import render_report
from twin.report.tokens import tokens_section

MOST_BYTES = 6_000


def tables_of(section) -> list[Table]:
    return [block for block in section.blocks if isinstance(block, Table)]


def test_a_world_without_services_has_no_section() -> None:
    assert tokens_section(sample_result().model_copy(update={"factory": None})) is None


def test_datacenters_stand_largest_first_and_then_all() -> None:
    section = tokens_section(sample_result())
    assert section is not None
    services, sites = tables_of(section)
    names = [row[0].text for row in sites.rows]
    assert names[0] == "united-states-14"
    assert names[-1] == "All"
    assert len(names) == 16
    assert [row[3].text for row in services.rows] == ["0.5", "0.4 to 0.5", "0.3 to 0.5", "0.2 to 0.5"]
    assert "Curtailment takes 0.12 % of the tokens" in section.lead
    assert "1,230,000,000 USD" in section.lead


def test_where_nothing_is_curtailed_nothing_is_said_of_it() -> None:
    told = factory()
    calm = [site.model_copy(update={"curtailed_share": None}) for site in told.sites]
    total = told.total.model_copy(update={"curtailed_share": None})
    section = tokens_section(
        sample_result().model_copy(update={"factory": told.model_copy(update={"sites": calm, "total": total})})
    )
    assert section is not None
    assert "urtail" not in section.lead
    assert len(tables_of(section)[1].columns) == 6


def test_claims_are_named_before_all_else() -> None:
    claim = "services (4 rows): the maker says 75 million dollars of tokens"
    section = tokens_section(sample_result().model_copy(update={"factory": factory((claim,))}))
    assert section is not None
    first = section.blocks[0]
    assert isinstance(first, Prose)
    assert first.lines == (claim,)
    assert section.lead.startswith("By the claims below: ")


def test_it_is_small() -> None:
    with_it = len(render_report(sample_result()).encode())
    without = len(render_report(sample_result().model_copy(update={"factory": None})).encode())
    assert 0 < with_it - without < MOST_BYTES
