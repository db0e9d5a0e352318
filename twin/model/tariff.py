"""What power costs by the hour, and how much of it is there: the rows of `tariffs` on the clock of a world."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from twin.model.calendar import WEEKDAYS, local_second, minutes_of
from twin.model.profile import StepProfile
from twin.model.rows_power import Tariff
from twin.model.units import DAY_S
from twin.model.world import World

_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, eq=False)
class HourlyTerms:
    """Price and share of the capacity of a power resource, as steps in time."""

    usd_per_kwh: StepProfile
    available_fraction: StepProfile

    @property
    def limits(self) -> bool:
        """True where some hours have less than all of the capacity."""
        return bool((self.available_fraction.values < 1).any())


def hourly_terms(world: World, site: str, resource: str, start_s: int, end_s: int) -> HourlyTerms | None:
    """The tariff of a resource from `start_s` to `end_s` (seconds); None without one.

    Hours are local: on the days when clocks change, a window begins and ends at its hour as the
    site's clocks show it. Rows follow each other at midnight UTC of their `from`. Before the
    first of them nothing is paid and all of the capacity is there; after `end_s` the last value holds.
    """
    rows = tuple(row for row in world.tariffs if (row.site, row.resource) == (site, resource))
    if not rows:
        return None
    timezone = next((row.timezone for row in world.sites if row.site == site), "UTC")
    return _terms(rows, timezone, world.settings.starts_at, start_s, end_s)


@lru_cache(maxsize=128)
def _terms(rows: tuple[Tariff, ...], timezone: str, zero: datetime, start_s: int, end_s: int) -> HourlyTerms:
    """Kept, since every replication and every plan of a study asks for the same few."""
    return HourlyTerms(
        usd_per_kwh=_profile(rows, lambda row: row.usd_per_kwh, 0.0, ZoneInfo(timezone), zero, (start_s, end_s)),
        available_fraction=_profile(
            rows, lambda row: row.available_fraction, 1.0, ZoneInfo(timezone), zero, (start_s, end_s)
        ),
    )


def _profile(
    rows: Sequence[Tariff],
    read: Callable[[Tariff], float],
    without: float,
    zone: ZoneInfo,
    zero: datetime,
    window: tuple[int, int],
) -> StepProfile:
    begins = {row.from_date for row in rows}
    dates = sorted(begins, key=lambda day: (day is not None, day or date.min))
    edges = [window[0] if day is None else max(window[0], _midnight_s(day, zero)) for day in dates]
    steps: list[tuple[int, float]] = [(window[0] - 1 if edges[0] > window[0] else window[0], without)]
    for day, begin_s, end_s in zip(dates, edges, [*edges[1:], window[1]], strict=True):
        if begin_s < end_s:
            sheet = [row for row in rows if row.from_date == day]
            whole = StepProfile.of(list(_steps(sheet, read, without, zone, zero, (begin_s, end_s))))
            steps.append((begin_s, whole.at(begin_s)))
            inner = zip(whole.times_s.tolist(), whole.values.tolist(), strict=True)
            steps += [(time_s, value) for time_s, value in inner if begin_s < time_s < end_s]
    return StepProfile.of(steps).compact()


def _midnight_s(day: date, zero: datetime) -> int:
    return (day - zero.date()).days * DAY_S


def _steps(
    sheet: Sequence[Tariff],
    read: Callable[[Tariff], float],
    without: float,
    zone: ZoneInfo,
    zero: datetime,
    window: tuple[int, int],
) -> Iterator[tuple[int, float]]:
    """Steps of the days around a window, by rows that begin together."""
    # A local day can begin a day before or after the same date in UTC.
    first = (zero + timedelta(seconds=window[0])).date() - timedelta(days=1)
    week = [list(_spans(sheet, read, without, weekday)) for weekday in range(7)]
    for number in range((window[1] - window[0]) // DAY_S + 4):
        day = first + timedelta(days=number)
        spans = week[day.weekday()]
        begins_s = [local_second(day, minutes, zone, zero) for minutes, _ in spans]
        for place in range(len(spans) - 2, -1, -1):
            # An hour that clocks leave out would begin after the one that follows it.
            begins_s[place] = min(begins_s[place], begins_s[place + 1])
        yield from zip(begins_s, (value for _, value in spans), strict=True)


def _spans(
    sheet: Sequence[Tariff], read: Callable[[Tariff], float], without: float, weekday: int
) -> Iterator[tuple[int, float]]:
    """Minutes of a weekday at which something begins to hold, with what does."""
    today = [row for row in sheet if not row.weekday or weekday in WEEKDAYS[row.weekday]]
    hours = [(minutes_of(row.opens, 0), minutes_of(row.closes, _DAY_MINUTES), read(row)) for row in today]
    for minutes in sorted({0, *(edge for opens, closes, _ in hours for edge in (opens, closes))} - {_DAY_MINUTES}):
        held = [value for opens, closes, value in hours if opens <= minutes < closes]
        yield minutes, held[-1] if held else without
