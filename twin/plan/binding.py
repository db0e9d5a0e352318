"""What binds, and what one more unit of it is worth, read from the prices of a solution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from twin.plan.limit import Limit
from twin.plan.linear import ABSENT, Reals, Solution
from twin.plan.program import Program
from twin.plan.record import Binding

WORTH = 1e-4
"""Racks or rack-weeks for one more unit, and prices, below which a limit does not bind."""


def bindings_of(program: Program, solution: Solution) -> tuple[Binding, ...]:
    """The limits that hold a solved plan back, worth most first."""
    uses = program.linear.row_uses(solution.values)
    found = [_binding(program, limit, solution, uses) for limit in program.limits]
    return ranked([binding for binding in found if binding is not None])


def merged(operational: Sequence[Binding], bound: Sequence[Binding]) -> tuple[Binding, ...]:
    """Bindings of both plans: racks from the bound, rack-weeks and load from the operational plan."""
    first = {identity(binding): binding for binding in bound}
    for binding in operational:
        known = first.get(identity(binding))
        racks = known.racks_per_unit if known else 0.0
        first[identity(binding)] = replace(binding, racks_per_unit=racks)
    return ranked(list(first.values()))


def ranked(bindings: Sequence[Binding]) -> tuple[Binding, ...]:
    """By the rack-weeks, then the racks, that a tenth more of the limit brings; then by name."""

    def worth(binding: Binding) -> tuple[float, float, str]:
        return (
            -binding.rack_weeks_per_unit * binding.limit,
            -binding.racks_per_unit * binding.limit,
            f"{binding.kind} {binding.name} {binding.item}",
        )

    return tuple(sorted(bindings, key=worth))


def identity(thing: Binding | Limit) -> tuple[str, str, str, str]:
    """What a limit and its binding have in common."""
    return (thing.kind, thing.name, thing.site, thing.item)


def gains_of(limit: Limit, solution: Solution) -> tuple[Reals, Reals]:
    """By period: what one more unit of a limit lowers the objective by, where that counts; the rise of its bound."""
    ids = limit.columns if limit.columns is not None else limit.rows
    prices = solution.column_prices if limit.columns is not None else solution.row_prices
    per_unit = limit.per_unit(solution.values) if callable(limit.per_unit) else limit.per_unit
    if ids is None:
        return np.zeros(len(limit.limit)), per_unit
    price = np.where(ids == ABSENT, 0.0, prices[ids])
    # More of a limit lowers the objective; the other sign is a column at zero.
    gains = np.maximum(-price, 0.0) * per_unit
    return np.where(gains > WORTH, gains, 0.0), per_unit


def _binding(program: Program, limit: Limit, solution: Solution, uses: Reals) -> Binding | None:
    bound = program.frame.objective == "bound"
    ids = limit.columns if limit.columns is not None else limit.rows
    gains, per_unit = gains_of(limit, solution)
    binding = gains > 0
    if ids is None or not binding.any():
        return None
    used = np.where(ids == ABSENT, 0.0, solution.values[ids] if limit.columns is not None else uses[ids])
    weeks = limit.weeks[binding]
    mean = float(np.average(limit.limit[binding], weights=weeks))
    return Binding(
        kind=limit.kind,
        name=limit.name,
        site=limit.site,
        item=limit.item,
        unit=limit.unit,
        limit=mean,
        load=_load(limit, used, per_unit, binding),
        weeks_binding=float(weeks.sum()),
        first_binding_s=int(limit.begins_s[binding][0]),
        racks_per_unit=float(gains[binding].sum()) if bound else 0.0,
        rack_weeks_per_unit=0.0 if bound else float(gains[binding].sum()),
        source=limit.source,
        confidence=_confidence(program, limit.source),
    )


def _load(limit: Limit, used: Reals, per_unit: Reals, binding: np.ndarray) -> float:
    """Use over limit where both are amounts; a share that binds is used in full."""
    if limit.kind in {"sourcing", "allocation"}:
        return 1.0
    most = float(np.dot(limit.limit[binding], per_unit[binding]))
    return float((used[binding] + limit.already).sum()) / most if most > 0 else 1.0


def _confidence(program: Program, source: str) -> str:
    rows = program.frame.network.world.sources
    return next((row.confidence for row in rows if row.key == source), "")
