"""Working time: when a calendar is open, on the clock of the world, read in a site's own timezone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from twin.model.profile import StepProfile
from twin.model.rows_make import CalendarRow
from twin.model.units import DAY_S
from twin.model.world import World

_DAY_MINUTES = 24 * 60
_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS: dict[str, tuple[int, ...]] = {
    **{name: (number,) for number, name in enumerate(_NAMES)},
    "mon-fri": (0, 1, 2, 3, 4),
    "mon-sat": (0, 1, 2, 3, 4, 5),
    "daily": (0, 1, 2, 3, 4, 5, 6),
}
"""Numbers of the weekdays (Monday is 0) that a word of the table stands for."""

Span = tuple[int, int]
"""Minutes of a day, from and to."""


def open_profile(world: World, calendar: str, timezone: str, start_s: int, end_s: int) -> StepProfile:
    """1 while a calendar is open, 0 while it is closed, for the clock from `start_s` to `end_s` (seconds).

    Hours and closed dates are local: on the days when clocks change, a shift begins and ends
    at its hour as the site's clocks show it. No calendar is open always. After `end_s` the
    last value holds.
    """
    if not calendar:
        return StepProfile.constant(1.0)
    return _open(tuple(_rows(world, calendar)), timezone, world.settings.starts_at, start_s, end_s)


@lru_cache(maxsize=256)
def _open(rows: tuple[CalendarRow, ...], timezone: str, zero: datetime, start_s: int, end_s: int) -> StepProfile:
    """Of a calendar's rows; kept, since every plan of a study asks for the same few."""
    week, closed = _week(rows), _closed(rows)
    zone = ZoneInfo(timezone)
    # A local day can begin a day before or after the same date in UTC.
    first = (zero + timedelta(seconds=start_s)).date() - timedelta(days=1)
    days = (end_s - start_s) // DAY_S + 4
    steps = [(start_s, 0.0)]
    for number in range(days):
        day = first + timedelta(days=number)
        if any(begins <= day <= ends for begins, ends in closed):
            continue
        for opens, closes in week[day.weekday()]:
            begins_s, ends_s = (local_second(day, minutes, zone, zero) for minutes in (opens, closes))
            if begins_s < end_s and ends_s > start_s:
                steps += [(max(begins_s, start_s), 1.0), (min(ends_s, end_s), 0.0)]
    return _last_open(steps, end_s)


def normal_open_fraction(world: World, calendar: str) -> float:
    """The part of a week without closed dates in which a calendar is open; 1 for no calendar."""
    if not calendar:
        return 1.0
    week = _week(_rows(world, calendar))
    return sum(closes - opens for spans in week for opens, closes in spans) / (7 * _DAY_MINUTES)


def _last_open(steps: list[tuple[int, float]], end_s: int) -> StepProfile:
    """Spans join where one closes as the next opens; a span cut off at the end stays open after it."""
    opened = {time_s for time_s, value in steps if value == 1.0}
    kept = [(time_s, value) for time_s, value in steps if value == 1.0 or (time_s not in opened and time_s < end_s)]
    return StepProfile.of(kept).compact()


def _rows(world: World, calendar: str) -> list[CalendarRow]:
    return [row for row in world.calendars if row.calendar == calendar]


def _week(rows: Sequence[CalendarRow]) -> list[list[Span]]:
    """Open spans of each weekday, in order and apart; all day, every day, where no row names a weekday."""
    spans: list[list[Span]] = [[] for _ in _NAMES]
    for row in rows:
        for weekday in WEEKDAYS.get(row.weekday, ()):
            spans[weekday].append((minutes_of(row.opens, 0), minutes_of(row.closes, _DAY_MINUTES)))
    if not any(row.weekday for row in rows):
        return [[(0, _DAY_MINUTES)] for _ in _NAMES]
    return [list(_joined(sorted(day))) for day in spans]


def _joined(spans: list[Span]) -> Iterator[Span]:
    """Spans that overlap or touch, as one."""
    current: Span | None = None
    for opens, closes in spans:
        if current is not None and opens <= current[1]:
            current = (current[0], max(current[1], closes))
        else:
            if current is not None:
                yield current
            current = (opens, closes)
    if current is not None:
        yield current


def _closed(rows: Sequence[CalendarRow]) -> list[tuple[date, date]]:
    return [(row.closed_from, row.closed_to or row.closed_from) for row in rows if row.closed_from is not None]


def minutes_of(text: str, blank: int) -> int:
    """A time of day such as 07:30 as minutes after midnight; `blank` where there is none."""
    return int(text[:2]) * 60 + int(text[3:]) if text else blank


def local_second(day: date, minutes: int, zone: ZoneInfo, zero: datetime) -> int:
    """A local moment on the clock of the world; 24:00 is the next midnight."""
    whole_days, rest = divmod(minutes, _DAY_MINUTES)
    local = datetime.combine(day + timedelta(days=whole_days), time(rest // 60, rest % 60), zone)
    return round((local - zero).total_seconds())
