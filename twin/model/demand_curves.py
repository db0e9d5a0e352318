"""What drivers of demand ask for, week by week: growth in the rate, shares of places, items that give way to others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from twin.model.rows_forecast import Driver, DriverShare, Transition
from twin.model.units import DAY_S, DAYS_PER_YEAR, WEEK_S
from twin.model.world import World

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Draws = Mapping[str, tuple[float, float]]
"""By driver: where in their distributions its rates and its growth lie in a replication, from 0 to 1."""

Place = tuple[str, str, str]
"""Item, customer and site."""

YEAR_S = DAYS_PER_YEAR * DAY_S
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(5)
"""Exact to ten digits for any growth within a week: the integrand is an exponential times a straight line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFor:
    """What a driver asks for of one item, for one customer at one site."""

    driver: str
    shares: tuple[DriverShare, ...]
    """Those of the place, in the order in which they hold."""
    item: str
    """That of the shares, or what has taken its place."""
    revenue_usd_per_unit: float | None
    """Where it has taken another one's place at a price of its own; None: that of the share that holds."""
    units: Floats
    """Cumulated from the beginning of the weeks to the end of each, not rounded."""

    @property
    def stem(self) -> str:
        """Of the names of its orders."""
        return "-".join((self.driver, self.shares[0].customer, self.shares[0].site, self.item))

    def share_on(self, day: date) -> DriverShare:
        """The share that holds on a day; before the first one, that."""
        begun = [share for share in self.shares if share.from_date is None or share.from_date <= day]
        return begun[-1] if begun else self.shares[0]


@dataclass(frozen=True, slots=True)
class _Portion:
    """The part of a demand that asks for an item, at each of some moments."""

    item: str
    revenue_usd_per_unit: float | None
    parts: Floats


