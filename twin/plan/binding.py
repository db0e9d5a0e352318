"""What binds, and what one more unit of it is worth, read from the prices of a solution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from twin.model.units import WEEK_S
from twin.plan.limit import Limit
from twin.plan.linear import ABSENT, Reals, Solution
from twin.plan.program import Program
from twin.plan.record import Binding, Span

Flags = NDArray[np.bool_]

WORTH = 1e-4
"""Racks or rack-weeks for one more unit, and prices, below which a limit does not bind."""
FULL = 1.0 - 1e-5
"""A limit of which at least this part is used is full."""


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
        first[identity(binding)] = _in_both(known, binding) if known else binding
    return ranked(list(first.values()))


def _in_both(bound: Binding, operational: Binding) -> Binding:
    """One binding with the racks of the one plan, the rack-weeks of the other, and the periods of both."""
    periods = {(period.begins_s, period.ends_s): period for period in bound.periods}
    for period in operational.periods:
        times = (period.begins_s, period.ends_s)
        periods[times] = replace(period, racks=periods[times].racks if times in periods else 0.0)
    both = tuple(periods[times] for times in sorted(periods))
    return replace(operational, racks_per_unit=bound.racks_per_unit, periods=both)


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
    gains = np.maximum(-price * per_unit, 0.0)
    return np.where(gains > WORTH, gains, 0.0), per_unit


def binds_in(limit: Limit, gains: Reals, used: Reals) -> Flags:
    """The periods in which a limit binds: those in which a unit has a worth.

    Of a lasting one, those too in which it is full right before, at the same limit: more in
    the last of them alone would be stopped there.
    """
    binds = gains > 0
    if limit.lasting:
        full = used + limit.already >= limit.limit * FULL
        for index in range(len(binds) - 2, -1, -1):
            alike = limit.limit[index] == limit.limit[index + 1]
            binds[index] |= alike and full[index] and binds[index + 1]
    return binds


def used_of(limit: Limit, solution: Solution, uses: Reals) -> Reals:
    """By period: what is used of a limit; `uses` are the left-hand sides of all rows."""
    if limit.columns is not None:
        return np.where(limit.columns == ABSENT, 0.0, solution.values[limit.columns])
    if limit.rows is not None:
        return np.where(limit.rows == ABSENT, 0.0, uses[limit.rows])
    return np.zeros(len(limit.limit))


def _binding(program: Program, limit: Limit, solution: Solution, uses: Reals) -> Binding | None:
    bound = program.frame.objective == "bound"
    gains, per_unit = gains_of(limit, solution)
    used = used_of(limit, solution, uses)
    binding = binds_in(limit, gains, used)
    if not binding.any():
        return None
    mean = float(np.average(limit.limit[binding], weights=limit.weeks[binding]))
    return Binding(
        kind=limit.kind,
        name=limit.name,
        site=limit.site,
        item=limit.item,
        unit=limit.unit,
        limit=mean,
        load=_load(limit, used, per_unit, binding),
        periods=_periods(limit, gains, binding, bound=bound),
        racks_per_unit=float(gains.sum()) if bound else 0.0,
        rack_weeks_per_unit=0.0 if bound else float(gains.sum()),
        source=limit.source,
        confidence=_confidence(program, limit.source),
    )


def _periods(limit: Limit, gains: Reals, binding: Flags, *, bound: bool) -> tuple[Span, ...]:
    """Where a limit binds, with what a unit there is worth."""
    return tuple(
        Span(
            begins_s=int(limit.begins_s[index]),
            ends_s=int(limit.begins_s[index]) + round(float(limit.weeks[index]) * WEEK_S),
            racks=float(gains[index]) if bound else 0.0,
            rack_weeks=0.0 if bound else float(gains[index]),
        )
        for index in np.flatnonzero(binding)
    )


def _load(limit: Limit, used: Reals, per_unit: Reals, binding: Flags) -> float:
    """Use over limit where both are amounts; a share that binds is used in full."""
    if limit.kind in {"sourcing", "allocation"}:
        return 1.0
    most = float(np.dot(limit.limit[binding], per_unit[binding]))
    return float((used[binding] + limit.already).sum()) / most if most > 0 else 1.0


def _confidence(program: Program, source: str) -> str:
    rows = program.frame.network.world.sources
    return next((row.confidence for row in rows if row.key == source), "")
