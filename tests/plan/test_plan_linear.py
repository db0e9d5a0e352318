"""The solver as it is called: it hears interrupts, and its errors come through."""

from __future__ import annotations

import subprocess
import sys

import pytest
from ortools.math_opt.python import mathopt

from twin.plan import linear
from twin.plan.linear import solve_heard

HEARD = """
import os, signal, sys, threading, time
from ortools.math_opt.python import mathopt
from twin.plan.linear import solve_heard
mathopt.solve = lambda *_, **__: time.sleep(60)
threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    solve_heard(mathopt.Model(), mathopt.SolverType.GLOP, mathopt.SolveParameters())
except KeyboardInterrupt:
    sys.exit(7)
"""


def test_an_interrupt_is_heard_while_a_programme_is_solved() -> None:
    ended = subprocess.run([sys.executable, "-c", HEARD], timeout=30, check=False)
    assert ended.returncode == 7


def test_an_error_of_the_solver_is_raised_where_it_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object, **_cells: object) -> None:
        raise RuntimeError("no basis")

    monkeypatch.setattr(mathopt, "solve", fails)
    with pytest.raises(RuntimeError, match="no basis"):
        solve_heard(mathopt.Model(), mathopt.SolverType.GLOP, mathopt.SolveParameters())


def test_where_presolve_leaves_doubt_the_interior_point_is_asked_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least of 2 x + y with x + y at least 3 and y at most 1 is 5, whichever way it is found."""
    asked = []

    def doubts(model: mathopt.Model, solver: mathopt.SolverType, parameters: mathopt.SolveParameters) -> object:
        asked.append((solver, parameters.presolve))
        if parameters.presolve is None:
            raise RuntimeError("duals that do not fit")
        return solve_heard(model, solver, parameters)

    model = mathopt.Model()
    x, y = model.add_variable(lb=0.0), model.add_variable(lb=0.0, ub=1.0)
    model.add_linear_constraint(x + y >= 3)
    model.minimize(2 * x + y)
    monkeypatch.setattr(linear, "solve_heard", doubts)
    found = linear._interior_point(model)
    assert found is not None
    assert found.objective_value() == pytest.approx(5)
    assert asked == [(mathopt.SolverType.HIGHS, None), (mathopt.SolverType.HIGHS, mathopt.Emphasis.OFF)]
    assert linear._interior_point(model, crossover=True) is None, "the simplex method has the word there"
