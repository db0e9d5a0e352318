"""The most racks that a plan can bring, asked again and again with a few numbers changed.

Programmes that differ in a few numbers have nearly the same answer: each is solved by the
simplex method from the corner of one solved before, which takes a fraction of the time and
changes no answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from twin.disrupt.record import Availability
from twin.model.order_book import OrderLine
from twin.model.problems import RunError
from twin.model.state import State
from twin.network.record import Network
from twin.plan.buckets import plan_edges
from twin.plan.frame import plan_frame
from twin.plan.linear import SOLVER_ERRORS, Indexes, LinearProgram, Scaled, model_of, solve_heard
from twin.plan.make import build_program
from twin.plan.record import PlanOptions

if TYPE_CHECKING:
    from ortools.math_opt.python import mathopt

Statuses = NDArray[np.int8]

MOST_STEPS = 20_000
"""Of the simplex method from a corner; a few hundred are usual, and beyond this it is lost."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Corner:
    """Where a programme's optimum lies: the solver's status of every column and of every row, by index."""

    columns: Statuses
    rows: Statuses


def most_racks(
    network: Network,
    availability: Availability,
    state: State,
    orders: Sequence[OrderLine],
    options: PlanOptions,
    near: Corner | None = None,
) -> tuple[float, Corner | None]:
    """Racks accepted by the end of the bound, and the corner of the answer where none `near` is given.

    With the safety of the operational plan, since without it a bound catches up at once.
    A corner of a programme of another size is passed over. Where the simplex method ends in
    doubt, the answer is that of `LinearProgram.solve`, and there is no corner.
    Raises RunError when that fails too, or where no plan exists.
    """
    edges = plan_edges(network.world.settings, options, state.at_s)
    frame = plan_frame(network, availability, state, orders, edges, "bound", careful=True)
    program = build_program(frame, state)
    totals = [each[-1] for s, each in zip(frame.streams, program.total, strict=True) if s.item in frame.finished]
    counted = np.array(totals, np.int64)
    found = _by_simplex(program.linear.scaled(), counted, near)
    return found if found is not None else (_without_corner(program.linear, counted), None)


def _without_corner(linear: LinearProgram, counted: Indexes) -> float:
    solution = linear.solve()
    if solution.status != "optimal":
        raise RunError(f"no plan of the estimates can be made: the programme is {solution.status}")
    return float(solution.values[counted].sum())


def _by_simplex(scaled: Scaled, counted: Indexes, near: Corner | None) -> tuple[float, Corner | None] | None:
    """The sum of some columns at the optimum, by GLOP from a corner; None where it does not get there."""
    from ortools.math_opt.python import mathopt

    model = model_of(scaled)
    columns, rows = list(model.variables()), list(model.linear_constraints())
    asked = [columns[index] for index in counted]
    begins = mathopt.ModelSolveParameters(
        initial_basis=_basis(near, columns, rows),
        variable_values_filter=mathopt.VariableFilter(filtered_items=asked),
        dual_values_filter=mathopt.LinearConstraintFilter(filtered_items=[]),
        reduced_costs_filter=mathopt.VariableFilter(filtered_items=[]),
    )
    # Presolve would lose the corner.
    primal = mathopt.SolveParameters(
        lp_algorithm=mathopt.LPAlgorithm.PRIMAL_SIMPLEX, presolve=mathopt.Emphasis.OFF, iteration_limit=MOST_STEPS
    )
    try:
        result = solve_heard(model, mathopt.SolverType.GLOP, primal, begins)
    except SOLVER_ERRORS:
        return None
    if result.termination.reason != mathopt.TerminationReason.OPTIMAL:
        return None
    values = result.variable_values()
    racks = sum(values[column] * float(scaled.scale[column.id]) for column in asked)
    return racks, _corner(result.solutions[0].basis) if near is None else None


def _basis(
    near: Corner | None, columns: list[mathopt.Variable], rows: list[mathopt.LinearConstraint]
) -> mathopt.Basis | None:
    from ortools.math_opt.python import mathopt

    if near is None or (len(near.columns), len(near.rows)) != (len(columns), len(rows)):
        return None
    status = {each.value: each for each in mathopt.BasisStatus}
    return mathopt.Basis(
        variable_status={column: status[code] for column, code in zip(columns, near.columns.tolist(), strict=True)},
        constraint_status={row: status[code] for row, code in zip(rows, near.rows.tolist(), strict=True)},
    )


def _corner(basis: mathopt.Basis | None) -> Corner | None:
    if basis is None:
        return None
    columns, rows = basis.variable_status, basis.constraint_status
    return Corner(
        columns=np.array([columns[each].value for each in sorted(columns, key=lambda each: each.id)], np.int8),
        rows=np.array([rows[each].value for each in sorted(rows, key=lambda each: each.id)], np.int8),
    )
