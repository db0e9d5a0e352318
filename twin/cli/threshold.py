"""Thresholds of `--fail-if`: a condition on a KPI that makes the command end with 4."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from twin.cli.output import number
from twin.model.problems import suggestion

if TYPE_CHECKING:
    from twin.events.result import Measure, RunResult
    from twin.model.scenario import Scenario

_CONDITION = re.compile(r"\s*(?P<kpi>[A-Za-z_][\w@:/.-]*)\s*(?P<relation><=|>=|<|>)\s*(?P<limit>\S+)\s*")
_RELATIONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
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


def check_measures(thresholds: Sequence[Threshold], scenario: Scenario) -> None:
    """Before the run: whether it will have the measures, as far as the dictionary tells.

    Raises typer.BadParameter for one that it will not have. The place after a colon is known only after the run.
    """
    from twin.metrics.dictionary import KPIS

    paired = bool(scenario.disruptions)
    names = {name for name, kpi in KPIS.items() if paired or kpi.level != "pair"}
    _refuse_unknown([threshold.kpi.partition(":")[0] for threshold in thresholds], names)


def measures_of(result: RunResult) -> dict[str, Measure]:
    """All that a threshold may name: a run's measures, and those against its baseline by mean, times by median."""
    from twin.events.result import Measure

    paired = {
        name: Measure(value=each.median if each.mean is None else each.mean, unit=each.unit)
        for name, each in (result.resilience or {}).items()
    }
    return paired | result.kpis


def check_thresholds(thresholds: Sequence[Threshold], kpis: Mapping[str, Measure]) -> list[str]:
    """Which thresholds fail, in words. Raises typer.BadParameter for a KPI that the run does not have."""
    _refuse_unknown([threshold.kpi for threshold in thresholds], kpis)
    reasons = [threshold.fails(kpis[threshold.kpi]) for threshold in thresholds]
    return [reason for reason in reasons if reason]


def _refuse_unknown(names: Sequence[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"there is no KPI '{name}': {suggestion(name, known, '')}", param_hint="--fail-if")


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
