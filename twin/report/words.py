"""Numbers, dates and names as a planner reads them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime

ABSENT = "–"
FRACTION_UNITS = ("fraction", "share", "ratio")
UNIT_WORDS = {
    "d": "days",
    "h": "hours",
    "rack·d": "rack-days",
    "d/rack": "days a rack",
    "USD/rack": "USD a rack",
    "1/rack": "a rack",
    "racks/d": "racks a day",
    "USD/rack/d": "USD a rack and day",
    "tokens/J": "tokens a joule",
    "MWh/rack": "MWh a rack",
}
MILLION, BILLION = 1_000_000, 1_000_000_000
MOST_DIGITS = 4
COARSE = 3.55
"""A half width is kept to two digits up to this, beyond it to one (the rule of the Particle Data Group)."""
SMALLEST = 1e-6
"""Anything nearer to nothing is a rounding error of a solver."""
MINUS = "−"


def rounded(value: float, digits: int = 4) -> float:
    """A number cut to its significant digits, as kept in charts and tables."""
    return float(f"{value:.{digits}g}") if math.isfinite(value) else value


def number(value: float | None, digits: int = 3) -> str:
    """A number in words: significant digits, thousands separated, a dash where there is none.

    >>> number(52_348.2), number(0.01234), number(-41.0), number(None)
    ('52,300', '0.0123', '−41', '–')
    """
    if value is None or not math.isfinite(value):
        return ABSENT
    if abs(value) < SMALLEST:
        return "0"
    cut = rounded(value, digits)
    text = f"{abs(cut):,.{_decimals(cut, digits)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{MINUS}{text}" if cut < 0 else text


def _decimals(value: float, digits: int) -> int:
    return max(0, digits - 1 - math.floor(math.log10(abs(value))))


def alike(values: Sequence[float | None], digits: int = 3) -> list[str]:
    """Numbers that stand together, all cut at the place where the largest is cut.

    >>> alike([-11.0, -21.04, -0.969], 2)
    ['−11', '−21', '−1']
    """
    largest = max((abs(value) for value in values if value is not None and math.isfinite(value)), default=0.0)
    if largest < SMALLEST:
        return [number(value, digits) for value in values]
    place = digits - 1 - math.floor(math.log10(largest))
    return [number(value if value is None else round(value, place), digits) for value in values]


def whole(value: float | None) -> str:
    """A count of things, which has no parts, in words.

    >>> whole(1466.6), whole(-0.2), whole(None)
    ('1,467', '0', '–')
    """
    return number(value if value is None or not math.isfinite(value) else float(round(value)), 12)


def known(values: Sequence[float | None], low: float | None, high: float | None) -> tuple[list[str], str]:
    """Values cut at the place from which the interval leaves them open, and the interval.

    The interval is blank where there is none or it has no width: a number known to the last
    digit is not a range.

    >>> known([-7974.5, 54566.9], -8066.7, -7882.3), known([3.0], 3.0, 3.0)
    ((['−7,970', '54,570'], '−8,070 to −7,880'), (['3'], ''))
    """
    if low is None or high is None or not math.isfinite(high - low) or high - low < SMALLEST:
        return alike(values), ""
    largest = max((abs(value) for value in (*values, low, high) if value is not None), default=0.0)
    finest = MOST_DIGITS - 1 - math.floor(math.log10(largest))
    place = min(-math.floor(math.log10((high - low) / 2 / COARSE)), finest)
    ends = [_cut(low, place), _cut(high, place)]
    return [_cut(value, place) for value in values], " to ".join(ends) if ends[0] != ends[1] else ""


def _cut(value: float | None, place: int) -> str:
    """A number with so many decimals; below 0, rounded to tens and hundreds."""
    if value is None or not math.isfinite(value):
        return ABSENT
    cut = round(value, place)
    text = f"{abs(cut):,.{max(0, place)}f}"
    return f"{MINUS}{text}" if cut < 0 else text


def with_sign(text: str) -> str:
    """A difference as printed, with its sign always shown."""
    return text if text == ABSENT or not text.strip("0.") or text.startswith(MINUS) else f"+{text}"


def percent(fraction: float | None, digits: int = 3) -> str:
    """A fraction as per cent."""
    return ABSENT if fraction is None else f"{number(100 * fraction, digits)} %"


def scale(unit: str, value: float | None) -> tuple[float, str]:
    """By what to multiply and how to call the unit, so that the number stays short."""
    if unit in FRACTION_UNITS:
        return 100.0, "%"
    name = UNIT_WORDS.get(unit, unit)
    if value is not None and unit.startswith("USD"):
        for size, word in ((BILLION, "billion"), (MILLION, "million")):
            if abs(value) >= size:
                return 1 / size, f"{word} {name}"
    return 1.0, name


def times(value: float | None, factor: float) -> float | None:
    """A value in another unit; none stays none."""
    return None if value is None else value * factor


def quantity(value: float | None, unit: str, digits: int = 3) -> str:
    """A value with its unit, such as `41 racks`, `93 %` or `3.2 million USD`."""
    if value is None:
        return ABSENT
    factor, name = scale(unit, value)
    return f"{number(value * factor, digits)} {name}".strip()


def span(low: float | None, high: float | None, digits: int = 3) -> str:
    """An interval in words, a dash where there is none or it has no width.

    Ends that would look alike get more digits.
    """
    if low is None or high is None or high - low < SMALLEST:
        return ABSENT
    for more in range(digits, MOST_DIGITS + 1):
        first, last = alike([low, high], more)
        if first != last:
            return f"{first} to {last}"
    return ABSENT


def plain(name: str) -> str:
    """A name of the tables as words: `time_to_token` becomes `Time to token`."""
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def said(name: str) -> str:
    """A name of the tables within a sentence: `test_power` becomes `test power`."""
    return name.replace("_", " ").strip()


def sentence(text: str) -> str:
    """A clause as a sentence: a capital first, a full stop last; blank stays blank."""
    return text and f"{text[0].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def moment(iso: str) -> datetime | None:
    """The moment that an ISO date or time names, None where it is none."""
    try:
        return datetime.fromisoformat(iso)
    except ValueError:
        return None


def day(iso: str) -> str:
    """An ISO date as `2 Mar 2026`; what is no date stays as it is."""
    when = moment(iso)
    return iso if when is None else f"{when.day} {when:%b %Y}"


def count(amount: int, one: str, many: str = "") -> str:
    """`1 rack`, `2 racks`."""
    return f"{amount:,} {one if amount == 1 else many or one + 's'}"


def day_before(iso: str) -> str:
    """The ISO date before a day."""
    return date.fromordinal(date.fromisoformat(iso[:10]).toordinal() - 1).isoformat()


def last_day(starts: str, weeks: int) -> str:
    """The ISO date that many weeks after a start."""
    return date.fromordinal(date.fromisoformat(starts[:10]).toordinal() + 7 * weeks).isoformat()
