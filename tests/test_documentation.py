"""The pages hang together: every link between them leads to a page and a heading that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = sorted(DOCS.glob("*.md"))


def anchors(page: Path) -> set[str]:
    """Headings as a renderer names them: small letters, blanks to hyphens, nothing but words and hyphens."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w-]", "", title.lower().replace(" ", "-")) for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    own = [link.partition("#")[::2] for link in links if "://" not in link]
    assert [name for name, _ in own if name and not (DOCS / name).is_file()] == []
    assert [(name, part) for name, part in own if part and part not in anchors(DOCS / name if name else page)] == []


def test_the_index_names_every_page() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if f"({page.name})" not in index and page.name != "index.md"] == []
