"""Thresholds of `--fail-if`: a condition on a KPI that makes the command end with 4."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from twin.cli.measured import keys_of
from twin.cli.output import number
from twin.model.problems import suggestion

if TYPE_CHECKING:
    from twin.events.result import Measure, RunResult
    from twin.model.scenario import Case

# The name of a place or step may hold blanks and commas.
_CONDITION = re.compile(r"\s*(?P<kpi>[A-Za-z_][^<>=]*?)\s*(?P<relation><=|>=|<|>)\s*(?P<limit>\S+)\s*")
_RELATIONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


_EACH = {
    "customer": "customer by customer",
    "status": "status by status",
    "driver": "driver by driver",
    "owner": "owner by owner",
    "service": "service by service",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A condition such as `on_time_in_full<0.9`; where it holds, the command fails."""

    kpi: str
    relation: str
    limit: float

    def __str__(self) -> str:
        return f"{self.kpi}{self.relation}{self.limit:g}"

    def fails(self, measure: Measure) -> str:
        """Why the measure fails the threshold, in words; empty where it does not.

        A KPI that is not defined in the run fails, since nothing shows that it is met.
        """
        if measure.value is None:
            return f"{self} cannot be ruled out: the measure is not defined in this run"
        if _RELATIONS[self.relation](measure.value, self.limit):
            return f"{self} holds: it is {number(measure.value)} {measure.unit}".rstrip()
        return ""


def parse_thresholds(texts: Sequence[str]) -> list[Threshold]:
    """Read conditions. Raises typer.BadParameter for one that cannot be read."""
    return [_parse(text) for text in texts]


def check_measures(thresholds: Sequence[Threshold], case: Case) -> None:
    """Before the run: whether it will have the measures, with the places, items or steps they are taken of.

    Raises typer.BadParameter for one that it will not have.
    """
    for threshold in thresholds:
        why = _not_there(threshold.kpi, case)
        if why:
            raise typer.BadParameter(why, param_hint="--fail-if")


def _not_there(name: str, case: Case) -> str:
    """Why a run of the case will not have a measure; blank where it will."""
    from twin.metrics.dictionary import KPIS

    measure, colon, key = name.partition(":")
    if measure not in KPIS:
        return f"there is no KPI '{name}': {suggestion(measure, KPIS, '')}"
    if KPIS[measure].level == "pair" and not case.scenario.disruptions:
        return f"{measure} compares a disrupted run with its baseline, and {case.scenario.name} has no disruption"
    keys = keys_of(measure, case.world)
    if keys is None:
        return f"{measure} is one number for all: leave out '{colon}{key}'" if colon else ""
    if key in keys:
        return ""
    if not colon:
        example = min(keys, default="")
        return f"{measure} is taken {_EACH.get(KPIS[measure].level, 'place by place')}: name one" + (
            f", such as '{measure}:{example}'" if example else ""
        )
    return f"{measure} is not taken of '{key}': {suggestion(key, keys, '')}"


def measures_of(result: RunResult) -> dict[str, Measure]:
    """All that a threshold may name: a run's measures, and those against its baseline by mean, times by median."""
    from twin.events.result import Measure

    paired = {
        name: Measure(value=each.median if each.mean is None else each.mean, unit=each.unit)
        for name, each in (result.resilience or {}).items()
    }
    return paired | result.kpis


def check_thresholds(thresholds: Sequence[Threshold], kpis: Mapping[str, Measure]) -> list[str]:
    """Which thresholds fail, in words. A measure that the run does not have is not defined in it."""
    from twin.events.result import Measure

    missing = Measure(value=None, unit="")
    reasons = [threshold.fails(kpis.get(threshold.kpi, missing)) for threshold in thresholds]
    return [reason for reason in reasons if reason]


def _parse(text: str) -> Threshold:
    match = _CONDITION.fullmatch(text)
    limit = _finite(match["limit"]) if match else None
    if match is None or limit is None:
        raise typer.BadParameter(
            f"cannot read '{text}': write a KPI, one of < <= > >=, and a number, such as 'on_time_in_full<0.9'",
            param_hint="--fail-if",
        )
    return Threshold(kpi=match["kpi"], relation=match["relation"], limit=limit)


def _finite(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value - value == 0 else None
