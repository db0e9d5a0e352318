"""The programme of rates asked again and again: with some gates raised, and with the price of raising others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twin.model.problems import RunError
from twin.plan.binding import gains_of
from twin.plan.linear import ABSENT, SOLVER_ERRORS, Flags, Reals, Solution, model_of, solve_heard
from twin.plan.rate_gates import Gate
from twin.plan.rates import MOST_RELIEF, RateProgram

if TYPE_CHECKING:
    from ortools.math_opt.python import mathopt

PERCENT = 0.01
MEMBER_PRICE = 1e-3
"""Of the price of a gate: what its members cost together, so that those which need no more get none."""
LASTING = ("readiness", "orders")
"""Kinds of gates whose use adds up from bucket to bucket."""
PRICED = 1e-9
"""Racks for as much again of a limit in one bucket, of all racks, up to which its row has no price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What the chain brings with limits raised by `relief`, one number by member: 1 is as much again, 0 none.

    Of members that are freed, 1 is given up. `worth` is by gate: racks that one percent more of
    it would bring at most (of one that is freed: a percentage point). `used` is by gate: use over limit, at the
    raised limits. `binds` is by member: the periods in which its limit has a price.
    """

    racks: float
    relief: Reals
    worth: Reals
    used: Reals
    binds: tuple[Flags, ...]


class RateSolver:
    """Keeps the solver's model and the corner of the last answer, from which the next one is near."""

    def __init__(self, rates: RateProgram) -> None:
        self.rates = rates
        self._model = model_of(rates.scaled)
        self._near: mathopt.Basis | None = None

    @property
    def nothing(self) -> Reals:
        """No relief of any member."""
        return np.zeros(len(self.rates.members))

    def level(
        self, relief: Reals, most: Mapping[int, float] | None = None, price: Mapping[int, float] | None = None
    ) -> Level:
        """The most racks at a relief, and with further relief of some gates where it brings any.

        `most` is by gate: up to which relief its members may be raised (freed where that is above
        what they have). `price` is by gate: what raising its highest member by as much again
        costs, in racks. Raises RunError where the solver fails.
        """
        most, price = most or {}, price or {}
        for number, gate in enumerate(self.rates.gates):
            self._set(gate, relief, most.get(number), price.get(number, 0.0))
        return self._told(self._solve(), relief, most)

    def _set(self, gate: Gate, relief: Reals, most: float | None, price: float) -> None:
        """Bounds and prices of the columns by which a gate is raised."""
        objective, rates = self._model.objective, self.rates
        ceiling = self._model.get_variable(gate.ceiling)
        members = np.array(gate.members)
        ceiling.lower_bound = float(relief[members].max()) if price and not gate.is_freed else 0.0
        objective.set_linear_coefficient(ceiling, price if not gate.is_freed else 0.0)
        for number in gate.members:
            least = float(relief[number])
            upper = max(least, most) if most is not None else least
            for column in rates.members[number].columns:
                variable = self._model.get_variable(int(column))
                if gate.is_freed:
                    variable.upper_bound = np.inf if upper > 0 else 0.0
                    continue
                variable.lower_bound, variable.upper_bound = min(least, upper), upper
                objective.set_linear_coefficient(variable, MEMBER_PRICE * price / len(members))

    def _solve(self) -> Solution:
        """The optimum, from the corner of the last one; anew where that ends in doubt."""
        from ortools.math_opt.python import mathopt

        primal = mathopt.SolveParameters(lp_algorithm=mathopt.LPAlgorithm.PRIMAL_SIMPLEX, presolve=mathopt.Emphasis.OFF)
        tries = [(mathopt.SolverType.GLOP, primal, self._near)] if self._near is not None else []
        tries += [
            (mathopt.SolverType.GLOP, primal, None),
            (mathopt.SolverType.GLOP, mathopt.SolveParameters(), None),
            (mathopt.SolverType.HIGHS, mathopt.SolveParameters(), None),
        ]
        for solver, parameters, basis in tries:
            try:
                begins = mathopt.ModelSolveParameters(initial_basis=basis)
                result = solve_heard(self._model, solver, parameters, begins)
            except SOLVER_ERRORS:
                continue
            if result.termination.reason == mathopt.TerminationReason.OPTIMAL and result.has_dual_feasible_solution():
                self._near = result.solutions[0].basis if solver == mathopt.SolverType.GLOP else None
                return self.rates.program.linear.told(self.rates.scaled, result, 0.0)
        raise RunError("no solver came to an end with the programme of rates")

    def _told(self, solution: Solution, before: Reals, most: Mapping[int, float]) -> Level:
        rates = self.rates
        relief = before.copy()
        for number in most:
            for member in rates.gates[number].members:
                column = int(rates.members[member].columns[0])
                relief[member] = 1.0 if rates.gates[number].is_freed else max(solution.values[column], before[member])
        racks = float(solution.values[rates.counted].sum())
        uses = rates.program.linear.row_uses(solution.values)
        return Level(
            racks=racks,
            relief=relief,
            worth=np.array([self._worth(gate, relief, solution) for gate in rates.gates]),
            used=np.array([self._used(gate, relief, uses) for gate in rates.gates]),
            binds=tuple(self._binds(number, solution, racks) for number in range(len(rates.members))),
        )

    def _worth(self, gate: Gate, relief: Reals, solution: Solution) -> float:
        """Racks for one percent more of every member, by the prices; nothing of what is given up already."""
        if gate.is_freed:
            prices = [gains_of(self.rates.limits[number], solution)[0].sum() for number in gate.members]
            return 0.0 if relief[gate.members[0]] > 0 else float(sum(prices))
        return sum(
            PERCENT * (1.0 + float(relief[number])) * float(self._gains(number, solution).sum())
            for number in gate.members
        )

    def _gains(self, number: int, solution: Solution) -> Reals:
        """By period: racks for as much again of a member, by the prices of its rows."""
        member = self.rates.members[number]
        prices = np.where(member.rows == ABSENT, 0.0, solution.row_prices[member.rows])
        return np.maximum(-prices * member.rises, 0.0)

    def _used(self, gate: Gate, relief: Reals, uses: Reals) -> float:
        """Use over limit, over all members and buckets; of what racks keep, in the last bucket.

        Rows tell their use less what relief adds to them.
        """
        if gate.is_freed:
            return 1.0
        used = most = 0.0
        for number in gate.members:
            member = self.rates.members[number]
            here = member.rows != ABSENT
            if gate.kind in LASTING:
                here &= member.begins_s == member.begins_s.max()
            most += float(member.rises[here].sum()) * (1.0 + float(relief[number]))
            used += float((uses[member.rows[here]] + member.rises[here] * relief[number]).sum())
        return used / most if most > 0 else 0.0

    def _binds(self, number: int, solution: Solution, racks: float) -> Flags:
        if self.rates.members[number].rises.any():
            return self._gains(number, solution) > PRICED * max(racks, 1.0)
        return np.asarray(gains_of(self.rates.limits[number], solution)[0] > 0, np.bool_)


def ceiling_of(gate: Gate, relief: Reals) -> float:
    """The relief of the member that is raised most."""
    return min(float(relief[list(gate.members)].max()), MOST_RELIEF)
