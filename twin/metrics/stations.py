"""Resources and steps: how busy, how long the queues, how good at the first attempt."""

from __future__ import annotations

from itertools import starmap

import numpy as np

from twin.metrics.rows import Floats, Whole, ratio, sum_of_products, tally
from twin.metrics.series import by_place, weeks_in
from twin.metrics.view import View
from twin.metrics.visits import Visits
from twin.model.units import HOUR_S


def utilisation(view: View) -> dict[str, float]:
    """By resource `SITE/NAME`: unit-seconds held over unit-seconds available in the report window."""
    rows = view.of("seized")
    count = len(view.log.places) + 1
    held = tally(rows.place, rows.quantity, count)
    available = tally(rows.place, np.nan_to_num(rows.value), count)
    return {name: ratio(held[at], available[at]) for at, name in view.places("resource").items() if available[at]}


def moved_operations(view: View) -> float:
    """Operations moved by new schedules in the report window; NaN where none had a schedule to stay with."""
    rows = view.of("planned")
    standing = np.nan_to_num(rows.value)
    return float(rows.quantity.sum()) if standing.any() else float("nan")


def expired_waits(view: View) -> float:
    """Steps repeated because the next did not begin in time, in the report window."""
    return float(len(view.of("expired")))


def conversions(view: View) -> float:
    """Units whose conversion begins in the report window; NaN where no item converts."""
    rows = view.of("started")
    begun = float(rows.quantity[view.is_conversion[rows.place]].sum())
    return begun if view.facts.conversions else float("nan")


def weekly_utilisation(view: View) -> dict[str, Floats]:
    """By resource `SITE/NAME`: held over available, week by week of the log; 0 where none is."""
    rows = view.all("seized")
    weeks = weeks_in(view)
    held = by_place(view, rows.place, rows.time_s, rows.quantity, weeks)
    available = by_place(view, rows.place, rows.time_s, np.nan_to_num(rows.value), weeks)
    share = np.divide(held, available, out=np.zeros_like(held), where=available > 0)
    return {name: share[at] for at, name in view.places("resource").items() if available[at].any()}


def mean_wait_hours(view: View) -> dict[str, float]:
    """By step `SITE/NAME`: mean time in its queue, over attempts begun in the report window."""
    seen = _begun_in_window(view)
    return _by_step(view, seen.place, seen.wait_s / HOUR_S)


def delayed_share(view: View) -> dict[str, float]:
    """By step `SITE/NAME`: share of attempts begun in the report window that had to wait."""
    seen = _begun_in_window(view)
    return _by_step(view, seen.place, (seen.wait_s > 0).astype(np.float64))


def mean_number_waiting(view: View) -> dict[str, float]:
    """By step `SITE/NAME`: time average of the number in its queue over the report window."""
    seen, end_s = view.visits, view.log.report_s
    waited = np.clip(seen.began_s, 0, end_s) - np.clip(seen.came_s, 0, end_s)
    total = tally(seen.place, waited, len(view.log.places))
    return {name: float(total[at]) / end_s for at, name in view.places("step").items()}


def first_pass_yield(view: View) -> float:
    """First attempts of tested steps that passed, over all of them, in the report window."""
    tested, failed = _first_attempts(view)
    return ratio(tested.sum() - failed.sum(), tested.sum())


def rolled_throughput_yield(view: View) -> float:
    """Product over tested steps, taken together by name, of their first-pass yields."""
    tested, failed = _first_attempts(view)
    names = {at: name.rpartition("/")[2] for at, name in view.places("step").items()}
    product, any_tested = 1.0, False
    for step in sorted(set(names.values())):
        places = [at for at, name in names.items() if name == step]
        count = tested[places].sum()
        if count:
            any_tested = True
            product *= 1 - failed[places].sum() / count
    return product if any_tested else float("nan")


def escaped_per_rack(view: View) -> float:
    """Defects that passed the last gate of a site, per rack accepted, in the report window."""
    return ratio(float(view.of("escaped").quantity.sum()), view.racks_accepted)


def number_integral_s(came_s: Floats, left_s: Floats, start_s: float, end_s: float) -> float:
    """Integral over a window of the number in a station, swept event by event."""
    times = np.concatenate((came_s, left_s))
    change = np.concatenate((np.ones(len(came_s)), -np.ones(len(left_s))))
    order = np.argsort(times, kind="stable")
    edges = np.clip(np.append(times[order], end_s), start_s, end_s)
    return sum_of_products(np.cumsum(change[order]), np.diff(edges))


def time_sum_s(came_s: Floats, left_s: Floats, start_s: float, end_s: float) -> float:
    """Sum over units of the time each spent in a station within a window."""
    return float(np.sum(np.clip(left_s, start_s, end_s) - np.clip(came_s, start_s, end_s)))


def little_gaps_s(view: View) -> dict[str, float]:
    """By step `SITE/NAME`: number integrated minus times summed over the log; Little's law says 0."""
    seen = view.visits

    def gap(at: int, name: str) -> tuple[str, float]:
        here = seen.where(seen.place == at)
        window = (0.0, float(view.log.horizon_s))
        return name, number_integral_s(here.came_s, here.left_s, *window) - time_sum_s(
            here.came_s, here.left_s, *window
        )

    return dict(starmap(gap, view.places("step").items()))


def _begun_in_window(view: View) -> Visits:
    return view.visits.where(view.visits.began_s <= view.log.report_s)


def _by_step(view: View, place: Whole, values: Floats) -> dict[str, float]:
    count = tally(place, np.ones(len(place)), len(view.log.places))
    total = tally(place, values, len(view.log.places))
    return {name: ratio(total[at], count[at]) for at, name in view.places("step").items() if count[at]}


def _first_attempts(view: View) -> tuple[Floats, Floats]:
    """By place: first attempts of tested steps, and how many of them failed."""
    count = len(view.log.places)
    is_tested = np.zeros(count + 1, bool)
    for at, name in view.places("step").items():
        is_tested[at] = bool({name, "/" + name.partition("/")[2]} & view.facts.tested_steps)

    def first(event: str) -> Floats:
        rows = view.of(event)
        chosen = is_tested[rows.place] & (rows.value <= 1)
        return tally(rows.place, chosen, count)

    return first("step"), first("failed")
