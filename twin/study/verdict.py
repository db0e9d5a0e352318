"""The verdict of a run in a planner's words, rounded to what is known."""

from __future__ import annotations

import math
from collections.abc import Sequence

from twin.events.result import Measure, RecoveryMeasure
from twin.model.order_book import ordered
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


def between(low: float | None, high: float | None) -> str:
    """`low to high`, both cut where three figures of the larger end, as the page's tables cut them; never finer than 1.

    Where both would look alike, `give or take` half the width; empty without an interval.
    """
    if low is None or high is None or low == high:
        return ""
    place = min(0, 2 - math.floor(math.log10(max(abs(low), abs(high)))))
    ends = [f"{round(end, place) + 0.0:,.0f}" for end in (low, high)]
    return f"give or take {rounded((high - low) / 2, 1)}" if ends[0] == ends[1] else " to ".join(ends)


def baseline_verdict(case: Case, kpis: dict[str, Measure], limits: Sequence[str], estimates: Measure | None) -> str:
    """What is accepted, how much of what was due, and what holds it back."""
    accepted, due = kpis["racks_accepted"], kpis["racks_due"]
    if not accepted.value and not due.value:
        weeks = case.world.settings.report_weeks
        if case.world.demand:
            return "No racks are ordered: customers ask for goods from stock, which the fill rates tell of."
        return f"No order falls due in {weeks} weeks." if ordered(case.world) else "Nothing is ordered in this world."
    assert accepted.value is not None
    assert due.value is not None
    weeks = case.world.settings.report_weeks
    spread = (between(estimates.low, estimates.high) if estimates else "", "over the estimates")
    text = f"{_capital(rounded(accepted.value, 3))} racks are accepted in {weeks} weeks"
    text += _in_brackets((between(accepted.low, accepted.high), "by luck"), spread)
    late = due.value - accepted.value
    text += f", of {rounded(due.value, 3)} due"
    text += f": {rounded(late)} {'is' if rounded(late) == '1' else 'are'} late at the end." if late >= 1 else "."
    return text + (f" What holds it back most: {', then '.join(limits[:2])}." if limits else "")


def disrupted_verdict(
    case: Case,
    measures: dict[str, RecoveryMeasure],
    estimates: Measure | None,
    survive_days: float | None,
) -> str:
    """How many racks are lost or gained, when they first run short, and when it is over."""
    name = case.scenario.title or case.scenario.name
    lost = measures["lost_in_report_racks"]
    mean = lost.mean if lost.mean is not None else (lost.median or 0.0)
    if mean < 1 and (measures["peak_shortfall_racks"].mean or 0.0) < 1:
        return f"{name}: no rack is late for it."
    told = _direction(mean, lost)
    what = _difference(abs(mean), told, clear=lost.low is None or lost.low == lost.high)
    text = f"{name}: {what} accepted by the end of the report window"
    guess = (ends(estimates.low, estimates.high, told) if estimates else "", "over the estimates")
    text += _in_brackets((ends(lost.low, lost.high, told), "by luck"), guess) + "."
    text += _shortage(measures, told, survive_days)
    text += _recovery("Weekly output", "back to normal", measures["supply_recovery_days"])
    text += _recovery("The backlog", "cleared", measures["service_recovery_days"])
    runs = case.scenario.replications
    return text if runs >= FEW_RUNS else f"{text} Of {runs} run{'' if runs == 1 else 's'} only: take the days as rough."


def _direction(mean: float, lost: RecoveryMeasure) -> str:
    """`fewer` or `more`; blank where the interval, or without one the whole racks of the mean, hold zero."""
    if lost.low is not None and lost.high is not None and lost.low <= 0 <= lost.high:
        return ""
    if lost.low is None and round(mean) == 0:
        return ""
    return "fewer" if mean >= 0 else "more"


def _difference(racks: float, told: str, *, clear: bool) -> str:
    """How many racks more or fewer; without a word for that, no difference, or none that is clear."""
    if not told:
        return "no difference in racks" if clear else "no clear difference in racks"
    return f"{_racks(racks)} {told} {'rack is' if _racks(racks) == '1' else 'racks are'}"


def ends(low: float | None, high: float | None, told: str = "") -> str:
    """The ends of a number of racks lost, in words without a minus: a loss is `fewer`, a gain `more`, low before high.

    `told` is the word already said of the number, which is not said again.
    """
    if low is None or high is None:
        return ""
    low, high = min(low, high), max(low, high)
    if low < 0 < high:
        return f"from {_racks(-low)} more to {_racks(high)} fewer"
    side = "fewer" if high > 0 else "more"
    words = between(low, high) if side == "fewer" else between(-high, -low)
    return f"{words} {side}" if words and side != told else words


def _racks(value: float) -> str:
    """Racks of three figures at most, whole from one rack on."""
    return rounded(float(round(value)) if value >= 1 else value, 3)


def _in_brackets(*ways: tuple[str, str]) -> str:
    """Each interval with where it comes from, in one pair of brackets; blank where there is none."""
    said = "; ".join(f"{interval} {source}" for interval, source in ways if interval)
    return f" ({said})" if said else ""


def _shortage(measures: dict[str, RecoveryMeasure], told: str, survive_days: float | None) -> str:
    """When racks first run short; where no loss is clear at the end, that it is for a time, and how deep."""
    first = measures["time_to_first_shortage_days"].median
    if first is None:
        return " No shortage lasts." if told != "fewer" else ""
    on_paper = _survival(survive_days)
    if told == "fewer":
        return f" Racks first run short {rounded(first)} days after it starts{on_paper}"
    deep = _racks(measures["peak_shortfall_racks"].mean or 0.0)
    short = "run short" if measures["service_recovery_days"].median is None else "run short for a time"
    return f" On the way racks {short}, first {rounded(first)} days after it starts, by {deep} at the worst{on_paper}"


def _survival(days: float | None) -> str:
    if days is None:
        return "."
    if math.isinf(days):
        return "; by a sum that leaves out lead times, stock, pipeline and other sources would cover it."
    return f"; by a sum that leaves out lead times, stock, pipeline and other sources would last {rounded(days)} days."


def _recovery(what: str, done: str, measure: RecoveryMeasure) -> str:
    if measure.median is None:
        share = f" in {measure.not_reached:.0%} of replications" if measure.not_reached < 1 else ""
        return f" {what} is not {done} within the horizon{share}."
    if measure.median == 0:
        # It was never otherwise.
        return ""
    late = "" if measure.p90 is None else rounded(measure.p90)
    slow = f" (nine in ten by day {late})" if late not in {"", rounded(measure.median)} else ""
    return f" {what} is {done} {rounded(measure.median)} days after it starts{slow}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
