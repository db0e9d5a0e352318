from __future__ import annotations

import re
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser

import pytest
from report.sample_result import reference_sized, sample_result

from twin.events.result import Measure, RunResult
from twin.report import render_report, write_report
from twin.report.document import LIBRARY, SCRIPT, asset, embedded, script_hash
from twin.report.page import LARGE_BYTES, sections_of, write_page
from twin.report.verdict import simulated_measure, sureness, verdict_section
from twin.report.words import number

TYPICAL_BYTES = 1_950_000
"""A twentieth of a megabyte below what the design allows."""
OPTIONAL = {
    "baseline": None,
    "resilience": None,
    "paired": None,
    "disruptions": [],
    "hand_check": None,
    "estimates": [],
    "estimate_range": None,
    "gates": [],
    "customers": [],
    "kits": [],
    "on_time": None,
    "late": None,
    "waiting": [],
    "changes": [],
    "schedules": [],
    "gantt": [],
    "utilisation": [],
    "power": None,
    "factory": None,
    "assumptions": [],
    "sources": [],
    "warnings": [],
    "series": {},
}


@pytest.fixture(scope="module")
def page() -> str:
    return render_report(sample_result())


def own_text(page: str) -> str:
    """What the page says to a reader: its text without scripts and styles."""
    return unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", page, flags=re.S)))


def bare() -> RunResult:
    """The least that a run can say."""
    result = sample_result()
    network = result.network.model_copy(update={"sites": [], "lanes": [], "single_points": [], "concentration": []})
    plan = result.plan.model_copy(update={"bindings": []})
    return result.model_copy(update={**OPTIONAL, "network": network, "plan": plan})


def test_a_page_of_the_reference_year_stays_below_two_megabytes():
    assert len(render_report(reference_sized()).encode("utf-8")) <= TYPICAL_BYTES


def test_the_verdict_comes_first_then_the_meeting_then_evidence_then_provenance():
    assert [section.anchor for section in sections_of(sample_result())] == [
        "kpis",
        "flow",
        "customers",
        "gates",
        "kits",
        "on-time",
        "why-late",
        "waiting",
        "changed",
        "decisions",
        "hand-check",
        "estimates",
        "map",
        "evolution",
        "binding",
        "utilisation",
        "power",
        "tokens",
        "schedule",
        "stock",
        "resilience",
        "concentration",
        "assumptions",
        "sources",
        "warnings",
        "manifest",
    ]


def test_sections_without_data_are_left_out():
    assert [section.anchor for section in sections_of(bare())] == ["kpis", "manifest"]
    render_report(bare())


@pytest.mark.parametrize("part", sorted(OPTIONAL))
def test_a_page_is_made_whatever_part_is_missing(part):
    page = render_report(sample_result().model_copy(update={part: OPTIONAL[part]}))
    assert "None" not in own_text(page).split()


def test_every_section_has_its_anchor_in_the_contents(page):
    links = re.findall(r'<li><a href="#([a-z-]+)">', page)
    assert links == [section.anchor for section in sections_of(sample_result())]
    assert all(page.count(f'<section id="{link}"') == 1 for link in links)


def test_elements_are_closed_and_identities_unique(page):
    class Checker(HTMLParser):
        optional = frozenset({"tr", "td", "th", "meta", "link", "input", "thead", "tbody"})

        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []
            self.ids: list[str] = []

        def handle_starttag(self, tag, attrs):
            self.ids += [value for name, value in attrs if name == "id"]
            if tag not in self.optional:
                self.open.append(tag)

        def handle_startendtag(self, tag, attrs):
            self.ids += [value for name, value in attrs if name == "id"]

        def handle_endtag(self, tag):
            if tag not in self.optional:
                assert self.open.pop() == tag

    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    assert len(checker.ids) == len(set(checker.ids))


def test_nothing_may_be_fetched_and_only_the_two_scripts_run(page):
    policy = unescape(re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page).group(1))
    assert policy.startswith("default-src 'none'")
    assert f"script-src '{script_hash(asset(LIBRARY))}' '{script_hash(asset(SCRIPT))}'" in policy
    assert "http" not in policy
    assert "unsafe-eval" not in policy
    outside = re.sub(r"<script.*?</script>", "", page, flags=re.S)
    assert not re.findall(r'\b(?:src|srcset|poster|data)="', outside)
    assert "url(" not in outside
    assert re.findall(r'<link[^>]*href="([^"]+)"', outside) == ["data:,"]


def test_every_chart_is_drawn_without_upload_button_and_logo():
    assert re.search(r"displaylogo: false, showSendToCloud: false", asset(SCRIPT))
    assert len(re.findall(r"Plotly\.(?:react|newPlot)\(", asset(SCRIPT))) == 1


def test_delivered_is_never_said(page):
    assert not re.search(r"\bdeliver(?:ed|y|ies)\b", own_text(page), flags=re.I)


def test_text_of_the_record_is_escaped():
    result = sample_result().model_copy(
        update={"verdict": "<script>alert(1)</script>", "warnings": ['"><img src=x onerror=alert(1)>']}
    )
    page = render_report(result)
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_embedded_data_cannot_end_its_script_early():
    assert "</script>" not in embedded({"name": "</script><script>alert(1)</script>"})
    with pytest.raises(ValueError, match="Out of range"):
        embedded({"value": float("nan")})


