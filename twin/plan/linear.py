"""A linear programme grown in blocks of columns, rows and entries, and its solution by OR-Tools."""

from __future__ import annotations

import threading
import time
from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from twin.model.problems import RunError
from twin.plan.record import PlanStatus

if TYPE_CHECKING:
    from ortools.math_opt.python import mathopt

Reals = NDArray[np.float64]
Indexes = NDArray[np.int64]
Flags = NDArray[np.bool_]

ABSENT = -1
"""Stands in an index where a column or row was dropped."""
SIMPLEX_COLUMNS = 4000
"""Up to so many columns the simplex method is as fast as the interior point."""
OPTIMALITY = 1e-9
"""Of the interior point: relative gap between value and bound."""
SOLVER_ERRORS = (AttributeError, RuntimeError, ValueError)
"""What an internal error of a solver comes as; MathOpt 9.15 tells it by an AttributeError of its own."""
NEGLIGIBLE = 1e-11
"""Entries smaller than this, after scaling, are rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """Values by column and prices by row and column, all in the units of the programme's maker.

    `row_prices` is the change of the objective per unit of a row's limit, `column_prices`
    the change per unit of the bound that holds a column.
    """

    status: PlanStatus
    value: float
    bound: float
    values: Reals
    row_prices: Reals
    column_prices: Reals
    seconds: float


@dataclass(slots=True)
class LinearProgram:
    """Columns with bounds, cost and scale; rows with bounds and scale; a sparse matrix.

    `scale` is the size of one unit that the solver sees, so that a million chips and one
    rack are numbers of one order; it changes no answer.
    """

    columns: int = 0
    rows: int = 0
    _column_blocks: list[tuple[Reals, ...]] = field(default_factory=list)
    _row_blocks: list[tuple[Reals, ...]] = field(default_factory=list)
    _entries: list[tuple[Indexes, Indexes, Reals]] = field(default_factory=list)
    _prices: list[tuple[Indexes, Reals]] = field(default_factory=list)

    def add_columns(
        self, upper: Reals, *, cost: Reals | float = 0.0, scale: Reals | float = 1.0, whole: Reals | Flags | float = 0.0
    ) -> Indexes:
        """Columns from 0 to `upper`, shaped like it; returns their indexes in that shape.

        Those that are `whole` take whole multiples of their scale only.
        """
        ids = np.arange(self.columns, self.columns + upper.size).reshape(upper.shape)
        self.columns += upper.size
        blocks = (np.asarray(block, np.float64) for block in (upper, cost, scale, whole))
        self._column_blocks.append(tuple(np.broadcast_to(block, upper.shape).ravel() for block in blocks))
        return ids

    def add_rows(self, lower: Reals, upper: Reals, *, scale: Reals | float = 1.0) -> Indexes:
        """Rows between two limits, shaped like `lower`; returns their indexes in that shape."""
        ids = np.arange(self.rows, self.rows + lower.size).reshape(lower.shape)
        self.rows += lower.size
        blocks = (
            np.broadcast_to(np.asarray(block, np.float64), lower.shape).ravel() for block in (lower, upper, scale)
        )
        self._row_blocks.append(tuple(blocks))
        return ids

    def add_entries(self, rows: Indexes, columns: Indexes, values: Reals | float) -> None:
        """Coefficients, added to what stands there; absent columns are passed over."""
        shape = np.broadcast_shapes(np.shape(rows), np.shape(columns), np.shape(values))
        flat_rows = np.broadcast_to(rows, shape).ravel()
        flat_columns = np.broadcast_to(columns, shape).ravel()
        flat_values = np.broadcast_to(np.asarray(values, np.float64), shape).ravel()
        keep = (flat_columns != ABSENT) & (flat_rows != ABSENT) & (flat_values != 0.0)
        self._entries.append((flat_rows[keep], flat_columns[keep], flat_values[keep]))

    def price(self, columns: Indexes, cost: Reals | float) -> None:
        """Costs per unit, added to what columns cost already; absent columns are passed over."""
        spread = np.broadcast_to(np.asarray(cost, np.float64), columns.shape)
        self._prices.append((columns[columns != ABSENT], spread[columns != ABSENT]))

    def fix(self, columns: Indexes, values: Reals, scale: Reals) -> None:
        """Columns to take given values from now on; absent ones are passed over."""
        here = columns != ABSENT
        rows = self.add_rows(values[here], values[here], scale=scale[here])
        self.add_entries(rows, columns[here], 1.0)

    def row_uses(self, values: Reals) -> Reals:
        """The left-hand side of every row at the given column values."""
        rows, columns, entries = self._matrix()
        uses = np.zeros(self.rows)
        np.add.at(uses, rows, entries * values[columns])
        return uses

    def solve(self) -> Solution:
        """The minimum, without a limit of time, so that the answer is always the same.

        No column is held to whole numbers.
        Small programmes go to GLOP, large ones to the interior point of HiGHS, ten times as
        fast there; where that ends in doubt, GLOP has the word.
        Raises RunError where the solver ends without one and the programme is neither
        infeasible nor unbounded.
        """
        started = time.perf_counter()
        scaled = replace(self.scaled(), whole=np.zeros(self.columns, np.bool_))
        result = _solve(scaled)
        return self.told(scaled, result, time.perf_counter() - started)

    def solve_whole(self, nodes: int, gap: float) -> Solution:
        """The minimum with whole columns, without prices: to a relative `gap`, or the best after `nodes` branches.

        Status `feasible` where nodes ran out before. Raises RunError as `solve` does.
        """
        started = time.perf_counter()
        scaled = self.scaled()
        result = _branch(model_of(scaled), nodes, gap)
        return self.told(scaled, result, time.perf_counter() - started)

    def scaled(self) -> Scaled:
        """The programme as the solver sees it."""
        lower, upper, row_scale = _joined(self._row_blocks)
        bound, cost, scale, whole = _joined(self._column_blocks)
        for ids, prices in self._prices:
            np.add.at(cost, ids, prices)
        return Scaled(
            scale=scale,
            whole=whole > 0,
            row_scale=row_scale,
            upper=bound / scale,
            cost=cost * scale,
            row_lower=lower / row_scale,
            row_upper=upper / row_scale,
            matrix=self._scaled_matrix(scale, row_scale),
        )

    def told(self, scaled: Scaled, result: mathopt.SolveResult, seconds: float) -> Solution:
        """A solver's result in the units of the programme's maker. Raises RunError as `solve` does."""
        status = _status(result)
        nothing = np.zeros(self.columns)
        priced = not scaled.whole.any()
        if status not in {"optimal", "feasible"}:
            return Solution(
                status=status,
                value=np.nan,
                bound=np.nan,
                values=nothing,
                row_prices=np.zeros(self.rows),
                column_prices=nothing,
                seconds=seconds,
            )
        return Solution(
            status=status,
            value=result.objective_value(),
            bound=result.dual_bound(),
            values=_dense(result.variable_values(), self.columns) * scaled.scale,
            row_prices=_dense(result.dual_values(), self.rows) / scaled.row_scale if priced else np.zeros(self.rows),
            column_prices=_dense(result.reduced_costs(), self.columns) / scaled.scale if priced else nothing,
            seconds=seconds,
        )

    def _matrix(self) -> tuple[Indexes, Indexes, Reals]:
        """Entries by row, then column, with those of one place added up."""
        rows, columns, values = (np.concatenate(parts) for parts in zip(*self._entries, strict=True))
        order = np.lexsort((columns, rows))
        rows, columns, values = rows[order], columns[order], values[order]
        first = np.ones(len(rows), bool)
        first[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
        sums = np.add.reduceat(values, np.flatnonzero(first)) if len(rows) else values
        return rows[first], columns[first], sums

    def _scaled_matrix(self, scale: Reals, row_scale: Reals) -> tuple[Indexes, Indexes, Reals]:
        rows, columns, values = self._matrix()
        values = values * scale[columns] / row_scale[rows]
        keep = np.abs(values) > NEGLIGIBLE
        return rows[keep], columns[keep], values[keep]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """The programme as the solver sees it, with the sizes of its columns and rows."""

    scale: Reals
    whole: Flags
    row_scale: Reals
    upper: Reals
    cost: Reals
    row_lower: Reals
    row_upper: Reals
    matrix: tuple[Indexes, Indexes, Reals]


def _joined(blocks: list[tuple[Reals, ...]]) -> tuple[Reals, ...]:
    return tuple(np.concatenate(parts) for parts in zip(*blocks, strict=True))


def _solve(scaled: Scaled) -> mathopt.SolveResult:
    model = model_of(scaled)
    if len(scaled.upper) > SIMPLEX_COLUMNS:
        result = _interior_point(model)
        if result is not None:
            return result
    return _simplex(model)


def model_of(scaled: Scaled) -> mathopt.Model:
    """A programme handed to the solver in bulk."""
    from ortools.math_opt import model_pb2
    from ortools.math_opt.python import mathopt

    proto = model_pb2.ModelProto()
    count = len(scaled.upper)
    proto.variables.ids.extend(range(count))
    proto.variables.lower_bounds.extend([0.0] * count)
    proto.variables.upper_bounds.extend(scaled.upper.tolist())
    proto.variables.integers.extend(scaled.whole.tolist())
    priced = np.flatnonzero(scaled.cost)
    proto.objective.linear_coefficients.ids.extend(priced.tolist())
    proto.objective.linear_coefficients.values.extend(scaled.cost[priced].tolist())
    proto.linear_constraints.ids.extend(range(len(scaled.row_lower)))
    proto.linear_constraints.lower_bounds.extend(scaled.row_lower.tolist())
    proto.linear_constraints.upper_bounds.extend(scaled.row_upper.tolist())
    rows, columns, values = scaled.matrix
    proto.linear_constraint_matrix.row_ids.extend(rows.tolist())
    proto.linear_constraint_matrix.column_ids.extend(columns.tolist())
    proto.linear_constraint_matrix.coefficients.extend(values.tolist())
    return mathopt.Model.from_model_proto(proto)


def solve_heard(
    model: mathopt.Model,
    solver: mathopt.SolverType,
    params: mathopt.SolveParameters,
    model_params: mathopt.ModelSolveParameters | None = None,
) -> mathopt.SolveResult:
    """MathOpt's `solve`, in a thread, so that an interrupt is heard while it works.

    Called straight, it swallows the interrupt, or tells it as an error of the solver.
    """
    from ortools.math_opt.python import mathopt

    found: list[mathopt.SolveResult] = []
    failed: list[Exception] = []

    def work() -> None:
        try:
            found.append(mathopt.solve(model, solver, params=params, model_params=model_params))
        except Exception as error:
            failed.append(error)

    # A daemon, since an interrupted programme is not to wait for it.
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(0.2)
    if failed:
        raise failed[0]
    return found[0]


def solve_to_basis(scaled: Scaled) -> tuple[mathopt.Model, mathopt.SolveResult]:
    """A programme solved to a corner, so that it can be asked again from there: the crossover, or GLOP."""
    model = model_of(scaled)
    result = _interior_point(model, crossover=True) if len(scaled.upper) > SIMPLEX_COLUMNS else None
    return model, result or _simplex(model)


def _simplex(model: mathopt.Model) -> mathopt.SolveResult:
    """The answer of GLOP; where it ends in numerical doubt, without presolve, then that of HiGHS."""
    from ortools.math_opt.python import mathopt

    plain = mathopt.SolveParameters()
    bare = mathopt.SolveParameters(presolve=mathopt.Emphasis.OFF)
    tries = ((mathopt.SolverType.GLOP, plain), (mathopt.SolverType.GLOP, bare), (mathopt.SolverType.HIGHS, plain))
    doubtful = {mathopt.TerminationReason.NUMERICAL_ERROR, mathopt.TerminationReason.OTHER_ERROR,
                mathopt.TerminationReason.IMPRECISE}  # fmt: skip
    result = None
    for solver, parameters in tries:
        try:
            result = solve_heard(model, solver, parameters)
        except SOLVER_ERRORS:
            continue
        if result.termination.reason not in doubtful:
            break
    if result is None:
        raise RunError("no solver came to an end with the plan's linear programme")
    return result


def _interior_point(model: mathopt.Model, *, crossover: bool = False) -> mathopt.SolveResult | None:
    """The optimum by HiGHS, or None where it fails.

    Without crossover, which fails on some plans: among equal optima the answer is then the
    one in the middle, with prices in the middle. With it, a corner and its basis. What presolve
    took out may come back with duals that do not fit, of which HiGHS then doubts: so it is
    asked again without presolve, in a fraction of the time of GLOP.
    """
    from ortools.math_opt.python import mathopt

    barrier = mathopt.SolveParameters(lp_algorithm=mathopt.LPAlgorithm.BARRIER)
    barrier.highs.string_options["run_crossover"] = "on" if crossover else "off"
    barrier.highs.double_options["ipm_optimality_tolerance"] = OPTIMALITY
    bare = copy(barrier)
    bare.presolve = mathopt.Emphasis.OFF
    for parameters in (barrier,) if crossover else (barrier, bare):
        try:
            result = solve_heard(model, mathopt.SolverType.HIGHS, parameters)
        except SOLVER_ERRORS:
            continue
        optimal = result.termination.reason == mathopt.TerminationReason.OPTIMAL
        if optimal and result.has_dual_feasible_solution() and (result.has_basis() or not crossover):
            return result
    return None


def _branch(model: mathopt.Model, nodes: int, gap: float) -> mathopt.SolveResult:
    """The answer of HiGHS to a programme with whole columns; where it fails, that of SCIP. One answer, no clock."""
    from ortools.math_opt.python import mathopt

    parameters = mathopt.SolveParameters(node_limit=nodes, relative_gap_tolerance=gap)
    for solver in (mathopt.SolverType.HIGHS, mathopt.SolverType.GSCIP):
        try:
            return solve_heard(model, solver, parameters)
        except SOLVER_ERRORS:
            continue
    raise RunError("no solver came to an end with the plan's programme of whole lots")


def _status(result: mathopt.SolveResult) -> PlanStatus:
    from ortools.math_opt.python import mathopt

    reason = result.termination.reason
    if reason == mathopt.TerminationReason.OPTIMAL:
        return "optimal"
    if reason == mathopt.TerminationReason.FEASIBLE:
        return "feasible"
    if reason == mathopt.TerminationReason.INFEASIBLE:
        return "infeasible"
    if reason in {mathopt.TerminationReason.UNBOUNDED, mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED}:
        return "unbounded"
    raise RunError(f"the supply plan was not solved: {reason.name.lower()}, {result.termination.detail}")


def _dense(by_element: dict[mathopt.Variable, float] | dict[mathopt.LinearConstraint, float], count: int) -> Reals:
    """A solver's map by element to an array by index."""
    ids = np.fromiter((element.id for element in by_element), np.int64, len(by_element))
    dense = np.zeros(count)
    dense[ids] = np.fromiter(by_element.values(), np.float64, len(by_element))
    return dense
