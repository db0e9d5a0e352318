"""The page in a real browser with the network off: on a wide and a narrow screen, in the dark, on paper."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from report.sample_moved import all_moved, nothing_moved
from report.sample_result import reference_sized, sample_result

from twin.report import render_comparison, write_report
from twin.report.page import write_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
CHARTS = 8
LATE_BARS = 4 + 6
"""Causes of lateness, and links of the order that costs most."""
POWER_PICTURES = 10
"""Of the load by hour and by week: of all sites together, and of four."""
PAPER_WIDTH_PX = 703
"""Of A4 between margins of 12 mm, at 96 dots an inch."""


@dataclass
class Opened:
    """A page and what it did since it was opened."""

    page: object
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the page is not tried in a browser")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def report_file(tmp_path_factory) -> Path:
    return write_report(sample_result(), tmp_path_factory.mktemp("page") / "report.html")


@pytest.fixture
def opened(browser, report_file):
    """Opens the report, or another file, as wide as asked for; every chart drawn."""
    contexts = []

    def open_page(width: int = 1440, scheme: str = "light", file: Path = report_file) -> Opened:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
        contexts.append(context)
        result = Opened(page=context.new_page())
        result.page.on("request", lambda request: result.requests.append(request.url))
        result.page.on("console", lambda message: result.complaints.append(message.text))
        result.page.on("pageerror", lambda error: result.complaints.append(str(error)))
        result.page.goto(file.as_uri())
        result.page.wait_for_selector(".chart:not([data-drawn])", state="detached", timeout=60_000)
        return result

    yield open_page
    for context in contexts:
        context.close()


def boxes(page, selector: str) -> list[dict]:
    return [part.bounding_box() for part in page.locator(selector).all()]


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light")])
def test_every_chart_is_drawn_and_nothing_is_asked_for(opened, width, scheme):
    result = opened(width, scheme)
    drawn = boxes(result.page, ".chart .main-svg:first-child")
    assert len(drawn) == CHARTS
    assert all(box["width"] > 250 and box["height"] > 200 for box in drawn)
    assert result.page.locator(".chart .scatterlayer .trace path.js-line").count() >= 10
    assert result.page.locator(".chart .barlayer .point path").count() == 600 + LATE_BARS
    assert all(box["width"] > 250 and box["height"] > 100 for box in boxes(result.page, "svg.map, svg.small"))
    assert [url for url in result.requests if not url.startswith(("file:", "data:", "blob:"))] == []
    assert result.complaints == []


def test_a_script_of_someone_else_does_not_run_and_nothing_is_fetched(opened):
    result = opened()
    result.page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "document.body.dataset.foreign = 'ran'";
            document.body.append(script);
            const image = new Image();
            image.src = "https://example.org/pixel.png";
            document.body.append(image);
        }"""
    )
    result.page.wait_for_timeout(300)
    assert result.page.locator("body[data-foreign]").count() == 0
    assert len([text for text in result.complaints if "Content Security Policy" in text]) >= 2


def test_no_chart_offers_to_send_its_data_away(opened):
    page = opened().page
    names = page.eval_on_selector_all(
        ".modebar-btn", "found => found.map(b => (b.dataset.title || '') + (b.getAttribute('aria-label') || ''))"
    )
    assert len(names) >= CHARTS
    assert not [name for name in names if "share" in name.lower() or "plotly" in name.lower()]


@pytest.mark.parametrize("width", [390, 700, 1000, 1300])
def test_the_page_never_scrolls_sideways(opened, width):
    page = opened(width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_text_is_never_smaller_than_eleven_pixels(opened):
    page = opened(390).page
    smallest = page.evaluate(
        """() => Math.min(...[...document.querySelectorAll('main p, main td, main th, main small, main li, main button,'
            + ' .chart text, svg.small text')].filter(part => part.textContent.trim())
            .map(part => parseFloat(getComputedStyle(part).fontSize)))"""
    )
    assert smallest >= 11


def test_each_chart_says_in_words_what_it_shows(opened):
    page = opened().page
    labels = page.eval_on_selector_all("[role=img]", "found => found.map(part => part.getAttribute('aria-label'))")
    assert len(labels) == CHARTS + 2 + 12 + POWER_PICTURES
    assert all(label and len(label) > 10 for label in labels)


def test_dark_charts_follow_the_screen(opened):
    page = opened(scheme="dark").page
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 21, 27)"
    tick = page.locator(".chart .xtick text").first
    assert "232, 237, 242" in tick.evaluate("part => getComputedStyle(part).fill")
    page.emulate_media(color_scheme="light")
    page.wait_for_timeout(500)
    assert "22, 32, 42" in page.locator(".chart .xtick text").first.evaluate("part => getComputedStyle(part).fill")