def test_only_web_addresses_of_sources_become_links():
    result = sample_result()
    sources = [result.sources[0].model_copy(update={"address": "javascript:alert(1)"}), result.sources[1]]
    page = render_report(result.model_copy(update={"sources": sources}))
    assert "javascript:" not in page.split("<main")[1].split("<script")[0]
    assert 'href="https://example.org/statement/1" rel="noopener noreferrer"' in page


def test_the_simulation_interval_stands_beside_the_range_over_the_estimates():
    simulated, estimated = sureness(sample_result())
    assert simulated.range == "7,160 to 7,440 fewer racks"
    assert (estimated.range, estimated.centre) == ("4,900 to 9,300 fewer racks", "as estimated 7,200 fewer racks")


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (-230.0, -30.0, "30 to 230 more racks"),
        (0.0, -130.0, "0 to 130 more racks"),
        (-760.0, 3700.0, "from 760 more to 3,700 fewer racks"),
    ],
)
def test_a_gain_is_told_without_a_minus_and_low_before_high(low, high, told):
    result = sample_result()
    lost = result.resilience["lost_in_report_racks"].model_copy(update={"mean": -130.0, "low": low, "high": high})
    spread = Measure(value=-130.0, low=low, high=high, unit="racks")
    update = {"resilience": {"lost_in_report_racks": lost}, "estimate_range": spread}
    assert [way.range for way in sureness(result.model_copy(update=update))] == [told, told]


def test_the_interval_of_a_loss_read_from_a_difference_turns_its_sign():
    result = sample_result()
    paired = {"racks_accepted": Measure(value=-7300.0, low=-7500.0, high=-7100.0, unit="racks")}
    found = simulated_measure(result.model_copy(update={"paired": paired, "resilience": None}))
    assert found is not None
    assert (found.value, found.low, found.high) == (7300.0, 7100.0, 7500.0)


def test_an_undisrupted_run_is_as_sure_as_its_accepted_racks():
    result = sample_result().model_copy(update={"baseline": None, "hand_check": None})
    assert simulated_measure(result) == result.kpis["racks_accepted"]


def test_a_difference_within_luck_is_not_called_better_or_worse(page):
    assert re.search(r"baseline [\d.]+ · no clear difference", own_text(page))
    assert re.search(r"baseline 58,\d+ · worse", own_text(page))


def test_the_manifest_tells_how_to_make_the_run_again(page):
    assert "twin run memory-outage --replications 10 --seed 7" in own_text(page)
    assert "Kritzinger level: digital model" in own_text(page)


def test_a_page_is_written_whole_beside_nothing_else(tmp_path):
    target = tmp_path / "new" / "page.html"
    assert write_report(sample_result(), target) == target
    assert target.read_text(encoding="utf-8") == render_report(sample_result())
    assert [entry.name for entry in target.parent.iterdir()] == ["page.html"]


def test_a_failed_write_leaves_the_old_page_and_no_rest(tmp_path, monkeypatch):
    target = tmp_path / "page.html"
    target.write_text("old")
    monkeypatch.setattr("pathlib.Path.replace", lambda self, other: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_page("new", target)
    assert target.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["page.html"]


def test_a_large_page_is_warned_of(tmp_path):
    with pytest.warns(UserWarning, match=r"page.html is 5\.0 MB"):
        write_page("x" * (LARGE_BYTES + 1), tmp_path / "page.html")


def test_no_engine_is_loaded_to_make_a_page(tmp_path):
    (tmp_path / "result.json").write_text(bare().model_dump_json())
    program = (
        "import sys; from twin.events.result import RunResult; from twin.report import render_report;"
        f"render_report(RunResult.model_validate_json(open({str(tmp_path / 'result.json')!r}).read()));"
        "print([name for name in ('ortools', 'simpy', 'networkx', 'duckdb') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def measures_table(result) -> dict[str, list[str]]:
    table = verdict_section(result).blocks[1]
    return {row[0].text: [row[0].small, *(cell.text for cell in row[2:4])] for row in table.rows}


def test_survival_on_paper_is_explained_and_measures_without_a_value_are_left_out():
    result = sample_result()
    more = {
        "time_to_survive_days": Measure(value=None, unit="d"),
        "performance_impact_racks": Measure(value=0.0, unit="racks"),
        "fill_rate": Measure(value=None, unit="fraction"),
    }
    rows = measures_table(result.model_copy(update={"kpis": {**result.kpis, **more}}))
    assert rows["Time to survive"][1] == "to its end"
    assert "without lead times" in rows["Time to survive"][0]
    assert rows["Performance impact"][1] == "0"
    assert "real lead times cost more" in rows["Performance impact"][0]
    assert not [name for name in rows if name.startswith("Fill rate")]


def test_the_headline_leaves_how_sure_it_is_to_the_boxes_under_it():
    verdict = "Fire: 7,610 fewer racks are accepted (7,550 to 7,670 by luck; 6,400 to 11,300 over the estimates). Rest."
    page = render_report(sample_result().model_copy(update={"verdict": verdict}))
    assert "<h1>Fire: 7,610 fewer racks are accepted.</h1>" in page
    bare_page = render_report(
        sample_result().model_copy(
            update={"verdict": verdict, "resilience": None, "estimate_range": None, "paired": None}
        )
    )
    assert "by luck" in re.search(r"<h1>(.*?)</h1>", bare_page).group(1)


def test_the_steps_of_the_plan_are_told_where_they_change(page):
    assert "in steps of 1 week up to" in own_text(page)
    assert "and of 4 weeks from then on, each marked by a dot" in own_text(page)


def test_noise_of_a_solver_is_printed_nowhere():
    assert number(1.93e-8) == "0"
