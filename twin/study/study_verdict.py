"""The verdict of a study: one paragraph that a planner would say aloud, composed from its numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from twin.events.result import Measure
from twin.events.study_result import CrossingTold, StudyResult
from twin.metrics.dictionary import kpi_of
from twin.study.flips import LEAST_RACKS, least_difference
from twin.study.verdict import rounded

RACKS, OWED = "racks_online", "backlog_end_racks"
TIME, CAPITAL = "time_to_token_days", "capital_days_usd_per_rack"
MILLION = 1_000_000
LEAST_LOSS_RACKS = 1.0


def headline(result: StudyResult) -> str:
    """Who brings racks to their first tokens sooner, in a line."""
    best = best_other(result)
    step = result.cell(best, result.calm).against_base.get(TIME)
    racks = result.cell(best, result.calm).against_base.get(RACKS)
    days = ""
    if step is not None and lean(step):
        side = "sooner" if (step.value or 0.0) < 0 else "later"
        days = f"a rack's first token comes {amount(step, 'days')} {side}"
    if no_gain_in_racks(result, best):
        return f"{_spoken(best)} gains no racks over {result.base}" + (f"; {days}" if days else "")
    if racks is not None and lean(racks):
        side = "more" if (racks.value or 0.0) > 0 else "fewer"
        told = f"{_spoken(best)} brings {amount(racks, 'racks')} {side} online than {result.base}"
        return told + (f"; {days}" if days else "")
    return f"{_spoken(best)}: {days}" if days else f"{_spoken(best)} and {result.base} do not differ beyond luck"


def verdict(result: StudyResult) -> str:
    """One paragraph: racks and time, what they cost, where it loses, where the choice flips, what it hangs on."""
    best = best_other(result)
    parts = [*_racks_and_time(result, best), *_costs(result, best), *_unbeaten(result), *_situations(result, best)]
    parts += [_crossing(each) for each in result.crossings]
    parts += _doubts(result)
    return " ".join(f"{part[0].upper()}{part[1:]}." for part in parts if part)


def best_other(result: StudyResult) -> str:
    """The configuration that the base is to be weighed against: fewest racks owed while nothing happens, then soonest.

    Differences within luck do not count.
    """
    others = [each.name for each in result.configurations if each.name != result.base]

    def rank(name: str) -> tuple[float, float]:
        steps = result.cell(name, result.calm).against_base
        owed, days = steps.get(OWED), steps.get(TIME)
        return (
            0.0 if owed is None or no_gain_in_racks(result, name) else -(owed.value or 0.0),
            -(days.value or 0.0) if days is not None and lean(days) else 0.0,
        )

    return max(others, key=rank)


def no_gain_in_racks(result: StudyResult, name: str) -> bool:
    """Whether as many racks are still owed as with the base, at the end and while nothing happens.

    Racks online tell less: who is short of crews builds ahead of what is due, and who has a day
    one of its own may begin with racks owed.
    """
    step = result.cell(name, result.calm).against_base.get(OWED)
    base = result.cell(result.base, result.calm).kpis.get(RACKS)
    if step is None or step.value is None or base is None:
        return False
    return not lean(step) or abs(step.value) <= float(least_difference(kpi_of(RACKS), np.array(abs(base.value or 0.0))))


def lean(step: Measure) -> int:
    """Whether a difference lies above or below zero beyond luck, and is of a size to speak of, else 0."""
    if not step.value or (step.low is not None and step.high is not None and step.low <= 0 <= step.high):
        return 0
    least = LEAST_RACKS if step.unit == "racks" else 0.05 if step.unit == "d" else 0.0
    return 0 if abs(step.value) <= least else 1 if step.value > 0 else -1


def amount(step: Measure, unit: str) -> str:
    """The size of a difference with its interval, such as `3.1 days (2.8 to 3.4)`."""
    if step.value is None:
        return f"an unknown number of {unit}"
    ends = sorted(abs(end) for end in (step.low, step.high) if end is not None and math.isfinite(end))
    same_side = step.low is not None and step.high is not None and step.low * step.high > 0
    text = [rounded(end, 2) for end in ends]
    spread = f" ({' to '.join(text)})" if same_side and len(set(text)) == 2 else ""
    return f"{rounded(abs(step.value), 2)} {unit}{spread}"


def _racks_and_time(result: StudyResult, best: str) -> Iterator[str]:
    cell = result.cell(best, result.calm)
    racks, days = cell.against_base.get(RACKS), cell.against_base.get(TIME)
    weeks = result.report_weeks
    if no_gain_in_racks(result, best):
        yield f"{best} gains no racks over {result.base} in {weeks} weeks{_because(result, best)}"
    elif racks is not None and racks.value is not None:
        side = "more" if racks.value > 0 else "fewer"
        owed = cell.against_base.get(OWED)
        end = (
            f", and owes {amount(owed, 'racks')} {'more' if (owed.value or 0.0) > 0 else 'fewer'} at the end"
            if owed
            else ""
        )
        yield f"{best} brings {amount(racks, 'racks')} {side} online in {weeks} weeks than {result.base}{end}"
    if days is None or cell.kpis[TIME].value is None:
        return
    whole = f"{rounded(cell.kpis[TIME].value or 0.0, 2)} days after its order"
    if lean(days):
        side = "sooner" if (days.value or 0.0) < 0 else "later"
        yield f"a rack serves its first token {whole}, {amount(days, 'days')} {side}"
    else:
        yield f"a rack serves its first token {whole}, as with {result.base}"


def _because(result: StudyResult, best: str) -> str:
    """Why: nothing is owed, or what binds both."""
    owed = [result.cell(name, result.calm).kpis.get(OWED) for name in (best, result.base)]
    if all(each is not None and each.value is not None and each.value < LEAST_RACKS for each in owed):
        return ": both bring all that is due"
    gates = {each.name: each.gates for each in result.configurations}
    both = [gate for gate in gates[best] if gate in gates[result.base]]
    if not both:
        return ""
    return f": {both[0]} holds back both, wherever racks are assembled"


def _costs(result: StudyResult, best: str) -> Iterator[str]:
    cell = result.cell(best, result.calm)
    step = cell.against_base.get(CAPITAL)
    if step is not None and lean(step):
        side = "more" if (step.value or 0.0) > 0 else "less"
        yield f"a rack ties up {_money_days(step)} {side} capital on its way"
    freight = cell.against_base.get("freight_usd_per_rack")
    if freight is not None and lean(freight):
        side = "more" if (freight.value or 0.0) > 0 else "less"
        yield f"freight costs {rounded(abs(freight.value or 0.0))} dollars a rack {side}"


def _unbeaten(result: StudyResult) -> Iterator[str]:
    """Of more than two configurations, those that no other one beats in time and capital, among those that gain most.

    Who owes more racks than the best is left out: it may be quick for the few that it brings.
    """
    if len(result.configurations) < 3:
        return
    cells = {each.name: result.cell(each.name, result.calm) for each in result.configurations}
    owed = {name: _value(cell.kpis.get(OWED)) for name, cell in cells.items()}
    racks = max(abs(_value(cell.kpis.get(RACKS))) for cell in cells.values())
    least = float(least_difference(kpi_of(RACKS), np.array(racks)))
    kept = [name for name in cells if owed[name] <= min(owed.values()) + least]
    both = {name: (_value(cells[name].kpis.get(TIME)), _value(cells[name].kpis.get(CAPITAL))) for name in kept}
    found = [
        name
        for name, mine in both.items()
        if not any(its != mine and all(a <= b for a, b in zip(its, mine, strict=True)) for its in both.values())
    ]
    if len(kept) > 1:
        yield (
            f"of the {len(kept)} that owe fewest racks ({_listed(kept)}) nothing beats {_listed(found)} in both time "
            "and capital"
        )
    else:
        yield f"no other configuration owes so few racks as {kept[0]}"


def _value(measure: Measure | None) -> float:
    return measure.value or 0.0 if measure is not None else 0.0


def _money_days(step: Measure) -> str:
    large = abs(step.value or 0.0) >= MILLION
    factor = 1 / MILLION if large else 1.0
    scaled = Measure(
        value=(step.value or 0.0) * factor,
        low=None if step.low is None else step.low * factor,
        high=None if step.high is None else step.high * factor,
        unit=step.unit,
    )
    return amount(scaled, "million dollar-days" if large else "dollar-days")


def _situations(result: StudyResult, best: str) -> Iterator[str]:
    """Where the one or the other loses more racks, against its own calm."""
    worse: dict[str, list[str]] = {best: [], result.base: []}
    for situation in (each.name for each in result.situations if each.name != result.calm):
        lost = {name: result.cell(name, situation).loss["lost_in_report_racks"].mean or 0.0 for name in worse}
        if abs(lost[best] - lost[result.base]) < LEAST_LOSS_RACKS:
            continue
        loser, other = (best, result.base) if lost[best] > lost[result.base] else (result.base, best)
        worse[loser].append(f"{_said(situation)} ({rounded(max(lost[loser], 0.0))} racks against "
                            f"{rounded(max(lost[other], 0.0))})")  # fmt: skip
    for name, where in worse.items():
        if where:
            yield f"{name} loses more to {_listed(where)}"


def _crossing(told: CrossingTold) -> str:
    """Where the choice changes along a number, or that it does not."""
    if not told.points:
        return (
            f"from {_at(told, told.values[0].value)} to {_at(told, told.values[-1].value)} the choice does not change"
        )
    said = []
    for point in told.points:
        low, high = _number(told, point.low), _number(told, point.high)
        where = _at(told, point.value, f"{low} to {high}" if low != high else "")
        if point.turn == "flips":
            said.append(f"the choice flips at {where}: below, {point.before} is better, above, {point.after}")
        elif point.after:
            said.append(f"from {where} on {point.after} is better")
        else:
            said.append(f"from {where} on {point.before} is no longer better")
    return "; ".join(said)


def _at(told: CrossingTold, value: float, spread: str = "") -> str:
    """A value of a number in words: `2.9 crews`, `1.5 times today's crews (120 in all)`, `a yield of 0.62`."""
    name = _name_of(told)
    beside = [f"{rounded(value * told.now, 2)} in all"] if told.now is not None else []
    brackets = "; ".join([spread, *beside] if spread else beside)
    if told.scaled:
        text = f"{_number(told, value)} times today's {name}"
    elif max(each.value for each in told.values) <= 1:
        text = f"a {name} of {_number(told, value)}"
    else:
        text = f"{_number(told, value)} {name}"
    return f"{text} ({brackets})" if brackets else text


def _number(told: CrossingTold, value: float) -> str:
    return rounded(value, 3) + (f" {told.unit}" if told.unit else "")


def _name_of(told: CrossingTold) -> str:
    """The number by its name within a sentence: its title up to the first comma."""
    name = _said(told.title.partition(",")[0])
    return name if name[1:2].isupper() else f"{name[:1].lower()}{name[1:]}"


def _doubts(result: StudyResult) -> Iterator[str]:
    if not result.doubts:
        return
    broken = [each.estimate for each in result.doubts if not each.holds]
    if broken:
        yield f"the verdict hangs on {_listed(broken)}: within what is plausible of it, another is better or none"
    else:
        many = len(result.doubts)
        of_all = "the estimate" if many == 1 else f"all {many} estimates"
        yield f"it holds at the low and the high value of {of_all} asked"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _said(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").strip()


def _spoken(name: str) -> str:
    return name[:1].upper() + name[1:]
