"""Operations of one log set against the same ones of another: at which site, and how much earlier or later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twin.metrics.rows import Floats, Whole, sum_of_products
from twin.metrics.view import View
from twin.model.units import WEEK_S

Place = tuple[str, str, str]
"""(site, step, "") of racks, (site, "", "") of all their steps there, (site, process, item made) of lots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Work at one place of the first log: how much is begun in the report window of each, and how it moved.

    `matched` are those begun in the report window of the first that the second has as well, at
    any time; of them `elsewhere` are at another site, `earlier` and `later` by more than a week.
    `mean_s` is by how much they begin later in the mean.
    """

    first: float
    second: float
    matched: float = 0.0
    elsewhere: float = 0.0
    earlier: float = 0.0
    later: float = 0.0
    mean_s: float = 0.0


def step_shifts(first: View, second: View) -> dict[Place, Shift]:
    """By site and step: first attempts of racks, matched by order, number within it and name of the step.

    A rack that goes through a step of one name at several sites is matched in its order of them.
    """
    before, after = _Attempts.of(first), _Attempts.of(second)
    here, there = before.matched(after)
    shift_s = after.began_s[there] - before.began_s[here]
    moved = (
        np.array(before.sites, dtype=object)[before.place[here]]
        != np.array(after.sites, dtype=object)[after.place[there]]
    )
    counted = before.began_s[here] <= first.log.report_s
    totals = before.begun(first.log.report_s), after.begun(second.log.report_s)
    shifts: dict[Place, Shift] = {}
    for place in sorted({*totals[0], *totals[1]}):
        mine = np.flatnonzero(counted & (before.place[here] == before.number(place)))
        shifts[place] = _shift(
            (totals[0].get(place, 0.0), totals[1].get(place, 0.0)),
            shift_s[mine],
            np.ones(len(mine)),
            float(moved[mine].sum()),
        )
    return shifts


def process_shifts(first: View, second: View) -> dict[Place, Shift]:
    """By site, process and item made in lots: the n-th unit started there against the n-th of the second."""
    before, after = _lot_starts(first), _lot_starts(second)
    nothing = (np.empty(0), np.empty(0))
    shifts: dict[Place, Shift] = {}
    for place in sorted({*before, *after}):
        (times_1, units_1), (times_2, units_2) = before.get(place, nothing), after.get(place, nothing)
        counted = times_1 <= first.log.report_s
        in_window = (float(units_1[counted].sum()), float(units_2[times_2 <= second.log.report_s].sum()))
        shift_s, units = _unit_by_unit((times_1[counted], units_1[counted]), (times_2, units_2))
        shifts[place] = _shift(in_window, shift_s, units, 0.0)
    return shifts


def site_shifts(steps: Mapping[Place, Shift]) -> dict[Place, Shift]:
    """By site: all its steps together."""
    members: dict[Place, list[Shift]] = defaultdict(list)
    for (site, _, _), shift in steps.items():
        members[site, "", ""].append(shift)
    return {place: _together(shifts) for place, shifts in members.items()}


def _together(shifts: Sequence[Shift]) -> Shift:
    matched = sum(shift.matched for shift in shifts)
    return Shift(
        first=sum(shift.first for shift in shifts),
        second=sum(shift.second for shift in shifts),
        matched=matched,
        elsewhere=sum(shift.elsewhere for shift in shifts),
        earlier=sum(shift.earlier for shift in shifts),
        later=sum(shift.later for shift in shifts),
        mean_s=sum(shift.matched * shift.mean_s for shift in shifts) / matched if matched else 0.0,
    )


def _shift(in_window: tuple[float, float], shift_s: Floats, units: Floats, elsewhere: float) -> Shift:
    total = float(units.sum())
    return Shift(
        first=in_window[0],
        second=in_window[1],
        matched=total,
        elsewhere=elsewhere,
        earlier=float(units[shift_s < -WEEK_S].sum()),
        later=float(units[shift_s > WEEK_S].sum()),
        mean_s=sum_of_products(units, shift_s) / total if total else 0.0,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Attempts:
    """First attempts of racks' steps, one entry each: whose, where, when begun.

    `step` and `order` are positions in `steps` and `orders`; `place` one in `places`.
    """

    order: Whole
    step: Whole
    unit: Whole
    place: Whole
    began_s: Floats
    orders: tuple[str, ...]
    steps: tuple[str, ...]
    places: tuple[Place, ...]

    @classmethod
    def of(cls, view: View) -> _Attempts:
        """Those of racks that have an order, in order of their ends."""
        rows = view.all("step")
        rows = rows.where((rows.value <= 1) & (rows.order >= 0))
        names = {at: name.partition("/") for at, name in view.places("step").items()}
        steps = tuple(sorted({step for _, _, step in names.values()}))
        places = tuple(sorted({(site, step, "") for site, _, step in names.values()}))
        step_at, place_at = np.zeros(len(view.log.places), np.int64), np.zeros(len(view.log.places), np.int64)
        for at, (site, _, step) in names.items():
            step_at[at], place_at[at] = steps.index(step), places.index((site, step, ""))
        return cls(
            rows.order, step_at[rows.place], rows.unit, place_at[rows.place], rows.since_s,
            view.log.orders, steps, places,
        )  # fmt: skip

    @property
    def sites(self) -> list[str]:
        """The site of each place."""
        return [site for site, _, _ in self.places]

    def number(self, place: Place) -> int:
        """The position of a place, -1 where nothing is done there."""
        return self.places.index(place) if place in self.places else -1

    def begun(self, report_s: float) -> dict[Place, float]:
        """By place: how many are begun in the report window."""
        counts = np.bincount(self.place[self.began_s <= report_s], minlength=len(self.places))
        return {place: float(count) for place, count in zip(self.places, counts.tolist(), strict=True) if count}

    def matched(self, other: _Attempts) -> tuple[Whole, Whole]:
        """Positions here and in `other` of attempts that both have."""
        orders, steps = _numbers(self.orders, other.orders), _numbers(self.steps, other.steps)
        units = 1 + max(int(each.unit.max(initial=0)) for each in (self, other))
        keys = [
            (np.array([orders[name] for name in each.orders], np.int64)[each.order] * len(steps)
             + np.array([steps[name] for name in each.steps], np.int64)[each.step]) * units + each.unit
            for each in (self, other)
        ]  # fmt: skip
        ranks = [_occurrence(key) for key in keys]
        most = 1 + max(int(rank.max(initial=0)) for rank in ranks)
        _, here, there = np.intersect1d(
            keys[0] * most + ranks[0], keys[1] * most + ranks[1], assume_unique=True, return_indices=True
        )
        return here, there


def _numbers(first: Sequence[str], second: Sequence[str]) -> dict[str, int]:
    return {name: at for at, name in enumerate(dict.fromkeys((*first, *second)))}


def _occurrence(keys: Whole) -> Whole:
    """For each entry how many of its key stand before it."""
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    result = np.empty(len(keys), np.int64)
    result[order] = np.arange(len(keys)) - np.searchsorted(ranked, ranked)
    return result


def _lot_starts(view: View) -> dict[Place, tuple[Floats, Floats]]:
    """By place: seconds at which lots start and their gross units, in order."""
    rows = view.all("started")
    rows = rows.where(rows.unit < 0)
    processes = view.places("process")
    starts: dict[Place, tuple[Floats, Floats]] = {}
    for at, item in np.unique(np.stack((rows.place, rows.item), axis=1), axis=0).tolist():
        process, _, site = processes[at].rpartition("@")
        mine = rows.where((rows.place == at) & (rows.item == item))
        starts[site, process, view.log.items[item]] = (mine.time_s, mine.quantity)
    return starts


def _unit_by_unit(first: tuple[Floats, Floats], second: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """How much later the n-th unit of the second starts than that of the first, and of how many units that is so.

    Each is given as seconds of lots and their units, in order; units beyond the smaller total are left out.
    """
    sums = [np.cumsum(units) for _, units in (first, second)]
    most = min((float(total[-1]) if len(total) else 0.0) for total in sums)
    ends = np.unique(np.concatenate([total[total <= most] for total in (*sums, np.array([most]))]))
    ends = ends[ends > 0]
    lots = [np.searchsorted(total, ends, side="left") for total in sums]
    return second[0][lots[1]] - first[0][lots[0]], np.diff(ends, prepend=0.0)
