"""How far a price holds: up to which increase of a limit the next unit is worth nearly what the first one is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twin.plan.binding import binds_in, gains_of, identity, used_of
from twin.plan.limit import Limit
from twin.plan.linear import SOLVER_ERRORS, Indexes, Reals, Scaled, Solution, solve_heard, solve_to_basis
from twin.plan.program import Program
from twin.plan.record import Binding

if TYPE_CHECKING:
    from ortools.math_opt.python import mathopt

HOLDS = 0.9
"""A price holds while the next unit is worth at least this part of it."""
MOST_PERCENT = 25.0
"""How far is looked: so many percent more of a limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum:
    """A programme at an optimal corner, with the solver's model and basis to go on from."""

    program: Program
    scaled: Scaled
    solution: Solution
    model: mathopt.Model
    basis: mathopt.Basis


def optimum_of(program: Program) -> Optimum | None:
    """The programme solved to a corner; None where it has no optimum or the solver no basis."""
    scaled = program.linear.scaled()
    model, result = solve_to_basis(scaled)
    solution = program.linear.told(scaled, result, 0.0)
    basis = result.solutions[0].basis if solution.status == "optimal" else None
    if basis is None:
        return None
    return Optimum(program=program, scaled=scaled, solution=solution, model=model, basis=basis)


def price_ranges(optimum: Optimum | None, bindings: Sequence[Binding]) -> dict[Binding, float]:
    """By binding: up to how many percent more of its limit the price holds, at most `MOST_PERCENT`.

    One at which the solver fails is left out.

    Of each limit by itself, with all others as they are, in every bucket where it binds in
    this programme; the price is the programme's own. A binding that does not bind here is
    left out, as all are where the programme has no optimum with a basis (None). The method is
    parametric: the increase becomes a column that costs `HOLDS` of the price per unit; the
    solver buys of it for as long as it is worth that.
    """
    if optimum is None:
        return {}
    limits = {identity(limit): limit for limit in optimum.program.limits}
    uses = optimum.program.linear.row_uses(optimum.solution.values)
    found: dict[Binding, float] = {}
    for binding in bindings:
        limit = limits.get(identity(binding))
        increase = None if limit is None else _increase(optimum, limit, uses)
        bought = None if increase is None else _bought(optimum, increase)
        if bought is not None:
            found[binding] = bought
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Increase:
    """One percent more of a limit: by how much the bounds of columns or rows rise, as the solver sees them."""

    of_columns: bool
    ids: Indexes
    rises: Reals
    worth: float
    """What it lowers the objective by, at the price."""


def _increase(optimum: Optimum, limit: Limit, uses: Reals) -> _Increase | None:
    ids = limit.columns if limit.columns is not None else limit.rows
    gains, per_unit = gains_of(limit, optimum.solution)
    binds = binds_in(limit, gains, used_of(limit, optimum.solution, uses))
    if ids is None or not binds.any():
        return None
    percent = float(np.average(limit.limit[binds], weights=limit.weeks[binds])) / 100.0
    scale = optimum.scaled.scale if limit.columns is not None else optimum.scaled.row_scale
    return _Increase(
        of_columns=limit.columns is not None,
        ids=ids[binds],
        rises=per_unit[binds] * percent / scale[ids[binds]],
        worth=float(gains.sum()) * percent,
    )


def _bought(optimum: Optimum, increase: _Increase) -> float | None:
    """Percent of the limit that are worth `HOLDS` of its price, by the simplex method from the optimum."""
    from ortools.math_opt.python import mathopt

    model = optimum.model
    more = model.add_variable(lb=0.0, ub=MOST_PERCENT)
    model.objective.set_linear_coefficient(more, HOLDS * increase.worth)
    columns = optimum.basis.variable_status | {more: mathopt.BasisStatus.AT_LOWER_BOUND}
    rows = dict(optimum.basis.constraint_status)
    held = _as_rows(model, increase, columns, rows) if increase.of_columns else []
    raised = [row for _, row, _ in held] or [model.get_linear_constraint(int(row)) for row in increase.ids]
    for row, rise in zip(raised, increase.rises, strict=True):
        row.set_coefficient(more, -float(rise))
    basis = mathopt.Basis(variable_status=columns, constraint_status=rows)
    bought = _value_from(model, basis, more)
    model.delete_variable(more)
    for column, row, upper in held:
        model.delete_linear_constraint(row)
        column.upper_bound = upper
    return bought


def _value_from(model: mathopt.Model, basis: mathopt.Basis, column: mathopt.Variable) -> float | None:
    """A column's value in the optimum that the simplex method reaches from a basis; None where it fails."""
    from ortools.math_opt.python import mathopt

    try:
        result = solve_heard(
            model,
            mathopt.SolverType.GLOP,
            mathopt.SolveParameters(presolve=mathopt.Emphasis.OFF, lp_algorithm=mathopt.LPAlgorithm.PRIMAL_SIMPLEX),
            mathopt.ModelSolveParameters(
                initial_basis=basis,
                variable_values_filter=mathopt.VariableFilter(filtered_items=[column]),
                dual_values_filter=mathopt.LinearConstraintFilter(filtered_items=[]),
                reduced_costs_filter=mathopt.VariableFilter(filtered_items=[]),
            ),
        )
    except SOLVER_ERRORS:
        return None
    return float(result.variable_values(column)) if result.has_primal_feasible_solution() else None


def _as_rows(
    model: mathopt.Model,
    increase: _Increase,
    columns: dict[mathopt.Variable, mathopt.BasisStatus],
    rows: dict[mathopt.LinearConstraint, mathopt.BasisStatus],
) -> list[tuple[mathopt.Variable, mathopt.LinearConstraint, float]]:
    """Upper bounds of columns told as rows, so that they can rise, in model and basis; with what they were."""
    from ortools.math_opt.python.mathopt import BasisStatus

    held = []
    for index in increase.ids:
        column = model.get_variable(int(index))
        row = model.add_linear_constraint(ub=column.upper_bound)
        row.set_coefficient(column, 1.0)
        held.append((column, row, column.upper_bound))
        column.upper_bound = float("inf")
        # A column at its upper bound is now free to rise, and its row is what stops it.
        at_limit = columns[column] in {BasisStatus.AT_UPPER_BOUND, BasisStatus.FIXED_VALUE}
        rows[row] = BasisStatus.AT_UPPER_BOUND if at_limit else BasisStatus.BASIC
        if at_limit:
            columns[column] = BasisStatus.BASIC
    return held