def asked_for(world: World, weeks: range, draws: Draws | None = None) -> list[AskedFor]:
    """Of every driver in the order of the table, for its places: what is asked for in each of some weeks.

    Weeks count from `starts`. Without `draws` rates and growth are the means of their cells.
    The rate of a row of `drivers` at time t after its `from` is units_per_week times
    growth_factor_per_year to the power of t in years.
    """
    if not weeks or not world.drivers:
        return []
    until_s = [world.settings.second_of(row.until) for row in world.transitions]
    # A last order holds what is wanted after the weeks too.
    edges = WEEK_S * np.arange(weeks.start, max([weeks.stop, *(-(-end // WEEK_S) for end in until_s)]) + 1)
    pieces = np.union1d(edges, [at for at in _bends(world) if edges[0] < at < edges[-1]])
    half = np.diff(pieces) / 2
    times = (pieces[:-1] + half)[:, None] + half[:, None] * _NODES
    week_of = np.searchsorted(edges, pieces[:-1], side="right") - 1
    found = []
    for driver in dict.fromkeys(row.driver for row in world.drivers):
        rate = _rate(world, driver, times, draws)
        for shares in _by_place(shares_of(world, driver)):
            part = _part(world, shares, times)
            for portion in _portions(world, shares[0], times):
                areas = (part * rate * portion.parts) @ _WEIGHTS * half
                weekly: Floats = np.bincount(week_of, areas, len(edges) - 1).astype(np.float64)
                found.append(
                    AskedFor(
                        driver=driver,
                        shares=shares,
                        item=portion.item,
                        revenue_usd_per_unit=portion.revenue_usd_per_unit,
                        units=np.cumsum(weekly),
                    )
                )
    bought = _last_orders(world, edges, found, draws)
    return [replace(each, units=each.units[: len(weeks)]) for each in bought]


def whole_units(cumulated: Sequence[Floats]) -> list[Whole]:
    """Whole units of each of some demands in each week, from what is cumulated of them.

    Their total is the cumulated total rounded to the nearest, at the end of every week; a
    week's units go to each by what it lacks, whole ones first, then by the largest remainder.
    """
    wanted = np.vstack(cumulated)
    totals = np.floor(wanted.sum(axis=0) + 0.5).astype(np.int64)
    given = np.zeros(len(wanted), np.int64)
    weekly = np.zeros(wanted.shape, np.int64)
    for week, total in enumerate(totals):
        lacks = wanted[:, week] - given
        units = np.floor(np.maximum(lacks, 0.0)).astype(np.int64)
        # Demands that got their unit early may leave too few, or too many, for the others.
        while (missing := max(int(total - given.sum()), 0) - int(units.sum())) != 0:
            open_ones = np.arange(len(units)) if missing > 0 else np.flatnonzero(units)
            order = np.argsort(-(lacks - units)[open_ones] * np.sign(missing), kind="stable")
            units[open_ones[order[: abs(missing)]]] += np.sign(missing)
        weekly[:, week] = units
        given += units
    return list(weekly)


def shares_of(world: World, driver: str) -> list[DriverShare]:
    """Who orders by a driver: its own rows, or those that hold for all without."""
    own = [row for row in world.driver_shares if row.driver == driver]
    return own or [row for row in world.driver_shares if not row.driver]


def transitions_of(rows: Sequence[Transition], item: str, customer: str, site: str) -> list[Transition]:
    """What takes the place of an item for a customer at a site: of the rows that fit, those that name most."""
    fitting = [row for row in rows if row.item == item and row.customer in ("", customer) and row.site in ("", site)]
    closest = max(((bool(row.site), bool(row.customer)) for row in fitting), default=None)
    return [row for row in fitting if (bool(row.site), bool(row.customer)) == closest]


def followed(shares: Iterable[DriverShare], rows: Sequence[Transition]) -> dict[Place, list[Transition]]:
    """Every item, customer and site that drivers may ask for, by transitions too, with what takes its place there."""
    found: dict[Place, list[Transition]] = {}
    waiting: list[Place] = [(share.item, share.customer, share.site) for share in shares]
    while waiting:
        place = waiting.pop(0)
        if place not in found:
            found[place] = transitions_of(rows, *place)
            waiting += [(row.successor, *place[1:]) for row in found[place]]
    return found


def _bends(world: World) -> Iterator[int]:
    """Where a rate or a portion has a step or a corner."""
    clock = world.settings.second_of
    yield from (clock(row.from_date) for row in world.drivers if row.from_date)
    yield from (clock(row.from_date) for row in world.driver_shares if row.from_date)
    yield from (clock(day) for row in world.transitions for day in (row.from_date, row.until))


def _rate(world: World, driver: str, times: Floats, draws: Draws | None) -> Floats:
    """Units a second of a driver, for all its places."""
    rate = np.zeros_like(times)
    for row in _in_turn(world, driver):
        begins = world.settings.second_of(row.from_date) if row.from_date else None
        passed = times if begins is None else np.maximum(times - begins, 0)
        level, growth = _drawn(row, draws.get(driver) if draws else None)
        own = level / WEEK_S * growth ** (passed / YEAR_S)
        rate = own if begins is None else np.where(times >= begins, own, rate)
    return rate


def _in_turn(world: World, driver: str) -> list[Driver]:
    rows = [row for row in world.drivers if row.driver == driver]
    return sorted(rows, key=lambda row: (row.from_date is not None, row.from_date))


def _drawn(row: Driver, chances: tuple[float, float] | None) -> tuple[float, float]:
    """Level and growth of a row: their means, or what lies at the chances drawn."""
    level, growth = row.varying
    if chances is None:
        return level.mean, growth.mean
    return level.quantile_at(chances[0]), growth.quantile_at(chances[1])


def _by_place(rows: Sequence[DriverShare]) -> list[tuple[DriverShare, ...]]:
    """Shares of one customer, site and item together, in the order in which they hold."""
    places: dict[Place, list[DriverShare]] = {}
    for row in rows:
        places.setdefault((row.item, row.customer, row.site), []).append(row)
    return [tuple(sorted(own, key=lambda row: row.from_date or date.min)) for own in places.values()]


def _part(world: World, shares: Sequence[DriverShare], times: Floats) -> Floats:
    """What a place has of its driver at each of some moments."""
    part = np.zeros_like(times)
    for share in shares:
        begins = world.settings.second_of(share.from_date) if share.from_date else -np.inf
        part = np.where(times >= begins, share.share, part)
    return part


def _portions(world: World, share: DriverShare, times: Floats) -> list[_Portion]:
    """Items that a place asks for over time, the first its own; their parts make 1 at each moment."""
    found: dict[str, _Portion] = {}

    def follow(item: str, usd: float | None, parts: Floats) -> None:
        rows = transitions_of(world.transitions, item, share.customer, share.site)
        moved = [_moved(world, row, times) for row in rows]
        stays = parts * (1 - sum(moved)) if moved else parts
        before = found.get(item)
        found[item] = _Portion(item, usd, stays + before.parts) if before else _Portion(item, usd, stays)
        for row, part in zip(rows, moved, strict=True):
            own = row.revenue_usd_per_unit
            follow(row.successor, usd if own is None else own, parts * part)

    follow(share.item, None, np.ones_like(times))
    return list(found.values())


def _moved(world: World, row: Transition, times: Floats) -> Floats:
    clock = world.settings.second_of
    moved: Floats = np.interp(times, [clock(row.from_date), clock(row.until)], [0.0, row.share])
    return moved


def _last_orders(world: World, edges: Whole, found: list[AskedFor], draws: Draws | None) -> list[AskedFor]:
    """The same, with all that is wanted after an item's last order, and its spare units, in the week of that order."""
    spare = _spare_units(world, found, draws)
    bought = []
    for number, each in enumerate(found):
        row = _last(world, each)
        if row is None or row.last_order is None:
            bought.append(each)
            continue
        last_s = world.settings.second_of(row.last_order) + DAY_S
        units = each.units.copy()
        week = int(np.searchsorted(edges[1:], last_s))
        units[week:] = units[-1] + spare[number]
        bought.append(replace(each, units=units if last_s > edges[0] else np.zeros_like(units)))
    return bought


def _last(world: World, asked: AskedFor) -> Transition | None:
    """The row that says when an item can be asked for at a place for the last time."""
    rows = transitions_of(world.transitions, asked.item, asked.shares[0].customer, asked.shares[0].site)
    return next((row for row in rows if row.last_order is not None), None)


def _spare_units(world: World, found: list[AskedFor], draws: Draws | None) -> list[float]:
    """The spare units that each demand asks for: a row's by the rates of its demands on the day of the last order."""
    rows = [_last(world, each) for each in found]
    weights = np.zeros(len(found))
    for number, (each, row) in enumerate(zip(found, rows, strict=True)):
        if row is not None and row.last_order is not None and row.spare_units:
            at_s = np.array([float(world.settings.second_of(row.last_order))])
            weights[number] = (_part(world, each.shares, at_s) * _rate(world, each.driver, at_s, draws))[0]
    spare = [0.0] * len(found)
    for number, row in enumerate(rows):
        if row is not None and weights[number]:
            spare[number] = row.spare_units * weights[number] / sum(weights[at] for at in _alike(rows, row))
    return spare


def _alike(rows: list[Transition | None], row: Transition) -> list[int]:
    return [at for at, other in enumerate(rows) if other == row]
