"""The verdict of a run in a planner's words, rounded to what is known."""

from __future__ import annotations

import math
from collections.abc import Sequence

from twin.events.result import Measure, RecoveryMeasure
from twin.model.scenario import Case

FEW_RUNS = 5
"""Below it, a verdict warns that its times hang on few."""


def rounded(value: float, figures: int = 2) -> str:
    """A number in words of two significant figures, with thousands apart; never `-0`."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "an unknown number of"
    digits = figures - 1 - math.floor(math.log10(abs(value)))
    if value == round(value):
        digits = min(digits, 0)
    return f"{round(value, digits) + 0.0:,.{max(digits, 0)}f}"


def between(low: float | None, high: float | None, figures: int = 2) -> str:
    """`low to high`, rounded; where both round alike, `give or take` half the width; empty without an interval."""
    if low is None or high is None or low == high:
        return ""
    ends = rounded(low, figures), rounded(high, figures)
    return f"give or take {rounded((high - low) / 2, 1)}" if ends[0] == ends[1] else " to ".join(ends)


def baseline_verdict(case: Case, kpis: dict[str, Measure], limits: Sequence[str], estimates: Measure | None) -> str:
    """What is accepted, how much of what was due, and what holds it back."""
    accepted, due = kpis["racks_accepted"], kpis["racks_due"]
    if not accepted.value and not due.value:
        return "Nothing is ordered in this world."
    assert accepted.value is not None
    assert due.value is not None
    weeks = case.world.settings.report_weeks
    parts = [f"{_capital(rounded(accepted.value, 3))} racks are accepted in {weeks} weeks"]
    parts += _interval(accepted, estimates, 3)
    late = due.value - accepted.value
    text = "".join(parts) + f", of {rounded(due.value, 3)} due"
    text += f": {rounded(late)} are late at the end." if late >= 1 else "."
    return text + (f" What holds it back most: {', then '.join(limits[:2])}." if limits else "")


def disrupted_verdict(
    case: Case,
    measures: dict[str, RecoveryMeasure],
    estimates: Measure | None,
    survive_days: float | None,
) -> str:
    """When racks first run short, how many are lost or late, and when it is over."""
    name = case.scenario.title or case.scenario.name
    lost = measures["lost_in_report_racks"]
    mean = lost.mean if lost.mean is not None else (lost.median or 0.0)
    if mean < 1 and (measures["peak_shortfall_racks"].mean or 0.0) < 1:
        return f"{name}: no rack is late for it."
    interval = Measure(value=mean, low=lost.low, high=lost.high, unit="racks")
    text = f"{name}: {_difference(interval)} accepted by the end of the report window"
    text += "".join(_interval(interval, estimates, 2)) + "."
    shortage = measures["time_to_first_shortage_days"].median
    if shortage is not None:
        text += f" Racks first run short {rounded(shortage)} days after it starts"
        text += _survival(survive_days)
    text += " " + _recovery("Weekly output", "back to normal", measures["supply_recovery_days"])
    text += " " + _recovery("The backlog", "cleared", measures["service_recovery_days"])
    runs = case.scenario.replications
    return text if runs >= FEW_RUNS else f"{text} Of {runs} run{'' if runs == 1 else 's'} only: take the days as rough."


def _difference(lost: Measure) -> str:
    """Racks lost in words; with an interval that holds zero, no difference is clear."""
    mean, low, high = lost.value or 0.0, lost.low, lost.high
    if low is not None and high is not None and low <= 0 <= high:
        return "no clear difference in racks"
    return f"{rounded(abs(mean))} {'fewer' if mean >= 0 else 'more'} racks are"


def _interval(measure: Measure, estimates: Measure | None, figures: int) -> list[str]:
    luck = between(measure.low, measure.high, figures)
    guess = between(estimates.low, estimates.high, figures) if estimates else ""
    words = [f"{luck} by luck" if luck else "", f"{guess} over the estimates" if guess else ""]
    said = "; ".join(word for word in words if word)
    return [f" ({said})"] if said else []


def _survival(days: float | None) -> str:
    if days is None:
        return "."
    if math.isinf(days):
        return "; stock and pipeline, perfectly shared, would last longer than the trouble itself."
    return f"; stock and pipeline, perfectly shared, would last {rounded(days)} days."


def _recovery(what: str, done: str, measure: RecoveryMeasure) -> str:
    if measure.median is None:
        share = f" in {measure.not_reached:.0%} of replications" if measure.not_reached < 1 else ""
        return f"{what} is not {done} within the horizon{share}."
    late = "" if measure.p90 is None else rounded(measure.p90)
    slow = f" (nine in ten by day {late})" if late not in {"", rounded(measure.median)} else ""
    return f"{what} is {done} {rounded(measure.median)} days after it starts{slow}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
