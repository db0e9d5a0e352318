"""What a page is made of: sections of cards, tables, charts and drawings, free of markup.

Each block names the template that draws it. Text is escaped by the templates; only the SVG
of drawings and panels, which is built here from escaped parts, goes onto the page as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from twin.report.words import number, percent

Tone = Literal["", "good", "bad", "soft"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell: its text, and beside it perhaps a bar, from `bar[0]` over `bar[1]` per cent of the cell.

    `mark` is a line across the bar, in per cent of the cell; `small` a second line; `hint` a tool-tip.
    """

    text: str
    tone: Tone = ""
    bar: tuple[float, float] | None = None
    mark: float | None = None
    link: str = ""
    small: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A heading with its unit; numbers stand to the right."""

    title: str
    unit: str = ""
    numeric: bool = False
    whole: bool = False
    """Never broken into lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under headings; `name` is that of the CSV file it can be saved as."""

    template: ClassVar[str] = "table.html"
    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str = ""
    note: str = ""
    folded: bool = False
    """Shown only when opened."""
    first: int = 0
    """How many rows are shown until all are asked for; 0: all."""
    same: frozenset[int] = frozenset()
    """Positions of rows that a comparison may leave out, all being equal there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A number to see at a glance: before, after and the difference with its interval."""

    title: str
    value: str
    unit: str
    baseline: str = ""
    difference: str = ""
    interval: str = ""
    hint: str = ""
    tone: Tone = ""
    reading: str = ""
    """What the interval allows to say, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """Cards side by side."""

    template: ClassVar[str] = "cards.html"
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """An interactive chart: plotly JSON, one sentence of what it shows, and its data."""

    template: ClassVar[str] = "chart.html"
    anchor: str
    title: str
    sentence: str
    figure: str
    table: Table
    height: int = 360


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture of our own in SVG, with one sentence and its data."""

    template: ClassVar[str] = "drawing.html"
    anchor: str
    title: str
    sentence: str
    pictures: tuple[tuple[str, str], ...]
    """Title and SVG of each, which scroll by themselves where the screen is narrower than they can be read."""
    table: Table
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One small picture of a grid of them."""

    title: str
    sentence: str
    svg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panels:
    """Small pictures side by side, with the data of all."""

    template: ClassVar[str] = "panels.html"
    anchor: str
    title: str
    sentence: str
    panels: tuple[Panel, ...]
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """Tables behind headings that open, with one field to search them all."""

    template: ClassVar[str] = "folded.html"
    label: str
    choices: tuple[str, ...]
    """Grades to choose from; they stand in the last column of each table."""
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """Paragraphs, or a list of them."""

    template: ClassVar[str] = "prose.html"
    lines: tuple[str, ...]
    title: str = ""
    listed: bool = False
    code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A box to tick that leaves out the rows that a comparison calls the same."""

    template: ClassVar[str] = "switch.html"
    label: str


Block = Switch | Cards | Table | Chart | Drawing | Panels | Folded | Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the page with its anchor in the table of contents."""

    anchor: str
    title: str
    lead: str
    blocks: tuple[Block, ...]


def text_column(title: str) -> Column:
    """A column of words."""
    return Column(title=title)


def name_column(title: str) -> Column:
    """A column of short names or dates, kept on one line."""
    return Column(title=title, whole=True)


def number_column(title: str, unit: str = "", whole: bool = False) -> Column:
    """A column of numbers; `whole` keeps its heading on one line."""
    return Column(title=title, unit=unit, numeric=True, whole=whole)


def words(text: str, tone: Tone = "") -> Cell:
    """A cell of words."""
    return Cell(text=text, tone=tone)


def value(amount: float | None, digits: int = 4, tone: Tone = "") -> Cell:
    """A cell with a number."""
    return Cell(text=number(amount, digits), tone=tone)


def fraction(amount: float | None, digits: int = 3, tone: Tone = "") -> Cell:
    """A cell with a fraction in per cent."""
    return Cell(text=percent(amount, digits), tone=tone)


def barred(text: str, start: float, end: float, tone: Tone = "", mark: float | None = None) -> Cell:
    """A cell with a bar between two fractions of its width, and perhaps a line at a third."""
    low, high = sorted((min(max(start, 0.0), 1.0), min(max(end, 0.0), 1.0)))
    line = None if mark is None else round(100 * mark, 1)
    return Cell(text=text, tone=tone, bar=(round(100 * low, 1), round(100 * (high - low), 1)), mark=line)