def test_paper_is_light_and_holds_the_whole_width_of_every_chart(opened):
    page = opened(scheme="dark").page
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(500)
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(22, 32, 42)"
    assert "22, 32, 42" in page.locator(".chart .xtick text").first.evaluate("part => getComputedStyle(part).fill")
    assert all(box["width"] <= PAPER_WIDTH_PX for box in boxes(page, ".chart .main-svg:first-child"))
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen", color_scheme="dark")
    page.wait_for_timeout(500)
    assert all(box["width"] > PAPER_WIDTH_PX for box in boxes(page, ".chart .main-svg:first-child"))


@pytest.mark.parametrize("made", [sample_result, reference_sized])
def test_nothing_on_paper_is_wider_than_the_paper(opened, tmp_path, made):
    page = opened(PAPER_WIDTH_PX, file=write_report(made(), tmp_path / "report.html")).page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(500)
    # A browser shrinks the whole page, charts and all, to fit its widest table.
    assert page.evaluate("document.documentElement.scrollWidth") <= PAPER_WIDTH_PX


def clipped(page, selector: str) -> list[list]:
    """Boxes that hide a part of what they hold: name, and pixels hidden across and down."""
    found = page.eval_on_selector_all(
        selector,
        "boxes => boxes.map(b => [b.getAttribute('aria-label'), b.scrollWidth - b.clientWidth,"
        " b.scrollHeight - b.clientHeight])",
    )
    return [box for box in found if box[1] > 0 or box[2] > 0]


def test_no_table_on_a_wide_screen_is_cut(opened, tmp_path):
    page = opened(1400, file=write_report(reference_sized(), tmp_path / "report.html")).page
    assert page.locator("figure > .scroll").count() >= 10
    assert clipped(page, "figure > .scroll") == []


def test_the_rest_of_a_long_table_is_shown_when_asked_for(opened, tmp_path):
    page = opened(file=write_report(reference_sized(), tmp_path / "report.html")).page
    rows = page.locator("#binding figure").first.locator("tbody tr:visible")
    assert rows.count() == 30
    assert "The first 30 of 54 rows." in page.locator("#binding .rest").inner_text()
    page.locator("#binding button.all").click()
    assert rows.count() == 54
    assert not page.locator("#binding .rest").is_visible()


def test_a_narrow_screen_shows_the_disrupted_site_on_each_map(opened):
    page = opened(390).page
    hidden = page.eval_on_selector_all(
        ".drawing .scroll",
        """maps => maps.filter(map => {
            const ring = map.querySelector("circle.ring[cx]").getBoundingClientRect();
            const box = map.getBoundingClientRect();
            return ring.left < box.left || ring.right > box.right;
        }).length""",
    )
    assert page.locator(".drawing .scroll").count() == 2
    assert page.locator(".drawing .scroll").first.evaluate("map => map.scrollWidth > map.clientWidth")
    assert hidden == 0


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext on this machine")
@pytest.mark.parametrize("made", [sample_result, reference_sized])
def test_the_last_sheet_of_paper_is_not_for_the_footer_alone(opened, tmp_path, made):
    page = opened(file=write_report(made(), tmp_path / "report.html")).page
    page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    command = ["pdftotext", "-layout", str(tmp_path / "page.pdf"), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    last = text.rstrip("\f").split("\f")[-1]
    assert "Kritzinger" in last
    assert "Wall seconds" in last


def test_every_part_is_reached_by_keyboard(opened):
    page = opened().page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    reached = "part => part.tabIndex === 0 && part.getAttribute('aria-label')"
    assert page.evaluate(f"[...document.querySelectorAll('.scroll')].every({reached})")
    summary = page.locator("#gates ~ section summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert summary.evaluate("part => part.parentElement.open")


def test_names_of_steps_and_disruptions_cover_nothing(opened):
    page = opened(390).page
    heads = boxes(page, "#schedule-gantt .annotation-text")
    bars = boxes(page, "#schedule-gantt .barlayer .trace")
    assert len(heads) == 4
    for top, bottom in ((head["y"] + 3, head["y"] + head["height"] - 3) for head in heads):
        assert all(bar["y"] >= bottom or bar["y"] + bar["height"] <= top for bar in bars)
    fire = page.locator("#evolution-accepted .annotation-text", has_text="cleanroom fire").bounding_box()
    plot = page.locator("#evolution-accepted rect.nsewdrag").first.bounding_box()
    legend = page.locator("#evolution-accepted .legend").bounding_box()
    assert legend["y"] + legend["height"] <= fire["y"] + 3
    assert fire["y"] + fire["height"] <= plot["y"] + 5


def test_a_page_printed_at_once_has_all_its_charts(browser, report_file, tmp_path):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True)
    page = context.new_page()
    page.goto(report_file.as_uri(), wait_until="domcontentloaded")
    page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    assert page.locator(".chart[data-drawn]").count() == CHARTS
    content = (tmp_path / "page.pdf").read_bytes()
    assert content.count(b"/Type /Page\n") >= 8
    assert b"/MediaBox [0 0 594" in content  # A4
    context.close()


def test_a_table_is_saved_as_shown(opened):
    page = opened().page
    with page.expect_download() as download:
        page.locator("#gates button.csv").click()
    assert download.value.suggested_filename == "gates.csv"
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:4] == ["Gate", "Need", "Available", "Unit"]
    assert rows[2][:5] == ["HBM stacks", "12000", "11500", "stacks a week", "104 %"]


