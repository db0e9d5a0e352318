"""Cells of a workbook that hold no value: formulas that nobody has computed, and errors of spreadsheets."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL = re.compile(r"([A-Z]+)(\d+)")


class Spoilt(NamedTuple):
    """Why a cell has no value: rule, what stands there, remedy."""

    rule: str
    value: str
    remedy: str


Position = tuple[int, int]
"""Row and column, both from 0."""


def spoilt_cells(path: Path) -> dict[str, dict[Position, Spoilt]]:
    """By sheet: every cell without the value that it should have. Nothing of a file that is no workbook."""
    try:
        with zipfile.ZipFile(path) as book:
            return {name: dict(_spoilt_in(book.read(part))) for name, part in _sheets(book)}
    except (OSError, KeyError, zipfile.BadZipFile, ET.ParseError):
        return {}


def _sheets(book: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """The name of each sheet and the part of the file that holds it."""
    relations = ET.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    targets = {each.get("Id"): each.get("Target", "") for each in relations}
    for sheet in ET.fromstring(book.read("xl/workbook.xml")).iterfind(".//{*}sheet"):
        target = targets.get(sheet.get(_RELATION), "")
        part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if part in book.namelist():
            yield sheet.get("name", ""), part


def _spoilt_in(sheet: bytes) -> Iterator[tuple[Position, Spoilt]]:
    # Most sheets have neither, and a large one takes a while to go through.
    if b't="e"' not in sheet and not re.search(rb"<(\w+:)?f[\s>/]", sheet):
        return
    for _, element in ET.iterparse(BytesIO(sheet)):
        if element.tag.rpartition("}")[2] != "c":
            continue
        found, at = _spoilt(element), _CELL.fullmatch(element.get("r", ""))
        if found is not None and at is not None:
            yield (int(at[2]) - 1, _column(at[1])), found
        element.clear()


def _spoilt(cell: ET.Element) -> Spoilt | None:
    formula, value = cell.find("{*}f"), cell.findtext("{*}v") or ""
    if cell.get("t") == "e":
        rule = "the cell holds an error of the spreadsheet instead of a value"
        return Spoilt(rule, value, "mend its formula and save the workbook, or write the value")
    # A computed text may well be blank; a number that was computed is there.
    if formula is None or value or cell.get("t") == "str":
        return None
    text = f"={formula.text}" if formula.text else "a formula"
    remedy = "open the workbook in a spreadsheet and save it there, or write the value"
    return Spoilt("the cell holds a formula that has not been computed", text, remedy)


def _column(letters: str) -> int:
    index = 0
    for letter in letters:
        index = 26 * index + ord(letter) - ord("A") + 1
    return index - 1
