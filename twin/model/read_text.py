"""A file that a person wrote, as text; or, in plain words, why it is none."""

from __future__ import annotations

from pathlib import Path

from twin.model.places import shown
from twin.model.problems import Problem

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""The marks with which a file in UTF-16 begins."""


def read_text(path: Path, remedy: str) -> tuple[str, Problem | None]:
    """The text of a file in UTF-8, with or without a mark; or blank, and the problem that is mended by `remedy`."""
    file = shown(path)
    try:
        data = path.read_bytes()
    except OSError:
        return "", Problem(file=file, rule="the file cannot be read", remedy="check that it is a file you may read")
    if _is_utf_16(data):
        return "", Problem(file=file, rule="the file is text in UTF-16, which is not read", remedy=remedy)
    if b"\0" in data:
        return "", Problem(file=file, rule="the file is not text", remedy=remedy)
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        rule, value = "the file is not text in UTF-8", f"byte {data[error.start]:#04x}"
        return "", Problem(file=file, line=line, column=column, rule=rule, value=value, remedy=remedy)


def _is_utf_16(data: bytes) -> bool:
    """By its mark, or since every other byte of what is mostly plain letters is zero."""
    if data.startswith(_UTF_16):
        return True
    first, second = data[0::2].count(0), data[1::2].count(0)
    return min(first, second) == 0 and max(first, second) > 0.4 * len(data)