def test_assumptions_are_found_by_word_and_grade(opened):
    page = opened().page
    box = page.locator("#assumptions .folded")
    box.locator(".find").fill("taiwan-03")
    box.locator(".grade").select_option("estimate")
    found = int(box.locator("output").inner_text().split()[0])
    shown = box.locator("details:not([hidden])[open] tbody tr:not([hidden])")
    assert 0 < found == shown.count() < 300
    assert all("taiwan-03" in text and text.endswith("estimate") for text in shown.all_inner_texts())
    box.locator(".find").fill("")
    box.locator(".grade").select_option("")
    assert box.locator("details:not([hidden])").count() == 6


def test_the_contents_lead_to_their_sections(opened):
    page = opened().page
    page.locator("nav a", has_text="What binds").click()
    page.wait_for_timeout(100)
    assert page.url.endswith("#binding")
    assert 0 <= page.locator("#binding").bounding_box()["y"] < 450


def test_a_comparison_can_leave_out_what_is_the_same(opened, tmp_path):
    disrupted = sample_result()
    quiet = disrupted.model_copy(
        update={"scenario": "baseline", "kpis": disrupted.baseline.kpis, "series": disrupted.baseline.series}
    )
    result = opened(file=write_page(render_comparison([quiet, disrupted]), tmp_path / "comparison.html"))
    rows = result.page.locator("#kpis figure tbody tr:visible")
    before = rows.count()
    result.page.locator("input.differences").check()
    assert 0 < rows.count() < before
    assert "Landed cost" not in " ".join(rows.all_inner_texts())
    assert result.complaints == []


@pytest.fixture(scope="module")
def moved_file(tmp_path_factory) -> Path:
    """A comparison of three: of all that can move in the one, of nothing in the other."""
    runs = [sample_result().model_copy(update={"scenario": name}) for name in ("baseline", "outage", "same")]
    page = render_comparison(runs, moved=[all_moved("outage"), nothing_moved("same")])
    return write_page(page, tmp_path_factory.mktemp("moved") / "comparison.html")


@pytest.mark.parametrize("width", [500, 1400])
def test_what_moved_is_drawn_and_reads_without_overlaps(opened, moved_file, width):
    result = opened(width, file=moved_file)
    page = result.page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#moved-1 li").count() == 8
    assert page.locator("#moved-2 li, #moved-2 .chart").count() == 0
    assert "Nothing moved" in page.locator("#moved-2").inner_text()
    chart = page.locator("#work-moved-1")
    names = sorted(boxes(page, "#work-moved-1 .yaxislayer-above text"), key=lambda box: box["y"])
    assert len(names) == 2
    plot = chart.locator("rect.nsewdrag").first.bounding_box()
    legend = chart.locator(".legend").bounding_box()
    assert legend["y"] + legend["height"] <= plot["y"] + 3
    assert all(chart.bounding_box()["x"] <= name["x"] and name["x"] + name["width"] <= plot["x"] + 3 for name in names)
    assert names[0]["y"] + names[0]["height"] <= names[1]["y"]
    assert chart.locator(".legend .legendtext").count() == 3
    assert result.complaints == []


@pytest.mark.parametrize("width", [500, 1400])
def test_tables_of_what_moved_open_and_keep_to_their_frame(opened, moved_file, width):
    page = opened(width, file=moved_file).page
    folded = page.locator("#moved-1 details")
    assert folded.count() == 8
    for part in folded.all():
        part.evaluate("part => { part.open = true; }")
        frame, table = (part.locator(name).first.bounding_box() for name in (".scroll", "table"))
        assert frame["x"] >= 0
        assert frame["x"] + frame["width"] <= width
        assert table["height"] > 40
    # A name that looks like a part of a page is words.
    assert "<script>alert(1)</script>" in page.locator("#moved-1").inner_text()
    assert page.locator("#moved-1 td b, #moved-1 td script").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_moved_is_printed_with_its_picture(browser, moved_file, tmp_path):
    context = browser.new_context(viewport={"width": 1400, "height": 900}, offline=True)
    page = context.new_page()
    page.goto(moved_file.as_uri(), wait_until="domcontentloaded")
    page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    assert page.locator("#work-moved-1 .main-svg").count() > 0
    page.set_viewport_size({"width": PAPER_WIDTH_PX, "height": 1000})
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= PAPER_WIDTH_PX
    context.close()
